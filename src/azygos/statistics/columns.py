"""The columns of a model's data, checked: everything wrong with them is found before anything is computed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from azygos.errors import InputError, Problem

__all__ = ["Columns", "Floats", "Ints"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.intp]
SHOWN = 5  # rows named in a message; of a long list the count says enough


@dataclass(slots=True, kw_only=True)
class Columns:
    """Collects the problems of a model's columns; `done` raises InputError with all of them.

    What is returned for a bad column has the right shape and means nothing: call `done` before computing.
    """

    problems: list[Problem] = field(default_factory=list)
    length: int | None = None  # rows, set by the first column

    def numbers(self, values: ArrayLike, name: str, *, missing: bool = False, positive: bool = False) -> Floats:
        """A column of finite numbers; with `missing` not-a-number stands for a value that was not observed."""
        array = self._floats(values, name, 1)
        bad = np.isinf(array) if missing else ~np.isfinite(array)
        self._rows(bad, name, "is missing or not finite", "leave the row out, or impute it first")
        if positive:
            self._rows(array < 0.0, name, "is negative", "give numbers from zero on")
        return array

    def table(self, values: ArrayLike, name: str, *, missing: bool = False) -> Floats:
        """Columns side by side, (rows, columns); one column may come as a vector."""
        array = self._floats(values, name, 2)
        bad = np.isinf(array) if missing else ~np.isfinite(array)
        self._rows(bad.any(axis=1), name, "is missing or not finite", "leave the row out, or impute it first")
        return array

    def events(self, values: ArrayLike, name: str = "event") -> Floats:
        """A column of 0 (censored) and 1 (the event happened); true and false will do."""
        array = self.numbers(values, name)
        self._rows((array != 0.0) & (array != 1.0), name, "is neither 0 nor 1", "code censored 0 and the event 1")
        return array

    def causes(self, values: ArrayLike, name: str = "event") -> Ints:
        """A column of 0 (censored) and the numbers 1, 2, ... of the causes."""
        array = self.numbers(values, name)
        self._rows((array < 0) | (array % 1 != 0), name, "is no cause", "code censored 0 and the causes 1, 2, ...")
        return np.where(np.isfinite(array), array, 0.0).astype(np.intp)

    def groups(self, values: ArrayLike, name: str) -> tuple[tuple[str, ...], Ints]:
        """The labels of a column in their order, and the index of every row's label."""
        array = np.asarray(values)
        if not self._shaped(array, name, 1):
            return ("",), np.zeros(self.length or 0, dtype=np.intp)
        if array.dtype.kind == "f":
            self._rows(~np.isfinite(array), name, "is missing", "leave the row out")
        labels, index = np.unique(array, return_inverse=True)
        return tuple(_label(label) for label in labels.tolist()), index.astype(np.intp)

    def arms(self, values: ArrayLike, control: str | None = None, name: str = "arm") -> tuple[tuple[str, str], Floats]:
        """(control, other) and 1 for every row of the other arm; the control is the first label unless named."""
        labels, index = self.groups(values, name)
        if len(labels) != 2:
            self.say(f"has {len(labels)} labels, not 2", name, "compare two arms at a time")
            return ("", ""), np.zeros(len(index))
        if control is not None and control not in labels:
            self.say(f"has no label '{control}'", name, f"it has '{labels[0]}' and '{labels[1]}'")
        if control == labels[1]:
            return (labels[1], labels[0]), np.asarray(1.0 - index)
        return (labels[0], labels[1]), np.asarray(index, dtype=float)

    def level(self, level: float) -> None:
        if not 0.0 < level < 1.0:
            self.problems.append(Problem(f"{level:g} is no confidence level", "level", "give one such as 0.95"))

    def choice(self, value: str, name: str, known: Sequence[str]) -> None:
        if value not in known:
            self.problems.append(Problem(f"'{value}' is not known", name, f"known: {', '.join(known)}"))

    def say(self, what: str, name: str, remedy: str = "") -> None:
        self.problems.append(Problem(what, name, remedy))

    def done(self) -> None:
        """Raises InputError when anything was wrong."""
        if self.problems:
            raise InputError(self.problems)

    def _floats(self, values: ArrayLike, name: str, dimensions: int) -> Floats:
        shape = (self.length or 0,) if dimensions == 1 else (self.length or 0, 1)
        try:
            array = np.asarray(values, dtype=float)
        except (TypeError, ValueError):
            self.say("is not a column of numbers", name, "give numbers; code categories as 0 and 1")
            return np.zeros(shape)
        if dimensions == 2 and array.ndim == 1:
            array = array[:, None]
        return array if self._shaped(array, name, dimensions) else np.zeros(shape)

    def _shaped(self, array: NDArray[np.generic], name: str, dimensions: int) -> bool:
        if array.ndim != dimensions:
            self.say(f"has {array.ndim} dimensions, not {dimensions}", name)
            return False
        if self.length is None:
            self.length = len(array)
            if not self.length:
                self.say("is empty", name, "give at least one row")
        if len(array) != self.length:
            self.say(f"has {len(array)} rows, the first column {self.length}", name, "give one value a row")
            return False
        return True

    def _rows(self, bad: ArrayLike, name: str, what: str, remedy: str) -> None:
        rows = np.flatnonzero(bad)
        if len(rows):
            named = ", ".join(str(row + 1) for row in rows[:SHOWN])
            more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
            self.say(f"{what} in row{'s' if len(rows) > 1 else ''} {named}{more}", name, remedy)


def _label(label: object) -> str:
    return f"{label:g}" if isinstance(label, float) else str(label)
