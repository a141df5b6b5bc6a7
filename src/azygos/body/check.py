"""What is wrong with a network, said before anything is solved."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from math import isfinite
from typing import TypeAlias

from azygos.body.network import (
    Channel,
    Expansion,
    ExponentialStore,
    LinearStore,
    Network,
    StoreLaw,
    Valve,
    VaryingStore,
    Vessel,
)
from azygos.body.wall import Wall
from azygos.body.waveform import Constant, DoubleCosine, Sampled, Waveform
from azygos.errors import Problem, close_matches, near_matches

__all__ = ["Place", "problems_of"]

LARGEST = 1e3  # [m] no length or radius is larger; a number beyond it is a slip of the unit
SMALLEST = 1e-7  # [m]
HUGE = 1e30  # no SI number of a circulation comes near it or its inverse
UNITS = {
    "length": " m", "radius": " m", "period": " s", "gravity": " m/s2", "resistance": " Pa s/m3",
    "inertance": " Pa s2/m3", "quadratic": " Pa s2/m6", "elastance": " Pa/m3", "scale": " Pa", "volume scale": " m3",
    "density of blood": " kg/m3", "viscosity of blood": " Pa s", "opening rate": " 1/(Pa s)",
    "closing rate": " 1/(Pa s)", "young of the wall": " Pa", "thickness of the wall": " m",
    "wave speed of the wall": " m/s", "stent radius of the wall": " m", "stiffness of the wall": " Pa",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A field of a block of a network, such as the length of vessel `ijv_r`.

    Fields bear the names of the dataclasses; the kinds are network, vessel, link, store, inflow,
    pressure, height and initial head, the last four named by their node.
    """

    kind: str
    name: str
    field: str = ""

    def __str__(self) -> str:
        return f"{self.kind} '{self.name}'"


Finding: TypeAlias = tuple[Place, str, str]  # where, what, remedy


def problems_of(network: Network, locate: Callable[[Place], str] | None = None, whole: bool = True) -> list[Problem]:
    """All that is wrong with a network; empty when it can be solved.

    `locate` turns a place into the file and line it was read from; without it a problem is where
    the block is: "vessel 'ijv_r'". Without `whole` the parts are checked, but not how they join: for
    a network of which some parts could not be read.
    """
    found: list[Finding] = [*_sizes(network), *_names(network)]
    if whole:
        found += [*_node_names(network), *_topology(network)]
    if locate is None:
        return [Problem(what, str(place), remedy) for place, what, remedy in found]
    return [Problem(f"{place}: {what}", locate(place), remedy) for place, what, remedy in found]


# Sizes


def _sizes(network: Network) -> Iterator[Finding]:
    whole = Place("network", network.name)
    yield from _positive(whole, "period", network.period)
    yield from _positive(whole, "blood", network.blood.density, "density of blood")
    yield from _positive(whole, "blood", network.blood.viscosity, "viscosity of blood", zero=True)
    yield from _positive(whole, "gravity", network.gravity, zero=True)
    for vessel in network.vessels:
        yield from _vessel_sizes(vessel)
    for link in network.links:
        place = Place("link", link.name)
        if isinstance(link, Channel):
            yield from _channel_sizes(place, link)
        elif isinstance(link, Valve):
            yield from _valve_sizes(place, link)
        else:
            yield from _positive(place, "resistance", link.resistance)
    for store in network.stores:
        yield from _store_sizes(Place("store", store.name), store.law)
    for flow in network.flow_sources:
        yield from _waveform(Place("inflow", flow.node, "flow"), flow.flow)
    for pressure in network.pressure_sources:
        yield from _waveform(Place("pressure", pressure.node, "pressure"), pressure.pressure)
    for kind, values in (("height", network.heights), ("initial head", network.initial_head)):
        for node, value in values.items():
            yield from _finite(Place(kind, node), kind, value)
    yield from _beats(network)


