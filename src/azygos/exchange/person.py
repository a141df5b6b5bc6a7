"""A person as a file: who, which variants of the anatomy, factors, lesions and posture, each with its unit.

    format: azygos-body/1
    name: Ms Example
    sex: female                                   # all below may be left out
    height: 165 cm
    age: 45 years
    variants: [left_dominant_sinus]
    parameters: {ijv_r.diameter: 0.83, cerebral_flow: 1.1}        # factors, 1 is the body without them
    posture: supine                               # upright, or an angle such as 45 deg
    heart_rate: 68 1/min
    blood_volume: 4.6 L
    lesions:
      - "ijv_r: 80 % area at 0.5, 20 mm"
    fitted:                                       # where the parameters come from; written by `azygos fit`
      measurements: clinic.csv
      count: 9
      chi2: 7.1
      converged: true
      standard_errors: {ijv_r.diameter: 0.05, cerebral_flow: 0.06}
      not_determined: [csf_outflow_resistance]

Whatever else a body may be under (breathing, a strain, a collar) belongs to what is done with it, not to the person.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict

from azygos import units
from azygos.body.body import POSTURES, Body
from azygos.body.condition import Conditions
from azygos.body.lesion import Stenosis
from azygos.body.lesion_text import parse_lesions, written
from azygos.body.parameter import problems_with
from azygos.body.person import Person
from azygos.body.recipe import Recipe
from azygos.body.reference import reference_network
from azygos.body.variant import problems_with as variant_problems
from azygos.body.variant import variants
from azygos.errors import InputError, Problem, close_matches
from azygos.exchange.document import Document, read_document, shown, validated
from azygos.exchange.measurements import posture_of
from azygos.exchange.quantity import Length, Name, Number, Volume, Years, parsed
from azygos.exchange.whole import write_texts
from azygos.population.result import Fit

__all__ = [
    "FORMAT", "Fitted", "PersonFile", "body_of", "fitted_from", "person_of", "read_body", "read_person", "write_body",
    "write_person",
]  # fmt: skip

FORMAT = "azygos-body/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """Where the parameters of a person come from."""

    measurements: str  # the file's name
    count: int  # of the measurements
    chi2: float
    converged: bool
    standard_errors: Mapping[str, float]  # of the factors
    not_determined: tuple[str, ...] = ()  # by the measurements: what is given is the prior's


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFile:
    """What a body file says."""

    name: str = "reference adult"
    person: Person = Person()
    variants: tuple[str, ...] = ()
    parameters: Mapping[str, float] = field(default_factory=dict)
    posture: float = 0.0  # head up [degrees]
    heart_rate: float | None = None  # [1/s]
    blood_volume: float | None = None  # [m3]
    lesions: tuple[str, ...] = ()
    fitted: Fitted | None = None


def read_body(path: str | Path) -> Body:
    """The body of a file. Raises InputError with all problems of the file, each with its line."""
    return body_of(read_person(path))


def write_body(body: Body, path: str | Path, fitted: Fitted | None = None) -> None:
    """Writes a body so that `read_body` gives an equal one back. Raises InputError for what a file cannot hold."""
    write_person(person_of(body, fitted), path)


def body_of(file: PersonFile) -> Body:
    """The body that a file describes."""
    recipe = Recipe(person=file.person, variants=file.variants, parameters=file.parameters)
    lying = Body.made(recipe, file.name)
    at_rest = lying.under(posture=file.posture, heart_rate=file.heart_rate, blood_volume=file.blood_volume)
    return at_rest.with_lesion(*file.lesions)


def person_of(body: Body, fitted: Fitted | None = None) -> PersonFile:
    """What a file says of a body. Raises InputError for what it has no words for."""
    recipe, under = body.recipe, body.conditions
    problems = [_unwritable(lesion) for lesion in body.lesions if lesion.residual is not None or lesion.stent]
    kept = Conditions(
        posture_degrees=under.posture_degrees, heart_rate=under.heart_rate, blood_volume=under.blood_volume
    )
    if under != kept:
        what = "breathing, a strain or pressure from outside is no part of a person"
        problems.append(Problem(what, f"body '{body.name}'", "write the body without it"))
    if recipe is None:
        problems.append(Problem("it is a network, not a person", f"body '{body.name}'", "use write_network"))
    if recipe is None or problems:
        raise InputError(problems)
    return PersonFile(
        name=body.name,
        person=recipe.person,
        variants=recipe.variants,
        parameters=dict(recipe.parameters),
        posture=under.posture_degrees,
        heart_rate=under.heart_rate,
        blood_volume=under.blood_volume,
        lesions=tuple(written(lesion) for lesion in body.lesions),
        fitted=fitted,
    )


def _unwritable(lesion: Stenosis) -> Problem:
    return Problem("a lesion that was treated has no form in a body file", f"lesion '{lesion}'", "write it as found")


def _exact(value: float, dimension: str, names: Sequence[str]) -> str:
    """A quantity in the first unit in which it is exact with few digits, else in the last, which is SI."""
    for unit in names:
        for digits in (6, 17):
            text = f"{value / units.parse(f'1 {unit}', dimension):.{digits}g} {unit}".strip()
            if units.parse(text, dimension) == value:
                return text
    return f"{value!r} {names[-1]}".strip()


def fitted_from(fit: Fit, measurements: str) -> Fitted:
    """Where the parameters of a fitted body come from: the file of that name."""
    return Fitted(
        measurements=measurements,
        count=len(fit.residuals),
        chi2=fit.chi2,
        converged=fit.converged,
        standard_errors={estimate.name: estimate.standard_error for estimate in fit.estimates},
        not_determined=tuple(estimate.name for estimate in fit.estimates if not estimate.determined),
    )


# ---------------------------------------------------------------------------------------------------------------
# writing


def write_person(file: PersonFile, path: str | Path) -> None:
    """Writes a body file; it appears under its name when it is whole."""
    write_texts({Path(path): yaml.safe_dump(_plain(file), sort_keys=False, allow_unicode=True, width=110)})


def _plain(file: PersonFile) -> dict[str, Any]:
    """The file's content; what is as in the reference adult is left out, but for who it is."""
    person, fitted = file.person, file.fitted
    entries: dict[str, Any] = {
        "format": FORMAT,
        "name": file.name,
        "sex": person.sex,
        "height": _exact(person.height, "length", ("cm", "m")),
        "age": f"{person.age:.17g} years",
        "variants": list(file.variants),
        "parameters": dict(file.parameters),
        "posture": next((name for name, angle in POSTURES.items() if angle == file.posture), f"{file.posture!r} deg"),
        "heart_rate": None if file.heart_rate is None else _exact(file.heart_rate, "rate", ("1/min", "Hz")),
        "blood_volume": None if file.blood_volume is None else _exact(file.blood_volume, "volume", ("L", "mL", "m3")),
        "lesions": list(file.lesions),
        "fitted": None if fitted is None else _plain_fitted(fitted),
    }
    return {key: value for key, value in entries.items() if value not in (None, [], {})}


