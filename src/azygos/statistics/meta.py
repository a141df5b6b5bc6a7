"""Studies pooled: an average effect, how much effects differ, and what a further study would find."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, chdtri, ndtr, ndtri, stdtr, stdtrit

from azygos.errors import Problem
from azygos.statistics.check import above, between, choice, counts, refuse, same_length
from azygos.statistics.result import Test
from azygos.statistics.root import Array, scalar_crossing

__all__ = ["Meta", "egger_test", "meta_analysis", "study_effects"]

TauMethod = Literal["REML", "ML", "DL", "PM", "HE", "SJ", "FE", "EE"]
PooledInterval = Literal["wald", "hartung-knapp", "hartung-knapp-adhoc"]
Prediction = Literal["as-interval", "normal", "t-k-1", "t-k-2"]
Measure = Literal["risk-ratio", "odds-ratio", "risk-difference"]

COMMON = ("FE", "EE")  # one effect, tau² 0: two names of one method
LARGEST = 1e50  # of an estimate or a variance, whose squares must still be numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What pooled studies say. Effects are in the units of the estimates, so logarithms where those are."""

    method: str
    interval: str
    studies: int
    estimate: float
    se: float
    lower: float
    upper: float
    level: float
    statistic: float  # z, or t with Hartung and Knapp's variance
    df: float | None  # of that t
    p: float
    tau2: float  # variance of the effects between studies
    tau2_lower: float | None  # Viechtbauer's (2007) Q-profile; None with one study and with method FE
    tau2_upper: float | None
    tau: float
    i2: float  # share of the total variance that is between studies [%]
    h2: float
    q: float  # Cochran's
    q_df: int
    q_p: float
    prediction_lower: float | None  # of a further study's effect; None as above
    prediction_upper: float | None
    weights: tuple[float, ...]  # [%]


def meta_analysis(
    estimates: ArrayLike,
    variances: ArrayLike,
    *,
    method: TauMethod = "REML",
    interval: PooledInterval = "wald",
    prediction: Prediction = "as-interval",
    level: float = 0.95,
) -> Meta:
    """The random-effects average of studies, y_i = mu + u_i + e_i, var u_i = tau², var e_i known.

    tau² by restricted maximum likelihood, maximum likelihood, DerSimonian and Laird (1986), Paule and Mandel (1982),
    Hedges (HE), Sidik and Jonkman (SJ), or 0 (FE or EE). `hartung-knapp` takes the variance from the weighted scatter
    and t with k - 1 (Hartung and Knapp 2001), `-adhoc` never less than Wald's. The prediction interval is
    mu -+ q sqrt(se² + tau²), q normal, t k - 1 or t k - 2 (Higgins 2009); by default as metafor: normal for Wald's,
    else t k - 1. Raises InputError.
    """
    y, v = np.atleast_1d(np.asarray(estimates, dtype=float)), np.atleast_1d(np.asarray(variances, dtype=float))
    _check(y, v, method, interval, prediction, level)
    return _pooled(y, v, _TAU2[method](y, v), method, interval, prediction, level)


def _pooled(y: Array, v: Array, tau2: float, method: str, interval: str, prediction: str, level: float) -> Meta:
    k, w = len(y), 1.0 / (v + tau2)
    mean = _mean(y, w)
    se, df = _standard_error(y, w, interval)
    tail = 0.5 * (1.0 - level)
    reach = -_quantile(tail, df) * se
    z = mean / se if se > 0.0 else (float(np.copysign(np.inf, mean)) if mean else 0.0)  # no scatter: se is 0
    q, typical = _q(y, v, 0.0), _typical_variance(v)
    low, high = _profile(y, v, tail) if k > 1 and method not in COMMON else (None, None)
    i2, h2 = _heterogeneity(tau2, typical, q, k, method)
    ahead = _predicted(prediction, df, k, tail, se, tau2) if k > 1 and method not in COMMON else None
    return Meta(
        method=method,
        interval=interval,
        studies=k,
        estimate=mean,
        se=se,
        lower=mean - reach,
        upper=mean + reach,
        level=level,
        statistic=z,
        df=df,
        p=2.0 * float(ndtr(-abs(z)) if df is None else stdtr(df, -abs(z))),
        tau2=tau2,
        tau2_lower=low,
        tau2_upper=high,
        tau=float(np.sqrt(tau2)),
        i2=i2,
        h2=h2,
        q=q,
        q_df=k - 1,
        q_p=float(chdtrc(k - 1, q)) if k > 1 else 1.0,
        prediction_lower=None if ahead is None else mean - ahead,
        prediction_upper=None if ahead is None else mean + ahead,
        weights=tuple(float(share) for share in 100.0 * w / w.sum()),
    )


