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

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import Channel, CollapsibleStore, LinearStore, Network, StarlingResistor, Store, VaryingStore
from azygos.engine.compile import Compiled
from azygos.engine.kernel import Kernel, Record
from azygos.engine.parameters import weight
from azygos.engine.topology import in_order
from azygos.units import mmHg

__all__ = ["Lag", "Slow"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.intp]

_SLOW = 0.02  # of its way to rest goes a store of blood in a period, at most, to be called slow
_LARGEST = 10.0 * mmHg  # that a store is moved at once
_LEAST_FLOW = 1e-12  # [m3/s]; below it a flow counts as none
_LEAST_SHARE = 0.1  # of its normal flow, with which a regulated bed is reckoned at least
_ROUNDS = 50  # of Newton's method
_HALVINGS = 60  # of bisection


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

    def flow(self, heads: Floats, resistance: float) -> tuple[float, tuple[float, float, float]]:
        """Flow [m3/s] and its slopes along the heads of start, end and surroundings."""
        if isinstance(self.link, Channel):
            slope = 1.0 / resistance
            return float(heads[0] - heads[1]) * slope, (slope, -slope, 0.0)
        pressure = heads[:2] - heads[2] - self.weight
        size = np.hypot(pressure, self.link.sharpness)
        start, end = 0.5 * (1.0 + pressure / size) / resistance
        flow = 0.5 * (heads[0] - heads[1] + size[0] - size[1]) / resistance
        return float(flow), (float(start), -float(end), float(end - start))


class Slow:
    """The slow parts of one patient."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        network, node = compiled.network, compiled.node_index
        stores = in_order(network.stores)
        quiet = _quiet(network)
        self._index = np.array(
            [i for i, s in enumerate(stores) if _is_slow(network, s, quiet.get(s.node))], dtype=np.intp
        )
        self.stores = tuple(stores[i] for i in self._index)
        self._node = np.array([node[s.node] for s in self.stores], dtype=np.intp)
        number = {s.node: k for k, s in enumerate(self.stores)}
        self._pipes = _pipes(compiled, number)
        self._inside = [_inside(compiled, s.node) for s in self.stores]
        p = compiled.parameters
        self._length = np.where(p["inverse_length"] > 0.0, p["length"], 0.0)
        soft = [_softness(network, store) if k not in self._index else 0.0 for k, store in enumerate(stores)]
        self._donors: Floats = np.array(soft) / (sum(soft) or 1.0)

    def volumes(self, area: Floats, volume: Floats) -> Floats:
        """Volume of each slow store without what lies inside its space [m3]."""
        contents = [
            float(np.dot(self._length[cells], area[cells])) + float(volume[held].sum()) for cells, held in self._inside
        ]
        return np.asarray(volume[self._index] - np.array(contents))

    def lag(self, kernel: Kernel, start: Floats, record: Record, period: float) -> Lag:
        """From the state at the start of a period, the kernel at its end, and the record between them."""
        area, volume = kernel.place("area"), kernel.place("volume")
        gained = self.volumes(kernel.state[area], kernel.state[volume]) - self.volumes(start[area], start[volume])
        heads, flows = record.head[:, :, 0].mean(0), record.link_flow[:, :, 0].mean(0)
        resistance = kernel["resistance"][:, 0]
        head = self._distance(gained / period, heads, resistance)
        through = np.full(len(self.stores), _LEAST_FLOW)
        for pipe in self._pipes:
            for k in set(pipe.slow[:2]) - {-1}:
                through[k] += 0.5 * abs(flows[pipe.index])
        unrest = np.maximum(
            np.abs(head) / np.maximum(np.abs(heads[self._node]), mmHg), np.abs(gained) / period / through
        )
        tone, strain = self._tone(kernel, start, period)
        found = [*zip(unrest, (s.name for s in self.stores), strict=True)]
        found += zip(strain, (rule.link for rule in self.compiled.network.regulations), strict=True)
        distance, where = max(found, default=(0.0, ""))
        head = np.clip(head, -_LARGEST, _LARGEST)
        return Lag(head=head, volume=self._held(heads, head), tone=tone, distance=float(distance), where=where)

    def settled(self, kernel: Kernel, state: Floats, lag: Lag) -> Floats:
        """A state with its slow parts moved to where they would rest; all blood and fluid together stay the same.

        What a store of fluid gains is taken from the soft stores of blood, in proportion to their compliance.
        """
        moved = state.copy()
        gain = np.zeros(kernel.extents["stores"])
        if self._donors.any() or not self.compiled.network.is_closed:
            gain[self._index] = lag.volume
            gain -= self._donors * np.sum(lag.volume)
            for name in ("head", "head_old"):
                moved[kernel.place(name)][self._node] += lag.head
        for name, by in (("volume", gain), ("tone", lag.tone)):
            moved[kernel.place(name)] += by
            moved[kernel.place(f"{name}_old")] += by
        return moved

    def _distance(self, net: Floats, heads: Floats, resistance: Floats) -> Floats:
        """The d of the equation above [Pa]."""
        moved, before = (
            np.zeros_like(net),
            {p.index: p.flow(heads[[*p.nodes]], resistance[p.index])[0] for p in self._pipes},
        )
        for _ in range(_ROUNDS if net.size else 0):
            rest, slopes = net.copy(), np.zeros((net.size, net.size))
            for pipe in self._pipes:
                shift = np.array([moved[k] if k >= 0 else 0.0 for k in pipe.slow])
                flow, slope = pipe.flow(heads[[*pipe.nodes]] + shift, resistance[pipe.index])
                for k, sign in ((pipe.slow[0], -1.0), (pipe.slow[1], 1.0)):
                    if k >= 0:
                        rest[k] += sign * (flow - before[pipe.index])
                        for other, by in zip(pipe.slow, slope, strict=True):
                            if other >= 0:
                                slopes[k, other] += sign * by
            step = -np.linalg.lstsq(slopes, rest, rcond=1e-12)[0]
            moved = moved + np.clip(step, -_LARGEST, _LARGEST)
            if np.all(np.abs(step) <= 1e-9 * mmHg):
                break
        return moved

    def _held(self, heads: Floats, head: Floats) -> Floats:
        """What each store holds more at a head so much higher [m3]."""
        network, node = self.compiled.network, self.compiled.node_index
        more = []
        for store, k, by in zip(self.stores, self._node, head, strict=True):
            outside = heads[node[store.around]] if store.around is not None else 0.0
            now = float(heads[k] - outside) - _weight(network, store)
            more.append(store.law.volume(now + by, network.period) - store.law.volume(now, network.period))
        return np.asarray(np.nan_to_num(np.array(more, dtype=float)))

    def _tone(self, kernel: Kernel, start: Floats, period: float) -> tuple[Floats, Floats]:
        """What is to be added to each tone, and by how much the regulated flow is then another, relatively."""
        before, after = start[kernel.place("tone")], kernel["tone"][:, 0]
        count = len(self.compiled.network.regulations)
        mean, p = 0.5 * (before + after)[:count], self.compiled.parameters
        flow = 1.0 + mean + p["response_time"] * (after - before)[:count] / period  # q / q_n, from the tone's equation
        drive = np.maximum(flow, _LEAST_SHARE) * self._resistance(mean)
        low, high = np.full(count, -1.0), drive / (1.0 - p["widening"])
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            above = (1.0 + middle) * self._resistance(middle) > drive
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        more = 0.5 * (low + high) - mean
        return more, np.abs(more) / np.maximum(1.0 + mean, _LEAST_SHARE)

    def _resistance(self, tone: Floats) -> Floats:
        """Of the regulated beds, relative to their normal one."""
        p = self.compiled.parameters
        y = p["gain"] * tone
        return np.asarray(1.0 + y / np.hypot(1.0, y / np.where(y > 0.0, p["narrowing"], p["widening"])))


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


def _is_slow(network: Network, store: Store, links: list[Channel | StarlingResistor] | None) -> bool:
    """Whether a store is of fluid, or goes but a small part of its way to rest in a period."""
    if links is None or isinstance(store.law, VaryingStore):
        return False
    rate = sum(1.0 / link.resistance if link.resistance else np.inf for link in links) / _compliance(network, store)
    return not store.is_blood or bool(rate * network.period < _SLOW)


def _compliance(network: Network, store: Store) -> float:
    """At the initial heads [m3/Pa]."""
    head = network.initial_head.get(store.node, 0.0)
    outside = network.initial_head.get(store.around, 0.0) if store.around is not None else 0.0
    inside = head - outside - _weight(network, store)
    lower, upper = (store.law.volume(inside + by, network.period) for by in (0.0, 1.0))
    return upper - lower


def _weight(network: Network, store: Store) -> float:
    """Hydrostatic pressure at a store's node that its head holds and its law does not [Pa]."""
    return float(weight(network, store.around, np.array(network.heights.get(store.node, 0.0))))


