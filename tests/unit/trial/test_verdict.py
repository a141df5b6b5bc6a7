"""The verdict: chances and bounds where they are known exactly, and words that follow from numbers by the rules."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_studies import FELL, SCORE, one_arm, two_arms
from scipy.stats import binom, norm

from azygos.errors import InputError
from azygos.exchange.study import named_study
from azygos.report.verdict_figure import null_figure
from azygos.rng import stream
from azygos.study.design import Analysis, Endpoint
from azygos.trial.interim import look_by_look
from azygos.trial.inversion import Bound, bound
from azygos.trial.outcome import benefit, from_null
from azygos.trial.plan import against_sham, plan
from azygos.trial.run import computable, simulate
from azygos.trial.study import Effect
from azygos.trial.verdict import Chance, Judged, Result, Verdict, judged, observed_of, verdict, was_published
from azygos.trial.words import MEANING, for_patients, result_in_words, sentences, standing

SD, RELIABILITY = 22.0, 0.90
FUTILITY = 0.92314053458  # rpact 3.3: two looks, one side of 2.5 %, power 90 %, "asOF" with "bsP", not binding
SEM = SD * np.sqrt(1.0 - RELIABILITY)
CAUSAL = (
    "shown:",
    "works",
    "helps",
    "caused",
    "because of the treatment",
    "effective",
    "the treatment improved",
    "benefits",
)


def flat(chance: float) -> Chance:
    return Chance(mean=chance, error=0.0, each=np.full(10, chance))


def made(study, result, chance: float, worse: float = 0.5, odds: float | None = None) -> Verdict:
    """A verdict with numbers of one's own."""
    analysis = next(one for one in study.design.analyses if one.name == result.analysis)
    closed = Bound(effect=0.1, error=0.01, is_open=False)
    return Verdict(
        study=study, analysis=analysis, result=result, repeats=10, seed=1, chance=flat(chance),
        chance_before_calibration=chance, worse=flat(worse), predicted=(0.0, 0.1, 0.2), null=np.zeros(10), lower=closed,
        upper=replace(closed, effect=0.9), effects=(), odds_ratio=odds,
    )  # fmt: skip


def test_with_known_constants_the_chance_with_no_effect_is_the_binomials():
    study = one_arm(89, layers=("noise",), reliability_physical=RELIABILITY)
    p = norm.cdf(-8.0 / (SEM * np.sqrt(2.0)))
    found = verdict(study, Result(analysis="fell", estimate=24 / 89, of=89), details=False)
    exact = binom.sf(23, 89, p)
    # The share in each draw of the constants comes from 20 repeats of 89 people.
    spread = 3.0 * binom.pmf(24, 89, p) * 89 * np.sqrt(p * (1.0 - p) / (89 * 20 * 250))
    assert found.chance.mean == pytest.approx(exact, abs=0.01 + spread)


def test_compatible_effects_are_those_of_the_normal_interval():
    # Differences of two means of 100 with known error: estimate ± 1.96 se, in units of SD, and turned round.
    study = two_arms(200, layers=("noise",), reliability_physical=RELIABILITY)
    found = verdict(study, Result(analysis="change", estimate=-6.6), repeats=1500)
    se = SEM * np.sqrt(2.0) * np.sqrt(2.0 / 100.0) / SD
    for end, exact in ((found.lower, 0.3 - 1.96 * se), (found.upper, 0.3 + 1.96 * se)):
        assert not end.is_open
        assert end.effect == pytest.approx(exact, abs=4.0 * end.error)


def test_an_end_of_the_compatible_effects_varies_from_seed_to_seed_by_its_monte_carlo_error():
    # A normal estimate of SD s: its end is 0.7 - 1.96 s, and varies by sqrt(pq/n) over the density there.
    s, n = 0.4, 1000
    grid = np.arange(-1.0, 2.01, 0.25).tolist()
    ends = []
    for seed in range(80):
        z = stream(seed, "estimates").standard_normal(n)
        tail = partial(lambda z, effect: float(np.mean(effect + s * z >= 0.7)), z)
        ends.append(bound({effect: tail(effect) for effect in grid}, tail, n, is_lower=True))
    exact = np.sqrt(0.025 * 0.975 / n) * s / norm.pdf(1.96)
    errors = np.array([end.error for end in ends])
    assert np.std([end.effect for end in ends]) == pytest.approx(exact, rel=0.25)
    assert np.median(errors) == pytest.approx(exact, rel=0.1)
    assert exact / 1.5 < errors.min() and errors.max() < 1.5 * exact


