"""One patient, or a batch of them, loaded into the kernel and advanced beat by beat."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.engine.compile import Compiled
from azygos.engine.kernel import DUAL, LANES, Advance, Kernel, Lane

__all__ = ["Patients", "load", "load_batch", "load_tangents", "put"]

Floats: TypeAlias = NDArray[np.float64]


class Patients:
    """Compiled patients of one topology in the kernel, and the step they have reached.

    `given` holds the kernel's parameters and initial state, each (places, width); `signals(first, count)`
    the given quantities of steps first .. first + count, (count + 1, signals, width).
    """

    def __init__(
        self, compiled: Sequence[Compiled], given: Mapping[str, Floats], signals: Callable[[int, int], Floats]
    ) -> None:
        self.compiled = tuple(compiled)
        self.kernel = Kernel(compiled[0].topology, compiled[0].extents, given["dt"].shape[1])
        self.steps_done = 0
        self.fresh = self.kernel.every_lane  # a bit for each lane whose past means nothing
        self._signals = signals
        self._beat: Floats | None = None
        for name, values in given.items():
            _fill(self.kernel[name], values)

    def signals(self, steps: int) -> Floats:
        """The given quantities from the present time on, (steps + 1, signals, width)."""
        return self._signals(self.steps_done, steps)

    def advance_under(self, signals: Floats, *, every: int = 1) -> Advance:
        """Advance all lanes under other given quantities, while the time stands still."""
        result = self.kernel.advance(signals, every=every, fresh=self.fresh)
        self.fresh = 0
        return result

    def advance(self, steps: int, *, every: int = 1, periodic: bool = False) -> Advance:
        """Advance all lanes by `steps`. `periodic` says that the given quantities repeat after them."""
        if not periodic or self._beat is None or len(self._beat) != steps + 1:
            self._beat = self._signals(self.steps_done, steps)
        result = self.kernel.advance(self._beat, every=every, fresh=self.fresh)
        self.steps_done += steps
        self.fresh = 0
        return result


def _fill(field: Floats, values: Floats) -> None:
    field[: len(values)] = values
    field[len(values) :] = values[-1:] if len(values) else 0.0  # the slot after the last one stays benign


def put(lane: Lane, compiled: Compiled, dt: float) -> None:
    """A patient with time step `dt` [s] at its start in a lane, as if nobody had been there before."""
    lane.clear()
    for name, values in {"dt": np.array([dt]), **compiled.parameters, **compiled.state}.items():
        _fill(lane[name], values)


def load(compiled: Compiled, dt: float) -> Patients:
    """One patient with time step `dt` [s]."""
    return _side_by_side([compiled], [dt])


def load_batch(compiled: Sequence[Compiled], dt: Sequence[float]) -> Patients:
    """Up to eight patients of the same topology side by side; empty lanes repeat the last patient."""
    empty = LANES - len(compiled)
    return _side_by_side([*compiled, *[compiled[-1]] * empty], [*dt, *[dt[-1]] * empty])


def _side_by_side(compiled: Sequence[Compiled], dt: Sequence[float]) -> Patients:
    model = compiled[0]
    for other in compiled[1:]:
        same = all(np.array_equal(other.topology[name], array) for name, array in model.topology.items())
        if not same or other.extents != model.extents:
            raise ValueError("patients of one batch must share their topology and mesh")
    given = {"dt": np.array([dt])}
    given |= {name: np.stack([c.parameters[name] for c in compiled], axis=-1) for name in model.parameters}
    given |= {name: np.stack([c.state[name] for c in compiled], axis=-1) for name in model.state}

    def signals(first: int, count: int) -> Floats:
        rows = [c.signals(first * step, count, step) for c, step in zip(compiled, dt, strict=True)]
        return np.ascontiguousarray(np.stack(rows, axis=-1))

    return Patients(compiled, given, signals)


def load_tangents(
    compiled: Compiled, raised: Sequence[Compiled], lowered: Sequence[Compiled], steps: Sequence[float], dt: float
) -> Patients:
    """One patient with derivatives along up to eight parameters.

    `raised[i]` and `lowered[i]` are the patient compiled with parameter i moved by +- steps[i]; their
    difference gives the derivative of every array of the kernel. It is the simulation that dual numbers
    differentiate exactly; compiling is arithmetic on the parameters alone.
    """
    directions = tuple(zip(raised, lowered, steps, strict=True))

    def dual(get: Callable[[Compiled], Floats]) -> Floats:
        slopes = [(get(up) - get(down)) / (2.0 * step) for up, down, step in directions]
        value = get(compiled)
        none = [np.zeros_like(value)] * (DUAL - 1 - len(slopes))
        return np.ascontiguousarray(np.stack([value, *slopes, *none], axis=-1))

    given = {"dt": np.array([[dt, *[0.0] * (DUAL - 1)]])}
    given |= {name: dual(_reader("parameters", name)) for name in compiled.parameters}
    given |= {name: dual(_reader("state", name)) for name in compiled.state}
    return Patients([compiled], given, lambda first, count: dual(lambda c: c.signals(first * dt, count, dt)))


def _reader(table: str, name: str) -> Callable[[Compiled], Floats]:
    def read(compiled: Compiled) -> Floats:
        array: Floats = getattr(compiled, table)[name]
        return array

    return read
