"""The mean state of a circulation, without waves: a first guess of every head, and a hand check.

Each vessel and link becomes its resistance, and flow that of a network of resistors. A vessel's
resistance depends on its area and so on the heads: three rounds settle that.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import Network, Valve, Vessel
from azygos.body.wall import Coefficients

__all__ = ["Steady", "area_ratio", "initial_volumes", "pressure_at", "steady", "vessel_resistances"]

Floats = NDArray[np.float64]

STATIONS = 8  # midpoints along a vessel over which resistance and volume are summed
ROUNDS = 3  # of the area's answer to the pressure
SMALLEST, LARGEST = 0.05, 3.0  # bounds of sqrt(A/A0): A/A0 from 0.0025, fully collapsed, to 9


def area_ratio(wall: Coefficients, pressure: Floats) -> Floats:
    """A/A0 at a transmural pressure [Pa], by bisection of the tube law in sqrt(A/A0)."""
    low, high = np.full_like(pressure, SMALLEST), np.full_like(pressure, LARGEST)
    for _ in range(40):
        s = 0.5 * (low + high)
        fourth = s * s * s * s
        tenth = fourth * fourth * fourth * fourth * fourth  # (A/A0)^10 = s^20; pow would take ten times as long
        above = wall.k_half * (s - 1.0) + wall.k_vein * (tenth - s / fourth) + wall.offset > pressure
        low, high = np.where(above, low, s), np.where(above, s, high)
    return (0.5 * (low + high)) ** 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Steady:
    """Mean head at each node [Pa] and mean flow through each vessel and link [m3/s]."""

    head: Mapping[str, float]
    flow: Mapping[str, float]


def _areas(network: Network, head: Mapping[str, float]) -> Floats:
    """Areas [m2] of every vessel (rows) at the midpoints of STATIONS equal pieces, under the heads' pressure."""
    fraction = (np.arange(STATIONS) + 0.5) / STATIONS
    pressure = np.array([_transmural(network, head, vessel) for vessel in network.vessels])
    radius = np.array([v.radius[0] + (v.radius[1] - v.radius[0]) * fraction for v in network.vessels])
    walls = [
        v.wall.coefficients(r, fraction, network.blood.density) for v, r in zip(network.vessels, radius, strict=True)
    ]
    every = Coefficients(
        k_half=np.array([wall.k_half for wall in walls]),
        k_vein=np.array([wall.k_vein for wall in walls]),
        offset=np.array([wall.offset for wall in walls]),
        viscosity=np.array([wall.viscosity for wall in walls]),
    )
    return np.pi * radius**2 * area_ratio(every, pressure[:, :1] * (1.0 - fraction) + pressure[:, 1:] * fraction)


def _transmural(network: Network, head: Mapping[str, float], vessel: Vessel) -> tuple[float, float]:
    """Pressure inside minus outside at the vessel's start and end [Pa]; kinetic heads are left out."""
    start, end = (
        pressure_at(network, head, node) - _outside(network, head, vessel.around, node)
        for node in (vessel.start, vessel.end)
    )
    return start - vessel.external_pressure, end - vessel.external_pressure


def _outside(network: Network, head: Mapping[str, float], around: str | None, node: str) -> float:
    """Pressure [Pa] of the surroundings at the height of `node`.

    Air or a cuff, whose pressure is given, press alike at all heights; a fluid that answers has its own weight.
    """
    if around is None:
        return 0.0
    if any(source.node == around for source in network.pressure_sources):
        return head.get(around, 0.0)
    return head.get(around, 0.0) - network.blood.density * network.gravity * network.heights.get(node, 0.0)


def pressure_at(network: Network, head: Mapping[str, float], node: str) -> float:
    """Pressure [Pa] of resting blood at a node, from its head: H - rho g z."""
    return head.get(node, 0.0) - network.blood.density * network.gravity * network.heights.get(node, 0.0)


def vessel_resistances(network: Network, head: Mapping[str, float]) -> dict[str, float]:
    """Each vessel's viscous resistance [Pa s/m3] at the areas that the heads give.

    R = 2 (gamma + 2) pi mu L mean(1/A^2)
    """
    loss = np.mean(_areas(network, head) ** -2, axis=1)
    return {
        v.name: float(2.0 * (v.profile + 2.0) * np.pi * network.blood.viscosity * v.length * mean)
        for v, mean in zip(network.vessels, loss, strict=True)
    }


