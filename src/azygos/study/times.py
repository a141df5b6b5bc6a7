"""Analyses of times to an event."""

from dataclasses import replace

import numpy as np

from azygos.errors import InputError
from azygos.study.design import Visit
from azygos.study.question import Answer, Floats, Question, Summary
from azygos.study.scores import one_sided

__all__ = ["cox", "cumulative_incidence", "fine_gray", "kaplan_meier", "log_rank", "rmst"]

ENDLESS = "an arm had no event: the ratio has no finite estimate"


def _summaries(question: Question) -> tuple[Summary, ...]:
    return tuple(_summary(question, place) for place in range(len(question.names)))


def _summary(question: Question, place: int) -> Summary:
    of = question.members(place)
    events, n = int(np.sum(question.happened[of] == 1)), int(of.sum())
    return replace(question.summary(place, f"{events}/{n}", n), events=events)


def _at(question: Question) -> float:
    """The day of the visit asked for."""
    return _visit(question).day


def _visit(question: Question) -> Visit:
    return next(visit for visit in question.design.visits if visit.name == question.visits[-1])


def _seen_until(question: Question, last: float) -> tuple[float, str]:
    """The day at which a curve is read that ends on day `last`, and what to say of it.

    People who came to the visit within its window, all of them early, were followed to the visit.
    """
    visit = _visit(question)
    if last >= visit.day:
        return visit.day, ""
    if last >= visit.day - visit.window:
        return last, f"read on day {last:g}, the last of anybody, within the window of the visit"
    return visit.day, f"nobody was followed to day {visit.day:g}"


def kaplan_meier(question: Question) -> list[Answer]:
    """The share of each arm without the event at the visit asked for; competing events count as censored."""
    from azygos.statistics.survival import kaplan_meier as curve

    answers = []
    for place, name in enumerate(question.names):
        of = question.members(place)
        if not of.any():
            continue
        found = curve(question.times[of], question.happened[of] == 1, level=question.level, interval="log-log")
        # Once the event has come to everybody the curve stays at zero.
        at, remark = _seen_until(question, np.inf if found.survival[-1] == 0.0 else float(found.time[-1]))
        interval = found.at(at)
        answers.append(
            Answer(
                measure=f"share without the event at {question.visits[-1]}",
                arm=name,
                interval=None if np.isnan(interval.estimate) else interval,
                null=None,
                summaries=(_summary(question, place),),
                curves={name: _steps(found.time, found.survival, 1.0)},
                remark=remark,
            )
        )
    return answers


def cumulative_incidence(question: Question) -> list[Answer]:
    """The share of each arm to whom the event has come by the visit asked for, competing events as such."""
    from azygos.statistics.competing import aalen_johansen

    answers = []
    for place, name in enumerate(question.names):
        of = question.members(place)
        summary = _summary(question, place)
        if not np.any(question.happened[of] == 1):
            answers.append(_none_of(question, place, summary))
            continue
        causes = aalen_johansen(question.times[of], question.happened[of], level=question.level)
        found = next(cause for cause in causes if cause.cause == 1)
        # Once something has happened to everybody the incidence stays as it is.
        is_settled = abs(sum(float(cause.incidence[-1]) for cause in causes) - 1.0) < 1e-9
        end = float(found.time[-1])
        at, remark = (min(_at(question), end), "") if is_settled else _seen_until(question, end)
        interval = found.at(at)
        answers.append(
            Answer(
                measure=f"cumulative incidence at {question.visits[-1]}",
                arm=name,
                interval=None if np.isnan(interval.estimate) else interval,
                null=None,
                summaries=(summary,),
                curves={name: _steps(found.time, found.incidence, 0.0)},
                remark=remark,
            )
        )
    return answers


