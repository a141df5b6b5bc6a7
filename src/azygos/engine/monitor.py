"""What is watched while a circulation is solved: volume, means, drift, Froude numbers."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import ExponentialStore, LinearStore, Store
from azygos.engine.compile import Compiled
from azygos.engine.kernel import Kernel, Record
from azygos.engine.patient import Patients
from azygos.engine.topology import in_order
from azygos.engine.tube import transmural_pressure
from azygos.units import mmHg

__all__ = ["Monitor", "pressure_weights"]

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]

_A_BEAT = 1.0  # [s]; a tone counts with the energy that its flow would lose in it
_LEAST_FLOW = 1e-12  # [m3/s]; below it a flow counts as none


def pressure_weights(compiled: Compiled, kernel: Kernel) -> tuple[Floats, Bools]:
    """Weights on the kernel's state in which its change is a change of pressure, and where its areas are."""
    weights, positive = np.zeros_like(kernel.state), np.zeros(kernel.state.shape, dtype=bool)
    area, stiffness, length = (kernel[n][:-1, 0] for n in ("area", "stiffness", "length"))
    real = compiled.parameters["inverse_length"] > 0.0
    weights[kernel.place("area")][:-1] = np.where(real, np.sqrt(stiffness * length / area), 0.0)
    weights[kernel.place("volume")] = np.sqrt(_store_slopes(compiled, kernel["volume"][:, 0]))
    p = compiled.parameters
    weights[kernel.place("tone")] = p["normal_flow"] * np.sqrt(p["normal_resistance"] * _A_BEAT)
    positive[kernel.place("area")][:-1] = real
    return weights, positive


def _store_slopes(compiled: Compiled, volume: Floats) -> Floats:
    p, topology = compiled.parameters, compiled.topology
    resting = compiled.signals(0.0, 0, 1.0)[0]
    slope = p["elastance"].copy()
    slope[topology["varying_store"]] = resting[topology["varying_signal"]]
    bend = np.exp(np.clip((volume[: len(slope)] - p["unstressed"]) / p["volume_scale"], p["straight"], 50.0))
    flat = topology["collapsible_store"]
    slope[flat] *= np.maximum(p["unstressed"] / np.maximum(volume[: len(slope)], 1e-30), 1.0)[flat] ** 2
    bent = topology["exponential_store"]
    slope[bent] = (p["elastance"] * bend / p["volume_scale"])[bent]
    return slope


def _floats(compiled: Compiled, slots: int) -> Bools:
    """The cells of vessels that lie in a space which answers."""
    inside = np.zeros(slots, dtype=bool)
    for v in np.flatnonzero(compiled.topology["around_edge"] >= 0):
        inside[compiled.slots(int(v))] = True
    return inside


def _holds_all_of_it(store: Store) -> bool:
    """Whether the volume of a store is all that it holds, so that it cannot be negative.

    A windkessel holds what it has beyond an unstressed volume that nobody told: its 0.
    """
    law = store.law
    return not isinstance(law, (LinearStore, ExponentialStore)) or law.unstressed_volume > 0.0


class Monitor:
    """Reads means, drift, volume and Froude numbers of one patient off the kernel's arrays."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self._middle = np.array([f + n // 2 for f, n in zip(compiled.first, compiled.cells, strict=True)], dtype=int)
        p = compiled.parameters
        self._length = np.where(p["inverse_length"] > 0.0, p["length"], 0.0)
        self._free = ~_floats(compiled, self._length.size)
        self._stores = np.array([edge < 0 for edge in compiled.topology["store_edge"]], dtype=bool)
        self._judged = [i for i, s in enumerate(in_order(compiled.network.stores)) if _holds_all_of_it(s)]

    def volume(self, patient: Patients) -> float:
        """All blood and all fluid [m3]: no link or vessel makes or loses any.

        A space that answers, such as the skull, holds its own fluid and all that lies in it, which is therefore
        not counted again.
        """
        kernel = patient.kernel
        vessels = float(np.dot(self._length * self._free, kernel["area"][:-1, 0]))
        return vessels + float(np.sum(kernel["volume"][: self._stores.size, 0][self._stores]))

    def emptied(self, record: Record) -> tuple[str, int] | None:
        """A store whose volume fell below zero, and in which sample; None where all hold some."""
        for i in self._judged:
            below = np.flatnonzero(record.volume[:, i, 0] < 0.0)
            if below.size:
                return in_order(self.compiled.network.stores)[i].name, int(below[0])
        return None

    def means(self, record: Record) -> Floats:
        """Mean pressure, mean flow and mean |flow| in the middle of every vessel, (3, vessels)."""
        flow = record.flow[:, self._middle, 0]
        return np.stack([record.pressure[:, self._middle, 0].mean(0), flow.mean(0), np.abs(flow).mean(0)])

    def change(self, before: Floats, after: Floats) -> tuple[float, str]:
        """Largest relative change of a vessel's mean pressure or flow, and the vessel.

        Pressure is compared with its mean, or 1 mmHg where that is smaller; flow with its mean magnitude, so that a
        vessel in which blood only sways is not called unsteady.
        """
        return self._worst(after[0] - before[0], after[1] - before[1], after)

    def filling(self, gain: float, means: Floats) -> float:
        """The rate [m3/s] at which the whole takes in blood or fluid, relative to the largest flow.

        It must be small, or an open network that only ever fills would seem the steadier the fuller it is.
        """
        return abs(gain) / max(float(np.max(means[2], initial=0.0)), _LEAST_FLOW)

    def drift(self, kernel: Kernel, start: Floats, means: Floats) -> tuple[float, str]:
        """The same for pressure and flow at the start and at the end of a turn."""
        pressure = kernel["pressure"][self._middle, 0] - start[kernel.place("pressure")][self._middle]
        flow = kernel["flow"][self._middle, 0] - start[kernel.place("flow")][self._middle]
        return self._worst(pressure, flow, means)

    def _worst(self, pressure: Floats, flow: Floats, means: Floats) -> tuple[float, str]:
        worst = np.maximum(
            np.abs(pressure) / np.maximum(np.abs(means[0]), mmHg), np.abs(flow) / np.maximum(means[2], _LEAST_FLOW)
        )
        if not worst.size:
            return 0.0, ""
        v = int(np.argmax(worst))
        return float(worst[v]), self.compiled.network.vessels[v].name

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
            froude = np.max(np.abs(flow / area) * np.sqrt(p["density"][0] / (ratio * slope)), axis=0, initial=0.0)
        worst = int(np.argmax(froude))
        return float(froude[worst]), self.compiled.vessel_of_slot(int(cells[worst]))
