"""What a solve gives back: labelled arrays with units, and how the solve went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import Network
from azygos.engine.compile import Compiled
from azygos.engine.keep import Keep
from azygos.engine.kernel import Record
from azygos.engine.outcome import Outcome
from azygos.errors import InputError, Problem, close_matches
from azygos.shown import html
from azygos.units import mmHg

if TYPE_CHECKING:
    import xarray

__all__ = ["Course", "Sampler", "Solution", "Solve", "joined"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.intp]

_MILLILITRES_PER_MINUTE = 6e7
_TOGETHER = 16  # vessels whose values are worked out while they are in a near cache

_ATTRIBUTES = {
    "pressure": {"units": "Pa", "long_name": "pressure of the blood relative to the atmosphere"},
    "flow": {"units": "m3 s-1", "long_name": "blood flow, positive from the vessel's start to its end"},
    "area": {"units": "m2", "long_name": "cross-sectional area of the lumen"},
    "velocity": {"units": "m s-1", "long_name": "velocity of the blood, averaged over the cross-section"},
    "total_head": {"units": "Pa", "long_name": "pressure, kinetic and gravity head at a node"},
    "link_flow": {"units": "m3 s-1", "long_name": "flow through a link, positive from its start to its end"},
    "store_volume": {"units": "m3", "long_name": "volume held by a store"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Solve:
    """How a solve went."""

    outcome: Outcome
    beats: int  # heart beats computed
    residual: (
        float  # of the last turn: largest relative change of a vessel's pressure or flow; or a tenth of a distance
    )
    worst_vessel: str  # or the store or regulated link that is farthest from rest
    volume_error: float  # relative change of all blood and fluid of a closed circulation; nan for an open one
    largest_froude: float
    froude_vessel: str
    repeated_steps: int  # steps that were done again in smaller pieces
    wall_s: float
    message: str = ""  # where and when, when something went wrong

    @property
    def sentence(self) -> str:
        return f"{self.outcome.value} {self.message}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What went on, over time."""

    values: Mapping[str, Floats]  # variable -> (vessel, station, time), SI
    volumes: Mapping[str, Floats]  # store -> (time,) [m3]
    heads: Mapping[str, Floats]  # node -> (time,) [Pa]
    link_flows: Mapping[str, Floats]  # link -> (time,) [m3/s]

    @property
    def samples(self) -> int:
        return int(self.values["pressure"].shape[-1])


def joined(pieces: Sequence[Course]) -> Course:
    """One course from consecutive pieces."""

    def join(part: str) -> dict[str, Floats]:
        names = getattr(pieces[0], part)
        return {name: np.concatenate([getattr(piece, part)[name] for piece in pieces], axis=-1) for name in names}

    return Course(**{part: join(part) for part in ("values", "volumes", "heads", "link_flows")})


