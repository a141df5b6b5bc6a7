"""Solving a circulation: beat by beat to its periodic state, or for a stated time."""

import time as clock
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.check import problems_of
from azygos.body.network import Network
from azygos.engine.compile import Compiled, Mesh, compile_network, in_order, transmural_pressure
from azygos.engine.keep import Keep
from azygos.engine.kernel import Advance, Fate, Kernel, Record
from azygos.engine.outcome import Outcome
from azygos.engine.patient import Patients, load
from azygos.engine.periodic import Anderson
from azygos.engine.solution import Solution, Solve, sample_solution
from azygos.errors import InputError
from azygos.units import mmHg

if TYPE_CHECKING:
    from azygos.body.body import Body

__all__ = ["Beat", "Numerics", "simulate"]

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]

FROUDE_LIMIT = 0.8  # above it the vessel is reported as choked


@dataclass(frozen=True, slots=True, kw_only=True)
class Numerics:
    """How finely and how long to solve."""

    mesh: Mesh = field(default_factory=Mesh)
    time_step: float = 2e-3  # at most [s]; a beat is a whole number of steps
    tolerance: float = 1e-4  # periodic when no vessel's mean pressure or flow changes more in a beat
    most_beats: int = 100
    accelerate: bool = True


@dataclass(frozen=True, slots=True)
class Beat:
    """Progress: what a caller is told after each beat."""

    beat: int
    most_beats: int
    residual: float
    worst_vessel: str


def simulate(
    body: "Network | Body",
    *,
    duration: float | None = None,
    numerics: Numerics | None = None,
    keep: Keep | None = None,
    progress: Callable[[Beat], None] | None = None,
) -> Solution:
    """The periodic state of a circulation, or its course over `duration` [s].

    A body or network that cannot be solved as it stands raises InputError with all its problems. A
    solve that goes wrong does not raise: see `Solution.outcome`.
    """
    network = body if isinstance(body, Network) else body.network
    problems = problems_of(network)
    if problems:
        raise InputError(problems)
    run = _Run(network, numerics or Numerics(), keep or Keep())
    return run.for_time(duration) if duration is not None else run.to_periodic(progress)


