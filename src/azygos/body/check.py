"""What is wrong with a network, said before anything is solved."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

from azygos.body.glance import sound
from azygos.body.network import Autoregulation, Channel, Expansion, Network, StarlingResistor, VaryingStore, Vessel
from azygos.body.sizes import Finding, Place, findings_of_sizes
from azygos.body.structure import joints_of
from azygos.errors import Problem, close_matches, near_matches

__all__ = ["Place", "problems_of"]


def problems_of(network: Network, locate: Callable[[Place], str] | None = None, whole: bool = True) -> list[Problem]:
    """All that is wrong with a network; empty when it can be solved.

    `locate` turns a place into the file and line it was read from; without it a problem is where
    the block is: "vessel 'ijv_r'". Without `whole` the parts are checked, but not how they join: for
    a network of which some parts could not be read.
    """
    if whole and sound(network) and _well_joined(_Joined(network)):
        return []
    found: list[Finding] = [*findings_of_sizes(network), *_names(network)]
    if whole:
        found += [*_node_names(network), *_topology(network)]
    if locate is None:
        return [Problem(what, str(place), remedy) for place, what, remedy in found]
    return [Problem(f"{place}: {what}", locate(place), remedy) for place, what, remedy in found]


class _Joined:
    """A network, the same for a cache as any other that differs from it in quantities alone."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.joints = (joints_of(network), tuple(network.heights), tuple(network.initial_head))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Joined) and self.joints == other.joints

    def __hash__(self) -> int:
        return hash(self.joints)


@lru_cache(maxsize=64)
def _well_joined(joined: _Joined) -> bool:
    """Whether nothing is wrong with names and with what meets what."""
    network = joined.network
    return not [*_names(network), *_node_names(network), *_topology(network)]


# Names


def _names(network: Network) -> Iterator[Finding]:
    yield from _twice("vessel", (vessel.name for vessel in network.vessels))
    yield from _twice("link", (link.name for link in network.links))
    yield from _twice("store", (store.name for store in network.stores))
    yield from _twice("inflow", (source.node for source in network.flow_sources))
    yield from _twice("pressure", (source.node for source in network.pressure_sources))
    for block in (*network.vessels, *network.links):
        if block.start == block.end:
            kind = "vessel" if isinstance(block, Vessel) else "link"
            yield Place(kind, block.name, "end"), f"starts and ends at node '{block.start}'", "name two nodes"
    vessels = {vessel.name: vessel for vessel in network.vessels}
    for link in network.links:
        if isinstance(link, Expansion):
            yield from _expansion(link, vessels)
    yield from _twice("regulation", (regulation.link for regulation in network.regulations))
    for regulation in network.regulations:
        yield from _regulated(network, regulation)


def _regulated(network: Network, regulation: Autoregulation) -> Iterator[Finding]:
    links, place = {link.name: link for link in network.links}, Place("regulation", regulation.link, "link")
    link = links.get(regulation.link)
    if link is None:
        yield place, f"there is no link '{regulation.link}'", close_matches(regulation.link, links)
    elif not isinstance(link, Channel):
        yield place, f"link '{link.name}' is no channel", "only the resistance of a channel can be regulated"
    elif link.resistance == 0.0:
        yield place, f"link '{link.name}' has no resistance to regulate", "give it one"


def _node_names(network: Network) -> Iterator[Finding]:
    """Sources and surroundings must name nodes that something else makes."""
    joined = {node for joint in (*network.vessels, *network.links) for node in (joint.start, joint.end)}
    joined |= {store.node for store in network.stores}
    kept = {source.node for source in network.pressure_sources}
    around = [("vessel", vessel.name, vessel.around) for vessel in network.vessels if vessel.around is not None]
    around += [("store", store.name, store.around) for store in network.stores if store.around is not None]
    around += [("link", link.name, link.around) for link in network.links if isinstance(link, StarlingResistor)]
    for kind, name, node in around:
        if node not in joined | kept:
            what = f"is surrounded by node '{node}', where there is no store and no pressure"
            yield Place(kind, name, "around"), what, close_matches(node, joined | kept)
    for flow in network.flow_sources:
        if flow.node not in joined:
            what = f"flows into node '{flow.node}', which no vessel, link or store names"
            yield Place("inflow", flow.node), what, close_matches(flow.node, joined)
    for pressure in network.pressure_sources:
        if pressure.node not in joined | {node for _, _, node in around}:
            what = f"holds node '{pressure.node}', which no vessel, link or store names"
            yield Place("pressure", pressure.node), what, close_matches(pressure.node, joined)
    known = set(network.nodes)
    for kind, values in (("height", network.heights), ("initial head", network.initial_head)):
        for node in values:
            if node not in known:
                yield Place(kind, node), f"there is no node '{node}'", close_matches(node, known)


