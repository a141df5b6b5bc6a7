"""What a browser may ask for. Requests are read as strictly as files: no unknown key, all bounded."""

import hashlib
import json
from dataclasses import replace
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from azygos.body.body import Body
from azygos.errors import InputError, Problem, close_matches
from azygos.exchange.cohort import packaged_names
from azygos.instruments.recording import Site
from azygos.instruments.registry import INSTRUMENTS
from azygos.therapy.catalogue import stock
from azygos.units import cm
from azygos.web.blind import hidden
from azygos.web.study_requests import AnalyseRequest, AuditRequest, DesignRequest, EnrolRequest, TrialRequest

__all__ = [
    "Blind",
    "BodyRequest",
    "LookRequest",
    "PosturesRequest",
    "SimulateRequest",
    "TreatRequest",
    "WorkRequest",
    "key_of",
]

Text: TypeAlias = Annotated[str, Field(max_length=200)]
Name: TypeAlias = Annotated[str, Field(max_length=60)]
Posture: TypeAlias = Annotated[float, Field(ge=0.0, le=90.0, allow_inf_nan=False)]
Seed: TypeAlias = Annotated[int, Field(ge=0, le=2**31 - 1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Blind(_Strict):
    """A patient of a cohort that ships, from this number on the first who has a lesion."""

    cohort: Name
    number: Seed = 0


class BodyRequest(_Strict):
    """A person: the reference adult, or one of another sex, height and age, with variants and lesions, in a posture;
    or one who is drawn, lesions and all."""

    sex: Literal["female", "male"] | None = None
    height_cm: Annotated[float, Field(ge=50.0, le=250.0)] | None = None
    age: Annotated[float, Field(ge=0.0, le=120.0)] | None = None
    variants: Annotated[tuple[Name, ...], Field(max_length=8, strict=False)] = ()
    lesions: Annotated[tuple[Text, ...], Field(max_length=12, strict=False)] = ()
    posture: Posture = 0.0
    blind: Blind | None = None

    def body(self) -> Body:
        """The body asked for. Raises InputError with all that is wrong with it."""
        problems: list[Problem] = []
        if self.blind is not None:
            return self._drawn(self.blind)
        try:
            made = Body.reference(
                sex=self.sex,
                height=None if self.height_cm is None else self.height_cm * cm,
                age=self.age,
                variants=self.variants,
            )
        except InputError as error:
            problems += error.problems
            made = Body.reference()  # so that the lesions are judged too
        try:
            made = made.with_lesion(*self.lesions)
        except InputError as error:
            problems += error.problems
        if problems:
            raise InputError(problems)
        return made.with_posture(self.posture)

    def shown(self) -> Body:
        """The body as everybody may see it: without the lesions of one who is examined blind."""
        found = self.body()
        return found if self.blind is None else replace(found, lesions=())

    def _drawn(self, blind: Blind) -> Body:
        problems = []
        if blind.cohort not in packaged_names():
            remedy = close_matches(blind.cohort, packaged_names())
            problems.append(Problem(f"no cohort '{blind.cohort}'", "blind", remedy))
        if self.sex or self.height_cm or self.age or self.variants or self.lesions:
            problems.append(Problem("a patient who is drawn is given more", "blind", "leave out all but the posture"))
        if problems:
            raise InputError(problems)
        return hidden(blind.cohort, blind.number).body().with_posture(self.posture)


class SimulateRequest(_Strict):
    """The periodic state of a body."""

    kind: Literal["simulate"]
    body: BodyRequest = BodyRequest()

    def problems(self) -> list[Problem]:
        return _problems(self.body)


class PosturesRequest(_Strict):
    """A coarse preview of a body in a row of postures, between which a slider is interpolated."""

    kind: Literal["postures"]
    body: BodyRequest = BodyRequest()

    def problems(self) -> list[Problem]:
        return _problems(self.body)


class _Seen(_Strict):
    """Work of which somebody sees a part; the truth about a patient who is drawn has to be asked for."""

    body: BodyRequest = BodyRequest()
    revealed: bool = False

    @property
    def tells_truth(self) -> bool:
        return self.body.blind is None or self.revealed


class TreatRequest(_Seen):
    """A procedure done to a body, and the months after it."""

    kind: Literal["treat"]
    balloon: Name | None = None  # of the catalogue; none: sized on the venogram
    stent: Name | None = None  # of the catalogue, or `none`; left out: sized on the venogram
    pressure_atm: Annotated[float, Field(gt=0.0, le=30.0)] = 8.0
    vessels: Annotated[tuple[Name, ...], Field(max_length=20, strict=False)] = ()  # looked at; none: those with lesions
    ivus: bool = False  # and a second plane: what one plane overlooks
    sham: bool = False
    exact: bool = True  # instruments without error
    seed: Seed = 0
    anticoagulation: bool = True

    def problems(self) -> list[Problem]:
        found, catalogue = _problems(self.body), stock()
        if self.balloon is not None and self.balloon not in catalogue.balloons:
            remedy = close_matches(self.balloon, catalogue.balloons)
            found.append(Problem(f"no balloon '{self.balloon}'", "balloon", remedy))
        if self.stent not in (None, "none") and self.stent not in catalogue.stents:
            found.append(Problem(f"no stent '{self.stent}'", "stent", close_matches(str(self.stent), catalogue.stents)))
        if self.body.blind is not None and not self.vessels:
            what = "it is not said where to look for what is narrow"
            found.append(Problem(what, "vessels", "name the veins in which the catheter is to go"))
        return found + _unknown(self.vessels, self.body, "vessels")


class LookRequest(_Seen):
    """An examination of a body with instruments."""

    kind: Literal["look"]
    instruments: Annotated[tuple[Name, ...], Field(min_length=1, max_length=5, strict=False)] = ("ultrasound",)
    sites: Annotated[tuple[Text, ...], Field(max_length=24, strict=False)] = ()  # such as `ijv_r at 0.5`; none: usual
    exact: bool = False
    seed: Seed = 1

    def problems(self) -> list[Problem]:
        unknown = [name for name in self.instruments if name not in INSTRUMENTS]
        remedies = [close_matches(name, INSTRUMENTS) for name in unknown]
        found = [Problem(f"no instrument '{n}'", "instruments", r) for n, r in zip(unknown, remedies, strict=True)]
        for text in self.sites:
            found += _misplaced(text, self.body)
        return _problems(self.body) + found

    def places(self) -> tuple[Site, ...]:
        """The sites asked for."""
        return tuple(_site(text) for text in self.sites)


def _site(text: str) -> Site:
    """The site that `ijv_r at 0.5` or `ijv_r` names. Raises ValueError."""
    vessel, _, fraction = (part.strip() for part in text.partition(" at "))
    at = float(fraction or 0.5)
    if not 0.0 <= at <= 1.0:
        raise ValueError(fraction)
    return Site(vessel=vessel, fraction=at)


def _misplaced(text: str, body: BodyRequest) -> list[Problem]:
    try:
        return _unknown((_site(text).vessel,), body, f"site '{text}'")
    except ValueError:
        return [Problem("no fraction of a length, 0 to 1", f"site '{text}'", "write it like 'ijv_r at 0.5'")]


def _unknown(vessels: tuple[str, ...], request: BodyRequest, where: str) -> list[Problem]:
    """A problem for each vessel that the body has not."""
    if not vessels:
        return []
    try:
        lengths = request.shown().lengths
    except InputError:  # which is told anyway
        return []
    unknown = [name for name in vessels if name not in lengths]
    return [Problem(f"no vessel '{name}'", where, close_matches(name, lengths)) for name in unknown]


WorkRequest: TypeAlias = Annotated[
    SimulateRequest
    | PosturesRequest
    | TreatRequest
    | LookRequest
    | DesignRequest
    | EnrolRequest
    | TrialRequest
    | AnalyseRequest
    | AuditRequest,
    Field(discriminator="kind"),
]


def _problems(request: BodyRequest) -> list[Problem]:
    try:
        request.body()
    except InputError as error:
        return list(error.problems)
    return []


def key_of(request: BaseModel, version: str) -> str:
    """The name of a request and of its answer: whoever asks the same of the same program is given the same."""
    whole = json.dumps([version, request.model_dump(mode="json")], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:24]
