"""What changes too slowly to be seen from one beat to the next: fluid that seeps, and the tone of regulated beds.

Cerebrospinal fluid is made and absorbed at 0.35 mL/min behind resistances so large that intracranial pressure takes
some ten minutes to settle: in a beat it moves by a thousandth of the way, so that no change per beat tells how far
it is from rest. But why it moves is known: a store fills at the mean rate n at which fluid seeps in through its
links, and it rests at those heads H + d at which their flows have changed by as much:

    n + sum over its links of [ q(H + d) - q(H) ] = 0

with q the law of a channel or a Starling resistor and H the mean heads of the last period. All slow stores are
solved together by Newton's method (each q rises with the head before it and falls with that behind it: the matrix
is an M-matrix). d is the distance to rest, zero if and only if nothing seeps on balance. What swells inside a store's
space displaces its fluid without adding any, so n is taken from the fluid alone.

Likewise the tone x of a regulated bed: tau dx/dt = q / q_n - 1 - x, with q in inverse proportion to its resistance.
"""

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import Channel, CollapsibleStore, LinearStore, Network, StarlingResistor, Store, VaryingStore
from azygos.engine.compile import Compiled
from azygos.engine.kernel import Lane
from azygos.engine.monitor import Means
from azygos.engine.parameters import given_surroundings, weight
from azygos.units import mmHg

__all__ = ["Lag", "Slow"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.intp]
Slopes: TypeAlias = tuple[float, float, float]

