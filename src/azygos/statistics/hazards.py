"""Cox's model: how covariates multiply a hazard."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from azygos.errors import InputError, Problem
from azygos.statistics.columns import Columns, Floats
from azygos.statistics.effect import Effect, effect
from azygos.statistics.endless import endless_effect, where_endless
from azygos.statistics.linear import inverse_of_cross_products, inverse_of_information, own_information
from azygos.statistics.result import Interval, Test, chi2_test
from azygos.statistics.risk_sets import FLAT, TIES, Partial, RiskSets, Ties, greatest, partial_likelihood, risk_sets
from azygos.statistics.survival import counts_at

__all__ = ["Cox", "cox", "exponential", "varies_at_events"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cox:
    """What Cox's model found: for every covariate the logarithm of its hazard ratio."""

    log_hazard_ratios: tuple[Effect, ...]
    hazard_ratios: tuple[Interval, ...]
    covariance: Floats
    log_likelihood: float
    null_log_likelihood: float  # all hazard ratios 1
    likelihood_ratio: Test
    score: Test  # for one covariate of two values and no ties the log-rank test
    proportional: tuple[Test, ...]  # of each hazard ratio not changing with time, and of all together
    n: int
    events: int
    converged: bool  # false where the greatest likelihood lies at an infinite coefficient
    ties: Ties


def cox(
    time: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    ties: Ties = "efron",
    level: float = 0.95,
) -> Cox:
    """Hazard ratios by the greatest partial likelihood (Cox, J R Stat Soc B 1972;34:187).

        log L(b) = sum over events of [b'x_i - log sum over those at risk of exp(b'x_j)]

    Of d tied events Efron (JASA 1977;72:557) takes l / d of all d from the risk set before the (l + 1)th; Breslow takes
    nothing. Every stratum has a hazard of its own; with `entry` patients are at risk after entering. Intervals and
    tests of each covariate are Wald's; one without a finite estimate has no interval, and its test is the score's
    (endless.py). Proportional hazards are tested by Grambsch and Therneau (Biometrika
    1994;81:515): whether b changes with time, on the scale 1 - S(t-) of Kaplan and Meier's curve.

    Raises InputError for bad columns, covariates that repeat each other, and data without an event.
    """
    sets = _checked(time, event, covariates, strata, entry, ties, level)
    null = partial_likelihood(sets, np.zeros(sets.x.shape[1]))
    varies_at_events(null.information, sets.x)
    b, partial, settled = greatest(sets)
    covariance = inverse_of_information(partial.information)
    endless = where_endless(own_information(partial.information), FLAT * own_information(null.information), settled)
    method = f"Cox, {ties}"
    found = tuple(
        endless_effect(float(v), level=level, method=method, score=_score(sets, i))
        if endless[i]
        else effect(float(v), math.sqrt(covariance[i, i]), level=level, method=method)
        for i, v in enumerate(b)
    )
    return Cox(
        log_hazard_ratios=found,
        hazard_ratios=tuple(exponential(one.interval) for one in found),
        covariance=covariance,
        log_likelihood=partial.log_likelihood,
        null_log_likelihood=null.log_likelihood,
        likelihood_ratio=chi2_test(
            2.0 * (partial.log_likelihood - null.log_likelihood), len(b), "likelihood ratio test"
        ),
        score=_score_test(null),
        proportional=_proportional(sets, partial),
        n=len(sets.times),
        events=len(sets.rows),
        converged=settled,
        ties=ties,
    )


def _checked(
    time: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    strata: ArrayLike | None,
    entry: ArrayLike | None,
    ties: Ties,
    level: float,
) -> RiskSets:
    columns = Columns()
    times, events = columns.numbers(time, "time", positive=True), columns.events(event)
    x = columns.table(covariates, "covariates")
    begins = None if entry is None else columns.numbers(entry, "entry", positive=True)
    layer = np.zeros(len(times), dtype=np.intp) if strata is None else columns.groups(strata, "strata")[1]
    columns.choice(ties, "ties", TIES)
    columns.level(level)
    if not columns.problems and not np.any(events):
        columns.say("nobody has the event", "event", "there is nothing to compare")
    if not columns.problems and begins is not None and np.any(begins >= times):
        columns.say("some patients enter at their last time or after it", "entry", "leave them out")
    columns.done()
    inverse_of_cross_products(x - x.mean(axis=0))
    return risk_sets(times, events, x, layer, begins, ties)


def _score(sets: RiskSets, place: int) -> float:
    """The score of the coefficient at `place` where it is zero, over its error; the others are fitted without it."""
    others = np.delete(sets.x, place, axis=1)
    b = greatest(replace(sets, x=others))[0] if others.shape[1] else np.empty(0)
    here = partial_likelihood(sets, np.insert(b, place, 0.0))
    return float(here.score[place] / math.sqrt(own_information(here.information)[place]))


def varies_at_events(information: Floats, x: Floats) -> None:
    """Raises InputError for every covariate that was the same in all who were at risk, at every event."""
    idle = np.flatnonzero(np.diag(information) <= 1e-12 * x.var(axis=0))
    if len(idle):
        raise InputError(
            Problem(f"column {i + 1} is the same in all who were at risk at an event", "covariates", "leave it out")
            for i in idle.tolist()
        )


def exponential(interval: Interval) -> Interval:
    """The interval of a ratio from that of its logarithm."""
    with np.errstate(over="ignore"):
        estimate, lower, upper = (float(np.exp(v)) for v in (interval.estimate, interval.lower, interval.upper))
    return Interval(estimate=estimate, lower=lower, upper=upper, level=interval.level, method=interval.method)


def _score_test(null: Partial) -> Test:
    step = np.linalg.lstsq(null.information, null.score, rcond=1e-14)[0]
    return chi2_test(float(null.score @ step), len(null.score), "score test")


def _proportional(sets: RiskSets, partial: Partial) -> tuple[Test, ...]:
    """Score tests of b(t) = b + c g(t) for c = 0, g(t) = 1 - S(t-); one a covariate, then all at once.

    With residuals s_e = x_e - mean at event e and their variances V_e, the information on (b, c) has the blocks
    sum V_e, sum g V_e and sum g^2 V_e.
    """
    p = sets.x.shape[1]
    at, n, d = counts_at(sets.times, sets.events, sets.entry)
    before = np.concatenate([[1.0], np.cumprod(1.0 - d / np.maximum(n, 1.0))[:-1]])
    g = 1.0 - before[np.searchsorted(at, sets.times[sets.rows])]
    g = g - g.mean()
    s = sets.x[sets.rows] - partial.means
    plain, once, twice = (np.tensordot(power, partial.variances, axes=1) for power in (g**0, g, g**2))
    u = g @ s
    tests = []
    for chosen in [*([i] for i in range(p)), list(range(p))][: p + 1 if p > 1 else 1]:
        cross = once[np.ix_(chosen, range(p))]
        left = twice[np.ix_(chosen, chosen)] - cross @ np.linalg.pinv(plain) @ cross.T
        score = u[chosen]
        statistic = float(score @ np.linalg.pinv(left) @ score)
        tests.append(chi2_test(statistic, len(chosen), "Grambsch-Therneau test"))
    return tuple(tests)
