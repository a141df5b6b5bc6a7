"""Validation cases: what a publication says a healthy body does, as bands that were written down before any run.

    format: azygos-case/1
    publication:
      citation: Malm et al. 2011, ..., Neurology 76:903.
      doi: 10.1212/WNL.0b013e31820f2dd0                       # may be left out
    group: skull and its fluid                                # under which the targets are shown
    settings: {posture: supine}                               # may be left out; posture: supine, upright or "30 deg"
    targets:
      outflow resistance of the fluid:                        # every target's name is its own, over all cases
        measure: (icp() - pressure(sss_posterior, 0)) / flow(csf_absorption)
        unit: mmHg min/mL
        band: [4.3, 17.4]                                     # in the unit
        basis: median 8.6, 90th percentile 17.4; ...          # how the band follows from the publication
        settings: {posture: upright}                          # instead of the file's; may be left out, as may these:
        group: ...                                            # instead of the file's
        reduction: ...                                        # what makes comparable what is not so directly
        fitted: ...                                           # what of the body was chosen with it in view
        miss: ...                                             # why the reference body is known to lie outside

`engine.measure` says what a measure may be. The setting `venous_rise` (a pressure) gives the body as much more blood as
lifts the mean pressure of its right atrium by so much.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from azygos import units
from azygos.body.body import POSTURES
from azygos.engine.measure import Measure
from azygos.engine.outcome import Outcome
from azygos.errors import InputError, Problem, close_matches
from azygos.exchange.document import Document, Key, read_document, read_text, validated

__all__ = ["FORMAT", "Case", "Result", "Settings", "Target", "read_case", "read_cases", "tally"]

FORMAT = "azygos-case/1"
_IS_CASE = re.compile(r"^format:\s*['\"]?azygos-case/", flags=re.MULTILINE)
_DEGREES = re.compile(r"(\d+\.?\d*)\s*deg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the reference body is put to be measured."""

    posture: float = 0.0  # head up [degrees]
    venous_rise: float = 0.0  # of the mean right atrial pressure, by more blood [Pa]

    def __str__(self) -> str:
        name = next((name for name, angle in POSTURES.items() if angle == self.posture), f"{self.posture:g} degrees up")
        return name if not self.venous_rise else f"{name}, right atrium {self.venous_rise / units.mmHg:+.1f} mmHg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One number of a publication and the band in which a healthy body's lies."""

    name: str
    measure: Measure
    unit: str
    band: tuple[float, float]  # in the unit
    basis: str  # how the band follows from the publication
    settings: Settings
    reduction: str = ""
    fitted: str = ""  # what of the body was chosen with this target in view; empty for a prediction
    miss: str = ""
    group: str
    where: str  # file:line


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The targets of one publication."""

    name: str  # of its directory: the publication's, short
    citation: str
    doi: str = ""
    targets: tuple[Target, ...]

    @property
    def source(self) -> str:
        """The citation, with its DOI where there is one."""
        return f"{self.citation}, doi {self.doi}" if self.doi else self.citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a body gave for a target."""

    case: Case
    target: Target
    value: float  # in the target's unit; not a number where the solve gave no answer
    outcome: Outcome

    @property
    def in_band(self) -> bool:
        low, high = self.target.band
        return low <= self.value <= high

    def as_dict(self) -> dict[str, Any]:
        """Plain data for `json.dumps`."""
        target = self.target
        return {
            "target": target.name,
            "source": self.case.source,
            "unit": target.unit,
            "band": list(target.band),
            "value": self.value if math.isfinite(self.value) else None,
            "in_band": self.in_band,
            "publication": self.case.name,
            "basis": target.basis,
            "measure": target.measure.text,
            "settings": str(target.settings),
            "reduction": target.reduction,
            "fitted": target.fitted,
            "note": target.miss,
        }


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Text = Annotated[str, Field(min_length=1)]


class _PublicationForm(_Form):
    citation: Text
    doi: str = ""


class _SettingsForm(_Form):
    posture: Text = "supine"
    venous_rise: Text = "0 mmHg"


class _TargetForm(_Form):
    measure: Text
    unit: Text
    band: Annotated[list[FiniteFloat], Field(min_length=2, max_length=2)]
    basis: Text
    group: str = ""
    settings: dict[str, Any] | None = None
    reduction: str = ""
    fitted: str = ""
    miss: str = ""


class _CaseForm(_Form):
    format: Literal["azygos-case/1"]
    publication: dict[str, Any]
    group: Text
    settings: dict[str, Any] = {}
    targets: Annotated[dict[str, Any], Field(min_length=1)]


def tally(results: Sequence[Result]) -> str:
    """How many of the targets lie inside their bands, predictions apart from what was fitted."""
    predicted = [result for result in results if not result.target.fitted]
    inside = sum(result.in_band for result in predicted)
    fitted = len(results) - len(predicted)
    if not fitted:
        return f"{inside} of {len(results)}"
    kept = sum(result.in_band for result in results) - inside
    return f"{inside} of {len(predicted)} predicted and {kept} of {fitted} fitted"