def test_errors_of_type_s_and_m_are_those_of_gelman_and_carlin():
    # Perspect Psychol Sci 2014;9:641: power, type S and exaggeration of an effect d with standard error s, exactly.
    study = two_arms(40, layers=("noise",), reliability_physical=RELIABILITY)
    found, null = (simulate(study, 1, 20_000, Effect(amount=e)).of["change", ""] for e in (0.2, 0.0))
    one = judged(found, null, 0.2, Result(analysis="change", estimate=-5.0), -1, study.design.analyses[0])
    d, s = 0.2 * SD, SEM * np.sqrt(2.0) * np.sqrt(2.0 / 20.0)
    good, bad = norm.sf(1.96 - d / s), norm.cdf(-1.96 - d / s)
    grid = np.linspace(d - 8 * s, d + 8 * s, 20_001)
    density = norm.pdf(grid, d, s)
    significant = np.abs(grid) > 1.96 * s
    exaggeration = np.sum(np.abs(grid) * density * significant) / np.sum(density * significant) / d
    assert one.power == pytest.approx(good, abs=0.02)  # Student's for the normal distribution: a little less
    assert one.type_s == pytest.approx(bad / (good + bad), abs=0.005)
    assert one.type_m == pytest.approx(exaggeration, rel=0.03)


@settings(max_examples=40, deadline=None)
@given(
    chance=st.floats(0.0, 1.0), share=st.floats(0.0, 1.0), odds=st.floats(0.01, 1e6),
    name=st.sampled_from(["chicago-2012", "albany-2012"]),
)  # fmt: skip
def test_a_survey_gets_no_sentence_about_what_its_treatment_did_whatever_it_found(chance, share, odds, name):
    study = named_study(name)
    result = Result(analysis=study.design.analyses[0].name, estimate=share, of=89)
    found = made(study, result, chance, odds=odds)
    assert standing(found).word == "cannot show"
    for sentence in (*sentences(found), *for_patients(found)):
        assert not any(word in sentence.lower() for word in CAUSAL), sentence


@pytest.mark.parametrize(
    "chance, odds, word, rule",
    [
        (1e-9, 20.0, "shown", "dramatic"),
        (1e-9, 9.9, "not shown", "beyond"),  # a rare result, but not a dramatic one
        (0.0011, 20.0, "not shown", "uncontrolled"),
        (0.4, 1.0, "not shown", "uncontrolled"),
    ],
)
def test_an_uncontrolled_study_shows_dramatic_changes_only(chance, odds, word, rule):
    study = named_study("tinnitus-stenting")
    said = standing(made(study, Result(analysis="tinnitus resolved", estimate=0.9, of=42), chance, odds=odds))
    assert (said.word, said.rule) == (word, rule)


@pytest.mark.parametrize(
    "chance, worse, word, rule",
    [
        (0.02, 0.98, "shown", "better"),
        (0.03, 0.97, "not shown", "compatible"),
        (0.5, 0.5, "not shown", "compatible"),
        (0.98, 0.02, "shown to do worse", "worse"),
    ],
)
def test_a_randomised_study_is_judged_by_chance(chance, worse, word, rule):
    said = standing(made(named_study("canada-2018"), observed_of(named_study("canada-2018")), chance, worse))
    assert (said.word, said.rule) == (word, rule)


@pytest.mark.parametrize("method, name", [("proportion", "fell"), ("mean", "score")])
def test_a_number_of_one_arm_shows_nothing_though_the_arms_were_allocated_at_random(method, name):
    study = two_arms(method=method)
    endpoint = FELL if method == "proportion" else SCORE
    design = replace(study.design, endpoints=(endpoint,), analyses=(Analysis(name="a", method=method, endpoint=name),))
    result = Result(analysis="a", estimate=1.0 if method == "proportion" else -20.0, of=89)
    found = made(replace(study, design=design), result, 0.0, odds=1e6)
    assert (standing(found).word, standing(found).rule) == ("cannot show", "one arm")
    for sentence in (*sentences(found), *for_patients(found)):
        assert not any(word in sentence.lower() for word in (*CAUSAL, "does better than", "than chance explains"))


