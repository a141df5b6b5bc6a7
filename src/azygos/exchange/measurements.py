"""What was measured of a person, read from a CSV file.

    # a comment
    measure,value,unit,error,posture
    flow(ijv_r),362,mL/min,30,supine
    "pressure(radial_r, 1)",92,mmHg,4,supine
    area(ijv_r),8,mm2,3,upright

A measure is an expression of `azygos.engine.measure`; one with a comma stands in quotation marks. `error` is one
standard deviation, in the same unit as the value. A posture is `supine`, `upright` or an angle such as `45 deg`.
"""

import csv
import difflib
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from azygos.body.body import POSTURES
from azygos.body.network import Network
from azygos.engine.measure import Measure
from azygos.errors import InputError, Problem, close_matches, near_matches
from azygos.exchange.document import read_text
from azygos.population.measurement import Measurement
from azygos.units import UnitProblem

__all__ = ["COLUMNS", "posture_of", "read_measurements"]

COLUMNS = ("measure", "value", "unit", "error", "posture")
EXAMPLE = "flow(ijv_r),362,mL/min,30,supine"
LARGEST = 10_000  # rows; more is another kind of file


def read_measurements(path: str | Path, network: Network | None = None) -> tuple[Measurement, ...]:
    """The measurements of a file, of things that `network` has where it is given.

    Raises InputError with all problems of the file, each with its line.
    """
    file = Path(path)
    lines = list(_lines(read_text(file).splitlines(), str(file)))
    if not lines:
        raise InputError(Problem("the file has no rows", f"{file}:1", f"begin with the line {','.join(COLUMNS)}"))
    (place, header), *rows = lines
    problems = _of_header(header, place)
    if problems:
        raise InputError(problems)
    if not rows:
        problems.append(Problem("no measurement follows the header", place, f"write rows like {EXAMPLE}"))
    if len(rows) > LARGEST:
        problems.append(Problem(f"more than {LARGEST} rows", f"{file}:{LARGEST}", "is it a list of measurements?"))
    found = [_measurement(header, row, where, network, problems) for where, row in rows[:LARGEST]]
    if problems:
        raise InputError(problems)
    return tuple(one for one in found if one is not None)


def _lines(lines: Iterable[str], file: str) -> Iterator[tuple[str, list[str]]]:
    """`file:line` and cells of every line that is neither empty nor a comment."""
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                (cells,) = csv.reader([line], skipinitialspace=True)
            except csv.Error as error:
                raise InputError(Problem(f"not a row of a CSV file: {error}", f"{file}:{number}", EXAMPLE)) from None
            yield f"{file}:{number}", [cell.strip() for cell in cells]


def _of_header(header: list[str], where: str) -> list[Problem]:
    problems = [
        Problem(f"unknown column '{name}'", where, close_matches(name, COLUMNS))
        for name in header
        if name not in COLUMNS
    ]
    meant = {name for got in header if got not in COLUMNS for name in difflib.get_close_matches(got, COLUMNS, n=1)}
    missing = [name for name in COLUMNS if name not in header and name not in meant]
    if missing:
        said = ", ".join(f"'{name}'" for name in missing)
        problems.append(Problem(f"the header lacks {said}", where, f"write it as {','.join(COLUMNS)}"))
    double = {name for name in header if header.count(name) > 1 and name in COLUMNS}
    problems += [Problem(f"column '{name}' is given twice", where, "remove one") for name in sorted(double)]
    return problems


def _measurement(
    header: list[str], cells: list[str], where: str, network: Network | None, problems: list[Problem]
) -> Measurement | None:
    """One row; None after its problems were noted."""
    if len(cells) != len(header):
        remedy = "put a measure that has a comma in quotation marks" if len(cells) > len(header) else EXAMPLE
        problems.append(Problem(f"expected {len(header)} cells, got {len(cells)}", where, remedy))
        return None
    row, before = dict(zip(header, cells, strict=True)), len(problems)
    value, error = (_number(row[name], name, where, problems) for name in ("value", "error"))
    if error is not None and not error > 0.0:
        problems.append(Problem(f"error: '{row['error']}' is not above zero", where, "give one standard deviation"))
    posture = _noted(row["posture"], where, problems)
    measure = _measure(row["measure"], where, problems)
    if measure is not None and network is not None:
        problems += [Problem(p.what, where, p.remedy) for p in measure.problems(network)]
    scale = None if measure is None else _scale(measure, row["unit"], where, problems)
    if len(problems) > before:
        return None
    assert value is not None and error is not None and posture is not None
    assert measure is not None and scale is not None
    return Measurement(
        measure=measure, value=value * scale, error=error * scale, unit=row["unit"], posture=posture, where=where
    )


def _number(text: str, column: str, where: str, problems: list[Problem]) -> float | None:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if math.isfinite(value):
        return value
    got = f"'{text}'" if text else "nothing"
    problems.append(Problem(f"{column}: expected a number, got {got}", where, "its unit stands in the column 'unit'"))
    return None


def _measure(text: str, where: str, problems: list[Problem]) -> Measure | None:
    try:
        return Measure.parse(text)
    except InputError as error:
        problems += [Problem(f"{p.where}: {p.what}" if p.where else p.what, where, p.remedy) for p in error.problems]
        return None


def _scale(measure: Measure, unit: str, where: str, problems: list[Problem]) -> float | None:
    try:
        return measure.one(unit)
    except UnitProblem as problem:
        what = f"unit: '{unit}' does not measure a {measure.dimension}" if unit else "unit: nothing is given"
        problems.append(Problem(what, where, problem.remedy))
        return None


def _noted(text: str, where: str, problems: list[Problem]) -> float | None:
    try:
        return posture_of(text)
    except InputError as error:
        problems += [Problem(f"posture: {p.what}", where, p.remedy) for p in error.problems]
        return None


def posture_of(text: str, known: Mapping[str, float] = POSTURES) -> float:
    """Degrees head up of a posture's name or an angle such as `45 deg`. Raises InputError."""
    if text in known:
        return known[text]
    match = re.fullmatch(r"(\d+\.?\d*(?:e-?\d+)?) ?deg(?:rees)?", text)
    if match and float(match.group(1)) <= 90.0:
        return float(match.group(1))
    got = f"no posture '{text}'" if text else "nothing is given"
    what = f"'{text}' is not between 0 and 90 deg" if match else got
    meant = near_matches(text, known) if text.isalpha() else ""
    raise InputError(Problem(what, remedy=meant or f"give {', '.join(known)} or an angle like '45 deg'"))
