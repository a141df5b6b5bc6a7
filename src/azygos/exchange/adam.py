"""A dataset laid out as tables of CDISC's Analysis Data Model (ADaM Implementation Guide 1.3): what is written of it.

    ADSL  one row for each subject: arms and baseline covariates
    ADQS  one row for each value: parameter, visit, AVAL, and from the baseline BASE and CHG
    ADAE  one row for each adverse event
    ADCE  one row for each other happening, such as a relapse or who was lost

Names have eight letters at most there; the full name of a covariate is its label, that of a variable is PARAM. Study
days have no zero: the day of allocation is 1.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from azygos.study.dataset import Dataset, Table
from azygos.study.design import Design

__all__ = ["AdamColumn", "AdamTable", "adam_tables", "short_names"]

Cell = str | float | int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdamColumn:
    """A variable of an ADaM table."""

    name: str
    label: str
    kind: str  # of Dataset-JSON: "string", "integer" or "double"
    cells: tuple[Cell, ...]
    key: int | None = None  # its place among those that identify a row

    @property
    def length(self) -> int:
        return max((len(str(cell)) for cell in self.cells if cell is not None), default=1) or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AdamTable:
    """A dataset of ADaM."""

    name: str
    label: str
    structure: str
    of_class: str  # as Define-XML has it
    columns: tuple[AdamColumn, ...]

    @property
    def rows(self) -> list[list[Cell]]:
        return [list(row) for row in zip(*(column.cells for column in self.columns), strict=True)]


def adam_tables(design: Design, dataset: Dataset) -> tuple[AdamTable, ...]:
    """The tables of a dataset; those of which there is no row are left out, but for ADSL."""
    grades = dataset.events["grade"].astype(float)
    adverse = dataset.events.where(~(grades == 0.0))
    other = dataset.events.where(grades == 0.0)
    found = [_adsl(design, dataset)]
    found += [_adqs(design, dataset)] if len(dataset.values) else []
    found += [_adae(design, adverse)] if len(adverse) else []
    found += [_adce(design, other)] if len(other) else []
    return tuple(found)


def short_names(names: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Names of at most eight capital letters and digits, each another; as like the long ones as may be."""
    short: dict[str, str] = {}
    used = set(taken)
    for name in names:
        stem = re.sub(r"[^A-Z0-9]", "", name.upper()) or "X"
        stem = stem if stem[0].isalpha() else f"X{stem}"
        candidate, number = stem[:8], 1
        while candidate in used:
            number += 1
            candidate = f"{stem[: 8 - len(str(number))]}{number}"
        used.add(candidate)
        short[name] = candidate
    return short


_ADSL = {"subject": "USUBJID", "arm": "TRT01P", "received": "TRT01A", "followed": "FOLLDY", "guess": "GUESS"}
_LABELS = {
    "USUBJID": "Unique Subject Identifier",
    "TRT01P": "Planned Treatment for Period 01",
    "TRT01A": "Actual Treatment for Period 01",
    "FOLLDY": "Last Study Day Followed",
    "GUESS": "Arm the Subject Took Itself to Be in",
}


def _adsl(design: Design, dataset: Dataset) -> AdamTable:
    subjects = dataset.subjects
    others = [name for name in subjects.columns if name not in _ADSL]
    short = short_names(others, (*_ADSL.values(), "STUDYID"))
    columns = [_study(design, len(subjects))]
    for name, column in subjects.columns.items():
        code = _ADSL.get(name) or short[name]
        cells = _days(column) if name.startswith("followed") else _cells(column)
        columns.append(_column(code, _LABELS.get(code, name), cells, key=1 if name == "subject" else None))
    return AdamTable(
        name="ADSL",
        label="Subject-Level Analysis Dataset",
        structure="One record per subject",
        of_class="SUBJECT LEVEL ANALYSIS DATASET",
        columns=tuple(columns),
    )


