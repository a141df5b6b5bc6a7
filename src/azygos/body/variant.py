"""Common variants of the anatomy, by name, from the table of variants."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

from azygos.body.network import Network, Valve, Vessel
from azygos.body.rows import table
from azygos.errors import InputError, Problem, close_matches

__all__ = ["Variant", "variants", "varied"]

Change: TypeAlias = "Callable[[Network, str, float], Network]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A named deviation from the reference anatomy: what it is, where its numbers come from, and its changes."""

    name: str
    what: str
    source: str
    changes: tuple[tuple[str, str, float], ...]  # (change, of which part, number)


@lru_cache
def variants() -> Mapping[str, Variant]:
    """Every variant by its name."""
    found: dict[str, Variant] = {}
    for row in table("variants"):
        change = (row["change"], row["part"], float(row["value"] or 0.0))
        known = found.get(row["variant"]) or Variant(
            name=row["variant"], what=row["what"], source=row["source"], changes=()
        )
        found[known.name] = replace(known, changes=(*known.changes, change))
    return MappingProxyType(found)


def varied(network: Network, names: tuple[str, ...]) -> Network:
    """`network` with the named variants, one after the other. Raises InputError with every unknown name."""
    unknown = [
        Problem(f"no variant '{n}'", "variants", close_matches(n, variants())) for n in names if n not in variants()
    ]
    if unknown:
        raise InputError(unknown)
    for name in names:
        for change, part, value in variants()[name].changes:
            network = _CHANGES[change](network, part, value)
    return network


def _absent(network: Network, part: str, _: float) -> Network:
    return replace(network, vessels=tuple(vessel for vessel in network.vessels if vessel.name != part))


def _diameter(network: Network, part: str, factor: float) -> Network:
    def narrowed(vessel: Vessel) -> Vessel:
        return replace(vessel, radius=(vessel.radius[0] * factor, vessel.radius[1] * factor))

    return replace(network, vessels=tuple(narrowed(v) if v.name == part else v for v in network.vessels))


def _swap(network: Network, part: str, _: float) -> Network:
    """The calibres of a pair's two sides exchanged."""
    right, left = network.vessel(f"{part}_r"), network.vessel(f"{part}_l")
    other = {right.name: left.radius, left.name: right.radius}
    return replace(network, vessels=tuple(replace(v, radius=other.get(v.name, v.radius)) for v in network.vessels))


def _leak(network: Network, part: str, leak: float) -> Network:
    return replace(
        network,
        links=tuple(
            replace(link, leak=leak) if isinstance(link, Valve) and link.name == part else link
            for link in network.links
        ),
    )


_CHANGES: Mapping[str, Change] = MappingProxyType(
    {"absent": _absent, "diameter": _diameter, "leak": _leak, "swap": _swap}
)
