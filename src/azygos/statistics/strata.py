"""The stratified methods on a file with a row for every stratum: columns x1, n1, x2, n2."""

from azygos.errors import InputError, Problem
from azygos.statistics.check import counts
from azygos.statistics.result import Interval, Test
from azygos.statistics.root import Array
from azygos.statistics.stratified import (
    Measure,
    Weights,
    breslow_day_test,
    mantel_haenszel_interval,
    mantel_haenszel_test,
    stratified_difference_interval,
)
from azygos.statistics.table import Table

__all__ = [
    "breslow_day_test_of", "counted", "mantel_haenszel_interval_of", "mantel_haenszel_test_of",
    "stratified_difference_interval_of",
]  # fmt: skip

COLUMNS = ("x1", "n1", "x2", "n2")
CELLS = (("tpos", "tneg", "cpos", "cneg"), ("ai", "bi", "ci", "di"))  # the same as four counts


def mantel_haenszel_interval_of(table: Table, *, measure: Measure = "odds-ratio", level: float = 0.95) -> Interval:
    """`mantel_haenszel_interval` of the rows of a file with columns x1, n1, x2, n2."""
    return mantel_haenszel_interval(*_rows(table), measure=measure, level=level)


def mantel_haenszel_test_of(table: Table, *, correction: bool = False) -> Test:
    """`mantel_haenszel_test` of the rows of a file with columns x1, n1, x2, n2."""
    return mantel_haenszel_test(*_rows(table), correction=correction)


def breslow_day_test_of(table: Table, *, tarone: bool = True) -> Test:
    """`breslow_day_test` of the rows of a file with columns x1, n1, x2, n2."""
    return breslow_day_test(*_rows(table), tarone=tarone)


def stratified_difference_interval_of(
    table: Table, *, weights: Weights = "mantel-haenszel", level: float = 0.95
) -> Interval:
    """`stratified_difference_interval` of the rows of a file with columns x1, n1, x2, n2."""
    return stratified_difference_interval(*_rows(table), weights=weights, level=level)


def counted(table: Table) -> tuple[Array, Array, Array, Array] | None:
    """x1, n1, x2, n2 of every row, where the file has such columns.

    Raises InputError naming every row whose counts cannot be.
    """
    if table.has(COLUMNS):
        x1, n1, x2, n2 = table.numbers(*COLUMNS)
        names = COLUMNS
    elif (cells := next((names for names in CELLS if table.has(names)), None)) is not None:
        x1, b, x2, d = table.numbers(*cells)
        n1, n2, names = x1 + b, x2 + d, cells
    else:
        return None
    found = [
        Problem(f"{problem.where}: {problem.what}", f"{table.source}:{line}", problem.remedy)
        for line, a, n, c, m in zip(table.lines, x1, n1, x2, n2, strict=True)
        for problem in (counts(a, n, names[0], names[1]), counts(c, m, names[2], names[3]))
        if problem is not None
    ]
    if found:
        raise InputError(found)
    return x1, n1, x2, n2


def _rows(table: Table) -> tuple[Array, Array, Array, Array]:
    found = counted(table)
    if found is None:
        raise InputError(table.absent(*COLUMNS))
    return found
