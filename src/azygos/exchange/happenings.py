"""What rows of a study's tables say of visits and events, once it is known who the patients are."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from azygos.errors import close_matches
from azygos.exchange.cells import Cells, Row
from azygos.exchange.design import DAYS
from azygos.exchange.dictionary import Column, adam_kind, is_adam
from azygos.exchange.sheet import Sheet
from azygos.study.design import Design

__all__ = ["Happenings", "Subject"]


@dataclass(slots=True)
class Subject:
    """What is known of a patient, each with the place where it was said first."""

    place: str
    allocated: date | None = None
    said: dict[str, tuple[Any, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of a table with the patient it is of, what its columns are, and the days that it gives."""

    row: Row
    who: str
    subject: Subject
    columns: Mapping[str, Column]
    by_role: Mapping[str, list[str]]
    days: Mapping[str, float | None]

    def first(self, role: str) -> str:
        """The column of a role; empty where there is none."""
        return self.by_role.get(role, [""])[0]

    def text(self, role: str) -> str:
        name = self.first(role)
        return self.row.cell(name) if name else ""

    def day_of(self, visit: str) -> float:
        found = next((self.days[n] for n in self.by_role.get("day", ()) if self.columns[n].visit in ("", visit)), None)
        return math.nan if found is None else found


class Happenings:
    """Gathers values and events; what is wrong is noted by the cells."""

    def __init__(
        self, design: Design, cells: Cells, subjects: Mapping[str, Subject], repeated: set[tuple[str, int]]
    ) -> None:
        self.cells, self.subjects, self.repeated = cells, subjects, repeated
        self.visits = {visit.name.casefold(): visit.name for visit in design.visits}
        self.variables = {endpoint.variable.casefold(): endpoint.variable for endpoint in design.endpoints}
        self.values: list[tuple[str, str, str, float, float, str]] = []
        self.events: list[tuple[str, str, float, float, bool, str]] = []

    def read(self, sheet: Sheet, columns: Mapping[str, Column]) -> None:
        """Takes up the values and events of a table."""
        by_role: dict[str, list[str]] = {}
        for name, column in columns.items():
            by_role.setdefault(column.role, []).append(name)
        if "subject" not in by_role:
            return
        key = by_role["subject"][0]
        for number, who in enumerate(sheet.columns[key]):
            subject, row = self.subjects.get(who), Row(sheet, number)
            if subject is None and who not in self.cells.missing:
                remedy = close_matches(who, self.subjects)
                self.cells.wrong(f"no patient '{who}' in the table of patients", row.where(key), remedy)
            if subject is None or (sheet.file, number) in self.repeated or not _is_used(row):
                continue
            # Every day is looked at, that of a missing value too: an impossible date may hide what the value was.
            days = {n: self.cells.day(row, n, row.cell(n), subject.allocated) for n in by_role.get("day", ())}
            line = _Line(row, who, subject, columns, by_role, days)
            self._values_of(line)
            self._events_of(line)

    # -----------------------------------------------------------------------------------------------------------
    # values

    def _values_of(self, line: _Line) -> None:
        for name in line.by_role.get("value", ()):
            column, text, row = line.columns[name], line.row.cell(name), line.row
            if text in self.cells.missing:
                continue
            visit = column.visit or self._visit(line)
            variable = column.variable or self._variable(line)
            value = self.cells.amount(row, name, column, text)
            if visit is None or variable is None or value is None:
                continue
            for what, found in (("visit", visit), ("variable", variable)):
                if not found:
                    remedy = f"say of which in a column, or in the dictionary with '{what}:'"
                    self.cells.wrong(f"a value of no {what}", row.where(name), remedy)
            if visit and variable:
                self._check_change(line, value)
                self.values.append((line.who, visit, variable, value, line.day_of(visit), row.where(name)))

    def _visit(self, line: _Line) -> str | None:
        """The visit of the row; empty where no column says, None after a problem or where ADaM has no visit for it."""
        name, text = line.first("visit"), line.text("visit")
        if text in self.cells.missing:
            return None if name and is_adam(line.row.sheet) else ""
        return self.cells.known(line.row, name, line.columns[name], text, self.visits, "visit")

    def _variable(self, line: _Line) -> str | None:
        """The variable of the row; empty where no column says. PARAM may have the name that PARAMCD has no room for."""
        name, text = line.first("variable"), line.text("variable")
        if text in self.cells.missing:
            return ""
        meant = self.cells.meaning(line.row, name, line.columns[name], text)
        if meant is None:
            return None
        params = line.row.sheet.columns.get("PARAM") if is_adam(line.row.sheet) else None
        long = params[line.row.number] if params and not line.columns[name].values else meant
        return self.variables.get(long.casefold()) or self.variables.get(meant.casefold()) or long or meant

    def _check_change(self, line: _Line, value: float) -> None:
        """Where a table has the baseline and the change from it beside the value, they must agree."""
        change, base = (line.row.sheet.number(line.text(role)) for role in ("change", "baseline"))
        if change is None or base is None:
            return
        if abs(value - base - change) > 1e-6 * max(1.0, abs(value), abs(base)):
            what = f"a change of {change:g} from {base:g} to {value:g}"
            self.cells.wrong(what, line.row.where(line.first("change")), f"it is {value - base:g}")

    # -----------------------------------------------------------------------------------------------------------
    # events

    def _events_of(self, line: _Line) -> None:
        for name in line.by_role.get("event", ()):
            column, text = line.columns[name], line.row.cell(name)
            if text in self.cells.missing:
                continue
            if column.event:
                day = self.cells.day(line.row, name, text, line.subject.allocated)
                if day is not None:
                    self._event(line, name, column.event, day)
                continue
            word = self.cells.meaning(line.row, name, column, text)
            is_wrong = line.text("day") not in self.cells.missing and line.days.get(line.first("day")) is None
            if word is not None and not is_wrong:
                self._event(line, name, self.variables.get(word.casefold(), word), line.day_of(""))

    def _event(self, line: _Line, name: str, event: str, day: float) -> None:
        row = line.row
        day *= _day_of_time(line) if "censored" in line.by_role else 1.0
        if line.text("censored") not in ("0", "0.0", *self.cells.missing):
            line.subject.said[f"followed for {event}"] = (day, row.where(name))
            return
        is_adverse = "grade" in line.by_role or (is_adam(row.sheet) and any(n.startswith("AE") for n in line.columns))
        grade = math.nan if is_adverse else 0.0
        if line.text("grade") not in self.cells.missing:
            of = line.first("grade")
            found = self.cells.amount(row, of, line.columns[of], row.cell(of))
            grade = math.nan if found is None else found
        serious = line.first("serious")
        self.events.append(
            (line.who, event, day, grade, bool(serious) and self.cells.yes(row, serious), row.where(name))
        )


def _day_of_time(line: _Line) -> float:
    """Days in the unit of a time to an event: ADaM has it in the parameter's name, as in `Time to relapse (months)`."""
    params = line.row.sheet.columns.get("PARAM")
    unit = re.search(r"\((day|week|month|year)s?\)", params[line.row.number].lower()) if params else None
    return DAYS[unit[1]] if unit else 1.0


def _is_used(row: Row) -> bool:
    """ADaM marks the record to analyse among several of a visit, and those that somebody imputed."""
    if is_adam(row.sheet) and adam_kind(row.sheet) == "adsl":
        return False
    flag, derived = row.sheet.columns.get("ANL01FL"), row.sheet.columns.get("DTYPE")
    return (flag is None or flag[row.number] == "Y") and (derived is None or not derived[row.number])
