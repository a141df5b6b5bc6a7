"""A second, explicit scheme for whole networks: characteristic finite volumes of second order at a fine mesh.

    A_t + q_x = 0,      u_t + (H/rho)_x = -2 (gamma + 2) pi nu u / A,      H = p(A) + rho u^2/2 + rho g z

Cells hold A and u. In the variables (H, q) the waves u +- c carry H +- Z q with Z = rho c / A, also across a jump of
A0 or of the wall, so constant (H, q) is kept exactly. Slopes of H and q (MC-limited, or central), a half step
of the quasi-linear equations, then at each face the jumps of (H, q) go with the wave that carries them: this is
Roe's flux written on flux differences. A node is the same balance with more branches: each end offers
q = (w - H)/Z, and the sum with links, stores and sources vanishes. Links and stores take the midpoint rule.

Both A and u are updated in conservation form, so shocks obey s[A] = [q], s[u] = [H/rho] (compare `riemann`).
Where flow leaves a vessel faster than its waves the node's head does not act back; such a model is not unique.
Node heads and flows of links without inertance are recorded as the mean of the half steps around the instant.

The C++ beside this file is compiled once into the temporary folder.
"""

import ctypes
import hashlib
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import Channel, Expansion, LinearStore, Network
from azygos.body.waveform import Constant, Sampled, Waveform
from oracles.tube_law import friction_factor, tube_at

__all__ = ["FiniteVolumes", "LostError", "solve"]

Floats = NDArray[np.float64]
SOURCE = Path(__file__).with_suffix(".cpp")
FLAGS = ("-std=c++17", "-O2", "-fno-math-errno", "-shared", "-fPIC")


class LostError(RuntimeError):
    """The scheme left the physics: a negative area, or a time step that shrinks to nothing."""


@cache
def library() -> ctypes.CDLL:
    text = SOURCE.read_bytes()
    folder = Path(tempfile.gettempdir()) / "azygos-oracles"
    folder.mkdir(exist_ok=True)
    target = folder / f"explicit_fv-{hashlib.sha256(text + ' '.join(FLAGS).encode()).hexdigest()[:16]}.so"
    if not target.exists():
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            built = Path(scratch) / "built.so"
            subprocess.run(["g++", *FLAGS, "-o", str(built), str(SOURCE)], check=True)
            built.replace(target)
    return ctypes.CDLL(str(target))


@dataclass(frozen=True, slots=True, kw_only=True)
class FiniteVolumes:
    """The record: `time` [s] and arrays (instant, ...) of the cells, nodes, links and stores."""

    network: Network
    time: Floats
    first: NDArray[np.int32]  # first cell of each vessel, and the end
    cell_area: Floats  # [m2]
    cell_velocity: Floats  # [m/s]
    cell_pressure: Floats  # [Pa], outside pressure included
    head: Mapping[str, Floats]  # node -> [Pa]
    link_flow: Mapping[str, Floats]  # [m3/s]
    store_volume: Mapping[str, Floats]  # [m3]
    froude: float  # largest |u|/c over the whole run
    steps: int

    def _cells(self, vessel: str) -> slice:
        i = [v.name for v in self.network.vessels].index(vessel)
        return slice(int(self.first[i]), int(self.first[i + 1]))

    def _at(self, values: Floats, vessel: str, fraction: float) -> Floats:
        """Linear between cell centres, extrapolated over the outer half cells."""
        series = values[:, self._cells(vessel)]
        n = series.shape[1]
        if n == 1:
            return series[:, 0]
        place = fraction * n - 0.5
        i = int(np.clip(np.floor(place), 0, n - 2))
        return series[:, i] + (place - i) * (series[:, i + 1] - series[:, i])

    def pressure(self, vessel: str, fraction: float) -> Floats:
        return self._at(self.cell_pressure, vessel, fraction)

    def flow(self, vessel: str, fraction: float) -> Floats:
        return self._at(self.cell_area * self.cell_velocity, vessel, fraction)

    def area(self, vessel: str, fraction: float) -> Floats:
        return self._at(self.cell_area, vessel, fraction)

    def vessel_volume(self, vessel: str) -> Floats:
        """[m3]"""
        cells = self.cell_area[:, self._cells(vessel)]
        return cells.mean(axis=1) * self.network.vessel(vessel).length

    def volume(self) -> Floats:
        """All blood, in vessels and stores [m3]."""
        total = sum((self.vessel_volume(v.name) for v in self.network.vessels), np.zeros(self.time.size))
        return total + sum(self.store_volume.values(), np.zeros(self.time.size))


