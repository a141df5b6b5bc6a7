"""What may differ between persons, as named factors on the reference body.

Every parameter is a dimensionless factor, 1 in the reference body, from `low` to `high`. `tables/parameters.csv` holds
the ranges: where a publication gives mean and standard deviation, 95 % of a lognormal with that coefficient of
variation, exp(-+2 sqrt(ln(1 + CV^2))); else `assumed`. A factor changes what it names and nothing else: in a closed
circulation the blood is kept, as the small veins take what a wider vessel would hold more.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

from azygos.body.blood import VENULE, blood_volume, with_blood_volume
from azygos.body.network import (
    Autoregulation,
    Channel,
    CollapsibleStore,
    ExponentialStore,
    LinearStore,
    Link,
    Network,
    StarlingResistor,
    Store,
    VaryingStore,
    Vessel,
)
from azygos.body.parts import SKULL
from azygos.body.person import not_numbers
from azygos.body.rows import table
from azygos.body.wall import ArteryWall, AvolioWall, ElasticWall, VeinWall, Wall
from azygos.body.waveform import DoubleCosine
from azygos.errors import InputError, Problem, close_matches

__all__ = ["Parameter", "apply", "parameters", "problems_with"]

DIAMETER = ".diameter"
ARTERIOLE = ".r_arteriole"  # ends the names of the channels that decide a bed's flow

Rule: TypeAlias = "Callable[[Network, Parameter, float], Network]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A factor on the reference body, its range, and where the range comes from."""

    name: str
    low: float
    high: float
    source: str
    what: str  # what is multiplied
    parts: tuple[str, ...] = ()  # the vessels, links, stores or node that it acts on, where they are few

    @property
    def spread(self) -> float:
        """Standard deviation of the factor's logarithm among persons: 95 % lie from `low` to `high`."""
        return math.log(self.high / self.low) / 4.0


@lru_cache
def parameters() -> Mapping[str, Parameter]:
    """Every parameter by its name."""
    return MappingProxyType({row["name"]: _parameter(row) for row in table("parameters")})


def _parameter(row: Mapping[str, str]) -> Parameter:
    name = row["name"]
    parts = (name.removesuffix(DIAMETER),) if name.endswith(DIAMETER) else tuple(row["parts"].split())
    low, high = float(row["low"]), float(row["high"])
    return Parameter(name=name, low=low, high=high, source=row["source"], what=row["what"], parts=parts)


def problems_with(values: Mapping[str, float], where: str = "parameters") -> list[Problem]:
    """What is wrong with names and factors; empty when nothing is."""
    found = []
    for name, value in values.items():
        known = parameters().get(name)
        if known is None:
            found.append(Problem(f"no parameter '{name}'", where, close_matches(name, parameters())))
        elif wrong := not_numbers({name: value}, "a factor such as 1.2"):
            found += [replace(problem, where=f"{where}: {name}") for problem in wrong]
        elif not known.low <= value <= known.high:  # also of what is not a number
            what = f"a factor of {value:g} on '{name}' is out of range"
            found.append(Problem(what, where, f"give {known.low:g} to {known.high:g}; 1 is the reference body"))
    return found


def apply(network: Network, values: Mapping[str, float]) -> Network:
    """`network` with its parameters at the given factors; those not named stay.

    Raises InputError with every unknown name, factor out of range and factor on what the network lacks.
    """
    problems = problems_with(values)
    chosen = [(parameters()[name], value) for name, value in values.items() if name in parameters()]
    names = {part.name for part in (*network.vessels, *network.links, *network.stores)} | set(network.nodes)
    problems += [_absent(network, known) for known, _ in chosen if not _acts(network, known, names)]
    if problems:
        raise InputError(problems)
    acting = [(known, value) for known, value in chosen if value != 1.0]
    wider = {known.parts[0]: value for known, value in acting if known.name.endswith(DIAMETER)}
    changed = _diameters(network, wider) if wider else network
    for known, value in acting:
        if not known.name.endswith(DIAMETER):
            changed = _RULES[known.name](changed, known, value)
    if changed is network or not _keeps_blood(network):
        return changed
    return with_blood_volume(changed, blood_volume(network) * values.get("blood_volume", 1.0))


def _keeps_blood(network: Network) -> bool:
    return network.is_closed and any(store.name.endswith(VENULE) for store in network.stores)


def _acts(network: Network, known: Parameter, names: set[str]) -> bool:
    """Whether the network, whose parts and nodes have these names, has something of what the parameter acts on."""
    if known.parts:
        return not names.isdisjoint(known.parts)
    return known.name == "blood_volume" or _RULES[known.name](network, known, 1.0 + 1e-3) != network


def _absent(network: Network, known: Parameter) -> Problem:
    parts = f": {', '.join(known.parts)}" if known.parts else ""
    return Problem(f"'{network.name}' lacks what '{known.name}' acts on{parts}", "parameters", "leave it out")


def _diameters(network: Network, factors: Mapping[str, float]) -> Network:
    """Reference radii of vessels times their factors; wave speeds and the time in which the walls yield stay."""
    return _vessels(
        network, lambda vessel: _widened(vessel, factors[vessel.name]) if vessel.name in factors else vessel
    )


def _widened(vessel: Vessel, factor: float) -> Vessel:
    radius = (vessel.radius[0] * factor, vessel.radius[1] * factor)
    wall: Wall = vessel.wall
    if isinstance(wall, (ArteryWall, ElasticWall, AvolioWall, VeinWall)):
        wall = replace(wall, viscosity=wall.viscosity * factor)  # Gamma goes with c^2 R at a given time
    return replace(vessel, radius=radius, wall=wall)


