"""A cohort: a recipe of patients, what is done with each, and a seed. `exchange.cohort` reads it from a file.

Nothing is generated here: `population.sample` makes patient 4711 of (cohort, seed, 4711) and of nothing else.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from azygos.body.parameter import parameters
from azygos.engine.solve import Numerics
from azygos.errors import InputError, Problem
from azygos.instruments.recording import Site
from azygos.population.distribution import Distribution, Lognormal, Normal, Uniform
from azygos.population.eligibility import Rule
from azygos.shown import html
from azygos.therapy.catalogue import Catalogue, stock
from azygos.therapy.healing import MONTH
from azygos.therapy.protocol import Protocol, angioplasty
from azygos.units import cm

__all__ = [
    "AFTER", "BEFORE", "Cohort", "KindOfLesion", "LesionRecipe", "Persons", "Shares", "Visit", "as_tabled",
    "visits",
]  # fmt: skip

ADULT = Uniform(low=20.0, high=60.0)  # years. assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Of names of which a person has at most one; what is left of the whole has none."""

    of: Mapping[str, float]
    source: str = "assumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Persons:
    """Who they are. Heights [m] by sex, ages [years]."""

    female: float = 0.5
    female_source: str = "assumed"
    height: Mapping[str, Distribution] = field(
        default_factory=lambda: {
            "female": Normal(mean=163 * cm, sd=6.5 * cm, low=140 * cm, high=190 * cm),
            "male": Normal(mean=175 * cm, sd=7 * cm, low=150 * cm, high=205 * cm),
        }
    )
    age: Distribution = ADULT


@dataclass(frozen=True, slots=True, kw_only=True)
class KindOfLesion:
    """What a lesion of one kind is like."""

    share: float  # of the lesions at its site
    length: Distribution
    taken: Distribution | None = None  # of the area; of a compression nothing
    pressure: Distribution | None = None  # of a compression [Pa]

    @property
    def source(self) -> str:
        size = self.pressure or self.taken
        assert size is not None
        return size.source if size.source == self.length.source else f"{size.source}; length: {self.length.source}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionRecipe:
    """A place where some have a lesion."""

    site: Site
    prevalence: float
    kinds: Mapping[str, KindOfLesion]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """When patients are looked at: before the procedure, just after it, or so many days later."""

    name: str
    days: float | None = None  # after the procedure; None: before it

    def __str__(self) -> str:
        return self.name


BEFORE, AFTER = Visit(name="before"), Visit(name="after", days=0.0)
_LATER = re.compile(r"(\d+\.?\d*)\s*(day|week|month|year)s?")
_DAYS = {"day": 1.0, "week": 7.0, "month": MONTH, "year": 365.25}


def visits(texts: Iterable[str], where: str = "visits") -> tuple[Visit, ...]:
    """The visits of texts such as `before`, `after`, `180 days`, in their order in time. Raises InputError."""
    found: dict[float, Visit] = {}
    problems = []
    for text in (text.strip() for text in texts):
        later = _LATER.fullmatch(text)
        if text in ("before", "after"):
            visit = BEFORE if text == "before" else AFTER
        elif later and float(later[1]) > 0.0:
            visit = Visit(name=text, days=float(later[1]) * _DAYS[later[2]])
        else:
            problems.append(Problem(f"'{text}' is no visit", where, "give before, after, or a time such as '180 days'"))
            continue
        found[-1.0 if visit.days is None else visit.days] = visit
    if not problems and -1.0 not in found:
        problems.append(Problem("nobody is seen before the procedure", where, "begin with 'before'"))
    if problems:
        raise InputError(problems)
    return tuple(found[days] for days in sorted(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    name: str
    title: str = ""
    sources: tuple[str, ...] = ()
    seed: int = 1
    persons: Persons = Persons()
    variants: tuple[Shares, ...] = ()
    parameters: Mapping[str, Distribution] = field(default_factory=dict)
    lesions: tuple[LesionRecipe, ...] = ()
    eligible: tuple[Rule, ...] = ()
    protocol: Protocol = field(default_factory=angioplasty)
    catalogue: Catalogue = field(default_factory=stock)
    sham: bool = False
    anticoagulation: bool = True
    looks: tuple[str, ...] = ("manometry", "venography")
    visits: tuple[Visit, ...] = (BEFORE, AFTER)
    numerics: Numerics = field(default_factory=Numerics.cohort)

    _repr_html_ = html  # of a notebook

    @property
    def is_treated(self) -> bool:
        """Whether anything is done after the first look."""
        return any(visit.days is not None for visit in self.visits)

    @property
    def said(self) -> Iterator[tuple[str, str]]:
        """Every group of numbers with its source, as a person reads it."""
        yield "sex", self.persons.female_source
        for sex, height in self.persons.height.items():
            yield f"height, {sex}", height.source
        yield "age", self.persons.age.source
        for group in self.variants:
            yield ", ".join(group.of), group.source
        for name, distribution in self.parameters.items():
            yield name, distribution.source
        for lesion in self.lesions:
            yield f"lesions, {lesion.site}", lesion.source
            for kind, one in lesion.kinds.items():
                yield f"{kind}, {lesion.site}", one.source


def as_tabled() -> dict[str, Distribution]:
    """Every parameter as the package's table has it."""
    return {name: Lognormal(low=p.low, high=p.high, source=p.source) for name, p in parameters().items()}
