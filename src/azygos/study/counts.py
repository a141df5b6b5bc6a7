"""Analyses of yes or no: shares, their differences and ratios."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np

from azygos.statistics.result import Interval
from azygos.study.question import Answer, Question, Summary

__all__ = ["counts_of", "odds_ratio", "proportion", "risk_difference", "risk_ratio", "stratified"]


ScoreTest = Literal["miettinen-nurminen", "farrington-manning"]
# Without a difference the scores of difference, ratio and odds ratio are one: their intervals' own test, with N/(N - 1)
# or without.
SCORES: Mapping[str, ScoreTest] = {
    "miettinen-nurminen": "miettinen-nurminen",
    "farrington-manning": "farrington-manning",
    "koopman": "farrington-manning",
    "score": "farrington-manning",
}


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
    """Other arm's share less the control's."""
    from azygos.statistics.difference import risk_difference_interval

    return _between_arms(question, "risk difference", risk_difference_interval, "miettinen-nurminen", null=0.0)


def risk_ratio(question: Question) -> list[Answer]:
    """Other arm's share over the control's."""
    from azygos.statistics.ratio import risk_ratio_interval

    return _between_arms(question, "risk ratio", risk_ratio_interval, "miettinen-nurminen", null=1.0)


def odds_ratio(question: Question) -> list[Answer]:
    """Other arm's odds over the control's."""
    from azygos.statistics.ratio import odds_ratio_interval

    return _between_arms(question, "odds ratio", odds_ratio_interval, "exact", null=1.0)


def _between_arms(
    question: Question, measure: str, interval_of: Callable[..., Interval], usual: str, *, null: float
) -> list[Answer]:
    """The interval asked for, with its own test where it has one, else Fisher's."""
    from azygos.statistics.tables import fisher_test, risk_difference_test

    (x0, n0), (x1, n1) = counts_of(question)
    if not (n0 and n1):
        return [_nobody(question, measure)]
    method: Any = question.analysis.interval or usual
    alternative = question.analysis.alternative
    if score := SCORES.get(method):
        test = risk_difference_test(x1, n1, x0, n0, method=score, alternative=alternative)
    else:
        test = fisher_test(x1, n1, x0, n0, alternative=alternative)
    interval = interval_of(x1, n1, x0, n0, method=method, level=question.level)
    return [Answer(measure=measure, interval=interval, test=test, null=null, summaries=_summaries(question))]


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
