"""Analyses of outcomes that have an order and no distances."""

from dataclasses import replace

import numpy as np

from azygos.statistics.result import Interval
from azygos.study.question import Answer, Question, Summary
from azygos.study.scores import complete, one_sided

__all__ = ["proportional_odds", "wilcoxon"]


def _summaries(question: Question) -> tuple[Summary, ...]:
    """Median and quartiles of each arm."""
    found = []
    for place, of in enumerate(question.split()):
        low, middle, high = np.quantile(of, (0.25, 0.5, 0.75)) if len(of) else (np.nan,) * 3
        told = f"median {middle:g} ({low:g} to {high:g})" if len(of) else "nobody"
        found.append(question.summary(place, told, len(of)))
    return tuple(found)


def wilcoxon(question: Question) -> list[Answer]:
    """The probability that a patient of the other arm has the higher value, ties counted half; one half is the null."""
    from azygos.statistics.ordinal import mann_whitney

    there = question.observed
    if min(len(of) for of in question.split()) < 2:
        remark = "an arm has fewer than two values"
        return [
            Answer(measure="probability of a higher value", null=0.5, summaries=_summaries(question), remark=remark)
        ]
    found = mann_whitney(
        question.values[there], question.labels[there], level=question.level, control=question.names[0]
    )
    return [
        Answer(
            measure="probability of a higher value",
            interval=found.probability,
            test=one_sided(found.test, question.analysis.alternative),
            null=0.5,
            summaries=_summaries(question),
        )
    ]


def proportional_odds(question: Question) -> list[Answer]:
    """The odds ratio of the other arm being in a higher category, one for every cut."""
    from azygos.statistics.ordinal import proportional_odds as fitted

    own = replace(question, baseline=None)
    there, covariates, remark = complete(own, question.values)
    if len(np.unique(question.values[there])) < 2 or not all(np.any(there & question.members(p)) for p in (0, 1)):
        told = "there is one category only, or an arm with nobody"
        return [Answer(measure="common odds ratio", null=1.0, summaries=_summaries(question), remark=told)]
    x = np.column_stack([question.members(1)[there].astype(float), covariates])
    found = fitted(question.values[there], x, level=question.level)
    ratio: Interval | None = found.odds_ratios[0] if found.converged else None
    return [
        Answer(
            measure="common odds ratio",
            interval=ratio,
            test=one_sided(found.log_odds_ratios[0].test, question.analysis.alternative),
            null=1.0,
            summaries=_summaries(question),
            remark=remark
            if found.converged
            else "the arms have no category in common: the ratio has no finite estimate",
        )
    ]
