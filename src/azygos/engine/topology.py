"""Which parts of a circulation meet: the kernel's integer arrays (`kernel/circuit.hpp` says what each means)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import (
    Expansion,
    ExponentialStore,
    Network,
    StarlingResistor,
    Store,
    StoreLaw,
    Valve,
    VaryingStore,
)
from azygos.body.structure import Joints, collapses, joints_of
from azygos.engine.elimination import Elimination, eliminate

__all__ = ["Frame", "Layout", "Structure", "frame_of", "in_order"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int32]
Places: TypeAlias = NDArray[np.intp]

_TILE_SLOTS = 128  # slots worked on while they are in a near cache


def in_order(stores: Sequence[Store]) -> tuple[Store, ...]:
    """Stores such that surroundings come after what they surround."""
    by_node = {store.node: store for store in stores}

    def depth(store: Store) -> int:
        around = by_node.get(store.around) if store.around is not None else None
        return 0 if around is None else 1 + depth(around)

    return tuple(sorted(stores, key=depth, reverse=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """How the parts of a network are joined and its vessels cut, without any quantity: equal for patients who may lie
    side by side in the kernel."""

    joints: Joints
    cells: tuple[int, ...]  # per vessel

    @classmethod
    def of(cls, network: Network, cells: tuple[int, ...]) -> "Structure":
        return cls(joints=joints_of(network), cells=cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the parts of a network lie in the kernel's arrays."""

    network: Network
    node: dict[str, int]
    stores: tuple[Store, ...]  # in the kernel's order
    cells: tuple[int, ...]  # per vessel
    first: tuple[int, ...]  # first slot per vessel, and the number of slots
    slot: Places  # of each cell
    vessel: Places  # to which each cell belongs
    fraction: Floats  # of the vessel's length, at which the middle of each cell lies

    @property
    def slots(self) -> int:
        return self.first[-1]

    @property
    def held(self) -> set[int]:
        """Nodes whose head is given."""
        return {self.node[source.node] for source in self.network.pressure_sources}

    def nodes(self, names: Sequence[str]) -> Places:
        """The numbers of nodes."""
        return np.array([self.node[name] for name in names], dtype=np.intp)