@pytest.mark.parametrize("rater, shows", [("participant", False), ("assessor", False), ("record", True)])
def test_what_people_judge_of_their_sclerosis_shows_nothing_in_a_registry_however_many_say_so(rater, shows):
    study = one_arm()
    lesions = replace(FELL, of="lesions", rated_by=rater)
    study = replace(study, design=replace(study.design, endpoints=(lesions, SCORE)))
    said = standing(made(study, Result(analysis="fell", estimate=76 / 89, of=89), 0.0, odds=50.0))
    assert said.word == ("shown" if shows else "not shown")


def test_a_file_cannot_make_a_record_of_a_score_that_people_give():
    study = one_arm()
    study = replace(study, design=replace(study.design, endpoints=(replace(FELL, rated_by="record"), SCORE)))
    said = standing(made(study, Result(analysis="fell", estimate=1.0, of=89), 0.0, odds=1e4))
    assert (said.word, said.rule) == ("not shown", "beyond")


def test_nothing_is_shown_where_no_effect_tried_explains_the_result():
    study = named_study("tinnitus-stenting")
    none = Bound(effect=float("nan"), error=float("nan"), is_open=True)
    found = made(study, observed_of(study), 0.0, odds=50.0)
    tried = Judged(effect=0.0, expected=0.3, power=None, type_s=None, type_m=None, at_least_as_good=0.0)
    assert standing(found).word == "shown"
    assert standing(replace(found, lower=none, upper=none, effects=(tried,))).rule == "beyond"


def test_a_result_far_beyond_the_model_is_told_as_such_and_its_chance_as_less_than_a_number():
    found = made(one_arm(), Result(analysis="change", estimate=-60.0), 0.0)
    assert standing(found).rule == "beyond"
    told = " ".join(sentences(found))
    assert "far beyond natural course" in told and "less than 0.01 %" in told and "up to 0" not in told


def test_where_no_effect_tried_explains_a_result_nothing_is_said_of_what_it_excludes():
    none = Bound(effect=float("nan"), error=float("nan"), is_open=True)
    tried = Judged(effect=0.0, expected=0.0, power=0.1, type_s=None, type_m=None, at_least_as_good=0.0)
    for study, name in ((two_arms(), "change"), (one_arm(), "fell")):
        found = made(study, Result(analysis=name, estimate=-60.0), 0.0)
        told = sentences(replace(found, lower=none, upper=none, effects=(tried,)))
        assert told[-1].startswith("None of the effects tried is compatible")


@pytest.mark.parametrize(
    ("method", "kind", "told"),
    [
        ("cox", "time to event", "score: hazard ratio 0.52 between arms"),
        ("wilcoxon", "continuous", "score: probability of a higher value 0.52 between arms"),
        ("rmst", "time to event", "score: +0.52 days between arms"),
        ("stratified risk difference", "binary", "score: +52.0 percentage points between arms"),
        ("t-test", "continuous", "score: +0.52 points between arms"),
    ],
)
def test_a_result_is_told_as_what_its_method_gives(method, kind, told):
    study = two_arms()
    endpoint = replace(SCORE, name="score", unit="points", kind=kind, change=kind == "continuous")
    plan = Analysis(name="main", method=method, endpoint="score", role="primary")
    study = replace(study, design=replace(study.design, endpoints=(endpoint,), analyses=(plan,)))
    found = made(study, Result(analysis="main", estimate=0.52), 0.3)
    assert result_in_words(found) == told
    assert "difference" not in null_figure(found) or "ratio" not in told


