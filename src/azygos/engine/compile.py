"""A network turned into the flat arrays of the kernel (`kernel/circuit.hpp` says what each means)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import (
    Expansion,
    ExponentialStore,
    LinearStore,
    Link,
    Network,
    Store,
    Valve,
    VaryingStore,
    Vessel,
)
from azygos.body.waveform import Waveform
from azygos.engine.elimination import Elimination, eliminate
from azygos.errors import InputError, Problem
from azygos.units import mmHg

__all__ = ["Compiled", "Mesh", "compile_network", "in_order", "transmural_pressure"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int32]

_TILE_SLOTS = 128  # slots worked on while they are in a near cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesh:
    """How vessels are cut into cells."""

    cell_length: float = 0.02  # at most, [m]
    least_cells: int = 2  # a vessel has at least so many

    def cells(self, vessel: Vessel) -> int:
        return max(self.least_cells, int(np.ceil(vessel.length / self.cell_length - 1e-9)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """One patient as arrays; the arrays of `parameters` and `state` are one-dimensional."""

    network: Network
    node_index: dict[str, int]
    cells: tuple[int, ...]  # per vessel
    first: tuple[int, ...]  # first slot per vessel
    topology: dict[str, Ints]
    extents: dict[str, int]
    parameters: dict[str, Floats]
    state: dict[str, Floats]
    waveforms: tuple[Waveform, ...]

    def signals(self, start: float, steps: int, dt: float) -> Floats:
        """Given quantities from `start` [s] on, shape (steps + 1, signals)."""
        times: Floats = start + dt * np.arange(steps + 1, dtype=np.float64)
        columns = [waveform.sample(times, self.network.period) for waveform in self.waveforms]
        return np.stack(columns, axis=1) if columns else np.zeros((steps + 1, 0))

    def slots(self, vessel: int) -> slice:
        return slice(self.first[vessel], self.first[vessel] + self.cells[vessel])

    def vessel_of_slot(self, slot: int) -> str:
        return self.network.vessels[int(np.searchsorted(self.first, slot, side="right")) - 1].name


def transmural_pressure(ratio: Floats, k_half: Floats, k_vein: Floats) -> tuple[Floats, Floats]:
    """Pressure [Pa] above p0 at A/A0 = `ratio`, and its derivative by `ratio`."""
    root = np.sqrt(ratio)
    pressure = k_half * (root - 1.0) + k_vein * (ratio**10 - ratio**-1.5)
    slope = 0.5 * k_half / root + k_vein * (10.0 * ratio**9 + 1.5 * ratio**-2.5)
    return pressure, slope


def _ratio_at(pressure: Floats, k_half: Floats, k_vein: Floats) -> Floats:
    """A/A0 at a transmural pressure above p0, by Newton's method in log(A/A0); NaN where there is none."""
    log_ratio = np.zeros_like(pressure)
    with np.errstate(all="ignore"):
        for _ in range(200):
            ratio = np.exp(log_ratio)
            found, slope = transmural_pressure(ratio, k_half, k_vein)
            step = np.clip((pressure - found) / (slope * ratio), -0.5, 0.5)
            log_ratio = log_ratio + step
            if not np.any(np.abs(step) > 1e-15):
                break
        ratio = np.exp(log_ratio)
        return np.where(ratio > 1e-12, ratio, np.nan)


def _graph(network: Network, node: dict[str, int], held: set[int]) -> tuple[list[tuple[int, int]], Elimination]:
    edges: list[tuple[int, int]] = []
    for joint in (*network.vessels, *network.links):
        edges.append((node[joint.start], node[joint.end]))
    for vessel in network.vessels:
        if vessel.around is not None and node[vessel.around] not in held:
            edges += [(node[vessel.start], node[vessel.around]), (node[vessel.end], node[vessel.around])]
    for store in network.stores:
        if store.around is not None and node[store.around] not in held:
            edges.append((node[store.node], node[store.around]))
    return edges, eliminate([k for k in node.values() if k not in held], edges)


def _elimination_arrays(elimination: Elimination) -> dict[str, Ints]:
    pairs = [elimination.edge(a, b) for near in elimination.near for a, b in combinations(near, 2)]
    return {
        "order": np.array(elimination.order, dtype=np.int32),
        "near_start": np.cumsum([0, *map(len, elimination.near)], dtype=np.int32),
        "near_node": np.array([a for near in elimination.near for a in near], dtype=np.int32),
        "pair_edge": np.array(pairs, dtype=np.int32),
    }


