"""What is watched while a circulation is solved: volume, means, drift, Froude numbers."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.engine.compile import Compiled, in_order, transmural_pressure
from azygos.engine.kernel import Kernel, Record
from azygos.engine.patient import Patients
from azygos.units import mmHg

__all__ = ["Monitor", "pressure_weights"]

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]

_LEAST_FLOW = 1e-12  # [m3/s]; below it a flow counts as none


def pressure_weights(compiled: Compiled, kernel: Kernel) -> tuple[Floats, Bools]:
    """Weights on the kernel's state in which its change is a change of pressure, and where its areas are."""
    weights, positive = np.zeros_like(kernel.state), np.zeros(kernel.state.shape, dtype=bool)
    area, stiffness, length = (kernel[n][:-1, 0] for n in ("area", "stiffness", "length"))
    real = compiled.parameters["inverse_length"] > 0.0
    weights[kernel.place("area")][:-1] = np.where(real, np.sqrt(stiffness * length / area), 0.0)
    weights[kernel.place("volume")] = np.sqrt(_store_slopes(compiled, kernel["volume"][:, 0]))
    positive[kernel.place("area")][:-1] = real
    return weights, positive


def _store_slopes(compiled: Compiled, volume: Floats) -> Floats:
    p, topology = compiled.parameters, compiled.topology
    resting = compiled.signals(0.0, 0, 1.0)[0]
    slope = p["elastance"].copy()
    slope[topology["varying_store"]] = resting[topology["varying_signal"]]
    bend = np.exp(np.minimum((volume[: len(slope)] - p["unstressed"]) / p["volume_scale"], 50.0))
    bent = topology["exponential_store"]
    slope[bent] = (p["elastance"] * bend / p["volume_scale"])[bent]
    return slope


class Monitor:
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

    def change(self, before: Floats, after: Floats, gain: float) -> tuple[float, str]:
        """Largest relative change of a vessel's mean pressure or flow, and the vessel.

        Pressure is compared with its mean, or 1 mmHg where that is smaller; flow with its mean magnitude, so that a
        vessel in which blood only sways is not called unsteady. `gain` [m3/s] is the rate at which the whole took in
        blood; it must be small against the largest flow, or an open network that only ever fills would seem the
        steadier the fuller it is.
        """
        pressure = np.abs(after[0] - before[0]) / np.maximum(np.abs(after[0]), mmHg)
        flow = np.abs(after[1] - before[1]) / np.maximum(after[2], _LEAST_FLOW)
        worst = np.maximum(pressure, flow)
        if not worst.size:
            return 0.0, ""
        v = int(np.argmax(worst))
        filling = abs(gain) / max(float(np.max(after[2])), _LEAST_FLOW)
        return max(float(worst[v]), filling), self.compiled.network.vessels[v].name

    def drift(self, kernel: Kernel, start: Floats, scale: Floats) -> float:
        """Largest relative difference of pressure or flow between the start and the end of a beat."""
        before, after = (start[kernel.place("pressure")][self._middle], kernel["pressure"][self._middle, 0])
        pressure = np.abs(after - before) / np.maximum(np.abs(scale[0]), mmHg)
        before, after = (start[kernel.place("flow")][self._middle], kernel["flow"][self._middle, 0])
        flow = np.abs(after - before) / np.maximum(scale[2], _LEAST_FLOW)
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
            froude = np.max(np.abs(flow / area) * np.sqrt(p["density"][0] / (ratio * slope)), axis=0, initial=0.0)
        worst = int(np.argmax(froude))
        return float(froude[worst]), self.compiled.vessel_of_slot(int(cells[worst]))
