"""Who of those looked at is sent for treatment: rules over who they are and what the look found.

    rule       = comparison {" or " comparison}          all rules of a list must be met
    comparison = what ("<" | "<=" | ">" | ">=") quantity
    what       = "age" | "height" | quantity of a look ["(" vessel ")"]

such as `gradient(transverse) > 8 mmHg` or `narrowing(ijv) > 50 % or gradient(ijv) > 2 mmHg`. A quantity is the largest
that was recorded in any vessel whose name begins as given; where nothing of the kind was recorded it meets no rule.
What the patient's body is in truth can be asked for by no rule.
"""

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from azygos import units
from azygos.body.person import Person
from azygos.errors import InputError, Problem, close_matches
from azygos.instruments.examination import Examination
from azygos.instruments.findings import OUTFLOW, SINUS, TOTAL

__all__ = ["Comparison", "Rule", "rule", "unmet", "unseen"]

RELATIONS: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
)
PERSONAL = {"age": "years", "height": "length"}
# A quantity of a look -> dimension, and what it is read from: readings of that name, or findings by these rules.
READ = {"pressure": "pressure", "reflux": "time", "narrowing": "number", "area": "area"}
READINGS = {"reflux": "reflux_time"}
FOUND = {"gradient": ("pressure", (OUTFLOW.name, SINUS.name)), "criteria": ("number", (TOTAL.name,))}
RECORDED_BY = {
    "pressure": ("manometry",),
    "gradient": ("manometry",),
    "narrowing": ("venography", "ivus"),
    "area": ("ultrasound", "ivus"),
    "reflux": ("ultrasound",),
    "criteria": ("ultrasound",),
}
QUANTITIES = (*PERSONAL, *READ, *FOUND)
EXAMPLE = "write it like 'gradient(transverse) > 8 mmHg', 'narrowing > 50 %' or 'age <= 65 years'"
_COMPARISON = re.compile(r"\s*(\w+)\s*(?:\(\s*(\w*)\s*\))?\s*(<=|>=|<|>)\s*(\S.*?)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    what: str
    vessel: str  # the beginning of its name; empty: any
    relation: str
    limit: float  # [SI]; an age in years

    def met(self, person: Person, seen: Examination) -> bool:
        values = list(self._values(person, seen))
        return bool(values) and RELATIONS[self.relation](max(values), self.limit)

    def _values(self, person: Person, seen: Examination) -> Iterator[float]:
        if self.what in PERSONAL:
            yield person.age if self.what == "age" else person.height
        elif self.what in READ:
            name = READINGS.get(self.what, self.what)
            for recording in seen.recordings:
                yield from (r.value for r in recording.find(name) if r.site.vessel.startswith(self.vessel))
        else:
            rules = FOUND[self.what][1]
            for finding in seen.findings:
                place = finding.site.vessel if finding.site else ""
                if finding.rule.name in rules and place.startswith(self.vessel):
                    yield finding.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One of these must hold."""

    text: str
    either: tuple[Comparison, ...]

    def met(self, person: Person, seen: Examination) -> bool:
        return any(comparison.met(person, seen) for comparison in self.either)

    def __str__(self) -> str:
        return self.text


def unmet(rules: Iterable[Rule], person: Person, seen: Examination) -> str:
    """The first rule that is not met; empty where all are."""
    return next((rule.text for rule in rules if not rule.met(person, seen)), "")


def unseen(rules: Iterable[Rule], looks: Iterable[str], where: str = "looks") -> list[Problem]:
    """A problem for each rule that nobody can meet, since no instrument of the look records what it asks for."""
    found, known = [], set(looks)
    for rule in rules:
        needed = [RECORDED_BY.get(comparison.what, ()) for comparison in rule.either]
        if not any(not names or known.intersection(names) for names in needed):
            words = " or ".join(dict.fromkeys(name for names in needed for name in names))
            what = f"nobody can meet '{rule}': no instrument that looks records it"
            found.append(Problem(what, where, f"look with {words}, or leave the rule out"))
    return found


def rule(text: str, where: str = "") -> Rule:
    """The rule that a text states. Raises InputError with all that is wrong with it."""
    problems: list[Problem] = []
    parts = [_comparison(part, where, problems) for part in str(text).split(" or ")]
    if problems:
        raise InputError(problems)
    return Rule(text=" ".join(str(text).split()), either=tuple(part for part in parts if part is not None))


def _comparison(text: str, where: str, problems: list[Problem]) -> Comparison | None:
    found = _COMPARISON.fullmatch(text)
    if found is None:
        problems.append(Problem(f"'{text.strip()}' is no rule of eligibility", where, EXAMPLE))
        return None
    what, vessel, relation, amount = found.groups()
    if what not in QUANTITIES:
        problems.append(Problem(f"nothing is known of a '{what}'", where, close_matches(what, QUANTITIES)))
        return None
    if vessel and what in PERSONAL:
        problems.append(Problem(f"'{what}' is the person's, not a vessel's", where, f"write '{what} {relation} ...'"))
    limit = _limit(what, amount, where, problems)
    return None if limit is None else Comparison(what=what, vessel=vessel or "", relation=relation, limit=limit)


def _limit(what: str, amount: str, where: str, problems: list[Problem]) -> float | None:
    dimension = PERSONAL.get(what) or READ.get(what) or FOUND[what][0]
    if dimension == "years":
        years = re.fullmatch(r"(\d+\.?\d*)\s*(?:years?)?", amount)
        if years is None:
            problems.append(Problem(f"'{amount}' is no age", where, "write it like '65 years'"))
        return float(years[1]) if years else None
    try:
        return units.parse(amount, dimension)
    except units.UnitProblem as problem:
        problems.append(Problem(f"{what}: {problem.what}", where, problem.remedy))
        return None