def in_order(stores: Sequence[Store]) -> tuple[Store, ...]:
    """Stores such that surroundings come after what they surround."""
    by_node = {store.node: store for store in stores}

    def depth(store: Store) -> int:
        around = by_node.get(store.around) if store.around is not None else None
        return 0 if around is None else 1 + depth(around)

    return tuple(sorted(stores, key=depth, reverse=True))


def compile_network(network: Network, mesh: Mesh | None = None, cells: Sequence[int] | None = None) -> Compiled:
    """Arrays for `network`, cut by `mesh` or into given `cells` per vessel (for patients of one batch)."""
    node = {name: k for k, name in enumerate(network.nodes)}
    cell_counts = tuple(cells) if cells is not None else tuple((mesh or Mesh()).cells(v) for v in network.vessels)
    first = tuple(int(s) for s in 1 + np.concatenate([[0], np.cumsum(np.array(cell_counts, dtype=int) + 1)]))
    slots = first[-1]
    stores = in_order(network.stores)
    waveforms = (
        *(source.flow for source in network.flow_sources),
        *(source.pressure for source in network.pressure_sources),
        *(store.law.elastance for store in stores if isinstance(store.law, VaryingStore)),
    )
    held = {node[source.node] for source in network.pressure_sources}
    _, elimination = _graph(network, node, held)
    topology = {
        **_vessel_topology(network, node, held, cell_counts, first, elimination),
        **_link_topology(network, node, cell_counts, first, elimination),
        **_store_topology(network, stores, node, held, elimination),
        **_elimination_arrays(elimination),
    }
    extents = {
        "slots": slots,
        "vessels": len(network.vessels),
        "nodes": len(node),
        "links": len(network.links),
        "stores": len(stores),
        "inflows": len(network.flow_sources),
        "helds": len(network.pressure_sources),
        "edges": len(elimination.edges),
        "signals": len(waveforms),
        "valves": len(topology["valve_link"]),
        "expansions": len(topology["expansion_link"]),
        "varyings": len(topology["varying_store"]),
        "exponentials": len(topology["exponential_store"]),
        "tiles": len(topology["tile"]) - 1,
        "free_nodes": len(elimination.order),
        "nears": len(topology["near_node"]),
        "pairs": len(topology["pair_edge"]),
    }
    parameters = {
        "density": np.array([network.blood.density]),
        **_vessel_parameters(network, cell_counts, first, slots),
        **_link_parameters(network.links),
        **_store_parameters(network, stores),
    }
    compiled = Compiled(
        network=network,
        node_index=node,
        cells=cell_counts,
        first=first[:-1],
        topology=topology,
        extents=extents,
        parameters=parameters,
        state={},
        waveforms=waveforms,
    )
    compiled.state.update(_initial_state(compiled, stores))
    return compiled


def _weight(network: Network, inside: Vessel | Store, height: Floats) -> Floats:
    """Hydrostatic pressure rho g z [Pa] that a wall at `height` feels.

    Given surroundings (air, a cuff) press alike at all heights. Surroundings that answer are a fluid
    like cerebrospinal fluid, whose own weight balances that of the blood inside.
    """
    held = {source.node for source in network.pressure_sources}
    afloat = inside.around is not None and inside.around not in held
    return np.zeros_like(height) if afloat else network.blood.density * network.gravity * height


def _tiles(first: Sequence[int]) -> list[int]:
    tiles, begin = [0], first[0]
    for v in range(1, len(first) - 1):
        if first[v + 1] - begin > _TILE_SLOTS:
            tiles.append(v)
            begin = first[v]
    if len(first) > 1:
        tiles.append(len(first) - 1)
    return tiles


def _vessel_topology(
    network: Network,
    node: dict[str, int],
    held: set[int],
    cells: Sequence[int],
    first: Sequence[int],
    elimination: Elimination,
) -> dict[str, Ints]:
    left = [node[v.start] for v in network.vessels]
    right = [node[v.end] for v in network.vessels]
    around = [-1 if v.around is None else node[v.around] for v in network.vessels]
    free = [a >= 0 and a not in held for a in around]
    to_left = [elimination.edge(k, a) if f else -1 for k, a, f in zip(left, around, free, strict=True)]
    to_right = [elimination.edge(k, a) if f else -1 for k, a, f in zip(right, around, free, strict=True)]
    rows = {
        "tile": _tiles(first),
        "first": first[:-1],
        "cells": cells,
        "left": left,
        "right": right,
        "around": around,
        "around_edge": to_left,
        "edge": [elimination.edge(a, b) for a, b in zip(left, right, strict=True)],
        "left_edge": to_left,
        "right_edge": to_right,
    }
    return {name: np.array(row, dtype=np.int32) for name, row in rows.items()}


