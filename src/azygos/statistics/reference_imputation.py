"""What if those who left did not fare as those who stayed: reference-based imputation, and tipping points.

Values that a patient misses before the last visit seen are taken as missing at random. What follows the last visit
seen, after leaving the treatment, has one of these means (Carpenter, Roger & Kenward, J Biopharm Stat 2013;23:1352),
for a patient of the other arm; the control's patients are always imputed at random in their own arm:

    mar                  as others of the own arm
    jump-to-reference    the control's, from leaving on
    copy-reference       the control's, at all visits: what was gained before leaving fades as the visits' correlation
    copy-increments      the own arm's at leaving, then the control's changes from there

around which values are drawn from the normal distribution given the patient's own values seen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from azygos.errors import InputError, Problem
from azygos.rng import stream
from azygos.statistics.columns import Columns, Floats
from azygos.statistics.covariance import unstructured
from azygos.statistics.imputation import Pooled, rubin_rules
from azygos.statistics.linear import ancova
from azygos.statistics.mixed import design, seen_in_both_arms
from azygos.statistics.reml import fitted

__all__ = [
    "STRATEGIES",
    "Longitudinal",
    "Strategy",
    "TippingPoint",
    "reference_based_analysis",
    "reference_based_imputation",
    "tipping_point",
]

Strategy = Literal["mar", "jump-to-reference", "copy-reference", "copy-increments"]
STRATEGIES = ("mar", "jump-to-reference", "copy-reference", "copy-increments")
MOST_TRIALS = 20  # bootstrap samples tried for one draw: of a small trial some have a visit with nobody in one arm


@dataclass(frozen=True, slots=True, kw_only=True)
class Longitudinal:
    """A trial's visits, checked."""

    outcome: Floats  # (patients, visits), not-a-number where missing
    arms: tuple[str, str]
    other: Floats  # 1 in the other arm, 0 in the control
    baseline: Floats | None
    covariates: Floats | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TippingPoint:
    """How much worse the values not seen must be before the answer changes."""

    deltas: Floats
    estimates: Floats  # of the difference at the last visit
    lower: Floats
    upper: Floats
    p: Floats
    tipping: float | None  # the delta nearest to zero at which p crosses 1 - level; None where none on the grid does
    significant_at_zero: bool
    level: float


def reference_based_imputation(
    outcome: ArrayLike,
    arm: ArrayLike,
    *,
    strategy: Strategy = "mar",
    baseline: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
    control: str | None = None,
    imputations: int = 100,
    seed: int = 1,
) -> Floats:
    """Completed outcomes, (imputations, patients, visits), under a strategy.

    The parameters of every imputation are those of an MMRM (unstructured covariance, the same in both arms) fitted to
    a bootstrap sample of each arm's patients: the approximate Bayesian way of Little and Rubin, as rbmi for R has it.
    Deterministic in `seed`. Raises InputError for what `mmrm` cannot fit.
    """
    data = _checked(outcome, arm, strategy, baseline, covariates, control, imputations)
    visits = data.outcome.shape[1]
    X = design(visits, data.other, data.baseline, data.covariates)
    as_control = design(visits, np.zeros_like(data.other), data.baseline, data.covariates)
    seen = np.isfinite(data.outcome)
    completed = np.empty((imputations, *data.outcome.shape))
    for index in range(imputations):
        draw = stream(seed, "reference-based imputation", index)
        b, sigma = _drawn(X, data, draw)
        completed[index] = _filled(data.outcome, _means(seen, X @ b, as_control @ b, strategy), sigma, draw)
    return completed


def reference_based_analysis(
    outcome: ArrayLike,
    arm: ArrayLike,
    *,
    strategy: Strategy = "jump-to-reference",
    baseline: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
    control: str | None = None,
    imputations: int = 100,
    level: float = 0.95,
    seed: int = 1,
) -> Pooled:
    """The difference at the last visit by ANCOVA of the imputed tables, put together by Rubin's rules.

    Under the strategies that borrow from the control Rubin's variance is larger than the estimate's spread over
    repeated trials: what was lost stays lost (Cro, Carpenter & Kenward, J R Stat Soc A 2019;182:623). So coverage is
    then above and type I error below the nominal level.
    """
    data = _checked(outcome, arm, strategy, baseline, covariates, control, imputations)
    completed = reference_based_imputation(
        outcome,
        arm,
        strategy=strategy,
        baseline=baseline,
        covariates=covariates,
        control=control,
        imputations=imputations,
        seed=seed,
    )
    return _analysed(data, completed[:, :, -1], level)


def tipping_point(
    outcome: ArrayLike,
    arm: ArrayLike,
    deltas: Sequence[float],
    *,
    where: Literal["other", "both"] = "other",
    baseline: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
    control: str | None = None,
    imputations: int = 100,
    level: float = 0.95,
    seed: int = 1,
) -> TippingPoint:
    """The answer as values imputed at random at the last visit are moved by each delta, and where it changes.

    Deltas are in units of the outcome; they move the imputed values of the other arm's patients, or with `both` of
    everybody's. The same draws serve all deltas, so between grid points the change is found by bisection.
    """
    data = _checked(outcome, arm, "mar", baseline, covariates, control, imputations)
    grid = _grid(deltas)
    last = reference_based_imputation(
        outcome,
        arm,
        baseline=baseline,
        covariates=covariates,
        control=control,
        imputations=imputations,
        seed=seed,
    )[:, :, -1]
    moved = np.isnan(data.outcome[:, -1]) * (data.other if where == "other" else 1.0)

    def at(delta: float) -> Pooled:
        return _analysed(data, last + delta * moved, level)

    found = [at(delta).effect for delta in grid.tolist()]
    significant = np.array([one.p < 1.0 - level for one in found])
    return TippingPoint(
        deltas=grid,
        estimates=np.array([one.estimate for one in found]),
        lower=np.array([one.interval.lower for one in found]),
        upper=np.array([one.interval.upper for one in found]),
        p=np.array([one.p for one in found]),
        tipping=_nearest_change(grid, significant, lambda delta: at(delta).effect.p < 1.0 - level),
        significant_at_zero=at(0.0).effect.p < 1.0 - level,
        level=level,
    )


