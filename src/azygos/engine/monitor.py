"""What is watched while a circulation is solved: volume, means, drift, Froude numbers."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import ExponentialStore, LinearStore, Store
from azygos.engine.compile import Compiled
from azygos.engine.kernel import Lane, Record, Sums
from azygos.engine.tube import transmural_pressure
from azygos.units import mmHg

__all__ = ["Means", "Monitor", "pressure_weights"]

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]

_A_BEAT = 1.0  # [s]; a tone counts with the energy that its flow would lose in it
_LEAST_FLOW = 1e-12  # [m3/s]; below it a flow counts as none
_TOGETHER = 10  # samples that are worked out while they are in a near cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Means over a turn: in the middle of every vessel, at every node and through every link."""

    pressure: Floats
    flow: Floats
    size: Floats  # of |flow|
    head: Floats
    link_flow: Floats


def pressure_weights(compiled: Compiled, lane: Lane) -> tuple[Floats, Bools]:
    """Weights on a lane's state in which its change is a change of pressure, and where its areas are."""
    weights, positive = np.zeros_like(lane.state), np.zeros(lane.state.shape, dtype=bool)
    area, stiffness, length = (lane[n][:-1] for n in ("area", "stiffness", "length"))
    real = compiled.parameters["inverse_length"] > 0.0
    weights[lane.place("area")][:-1] = np.where(real, np.sqrt(stiffness * length / area), 0.0)
    weights[lane.place("volume")] = np.sqrt(_store_slopes(compiled, lane["volume"]))
    p = compiled.parameters
    weights[lane.place("tone")] = p["normal_flow"] * np.sqrt(p["normal_resistance"] * _A_BEAT)
    positive[lane.place("area")][:-1] = real
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
        self._judged = np.array([i for i, s in enumerate(compiled.stores) if _holds_all_of_it(s)], dtype=np.intp)

    def volume(self, lane: Lane) -> float:
        """All blood and all fluid [m3]: no link or vessel makes or loses any.

        A space that answers, such as the skull, holds its own fluid and all that lies in it, which is therefore
        not counted again.
        """
        vessels = float(np.sum(self._length * self._free * lane["area"][:-1]))
        return vessels + float(np.sum(lane["volume"][: self._stores.size][self._stores]))

    def emptied(self, record: Record) -> tuple[str, int] | None:
        """A store whose volume fell below zero, and in which sample; None where all hold some."""
        below = record.volume[:, self._judged, 0] < 0.0
        if not below.any():
            return None
        one = int(np.argmax(below.any(axis=0)))
        return self.compiled.stores[self._judged[one]].name, int(np.argmax(below[:, one]))

    def means(self, sums: Sums) -> list[Means]:
        """Of every lane of patients of this structure."""
        seen = {name: getattr(sums, name).take(self._middle, axis=0) for name in ("pressure", "flow", "size")}
        seen |= {"head": sums.head, "link_flow": sums.link_flow}
        rows = {name: np.ascontiguousarray(values.T) / sums.samples for name, values in seen.items()}
        return [Means(**{name: row[i] for name, row in rows.items()}) for i in range(sums.head.shape[1])]

    def change(self, before: Means, after: Means) -> tuple[float, str]:
        """Largest relative change of a vessel's mean pressure or flow, and the vessel.

        Pressure is compared with its mean, or 1 mmHg where that is smaller; flow with its mean magnitude, so that a
        vessel in which blood only sways is not called unsteady.
        """
        if not after.pressure.size:
            return self._lumped_change(before, after)
        return self._worst(after.pressure - before.pressure, after.flow - before.flow, after)

    def _lumped_change(self, before: Means, after: Means) -> tuple[float, str]:
        """The same of a circulation without vessels: at its nodes, and in its links against the largest flow in one."""
        heads = np.abs(after.head - before.head) / np.maximum(np.abs(after.head), mmHg)
        flow = max(float(np.max(np.abs(after.link_flow), initial=0.0)), _LEAST_FLOW)
        change = np.concatenate([heads, np.abs(after.link_flow - before.link_flow) / flow])
        names = [*self.compiled.node_index, *(link.name for link in self.compiled.network.links)]
        return float(np.max(change, initial=0.0)), names[int(np.argmax(change))]

    def filling(self, gain: float, means: Means) -> float:
        """The rate [m3/s] at which the whole takes in blood or fluid, relative to the largest flow.

        It must be small, or an open network that only ever fills would seem the steadier the fuller it is.
        """
        flows = means.size if means.size.size else np.abs(means.link_flow)  # a lumped circulation has no vessels
        return abs(gain) / max(float(np.max(flows, initial=0.0)), _LEAST_FLOW)

    def drift(self, lane: Lane, start: Floats, means: Means) -> tuple[float, str]:
        """The same for pressure and flow at the start and at the end of a turn."""
        if not self._middle.size:
            return self._lumped_drift(lane, start, means)
        pressure, flow = (
            lane[name][self._middle] - start[lane.place(name)][self._middle] for name in ("pressure", "flow")
        )
        return self._worst(pressure, flow, means)

    def _lumped_drift(self, lane: Lane, start: Floats, means: Means) -> tuple[float, str]:
        """The same of a circulation without vessels, for the pressures in its stores."""
        stores = self.compiled.stores
        if not stores:
            return 0.0, ""
        moved = (lane["volume"] - start[lane.place("volume")])[: len(stores)]
        here = means.head[[self.compiled.node_index[store.node] for store in stores]]
        change = np.abs(_store_slopes(self.compiled, lane["volume"]) * moved) / np.maximum(np.abs(here), mmHg)
        worst = int(np.argmax(change))
        return float(change[worst]), stores[worst].name

    def _worst(self, pressure: Floats, flow: Floats, means: Means) -> tuple[float, str]:
        worst = np.maximum(
            np.abs(pressure) / np.maximum(np.abs(means.pressure), mmHg),
            np.abs(flow) / np.maximum(means.size, _LEAST_FLOW),
        )
        if not worst.size:
            return 0.0, ""
        v = int(np.argmax(worst))
        return float(worst[v]), self.compiled.network.vessels[v].name

    def largest_froude(self, record: Record) -> tuple[float, str]:
        """Largest |u| / c in the record, and the vessel."""
        p, none = self.compiled.parameters, self._length == 0.0
        if none.all():
            return 0.0, ""
        largest = np.zeros_like(self._length)  # of (|u| / c)^2
        for first in range(0, len(record.area), _TOGETHER):
            some = slice(first, first + _TOGETHER)
            area, flow = record.area[some, :, 0], record.flow[some, :, 0]
            with np.errstate(all="ignore"):  # what lies between the vessels means nothing
                ratio = area * p["inverse_area0"]
                _, slope = transmural_pressure(ratio, p["k_half"], p["k_vein"])
                speed = (flow + np.roll(flow, -1, axis=1)) / (2.0 * area)
                largest = np.maximum(largest, np.max(speed * speed / (ratio * slope), axis=0))
        worst = int(np.argmax(np.where(none, -1.0, largest)))
        return float(np.sqrt(p["density"][0] * largest[worst])), self.compiled.vessel_of_slot(worst)