def _adqs(design: Design, dataset: Dataset) -> AdamTable:
    values = dataset.values
    codes = short_names(dict.fromkeys(str(name) for name in values["variable"]))
    order = {visit.name: place for place, visit in enumerate(sorted(design.visits, key=lambda visit: visit.day))}
    visits = [str(visit) for visit in values["visit"]]
    base = _baselines(design, dataset)
    amounts = values["value"].astype(float)
    after = np.array([order.get(visit, 0) > 0 for visit in visits])
    columns = [
        _study(design, len(values)),
        _column("USUBJID", _LABELS["USUBJID"], _cells(values["subject"]), key=1),
        _column("PARAM", "Parameter", _cells(values["variable"])),
        _column("PARAMCD", "Parameter Code", [codes[str(name)] for name in values["variable"]], key=2),
        _column("AVISIT", "Analysis Visit", visits),
        _column("AVISITN", "Analysis Visit (N)", [order.get(visit, 0) for visit in visits], key=3),
        _column("AVAL", "Analysis Value", _cells(amounts)),
        _column("BASE", "Baseline Value", _cells(base)),
        _column("CHG", "Change from Baseline", _cells(np.where(after, amounts - base, np.nan))),
    ]
    if "day" in values:
        columns.append(_column("ADY", "Analysis Relative Day", _days(values["day"])))
    return AdamTable(
        name="ADQS",
        label="Scores and Measurements Analysis Dataset",
        structure="One record per subject per parameter per analysis visit",
        of_class="BASIC DATA STRUCTURE",
        columns=tuple(columns),
    )


def _baselines(design: Design, dataset: Dataset) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """The baseline value that belongs to each row of values."""
    found = np.full(len(dataset.values), np.nan)
    if design.baseline is None:
        return found
    rows = dataset.rows_of(dataset.values["subject"])
    for variable in np.unique(dataset.values["variable"]):
        of = (dataset.values["variable"] == variable) & (rows >= 0)
        found[of] = dataset.wide(str(variable), (design.baseline.name,))[rows[of], 0]
    return found


def _adae(design: Design, events: Table) -> AdamTable:
    grades = [None if math.isnan(grade) else f"{grade:g}" for grade in events["grade"].astype(float)]
    sequence, term, day, serious = _occurrences(events, "AE", "Adverse Event")
    # The code is the user's own: MedDRA's terms are licensed, and none are shipped.
    code = _column("AEDECOD", "Dictionary-Derived Term", term.cells)
    grade = _column("AETOXGR", "Standard Toxicity Grade", grades)
    return _of_events(design, events, "ADAE", "adverse event", (sequence, term, code, day, grade, serious))


def _adce(design: Design, events: Table) -> AdamTable:
    return _of_events(design, events, "ADCE", "clinical event", _occurrences(events, "CE", "Clinical Event"))


def _occurrences(events: Table, prefix: str, what: str) -> tuple[AdamColumn, ...]:
    """Number, term, day and seriousness of each event."""
    return (
        _column(f"{prefix}SEQ", "Sequence Number", list(range(1, len(events) + 1)), key=2),
        _column(f"{prefix}TERM", f"Reported Term for the {what}", _cells(events["event"])),
        _column("ASTDY", "Analysis Start Relative Day", _days(events["day"])),
        _column(f"{prefix}SER", "Serious Event", ["Y" if serious else "N" for serious in events["serious"]]),
    )


def _of_events(design: Design, events: Table, name: str, what: str, columns: tuple[AdamColumn, ...]) -> AdamTable:
    subjects = _column("USUBJID", _LABELS["USUBJID"], _cells(events["subject"]), key=1)
    return AdamTable(
        name=name,
        label=f"{what.title()}s Analysis Dataset",
        structure=f"One record per subject per {what}",
        of_class="OCCURRENCE DATA STRUCTURE",
        columns=(_study(design, len(events)), subjects, *columns),
    )


def _study(design: Design, rows: int) -> AdamColumn:
    return _column("STUDYID", "Study Identifier", [design.name] * rows)


def _column(name: str, label: str, cells: Sequence[Cell], key: int | None = None) -> AdamColumn:
    there = [cell for cell in cells if cell is not None]
    kind = "string"
    if there and all(isinstance(cell, int) for cell in there):
        kind = "integer"
    elif there and all(isinstance(cell, int | float) for cell in there):
        kind = "double"
    return AdamColumn(name=name, label=label, kind=kind, cells=tuple(cells), key=key)


def _cells(column: "np.ndarray[Any, Any]") -> list[Cell]:
    """Texts and numbers as JSON has them; a number that is none is null, as is an empty text."""
    if column.dtype.kind in "iu":
        return [int(cell) for cell in column]
    if column.dtype.kind == "f":
        return [None if math.isnan(cell) else float(cell) for cell in column]
    return [str(cell) or None for cell in column]


def _days(column: "np.ndarray[Any, Any]") -> list[Cell]:
    """Study days: 1 for the day of allocation, -1 for the one before."""
    days = [math.nan if math.isnan(day) else float(day) for day in column.astype(float)]
    counted = [None if math.isnan(day) else day + 1.0 if day >= 0.0 else day for day in days]
    whole = all(day is None or day.is_integer() for day in counted)
    return [None if day is None else int(day) if whole else day for day in counted]
