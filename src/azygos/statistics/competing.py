"""Competing risks without a model: cumulative incidence, and Gray's test.

One minus Kaplan and Meier's curve, other causes censored, would be the incidence in a world without them. What happens
to patients is the cumulative incidence: it counts those who are removed by another cause as safe from this one.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from azygos.errors import InputError, Problem
from azygos.statistics.columns import Columns, Floats, Ints
from azygos.statistics.effect import quantile_of_t
from azygos.statistics.result import Interval, Test, chi2_test
from azygos.statistics.survival import certain_but_for, step_at

__all__ = ["CumulativeIncidence", "aalen_johansen", "gray_test"]

Scale = Literal["log-log", "plain"]
SCALES = ("log-log", "plain")


@dataclass(frozen=True, slots=True, kw_only=True)
class CumulativeIncidence:
    """The share to whom a cause has happened, at each time at which anything happened to anybody."""

    cause: int
    time: Floats
    at_risk: Ints
    events: Ints  # of this cause
    others: Ints  # of all other causes
    incidence: Floats
    se: Floats
    lower: Floats
    upper: Floats
    level: float
    method: str

    def at(self, time: float) -> Interval:
        """The share by `time`; not a number after the last time seen.

        Before the first event of the cause the upper bound is Clopper and Pearson's for none of those who were followed
        to `time` or taken by another cause before (see `SurvivalCurve.at`).
        """
        rows = (self.incidence, self.lower, self.upper)
        estimate, lower, upper = (step_at(self.time, row, time, first=0.0) for row in rows)
        if time > self.time[-1]:
            estimate = lower = upper = float("nan")
        elif estimate == 0.0 and time > 0.0:
            here = int(np.searchsorted(self.time, time))
            lower, upper = 0.0, 1.0 - certain_but_for(int(self.at_risk[here] + self.others[:here].sum()), self.level)
        return Interval(estimate=estimate, lower=lower, upper=upper, level=self.level, method=self.method)

    def se_at(self, time: float) -> float:
        """The standard error of `at(time)`; not a number where that is none."""
        return float("nan") if np.isnan(self.at(time).estimate) else step_at(self.time, self.se, time, first=0.0)


def aalen_johansen(
    time: ArrayLike, event: ArrayLike, *, level: float = 0.95, interval: Scale = "log-log"
) -> tuple[CumulativeIncidence, ...]:
    """The cumulative incidence of every cause (Aalen & Johansen, Scand J Stat 1978;5:141).

        F_k(t) = sum over times s <= t of S(s-) d_k / n,    S the curve of being free of all causes

        var F_k(t) = sum over s <= t of [(1 - D / S)^2 q_k + (D / S)^2 q_other],    D = F_k(t) - F_k(s)
        q_c = S(s-)^2 d_c (n - d_c) / (n^2 (n - 1))

    which is that of Gray's cmprsk for R. `event` is 0 for censored and 1, 2, ... for the causes. Intervals are taken on
    the scale log(-log(1 - F)) or plainly. Raises InputError for other codes and where nothing happened.
    """
    columns = Columns()
    times, causes = columns.numbers(time, "time", positive=True), columns.causes(event)
    columns.choice(interval, "interval", SCALES)
    columns.level(level)
    if not columns.problems and not np.any(causes):
        columns.say("nothing happened to anybody", "event", "code censored 0 and the causes 1, 2, ...")
    columns.done()
    at, n, d = _counts(times, causes)
    survival = np.cumprod(1.0 - d.sum(axis=1) / n)
    before = np.concatenate([[1.0], survival[:-1]])
    z = quantile_of_t(0.5 + level / 2.0, None)
    found = []
    for cause in np.unique(causes[causes > 0]).tolist():
        own = d[:, cause - 1]
        F = np.cumsum(before * own / n)
        se = np.sqrt(_variance(F, survival, before, n, own, d.sum(axis=1) - own))
        lower, upper = _bounds(F, se, z, interval)
        found.append(
            CumulativeIncidence(
                cause=cause,
                time=at,
                at_risk=n.astype(np.intp),
                events=own.astype(np.intp),
                others=(d.sum(axis=1) - own).astype(np.intp),
                incidence=F,
                se=se,
                lower=lower,
                upper=upper,
                level=level,
                method=f"Aalen-Johansen, {interval}",
            )
        )
    return tuple(found)


def gray_test(
    time: ArrayLike, event: ArrayLike, group: ArrayLike, cause: int = 1, *, strata: ArrayLike | None = None
) -> Test:
    """The test that two groups or more have the same cumulative incidence of a cause (Gray, Ann Stat 1988;16:1141).

        U_g = sum over times of (d_1g - d_1 R_g / R),    R_g = n_g (1 - F_g(t-)) / S_g(t-)

    which is the log-rank test with those removed by another cause kept, in part, at risk. The covariance is
    that of his cmprsk (see `_gray`). Chi squared with one degree of freedom less than groups.
    """
    columns = Columns()
    times, causes = columns.numbers(time, "time", positive=True), columns.causes(event)
    labels, groups = columns.groups(group, "group")
    layers, layer = (("",), np.zeros(len(times), dtype=np.intp)) if strata is None else columns.groups(strata, "strata")
    if len(labels) < 2:
        columns.say("has one label only", "group", "compare two groups at least")
    if not columns.problems and not np.any(causes == cause):
        columns.say(f"cause {cause} happened to nobody", "event", "there is nothing to compare")
    columns.done()
    score, spread = np.zeros(len(labels) - 1), np.zeros((len(labels) - 1, len(labels) - 1))
    for index in range(len(layers)):
        rows = layer == index
        kinds = np.where(causes[rows] == cause, 1, np.where(causes[rows] > 0, 2, 0))
        u, v = _gray(times[rows], kinds, groups[rows], len(labels))
        score, spread = score + u, spread + v
    if np.linalg.matrix_rank(spread) < len(score):
        raise InputError(Problem("no event while two groups were at risk", "event", "there is nothing to compare"))
    statistic, df = float(score @ np.linalg.solve(spread, score)), len(score)
    return chi2_test(statistic, df, "Gray's test")


def _counts(times: Floats, causes: Ints) -> tuple[Floats, Floats, Floats]:
    """(times with an event or a last time, at risk, events of each cause (times, causes))."""
    at, index = np.unique(times, return_inverse=True)
    d = np.zeros((len(at), int(causes.max())))
    seen = causes > 0
    np.add.at(d, (index[seen], causes[seen] - 1), 1.0)
    n = len(times) - np.concatenate([[0], np.cumsum(np.bincount(index))[:-1]])
    return at, n.astype(float), d


def _variance(F: Floats, survival: Floats, before: Floats, n: Floats, own: Floats, other: Floats) -> Floats:
    """var F at every time, from running sums of the terms in F(t)^0, F(t)^1 and F(t)^2."""
    inverse = np.where(survival > 0.0, 1.0 / np.where(survival > 0.0, survival, 1.0), 0.0)
    scale = before**2 / (n**2 * np.maximum(n - 1.0, 1.0))
    q_own, q_other = (scale * d * np.where(n > 1, n - d, 1.0) for d in (own, other))
    level = F * inverse  # (1 - D / S) = (1 + F(s) / S) - F(t) / S
    zero = np.cumsum((1.0 + level) ** 2 * q_own + level**2 * q_other)
    one = np.cumsum(inverse * ((1.0 + level) * q_own + level * q_other))
    two = np.cumsum(inverse**2 * (q_own + q_other))
    return np.asarray(np.maximum(zero - 2.0 * F * one + F**2 * two, 0.0))


def _bounds(F: Floats, se: Floats, z: float, scale: Scale) -> tuple[Floats, Floats]:
    if scale == "plain":
        return np.maximum(F - z * se, 0.0), np.minimum(F + z * se, 1.0)
    inside = (F > 0.0) & (F < 1.0)
    left = np.where(inside, 1.0 - F, 0.5)
    half = z * se / (left * np.log(left))
    low, high = 1.0 - left ** np.exp(half), 1.0 - left ** np.exp(-half)
    return np.where(inside, low, F), np.where(inside, high, F)


def _gray(times: Floats, kinds: Ints, groups: Ints, many: int) -> tuple[Floats, Floats]:
    """Scores of all groups but the last in one stratum, and their covariance.

    With h_k = n_k / S_k(t-), the pooled incidence dF = d_1 / sum h, a_ik = h_i (1{i = k} - h_k / sum h) and
    c_ik(t) the integral of a_ik dF / (1 - F(t-)) to t, an event of the cause in group k moves U_i by

        a_ik(t) + [1 - (1 - F) / S_k] (c_ik(end) - c_ik(t)),

    one of another cause by -(1 - F) / S_k (c_ik(end) - c_ik(t)); both times S_k(t-) / n_k. Their variances are those of
    the hypergeometric distribution, of the cause with the numbers that are expected where all groups are alike.
    """
    at, index = np.unique(times, return_inverse=True)
    counts = np.zeros((3, len(at), many))
    np.add.at(counts, (kinds, index, groups), 1.0)
    n = np.cumsum(counts.sum(axis=0)[::-1], axis=0)[::-1]
    own, other = counts[1], counts[2]
    here = n > 0.0
    safe = np.where(here, n, 1.0)
    S = np.cumprod(1.0 - (own + other) / safe, axis=0)
    S_before = np.concatenate([np.ones((1, many)), S[:-1]])
    F_k = np.cumsum(S_before * own / safe, axis=0)
    F_k_before = np.concatenate([np.zeros((1, many)), F_k[:-1]])
    h = np.where(here, n / np.where(S_before > 0.0, S_before, 1.0), 0.0)
    total, d = h.sum(axis=1), own.sum(axis=1)
    F = np.cumsum(d / total)
    F_before = np.concatenate([[0.0], F[:-1]])
    R = h * (1.0 - F_k_before)
    score = np.sum(own - d[:, None] * R / R.sum(axis=1)[:, None], axis=0)
    a = h[:, :, None] * (np.eye(many) - (h / total[:, None])[:, None, :])
    c = np.cumsum(a * (d / (total * (1.0 - F_before)))[:, None, None], axis=0)
    rest = c[-1] - c
    free = np.where(S > 0.0, (1.0 - F)[:, None] / np.where(S > 0.0, S, 1.0), 0.0)
    moved = a + (1.0 - free)[:, None, :] * rest
    expected = total[:, None] * S_before  # of all patients, as group k would have them
    fewer = np.where(d[:, None] > 1.0, 1.0 - (d - 1.0)[:, None] / np.where(expected > 1.0, expected - 1.0, 1.0), 1.0)
    q_own = np.where(here, fewer * S_before * (d / total)[:, None] / safe, 0.0)
    repeated = np.where(other > 1.0, 1.0 - (other - 1.0) / np.maximum(n - 1.0, 1.0), 1.0)
    q_other = np.where(S > 0.0, repeated * S_before**2 * other / safe**2, 0.0)
    spread = np.einsum("tik,tjk,tk->ij", moved, moved, q_own)
    by_other = free[:, None, :] * rest
    spread = spread + np.einsum("tik,tjk,tk->ij", by_other, by_other, q_other)
    return np.asarray(score[:-1]), np.asarray(spread[:-1, :-1])
