"""Series in time: two columns of numbers, in a file of their own or inside another."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isfinite
from pathlib import Path

from azygos.body.waveform import Sampled
from azygos.errors import InputError, Problem
from azygos.exchange.document import read_text

__all__ = ["Row", "periodic", "read_rows"]

log = logging.getLogger(__name__)

MAX_JUMP = 0.01  # from the last value back to the first, as a fraction of the range of values


@dataclass(frozen=True, slots=True)
class Row:
    where: str  # "file:line"
    time: float
    value: float


def read_rows(path: Path, asked_at: str, problems: list[Problem]) -> list[Row]:
    """The rows of a file of two columns, blank- or comma-separated, `#` starting a comment.

    What is wrong is added to `problems`, and the answer is then empty. `asked_at` is the place
    that named the file.
    """
    try:
        text = read_text(path, asked_at)
    except InputError as error:
        problems.extend(error.problems)
        return []
    rows: list[Row] = []
    bad: list[Problem] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split("#")[0].replace(",", " ").split()
        if not words:
            continue
        where = f"{path}:{number}"
        try:
            time, value = (float(word) for word in words)
        except ValueError:
            bad.append(Problem(f"expected two numbers, time and value, got '{line.strip()[:40]}'", where))
            continue
        rows.append(Row(where, time, value))
    if bad:
        more = f"; so are {len(bad) - 1} more lines" if len(bad) > 1 else ""
        problems.append(Problem(bad[0].what + more, bad[0].where, "with blanks or a comma between, and decimal points"))
        return []
    if not rows:
        problems.append(Problem(f"'{path}' has no rows", asked_at, "give one line per time: time and value"))
    return rows


def periodic(rows: Sequence[Row], problems: list[Problem], block: str = "", jitter: float = 0.0) -> Sampled | None:
    """The rows as one period of a waveform; None after adding what is wrong to `problems`.

    Times must rise from 0; the last is the period, and its value must meet the first within 1 %
    of the range. `block` names the block in which the rows stand. Steps back of at most `jitter`,
    as a fraction of the period, are put in order first: curves digitised from print have them.
    """
    if rows and jitter:
        back = max((before.time - row.time for before, row in pairwise(rows)), default=0.0)
        if 0.0 < back <= jitter * rows[-1].time:
            log.warning("%s: times step back by up to %g s; the rows are sorted", rows[0].where, back)
            rows = sorted(rows, key=lambda row: row.time)
    found: list[Problem] = []
    for row in rows:
        if not (isfinite(row.time) and isfinite(row.value)):
            found.append(Problem(f"not finite: {row.time:g}, {row.value:g}", row.where))
            break
    else:
        found += _misfits(rows)
    problems.extend(replace(problem, what=f"{block}: {problem.what}") if block else problem for problem in found)
    if found or not rows:
        return None
    return Sampled(tuple(row.time for row in rows), tuple(row.value for row in rows))


def _misfits(rows: Sequence[Row]) -> list[Problem]:
    found: list[Problem] = []
    if len(rows) < 2:
        return [Problem("a series needs at least two times", row.where) for row in rows]
    if rows[0].time != 0.0:
        found.append(Problem(f"the first time is {rows[0].time:g}", rows[0].where, "start at 0"))
    for before, row in pairwise(rows):
        if row.time <= before.time:
            what = f"time {row.time:g} does not rise after {before.time:g}"
            found.append(Problem(what, row.where, "sort the rows and give each time once"))
            break
    values = [row.value for row in rows]
    jump, span = values[-1] - values[0], max(values) - min(values)
    if abs(jump) > MAX_JUMP * span:
        share = f"{abs(jump) / span:.1%} of its range"
        what = f"not periodic: it starts at {values[0]:g} and ends at {values[-1]:g}, apart by {share}"
        found.append(Problem(what, rows[-1].where, f"the last value must meet the first within {MAX_JUMP:.0%}"))
    return found
