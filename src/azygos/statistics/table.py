"""Columns of a file of data, as text until a method asks for numbers."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from azygos.errors import InputError, Problem, close_matches

__all__ = ["Table"]

MISSING = frozenset(("", "na", "nan", "null", "."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Columns of equal length by their names. `lines` are the lines of the file that the rows stand on."""

    columns: Mapping[str, tuple[str, ...]]
    source: str  # the file's name
    lines: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.lines)

    def numbers(self, *names: str, missing: bool = False) -> tuple[NDArray[np.float64], ...]:
        """Each column as numbers; where `missing` is allowed an empty or NA cell is NaN.

        Raises InputError naming every absent column and every cell that is no number.
        """
        problems = self.absent(*names)
        read = [self._read(name, missing, problems) for name in names if name in self.columns]
        if problems:
            raise InputError(problems)
        return tuple(read)

    def texts(self, *names: str) -> tuple[tuple[str, ...], ...]:
        """Each column as texts. Raises InputError naming every absent column and every empty cell."""
        problems = self.absent(*names)
        for name in names:
            for line, cell in zip(self.lines, self.columns.get(name, ()), strict=False):
                if not cell:
                    problems.append(Problem(f"column '{name}' is empty", f"{self.source}:{line}"))
        if problems:
            raise InputError(problems)
        return tuple(self.columns[name] for name in names)

    def absent(self, *names: str) -> list[Problem]:
        """A problem for every name that is no column."""
        wanted = [name for name in names if name not in self.columns]
        return [Problem(f"there is no column '{n}'", self.source, close_matches(n, self.columns)) for n in wanted]

    def has(self, names: Sequence[str]) -> bool:
        """Whether all of these columns are there."""
        return all(name in self.columns for name in names)

    def _read(self, name: str, missing: bool, problems: list[Problem]) -> NDArray[np.float64]:
        values = np.full(len(self), np.nan)
        for i, cell in enumerate(self.columns[name]):
            if cell.lower() in MISSING and missing:
                continue
            with suppress(ValueError):
                values[i] = float(cell)
            if not np.isfinite(values[i]):
                what = f"'{cell}' in column '{name}' is not a number" if cell else f"column '{name}' is empty"
                problems.append(Problem(what, f"{self.source}:{self.lines[i]}"))
        return values
