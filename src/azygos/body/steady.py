"""The mean state of a circulation, without waves: a first guess of every head, and a hand check.

Each vessel and link becomes its resistance, and flow that of a network of resistors. A vessel's
resistance depends on its area and so on the heads: three rounds settle that. A Starling resistor becomes its
tangent at the heads of the round before, a resistance and a push; it needs more rounds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import Link, Network, StarlingResistor, Valve, VaryingStore
from azygos.body.star_mesh import star_mesh
from azygos.body.wall import Coefficients, law_of

__all__ = ["Steady", "area_ratio", "initial_volumes", "pressure_at", "steady"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

STATIONS = 8  # midpoints along a vessel over which resistance and volume are summed
ROUNDS = 3  # of the area's answer to the pressure
COLLAPSE_ROUNDS = 20  # of a Starling resistor's answer to it, at most
SMALLEST, LARGEST = 0.05, 3.0  # bounds of sqrt(A/A0): A/A0 from 0.0025, fully collapsed, to 9
NEWTON_ROUNDS = 60  # at most; eight are usual
SETTLED = 1e-10  # so small a step in sqrt(A/A0) is the last: the next would be its square
STILL = 1e-6  # [Pa]: so little do the heads change when the areas have answered
SHUT = 1e-9  # of its open conductance has a Starling resistor that is shut: it carries nothing, but is one


def _pressure(wall: Coefficients, s: Floats) -> tuple[Floats, Floats]:
    """Transmural pressure [Pa] at s = sqrt(A/A0), and its derivative by s."""
    cube = s * s * s
    sixth = cube * cube
    tenth = sixth * sixth * sixth * s  # s^19; pow would take ten times as long
    pressure = wall.k_half * (s - 1.0) + wall.k_vein * (tenth * s - 1.0 / cube) + wall.offset
    return pressure, wall.k_half + wall.k_vein * (20.0 * tenth + 3.0 / (cube * s))


def opening(wall: Coefficients, pressure: Floats, near: Floats) -> Floats:
    """sqrt(A/A0) at a transmural pressure [Pa], by Newton's method from `near` on, between bounds that close in."""
    low, high = np.full_like(pressure, SMALLEST), np.full_like(pressure, LARGEST)
    wanted = np.clip(pressure, _pressure(wall, low)[0], _pressure(wall, high)[0])
    s = near
    for _ in range(NEWTON_ROUNDS):
        found, slope = _pressure(wall, s)
        above = found > wanted
        low, high = np.where(above, low, s), np.where(above, s, high)
        tried = s - (found - wanted) / slope
        better = np.where((tried >= low) & (tried <= high), tried, 0.5 * (low + high))
        step, s = np.max(np.abs(better - s), initial=0.0), better
        if step <= SETTLED:
            break
    return s


def area_ratio(wall: Coefficients, pressure: Floats) -> Floats:
    """A/A0 at a transmural pressure [Pa]."""
    return opening(wall, pressure, np.ones_like(pressure)) ** 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Steady:
    """Mean head at each node [Pa] and mean flow through each vessel and link [m3/s]."""

    head: Mapping[str, float]
    flow: Mapping[str, float]


