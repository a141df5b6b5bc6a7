"""Survival without a model: the curve of Kaplan and Meier, and the log-rank test."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from azygos.errors import InputError, Problem
from azygos.statistics.columns import Columns, Floats, Ints
from azygos.statistics.effect import quantile_of_t
from azygos.statistics.result import Interval, Test, chi2_test

__all__ = ["SCALES", "Scale", "SurvivalCurve", "certain_but_for", "kaplan_meier", "logrank_test", "step_at"]

Scale = Literal["log", "log-log", "plain", "arcsine"]
SCALES = ("log", "log-log", "plain", "arcsine")
EQUAL = 1e-8  # a curve this near to a level is on it: rounding must not decide which side of a half it lies on


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalCurve:
    """A Kaplan-Meier curve: at each time seen, of an event or of a censoring, what holds from that time on."""

    time: Floats
    at_risk: Ints  # just before that time
    events: Ints
    censored: Ints
    survival: Floats
    se: Floats  # Greenwood's
    lower: Floats
    upper: Floats
    median: Interval  # infinite where the curve stays above a half
    level: float

    def at(self, time: float) -> Interval:
        """The probability of being free of the event after `time`; not a number after the last time seen.

        Before the first event Greenwood's error is zero, and R's survfit has the interval 1 to 1. Here it is then
        Clopper and Pearson's for n of the n patients followed to `time`, as in the beta product procedure (Fay,
        Brittain & Proschan, Biostatistics 2013;14:723).
        """
        rows = (self.survival, self.lower, self.upper)
        estimate, lower, upper = (step_at(self.time, row, time, first=1.0) for row in rows)
        if time > self.time[-1] and estimate > 0.0:
            estimate = lower = upper = float("nan")
        elif estimate == 1.0 and time > 0.0:
            lower = certain_but_for(int(self.at_risk[np.searchsorted(self.time, time)]), self.level)
        return Interval(estimate=estimate, lower=lower, upper=upper, level=self.level, method=self.median.method)

    def se_at(self, time: float) -> float:
        """The standard error of `at(time)`; not a number where that is none."""
        return float("nan") if np.isnan(self.at(time).estimate) else step_at(self.time, self.se, time, first=0.0)

    def quantile(self, p: float) -> Interval:
        """The time by which the event has come to a share p; its bounds are where the curve's bounds cross 1 - p.

        Where a curve is level at 1 - p exactly the time is the middle of that stretch. Infinite where none is reached.
        """
        estimate, lower, upper = (crossing(self.time, row, 1.0 - p) for row in (self.survival, self.lower, self.upper))
        return Interval(estimate=estimate, lower=lower, upper=upper, level=self.level, method=self.median.method)


def kaplan_meier(
    time: ArrayLike, event: ArrayLike, *, level: float = 0.95, interval: Scale = "log", entry: ArrayLike | None = None
) -> SurvivalCurve:
    """The share still free of the event at every time (Kaplan & Meier, JASA 1958;53:457).

        S(t) = product over times u <= t of (1 - d_u / n_u),    var S = S^2 sum d_u / (n_u (n_u - d_u))  (Greenwood)

    `event` is 1 where the event was seen and 0 where the patient was censored; of both at one time the events come
    first. With `entry` a patient counts as at risk after entering. The interval is taken on a scale: `log` as in R's
    survfit, `log-log` as in SAS (nearer to its level in small samples: Borgan & Liestoel, Scand J Stat 1990;17:35),
    `plain`, `arcsine`. Raises InputError for negative or missing times and for codes other than 0 and 1.
    """
    columns = Columns()
    times = columns.numbers(time, "time", positive=True)
    events = columns.events(event)
    begins = None if entry is None else columns.numbers(entry, "entry", positive=True)
    columns.choice(interval, "interval", SCALES)
    columns.level(level)
    columns.done()
    if begins is not None and np.any(begins >= times):
        raise InputError(Problem("some patients enter at their last time or after it", "entry", "leave them out"))
    at, n, d = counts_at(times, events, begins)
    last = np.searchsorted(at, times)
    censored = np.bincount(last, minlength=len(at)) - d
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.asarray(np.cumprod(1.0 - d / n))
        hazard = np.asarray(np.sqrt(np.cumsum(d / (n * (n - d)))))  # the standard error of log S
        se = np.where(survival > 0.0, survival * hazard, np.nan)
    lower, upper = _bounds(survival, hazard, quantile_of_t(0.5 + level / 2.0, None), interval)
    empty = Interval(estimate=0.0, lower=0.0, upper=0.0, level=level, method=f"Kaplan-Meier, {interval}")
    curve = SurvivalCurve(
        time=at,
        at_risk=n.astype(np.intp),
        events=d.astype(np.intp),
        censored=censored.astype(np.intp),
        survival=survival,
        se=se,
        lower=lower,
        upper=upper,
        median=empty,
        level=level,
    )
    return replace(curve, median=curve.quantile(0.5))


def logrank_test(
    time: ArrayLike, event: ArrayLike, group: ArrayLike, *, strata: ArrayLike | None = None, rho: float = 0.0
) -> Test:
    """The test that two groups or more have the same hazard (Mantel, Cancer Chemother Rep 1966;50:163).

        U_g = sum over times of w (d_g - d n_g / n)
        cov(U_g, U_h) = sum of w^2 d (n_g / n) (1{g = h} - n_h / n) (n - d) / (n - 1),    w = S(t-)^rho

    U' cov^-1 U is chi squared with one degree of freedom less than groups. With `strata` the sums are taken within
    each. rho = 0 is the log-rank test; rho = 1 Peto and Peto's, which weighs early events more (Harrington & Fleming,
    Biometrika 1982;69:553). Raises InputError where there is one group only, or no event while two are at risk.
    """
    columns = Columns()
    times = columns.numbers(time, "time", positive=True)
    events = columns.events(event)
    labels, groups = columns.groups(group, "group")
    layers, layer = (("",), np.zeros(len(times), dtype=np.intp)) if strata is None else columns.groups(strata, "strata")
    if len(labels) < 2:
        columns.say("has one label only", "group", "compare two groups at least")
    columns.done()
    score, spread = np.zeros(len(labels)), np.zeros((len(labels), len(labels)))
    for index in range(len(layers)):
        rows = layer == index
        u, v = _scores(times[rows], events[rows], groups[rows], len(labels), rho)
        score, spread = score + u, spread + v
    informed = np.flatnonzero(np.diag(spread) > 0.0)[:-1]  # the last follows from the others
    if not len(informed):
        raise InputError(Problem("no event while two groups were at risk", "event", "there is nothing to compare"))
    u, v = score[informed], spread[np.ix_(informed, informed)]
    statistic, df = float(u @ np.linalg.solve(v, u)), len(informed)
    name = "log-rank test" if rho == 0.0 else f"Harrington-Fleming test, rho {rho:g}"
    method = name if strata is None else f"stratified {name}"
    return chi2_test(statistic, df, method)


def certain_but_for(n: int, level: float) -> float:
    """Clopper and Pearson's lower bound where n of n patients were seen to be free of an event."""
    return float((0.5 - 0.5 * level) ** (1.0 / n))