def study_effects(
    x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike, *, measure: Measure = "risk-ratio"
) -> tuple[Array, Array]:
    """Each study's effect and its variance: logarithms of ratios, differences as they are.

    Studies with an empty cell get a half in each of their cells, as metafor's escalc does.
    """
    a, n_a, c, n_c = (np.atleast_1d(np.asarray(value, dtype=float)) for value in (x1, n1, x2, n2))
    known = choice("measure", measure, ("risk-ratio", "odds-ratio", "risk-difference"))
    refuse(counts(a, n_a, "x1", "n1"), counts(c, n_c, "x2", "n2"), known)
    b, d = n_a - a, n_c - c
    half = np.where((a == 0) | (b == 0) | (c == 0) | (d == 0), 0.5, 0.0)
    a, b, c, d = a + half, b + half, c + half, d + half
    p, q = a / (a + b), c / (c + d)
    if measure == "risk-ratio":
        return np.log(p / q), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)
    if measure == "odds-ratio":
        return np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d
    return p - q, p * (1 - p) / (a + b) + q * (1 - q) / (c + d)


def egger_test(estimates: ArrayLike, variances: ArrayLike) -> Test:
    """Egger's (1997) test whether small studies say something else: t, k - 2, of the intercept in y/se = a + b/se."""
    y, v = np.atleast_1d(np.asarray(estimates, dtype=float)), np.atleast_1d(np.asarray(variances, dtype=float))
    _check(y, v, "FE", "wald", "normal", 0.95)
    k, error = len(y), np.sqrt(v)
    alike = k < 3 or np.ptp(error) <= 1e-12 * error.max()
    refuse(Problem("needs three studies, not all of one size", "estimates") if alike else None)
    design = np.column_stack((np.ones(k), 1.0 / error))
    inverse = np.linalg.inv(design.T @ design)
    fitted = inverse @ design.T @ (y / error)
    scatter = float(((y / error - design @ fitted) ** 2).sum()) / (k - 2)
    spread = float(np.sqrt(scatter * inverse[0, 0]))
    t = float(fitted[0]) / spread if spread > 0.0 else 0.0
    return Test(statistic=t, p=2.0 * float(stdtr(k - 2, -abs(t))), method="egger", df=float(k - 2))


def _check(y: Array, v: Array, method: str, interval: str, prediction: str, level: float) -> None:
    intervals = ("wald", "hartung-knapp", "hartung-knapp-adhoc")
    many = None if interval == "wald" or len(y) > 1 else Problem("one study", "interval", "choose wald")
    two = Problem("needs three studies", "prediction") if prediction == "t-k-2" and len(y) < 3 else None
    refuse(
        same_length(estimates=y, variances=v),
        None
        if len(y) and np.all(np.abs(y) < LARGEST)
        else Problem(f"not all are numbers below {LARGEST:g}", "estimates"),
        between("variances", v, 0.0, LARGEST) if np.all(v > 1.0 / LARGEST) else above("variances", v, 1.0 / LARGEST),
        choice("method", method, _TAU2),
        choice("interval", interval, intervals),
        choice("prediction", prediction, ("as-interval", "normal", "t-k-1", "t-k-2")),
        between("level", level),
        many if interval in intervals else None,
        two,
    )


def _mean(y: Array, w: Array) -> float:
    return float(w @ y / w.sum())


def _q(y: Array, v: Array, tau2: float) -> float:
    """The weighted sum of squares about the weighted mean; Cochran's Q at tau² = 0."""
    w = 1.0 / (v + tau2)
    return float(w @ (y - _mean(y, w)) ** 2)


def _typical_variance(v: Array) -> float:
    """(k - 1) sum w/((sum w)² - sum w²) (Higgins and Thompson 2002)."""
    w = 1.0 / v
    return float((len(v) - 1) * w.sum() / (w.sum() ** 2 - w @ w)) if len(v) > 1 else float(v[0])


def _heterogeneity(tau2: float, typical: float, q: float, k: int, method: str) -> tuple[float, float]:
    """I² [%] and H². Without a tau² they come from Q."""
    if k == 1:
        return 0.0, 1.0
    if method in COMMON:
        return max(0.0, 100.0 * (q - (k - 1)) / q) if q > 0.0 else 0.0, q / (k - 1)
    return 100.0 * tau2 / (tau2 + typical), tau2 / typical + 1.0


def _standard_error(y: Array, w: Array, interval: str) -> tuple[float, float | None]:
    plain = float(1.0 / np.sqrt(w.sum()))
    if interval == "wald":
        return plain, None
    scatter = float(w @ (y - _mean(y, w)) ** 2) / (len(y) - 1)
    scatter = max(scatter, 1.0) if interval == "hartung-knapp-adhoc" else scatter
    return plain * float(np.sqrt(scatter)), float(len(y) - 1)


