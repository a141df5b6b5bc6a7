"""Reads a study's data, CSV, ADaM or Dataset-JSON, into the three tables that an analysis takes.

All problems of all files are said at once: those of single cells, then those that `azygos.study.check` finds.
"""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from azygos.errors import InputError, Problem, close_matches
from azygos.exchange.cells import Cells, Row
from azygos.exchange.dictionary import Column, Dictionary, read_dictionary, understood
from azygos.exchange.happenings import Happenings, Subject
from azygos.exchange.sheet import Sheet, read_sheets
from azygos.study.check import Places, problems_of
from azygos.study.dataset import Dataset, Table, empty_events, empty_values
from azygos.study.design import Design

__all__ = ["dictionary_of", "read_study_data"]

NO_ARM = ("screen failure", "not assigned")  # CDISC controlled terminology, ARMNULRS
MISSING = ("NA", "N/A", "NaN", ".")  # without a dictionary
SUBJECT_ROLES = ("allocated", "arm", "received", "followed", "guess", "covariate")


def read_study_data(path: str | Path, design: Design, dictionary: str | Path | None = None) -> Dataset:
    """The data of a file or folder under a design. Raises InputError with all that is wrong with them.

    A folder's own dictionary.yaml says what its columns are where no other dictionary is given.
    """
    said, sheets = _read(Path(path), design, dictionary_of(path, dictionary))
    reader = _Reader(design, said)
    dataset, places = reader.read(sheets)
    problems = [*(fault for sheet in sheets for fault in sheet.faults), *reader.problems]
    if dataset is not None:
        problems += problems_of(dataset, design, places)
    if problems:
        raise InputError(problems)
    assert dataset is not None
    return dataset


def dictionary_of(path: str | Path, dictionary: str | Path | None) -> Path | None:
    """The dictionary that the data of a file or folder are read by: the one given, or the folder's own."""
    if dictionary is not None:
        return Path(dictionary)
    own = Path(path) / "dictionary.yaml"
    return own if own.is_file() else None


def _read(path: Path, design: Design, dictionary: Path | None) -> tuple[Dictionary | None, list[Sheet]]:
    """The dictionary and the tables. Raises InputError with the problems of both."""
    problems: list[Problem] = []
    said, sheets = None, list[Sheet]()
    try:
        said = read_dictionary(dictionary, design) if dictionary is not None else None
    except InputError as error:
        problems += error.problems
    try:
        sheets = read_sheets(_folder_of(path))
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)
    return said, sheets


def _folder_of(path: Path) -> Path:
    """The folder of a file that is one dataset of several: adqs.json means little without adsl.json."""
    beside = path.parent / f"adsl{path.suffix}"
    is_part = path.suffix in (".csv", ".json") and path.is_file() and path.name.lower().startswith("ad")
    return path.parent if is_part and beside.is_file() and beside != path else path