def _twice(kind: str, names: Iterable[str]) -> Iterator[Finding]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Place(kind, name), f"is given {count} times", "rename or remove one"
        if not name:
            yield Place(kind, name), "has no name", "name it"


def _expansion(link: Expansion, vessels: Mapping[str, Vessel]) -> Iterator[Finding]:
    for field, name, node in (("before", link.before, link.start), ("after", link.after, link.end)):
        if name is None:
            continue
        place = Place("link", link.name, field)
        vessel = vessels.get(name)
        if vessel is None:
            yield place, f"there is no vessel '{name}' {field} it", close_matches(name, vessels)
        elif (vessel.end if field == "before" else vessel.start) != node:
            verb, has = ("end", vessel.end) if field == "before" else ("start", vessel.start)
            yield place, f"vessel '{name}' must {verb} at node '{node}', but {verb}s at '{has}'", ""


# Topology


def _topology(network: Network) -> Iterator[Finding]:
    if not network.vessels and not network.stores:
        yield Place("network", network.name), "has neither vessels nor stores", "give at least one vessel"
        return
    yield from _loose_ends(network)
    parts = _parts(network)
    driven = {flow.node for flow in network.flow_sources} | {pressure.node for pressure in network.pressure_sources}
    driven |= {store.node for store in network.stores if isinstance(store.law, VaryingStore)}
    around = {vessel.around for vessel in network.vessels} | {store.around for store in network.stores}
    around |= {link.around for link in network.links if isinstance(link, StarlingResistor)}
    idle = [part for part in parts if not part & driven and not (len(part) == 1 and part & around)]
    if len(idle) == len(parts):
        what = "nothing drives the blood: no inflow, no pressure and no heart (a store of varying elastance)"
        yield Place("network", network.name), what, "give one of them"
    else:
        yield from (_isolated(network, part) for part in idle)
    levelled = {pressure.node for pressure in network.pressure_sources} | {store.node for store in network.stores}
    levelled |= {node for vessel in network.vessels for node in (vessel.start, vessel.end)}
    for part in parts:
        if not part & levelled:
            what = f"no pressure level: node '{min(part)}' meets no vessel, store or pressure"
            yield _member(network, part), what, "a part made of links only has no volume to hold a pressure"


def _loose_ends(network: Network) -> Iterator[Finding]:
    """Ends at which nothing else is."""
    uses = Counter(node for joint in (*network.vessels, *network.links) for node in (joint.start, joint.end))
    uses.update(store.node for store in network.stores)
    uses.update(flow.node for flow in network.flow_sources)
    uses.update(pressure.node for pressure in network.pressure_sources)
    ends = [node for joint in (*network.vessels, *network.links) for node in (joint.start, joint.end)]
    for joint in (*network.vessels, *network.links):
        kind = "vessel" if isinstance(joint, Vessel) else "link"
        for field, node in (("start", joint.start), ("end", joint.end)):
            if uses[node] == 1:
                near = near_matches(node, set(ends) - {node, joint.start, joint.end})
                yield (
                    Place(kind, joint.name, field),
                    f"{field}s at node '{node}', where nothing else is",
                    near or "join it to another node, or give that node a store, an inflow or a pressure",
                )


def _parts(network: Network) -> list[set[str]]:
    """The nodes of each part that fluid can reach; a surrounding presses, but lets nothing through."""
    part_of = {store.node: {store.node} for store in network.stores}
    for joint in (*network.vessels, *network.links):
        part_of |= {node: {node} for node in (joint.start, joint.end)}
    for joint in (*network.vessels, *network.links):
        one, other = part_of[joint.start], part_of[joint.end]
        if one is not other:
            small, large = sorted((one, other), key=len)
            large |= small
            for node in small:
                part_of[node] = large
    return list({id(part): part for part in part_of.values()}.values())


def _member(network: Network, part: set[str]) -> Place:
    for vessel in network.vessels:
        if vessel.start in part:
            return Place("vessel", vessel.name)
    for link in network.links:
        if link.start in part:
            return Place("link", link.name)
    for store in network.stores:
        if store.node in part:
            return Place("store", store.name)
    return Place("network", network.name)


def _isolated(network: Network, part: set[str]) -> Finding:
    place = _member(network, part)
    names = [vessel.name for vessel in network.vessels if vessel.start in part]
    shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
    what = "never meets an inflow, a pressure or the heart"
    if len(names) > 1:
        what += f", nor do the {len(names)} vessels joined to it: {shown}"
    return place, what, f"join one of its nodes ({', '.join(sorted(part)[:5])}) to the rest"
