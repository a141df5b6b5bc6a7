"""A real patient's way through a cohort: alone, in company, in lanes, and when something goes wrong."""

from dataclasses import replace

import pytest

from azygos.exchange.cohort import named_cohort
from azygos.instruments.recording import Site
from azygos.population.distribution import Fixed
from azygos.run import passage as passages
from azygos.run.chunk import encoded
from azygos.run.tables import TABLES, columns_of
from azygos.run.waveforms import Waveforms
from azygos.run.work import CohortWork, rows_of

EIGHT = tuple(range(8))


@pytest.fixture(scope="module")
def cohort():
    """People with narrowed sinuses, every one of whom is sent for treatment."""
    return replace(named_cohort("iih"), eligible=())


@pytest.fixture(scope="module")
def company(cohort):
    return rows_of(cohort, EIGHT)


def bytes_of(rows, cohort):
    return encoded(rows, tuple(cohort.parameters), None)


def test_a_patient_alone_is_the_patient_in_company_to_the_last_bit(cohort, company):
    assert bytes_of(rows_of(cohort, [5]), cohort) == bytes_of([company[5]], cohort)


def test_patients_side_by_side_in_the_lanes_are_those_one_by_one_to_the_last_bit(cohort, company):
    some = EIGHT[:3]
    alone = rows_of(cohort, some, side_by_side=False)
    assert bytes_of(alone, cohort) == bytes_of([company[i] for i in some], cohort)


def test_every_patient_leaves_a_row_and_each_visit_its_outcomes(cohort, company):
    assert [rows.number for rows in company] == list(EIGHT)
    for rows in company:
        if rows.outcome in ("ok", "choked"):
            assert [row["visit"] for row in rows.of["outcomes"]] == ["before", "after", "180 days"]
            assert {row["visit"] for row in rows.of["findings"]} == {"before", "after", "180 days"}
            assert rows.of["procedures"][0]["step"].startswith("access")
            assert rows.of["solves"][0]["solve"] == "before"


def test_treatment_lowers_the_worst_gradient_of_those_in_whom_a_device_was_used(company):
    treated = [rows for rows in company if rows.patient["treated"] and rows.outcome == "ok"]
    assert treated
    for rows in treated:
        before, after = (rows.of["outcomes"][i]["worst_gradient_mmhg"] for i in (0, 1))
        assert after < before


def test_under_a_sham_nothing_changes_and_the_first_look_is_the_same(cohort, company):
    (rows,) = rows_of(replace(cohort, sham=True), [1])
    assert rows.patient["treated"] is False
    before, after = (rows.of["outcomes"][i] for i in (0, 1))
    assert {k: v for k, v in before.items() if k not in ("visit", "day")} == {
        k: v for k, v in after.items() if k not in ("visit", "day")
    }
    assert [row for row in rows.of["findings"] if row["visit"] == "before"] == [
        row for row in company[1].of["findings"] if row["visit"] == "before"
    ]


def test_who_is_not_eligible_is_a_row_with_the_rule_and_is_not_treated(cohort):
    from azygos.population.eligibility import rule

    (rows,) = rows_of(replace(cohort, eligible=(rule("age > 89 years"),)), [0])
    assert (rows.outcome, rows.patient["sentence"]) == ("not eligible", "not met: age > 89 years")
    assert rows.patient["eligible"] is False and not rows.of["procedures"]
    assert [row["visit"] for row in rows.of["outcomes"]] == ["before"]


def test_a_body_that_cannot_be_is_an_outcome_with_its_problems(cohort):
    lesion = cohort.lesions[0]
    long = replace(lesion.kinds["stenosis"], length=Fixed(value=1.0))
    impossible = replace(cohort, lesions=(replace(lesion, prevalence=1.0, kinds={"stenosis": long}),))
    (rows,) = rows_of(impossible, [0])
    assert rows.outcome == "impossible"
    assert "the lesion is 1000 mm long" in rows.patient["sentence"]


def test_what_nobody_foresaw_in_one_patient_is_caught_and_the_others_go_on(cohort, company, monkeypatch):
    usual = passages.unmet

    def unforeseen(rules, person, seen):
        if person.age == company[2].patient["age_years"]:
            raise ZeroDivisionError("of patient 2")
        return usual(rules, person, seen)

    monkeypatch.setattr(passages, "unmet", unforeseen)
    rows = rows_of(cohort, [1, 2])
    assert (rows[1].outcome, rows[1].patient["sentence"]) == ("error", "ZeroDivisionError: of patient 2")
    assert bytes_of(rows[:1], cohort) == bytes_of([company[1]], cohort)


def test_waveforms_have_a_course_for_every_visit_place_and_variable(cohort):
    kept = Waveforms(sites=(Site(vessel="ijv_r"), Site(vessel="transverse_sinus_l", fraction=0.2)), samples=20)
    (rows,) = CohortWork(cohort=cohort, n=1, waveforms=kept).rows([0])
    assert len(rows.waveforms) == len(rows.of["outcomes"]) * 3 * 2 * 20
    flow = rows.waveforms[40:60]
    assert sum(flow) / 20 * 6e7 == pytest.approx(rows.of["outcomes"][0]["flow_ijv_r_ml_min"], rel=0.02)


def test_every_row_has_only_known_columns_and_every_column_is_filled_by_somebody(cohort, company):
    for table in TABLES:
        rows = [rows.patient for rows in company] if table == "patients" else [r for x in company for r in x.of[table]]
        assert {key for row in rows for key in row} == set(columns_of(table, cohort.parameters)), table
