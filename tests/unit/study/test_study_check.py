"""Data that cannot be, and arms that leak, are refused with everything that is wrong."""

import math
from dataclasses import replace

import numpy as np
import pytest
from small_studies import analysis, dataset, scores, table_of_events, two_arms

from azygos.rng import stream
from azygos.study.check import problems_of
from azygos.study.dataset import Table
from azygos.study.design import Blinding
from azygos.study.leaks import LIMIT, log_chance_of_parting

ARMS = ["sham", "balloon"] * 30
DRAW = stream(7, "test", "leaks")
GRID = DRAW.normal(50.0, 10.0, (60, 3))
BLINDED = replace(two_arms(), blinding=Blinding(participants=True, assessors=True, analysts=True))


def said(data, design=None):
    return [str(problem) for problem in problems_of(data, design or two_arms(analysis("ancova")))]


def good(**columns):
    return scores(ARMS, GRID, **columns)


def test_sound_data_have_no_problem():
    assert said(good(followed=[182.0] * 60), two_arms(analysis("ancova"), analysis("cox", "relapse"))) == []


def changed(table, name, row, value):
    column = np.array(table[name], dtype=object)
    column[row] = value
    column = column.astype(float) if isinstance(value, float) else column.astype(str)
    return Table({**table.columns, name: column})


def test_each_thing_that_cannot_be_is_said():
    data = good()
    data = replace(data, values=changed(data.values, "value", 0, 140.0))
    data = replace(data, values=changed(data.values, "visit", 3, "m7"))
    data = replace(data, subjects=changed(data.subjects, "arm", 5, "placebo"))
    data = replace(
        data,
        events=table_of_events(
            [
                (0, "relapse", -3.0, 0.0, False),
                (1, "headache", 3.0, 8.0, False),
                (99, "headache", 3.0, 1.0, False),
                (2, "died", 10.0, 5.0, True),
                (2, "headache", 20.0, 1.0, False),
                (3, "relapse", math.nan, 0.0, False),
                (4, "headache", math.nan, 1.0, False),  # an adverse event may be of an unknown day
            ]
        ),
    )
    words = (
        "score 140 is outside 0 to 100",
        "the design has no visit 'm7'; did you mean",
        "the design has no arm 'placebo'",
        "relapse on day -3, before allocation",
        "grade 8",
        "no patient '99' among the subjects",
        "headache on day 20, after death on day 10",
        "relapse: no day",
    )
    found = said(data)
    assert len(found) == len(words), found
    for word in words:
        assert any(word in one for one in found), (word, found)


def test_patients_and_values_given_twice_are_said():
    data = good()
    twice = replace(data, subjects=changed(data.subjects, "subject", 1, 0.0))
    assert any("patient '0.0' again" in one for one in said(twice))
    again = replace(data, values=Table({k: np.append(v, v[:1]) for k, v in data.values.columns.items()}))
    assert sum("score at baseline again" in one for one in said(again)) == 1


def test_visits_on_days_when_they_cannot_have_been_are_said():
    data = good()
    days = np.tile([0.0, 91.0, 182.0], 60)
    days[[0, 4, 8]] = 5.0, -2.0, 400.0
    data = replace(data, values=Table({**data.values.columns, "day": days}))
    design = two_arms(
        analysis("ancova"), visits=tuple(replace(v, window=14.0 * (v.day > 0)) for v in two_arms().visits)
    )
    found = said(data, design)
    assert [sum(word in one for one in found) for word in ("from after allocation", "from before allocation")] == [1, 1]
    assert any("on day 400, which is due on 182 ± 14" in one for one in found)
    assert len(found) == 3


def test_what_an_analysis_needs_and_nobody_has_is_said():
    design = two_arms(analysis("ancova", covariates=("edss",)), analysis("risk difference", "cured"))
    found = said(good(), design)
    assert any("no column 'edss'" in one for one in found)
    assert any("no value of 'cured'" in one for one in found)


# ---------------------------------------------------------------------------------------------------------------
# arms that leak


def test_a_column_that_tells_the_arms_apart_is_a_leak():
    for column in (
        ["kit A" if arm == "sham" else "kit B" for arm in ARMS],
        [1.0 + row / 100 if arm == "sham" else 9.0 for row, arm in enumerate(ARMS)],
        [float(row % 4) for row in range(60)],  # codes 0 and 2 for one arm, 1 and 3 for the other
    ):
        assert any("column 'kit' tells the arms apart" in one for one in said(good(kit=column))), column[:4]


