"""What a browser may ask for. Requests are read as strictly as files: no unknown key, all bounded."""

import hashlib
import json
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from azygos.body.body import Body
from azygos.errors import InputError, Problem, close_matches
from azygos.instruments.registry import INSTRUMENTS
from azygos.therapy.catalogue import stock
from azygos.units import cm

__all__ = ["BodyRequest", "LookRequest", "PosturesRequest", "SimulateRequest", "TreatRequest", "WorkRequest", "key_of"]

Text: TypeAlias = Annotated[str, Field(max_length=200)]
Name: TypeAlias = Annotated[str, Field(max_length=60)]
Posture: TypeAlias = Annotated[float, Field(ge=0.0, le=90.0, allow_inf_nan=False)]
Seed: TypeAlias = Annotated[int, Field(ge=0, le=2**31 - 1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class BodyRequest(_Strict):
    """A person: the reference adult, or one of another sex, height and age, with variants and lesions, in a posture."""

    sex: Literal["female", "male"] | None = None
    height_cm: Annotated[float, Field(ge=50.0, le=250.0)] | None = None
    age: Annotated[float, Field(ge=0.0, le=120.0)] | None = None
    variants: Annotated[tuple[Name, ...], Field(max_length=8, strict=False)] = ()
    lesions: Annotated[tuple[Text, ...], Field(max_length=12, strict=False)] = ()
    posture: Posture = 0.0

    def body(self) -> Body:
        """The body asked for. Raises InputError with all that is wrong with it."""
        problems: list[Problem] = []
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


class TreatRequest(_Strict):
    """A procedure done to a body, and the months after it."""

    kind: Literal["treat"]
    body: BodyRequest = BodyRequest()
    balloon: Name | None = None  # of the catalogue; none: sized on the venogram
    stent: Name | None = None  # of the catalogue, or `none`; left out: sized on the venogram
    pressure_atm: Annotated[float, Field(gt=0.0, le=30.0)] = 8.0
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
        return found


class LookRequest(_Strict):
    """An examination of a body with instruments."""

    kind: Literal["look"]
    body: BodyRequest = BodyRequest()
    instruments: Annotated[tuple[Name, ...], Field(min_length=1, max_length=5, strict=False)] = ("ultrasound",)
    exact: bool = False
    seed: Seed = 1

    def problems(self) -> list[Problem]:
        unknown = [name for name in self.instruments if name not in INSTRUMENTS]
        remedies = [close_matches(name, INSTRUMENTS) for name in unknown]
        found = [Problem(f"no instrument '{n}'", "instruments", r) for n, r in zip(unknown, remedies, strict=True)]
        return _problems(self.body) + found


WorkRequest: TypeAlias = Annotated[
    SimulateRequest | PosturesRequest | TreatRequest | LookRequest, Field(discriminator="kind")
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
