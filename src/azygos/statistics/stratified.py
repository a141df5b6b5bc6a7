"""Two groups compared within strata: pooled ratios and differences, and tests of them."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtri

from azygos.errors import Problem
from azygos.statistics.check import between, choice, counts, refuse
from azygos.statistics.constrained import Pair, given_difference, given_odds_ratio
from azygos.statistics.result import Interval, Test
from azygos.statistics.root import Array, scalar_crossing

__all__ = [
    "breslow_day_test", "mantel_haenszel_interval", "mantel_haenszel_test", "stratified_difference_interval",
]  # fmt: skip

Measure = Literal["odds-ratio", "risk-ratio", "risk-difference"]
Weights = Literal["mantel-haenszel", "inverse-variance"]


def mantel_haenszel_interval(
    x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike, *, measure: Measure = "odds-ratio", level: float = 0.95
) -> Interval:
    """The Mantel-Haenszel estimate over strata and its interval.

    Odds ratio with the variance of Robins, Breslow and Greenland (1986), risk ratio with that of Greenland and Robins
    (1985), both on the logarithm; risk difference with that of Sato (1989), which holds for few large strata and for
    many small ones. statsmodels has the odds ratio alike, and no difference.
    """
    pair = _strata(x1, n1, x2, n2, choice("measure", measure, _POOLED), between("level", level))
    estimate, error = _POOLED[measure](pair)
    half = -float(ndtri(0.5 * (1.0 - level))) * error
    if measure == "risk-difference":
        lower, upper = max(estimate - half, -1.0), min(estimate + half, 1.0)
    elif np.isfinite(half) and 0.0 < estimate < np.inf:
        lower, upper = estimate * np.exp(-half), estimate * np.exp(half)
    else:
        lower, upper = 0.0, np.inf
    method = f"mantel-haenszel {measure}"
    return Interval(estimate=estimate, lower=float(lower), upper=float(upper), level=level, method=method)


def mantel_haenszel_test(
    x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike, *, correction: bool = False
) -> Test:
    """The Cochran-Mantel-Haenszel test that no stratum has a difference, chi-square with one degree of freedom.

    `correction` takes a half from the difference, as R's mantelhaen.test does unless told otherwise.
    """
    pair = _strata(x1, n1, x2, n2)
    n, m = pair.n1 + pair.n2, pair.x1 + pair.x2
    off = abs(float((pair.x1 - pair.n1 * m / n).sum()))
    terms = np.divide(pair.n1 * pair.n2 * m * (n - m), n**2 * (n - 1.0), out=np.zeros_like(n), where=n > 1.0)
    variance = float(terms.sum())
    squared = max(off - (min(0.5, off) if correction else 0.0), 0.0) ** 2 / variance if variance > 0.0 else 0.0
    return Test(statistic=squared, p=float(chdtrc(1.0, squared)), method="cochran-mantel-haenszel", df=1.0)


def breslow_day_test(x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike, *, tarone: bool = True) -> Test:
    """Breslow and Day's (1980) test that all strata have one odds ratio, by default with Tarone's (1985) correction."""
    pair = _strata(x1, n1, x2, n2)
    ratio, _ = _odds_ratio(pair)
    if not 0.0 < ratio < np.inf:
        return Test(statistic=float("nan"), p=float("nan"), method="breslow-day", df=float(len(pair.x1) - 1))
    p1, p2 = given_odds_ratio(pair, np.full_like(pair.x1, ratio))
    expected = pair.n1 * p1
    cells = (expected, pair.n1 - expected, pair.n2 * p2, pair.n2 * (1.0 - p2))
    told = np.all([cell > 0.0 for cell in cells], axis=0)  # strata without a case, or with cases only, say nothing
    variance = 1.0 / np.sum([1.0 / cell[told] for cell in cells], axis=0)
    off = (pair.x1 - expected)[told]
    squared = float((off**2 / variance).sum()) - (float(off.sum() ** 2 / variance.sum()) if tarone else 0.0)
    df = float(told.sum() - 1)
    return Test(statistic=squared, p=float(chdtrc(df, squared)) if df > 0 else 1.0, method="breslow-day", df=df)


def stratified_difference_interval(
    x1: ArrayLike,
    n1: ArrayLike,
    x2: ArrayLike,
    n2: ArrayLike,
    *,
    weights: Weights = "mantel-haenszel",
    level: float = 0.95,
) -> Interval:
    """Miettinen and Nurminen's (1985) interval for a difference of risks common to the strata.

    The score of a difference d is sum w_i (p1_i - p2_i - d) over the root of sum w_i² V_i(d), V_i the stratum's
    variance at its constrained maximum times N_i/(N_i - 1); w_i is n1 n2/(n1 + n2), or 1/V_i(d).
    """
    known = choice("weights", weights, ("mantel-haenszel", "inverse-variance"))
    pair = _strata(x1, n1, x2, n2, known, between("level", level))
    z = -float(ndtri(0.5 * (1.0 - level)))

    def where_score_is(value: float) -> float:
        return scalar_crossing(lambda d: _pooled_score(pair, weights, d) > value, -1.0, 1.0)

    return Interval(
        estimate=_risk_difference(pair)[0] if weights == "mantel-haenszel" else where_score_is(0.0),
        lower=where_score_is(z),
        upper=where_score_is(-z),
        level=level,
        method=f"miettinen-nurminen {weights}",
    )


def _strata(x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike, *others: Problem | None) -> Pair:
    arrays = [np.atleast_1d(np.asarray(value, dtype=float)) for value in (x1, n1, x2, n2)]
    sizes = {len(array) for array in arrays}
    if len(sizes) > 1:
        refuse(Problem("x1, n1, x2 and n2 have different lengths", "x1", "give one of each for every stratum"), *others)
    refuse(counts(arrays[0], arrays[1], "x1", "n1"), counts(arrays[2], arrays[3], "x2", "n2"), *others)
    return Pair.of(*arrays)


def _odds_ratio(pair: Pair) -> tuple[float, float]:
    n = pair.n1 + pair.n2
    r, s = pair.x1 * (pair.n2 - pair.x2) / n, pair.x2 * (pair.n1 - pair.x1) / n
    p, q = (pair.x1 + pair.n2 - pair.x2) / n, (pair.x2 + pair.n1 - pair.x1) / n
    top, bottom = float(r.sum()), float(s.sum())
    if top == 0.0 or bottom == 0.0:
        return _open_ratio(top, bottom)
    parts = (p @ r) / top**2 + (p @ s + q @ r) / (top * bottom) + (q @ s) / bottom**2
    return top / bottom, float(np.sqrt(0.5 * parts))


def _risk_ratio(pair: Pair) -> tuple[float, float]:
    n = pair.n1 + pair.n2
    top, bottom = float((pair.x1 * pair.n2 / n).sum()), float((pair.x2 * pair.n1 / n).sum())
    if top == 0.0 or bottom == 0.0:
        return _open_ratio(top, bottom)
    terms = (pair.n1 * pair.n2 * (pair.x1 + pair.x2) - pair.x1 * pair.x2 * n) / n**2
    return top / bottom, float(np.sqrt(terms.sum() / (top * bottom)))


def _risk_difference(pair: Pair) -> tuple[float, float]:
    n = pair.n1 + pair.n2
    weight = pair.n1 * pair.n2 / n
    total = float(weight.sum())
    estimate = float((weight * (pair.p1 - pair.p2)).sum()) / total
    p = (pair.n1**2 * pair.x2 - pair.n2**2 * pair.x1 + 0.5 * pair.n1 * pair.n2 * (pair.n2 - pair.n1)) / n**2
    q = (pair.x1 * (pair.n2 - pair.x2) + pair.x2 * (pair.n1 - pair.x1)) / (2.0 * n)
    return estimate, float(np.sqrt(max(estimate * float(p.sum()) + float(q.sum()), 0.0))) / total


def _open_ratio(top: float, bottom: float) -> tuple[float, float]:
    estimate = float("nan") if top == bottom else (0.0 if top == 0.0 else float("inf"))
    return estimate, float("inf")


def _pooled_score(pair: Pair, weights: str, difference: float) -> float:
    p1, p2 = given_difference(pair, np.full_like(pair.x1, difference))
    variance = (p1 * (1.0 - p1) / pair.n1 + p2 * (1.0 - p2) / pair.n2) * pair.unbiased
    off = pair.p1 - pair.p2 - difference
    if weights == "inverse-variance":
        weight: Array = 1.0 / np.maximum(variance, 1e-12)
    else:
        weight = pair.n1 * pair.n2 / (pair.n1 + pair.n2)
    top, scale = float(weight @ off), float(np.sqrt(weight**2 @ variance))
    if abs(top) < 1e-13 * float(weight.sum()):
        return 0.0
    return top / scale if scale > 0.0 else float(np.copysign(np.inf, top))


_POOLED = {"odds-ratio": _odds_ratio, "risk-ratio": _risk_ratio, "risk-difference": _risk_difference}
