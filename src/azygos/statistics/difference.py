"""Intervals for the difference of two proportions, p1 - p2.

Not by statsmodels: `confint_proportions_2indep(method="score", compare="diff")` of 0.15.0 has a wrong coefficient in
its cubic (its issue 10269) and gives 0.0526 to 0.3440 for 56/70 against 48/80; Newcombe (1998) has 0.0528 to 0.3382.
"""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from azygos.statistics.check import between, choice, counts, refuse
from azygos.statistics.constrained import Pair, bounds_of, difference_score
from azygos.statistics.exact import exact_difference_bounds
from azygos.statistics.proportion import Bounds, proportion_bounds
from azygos.statistics.result import Interval
from azygos.statistics.root import Array, crossing

__all__ = ["DifferenceMethod", "risk_difference_bounds", "risk_difference_interval"]

DifferenceMethod = Literal[
    "miettinen-nurminen", "farrington-manning", "newcombe", "newcombe-cc", "agresti-caffo", "wald", "wald-cc",
    "exact-unconditional",
]  # fmt: skip


def risk_difference_interval(
    x1: int, n1: int, x2: int, n2: int, *, method: DifferenceMethod = "miettinen-nurminen", level: float = 0.95
) -> Interval:
    """An interval for p1 - p2 of which x1 in n1 and x2 in n2 were seen.

    Raises InputError for counts that cannot be and a level outside (0, 1).
    """
    lower, upper = risk_difference_bounds(x1, n1, x2, n2, method=method, level=level)
    return Interval(estimate=x1 / n1 - x2 / n2, lower=float(lower), upper=float(upper), level=level, method=method)


def risk_difference_bounds(
    x1: ArrayLike,
    n1: ArrayLike,
    x2: ArrayLike,
    n2: ArrayLike,
    *,
    method: DifferenceMethod = "miettinen-nurminen",
    level: float = 0.95,
) -> Bounds:
    """Lower and upper bounds of `risk_difference_interval` for arrays of counts."""
    refuse(
        counts(x1, n1, "x1", "n1"),
        counts(x2, n2, "x2", "n2"),
        choice("method", method, _BOUNDS),
        between("level", level),
    )
    lower, upper = bounds_of(_BOUNDS[method], Pair.of(x1, n1, x2, n2), 0.5 * (1.0 - level))
    return np.clip(lower, -1.0, 1.0), np.clip(upper, -1.0, 1.0)


def _miettinen_nurminen(counts: Pair, tail: float) -> Bounds:
    """Where the score is z (Miettinen and Nurminen 1985)."""
    return _score_bounds(counts, tail, True)


def _farrington_manning(counts: Pair, tail: float) -> Bounds:
    """The same without N/(N - 1) (Mee 1984; Farrington and Manning 1990)."""
    return _score_bounds(counts, tail, False)


def _score_bounds(counts: Pair, tail: float, unbiased: bool) -> Bounds:
    seen, z2 = counts.p1 - counts.p2, ndtri(tail) ** 2
    lower = crossing(lambda d: difference_score(counts, d, unbiased) > z2, -1.0, seen)
    upper = crossing(lambda d: difference_score(counts, d, unbiased) <= z2, seen, 1.0)
    return lower, upper


def _newcombe(counts: Pair, tail: float) -> Bounds:
    """Wilson's bounds of both, squared and added (Newcombe 1998, method 10)."""
    return _square_and_add(counts, tail, "wilson")


def _newcombe_cc(counts: Pair, tail: float) -> Bounds:
    """The same with Wilson's corrected for continuity (method 11)."""
    return _square_and_add(counts, tail, "wilson-cc")


def _square_and_add(counts: Pair, tail: float, method: Literal["wilson", "wilson-cc"]) -> Bounds:
    level = 1.0 - 2.0 * tail
    l1, u1 = proportion_bounds(counts.x1, counts.n1, method=method, level=level)
    l2, u2 = proportion_bounds(counts.x2, counts.n2, method=method, level=level)
    seen = counts.p1 - counts.p2
    return seen - np.hypot(counts.p1 - l1, u2 - counts.p2), seen + np.hypot(u1 - counts.p1, counts.p2 - l2)


def _wald(counts: Pair, tail: float, correction: Array | float = 0.0) -> Bounds:
    """p1 - p2 -+ z sqrt(p1 (1 - p1)/n1 + p2 (1 - p2)/n2). Kept to recompute what others published."""
    variance = counts.p1 * (1.0 - counts.p1) / counts.n1 + counts.p2 * (1.0 - counts.p2) / counts.n2
    seen, half = counts.p1 - counts.p2, correction - ndtri(tail) * np.sqrt(variance)
    return seen - half, seen + half


def _wald_cc(counts: Pair, tail: float) -> Bounds:
    """Wider by (1/n1 + 1/n2)/2, but not by more than the difference itself, as R's prop.test does."""
    correction = 0.5 * (1.0 / counts.n1 + 1.0 / counts.n2)
    return _wald(counts, tail, np.minimum(correction, np.abs(counts.p1 - counts.p2)))


def _agresti_caffo(counts: Pair, tail: float) -> Bounds:
    """Wald's after a case and another were added to both groups (Agresti and Caffo 2000)."""
    return _wald(Pair(x1=counts.x1 + 1, n1=counts.n1 + 2, x2=counts.x2 + 1, n2=counts.n2 + 2), tail)


def _exact(counts: Pair, tail: float) -> Bounds:
    tables = zip(*(value.flat for value in (counts.x1, counts.n1, counts.x2, counts.n2)), strict=True)
    ends = [exact_difference_bounds(*(int(value) for value in table), tail=tail) for table in tables]
    lower, upper = np.array(ends).T.reshape(2, *counts.x1.shape)
    return lower, upper


_BOUNDS: Mapping[str, Callable[[Pair, float], Bounds]] = {
    "miettinen-nurminen": _miettinen_nurminen,
    "farrington-manning": _farrington_manning,
    "newcombe": _newcombe,
    "newcombe-cc": _newcombe_cc,
    "agresti-caffo": _agresti_caffo,
    "wald": _wald,
    "wald-cc": _wald_cc,
    "exact-unconditional": _exact,
}