def _plain_fitted(fitted: Fitted) -> dict[str, Any]:
    return {
        "measurements": fitted.measurements,
        "count": fitted.count,
        "chi2": fitted.chi2,
        "converged": fitted.converged,
        "standard_errors": dict(fitted.standard_errors),
        "not_determined": list(fitted.not_determined),
    }


# ---------------------------------------------------------------------------------------------------------------
# reading


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Rate = Annotated[float, BeforeValidator(lambda value: parsed(value, "rate"))]


class _FittedForm(_Form):
    measurements: Name
    count: int
    chi2: float
    converged: bool
    standard_errors: dict[str, Number] = {}
    not_determined: tuple[str, ...] = ()


class _PersonForm(_Form):
    format: Literal["azygos-body/1"]
    name: Name = "reference adult"
    sex: Literal["female", "male"] | None = None
    height: Length | None = None
    age: Years | None = None
    variants: tuple[Name, ...] = ()
    parameters: dict[str, Any] = {}
    posture: Name = "supine"
    heart_rate: Rate | None = None
    blood_volume: Volume | None = None
    lesions: tuple[Name, ...] = ()
    fitted: dict[str, Any] | None = None


_STAND_IN = {"format": FORMAT, **dict.fromkeys(("sex", "height", "age", "heart_rate", "blood_volume", "fitted"))}
_STAND_IN |= {"name": "reference adult", "variants": [], "parameters": {}, "posture": "supine", "lesions": []}


