"""Complications: how often published series had them, how sure that is, and who has one.

Grades are those of the Society of Interventional Radiology (Sacks 2003): A no therapy, B nominal therapy, C therapy and
a short stay, D major therapy and a longer stay, E lasting harm, F death. Which grade an event has is `assumed`.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from numpy.random import Generator

from azygos.body.body import Body
from azygos.body.lesion import Stenosis
from azygos.rng import stream
from azygos.therapy.reading import label

__all__ = ["Complication", "Draws", "Rate", "clots", "device_of", "rates"]

NEEDS = ("access", "inflation", "stent")  # drawn by its rate where this was done; the others follow from mechanics
CLOTS = {"balloon": "treated-vein thrombosis", "stent": "stent thrombosis"}  # of a lesion by what it was left with
CLOT_DAYS = 30.0  # within which a clot comes: the 30 days of the series
WITHOUT_ANTICOAGULATION = 2.0  # times the rate of clots; in the series all had it for weeks. assumed
DEATH = "death of unknown cause"
DEATH_DAYS = 365.25 / 3.0  # within which it comes, "four months" (Ferral 2012); that any day is as likely: assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many events in so many procedures, pooled over the series of tables/complications.csv.

    With Jeffreys' prior the rate is distributed as Beta(count + 1/2, of - count + 1/2).
    """

    event: str
    count: int
    of: int
    needs: str  # what must have been done: access, inflation, stent; strain and size follow from the mechanics
    grade: str
    studies: tuple[str, ...]

    @property
    def mean(self) -> float:
        """The chance that the next procedure has the event."""
        return (self.count + 0.5) / (self.of + 1.0)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Jeffreys' interval, from 0 where there was no event."""
        from scipy.stats import beta

        low, high = beta.interval(level, self.count + 0.5, self.of - self.count + 0.5)
        return (0.0 if self.count == 0 else float(low)), float(high)

    def draw(self, rng: Generator) -> float:
        """A rate that may be the true one, for a study in which its uncertainty counts."""
        return float(rng.beta(self.count + 0.5, self.of - self.count + 0.5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Complication:
    event: str
    grade: str
    where: str = ""  # the vessel, where it is one's
    day: float = 0.0  # after the procedure
    lesion: int | None = None  # its number in the body, where it is one's

    def __str__(self) -> str:
        vessel = f", {label(self.where)}" if self.where else ""
        return f"{self.event} (SIR grade {self.grade}){vessel}{f', day {self.day:.0f}' if self.day else ''}"


@cache
def rates() -> Mapping[str, Rate]:
    """Every event's rate. The worst grade of its series counts."""
    text = resources.files("azygos.therapy").joinpath("tables/complications.csv").read_text(encoding="utf-8")
    found: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["event"], []).append(row)
    return {
        event: Rate(
            event=event,
            count=sum(int(row["count"]) for row in rows),
            of=sum(int(row["of"]) for row in rows),
            needs=rows[0]["needs"],
            grade=max(row["grade"] for row in rows),
            studies=tuple(f"{row['study']}: {row['source']}" for row in rows),
        )
        for event, rows in found.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Everything about one patient that chance decides in a procedure, drawn before it begins.

    Each from a stream of its own name, whether it will matter or not: who is treated and who has the sham in his stead
    share them all. Without a seed no event happens, and the vein is one of the median.
    """

    events: Mapping[str, float]  # event -> uniform in [0, 1): it happens below its rate
    breaking: Mapping[str, float]  # vessel -> standard normal of its wall's breaking strain
    distension: Mapping[str, float]  # vessel -> standard normal of how wide it gets
    death: float  # [days] after the procedure, of who dies

    @classmethod
    def of(cls, seed: int | None, vessels: tuple[str, ...]) -> "Draws":
        if seed is None:
            none = dict.fromkeys(vessels, 0.0)
            return cls(events=dict.fromkeys(rates(), 1.0), breaking=none, distension=none, death=DEATH_DAYS)
        return cls(
            events={event: float(stream(seed, "complication", event).uniform()) for event in rates()},
            breaking={v: float(stream(seed, "breaking strain", v).standard_normal()) for v in vessels},
            distension={v: float(stream(seed, "distension", v).standard_normal()) for v in vessels},
            death=float(stream(seed, "day of death").uniform(0.0, DEATH_DAYS)),
        )

    def happened(self, done: set[str]) -> tuple[Complication, ...]:
        """The complications of what was done: `access`, `inflation`, `stent`. Clots, which have a place: `clots`."""
        return tuple(
            Complication(event=rate.event, grade=rate.grade, day=self.death if rate.event == DEATH else 0.0)
            for rate in rates().values()
            if rate.needs in NEEDS and rate.needs in done and rate.event not in CLOTS.values()
            if self.events[rate.event] < rate.mean
        )


def device_of(lesion: Stenosis) -> str:
    """What a lesion was left with: stent, balloon, or nothing."""
    return "stent" if lesion.stent else "" if lesion.residual is None else "balloon"


def clots(seed: int | None, body: Body, *, anticoagulation: bool = True) -> tuple[Complication, ...]:
    """The clots in opened veins: which lesion, and on which day.

    Rates are those of patients, so that of several lesions with the same device one clots at most. A lesion with a
    stent clots at the rate of stents alone. The series are of veins.
    """
    found = []
    for device, event in CLOTS.items():
        rate = rates()[event]
        alike = [i for i, lesion in enumerate(body.lesions) if _may_clot(body, lesion, device)]
        chance = rate.mean * (1.0 if anticoagulation else WITHOUT_ANTICOAGULATION)
        if seed is None or not alike or stream(seed, "complication", event).uniform() >= chance:
            continue
        rng = stream(seed, "clot", device)
        lesion, day = alike[int(rng.integers(len(alike)))], float(rng.uniform(0.0, CLOT_DAYS))
        vessel = body.lesions[lesion].vessel
        found.append(Complication(event=event, grade=rate.grade, where=vessel, day=day, lesion=lesion))
    return tuple(found)


def _may_clot(body: Body, lesion: Stenosis, device: str) -> bool:
    return device_of(lesion) == device and body.kinds[lesion.vessel] != "artery"
