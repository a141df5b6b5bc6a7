"""Adverse events by term and grade: who had them in each arm, and how the arms differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from azygos.errors import Problem
from azygos.statistics.check import between, refuse, same_length
from azygos.statistics.conditional import fisher_p
from azygos.statistics.difference import risk_difference_interval
from azygos.statistics.proportion import proportion_interval
from azygos.statistics.result import Interval
from azygos.statistics.table import Table

__all__ = ["SIR_GRADES", "AdverseEvents", "AdverseRow", "ArmEvents", "adverse_events", "adverse_events_of"]

ANY = "any"
# Severity scale of the Society of Interventional Radiology (Khalilzadeh et al. 2017, J Vasc Interv Radiol 28:1432).
SIR_GRADES = {
    1: "mild",
    2: "moderate",
    3: "severe",
    4: "life-threatening or disabling",
    5: "death",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmEvents:
    """One arm's patients with at least one such event."""

    arm: str
    subjects: int  # with one or more
    size: int
    events: int
    proportion: float
    lower: float  # Clopper-Pearson
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseRow:
    """A term from a grade on. The difference is first arm less second; one arm has none."""

    term: str  # "any" for all together
    grade: int  # this or worse
    arms: tuple[ArmEvents, ...]
    difference: Interval | None  # Miettinen-Nurminen
    p: float | None  # Fisher's, for reading only: so many rows hold some small ones by chance


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEvents:
    """The table: any event first, then terms by name."""

    level: float
    rows: tuple[AdverseRow, ...]


def adverse_events(
    subjects: Sequence[str],
    arms: Sequence[str],
    terms: Sequence[str],
    grades: Sequence[int],
    sizes: Mapping[str, int],
    *,
    level: float = 0.95,
) -> AdverseEvents:
    """Patients with events, a row for every term and each grade of it or worse, from one record an event.

    `sizes` says how many were treated in each arm, those without an event included. A patient counts once in a row.
    Grades are 1 to 5: the SIR's by default, CTCAE's as well. Raises InputError with every problem of the records.
    """
    _check(subjects, arms, terms, grades, sizes, level)
    records = list(zip(subjects, arms, terms, grades, strict=True))
    asked = [(ANY, grade) for grade in sorted(set(grades))]
    asked += sorted({(term, grade) for term in set(terms) for grade in {r[3] for r in records if r[2] == term}})
    rows = [
        _row(term, grade, [r for r in records if term in (ANY, r[2]) and r[3] >= grade], sizes, level)
        for term, grade in asked
    ]
    return AdverseEvents(level=level, rows=tuple(sorted(rows, key=_rank)))


def adverse_events_of(table: Table, sizes: tuple[str, ...], *, level: float = 0.95) -> AdverseEvents:
    """`adverse_events` of a file with the columns subject, arm, term, grade; sizes such as sham=49,active=55."""
    subjects, arms, terms, written = table.texts("subject", "arm", "term", "grade")
    bad = [
        Problem(f"'{grade}' is no grade", f"{table.source}:{line}", "give 1 to 5")
        for line, grade in zip(table.lines, written, strict=True)
        if grade not in ("1", "2", "3", "4", "5")
    ]
    pairs = [part.partition("=") for part in sizes]
    bad += [
        Problem(f"'{name}{equals}{size}' is no size", "sizes", "write arm=number")
        for name, equals, size in pairs
        if not size.isdigit()
    ]
    refuse(*bad)
    known = {name: int(size) for name, _, size in pairs}
    return adverse_events(subjects, arms, terms, [int(grade) for grade in written], known, level=level)


def _check(
    subjects: Sequence[str],
    arms: Sequence[str],
    terms: Sequence[str],
    grades: Sequence[int],
    sizes: Mapping[str, int],
    level: float,
) -> None:
    refuse(same_length(subjects=subjects, arms=arms, terms=terms, grades=grades), between("level", level))
    strange = sorted(set(arms) - set(sizes))
    seen = {arm: {s for s, a in zip(subjects, arms, strict=True) if a == arm} for arm in sizes}
    of: dict[str, set[str]] = {}
    for subject, arm in zip(subjects, arms, strict=True):
        of.setdefault(subject, set()).add(arm)
    refuse(
        *(Problem(f"the arm '{arm}' has no size", "sizes", f"add {arm}=number") for arm in strange),
        *(Problem(f"{n} patients in '{arm}'", "sizes", "give 1 or more") for arm, n in sizes.items() if n < 1),
        *(
            Problem(f"{len(seen[arm])} patients of '{arm}' had events, of {n}", "sizes")
            for arm, n in sizes.items()
            if 1 <= n < len(seen[arm])
        ),
        *(Problem(f"subject '{s}' is in {len(a)} arms", "arm") for s, a in sorted(of.items()) if len(a) > 1),
        *(Problem(f"{g} is no grade", "grade", "give 1 to 5") for g in sorted(set(grades)) if g not in SIR_GRADES),
        *(Problem(f"a term is called '{ANY}'", "term", "name the event") for _ in range(ANY in terms)),
    )


def _row(
    term: str, grade: int, records: Sequence[tuple[str, str, str, int]], sizes: Mapping[str, int], level: float
) -> AdverseRow:
    arms = tuple(_arm(arm, size, [r for r in records if r[1] == arm], level) for arm, size in sizes.items())
    if len(arms) < 2:
        return AdverseRow(term=term, grade=grade, arms=arms, difference=None, p=None)
    a, b = arms[:2]
    difference = risk_difference_interval(a.subjects, a.size, b.subjects, b.size, level=level)
    p = fisher_p(a.subjects, a.size, b.subjects, b.size)
    return AdverseRow(term=term, grade=grade, arms=arms, difference=difference, p=p)


def _arm(arm: str, size: int, records: Sequence[tuple[str, str, str, int]], level: float) -> ArmEvents:
    subjects = len({record[0] for record in records})
    found = proportion_interval(subjects, size, level=level)
    return ArmEvents(
        arm=arm,
        subjects=subjects,
        size=size,
        events=len(records),
        proportion=found.estimate,
        lower=found.lower,
        upper=found.upper,
    )


def _rank(row: AdverseRow) -> tuple[bool, str, int]:
    return row.term != ANY, row.term, row.grade