class Sampler:
    """Turns recorded slots into pressure, flow, area and velocity at stations along vessels.

    Pressure is linear between cell centres and, at an end, follows from the total head of the node;
    flow is linear between faces; A/A0 is linear between cell centres and extrapolated to the ends, to
    no less than half of the nearest cell's: at the mouth of a collapsed vein the line would fall below zero.
    """

    def __init__(self, compiled: Compiled, keep: Keep) -> None:
        network, p = compiled.network, compiled.parameters
        self.compiled, self.keep = compiled, keep
        names = [vessel.name for vessel in network.vessels]
        vessels = range(len(names)) if keep.vessels is None else [names.index(name) for name in keep.vessels]
        self._weight = network.blood.density * network.gravity
        self._half_density = 0.5 * network.blood.density
        chosen = [network.vessels[v] for v in vessels]
        n = np.array([compiled.cells[v] for v in vessels], dtype=int)[:, None]
        first = np.array([compiled.first[v] for v in vessels], dtype=int)[:, None]
        x = np.array(keep.stations, dtype=float)[None, :] * np.ones((len(chosen), 1))
        # Cells: centre i lies at (i + 1/2) / n. Beyond the outer centres the same line goes on for A/A0.
        place = x * n - 0.5
        cell = np.clip(np.floor(place), 0, np.maximum(n - 2, 0)).astype(int)
        self._cell = first + cell
        self._onwardcell = first + np.minimum(cell + 1, n - 1)
        self._cell_share = np.where(n > 1, place - cell, 0.0)
        face = np.clip(np.floor(x * n), 0, n - 1).astype(int)
        self._face = first + face
        self._face_share = x * n - face
        # Pressure between an end and the nearest centre: share of the end's own pressure.
        self._from_start = np.clip(-place / 0.5, 0.0, 1.0)
        self._from_end = np.clip((place - (n - 1)) / 0.5, 0.0, 1.0)
        self._left = np.array([compiled.node_index[v.start] for v in chosen], dtype=int)
        self._right = np.array([compiled.node_index[v.end] for v in chosen], dtype=int)
        low = np.array([network.heights.get(v.start, 0.0) for v in chosen])[:, None]
        high = np.array([network.heights.get(v.end, 0.0) for v in chosen])[:, None]
        self._height = low + (high - low) * x
        self._end_height = np.concatenate([low, high], axis=1)
        start, end = (np.array([v.radius[i] for v in chosen])[:, None] for i in (0, 1))
        self._area0 = np.pi * (start + (end - start) * x) ** 2
        self._end_area0 = np.pi * np.concatenate([start, end], axis=1) ** 2
        self._inverse_area0 = p["inverse_area0"]
        last = first + n - 1
        self._end_cells = np.concatenate([first, last], axis=1)
        self._end_inner = np.concatenate([first + (n > 1), last - (n > 1)], axis=1)
        self._end_faces = np.concatenate([first, last + 1], axis=1)

    def course(self, record: Record, lane: int = 0) -> Course:
        """What one lane of a record says."""
        # Places first, so that what is read off lies together in memory.
        one = {
            name: getattr(record, name)[..., lane].T.copy()
            for name in ("pressure", "area", "flow", "head", "volume", "link_flow")
        }
        stores = (store.name for store in self.compiled.stores)
        links = (link.name for link in self.compiled.network.links)
        return Course(
            values=self._values(one["pressure"], one["area"], one["flow"], one["head"]),
            volumes=dict(zip(stores, one["volume"], strict=True)),
            heads=dict(zip(self.compiled.node_index, one["head"], strict=True)),
            link_flows=dict(zip(links, one["link_flow"], strict=True)),
        )

    def _values(self, pressure: Floats, area: Floats, flow: Floats, head: Floats) -> dict[str, Floats]:
        """From arrays (slots, time) and (nodes, time): each variable with shape (vessel, station, time)."""
        shape = (*self._cell.shape, pressure.shape[1])
        values = {name: np.empty(shape) for name in ("pressure", "flow", "area", "velocity")}
        for first in range(0, shape[0], _TOGETHER):
            some = slice(first, first + _TOGETHER)
            for name, value in self._values_of(some, pressure, area, flow, head).items():
                values[name][some] = value
        return values

    def _values_of(self, some: slice, pressure: Floats, area: Floats, flow: Floats, head: Floats) -> dict[str, Floats]:
        """The same for some of the vessels."""

        def every(numbers: Floats) -> Floats:
            return numbers[some, ..., None]  # the same at all times

        def ratio(cells: Ints) -> Floats:
            return area[cells] * self._inverse_area0[cells][..., None]

        cell, beyond, face = self._cell[some], self._onwardcell[some], self._face[some]
        here, onward = ratio(cell), ratio(beyond)
        line = here + every(self._cell_share) * (onward - here)
        lumen = every(self._area0) * np.maximum(line, 0.5 * np.minimum(here, onward))
        discharge = flow[face]
        discharge = discharge + every(self._face_share) * (flow[face + 1] - discharge)

        outer = ratio(self._end_cells[some])
        line = outer + 0.5 * (outer - ratio(self._end_inner[some]))
        end_area = every(self._end_area0) * np.maximum(line, 0.5 * outer)
        kinetic = self._half_density * (flow[self._end_faces[some]] / end_area) ** 2
        heads = np.stack([head[self._left[some]], head[self._right[some]]], axis=1)
        ends = heads - kinetic - every(self._weight * self._end_height)

        inner_share = np.clip(self._cell_share, 0.0, 1.0)
        near = pressure[cell]
        inner = near + every(inner_share) * (pressure[beyond] - near) - every(self._weight * self._height)
        static = inner + every(self._from_start) * (ends[:, :1] - inner) + every(self._from_end) * (ends[:, 1:] - inner)
        return {"pressure": static, "flow": discharge, "area": lumen, "velocity": discharge / lumen}


