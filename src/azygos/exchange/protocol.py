"""Protocols and devices as files that a clinician can read and edit.

    format: azygos-protocol/1
    name: balloon, and a stent where it is not enough
    vessels: [ijv_r, ijv_l, azygos]                # looked at; left out: those that the patient was sent for
    steps:
      - access: right femoral vein                 # or bare: the usual one for what is looked at
      - venogram: {planes: 2, ivus: yes}           # frontal and lateral, and ultrasound from within; or bare
      - inflate:                                   # all may be left out
          oversize: 1.1                            # times the vein, or  balloon: plain_14x40
          pressure: 8 atm
          time: 60 s
          repeats: 2
          when: narrowing > 50 % or gradient > 2 mmHg     # of diameter
      - venogram
      - stent:
          oversize: 1.5 mm                         # over the vein, or  stent: venous_cut_14x60
          when: residual > 50 % or gradient > 2 mmHg
      - final venogram

and devices of one's own beside those in stock:

    format: azygos-devices/1
    balloons:
      our_14: {diameter: 14 mm, length: 40 mm, nominal: 6 atm, rated: 12 atm, growth: 1.5 %}       # per atm
    stents:
      our_16: {design: cut, diameter: 16 mm, length: 60 mm, outward: 40 kPa, resistive: 40 kPa, foreshortening: 3 %,
               sites: [vein]}
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from azygos import units
from azygos.errors import InputError, Problem, close_matches
from azygos.exchange.document import Document, Key, read_document, shown, validated
from azygos.exchange.quantity import Count, Length, Name, Number, Pressure, Time
from azygos.therapy.catalogue import BalloonModel, Catalogue, StentModel, atm
from azygos.therapy.protocol import (
    ACCESSES,
    Access,
    Inflate,
    PlaceStent,
    Protocol,
    Step,
    Venogram,
    order_problems,
    step_problems,
)

__all__ = ["read_devices", "read_protocol"]

Model = TypeVar("Model", bound=BaseModel)

STEPS = ("access", "venogram", "inflate", "stent", "final venogram")
# A device of which nothing is wrong whatever else it has, for the parts of one that cannot be read.
_SOUND = MappingProxyType({
    "diameter": "10 mm", "length": "40 mm", "nominal": "1e-9 atm", "rated": "1e9 atm", "outward": "40 kPa",
    "resistive": "40 kPa",
})  # fmt: skip
_WHEN = re.compile(r"(narrowing|residual|gradient)\s*>\s*(\S.*)")


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _ProtocolForm(_Form):
    format: Literal["azygos-protocol/1"]
    name: Name
    vessels: tuple[Name, ...] = ()
    steps: list[Any]


class _VenogramForm(_Form):
    planes: Count = 1
    ivus: bool = False


class _InflateForm(_Form):
    balloon: Name | None = None
    oversize: Number | None = None
    pressure: Pressure = Inflate().pressure
    time: Time = Inflate().seconds
    repeats: Count = 1
    when: Name = "narrowing > 50 % or gradient > 2 mmHg"


class _StentForm(_Form):
    stent: Name | None = None
    oversize: Length | None = None
    when: Name = "residual > 50 % or gradient > 2 mmHg"


class _DevicesForm(_Form):
    format: Literal["azygos-devices/1"]
    balloons: dict[str, Any] = {}
    stents: dict[str, Any] = {}


class _BalloonForm(_Form):
    diameter: Length
    length: Length
    nominal: Pressure
    rated: Pressure
    growth: Number = 0.0


class _StentModelForm(_Form):
    design: Name = "cut"
    diameter: Length
    length: Length
    outward: Pressure
    resistive: Pressure
    foreshortening: Number = 0.0
    sites: tuple[Name, ...] = ("vein",)


def read_protocol(path: str | Path, catalogue: Catalogue) -> Protocol:
    """The protocol of a file. Raises InputError with all problems of the file, each with its line."""
    return _Reader(read_document(Path(path))).protocol(catalogue)


def read_devices(paths: Iterable[str | Path], catalogue: Catalogue) -> Catalogue:
    """A catalogue with the devices of files beside its own. Raises InputError with all problems of all files."""
    problems: list[Problem] = []
    given: dict[str, str] = dict.fromkeys((*catalogue.balloons, *catalogue.stents), "in stock")
    for path in paths:
        try:
            catalogue = catalogue.with_devices(_Reader(read_document(Path(path))).devices(given))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return catalogue


class _Reader:
    """Gathers the parts of a file and everything that is wrong with them.

    What is wrong in one place takes its usual value, so that the rest is judged too.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems = list(document.problems)
        self.data: dict[str, Any] = document.data if isinstance(document.data, dict) else {}

    def protocol(self, catalogue: Catalogue) -> Protocol:
        usual = {"format": "azygos-protocol/1", "name": "protocol", "steps": []}
        form = validated(_ProtocolForm, self.document, (), self.data, "protocol", self.problems, usual)
        if form is None:
            raise InputError(self.document.in_order(self.problems))
        places = tuple(self.document.where("steps", i) for i in range(len(form.steps)))
        read = [self._step(("steps", i), step) for i, step in enumerate(form.steps)]
        steps = tuple(step for step in read if step is not None)
        for step, place in zip(read, places, strict=True):
            self.problems += step_problems(step, catalogue, place) if step is not None else ()
        if len(steps) == len(read) > 0:  # a step that might be any other would be missed by the rules of order
            self.problems += order_problems(steps, places)
        if isinstance(self.data.get("steps"), list) and not read:
            self._wrong(("steps",), "there is no step", "begin with '- access'")
        self._settle()
        return Protocol(name=form.name, steps=steps, vessels=form.vessels)

    def devices(self, given: dict[str, str]) -> list[BalloonModel | StentModel]:
        """Those of the file; `given` are the names that are taken and by what, to which these are added."""
        usual = {"format": "azygos-devices/1"}
        form = validated(_DevicesForm, self.document, (), self.data, "devices", self.problems, usual)
        found: list[BalloonModel | StentModel] = []
        for name, data in (form.balloons if form else {}).items():
            balloon = self._part(_BalloonForm, ("balloons", name), data, f"balloon '{name}'", _SOUND)
            if balloon is not None:
                sizes = balloon.model_dump(exclude={"growth"})
                found.append(BalloonModel(name=name, growth=balloon.growth / atm, **sizes))
        for name, data in (form.stents if form else {}).items():
            stent = self._part(_StentModelForm, ("stents", name), data, f"stent '{name}'", _SOUND)
            if stent is not None:
                found.append(StentModel(name=name, **stent.model_dump()))
        for device in found:
            self._judge(device, given)
        if form is not None and not found and not self.problems:
            self._wrong((), "there is no device in it", "give it 'balloons' or 'stents'")
        self._settle()
        return found

    def _judge(self, device: BalloonModel | StentModel, given: dict[str, str]) -> None:
        group = "balloons" if isinstance(device, BalloonModel) else "stents"
        place = self.document.where(group, device.name)
        if device.name in given:
            self.problems.append(Problem(f"'{device.name}' is {given[device.name]} already", place, "rename one"))
        given.setdefault(device.name, f"given at {place}")
        self.problems += device.problems(f"{place}: '{device.name}'")

    def _settle(self) -> None:
        if self.problems:
            raise InputError(self.document.in_order(self.problems))

    def _part(
        self,
        model: type[Model],
        path: tuple[Key, ...],
        data: Any,
        block: str,
        usual: Mapping[str, str] = MappingProxyType({}),
    ) -> Model | None:
        if not isinstance(data, dict):
            self._wrong(path, f"{block} is not a mapping", f"give it {', '.join(model.model_fields)}")
            data, problems = {}, []
        else:
            problems = self.problems
        return validated(model, self.document, path, data, block, problems, usual)

    def _step(self, path: tuple[Key, ...], data: Any) -> Step | None:
        word, given = next(iter(data.items())) if isinstance(data, dict) and len(data) == 1 else (data, None)
        if isinstance(word, str) and word not in STEPS:
            self._wrong(path, f"{shown(word)} is no step", close_matches(word, STEPS))
            word = next(iter(difflib.get_close_matches(word, STEPS)), None)  # what was meant, for the rules of order
        elif not isinstance(word, str):
            self._wrong(path, f"{shown(word)} is no step", f"a step is one of {', '.join(STEPS)}")
        path = (*path, str(word))
        match word:
            case "access":
                return self._access(path, given)
            case "venogram" | "final venogram":
                form = self._part(_VenogramForm, path, given or {}, word)
                seen = form or _VenogramForm()
                return Venogram(final=word != "venogram", planes=seen.planes, ivus=seen.ivus)
            case "inflate":
                return self._inflate(path, given or {})
            case "stent":
                return self._stent(path, given or {})
        return None

    def _access(self, path: tuple[Key, ...], data: Any) -> Step:
        if isinstance(data, (dict, list)):
            self._wrong(path, f"an access is {shown(data)}", f"write 'access: {ACCESSES[0]}'")
            data = None
        return Access(site=data)

    def _inflate(self, path: tuple[Key, ...], data: Any) -> Step:
        form = self._part(_InflateForm, path, data, "inflate") or _InflateForm()
        if form.balloon is not None and form.oversize is not None:
            self._wrong((*path, "oversize"), "both a balloon and an oversize", "give one")
        rules = self._when((*path, "when"), form.when, ("narrowing", "gradient"))
        return Inflate(
            balloon=form.balloon,
            oversize=Inflate().oversize if form.oversize is None else form.oversize,
            pressure=form.pressure,
            seconds=form.time,
            repeats=form.repeats,
            narrowing=rules.get("narrowing"),
            gradient=rules.get("gradient"),
        )

    def _stent(self, path: tuple[Key, ...], data: Any) -> Step:
        form = self._part(_StentForm, path, data, "stent") or _StentForm()
        if form.stent is not None and form.oversize is not None:
            self._wrong((*path, "oversize"), "both a stent and an oversize", "give one")
        rules = self._when((*path, "when"), form.when, ("residual", "gradient"))
        return PlaceStent(
            stent=form.stent,
            oversize=PlaceStent().oversize if form.oversize is None else form.oversize,
            narrowing=rules.get("residual"),
            gradient=rules.get("gradient"),
        )

    def _when(self, path: tuple[Key, ...], text: str, known: tuple[str, ...]) -> dict[str, float]:
        """The limits of a rule such as `residual > 50 % or gradient > 2 mmHg`, by what they limit.

        Of a rule that cannot be read those that are usual.
        """
        found: dict[str, float] = {}
        before = len(self.problems)
        example = " or ".join({"gradient": "gradient > 2 mmHg"}.get(word, f"{word} > 50 %") for word in known)
        for part in text.split(" or "):
            rule = _WHEN.fullmatch(part.strip())
            if rule is None or rule[1] not in known:
                self._wrong(path, f"'{part.strip()}' is no rule", f"write '{example}'")
                continue
            try:
                found[rule[1]] = units.parse(rule[2], "pressure" if rule[1] == "gradient" else "number")
            except units.UnitProblem as problem:
                self._wrong(path, problem.what, f"write '{example}'")
        return found if len(self.problems) == before else {known[0]: 0.5}

    def _wrong(self, path: tuple[Key, ...], what: str, remedy: str) -> None:
        self.problems.append(Problem(what, self.document.where(*path), remedy))
