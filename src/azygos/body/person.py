"""Who the body is: sex, height and age, and how vessels, blood and walls follow from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from azygos.errors import InputError, Problem
from azygos.units import cm, litre

__all__ = ["REFERENCE", "Person", "Sex", "not_numbers"]

Sex: TypeAlias = Literal["female", "male"]

HEIGHTS = (1.40, 2.10)  # [m]; beyond them the tables are no guide. assumed
AGES = (18.0, 90.0)  # [years], adults. assumed
USUAL_HEIGHT = {"female": 163 * cm, "male": 175 * cm}  # of adults. assumed
MASS_INDEX = 23.0  # [kg/m2], the middle of the normal range 18.5 to 25 of the WHO

# Carotid-femoral pulse wave velocity rises by 6 to 8 % a decade: Diaz et al. 2014, Int J Hypertens 653239.
PULSE_WAVE_GAIN = 1.07

# Blood volume [L] = a height^3 [m] + b mass [kg] + c: Nadler et al. 1962, Surgery 51:224, as commonly quoted.
NADLER = {"male": (0.3669, 0.03219, 0.6041), "female": (0.3561, 0.03308, 0.1833)}


def not_numbers(values: Mapping[str, object], example: str) -> list[Problem]:
    """A problem for every value that is no number; texts with units are for files and the command line."""
    return [
        Problem(f"expected a number in SI units, got {value!r}", name, example)
        for name, value in values.items()
        if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating))
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The ratios are to the reference adult, whom the tables describe. What lies in the skull stays: assumed."""

    sex: str = "male"  # or female
    height: float = USUAL_HEIGHT["male"]  # [m]
    age: float = 30.0  # [years]; the tables' arteries are those of a young adult. assumed

    def __post_init__(self) -> None:
        problems = []
        if self.sex not in USUAL_HEIGHT:
            problems.append(Problem(f"no sex '{self.sex}'", "sex", "female or male"))
        problems += not_numbers({"height": self.height, "age": self.age}, "in Python 175 * cm, and years as 40")
        wrong = {problem.where for problem in problems}
        if "height" not in wrong and not HEIGHTS[0] <= self.height <= HEIGHTS[1]:
            given = f"a height of {self.height / cm:g} cm"
            problems.append(
                Problem(given, "height", f"{HEIGHTS[0] / cm:g} to {HEIGHTS[1] / cm:g} cm; is its unit right?")
            )
        if "age" not in wrong and not AGES[0] <= self.age <= AGES[1]:
            problems.append(Problem(f"an age of {self.age:g} years", "age", f"{AGES[0]:g} to {AGES[1]:g} years"))
        if problems:
            raise InputError(problems)

    @classmethod
    def of(cls, sex: str | None = None, height: float | None = None, age: float | None = None) -> "Person":
        """A person of whom some is known; sex is else male, height usual for the sex, age 30 years."""
        sex = sex or "male"
        usual = USUAL_HEIGHT.get(str(sex), USUAL_HEIGHT["male"])
        return cls(sex=sex, height=usual if height is None else height, age=30.0 if age is None else age)

    @property
    def mass(self) -> float:
        """[kg], from the height and MASS_INDEX."""
        return MASS_INDEX * self.height**2

    @property
    def blood_volume(self) -> float:
        """[m3], Nadler et al. 1962."""
        a, b, c = NADLER[self.sex]
        return (a * self.height**3 + b * self.mass + c) * litre

    @property
    def length_ratio(self) -> float:
        return self.height / USUAL_HEIGHT["male"]

    @property
    def flow_ratio(self) -> float:
        """Of the flow the tissues need, and of areas, so that velocities stay: body surface, sqrt(height mass)."""
        reference = REFERENCE.height * REFERENCE.mass
        return float((self.height * self.mass / reference) ** 0.5)

    @property
    def volume_ratio(self) -> float:
        """Of compliances and unstressed volumes, so that pressures stay: blood volume."""
        return self.blood_volume / REFERENCE.blood_volume

    @property
    def stiffness_ratio(self) -> float:
        """Of the arteries' elastic moduli, as the square of the pulse wave velocity."""
        return float(PULSE_WAVE_GAIN ** (2.0 * (self.age - REFERENCE.age) / 10.0))


REFERENCE = Person()