class Lumens:
    """A network's vessels as arrays: their areas under the heads of its nodes, in the order of `network.nodes`."""

    def __init__(self, network: Network) -> None:
        vessels, weight = network.vessels, network.blood.density * network.gravity
        self.node = {name: k for k, name in enumerate(network.nodes)}
        self._ends = np.array([(self.node[v.start], self.node[v.end]) for v in vessels], dtype=np.intp).reshape(-1, 2)
        self._around = np.array([self.node.get(v.around or "", -1) for v in vessels], dtype=np.intp)
        self._pushed = np.array([v.external_pressure for v in vessels])
        # Air or a cuff, whose pressure is given, press alike at all heights; a fluid that answers has its own weight.
        given = {None, *(source.node for source in network.pressure_sources)}
        pressed = np.array([v.around in given for v in vessels], dtype=bool)
        self._weight = np.where(pressed[:, None], weight * self.array(network.heights)[self._ends], 0.0)
        fraction = (np.arange(STATIONS) + 0.5) / STATIONS
        self._share = np.stack([1.0 - fraction, fraction])
        radius = np.array([v.radius for v in vessels]).reshape(-1, 2) @ self._share
        self._area0 = np.pi * radius**2
        of, along = np.repeat(np.arange(len(vessels)), STATIONS), np.tile(fraction, len(vessels))
        self._law = law_of([v.wall for v in vessels], of, radius.ravel(), along, network.blood.density)
        self._length = np.array([v.length for v in vessels])
        self._friction = 2.0 * np.pi * network.blood.viscosity * np.array([v.profile + 2.0 for v in vessels])

    def array(self, values: Mapping[str, float]) -> Floats:
        """One value a node; 0 where there is none."""
        return np.array([values.get(name, 0.0) for name in self.node])

    def openings(self, head: Floats, near: Floats | None = None) -> Floats:
        """sqrt(A/A0) of every vessel (rows) at the midpoints of STATIONS equal pieces; kinetic heads are left out.

        `near` are those at heads not far off.
        """
        outside = np.append(head, 0.0)[self._around] + self._pushed  # the last head is that of the air
        inside = (head[self._ends] - self._weight - outside[:, None]) @ self._share
        start = np.ones_like(inside) if near is None else near
        return opening(self._law, inside.ravel(), start.ravel()).reshape(inside.shape)

    def volumes(self, head: Floats) -> Floats:
        """[m3]"""
        return np.asarray(self._length * np.mean(self._area0 * self.openings(head) ** 2, axis=1))

    def conductances(self, openings: Floats) -> Floats:
        """Of viscous flow, 1 / (2 (gamma + 2) pi mu L mean(1/A^2)) [m3/(Pa s)]."""
        square = openings * openings * self._area0
        return np.asarray(1.0 / (self._friction * self._length * np.mean(1.0 / (square * square), axis=1)))


class Falls:
    """A network's Starling resistors as arrays."""

    def __init__(self, network: Network, links: Sequence[StarlingResistor], node: Mapping[str, int]) -> None:
        names = [(link.start, link.end, link.around) for link in links]
        self._nodes = np.array([[node[n] for n in three] for three in names], dtype=np.intp).reshape(-1, 3).T
        self._resistance = np.array([link.resistance for link in links])
        self._sharpness = np.array([link.sharpness for link in links])
        # The slopes that count are those of the ends which are not their own surroundings.
        self._counts = np.array([[around != start, around != end] for start, end, around in names]).reshape(-1, 2).T
        given = {source.node for source in network.pressure_sources}
        lift = 0.5 * network.blood.density * network.gravity
        self._weight = np.array(
            [
                lift * (network.heights.get(start, 0.0) + network.heights.get(end, 0.0))
                if around in given - {start, end}
                else 0.0
                for start, end, around in names
            ]
        )

    def tangent(self, head: Floats) -> tuple[Floats, Floats]:
        """Conductance [m3/(Pa s)] and push [m3/s] of each: q = push + conductance (H_start - H_end).

        The larger of the slopes at its ends, as in the kernel (`collapse` in kernel/lumps.hpp says why).
        """
        start, end, around = head[self._nodes]
        pressure = np.stack([start, end]) - (around + self._weight)
        rounded = np.hypot(pressure, self._sharpness)
        slopes = np.where(self._counts, 0.5 * (1.0 + pressure / rounded), SHUT)
        slope = np.maximum(np.max(slopes, axis=0, initial=SHUT), SHUT) / self._resistance
        flow = 0.5 * (start - end + rounded[0] - rounded[1]) / self._resistance
        return slope, flow - slope * (start - end)


def _carrying(network: Network) -> tuple[Link, ...]:
    """The links through which blood flows in the mean: not the heart's valves."""
    pumps = {store.node for store in network.stores if isinstance(store.law, VaryingStore)}
    return tuple(k for k in network.links if not isinstance(k, Valve) or not {k.start, k.end} & pumps)