def test_identities_that_spell_the_arm_are_a_leak():
    data = good()
    names = np.array([f"{'S' if arm == 'sham' else 'B'}{row:03d}" for row, arm in enumerate(ARMS)])
    data = replace(
        data,
        subjects=Table({**data.subjects.columns, "subject": names}),
        values=Table({**data.values.columns, "subject": names[data.values["subject"]]}),
    )
    assert any("column 'subject' tells the arms apart" in one for one in said(data))


def test_identities_numbered_arm_by_arm_are_a_leak_whatever_stands_before_the_number():
    data, order = good(), np.argsort(np.argsort(ARMS, kind="stable"))
    for head in ("", "P-"):
        names = np.array([f"{head}{place + 1:03d}" for place in order])
        subjects = Table({**data.subjects.columns, "subject": names})
        values = Table({**data.values.columns, "subject": names[data.values["subject"]]})
        assert any("column 'subject' tells" in one for one in said(replace(data, subjects=subjects, values=values)))


def test_a_baseline_that_differs_more_than_chance_allows_is_a_leak():
    shifted = GRID.copy()
    shifted[::2, 0] += 30.0
    assert any("score at baseline differs between arms" in one for one in said(scores(ARMS, shifted.clip(0, 100))))
    sex = ["f" if row % 20 else "m" for row in range(30)]
    words = [sex[row // 2] if row % 2 else "m" for row in range(60)]
    assert any("column 'sex' differs between arms" in one for one in said(good(sex=words)))


def test_where_patients_chose_their_arm_a_difference_at_baseline_is_no_leak():
    shifted = GRID.copy()
    shifted[::2, 0] += 30.0
    open_label = two_arms(analysis("ancova"), blind=False, kind="registry", allocation=type(two_arms().allocation)())
    assert said(scores(ARMS, shifted.clip(0, 100)), open_label) == []


def test_a_variable_of_one_arm_only_gives_the_arm_to_a_blinded_analyst():
    data = good()
    rows = [(row, "m6", "stent_diameter", 14.0) for row in range(1, 60, 2)]
    columns = list(zip(*rows, strict=True))
    names = ("subject", "visit", "variable", "value")
    more = {n: np.append(data.values[n], np.array(c)) for n, c in zip(names, columns, strict=True)}
    data = replace(data, values=Table(more))
    assert said(data) == []
    assert any("stent_diameter is measured in one arm only" in one for one in said(data, BLINDED))


def test_honest_columns_do_not_leak():
    draw = stream(3, "test", "honest")
    for _ in range(60):
        columns = {
            "age": draw.normal(45, 10, 60),
            "sex": draw.choice(["f", "m"], 60),
            "edss": draw.integers(4, 13, 60) / 2.0,
        }
        assert said(scores(ARMS, draw.normal(50, 10, (60, 3)), **columns)) == []


@pytest.mark.parametrize("n", [6, 8, 10])
def test_the_chance_of_parting_is_that_of_enumeration(n):
    # Of all ways to choose half of n, two put the lower numbers into one arm.
    arms = np.array(["a"] * (n // 2) + ["b"] * (n // 2))
    assert math.isclose(math.exp(log_chance_of_parting(np.arange(n, dtype=float), arms)), 2.0 / math.comb(n, n // 2))


def test_few_patients_cannot_prove_a_leak():
    # 2 of C(20, 10) = 184 756 ways is more than one in a million; 2 of C(24, 12) = 2 704 156 is less.
    for n, leaks in ((20, False), (24, True)):
        column = np.arange(n, dtype=float)
        arms = np.array(["a"] * (n // 2) + ["b"] * (n // 2))
        assert (log_chance_of_parting(column, arms) < math.log(LIMIT)) == leaks


@pytest.mark.parametrize(("n", "leaks"), [(12, False), (14, True)])
def test_a_code_for_the_arm_needs_fewer(n, leaks):
    # Of the C(12, 6) = 924 and C(14, 7) = 3432 ways to choose half, two part a column of two halves so.
    arms = (["sham", "balloon"] * 7)[:n]
    data = scores(arms, GRID[:n], kit=[arm[0] for arm in arms])
    assert any("column 'kit' tells the arms apart" in one for one in said(data)) == leaks


def test_problems_name_the_patient_where_there_is_no_file():
    data = dataset(["sham", "balloon"], [(0, "m6", "score", 140.0)])
    assert any(one.startswith("subject '0', score at m6: score 140") for one in said(data, two_arms()))
