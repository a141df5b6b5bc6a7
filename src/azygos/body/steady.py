"""The mean state of a circulation, without waves: a first guess of every head, and a hand check.

Each vessel and link becomes its resistance, and flow that of a network of resistors. A vessel's
resistance depends on its area and so on the heads: three rounds settle that. A Starling resistor becomes its
tangent at the heads of the round before, a resistance and a push; it needs more rounds.
"""

import heapq
import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import Network, StarlingResistor, Valve, VaryingStore, Vessel
from azygos.body.wall import Coefficients

__all__ = ["Steady", "area_ratio", "initial_volumes", "pressure_at", "steady", "vessel_resistances"]

Floats = NDArray[np.float64]

STATIONS = 8  # midpoints along a vessel over which resistance and volume are summed
ROUNDS = 3  # of the area's answer to the pressure
COLLAPSE_ROUNDS = 20  # of a Starling resistor's answer to it
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


def _tangent(network: Network, head: Mapping[str, float], link: StarlingResistor) -> tuple[float, float]:
    """Resistance [Pa s/m3] and push [m3/s] of a Starling resistor: q = push + (H_start - H_end) / resistance.

    The larger of the slopes at its ends, as in the kernel (`collapse` in kernel/lumps.hpp says why).
    """
    start, end, outside = (head.get(node, 0.0) for node in (link.start, link.end, link.around))
    own = link.around in (link.start, link.end)
    if not own and any(source.node == link.around for source in network.pressure_sources):
        height = 0.5 * sum(network.heights.get(node, 0.0) for node in (link.start, link.end))
        outside += network.blood.density * network.gravity * height
    pressures = start - outside, end - outside
    rounded = [float(np.hypot(p, link.sharpness)) for p in pressures]
    slopes = [0.5 * (1.0 + p / r) / link.resistance for p, r in zip(pressures, rounded, strict=True)]
    slope = max(slopes) if not own else slopes[0 if link.around == link.end else 1]
    slope = max(slope, 1e-9 / link.resistance)  # shut: a conductance that carries nothing, but is one
    flow = 0.5 * (start - end + rounded[0] - rounded[1]) / link.resistance
    return 1.0 / slope, flow - slope * (start - end)


@dataclass(frozen=True, slots=True)
class _Way:
    """A linear way for flow: q = push + (H_start - H_end) / resistance."""

    start: str
    end: str
    resistance: float  # [Pa s/m3]
    push: float = 0.0  # [m3/s]

    def flow(self, head: Mapping[str, float]) -> float:
        return self.push + (head[self.start] - head[self.end]) / self.resistance


def _ways(network: Network, head: Mapping[str, float]) -> dict[str, _Way]:
    viscous = vessel_resistances(network, head)
    pumps = {store.node for store in network.stores if isinstance(store.law, VaryingStore)}
    ways = {v.name: _Way(v.start, v.end, viscous[v.name]) for v in network.vessels}
    for link in network.links:
        if isinstance(link, StarlingResistor):
            ways[link.name] = _Way(link.start, link.end, *_tangent(network, head, link))
        elif not isinstance(link, Valve) or not {link.start, link.end} & pumps:
            ways[link.name] = _Way(link.start, link.end, link.resistance)
    return ways


def steady(network: Network, *, inflow: Mapping[str, float], held: Mapping[str, float]) -> Steady:
    """The mean state with `inflow` [m3/s] pushed into nodes and the heads [Pa] of others `held`.

    Heart valves are cut, other valves are open: a heart enters as what it pushes into the aorta and the heads of the
    atria. Every node must reach a held one; ValueError names one that does not.
    """
    head = dict(network.initial_head) | dict(held)
    ways = _ways(network, head)
    _check_reach(network, ways, held)
    collapses = any(isinstance(link, StarlingResistor) for link in network.links)
    for _ in range(COLLAPSE_ROUNDS if collapses else ROUNDS):
        ways = _ways(network, head)
        head = _heads(network, ways, inflow, held)
    return Steady(head=head, flow={name: way.flow(head) for name, way in ways.items()})


def _check_reach(network: Network, ways: Mapping[str, _Way], held: Mapping[str, float]) -> None:
    reached, frontier = set(held), list(held)
    neighbours: dict[str, list[str]] = {}
    for way in ways.values():
        neighbours.setdefault(way.start, []).append(way.end)
        neighbours.setdefault(way.end, []).append(way.start)
    while frontier:
        fresh = [n for n in neighbours.get(frontier.pop(), ()) if n not in reached]
        reached.update(fresh)
        frontier.extend(fresh)
    lost = [node for node in network.nodes if node not in reached]
    if lost:
        raise ValueError(f"no way from node '{lost[0]}' to a node whose head is held")


def _heads(
    network: Network,
    ways: Mapping[str, _Way],
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
    for way in ways.values():
        _connect(mesh, way.start, way.end, 1.0 / way.resistance)
        source[way.start] -= way.push
        source[way.end] += way.push
    stars: list[tuple[str, dict[str, float], float]] = []
    free = set(mesh) - set(held)
    queue = [(len(mesh[node]), node) for node in free]
    heapq.heapify(queue)
    while queue:
        degree, node = heapq.heappop(queue)
        if node not in free or degree != len(mesh[node]):
            continue  # it was met again since, with as many neighbours as it has now
        free.remove(node)
        star = mesh.pop(node)
        total = sum(star.values())
        for neighbour, conductance in star.items():
            del mesh[neighbour][node]
            source[neighbour] += source[node] * conductance / total
        for (one, first), (other, second) in itertools.combinations(star.items(), 2):
            _connect(mesh, one, other, first * second / total)
        for neighbour in star:
            if neighbour in free:
                heapq.heappush(queue, (len(mesh[neighbour]), neighbour))
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