def steady(network: Network, *, inflow: Mapping[str, float], held: Mapping[str, float]) -> Steady:
    """The mean state with `inflow` [m3/s] pushed into nodes and the heads [Pa] of others `held`.

    Heart valves are cut, other valves are open: a heart enters as what it pushes into the aorta and the heads of the
    atria. Every node must reach a held one; ValueError names one that does not.
    """
    lumens, links = Lumens(network), _carrying(network)
    node, joints = lumens.node, (*network.vessels, *links)
    ways = tuple((node[joint.start], node[joint.end]) for joint in joints)
    start, end = np.array(ways, dtype=np.intp).reshape(-1, 2).T
    stay = frozenset(node[name] for name in held if name in node)
    try:
        mesh = star_mesh(len(node), ways, stay)
    except ValueError:
        raise ValueError(f"no way from node '{_out_of_reach(node, ways, stay)}' to a node whose head is held") from None

    collapsing = [link for link in links if isinstance(link, StarlingResistor)]
    falls = Falls(network, collapsing, node)
    at = [i for i, joint in enumerate(joints) if isinstance(joint, StarlingResistor)]
    straight = [0.0 if isinstance(link, StarlingResistor) else 1.0 / link.resistance for link in links]
    conductance = np.array([0.0] * len(network.vessels) + straight)
    push, given, head = np.zeros(len(ways)), lumens.array(inflow), lumens.array({**network.initial_head, **held})
    opened, before = None, None  # `before`: the heads of the round before and its step
    for _ in range(COLLAPSE_ROUNDS if collapsing else ROUNDS):
        opened = lumens.openings(head, opened)
        conductance[: len(network.vessels)] = lumens.conductances(opened)
        conductance[at], push[at] = falls.tangent(head)
        source = given - np.bincount(start, push, len(node)) + np.bincount(end, push, len(node))
        found = mesh.heads(conductance, source, head)
        step = found - head
        ahead = found if before is None or not collapsing else _secant(found, step, *before)
        before, head = (found, step), ahead
        if np.max(np.abs(step), initial=0.0) < STILL:
            break
    head = found
    flow = push + conductance * (head[start] - head[end])
    names = (joint.name for joint in joints)
    return Steady(
        head={**held, **dict(zip(node, head.tolist(), strict=True))}, flow=dict(zip(names, flow.tolist(), strict=True))
    )


def _secant(found: Floats, step: Floats, found_before: Floats, step_before: Floats) -> Floats:
    """Where two rounds' steps would vanish, were they to change along a line: Anderson's method of depth 1."""
    change = step - step_before
    size = float(np.sum(change * change))
    return found - (float(np.sum(step * change)) / size) * (found - found_before) if size > 0.0 else found


def _out_of_reach(node: Mapping[str, int], ways: Iterable[tuple[int, int]], held: Iterable[int]) -> str:
    """The first node from which no way leads to a held one."""
    reached, frontier = set(held), list(held)
    neighbours: dict[int, list[int]] = {}
    for one, other in ways:
        neighbours.setdefault(one, []).append(other)
        neighbours.setdefault(other, []).append(one)
    while frontier:
        fresh = [n for n in neighbours.get(frontier.pop(), ()) if n not in reached]
        reached.update(fresh)
        frontier.extend(fresh)
    return next(name for name, k in node.items() if k not in reached)


def pressure_at(network: Network, head: Mapping[str, float], node: str) -> float:
    """Pressure [Pa] of resting blood at a node, from its head: H - rho g z."""
    return head.get(node, 0.0) - network.blood.density * network.gravity * network.heights.get(node, 0.0)


def initial_volumes(network: Network) -> dict[str, float]:
    """Volume [m3] of every vessel and store in the network's initial state; names are its keys.

    Heads vary linearly along a vessel; kinetic heads are left out.
    """
    head, lumens = network.initial_head, Lumens(network)
    lumina = lumens.volumes(lumens.array(head)).tolist()
    volumes = {vessel.name: volume for vessel, volume in zip(network.vessels, lumina, strict=True)}
    given = {source.node for source in network.pressure_sources}
    for store in network.stores:
        outside = 0.0 if store.around is None else head.get(store.around, 0.0)
        # Blood floats in a fluid that answers, which has its own weight; a given pressure and the air have none.
        afloat = store.around is not None and store.around not in given
        inside = head.get(store.node, 0.0) if afloat else pressure_at(network, head, store.node)
        volumes[store.name] = store.law.volume(inside - outside, network.period)
    return volumes
