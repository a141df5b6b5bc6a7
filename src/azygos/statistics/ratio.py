"""Intervals for the ratio of two proportions, p1/p2, and for the ratio of their odds.

Bounds are sought in t = ratio/(1 + ratio), from 0 to 1, so that no count needs a guess how large a ratio can be.
Where a count leaves a bound open it is 0 or infinite, and the estimate of 0/0 is NaN.
"""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from azygos.statistics.check import between, choice, counts, refuse
from azygos.statistics.constrained import Pair, bounds_of, given_odds_ratio, given_ratio
from azygos.statistics.proportion import Bounds
from azygos.statistics.result import Interval
from azygos.statistics.root import Array, crossing

__all__ = ["odds_ratio_bounds", "odds_ratio_interval", "risk_ratio_bounds", "risk_ratio_interval"]

RiskRatioMethod = Literal["miettinen-nurminen", "koopman", "log", "walter"]
OddsRatioMethod = Literal["exact", "mid-p", "miettinen-nurminen", "score", "woolf", "gart"]


def risk_ratio_interval(
    x1: int, n1: int, x2: int, n2: int, *, method: RiskRatioMethod = "miettinen-nurminen", level: float = 0.95
) -> Interval:
    """An interval for p1/p2 of which x1 in n1 and x2 in n2 were seen. Raises InputError for counts that cannot be.

    Where one count is 0 `walter` estimates from the counts to which it adds a half: x1/n1 by x2/n2 would lie outside.
    """
    lower, upper = risk_ratio_bounds(x1, n1, x2, n2, method=method, level=level)
    half = 0.5 if method == "walter" and min(x1, x2) == 0 < max(x1, x2) else 0.0
    estimate = float(_over(np.float64((x1 + half) / (n1 + half)), np.float64((x2 + half) / (n2 + half))))
    return Interval(estimate=estimate, lower=float(lower), upper=float(upper), level=level, method=method)


def odds_ratio_interval(
    x1: int, n1: int, x2: int, n2: int, *, method: OddsRatioMethod = "exact", level: float = 0.95
) -> Interval:
    """An interval for the odds ratio of x1 in n1 against x2 in n2.

    `exact` and `mid-p` give the estimate of maximum likelihood conditional on the margins, the others x1 (n2 - x2)/
    ((n1 - x1) x2), in which `gart` adds a half to each factor where one of them, not a whole
    row of them, is 0. Raises InputError for counts that cannot be.
    """
    lower, upper = odds_ratio_bounds(x1, n1, x2, n2, method=method, level=level)
    if method in ("exact", "mid-p"):
        from azygos.statistics.conditional import conditional_odds_ratio

        estimate = conditional_odds_ratio(x1, n1, x2, n2)
    else:
        is_open = 0 in (x1, n1 - x1, x2, n2 - x2) and 0 < x1 + x2 < n1 + n2  # else nothing is known of it
        half = 0.5 if method == "gart" and is_open else 0.0
        for_, against = (x1 + half) * (n2 - x2 + half), (n1 - x1 + half) * (x2 + half)
        estimate = float(_over(np.float64(for_), np.float64(against)))
    return Interval(estimate=estimate, lower=float(lower), upper=float(upper), level=level, method=method)


def risk_ratio_bounds(
    x1: ArrayLike,
    n1: ArrayLike,
    x2: ArrayLike,
    n2: ArrayLike,
    *,
    method: RiskRatioMethod = "miettinen-nurminen",
    level: float = 0.95,
) -> Bounds:
    """Lower and upper bounds of `risk_ratio_interval` for arrays of counts."""
    return _bounds(_RISK_RATIO, Pair.of(x1, n1, x2, n2), method, level)


def odds_ratio_bounds(
    x1: ArrayLike,
    n1: ArrayLike,
    x2: ArrayLike,
    n2: ArrayLike,
    *,
    method: OddsRatioMethod = "exact",
    level: float = 0.95,
) -> Bounds:
    """Lower and upper bounds of `odds_ratio_interval` for arrays of counts."""
    return _bounds(_ODDS_RATIO, Pair.of(x1, n1, x2, n2), method, level)


def _bounds(methods: Mapping[str, Callable[[Pair, float], Bounds]], pair: Pair, method: str, level: float) -> Bounds:
    refuse(
        counts(pair.x1, pair.n1, "x1", "n1"),
        counts(pair.x2, pair.n2, "x2", "n2"),
        choice("method", method, methods),
        between("level", level),
    )
    return bounds_of(methods[method], pair, 0.5 * (1.0 - level))


def _over(a: ArrayLike, b: ArrayLike) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.asarray(a, dtype=float) / np.asarray(b, dtype=float))


def _score_bounds(squared: Callable[[Array], Array], seen: Array, z2: float) -> Bounds:
    """Where the squared score is z², on either side of the seen t; nothing is excluded where nothing was seen."""
    start = np.where(np.isnan(seen), 0.5, seen)
    lower = crossing(lambda t: squared(t) > z2, 0.0, start)
    upper = crossing(lambda t: squared(t) <= z2, start, 1.0)
    lower, upper = np.where(start == 0.0, 0.0, lower), np.where(start == 1.0, 1.0, upper)
    open_low, open_high = lower < 1e-16, upper > 1.0 - 2e-16
    return (
        np.where(np.isnan(seen) | open_low, 0.0, _over(lower, 1.0 - lower)),
        np.where(np.isnan(seen) | open_high, np.inf, _over(upper, 1.0 - upper)),
    )


