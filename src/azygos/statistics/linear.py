"""Analysis of covariance: the difference between two arms at the same baseline."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from azygos.errors import InputError, Problem
from azygos.statistics.columns import Columns, Floats
from azygos.statistics.effect import Effect, effect

__all__ = ["VARIANCES", "Ancova", "ancova", "inverse_of_cross_products", "inverse_of_information", "own_information"]

VARIANCES = ("ols", "hc3")
SINGULAR = 1e-10  # of the largest eigenvalue of the standardised cross products
TINY = 1e-14


@dataclass(frozen=True, slots=True, kw_only=True)
class Ancova:
    """What an analysis of covariance found."""

    arms: tuple[str, str]  # (control, other)
    difference: Effect  # other - control
    means: tuple[Effect, Effect]  # of the arms, at the mean of all covariates
    coefficients: Floats  # intercept, arm, baseline, covariates
    residual_sd: float
    n: tuple[int, int]


def ancova(
    outcome: ArrayLike,
    arm: ArrayLike,
    *,
    baseline: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
    level: float = 0.95,
    control: str | None = None,
    variance: str = "ols",
) -> Ancova:
    """The adjusted difference between two arms, by least squares.

        y = a + d arm + b (baseline - mean) + c' (covariates - mean) + e,    d with n - p degrees of freedom

    `arm` has two labels; d is the other arm less `control` (the first label in order unless named). Without baseline
    and covariates this is Student's t-test. `variance="hc3"` allows for residuals of unequal spread by
    MacKinnon and White's (1985) estimator, (X'X)^-1 X' diag(e_i^2 / (1 - h_i)^2) X (X'X)^-1, with the same degrees of
    freedom. Raises InputError for missing values, more than two arms or covariates that repeat each other.
    """
    columns = Columns()
    y = columns.numbers(outcome, "outcome")
    arms, treated = columns.arms(arm, control)
    parts = [] if baseline is None else [columns.numbers(baseline, "baseline")[:, None]]
    parts += [] if covariates is None else [columns.table(covariates, "covariates")]
    columns.level(level)
    columns.choice(variance, "variance", VARIANCES)
    columns.done()
    others = np.concatenate(parts, axis=1) if parts else np.empty((len(y), 0))
    X = np.column_stack([np.ones(len(y)), treated, others - others.mean(axis=0)])
    inverse = inverse_of_cross_products(X)
    df = len(y) - X.shape[1]
    if df < 1:
        raise InputError(Problem(f"{len(y)} rows cannot hold {X.shape[1]} coefficients", "outcome", "leave some out"))
    b = inverse @ (X.T @ y)
    residuals = y - X @ b
    s2 = float(residuals @ residuals) / df
    if s2 <= SINGULAR**2 * float(y @ y) / len(y):
        raise InputError(
            Problem("the model leaves no variance", "outcome", "all values are alike, or follow from others")
        )
    spread = s2 * inverse if variance == "ols" else _hc3(X, residuals, inverse)
    return Ancova(
        arms=arms,
        difference=_combined(np.array([0.0, 1.0]), b, spread, df, level, "ANCOVA"),
        means=(
            _combined(np.array([1.0, 0.0]), b, spread, df, level, "adjusted mean"),
            _combined(np.array([1.0, 1.0]), b, spread, df, level, "adjusted mean"),
        ),
        coefficients=b,
        residual_sd=float(np.sqrt(s2)),
        n=(int(np.sum(treated == 0.0)), int(np.sum(treated))),
    )


def inverse_of_cross_products(X: Floats, name: str = "covariates") -> Floats:
    """(X'X)^-1; raises InputError where columns of X, (rows, columns), are combinations of others.

    Columns are scaled to length one first, so that their units do not decide whether they repeat each other.
    """
    scale = np.sqrt(np.sum(X * X, axis=0))
    if np.any(scale == 0.0):
        raise InputError(Problem("a column is constant, or zero throughout", name, "leave it out"))
    values, vectors = np.linalg.eigh((X / scale).T @ (X / scale))
    if values[0] < SINGULAR * values[-1]:
        raise InputError(Problem("a column is a combination of the others", name, "leave it out"))
    return np.asarray((vectors / values) @ vectors.T / np.outer(scale, scale))


def inverse_of_information(information: Floats) -> Floats:
    """The covariance of a greatest likelihood's coefficients; huge, not infinite, where nothing is known of one."""
    scale = np.sqrt(np.maximum(np.diag(information), TINY))
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    return np.asarray((vectors / np.maximum(values, TINY)) @ vectors.T / np.outer(scale, scale))


def own_information(information: Floats) -> Floats:
    """What is known of each coefficient when the others are not known: one over its variance."""
    return np.asarray(1.0 / np.diag(inverse_of_information(information)))


def _hc3(X: Floats, residuals: Floats, inverse: Floats) -> Floats:
    leverage = np.einsum("ia,ab,ib->i", X, inverse, X)
    if np.any(leverage > 1.0 - SINGULAR):
        raise InputError(Problem("one row alone decides a coefficient", "covariates", "use variance='ols'"))
    scores = X * (residuals / (1.0 - leverage))[:, None]
    return np.asarray(inverse @ (scores.T @ scores) @ inverse)


def _combined(first: Floats, b: Floats, spread: Floats, df: int, level: float, method: str) -> Effect:
    """Effect of a combination of the intercept and the arm's coefficient."""
    variance = float(first @ spread[:2, :2] @ first)
    return effect(float(first @ b[:2]), variance**0.5, df=df, level=level, method=method)
