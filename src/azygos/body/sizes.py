"""Which numbers of a network cannot be: said with the place of each, before anything is solved."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import pairwise
from math import isfinite
from typing import TypeAlias

from azygos.body.network import (
    Autoregulation,
    Channel,
    CollapsibleStore,
    ExponentialStore,
    LinearStore,
    Link,
    Network,
    StarlingResistor,
    StoreLaw,
    Valve,
    VaryingStore,
    Vessel,
)
from azygos.body.wall import Wall
from azygos.body.waveform import Constant, DoubleCosine, Pulse, Sampled, Swing, Waveform

__all__ = ["Finding", "Place", "findings_of_sizes"]

LARGEST = 1e3  # [m] no length or radius is larger; a number beyond it is a slip of the unit
SMALLEST = 1e-7  # [m]
HUGE = 1e30  # no SI number of a circulation comes near it or its inverse
UNITS = {
    "length": " m", "radius": " m", "period": " s", "gravity": " m/s2", "resistance": " Pa s/m3",
    "inertance": " Pa s2/m3", "quadratic": " Pa s2/m6", "elastance": " Pa/m3", "scale": " Pa", "volume scale": " m3",
    "density of blood": " kg/m3", "viscosity of blood": " Pa s", "opening rate": " 1/(Pa s)",
    "closing rate": " 1/(Pa s)", "young of the wall": " Pa", "thickness of the wall": " m",
    "wave speed of the wall": " m/s", "sharpness": " Pa", "normal flow": " m3/s", "time constant": " s",
    "stent radius of the wall": " m", "stiffness of the wall": " Pa",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A field of a block of a network, such as the length of vessel `ijv_r`.

    Fields bear the names of the dataclasses; the kinds are network, vessel, link, regulation, store, inflow,
    pressure, height and initial head, a regulation named by its link, the last four by their node.
    """

    kind: str
    name: str
    field: str = ""

    def __str__(self) -> str:
        return f"{self.kind} '{self.name}'"


Finding: TypeAlias = tuple[Place, str, str]  # where, what, remedy


def findings_of_sizes(network: Network) -> Iterator[Finding]:
    """Every number that is not finite, has the wrong sign or is out of reach."""
    whole = Place("network", network.name)
    yield from _positive(whole, "period", network.period)
    if network.beats < 1:
        yield Place(whole.kind, whole.name, "beats"), f"{network.beats} beats in a period", "give 1 or more"
    yield from _positive(whole, "blood", network.blood.density, "density of blood")
    yield from _positive(whole, "blood", network.blood.viscosity, "viscosity of blood", zero=True)
    yield from _positive(whole, "gravity", network.gravity, zero=True)
    for vessel in network.vessels:
        yield from _vessel_sizes(vessel)
    for link in network.links:
        yield from _link_sizes(Place("link", link.name), link)
    for regulation in network.regulations:
        yield from _regulation_sizes(Place("regulation", regulation.link), regulation)
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


def _link_sizes(place: Place, link: Link) -> Iterator[Finding]:
    if isinstance(link, Channel):
        yield from _channel_sizes(place, link)
    elif isinstance(link, Valve):
        yield from _valve_sizes(place, link)
    else:
        yield from _positive(place, "resistance", link.resistance)
        if isinstance(link, StarlingResistor):
            yield from _positive(place, "sharpness", link.sharpness)


def _regulation_sizes(place: Place, regulation: Autoregulation) -> Iterator[Finding]:
    yield from _positive(place, "normal_flow", regulation.normal_flow)
    yield from _positive(place, "gain", regulation.gain, zero=True)
    yield from _positive(place, "time_constant", regulation.time_constant)
    for field, value, good in (
        ("least", regulation.least, 0.0 < regulation.least < 1.0),
        ("most", regulation.most, 1.0 < regulation.most < HUGE),
    ):
        if not good:
            what = f"{field} resistance is {value:g} times the normal one"
            yield Place(place.kind, place.name, field), what, "they must satisfy 0 < least < 1 < most"


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
    elif isinstance(law, CollapsibleStore):
        yield from _positive(place, "elastance", law.elastance)
        yield from _positive(place, "unstressed_volume", law.unstressed_volume)
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
    lowest = _lowest(waveform)
    if not bad and lowest <= 0.0:
        yield place, f"elastance falls to {lowest:g}, but must stay above zero", ""


