"""Intervals and tests for one proportion: x of n."""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, betaincinv, ndtr, ndtri

from azygos.errors import Problem
from azygos.statistics.check import between, choice, counts, refuse
from azygos.statistics.result import Interval, Test
from azygos.statistics.root import Array, crossing, once_each

__all__ = ["IntervalMethod", "proportion_bounds", "proportion_interval", "proportion_test"]

IntervalMethod = Literal[
    "clopper-pearson", "blaker", "mid-p", "wilson", "wilson-cc", "jeffreys", "agresti-coull", "wald"
]
TestMethod = Literal["exact", "mid-p", "score", "score-cc"]
Alternative = Literal["two-sided", "less", "greater"]
Bounds = tuple[Array, Array]

TIE = 1.0 + 1e-7  # probabilities this close are taken to be equal, as R's binom.test does


def proportion_interval(x: int, n: int, *, method: IntervalMethod = "clopper-pearson", level: float = 0.95) -> Interval:
    """An interval for a proportion of which x in n were seen.

    Clopper-Pearson and Blaker (2000) cover at least `level` always; the others on average, see docs/statistics.md.
    Raises InputError for counts that cannot be and a level outside (0, 1).
    """
    lower, upper = proportion_bounds(x, n, method=method, level=level)
    return Interval(estimate=x / n, lower=float(lower), upper=float(upper), level=level, method=method)


def proportion_bounds(
    x: ArrayLike, n: ArrayLike, *, method: IntervalMethod = "clopper-pearson", level: float = 0.95
) -> Bounds:
    """Lower and upper bounds of `proportion_interval` for arrays of counts."""
    refuse(counts(x, n), choice("method", method, _BOUNDS), between("level", level))
    part, whole = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(n, dtype=float))
    lower, upper = once_each(lambda a, b: _BOUNDS[method](a, b, 0.5 * (1.0 - level)), part, whole)
    return np.clip(lower, 0.0, 1.0), np.clip(upper, 0.0, 1.0)


def proportion_test(
    x: int, n: int, p: float = 0.5, *, method: TestMethod = "exact", alternative: Alternative = "two-sided"
) -> Test:
    """The test of x of n against the proportion p.

    `exact`: binomial; two-sided it sums the probabilities of all counts no likelier than x. `mid-p`: x itself counts
    half, and two-sided is twice the smaller tail. `score`: z = (x - n p)/sqrt(n p (1 - p)), `score-cc` with |x - n p|
    less a half, but not below 0 (Yates; as R's prop.test).
    """
    refuse(counts(x, n), between("p", p), choice("method", method, _TESTS), choice("alternative", alternative, _TAILS))
    statistic, value = _TESTS[method](x, n, p, alternative)
    return Test(statistic=statistic, p=min(1.0, value), method=method, alternative=alternative)


def _clopper_pearson(x: Array, n: Array, tail: float) -> Bounds:
    """Quantiles of beta distributions (Clopper and Pearson 1934)."""
    lower = betaincinv(np.maximum(x, 1.0), n - x + 1.0, tail)
    upper = betaincinv(x + 1.0, np.maximum(n - x, 1.0), 1.0 - tail)
    return np.where(x == 0, 0.0, lower), np.where(x == n, 1.0, upper)


def _mid_p(x: Array, n: Array, tail: float) -> Bounds:
    """Where P(X > x) + P(X = x)/2, or the same from above, is the tail (Lancaster 1961)."""

    def below(p: Array) -> Array:
        under = np.where(x == 0, 0.0, bdtr(np.maximum(x - 1.0, 0.0), n.astype(np.int64), p))
        return np.asarray(0.5 * (bdtr(x, n.astype(np.int64), p) + under))

    lower = crossing(lambda p: below(p) > 1.0 - tail, 0.0, x / n)
    upper = crossing(lambda p: below(p) > tail, x / n, 1.0)
    return np.where(x == 0, 0.0, lower), np.where(x == n, 1.0, upper)


def _wilson(x: Array, n: Array, tail: float) -> Bounds:
    """Roots of |x/n - p| = z sqrt(p (1 - p)/n) (Wilson 1927)."""
    z2 = ndtri(tail) ** 2
    centre, half = x + 0.5 * z2, np.sqrt(z2 * (x * (n - x) / n + 0.25 * z2))
    return (centre - half) / (n + z2), (centre + half) / (n + z2)


def _wilson_cc(x: Array, n: Array, tail: float) -> Bounds:
    """Wilson's with a correction for continuity (Newcombe 1998, method 4)."""
    z2 = ndtri(tail) ** 2

    def root(x: Array) -> Array:  # the lower one
        inner = np.maximum(z2 - 2.0 - 1.0 / n + 4.0 * (x / n) * (n - x + 1.0), 0.0)
        return np.asarray((2.0 * x + z2 - 1.0 - np.sqrt(z2 * inner)) / (2.0 * (n + z2)))

    return np.where(x == 0, 0.0, root(x)), np.where(x == n, 1.0, 1.0 - root(n - x))