def _resistances(network: Network, head: Mapping[str, float]) -> dict[str, tuple[str, str, float]]:
    viscous = vessel_resistances(network, head)
    ways = {v.name: (v.start, v.end, viscous[v.name]) for v in network.vessels}
    for link in network.links:
        if not isinstance(link, Valve):  # the heart is given by its output, not by its valves
            ways[link.name] = (link.start, link.end, link.resistance)
    return ways


def steady(network: Network, *, inflow: Mapping[str, float], held: Mapping[str, float]) -> Steady:
    """The mean state with `inflow` [m3/s] pushed into nodes and the heads [Pa] of others `held`.

    Heart valves are cut: a heart enters as what it pushes into the aorta and the heads of the
    atria. Every node must reach a held one; ValueError names one that does not.
    """
    head = dict(network.initial_head) | dict(held)
    ways = _resistances(network, head)
    _check_reach(network, ways, held)
    for _ in range(ROUNDS):
        ways = _resistances(network, head)
        head = _heads(network, ways, inflow, held)
    return Steady(head=head, flow={name: (head[a] - head[b]) / r for name, (a, b, r) in ways.items()})


def _check_reach(network: Network, ways: Mapping[str, tuple[str, str, float]], held: Mapping[str, float]) -> None:
    reached, frontier = set(held), list(held)
    neighbours: dict[str, list[str]] = {}
    for start, end, _ in ways.values():
        neighbours.setdefault(start, []).append(end)
        neighbours.setdefault(end, []).append(start)
    while frontier:
        fresh = [n for n in neighbours.get(frontier.pop(), ()) if n not in reached]
        reached.update(fresh)
        frontier.extend(fresh)
    lost = [node for node in network.nodes if node not in reached]
    if lost:
        raise ValueError(f"no way from node '{lost[0]}' to a node whose head is held")


def _heads(
    network: Network,
    ways: Mapping[str, tuple[str, str, float]],
    inflow: Mapping[str, float],
    held: Mapping[str, float],
) -> dict[str, float]:
    """Heads [Pa] by the star-mesh transform: one free node after the other, that of fewest neighbours first.

    A node with conductances g_i to its neighbours, G = sum g_i, and inflow s is replaced by conductances
    g_i g_j / G between them and inflows s g_i / G into them; its own head is later (s + sum g_i H_i) / G. The
    graph is nearly a tree, so that few new conductances arise: a millisecond, where a full matrix takes many.
    """
    mesh: dict[str, dict[str, float]] = {node: {} for node in network.nodes}
    source = {node: inflow.get(node, 0.0) for node in network.nodes}
    for start, end, resistance in ways.values():
        _connect(mesh, start, end, 1.0 / resistance)
    stars: list[tuple[str, dict[str, float], float]] = []
    free = set(mesh) - set(held)
    while free:
        node = min(free, key=lambda candidate: (len(mesh[candidate]), candidate))
        free.remove(node)
        star = mesh.pop(node)
        total = sum(star.values())
        for neighbour, conductance in star.items():
            del mesh[neighbour][node]
            source[neighbour] += source[node] * conductance / total
        for (one, first), (other, second) in itertools.combinations(star.items(), 2):
            _connect(mesh, one, other, first * second / total)
        stars.append((node, star, total))
    head = dict(held)
    for node, star, total in reversed(stars):
        head[node] = (source[node] + sum(g * head[neighbour] for neighbour, g in star.items())) / total
    return head


def _connect(mesh: dict[str, dict[str, float]], one: str, other: str, conductance: float) -> None:
    mesh[one][other] = mesh[one].get(other, 0.0) + conductance
    mesh[other][one] = mesh[one][other]


def initial_volumes(network: Network) -> dict[str, float]:
    """Volume [m3] of every vessel and store in the network's initial state; names are its keys.

    Heads vary linearly along a vessel; kinetic heads are left out.
    """
    head = network.initial_head
    lumens = np.mean(_areas(network, head), axis=1)
    volumes = {v.name: float(v.length * area) for v, area in zip(network.vessels, lumens, strict=True)}
    for store in network.stores:
        inside, outside = pressure_at(network, head, store.node), _outside(network, head, store.around, store.node)
        volumes[store.name] = store.law.volume(inside - outside, network.period)
    return volumes