def _quantile(tail: float, df: float | None) -> float:
    return float(ndtri(tail) if df is None else stdtrit(df, tail))


def _predicted(prediction: str, df: float | None, k: int, tail: float, se: float, tau2: float) -> float:
    """Half the width of the prediction interval."""
    degrees = {"as-interval": df, "normal": None, "t-k-1": k - 1.0, "t-k-2": k - 2.0}[prediction]
    return float(-_quantile(tail, degrees) * np.sqrt(se**2 + tau2))


def _profile(y: Array, v: Array, tail: float) -> tuple[float, float]:
    """The tau² at which Q(tau²) is a quantile of chi-square k - 1."""
    k = len(y)
    return tuple(_where_q_is(y, v, float(chdtri(k - 1, share))) for share in (tail, 1.0 - tail))  # type: ignore[return-value]  # two, as there are two limits


def _where_q_is(y: Array, v: Array, target: float) -> float:
    """The tau² at which the generalised Q, which falls with it, is the target; 0 where it is below from the start."""
    if _q(y, v, 0.0) <= target:
        return 0.0
    top = _largest(y, v)
    while _q(y, v, top) > target:
        top *= 10.0
    return top * scalar_crossing(lambda share: _q(y, v, share * top) > target, 0.0, 1.0)  # in any unit of y as precise


def _largest(y: Array, v: Array) -> float:
    return float(np.ptp(y) ** 2 + v.max())


def _none(y: Array, v: Array) -> float:
    return 0.0


def _dersimonian_laird(y: Array, v: Array) -> float:
    w = 1.0 / v
    spread = w.sum() - w @ w / w.sum()
    return max(0.0, (_q(y, v, 0.0) - (len(y) - 1)) / float(spread)) if len(y) > 1 else 0.0


def _paule_mandel(y: Array, v: Array) -> float:
    return _where_q_is(y, v, len(y) - 1.0) if len(y) > 1 else 0.0


def _hedges(y: Array, v: Array) -> float:
    return max(0.0, float(np.var(y, ddof=1) - v.mean())) if len(y) > 1 else 0.0


def _sidik_jonkman(y: Array, v: Array) -> float:
    """Sidik and Jonkman (2005), from the unweighted variance as the first guess."""
    guess = float(np.var(y)) if len(y) > 1 else 0.0
    return _q(y, v / guess, 1.0) / (len(y) - 1) if guess > 0.0 else 0.0


def _reml(y: Array, v: Array) -> float:
    return _likeliest(y, v, True)


def _ml(y: Array, v: Array) -> float:
    return _likeliest(y, v, False)


GRID = 200  # values of tau² at which the likelihood is looked at before its peak is sought


def _likeliest(y: Array, v: Array, restricted: bool) -> float:
    """The tau² of the highest (restricted) likelihood: the best of a grid, then where its slope changes sign nearby.

    The likelihood can have two peaks, and Fisher scoring finds the one next to its start.
    """
    if len(y) == 1 or np.ptp(y) == 0.0:
        return 0.0
    grid = np.concatenate(([0.0], np.geomspace(1e-8, 2.0, GRID) * _largest(y, v)))
    best = int(np.argmax(_log_likelihood(y, v, grid, restricted)))
    if best == 0 and _slope(y, v, 0.0, restricted) <= 0.0:
        return 0.0
    low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, GRID)])
    return high * scalar_crossing(lambda share: _slope(y, v, share * high, restricted) > 0.0, low / high, 1.0)


def _log_likelihood(y: Array, v: Array, tau2: Array, restricted: bool) -> Array:
    """Of many tau², less what does not depend on it."""
    w = 1.0 / (v + tau2[:, None])
    total = w.sum(axis=1)
    off = y - ((w @ y) / total)[:, None]
    log = np.log(w).sum(axis=1) - (w * off**2).sum(axis=1)
    return np.asarray(0.5 * (log - np.log(total) if restricted else log))


def _slope(y: Array, v: Array, tau2: float, restricted: bool) -> float:
    """Twice the derivative of the log likelihood by tau²."""
    w = 1.0 / (v + tau2)
    off = y - _mean(y, w)
    return float(w**2 @ off**2 - w.sum() + (w @ w / w.sum() if restricted else 0.0))


_TAU2: Mapping[str, Callable[[Array, Array], float]] = {
    "REML": _reml,
    "ML": _ml,
    "DL": _dersimonian_laird,
    "PM": _paule_mandel,
    "HE": _hedges,
    "SJ": _sidik_jonkman,
    "FE": _none,
    "EE": _none,
}
