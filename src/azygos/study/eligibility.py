"""Rules of eligibility such as `edss <= 6.5`: a small grammar that is read, never executed.

    rule   = variable relation number | variable "in" word {"," word} | variable "between" number "and" number
    relation = "<" | "<=" | ">" | ">=" | "=" | "!="

The sense of `between` includes both ends. Rules of a design hold together: all of them must be met.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.errors import InputError, Problem

__all__ = ["Rule", "eligible", "rule"]

Column: TypeAlias = NDArray[Any]

RELATIONS: Mapping[str, Callable[[Any, Any], Any]] = MappingProxyType(
    {"<=": operator.le, ">=": operator.ge, "!=": operator.ne, "<": operator.lt, ">": operator.gt, "=": operator.eq}
)
_NAME = r"([A-Za-z_]\w*)"
_NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
_COMPARED = re.compile(rf"{_NAME}\s*(<=|>=|!=|<|>|=)\s*(.+)")
_BETWEEN = re.compile(rf"{_NAME}\s+between\s+{_NUMBER}\s+and\s+{_NUMBER}")
_AMONG = re.compile(rf"{_NAME}\s+in\s+(.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: the values of a variable that let a patient in."""

    variable: str
    relation: str  # one of RELATIONS, "between" or "in"
    values: tuple[float | str, ...]

    def __str__(self) -> str:
        match self.relation:
            case "between":
                return f"{self.variable} between {self.values[0]:g} and {self.values[1]:g}"
            case "in":
                return f"{self.variable} in {', '.join(str(value) for value in self.values)}"
        value = self.values[0]
        return f"{self.variable} {self.relation} {value if isinstance(value, str) else format(value, 'g')}"

    def met(self, column: Column) -> NDArray[np.bool_]:
        """Who meets the rule. A missing value, not a number or an empty word, meets no rule."""
        if self.relation == "between":
            low, high = self.values
            return np.asarray((column >= low) & (column <= high))
        if self.relation == "in":
            return np.isin(column, self.values)
        missing = column == "" if column.dtype.kind in "UO" else np.isnan(column.astype(float))
        is_met = np.asarray(RELATIONS[self.relation](column, self.values[0]), dtype=bool)
        return np.asarray(is_met & ~missing)


def rule(text: str) -> Rule:
    """The rule that a text such as `edss <= 6.5`, `form in RRMS, SPMS` or `age between 18 and 65` states."""
    words = text.strip()
    if found := _BETWEEN.fullmatch(words):
        low, high = float(found[2]), float(found[3])
        if low > high:
            raise InputError(Problem(f"'{words}': the first number is above the second", "", "exchange them"))
        return Rule(variable=found[1], relation="between", values=(low, high))
    if found := _AMONG.fullmatch(words):
        return Rule(variable=found[1], relation="in", values=tuple(w.strip() for w in found[2].split(",") if w.strip()))
    found = _COMPARED.fullmatch(words)
    if found is None:
        remedy = "write it like 'edss <= 6.5', 'form in RRMS, SPMS' or 'age between 18 and 65'"
        raise InputError(Problem(f"'{words}' is no rule of eligibility", "", remedy))
    is_number = re.fullmatch(_NUMBER, found[3].strip())
    if not is_number and found[2] not in ("=", "!="):
        raise InputError(Problem(f"'{words}': '{found[3]}' is not a number", "", "words go with =, != and in"))
    return Rule(variable=found[1], relation=found[2], values=(float(found[3]) if is_number else found[3].strip(),))


def eligible(rules: Iterable[Rule], columns: Mapping[str, Column]) -> NDArray[np.bool_]:
    """Who meets all the rules, one answer per row of the columns (all of one length).

    Raises InputError naming every variable that a rule needs and no column has.
    """
    listed = list(rules)
    absent = sorted({r.variable for r in listed} - set(columns))
    if absent:
        raise InputError([Problem(f"no column '{name}' for a rule of eligibility") for name in absent])
    length = len(next(iter(columns.values()))) if columns else 0
    met = [r.met(columns[r.variable]) for r in listed]
    return np.logical_and.reduce(met) if met else np.ones(length, dtype=bool)
