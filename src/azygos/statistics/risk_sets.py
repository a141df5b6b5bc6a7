"""Who is at risk at every event, and the partial likelihood over them.

Sums over those at risk at a time are differences of running sums: of all rows of the stratum in order of falling time,
less those that had not yet entered. So one evaluation costs one pass over the data, whatever the number of events.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from azygos.statistics.columns import Floats, Ints
from azygos.statistics.linear import own_information

__all__ = ["TIES", "Partial", "RiskSets", "Ties", "greatest", "partial_likelihood", "risk_sets"]

Ties = Literal["efron", "breslow"]
TIES = ("efron", "breslow")
MOST_ITERATIONS = 50
SETTLED = 1e-12  # of the Newton decrement; one step more is still taken
FLAT = 1e-7  # of the information at no effect: with less the likelihood rises without end along a coefficient


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskSets:
    """Data in the order that sums over those at risk need. An event of d tied ones has the fraction l / d before it."""

    x: Floats  # (n, p), centred
    times: Floats
    events: Floats
    entry: Floats | None
    by_time: Ints  # rows by stratum, then by falling time
    by_entry: Ints | None  # rows by stratum, then by falling entry
    last: Ints  # for every event: how many of by_time are at risk or in later strata
    entered: Ints | None  # ... how many of by_entry have not come in yet, or are in later strata
    before: Ints  # ... how many of by_time are of later strata
    rows: Ints  # the rows of the events
    tied: Ints  # for every event: the number of its group of tied ones
    fraction: Floats  # l / d (Efron), 0 (Breslow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """The partial likelihood at some coefficients, and its derivatives."""

    log_likelihood: float
    score: Floats
    information: Floats
    means: Floats  # of the covariates among those at risk, at every event
    variances: Floats  # (events, p, p)


def risk_sets(times: Floats, events: Floats, x: Floats, strata: Ints, entry: Floats | None, ties: Ties) -> RiskSets:
    """Orders the data, once. At risk at an event are rows of its stratum that entered before it and left not before."""
    by_time = np.lexsort((-times, strata))
    rows = np.flatnonzero(events)
    rows = rows[np.lexsort((times[rows], strata[rows]))]
    key = np.stack([strata[rows].astype(float), times[rows]], axis=1)
    tied = np.unique(key, axis=0, return_inverse=True)[1].reshape(-1)
    starts = np.concatenate([[0], np.cumsum(np.bincount(strata))])
    before = starts[strata[rows]]
    by_entry = None if entry is None else np.lexsort((-entry, strata))
    return RiskSets(
        x=x - x.mean(axis=0),
        times=times,
        events=events,
        entry=entry,
        by_time=by_time,
        by_entry=by_entry,
        last=_places(-times, strata, rows, -times[rows], starts),
        entered=None if entry is None else _places(-entry, strata, rows, -times[rows], starts),
        before=before,
        rows=rows,
        tied=tied,
        fraction=_fractions(tied) if ties == "efron" else np.zeros(len(rows)),
    )


def partial_likelihood(sets: RiskSets, b: Floats) -> Partial:
    """The partial likelihood at coefficients b, from sums of exp(b'x) (1, x, x x') over those at risk."""
    n, p = sets.x.shape
    eta = sets.x @ b
    shift = float(eta.max())
    w = np.exp(eta - shift)
    parts = np.concatenate(
        [w[:, None], w[:, None] * sets.x, (w[:, None, None] * sets.x[:, :, None] * sets.x[:, None, :]).reshape(n, -1)],
        axis=1,
    )
    sums = _running(parts, sets.by_time)
    risk = sums[sets.last] - sums[sets.before]
    if sets.by_entry is not None and sets.entered is not None:
        sums = _running(parts, sets.by_entry)
        risk = risk - (sums[sets.entered] - sums[sets.before])
    if np.any(sets.fraction):
        of_tied = np.zeros((int(sets.tied[-1]) + 1, parts.shape[1]))
        np.add.at(of_tied, sets.tied, parts[sets.rows])
        risk = risk - sets.fraction[:, None] * of_tied[sets.tied]
    if np.any(risk[:, 0] <= 0.0):  # lost in rounding, on the way to an infinite coefficient
        none = np.zeros((len(risk), p, p))
        return Partial(
            log_likelihood=-math.inf, score=none[0, 0], information=none[0], means=none[:, 0], variances=none
        )
    means = risk[:, 1 : p + 1] / risk[:, :1]
    second = (risk[:, p + 1 :] / risk[:, :1]).reshape(-1, p, p)
    variances = second - means[:, :, None] * means[:, None, :]
    return Partial(
        log_likelihood=float(np.sum(eta[sets.rows] - shift - np.log(risk[:, 0]))),
        score=np.sum(sets.x[sets.rows] - means, axis=0),
        information=np.sum(variances, axis=0),
        means=means,
        variances=variances,
    )


def greatest(sets: RiskSets) -> tuple[Floats, Partial, bool]:
    """(b, likelihood there, whether it is finite) by Newton's method with halved steps."""
    b = np.zeros(sets.x.shape[1])
    partial = partial_likelihood(sets, b)
    least = FLAT * own_information(partial.information)
    for _ in range(MOST_ITERATIONS):
        step = np.linalg.lstsq(partial.information, partial.score, rcond=1e-14)[0]
        settled = float(step @ partial.score) < SETTLED
        trial = partial_likelihood(sets, b + step)
        while not trial.log_likelihood >= partial.log_likelihood - 1e-10 and np.max(np.abs(step)) > 1e-12:
            step = step / 2.0
            trial = partial_likelihood(sets, b + step)
        b, partial = b + step, trial
        if np.any(own_information(partial.information) < least):
            return b, partial, False
        if settled:
            return b, partial, True
    return b, partial, False


def _running(parts: Floats, order: Ints) -> Floats:
    """Running sums in an order, beginning with none."""
    return np.concatenate([np.zeros((1, parts.shape[1])), np.cumsum(parts[order], axis=0)])


def _places(values: Floats, strata: Ints, rows: Ints, wanted: Floats, starts: Ints) -> Ints:
    """For every event: where in the order by stratum and value the values not above the wanted one end."""
    found = np.zeros(len(rows), dtype=np.intp)
    for stratum in np.unique(strata[rows]):
        mine = strata[rows] == stratum
        found[mine] = starts[stratum] + np.searchsorted(np.sort(values[strata == stratum]), wanted[mine], side="right")
    return found


def _fractions(tied: Ints) -> Floats:
    """l / d for the l-th (from 0) of d tied events, in order."""
    sizes = np.bincount(tied)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return np.asarray((np.arange(len(tied)) - starts[tied]) / sizes[tied])