def test_no_effects_are_named_beyond_those_that_the_model_has():
    study = named_study("tinnitus-stenting")
    found = made(study, observed_of(study), 0.3)
    ends = [Bound(effect=effect, error=0.0, is_open=True) for effect in (0.0, 1.0)]
    told = " ".join(sentences(replace(found, lower=ends[0], upper=ends[1])))
    assert "Compatible true effects: 0 to 1 of the symptom" in told


@pytest.mark.parametrize(("chance", "told"), [(0.001, "would hardly ever give"), (0.14, "about 14 times in 100"),
                                              (0.999, "would nearly always give")])  # fmt: skip
def test_patients_are_told_how_often_in_plain_words(chance, told):
    study = named_study("canada-2018")
    assert told in " ".join(for_patients(made(study, observed_of(study), chance)))


def test_a_result_of_a_secondary_analysis_alone_is_no_published_result_to_judge():
    study = named_study("canada-2018")
    primary = study.published[0].analysis
    assert was_published(study)
    assert not was_published(replace(study, published=tuple(p for p in study.published if p.analysis != primary)))


@pytest.mark.parametrize(
    "low, high, told",
    [
        (-0.7, 0.81, "a large benefit or a moderate harm could have been missed"),  # presets .2, .5, .8
        (-0.1, 0.3, "a small benefit or a very small harm could have been missed"),
        (-0.6, -0.1, "A benefit would probably have been seen. A moderate harm may be there."),
        (0.05, 0.6, "a moderate benefit could have been missed"),
    ],
)
def test_patients_are_told_the_largest_effects_that_the_numbers_leave(low, high, told):
    study = named_study("canada-2018")
    end = Bound(effect=low, error=0.01, is_open=False)
    found = replace(made(study, observed_of(study), 0.5), lower=end, upper=replace(end, effect=high))
    assert told in " ".join(for_patients(found))
    assert ("A large benefit would probably have been seen." in for_patients(found)) == (high < 0.8)


def test_distances_from_no_difference_have_the_sign_of_the_direction():
    ratio, win = (Analysis(name="a", method=method) for method in ("cox", "wilcoxon"))
    assert from_null(ratio, np.array([0.5, 2.0])) == pytest.approx([-np.log(2.0), np.log(2.0)])
    assert from_null(win, np.array([0.4, 0.5])) == pytest.approx([-0.1, 0.0])
    relapse = replace(SCORE, name="score", kind="time to event", change=False)
    design = replace(two_arms().design, endpoints=(relapse,))
    assert benefit(design, Analysis(name="a", method="cox", endpoint="score")) == -1
    assert benefit(design, Analysis(name="a", method="rmst", endpoint="score")) == 1  # longer without it is better


def test_a_study_of_events_alone_is_simulated_and_a_test_without_estimate_counts_its_p():
    relapse = Endpoint(name="relapse", kind="time to event", of="relapse")
    plans = tuple(Analysis(name=method, method=method, endpoint="relapse") for method in ("log-rank", "rmst"))
    study = two_arms(40, layers=("course",))
    study = replace(study, design=replace(study.design, endpoints=(relapse,), analyses=plans))
    found = simulate(study, 1, 8)
    assert np.isnan(found.of["log-rank", ""].estimate).all()
    assert np.isfinite(found.of["log-rank", ""].p).all()
    assert np.isfinite(found.of["rmst", ""].estimate).all()
    with pytest.raises(InputError, match="gives a p and no estimate"):
        computable(found, ("log-rank", ""))


def test_a_chance_must_be_small_under_the_strongest_biases_not_on_average():
    study = named_study("tinnitus-stenting")
    found = made(study, observed_of(study), 0.0, odds=50.0)
    one_in_ten = Chance(mean=0.001, error=0.0, each=np.array([0.0] * 9 + [0.01]))
    assert standing(found).word == "shown"
    assert standing(replace(found, chance=one_in_ten)).word == "not shown"


def test_every_rule_has_its_sentence_and_stands_in_the_documentation():
    from pathlib import Path

    text = Path("docs/trial.md").read_text(encoding="utf-8")
    for rule in MEANING:
        assert f"| {rule} |" in text


def test_the_survey_of_2012_shows_nothing_and_the_stents_of_sinuses_do():
    for name, word in (("chicago-2012", "cannot show"), ("canada-2018", "not shown"), ("tinnitus-stenting", "shown")):
        study = named_study(name)
        assert standing(verdict(study, observed_of(study), details=False)).word == word


