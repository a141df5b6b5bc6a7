"""What the tables say of one vessel: its names, its numbers with unit and source, what it joins, feeds and drains."""

from collections.abc import Iterator
from dataclasses import dataclass

from azygos.body.rows import Row, kinds, table
from azygos.errors import InputError, Problem, close_matches

__all__ = ["KINDS", "Entry", "Fact", "entry", "facts", "vessels"]

KINDS = ("artery", "vein", "sinus")
# column of a vessel's table, what it holds, unit, column of its source where the row has more than one
_NUMBERS = (
    ("length_mm", "length", "mm", "length_source"),
    ("diameter_start_mm", "diameter at its start", "mm", "diameter_source"),
    ("diameter_end_mm", "diameter at its end", "mm", "diameter_source"),
    ("thickness_start_mm", "wall thickness at its start", "mm", "thickness_source"),
    ("thickness_end_mm", "wall thickness at its end", "mm", "thickness_source"),
    ("young_kPa", "Young's modulus", "kPa", "young_source"),
    ("wave_speed_m_s", "wave speed", "m/s", "wave_speed_source"),
    ("profile", "exponent of the velocity profile", "", "profile_source"),
)
_BY_RADIUS = ("wave_speed_m_s",)  # an empty cell means that the model finds it from the radius; the source says how
_JOINED = ("arteries", "veins", "channels", "bridging", "valves")  # tables of what runs from a node to another
_WALLS = {"vein": "collapses", "sinus": "held open"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A vessel's names and the nodes it joins; blood flows from `start` to `end` in health."""

    name: str
    kind: str  # one of KINDS
    english: str
    latin: str  # of the Terminologia Anatomica, with the side
    note: str  # what the model merges into it or leaves out; mostly empty
    start: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing a table says of a vessel; a number has a unit, a share none."""

    quantity: str
    value: float | str
    unit: str
    source: str


def vessels(kind: str | None = None) -> tuple[Entry, ...]:
    """The reference adult's vessels in the order of the tables: all, or those of one of KINDS."""
    if kind is not None and kind not in KINDS:
        raise InputError(Problem(f"no kind of vessel '{kind}'", remedy=f"there are {', '.join(KINDS)}"))
    names = {row["vessel"]: row for row in table("names")}
    known = kinds()
    return tuple(
        _entry(row, names[row["name"]], known[row["name"]])
        for row in _rows()
        if kind is None or known[row["name"]] == kind
    )


def entry(vessel: str) -> Entry:
    """The names of one vessel. Raises InputError, with close matches, when there is none of this name."""
    return next(known for known in vessels() if known.name == _row(vessel)["name"])


def facts(vessel: str) -> tuple[Fact, ...]:
    """All that the tables say of one vessel, read and not computed.

    Raises InputError, with close matches, when there is no such vessel.
    """
    row = _row(vessel)
    return (*_joins(row), *_numbers(row), *_surroundings(row), *_fed(row), *_drained(row))


def _rows() -> tuple[Row, ...]:
    return (*table("arteries"), *table("veins"))


def _row(vessel: str) -> Row:
    rows = {row["name"]: row for row in _rows()}
    if vessel not in rows:
        raise InputError(Problem(f"no vessel '{vessel}'", remedy=close_matches(vessel, rows)))
    return rows[vessel]


def _entry(row: Row, names: Row, kind: str) -> Entry:
    return Entry(
        name=row["name"],
        kind=kind,
        english=names["english"],
        latin=names["latin"],
        note=names["note"],
        start=row["from"],
        end=row["to"],
    )


def _source(row: Row, column: str) -> str:
    return row.get(column) or row.get("source", "")


def _joins(row: Row) -> Iterator[Fact]:
    for quantity, node in (("starts at", row["from"]), ("ends at", row["to"])):
        met = [other["name"] for name in _JOINED for other in table(name) if node in (other["from"], other["to"])]
        others = ", ".join(name for name in met if name != row["name"])
        yield Fact(quantity=quantity, value=f"{node} ({others})" if others else node, unit="", source="anatomy")


def _numbers(row: Row) -> Iterator[Fact]:
    for column, quantity, unit, source in _NUMBERS:
        if row.get(column):
            yield Fact(quantity=quantity, value=float(row[column]), unit=unit, source=_source(row, source))
        elif column in row and column in _BY_RADIUS:
            yield Fact(quantity=quantity, value="by its radius", unit="", source=_source(row, source))


def _surroundings(row: Row) -> Iterator[Fact]:
    if row.get("wall"):
        yield Fact(quantity="wall", value=_WALLS[row["wall"]], unit="", source=_source(row, "wall_source"))
    if row.get("around"):
        yield Fact(quantity="surrounded by", value=row["around"], unit="", source="anatomy")


def _fed(row: Row) -> Iterator[Fact]:
    for bed in table("terminals"):
        if bed["from"] == row["to"] and "kind" not in row:
            yield Fact(quantity="feeds the bed", value=bed["bed"], unit="", source="anatomy")


def _drained(row: Row) -> Iterator[Fact]:
    for way in table("drains"):
        if way["to"] == row["from"] and "kind" in row:
            share = float(way["share"])
            yield Fact(quantity=f"share of the bed {way['bed']} it drains", value=share, unit="", source=way["source"])
