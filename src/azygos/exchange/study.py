"""Studies with their world as files: what a trialist plans, who comes, what was published.

format: azygos-study/1
design: {...}                       # as in a file of a design, azygos-design/1
model: multiple sclerosis           # or venous sinus
patients:
  forms: {RRMS: 50 %, SPMS: 40 %, PPMS: 10 %}
  women: 63 %
  centres: 4
  lost: 7 %                         # by the last visit
  asked: [1 month, 12 months]       # a survey: time since treatment at which it finds people
  stented: 10 %
  belief: 50 %                      # of all who may have had the sham, that they were treated
  gradient: [18.5 mmHg, 3.2 mmHg]   # before and after treatment, where symptoms hang on it
changes: circulations.csv           # of the veins, one row for a patient; left out: drawn
priors:
  expectation_physical: {kind: normal, a: 0.2, b: 0.1, source: "..."}
off: [recall]
published:
  - {analysis: main, count: 48, of: 89, source: "...", checked: read, note: "..."}
  - {analysis: main, value: -1.2, lower: -4, upper: 1.6, source: "..."}
calibration: no                     # was it used to find the constants?
bands:                              # what the simulation must give, written before it is run
  - {analysis: main, what: chance with no effect, low: 0.05, high: 0.9, written: 2026-11-22}
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from azygos.errors import InputError, Problem, close_matches
from azygos.exchange.design import STUDY_FORMAT, Days, design_in
from azygos.exchange.document import Document, read_document, read_text
from azygos.exchange.nested import Form, nested
from azygos.exchange.quantity import Count, Name, Number, Pressure
from azygos.study.design import Design
from azygos.trial.bands import QUANTITIES
from azygos.trial.disease import Model
from azygos.trial.layers.person import FORMS
from azygos.trial.prior import Kind, Prior, packaged
from azygos.trial.study import LAYERS, Band, Patients, Published, Study, packaged_names
from azygos.trial.world import problems_of_variables

__all__ = ["find_study", "named_study", "read_study", "study_text"]

STRATA = ("form", "sex", "centre")
PLAIN = ("age", "sex", "centre")  # known of everybody at enrolment
Share = Number


class PatientsForm(Form):
    forms: dict[str, Share] = Field(default_factory=lambda: {"RRMS": 1.0})
    women: Share = 0.7
    centres: Count = 1
    lost: Share = 0.0
    asked: tuple[Days, Days] | None = None
    stented: Share = 0.0
    belief: Share | None = None
    gradient: tuple[Pressure, Pressure] | None = None


class PriorForm(Form):
    kind: Kind
    a: Number
    b: Number = 0.0
    low: Number | None = None
    high: Number | None = None
    source: Name


class PublishedForm(Form):
    analysis: Name
    arm: str = ""
    count: Count | None = None
    of: Count | None = None
    value: Number | None = None
    lower: Number | None = None
    upper: Number | None = None
    source: Name
    checked: Literal["read", "derived", "from memory"] = "read"
    note: str = ""


class BandForm(Form):
    analysis: Name
    what: Name
    arm: str = ""
    low: Number
    high: Number
    written: Name


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


Layers = Annotated[tuple[Name, ...], BeforeValidator(_list)]


class StudyForm(Form):
    format: Literal["azygos-study/1"]
    design: dict[str, Any]
    model: Model = "multiple sclerosis"
    patients: PatientsForm = PatientsForm()
    changes: Name | None = None
    priors: dict[str, PriorForm] = Field(default_factory=dict)
    off: Layers = ()
    published: tuple[PublishedForm, ...] = ()
    calibration: bool = False
    bands: tuple[BandForm, ...] = ()


PARTS: Mapping[str, tuple[str, type[BaseModel]]] = {
    "patients": ("patients", PatientsForm),
    "priors": ("prior '{}'", PriorForm),
    "published": ("published result {}", PublishedForm),
    "bands": ("band {}", BandForm),
}


def find_study(name: str) -> Study:
    """A study that ships, by its name, or that of a file."""
    if name in packaged_names():
        return named_study(name)
    if not (name.endswith((".yaml", ".yml")) or "/" in name or Path(name).exists()):
        remedy = f"{close_matches(name, packaged_names())}; or name a file"
        raise InputError(Problem(f"no study '{name}'", "", remedy))
    return read_study(Path(name))


def study_text(name: str) -> tuple[str, str]:
    """The name and the text of a study's file."""
    if name in packaged_names():
        file = f"{name}.yaml"
        return file, resources.files("azygos.trial").joinpath("named", file).read_text(encoding="utf-8")
    return Path(name).name, read_text(Path(name))


@cache
def named_study(name: str) -> Study:
    """One of the studies that ship. Raises InputError for a name that none has."""
    if name not in packaged_names():
        raise InputError(Problem(f"no study '{name}' ships", "name", close_matches(name, packaged_names())))
    with resources.as_file(resources.files("azygos.trial").joinpath("named", f"{name}.yaml")) as path:
        return read_study(path)


def read_study(path: str | Path) -> Study:
    """The study of a file. Raises InputError with all problems, each with its line."""
    path = Path(path)
    document = read_document(path)
    problems = list(document.problems)
    found = document.data.get("format") if isinstance(document.data, dict) else None
    if found != STUDY_FORMAT:
        what = "no study: its first key is not 'format'" if found is None else f"format '{found}', not a study"
        raise InputError(Problem(what, document.where("format"), f"begin it with 'format: {STUDY_FORMAT}'"))
    design = design_in(document, ("design",), problems)
    form = nested(StudyForm, document, (), "study", PARTS, problems)
    if form is not None:
        problems += _problems(form, document, design)
    if problems or form is None or design is None:
        raise InputError(document.in_order(problems))
    return _study(form, design, path)


