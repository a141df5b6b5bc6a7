"""Analyses of measured values: means, models of them, ranks, and rates of events."""

import math
from dataclasses import replace

import numpy as np

from azygos.statistics.effect import Effect, effect
from azygos.statistics.result import Interval, Test
from azygos.study.outcome import exposure
from azygos.study.question import Answer, Floats, Question, Summary

__all__ = ["CONSTANT", "ancova", "complete", "mean", "mmrm", "one_sided", "rate_ratio", "summaries", "t_test"]

FEWEST = 2  # values of an arm that have a spread
CONSTANT = 1e-14  # of a mean: a standard error this small is what rounding leaves of none


def one_sided(test: Test, alternative: str) -> Test:
    """A two-sided test of a statistic that is symmetric about 0, as the one-sided that is asked for."""
    if alternative == "two-sided" or test.alternative != "two-sided" or math.isnan(test.statistic):
        return test
    agrees = (test.statistic > 0.0) == (alternative == "greater")
    return replace(test, p=test.p / 2.0 if agrees else 1.0 - test.p / 2.0, alternative=alternative)


def summaries(question: Question, values: Floats | None = None) -> tuple[Summary, ...]:
    """Mean and standard deviation of each arm."""
    column = question.values if values is None else values
    found = []
    for place in range(len(question.names)):
        of = column[question.members(place) & ~np.isnan(column)]
        told = f"{of.mean():.4g}" if len(of) else "nobody"
        told += f" (sd {of.std(ddof=1):.3g})" if len(of) >= FEWEST else ""
        found.append(question.summary(place, told, len(of)))
    return tuple(found)


def _unit(question: Question) -> str:
    return question.endpoint.unit if question.endpoint else "1"


def _answer(question: Question, measure: str, found: Effect, remark: str = "") -> Answer:
    return Answer(
        measure=measure,
        unit=_unit(question),
        interval=found.interval,
        test=one_sided(found.test, question.analysis.alternative),
        summaries=summaries(question),
        remark=remark,
    )


def mean(question: Question) -> list[Answer]:
    """The mean of each arm with Student's interval."""
    answers = []
    change = question.endpoint is not None and question.endpoint.change
    for place, of in enumerate(question.split()):
        found = None
        se = float(of.std(ddof=1)) / math.sqrt(len(of)) if len(of) >= FEWEST else 0.0
        if len(of) >= FEWEST and se > CONSTANT * abs(of.mean()):
            found = effect(float(of.mean()), se, level=question.level, method="t", df=len(of) - 1.0)
        answers.append(
            Answer(
                measure="mean change" if change else "mean",
                arm=question.names[place],
                unit=_unit(question),
                interval=found.interval if found else None,
                null=None,
                summaries=(summaries(question)[place],),
                remark="" if found else "no variance" if len(of) >= FEWEST else "fewer than two values",
            )
        )
    return answers


def t_test(question: Question) -> list[Answer]:
    """Difference of means with Welch's degrees of freedom: v1/n1 + v2/n2 as the variance, no common spread assumed."""
    control, other = question.split()
    if min(len(control), len(other)) < FEWEST:
        return [_too_few(question, "difference of means")]
    parts = [float(of.var(ddof=1)) / len(of) for of in (control, other)]
    variance, difference = sum(parts), float(other.mean() - control.mean())
    if math.sqrt(variance) <= CONSTANT * max(abs(control.mean()), abs(other.mean())):
        remark = "not computed: no variance" + (f"; the means differ by {difference:g}" if difference else "")
        return [Answer(measure="difference of means", summaries=summaries(question), remark=remark)]
    df = variance**2 / sum(part**2 / (len(of) - 1) for part, of in zip(parts, (control, other), strict=True))
    found = effect(difference, math.sqrt(variance), level=question.level, method="Welch", df=df)
    return [_answer(question, "difference of means", found)]


def _too_few(question: Question, measure: str) -> Answer:
    return Answer(measure=measure, summaries=summaries(question), remark="an arm has fewer than two values")