def _softness(network: Network, store: Store) -> float:
    """The compliance of a store of blood that lends what fluid needs; 0 for others."""
    lends = isinstance(store.law, (LinearStore, CollapsibleStore)) and store.is_blood
    held = {source.node for source in network.pressure_sources}
    return _compliance(network, store) if lends and (store.around is None or store.around in held) else 0.0


def _pipes(compiled: Compiled, number: Mapping[str, int]) -> list[_Pipe]:
    node, weights = compiled.node_index, iter(compiled.parameters["starling_weight"])
    found = []
    for index, link in enumerate(compiled.network.links):
        weight = float(next(weights)) if isinstance(link, StarlingResistor) else 0.0
        if not isinstance(link, (Channel, StarlingResistor)) or not {link.start, link.end} & number.keys():
            continue
        names = (link.start, link.end, link.around if isinstance(link, StarlingResistor) else link.start)
        nodes, slow = tuple(node[name] for name in names), tuple(number.get(name, -1) for name in names)
        found.append(_Pipe(link, index, (nodes[0], nodes[1], nodes[2]), (slow[0], slow[1], slow[2]), weight))
    return found


def _inside(compiled: Compiled, node: str) -> tuple[Ints, Ints]:
    """The cells and the stores that lie in the space at a node."""
    around = [v for v, vessel in enumerate(compiled.network.vessels) if vessel.around == node]
    cells = [np.arange(compiled.slots(v).start, compiled.slots(v).stop) for v in around]
    held = [i for i, store in enumerate(in_order(compiled.network.stores)) if store.around == node]
    return np.concatenate([np.zeros(0, dtype=np.intp), *cells]), np.array(held, dtype=np.intp)
