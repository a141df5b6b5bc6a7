"""How many patients a comparison of two proportions needs, and the power it has with so many."""

from collections.abc import Callable, Mapping
from math import ceil
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri

from azygos.errors import InputError, Problem
from azygos.statistics.check import above, between, choice
from azygos.statistics.conditional import fisher_table
from azygos.statistics.constrained import Pair, given_difference
from azygos.statistics.exact import binomial
from azygos.statistics.root import Array, scalar_crossing
from azygos.statistics.samplesize import Power, SampleSize, check_design, not_zero, sized

__all__ = ["power_proportions", "sample_size_proportions"]

ProportionMethod = Literal["score", "score-cc", "unpooled", "arcsine", "chi-square", "fisher"]
EXACT = ("chi-square", "fisher")  # by enumeration of all tables
LARGEST_EXACT = 1000  # patients in a group


def sample_size_proportions(
    p1: float,
    p2: float,
    *,
    method: ProportionMethod = "score",
    margin: float = 0.0,
    power: float = 0.8,
    alpha: float = 0.05,
    sided: int = 2,
    ratio: float = 1.0,
) -> SampleSize:
    """Patients for a test of p1 - p2 = margin.

    `score`: z_alpha with the variance under the margin, z_beta with that of p1 and p2 (Farrington and Manning 1990;
    without margin R's power.prop.test), `-cc` with Fleiss's correction; `unpooled`; `arcsine` (Cohen's h); `chi-square`
    and `fisher` are the smallest sizes at which the test's exact power, which rises in a zigzag, is enough.
    """
    check_design(
        alpha, power, sided, ratio, *_odd_proportions(p1, p2, margin, method), not_zero("p1", p1 - p2 - margin)
    )
    z_alpha, z_beta = -float(ndtri(alpha / sided)), float(ndtri(power))
    n = _APPROXIMATE["score" if method in EXACT else method](p1, p2, margin, ratio, z_alpha, z_beta)

    def reached(n1: float, n2: float) -> float:
        return _power_proportions(n1, n2, p1, p2, method, margin, alpha, sided)

    if method in EXACT:
        n = _smallest(
            lambda n1: _power_proportions(n1, ceil(ratio * n1), p1, p2, method, 0.0, alpha, sided) >= power, n
        )
    return sized(method, n, ratio, power, reached)


def power_proportions(
    n1: int,
    n2: int,
    p1: float,
    p2: float,
    *,
    method: ProportionMethod = "score",
    margin: float = 0.0,
    alpha: float = 0.05,
    sided: int = 2,
) -> Power:
    """The power of a test of p1 - p2 = margin, by the methods of `sample_size_proportions`."""
    sizes = above("n1", n1), above("n2", n2)
    large = max(n1, n2) > LARGEST_EXACT and method in EXACT
    same = None if method in EXACT else not_zero("p1", p1 - p2 - margin)
    too_many = Problem(f"{n1} and {n2}", "n1", f"an exact power takes up to {LARGEST_EXACT}") if large else None
    check_design(alpha, 0.5, sided, 1.0, *_odd_proportions(p1, p2, margin, method), *sizes, too_many, same)
    return Power(method=method, power=_power_proportions(n1, n2, p1, p2, method, margin, alpha, sided))


def _odd_proportions(p1: float, p2: float, margin: float, method: str) -> tuple[Problem | None, ...]:
    known = choice("method", method, (*_APPROXIMATE, *EXACT))
    score = method in ("score", "score-cc", "unpooled")
    needless = Problem(f"{method} has none", "margin", "choose score or unpooled") if margin and not score else None
    return (
        between("p1", p1),
        between("p2", p2),
        between("margin", margin, -1.0, 1.0),
        known,
        None if known else needless,
    )


