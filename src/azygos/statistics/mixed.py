"""The mixed model for repeated measures (MMRM): the difference between two arms at every visit.

    y_ij = m_j + d_j arm_i + s_j (baseline_i - mean) + c' (covariates_i - mean) + e_ij,    e_i ~ N(0, Sigma)

Patients with some visits missing stay in with the others: the answer holds if what is missing depends on what was seen
only (missing at random). A patient without any visit says nothing and is left out. Mallinckrodt et al., Drug
Information Journal 2008;42:303.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from azygos.errors import InputError, Problem
from azygos.statistics.columns import Columns, Floats
from azygos.statistics.covariance import STRUCTURES, Structure
from azygos.statistics.effect import Effect, effect
from azygos.statistics.mixed_df import DF, Uncertainty, uncertainty
from azygos.statistics.reml import fitted, information
from azygos.statistics.result import Test

__all__ = ["INFORMATION", "Mmrm", "design", "mmrm", "seen_in_both_arms"]

INFORMATION = ("observed", "expected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mmrm:
    """What a mixed model for repeated measures found."""

    arms: tuple[str, str]  # (control, other)
    differences: tuple[Effect, ...]  # other - control at every visit
    means: tuple[tuple[Effect, ...], tuple[Effect, ...]]  # of the arms at every visit, covariates at their means
    coefficients: Floats  # m_1.., d_1.., s_1.. (with a baseline), c
    covariance: Floats  # Sigma, (visits, visits)
    deviance: float  # -2 restricted log-likelihood
    patients: int  # with one visit at least
    observations: int
    converged: bool
    iterations: int
    level: float
    uncertainty: Uncertainty

    def contrast(self, weights: ArrayLike, method: str = "MMRM") -> Effect:
        """Of any combination of the coefficients, such as the mean difference over the visits."""
        c = np.asarray(weights, dtype=float)
        se = float(c @ self.uncertainty.shown @ c) ** 0.5
        return effect(
            float(c @ self.coefficients), se, df=self.uncertainty.df(c), level=self.level, method=self._named(method)
        )

    def joint_test(self, weights: ArrayLike, method: str = "F test") -> Test:
        """F test that several combinations, (combinations, coefficients), are all zero; `df` is the denominator's."""
        from scipy.special import fdtrc

        statistic, above, below = self.uncertainty.joint(np.atleast_2d(weights), self.coefficients)
        p = float(fdtrc(above, below, statistic))
        return Test(statistic=statistic, p=p, method=self._named(f"{method}, {above} numerator"), df=below)

    def _named(self, method: str) -> str:
        return f"{method}, {self.uncertainty.method} degrees of freedom"


def mmrm(
    outcome: ArrayLike,
    arm: ArrayLike,
    *,
    baseline: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
    covariance: str = "unstructured",
    df: str = "satterthwaite",
    level: float = 0.95,
    control: str | None = None,
    information_matrix: str = "observed",
) -> Mmrm:
    """Fits the model by restricted maximum likelihood (see `reml`).

    outcome (patients, visits), not-a-number where a visit is missing; arm, baseline (patients,); covariates
    (patients, any), the same slope at all visits. `covariance`: unstructured, compound-symmetry, ar1 or toeplitz.
    `df`: satterthwaite, kenward-roger or residual (see `mixed_df`). Raises InputError for what cannot be fitted;
    `converged` is false where the likelihood has its greatest value at a singular Sigma.
    """
    columns = Columns()
    y = columns.table(outcome, "outcome", missing=True)
    arms, treated = columns.arms(arm, control)
    b = None if baseline is None else columns.numbers(baseline, "baseline")
    others = None if covariates is None else columns.table(covariates, "covariates")
    columns.choice(covariance, "covariance", tuple(STRUCTURES))
    columns.choice(df, "df", DF)
    columns.choice(information_matrix, "information_matrix", INFORMATION)
    columns.level(level)
    columns.done()
    seen_in_both_arms(y, treated)
    here = np.isfinite(y).any(axis=1)
    X = design(y.shape[1], treated[here], None if b is None else b[here], None if others is None else others[here])
    return _answer(X, y[here], arms, STRUCTURES[covariance](y.shape[1]), df, level, information_matrix == "observed")


def _answer(
    X: Floats, y: Floats, arms: tuple[str, str], structure: Structure, df: str, level: float, observed: bool
) -> Mmrm:
    best = fitted(X, y, structure)
    found = information(best.data, structure, best.point)
    visits = y.shape[1]
    rows = np.eye(X.shape[2])
    result = Mmrm(
        arms=arms,
        differences=(),
        means=((), ()),
        coefficients=best.coefficients,
        covariance=structure.matrix(best.point.theta),
        deviance=best.point.deviance,
        patients=len(y),
        observations=best.data.observations,
        converged=best.settled,
        iterations=best.iterations,
        level=level,
        uncertainty=uncertainty(best.data, structure, best.point, found, df, observed),
    )
    control, other = rows[:visits], rows[visits : 2 * visits]
    return replace(
        result,
        differences=tuple(result.contrast(row) for row in other),
        means=(tuple(result.contrast(row) for row in control), tuple(result.contrast(row) for row in control + other)),
    )


def design(visits: int, treated: Floats, baseline: Floats | None, covariates: Floats | None) -> Floats:
    """X, (patients, visits, coefficients), with the coefficients in the order of `Mmrm.coefficients`."""
    n, at = len(treated), np.eye(visits)
    parts = [np.broadcast_to(at, (n, visits, visits)), treated[:, None, None] * at]
    if baseline is not None:
        parts.append((baseline - baseline.mean())[:, None, None] * at)
    if covariates is not None:
        centred = covariates - covariates.mean(axis=0)
        parts.append(np.repeat(centred[:, None, :], visits, axis=1))
    return np.concatenate(parts, axis=2)


def seen_in_both_arms(y: Floats, treated: Floats) -> None:
    """Raises InputError with every visit that has no outcome in one of the arms."""
    seen = np.isfinite(y)
    counts = np.array([seen[treated == side].sum(axis=0) for side in (0.0, 1.0)])
    bad = np.flatnonzero((counts < 1).any(axis=0))
    if len(bad):
        raise InputError(
            Problem(f"visit {visit + 1} was seen in one arm only or in none", "outcome", "leave the visit out")
            for visit in bad.tolist()
        )