_COUNTS = (
    "vessels", "nodes", "links", "stores", "flow_sources", "pressure_sources", "clusters", "frames",
    "skipped_frames", "limited",
)  # fmt: skip
_NUMBERS = ("density", "frame", "cfl")
_ARRAYS = (
    "first", "start", "end", "dx", "friction", "inverse_area", "k_half", "k_vein", "base", "link_start", "link_end",
    "before", "after", "resistance", "inertance", "quadratic", "store_node", "elastance", "unstressed", "store_base",
    "source_node", "table_first", "table_time", "table_value", "table_period", "cluster_first", "cluster_member",
    "area", "velocity", "link_flow", "volume", "area_record", "velocity_record", "head_record", "link_record",
    "volume_record", "report",
)  # fmt: skip


class _Problem(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_int) for name in _COUNTS),
        *((name, ctypes.c_double) for name in _NUMBERS),
        *((name, ctypes.c_void_p) for name in _ARRAYS),
    ]


def _table(waveform: Waveform, period: float) -> tuple[Floats, Floats, float]:
    """A waveform as straight pieces: exact for Sampled and Constant, 20 000 pieces a beat otherwise."""
    if isinstance(waveform, Sampled):
        return np.array(waveform.times), np.array(waveform.values), waveform.times[-1]
    times = np.linspace(0.0, period, 2 if isinstance(waveform, Constant) else 20001)
    values = waveform.sample(times, period)
    return times, values, period


def _cells(network: Network, spacing: float, least: int) -> dict[str, Floats]:
    """Arrays over vessels and cells, with the areas at rest under the initial heads."""
    blood, weight = network.blood, network.blood.density * network.gravity
    counts = [max(least, int(np.ceil(v.length / spacing - 1e-9))) for v in network.vessels]
    rows = []
    for vessel, n in zip(network.vessels, counts, strict=True):
        z = [network.heights.get(node, 0.0) for node in (vessel.start, vessel.end)]
        h = [network.initial_head.get(node, 0.0) for node in (vessel.start, vessel.end)]
        for s in (np.arange(n) + 0.5) / n:
            tube = tube_at(vessel, float(s), blood)
            if tube.viscosity != 0.0:
                raise NotImplementedError(f"vessel '{vessel.name}': no wall viscosity in the explicit scheme")
            gravity = weight * (z[0] + (z[1] - z[0]) * s)
            area = tube.area(h[0] + (h[1] - h[0]) * s - gravity)
            rows.append((1.0 / tube.reference_area, tube.k_half, tube.k_vein, tube.offset + gravity, area, gravity))
    names = ("inverse_area", "k_half", "k_vein", "base", "area", "gravity")
    columns = dict(zip(names, np.array(rows).reshape(-1, 6).T.copy(), strict=True))
    return columns | {
        "first": np.concatenate([[0], np.cumsum(counts)]),
        "dx": np.array([v.length / n for v, n in zip(network.vessels, counts, strict=True)]),
        "friction": np.array([friction_factor(v, blood) for v in network.vessels]),
        "velocity": np.zeros(sum(counts)),
    }


def _clusters(network: Network) -> dict[str, Floats]:
    """Nodes joined by links, listed cluster by cluster."""
    group = {node: {node} for node in network.nodes}
    for link in network.links:
        merged = group[link.start] | group[link.end]
        for node in merged:
            group[node] = merged
    index = {node: i for i, node in enumerate(network.nodes)}
    clusters = {id(members): sorted(index[n] for n in members) for members in group.values()}
    sizes = [len(c) for c in clusters.values()]
    return {
        "cluster_first": np.concatenate([[0], np.cumsum(sizes)]),
        "cluster_member": np.concatenate([np.array(c) for c in clusters.values()]),
    }


def _links(network: Network) -> dict[str, Floats]:
    index = {node: i for i, node in enumerate(network.nodes)}
    vessel = {v.name: i for i, v in enumerate(network.vessels)}
    for link in network.links:
        if not isinstance(link, (Channel, Expansion)):
            raise NotImplementedError(f"link '{link.name}': only channels and expansions")
    channels = [x if isinstance(x, Channel) else None for x in network.links]
    widenings = [x if isinstance(x, Expansion) else None for x in network.links]
    return {
        "link_start": np.array([index[x.start] for x in network.links]),
        "link_end": np.array([index[x.end] for x in network.links]),
        "before": np.array([vessel[x.before] if x else -1 for x in widenings]),
        "after": np.array([vessel[x.after] if x and x.after is not None else -1 for x in widenings]),
        "resistance": np.array([x.resistance for x in network.links]),
        "inertance": np.array([x.inertance if x else 0.0 for x in channels]),
        "quadratic": np.array([x.quadratic if x else 0.0 for x in channels]),
        "link_flow": np.zeros(len(network.links)),
    }


def _stores(network: Network) -> dict[str, Floats]:
    index = {node: i for i, node in enumerate(network.nodes)}
    laws, bases, volumes = [], [], []
    for store in network.stores:
        if not isinstance(store.law, LinearStore) or store.around is not None:
            raise NotImplementedError(f"store '{store.name}': only linear stores in the open")
        base = network.blood.density * network.gravity * network.heights.get(store.node, 0.0)
        laws.append(store.law)
        bases.append(base)
        volumes.append(store.law.volume(network.initial_head.get(store.node, 0.0) - base, network.period))
    return {
        "store_node": np.array([index[s.node] for s in network.stores]),
        "elastance": np.array([law.elastance for law in laws]),
        "unstressed": np.array([law.unstressed_volume for law in laws]),
        "store_base": np.array(bases),
        "volume": np.array(volumes),
    }