def _study(form: StudyForm, design: Design, path: Path) -> Study:
    own = {name: _prior(packaged()[name], prior) for name, prior in form.priors.items()}
    return Study(
        design=design,
        model=form.model,
        patients=Patients(**form.patients.model_dump()),
        priors={**packaged(), **own},
        published=tuple(Published(**one.model_dump()) for one in form.published),
        bands=tuple(Band(**one.model_dump()) for one in form.bands),
        is_calibration=form.calibration,
        off=frozenset(form.off),
        changes=None if form.changes is None else path.parent / form.changes,
    )


def _prior(base: Prior, form: PriorForm) -> Prior:
    given = {key: value for key, value in form.model_dump().items() if value is not None}
    return replace(base, **given)


def _problems(form: StudyForm, document: Document, design: Design | None) -> list[Problem]:
    """What no form can say of a study."""
    found: list[Problem] = []

    def wrong(what: str, remedy: str, *keys: str | int) -> None:
        found.append(Problem(what, document.where(*keys), remedy))

    for name in form.priors:
        if name not in packaged():
            wrong(f"no constant '{name}'", close_matches(name, packaged()), "priors", name)
        elif problem := _odd_prior(form.priors[name]):
            wrong(f"prior '{name}': {problem}", "check a and b", "priors", name)
    for place, name in enumerate(form.off):
        if name not in LAYERS:
            wrong(f"no layer '{name}'", close_matches(name, LAYERS), "off", place)
    for name in form.patients.forms:
        if name not in FORMS:
            wrong(f"no form '{name}' of multiple sclerosis", close_matches(name, FORMS), "patients", "forms", name)
    for key in ("women", "lost", "stented", "belief"):
        share = getattr(form.patients, key)
        if share is not None and not 0.0 <= share <= (0.95 if key == "lost" else 1.0):
            most = 95 if key == "lost" else 100
            wrong(f"patients: {key} of {100 * share:g} %", f"give a share from 0 to {most} %", "patients", key)
    if not sum(form.patients.forms.values()) > 0.0 or min(form.patients.forms.values(), default=0.0) < 0.0:
        wrong(
            "patients: the shares of the forms are not above zero", "give them like {RRMS: 100 %}", "patients", "forms"
        )
    if form.patients.asked is not None and not 0.0 < form.patients.asked[0] <= form.patients.asked[1]:
        wrong("patients: asked from later to sooner", "give the earliest and the latest time", "patients", "asked")
    if form.model == "venous sinus" and form.patients.gradient is None and form.changes is None:
        wrong("sinuses without a gradient", "give patients: {gradient: [18 mmHg, 3 mmHg]}", "patients")
    if design is not None:
        found += _about_the_design(form, document, design)
    return found


def _odd_prior(prior: PriorForm) -> str:
    match prior.kind:
        case "beta" if not (prior.a > 0.0 and prior.b > 0.0):
            return "a beta distribution needs a and b above zero"
        case "lognormal" if not (prior.a > 0.0 and prior.b >= 0.0):
            return "a lognormal distribution needs a median a above zero, and b not below"
        case "normal" if prior.b < 0.0:
            return "a standard deviation b below zero"
        case "uniform" if prior.b < prior.a:
            return "it ends at b before it begins at a"
    return ""


def _about_the_design(form: StudyForm, document: Document, design: Design) -> list[Problem]:
    found: list[Problem] = []

    def known(name: str, names: Iterable[str], what: str, *keys: str | int) -> None:
        if name and name not in names:
            found.append(Problem(f"no {what} '{name}'", document.where(*keys), close_matches(name, names)))

    analyses, arms = [one.name for one in design.analyses], [arm.name for arm in design.arms]
    for place, result in enumerate(form.published):
        known(result.analysis, analyses, "analysis", "published", place, "analysis")
        known(result.arm, arms, "arm", "published", place, "arm")
        is_count = result.count is not None and result.of is not None
        if is_count == (result.value is not None):
            what, remedy = "a published result is a count 'of' so many, or a 'value'", "give one of them"
            found.append(Problem(what, document.where("published", place), remedy))
        elif is_count and not 0 <= (result.count or 0) <= (result.of or 0):
            found.append(Problem(f"{result.count} of {result.of}", document.where("published", place), "check both"))
    for place, band in enumerate(form.bands):
        known(band.analysis, analyses, "analysis", "bands", place, "analysis")
        known(band.arm, arms, "arm", "bands", place, "arm")
        known(band.what, QUANTITIES, "quantity", "bands", place, "what")
    plain = Study(design=design, model=form.model)
    found += [replace(one, where=document.where("design", "endpoints")) for one in problems_of_variables(plain)]
    recorded = (*PLAIN, *plain.disease.recorded)
    strata = [name for name in STRATA if name in recorded]
    for place, name in enumerate(design.allocation.strata):
        known(name, strata, "stratum of simulated patients", "design", "allocation", "strata", place)
    for place, rule in enumerate(design.eligibility):
        asked = (*recorded, *plain.disease.asked)
        known(rule.variable, asked, "such thing known at enrolment", "design", "eligibility", place)
    for analysis in design.analyses:
        for name in analysis.covariates:
            known(name, recorded, "covariate of simulated patients", "design", "analyses", analysis.name, "covariates")
    return found
