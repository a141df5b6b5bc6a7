"""What is wrong with a dataset under its design. Data with any of it are refused: nothing is computed of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from azygos.errors import Problem, close_matches
from azygos.study.dataset import Dataset
from azygos.study.design import Design, Endpoint
from azygos.study.leaks import leaks

__all__ = ["Places", "problems_of"]

WORST_GRADE = 5  # death, in CTCAE 5.0; other scales end at 5 or 6
LAST_GRADE = 6  # CIRSE classification of complications (Filippiadis 2017)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where each row of a dataset's tables stands, such as "data.csv:14, column 'msis_6'"; empty: nowhere."""

    subjects: Sequence[str] = ()
    values: Sequence[str] = ()
    events: Sequence[str] = ()


def problems_of(dataset: Dataset, design: Design, places: Places | None = None) -> list[Problem]:
    """All that cannot be, in the order of the tables; then arms that leak (see azygos.study.leaks)."""
    at = places or _named(dataset)
    of_subjects = list(_subjects(dataset, design, at))
    return [
        *_absent(dataset, design),
        *of_subjects,
        *_values(dataset, design, at),
        *_events(dataset, design, at),
        *(leaks(dataset, design) if not of_subjects else ()),  # which asks who is in which arm
    ]


def _named(dataset: Dataset) -> Places:
    """By the names of the patients, where there is no file."""
    return Places(
        subjects=tuple(f"subject '{who}'" for who in dataset.subjects["subject"]),
        values=tuple(
            f"subject '{who}', {variable} at {visit}"
            for who, variable, visit in zip(
                *(dataset.values[name] for name in ("subject", "variable", "visit")), strict=True
            )
        ),
        events=tuple(
            f"subject '{who}', {event}"
            for who, event in zip(dataset.events["subject"], dataset.events["event"], strict=True)
        ),
    )


def _absent(dataset: Dataset, design: Design) -> Iterator[Problem]:
    """What the planned analyses need and nobody has."""
    asked = [name for analysis in design.analyses for name in analysis.covariates]
    for name in dict.fromkeys(asked):
        if name not in dataset.subjects:
            yield Problem(f"no column '{name}', a covariate", "subjects", close_matches(name, dataset.subjects.columns))
    measured = {str(name) for name in np.unique(dataset.values["variable"])}
    happened = {str(name) for name in np.unique(dataset.events["event"])}
    for analysis in design.analyses:
        endpoint = next((e for e in design.endpoints if e.name == analysis.endpoint), None)
        if endpoint is None or endpoint.kind == "time to event":  # that nobody had the event is a result
            continue
        if endpoint.variable not in measured | (happened if endpoint.kind == "count" else set()):
            what = f"no value of '{endpoint.variable}', which analysis '{analysis.name}' needs"
            yield Problem(what, "values", close_matches(endpoint.variable, measured) if measured else "")


def _subjects(dataset: Dataset, design: Design, at: Places) -> Iterator[Problem]:
    arms = [arm.name for arm in design.arms]
    for row in _repeated(dataset.subjects["subject"]):
        who = dataset.subjects["subject"][row]
        yield Problem(f"patient '{who}' again", at.subjects[row], "keep one row for each patient")
    for column in ("arm", "received"):
        if column in dataset.subjects:
            for row in _rows(~np.isin(dataset.subjects[column], [*arms, ""])):
                arm = str(dataset.subjects[column][row])
                yield Problem(f"the design has no arm '{arm}'", at.subjects[row], close_matches(arm, arms))
    if not np.isin(dataset.subjects["arm"], arms).any():
        yield Problem("no patient is in an arm", at.subjects[0] if at.subjects else "", "give their arms")
    if "followed" in dataset.subjects:
        followed = dataset.subjects["followed"].astype(float)
        for row in _rows(followed < 0.0):
            yield Problem(f"followed to day {followed[row]:g}", at.subjects[row], "days count from allocation")


def _values(dataset: Dataset, design: Design, at: Places) -> Iterator[Problem]:
    values = dataset.values
    visits = {visit.name: visit for visit in design.visits}
    yield from _strangers(dataset, values["subject"], at.values)
    for row in _rows(~np.isin(values["visit"], list(visits))):
        visit = str(values["visit"][row])
        yield Problem(f"the design has no visit '{visit}'", at.values[row], close_matches(visit, visits))
    keys = np.array(
        [f"{a}\0{b}\0{c}" for a, b, c in zip(*(values[n] for n in ("subject", "visit", "variable")), strict=True)]
    )
    for row in _repeated(keys):
        what = f"patient '{values['subject'][row]}': {values['variable'][row]} at {values['visit'][row]} again"
        yield Problem(what, at.values[row], "keep one")
    for variable in dict.fromkeys(endpoint.variable for endpoint in design.endpoints):
        yield from _range(dataset, [one for one in design.endpoints if one.variable == variable], at)
    if "day" in values:
        yield from _windows(dataset, design, at)


