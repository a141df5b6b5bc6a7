"""Outcomes over time: what was seen at each visit, arm by arm, of those who had a value."""

import math
from dataclasses import dataclass

from azygos.statistics.effect import effect
from azygos.statistics.result import Interval
from azygos.study.dataset import Dataset, Floats
from azygos.study.design import Design, Endpoint
from azygos.study.outcome import follow_up_grid

__all__ = ["Course", "Point", "courses"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One arm at one visit: mean or share, with the interval of each arm by itself."""

    day: float
    n: int
    missing: int
    interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One endpoint in one arm through the visits at which anybody had a value."""

    endpoint: str
    unit: str
    arm: str
    points: tuple[Point, ...]
    is_change: bool = False  # of a score, from baseline


def courses(design: Design, dataset: Dataset) -> tuple[Course, ...]:
    """Every endpoint that is measured at visits, in every arm."""
    measured = [endpoint for endpoint in design.endpoints if endpoint.kind != "time to event"]
    return tuple(course for endpoint in measured for course in _of_endpoint(design, endpoint, dataset))


def _of_endpoint(design: Design, endpoint: Endpoint, dataset: Dataset) -> list[Course]:
    visits = sorted(design.visits, key=lambda visit: visit.day)
    if endpoint.change or endpoint.kind == "count":
        visits = [visit for visit in visits if visit.day > 0.0] or visits
    grid = follow_up_grid(design, endpoint, dataset, tuple(visit.name for visit in visits))
    found = []
    for arm in design.arms:
        inside = dataset.subjects["arm"] == arm.name
        points = tuple(
            _point(endpoint, visit.day, grid[inside, place])
            for place, visit in enumerate(visits)
            if not _all_missing(grid[:, place])
        )
        unit = "%" if endpoint.kind == "binary" else endpoint.unit
        is_change = endpoint.change and endpoint.kind != "binary"
        course = Course(endpoint=endpoint.name, unit=unit, arm=arm.name, points=points, is_change=is_change)
        found.append(course)
    return found


def _all_missing(column: Floats) -> bool:
    return not (column == column).any()  # a number that is none differs from itself


def _point(endpoint: Endpoint, day: float, column: Floats) -> Point:
    from azygos.statistics.proportion import proportion_interval

    values = column[column == column]
    interval = None
    if endpoint.kind == "binary" and len(values):
        interval = proportion_interval(int(values.sum()), len(values), method="wilson")
    elif len(values) > 1:
        se = float(values.std(ddof=1)) / math.sqrt(len(values))
        interval = effect(float(values.mean()), se, level=0.95, method="t", df=len(values) - 1.0).interval
    return Point(day=day, n=len(values), missing=len(column) - len(values), interval=interval)