def read_cases(directory: str | Path) -> tuple[Case, ...]:
    """Every case in a directory and those below it; files of other formats are passed over.

    Raises InputError with all problems of all files, each with its line.
    """
    directory = Path(directory)
    if not directory.is_dir():
        raise InputError(Problem(f"there is no directory '{directory}'", remedy="name one that holds cases"))
    cases: list[Case] = []
    problems: list[Problem] = []
    for path in sorted(directory.rglob("*.yaml")):
        try:
            if _IS_CASE.search(read_text(path)):
                cases.append(read_case(path))
        except InputError as error:
            problems += error.problems
    problems += _given_twice(target for case in cases for target in case.targets)
    if not cases and not problems:
        problems.append(Problem(f"there is no case in '{directory}'", remedy=f"a case begins 'format: {FORMAT}'"))
    if problems:
        raise InputError(problems)
    return tuple(cases)


def _given_twice(targets: Iterable[Target]) -> list[Problem]:
    first: dict[str, Target] = {}
    found = []
    for target in targets:
        if first.setdefault(target.name, target) is not target:
            what = f"the target '{target.name}' is given twice, first at {first[target.name].where}"
            found.append(Problem(what, target.where, "give it a name of its own"))
    return found


def read_case(path: str | Path) -> Case:
    """The case of a file. Raises InputError with all problems of the file, each with its line."""
    return _Reader(read_document(Path(path))).case()


class _Reader:
    """Gathers the parts of a case and everything that is wrong with them."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems = list(document.problems)

    def case(self) -> Case:
        data = self.document.data if isinstance(self.document.data, dict) else {}
        form = validated(_CaseForm, self.document, (), data, "case", self.problems)
        case = None if form is None else self._case(form)
        if self.problems or case is None:
            raise InputError(self.document.in_order(self.problems))
        return case

    def _case(self, form: _CaseForm) -> Case | None:
        path: tuple[Key, ...] = ("publication",)
        publication = validated(_PublicationForm, self.document, path, form.publication, "publication", self.problems)
        settings = self._settings(("settings",), form.settings)
        targets = [self._target(name, data, form.group, settings) for name, data in form.targets.items()]
        if publication is None:
            return None
        found = tuple(target for target in targets if target is not None)
        name = Path(self.document.file).parent.name
        return Case(name=name, citation=publication.citation, doi=publication.doi, targets=found)

    def _settings(self, path: tuple[Key, ...], data: dict[str, Any]) -> Settings:
        form = validated(_SettingsForm, self.document, path, data, "settings", self.problems)
        if form is None:
            return Settings()
        return Settings(
            posture=self._posture((*path, "posture"), form.posture),
            venous_rise=self._pressure((*path, "venous_rise"), form.venous_rise),
        )

    def _posture(self, path: tuple[Key, ...], text: str) -> float:
        if text in POSTURES:
            return POSTURES[text]
        given = _DEGREES.fullmatch(text.strip())
        if given and float(given.group(1)) <= 90.0:
            return float(given.group(1))
        self._wrong(path, f"no posture '{text}'", f"give {', '.join(POSTURES)} or 0 to 90 degrees, such as '30 deg'")
        return 0.0

    def _pressure(self, path: tuple[Key, ...], text: str) -> float:
        try:
            return units.parse(text, "pressure")
        except units.UnitProblem as problem:
            self._wrong(path, problem.what, problem.remedy)
            return 0.0

    def _target(self, name: str, data: Any, group: str, settings: Settings) -> Target | None:
        path: tuple[Key, ...] = ("targets", name)
        if not isinstance(data, dict):
            self._wrong(path, f"the target '{name}' is not a mapping", "give it measure, unit, band and basis")
            return None
        form = validated(_TargetForm, self.document, path, data, f"target '{name}'", self.problems)
        if form is None:
            return None
        if form.settings is not None:
            settings = self._settings((*path, "settings"), form.settings)
        low, high = form.band
        if not low < high:
            self._wrong((*path, "band"), f"a band from {low:g} to {high:g}", "give the lower bound first")
        measure = self._measure(path, form.measure, form.unit)
        if measure is None:
            return None
        return Target(
            name=name,
            measure=measure,
            unit=form.unit,
            band=(low, high),
            basis=form.basis,
            settings=settings,
            reduction=form.reduction,
            fitted=form.fitted,
            miss=form.miss,
            group=form.group or group,
            where=self.document.where(*path, "measure"),
        )

    def _measure(self, path: tuple[Key, ...], text: str, unit: str) -> Measure | None:
        try:
            measure = Measure.parse(text)
            measure.one(unit)
        except InputError as error:
            for problem in error.problems:
                self._wrong((*path, "measure"), f"{problem.where}: {problem.what}", problem.remedy)
            return None
        except units.UnitProblem as problem:
            what = f"the measure is a {measure.dimension}; {problem.what}"
            self._wrong((*path, "unit"), what, close_matches(unit, ("mL/min", "mmHg", "mm2", "m/s", "L", "%", "1")))
            return None
        return measure

    def _wrong(self, path: tuple[Key, ...], what: str, remedy: str) -> None:
        self.problems.append(Problem(what, self.document.where(*path), remedy))