def _range(dataset: Dataset, endpoints: Sequence[Endpoint], at: Places) -> Iterator[Problem]:
    """Values that a variable cannot have by any of its endpoints: outside limits, or no count, no yes or no."""
    name = endpoints[0].variable
    low, high = max(one.limits[0] for one in endpoints), min(one.limits[1] for one in endpoints)
    amounts = dataset.values["value"].astype(float)
    of = (dataset.values["variable"] == name) & ~np.isnan(amounts)
    inside = (amounts >= low) & (amounts <= high)
    for row in _rows(of & ~inside):
        what = f"{name} {amounts[row]:g} is outside {low:g} to {high:g}"
        yield Problem(what, at.values[row], "correct it, or the endpoint's limits")
    if any(one.kind == "binary" and one.responder is None for one in endpoints):
        for row in _rows(of & inside & ~np.isin(amounts, (0.0, 1.0))):
            yield Problem(f"{name} {amounts[row]:g} is neither 0 nor 1", at.values[row], "correct it")
    for kind in {one.kind for one in endpoints} & {"count", "ordinal"}:
        whole = (amounts == np.floor(amounts)) & ((amounts >= 0.0) | (kind == "ordinal"))
        for row in _rows(of & inside & ~whole):
            yield Problem(f"{name} {amounts[row]:g} is no {kind} value", at.values[row], "correct it")


def _windows(dataset: Dataset, design: Design, at: Places) -> Iterator[Problem]:
    """Visits on days when they cannot have been: a baseline after allocation, a follow-up before it, others' days."""
    days = dataset.values["day"].astype(float)
    for visit in design.visits:
        here = (dataset.values["visit"] == visit.name) & ~np.isnan(days)
        early, late = (
            (visit.day > 0.0) & (days <= 0.0),
            (visit.day <= 0.0) & (days > max(visit.day + visit.window, 0.0)),
        )
        for row in _rows(here & (early | late)):
            told = "a follow-up from before allocation" if early[row] else "a baseline from after allocation"
            yield Problem(
                f"{told}: '{visit.name}' on day {days[row]:g}", at.values[row], "correct the day or the visit"
            )
        outside = here & ~early & ~late & (np.abs(days - visit.day) > visit.window + 0.5) & (visit.window > 0.0)
        for row in _rows(outside):
            what = f"'{visit.name}' on day {days[row]:g}, which is due on {visit.day:g} ± {visit.window:g}"
            yield Problem(what, at.values[row], "correct the day, or the visit's window in the design")


def _events(dataset: Dataset, design: Design, at: Places) -> Iterator[Problem]:
    events = dataset.events
    yield from _strangers(dataset, events["subject"], at.events)
    days, grades = events["day"].astype(float), events["grade"].astype(float)
    for row in _rows((grades < 0) | (grades > LAST_GRADE) | (grades != np.floor(grades)) & ~np.isnan(grades)):
        yield Problem(f"grade {grades[row]:g}", at.events[row], f"grades go from 1 to {WORST_GRADE}, in some scales 6")
    for row in _rows(np.isnan(days) & (grades == 0.0)):  # an adverse event counts whenever it was
        yield Problem(f"{events['event'][row]}: no day", at.events[row], "give it")
    outcomes = [
        name for e in design.endpoints if e.kind in ("time to event", "count") for name in (e.variable, *e.competing)
    ]
    for row in _rows(np.isin(events["event"], outcomes) & (days < 0.0)):
        what = f"{events['event'][row]} on day {days[row]:g}, before allocation"
        yield Problem(what, at.events[row], "an outcome comes after it; leave earlier ones to a covariate")
    rows = dataset.rows_of(events["subject"])
    ended = dataset.first_day(("died",))
    late = (rows >= 0) & (days > ended[rows])
    if "followed" in dataset.subjects:
        followed = dataset.subjects["followed"].astype(float)[rows]
        for row in _rows((rows >= 0) & ~late & (days > followed)):
            what = f"{events['event'][row]} on day {days[row]:g}, after the last day followed, {followed[row]:g}"
            yield Problem(what, at.events[row], "correct one of them")
    for row in _rows(late):
        what = f"{events['event'][row]} on day {days[row]:g}, after death on day {ended[rows[row]]:g}"
        yield Problem(what, at.events[row], "correct one of them")


def _strangers(dataset: Dataset, subjects: NDArray[Any], places: Sequence[str]) -> Iterator[Problem]:
    for row in _rows(dataset.rows_of(subjects) < 0):
        yield Problem(f"no patient '{subjects[row]}' among the subjects", places[row], "add the patient, or correct it")


def _rows(mask: NDArray[Any]) -> list[int]:
    rows: list[int] = np.flatnonzero(mask).tolist()
    return rows


def _repeated(column: NDArray[Any]) -> list[int]:
    """The rows, all but the first, of what is there more than once."""
    _, first = np.unique(column, return_index=True)
    rows: list[int] = np.setdiff1d(np.arange(len(column)), first).tolist()
    return rows
