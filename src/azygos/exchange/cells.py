"""Cells of a study's tables as amounts, days, words of the design; what is wrong with one is noted with its place."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from azygos.errors import Problem, close_matches
from azygos.exchange.dictionary import Column, is_adam
from azygos.exchange.sheet import Sheet

__all__ = ["Cells", "Row"]

TRUE, FALSE = ("y", "yes", "true", "1"), ("n", "no", "false", "0", "")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of one table: its texts, and how to say where a cell of it stands."""

    sheet: Sheet
    number: int

    def cell(self, name: str) -> str:
        return self.sheet.columns[name][self.number]

    def where(self, name: str) -> str:
        return f"{self.sheet.rows[self.number]}, column '{name}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Reads cells one by one. Each method answers None after it noted a problem."""

    missing: Collection[str]  # texts that stand for no value
    problems: list[Problem] = field(default_factory=list)

    def meaning(self, row: Row, name: str, column: Column, text: str) -> str | None:
        if not column.values:
            return text
        if text not in column.values:
            self.wrong(f"'{text}' is not among its values", row.where(name), close_matches(text, column.values))
            return None
        return column.values[text]

    def known(self, row: Row, name: str, column: Column, text: str, known: Mapping[str, str], what: str) -> str | None:
        meant = self.meaning(row, name, column, text)
        if meant is None:
            return None
        if meant.casefold() not in known:
            remedy = close_matches(meant, filter(None, known.values()))
            self.wrong(f"the design has no {what} '{meant}'", row.where(name), remedy)
            return None
        return known[meant.casefold()]

    def amount(self, row: Row, name: str, column: Column, text: str) -> float | None:
        meant = self.meaning(row, name, column, text)
        if meant is None:
            return None
        value = row.sheet.number(meant)
        if value is None:
            self.wrong(
                f"'{text}' is not a number", row.where(name), "correct it, or say in the dictionary what it stands for"
            )
            return None
        if column.limits is not None and not column.limits[0] <= value <= column.limits[1]:
            low, high = column.limits
            self.wrong(f"{value:g} is outside {low:g} to {high:g}", row.where(name), "correct it, or the dictionary")
            return None
        return value

    def day(self, row: Row, name: str, text: str, allocated: date | None) -> float | None:
        """Days from allocation, of a number of days or of a date."""
        if text in self.missing:
            return None
        number = row.sheet.number(text)
        if number is not None:
            # CDISC counts the day of allocation as day 1, and the one before it as -1.
            is_study_day = is_adam(row.sheet) and (name.endswith("DY") or name.startswith("FOLL"))
            return number - 1.0 if is_study_day and number > 0.0 else number
        day = self.date(row, name, text)
        if day is None:
            return None
        if allocated is None:
            remedy = "give a column of role 'allocated', or days from allocation"
            self.wrong("a date, and no day of allocation to count from", row.where(name), remedy)
            return None
        return float((day - allocated).days)

    def date(self, row: Row, name: str, text: str) -> date | None:
        try:
            found = date.fromisoformat(text[:10]) if len(text) >= 10 and text[4] == "-" else None
        except ValueError:
            self.wrong(f"'{text}' is no day of the calendar", row.where(name), "write dates like 2012-03-29")
            return None
        if found is None:
            self.wrong(f"'{text}' is no date", row.where(name), "write dates like 2012-03-29")
        elif found > date.today():
            self.wrong(f"'{text}' lies in the future", row.where(name), "correct it")
            return None
        return found

    def yes(self, row: Row, name: str) -> bool:
        text = row.cell(name).lower()
        if text not in (*TRUE, *FALSE):
            self.wrong(f"'{row.cell(name)}' is neither yes nor no", row.where(name), "write Y or N")
        return text in TRUE

    def wrong(self, what: str, where: str, remedy: str) -> None:
        self.problems.append(Problem(what, where, remedy))
