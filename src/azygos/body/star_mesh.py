"""The heads of a linear network of conductances, by the star-mesh transform.

A node with conductances g_i to its neighbours, G = sum g_i, and inflow s is replaced by conductances g_i g_j / G
between them and inflows s g_i / G into them; its own head is later (s + sum g_i H_i) / G. Nothing is subtracted, so
nothing cancels. The graph of a circulation is nearly a tree: few new conductances arise, and nodes that do not meet
go together, some thirty turns for four hundred nodes. Which go when depends on the graph alone and is found once.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["StarMesh", "star_mesh"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.intp]

_FEW = 2  # neighbours with which a node may go before its turn: it leaves no more edges than there were


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Nodes that go together, none of which is another's neighbour, their edges, and the pairs of edges at a node."""

    nodes: Ints
    edges: Ints
    owner: Ints  # to which of `nodes` each edge belongs
    near: Ints  # the node at its other end
    one: Ints  # pairs: positions in `edges`
    other: Ints
    into: Ints  # the edge between their far ends


@dataclass(frozen=True, slots=True, kw_only=True)
class StarMesh:
    """In which order the free nodes of a graph go."""

    nodes: int
    edges: int  # with those that arise
    edge_of_way: Ints
    turns: tuple[Turn, ...]

    def heads(self, conductance: Floats, inflow: Floats, held: Floats) -> Floats:
        """Head of every node [Pa]: of ways' `conductance` [m3/(Pa s)] and nodes' `inflow` [m3/s], others `held`."""
        along = np.bincount(self.edge_of_way, conductance, self.edges)
        source, head = inflow.copy(), held.copy()
        totals = []
        for turn in self.turns:
            g = along[turn.edges]
            total = np.bincount(turn.owner, g, len(turn.nodes))
            share = g / total[turn.owner]
            source += np.bincount(turn.near, source[turn.nodes][turn.owner] * share, self.nodes)
            along += np.bincount(turn.into, share[turn.one] * g[turn.other], self.edges)
            totals.append((g, total))
        for turn, (g, total) in zip(reversed(self.turns), reversed(totals), strict=True):
            reached = np.bincount(turn.owner, g * head[turn.near], len(turn.nodes))
            head[turn.nodes] = (source[turn.nodes] + reached) / total
        return head


@lru_cache(maxsize=64)
def star_mesh(nodes: int, ways: tuple[tuple[int, int], ...], held: frozenset[int]) -> StarMesh:
    """The order for a graph of `nodes`, joined by `ways`, of which those in `held` stay.

    Raises ValueError where a free node has no way to one that is held.
    """
    edges: dict[tuple[int, int], int] = {}
    around: list[dict[int, int]] = [{} for _ in range(nodes)]  # neighbour -> edge

    def join(a: int, b: int) -> int:
        edge = edges.setdefault((a, b) if a < b else (b, a), len(edges))
        around[a][b] = around[b][a] = edge
        return edge

    of_way = [join(a, b) for a, b in ways]
    left, turns = set(range(nodes)) - held, []
    while left:
        stars = {node: around[node] for node in _apart(left, around)}
        if not all(stars.values()):
            raise ValueError("no way to a node whose head is held")
        left.difference_update(stars)
        for node, star in stars.items():
            for near in star:
                del around[near][node]
        pairs = [[join(a, b) for a, b in combinations(star, 2)] for star in stars.values()]
        turns.append(_turn(stars, pairs))
    return StarMesh(nodes=nodes, edges=len(edges), edge_of_way=_ints(of_way), turns=tuple(turns))


def _apart(left: set[int], around: list[dict[int, int]]) -> list[int]:
    """Nodes of fewest neighbours, none beside another."""
    most = max(_FEW, min(len(around[node]) for node in left))
    taken: list[int] = []
    beside: set[int] = set()
    for node in sorted(left):
        if len(around[node]) <= most and node not in beside:
            taken.append(node)
            beside.update(around[node])
    return taken


def _turn(stars: dict[int, dict[int, int]], joined: list[list[int]]) -> Turn:
    first = np.cumsum([0, *(len(star) for star in stars.values())])
    pairs = [
        (begin + a, begin + b)
        for begin, star in zip(first, stars.values(), strict=False)
        for a, b in combinations(range(len(star)), 2)
    ]
    return Turn(
        nodes=_ints(list(stars)),
        edges=_ints([edge for star in stars.values() for edge in star.values()]),
        owner=np.repeat(np.arange(len(stars)), np.diff(first)),
        near=_ints([near for star in stars.values() for near in star]),
        one=_ints([a for a, _ in pairs]),
        other=_ints([b for _, b in pairs]),
        into=_ints([edge for edges in joined for edge in edges]),
    )


def _ints(values: list[int]) -> Ints:
    return np.array(values, dtype=np.intp)