def _layout(network: Network, cells: tuple[int, ...]) -> Layout:
    counts = np.array(cells, dtype=np.intp)
    first = 1 + np.concatenate([[0], np.cumsum(counts + 1)])
    vessel = np.repeat(np.arange(len(cells)), counts)
    within = np.arange(len(vessel)) - np.repeat(np.cumsum(counts) - counts, counts)
    return Layout(
        network=network,
        node={name: k for k, name in enumerate(network.nodes)},
        stores=in_order(network.stores),
        cells=cells,
        first=tuple(first.tolist()),
        slot=first[vessel] + within,
        vessel=vessel,
        fraction=(within + 0.5) / counts[vessel],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What depends on a structure alone."""

    layout: Layout  # of the first network that had it
    order: tuple[int, ...]  # in which the kernel has its stores
    topology: dict[str, Ints]
    edges: int  # between nodes

    def laid(self, network: Network) -> Layout:
        """Where the parts of another network of this structure lie."""
        return replace(self.layout, network=network, stores=tuple(network.stores[i] for i in self.order))


class _Asked:
    """A structure, and a network that has it: the same for the cache whenever the structure is."""

    def __init__(self, structure: Structure, network: Network) -> None:
        self.structure, self.network = structure, network

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self.structure == other.structure

    def __hash__(self) -> int:
        return hash(self.structure)


def frame_of(structure: Structure, network: Network) -> Frame:
    """What follows from a structure, which `network` has; found once for all networks that share it."""
    return _frame(_Asked(structure, network))


@lru_cache(maxsize=32)
def _frame(asked: _Asked) -> Frame:
    layout = _layout(asked.network, asked.structure.cells)
    number = {store.name: i for i, store in enumerate(asked.network.stores)}
    topology, edges = topology_of(layout)
    return Frame(layout=layout, order=tuple(number[s.name] for s in layout.stores), topology=topology, edges=edges)


def topology_of(layout: Layout) -> tuple[dict[str, Ints], int]:
    """All integer arrays, and the number of edges between nodes."""
    elimination = _graph(layout.network, layout.node, layout.held)
    topology = {
        **_vessel_topology(layout, elimination),
        **_link_topology(layout, elimination),
        **_response_topology(layout, elimination),
        **_store_topology(layout, elimination),
        **_source_topology(layout),
        **_elimination_arrays(elimination),
    }
    return topology, len(elimination.edges)


def _graph(network: Network, node: dict[str, int], held: set[int]) -> Elimination:
    edges: list[tuple[int, int]] = []
    for joint in (*network.vessels, *network.links):
        edges.append((node[joint.start], node[joint.end]))
    for vessel in network.vessels:
        if vessel.around is not None and node[vessel.around] not in held:
            edges += [(node[vessel.start], node[vessel.around]), (node[vessel.end], node[vessel.around])]
    for store in network.stores:
        if store.around is not None and node[store.around] not in held:
            edges.append((node[store.node], node[store.around]))
    return eliminate([k for k in node.values() if k not in held], edges)


def _tiles(first: Sequence[int]) -> list[int]:
    tiles, begin = [0], first[0]
    for v in range(1, len(first) - 1):
        if first[v + 1] - begin > _TILE_SLOTS:
            tiles.append(v)
            begin = first[v]
    if len(first) > 1:
        tiles.append(len(first) - 1)
    return tiles


def _vessel_topology(layout: Layout, elimination: Elimination) -> dict[str, Ints]:
    network, node, held = layout.network, layout.node, layout.held
    left = [node[v.start] for v in network.vessels]
    right = [node[v.end] for v in network.vessels]
    around = [-1 if v.around is None else node[v.around] for v in network.vessels]
    free = [a >= 0 and a not in held for a in around]
    to_left = [elimination.edge(k, a) if f else -1 for k, a, f in zip(left, around, free, strict=True)]
    to_right = [elimination.edge(k, a) if f else -1 for k, a, f in zip(right, around, free, strict=True)]
    rows = {
        "tile": _tiles(layout.first),
        "first": layout.first[:-1],
        "cells": layout.cells,
        "left": left,
        "right": right,
        "around": around,
        "around_edge": to_left,
        "edge": [elimination.edge(a, b) for a, b in zip(left, right, strict=True)],
        "left_edge": to_left,
        "right_edge": to_right,
    }
    return {name: np.array(row, dtype=np.int32) for name, row in rows.items()}


def _link_topology(layout: Layout, elimination: Elimination) -> dict[str, Ints]:
    network, node, cells, first = layout.network, layout.node, layout.cells, layout.first
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


def _response_topology(layout: Layout, elimination: Elimination) -> dict[str, Ints]:
    """Starling resistors and regulated beds."""
    links = layout.network.links
    starlings = [(i, link) for i, link in enumerate(links) if isinstance(link, StarlingResistor)]
    turn, node = {k: x for x, k in enumerate(elimination.order)}, layout.node
    last = len(turn)
    number = {link.name: i for i, link in enumerate(links)}
    rows = {
        "starling_link": [i for i, _ in starlings],
        "starling_around": [node[link.around] for _, link in starlings],
        "starling_first": [turn.get(node[link.start], last) < turn.get(node[link.end], last) for _, link in starlings],
        "regulated_link": [number[regulation.link] for regulation in layout.network.regulations],
    }
    return {name: np.array(row, dtype=np.int32) for name, row in rows.items()}


def _store_topology(layout: Layout, elimination: Elimination) -> dict[str, Ints]:
    node, stores = layout.node, layout.stores
    signal = len(layout.network.flow_sources) + len(layout.network.pressure_sources)
    around = [-1 if store.around is None else node[store.around] for store in stores]
    edges = [
        elimination.edge(node[store.node], outside) if outside >= 0 and outside not in layout.held else -1
        for store, outside in zip(stores, around, strict=True)
    ]
    varying = _with_law(stores, VaryingStore)
    rows = {
        "store_node": [node[s.node] for s in stores],
        "store_around": around,
        "store_edge": edges,
        "varying_store": varying,
        "varying_signal": range(signal, signal + len(varying)),
        "exponential_store": _with_law(stores, ExponentialStore),
        "collapsible_store": [i for i, store in enumerate(stores) if collapses(store.law)],
    }
    return {name: np.array(row, dtype=np.int32) for name, row in rows.items()}


def _with_law(stores: Sequence[Store], law: type[StoreLaw]) -> list[int]:
    return [i for i, store in enumerate(stores) if isinstance(store.law, law)]


def _source_topology(layout: Layout) -> dict[str, Ints]:
    inflows, helds = layout.network.flow_sources, layout.network.pressure_sources
    rows = {
        "inflow_node": [layout.node[source.node] for source in inflows],
        "inflow_signal": range(len(inflows)),
        "held_node": [layout.node[source.node] for source in helds],
        "held_signal": range(len(inflows), len(inflows) + len(helds)),
    }
    return {name: np.array(row, dtype=np.int32) for name, row in rows.items()}


def _elimination_arrays(elimination: Elimination) -> dict[str, Ints]:
    pairs = [elimination.edge(a, b) for near in elimination.near for a, b in combinations(near, 2)]
    return {
        "order": np.array(elimination.order, dtype=np.int32),
        "near_start": np.cumsum([0, *map(len, elimination.near)], dtype=np.int32),
        "near_node": np.array([a for near in elimination.near for a in near], dtype=np.int32),
        "pair_edge": np.array(pairs, dtype=np.int32),
    }