def test_a_study_with_nothing_published_says_so():
    with pytest.raises(InputError, match="no result of 'change'"):
        observed_of(two_arms())


def test_looks_on_the_way_keep_the_error_and_stop_early_for_a_large_effect():
    from azygos.study.design import Sequential

    study = two_arms(120, layers=("noise",), reliability_physical=RELIABILITY)
    study = replace(
        study, design=replace(study.design, kind="group-sequential", sequential=Sequential(looks=(0.5, 1.0)))
    )
    null, large = look_by_look(study, 1, 8000), look_by_look(study, 1, 500, Effect(amount=0.6))
    # Two-sided 5 %, so 2.5 % on the good side; Welch's test at 30 an arm is a little conservative.
    assert null.power == pytest.approx(0.025, abs=4.0 * np.sqrt(0.025 * 0.975 / 8000))
    assert large.power > 0.99 and large.expected_n < 70
    with pytest.raises(InputError, match="no looks"):
        look_by_look(two_arms(), 1, 10)


def test_looks_that_give_up_for_want_of_an_effect_do_so_as_often_as_their_bound_says():
    from azygos.study.design import SampleSize, Sequential

    study = two_arms(200, layers=("noise",), reliability_physical=RELIABILITY)
    looks = Sequential(looks=(0.5, 1.0), alpha=0.025, sided=1, futility="lan-demets-pocock")
    size = SampleSize(n=200, power=0.9)
    found = look_by_look(replace(study, design=replace(study.design, size=size, sequential=looks)), 1, 2000)
    assert found.futility == pytest.approx((FUTILITY,), abs=1e-6)
    share = float(norm.cdf(FUTILITY))
    assert found.futile.mean() == pytest.approx(share, abs=4.0 * np.sqrt(share * (1.0 - share) / 2000))
    assert not np.any(found.futile & found.success) and np.all(found.stopped[found.futile] == 0)


def test_looks_are_at_the_primary_analysis_wherever_it_stands():
    from azygos.study.design import Analysis, Sequential

    study = two_arms(120, layers=("noise",), reliability_physical=RELIABILITY)
    (primary,) = study.design.analyses
    before = Analysis(name="fell", method="risk difference", endpoint="fell")
    design = replace(study.design, sequential=Sequential(looks=(0.5, 1.0)))
    alone, second = (
        look_by_look(replace(study, design=replace(design, analyses=plans)), 1, 50)
        for plans in ((primary,), (before, primary))
    )
    assert np.array_equal(alone.z, second.z)
    curves = replace(primary, method="mean")  # compares nothing, so no look at it can stop a study
    with pytest.raises(InputError, match="no looks"):
        look_by_look(replace(study, design=replace(design, analyses=(before, curves))), 1, 10)


def test_a_plan_needs_an_analysis_that_compares_arms():
    study = two_arms()
    alone = replace(study.design, analyses=(Analysis(name="change", method="mean", endpoint="score", role="primary"),))
    with pytest.raises(InputError, match="no analysis of the design compares its arms"):
        plan(replace(study, design=alone), repeats=10)


def test_the_size_that_is_planned_has_the_power_that_was_asked_for():
    made_plan = plan(two_arms(60, layers=("noise",), reliability_physical=RELIABILITY), repeats=1500)
    planned = next(one for one in made_plan.effects if one.effect == 0.3)
    # Normal approximation: n = 2 x 2 (1.96 + 0.84)² (sd / difference)² = 44 in all.
    exact = 4.0 * (1.960 + 0.8416) ** 2 * 2.0 * SEM**2 / (0.3 * SD) ** 2
    assert planned.sizes[0] == pytest.approx(exact, rel=0.1)
    assert planned.confirmed == pytest.approx(0.8, abs=0.05)


def test_an_uncontrolled_study_is_planned_against_a_sham():
    planned = against_sham(named_study("chicago-2012"))
    assert planned.design.is_randomised and planned.design.control.role == "sham"
    assert planned.patients.asked is None and planned.n == 90