def _positive(place: Place, field: str, value: float, said: str = "", zero: bool = False) -> Iterator[Finding]:
    """A number above zero, or from zero on with `zero`."""
    said = said or field.replace("_", " ")
    bad = list(_finite(place, field, value, said))
    yield from bad
    shown, at = f"{said} is {value:g}{UNITS.get(said, '')}", Place(place.kind, place.name, field)
    if not bad and (value < 0.0 or (value == 0.0 and not zero)):
        yield at, f"{shown}, but must be {'zero or more' if zero else 'more than zero'}", ""
    elif 0.0 < value < 1.0 / HUGE:
        yield at, f"{shown}, too small to compute with", "is its unit right?"


def _finite(place: Place, field: str, value: float, said: str = "") -> Iterator[Finding]:
    said = said or field.replace("_", " ")
    if not isfinite(value):
        yield Place(place.kind, place.name, field), f"{said} is {value}", "give a finite number"
    elif abs(value) > HUGE:
        yield (
            Place(place.kind, place.name, field),
            f"{said} is {value:g}, too large to compute with",
            "is its unit right?",
        )


def _extent(place: Place, field: str, value: float) -> Iterator[Finding]:
    """A length [m]: positive, and not so large or small that its unit must be wrong."""
    bad = list(_positive(place, field, value))
    yield from bad
    if not bad and not SMALLEST <= value <= LARGEST:
        yield (
            Place(place.kind, place.name, field),
            f"{field} is {value:g} m, outside {SMALLEST:g} m to {LARGEST:g} m",
            "is its unit right?",
        )


def _vessel_sizes(vessel: Vessel) -> Iterator[Finding]:
    place = Place("vessel", vessel.name)
    yield from _extent(place, "length", vessel.length)
    for radius in dict.fromkeys(vessel.radius):
        yield from _extent(place, "radius", radius)
    yield from _positive(place, "profile", vessel.profile, zero=True)
    yield from _finite(place, "external_pressure", vessel.external_pressure)
    yield from _wall_sizes(place, vessel.wall)


def _wall_sizes(place: Place, wall: Wall) -> Iterator[Finding]:
    """Sizes of any wall: pressures may have either sign, viscosity may be zero, the rest is positive."""
    for item in fields(wall):  # type: ignore[arg-type]  # every wall is a dataclass, the abstract one aside
        value = getattr(wall, item.name)
        if isinstance(value, Wall):
            yield from _wall_sizes(place, value)
            continue
        for number in dict.fromkeys(value if isinstance(value, tuple) else (value,)):
            said = f"{item.name.replace('_', ' ')} of the wall"
            if item.name == "reference_pressure":
                found = _finite(place, said, number)
            else:
                zero = item.name in ("viscosity", "stiffness")
                found = _positive(place, said, number, zero=zero)
            for _, what, remedy in found:
                yield Place(place.kind, place.name, "wall"), what, remedy


def _channel_sizes(place: Place, link: Channel) -> Iterator[Finding]:
    for field in ("resistance", "inertance", "quadratic"):
        yield from _positive(place, field, getattr(link, field), zero=True)
    if link.resistance == 0.0 and link.inertance == 0.0:
        yield (
            Place(place.kind, place.name, "resistance"),
            "neither resistance nor inertance",
            "give one, or let both sides be one node",
        )


def _valve_sizes(place: Place, link: Valve) -> Iterator[Finding]:
    for field in ("resistance", "inertance", "quadratic"):
        yield from _positive(place, field, getattr(link, field), zero=True)
    if link.resistance == 0.0 and link.inertance == 0.0 and link.quadratic == 0.0:
        yield Place(place.kind, place.name, "resistance"), "neither resistance nor inertance", "give one"
    for field in ("opening_rate", "closing_rate"):
        yield from _positive(place, field, getattr(link, field))
    if not 0.0 < link.leak <= 1.0:
        what = f"leak is {link.leak:g}, but must be in (0, 1]"
        yield Place(place.kind, place.name, "leak"), what, "1e-4 is a valve that holds, 1 one that is always open"


