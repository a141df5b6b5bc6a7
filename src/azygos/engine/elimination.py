"""In which order the nodes of a circulation are eliminated, and which edges that fills in.

Minimum degree on the graph whose edges are vessels and links. A tree needs no fill at all; each loop
costs a few edges.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

__all__ = ["Elimination", "eliminate"]

Edge = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Elimination:
    """Nodes in order; for each its remaining neighbours, in that order too, any two of which become joined."""

    order: tuple[int, ...]
    near: tuple[tuple[int, ...], ...]
    edges: dict[Edge, int]  # with smaller node first; numbered as elimination meets them

    def edge(self, a: int, b: int) -> int:
        return self.edges[(a, b) if a < b else (b, a)]


def eliminate(free: Iterable[int], edges: Iterable[Edge]) -> Elimination:
    """Elimination of the `free` nodes of a graph; its other nodes have given heads and stay."""
    index: dict[Edge, int] = {}
    around: dict[int, set[int]] = {node: set() for node in free}
    is_free = set(around)

    def join(a: int, b: int) -> None:
        index.setdefault((min(a, b), max(a, b)), len(index))
        around.setdefault(a, set()).add(b)
        around.setdefault(b, set()).add(a)

    for a, b in edges:
        join(a, b)
    queue = [(len(around[node]), node) for node in is_free]
    heapq.heapify(queue)
    order, near = [], []
    gone: set[int] = set()
    while queue:
        degree, node = heapq.heappop(queue)
        if node in gone or degree != len(around[node]):
            continue
        neighbours = sorted(around[node])
        order.append(node)
        near.append(neighbours)
        gone.add(node)
        for a in neighbours:
            around[a].discard(node)
        for a, b in combinations(neighbours, 2):
            join(a, b)
        for a in neighbours:
            if a in is_free:
                heapq.heappush(queue, (len(around[a]), a))
    turn = {node: x for x, node in enumerate(order)}
    for neighbours in near:
        neighbours.sort(key=lambda node: turn.get(node, len(order)))
    met = [(min(node, a), max(node, a)) for node, others in zip(order, near, strict=True) for a in others]
    between_given = [edge for edge in index if not is_free.intersection(edge)]
    edges = {edge: i for i, edge in enumerate([*met, *between_given])}
    return Elimination(order=tuple(order), near=tuple(map(tuple, near)), edges=edges)