def _none_of(question: Question, place: int, summary: Summary) -> Answer:
    """Nobody had the event: Clopper and Pearson's bound from those followed to the visit or taken by another."""
    from azygos.statistics.proportion import proportion_interval

    of = question.members(place)
    last = _visit(question).day - _visit(question).window
    n = int(np.sum((question.times[of] >= last) | (question.happened[of] == 2)))
    return Answer(
        measure=f"cumulative incidence at {question.visits[-1]}",
        arm=question.names[place],
        interval=proportion_interval(0, n, level=question.level) if n else None,
        null=None,
        summaries=(summary,),
        remark="no event" if n else "no event, and nobody was followed to the visit",
    )


def _steps(times: Floats, shares: Floats, start: float) -> tuple[Floats, Floats]:
    return np.concatenate([[0.0], times]), np.concatenate([[start], shares])


def log_rank(question: Question) -> list[Answer]:
    """The log-rank test, within the strata that the covariates make."""
    from azygos.statistics.survival import logrank_test

    if not np.any(question.happened == 1):
        return [_no_event(question, "log-rank test")]
    strata = question.strata() if question.analysis.covariates else None
    test = logrank_test(question.times, question.happened == 1, question.labels, strata=strata)
    return [Answer(measure="log-rank test", test=test, null=None, summaries=_summaries(question))]


def _no_event(question: Question, measure: str) -> Answer:
    return Answer(measure=measure, null=1.0, summaries=_summaries(question), remark="the event happened to nobody")


def _design_matrix(question: Question) -> Floats:
    own = replace(question, baseline=None).covariates()
    return np.column_stack([question.members(1).astype(float), own])


def cox(question: Question) -> list[Answer]:
    """The hazard ratio of the other arm against the control, adjusted for the covariates."""
    from azygos.statistics.hazards import cox as fitted

    if not np.any(question.happened == 1):
        return [_no_event(question, "hazard ratio")]
    found = fitted(question.times, question.happened == 1, _design_matrix(question), level=question.level)
    own = found.log_hazard_ratios[0]
    remark = "" if found.converged else ENDLESS
    if found.converged and found.proportional[0].p < 0.05:
        remark = f"the hazards' ratio changes with time (p = {found.proportional[0].p:.2g}): see the curves, or rmst"
    return [
        Answer(
            measure="hazard ratio",
            interval=found.hazard_ratios[0] if found.converged else None,
            test=one_sided(own.test, question.analysis.alternative),
            null=1.0,
            summaries=_summaries(question),
            remark=remark,
        )
    ]


def fine_gray(question: Question) -> list[Answer]:
    """The subdistribution hazard ratio of the event; where it has no finite estimate, Gray's test alone."""
    from azygos.statistics.competing import gray_test
    from azygos.statistics.subdistribution import fine_gray as fitted

    if not np.any(question.happened == 1):
        return [_no_event(question, "subdistribution hazard ratio")]
    found = fitted(question.times, question.happened, _design_matrix(question), level=question.level)
    return [
        Answer(
            measure="subdistribution hazard ratio",
            interval=found.hazard_ratios[0] if found.converged else None,
            test=one_sided(found.log_hazard_ratios[0].test, question.analysis.alternative)
            if found.converged
            else gray_test(question.times, question.happened, question.labels),
            null=1.0,
            summaries=_summaries(question),
            remark="" if found.converged else f"{ENDLESS}; the p is that of Gray's test, which is two-sided",
        )
    ]


def rmst(question: Question) -> list[Answer]:
    """The difference of mean times without the event, up to the visit asked for or to where both arms were followed."""
    from azygos.statistics.restricted_mean import rmst_difference

    ends = [float(question.times[question.members(place)].max()) for place in (0, 1)]
    until = min(_at(question), *ends)
    try:
        found = rmst_difference(
            question.times,
            question.happened == 1,
            question.labels,
            until,
            level=question.level,
            control=question.names[0],
        )
    except InputError as error:
        remark = error.problems[0].what
        return [Answer(measure="difference of restricted mean times", summaries=_summaries(question), remark=remark)]
    return [
        Answer(
            measure=f"difference of mean times without the event up to day {until:g}",
            unit="days",
            interval=found.difference.interval,
            test=one_sided(found.difference.test, question.analysis.alternative),
            summaries=_summaries(question),
        )
    ]