def read_person(path: str | Path) -> PersonFile:
    """What a body file says. Raises InputError with all its problems, each with its line."""
    return _Reader(read_document(Path(path))).person()


class _Reader:
    """Gathers what a body file says and everything that is wrong with it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = list(document.problems)

    def person(self) -> PersonFile:
        data = self.document.data
        if not isinstance(data, dict):
            what = "the file is empty" if data is None else "not a body file"
            raise InputError(Problem(what, self.document.where(), f"it begins 'format: {FORMAT}'"))
        if str(data.get("format", "")).startswith("azygos-network"):
            raise InputError(Problem("a network, not a body", self.document.where("format"), "use read_network"))
        form = validated(_PersonForm, self.document, (), data, "body", self.problems, _STAND_IN)
        file = None if form is None else self._file(form)
        if self.problems or file is None:
            raise InputError(self.document.in_order(self.problems))
        return file

    def _file(self, form: _PersonForm) -> PersonFile:
        parameters = {name: self._factor(name, text) for name, text in form.parameters.items()}
        self._check_variants(form.variants)
        person = self._person(form)
        self._check_lesions(form.lesions, Recipe(person=person, variants=_agreed(form.variants)))
        posture = self._posture(form.posture)
        under = Conditions(posture_degrees=posture, heart_rate=form.heart_rate, blood_volume=form.blood_volume)
        for p in under.problems(reference_network(person)):
            self.problems.append(Problem(p.what, self.document.where(p.where.replace(" ", "_")), p.remedy))
        return PersonFile(
            name=form.name,
            person=person,
            variants=form.variants,
            parameters=parameters,
            posture=posture,
            heart_rate=form.heart_rate,
            blood_volume=form.blood_volume,
            lesions=form.lesions,
            fitted=self._fitted(form.fitted),
        )

    def _factor(self, name: str, text: object) -> float:
        where = self.document.where("parameters", name)
        try:
            factor = float(str(text))
        except ValueError:
            self.problems.append(Problem(f"parameter '{name}': expected a number, got {shown(text)}", where))
            return 1.0
        self.problems += problems_with({name: factor}, where)
        return factor

    def _check_variants(self, names: Sequence[str]) -> None:
        for i, name in enumerate(names):
            if name not in variants():
                where = self.document.where("variants", i)
                self.problems.append(Problem(f"no variant '{name}'", where, close_matches(name, variants())))
        where = self.document.where("variants")
        self.problems += [replace(p, where=where) for p in variant_problems(_known(names))]

    def _person(self, form: _PersonForm) -> Person:
        try:
            return Person.of(form.sex, form.height, form.age)
        except InputError as error:
            self.problems += [Problem(p.what, self.document.where(p.where), p.remedy) for p in error.problems]
            return Person()

    def _posture(self, text: str) -> float:
        try:
            return posture_of(text)
        except InputError as error:
            where = self.document.where("posture")
            self.problems += [Problem(p.what, where, p.remedy) for p in error.problems]
            return 0.0

    def _check_lesions(self, texts: Sequence[str], recipe: Recipe) -> None:
        """Each lesion by itself, with its line; then whether they overlap."""
        if not texts:
            return
        lengths, before = Body.made(recipe).lengths, len(self.problems)
        for i, text in enumerate(texts):
            self._note(partial(parse_lesions, [text], lengths, self.document.where("lesions", i)))
        if len(self.problems) == before:
            self._note(partial(parse_lesions, texts, lengths, self.document.where("lesions")))

    def _note(self, read: Callable[[], object]) -> None:
        try:
            read()
        except InputError as error:
            self.problems += error.problems

    def _fitted(self, data: dict[str, Any] | None) -> Fitted | None:
        if data is None:
            return None
        form = validated(_FittedForm, self.document, ("fitted",), data, "fitted", self.problems)
        return None if form is None else Fitted(**form.model_dump())


def _known(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in variants())


def _agreed(names: Iterable[str]) -> tuple[str, ...]:
    """The known variants where none is at odds with another, else none: its problem is noted elsewhere."""
    known = _known(names)
    return () if variant_problems(known) else known