def _lowest(waveform: Waveform) -> float:
    match waveform:
        case Constant():
            return waveform.value
        case Sampled():
            return min(waveform.values, default=1.0)
        case DoubleCosine():
            return min(waveform.passive, waveform.passive + waveform.active)
        case Swing():
            return min(waveform.rest, waveform.peak)
        case Pulse():
            return _lowest(waveform.under) + min(waveform.height, 0.0)
    return 1.0


def _waveform(place: Place, waveform: Waveform) -> Iterator[Finding]:
    said = place.field
    match waveform:
        case Constant():
            yield from _finite(place, said, waveform.value)
        case Sampled():
            yield from _sampled(place, waveform)
        case DoubleCosine():
            yield from _cosine(place, waveform)
        case Swing():
            yield from _finite(place, said, waveform.rest, f"rest of {said}")
            yield from _finite(place, said, waveform.peak, f"peak of {said}")
            if not 0.0 < waveform.rise < 1.0:
                what = f"rise of {said} is {waveform.rise:g}, but must be in (0, 1)"
                yield place, what, "it is a fraction of the period"
        case Pulse():
            yield from _pulse(place, waveform)


def _sampled(place: Place, waveform: Sampled) -> Iterator[Finding]:
    said, times, values = place.field, waveform.times, waveform.values
    if len(times) != len(values) or len(times) < 2:
        yield place, f"{said} has {len(times)} times and {len(values)} values", "give two or more of each"
    elif not all(isfinite(number) for number in (*times, *values)):
        yield place, f"{said} has numbers that are not finite", ""
    elif times[0] != 0.0 or any(b <= a for a, b in pairwise(times)):
        yield place, f"times of {said} must rise from 0", ""


def _cosine(place: Place, waveform: DoubleCosine) -> Iterator[Finding]:
    yield from _finite(place, "active", waveform.active)
    yield from _finite(place, "passive", waveform.passive)
    if not (min(waveform.rise, waveform.fall) > 0.0 and waveform.rise + waveform.fall <= 1.0):
        what = f"rise {waveform.rise:g} and fall {waveform.fall:g} must be positive and fit in one beat"
        yield place, what, "they are fractions of the beat"
    yield from _finite(place, "onset", waveform.onset)
    if waveform.beats < 1:
        yield place, f"{waveform.beats} beats in a period", "give 1 or more"


def _pulse(place: Place, waveform: Pulse) -> Iterator[Finding]:
    yield from _waveform(place, waveform.under)
    said = place.field
    yield from _finite(place, said, waveform.height, f"height of the pulse of {said}")
    for name in ("begin", "rise", "hold", "fall"):
        value = getattr(waveform, name)
        if not (isfinite(value) and value >= 0.0):
            yield place, f"{name} of the pulse of {said} is {value:g} s, but must be zero or more", ""


def _beats(network: Network) -> Iterator[Finding]:
    """A series that neither fits a whole number of times into the beat nor lasts several beats is a slip."""
    series: list[tuple[Place, Waveform]] = [
        *((Place("inflow", source.node, "flow"), source.flow) for source in network.flow_sources),
        *((Place("pressure", source.node, "pressure"), source.pressure) for source in network.pressure_sources),
    ]
    for store in network.stores:
        if isinstance(store.law, VaryingStore):
            series.append((Place("store", store.name, "elastance"), store.law.elastance))
            if isinstance(store.law.elastance, DoubleCosine) and store.law.elastance.beats != network.beats >= 1:
                what = f"beats {store.law.elastance.beats} times in a period that holds {network.beats} beats"
                yield series[-1][0], what, "give both the same number"
    for place, waveform in series:
        if isinstance(waveform, Sampled) and waveform.times and 0.0 < waveform.times[-1] < 2.0 * network.period:
            turns = network.period / waveform.times[-1]
            if abs(turns - round(turns)) > 1e-6:
                what = f"repeats every {waveform.times[-1]:g} s, but the beat is {network.period:g} s"
                yield place, what, "let the last time be the period, or the period the last time"