def _sources(network: Network) -> dict[str, Floats]:
    index = {node: i for i, node in enumerate(network.nodes)}
    driven = [(s.node, s.flow) for s in network.flow_sources] + [(s.node, s.pressure) for s in network.pressure_sources]
    tables = [_table(waveform, network.period) for _, waveform in driven]
    return {
        "source_node": np.array([index[node] for node, _ in driven]),
        "table_first": np.concatenate([[0], np.cumsum([t.size for t, _, _ in tables])]),
        "table_time": np.concatenate([np.zeros(0), *(t for t, _, _ in tables)]),
        "table_value": np.concatenate([np.zeros(0), *(y for _, y, _ in tables)]),
        "table_period": np.array([period for _, _, period in tables]),
    }


_REALS = {
    "dx", "friction", "inverse_area", "k_half", "k_vein", "base", "resistance", "inertance", "quadratic", "elastance",
    "unstressed", "store_base", "table_time", "table_value", "table_period", "area", "velocity", "link_flow", "volume",
}  # fmt: skip


def solve(
    network: Network,
    end: float,
    *,
    spacing: float = 0.0025,
    least_cells: int = 4,
    frame: float = 0.004,
    record_from: float = 0.0,
    cfl: float = 0.7,
    limited: bool = True,
    initial: Mapping[str, tuple[float, float]] | None = None,
) -> FiniteVolumes:
    """The network from rest under its initial heads to time `end` [s], recorded every `frame` [s] from `record_from`.

    `spacing` [m] is the cell length, `least_cells` the fewest cells of a vessel, `cfl` the share of the stable
    time step. `limited=False` takes central slopes: cleaner second order where the flow is smooth.
    `initial` gives some vessels an area [m2] and a velocity [m/s] to start with, uniform along them.
    Raises LostError with the time when a state leaves the physics.
    """
    index = {node: i for i, node in enumerate(network.nodes)}
    frames, skipped = round(end / frame), int(np.ceil(record_from / frame - 1e-9))
    cells = _cells(network, spacing, least_cells)
    gravity = cells.pop("gravity")
    for i, vessel in enumerate(network.vessels):
        if initial is not None and vessel.name in initial:
            here = slice(cells["first"][i], cells["first"][i + 1])
            cells["area"][here], cells["velocity"][here] = initial[vessel.name]
    arrays = cells | _clusters(network) | _links(network) | _stores(network) | _sources(network)
    arrays["start"] = np.array([index[v.start] for v in network.vessels])
    arrays["end"] = np.array([index[v.end] for v in network.vessels])
    arrays = {k: np.ascontiguousarray(a, np.float64 if k in _REALS else np.int32) for k, a in arrays.items()}
    instants = frames + 1 - skipped
    widths = {
        "area_record": arrays["area"].size, "velocity_record": arrays["area"].size, "head_record": len(index),
        "link_record": len(network.links), "volume_record": len(network.stores),
    }  # fmt: skip
    arrays |= {name: np.zeros((instants, width)) for name, width in widths.items()}
    arrays["report"] = np.zeros(4)
    counts = (
        len(network.vessels), len(index), len(network.links), len(network.stores), len(network.flow_sources),
        len(network.pressure_sources), arrays["cluster_first"].size - 1, frames, skipped, int(limited),
    )  # fmt: skip
    problem = _Problem(
        *counts, network.blood.density, end / frames, cfl, *(arrays[name].ctypes.data for name in _ARRAYS)
    )
    status = library().run(ctypes.byref(problem))
    reached, steps, froude, smallest = (float(x) for x in arrays["report"])
    if status != 0:
        raise LostError(
            f"'{network.name}' lost at t = {reached:.6g} s; smallest A/A0 {smallest:.3g}, Froude {froude:.3g}"
        )
    area = arrays["area_record"]
    x = area * arrays["inverse_area"]
    pressure = arrays["k_half"] * (np.sqrt(x) - 1.0) + arrays["k_vein"] * (x**10 - x**-1.5) + arrays["base"] - gravity
    return FiniteVolumes(
        network=network,
        time=(np.arange(instants) + skipped) * end / frames,
        first=arrays["first"],
        cell_area=area,
        cell_velocity=arrays["velocity_record"],
        cell_pressure=pressure,
        head={node: arrays["head_record"][:, i] for node, i in index.items()},
        link_flow={link.name: arrays["link_record"][:, i] for i, link in enumerate(network.links)},
        store_volume={store.name: arrays["volume_record"][:, i] for i, store in enumerate(network.stores)},
        froude=froude,
        steps=int(steps),
    )
