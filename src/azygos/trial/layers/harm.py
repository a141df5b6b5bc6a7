"""Layer 5, complications: counts of published series with their uncertainty, and whom they befall.

A rate is drawn for every repeat from Beta(count + 1/2, of - count + 1/2). Who had the sham had the catheter, so what
comes with access befalls him too. The rates of balloons and stents in veins of neck and chest are those of
azygos.therapy.complications; of those that follow from mechanics (rupture, migration) the pooled counts are taken.
Death of unknown cause is tied to no procedure: it may befall anybody, at a rate that pools the series in which deaths
were counted (tables/deaths.csv), since the one series with a death would alone make it far too common.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.therapy.complications import Rate, rates
from azygos.trial.disease import SCLEROSIS, Disease, Model
from azygos.trial.draws import Draws
from azygos.trial.study import Study

__all__ = ["DEATH", "GRADES", "Harm", "event_names", "harms"]

Floats: TypeAlias = NDArray[np.float64]

# Grades of the Society of Interventional Radiology of 2003 as those of 2017 (mild to death, 1 to 5): assumed.
GRADES: Mapping[str, int] = MappingProxyType({"A": 1, "B": 1, "C": 2, "D": 3, "E": 4, "F": 5})
SERIOUS = 3
DEATH = "death of unknown cause"
LATE: Mapping[str, float] = MappingProxyType({DEATH: 120.0})  # [day] up to which; others 30 days
NEEDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sham": ("access",),
        "active": ("access", "inflation", "strain", "size"),
        "single": ("access", "inflation", "strain"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Harm:
    """One kind of event: the day on which it befell everybody, [repeat, person], infinite where it did not."""

    event: str
    grade: int
    day: Floats

    @property
    def is_serious(self) -> bool:
        return self.grade >= SERIOUS


def _rows(file: str) -> list[dict[str, str]]:
    text = resources.files("azygos.trial").joinpath("tables", file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def _known(model: Model) -> Mapping[str, Rate]:
    """The rates of a disease, by event."""
    if model == SCLEROSIS.name:
        return {**rates(), DEATH: _deaths()}
    return {
        row["event"]: Rate(
            event=row["event"],
            count=int(row["count"]),
            of=int(row["of"]),
            needs=row["needs"],
            grade=row["grade"],
            studies=(f"{row['study']}: {row['source']}",),
        )
        for row in _rows("sinus_harms.csv")
    }


def event_names(disease: Disease) -> tuple[str, ...]:
    """What may befall its patients."""
    return tuple(_known(disease.name))


def _deaths() -> Rate:
    rows = _rows("deaths.csv")
    return Rate(
        event=DEATH,
        count=sum(int(row["count"]) for row in rows),
        of=sum(int(row["of"]) for row in rows),
        needs="",
        grade="F",
        studies=tuple(f"{row['study']}: {row['source']}" for row in rows),
    )


def harms(study: Study, draws: Draws, arm: NDArray[np.int64], *, only: str | None = None) -> tuple[Harm, ...]:
    """All kinds of events in a block of repeats, or only one."""
    if not study.has("complications"):
        return ()
    return tuple(_harm(study, draws, arm, rate) for rate in _known(study.model).values() if only in (None, rate.event))


def _harm(study: Study, draws: Draws, arm: NDArray[np.int64], rate: Rate) -> Harm:
    rng = draws.of("complications", rate.event)
    chance = rng.beta(rate.count + 0.5, rate.of - rate.count + 0.5, (len(arm), 1))
    uniform, share, when = rng.random((3, *arm.shape))
    has_stent = share < study.patients.stented
    roles = [one.role for one in study.design.arms]
    if rate.needs == "stent":
        was_done = np.array([role in ("active", "single") for role in roles])[arm] & has_stent
    elif rate.event == DEATH:
        was_done = np.ones(arm.shape, dtype=bool)
    else:
        was_done = np.array([rate.needs in NEEDS.get(role, ()) for role in roles])[arm]
        was_done &= has_stent if rate.needs == "size" else True
    day = when * LATE.get(rate.event, 30.0)
    happens = was_done & (uniform < chance)
    return Harm(event=rate.event, grade=GRADES[rate.grade], day=np.where(happens, day, np.inf))
