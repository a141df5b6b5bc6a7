"""The columns of a file as the models want them, and their answers as lines of numbers.

Text columns among covariates become indicators of all labels but the first. A row with an empty cell in a column that
is used is refused, or left out with `missing="drop"`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from azygos.errors import InputError, Problem
from azygos.statistics.columns import Floats
from azygos.statistics.effect import Effect
from azygos.statistics.result import Interval, Test
from azygos.statistics.table import MISSING, Table

__all__ = [
    "Answer",
    "Line",
    "Missing",
    "Wide",
    "by_patient",
    "coded",
    "effect_line",
    "events_of",
    "given",
    "interval_line",
    "matrix",
    "optional",
    "ratios",
    "rows_of",
]

Missing = Literal["refuse", "drop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An effect and what it is of."""

    name: str
    estimate: float
    se: float | None = None
    df: float | None = None
    lower: float
    upper: float
    statistic: float | None = None
    p: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a model found."""

    method: str
    n: int
    results: tuple[Line, ...]
    level: float
    tests: tuple[Test, ...] = ()
    deviance: float | None = None  # -2 log-likelihood, restricted for mmrm
    covariance: Floats | None = None  # of the visits, for mmrm
    converged: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Wide:
    """Visits side by side."""

    outcome: Floats  # (patients, visits), not-a-number where missing
    visits: tuple[str, ...]
    patients: Table  # the columns that belong to a patient, one row each


def by_patient(data: Table, outcome: str, visit: str, patient: str, own: Sequence[str]) -> Wide:
    """Raises InputError for a visit that a patient has twice, and for a patient's column that changes between rows."""
    absent = data.absent(outcome, visit, patient, *own)
    if absent:
        raise InputError(absent)
    (values,) = data.numbers(outcome, missing=True)
    ids, visits = data.texts(patient, visit)
    order = _in_order(visits)
    place = {name: j for j, name in enumerate(order)}
    first: dict[str, int] = {}
    for row, name in enumerate(ids):
        first.setdefault(name, row)
    index = {name: i for i, name in enumerate(first)}
    wide, taken = np.full((len(first), len(order)), np.nan), set()
    problems = []
    for row, (name, v) in enumerate(zip(ids, visits, strict=True)):
        where = f"{data.source}:{data.lines[row]}"
        if (name, v) in taken:
            problems.append(Problem(f"patient '{name}' has visit '{v}' twice", where, "keep one of the two rows"))
        taken.add((name, v))
        wide[index[name], place[v]] = values[row]
        for column in own:
            if data.columns[column][row] != data.columns[column][first[name]]:
                what = f"'{column}' of patient '{name}' is not the same in all rows"
                problems.append(Problem(what, where, "it must not change between visits"))
    if problems:
        raise InputError(problems)
    return Wide(outcome=wide, visits=order, patients=_picked(data, list(first.values())))


def _in_order(labels: Sequence[str]) -> tuple[str, ...]:
    """The different labels, as numbers if they are numbers, else in the order of the file."""
    different = tuple(dict.fromkeys(labels))
    try:
        return tuple(sorted(different, key=float))
    except ValueError:
        return different


def rows_of(data: Table, names: Sequence[str], missing: Missing) -> Table:
    """The table, or its complete rows. Raises InputError with every cell that is missing."""
    absent = data.absent(*names)
    if absent:
        raise InputError(absent)
    gaps = [(i, name) for i in range(len(data)) for name in names if data.columns[name][i].lower() in MISSING]
    if gaps and missing == "refuse":
        raise InputError(
            Problem(
                f"column '{name}' is empty", f"{data.source}:{data.lines[i]}", "leave the row out by --missing drop"
            )
            for i, name in gaps
        )
    incomplete = {i for i, _ in gaps}
    whole = [i for i in range(len(data)) if i not in incomplete]
    if not whole:
        raise InputError(Problem("no row is complete", data.source, f"columns used: {', '.join(names)}"))
    return _picked(data, whole)


def _picked(data: Table, rows: Sequence[int]) -> Table:
    columns = {name: tuple(cells[i] for i in rows) for name, cells in data.columns.items()}
    return replace(data, columns=columns, lines=tuple(data.lines[i] for i in rows))


def coded(data: Table, names: Sequence[str]) -> tuple[tuple[str, ...], Floats]:
    """Covariates as numbers; a column of texts becomes indicators of all its labels but the first in order."""
    labels, parts = [], []
    for name in names:
        cells = [cell for cell in data.columns[name] if cell.lower() not in MISSING]
        if all(_is_number(cell) for cell in cells):
            labels.append(name)
            parts.append(data.numbers(name)[0])
            continue
        texts = np.array(data.texts(name)[0])
        for label in np.unique(texts).tolist()[1:]:
            labels.append(f"{name}={label}")
            parts.append((texts == label).astype(float))
    return tuple(labels), np.column_stack(parts) if parts else np.empty((len(data), 0))


def matrix(data: Table, names: Sequence[str]) -> Floats | None:
    return coded(data, names)[1] if names else None


def optional(data: Table, name: str | None) -> Floats | None:
    return data.numbers(name)[0] if name else None


def events_of(data: Table, name: str, value: str | None) -> Floats:
    if value is None:
        (events,) = data.numbers(name)
        if not np.all((events == 0.0) | (events == 1.0)):
            what = f"column '{name}' has values other than 0 (censored) and 1 (the event)"
            raise InputError(Problem(what, data.source, "say which one means an event by --event-value"))
        return events
    cells = data.texts(name)[0]
    if value not in cells:
        raise InputError(
            Problem(f"column '{name}' has no '{value}'", data.source, "name the value that means an event")
        )
    return np.array([float(cell == value) for cell in cells])


def given(name: str | None) -> tuple[str, ...]:
    return (name,) if name else ()


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def ratios(names: Sequence[str], logs: Sequence[Effect], ratios: Sequence[Interval], of: str) -> tuple[Line, ...]:
    lines = [effect_line(f"log {of} of {name}", one) for name, one in zip(names, logs, strict=True)]
    return (*lines, *(interval_line(f"{of} of {name}", one) for name, one in zip(names, ratios, strict=True)))


def effect_line(name: str, found: Effect) -> Line:
    line = interval_line(name, found.interval, found.se)
    return replace(line, df=found.df, statistic=found.test.statistic, p=found.p)


def interval_line(name: str, interval: Interval, se: float | None = None) -> Line:
    return Line(name=name, estimate=interval.estimate, se=se, lower=interval.lower, upper=interval.upper)