class _Run:
    """One patient on the way to a solution."""

    def __init__(self, network: Network, numerics: Numerics, keep: Keep) -> None:
        self.began = clock.perf_counter()
        self.numerics = numerics
        self.keep = keep
        self.compiled = compile_network(network, numerics.mesh)
        self.every, self.steps = _sampling(network.period, numerics.time_step, keep.samples_per_beat)
        self.dt = network.period / self.steps
        self.patient = load(self.compiled, self.dt)
        self.monitor = _Monitor(self.compiled)
        self.initial_volume = self.monitor.blood_volume(self.patient)

    def _times(self, steps: int) -> Floats:
        return np.asarray(self.dt * self.every * np.arange(1, steps // self.every + 1), dtype=np.float64)

    def for_time(self, duration: float) -> Solution:
        steps = max(self.every, int(np.ceil(duration / self.dt - 1e-9) // self.every * self.every))
        advance = self.patient.advance(steps, every=self.every)
        times = self._times(steps)
        return self._solution(advance, times, beats=0, residual=np.nan, worst="")

    def to_periodic(self, progress: Callable[[Beat], None] | None) -> Solution:
        kernel, numerics = self.patient.kernel, self.numerics
        anderson = Anderson(*_pressure_weights(self.compiled, kernel)) if numerics.accelerate else None
        means, residual, worst, repeated = None, np.inf, "", 0
        plain = kernel.state.copy()  # where the next beat would start without acceleration
        for beat in range(1, numerics.most_beats + 1):
            start = kernel.state.copy()
            advance = self.patient.advance(self.steps, every=self.every, periodic=True)
            repeated += advance.fates[0].repeated
            if advance.fates[0].lost_step is not None:
                if anderson is None or np.array_equal(start, plain):
                    break
                anderson, means, residual = None, None, np.inf  # the leap went too far: walk on from where it began
                kernel.state[:] = plain
                continue
            plain = kernel.state.copy()
            now = self.monitor.means(advance.record)
            if means is not None:
                residual, worst = self.monitor.change(means, now)
            means = now
            if progress:
                progress(Beat(beat, numerics.most_beats, residual, worst))
            if residual < numerics.tolerance:
                break
            if anderson and self.monitor.drift(kernel, start, now) > 0.5 * numerics.tolerance:
                kernel.state[:] = anderson.next_start(start, plain)
        times = self._times(self.steps)
        return self._solution(advance, times, beats=beat, residual=residual, worst=worst, repeated=repeated)

    def _solution(
        self, advance: Advance, times: Floats, *, beats: int, residual: float, worst: str, repeated: int = 0
    ) -> Solution:
        fate = advance.fates[0]
        froude, where = self.monitor.largest_froude(advance.record)
        message = ""
        if fate.lost_step is not None:
            outcome, message = Outcome.lost, self._lost_at(fate, beats)
        elif beats and not residual < self.numerics.tolerance:
            outcome = Outcome.not_periodic
            message = f"Largest relative change in the last beat: {residual:.1e}, in '{worst}'."
            if froude > FROUDE_LIMIT:
                message += f" '{where}' is choked (Froude number {froude:.2f}) and may sway for ever."
        elif froude > FROUDE_LIMIT:
            outcome, message = Outcome.choked, f"Froude number {froude:.2f} in '{where}'."
        else:
            outcome = Outcome.ok
        volume = self.monitor.blood_volume(self.patient)
        closed = not (self.compiled.extents["inflows"] or self.compiled.extents["helds"])
        solve = Solve(
            outcome=outcome,
            beats=beats,
            residual=float(residual),
            worst_vessel=worst,
            volume_error=abs(volume / self.initial_volume - 1.0) if closed else float("nan"),
            largest_froude=froude,
            froude_vessel=where,
            repeated_steps=repeated or fate.repeated,
            wall_s=clock.perf_counter() - self.began,
            message=message,
        )
        return sample_solution(self.compiled, advance.record, 0, self.keep, times, solve, slice(None, len(times)))

    def _lost_at(self, fate: Fate, beats: int) -> str:
        assert fate.lost_step is not None
        step = fate.lost_step + max(beats - 1, 0) * self.steps
        place = f"in '{self.compiled.vessel_of_slot(fate.lost_slot)}'" if fate.lost_slot is not None else "at a node"
        return f"Lost {place} at {step * self.dt:.4g} s."


def _sampling(period: float, time_step: float, samples: int) -> tuple[int, int]:
    """Steps between samples and steps per beat, the latter a multiple of the former."""
    steps = max(1, int(np.ceil(period / time_step - 1e-9)))
    every = max(1, steps // samples)
    return every, -(-steps // every) * every


def _pressure_weights(compiled: Compiled, kernel: Kernel) -> tuple[Floats, Bools]:
    """Weights on the kernel's state in which its change is a change of pressure, and where its areas are."""
    weights, positive = np.zeros_like(kernel.state), np.zeros(kernel.state.shape, dtype=bool)
    area, stiffness, length = (kernel[n][:-1, 0] for n in ("area", "stiffness", "length"))
    real = compiled.parameters["inverse_length"] > 0.0
    weights[kernel.place("area")][:-1] = np.where(real, np.sqrt(stiffness * length / area), 0.0)
    weights[kernel.place("volume")] = np.sqrt(_store_slopes(compiled, kernel["volume"][:, 0]))
    positive[kernel.place("area")][:-1] = real
    return weights, positive


def _store_slopes(compiled: Compiled, volume: Floats) -> Floats:
    p, kind = compiled.parameters, compiled.topology["store_kind"]
    resting = compiled.signals(0.0, 0, 1.0)[0]
    signal = compiled.topology["store_signal"]
    slope = p["elastance"].copy()
    slope[kind == 1] = resting[signal[kind == 1]]
    bend = np.exp(np.minimum((volume[: len(slope)] - p["unstressed"]) / p["volume_scale"], 50.0))
    slope[kind == 2] = (p["elastance"] * bend / p["volume_scale"])[kind == 2]
    return slope


class _Monitor:
    """Reads means, drift, volume and Froude numbers of one patient off the kernel's arrays."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self._middle = np.array([f + n // 2 for f, n in zip(compiled.first, compiled.cells, strict=True)], dtype=int)
        p = compiled.parameters
        self._length = np.where(p["inverse_length"] > 0.0, p["length"], 0.0)
        network = compiled.network
        blood = {store.name for store in network.stores if store.is_blood}
        self._blood = np.array([store.name in blood for store in in_order(network.stores)], dtype=bool)

    def blood_volume(self, patient: Patients) -> float:
        kernel = patient.kernel
        vessels = float(np.dot(self._length, kernel["area"][:-1, 0]))
        return vessels + float(np.sum(kernel["volume"][: len(self._blood), 0][self._blood]))

    def means(self, record: Record) -> Floats:
        """Mean pressure, mean flow and mean |flow| in the middle of every vessel, (3, vessels)."""
        flow = record.flow[:, self._middle, 0]
        return np.stack([record.pressure[:, self._middle, 0].mean(0), flow.mean(0), np.abs(flow).mean(0)])

    def change(self, before: Floats, after: Floats) -> tuple[float, str]:
        """Largest relative change of a vessel's mean pressure or flow, and the vessel.

        Pressure is compared with its mean, or 1 mmHg where that is smaller; flow with its mean
        magnitude, so that a vessel in which blood only sways is not called unsteady.
        """
        pressure = np.abs(after[0] - before[0]) / np.maximum(np.abs(after[0]), mmHg)
        flow = np.abs(after[1] - before[1]) / np.maximum(after[2], 1e-12)
        worst = np.maximum(pressure, flow)
        if not worst.size:
            return 0.0, ""
        v = int(np.argmax(worst))
        return float(worst[v]), self.compiled.network.vessels[v].name

    def drift(self, kernel: Kernel, start: Floats, scale: Floats) -> float:
        """Largest relative difference of pressure or flow between the start and the end of a beat."""
        before, after = (start[kernel.place("pressure")][self._middle], kernel["pressure"][self._middle, 0])
        pressure = np.abs(after - before) / np.maximum(np.abs(scale[0]), mmHg)
        before, after = (start[kernel.place("flow")][self._middle], kernel["flow"][self._middle, 0])
        flow = np.abs(after - before) / np.maximum(scale[2], 1e-12)
        return float(np.max(np.maximum(pressure, flow), initial=0.0))

    def largest_froude(self, record: Record) -> tuple[float, str]:
        """Largest |u| / c in the record, and the vessel."""
        p, cells = self.compiled.parameters, np.flatnonzero(self._length)
        if not cells.size:
            return 0.0, ""
        area = record.area[:, cells, 0]
        ratio = area * p["inverse_area0"][cells]
        _, slope = transmural_pressure(ratio, p["k_half"][cells], p["k_vein"][cells])
        flow = 0.5 * (record.flow[:, cells, 0] + record.flow[:, cells + 1, 0])
        with np.errstate(invalid="ignore"):
            froude = np.max(np.abs(flow / area) * np.sqrt(p["density"][0] / (ratio * slope)), axis=0)
        worst = int(np.argmax(froude))
        return float(froude[worst]), self.compiled.vessel_of_slot(int(cells[worst]))
