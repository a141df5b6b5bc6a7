"""A study as it is simulated: its design, who comes to it, how its outcomes are asked for, what it found.

The design is all that an analyst knows (azygos.study.design); the rest is what the world adds to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path

from azygos.errors import InputError, Problem, close_matches
from azygos.study.design import Design
from azygos.study.monitoring import planned_size
from azygos.trial.disease import DISEASES, Disease, Model
from azygos.trial.prior import Prior, packaged

__all__ = [
    "LAYERS",
    "Band",
    "Effect",
    "Patients",
    "Published",
    "Study",
    "effect",
    "packaged_names",
    "without",
]

# What each layer adds. Off: nothing of it, and the draws of the others stay what they were.
LAYERS: Mapping[str, str] = {
    "course": "the disease goes on: EDSS, relapses, drift of the scores, recovery of sinus disease of itself",
    "fluctuation": "good and bad times",
    "noise": "errors of measurement",
    "scale": "scores in steps, between 0 and 100",
    "selection": "people enrol when they feel worse than usual",
    "expectation": "who believes to be treated reports improvement",
    "unblinding": "arms that should not be told apart are",
    "response shift": "the severely disabled come to judge themselves more mildly",
    "recall": "how one was is remembered wrongly, and worse than it was",
    "answering": "who is lost, and that it depends on how one feels",
    "complications": "adverse events",
    "flow": "veins that do not open, or narrow again",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What opening a vein does to symptoms: a parameter, by default nothing.

    In multiple sclerosis: the improvement of every symptom score while the vein is open [standard deviations of the
    score]. In the venous sinuses: the part of the symptom that follows the pressure gradient [1].
    """

    amount: float = 0.0

    def __str__(self) -> str:
        return f"{self.amount:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patients:
    """Who comes, and how they are followed."""

    forms: Mapping[str, float] = field(default_factory=lambda: {"RRMS": 1.0})  # of multiple sclerosis -> share
    women: float = 0.7
    centres: int = 1
    lost: float = 0.0  # share lost by the last visit
    asked: tuple[float, float] | None = None  # [day] since treatment at which a survey finds people; None: at visits
    stented: float = 0.0  # share of the treated who get a stent
    belief: float | None = None  # of all who may have had the sham, that they were treated; None: drawn
    gradient: tuple[float, float] | None = None  # mean pressure gradient before and after treatment [Pa]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A result as it was published, or one to be judged."""

    analysis: str  # of the design
    source: str
    arm: str = ""  # where the analysis is of each arm apart
    checked: str = "read"  # read in a public page, derived by arithmetic from such numbers, or from memory
    count: int | None = None
    of: int | None = None
    value: float | None = None  # the estimate, in the units and the direction of the analysis
    lower: float | None = None
    upper: float | None = None
    note: str = ""

    @property
    def estimate(self) -> float:
        if self.count is not None and self.of:
            return self.count / self.of
        return float("nan") if self.value is None else self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Where a simulated number must lie, written down before the simulation it judges."""

    analysis: str
    what: str  # one of azygos.trial.bands.QUANTITIES
    arm: str
    low: float
    high: float
    written: str = ""  # date


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A study and its world."""

    design: Design
    model: Model = "multiple sclerosis"
    patients: Patients = Patients()
    priors: Mapping[str, Prior] = field(default_factory=packaged)
    published: tuple[Published, ...] = ()
    bands: tuple[Band, ...] = ()
    is_calibration: bool = False
    use_calibration: bool = True
    off: frozenset[str] = frozenset()  # layers
    changes: Path | None = None  # a table of simulated or measured changes of the veins; None: drawn

    @property
    def name(self) -> str:
        return self.design.name

    @property
    def n(self) -> int:
        return size(self.design)

    @property
    def disease(self) -> Disease:
        return DISEASES[self.model]

    @property
    def constants(self) -> tuple[Prior, ...]:
        """The priors that bear on it: not those of the other disease."""
        return tuple(prior for prior in self.priors.values() if prior.of in ("", self.model))

    def has(self, layer: str) -> bool:
        return layer not in self.off

    def without(self, *layers: str) -> "Study":
        """The same with layers switched off. Raises InputError for one that is not there."""
        return replace(self, off=self.off | without(layers))

    def with_size(self, n: int) -> "Study":
        return replace(self, design=replace(self.design, size=replace(self.design.size, n=n, per="total")))


def size(design: Design) -> int:
    """How many are enrolled in all: as the design says, or as many as its power takes.

    Raises InputError where the design says neither.
    """
    is_of_events = design.size.n is None and design.size.method == "survival"
    found = None if is_of_events else planned_size(design)
    if found is None:
        what = "the design states no number of patients"
        raise InputError(Problem(what, design.name, "give 'size: {n: ...}', or power, effect and sd; or --n"))
    return found


def without(layers: tuple[str, ...]) -> frozenset[str]:
    """The layers of these names, `all` being every one. Raises InputError naming what is none."""
    if "all" in layers:
        return frozenset(LAYERS)
    problems = [
        Problem(f"no layer '{name}'", "--off", close_matches(name, LAYERS)) for name in layers if name not in LAYERS
    ]
    if problems:
        raise InputError(problems)
    return frozenset(layers)


def effect(text: str, model: Model) -> Effect:
    """The effect that a text names: `none`, `small`, `moderate`, `large`, `0.3 sd` or, in the venous sinuses, `0.5`."""
    disease = DISEASES[model]
    low, high = disease.range
    if text in disease.effects:
        return Effect(amount=disease.effects[text])
    words = text.split()
    try:
        amount = float(words[0])
        is_right = [word.lower() for word in words[1:]] == disease.suffix.split() and low <= amount <= high
    except (ValueError, IndexError):
        is_right = False
    if not is_right:
        example = f"'0.3{disease.suffix}' ({disease.effect_axis}, from {low:g} to {high:g})"
        remedy = f"write {example}, or one of {', '.join(disease.effects)}"
        raise InputError(Problem(f"'{text}' is no effect in {model}", "--effect", remedy))
    return Effect(amount=amount)


@cache
def packaged_names() -> tuple[str, ...]:
    """The names of the studies that ship."""
    folder = resources.files("azygos.trial").joinpath("named")
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")))
