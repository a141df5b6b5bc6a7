"""Common variants of the anatomy, by name, from the table of variants."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations, product
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


def problems_with(names: Sequence[str]) -> list[Problem]:
    """What is wrong with a list of variants: unknown ones, and two that change the same part of a body."""
    if isinstance(names, str):
        return [Problem(f"expected a list of names, got the text '{names}'", "variants", f"write ['{names}']")]
    found = [
        Problem(f"no variant '{name}'", "variants", close_matches(str(name), variants()))
        for name in names
        if name not in variants()
    ]
    known = [variants()[name] for name in names if name in variants()]
    return found + [problem for one, other in combinations(known, 2) for problem in _at_odds(one, other)]


def _at_odds(one: Variant, other: Variant) -> list[Problem]:
    """Two variants of which one takes away what the other changes, or both say how wide the same vessel is."""
    if one.name == other.name:
        return [Problem(f"'{one.name}' twice", "variants", "give it once")]
    for (change, part), (another, same) in product(_parts(one), _parts(other)):
        if part == same and ("absent" in (change, another) or change == another == "diameter"):
            return [Problem(f"'{one.name}' and '{other.name}': each changes '{part}'", "variants", "give one of them")]
    return []


def _parts(variant: Variant) -> tuple[tuple[str, str], ...]:
    """What a variant does to which part; exchanging two sides changes both."""
    sides = {"swap": ("_r", "_l")}
    return tuple((change, f"{part}{side}") for change, part, _ in variant.changes for side in sides.get(change, ("",)))


def varied(network: Network, names: tuple[str, ...]) -> Network:
    """`network` with the named variants. Raises InputError with every name that is unknown or at odds with another."""
    problems = problems_with(names)
    if problems:
        raise InputError(problems)
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
