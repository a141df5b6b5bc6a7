"""Designs: what contradicts itself is said, and rules of eligibility mean what they say."""

from dataclasses import replace

import numpy as np
import pytest
from small_studies import ALIVE, BETTER, MIDDLE, RELAPSE, SCORE, analysis, one_arm, two_arms

from azygos.errors import InputError
from azygos.study.design import Allocation, Arm, Blinding, SampleSize, Sequential
from azygos.study.design_check import problems_of_design
from azygos.study.eligibility import eligible, rule
from azygos.study.estimand import STRATEGIES, Estimand
from azygos.study.method import METHODS

MAIN = Estimand(
    name="main", population="all", treatment="balloon against sham", variable="change at m6", summary="difference",
    intercurrent=(("retreated", "treatment policy"), ("died", "while on treatment")),
)  # fmt: skip


def said(design):
    return [str(problem) for problem in problems_of_design(design)]


def test_a_sound_design_has_no_problem():
    design = two_arms(analysis("ancova", estimand="main", role="primary"), estimands=(MAIN,))
    assert said(design) == []
    assert said(one_arm(analysis("proportion", "better"))) == []


def test_an_estimand_names_its_five_attributes():
    text = str(MAIN)
    for attribute in (MAIN.population, MAIN.treatment, MAIN.variable, MAIN.summary, "died: while on treatment"):
        assert attribute in text
    assert len(STRATEGIES) == 5


FAULTS = [
    (two_arms(arms=(Arm(name="a", role="active"), Arm(name="b", role="active"))), "no arm is a control"),
    (two_arms(arms=(Arm(name="a", role="single"), Arm(name="b", role="sham"))), "an arm of role single beside others"),
    (two_arms(arms=(Arm(name="a", role="sham"), Arm(name="a", role="active"))), "2 arms are called 'a'"),
    (two_arms(arms=(Arm(name="a", role="sham"), Arm(name="b", role="active", weight=0.0))), "not above zero"),
    (two_arms(allocation=Allocation(method="blocks", block_sizes=(4, 5))), "a block of 5 cannot hold the arms"),
    (two_arms(allocation=Allocation(method="blocks")), "blocks without sizes"),
    (two_arms(allocation=Allocation(method="minimisation")), "minimisation without strata"),
    (one_arm(allocation=Allocation(method="simple")), "one arm cannot be allocated at random"),
    (one_arm(blinding=Blinding(participants=True)), "participants who wait, or are all treated, know it"),
    (two_arms(kind="group-sequential"), "a group-sequential study without looks"),
    (two_arms(sequential=Sequential(looks=(0.5, 0.4, 1.0))), "looks must rise"),
    (two_arms(sequential=Sequential(looks=(1.0,), futility="pocok")), "no futility 'pocok'"),
    (two_arms(sequential=Sequential(looks=(1.0,), futility="kim-demets")), "futility go with one side"),
    (two_arms(sequential=Sequential(looks=(1.0,), sided=1, futility="kim-demets")), "what the power leaves"),
    (two_arms(visits=(MIDDLE, replace(MIDDLE, name="again"))), "on the same day"),
    (two_arms(visits=(MIDDLE,)), "a change, but there is no visit at day 0"),
    (two_arms(endpoints=(replace(SCORE, limits=(5.0, 5.0)),)), "leave nothing between"),
    (two_arms(endpoints=(replace(BETTER, kind="continuous"),)), "a responder of a continuous endpoint"),
    (two_arms(endpoints=(replace(ALIVE, competing=("died",)),)), "competing events of a binary endpoint"),
    (two_arms(endpoints=(replace(RELAPSE, change=True),)), "a time to event has no change from baseline"),
    (two_arms(analysis("ancov")), "no method 'ancov'; did you mean 'ancova'"),
    (two_arms(analysis("ancova", "relapse")), "ancova is not for a time to event endpoint"),
    (two_arms(analysis("ancova", "scores")), "no endpoint 'scores'; did you mean 'score'"),
    (two_arms(analysis("ancova", "")), "'endpoint' is missing"),
    (two_arms(analysis("ancova", visit="m7")), "no visit 'm7'"),
    (two_arms(analysis("ancova", missing="worst case")), "'worst case' does not go with ancova"),
    (two_arms(analysis("ancova", sensitivity=("locf",))), "cannot be dealt with as 'locf'"),
    (two_arms(analysis("ancova", estimand="other")), "no estimand 'other'"),
    (two_arms(analysis("ancova", level=95.0)), "a level of 95"),
    (two_arms(analysis("risk difference", "better", interval="newcomb")), "did you mean 'newcombe'"),
    (two_arms(analysis("stratified risk difference", "better")), "needs its strata"),
    (one_arm(analysis("risk difference", "better")), "compares arms, and there is one"),
    (two_arms(size=SampleSize(power=0.8, effect=8.0)), "needs sd"),
    (two_arms(size=SampleSize(n=0)), "a size of 0"),
]  # fmt: skip


@pytest.mark.parametrize(("design", "words"), FAULTS, ids=[words for _, words in FAULTS])
def test_a_design_that_contradicts_itself_is_told_so(design, words):
    assert any(words in one for one in said(design)), said(design)


def test_no_analysis_here_pretends_to_find_a_principal_stratum():
    design = two_arms(estimands=(replace(MAIN, intercurrent=(("retreated", "principal stratum"),)),))
    assert any("principal stratum" in one for one in said(design))


def test_all_problems_of_a_design_are_said_at_once():
    design = two_arms(analysis("ancov", "scores", visit="m7", estimand="x", level=2.0))
    assert len(said(design)) == 5


@pytest.mark.parametrize(
    ("text", "column", "met"),
    [
        ("edss <= 6.5", np.array([6.5, 7.0, np.nan]), [True, False, False]),
        ("edss > 2", np.array([2.0, 2.5]), [False, True]),
        ("age between 18 and 65", np.array([17.9, 18.0, 65.0, 66.0]), [False, True, True, False]),
        ("form in RRMS, SPMS", np.array(["RRMS", "PPMS", "SPMS"]), [True, False, True]),
        ("form != PPMS", np.array(["RRMS", "PPMS", ""]), [True, False, False]),
        ("treated = 0", np.array([0.0, 1.0]), [True, False]),
    ],
)
def test_a_rule_lets_in_whom_it_says(text, column, met):
    read = rule(text)
    assert str(read) == text
    assert eligible([read], {read.variable: column}).tolist() == met


@pytest.mark.parametrize("text", ["edss is low", "edss < high", "__import__('os') = 1", "age between 65 and 18", ""])
def test_what_is_no_rule_is_refused(text):
    with pytest.raises(InputError):
        rule(text)


def test_rules_of_columns_that_are_not_there_are_all_named():
    with pytest.raises(InputError) as error:
        eligible([rule("edss < 3"), rule("age > 18")], {"sex": np.array(["f"])})
    assert len(error.value.problems) == 2


def test_every_method_has_a_place_and_says_what_it_does():
    for method in METHODS.values():
        assert method.says and callable(method.function)


def test_a_wait_list_needs_an_arm_that_waits():
    assert any(
        "wait-list study without an arm of role waiting" in p.what
        for p in problems_of_design(one_arm(kind="wait-list"))
    )
