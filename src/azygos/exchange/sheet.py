"""Tables of a study as they lie in files, CSV or CDISC Dataset-JSON 1.1: texts, and where each row stands."""

import csv
import io
import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azygos.errors import InputError, Problem
from azygos.exchange.document import read_text, shown

__all__ = ["Sheet", "read_csv", "read_dataset_json", "read_sheets"]

MOST_CELLS = 50_000_000
SUFFIXES = (".csv", ".json")
_SEPARATOR = re.compile(r"sep=([,;\t|])\r?\n")  # a line that spreadsheets put before the headings
_WITH_POINT, _WITH_COMMA = re.compile(r"-?\d*\.\d+"), re.compile(r"-?\d+,\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Columns of texts; an empty text is a missing value."""

    file: str
    name: str  # of the dataset: "adsl"; of a CSV file, its stem
    columns: Mapping[str, list[str]]
    rows: tuple[str, ...]  # where each stands: "data.csv:14"
    labels: Mapping[str, str]
    faults: tuple[Problem, ...] = ()  # of rows that could not be read and were left out
    has_decimal_commas: bool = False

    def __len__(self) -> int:
        return len(self.rows)

    def number(self, text: str) -> float | None:
        """The finite number of a cell's text; None where it is none."""
        if self.has_decimal_commas and _WITH_COMMA.fullmatch(text):
            text = text.replace(",", ".")
        try:
            value = float(text)
        except ValueError:
            return None
        return value if math.isfinite(value) else None


def read_sheets(path: Path) -> list[Sheet]:
    """The tables of a file, or of all .csv and .json files of a folder. Raises InputError with all that is wrong."""
    if not path.is_dir():
        return [_read(path)]
    found = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES and _is_table(file))
    if not found:
        raise InputError(Problem("no table in this folder", str(path), "tables are .csv files or Dataset-JSON files"))
    sheets: list[Sheet] = []
    problems: list[Problem] = []
    for file in found:
        try:
            sheets.append(_read(file))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return sheets


def _is_table(file: Path) -> bool:
    """Whether a file of a folder is meant: all CSV files, and of the JSON files those that say so."""
    if file.suffix.lower() == ".csv":
        return True
    with file.open(encoding="utf-8", errors="replace") as text:
        return "datasetJSON" in text.read(2000)


def _read(path: Path) -> Sheet:
    return read_dataset_json(path) if path.suffix.lower() == ".json" else read_csv(path)


def read_csv(path: Path) -> Sheet:
    """A file separated by commas, semicolons or tabs, with a line of headings.

    Where commas do not separate, they are decimal ones, unless a number has a decimal point.
    """
    text = read_text(path)
    told = _SEPARATOR.match(text)
    if told:
        text = text[told.end() :]
    first = text.split("\n", 1)[0]
    delimiter = told.group(1) if told else max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[tuple[int, list[str]]] = []
    before = 1 if told else 0  # lines before the headings
    start = 1 + before
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((start, [cell.strip() for cell in cells]))
            start = reader.line_num + 1 + before
    except csv.Error as error:
        raise InputError(Problem(f"not a CSV file: {error}", f"{path}:{start}", "is a quote left open?")) from None
    if not lines:
        raise InputError(Problem("the file is empty", str(path), "give it a line of headings and a line per row"))
    (_, names), body = lines[0], lines[1:]
    problems = _headings(names, f"{path}:{lines[0][0]}")
    if not body:
        problems.append(Problem("headings and no row", str(path), "give it a line per row"))
    if problems:
        raise InputError(problems)
    faults = tuple(
        Problem(f"{len(cells)} cells under {len(names)} headings", f"{path}:{line}", "is a comma missing, or a quote?")
        for line, cells in body
        if len(cells) != len(names)
    )
    body = [(line, cells) for line, cells in body if len(cells) == len(names)]
    columns = {name: [cells[place] for _, cells in body] for place, name in enumerate(names)}
    rows = tuple(f"{path}:{line}" for line, _ in body)
    has_points = any(_WITH_POINT.fullmatch(cell) for _, cells in body for cell in cells)
    return Sheet(
        file=str(path),
        name=path.stem.lower(),
        columns=columns,
        rows=rows,
        labels={},
        faults=faults,
        has_decimal_commas=delimiter != "," and not has_points,
    )


def _headings(names: list[str], where: str) -> list[Problem]:
    twice = [name for name, many in Counter(names).items() if many > 1 and name]
    problems = [Problem(f"two columns are called '{name}'", where, "rename one") for name in twice]
    blank = [place for place, name in enumerate(names, start=1) if not name]
    return problems + [Problem(f"column {place} has no heading", where, "give it one") for place in blank]


def read_dataset_json(path: Path) -> Sheet:
    """One dataset in CDISC Dataset-JSON 1.1: https://www.cdisc.org/standards/data-exchange/dataset-json."""
    text = read_text(path)
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(Problem(f"not JSON: {error.msg}", f"{path}:{error.lineno}", "is the file cut off?")) from None
    except RecursionError:
        raise InputError(Problem("not Dataset-JSON: nested too deep", str(path))) from None
    except ValueError:  # of whole numbers Python reads 4300 digits
        raise InputError(Problem("not Dataset-JSON: a number has thousands of digits", str(path))) from None
    problems = _shape(data, path)
    if problems:
        raise InputError(problems)
    names = [str(column["name"]) for column in data["columns"]]
    rows: list[list[Any]] = data.get("rows") or []
    columns = {name: [_text(row[place]) for row in rows] for place, name in enumerate(names)}
    places = tuple(f"{path}: row {number}" for number in range(1, len(rows) + 1))
    labels = {str(column["name"]): str(column.get("label", "")) for column in data["columns"]}
    return Sheet(file=str(path), name=str(data["name"]).lower(), columns=columns, rows=places, labels=labels)


def _shape(data: Any, path: Path) -> list[Problem]:
    """What keeps a JSON value from being a dataset."""
    if not isinstance(data, dict) or not str(data.get("datasetJSONVersion", "")).startswith("1.1"):
        remedy = "its top is an object with datasetJSONVersion, name, columns and rows"
        return [Problem("not Dataset-JSON 1.1", str(path), remedy)]
    problems = [Problem(f"'{key}' is missing", str(path), "add it") for key in ("name", "columns") if key not in data]
    columns = data.get("columns", [])
    if not isinstance(columns, list) or any(not isinstance(c, dict) or not c.get("name") for c in columns):
        return [*problems, Problem("columns must be a list of objects with a name", str(path))]
    problems += _headings([str(column["name"]) for column in columns], str(path))
    rows = data.get("rows") or []
    if not isinstance(rows, list):
        return [*problems, Problem("rows must be a list of lists", str(path))]
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, list) or len(row) != len(columns):
            got = f"{len(row)} values" if isinstance(row, list) else shown(row)
            problems.append(Problem(f"{got} for {len(columns)} columns", f"{path}: row {number}"))
    records = data.get("records")
    if isinstance(records, int) and records != len(rows):
        problems.append(Problem(f"records says {records}, and there are {len(rows)} rows", str(path), "is it cut off?"))
    return problems


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    return repr(value) if isinstance(value, float) else str(value).strip()