def _power_proportions(
    n1: float, n2: float, p1: float, p2: float, method: str, margin: float, alpha: float, sided: int
) -> float:
    if method in EXACT:
        return _exact_power(round(n1), round(n2), p1, p2, method, alpha, sided)
    ratio, z_alpha = n2 / n1, -float(ndtri(alpha / sided))

    def enough(z_beta: float) -> bool:
        return _APPROXIMATE[method](p1, p2, margin, ratio, z_alpha, z_beta) < n1

    return float(ndtr(scalar_crossing(enough, -z_alpha, 40.0)))


def _score_size(p1: float, p2: float, margin: float, ratio: float, z_alpha: float, z_beta: float) -> float:
    expected = Pair.of(p1, 1.0, ratio * p2, ratio)
    a, b = (float(p) for p in given_difference(expected, np.asarray(margin, dtype=float)))
    null = a * (1.0 - a) + b * (1.0 - b) / ratio
    own = p1 * (1.0 - p1) + p2 * (1.0 - p2) / ratio
    return float(((z_alpha * np.sqrt(null) + z_beta * np.sqrt(own)) / (p1 - p2 - margin)) ** 2)


def _corrected_size(p1: float, p2: float, margin: float, ratio: float, z_alpha: float, z_beta: float) -> float:
    """Fleiss, Tytun and Ury (1980)."""
    n = _score_size(p1, p2, margin, ratio, z_alpha, z_beta)
    if n == 0.0:
        return 0.0
    widened = 1.0 + np.sqrt(1.0 + 2.0 * (ratio + 1.0) / (n * ratio * abs(p1 - p2 - margin)))
    return float(0.25 * n * widened**2)


def _unpooled_size(p1: float, p2: float, margin: float, ratio: float, z_alpha: float, z_beta: float) -> float:
    own = p1 * (1.0 - p1) + p2 * (1.0 - p2) / ratio
    return (z_alpha + z_beta) ** 2 * own / (p1 - p2 - margin) ** 2


def _arcsine_size(p1: float, p2: float, margin: float, ratio: float, z_alpha: float, z_beta: float) -> float:
    h = 2.0 * (np.arcsin(np.sqrt(p1)) - np.arcsin(np.sqrt(p2)))
    return float((z_alpha + z_beta) ** 2 * (1.0 + 1.0 / ratio) / h**2)


def _exact_power(n1: int, n2: int, p1: float, p2: float, method: str, alpha: float, sided: int) -> float:
    """The probability, by the binomials, of the tables that the test rejects on the side(s) it looks at."""
    side = "two-sided" if sided == 2 else ("greater" if p1 > p2 else "less")
    rejected = _rejected(n1, n2, method, alpha, side)
    return float(binomial(n1, np.array([p1]))[0] @ rejected @ binomial(n2, np.array([p2]))[0])


def _rejected(n1: int, n2: int, method: str, alpha: float, side: str) -> Array:
    if method == "fisher":
        return np.asarray(fisher_table(n1, n2, side) <= alpha * (1.0 + 1e-12), dtype=float)
    a, b = np.meshgrid(np.arange(n1 + 1.0), np.arange(n2 + 1.0), indexing="ij")
    pooled = (a + b) / (n1 + n2)
    variance = pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2)
    z = np.divide(a / n1 - b / n2, np.sqrt(variance), out=np.zeros_like(a), where=variance > 0.0)
    p = {"two-sided": 2.0 * ndtr(-np.abs(z)), "greater": ndtr(-z), "less": ndtr(z)}[side]
    return np.asarray(p <= alpha, dtype=float)


def _smallest(enough: Callable[[int], bool], near: float) -> float:
    """The smallest size that is enough, looked for from well below the approximate one."""
    for n in range(max(2, int(0.6 * near) - 5), LARGEST_EXACT):
        if enough(n):
            return float(n)
    raise InputError(Problem(f"more than {LARGEST_EXACT} a group", "method", "choose score"))


_APPROXIMATE: Mapping[str, Callable[[float, float, float, float, float, float], float]] = {
    "score": _score_size,
    "score-cc": _corrected_size,
    "unpooled": _unpooled_size,
    "arcsine": _arcsine_size,
}
