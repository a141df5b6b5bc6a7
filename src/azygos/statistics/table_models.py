"""Models of outcomes, and their missing values, on the columns of a file, as `azygos stats` offers them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from azygos.errors import InputError
from azygos.statistics import linear, mixed, ordinal, reference_imputation
from azygos.statistics.columns import Floats
from azygos.statistics.imputation import Kind, multiple_imputation, rubin_rules
from azygos.statistics.result import Interval, Test
from azygos.statistics.table import Table
from azygos.statistics.table_columns import (
    Answer,
    Line,
    Missing,
    by_patient,
    coded,
    effect_line,
    given,
    matrix,
    optional,
    ratios,
    rows_of,
)

__all__ = [
    "RubinRules",
    "ancova",
    "hodges_lehmann",
    "imputed_ancova",
    "mmrm",
    "proportional_odds",
    "reference_imputation_analysis",
    "rubin",
    "tipping_point",
    "wilcoxon",
    "win_odds",
]

Covariance = Literal["unstructured", "compound-symmetry", "ar1", "toeplitz"]
Df = Literal["satterthwaite", "kenward-roger", "residual"]


def ancova(
    data: Table,
    *,
    outcome: str,
    arm: str,
    baseline: str | None = None,
    covariates: tuple[str, ...] = (),
    control: str | None = None,
    variance: Literal["ols", "hc3"] = "ols",
    level: float = 0.95,
    missing: Missing = "refuse",
) -> Answer:
    """The difference between two arms by analysis of covariance; a row is a patient."""
    used = rows_of(data, (outcome, arm, *given(baseline), *covariates), missing)
    found = linear.ancova(
        used.numbers(outcome)[0],
        used.texts(arm)[0],
        baseline=optional(used, baseline),
        covariates=matrix(used, covariates),
        control=control,
        variance=variance,
        level=level,
    )
    means = [effect_line(f"mean of {name}", mean) for name, mean in zip(found.arms, found.means, strict=True)]
    difference = effect_line(f"{found.arms[1]} - {found.arms[0]}", found.difference)
    return Answer(method="ANCOVA", n=sum(found.n), results=(difference, *means), level=level)


def mmrm(
    data: Table,
    *,
    outcome: str,
    arm: str,
    visit: str,
    patient: str,
    baseline: str | None = None,
    covariates: tuple[str, ...] = (),
    covariance: Covariance = "unstructured",
    df: Df = "satterthwaite",
    control: str | None = None,
    level: float = 0.95,
) -> Answer:
    """The difference between two arms at every visit by a mixed model for repeated measures; a row is a visit."""
    wide = by_patient(data, outcome, visit, patient, (arm, *given(baseline), *covariates))
    found = mixed.mmrm(
        wide.outcome,
        wide.patients.texts(arm)[0],
        baseline=optional(wide.patients, baseline),
        covariates=matrix(wide.patients, covariates),
        covariance=covariance,
        df=df,
        control=control,
        level=level,
    )
    return Answer(
        method=f"MMRM, {covariance}, {df}",
        n=found.patients,
        results=_lines_of(found, wide.visits),
        tests=_tests_of(found, len(wide.visits)),
        level=level,
        deviance=found.deviance,
        covariance=found.covariance,
        converged=found.converged,
    )


def _lines_of(found: mixed.Mmrm, visits: tuple[str, ...]) -> tuple[Line, ...]:
    name = f"{found.arms[1]} - {found.arms[0]} at"
    lines = [effect_line(f"{name} {v}", one) for v, one in zip(visits, found.differences, strict=True)]
    for label, means in zip(found.arms, found.means, strict=True):
        lines += [effect_line(f"mean of {label} at {v}", one) for v, one in zip(visits, means, strict=True)]
    return tuple(lines)


def _tests_of(found: mixed.Mmrm, visits: int) -> tuple[Test, ...]:
    differences = np.eye(len(found.coefficients))[visits : 2 * visits]
    tests = [found.joint_test(differences, "no difference at any visit")]
    if visits > 1:
        tests.append(found.joint_test(differences[1:] - differences[0], "the same difference at all visits"))
    return tuple(tests)


def proportional_odds(
    data: Table,
    *,
    outcome: str,
    covariates: tuple[str, ...],
    level: float = 0.95,
    missing: Missing = "refuse",
) -> Answer:
    """Log odds ratios of a higher category, and after them the odds ratios, by the proportional-odds model."""
    used = rows_of(data, (outcome, *covariates), missing)
    names, x = coded(used, covariates)
    found = ordinal.proportional_odds(used.numbers(outcome)[0], x, level=level)
    return Answer(
        method="proportional odds",
        n=len(used),
        results=ratios(names, found.log_odds_ratios, found.odds_ratios, "odds ratio"),
        tests=(found.likelihood_ratio,),
        level=level,
        deviance=-2.0 * found.log_likelihood,
        converged=found.converged,
    )


def wilcoxon(data: Table, *, outcome: str, arm: str, control: str | None = None, missing: Missing = "refuse") -> Test:
    """The rank sum test of Wilcoxon, Mann and Whitney."""
    used = rows_of(data, (outcome, arm), missing)
    return ordinal.wilcoxon_rank_sum_test(used.numbers(outcome)[0], used.texts(arm)[0], control=control)


def win_odds(
    data: Table,
    *,
    outcome: str,
    arm: str,
    method: ordinal.WinningMethod = "logit",
    control: str | None = None,
    level: float = 0.95,
    missing: Missing = "refuse",
) -> ordinal.Winning:
    """The probability that a patient of the other arm has the higher value, and the win odds."""
    used = rows_of(data, (outcome, arm), missing)
    y, arms = used.numbers(outcome)[0], used.texts(arm)[0]
    return ordinal.mann_whitney(y, arms, method=method, control=control, level=level)


def hodges_lehmann(
    data: Table,
    *,
    outcome: str,
    arm: str,
    control: str | None = None,
    level: float = 0.95,
    missing: Missing = "refuse",
) -> Interval:
    """The shift between two arms, the median of all differences."""
    used = rows_of(data, (outcome, arm), missing)
    return ordinal.hodges_lehmann(used.numbers(outcome)[0], used.texts(arm)[0], control=control, level=level)


def reference_imputation_analysis(
    data: Table,
    *,
    outcome: str,
    arm: str,
    visit: str,
    patient: str,
    strategy: reference_imputation.Strategy = "jump-to-reference",
    baseline: str | None = None,
    covariates: tuple[str, ...] = (),
    control: str | None = None,
    imputations: int = 100,
    seed: int = 1,
    level: float = 0.95,
) -> Answer:
    """The difference at the last visit, missing values imputed after a reference; a row is a visit."""
    wide = by_patient(data, outcome, visit, patient, (arm, *given(baseline), *covariates))
    found = reference_imputation.reference_based_analysis(
        wide.outcome,
        wide.patients.texts(arm)[0],
        strategy=strategy,
        baseline=optional(wide.patients, baseline),
        covariates=matrix(wide.patients, covariates),
        control=control,
        imputations=imputations,
        seed=seed,
        level=level,
    )
    line = effect_line(f"difference at {wide.visits[-1]}", found.effect)
    return Answer(method=f"imputed, {strategy}", n=len(wide.patients), results=(line,), level=level)


def tipping_point(
    data: Table,
    *,
    outcome: str,
    arm: str,
    visit: str,
    patient: str,
    deltas: tuple[float, ...],
    baseline: str | None = None,
    covariates: tuple[str, ...] = (),
    control: str | None = None,
    imputations: int = 100,
    seed: int = 1,
    level: float = 0.95,
) -> reference_imputation.TippingPoint:
    """How far the other arm's imputed values must move before the answer changes; a row is a visit."""
    wide = by_patient(data, outcome, visit, patient, (arm, *given(baseline), *covariates))
    return reference_imputation.tipping_point(
        wide.outcome,
        wide.patients.texts(arm)[0],
        deltas,
        baseline=optional(wide.patients, baseline),
        covariates=matrix(wide.patients, covariates),
        control=control,
        imputations=imputations,
        seed=seed,
        level=level,
    )


