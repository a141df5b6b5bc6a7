"""What a browser may ask of studies: to show one, to conduct one, to judge it, to analyse data, to audit a text."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from azygos.errors import InputError, Problem, close_matches
from azygos.study.design import DesignKind
from azygos.trial.study import LAYERS, packaged_names

__all__ = [
    "AnalyseRequest",
    "AuditRequest",
    "Changes",
    "DesignRequest",
    "EnrolRequest",
    "File",
    "StudyRequest",
    "TrialRequest",
]

MOST_PEOPLE = 5000  # of a study that is simulated while somebody waits
MOST_REPEATS = 2000

Name: TypeAlias = Annotated[str, Field(max_length=100)]
Content: TypeAlias = Annotated[str, Field(max_length=2 * 2**20)]  # the guard bounds the whole request
Seed: TypeAlias = Annotated[int, Field(ge=0, le=2**31 - 1)]
Layers: TypeAlias = Annotated[tuple[Name, ...], Field(max_length=len(LAYERS), strict=False)]
Who: TypeAlias = Literal["participants", "assessors", "analysts"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class File(_Strict):
    """A file of the user's: its text, and what he calls it, which is for messages only and never a path."""

    name: Name
    text: Content


class Changes(_Strict):
    """What is to be otherwise in the design of a study; what is left out stays."""

    kind: DesignKind | None = None
    n: Annotated[int, Field(ge=4, le=MOST_PEOPLE)] | None = None
    allocation: Literal["simple", "blocks", "minimisation"] | None = None
    blinding: Annotated[tuple[Who, ...], Field(max_length=3, strict=False)] | None = None
    off: Layers = ()

    def problems(self) -> list[Problem]:
        unknown = [name for name in self.off if name not in LAYERS]
        return [Problem(f"no layer '{name}'", "off", close_matches(name, LAYERS)) for name in unknown]


class _Study(_Strict):
    """A study: one that ships, by its name, or the text of a file (azygos-study/1); and changes to its design."""

    study: Name = "chicago-2012"
    file: File | None = None  # instead of a name
    changes: Changes = Changes()

    def problems(self) -> list[Problem]:
        found = self.changes.problems()
        if self.file is None and self.study not in packaged_names():
            found.append(Problem(f"no study '{self.study}'", "study", close_matches(self.study, packaged_names())))
        return found


class DesignRequest(_Study):
    """What the file of a study says, to be read; and the file itself, changed as asked."""

    kind: Literal["design"]


class _Conduct(_Study):
    """A study as it is to be conducted."""

    effect: Name = "none"  # none, small, moderate, large, or such as `0.3 sd`
    seed: Seed = 1

    def problems(self) -> list[Problem]:
        found = super().problems()
        if self.file is not None and self.changes != Changes():
            found.append(Problem("changes to a file", "changes", "ask for its design, which gives the file changed"))
        return found + ([] if found or self.file is not None else self._odd_effect())

    def _odd_effect(self) -> list[Problem]:
        from azygos.exchange.study import named_study
        from azygos.trial.study import effect

        try:
            effect(self.effect, named_study(self.study).model)
        except InputError as error:
            return [Problem(one.what, "effect", one.remedy) for one in error.problems]
        return []


class EnrolRequest(_Conduct):
    """A study conducted once: its people in the order of their enrolment, and what its analyst finds."""

    kind: Literal["enrol"]


class TrialRequest(_Conduct):
    """A study conducted many times, and what its result can show."""

    kind: Literal["trial"]
    repeats: Annotated[int, Field(ge=50, le=MOST_REPEATS)] = 500


class AnalyseRequest(_Strict):
    """The user's own data, analysed as a design says."""

    kind: Literal["analyse"]
    design: File | Name  # a file of a design or a study, or the name of a study that ships
    dictionary: File | None = None
    tables: Annotated[tuple[File, ...], Field(min_length=1, max_length=12, strict=False)]

    def problems(self) -> list[Problem]:
        if isinstance(self.design, File) or self.design in packaged_names():
            return []
        return [Problem(f"no study '{self.design}'", "design", close_matches(self.design, packaged_names()))]


class AuditRequest(_Strict):
    """Reports of a study read for their numbers, and a file of claims recomputed."""

    kind: Literal["audit"]
    texts: Annotated[tuple[File, ...], Field(max_length=4, strict=False)] = ()
    claims: File | Name | None = None  # a file of claims, or the name of one that ships

    def problems(self) -> list[Problem]:
        if not self.texts and self.claims is None:
            return [Problem("nothing to audit", "texts", "paste a report, or give a file of claims")]
        return []


StudyRequest: TypeAlias = DesignRequest | EnrolRequest | TrialRequest | AnalyseRequest | AuditRequest
