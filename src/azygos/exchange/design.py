"""Designs of studies as files that a trialist can read and edit.

    format: azygos-design/1
    name: venoplasty-against-sham
    title: Balloon venoplasty against a sham procedure
    kind: sham-controlled
    sources: ["..."]
    arms:
      sham: {role: sham, gets: catheter and venography only}
      venoplasty: {role: active, weight: 2}
    eligibility: [edss between 2 and 5.5, "form in RRMS, SPMS"]
    allocation: {method: blocks, block_sizes: [3, 6], strata: [site], concealed: yes}
    blinding: {participants: yes, assessors: yes, analysts: yes}
    visits:
      baseline: {day: 0 days}
      month 6: {day: 6 months, window: 2 weeks}
    endpoints:
      physical: {kind: continuous, of: msis_physical, unit: points, better: lower, limits: [0, 100], change: yes}
      responder: {kind: binary, of: msis_physical, unit: points, responder: change <= -8}
      relapse: {kind: time to event, of: relapse, rated_by: assessor, competing: [died]}
    estimands:
      main:
        population: as eligible
        treatment: venoplasty against sham
        variable: change of physical score at month 6
        intercurrent: {retreated: treatment policy}
        summary: difference of means
    analyses:
      main: {method: ancova, endpoint: physical, role: primary, estimand: main, sensitivity: [jump to reference]}
    size: {power: 90 %, effect: 8, sd: 22}
    sequential: {looks: [0.5, 1]}
    answered: scores filled in at visits

Times have units; limits, effects and thresholds are in the endpoint's unit. The same mapping is the section `design`
of a file of a study, `azygos-study/1`.
"""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from azygos.errors import InputError, Problem
from azygos.exchange.document import Document, Key, read_document, shown, wrong
from azygos.exchange.nested import Form, nested
from azygos.exchange.quantity import Count, Name, Number, parsed
from azygos.study.design import (
    Allocation,
    AllocationMethod,
    Analysis,
    Arm,
    ArmRole,
    Blinding,
    Design,
    DesignKind,
    Endpoint,
    EndpointKind,
    Rater,
    Responder,
    Role,
    SampleSize,
    Sequential,
    Visit,
)
from azygos.study.design_check import problems_of_design
from azygos.study.eligibility import Rule, rule
from azygos.study.estimand import Estimand, Strategy

__all__ = ["FORMAT", "STUDY_FORMAT", "DesignForm", "design_in", "design_of", "read_design"]

FORMAT, STUDY_FORMAT = "azygos-design/1", "azygos-study/1"

DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12.0, "year": 365.25, "h": 1.0 / 24.0, "min": 1.0 / 1440.0}
_TIME = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+))\s*([a-z]+?)s?\s*")
_RESPONDER = re.compile(r"\s*(change|value)\s*(<=|>=|<|>)\s*(\S+)\s*")


def _days(value: object) -> float:
    found = _TIME.fullmatch(str(value))
    if found is None or found[2] not in DAYS:
        what = "has no unit" if re.fullmatch(r"[-+\d.]+", str(value)) else "is no time"
        raise wrong(f"{shown(value)} {what}", "write it like '14 days', '6 weeks', '12 months' or '2 years'")
    return float(found[1]) * DAYS[found[2]]


def _threshold(value: object) -> tuple[bool, Responder]:
    """Whether a change is meant, and its threshold."""
    found = _RESPONDER.fullmatch(str(value))
    if found is None:
        raise wrong(f"{shown(value)} is no threshold", "write it like 'change <= -8' or 'value >= 50'")
    relation: Any = found[2]
    return found[1] == "change", Responder(relation=relation, limit=parsed(found[3], "number"))


def _rule(value: object) -> Rule:
    try:
        return rule(str(value))
    except InputError as error:
        raise wrong(error.problems[0].what, error.problems[0].remedy) from None


def _pair(value: object) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise wrong(f"{shown(value)} is no pair of limits", "write them like [0, 100]")
    return parsed(value[0], "number"), parsed(value[1], "number")


def _words(value: object) -> list[object]:
    """A list, or the one thing in it."""
    return value if isinstance(value, list) else [value]


Days = Annotated[float, BeforeValidator(_days)]
Threshold = Annotated[tuple[bool, Responder], BeforeValidator(_threshold)]
Eligible = Annotated[Rule, BeforeValidator(_rule)]
Pair = Annotated[tuple[float, float], BeforeValidator(_pair)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_words)]
Sided = Annotated[Literal[1, 2], BeforeValidator(lambda value: int(value) if str(value) in ("1", "2") else value)]


class ArmForm(Form):
    role: ArmRole
    weight: Number = 1.0
    gets: str = ""


class AllocationForm(Form):
    method: AllocationMethod = "none"
    block_sizes: tuple[Count, ...] = ()
    strata: Names = ()
    concealed: bool | None = None


class BlindingForm(Form):
    participants: bool = False
    assessors: bool = False
    analysts: bool = False


class VisitForm(Form):
    day: Days
    window: Days = 0.0


class EndpointForm(Form):
    kind: EndpointKind
    of: str = ""
    unit: Name = "1"
    better: Literal["higher", "lower"] = "lower"
    limits: Pair | None = None
    change: bool = False
    responder: Threshold | None = None
    visit: str = ""
    rated_by: Rater = "participant"
    competing: Names = ()


