"""The 2 x 2 table given its margins: x1 of n1 and x2 of n2, of whom x1 + x2 = m.

With odds ratio psi, P(X1 = u) is proportional to C(n1, u) C(n2, m - u) psi^u (Fisher 1935). R's fisher.test solves for
the estimate and the bounds to four digits only, scipy's to about five; here they are solved to all digits.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy.special import gammaln

from azygos.statistics.root import Array, crossing

__all__ = ["conditional_bounds", "conditional_odds_ratio", "fisher_p", "fisher_table"]

LARGEST = 100.0  # of the logarithm of an odds ratio that is finite
TIE = 1.0 + 1e-7  # probabilities this close are taken to be equal, as R's fisher.test does


def conditional_odds_ratio(x1: int, n1: int, x2: int, n2: int) -> float:
    """The odds ratio that makes x1 likeliest: where its expectation is x1. NaN where the margins leave one table."""
    u, _ = _support(n1, n2, x1 + x2)
    if len(u) == 1:
        return float("nan")
    if x1 in (u[0], u[-1]):
        return 0.0 if x1 == u[0] else float("inf")
    return _solve(lambda w: float(u @ w), n1, n2, x1 + x2, float(x1))


def conditional_bounds(
    x1: int, n1: int, x2: int, n2: int, *, tail: float, own_share: float = 1.0
) -> tuple[float, float]:
    """Odds ratios at which the tails from x1 on, and up to it, are `tail`; x1 counts `own_share` (1/2: mid-p)."""
    u, _ = _support(n1, n2, x1 + x2)
    upwards = np.where(u > x1, 1.0, np.where(u == x1, own_share, 0.0))
    downwards = np.where(u < x1, 1.0, np.where(u == x1, own_share, 0.0))
    m = x1 + x2
    lower = 0.0 if x1 == u[0] else _solve(lambda w: float(upwards @ w), n1, n2, m, tail)
    upper = float("inf") if x1 == u[-1] else _solve(lambda w: -float(downwards @ w), n1, n2, m, -tail)
    return lower, upper


def fisher_p(x1: int, n1: int, x2: int, n2: int, *, alternative: str = "two-sided", own_share: float = 1.0) -> float:
    """P of Fisher's exact test; with `own_share` 1/2 the mid-p, where two-sided is twice the smaller tail."""
    u, _ = _support(n1, n2, x1 + x2)
    w = _probabilities(n1, n2, x1 + x2, 0.0)
    own = float(w[u == x1][0])
    less, greater = float(w[u < x1].sum()) + own_share * own, float(w[u > x1].sum()) + own_share * own
    if alternative != "two-sided":
        return min(1.0, less if alternative == "less" else greater)
    both = float(w[w <= own * TIE].sum()) if own_share == 1.0 else 2.0 * min(less, greater)
    return min(1.0, both)


def fisher_table(n1: int, n2: int, alternative: str = "two-sided") -> Array:
    """P of Fisher's exact test of every table: rows x1 from 0 to n1, columns x2 from 0 to n2."""
    p = np.ones((n1 + 1, n2 + 1))
    for m in range(n1 + n2 + 1):
        u = _support(n1, n2, m)[0].astype(int)
        w = _probabilities(n1, n2, m, 0.0)
        if alternative == "two-sided":
            rising = np.sort(w)
            sums = np.cumsum(rising)[np.searchsorted(rising, w * TIE, side="right") - 1]
        else:
            sums = np.cumsum(w) if alternative == "less" else np.cumsum(w[::-1])[::-1]
        p[u, m - u] = np.minimum(sums, 1.0)
    return p


def _solve(rising: Callable[[Array], float], n1: int, n2: int, m: int, target: float) -> float:
    """The odds ratio at which a function of the probabilities that rises with it meets its target."""

    def is_before(logs: Array) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        return np.array(rising(_probabilities(n1, n2, m, float(logs))) < target)

    return float(np.exp(crossing(is_before, -LARGEST, LARGEST)))


def _probabilities(n1: int, n2: int, m: int, log_odds_ratio: float) -> Array:
    u, weights = _support(n1, n2, m)
    logs = weights + u * log_odds_ratio
    w = np.exp(logs - logs.max())
    return np.asarray(w / w.sum())


@lru_cache(maxsize=8)
def _support(n1: int, n2: int, m: int) -> tuple[Array, Array]:
    """The counts that x1 can be, and the logarithms of their weights where the odds ratio is 1."""
    u = np.arange(max(0, m - n2), min(n1, m) + 1, dtype=float)
    weights = -(gammaln(u + 1) + gammaln(n1 - u + 1) + gammaln(m - u + 1) + gammaln(n2 - m + u + 1))
    return u, np.asarray(weights - weights.max())
