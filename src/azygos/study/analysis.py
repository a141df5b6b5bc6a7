"""A design and its data brought together: every planned analysis, who was analysed, what is missing, what was harmed.

Nothing in this floor knows how the data came about: real and simulated ones take the same way.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from azygos.errors import InputError
from azygos.shown import html
from azygos.study.course import Course, courses
from azygos.study.dataset import Dataset
from azygos.study.design import Analysis, Design, Endpoint
from azygos.study.flow import Flow, flow
from azygos.study.method import METHODS
from azygos.study.missing import answers
from azygos.study.monitoring import Monitored, monitored
from azygos.study.outcome import baseline_values, follow_up_grid, time_to_event, visit_of
from azygos.study.question import Answer, Question
from azygos.study.risk_of_bias import Judgement, risk_of_bias
from azygos.study.words import sentence, what_if

__all__ = ["Analysed", "Missing", "Result", "analyse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One answer of one planned analysis."""

    analysis: Analysis
    endpoint: Endpoint | None
    visit: str
    missing: str  # how missing values were dealt with
    is_sensitivity: bool
    answer: Answer
    sentence: str

    def __str__(self) -> str:
        how = f" [{self.missing}]" if self.is_sensitivity else ""
        return f"{self.analysis.name}{how}: {self.sentence}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """How many of an arm had no value of an endpoint at the visit at which it is judged."""

    endpoint: str
    visit: str
    arm: str
    allocated: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysed:
    """All that the planned analyses of a study found."""

    design: Design
    results: tuple[Result, ...]
    flow: Flow
    missing: tuple[Missing, ...]
    courses: tuple[Course, ...]
    risk_of_bias: tuple[Judgement, ...]
    monitored: Monitored | None = None  # the primary analysis, where the design looks at its data on the way
    ineligible: tuple[tuple[str, int], ...] = ()  # patients in an arm who break a rule of eligibility, by rule

    _repr_html_ = html  # of a notebook

    @property
    def primary(self) -> tuple[Result, ...]:
        """The answers of the primary analyses as planned, at their visits."""
        planned = (result for result in self.results if result.analysis.role == "primary")
        return tuple(result for result in planned if not (result.is_sensitivity or result.answer.is_aside))

    @property
    def harms(self) -> tuple[Result, ...]:
        return tuple(r for r in self.results if r.analysis.role == "safety")


def analyse(design: Design, dataset: Dataset) -> Analysed:
    """Runs every planned analysis on data that azygos.study.check has found no fault with."""
    results = tuple(result for analysis in design.analyses for result in _run(design, analysis, dataset))
    primary = _primary(design)
    endpoint = design.endpoint(primary.endpoint) if primary and primary.endpoint else None
    handling = primary.missing if primary else "complete cases"
    counts = flow(design, dataset, _with_value(design, primary, dataset), handling)
    missing = _missing(design, dataset)
    of_primary = [(one.missing, one.allocated) for one in missing if endpoint and one.endpoint == endpoint.name]
    lacking = of_primary or [(arm.allocated - arm.analysed + arm.filled, arm.allocated) for arm in counts.arms]
    main = next((r for r in results if r.analysis is primary and not (r.is_sensitivity or r.answer.is_aside)), None)
    return Analysed(
        design=design,
        results=results,
        flow=counts,
        missing=missing,
        courses=courses(design, dataset),
        risk_of_bias=risk_of_bias(design, counts, endpoint, tuple(lacking)),
        monitored=None if main is None else monitored(design, main.answer, main.endpoint),
        ineligible=_ineligible(design, dataset),
    )


def _ineligible(design: Design, dataset: Dataset) -> tuple[tuple[str, int], ...]:
    """Rules that somebody in an arm breaks; a missing value breaks none."""
    columns, inside = dataset.subjects.columns, dataset.subjects["arm"] != ""
    found = []
    for rule in design.eligibility:
        if rule.variable in columns:
            column = columns[rule.variable]
            known = column != "" if column.dtype.kind in "UO" else ~np.isnan(column.astype(float))
            found.append((str(rule), int(np.sum(inside & known & ~rule.met(column)))))
    return tuple((rule, count) for rule, count in found if count)


def _primary(design: Design) -> Analysis | None:
    """The first primary analysis, or the first of an endpoint where none is called so."""
    planned = [analysis for analysis in design.analyses if analysis.endpoint]
    return next((one for one in planned if one.role == "primary"), planned[0] if planned else None)


def _run(design: Design, analysis: Analysis, dataset: Dataset) -> list[Result]:
    found = []
    for question in _questions(design, analysis, dataset):
        for handling in (analysis.missing, *analysis.sensitivity):
            for answer in _asked(question, handling):
                is_other = handling != analysis.missing
                found.append(_result(design, analysis, question, answer, handling, is_other))
    return found


def _asked(question: Question, handling: str) -> list[Answer]:
    """The answers, or one that says why there is none: data that a method cannot take are a result too."""
    try:
        return [_told(answer) for answer in answers(question, handling)]
    except InputError as error:
        told = "; ".join(problem.what for problem in error.problems)
        return [Answer(measure=question.analysis.method, remark=f"not computed: {told}")]


def _told(answer: Answer) -> Answer:
    """A test without a p, and an interval without ends, are none: where nothing varies there is nothing to go by."""
    is_tested = answer.test is None or math.isfinite(answer.test.p)
    bounds = () if answer.interval is None else (answer.interval.lower, answer.interval.upper)
    has_ends = not any(math.isnan(bound) for bound in bounds)
    if is_tested and has_ends:
        return answer
    return replace(
        answer,
        test=answer.test if is_tested else None,
        interval=answer.interval if is_tested and has_ends else None,
        remark=answer.remark or "not computed: no variance",
    )


def _result(
    design: Design, analysis: Analysis, question: Question, answer: Answer, handling: str, is_sensitivity: bool
) -> Result:
    is_timed = question.endpoint is not None and question.endpoint.kind == "time to event"
    return Result(
        analysis=analysis,
        endpoint=question.endpoint,
        visit=answer.visit or ("" if is_timed or not question.visits else question.visits[-1]),
        missing=handling,
        is_sensitivity=is_sensitivity,
        answer=answer,
        sentence=what_if(question, answer, handling) if is_sensitivity else sentence(question, answer),
    )


def _questions(design: Design, analysis: Analysis, dataset: Dataset) -> list[Question]:
    """One for each arm against the control, or one of all arms where a method looks at each by itself."""
    names = [arm.name for arm in design.arms]
    control = design.control
    if METHODS[analysis.method].arms == 1 or control is None:
        return [_question(design, analysis, dataset, tuple(names))]
    others = [arm.name for arm in design.arms if not arm.is_control] or names[1:]
    return [_question(design, analysis, dataset, (control.name, other)) for other in others]


def _question(design: Design, analysis: Analysis, dataset: Dataset, names: tuple[str, ...]) -> Question:
    arms = dataset.subjects["arm"]
    inside = np.isin(arms, names)
    here = replace(dataset, subjects=dataset.subjects.where(inside))
    group = np.select([arms[inside] == name for name in names], range(len(names)), default=0).astype(np.int64)
    plain = Question(design=design, analysis=analysis, dataset=here, names=names, group=group)
    return _measured(plain, design.endpoint(analysis.endpoint)) if analysis.endpoint else plain


def _measured(question: Question, endpoint: Endpoint) -> Question:
    """The question with the values of its endpoint."""
    design, analysis = question.design, question.analysis
    estimand = design.estimand(analysis.estimand) if analysis.estimand else None
    at = design.visit(visit_of(design, endpoint, analysis.visit))
    if endpoint.kind == "time to event":
        times, happened = time_to_event(design, endpoint, question.dataset, estimand)
        return replace(question, endpoint=endpoint, times=times, happened=happened, visits=(at.name,))
    visits = tuple(visit.name for visit in design.follow_ups if visit.day <= at.day) or (at.name,)
    grid = follow_up_grid(design, endpoint, question.dataset, visits, estimand)
    measured = np.array(~np.isnan(grid).all(axis=0))  # a visit at which nobody was asked tells a model nothing
    measured[-1] = True
    return replace(
        question,
        endpoint=endpoint,
        visits=tuple(visit for visit, kept in zip(visits, measured, strict=True) if kept),
        grid=grid[:, measured],
        values=grid[:, -1],
        baseline=baseline_values(design, endpoint, question.dataset) if endpoint.kind == "continuous" else None,
    )


def _with_value(design: Design, primary: Analysis | None, dataset: Dataset) -> NDArray[np.bool_]:
    """Who has a value for the primary analysis: at its visit, or for a model of all visits at any."""
    if primary is None:
        return np.asarray(dataset.subjects["arm"] != "")
    question = _question(design, primary, dataset, tuple(arm.name for arm in design.arms))
    inside = np.isin(dataset.subjects["arm"], question.names)
    there: NDArray[np.bool_] = np.zeros(len(dataset), dtype=bool)
    if question.endpoint is not None and question.endpoint.kind == "time to event":
        there[inside] = True
    elif METHODS[primary.method].repeated:
        there[inside] = ~np.isnan(question.grid).all(axis=1)
    else:
        there[inside] = question.observed
    return there


def _missing(design: Design, dataset: Dataset) -> tuple[Missing, ...]:
    found = []
    for endpoint in design.endpoints:
        if endpoint.kind == "time to event":
            continue
        visit = visit_of(design, endpoint)
        values = follow_up_grid(design, endpoint, dataset, (visit,))[:, 0]
        for arm in design.arms:
            inside = dataset.subjects["arm"] == arm.name
            lacking = int(np.isnan(values[inside]).sum())
            found.append(
                Missing(endpoint=endpoint.name, visit=visit, arm=arm.name, allocated=int(inside.sum()), missing=lacking)
            )
    return tuple(found)
