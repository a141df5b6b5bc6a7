"""Analyses of yes or no: shares, their differences and ratios."""

from typing import Any

import numpy as np

from azygos.statistics.result import Test
from azygos.study.question import Answer, Question, Summary

__all__ = ["counts_of", "odds_ratio", "proportion", "risk_difference", "risk_ratio", "stratified"]


def counts_of(question: Question) -> list[tuple[int, int]]:
    """How many responded, of how many with a value, in each arm."""
    return [(int(values.sum()), len(values)) for values in question.split()]


def _summaries(question: Question) -> tuple[Summary, ...]:
    from azygos.statistics.proportion import proportion_interval

    return tuple(
        question.summary(place, f"{x}/{n}", n, proportion_interval(x, n, level=question.level) if n > 0 else None)
        for place, (x, n) in enumerate(counts_of(question))
    )


def proportion(question: Question) -> list[Answer]:
    """Of those with a value, the share with the outcome, arm by arm."""
    from azygos.statistics.proportion import proportion_interval

    method: Any = question.analysis.interval or "clopper-pearson"
    answers = []
    for place, (x, n) in enumerate(counts_of(question)):
        interval = proportion_interval(x, n, method=method, level=question.level) if n else None
        summary = question.summary(place, f"{x}/{n}", n, interval)
        remark = "" if n else "nobody with a value"
        answers.append(
            Answer(
                measure="share",
                arm=question.names[place],
                interval=interval,
                null=None,
                summaries=(summary,),
                remark=remark,
            )
        )
    return answers


def risk_difference(question: Question) -> list[Answer]:
    """Other arm's share less the control's. The test is the interval's own where it has one, else Fisher's."""
    from azygos.statistics.difference import risk_difference_interval
    from azygos.statistics.tables import fisher_test, risk_difference_test

    (x0, n0), (x1, n1) = counts_of(question)
    method: Any = question.analysis.interval or "miettinen-nurminen"
    if not (n0 and n1):
        return [_nobody(question, "risk difference")]
    interval = risk_difference_interval(x1, n1, x0, n0, method=method, level=question.level)
    alternative = question.analysis.alternative
    if method in ("miettinen-nurminen", "farrington-manning"):
        test = risk_difference_test(x1, n1, x0, n0, method=method, alternative=alternative)
    else:
        test = fisher_test(x1, n1, x0, n0, alternative=alternative)
    return [Answer(measure="risk difference", interval=interval, test=test, summaries=_summaries(question))]


def risk_ratio(question: Question) -> list[Answer]:
    """Other arm's share over the control's."""
    from azygos.statistics.ratio import risk_ratio_interval

    (x0, n0), (x1, n1) = counts_of(question)
    method: Any = question.analysis.interval or "miettinen-nurminen"
    if not (n0 and n1):
        return [_nobody(question, "risk ratio")]
    interval = risk_ratio_interval(x1, n1, x0, n0, method=method, level=question.level)
    test = _fisher(question, x1, n1, x0, n0)
    return [Answer(measure="risk ratio", interval=interval, test=test, null=1.0, summaries=_summaries(question))]


def odds_ratio(question: Question) -> list[Answer]:
    """Other arm's odds over the control's."""
    from azygos.statistics.ratio import odds_ratio_interval

    (x0, n0), (x1, n1) = counts_of(question)
    method: Any = question.analysis.interval or "exact"
    if not (n0 and n1):
        return [_nobody(question, "odds ratio")]
    interval = odds_ratio_interval(x1, n1, x0, n0, method=method, level=question.level)
    test = _fisher(question, x1, n1, x0, n0)
    return [Answer(measure="odds ratio", interval=interval, test=test, null=1.0, summaries=_summaries(question))]


def _fisher(question: Question, x1: int, n1: int, x0: int, n0: int) -> Test:
    from azygos.statistics.tables import fisher_test

    return fisher_test(x1, n1, x0, n0, alternative=question.analysis.alternative)


def _nobody(question: Question, measure: str) -> Answer:
    return Answer(measure=measure, summaries=_summaries(question), remark="an arm has nobody with a value")


def stratified(question: Question) -> list[Answer]:
    """The difference of shares common to the strata that the covariates make: Miettinen and Nurminen's interval with
    Mantel and Haenszel's weights, and the test of Cochran, Mantel and Haenszel."""
    from azygos.statistics.stratified import mantel_haenszel_test, stratified_difference_interval

    tables = [table for table in _stratum_tables(question) if table[1] and table[3]]
    if not tables:
        return [_nobody(question, "stratified risk difference")]
    x1, n1, x0, n0 = (list(column) for column in zip(*tables, strict=True))
    interval = stratified_difference_interval(x1, n1, x0, n0, level=question.level)
    test = mantel_haenszel_test(x1, n1, x0, n0)
    remark = f"{len(tables)} strata with both arms"
    return [
        Answer(
            measure="stratified risk difference",
            interval=interval,
            test=test,
            summaries=_summaries(question),
            remark=remark,
        )
    ]


def _stratum_tables(question: Question) -> list[tuple[int, int, int, int]]:
    """x and n of the other arm, then of the control, in each stratum."""
    there = question.observed
    strata = question.strata()
    tables = []
    for stratum in np.unique(strata[there]):
        of = [question.values[there & (strata == stratum) & question.members(place)] for place in (1, 0)]
        tables.append((int(of[0].sum()), len(of[0]), int(of[1].sum()), len(of[1])))
    return tables