def counts_at(times: Floats, events: Floats, entry: Floats | None = None) -> tuple[Floats, Floats, Floats]:
    """(times seen, patients at risk just before each, events at each)."""
    at, index = np.unique(times, return_inverse=True)
    gone = np.bincount(index, minlength=len(at))
    n = len(times) - np.concatenate([[0], np.cumsum(gone)[:-1]])
    if entry is not None:
        n = n - (len(entry) - np.searchsorted(np.sort(entry), at, side="left"))
    return at, n.astype(float), np.bincount(index, weights=events, minlength=len(at)).astype(float)


def step_at(times: Floats, row: Floats, time: float, *, first: float) -> float:
    """A row that steps at `times`, as it is at `time`; `first` before the first of them."""
    index = int(np.searchsorted(times, time, side="right")) - 1
    return first if index < 0 else float(row[index])


def crossing(times: Floats, curve: Floats, level: float) -> float:
    """The first time a falling curve is below a level; half way where it rests on it; infinite where it never is."""
    below = np.flatnonzero(curve < level - EQUAL)
    on = np.flatnonzero(np.abs(curve - level) <= EQUAL)
    end = float(times[below[0]]) if len(below) else float("inf")
    if not len(on):
        return end
    start = float(times[on[0]])
    # R's survfit: a curve that ends on the level has its quantile where that last stretch begins.
    return (start + end) / 2.0 if np.isfinite(end) else start


def _bounds(survival: Floats, hazard: Floats, z: float, scale: Scale) -> tuple[Floats, Floats]:
    """Bounds of S on a scale, from the standard error of log S; not a number once nobody is left."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(survival)
        if scale == "log":
            lower, upper = survival * np.exp(-z * hazard), np.minimum(survival * np.exp(z * hazard), 1.0)
        elif scale == "plain":
            lower = np.maximum(survival * (1.0 - z * hazard), 0.0)
            upper = np.minimum(survival * (1.0 + z * hazard), 1.0)
        elif scale == "log-log":
            half = z * hazard / log
            lower, upper = np.exp(log * np.exp(-half)), np.exp(log * np.exp(half))
        else:
            middle = np.arcsin(np.sqrt(survival))
            half = 0.5 * z * hazard * np.sqrt(survival / (1.0 - survival))
            lower = np.sin(np.maximum(middle - half, 0.0)) ** 2
            upper = np.sin(np.minimum(middle + half, np.pi / 2.0)) ** 2
    sure = hazard == 0.0
    gone = survival <= 0.0
    low, high = (np.where(gone, np.nan, np.where(sure, survival, bound)) for bound in (lower, upper))
    return low, high


def _scores(times: Floats, events: Floats, groups: Ints, many: int, rho: float) -> tuple[Floats, Floats]:
    """Weighted sums of observed less expected events in every group of one stratum, and their covariance."""
    at, n, d = counts_at(times, events)
    index = np.searchsorted(at, times)
    cells = np.zeros((len(at), many))
    np.add.at(cells, (index, groups), 1.0)
    risk = np.cumsum(cells[::-1], axis=0)[::-1]
    seen = np.zeros_like(cells)
    np.add.at(seen, (index, groups), events)
    share = risk / n[:, None]
    survival = np.concatenate([[1.0], np.cumprod(1.0 - d / n)[:-1]])
    w = survival**rho
    score = w @ (seen - d[:, None] * share)
    factor = w**2 * d * (n - d) / np.maximum(n - 1.0, 1.0)
    spread = np.diag(factor @ share) - (share * factor[:, None]).T @ share
    return np.asarray(score), np.asarray(spread)
