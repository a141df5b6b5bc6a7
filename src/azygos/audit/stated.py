"""Numbers as a publication prints them: a value, and what its decimals leave open.

`0.40` is not `0.4`: the one says between 0.395 and 0.405, the other between 0.35 and 0.45. So a number keeps
its decimals, and whether another "is" that number follows from them.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from azygos.audit.finding import Verdict

__all__ = ["NUMBER", "Estimate", "Stated", "StatedProblem", "estimate", "fit", "interval", "shown", "stated", "worst"]

NUMBER = r"[+\-−]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
RELATIONS = {
    "<": "<", "≤": "<=", "<=": "<=", "under": "<", "less than": "<", "fewer than": "<", "below": "<", "up to": "<=",
    "at most": "<=", ">": ">", "≥": ">=", ">=": ">=", "over": ">", "more than": ">", "above": ">", "at least": ">=",
    "=": "=", "~": "~", "≈": "~", "about": "~", "around": "~", "approximately": "~", "roughly": "~", "almost": "~",
    "nearly": "~",
}  # fmt: skip
_WORDS = "|".join(sorted(map(re.escape, RELATIONS), key=len, reverse=True))
_STATED = re.compile(rf"\s*(?P<relation>{_WORDS})?\s*(?P<number>{NUMBER})\s*(?:%|percent|per cent)?\s*", re.I)
_TO = r"\s*%?\s*(?:to|–|—|-|−|,|;|and)\s*"
_INTERVAL = re.compile(rf"[(\[]?\s*(?P<lower>{NUMBER}){_TO}(?P<upper>{NUMBER})\s*%?\s*[)\]]?")
_ESTIMATE = re.compile(
    r"(?P<estimate>[^(\[]*?)\s*[(\[]\s*(?:(?P<level>\d+(?:\.\d+)?)\s*%?\s*(?:CI|confidence interval)\s*[:,=]?\s*)?"
    r"(?P<bounds>[^()\[\]]+)[)\]]\s*",
    re.I,
)
LONGEST = 200  # characters of one number with its interval
# What the printed digits leave open, in units of the last one. A value rounded to one digit more first and then
# again (0.4449, 0.445, 0.45) lies up to 0.55 away. A hair more, since a printed decimal is not a binary one.
HALF, TWICE_ROUNDED, WHOLE, HAIR = 0.5, 0.55, 1.0, 1e-9
ABOUT = 0.05  # "about" allows 5 per cent either way (assumed)


class StatedProblem(ValueError):
    """A text that is no number as publications print them."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A printed number."""

    text: str
    value: float
    decimals: int
    relation: str = "="  # or <, <=, >, >=, ~

    @property
    def unit(self) -> float:
        """One of the last printed digit."""
        return float(10.0**-self.decimals)

    @property
    def low(self) -> float:
        """The smallest value that is rounded to this."""
        return self.value - HALF * self.unit

    @property
    def high(self) -> float:
        """The largest value that is rounded to this."""
        return self.value + HALF * self.unit

    def shown(self, value: float) -> str:
        """Another value with as many decimals."""
        return shown(value, self.decimals)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A printed estimate, with its interval where there is one."""

    value: Stated
    lower: Stated | None = None
    upper: Stated | None = None
    level: float = 0.95

    def __str__(self) -> str:
        return f"{self.value} ({self.lower} to {self.upper})" if self.lower and self.upper else str(self.value)


def shown(value: float, decimals: int) -> str:
    """A value with so many decimals; a zero has no sign."""
    if not math.isfinite(value):
        return "infinite" if value == math.inf else "no number"
    text = f"{value:.{decimals}f}"
    return text.replace("-", "−") if float(text) != 0.0 else text.lstrip("-")


def stated(text: object) -> Stated:
    """The number of `55 %`, `.41`, `< .001`, `almost 60 %`, `1,202`. Raises StatedProblem."""
    words = str(text).strip()
    match = _STATED.fullmatch(words) if len(words) <= LONGEST else None
    if match is None:
        raise StatedProblem(f"'{words[:40]}' is no number", "write it as printed, such as 0.40, '55 %' or '< .001'")
    digits = match["number"].replace(",", "").replace("−", "-")
    relation = RELATIONS[" ".join((match["relation"] or "=").lower().split())]
    decimals = len(digits.partition(".")[2])
    return Stated(text=words, value=float(digits), decimals=decimals, relation=relation)


def interval(text: object) -> tuple[Stated, Stated]:
    """The bounds of `1.11 to 6.28`, `1.11-6.28`, `(1.11, 6.28)` or of a list of two. Raises StatedProblem."""
    if isinstance(text, (list, tuple)) and len(text) == 2:
        lower, upper = stated(text[0]), stated(text[1])
    else:
        words = str(text).strip()
        match = _INTERVAL.fullmatch(words) if len(words) <= LONGEST else None
        if match is None:
            raise StatedProblem(f"'{words[:40]}' is no interval", "write it like '1.11 to 6.28'")
        lower, upper = stated(match["lower"]), stated(match["upper"])
    if lower.value > upper.value:
        raise StatedProblem(f"'{lower} to {upper}' runs backwards", "give the lower bound first")
    return lower, upper


def estimate(text: object) -> Estimate:
    """The estimate of `2.64` or `2.64 (95 % CI 1.11 to 6.28)`. Raises StatedProblem."""
    words = str(text).strip()
    match = _ESTIMATE.fullmatch(words) if len(words) <= LONGEST else None
    if match is None:
        return Estimate(value=stated(words))
    lower, upper = interval(match["bounds"])
    level = float(match["level"] or 95.0) / 100.0
    if not 0.0 < level < 1.0:
        raise StatedProblem(f"no interval has a level of {match['level']} %", "write it like '95 % CI'")
    return Estimate(value=stated(match["estimate"]), lower=lower, upper=upper, level=level)


def fit(number: Stated, value: float, low: float | None = None, high: float | None = None) -> Verdict:
    """Whether a recomputed value is the printed number.

    `low` and `high` bound what it may be when its own inputs were rounded. Cut off instead of rounded, rounded
    twice, or within that bound: rounding only.
    """
    low, high = value if low is None else low, value if high is None else high
    if math.isnan(value):
        return Verdict.UNCHECKED
    if number.relation != "=":
        return _fit_relation(number, value, low, high)
    if math.isinf(value):
        return Verdict.CONFLICT
    unit = number.unit
    hair = HAIR * max(1.0, abs(value) / unit)
    apart = abs(value - number.value) / unit
    if apart <= HALF + hair:
        return Verdict.CONSISTENT
    is_cut = abs(number.value) <= abs(value) + hair * unit and apart < WHOLE and number.value * value >= 0.0
    if is_cut or apart <= TWICE_ROUNDED or (low <= number.high and high >= number.low):
        return Verdict.ROUNDING
    return Verdict.CONFLICT


def _fit_relation(number: Stated, value: float, low: float, high: float) -> Verdict:
    if number.relation == "~":
        margin = max(HALF * number.unit, ABOUT * abs(number.value))
        is_near = low - margin <= number.value <= high + margin
        return Verdict.ROUNDING if is_near else Verdict.CONFLICT
    up = number.relation[0] == ">"
    allows_equal = number.relation[-1] == "="

    def holds(one: float) -> bool:
        apart = one - number.value if up else number.value - one
        return apart > 0.0 or (allows_equal and apart > -HALF * number.unit)

    if holds(value):
        return Verdict.CONSISTENT
    return Verdict.ROUNDING if holds(high if up else low) else Verdict.CONFLICT


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The gravest of several verdicts on one line."""
    return max(verdicts, key=lambda verdict: verdict.gravity, default=Verdict.UNCHECKED)