_SLOW = 0.02  # of its way to rest goes a store of blood in a period, at most, to be called slow
_LARGEST = 10.0 * mmHg  # that a store is moved at once
_LEAST_FLOW = 1e-12  # [m3/s]; below it a flow counts as none
_LEAST_SHARE = 0.1  # of its normal flow, with which a regulated bed is reckoned at least
_ROUNDS = 50  # of Newton's method, at most
_STILL = 1e-10  # so small a step of a tone is the last: the next would be its square


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How far the slow parts are from rest."""

    head: Floats  # per slow store, to be added [Pa]
    volume: Floats  # and what it then holds more [m3]
    tone: Floats  # per regulation, to be added
    distance: (
        float  # the largest, relative: of heads, of what seeps on balance to what seeps through, of regulated flows
    )
    where: str  # and the store or link


@dataclass(frozen=True, slots=True)
class _Pipe:
    """A link at a slow store; a slow node is given by its number there, any other by -1."""

    link: Channel | StarlingResistor
    index: int
    nodes: tuple[int, int, int]  # start, end, around (start again for a channel)
    slow: tuple[int, int, int]
    weight: float  # of the column of blood, as in the kernel

    def flow(self, heads: Sequence[float], resistance: float) -> tuple[float, Slopes]:
        """Flow [m3/s] and its slopes along the heads of start, end and surroundings."""
        start, end, around = heads
        if isinstance(self.link, Channel):
            return (start - end) / resistance, (1.0 / resistance, -1.0 / resistance, 0.0)
        before, behind = start - around - self.weight, end - around - self.weight
        sharpness = self.link.sharpness
        size, rear = math.hypot(before, sharpness), math.hypot(behind, sharpness)
        rise, fall = 0.5 * (1.0 + before / size) / resistance, 0.5 * (1.0 + behind / rear) / resistance
        return 0.5 * (start - end + size - rear) / resistance, (rise, -fall, fall - rise)


class Slow:
    """The slow parts of one patient."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        network, node, stores = compiled.network, compiled.node_index, compiled.stores
        given = given_surroundings(network)
        lifted = [weight(network, s.around, network.heights.get(s.node, 0.0), given) for s in stores]
        quiet = _quiet(network)
        soft = [_compliance(network, store, by) for store, by in zip(stores, lifted, strict=True)]
        self._index = np.array(
            [i for i, s in enumerate(stores) if _is_slow(network, s, quiet.get(s.node), soft[i])], dtype=np.intp
        )
        self.stores = tuple(stores[i] for i in self._index)
        self._lifted = [lifted[i] for i in self._index]
        self._node = np.array([node[s.node] for s in self.stores], dtype=np.intp)
        self._pipes = _pipes(compiled, {s.node: k for k, s in enumerate(self.stores)})
        self._inside = [_inside(compiled, s.node) for s in self.stores]
        p = compiled.parameters
        self._length = np.where(p["inverse_length"] > 0.0, p["length"], 0.0)
        own = set(self._index.tolist())
        lends = [k not in own and _lends(store, given) for k, store in enumerate(stores)]
        donors = np.where(np.array(lends, dtype=bool), np.array(soft), 0.0)
        self._donors: Floats = donors / (float(np.sum(donors)) or 1.0)

    def volumes(self, area: Floats, volume: Floats) -> Floats:
        """Volume of each slow store without what lies inside its space [m3]."""
        contents = [
            float(np.sum(self._length[cells] * area[cells])) + float(volume[held].sum()) for cells, held in self._inside
        ]
        return np.asarray(volume[self._index] - np.array(contents))

    def lag(self, lane: Lane, start: Floats, means: Means, period: float) -> Lag:
        """From the state at the start of a period, the lane at its end, and the means between them."""
        area, volume = lane.place("area"), lane.place("volume")
        gained = self.volumes(lane.state[area], lane.state[volume]) - self.volumes(start[area], start[volume])
        head = self._distance(gained / period, means.head, lane["resistance"])
        through = np.full(len(self.stores), _LEAST_FLOW)
        for pipe in self._pipes:
            for k in set(pipe.slow[:2]) - {-1}:
                through[k] += 0.5 * abs(means.link_flow[pipe.index])
        unrest = np.maximum(
            np.abs(head) / np.maximum(np.abs(means.head[self._node]), mmHg), np.abs(gained) / period / through
        )
        tone, strain = self._tone(lane, start, period)
        distance, where = self._farthest(unrest, strain)
        head = np.clip(head, -_LARGEST, _LARGEST)
        return Lag(head=head, volume=self._held(means.head, head), tone=tone, distance=distance, where=where)

    def _farthest(self, unrest: Floats, strain: Floats) -> tuple[float, str]:
        """The largest distance of stores and regulated links, and which of them it is."""
        every = np.concatenate([unrest, strain])
        if not every.size:
            return 0.0, ""
        k, rules = int(np.argmax(every)), self.compiled.network.regulations
        return float(every[k]), self.stores[k].name if k < unrest.size else rules[k - unrest.size].link

    def settled(self, lane: Lane, state: Floats, lag: Lag) -> Floats:
        """A state with its slow parts moved to where they would rest; all blood and fluid together stay the same.

        What a store of fluid gains is taken from the soft stores of blood, in proportion to their compliance.
        """
        moved = state.copy()
        gain = np.zeros(len(lane["volume"]))
        if self._donors.any() or not self.compiled.network.is_closed:
            gain[self._index] = lag.volume
            gain[: self._donors.size] -= self._donors * np.sum(lag.volume)
            for name in ("head", "head_old"):
                moved[lane.place(name)][self._node] += lag.head
        for name, by in (("volume", gain), ("tone", lag.tone)):
            moved[lane.place(name)][: len(by)] += by
            moved[lane.place(f"{name}_old")][: len(by)] += by
        return moved

    def _distance(self, net: Floats, heads: Floats, resistance: Floats) -> Floats:
        """The d of the equation above [Pa]."""
        # A handful of numbers: plain ones are ten times as fast as arrays.
        known = [(pipe, [float(heads[k]) for k in pipe.nodes], float(resistance[pipe.index])) for pipe in self._pipes]
        before = [pipe.flow(here, opposed)[0] for pipe, here, opposed in known]
        moved = [0.0] * net.size
        for _ in range(_ROUNDS if moved else 0):
            rest, slopes = net.tolist(), [[0.0] * net.size for _ in moved]
            for (pipe, here, opposed), first in zip(known, before, strict=True):
                shifted = [head + (moved[k] if k >= 0 else 0.0) for head, k in zip(here, pipe.slow, strict=True)]
                flow, slope = pipe.flow(shifted, opposed)
                for k, sign in ((pipe.slow[0], -1.0), (pipe.slow[1], 1.0)):
                    if k >= 0:
                        rest[k] += sign * (flow - first)
                        for other, by in zip(pipe.slow, slope, strict=True):
                            if other >= 0:
                                slopes[k][other] += sign * by
            step = [-by for by in _least(slopes, rest)]
            moved = [d + min(max(by, -_LARGEST), _LARGEST) for d, by in zip(moved, step, strict=True)]
            if all(abs(by) <= 1e-9 * mmHg for by in step):
                break
        return np.array(moved)

    def _held(self, heads: Floats, head: Floats) -> Floats:
        """What each store holds more at a head so much higher [m3]."""
        network, node = self.compiled.network, self.compiled.node_index
        more = []
        for store, k, lifted, by in zip(self.stores, self._node, self._lifted, head, strict=True):
            outside = heads[node[store.around]] if store.around is not None else 0.0
            now = float(heads[k] - outside) - lifted
            more.append(store.law.volume(now + by, network.period) - store.law.volume(now, network.period))
        return np.asarray(np.nan_to_num(np.array(more, dtype=float)))

    def _tone(self, lane: Lane, start: Floats, period: float) -> tuple[Floats, Floats]:
        """What is to be added to each tone, and by how much the regulated flow is then another, relatively."""
        count = len(self.compiled.network.regulations)
        before, after = start[lane.place("tone")][:count], lane["tone"][:count]
        mean, p = 0.5 * (before + after), self.compiled.parameters
        flow = 1.0 + mean + p["response_time"] * (after - before) / period  # q / q_n, from the tone's equation
        drive = np.maximum(flow, _LEAST_SHARE) * self._resistance(mean)[0]
        more = self._at_rest(drive, mean) - mean
        return more, np.abs(more) / np.maximum(1.0 + mean, _LEAST_SHARE)

    def _at_rest(self, drive: Floats, near: Floats) -> Floats:
        """The tone x at which (1 + x) R(x) is `drive`, by Newton's method from `near` on, in bounds that close in."""
        low, high = np.full_like(drive, -1.0), drive / (1.0 - self.compiled.parameters["widening"])
        x = np.clip(near, low, high)
        for _ in range(_ROUNDS):
            resistance, slope = self._resistance(x)
            excess = (1.0 + x) * resistance - drive
            low, high = np.where(excess > 0.0, low, x), np.where(excess > 0.0, x, high)
            tried = x - excess / (resistance + (1.0 + x) * slope)
            better = np.where((tried >= low) & (tried <= high), tried, 0.5 * (low + high))
            step, x = np.max(np.abs(better - x), initial=0.0), better
            if step <= _STILL:
                break
        return x

    def _resistance(self, tone: Floats) -> tuple[Floats, Floats]:
        """Of the regulated beds, relative to their normal one, and its slope along the tone."""
        p = self.compiled.parameters
        y = p["gain"] * tone
        bend = 1.0 / np.hypot(1.0, y / np.where(y > 0.0, p["narrowing"], p["widening"]))
        return 1.0 + y * bend, p["gain"] * bend * bend * bend


