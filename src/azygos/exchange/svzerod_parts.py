"""The parts of a lumped circulation as they are gathered from blocks, and the nodes at which blocks meet."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from azygos.body.network import (
    Channel,
    FlowSource,
    LinearStore,
    Link,
    Network,
    PressureSource,
    Store,
    Valve,
    VaryingStore,
)
from azygos.body.waveform import Waveform
from azygos.exchange.svzerod_form import Scale

__all__ = ["MARK", "Parts", "port"]

MARK = "\x1f"  # between a block and its port; stands in no name that a file can hold


def port(block: str, name: str = "") -> str:
    """Where a block can be joined: `in`, `out`, an inner place such as `c`, or the block as a whole."""
    return block + MARK + name


@dataclass(slots=True, kw_only=True)
class Parts:
    """Links, stores and sources between ports, of which those that are joined become one node."""

    scale: Scale  # of the numbers that are given
    links: list[Link] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)
    flows: list[FlowSource] = field(default_factory=list)
    held: list[PressureSource] = field(default_factory=list)
    joined: dict[str, str] = field(default_factory=dict)  # port -> another of its node, itself the first
    met: dict[str, int] = field(default_factory=dict)  # port -> how many were met before it

    def join(self, one: str, other: str) -> None:
        first, second = sorted((self.first(one), self.first(other)), key=self.met.__getitem__)
        self.joined[second] = first

    def first(self, port: str) -> str:
        """The first port of the node at which a port is."""
        self.joined.setdefault(port, port)
        self.met.setdefault(port, len(self.met))
        while self.joined[port] != port:
            self.joined[port] = self.joined[self.joined[port]]
            port = self.joined[port]
        return port

    def element(
        self, name: str, start: str, end: str, resistance: float, inertance: float = 0.0, quadratic: float = 0.0
    ) -> None:
        """A channel; with nothing in it, one node."""
        self.first(start), self.first(end)
        if not (resistance or inertance or quadratic):
            self.join(start, end)
            return
        scale = self.scale
        self.links.append(
            Channel(
                name=name,
                start=start,
                end=end,
                resistance=resistance * scale.resistance,
                inertance=inertance * scale.resistance,
                quadratic=quadratic * scale.quadratic,
            )
        )

    def capacitor(self, name: str, at: str, compliance: float, around: str | None = None) -> None:
        """A store; none without a compliance."""
        if compliance:
            law = LinearStore(elastance=1.0 / (compliance * self.scale.compliance))
            self.stores.append(Store(name=name, node=at, law=law, around=around))

    def chamber(self, name: str, at: str, elastance: Waveform, rest: float) -> None:
        law = VaryingStore(elastance=elastance, unstressed_volume=rest * self.scale.volume)
        self.stores.append(Store(name=name, node=at, law=law))

    def valve(self, name: str, start: str, end: str, least: float, most: float, rate: float) -> None:
        """A valve of resistance `least` when open and `most` when closed: resistance / leak^2."""
        self.links.append(
            Valve(
                name=name,
                start=start,
                end=end,
                resistance=least * self.scale.resistance,
                inertance=0.0,
                quadratic=0.0,
                opening_rate=rate,
                closing_rate=rate,
                leak=(least / most) ** 0.5,
            )
        )

    def hold(self, at: str, pressure: Waveform) -> None:
        self.held.append(PressureSource(node=at, pressure=pressure))

    def names(self, titled: Iterable[str]) -> dict[str, str]:
        """Port -> name of its node: that of the first of the `titled` blocks there, else of its first port."""
        ports = [port(block) for block in titled]
        known = {self.first(place): place for place in reversed(ports) if place in self.joined}
        return {place: _said(known.get(self.first(place), self.first(place))) for place in list(self.joined)}

    def network(self, network: Network, names: dict[str, str]) -> Network:
        """`network` with all parts, between nodes that bear their names."""
        ends = {joint for link in self.links for joint in (link.start, link.end)}
        busy = {self.first(joint) for joint in ends | {store.node for store in self.stores}}
        return replace(
            network,
            links=tuple(replace(link, start=names[link.start], end=names[link.end]) for link in self.links),
            stores=tuple(
                replace(s, node=names[s.node], around=None if s.around is None else names[s.around])
                for s in self.stores
            ),
            flow_sources=tuple(replace(f, node=names[f.node]) for f in self.flows if self.first(f.node) in busy),
            pressure_sources=tuple(replace(p, node=names[p.node]) for p in self.held),
        )


def _said(place: str) -> str:
    block, _, name = place.partition(MARK)
    return f"{block}.{name}" if name else block
