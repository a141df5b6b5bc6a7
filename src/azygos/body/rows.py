"""The tables of the reference adult: every number with its source, or `assumed`."""

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import TypeAlias

from azygos.units import cm, mL, mmHg

__all__ = ["COMPLIANCE", "RESISTANCE", "Row", "kinds", "number", "pair", "places", "table"]

Row: TypeAlias = Mapping[str, str]

RESISTANCE = mmHg / mL  # [Pa s/m3] per mmHg s/mL
COMPLIANCE = mL / mmHg  # [m3/Pa] per mL/mmHg

BED_LEVELS = ("arteriole", "capillary", "venule")


@lru_cache
def table(name: str) -> tuple[Row, ...]:
    """The rows of `tables/<name>.csv`, each a mapping from column to text."""
    text = resources.files("azygos.body").joinpath("tables", f"{name}.csv").read_text(encoding="utf-8")
    return tuple(MappingProxyType(row) for row in csv.DictReader(text.splitlines()))


def number(row: Row, column: str, unit: float = 1.0) -> float:
    """A cell in SI, `unit` being what one of its column's unit is."""
    return float(row[column]) * unit


def pair(row: Row, start: str, end: str, unit: float = 1.0) -> tuple[float, float]:
    return number(row, start, unit), number(row, end, unit)


@lru_cache
def places() -> Mapping[str, tuple[float, float]]:
    """Where each node is drawn, seen from in front: x to the patient's left, y up the body from the right atrium [m].

    y is also what gravity knows of a node. The nodes of a bed lie at the end of its artery.
    """
    named = {row["node"]: pair(row, "x_cm", "y_cm", cm) for row in table("places")}
    for row in table("terminals"):
        for level in BED_LEVELS:
            named[f"{row['bed']}.{level}"] = named[row["from"]]
    return MappingProxyType(named)


@lru_cache
def kinds() -> Mapping[str, str]:
    """Every vessel's kind: artery, vein or sinus."""
    veins = {row["name"]: row["kind"] for row in table("veins")}
    return MappingProxyType({row["name"]: "artery" for row in table("arteries")} | veins)
