"""What may stand in a cohort's file, part by part; `cohort` describes the format."""

from collections.abc import Mapping
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from azygos.engine.solve import Numerics
from azygos.exchange.document import shown, wrong
from azygos.exchange.nested import Form
from azygos.exchange.quantity import Count, Length, Name, Number, Pressure, Time, Years, parsed
from azygos.population.distribution import Distribution, Fixed, Lognormal, Normal, Uniform

__all__ = ["PARTS", "CohortForm", "FactorForm", "KindForm", "LesionForm", "PersonsForm", "bare", "share"]

COARSE = Numerics.cohort()
Q = TypeVar("Q")


def _seed(value: object) -> int:
    text = str(value)
    if not (text.isascii() and text.isdecimal()):
        raise wrong(f"{shown(value)} is no whole number from 0 up", "write it like 7")
    return int(text)


def share(value: object) -> float:
    found = parsed(value, "number")
    if not 0.0 <= found <= 1.0:
        raise wrong(f"'{value}' is no share", "give one from 0 to 100 %")
    return found


def bare(value: object) -> object:
    return value if isinstance(value, dict) else {"value": value, "source": "assumed"}


Share = Annotated[float, BeforeValidator(share)]
Seed = Annotated[int, BeforeValidator(_seed)]


class Spread(Form, Generic[Q]):
    """A distribution of a quantity."""

    value: Q | None = None
    mean: Q | None = None
    sd: Q | None = None
    low: Q | None = None
    high: Q | None = None
    law: Literal["uniform", "lognormal"] | None = None
    source: Name

    @model_validator(mode="after")
    def _makes_sense(self) -> "Spread[Q]":
        given = {name for name in ("value", "mean", "sd", "low", "high") if getattr(self, name) is not None}
        if given not in ({"value"}, {"low", "high"}) and not {"mean", "sd"} <= given <= {"mean", "sd", "low", "high"}:
            raise wrong(
                f"{', '.join(sorted(given)) or 'nothing'} is given", "give mean and sd, low and high, or a value"
            )
        if self.law and given != {"low", "high"}:
            raise wrong(f"a law '{self.law}' and no low and high alone", "leave the law out")
        if {"low", "high"} <= given and not self.low < self.high:  # type: ignore[operator]  # given, so no None
            raise wrong("low is not below high", "exchange them")
        if self.law == "lognormal" and not self.low > 0:  # type: ignore[operator]  # given, so no None
            raise wrong("a lognormal law from 0 or below", "give a low above zero")
        if "sd" in given and not self.sd > 0:  # type: ignore[operator]  # given, so no None
            raise wrong("an sd that is not above zero", "give a positive one, or a value alone")
        return self

    @property
    def distribution(self) -> Distribution:
        given: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("value", "mean", "sd", "low", "high")
            if getattr(self, name) is not None
        }
        law: type[Distribution] = Fixed if "value" in given else Normal if "mean" in given else Uniform
        return (Lognormal if self.law == "lognormal" else law)(source=self.source, **given)  # type: ignore[call-arg]  # each law takes what was given


LengthSpread = Annotated[Spread[Length], BeforeValidator(bare)]
YearsSpread = Annotated[Spread[Years], BeforeValidator(bare)]
ShareSpread = Annotated[Spread[Share], BeforeValidator(bare)]
PressureSpread = Annotated[Spread[Pressure], BeforeValidator(bare)]


class FemaleForm(Form):
    share: Share
    source: Name


class HeightForm(Form):
    female: LengthSpread
    male: LengthSpread


class PersonsForm(Form):
    female: FemaleForm
    height: HeightForm
    age: YearsSpread


class KindForm(Form):
    share: Share
    length: LengthSpread
    area: ShareSpread | None = None
    pressure: PressureSpread | None = None


class LesionForm(Form):
    site: Name
    prevalence: Share
    source: Name
    kinds: dict[str, KindForm]


class NumericsForm(Form):
    cells: Count = COARSE.mesh.least_cells
    cell_length: Length = COARSE.mesh.cell_length
    time_step: Time = COARSE.time_step
    tolerance: Number = COARSE.tolerance
    most_beats: Count = COARSE.most_beats


class CohortForm(Form):
    format: Literal["azygos-cohort/1"]
    name: Name
    title: str = ""
    sources: tuple[Name, ...] = ()
    seed: Seed = 1
    persons: PersonsForm
    variants: tuple[dict[str, Any], ...] = ()
    parameters: dict[str, Any] = Field(default_factory=dict)
    lesions: tuple[LesionForm, ...] = ()
    eligible: tuple[Name, ...] = ()
    protocol: Name = "angioplasty"
    devices: tuple[Name, ...] = ()
    sham: bool = False
    anticoagulation: bool = True
    looks: tuple[Name, ...] = ("manometry", "venography")
    visits: tuple[Name, ...] = ("before", "after")
    numerics: NumericsForm = NumericsForm()


PARTS: Mapping[str, tuple[str, type[BaseModel]]] = {
    "persons": ("persons", PersonsForm),
    "lesions": ("lesion {}", LesionForm),
    "numerics": ("numerics", NumericsForm),
}


class FactorForm(Spread[Number]):
    """A factor on a parameter."""
