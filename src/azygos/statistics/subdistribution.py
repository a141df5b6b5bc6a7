"""The model of Fine and Gray: how covariates change the cumulative incidence of one cause among several."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from azygos.statistics.columns import Columns, Floats, Ints
from azygos.statistics.effect import Effect, effect
from azygos.statistics.endless import endless_effect, where_endless
from azygos.statistics.hazards import exponential, varies_at_events
from azygos.statistics.linear import inverse_of_cross_products, inverse_of_information, own_information
from azygos.statistics.result import Interval
from azygos.statistics.risk_sets import FLAT, MOST_ITERATIONS, SETTLED

__all__ = ["FineGray", "fine_gray"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FineGray:
    """What the model found: for every covariate the logarithm of its subdistribution hazard ratio."""

    log_hazard_ratios: tuple[Effect, ...]
    hazard_ratios: tuple[Interval, ...]
    covariance: Floats
    log_likelihood: float
    cause: int
    n: int
    events: int  # of the cause
    converged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Data:
    """Rows in order of time, and where the risk set of each event of the cause begins."""

    x: Floats  # (n, p), centred
    times: Floats
    kinds: Ints  # 0 censored, 1 the cause, 2 another
    kept: Floats  # 1 / G(T-) of those removed by another cause, 0 of the others
    at: Floats  # times of the cause's events, each once
    d: Floats  # events of the cause at these
    G: Floats  # the censoring's curve just before these
    first: Ints  # the first row at risk at these: all from here on, and those removed before


def fine_gray(
    time: ArrayLike, event: ArrayLike, covariates: ArrayLike, *, cause: int = 1, level: float = 0.95
) -> FineGray:
    """Subdistribution hazard ratios (Fine & Gray, JASA 1999;94:496), as in R's cmprsk.

    Cox's partial likelihood (ties after Breslow) of the cause, in which those removed by another cause at T stay at
    risk, at t with the weight G(t-) / G(T-), G being Kaplan and Meier's curve of the censoring. The covariance is their
    sandwich, with the share that comes from estimating G. `event` is 0 for censored and 1, 2, ... for the causes.
    A coefficient without a finite estimate (a group without an event of the cause) has neither interval nor test: the
    weighted likelihood's ratio is no chi-square. Gray's test compares such groups.
    Raises InputError for bad columns, covariates that repeat each other, and a cause that happened to nobody.
    """
    columns = Columns()
    times, causes = columns.numbers(time, "time", positive=True), columns.causes(event)
    x = columns.table(covariates, "covariates")
    columns.level(level)
    if not columns.problems and not np.any(causes == cause):
        columns.say(f"cause {cause} happened to nobody", "event", "there is nothing to compare")
    columns.done()
    inverse_of_cross_products(x - x.mean(axis=0))
    data = _prepared(times, causes, x, cause)
    start = _likelihood(data, np.zeros(x.shape[1]))[2]
    varies_at_events(start, x)
    b, settled = _greatest(data)
    log_likelihood, _, information, S0, means = _likelihood(data, b)
    bread = inverse_of_information(information)
    scores = _influences(data, b, S0, means)
    covariance = np.asarray(bread @ (scores.T @ scores) @ bread)
    endless = where_endless(own_information(information), FLAT * own_information(start), settled)
    found = tuple(
        endless_effect(float(v), level=level, method="Fine-Gray")
        if runs_away
        else effect(float(v), math.sqrt(s), level=level, method="Fine-Gray")
        for v, s, runs_away in zip(b, np.diag(covariance), endless, strict=True)
    )
    return FineGray(
        log_hazard_ratios=found,
        hazard_ratios=tuple(exponential(one.interval) for one in found),
        covariance=covariance,
        log_likelihood=log_likelihood,
        cause=cause,
        n=len(times),
        events=int(data.d.sum()),
        converged=settled,
    )


def _prepared(times: Floats, causes: Ints, x: Floats, cause: int) -> _Data:
    order = np.argsort(times, kind="stable")
    times, kinds = times[order], np.where(causes == cause, 1, np.where(causes > 0, 2, 0))[order]
    each, index = np.unique(times, return_inverse=True)
    gone = np.bincount(index)
    n = len(times) - np.concatenate([[0], np.cumsum(gone)[:-1]])
    censored = np.bincount(index, weights=kinds == 0)
    G = np.concatenate([[1.0], np.cumprod(1.0 - censored / n)[:-1]])  # just before each time
    d = np.bincount(index, weights=kinds == 1).astype(float)
    return _Data(
        x=(x - x.mean(axis=0))[order],
        times=times,
        kinds=kinds,
        kept=np.where(kinds == 2, 1.0 / G[index], 0.0),
        at=each[d > 0],
        d=d[d > 0],
        G=G[d > 0],
        first=np.searchsorted(times, each[d > 0]),
    )


def _likelihood(data: _Data, b: Floats) -> tuple[float, Floats, Floats, Floats, Floats]:
    """(log-likelihood, score, information, S0 and mean covariates at every event time) at coefficients b."""
    n, p = data.x.shape
    eta = data.x @ b
    products = (data.x[:, :, None] * data.x[:, None, :]).reshape(n, -1)
    parts = np.exp(eta)[:, None] * np.concatenate([np.ones((n, 1)), data.x, products], axis=1)
    none = np.zeros((1, parts.shape[1]))
    ahead = np.concatenate([np.cumsum(parts[::-1], axis=0)[::-1], none])[data.first]
    removed = np.concatenate([none, np.cumsum(parts * data.kept[:, None], axis=0)])[data.first]
    sums = ahead + data.G[:, None] * removed
    S0, means = sums[:, 0], sums[:, 1 : p + 1] / sums[:, :1]
    variances = (sums[:, p + 1 :] / sums[:, :1]).reshape(-1, p, p) - means[:, :, None] * means[:, None, :]
    own = data.kinds == 1
    return (
        float(eta[own].sum() - data.d @ np.log(S0)),
        np.asarray(data.x[own].sum(axis=0) - data.d @ means),
        np.tensordot(data.d, variances, axes=1),
        S0,
        means,
    )


def _greatest(data: _Data) -> tuple[Floats, bool]:
    b = np.zeros(data.x.shape[1])
    value, score, information, *_ = _likelihood(data, b)
    least = FLAT * own_information(information)
    for _ in range(MOST_ITERATIONS):
        step = np.linalg.lstsq(information, score, rcond=1e-14)[0]
        settled = float(step @ score) < SETTLED
        trial = _likelihood(data, b + step)
        while not trial[0] >= value - 1e-10 and np.max(np.abs(step)) > 1e-12:
            step = step / 2.0
            trial = _likelihood(data, b + step)
        b, (value, score, information, *_) = b + step, trial
        if np.any(own_information(information) < least):
            return b, False
        if settled:
            return b, True
    return b, False


def _influences(data: _Data, b: Floats, S0: Floats, means: Floats) -> Floats:
    """What every patient adds to the score, eta_i + psi_i of Fine and Gray, (n, p).

        eta_i = integral of (x_i - mean) w_i dM_i,    psi_i = integral of (q / pi) dM_i of the censoring

    with q(u) = -sum over those removed before u of the integral from u on of (x_j - mean) w_j dM_j, and pi(u) those
    still under observation at u.
    """
    n, risk = len(data.times), np.exp(data.x @ b)
    hazard = data.d / S0
    # Integrals up to each event time of dL, mean dL, G dL and G mean dL, in front a zero for "before all".
    plain, weighted = (
        np.concatenate(
            [np.zeros((1, data.x.shape[1] + 1)), np.cumsum(np.column_stack([g, g[:, None] * means]), axis=0)]
        )
        for g in (hazard, data.G * hazard)
    )
    reached = np.searchsorted(data.at, data.times, side="right")
    seen = plain[reached]
    eta = -risk[:, None] * (data.x * seen[:, :1] - seen[:, 1:])
    own = data.kinds == 1
    eta[own] += data.x[own] - means[reached[own] - 1]
    later = weighted[-1] - weighted[reached]
    lost = (risk * data.kept)[:, None] * (data.x * later[:, :1] - later[:, 1:])  # while kept at risk after removal
    eta -= lost
    # q at every censoring time: over those removed before it, what is still to come from it on.
    times, index = np.unique(data.times, return_inverse=True)
    censored = np.bincount(index, weights=data.kinds == 0)
    pi = n - np.searchsorted(data.times, times)
    load = (risk * data.kept)[:, None] * np.column_stack([np.ones(n), data.x])
    removed = np.concatenate([np.zeros((1, load.shape[1])), np.cumsum(load, axis=0)])[
        np.searchsorted(data.times, times)
    ]
    ahead = weighted[-1] - weighted[np.searchsorted(data.at, times, side="left")]
    q = removed[:, 1:] * ahead[:, :1] - removed[:, :1] * ahead[:, 1:]
    drift = np.cumsum(q * (censored / pi**2)[:, None], axis=0)[index]
    psi = np.where((data.kinds == 0)[:, None], (q / pi[:, None])[index], 0.0) - drift
    return np.asarray(eta + psi)