def imputed_ancova(
    data: Table,
    *,
    outcome: str,
    arm: str,
    baseline: str | None = None,
    covariates: tuple[str, ...] = (),
    method: Literal["monotone", "fcs"] = "fcs",
    imputations: int = 50,
    seed: int = 1,
    control: str | None = None,
    level: float = 0.95,
) -> Answer:
    """ANCOVA after multiple imputation of the outcome, the baseline and numeric covariates, one row a patient.

    Arm, covariates, baseline and outcome predict each other in that order, normal columns by linear regression and
    those of zeros and ones by logistic regression.
    """
    names = (*covariates, *given(baseline), outcome)
    absent = data.absent(arm, *names)
    if absent:
        raise InputError(absent)
    labels = data.texts(arm)[0]
    first = control if control is not None else sorted(set(labels))[0]
    other = np.array([float(label != first) for label in labels])
    table = np.column_stack([other, *data.numbers(*names, missing=True)])
    kinds = tuple(_kind(column) for column in table.T)
    tables = multiple_imputation(table, imputations, kinds=kinds, method=method, seed=seed)
    fits = [linear.ancova(t[:, -1], labels, covariates=t[:, 1:-1], control=control, level=level) for t in tables]
    found = rubin_rules(
        [fit.difference.estimate for fit in fits],
        [fit.difference.se for fit in fits],
        complete_df=fits[0].difference.df,
        level=level,
    )
    line = effect_line(f"{fits[0].arms[1]} - {fits[0].arms[0]}", found.effect)
    return Answer(method=f"ANCOVA, {imputations} imputations, {method}", n=len(data), results=(line,), level=level)


def _kind(column: Floats) -> Kind:
    return "binary" if set(np.unique(column[np.isfinite(column)]).tolist()) <= {0.0, 1.0} else "normal"


def rubin(
    estimates: tuple[float, ...],
    standard_errors: tuple[float, ...],
    *,
    complete_df: float | None = None,
    level: float = 0.95,
) -> "RubinRules":
    """One answer from the analyses of imputed tables, with Barnard and Rubin's degrees of freedom."""
    found = rubin_rules(estimates, standard_errors, complete_df=complete_df, level=level)
    one = found.effect
    return RubinRules(
        estimate=one.estimate,
        se=one.se,
        df=one.df,
        lower=one.interval.lower,
        upper=one.interval.upper,
        p=one.p,
        within=found.within,
        between=found.between,
        missing_information=found.missing_information,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RubinRules:
    """The pooled answer in one line."""

    estimate: float
    se: float
    df: float | None
    lower: float
    upper: float
    p: float
    within: float
    between: float
    missing_information: float
