"""Missing values: multiple imputation, and the rules that put its analyses together.

Imputed values are drawn, not guessed: each of m completed tables has other values where some were missing, and the
spread of the analyses over the tables is what is not known for their absence. All of this supposes that what is missing
depends on what was seen only; `reference_imputation` and `bounds` show what follows when it does not.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from azygos.rng import stream
from azygos.statistics.columns import Columns, Floats
from azygos.statistics.effect import Effect, effect

__all__ = ["Kind", "Pooled", "multiple_imputation", "rubin_rules"]

Kind = Literal["normal", "binary"]
KINDS = ("normal", "binary")
MOST_NEWTON = 50
PRIOR_SD = 10.0  # assumed; of a logistic coefficient, for a covariate of unit spread
RIDGE = 1e-10  # of the cross products: a regression on columns that repeat each other still has an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """The analyses of m completed tables in one."""

    effect: Effect
    within: float  # mean variance of an analysis
    between: float  # variance of the estimates over the tables
    missing_information: float  # the share of what the complete data would have told that is lost
    imputations: int


def rubin_rules(
    estimates: ArrayLike, standard_errors: ArrayLike, *, complete_df: float | None = None, level: float = 0.95
) -> Pooled:
    """One answer from m analyses of imputed tables (Rubin 1987), with Barnard and Rubin's degrees of freedom.

        T = W + (1 + 1/m) B,    r = (1 + 1/m) B / W,    lambda = (1 + 1/m) B / T
        old = (m - 1) / lambda^2,    seen = (n + 1) / (n + 3) n (1 - lambda),    df = 1 / (1 / old + 1 / seen)

    with W the mean of the variances, B the variance of the estimates and n = `complete_df`, the degrees of freedom that
    an analysis without missing values has (Biometrika 1999;86:948); infinite unless given. The share of missing
    information is (r + 2 / (df + 3)) / (r + 1), as in R's mice.
    """
    columns = Columns()
    q, se = columns.numbers(estimates, "estimates"), columns.numbers(standard_errors, "standard_errors", positive=True)
    columns.level(level)
    if len(q) < 2:
        columns.say(f"{len(q)} analysis cannot be pooled", "estimates", "give two at least")
    if complete_df is not None and complete_df <= 0.0:
        columns.say(f"{complete_df:g} degrees of freedom", "complete_df", "give a number above zero")
    columns.done()
    m, within, between = len(q), float(np.mean(se**2)), float(np.var(q, ddof=1))
    extra = (1.0 + 1.0 / m) * between
    total = within + extra
    share = extra / total if total > 0.0 else 0.0
    df = _barnard_rubin(m, share, complete_df)
    found = effect(float(q.mean()), math.sqrt(total), df=df, level=level, method="multiple imputation")
    ratio = extra / within if within > 0.0 else math.inf
    lost = (ratio + 2.0 / ((math.inf if df is None else df) + 3.0)) / (ratio + 1.0) if math.isfinite(ratio) else 1.0
    return Pooled(effect=found, within=within, between=between, missing_information=lost, imputations=m)


def multiple_imputation(
    data: ArrayLike,
    imputations: int = 50,
    *,
    kinds: Sequence[Kind] | None = None,
    method: Literal["monotone", "fcs"] = "fcs",
    cycles: int = 10,
    seed: int = 1,
) -> Floats:
    """Completed tables, (imputations, rows, columns), of a table (rows, columns) with not-a-number where values miss.

    `monotone` imputes every column from those left of it, once (Rubin 1987, p. 167): right where a row that misses a
    value misses all after it, as when patients leave. `fcs` imputes every column from all others in turn, `cycles`
    times (van Buuren, Stat Methods Med Res 2007;16:219; "norm" and "logreg" of R's mice). A `normal` column is drawn
    from the posterior of a linear regression with flat priors, sigma^2 = RSS / chi^2(n - q), b ~ N(b^, sigma^2
    (X'X)^-1); a `binary` one (0 and 1) from a logistic regression with b ~ N(b^, its covariance) (see `_binary`).

    Deterministic in `seed`. Raises InputError where the method does not fit the pattern, a column has too few values,
    or a binary one others than 0 and 1.
    """
    columns = Columns()
    table = columns.table(data, "data", missing=True)
    types = tuple(kinds) if kinds is not None else ("normal",) * table.shape[1]
    columns.choice(method, "method", ("monotone", "fcs"))
    _check(columns, table, types, imputations, method)
    columns.done()
    completed = np.empty((imputations, *table.shape))
    for index in range(imputations):
        draw = stream(seed, "multiple imputation", index)
        completed[index] = _filled(table, types, draw, method == "monotone", cycles)
    return completed


def _filled(table: Floats, kinds: Sequence[str], draw: Generator, once: bool, cycles: int) -> Floats:
    """One completed table."""
    hidden, filled = np.isnan(table), table.copy()
    missing = [j for j in range(table.shape[1]) if hidden[:, j].any()]
    for j in missing:  # to begin with: values seen of the same column
        seen = table[~hidden[:, j], j]
        filled[hidden[:, j], j] = seen[draw.integers(0, len(seen), int(hidden[:, j].sum()))]
    for _ in range(1 if once else cycles if len(missing) > 1 else 1):
        for j in missing:
            others = np.arange(table.shape[1]) < j if once else np.arange(table.shape[1]) != j
            x = np.column_stack([np.ones(len(filled)), filled[:, others]])
            x = x[:, np.concatenate([[True], np.ptp(x[:, 1:], axis=0) > 0.0])]
            rows = ~hidden[:, j]
            drawn = _normal if kinds[j] == "normal" else _binary
            filled[~rows, j] = drawn(x[rows], filled[rows, j], x[~rows], draw)
    return filled


def _normal(x: Floats, y: Floats, wanted: Floats, draw: Generator) -> Floats:
    """Draws of a normal regression's posterior predictive distribution at `wanted`."""
    cross = x.T @ x
    inverse = np.linalg.inv(cross + np.diag(np.diag(cross)) * RIDGE)
    b = inverse @ (x.T @ y)
    residuals = y - x @ b
    sigma = math.sqrt(float(residuals @ residuals) / draw.chisquare(len(y) - x.shape[1]))
    b = b + sigma * np.linalg.cholesky(inverse) @ draw.standard_normal(len(b))
    return np.asarray(wanted @ b + sigma * draw.standard_normal(len(wanted)))


def _binary(x: Floats, y: Floats, wanted: Floats, draw: Generator) -> Floats:
    """Draws of a logistic regression's approximate posterior predictive distribution at `wanted`.

    A weak prior, coefficients N(0, 10^2) on covariates of unit spread, keeps them finite where the covariates separate
    the outcomes; it moves an estimate by about its variance / 100 of itself.
    """
    from scipy.special import expit

    centre, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-300)
    centre[0], spread[0] = 0.0, 1.0  # the intercept's column of ones
    z = (x - centre) / spread
    b, precision = np.zeros(x.shape[1]), np.eye(x.shape[1]) / PRIOR_SD**2
    for _ in range(MOST_NEWTON):
        p = expit(z @ b)
        information = (z * (p * (1.0 - p))[:, None]).T @ z + precision
        step = np.clip(np.linalg.solve(information, z.T @ (y - p) - precision @ b), -2.0, 2.0)
        b = b + step
        if np.max(np.abs(step)) < 1e-9:
            break
    b = b + np.linalg.cholesky(np.linalg.inv(information)) @ draw.standard_normal(len(b))
    return np.asarray(draw.random(len(wanted)) < expit((wanted - centre) / spread @ b), dtype=float)


def _barnard_rubin(m: int, share: float, complete: float | None) -> float | None:
    old = (m - 1) / share**2 if share > 0.0 else math.inf
    if complete is None or math.isinf(complete):
        return None if math.isinf(old) else old
    seen = (complete + 1.0) / (complete + 3.0) * complete * (1.0 - share)
    return seen if math.isinf(old) else 1.0 / (1.0 / old + 1.0 / seen)


def _check(columns: Columns, table: Floats, kinds: Sequence[str], imputations: int, method: str) -> None:
    hidden = np.isnan(table)
    if imputations < 2:
        columns.say(f"{imputations} imputations show no spread", "imputations", "ask for two at least, better fifty")
    if len(kinds) != table.shape[1]:
        columns.say(f"{len(kinds)} kinds for {table.shape[1]} columns", "kinds", "give one a column")
        return
    for j, kind in enumerate(kinds):
        seen = table[~hidden[:, j], j]
        if kind not in KINDS:
            columns.say(f"'{kind}' is not known", "kinds", f"known: {', '.join(KINDS)}")
        elif kind == "binary" and not np.all((seen == 0.0) | (seen == 1.0)):
            columns.say(f"column {j + 1} has values other than 0 and 1", "data", "recode it, or call it normal")
        if hidden[:, j].any() and len(seen) < table.shape[1] + 2:
            columns.say(f"column {j + 1} has {len(seen)} values, too few to draw others from", "data", "leave it out")
    if method == "monotone" and np.any(hidden[:, :-1] & ~hidden[:, 1:]):
        columns.say("some rows miss a value and have a later one", "data", "use method 'fcs', or reorder the columns")