def complete(question: Question, values: Floats) -> tuple[np.ndarray[tuple[int], np.dtype[np.bool_]], Floats, str]:
    """Who has a value and every covariate; their covariates; and what to say of those left out for a covariate."""
    covariates = question.covariates()
    there = ~np.isnan(values) & ~np.isnan(covariates).any(axis=1)
    left_out = int(np.sum(~np.isnan(values)) - there.sum())
    varying = covariates[there]
    varying = varying[:, np.ptp(varying, axis=0) > 0.0] if len(varying) else varying
    return there, varying, f"{left_out} left out for want of a covariate" if left_out else ""


def ancova(question: Question) -> list[Answer]:
    """Difference of means at equal baseline and covariates, by least squares."""
    from azygos.statistics.linear import ancova as fitted

    there, covariates, remark = complete(question, question.values)
    if min(int(np.sum(there & question.members(place))) for place in (0, 1)) < FEWEST:
        return [_too_few(question, "adjusted difference of means")]
    found = fitted(
        question.values[there],
        question.labels[there],
        covariates=covariates if covariates.shape[1] else None,
        level=question.level,
        control=question.names[0],
    )
    return [_answer(question, "adjusted difference of means", found.difference, remark)]


def mmrm(question: Question) -> list[Answer]:
    """Differences at every visit of the mixed model with baseline by visit; the last is the visit asked for."""
    from azygos.statistics.mixed import mmrm as fitted

    anyhow = np.where(~np.isnan(question.grid).all(axis=1), 0.0, np.nan)
    there, _, remark = complete(question, anyhow)
    others = replace(question, baseline=None).covariates()[there] if question.analysis.covariates else None
    found = fitted(
        question.grid[there],
        question.labels[there],
        baseline=None if question.baseline is None else question.baseline[there],
        covariates=others,
        level=question.level,
        control=question.names[0],
    )
    if not found.converged:
        remark = "; ".join(
            part for part in (remark, "the covariance has no inverse: take the result with care") if part
        )
    return [
        replace(
            _answer(question, "adjusted difference of means", difference, remark),
            summaries=summaries(question, question.grid[:, place]),
            visit=visit,
            is_aside=place < len(question.visits) - 1,
        )
        for place, (visit, difference) in enumerate(zip(question.visits, found.differences, strict=True))
    ]


def rate_ratio(question: Question) -> list[Answer]:
    """Events per time of the other arm over the control's.

    r = sum y / sum t; var(log r) = n/(n - 1) sum (y_i - r t_i)^2 / (sum y)^2 for each arm, the variance that patients
    show and not Poisson's, which patients who differ exceed (Lin, Wei, Yang and Ying 2000, J R Stat Soc B 62:711).
    """
    day = next(v.day for v in question.design.visits if v.name == question.visits[-1])
    counted = question.endpoint is not None and question.endpoint.variable in set(question.dataset.events["event"])
    times = exposure(question.design, question.dataset, day) if counted else np.ones(len(question.group))
    logs, variances, told = [], [], []
    for place, name in enumerate(question.names):
        there = question.members(place) & question.observed & (times > 0.0)
        y, t = question.values[there], times[there]
        told.append(question.summary(place, f"{y.sum():g} in {len(y)}", len(y)))
        if y.sum() == 0.0 or len(y) < FEWEST:
            return [Answer(measure="rate ratio", null=1.0, remark=f"no event, or too few patients, in {name}")]
        rate = y.sum() / t.sum()
        logs.append(math.log(rate))
        variances.append(len(y) / (len(y) - 1) * float(np.sum((y - rate * t) ** 2)) / float(y.sum()) ** 2)
    found = effect(logs[1] - logs[0], math.sqrt(sum(variances)), level=question.level, method="robust Poisson")
    return [
        Answer(
            measure="rate ratio",
            interval=ratio(found.interval),
            test=one_sided(found.test, question.analysis.alternative),
            null=1.0,
            summaries=tuple(told),
        )
    ]


def ratio(interval: Interval) -> Interval:
    """The interval of a ratio from that of its logarithm."""
    return replace(
        interval, estimate=math.exp(interval.estimate), lower=math.exp(interval.lower), upper=math.exp(interval.upper)
    )