class _Reader:
    """Gathers subjects, values and events of tables, and everything that is wrong with them."""

    def __init__(self, design: Design, dictionary: Dictionary | None) -> None:
        self.design, self.dictionary = design, dictionary
        self.missing = {"", *(dictionary.missing if dictionary else MISSING)}
        self.repeated: set[tuple[str, int]] = set()  # rows, by file, of patients who have one already
        self.cells = Cells(missing=self.missing)
        self.problems = self.cells.problems
        self.subjects: dict[str, Subject] = {}
        self.words: dict[str, bool] = {}  # of each covariate, whether it is of words
        self.arms = dict.fromkeys(NO_ARM, "") | {arm.name.casefold(): arm.name for arm in design.arms}

    def read(self, sheets: list[Sheet]) -> tuple[Dataset | None, Places]:
        """The dataset, and where each row of its tables stands; None where no patients could be found."""
        meant = [(sheet, understood(sheet, self.design, self.dictionary, self.problems)) for sheet in sheets]
        # Days of allocation first: dates are counted from them.
        meant.sort(key=lambda one: all(column.role != "allocated" for column in one[1].values()))
        self._absent(meant)
        # Tables that say something of patients say who they are; where none does, all do.
        own = [one for one in meant if any(column.role in SUBJECT_ROLES for column in one[1].values())] or meant
        for sheet, columns in own:
            self._subjects_of(sheet, columns)
        if not self.subjects:
            return None, Places()
        happenings = Happenings(design=self.design, cells=self.cells, subjects=self.subjects, repeated=self.repeated)
        for sheet, columns in meant:
            happenings.read(sheet, columns)
        return self._dataset(happenings)

    # -----------------------------------------------------------------------------------------------------------
    # patients

    def _absent(self, meant: list[tuple[Sheet, dict[str, Column]]]) -> None:
        there = {name for sheet, _ in meant for name in sheet.columns}
        for name, place in (self.dictionary.places if self.dictionary else {}).items():
            if name not in there:
                self.problems.append(Problem(f"no table has the column '{name}'", place, close_matches(name, there)))
        roles = {column.role for _, columns in meant for column in columns.values()}
        file = meant[0][0].file if meant else ""
        for sheet, columns in meant:
            if not any(column.role == "subject" for column in columns.values()):
                self.problems.append(
                    Problem(
                        "no column names the patients", sheet.file, "call one 'subject', or say which in a dictionary"
                    )
                )
        if "arm" not in roles and len(self.design.arms) > 1:
            remedy = "call one 'arm', or say which in a dictionary"
            self.problems.append(Problem("no column gives the patients' arms", file, remedy))

    def _subjects_of(self, sheet: Sheet, columns: dict[str, Column]) -> None:
        key = next((name for name, column in columns.items() if column.role == "subject"), None)
        if key is None:
            return
        plain = {name: column for name, column in columns.items() if column.role in SUBJECT_ROLES}
        plain = dict(sorted(plain.items(), key=lambda one: one[1].role != "allocated"))
        for name, column in plain.items():
            if column.role == "covariate":
                self._kind_of(sheet, name, column)
        # A table without rows of visits, variables or events has one row for each patient.
        is_long = any(
            c.role in ("visit", "variable", "grade") or (c.role == "event" and not c.event) for c in columns.values()
        )
        is_long = is_long or not plain
        seen: dict[str, str] = {}
        for number, who in enumerate(sheet.columns[key]):
            row = Row(sheet, number)
            if who in self.missing:
                self.cells.wrong("no patient is named", row.where(key), "give the row an identity, or remove it")
                continue
            if not is_long and who in seen:
                self.cells.wrong(
                    f"patient '{who}' again, first at {seen[who]}", row.where(key), "keep one row for each patient"
                )
                self.repeated.add((sheet.file, number))
                continue
            seen[who] = sheet.rows[number]
            subject = self.subjects.setdefault(who, Subject(row.where(key)))
            for name, column in plain.items():
                self._say(subject, who, row, name, column)

    def _kind_of(self, sheet: Sheet, name: str, column: Column) -> None:
        """A covariate is of numbers where most of its cells are: the rest are then said to be wrong."""
        cells = [cell for cell in sheet.columns[name] if cell not in self.missing]
        numbers = sum(sheet.number(cell) is not None for cell in cells)
        self.words[column.name or name] = bool(column.values) or (column.limits is None and numbers < 0.8 * len(cells))

    def _say(self, subject: Subject, who: str, row: Row, name: str, column: Column) -> None:
        text = row.cell(name)
        if text in self.missing:
            return
        found = self._plain(row, name, column, text, subject)
        label = (column.name or name) if column.role == "covariate" else column.role
        label += f" for {column.event}" if column.role == "followed" and column.event else ""
        if found is None:
            return
        before = subject.said.setdefault(label, (found, row.where(name)))
        if before[0] != found:
            what = f"patient '{who}': {label} '{text}', and '{before[0]}' at {before[1]}"
            self.cells.wrong(what, row.where(name), "it is one for each patient: correct one of them")

    def _plain(self, row: Row, name: str, column: Column, text: str, subject: Subject) -> Any:
        """What a cell says of its patient; None after its problem was noted."""
        match column.role:
            case "arm" | "received":
                return self.cells.known(row, name, column, text, self.arms, "arm")
            case "guess":
                meant = self.cells.meaning(row, name, column, text)
                return None if meant is None else self.arms.get(meant.casefold(), meant)
            case "allocated":
                subject.allocated = self.cells.date(row, name, text)
                return subject.allocated
            case "followed":
                return self.cells.day(row, name, text, subject.allocated)
        meant = self.cells.meaning(row, name, column, text)
        if meant is None or self.words[column.name or name]:
            return meant
        return self.cells.amount(row, name, column, text)

    # -----------------------------------------------------------------------------------------------------------
    # tables

    def _dataset(self, happenings: Happenings) -> tuple[Dataset, Places]:
        known = list(self.subjects.values())
        columns: dict[str, NDArray[Any]] = {"subject": np.array(list(self.subjects))}
        said = (label for subject in known for label in subject.said if label != "allocated")
        labels = dict.fromkeys(["arm", *self.words, *said])
        lone = self.design.arms[0].name if len(self.design.arms) == 1 else ""
        for label in labels:
            found = [subject.said.get(label, (None, ""))[0] for subject in known]
            if label in ("arm", "received", "guess") or self.words.get(label, False):
                blank = lone if label == "arm" else ""
                columns[label] = np.array([blank if one is None else one for one in found])
            else:
                columns[label] = np.array([math.nan if one is None else one for one in found], dtype=float)
        values = _table(("subject", "visit", "variable", "value", "day"), happenings.values, empty_values())
        if "day" in values and np.isnan(values["day"]).all():
            values = Table({name: column for name, column in values.columns.items() if name != "day"})
        events = _table(("subject", "event", "day", "grade", "serious"), happenings.events, empty_events())
        places = Places(
            subjects=tuple(subject.place for subject in known),
            values=tuple(one[-1] for one in happenings.values),
            events=tuple(one[-1] for one in happenings.events),
        )
        return Dataset(subjects=Table(columns), values=values, events=events), places


def _table(names: tuple[str, ...], rows: Iterable[tuple[Any, ...]], empty: Table) -> Table:
    columns = list(zip(*rows, strict=True))
    return Table({name: np.array(columns[place]) for place, name in enumerate(names)}) if columns else empty