def _arterial_stiffness(network: Network, _: Parameter, factor: float) -> Network:
    """c^2 times `factor`; the area at the reference pressure, the arteries' mean pressure, stays."""
    return _walls(network, lambda wall: _stiffer(wall, factor, ArteryWall, ElasticWall, AvolioWall))


def _venous_stiffness(network: Network, _: Parameter, factor: float) -> Network:
    """c^2 times `factor`; the area at the reference pressure, 0 in the tables, stays. Not sinuses or veins in bone."""
    return _walls(network, lambda wall: _stiffer(wall, factor, VeinWall))


def _stiffer(wall: Wall, factor: float, *kinds: type[Wall]) -> Wall:
    if not isinstance(wall, kinds):
        return wall
    match wall:
        case ArteryWall() | VeinWall():
            speed = (wall.wave_speed[0] * math.sqrt(factor), wall.wave_speed[1] * math.sqrt(factor))
            return replace(wall, wave_speed=speed, viscosity=wall.viscosity * factor)
        case ElasticWall() | AvolioWall():
            return replace(wall, young=wall.young * factor, viscosity=wall.viscosity * factor)
        case _:
            return wall


def _arterial_resistance(network: Network, _: Parameter, factor: float) -> Network:
    brain = _brain_links(network)
    return _links(
        network,
        lambda link: _scaled(link, factor) if link.name.endswith(ARTERIOLE) and link.name not in brain else link,
    )


def _cerebral_flow(network: Network, _: Parameter, factor: float) -> Network:
    brain = _brain_links(network)
    eased = _links(network, lambda link: _scaled(link, 1.0 / factor) if link.name in brain else link)
    return replace(eased, regulations=tuple(_demanding(rule, factor) for rule in network.regulations))


def _demanding(rule: Autoregulation, factor: float) -> Autoregulation:
    return replace(rule, normal_flow=rule.normal_flow * factor)


def _brain_links(network: Network) -> set[str]:
    """The arterioles inside the skull, and whatever holds its flow."""
    inside = {store.node for store in network.stores if store.around == SKULL}
    arterioles = {link.name for link in network.links if link.name.endswith(ARTERIOLE) and link.start in inside}
    return arterioles | {rule.link for rule in network.regulations}


def _contractility(network: Network, known: Parameter, factor: float) -> Network:
    def stronger(store: Store) -> Store:
        match store.law:
            case VaryingStore(elastance=DoubleCosine() as beat) if store.name in known.parts:
                return replace(store, law=replace(store.law, elastance=replace(beat, active=beat.active * factor)))
            case _:
                return store

    return _stores(network, stronger)


def _venous_compliance(network: Network, _: Parameter, factor: float) -> Network:
    """Elastance of the small veins divided by `factor`; their unstressed volume stays."""

    def softer(store: Store) -> Store:
        if store.name.endswith(VENULE) and isinstance(store.law, (LinearStore, CollapsibleStore)):
            return replace(store, law=replace(store.law, elastance=store.law.elastance / factor))
        return store

    return _stores(network, softer)


def _resistance(network: Network, known: Parameter, factor: float) -> Network:
    return _links(network, lambda link: _scaled(link, factor) if link.name in known.parts else link)


def _conductance(network: Network, known: Parameter, factor: float) -> Network:
    return _resistance(network, known, 1.0 / factor)


def _elastance(network: Network, known: Parameter, factor: float) -> Network:
    """k_E times `factor`; the pressure at the unstressed volume stays."""

    def tighter(store: Store) -> Store:
        if store.node in known.parts and isinstance(store.law, ExponentialStore):
            return replace(store, law=replace(store.law, volume_scale=store.law.volume_scale / factor))
        return store

    return _stores(network, tighter)


def _collaterals(network: Network, known: Parameter, factor: float) -> Network:
    """Channels conduct `factor` times as much; of vessels A0^2, on which laminar friction depends, is so much more."""
    wider = factor**0.25
    vessels = _vessels(network, lambda vessel: _widened(vessel, wider) if vessel.name in known.parts else vessel)
    return _conductance(vessels, known, factor)


def _blood_volume(network: Network, _: Parameter, __: float) -> Network:
    """Nothing here: `apply` sets the blood of the whole when the rest is done."""
    return replace(network)


_RULES: Mapping[str, Rule] = MappingProxyType({
    "arterial_stiffness": _arterial_stiffness,
    "venous_stiffness": _venous_stiffness,
    "arterial_resistance": _arterial_resistance,
    "cerebral_flow": _cerebral_flow,
    "contractility": _contractility,
    "venous_compliance": _venous_compliance,
    "blood_volume": _blood_volume,
    "csf_outflow_resistance": _resistance,
    "csf_formation": _conductance,
    "intracranial_elastance": _elastance,
    "collateral_conductance": _collaterals,
})  # fmt: skip


def _scaled(link: Link, factor: float) -> Link:
    """A link with its resistance times `factor`; what makes a jet or a wave stays."""
    if isinstance(link, (Channel, StarlingResistor)):
        return replace(link, resistance=link.resistance * factor)
    return link


def _vessels(network: Network, change: Callable[[Vessel], Vessel]) -> Network:
    return replace(network, vessels=tuple(change(vessel) for vessel in network.vessels))


def _walls(network: Network, change: Callable[[Wall], Wall]) -> Network:
    def changed(vessel: Vessel) -> Vessel:
        wall = change(vessel.wall)
        return vessel if wall is vessel.wall else replace(vessel, wall=wall)

    return _vessels(network, changed)


def _links(network: Network, change: Callable[[Link], Link]) -> Network:
    return replace(network, links=tuple(change(link) for link in network.links))


def _stores(network: Network, change: Callable[[Store], Store]) -> Network:
    return replace(network, stores=tuple(change(store) for store in network.stores))