@dataclass(frozen=True, kw_only=True, repr=False)
class Solution:
    """The last beat (or the stated time) of a circulation.

    `dataset` is an xarray Dataset with dimensions (vessel, station, time) and units on everything;
    `mean` gives one number. Pressures are relative to the atmosphere.
    """

    network: Network
    solve: Solve
    keep: Keep
    time: Floats  # [s], since the start of the beat (or of the stated time)
    course: Course

    _repr_html_ = html  # of a notebook

    @property
    def values(self) -> Mapping[str, Floats]:
        """Variable -> (vessel, station, time), SI."""
        return self.course.values

    @property
    def volumes(self) -> Mapping[str, Floats]:
        """Store -> (time,) [m3]."""
        return self.course.volumes

    @property
    def heads(self) -> Mapping[str, Floats]:
        """Node -> total head over time [Pa]."""
        return self.course.heads

    @property
    def link_flows(self) -> Mapping[str, Floats]:
        """Link -> flow over time [m3/s]."""
        return self.course.link_flows

    @property
    def outcome(self) -> Outcome:
        return self.solve.outcome

    @cached_property
    def vessels(self) -> tuple[str, ...]:
        return self.keep.vessels or tuple(v.name for v in self.network.vessels)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.vessels)}

    def at(self, variable: str, vessel: str, station: float = 0.5) -> Floats:
        """The variable (SI) over time in a vessel at a fraction of its length."""
        if vessel not in self._index:
            raise InputError(Problem(f"no vessel '{vessel}' in this solution", remedy=self._instead_of(vessel)))
        if variable not in self.values:
            raise InputError(Problem(f"no variable '{variable}'", remedy=close_matches(variable, self.values)))
        stations = np.array(self.keep.stations)
        if not stations[0] <= station <= stations[-1]:
            known = ", ".join(f"{s:g}" for s in stations)
            raise InputError(Problem(f"station {station:g} was not kept", f"vessel '{vessel}'", f"kept: {known}"))
        along, onward = self.values[variable][self._index[vessel]], int(np.searchsorted(stations, station))
        if stations[onward] == station:
            return np.array(along[onward])
        low, high = along[onward - 1], along[onward]
        slope = (high - low) / (stations[onward] - stations[onward - 1])
        return np.asarray(slope * (station - stations[onward - 1]) + low)

    def _instead_of(self, vessel: str) -> str:
        pieces = [f"'{name}'" for name in self._index if name.startswith(f"{vessel}.")]
        return f"a lesion divides it into {', '.join(pieces)}" if pieces else close_matches(vessel, self._index)

    @cached_property
    def station_means(self) -> Mapping[str, Mapping[str, Floats]]:
        """Variable -> vessel -> mean over the kept time at the stations kept [SI]."""
        return {
            variable: dict(zip(self.vessels, values.mean(axis=-1), strict=True))
            for variable, values in self.values.items()
        }

    def mean(self, variable: str, vessel: str, station: float = 0.5) -> float:
        """Mean over the kept time of the variable (SI) in a vessel at a fraction of its length."""
        values = self.at(variable, vessel, station)
        return float(np.mean(values)) if values.size else float("nan")

    def mean_pressure_mmhg(self, vessel: str, station: float = 0.5) -> float:
        return self.mean("pressure", vessel, station) / mmHg

    def mean_flow_ml_min(self, vessel: str) -> float:
        return self.mean("flow", vessel) * _MILLILITRES_PER_MINUTE

    @cached_property
    def dataset(self) -> "xarray.Dataset":
        """All of it, vessels, nodes, links and stores, as a labelled xarray Dataset (CF attributes)."""
        import xarray

        axes = ("vessel", "station", "time")
        coordinates: dict[str, Any] = {
            "vessel": ("vessel", np.array(self.vessels, dtype=str), {"long_name": "vessel"}),
            "station": ("station", list(self.keep.stations), {"units": "1", "long_name": "fraction of the length"}),
            "time": ("time", self.time, {"units": "s", "long_name": "time since the start of the beat", "axis": "T"}),
        }
        variables: dict[str, Any] = {name: (axes, value, _ATTRIBUTES[name]) for name, value in self.values.items()}
        lumped = (("node", "total_head", self.heads), ("link", "link_flow", self.link_flows))
        for axis, name, rows in (*lumped, ("store", "store_volume", self.volumes)):
            if rows:  # neither a network of vessels alone nor a lumped one has all
                coordinates[axis] = (axis, list(rows), {"long_name": axis})
                variables[name] = ((axis, "time"), np.array(list(rows.values())), _ATTRIBUTES[name])
        attributes = {
            "Conventions": "CF-1.11",
            "title": f"Simulated circulation '{self.network.name}'",
            "source": "azygos; simulated, for research and teaching, not for care",
            "outcome": self.outcome.name,
            "beats": self.solve.beats,
            "residual": self.solve.residual,
        }
        return xarray.Dataset(variables, coordinates, attributes)

    def __repr__(self) -> str:
        s = self.solve
        rows = [
            f"outcome: {s.outcome.name}. {s.sentence}",
            f"{len(self.vessels)} vessels, {len(self.keep.stations)} stations, {len(self.time)} times",
            f"{s.beats} beats, residual {s.residual:.1e} (worst: {s.worst_vessel})",
            f"largest Froude number {s.largest_froude:.2f} ({s.froude_vessel})",
            f"{s.wall_s:.2f} s",
        ]
        branches = ["├── "] * (len(rows) - 1) + ["└── "]
        return "\n".join([f"Solution of '{self.network.name}'", *(b + r for b, r in zip(branches, rows, strict=True))])
