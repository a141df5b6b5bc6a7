"""Which links and stores of a network make up one block of svZeroDSolver's."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from azygos.body.network import Channel, Expansion, LinearStore, Link, Network, PressureSource, Store
from azygos.body.waveform import Constant, Waveform

__all__ = ["Boundary", "Tube", "boundaries", "tubes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tube:
    """A BloodVessel, or with `early` a BloodVesselCRL, in SI."""

    name: str
    start: str
    end: str
    resistance: float = 0.0
    compliance: float = 0.0
    inertance: float = 0.0
    quadratic: float = 0.0
    early: bool = False  # the compliance lies before the resistance
    middle: str = ""  # the node of the compliance, between both ends
    made_of: frozenset[int] = frozenset()  # ids of links and stores


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """A RESISTANCE, an RCR or a CORONARY at `node`, in SI."""

    kind: str
    name: str
    node: str
    numbers: dict[str, float]
    waves: dict[str, Waveform]  # pressures
    made_of: frozenset[int]  # ids of links, stores and sources


class _Shapes:
    """What meets at every node of a network."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.links: dict[str, list[Link]] = {}
        self.stores: dict[str, list[Store]] = {}
        for link in network.links:
            for node in (link.start, link.end):
                self.links.setdefault(node, []).append(link)
        for store in network.stores:
            self.stores.setdefault(store.node, []).append(store)
        self.held = {source.node: source for source in network.pressure_sources}
        self.driven = {source.node for source in network.flow_sources}
        self.busy = {node for vessel in network.vessels for node in (vessel.start, vessel.end)} | self.driven

    def onward(self, node: str, before: Link) -> Link | None:
        """The only other link at an inner node, if it leads away from it."""
        others = [link for link in self.links[node] if link is not before]
        inner = node not in self.busy and node not in self.held
        return others[0] if inner and len(others) == 1 and others[0].start == node else None

    def soft(self, node: str) -> Store | None:
        """The only store at a node, if a compliance is all that it is."""
        stores = self.stores.get(node, [])
        return stores[0] if len(stores) == 1 and _plain_store(stores[0]) else None

    def end(self, link: Link) -> PressureSource | None:
        """The pressure beyond a link, if nothing else meets it."""
        node = link.end
        alone = len(self.links[node]) == 1 and node not in self.busy and node not in self.stores
        return self.held.get(node) if alone and isinstance(link, Channel) and _resistive(link) else None

    def windkessel(self, near: Link) -> Boundary | None:
        store, far = self.soft(near.end), self.onward(near.end, near)
        beyond = self.end(far) if far is not None else None
        if store is None or far is None or beyond is None or store.around is not None or not _resistor(near):
            return None
        if not isinstance(beyond.pressure, Constant) or store.name == f"{near.name}.c":  # a tube and a resistance
            return None
        return Boundary(
            kind="RCR",
            name=near.name.removesuffix(".Rp"),
            node=near.start,
            numbers={"Rp": near.resistance, "C": _compliance(store), "Rd": far.resistance},
            waves={"Pd": beyond.pressure},
            made_of=_ids(near, store, far, beyond),
        )

    def coronary(self, first: Link) -> Boundary | None:
        artery, second = self.soft(first.end), self.onward(first.end, first)
        if artery is None or artery.around is not None or second is None:
            return None
        muscle, third = self.soft(second.end), self.onward(second.end, second)
        beyond = self.end(third) if third is not None else None
        if muscle is None or muscle.around is None or third is None or beyond is None:
            return None
        around = self.held.get(muscle.around)
        if around is None or muscle.around in self.links or not (_resistor(first) and _resistor(second)):
            return None
        return Boundary(
            kind="CORONARY",
            name=first.name.removesuffix(".Ra1"),
            node=first.start,
            numbers={
                "Ra1": first.resistance,
                "Ra2": second.resistance,
                "Rv1": third.resistance,
                "Ca": _compliance(artery),
                "Cc": _compliance(muscle),
            },
            waves={"Pim": around.pressure, "P_v": beyond.pressure},
            made_of=_ids(first, artery, second, muscle, third, around, beyond),
        )

    def resistance(self, link: Link) -> Boundary | None:
        beyond = self.end(link)
        if beyond is None or link.end != f"{link.name}.out":  # a tube that ends at a pressure
            return None
        return Boundary(
            kind="RESISTANCE",
            name=link.name,
            node=link.start,
            numbers={"R": link.resistance},
            waves={"Pd": beyond.pressure},
            made_of=_ids(link, beyond),
        )


def boundaries(network: Network) -> Iterator[Boundary]:
    """The outlets of a network, each once."""
    shapes, taken = _Shapes(network), set[int]()
    for find in (shapes.coronary, shapes.windkessel, shapes.resistance):
        for link in network.links:
            found = find(link) if id(link) not in taken else None
            if found is not None and not found.made_of & taken:
                taken |= found.made_of
                yield found


def tubes(network: Network, taken: frozenset[int]) -> Iterator[Tube]:
    """The channels of a network that are not `taken`, with the compliances that bear their names or their nodes."""
    shapes = _Shapes(network)
    links = {link.name: link for link in network.links if isinstance(link, Channel) and id(link) not in taken}
    stores = {s.name: s for s in network.stores if _plain_store(s) and s.around is None and id(s) not in taken}
    onward: set[str] = set()  # the inertances that belong to another's tube
    for name, link in links.items():
        store, after = stores.get(f"{name}.c"), links.get(f"{name}.L")
        alone = store is not None and after is not None and shapes.onward(store.node, link) is after
        if alone and after is not None and not after.resistance and not after.quadratic and not link.inertance:
            onward.add(after.name)
    for name, link in links.items():
        if name in onward:
            continue
        own = name.removesuffix(".L")
        store, after = stores.get(f"{own}.c"), links.get(f"{name}.L")
        tube = Tube(
            name=name,
            start=link.start,
            end=link.end,
            resistance=link.resistance,
            inertance=link.inertance,
            quadratic=link.quadratic,
            made_of=_ids(link),
        )
        bare = own not in links and not (link.resistance or link.quadratic)  # an inertance behind a compliance
        if store is None or (own != name and not bare):
            yield tube
            continue
        full = replace(tube, compliance=_compliance(store), made_of=_ids(link, store))
        if own != name and store.node == link.start:
            yield replace(full, name=own)
        elif after is not None and after.name in onward and store.node == link.end:
            made_of = _ids(link, store, after)
            yield replace(full, end=after.end, middle=store.node, inertance=after.inertance, made_of=made_of)
        elif own == name and store.node == link.end and not link.inertance and link.resistance:
            yield full
        elif own == name and store.node == link.start:
            yield replace(full, early=True)
        else:
            yield tube


def _ids(*parts: object) -> frozenset[int]:
    return frozenset(map(id, parts))


def _plain_store(store: Store) -> bool:
    return isinstance(store.law, LinearStore) and not store.law.unstressed_volume


def _compliance(store: Store) -> float:
    assert isinstance(store.law, LinearStore)
    return 1.0 / store.law.elastance


def _resistive(link: Channel) -> bool:
    return not link.inertance and not link.quadratic


def _resistor(link: Link) -> bool:
    """Whether a link is a resistance and no more, where there is no kinetic head to lose."""
    return (isinstance(link, Channel) and _resistive(link)) or (isinstance(link, Expansion) and link.after is None)