def _store_sizes(place: Place, law: StoreLaw) -> Iterator[Finding]:
    if isinstance(law, LinearStore):
        yield from _positive(place, "elastance", law.elastance)
        yield from _finite(place, "unstressed_volume", law.unstressed_volume)
    elif isinstance(law, VaryingStore):
        yield from _finite(place, "unstressed_volume", law.unstressed_volume)
        yield from _elastance(Place(place.kind, place.name, "elastance"), law.elastance)
    elif isinstance(law, ExponentialStore):
        yield from _positive(place, "scale", law.scale)
        yield from _positive(place, "volume_scale", law.volume_scale)
        yield from _finite(place, "unstressed_volume", law.unstressed_volume)
        yield from _finite(place, "reference_pressure", law.reference_pressure)


def _elastance(place: Place, waveform: Waveform) -> Iterator[Finding]:
    bad = list(_waveform(place, waveform))
    yield from bad
    lowest = 1.0
    if isinstance(waveform, Constant):
        lowest = waveform.value
    elif isinstance(waveform, Sampled):
        lowest = min(waveform.values, default=1.0)
    elif isinstance(waveform, DoubleCosine):
        lowest = min(waveform.passive, waveform.passive + waveform.active)
    if not bad and lowest <= 0.0:
        yield place, f"elastance falls to {lowest:g}, but must stay above zero", ""


def _waveform(place: Place, waveform: Waveform) -> Iterator[Finding]:
    said = place.field
    if isinstance(waveform, Constant):
        yield from _finite(place, said, waveform.value)
    elif isinstance(waveform, Sampled):
        times, values = waveform.times, waveform.values
        if len(times) != len(values) or len(times) < 2:
            yield place, f"{said} has {len(times)} times and {len(values)} values", "give two or more of each"
        elif not all(isfinite(number) for number in (*times, *values)):
            yield place, f"{said} has numbers that are not finite", ""
        elif times[0] != 0.0 or any(b <= a for a, b in pairwise(times)):
            yield place, f"times of {said} must rise from 0", ""
    elif isinstance(waveform, DoubleCosine):
        yield from _finite(place, "active", waveform.active)
        yield from _finite(place, "passive", waveform.passive)
        if not (min(waveform.rise, waveform.fall) > 0.0 and waveform.rise + waveform.fall <= 1.0):
            what = f"rise {waveform.rise:g} and fall {waveform.fall:g} must be positive and fit in one beat"
            yield place, what, "they are fractions of the beat"
        yield from _finite(place, "onset", waveform.onset)


def _beats(network: Network) -> Iterator[Finding]:
    """A series that neither fits a whole number of times into the beat nor lasts several beats is a slip."""
    series: list[tuple[Place, Waveform]] = [
        *((Place("inflow", source.node, "flow"), source.flow) for source in network.flow_sources),
        *((Place("pressure", source.node, "pressure"), source.pressure) for source in network.pressure_sources),
    ]
    for store in network.stores:
        if isinstance(store.law, VaryingStore):
            series.append((Place("store", store.name, "elastance"), store.law.elastance))
    for place, waveform in series:
        if isinstance(waveform, Sampled) and waveform.times and 0.0 < waveform.times[-1] < 2.0 * network.period:
            turns = network.period / waveform.times[-1]
            if abs(turns - round(turns)) > 1e-6:
                what = f"repeats every {waveform.times[-1]:g} s, but the beat is {network.period:g} s"
                yield place, what, "let the last time be the period, or the period the last time"


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


def _node_names(network: Network) -> Iterator[Finding]:
    """Sources and surroundings must name nodes that something else makes."""
    joined = {node for joint in (*network.vessels, *network.links) for node in (joint.start, joint.end)}
    joined |= {store.node for store in network.stores}
    kept = {source.node for source in network.pressure_sources}
    around = [("vessel", vessel.name, vessel.around) for vessel in network.vessels if vessel.around is not None]
    around += [("store", store.name, store.around) for store in network.stores if store.around is not None]
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
