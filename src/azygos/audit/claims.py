"""What a publication states, claim by claim, as printed."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from azygos.audit.finding import Finding, Verdict
from azygos.audit.stated import Estimate, Stated

__all__ = ["VERIFIED", "Claim", "Claims", "Group", "Part", "Statistic"]

VERIFIED: Mapping[str, str] = MappingProxyType(
    {"C": "read in a public page", "D": "derived from such numbers by arithmetic", "M": "from memory, not yet checked"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a whole: a count or a percentage of it."""

    name: str
    value: Stated
    is_percent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One arm or group of a comparison: so many of so many persons, events in so many, or a mean."""

    name: str
    count: int | None = None
    of: int | None = None
    percent: Stated | None = None
    mean: Stated | None = None
    sd: Stated | None = None
    is_events: bool = False  # `count` are events, of which a person may have several


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """A printed test statistic with its degrees of freedom."""

    kind: str  # t, F, chi2, z, r or Q
    value: Stated
    df: tuple[float, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One statement of a publication and the numbers in it. What is not printed is None or empty."""

    name: str
    says: str = ""
    source: str = ""
    verified: str = ""  # a key of VERIFIED
    place: str = ""  # "file.yaml:12"
    note: str = ""  # of whoever wrote the file
    # counts
    count: int | None = None
    of: int | None = None
    percent: Estimate | None = None
    against: Stated | None = None  # the percentage that a one-sample test compares with
    parts: tuple[Part, ...] = ()
    start: int | None = None
    less: tuple[Part, ...] = ()
    left: int | None = None
    same_as: str = ""
    # means
    mean: Estimate | None = None
    sd: Stated | None = None
    se: Stated | None = None
    items: int = 1
    step: float = 1.0  # single values are multiples of it
    scale: tuple[float, float] | None = None
    is_continuous: bool = False
    is_binary: bool = False
    # comparisons
    groups: tuple[Group, ...] = ()
    odds_ratio: Estimate | None = None
    risk_ratio: Estimate | None = None
    hazard_ratio: Estimate | None = None
    difference: Estimate | None = None
    before: Stated | None = None
    after: Stated | None = None
    change: Stated | None = None
    statistic: Statistic | None = None
    p: Stated | None = None
    test: str = ""
    method: str = ""  # of the interval
    is_adjusted: bool = False
    sides: int = 2

    def line(
        self, what: str, stated: object, recomputed: str, verdict: Verdict, reason: str, method: str = ""
    ) -> Finding:
        """A line of the audit about this claim."""
        return Finding(
            claim=self.name, what=what, stated=str(stated), recomputed=recomputed, verdict=verdict, reason=reason,
            method=method, place=self.place,
        )  # fmt: skip

    def unchecked(self, what: str, stated: object, reason: str) -> Finding:
        """A line that says why nothing can be recomputed."""
        return self.line(what, stated, "", Verdict.UNCHECKED, reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The claims of one file."""

    title: str
    source: str
    claims: tuple[Claim, ...]
    note: str = ""
    file: str = ""
