"""Common variants of the anatomy, by name, from the table of variants."""

from collections.abc import Callable, Mapping, Sequence
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


def problems_with(names: Sequence[str]) -> list[Problem]:
    """What is wrong with a list of variants: unknown ones, and two that change the same part of a body."""
    if isinstance(names, str):
        return [Problem(f"expected a list of names, got the text '{names}'", "variants", f"write ['{names}']")]
    found = [
        Problem(f"no variant '{name}'", "variants", close_matches(str(name), variants()))
        for name in names
        if name not in variants()
    ]
    taken: dict[str, str] = {}
    for name in names:
        for part in _parts(variants()[name]) if name in variants() else ():
            if part in taken:
                both = f"'{taken[part]}' and '{name}'" if taken[part] != name else f"'{name}' twice"
                found.append(Problem(f"{both}: each changes '{part}'", "variants", "give one of them"))
                break
            taken[part] = name
    return found


def _parts(variant: Variant) -> tuple[str, ...]:
    pairs = [(f"{part}_r", f"{part}_l") if change == "swap" else (part,) for change, part, _ in variant.changes]
    return tuple(name for pair in pairs for name in pair)


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