def _ratio_score(pair: Pair, unbiased: bool, t: Array) -> Array:
    """(p1 - phi p2)²/V, both divided by (1 + phi)², with V = p1~ (1 - p1~)/n1 + phi² p2~ (1 - p2~)/n2."""
    p1, p2 = given_ratio(pair, _over(t, 1.0 - t))
    variance = (1.0 - t) ** 2 * p1 * (1.0 - p1) / pair.n1 + t**2 * p2 * (1.0 - p2) / pair.n2
    off = ((1.0 - t) * pair.p1 - t * pair.p2) ** 2
    off = np.where(off < 1e-28, 0.0, off)
    return np.where(off == 0.0, 0.0, _over(off, variance * (pair.unbiased if unbiased else 1.0)))


def _ratio_by_score(pair: Pair, tail: float, unbiased: bool) -> Bounds:
    seen = _over(pair.p1, pair.p1 + pair.p2)
    return _score_bounds(lambda t: _ratio_score(pair, unbiased, t), seen, float(ndtri(tail) ** 2))


def _ratio_miettinen_nurminen(pair: Pair, tail: float) -> Bounds:
    """Where the score is z, its variance times N/(N - 1) (Miettinen and Nurminen 1985)."""
    return _ratio_by_score(pair, tail, True)


def _koopman(pair: Pair, tail: float) -> Bounds:
    """Where the score is z (Koopman 1984): the same without N/(N - 1)."""
    return _ratio_by_score(pair, tail, False)


def _log(pair: Pair, tail: float) -> Bounds:
    """On the logarithm, variance 1/x1 - 1/n1 + 1/x2 - 1/n2 (Katz 1978); open where a count is 0."""
    return _logarithmic(
        _over(pair.p1, pair.p2), _over(1.0, pair.x1) - 1 / pair.n1 + _over(1.0, pair.x2) - 1 / pair.n2, tail
    )


def _walter(pair: Pair, tail: float) -> Bounds:
    """The same with a half added to all four (Walter 1975)."""
    return _log(Pair(x1=pair.x1 + 0.5, n1=pair.n1 + 0.5, x2=pair.x2 + 0.5, n2=pair.n2 + 0.5), tail)


def _woolf(pair: Pair, tail: float) -> Bounds:
    """On the logarithm, variance the sum of the cells' reciprocals (Woolf 1955); open where a cell is 0."""
    cells = (pair.x1, pair.n1 - pair.x1, pair.x2, pair.n2 - pair.x2)
    ratio = _over(cells[0] * cells[3], cells[1] * cells[2])
    return _logarithmic(ratio, np.sum([_over(1.0, cell) for cell in cells], axis=0), tail)


def _gart(pair: Pair, tail: float) -> Bounds:
    """The same with a half added to every cell (Gart 1966)."""
    return _woolf(Pair(x1=pair.x1 + 0.5, n1=pair.n1 + 1.0, x2=pair.x2 + 0.5, n2=pair.n2 + 1.0), tail)


def _logarithmic(ratio: Array, variance: Array, tail: float) -> Bounds:
    half = -ndtri(tail) * np.sqrt(variance)
    known = np.isfinite(variance)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(known, ratio * np.exp(-half), 0.0), np.where(known, ratio * np.exp(half), np.inf)


def _odds_score(pair: Pair, unbiased: bool, t: Array) -> Array:
    """(x1 - n1 p1~)² (1/(n1 p1~ (1 - p1~)) + 1/(n2 p2~ (1 - p2~)))."""
    p1, p2 = given_odds_ratio(pair, _over(t, 1.0 - t))
    off = (pair.x1 - pair.n1 * p1) ** 2
    off = np.where(off < 1e-26 * pair.n1**2, 0.0, off)
    information = _over(1.0, pair.n1 * p1 * (1.0 - p1)) + _over(1.0, pair.n2 * p2 * (1.0 - p2))
    with np.errstate(invalid="ignore"):
        squared = off * information / (pair.unbiased if unbiased else 1.0)
    return np.where(off == 0.0, 0.0, squared)


def _odds_by_score(pair: Pair, tail: float, unbiased: bool) -> Bounds:
    a, b = pair.x1 * (pair.n2 - pair.x2), (pair.n1 - pair.x1) * pair.x2
    return _score_bounds(lambda t: _odds_score(pair, unbiased, t), _over(a, a + b), float(ndtri(tail) ** 2))


def _odds_miettinen_nurminen(pair: Pair, tail: float) -> Bounds:
    """Where the score is z, its variance times N/(N - 1) (Miettinen and Nurminen 1985)."""
    return _odds_by_score(pair, tail, True)


def _odds_score_bounds(pair: Pair, tail: float) -> Bounds:
    """Where the score is z (Cornfield 1956, without his correction): the same without N/(N - 1)."""
    return _odds_by_score(pair, tail, False)


def _odds_exact(pair: Pair, tail: float, own_share: float = 1.0) -> Bounds:
    from azygos.statistics.conditional import conditional_bounds

    tables = zip(*(value.flat for value in (pair.x1, pair.n1, pair.x2, pair.n2)), strict=True)
    ends = [conditional_bounds(*(int(v) for v in table), tail=tail, own_share=own_share) for table in tables]
    lower, upper = np.array(ends).T.reshape(2, *pair.x1.shape)
    return lower, upper


def _odds_mid_p(pair: Pair, tail: float) -> Bounds:
    return _odds_exact(pair, tail, 0.5)


_RISK_RATIO: Mapping[str, Callable[[Pair, float], Bounds]] = {
    "miettinen-nurminen": _ratio_miettinen_nurminen,
    "koopman": _koopman,
    "log": _log,
    "walter": _walter,
}
_ODDS_RATIO: Mapping[str, Callable[[Pair, float], Bounds]] = {
    "exact": _odds_exact,
    "mid-p": _odds_mid_p,
    "miettinen-nurminen": _odds_miettinen_nurminen,
    "score": _odds_score_bounds,
    "woolf": _woolf,
    "gart": _gart,
}