def _link_topology(
    network: Network, node: dict[str, int], cells: Sequence[int], first: Sequence[int], elimination: Elimination
) -> dict[str, Ints]:
    vessel = {v.name: i for i, v in enumerate(network.vessels)}
    links = network.links
    expansions = [(i, link) for i, link in enumerate(links) if isinstance(link, Expansion)]
    ends = np.full((len(expansions), 4), -1)
    for n, (_, link) in enumerate(expansions):
        before = vessel[link.before]
        last = first[before] + cells[before] - 1
        ends[n, :2] = last, max(last - 1, first[before])
        if link.after is not None:
            after = vessel[link.after]
            ends[n, 2:] = first[after], min(first[after] + 1, first[after] + cells[after] - 1)
    rows = {
        "link_from": [node[k.start] for k in links],
        "link_to": [node[k.end] for k in links],
        "link_edge": [elimination.edge(node[k.start], node[k.end]) for k in links],
        "valve_link": [i for i, link in enumerate(links) if isinstance(link, Valve)],
        "expansion_link": [i for i, _ in expansions],
        "before": ends[:, 0],
        "before_inner": ends[:, 1],
        "after": ends[:, 2],
        "after_inner": ends[:, 3],
    }
    return {name: np.array(row, dtype=np.int32) for name, row in rows.items()}


def _store_topology(
    network: Network, stores: Sequence[Store], node: dict[str, int], held: set[int], elimination: Elimination
) -> dict[str, Ints]:
    signal = len(network.flow_sources) + len(network.pressure_sources)
    around, edges = [], []
    varying = [i for i, store in enumerate(stores) if isinstance(store.law, VaryingStore)]
    for store in stores:
        outside = -1 if store.around is None else node[store.around]
        around.append(outside)
        edges.append(elimination.edge(node[store.node], outside) if outside >= 0 and outside not in held else -1)
    rows = {
        "store_node": [node[s.node] for s in stores],
        "store_around": around,
        "store_edge": edges,
        "varying_store": varying,
        "varying_signal": range(signal, signal + len(varying)),
        "exponential_store": [i for i, store in enumerate(stores) if isinstance(store.law, ExponentialStore)],
        "inflow_node": [node[s.node] for s in network.flow_sources],
        "inflow_signal": range(len(network.flow_sources)),
        "held_node": [node[s.node] for s in network.pressure_sources],
        "held_signal": range(len(network.flow_sources), len(network.flow_sources) + len(network.pressure_sources)),
    }
    return {name: np.array(row, dtype=np.int32) for name, row in rows.items()}


def _vessel_parameters(network: Network, cells: Sequence[int], first: Sequence[int], slots: int) -> dict[str, Floats]:
    density, viscosity = network.blood.density, network.blood.viscosity
    ghost = {
        "inverse_area0": 1.0, "k_half": 1.0, "k_vein": 0.0, "base": 0.0, "gamma": 0.0, "length": 1.0,
        "inverse_length": 0.0, "inverse_inertia": 1.0, "friction": 1.0,
    }  # fmt: skip
    p = {name: np.full(slots, value) for name, value in ghost.items()}
    for v, vessel in enumerate(network.vessels):
        n, o = cells[v], first[v]
        here, step = slice(o, o + n), vessel.length / n
        fraction = (np.arange(n) + 0.5) / n
        radius = vessel.radius[0] + (vessel.radius[1] - vessel.radius[0]) * fraction
        area0 = np.pi * radius**2
        law = vessel.wall.coefficients(radius, fraction, density)
        low, high = network.heights.get(vessel.start, 0.0), network.heights.get(vessel.end, 0.0)
        height = low + (high - low) * fraction
        p["inverse_area0"][here] = 1.0 / area0
        p["k_half"][here] = law.k_half
        p["k_vein"][here] = law.k_vein
        p["base"][here] = law.offset + vessel.external_pressure + _weight(network, vessel, height)
        p["gamma"][here] = law.viscosity / area0**1.5
        p["length"][here] = step
        p["inverse_length"][here] = 1.0 / step
        faces = slice(o, o + n + 1)
        p["inverse_inertia"][faces] = 1.0 / (density * step)
        p["inverse_inertia"][[o, o + n]] = 2.0 / (density * step)  # half a cell from the end to the centre
        p["friction"][faces] = 2.0 * (vessel.profile + 2.0) * np.pi * viscosity / density
    return p


