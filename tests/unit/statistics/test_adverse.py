"""Adverse events by term and grade."""

import pytest

from azygos.errors import InputError
from azygos.statistics.adverse import SIR_GRADES, adverse_events
from azygos.statistics.difference import risk_difference_interval
from azygos.statistics.proportion import proportion_interval
from azygos.statistics.tables import fisher_test

RECORDS = (  # subject, arm, term, grade
    ("1", "venoplasty", "headache", 1),
    ("1", "venoplasty", "headache", 3),
    ("2", "venoplasty", "thrombosis", 3),
    ("3", "sham", "headache", 2),
)
SIZES = {"venoplasty": 49, "sham": 55}


def table(records=RECORDS, sizes=SIZES):
    return adverse_events(*(list(column) for column in zip(*records, strict=True)), sizes)


def row(found, term, grade):
    return next(r for r in found.rows if (r.term, r.grade) == (term, grade))


def test_a_patient_with_two_events_counts_once_and_both_events_are_kept():
    active, sham = row(table(), "headache", 1).arms
    assert (active.subjects, active.events, active.size) == (1, 2, 49)
    assert (sham.subjects, sham.events, sham.size) == (1, 1, 55)


def test_a_grade_holds_what_is_worse():
    assert [a.subjects for a in row(table(), "any", 1).arms] == [2, 1]
    assert [a.subjects for a in row(table(), "any", 2).arms] == [2, 1]
    assert [a.subjects for a in row(table(), "any", 3).arms] == [2, 0]


def test_a_row_has_the_intervals_and_the_test_of_its_counts():
    found = row(table(), "any", 3)
    exact = proportion_interval(2, 49)
    assert (found.arms[0].lower, found.arms[0].upper) == (exact.lower, exact.upper)
    assert found.difference == risk_difference_interval(2, 49, 0, 55)
    assert found.p == fisher_test(2, 49, 0, 55).p


def test_one_arm_has_no_difference():
    found = table(RECORDS[:3], {"venoplasty": 49})
    assert found.rows[0].difference is None and found.rows[0].p is None


def test_any_event_comes_first():
    assert [r.term for r in table().rows][:3] == ["any"] * 3


def test_the_grades_are_those_of_the_society_of_interventional_radiology():
    """Khalilzadeh et al. 2017, J Vasc Interv Radiol 28:1432."""
    assert SIR_GRADES[1] == "mild" and SIR_GRADES[4].startswith("life-threatening") and SIR_GRADES[5] == "death"


def test_everything_wrong_with_the_records_is_said_at_once():
    records = (*RECORDS, ("3", "venoplasty", "any", 7), ("9", "shm", "headache", 1))
    with pytest.raises(InputError) as refused:
        table(records, {"venoplasty": 2, "sham": 0})
    text = str(refused.value)
    for said in (
        "'shm' has no size",
        "3 patients of 'venoplasty'",
        "0 patients",
        "'3' is in 2 arms",
        "7 is no grade",
        "'any'",
    ):
        assert said in text
