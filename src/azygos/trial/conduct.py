"""Conducting a study: what is written down of a world, as the dataset that an analyst gets, and nothing else."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.study.dataset import Dataset, Table
from azygos.trial.disease import SCLEROSIS
from azygos.trial.layers.harm import DEATH
from azygos.trial.study import Effect, Study
from azygos.trial.world import RELAPSE, SINCE, World, asks_for, repeats_of, world

__all__ = ["conduct", "recorded"]

Floats: TypeAlias = NDArray[np.float64]


def conduct(study: Study, seed: int, repeat: int = 0, effect: Effect | None = None) -> Dataset:
    """The dataset of one repeat: what was recorded, and nothing of what is true."""
    block, row = divmod(repeat, repeats_of(study))
    return recorded(world(study, seed, block, effect), row)


def recorded(known: World, row: int) -> Dataset:
    """One repeat of a block as its dataset."""
    design, n = known.study.design, known.study.n
    names = np.array([f"{number:05d}" for number in range(1, n + 1)])
    arms = np.array([arm.name for arm in design.arms])
    until, is_lost = _known_until(known, row)
    subjects: dict[str, NDArray[Any]] = {"subject": names, "arm": arms[known.arm[row]]}
    subjects |= _baseline(known, row)
    subjects |= {"received": subjects["arm"], "followed": until}
    if design.blinding.participants and len(design.arms) == 2:
        taken = np.where(known.guess[row] == 1, design.active.name, design.control.name if design.control else "")
        subjects["guess"] = np.where(known.guess[row] < 0, "", taken)
    events = _events(known, row, names, until, is_lost)
    return Dataset(subjects=Table(subjects), values=_values(known, row, names), events=events)


def _known_until(known: World, row: int) -> tuple[Floats, NDArray[np.bool_]]:
    """The last day of which something is known of everybody, and who was lost then: he missed that visit, alive."""
    days, missing = known.days[row], ~known.answered[row]
    death = np.full(len(days), np.inf)
    for harm in known.harms:
        if harm.event == DEATH:
            death = np.minimum(death, harm.day[row])
    first = np.where(missing.any(axis=1), days[np.arange(len(days)), missing.argmax(axis=1)], np.inf)
    end = np.minimum(days[:, -1], np.minimum(first, death))
    return end, np.asarray((first <= end) & (first < death))


def _baseline(known: World, row: int) -> dict[str, NDArray[Any]]:
    """What is written down of everybody at enrolment."""
    people = known.people
    found: dict[str, NDArray[Any]] = {
        "age": np.floor(people["age"][row]),
        "sex": np.where(people["is_woman"][row] > 0, "F", "M"),
    }
    if known.study.patients.centres > 1 or "centre" in known.study.design.allocation.strata:
        found["centre"] = np.array([f"centre {int(c) + 1}" for c in people["centre"][row]])
    if known.study.disease is SCLEROSIS:
        found |= {"form": people.form[row], "edss": people["edss"][row], "years": np.round(people["years"][row], 1)}
    return found


def _values(known: World, row: int, names: NDArray[np.str_]) -> Table:
    design = known.study.design
    baseline = [(0, design.baseline.name)] if design.baseline is not None else []
    visits = [*baseline, *enumerate((visit.name for visit in design.follow_ups), start=1)]
    asked = dict.fromkeys(e.variable for e in design.endpoints if e.variable in known.values)
    parts = []
    for variable in asked:
        for time, visit in visits:
            if time == 0 and variable in SINCE:
                continue  # these look back: there is nothing to look back at
            here = known.answered[row, :, time]
            parts.append(
                (names[here], visit, variable, known.values[variable][row, here, time], known.days[row, here, time])
            )
    if not parts:  # a study of events alone
        return Table(
            {name: np.empty(0, dtype=str) for name in ("subject", "visit", "variable")}
            | {name: np.empty(0) for name in ("value", "day")}
        )
    lengths = [len(part[0]) for part in parts]
    return Table(
        {
            "subject": np.concatenate([part[0] for part in parts]),
            "visit": np.repeat(np.array([part[1] for part in parts]), lengths),
            "variable": np.repeat(np.array([part[2] for part in parts]), lengths),
            "value": np.concatenate([part[3] for part in parts]),
            "day": np.concatenate([part[4] for part in parts]),
        }
    )


def _events(known: World, row: int, names: NDArray[np.str_], until: Floats, is_lost: NDArray[np.bool_]) -> Table:
    """What was heard of: nothing after somebody was lost."""
    found: list[tuple[str, Floats, int, bool]] = []
    for harm in known.harms:
        event = "died" if harm.event == DEATH else harm.event
        found.append((event, np.where(harm.day[row] <= until, harm.day[row], np.inf), harm.grade, harm.is_serious))
    for number in range(known.relapse_days.shape[2] if asks_for(known.study, RELAPSE) else 0):
        day = known.relapse_days[row, :, number]
        found.append((RELAPSE, np.where(day <= until, day, np.inf), 0, False))
    found.append(("lost to follow-up", np.where(is_lost, until, np.inf), 0, False))
    kept = [np.isfinite(day) for _, day, _, _ in found]
    counts = [int(here.sum()) for here in kept]
    return Table(
        {
            "subject": np.concatenate([names[here] for here in kept]),
            "event": np.repeat(np.array([event for event, *_ in found]), counts),
            "day": np.concatenate([day[here] for (_, day, _, _), here in zip(found, kept, strict=True)]),
            "grade": np.repeat(np.array([float(grade) for *_, grade, _ in found]), counts),
            "serious": np.repeat(np.array([serious for *_, serious in found]), counts),
        }
    )
