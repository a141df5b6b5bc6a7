"""What a study is before its first patient: arms, allocation, visits, endpoints, estimands, planned analyses.

Nothing here knows patients or data; `azygos.study.analysis` brings a design and a dataset together.
Times are in days from allocation (or from enrolment where nobody is allocated).
"""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from azygos.study.eligibility import Rule
from azygos.study.estimand import Estimand

__all__ = [
    "ARM_ROLES",
    "DESIGN_KINDS",
    "ENDPOINT_KINDS",
    "RATERS",
    "Allocation",
    "Analysis",
    "Arm",
    "Blinding",
    "Design",
    "Endpoint",
    "Responder",
    "SampleSize",
    "Sequential",
    "Visit",
]

ArmRole: TypeAlias = Literal["active", "sham", "waiting", "usual care", "single"]
DesignKind: TypeAlias = Literal[
    "open-label survey", "registry", "wait-list", "sham-controlled", "group-sequential", "parallel"
]
EndpointKind: TypeAlias = Literal["binary", "continuous", "ordinal", "count", "time to event"]
Rater: TypeAlias = Literal["participant", "assessor", "instrument", "record"]
AllocationMethod: TypeAlias = Literal["none", "simple", "blocks", "minimisation"]
Role: TypeAlias = Literal["primary", "secondary", "safety"]

ARM_ROLES: tuple[str, ...] = get_args(ArmRole)
DESIGN_KINDS: tuple[str, ...] = get_args(DesignKind)
ENDPOINT_KINDS: tuple[str, ...] = get_args(EndpointKind)
RATERS: tuple[str, ...] = get_args(Rater)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """A group of a study: what its patients get."""

    name: str
    role: ArmRole
    weight: float = 1.0  # of the arms' weights, the share allocated to it
    gets: str = ""  # in words

    @property
    def is_control(self) -> bool:
        return self.role in ("sham", "waiting", "usual care")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """How patients come into their arms; the ratio is that of the arms' weights."""

    method: AllocationMethod = "none"
    block_sizes: tuple[int, ...] = ()  # drawn among, for method "blocks"
    strata: tuple[str, ...] = ()  # columns of the patients, for blocks within strata and for minimisation
    concealed: bool | None = None  # from those who enrol; None: not said

    @property
    def is_random(self) -> bool:
        return self.method != "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blinding:
    """Who does not know the arm."""

    participants: bool = False
    assessors: bool = False
    analysts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A time at which patients are asked or examined."""

    name: str
    day: float  # from allocation; 0 is the baseline
    window: float = 0.0  # [day] on either side


@dataclass(frozen=True, slots=True, kw_only=True)
class Responder:
    """When a patient's value, or its change from baseline, counts as a response: `value relation limit`."""

    relation: Literal["<=", ">=", "<", ">"]
    limit: float  # in the endpoint's unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What is measured to judge the treatment.

    A binary endpoint is a variable of zeros and ones, or, with `responder`, a threshold on a continuous one.
    A time to event counts days from allocation to the first event named `of`.
    """

    name: str
    kind: EndpointKind
    of: str = ""  # the variable, or the event's name
    unit: str = "1"
    better: Literal["higher", "lower"] = "lower"
    limits: tuple[float, float] = (-math.inf, math.inf)  # of values that can be
    change: bool = False  # from baseline
    responder: Responder | None = None
    visit: str = ""  # at which it is judged; empty: at the last
    rated_by: Rater = "participant"
    competing: tuple[str, ...] = ()  # events after which `of` cannot happen

    @property
    def variable(self) -> str:
        return self.of or self.name

    @property
    def is_better_high(self) -> bool:
        """Whether more of the endpoint is better for the patient; to respond is, whatever the variable's direction."""
        return self.responder is not None or self.better == "higher"


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """A planned analysis of one endpoint."""

    name: str
    method: str  # a key of azygos.study.methods.METHODS
    endpoint: str = ""  # empty for what has none, such as adverse events
    visit: str = ""  # empty: that of the endpoint
    covariates: tuple[str, ...] = ()  # columns of the patients
    level: float = 0.95
    alternative: Literal["two-sided", "less", "greater"] = "two-sided"
    interval: str = ""  # which interval, such as "newcombe"; empty: the method's usual one
    missing: str = "complete cases"  # a key of azygos.study.missing.HANDLINGS
    sensitivity: tuple[str, ...] = ()  # the same again with other handlings of missing values
    estimand: str = ""  # its name
    role: Role = "secondary"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSize:
    """How many patients: a number, or what it is found from."""

    n: int | None = None
    per: Literal["arm", "total"] = "total"
    power: float | None = None
    effect: float | None = None  # difference of means in the endpoint's unit, or of proportions
    sd: float | None = None  # of the endpoint, where it is continuous
    control: float | None = None  # proportion in the control arm, where it is binary
    alpha: float = 0.05  # two-sided
    method: Literal["means", "proportions", "survival"] = "means"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequential:
    """Looks at the data on the way, and what they may spend."""

    looks: tuple[float, ...]  # fractions of the information, the last is 1
    spending: str = "lan-demets-obrien-fleming"
    alpha: float = 0.05
    sided: Literal[1, 2] = 2
    futility: str = ""  # a spending function of the type II error, 1 - size.power; empty: none


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A study as its protocol states it."""

    name: str
    title: str
    kind: DesignKind
    arms: tuple[Arm, ...]
    visits: tuple[Visit, ...]
    endpoints: tuple[Endpoint, ...]
    sources: tuple[str, ...] = ()
    eligibility: tuple[Rule, ...] = ()
    allocation: Allocation = Allocation()
    blinding: Blinding = Blinding()
    estimands: tuple[Estimand, ...] = ()
    analyses: tuple[Analysis, ...] = ()
    size: SampleSize = SampleSize()
    sequential: Sequential | None = None
    answered: str = ""  # how outcomes are collected, in words
    registration: str = ""  # of its protocol, before enrolment; empty: none known

    @property
    def control(self) -> Arm | None:
        """The arm with which others are compared."""
        return next((arm for arm in self.arms if arm.is_control), None)

    @property
    def active(self) -> Arm:
        return next((arm for arm in self.arms if arm.role in ("active", "single")), self.arms[0])

    @property
    def is_randomised(self) -> bool:
        return self.allocation.is_random and len(self.arms) > 1

    def arm(self, name: str) -> Arm:
        return next(arm for arm in self.arms if arm.name == name)

    def visit(self, name: str) -> Visit:
        return next(visit for visit in self.visits if visit.name == name)

    def endpoint(self, name: str) -> Endpoint:
        return next(endpoint for endpoint in self.endpoints if endpoint.name == name)

    def estimand(self, name: str) -> Estimand:
        return next(estimand for estimand in self.estimands if estimand.name == name)

    @property
    def baseline(self) -> Visit | None:
        """The last visit at or before allocation."""
        before = [visit for visit in self.visits if visit.day <= 0.0]
        return max(before, key=lambda visit: visit.day) if before else None

    @property
    def follow_ups(self) -> tuple[Visit, ...]:
        """The visits after allocation, in order of time."""
        return tuple(sorted((visit for visit in self.visits if visit.day > 0.0), key=lambda visit: visit.day))
