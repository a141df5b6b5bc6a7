"""Survival and competing risks on the columns of a file, as `azygos stats` offers them; a row is a patient."""

from typing import Literal

import numpy as np

from azygos.statistics import competing, survival
from azygos.statistics import hazards as cox_model
from azygos.statistics import restricted_mean as rmst_model
from azygos.statistics import subdistribution as fine_gray_model
from azygos.statistics.result import Test
from azygos.statistics.risk_sets import Ties
from azygos.statistics.survival import Scale
from azygos.statistics.table import Table
from azygos.statistics.table_columns import (
    Answer,
    Missing,
    coded,
    effect_line,
    events_of,
    given,
    interval_line,
    optional,
    ratios,
    rows_of,
)

__all__ = ["cox", "cumulative_incidence", "fine_gray", "gray", "kaplan_meier", "logrank", "rmst"]


def kaplan_meier(
    data: Table,
    *,
    time: str,
    event: str,
    group: str | None = None,
    event_value: str | None = None,
    times: tuple[float, ...] = (),
    interval: Scale = "log",
    level: float = 0.95,
    missing: Missing = "refuse",
) -> Answer:
    """Median times free of the event, and the shares free of it at `times`, of every group."""
    used = rows_of(data, (time, event, *given(group)), missing)
    t, d = used.numbers(time)[0], events_of(used, event, event_value)
    labels = np.array(used.texts(group)[0]) if group else np.zeros(len(t))
    lines = []
    for label in np.unique(labels).tolist():
        rows = labels == label
        curve = survival.kaplan_meier(t[rows], d[rows], level=level, interval=interval)
        of = f" in {label}" if group else ""
        lines.append(interval_line(f"median{of}", curve.median))
        lines += [interval_line(f"survival at {at:g}{of}", curve.at(at), curve.se_at(at)) for at in times]
    return Answer(method=f"Kaplan-Meier, {interval}", n=len(t), results=tuple(lines), level=level)


def logrank(
    data: Table,
    *,
    time: str,
    event: str,
    group: str,
    strata: str | None = None,
    event_value: str | None = None,
    rho: float = 0.0,
    missing: Missing = "refuse",
) -> Test:
    """The log-rank test, stratified if wanted; with `--rho 1` Peto and Peto's."""
    used = rows_of(data, (time, event, group, *given(strata)), missing)
    return survival.logrank_test(
        used.numbers(time)[0],
        events_of(used, event, event_value),
        used.texts(group)[0],
        strata=used.texts(strata)[0] if strata else None,
        rho=rho,
    )


def cox(
    data: Table,
    *,
    time: str,
    event: str,
    covariates: tuple[str, ...],
    strata: str | None = None,
    entry: str | None = None,
    event_value: str | None = None,
    ties: Ties = "efron",
    level: float = 0.95,
    missing: Missing = "refuse",
) -> Answer:
    """Log hazard ratios, and after them the hazard ratios, by Cox's model."""
    used = rows_of(data, (time, event, *covariates, *given(strata), *given(entry)), missing)
    names, x = coded(used, covariates)
    found = cox_model.cox(
        used.numbers(time)[0],
        events_of(used, event, event_value),
        x,
        strata=used.texts(strata)[0] if strata else None,
        entry=optional(used, entry),
        ties=ties,
        level=level,
    )
    return Answer(
        method=f"Cox, {ties}",
        n=found.n,
        results=ratios(names, found.log_hazard_ratios, found.hazard_ratios, "hazard ratio"),
        tests=(found.likelihood_ratio, found.score, *found.proportional),
        level=level,
        deviance=-2.0 * found.log_likelihood,
        converged=found.converged,
    )


def rmst(
    data: Table,
    *,
    time: str,
    event: str,
    arm: str,
    tau: float | None = None,
    event_value: str | None = None,
    control: str | None = None,
    level: float = 0.95,
    missing: Missing = "refuse",
) -> Answer:
    """The difference and the ratio of two arms' restricted mean survival times."""
    used = rows_of(data, (time, event, arm), missing)
    found = rmst_model.rmst_difference(
        used.numbers(time)[0],
        events_of(used, event, event_value),
        used.texts(arm)[0],
        tau,
        level=level,
        control=control,
    )
    lines = (
        effect_line(f"{found.arms[1]} - {found.arms[0]}", found.difference),
        interval_line(f"{found.arms[1]} / {found.arms[0]}", found.ratio),
        *(effect_line(f"mean of {name}", one) for name, one in zip(found.arms, found.means, strict=True)),
    )
    return Answer(method=f"restricted mean to {found.tau:g}", n=len(used), results=lines, level=level)


def cumulative_incidence(
    data: Table,
    *,
    time: str,
    event: str,
    times: tuple[float, ...],
    group: str | None = None,
    interval: Literal["log-log", "plain"] = "log-log",
    level: float = 0.95,
    missing: Missing = "refuse",
) -> Answer:
    """The cumulative incidence of every cause (0 censored, 1, 2, ...) at `times`, by Aalen and Johansen."""
    used = rows_of(data, (time, event, *given(group)), missing)
    t, causes = used.numbers(time, event)
    labels = np.array(used.texts(group)[0]) if group else np.zeros(len(t))
    lines = []
    for label in np.unique(labels).tolist():
        rows = labels == label
        of = f" in {label}" if group else ""
        for curve in competing.aalen_johansen(t[rows], causes[rows], level=level, interval=interval):
            lines += [
                interval_line(f"cause {curve.cause} by {at:g}{of}", curve.at(at), curve.se_at(at)) for at in times
            ]
    return Answer(method=f"Aalen-Johansen, {interval}", n=len(t), results=tuple(lines), level=level)


def gray(
    data: Table,
    *,
    time: str,
    event: str,
    group: str,
    cause: int = 1,
    strata: str | None = None,
    missing: Missing = "refuse",
) -> Test:
    """Gray's test of equal cumulative incidence of one cause."""
    used = rows_of(data, (time, event, group, *given(strata)), missing)
    layers = used.texts(strata)[0] if strata else None
    t, causes = used.numbers(time, event)
    return competing.gray_test(t, causes, used.texts(group)[0], cause, strata=layers)


def fine_gray(
    data: Table,
    *,
    time: str,
    event: str,
    covariates: tuple[str, ...],
    cause: int = 1,
    level: float = 0.95,
    missing: Missing = "refuse",
) -> Answer:
    """Log subdistribution hazard ratios of one cause, and after them the ratios, by Fine and Gray's model."""
    used = rows_of(data, (time, event, *covariates), missing)
    names, x = coded(used, covariates)
    t, causes = used.numbers(time, event)
    found = fine_gray_model.fine_gray(t, causes, x, cause=cause, level=level)
    return Answer(
        method=f"Fine-Gray, cause {cause}",
        n=found.n,
        results=ratios(names, found.log_hazard_ratios, found.hazard_ratios, "hazard ratio"),
        level=level,
        deviance=-2.0 * found.log_likelihood,
        converged=found.converged,
    )
