"""Missing yes-or-no outcomes: how bad and how good the answer could be, and what it would take to change it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from azygos.errors import Problem
from azygos.statistics.check import between, counts, refuse
from azygos.statistics.difference import DifferenceMethod, risk_difference_bounds, risk_difference_interval
from azygos.statistics.proportion import IntervalMethod, proportion_interval
from azygos.statistics.result import Interval

__all__ = ["BinaryTippingPoint", "WorstBest", "binary_tipping_point", "worst_best_bounds", "worst_best_difference"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstBest:
    """An answer with all missing outcomes at their worst, left out, and at their best."""

    worst: Interval
    complete_cases: Interval
    best: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryTippingPoint:
    """The difference of two proportions for every number of successes among those missing."""

    estimate: NDArray[np.float64]  # (missing1 + 1, missing2 + 1): row a, column b successes among the missing
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    excludes_zero: NDArray[np.bool_]
    share_excluding_zero: float  # of all these tables; each counts alike, whatever its likelihood


def worst_best_bounds(
    x: int, n: int, missing: int, *, method: IntervalMethod = "clopper-pearson", level: float = 0.95
) -> WorstBest:
    """A proportion of which x in n were seen and `missing` more were not: all of them failures, or all successes.

    No assumption about the missing can lead outside x / (n + missing) to (x + missing) / (n + missing).
    """
    refuse(counts(x, n), _count(missing, "missing"), between("level", level))
    all_of_them = n + missing
    return WorstBest(
        worst=proportion_interval(x, all_of_them, method=method, level=level),
        complete_cases=proportion_interval(x, n, method=method, level=level),
        best=proportion_interval(x + missing, all_of_them, method=method, level=level),
    )


def worst_best_difference(
    x1: int,
    n1: int,
    missing1: int,
    x2: int,
    n2: int,
    missing2: int,
    *,
    method: DifferenceMethod = "miettinen-nurminen",
    level: float = 0.95,
) -> WorstBest:
    """The difference p1 - p2; at worst group 1's missing are failures and group 2's successes, at best the reverse."""
    _refuse_two(x1, n1, missing1, x2, n2, missing2)
    all1, all2 = n1 + missing1, n2 + missing2
    return WorstBest(
        worst=risk_difference_interval(x1, all1, x2 + missing2, all2, method=method, level=level),
        complete_cases=risk_difference_interval(x1, n1, x2, n2, method=method, level=level),
        best=risk_difference_interval(x1 + missing1, all1, x2, all2, method=method, level=level),
    )


def binary_tipping_point(
    x1: int,
    n1: int,
    missing1: int,
    x2: int,
    n2: int,
    missing2: int,
    *,
    method: DifferenceMethod = "miettinen-nurminen",
    level: float = 0.95,
) -> BinaryTippingPoint:
    """The interval of p1 - p2 for all (missing1 + 1) (missing2 + 1) ways the missing may have turned out.

    Yan, Lee & Li, J Biopharm Stat 2009;19:1085.
    """
    _refuse_two(x1, n1, missing1, x2, n2, missing2)
    a, b = np.meshgrid(np.arange(missing1 + 1), np.arange(missing2 + 1), indexing="ij")
    all1, all2 = n1 + missing1, n2 + missing2
    lower, upper = risk_difference_bounds(x1 + a, all1, x2 + b, all2, method=method, level=level)
    excludes = (lower > 0.0) | (upper < 0.0)
    return BinaryTippingPoint(
        estimate=(x1 + a) / all1 - (x2 + b) / all2,
        lower=lower,
        upper=upper,
        excludes_zero=excludes,
        share_excluding_zero=float(np.mean(excludes)),
    )


def _refuse_two(x1: int, n1: int, missing1: int, x2: int, n2: int, missing2: int) -> None:
    refuse(
        counts(x1, n1, "x1", "n1"),
        counts(x2, n2, "x2", "n2"),
        _count(missing1, "missing1"),
        _count(missing2, "missing2"),
    )


def _count(value: int, name: str) -> Problem | None:
    return None if value >= 0 and value == int(value) else Problem(f"{value} is no count", name, "give a whole number")