def _grid(deltas: Sequence[float]) -> Floats:
    grid = np.sort(np.asarray(deltas, dtype=float))
    if len(grid) < 2 or not np.all(np.isfinite(grid)):
        raise InputError(Problem("there is no grid", "deltas", "give two numbers at least, such as 0 and 10"))
    return grid


def _checked(
    outcome: ArrayLike,
    arm: ArrayLike,
    strategy: str,
    baseline: ArrayLike | None,
    covariates: ArrayLike | None,
    control: str | None,
    imputations: int,
) -> Longitudinal:
    columns = Columns()
    y = columns.table(outcome, "outcome", missing=True)
    arms, other = columns.arms(arm, control)
    b = None if baseline is None else columns.numbers(baseline, "baseline")
    others = None if covariates is None else columns.table(covariates, "covariates")
    columns.choice(strategy, "strategy", STRATEGIES)
    if imputations < 2:
        columns.say(f"{imputations} imputations show no spread", "imputations", "ask for two at least, better 100")
    columns.done()
    seen_in_both_arms(y, other)
    return Longitudinal(outcome=y, arms=arms, other=other, baseline=b, covariates=others)


def _drawn(X: Floats, data: Longitudinal, draw: Generator) -> tuple[Floats, Floats]:
    """(coefficients, Sigma) of a bootstrap sample of each arm."""
    seen = np.isfinite(data.outcome).any(axis=1)
    sides = [np.flatnonzero(seen & (data.other == side)) for side in (0.0, 1.0)]
    structure = unstructured(data.outcome.shape[1])
    problem: InputError | None = None
    for _ in range(MOST_TRIALS):
        rows = np.concatenate([draw.choice(side, len(side)) for side in sides])
        try:
            fit = fitted(X[rows], data.outcome[rows], structure)
            return fit.coefficients, structure.matrix(fit.point.theta)
        except InputError as error:
            problem = error
    raise problem or InputError(Problem("no sample of the patients could be fitted", "outcome"))


def _means(seen: NDArray[np.bool_], own: Floats, control: Floats, strategy: Strategy) -> Floats:
    """The mean of every patient at every visit under a strategy, (patients, visits)."""
    visits = np.arange(seen.shape[1])
    last = np.where(seen.any(axis=1), seen.shape[1] - 1 - np.argmax(seen[:, ::-1], axis=1), -1)
    after: NDArray[np.bool_] = np.greater(visits, last[:, None])
    if strategy == "jump-to-reference":
        return np.where(after, control, own)
    if strategy == "copy-reference":
        return np.where(after.any(axis=1, keepdims=True), control, own)
    if strategy == "copy-increments":
        gap = np.take_along_axis(np.asarray(own - control), np.maximum(last, 0)[:, None], axis=1)
        return np.where(after, control + np.where(last[:, None] >= 0, gap, 0.0), own)
    return own


def _filled(outcome: Floats, means: Floats, sigma: Floats, draw: Generator) -> Floats:
    """The outcomes with what is missing drawn from the normal distribution given what each patient has."""
    filled, hidden = outcome.copy(), np.isnan(outcome)
    kinds, index = np.unique(hidden, axis=0, return_inverse=True)
    for kind in range(len(kinds)):
        gone: NDArray[np.bool_] = kinds[kind]
        if not gone.any():
            continue
        rows, kept = np.flatnonzero(index == kind), np.logical_not(gone)
        slope = np.linalg.solve(sigma[np.ix_(kept, kept)], sigma[np.ix_(kept, gone)])  # (kept, gone)
        spread = np.linalg.cholesky(sigma[np.ix_(gone, gone)] - sigma[np.ix_(gone, kept)] @ slope)
        centre = means[np.ix_(rows, gone)] + (outcome[np.ix_(rows, kept)] - means[np.ix_(rows, kept)]) @ slope
        filled[np.ix_(rows, gone)] = centre + draw.standard_normal(centre.shape) @ spread.T
    return filled


def _analysed(data: Longitudinal, last: Floats, level: float) -> Pooled:
    """ANCOVA of the last visit in every table, pooled; last (imputations, patients)."""
    fits = [
        ancova(y, data.other, baseline=data.baseline, covariates=data.covariates, level=level).difference for y in last
    ]
    df = fits[0].df
    return rubin_rules([fit.estimate for fit in fits], [fit.se for fit in fits], complete_df=df, level=level)


def _nearest_change(
    grid: Floats, significant: NDArray[np.bool_], is_significant: Callable[[float], bool]
) -> float | None:
    """Where between neighbours on the grid the answer changes, the nearest to zero, by bisection."""
    changes = np.flatnonzero(significant[1:] != significant[:-1])
    if not len(changes):
        return None
    found = []
    for place in changes.tolist():
        low, high = float(grid[place]), float(grid[place + 1])
        while high - low > 1e-6 * (grid[-1] - grid[0]):
            middle = (low + high) / 2.0
            if is_significant(middle) == bool(significant[place]):
                low = middle
            else:
                high = middle
        found.append((low + high) / 2.0)
    return min(found, key=abs)