class EstimandForm(Form):
    population: Name
    treatment: Name
    variable: Name
    intercurrent: dict[str, Strategy] = Field(default_factory=dict)
    summary: Name


class AnalysisForm(Form):
    method: Name
    endpoint: str = ""
    visit: str = ""
    covariates: Names = ()
    level: Number = 0.95
    alternative: Literal["two-sided", "less", "greater"] = "two-sided"
    interval: str = ""
    missing: Name = "complete cases"
    sensitivity: Names = ()
    estimand: str = ""
    role: Role = "secondary"


class SizeForm(Form):
    n: Count | None = None
    per: Literal["arm", "total"] = "total"
    power: Number | None = None
    effect: Number | None = None
    sd: Number | None = None
    control: Number | None = None
    alpha: Number = 0.05
    method: Literal["means", "proportions", "survival"] = "means"


class SequentialForm(Form):
    looks: tuple[Number, ...]
    spending: Name = "lan-demets-obrien-fleming"
    alpha: Number = 0.05
    sided: Sided = 2
    futility: str = ""


class DesignForm(Form):
    """A design as a file has it; `format` stands there when it is a file of its own."""

    format: Literal["azygos-design/1"] | None = None
    name: Name
    title: Name
    kind: DesignKind
    sources: Names = ()
    arms: dict[str, ArmForm]
    eligibility: tuple[Eligible, ...] = ()
    allocation: AllocationForm = AllocationForm()
    blinding: BlindingForm = BlindingForm()
    visits: dict[str, VisitForm]
    endpoints: dict[str, EndpointForm]
    estimands: dict[str, EstimandForm] = Field(default_factory=dict)
    analyses: dict[str, AnalysisForm] = Field(default_factory=dict)
    size: SizeForm = SizeForm()
    sequential: SequentialForm | None = None
    answered: str = ""
    registration: str = ""


PARTS: Mapping[str, tuple[str, type[BaseModel]]] = {
    "arms": ("arm '{}'", ArmForm),
    "allocation": ("allocation", AllocationForm),
    "blinding": ("blinding", BlindingForm),
    "visits": ("visit '{}'", VisitForm),
    "endpoints": ("endpoint '{}'", EndpointForm),
    "estimands": ("estimand '{}'", EstimandForm),
    "analyses": ("analysis '{}'", AnalysisForm),
    "size": ("size", SizeForm),
    "sequential": ("sequential", SequentialForm),
}


def read_design(path: str | Path) -> Design:
    """The design of a design's file or of a study's. Raises InputError with all problems, each with its line."""
    document = read_document(Path(path))
    found = document.data.get("format") if isinstance(document.data, dict) else None
    if found not in (FORMAT, STUDY_FORMAT):
        what = "no design: its first key is not 'format'" if found is None else f"format {shown(found)}, not a design"
        raise InputError(Problem(what, document.where("format"), f"begin it with 'format: {FORMAT}'"))
    problems = list(document.problems)
    design = design_in(document, ("design",) if found == STUDY_FORMAT else (), problems)
    if problems or design is None:
        raise InputError(document.in_order(problems))
    return design


def design_in(document: Document, path: tuple[Key, ...], problems: list[Problem]) -> Design | None:
    """The design at `path` of a file; None where it could not be read. What is wrong is added to `problems`."""
    form = nested(DesignForm, document, path, "design", PARTS, problems)
    if form is None:
        return None
    design = design_of(form)
    problems += problems_of_design(design, lambda *keys: document.where(*path, *keys))
    return design


def design_of(form: DesignForm) -> Design:
    """The design that a form states; what it means is for problems_of_design to judge."""
    return Design(
        name=form.name,
        title=form.title,
        kind=form.kind,
        sources=form.sources,
        arms=tuple(Arm(name=name, **arm.model_dump()) for name, arm in form.arms.items()),
        eligibility=form.eligibility,
        allocation=Allocation(**form.allocation.model_dump()),
        blinding=Blinding(**form.blinding.model_dump()),
        visits=tuple(Visit(name=name, **visit.model_dump()) for name, visit in form.visits.items()),
        endpoints=tuple(_endpoint(name, endpoint) for name, endpoint in form.endpoints.items()),
        estimands=tuple(_estimand(name, estimand) for name, estimand in form.estimands.items()),
        analyses=tuple(Analysis(name=name, **analysis.model_dump()) for name, analysis in form.analyses.items()),
        size=SampleSize(**form.size.model_dump()),
        sequential=Sequential(**form.sequential.model_dump()) if form.sequential else None,
        answered=form.answered,
        registration=form.registration,
    )


def _endpoint(name: str, form: EndpointForm) -> Endpoint:
    is_change, responder = form.responder or (False, None)
    given = form.model_dump(exclude={"limits", "responder", "change"})
    limits = (-math.inf, math.inf) if form.limits is None else form.limits
    return Endpoint(name=name, responder=responder, change=form.change or is_change, limits=limits, **given)


def _estimand(name: str, form: EstimandForm) -> Estimand:
    return Estimand(
        name=name, intercurrent=tuple(form.intercurrent.items()), **form.model_dump(exclude={"intercurrent"})
    )
