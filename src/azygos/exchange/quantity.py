"""Quantities in an azygos network file: a number with its unit, read by pydantic into SI."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from azygos import units
from azygos.exchange.document import shown, wrong

__all__ = [
    "Acceleration",
    "Compliance",
    "Count",
    "Density",
    "Elastance",
    "Flow",
    "Inertance",
    "Length",
    "Lengths",
    "Name",
    "Number",
    "Pressure",
    "Quadratic",
    "Resistance",
    "Speeds",
    "Time",
    "ValveRate",
    "Viscosity",
    "Volume",
    "WallViscosity",
    "Years",
    "parsed",
]


def parsed(value: object, dimension: str) -> float:
    """The SI value of a quantity; raises what pydantic collects, with the words of `units.parse`."""
    if value is None or isinstance(value, (dict, list)) or len(str(value)) > 50:
        example = "give one number with its unit" if dimension != "number" else "give one number"
        raise wrong(f"expected a {dimension}, got {shown(value)}", example)
    try:
        return units.parse(value, dimension)
    except units.UnitProblem as problem:
        raise wrong(problem.what, problem.remedy) from None
    except (OverflowError, ValueError):
        raise wrong(f"'{value}' is too large for a number", "give a smaller number or unit") from None


def _quantity(dimension: str) -> BeforeValidator:
    return BeforeValidator(lambda value: parsed(value, dimension))


def _years(value: object) -> float:
    found = re.fullmatch(r"\s*(\d+\.?\d*)\s*years?\s*", value if isinstance(value, str) else "")
    if found is None:
        raise wrong(f"expected an age, got {shown(value)}", "write it like '45 years'")
    return float(found[1])


def _count(value: object) -> int:
    number = parsed(value, "number")
    if not number.is_integer():
        raise wrong(f"'{value}' is not a whole number", "give 1, 2, 3, ...")
    return int(number)


def _pair(dimension: str) -> BeforeValidator:
    def read(value: object) -> tuple[float, float]:
        if not isinstance(value, list):
            return (parsed(value, dimension),) * 2
        if len(value) != 2:
            raise wrong(f"a list of {len(value)}", "give one for the whole vessel or two for its ends")
        return parsed(value[0], dimension), parsed(value[1], dimension)

    return BeforeValidator(read)


Number = Annotated[float, _quantity("number")]
Length = Annotated[float, _quantity("length")]
Lengths = Annotated[tuple[float, float], _pair("length")]
Volume = Annotated[float, _quantity("volume")]
Time = Annotated[float, _quantity("time")]
Speeds = Annotated[tuple[float, float], _pair("speed")]
Pressure = Annotated[float, _quantity("pressure")]
Density = Annotated[float, _quantity("density")]
Viscosity = Annotated[float, _quantity("viscosity")]
WallViscosity = Annotated[float, _quantity("wall viscosity")]
Acceleration = Annotated[float, _quantity("acceleration")]
Resistance = Annotated[float, _quantity("resistance")]
Inertance = Annotated[float, _quantity("inertance")]
Quadratic = Annotated[float, _quantity("quadratic resistance")]
Compliance = Annotated[float, _quantity("compliance")]
Elastance = Annotated[float, _quantity("elastance")]
ValveRate = Annotated[float, _quantity("valve rate")]
Flow = Annotated[float, _quantity("flow")]
Years = Annotated[float, BeforeValidator(_years)]
Count = Annotated[int, BeforeValidator(_count)]
Name = Annotated[str, Field(min_length=1)]
