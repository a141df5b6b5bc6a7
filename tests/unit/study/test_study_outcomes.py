"""Outcomes out of a dataset: change, response, time to event, and what the estimand says of what happens meanwhile."""

import numpy as np
import pytest
from small_studies import BETTER, RELAPSE, SCORE, dataset, scores, two_arms

from azygos.study.dataset import Dataset, Table, empty_events, empty_values
from azygos.study.design import Endpoint
from azygos.study.estimand import Estimand
from azygos.study.outcome import follow_up_grid, outcome, time_to_event

NAN = np.nan
GRID = np.array([[50.0, 40.0, 30.0], [60.0, 60.0, NAN], [20.0, NAN, 22.0], [NAN, 10.0, 10.0]])
ARMS = ["sham", "sham", "balloon", "balloon"]


def asking(event, strategy):
    return Estimand(name="e", population="", treatment="", variable="", summary="", intercurrent=((event, strategy),))


def test_values_find_their_subjects_whatever_the_order():
    found = Dataset(
        subjects=Table({"subject": np.array(["c", "a", "b"]), "arm": np.array(["x", "x", "x"])}),
        values=Table(
            {
                "subject": np.array(["a", "b", "nobody", "a"]),
                "visit": np.array(["m6", "m6", "m6", "m3"]),
                "variable": np.array(["score"] * 4),
                "value": np.array([1.0, 2.0, 3.0, 4.0]),
            }
        ),
        events=empty_events(),
    )
    np.testing.assert_array_equal(found.wide("score", ("m3", "m6")), [[NAN, NAN], [4.0, 1.0], [NAN, 2.0]])
    assert found.rows_of(np.array(["b", "z"])).tolist() == [2, -1]


def test_an_empty_dataset_has_no_values_and_no_events():
    found = dataset(["sham"])
    assert np.isnan(found.wide("score", ("m6",))).all()
    assert np.isinf(found.first_day(("relapse",))).all()
    assert len(empty_values()) == len(empty_events()) == 0


def test_a_change_needs_both_its_ends():
    found = outcome(two_arms(), SCORE, scores(ARMS, GRID))
    np.testing.assert_array_equal(found, [-20.0, NAN, 2.0, NAN])


def test_a_responder_is_judged_by_change_and_the_missing_stay_missing():
    found = outcome(two_arms(), BETTER, scores(ARMS, GRID))
    np.testing.assert_array_equal(found, [1.0, NAN, 0.0, NAN])


# The four strategies of ICH E9(R1) that data can answer, for a subject retreated on day 100: m3 is before, m6 after.
@pytest.mark.parametrize(
    ("strategy", "at_m6"),
    [("treatment policy", -20.0), ("hypothetical", NAN), ("while on treatment", -10.0), ("composite", 100.0)],
)
def test_each_strategy_deals_with_an_intercurrent_event_in_its_way(strategy, at_m6):
    data = scores(ARMS, GRID, events=[(0, "retreated", 100.0, 0.0, False)])
    grid = follow_up_grid(two_arms(), SCORE, data, ("m3", "m6"), asking("retreated", strategy))
    np.testing.assert_array_equal(grid[0], [-10.0, at_m6])  # the worst change on a scale from 0 to 100 is 100
    np.testing.assert_array_equal(grid[2], [NAN, 2.0])  # nobody else is touched


def test_a_composite_response_counts_the_event_as_none_even_where_the_value_is_missing():
    data = scores(ARMS, GRID, events=[(0, "died", 10.0, 5.0, True), (1, "died", 10.0, 5.0, True)])
    found = outcome(two_arms(), BETTER, data, estimand=asking("died", "composite"))
    np.testing.assert_array_equal(found, [0.0, 0.0, 0.0, NAN])


def test_a_time_ends_with_the_event_a_competing_one_or_the_last_day_known():
    events = [
        (0, "relapse", 30.0, 0.0, False),
        (0, "relapse", 20.0, 0.0, False),
        (1, "died", 40.0, 5.0, True),
        (2, "relapse", 60.0, 0.0, False),
        (2, "died", 50.0, 5.0, True),
    ]
    data = dataset(ARMS, events=events, followed=[100.0, 40.0, 60.0, 90.0])
    times, happened = time_to_event(two_arms(), RELAPSE, data)
    assert times.tolist() == [20.0, 40.0, 50.0, 90.0]
    assert happened.tolist() == [1, 2, 2, 0]


@pytest.mark.parametrize(
    ("strategy", "time", "what"),
    [("treatment policy", 80.0, 1), ("hypothetical", 50.0, 0), ("while on treatment", 50.0, 0), ("composite", 50.0, 1)],
)
def test_an_intercurrent_event_ends_a_time_or_counts(strategy, time, what):
    events = [(0, "relapse", 80.0, 0.0, False), (0, "retreated", 50.0, 0.0, False)]
    data = dataset(ARMS, events=events, followed=[100.0] * 4)
    times, happened = time_to_event(two_arms(), RELAPSE, data, asking("retreated", strategy))
    assert (times[0], happened[0]) == (time, what)
    assert times[1:].tolist() == [100.0] * 3


def test_without_a_last_day_on_record_the_last_visit_with_a_value_is_it():
    times, happened = time_to_event(two_arms(), RELAPSE, scores(ARMS, GRID))
    assert times.tolist() == [182.0, 91.0, 182.0, 182.0]
    assert not happened.any()


def test_events_are_counted_up_to_the_visit():
    lesions = Endpoint(name="relapses", kind="count", of="relapse")
    events = [(0, "relapse", day, 0.0, False) for day in (-5.0, 10.0, 95.0)]
    grid = follow_up_grid(two_arms(), lesions, dataset(ARMS, events=events), ("m3", "m6"))
    assert grid.tolist() == [[1.0, 2.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]
