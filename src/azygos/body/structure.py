"""How the parts of a network are joined, without any quantity."""

from typing import TypeAlias

from azygos.body.network import (
    CollapsibleStore,
    Expansion,
    Link,
    Network,
    StarlingResistor,
    StoreLaw,
    VaryingStore,
)

__all__ = ["Joints", "collapses", "joints_of"]

Joints: TypeAlias = tuple[tuple[object, ...], ...]


def joints_of(network: Network) -> Joints:
    """The kind, name and nodes of every part: equal for networks that differ in quantities alone."""
    return (
        tuple((vessel.name, vessel.start, vessel.end, vessel.around) for vessel in network.vessels),
        tuple((type(link), link.name, link.start, link.end, *_also_meets(link)) for link in network.links),
        tuple((type(s.law), collapses(s.law), s.name, s.node, s.around) for s in network.stores),
        tuple(regulation.link for regulation in network.regulations),
        tuple(source.node for source in network.flow_sources),
        tuple(source.node for source in network.pressure_sources),
    )


def _also_meets(link: Link) -> tuple[str | None, ...]:
    if isinstance(link, Expansion):
        return link.before, link.after
    return (link.around,) if isinstance(link, StarlingResistor) else ()


def collapses(law: StoreLaw) -> bool:
    """Whether a store of this law stiffens as it empties."""
    return isinstance(law, CollapsibleStore) or (isinstance(law, VaryingStore) and law.unstressed_volume > 0.0)