def _jeffreys(x: Array, n: Array, tail: float) -> Bounds:
    """Quantiles of Beta(x + 1/2, n - x + 1/2); 0 below no case and 1 above all (Brown, Cai and DasGupta 2001)."""
    lower, upper = (betaincinv(x + 0.5, n - x + 0.5, share) for share in (tail, 1.0 - tail))
    return np.where(x == 0, 0.0, lower), np.where(x == n, 1.0, upper)


def _agresti_coull(x: Array, n: Array, tail: float) -> Bounds:
    """Wald's after z²/2 cases and as many others were added (Agresti and Coull 1998)."""
    z2 = ndtri(tail) ** 2
    return _wald(x + 0.5 * z2, n + z2, tail)


def _wald(x: Array, n: Array, tail: float) -> Bounds:
    """x/n -+ z sqrt(x (n - x)/n³). No width where x is 0 or n: kept to recompute what others published."""
    half = -ndtri(tail) * np.sqrt(x * (n - x) / n**3)
    return x / n - half, x / n + half


def _blaker(x: Array, n: Array, tail: float) -> Bounds:
    many = float(n.max()) > BLAKER_LARGEST
    refuse(Problem(f"{n.max():g} for Blaker's interval", "n", f"give up to {BLAKER_LARGEST}") if many else None)
    ends = [_blaker_one(int(a), int(b), 2.0 * tail) for a, b in zip(x.flat, n.flat, strict=True)]
    lower, upper = np.array(ends).T.reshape(2, *x.shape)
    return lower, upper


def _blaker_one(x: int, n: int, alpha: float) -> tuple[float, float]:
    """The hull of the p that Blaker's (2000) test accepts: inside Clopper-Pearson's, exact as it is.

    Acceptability: the smaller tail at x, and the other tail up to no more than that. It jumps where a count joins the
    other tail, so the end is sought step by step from Clopper-Pearson's towards x/n, then between two steps.
    """
    outer_low, outer_high = (float(end) for end in _clopper_pearson(np.array(x), np.array(n), 0.5 * alpha))

    def end(outer: float) -> float:
        grid = np.linspace(outer, x / n, BLAKER_STEPS)
        accepted = np.array([_acceptability(x, n, float(p)) > alpha for p in grid])
        first = int(np.argmax(accepted))
        if first == 0:
            return outer
        a, b = float(grid[first - 1]), float(grid[first])
        for _ in range(60):
            middle = 0.5 * (a + b)
            a, b = (a, middle) if _acceptability(x, n, middle) > alpha else (middle, b)
        return 0.5 * (a + b)

    return end(outer_low) if x > 0 else 0.0, end(outer_high) if x < n else 1.0


BLAKER_STEPS = 2001
BLAKER_LARGEST = 10_000


def _acceptability(x: int, n: int, p: float) -> float:
    counted = np.arange(n + 1)
    below = bdtr(counted, n, p)
    above = 1.0 - np.concatenate(([0.0], below[:-1]))
    if below[x] <= above[x]:
        other = above[above <= below[x] * TIE]
        return float(min(1.0, below[x] + (other[0] if len(other) else 0.0)))
    other = below[below <= above[x] * TIE]
    return float(min(1.0, above[x] + (other[-1] if len(other) else 0.0)))


_BOUNDS: Mapping[str, Callable[[Array, Array, float], Bounds]] = {
    "clopper-pearson": _clopper_pearson,
    "blaker": _blaker,
    "mid-p": _mid_p,
    "wilson": _wilson,
    "wilson-cc": _wilson_cc,
    "jeffreys": _jeffreys,
    "agresti-coull": _agresti_coull,
    "wald": _wald,
}


def _exact_test(x: int, n: int, p: float, alternative: Alternative) -> tuple[float, float]:
    from scipy.stats import binomtest

    return x / n, float(binomtest(x, n, p, alternative).pvalue)


def _mid_p_test(x: int, n: int, p: float, alternative: Alternative) -> tuple[float, float]:
    under = float(bdtr(x - 1, n, p)) if x else 0.0
    below = 0.5 * (float(bdtr(x, n, p)) + under)
    return x / n, _TAILS[alternative](below, 1.0 - below)


def _score_test(x: int, n: int, p: float, alternative: Alternative, correction: float = 0.0) -> tuple[float, float]:
    off = x - n * p
    z = np.copysign(max(abs(off) - correction, 0.0), off) / np.sqrt(n * p * (1.0 - p))
    return float(z), _TAILS[alternative](float(ndtr(z)), float(ndtr(-z)))


def _score_cc_test(x: int, n: int, p: float, alternative: Alternative) -> tuple[float, float]:
    return _score_test(x, n, p, alternative, 0.5)


_TAILS: Mapping[str, Callable[[float, float], float]] = {
    "two-sided": lambda below, above: 2.0 * min(below, above),
    "less": lambda below, above: below,
    "greater": lambda below, above: above,
}
_TESTS: Mapping[str, Callable[[int, int, float, Alternative], tuple[float, float]]] = {
    "exact": _exact_test,
    "mid-p": _mid_p_test,
    "score": _score_test,
    "score-cc": _score_cc_test,
}
