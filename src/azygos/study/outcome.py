"""An endpoint's values, subject by subject, out of a dataset."""

import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from azygos.study.dataset import Dataset, Floats
from azygos.study.design import Design, Endpoint, Responder
from azygos.study.estimand import Estimand

__all__ = ["baseline_values", "exposure", "follow_up_grid", "outcome", "responds", "time_to_event", "visit_of"]

RELATIONS: Mapping[str, Callable[[Any, Any], Any]] = MappingProxyType(
    {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
)


def visit_of(design: Design, endpoint: Endpoint, visit: str = "") -> str:
    """The visit at which an endpoint is judged: the one asked for, its own, or the design's last."""
    last = design.follow_ups[-1].name if design.follow_ups else ""
    return visit or endpoint.visit or last


def baseline_values(design: Design, endpoint: Endpoint, dataset: Dataset) -> Floats | None:
    """The values of the endpoint's variable at the baseline visit; None where nobody has one."""
    if design.baseline is None or endpoint.kind == "time to event":
        return None
    found = dataset.wide(endpoint.variable, (design.baseline.name,))[:, 0]
    return None if np.isnan(found).all() else found


def responds(values: Floats, responder: Responder) -> Floats:
    """Ones for those who respond, zeros for those who do not; what is missing stays so."""
    return np.where(np.isnan(values), np.nan, RELATIONS[responder.relation](values, responder.limit))


def follow_up_grid(
    design: Design, endpoint: Endpoint, dataset: Dataset, visits: tuple[str, ...], estimand: Estimand | None = None
) -> Floats:
    """The endpoint [subject, visit], as the estimand's strategies for intercurrent events have it.

    Treatment policy takes the value whatever happened; hypothetical leaves out values from after the event, so that
    they are estimated like missing ones; while on treatment takes the last value before it; composite takes the event
    as the worst that can be: no response, or the worst limit of the scale.
    """
    grid = dataset.wide(endpoint.variable, visits)
    if endpoint.kind == "count" and endpoint.variable in set(dataset.events["event"]):
        grid = _counts(design, dataset, endpoint.variable, visits)
    if endpoint.change:
        baseline = baseline_values(design, endpoint, dataset)
        grid = grid - (np.nan if baseline is None else baseline[:, None])
    days = np.array([design.visit(visit).day for visit in visits])
    strategies = estimand.intercurrent if estimand else ()
    worst = np.zeros(len(dataset), dtype=bool)[:, None] & np.isnan(grid)
    for event, strategy in strategies:
        after = dataset.first_day((event,))[:, None] <= days
        if strategy == "hypothetical":
            grid = np.where(after, np.nan, grid)
        elif strategy == "while on treatment":
            grid = _carried(np.where(after, np.nan, grid), after)
        elif strategy == "composite":
            worst |= after
    if endpoint.responder is not None:
        grid = responds(grid, endpoint.responder)
    return np.where(worst, _worst(endpoint), grid)


def outcome(
    design: Design, endpoint: Endpoint, dataset: Dataset, visit: str = "", estimand: Estimand | None = None
) -> Floats:
    """The endpoint of every subject at a visit; not a number where it is missing."""
    at = design.visit(visit_of(design, endpoint, visit))
    visits = tuple(v.name for v in design.follow_ups if v.day <= at.day) or (at.name,)
    return follow_up_grid(design, endpoint, dataset, visits, estimand)[:, -1]


def time_to_event(
    design: Design, endpoint: Endpoint, dataset: Dataset, estimand: Estimand | None = None
) -> tuple[Floats, NDArray[np.int64]]:
    """Days to the event and what ended them: 1 the event, 2 a competing one, 0 neither (censored).

    Who had no event is followed to the column `followed for EVENT`, else `followed`, else to the last visit or event
    on record, else, where the dataset has no days, to the last visit at which a value was given. An intercurrent event
    ends the follow-up under the strategies hypothetical and while on treatment; under composite it is an event too.
    """
    strategies = estimand.intercurrent if estimand else ()
    counted = tuple(event for event, strategy in strategies if strategy == "composite")
    ending = tuple(event for event, strategy in strategies if strategy in ("hypothetical", "while on treatment"))
    happened = dataset.first_day((endpoint.variable, *counted))
    other = dataset.first_day(tuple(event for event in endpoint.competing if event not in counted))
    known = [name for name in (f"followed for {endpoint.variable}", "followed") if name in dataset.subjects]
    censored = dataset.subjects[known[0]].astype(float) if known else _last_seen(design, dataset)
    censored = np.minimum(censored, dataset.first_day(ending))
    happened, other = (np.where(days > dataset.first_day(ending), np.inf, days) for days in (happened, other))
    first = np.minimum(happened, other)
    # An event on the last day known is seen; one after it cannot be, and is refused by azygos.study.check.
    times = np.where(np.isinf(first), censored, first)
    return times, np.select([np.isinf(first), happened <= other], [0, 1], 2).astype(np.int64)


def _counts(design: Design, dataset: Dataset, event: str, visits: tuple[str, ...]) -> Floats:
    """How many such events each subject was seen to have from allocation to each visit; see exposure()."""
    of = dataset.events.where((dataset.events["event"] == event) & (dataset.events["day"] > 0.0))
    rows = dataset.rows_of(of["subject"])
    counts = np.zeros((len(dataset), len(visits)))
    for column, visit in enumerate(visits):
        here = of["day"] <= design.visit(visit).day
        np.add.at(counts[:, column], rows[here & (rows >= 0)], 1.0)
    return counts


def exposure(design: Design, dataset: Dataset, day: float) -> Floats:
    """Days from allocation, to `day` at most, through which each subject was followed."""
    known = (
        dataset.subjects["followed"].astype(float) if "followed" in dataset.subjects else _last_seen(design, dataset)
    )
    return np.asarray(np.minimum(known, day))


def _last_seen(design: Design, dataset: Dataset) -> Floats:
    last = np.zeros(len(dataset))
    days = {visit.name: max(visit.day, 0.0) for visit in design.visits}
    rows = dataset.rows_of(dataset.values["subject"])
    nominal = np.array([days.get(str(visit), 0.0) for visit in dataset.values["visit"]])
    actual = dataset.values["day"].astype(float) if "day" in dataset.values else nominal
    there = (rows >= 0) & ~np.isnan(dataset.values["value"].astype(float))
    np.maximum.at(last, rows[there], np.where(np.isnan(actual), nominal, actual)[there])
    rows = dataset.rows_of(dataset.events["subject"])
    np.fmax.at(last, rows[rows >= 0], dataset.events["day"][rows >= 0])  # a day may be unknown
    return last


def _carried(grid: Floats, after: NDArray[np.bool_]) -> Floats:
    """The last value before the event in the place of those after it."""
    carried = grid.copy()
    for column in range(1, grid.shape[1]):
        carried[:, column] = np.where(after[:, column], carried[:, column - 1], grid[:, column])
    return carried


def _worst(endpoint: Endpoint) -> float:
    if endpoint.kind == "binary":
        return 0.0 if endpoint.responder is not None or endpoint.better == "higher" else 1.0
    low, high = endpoint.limits
    span = high - low
    worst = (
        (low, high)[endpoint.better == "lower"] if not endpoint.change else (-span, span)[endpoint.better == "lower"]
    )
    return float(worst)