def _quiet(network: Network) -> Mapping[str, list[Channel | StarlingResistor]]:
    """The nodes that only channels and Starling resistors meet, with these; what a flow source gives is in the gain."""
    meets: dict[str, list[Channel | StarlingResistor]] = {}
    loud = {node for vessel in network.vessels for node in (vessel.start, vessel.end)}
    loud |= {source.node for source in network.pressure_sources}
    for link in network.links:
        for node in (link.start, link.end):
            if isinstance(link, (Channel, StarlingResistor)):
                meets.setdefault(node, []).append(link)
            else:
                loud.add(node)
    return {node: links for node, links in meets.items() if node not in loud}


def _is_slow(network: Network, store: Store, links: list[Channel | StarlingResistor] | None, compliance: float) -> bool:
    """Whether a store is of fluid, or goes but a small part of its way to rest in a period."""
    if links is None or isinstance(store.law, VaryingStore):
        return False
    rate = sum(1.0 / link.resistance if link.resistance else np.inf for link in links) / compliance
    return not store.is_blood or bool(rate * network.period < _SLOW)


def _compliance(network: Network, store: Store, lifted: float) -> float:
    """At the initial heads [m3/Pa]; `lifted` is the weight [Pa] that its head holds and its law does not."""
    head = network.initial_head.get(store.node, 0.0)
    outside = network.initial_head.get(store.around, 0.0) if store.around is not None else 0.0
    inside = head - outside - lifted
    return store.law.volume(inside + 1.0, network.period) - store.law.volume(inside, network.period)


def _least(matrix: list[list[float]], right: list[float]) -> list[float]:
    """The least x of those that come nearest to matrix x = right."""
    if len(right) == 1:
        return [right[0] / matrix[0][0] if matrix[0][0] else 0.0]
    found: list[float] = np.linalg.lstsq(np.array(matrix), np.array(right), rcond=1e-12)[0].tolist()
    return found


def _pipes(compiled: Compiled, number: Mapping[str, int]) -> list[_Pipe]:
    node, weights = compiled.node_index, iter(compiled.parameters["starling_weight"])
    found = []
    for index, link in enumerate(compiled.network.links):
        weight = float(next(weights)) if isinstance(link, StarlingResistor) else 0.0
        if not isinstance(link, (Channel, StarlingResistor)) or number.keys().isdisjoint((link.start, link.end)):
            continue
        names = (link.start, link.end, link.around if isinstance(link, StarlingResistor) else link.start)
        nodes, slow = tuple(node[name] for name in names), tuple(number.get(name, -1) for name in names)
        found.append(_Pipe(link, index, (nodes[0], nodes[1], nodes[2]), (slow[0], slow[1], slow[2]), weight))
    return found


def _lends(store: Store, given: Container[str | None]) -> bool:
    """Whether a store of blood lends what fluid needs."""
    return isinstance(store.law, (LinearStore, CollapsibleStore)) and store.is_blood and store.around in given


def _inside(compiled: Compiled, node: str) -> tuple[Ints, Ints]:
    """The cells and the stores that lie in the space at a node."""
    around = [v for v, vessel in enumerate(compiled.network.vessels) if vessel.around == node]
    cells = [np.arange(compiled.slots(v).start, compiled.slots(v).stop) for v in around]
    held = [i for i, store in enumerate(compiled.stores) if store.around == node]
    return np.concatenate([np.zeros(0, dtype=np.intp), *cells]), np.array(held, dtype=np.intp)