def _link_parameters(links: Sequence[Link]) -> dict[str, Floats]:
    def column(name: str, absent: float) -> Floats:
        return np.array([float(getattr(link, name, absent)) for link in links])

    return {
        "resistance": column("resistance", 0.0),
        "inertance": column("inertance", 0.0),
        "quadratic": column("quadratic", 0.0),
        "opening_rate": column("opening_rate", 0.0),
        "closing_rate": column("closing_rate", 0.0),
        "leak": column("leak", 1.0),
    }


def _store_parameters(network: Network, stores: Sequence[Store]) -> dict[str, Floats]:
    rows = []
    for store in stores:
        law = store.law
        weight = float(_weight(network, store, np.array(network.heights.get(store.node, 0.0))))
        match law:
            case LinearStore():
                rows.append((law.elastance, law.unstressed_volume, 1.0, weight))
            case VaryingStore():
                rows.append((1.0, law.unstressed_volume, 1.0, weight))
            case ExponentialStore():
                rows.append((law.scale, law.unstressed_volume, law.volume_scale, weight + law.reference_pressure))
            case _:
                raise TypeError(f"store '{store.name}' has an unknown law")
    table = np.array(rows).reshape(-1, 4)
    return dict(zip(("elastance", "unstressed", "volume_scale", "store_base"), table.T.copy(), strict=True))


def _refuse_impossible(compiled: Compiled, ratio: Floats, pressure: Floats) -> None:
    """An artery's law has a lowest pressure; a start below it is an error of the input, not of the solve."""
    problems = []
    for v, vessel in enumerate(compiled.network.vessels):
        if not np.all(np.isfinite(ratio[compiled.slots(v)])):
            least = float(np.min(pressure[compiled.slots(v)])) / mmHg
            what = f"has no area at its initial pressure of {least:.1f} mmHg and what presses on it from outside"
            remedy = "raise the initial heads of its nodes, or lower the outside pressure"
            problems.append(Problem(what, f"vessel '{vessel.name}'", remedy))
    if problems:
        raise InputError(problems)


def _initial_state(compiled: Compiled, stores: Sequence[Store]) -> dict[str, Floats]:
    network, p, slots = compiled.network, compiled.parameters, compiled.extents["slots"]
    head = np.array([network.initial_head.get(name, 0.0) for name in compiled.node_index])
    for source in network.pressure_sources:
        head[compiled.node_index[source.node]] = source.pressure.sample(np.zeros(1), network.period)[0]
    inside, outside = np.zeros(slots), np.zeros(slots)
    for v, vessel in enumerate(network.vessels):
        fraction = (np.arange(compiled.cells[v]) + 0.5) / compiled.cells[v]
        low, high = head[compiled.node_index[vessel.start]], head[compiled.node_index[vessel.end]]
        inside[compiled.slots(v)] = low + (high - low) * fraction
        if vessel.around is not None:
            outside[compiled.slots(v)] = head[compiled.node_index[vessel.around]]
    transmural = inside - outside - p["base"]
    ratio = _ratio_at(transmural, p["k_half"], p["k_vein"])
    _refuse_impossible(compiled, ratio, inside - outside)
    area = ratio / p["inverse_area0"]
    _, slope = transmural_pressure(ratio, p["k_half"], p["k_vein"])
    volume = np.array(
        [
            store.law.volume(
                head[compiled.node_index[store.node]]
                - float(_weight(network, store, np.array(network.heights.get(store.node, 0.0))))
                - (0.0 if store.around is None else head[compiled.node_index[store.around]]),
                network.period,
            )
            for store in stores
        ]
    )
    opening = compiled.parameters["leak"].copy()
    opening[[not isinstance(link, Valve) for link in network.links]] = 1.0
    links = np.zeros(len(network.links))
    return {
        "pressure": inside, "area": area, "area_old": area, "speed": np.zeros(slots), "speed_old": np.zeros(slots),
        "flow": np.zeros(slots), "kinetic_old": np.zeros(slots), "stiffness": ratio * slope,
        "head": head, "head_old": head, "link_flow": links, "link_flow_old": links,
        "opening": opening, "opening_old": opening, "volume": volume, "volume_old": volume,
    }  # fmt: skip
