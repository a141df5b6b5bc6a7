"""What was recorded in a study, real or simulated: three plain tables of columns.

    subjects    subject, arm, and any number of strata and baseline covariates; one row each
    values      subject, visit, variable, value; one row for each measurement made
    events      subject, event, day, grade, serious; one row for each

The analysis knows some columns where they are there. Of `subjects`: `received`, the name of the arm whose treatment was
given, empty for none; `followed`, the last day on which it is known how the patient was (`followed for EVENT` for one
event alone); `guess`, the arm that the patient took himself to be in, empty for "do not know". Of `values`: `day`.
Grade 0 is a happening that is no adverse event, such as `lost to follow-up`; a grade that is not a number is an adverse
event of unknown grade. Days count from allocation.

Nothing is checked here, so that ten thousand simulated datasets cost nothing: `azygos.study.check` does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["LOST", "Dataset", "Table", "empty_events", "empty_values"]

Column: TypeAlias = NDArray[Any]
Floats: TypeAlias = NDArray[np.float64]

LOST = ("lost to follow-up", "withdrew", "died")  # events after which nothing more is expected of a patient


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns of one length, by name."""

    columns: Mapping[str, Column]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def __repr__(self) -> str:
        return f"Table({len(self)} rows: {', '.join(self.columns)})"

    def where(self, rows: NDArray[Any]) -> "Table":
        """The rows of a mask or of a list of row numbers."""
        return Table({name: column[rows] for name, column in self.columns.items()})


def empty_values() -> Table:
    """No measurements."""
    texts = {name: np.empty(0, dtype="U1") for name in ("subject", "visit", "variable")}
    return Table(texts | {"value": np.empty(0)})


def empty_events() -> Table:
    """No events."""
    texts = {name: np.empty(0, dtype="U1") for name in ("subject", "event")}
    return Table(texts | {"day": np.empty(0), "grade": np.empty(0), "serious": np.empty(0, dtype=bool)})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """The subjects of a study, their values and their events."""

    subjects: Table
    values: Table
    events: Table

    def __len__(self) -> int:
        return len(self.subjects)

    def rows_of(self, subjects: Column) -> NDArray[np.int64]:
        """The row in `subjects` of each of these; -1 for those who are not there."""
        known = self.subjects["subject"]
        if len(known) == 0:
            return np.full(len(subjects), -1)
        order = np.argsort(known, kind="stable")
        found = order[np.searchsorted(known, subjects, sorter=order).clip(max=len(known) - 1)]
        return np.where(known[found] == subjects, found, -1) if len(subjects) else np.empty(0, dtype=np.int64)

    def wide(self, variable: str, visits: tuple[str, ...]) -> Floats:
        """The values of a variable [subject, visit]; not a number where there is none."""
        grid = np.full((len(self.subjects), len(visits)), np.nan)
        of = self.values.where(self.values["variable"] == variable)
        rows = self.rows_of(of["subject"])
        for column, visit in enumerate(visits):
            here = (of["visit"] == visit) & (rows >= 0)
            grid[rows[here], column] = of["value"][here]
        return grid

    def first_day(self, events: tuple[str, ...]) -> Floats:
        """The day of each subject's first event of these names; infinite for those who had none."""
        days = np.full(len(self.subjects), np.inf)
        of = self.events.where(np.isin(self.events["event"], events))
        rows = self.rows_of(of["subject"])
        np.fmin.at(days, rows[rows >= 0], of["day"][rows >= 0])  # a day may be unknown
        return days
