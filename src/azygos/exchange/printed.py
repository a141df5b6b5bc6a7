"""Printed numbers in a file of claims, read by pydantic with their decimals."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from azygos.audit.claims import Statistic
from azygos.audit.stated import NUMBER, Estimate, Stated, StatedProblem, estimate, interval, stated
from azygos.exchange.document import shown, wrong

__all__ = [
    "Flag",
    "Level",
    "Number",
    "PValue",
    "Pair",
    "Positive",
    "Printed",
    "Range",
    "Sides",
    "StatisticText",
    "Text",
    "Whole",
    "whole",
]

LARGEST = 10**9  # persons
_STATISTIC = re.compile(
    r"(?P<kind>t|f|chi2|chi-square|chi-squared|χ2|χ²|x2|z|r|q)\s*"
    r"(?:\(\s*(?P<df1>\d+(?:\.\d+)?)\s*(?:,\s*(?:n\s*=\s*\d[\d,]*|(?P<df2>\d+(?:\.\d+)?))\s*)?\))?\s*"
    rf"=\s*(?P<value>{NUMBER})",
    re.I,
)
_P = re.compile(r"\s*(?:p(?:[- ]?value)?\s*(?==|<|>|≤|≥))?\s*(?P<rest>.+?)\s*", re.I)
NOT_SIGNIFICANT = frozenset(("ns", "n.s.", "not significant"))
DEGREES = {"t": 1, "F": 2, "chi2": 1, "z": 0, "r": 1, "Q": 1}
KINDS = {"t": "t", "f": "F", "z": "z", "r": "r", "q": "Q"}  # all others are chi2


def _reads(read: Callable[[Any], Any]) -> BeforeValidator:
    """A validator that gives the problem of a printed number in its own words."""

    def checked(value: Any) -> Any:
        try:
            if value is None or isinstance(value, dict):
                raise StatedProblem(f"expected a number, got {shown(value)}", "write it as printed")
            return read(value)
        except StatedProblem as problem:
            raise wrong(problem.what, problem.remedy) from None

    return BeforeValidator(checked)


def whole(value: Any) -> int:
    """The number of persons or events of a text. Raises StatedProblem."""
    text = str(value).strip().replace(",", "")
    if not text.isdecimal() or int(text[:12]) > LARGEST:
        raise StatedProblem(f"{shown(value)} is no number of persons or events", "give a whole number")
    return int(text)


def _yes(value: Any) -> bool:
    word = str(value).strip().lower()
    if word not in ("yes", "no", "true", "false"):
        raise StatedProblem(f"{shown(value)} is neither yes nor no", "write yes or no")
    return word in ("yes", "true")


def _sides(value: Any) -> int:
    word = str(value).strip().lower()
    if word not in ("one", "two", "1", "2"):
        raise StatedProblem(f"{shown(value)} sides", "a test is 'one' or 'two' sided")
    return 1 if word in ("one", "1") else 2


def _p_value(value: Any) -> Stated:
    text = str(value).strip()
    if text.lower() in NOT_SIGNIFICANT:
        return Stated(text=text, value=0.05, decimals=2, relation=">")
    match = _P.fullmatch(text)
    number = stated(match["rest"] if match else text)
    if not 0.0 <= number.value <= 1.0 or "%" in text:
        raise StatedProblem(f"{shown(value)} is no p-value", "it lies between 0 and 1")
    return replace(number, text=text)


def _level(value: Any) -> float:
    number = stated(value).value
    level = number / 100.0 if number > 1.0 or "%" in str(value) else number
    if not 0.0 < level < 1.0:
        raise StatedProblem(f"{shown(value)} is no level", "write it like 95 %")
    return level


def _positive(value: Any) -> float:
    number = stated(value).value
    if not number > 0.0:
        raise StatedProblem(f"{shown(value)} is not above zero", "the step between two possible single values")
    return number


def _range(value: Any) -> tuple[float, float]:
    lower, upper = interval(value)
    return lower.value, upper.value


def _statistic(value: Any) -> Statistic:
    match = _STATISTIC.fullmatch(str(value).strip())
    if match is None:
        raise StatedProblem(f"{shown(value)} is no test statistic", "write it like 't(28) = 2.20' or 'F(2, 57) = 3.1'")
    kind = KINDS.get(match["kind"].lower(), "chi2")
    df = tuple(float(match[name]) for name in ("df1", "df2") if match[name])
    if len(df) != DEGREES[kind] or any(one <= 0.0 for one in df):
        raise StatedProblem(f"{shown(value)} has {len(df)} degrees of freedom, {kind} has {DEGREES[kind]}", "add them")
    return Statistic(kind=kind, value=stated(match["value"]), df=df, text=str(value).strip())


Whole = Annotated[int, _reads(whole)]
Number = Annotated[Stated, _reads(stated)]
Printed = Annotated[Estimate, _reads(estimate)]
Pair = Annotated[tuple[Stated, Stated], _reads(interval)]
PValue = Annotated[Stated, _reads(_p_value)]
Level = Annotated[float, _reads(_level)]
Positive = Annotated[float, _reads(_positive)]
Range = Annotated[tuple[float, float], _reads(_range)]
StatisticText = Annotated[Statistic, _reads(_statistic)]
Flag = Annotated[bool, _reads(_yes)]
Sides = Annotated[int, _reads(_sides)]
Text = Annotated[str, Field(min_length=1)]
