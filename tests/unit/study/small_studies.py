"""Small designs and datasets for the analyst's tests."""

import numpy as np

from azygos.study.dataset import Dataset, Table, empty_events, empty_values
from azygos.study.design import Allocation, Analysis, Arm, Blinding, Design, Endpoint, Responder, Visit

BASELINE, MIDDLE, END = (Visit(name=name, day=day) for name, day in (("baseline", 0.0), ("m3", 91.0), ("m6", 182.0)))
SCORE = Endpoint(name="score", kind="continuous", of="score", unit="points", limits=(0.0, 100.0), change=True)
BETTER = Endpoint(name="better", kind="binary", of="score", change=True, responder=Responder(relation="<=", limit=-8.0))
ALIVE = Endpoint(name="cured", kind="binary", of="cured", better="higher")
RELAPSE = Endpoint(name="relapse", kind="time to event", of="relapse", competing=("died",), rated_by="assessor")


def two_arms(*analyses, blind=True, **changes):
    given = {
        "name": "two",
        "title": "two arms",
        "kind": "sham-controlled",
        "arms": (Arm(name="sham", role="sham"), Arm(name="balloon", role="active")),
        "visits": (BASELINE, MIDDLE, END),
        "endpoints": (SCORE, BETTER, ALIVE, RELAPSE),
        "allocation": Allocation(method="simple", concealed=True),
        "blinding": Blinding(participants=blind, assessors=blind),
        "analyses": analyses,
    }
    return Design(**given | changes)


def one_arm(*analyses, **changes):
    given = {
        "name": "one",
        "title": "one arm",
        "kind": "open-label survey",
        "arms": (Arm(name="balloon", role="single"),),
        "visits": (BASELINE, END),
        "endpoints": (SCORE, BETTER, ALIVE, RELAPSE),
        "analyses": analyses,
    }
    return Design(**given | changes)


def analysis(method, endpoint="score", **changes):
    return Analysis(name=f"{method} of {endpoint}", method=method, endpoint=endpoint, **changes)


def table_of_values(rows):
    """Rows of subject, visit, variable, value."""
    if not rows:
        return empty_values()
    columns = list(zip(*rows, strict=True))
    names = ("subject", "visit", "variable", "value")
    return Table({name: np.array(column) for name, column in zip(names, columns, strict=True)})


def table_of_events(rows):
    """Rows of subject, event, day, grade, serious."""
    if not rows:
        return empty_events()
    columns = list(zip(*rows, strict=True))
    names = ("subject", "event", "day", "grade", "serious")
    return Table({name: np.array(column) for name, column in zip(names, columns, strict=True)})


def dataset(arms, values=(), events=(), **columns):
    subjects = {"subject": np.arange(len(arms)), "arm": np.array(arms)}
    subjects |= {name: np.array(column) for name, column in columns.items()}
    return Dataset(subjects=Table(subjects), values=table_of_values(values), events=table_of_events(events))


def scores(arms, grid, visits=("baseline", "m3", "m6"), variable="score", events=(), **columns):
    """A dataset of one variable from its grid [subject, visit], missing values left out."""
    rows = [
        (subject, visit, variable, float(grid[subject][place]))
        for subject in range(len(arms))
        for place, visit in enumerate(visits)
        if not np.isnan(grid[subject][place])
    ]
    return dataset(arms, rows, events, **columns)
