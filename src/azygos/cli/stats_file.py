"""A CSV file as a table of texts."""

import csv
from collections import Counter
from pathlib import Path

from azygos.errors import InputError, Problem
from azygos.statistics.table import Table

__all__ = ["read_table"]


def read_table(path: Path) -> Table:
    """The table of a CSV file with a head. Raises InputError with every problem of its form."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(Problem(error.strerror or "cannot be read", str(path))) from None
    except UnicodeDecodeError:
        raise InputError(Problem("it is not text in UTF-8", str(path))) from None
    reader = csv.reader(text.splitlines())
    rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        raise InputError(Problem("there are no rows below a head", str(path), "give names of columns, then rows"))
    (_, head), *body = rows
    problems = [
        Problem(f"{len(row)} cells below {len(head)} names", f"{path}:{line}")
        for line, row in body
        if len(row) != len(head)
    ]
    twice = [name or "without a name" for name, times in Counter(head).items() if times > 1 or not name]
    problems += [Problem(f"column '{name}' stands there twice or unnamed", f"{path}:{rows[0][0]}") for name in twice]
    if problems:
        raise InputError(problems)
    columns = {name: tuple(row[i] for _, row in body) for i, name in enumerate(head)}
    return Table(columns=columns, source=str(path), lines=tuple(line for line, _ in body))
