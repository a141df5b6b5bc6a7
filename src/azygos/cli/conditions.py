"""The options that say what a body is put through, shared by the commands."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from azygos.cli.request import Problems

if TYPE_CHECKING:
    from azygos.body.body import Body
    from azygos.body.condition import Breathing, Strain

__all__ = ["ConditionOptions", "degrees"]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionOptions:
    """What the body is put through.

    Parameters
    ----------
    posture
        supine, upright, or degrees head up from 0 to 90.
    heart_rate
        Such as "90 1/min" or "90 bpm".
    blood_volume
        Such as "4.5 L".
    breathing
        Breaths, such as "15 1/min"; the result is then over one breath.
    valsalva
        A strain of 15 s that begins after 2 s, such as "40 mmHg"; the course begins at rest.
    cough
        A single cough after 2 s, such as "80 mmHg"; the course begins at rest.
    external_pressure
        What presses on a vessel from outside: all along, as a collar, "ijv_r: 20 mmHg"; or on a part of it, as a bone
        or a hand, "ijv_r: 20 mmHg at 0.1, 15 mm". May be given several times.
    lesion
        A narrowing such as "ijv_r: 80 % area at 0.5, 20 mm". May be given several times.
    variant
        A variant of the anatomy, such as left_dominant_sinus ('azygos body variants' lists them). May be given
        several times.
    sex
        female or male; of the reference body.
    height
        Such as "165 cm"; of the reference body.
    age
        Such as "45 years"; of the reference body.
    """

    posture: str | None = None
    heart_rate: str | None = None
    blood_volume: str | None = None
    breathing: str | None = None
    valsalva: str | None = None
    cough: str | None = None
    external_pressure: Annotated[list[str] | None, Parameter(negative=())] = None
    lesion: Annotated[list[str] | None, Parameter(negative=())] = None
    variant: Annotated[list[str] | None, Parameter(negative=())] = None
    sex: str | None = None
    height: str | None = None
    age: str | None = None

    @property
    def given(self) -> bool:
        """Whether anything is asked for."""
        return any(getattr(self, name) is not None for name in self.__slots__)

    def put(self, body: "Body", problems: Problems) -> "Body | None":
        """The body put through what is asked; None after its problems were noted."""
        made = problems.check(lambda: self._person(body, problems)) or body
        varied = problems.check(lambda: made.with_variants(*self.variant) if self.variant else made) or made
        lesioned = problems.check(lambda: varied.with_lesion(*(self.lesion or []), *self._on_parts)) or varied
        rate = problems.quantity(self.heart_rate, "rate", "--heart-rate")
        volume = problems.quantity(self.blood_volume, "volume", "--blood-volume")
        breathing, strain, pressures = self._breathing(problems), self._strain(problems), self._pressures(problems)
        return problems.check(
            lambda: lesioned.under(
                posture=degrees(self.posture) if self.posture is not None else None,
                heart_rate=rate,
                blood_volume=volume,
                breathing=breathing,
                strain=strain,
                external_pressure=pressures,
            )
        )

    def _person(self, body: "Body", problems: Problems) -> "Body":
        """The body of the person asked for."""
        from dataclasses import replace

        from azygos.body.person import Person

        tall = problems.quantity(self.height, "length", "--height")
        old = None if self.age is None else self._years(self.age, problems)
        if self.sex is None and self.height is None and self.age is None:
            return body
        return body.remade(replace(body.made_by, person=Person.of(self.sex, tall, old)))

    def _years(self, text: str, problems: Problems) -> float | None:
        from azygos.errors import Problem

        try:
            return float(text.removesuffix("years"))
        except ValueError:
            problems.found.append(Problem(f"'{text}' is no age", "--age", 'write it like "45 years"'))
            return None

    def _breathing(self, problems: Problems) -> "Breathing | None":
        from azygos.body.condition import Breathing

        rate = problems.quantity(self.breathing, "rate", "--breathing")
        return None if rate is None else Breathing(rate=rate)

    def _strain(self, problems: Problems) -> "Strain | None":
        from azygos.body.condition import cough, valsalva
        from azygos.errors import Problem

        if self.valsalva is not None and self.cough is not None:
            problems.found.append(Problem("both a Valsalva's manoeuvre and a cough", "--valsalva, --cough", "give one"))
        strain = problems.quantity(self.valsalva, "pressure", "--valsalva")
        if strain is not None:
            return valsalva(strain)
        burst = problems.quantity(self.cough, "pressure", "--cough")
        return None if burst is None else cough(burst)

    @property
    def _on_parts(self) -> list[str]:
        """Pressures on a part of a vessel, which is cut out of it as a lesion is."""
        return [text for text in self.external_pressure or () if ":" in text and ("," in text or " at " in text)]

    def _pressures(self, problems: Problems) -> dict[str, float] | None:
        from azygos import units
        from azygos.errors import Problem

        found: dict[str, float] = {}
        for text in self.external_pressure or ():
            if text in self._on_parts:
                continue
            name, colon, pressure = (part.strip() for part in text.partition(":"))
            where = f"--external-pressure '{text}'"
            try:
                value = units.parse(pressure, "pressure")
            except units.UnitProblem as problem:
                what = problem.what if colon else "no ':' between the vessel and the pressure"
                problems.found.append(Problem(what, where, 'write it like "ijv_r: 20 mmHg"'))
                continue
            if name in found:
                problems.found.append(Problem(f"a second pressure on '{name}'", where, "give one, their sum"))
            found[name] = value
        return found or None


def degrees(posture: str) -> str | float:
    """A posture's angle where it is given in degrees, else its name."""
    try:
        return float(posture.removesuffix("degrees").removesuffix("deg"))
    except ValueError:
        return posture
