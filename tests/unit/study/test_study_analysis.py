"""Planned analyses: each method gives what another program or a closed form gives, and words follow from the design."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from small_studies import BASELINE, END, analysis, dataset, one_arm, scores, two_arms

from azygos.report.analysis import page, pictures, result_rows
from azygos.report.flow_chart import flow_chart
from azygos.report.forest import forest, panel_of
from azygos.report.over_time import over_time
from azygos.rng import stream
from azygos.study.analysis import analyse
from azygos.study.design import Allocation, Arm, Endpoint, SampleSize, Sequential
from azygos.study.eligibility import rule
from azygos.study.monitoring import planned_size

ARMS = ["sham", "balloon"] * 40
GROUP = np.array(ARMS)
DRAW = stream(11, "test", "analysis")
BASE = DRAW.normal(50.0, 8.0, 80)
GRID = np.column_stack([BASE, BASE + DRAW.normal(-2.0, 6.0, 80), BASE + DRAW.normal(-4.0, 6.0, 80)]).clip(0.0, 100.0)
LOST = GRID.copy()
LOST[:10, 2] = np.nan
CHANGE = GRID[:, 2] - GRID[:, 0]


def cured(x0, n0, x1, n1, missing0=0, missing1=0):
    """A dataset in which so many were cured, of so many with a value."""
    arms = ["sham"] * (n0 + missing0) + ["balloon"] * (n1 + missing1)
    values = [1.0] * x0 + [0.0] * (n0 - x0) + [None] * missing0 + [1.0] * x1 + [0.0] * (n1 - x1) + [None] * missing1
    rows = [(row, "m6", "cured", value) for row, value in enumerate(values) if value is not None]
    return dataset(arms, rows)


def answer(design, data, place=0):
    return analyse(design, data).results[place].answer


def test_a_survey_of_89_of_whom_48_are_better():
    # 48 of 89 answers, 6 more silent: Clopper-Pearson 43.04 to 64.56 %, complete cases 48/83, best case 54/89.
    arms = ["balloon"] * 89
    rows = [(row, "m6", "cured", float(row < 48)) for row in range(83)]
    design = one_arm(analysis("proportion", "cured", role="primary", sensitivity=("failures", "best case")))
    found = analyse(design, dataset(arms, rows))
    seen, failures, best = (result.answer for result in found.results)
    assert seen.interval.estimate == pytest.approx(48 / 83)
    assert failures.interval.lower == pytest.approx(0.4304, abs=5e-5)
    assert failures.interval.upper == pytest.approx(0.6456, abs=5e-5)
    assert best.interval.estimate == pytest.approx(54 / 89)
    assert found.flow.arms[0].silent == 6


@pytest.mark.parametrize("method", ["proportion", "mean", "kaplan-meier", "adverse events"])
def test_one_arm_never_gets_a_causal_sentence(method):
    endpoint = {"proportion": "better", "mean": "score", "kaplan-meier": "relapse", "adverse events": ""}[method]
    events = [(0, "relapse", 20.0, 0.0, False), (1, "headache", 2.0, 1.0, False)]
    data = scores(["balloon"] * 80, GRID, events=events)
    for result in analyse(one_arm(analysis(method, endpoint)), data).results:
        assert result.answer.null is None
        assert "no comparison" in result.sentence
        for word in ("effect", "benefit", "worked", "differ"):
            assert word not in result.sentence


def test_arms_not_allocated_at_random_get_no_effect_however_small_p_is():
    design = two_arms(analysis("risk difference", "cured"), kind="registry", allocation=Allocation(), blind=False)
    sentence = analyse(design, cured(2, 40, 35, 40)).results[0].sentence
    assert "no effect of treatment" in sentence and "effect of being allocated" not in sentence


def test_words_of_a_randomised_study_follow_from_its_interval_and_its_blinding():
    design = two_arms(analysis("risk difference", "cured"))
    assert "Not shown to differ" in analyse(design, cured(20, 40, 22, 40)).results[0].sentence
    clear = analyse(design, cured(2, 40, 35, 40)).results[0].sentence
    assert "balloon better: an effect of being allocated." in clear
    open_label = two_arms(analysis("risk difference", "cured"), blind=False)
    assert "expectation is not excluded" in analyse(open_label, cured(2, 40, 35, 40)).results[0].sentence


def test_risk_measures_are_those_of_the_counts():
    data = cured(12, 40, 21, 40)
    design = two_arms(*(analysis(name, "cured") for name in ("risk difference", "risk ratio", "odds ratio")))
    difference, ratio, odds = (result.answer for result in analyse(design, data).results)
    assert difference.interval.estimate == pytest.approx(21 / 40 - 12 / 40)
    assert ratio.interval.estimate == pytest.approx(21 / 12)
    fisher = stats.fisher_exact([[21, 19], [12, 28]])
    assert odds.test.p == pytest.approx(fisher.pvalue)
    conditional = stats.contingency.odds_ratio([[21, 19], [12, 28]])
    assert odds.interval.estimate == pytest.approx(conditional.statistic, rel=1e-5)
    assert [one.shown for one in difference.summaries] == ["12/40", "21/40"]


@pytest.mark.parametrize(
    ("measure", "interval", "null"),
    [("risk difference", "", 0.0), ("risk ratio", "", 1.0), ("risk ratio", "koopman", 1.0),
     ("odds ratio", "miettinen-nurminen", 1.0), ("odds ratio", "score", 1.0)],
)  # fmt: skip
def test_a_score_interval_and_its_p_say_the_same(measure, interval, null):
    design = two_arms(analysis(measure, "cured", interval=interval))
    for x in range(3, 20):
        found = answer(design, cured(6, 38, x, 40))
        excluded = not found.interval.lower <= null <= found.interval.upper
        assert (found.test.p < 0.05) == excluded
        # Pearson's chi-square (scipy), times (N - 1)/N where Miettinen and Nurminen's.
        plain = stats.chi2_contingency([[x, 40 - x], [6, 32]], correction=False).statistic
        plain *= 77 / 78 if interval in ("", "miettinen-nurminen") else 1.0
        assert found.test.p == pytest.approx(stats.chi2.sf(plain, 1), rel=1e-9)


def test_miettinen_and_nurminens_interval_of_a_known_table():
    # 56/70 against 48/80: 0.0528 to 0.3382 (shared/data/statistics, two independent computations).
    found = answer(two_arms(analysis("risk difference", "cured")), cured(48, 80, 56, 70)).interval
    assert (round(found.lower, 4), round(found.upper, 4)) == (0.0528, 0.3382)


def test_worst_and_best_cases_bound_every_way_the_missing_may_have_done():
    design = two_arms(
        analysis("risk difference", "cured", sensitivity=("failures", "worst case", "best case", "tipping point"))
    )
    found = analyse(design, cured(12, 36, 21, 37, missing0=4, missing1=3)).results
    by_handling = {result.missing: result.answer for result in found}
    assert by_handling["complete cases"].interval.estimate == pytest.approx(21 / 37 - 12 / 36)
    assert by_handling["failures"].interval.estimate == pytest.approx(21 / 40 - 12 / 40)
    assert by_handling["worst case"].interval.estimate == pytest.approx(21 / 40 - 16 / 40)
    assert by_handling["best case"].interval.estimate == pytest.approx(24 / 40 - 12 / 40)
    assert by_handling["tipping point"].remark.startswith("of 20 ways in which the 7 missing may have done")


def test_a_bad_outcome_is_bad_in_the_worst_case():
    relapsed = Endpoint(name="relapsed", kind="binary", of="cured", better="lower")
    design = two_arms(analysis("risk difference", "relapsed", missing="worst case"), endpoints=(relapsed,))
    found = answer(design, cured(12, 36, 21, 37, missing0=4, missing1=3))
    assert found.interval.estimate == pytest.approx(24 / 40 - 12 / 40)


def test_ancova_is_least_squares_with_baseline_and_covariates():
    edss = DRAW.normal(4.0, 1.0, 80)
    found = answer(two_arms(analysis("ancova", covariates=("edss",))), scores(ARMS, GRID, edss=edss))
    X = np.column_stack([np.ones(80), GROUP == "balloon", GRID[:, 0], edss])
    b, rss, _, _ = np.linalg.lstsq(X, CHANGE, rcond=None)
    se = np.sqrt(rss[0] / 76 * np.linalg.inv(X.T @ X)[1, 1])
    assert found.interval.estimate == pytest.approx(b[1])
    assert found.interval.upper == pytest.approx(b[1] + stats.t.ppf(0.975, 76) * se)
    assert found.test.p == pytest.approx(2 * stats.t.sf(abs(b[1] / se), 76))


def test_one_sided_tests_are_half_of_two_sided_ones_or_what_is_left():
    two, less, greater = (
        answer(two_arms(analysis("ancova", alternative=side)), scores(ARMS, GRID)).test.p
        for side in ("two-sided", "less", "greater")
    )
    assert less + greater == pytest.approx(1.0)
    assert 2.0 * min(less, greater) == pytest.approx(two)


def test_words_as_covariates_are_indicators():
    form = np.array(["RRMS", "SPMS", "PPMS"])[DRAW.integers(0, 3, 80)]
    found = answer(two_arms(analysis("ancova", covariates=("form",))), scores(ARMS, GRID, form=form))
    X = np.column_stack([np.ones(80), GROUP == "balloon", GRID[:, 0], form == "RRMS", form == "SPMS"])
    b = np.linalg.lstsq(X, CHANGE, rcond=None)[0]
    assert found.interval.estimate == pytest.approx(b[1])


def test_welchs_test_is_scipys():
    found = answer(two_arms(analysis("t-test")), scores(ARMS, GRID))
    other = stats.ttest_ind(CHANGE[GROUP == "balloon"], CHANGE[GROUP == "sham"], equal_var=False)
    assert found.test.p == pytest.approx(other.pvalue)
    assert found.interval.lower == pytest.approx(other.confidence_interval().low)


def test_without_missing_values_the_mixed_model_is_ancova_at_each_visit():
    found = analyse(two_arms(analysis("mmrm", role="primary")), scores(ARMS, GRID))
    middle, end = (result.answer for result in found.results)
    assert middle.is_aside and not end.is_aside
    assert [result.visit for result in found.results] == ["m3", "m6"]
    assert [result.visit for result in found.primary] == ["m6"]
    ancova = answer(two_arms(analysis("ancova")), scores(ARMS, GRID))
    assert end.interval.estimate == pytest.approx(ancova.interval.estimate, abs=1e-6)
    assert end.interval.lower == pytest.approx(ancova.interval.lower, rel=1e-4)


def test_imputation_of_nothing_missing_changes_nothing():
    handlings = ("multiple imputation", "jump to reference", "copy reference", "copy increments")
    found = analyse(two_arms(analysis("ancova", sensitivity=handlings)), scores(ARMS, GRID)).results
    estimates = [result.answer.interval.estimate for result in found]
    assert estimates == pytest.approx([estimates[0]] * 5)
    assert all("would" in result.sentence for result in found[1:])


def test_missing_values_are_imputed_under_what_is_said():
    handlings = ("multiple imputation", "jump to reference", "tipping point")
    found = analyse(two_arms(analysis("ancova", sensitivity=handlings)), scores(ARMS, LOST)).results
    assert found[0].answer.summaries[0].analysed == 35
    assert "of the information is missing" in found[1].answer.remark
    assert found[3].answer.remark.startswith("the answer")


def test_the_probability_of_a_higher_value_is_that_of_all_pairs():
    found = answer(two_arms(analysis("wilcoxon")), scores(ARMS, GRID)).interval
    theirs, ours = CHANGE[GROUP == "sham"], CHANGE[GROUP == "balloon"]
    wins = (ours[:, None] > theirs) + 0.5 * (ours[:, None] == theirs)
    assert found.estimate == pytest.approx(wins.mean())


def test_with_two_categories_proportional_odds_are_odds():
    design = two_arms(analysis("proportional odds", "cured"))
    found = answer(design, cured(12, 40, 21, 40))
    assert found.interval.estimate == pytest.approx((21 / 19) / (12 / 28), rel=1e-6)


def test_rates_are_events_over_days_followed():
    events = [
        (row, "relapse", day, 0.0, False) for row, day in ((0, 10.0), (0, 20.0), (2, 30.0), (1, 40.0), (3, 170.0))
    ]
    count = Endpoint(name="relapses", kind="count", of="relapse")
    followed = [100.0, 182.0, 182.0, 182.0, 182.0, 50.0]
    data = dataset(["sham", "balloon"] * 3, events=events, followed=followed)
    found = answer(two_arms(analysis("rate ratio", "relapses"), endpoints=(count,)), data)
    assert found.interval.estimate == pytest.approx((2 / 414) / (3 / 464))
    # Variance of log rates by hand: n/(n-1) sum (y - r t)^2 / (sum y)^2.
    total = 0.0
    for y, t in (((2.0, 1.0, 0.0), (100.0, 182.0, 182.0)), ((1.0, 1.0, 0.0), (182.0, 182.0, 50.0))):
        rate = sum(y) / sum(t)
        total += 1.5 * sum((a - rate * b) ** 2 for a, b in zip(y, t, strict=True)) / sum(y) ** 2
    assert np.log(found.interval.upper / found.interval.estimate) == pytest.approx(1.959964 * np.sqrt(total), rel=1e-5)


def test_times_to_an_event_are_counted_from_allocation():
    days = DRAW.exponential(150.0, 80)
    events = [(row, "relapse", float(day), 0.0, False) for row, day in enumerate(days) if day < 182.0]
    data = dataset(ARMS, events=events, followed=np.full(80, 182.0))
    methods = ("kaplan-meier", "log-rank", "cox", "rmst")
    found = analyse(two_arms(*(analysis(name, "relapse") for name in methods)), data).results
    sham, _, logrank, cox, rmst = (result.answer for result in found)
    # All were followed to the visit, so the share without the event is a proportion, the mean time one of min(t, 182).
    ours = np.minimum(days, 182.0)
    assert sham.interval.estimate == pytest.approx(np.mean(days[GROUP == "sham"] > 182.0))
    assert rmst.interval.estimate == pytest.approx(ours[GROUP == "balloon"].mean() - ours[GROUP == "sham"].mean())
    censored = {
        arm: stats.CensoredData.right_censored(ours[arm == GROUP], days[arm == GROUP] >= 182.0)
        for arm in ("sham", "balloon")
    }
    assert logrank.test.p == pytest.approx(stats.logrank(censored["balloon"], censored["sham"]).pvalue)
    assert cox.null == 1.0 and cox.interval.lower < cox.interval.estimate < cox.interval.upper


@pytest.mark.parametrize("method, seen", [("kaplan-meier", 1.0 - 10 / 40), ("cumulative incidence", 10 / 40)])
def test_a_curve_is_read_within_the_window_of_the_visit(method, seen):
    followed = np.linspace(175.0, 180.0, 80)  # all came to the visit of day 182, some days early
    events = [(row, "relapse", 20.0 + row, 0.0, False) for row in range(20)]  # ten in each arm
    data = dataset(ARMS, events=events, followed=followed)
    late = replace(END, window=14.0)
    plan = two_arms(analysis(method, "relapse"), visits=(BASELINE, late))
    found = answer(plan, data)
    assert found.interval.estimate == pytest.approx(seen)
    assert "within the window of the visit" in found.remark
    without = answer(two_arms(analysis(method, "relapse"), visits=(BASELINE, END)), data)
    assert without.interval is None and "nobody was followed to day 182" in without.remark


def test_a_ratio_without_finite_estimate_has_grays_p_and_no_walds():
    # 2 of 10 against none of 10, of whom nobody died: the two-sided chance can not be small.
    arms = ["sham"] * 10 + ["balloon"] * 10
    data = dataset(arms, events=[(0, "relapse", 20.0, 0.0, False), (1, "relapse", 90.0, 0.0, False)],
                   followed=np.full(20, 182.0))  # fmt: skip
    gray, logrank = (answer(two_arms(analysis(name, "relapse")), data) for name in ("fine-gray", "log-rank"))
    assert gray.interval is None and "no finite estimate" in gray.remark
    # Without a competing event Gray's test is the log-rank test, but for how ties and the variance are counted.
    assert gray.test.p == pytest.approx(logrank.test.p, rel=0.05)


def test_without_variance_no_p_is_given():
    grid = np.column_stack([np.full(80, 50.0), np.full(80, 50.0), np.full(80, 45.0)])
    found = analyse(two_arms(analysis("t-test")), scores(ARMS, grid))
    (told,) = found.results
    assert told.answer.test is None and told.answer.interval is None
    assert told.sentence == "score: not computed: no variance."
    assert result_rows(found)[0][2:4] == ("not computed: no variance", "")
    assert page(found, {})  # an axis of one number too


def test_the_pictures_say_what_is_drawn_and_which_side_is_better():
    data = scores(ARMS, GRID)
    two = analyse(two_arms(analysis("ancova")), data)
    assert "less with balloon (better)" in forest(two.results)
    assert "Change of score from baseline [points]" in over_time([c for c in two.courses if c.endpoint == "score"])
    one = analyse(
        one_arm(analysis("proportion", "better")), scores(["balloon"] * 80, GRID[:, [0, 2]], ("baseline", "m6"))
    )
    titles = {picture.title: picture.caption for picture in pictures(one)}
    assert "Comparisons" not in titles and "no difference" not in titles["Estimates"]
    free = analyse(one_arm(analysis("kaplan-meier", "relapse")), dataset(["balloon"] * 9, followed=np.full(9, 182.0)))
    assert panel_of(free.results[0]) == "share without the event [%]"


def test_a_competing_event_is_no_censoring():
    days = np.arange(1.0, 81.0)
    events = [(row, "died" if row % 3 == 0 else "relapse", day, 0.0, False) for row, day in enumerate(days.tolist())]
    data = dataset(ARMS, events=events, followed=days)
    found = answer(two_arms(analysis("cumulative incidence", "relapse")), data)
    # Nobody is censored, so the incidence is the plain share of those who relapsed.
    assert found.interval.estimate == pytest.approx(np.mean([row % 3 != 0 for row in range(0, 80, 2)]))


def test_an_event_that_happened_to_nobody_is_an_answer():
    data = dataset(ARMS, followed=np.full(80, 182.0))
    methods = ("kaplan-meier", "log-rank", "cox", "rmst", "cumulative incidence", "fine-gray")
    for result in analyse(two_arms(*(analysis(name, "relapse") for name in methods)), data).results:
        assert result.answer.interval is not None or result.answer.remark


@pytest.mark.parametrize("method", ["risk difference", "ancova", "mmrm", "wilcoxon", "t-test", "mean", "proportion"])
def test_an_arm_with_nobody_gives_a_remark_and_no_crash(method):
    endpoint = "better" if method in ("risk difference", "proportion") else "score"
    for result in analyse(two_arms(analysis(method, endpoint)), scores(["balloon"] * 80, GRID)).results:
        assert result.answer.interval is not None or result.answer.remark


def test_harms_are_counted_by_the_treatment_given():
    received = list(ARMS)
    received[0] = "balloon"
    events = [(0, "thrombosis", 3.0, 3.0, True), (1, "headache", 2.0, 1.0, False), (1, "headache", 9.0, np.nan, False),
              (3, "relapse", 20.0, 0.0, False)]  # fmt: skip
    data = dataset(ARMS, events=events, received=received)
    found = analyse(two_arms(analysis("adverse events", "", role="safety")), data).harms
    shown = {result.answer.measure.split(":")[0]: [one.shown for one in result.answer.summaries] for result in found}
    assert shown["any adverse event"] == ["0/39", "2/41, 3 events"]
    assert shown["grade 3 or more"] == ["0/39", "1/41"]
    assert shown["serious"] == ["0/39", "1/41"]
    assert shown["headache"] == ["0/39", "1/41, 2 events"]
    assert "relapse" not in shown


def test_blinding_indices_are_those_of_the_guesses():
    # Bang's index is the share of right less that of wrong guesses: (25 - 5)/40 and (8 - 20)/40.
    guess = {
        "sham": ["sham"] * 8 + ["balloon"] * 20 + [""] * 12,
        "balloon": ["balloon"] * 25 + ["sham"] * 5 + [""] * 10,
    }
    data = dataset(["sham"] * 40 + ["balloon"] * 40, guess=guess["sham"] + guess["balloon"])
    james, active, control = (
        result.answer for result in analyse(two_arms(analysis("blinding index", "")), data).results
    )
    assert active.interval.estimate == pytest.approx(0.5)
    assert control.interval.estimate == pytest.approx(-0.3)
    assert 0.0 < james.interval.estimate < 1.0


def test_every_other_arm_is_compared_with_the_control():
    arms = (Arm(name="sham", role="sham"), Arm(name="balloon", role="active"), Arm(name="stent", role="active"))
    three = ["sham", "balloon", "stent"] * 26 + ["sham", "balloon"]
    found = analyse(two_arms(analysis("ancova"), arms=arms), scores(three, GRID)).results
    assert [[one.arm for one in result.answer.summaries] for result in found] == [
        ["sham", "balloon"],
        ["sham", "stent"],
    ]


# ---------------------------------------------------------------------------------------------------------------
# flow and risk of bias


def test_the_numbers_of_the_flow_add_up():
    events = [(row, "lost to follow-up", 60.0, 0.0, False) for row in range(6)] + [(7, "died", 70.0, 5.0, True)]
    data = scores([*ARMS[:70], *[""] * 10], LOST, events=events)
    flow = analyse(two_arms(analysis("ancova", role="primary")), data).flow
    assert (flow.enrolled, flow.excluded) == (80, 10)
    for arm in flow.arms:
        assert arm.allocated == arm.analysed + sum(count for _, count in arm.lost) + arm.silent
    assert dict(flow.arms[0].lost) == {"lost to follow-up": 3}
    assert dict(flow.arms[1].lost) == {"lost to follow-up": 3, "died": 1}


def test_who_is_counted_as_a_failure_is_in_the_primary_analysis():
    # 89 asked, 8 silent and counted as failures: the table has x/89, and so has the flow.
    rows = [(row, "m6", "cured", float(row < 48)) for row in range(81)]
    design = one_arm(analysis("proportion", "cured", role="primary", missing="failures"))
    found = analyse(design, dataset(["balloon"] * 89, rows))
    (arm,) = found.flow.arms
    assert found.primary[0].answer.summaries[0].shown == "48/89"
    assert arm.in_analysis == "89 in the primary analysis, 8 counted as failures"
    assert "8 of them counted as failures" in str(found.flow)
    assert found.results[0].sentence.startswith("Of the 81 with a value and 8 counted as failures (89 enrolled)")
    assert "89 in the primary" in flow_chart(found.flow)


def levels(design, data):
    return {one.domain: one.level for one in analyse(design, data).risk_of_bias}


def test_a_sound_blinded_trial_has_a_low_risk_of_bias():
    design = two_arms(analysis("ancova", role="primary"), registration="a registry")
    assert set(levels(design, scores(ARMS, GRID)).values()) == {"low"}


def test_each_domain_answers_to_its_own_part_of_the_design():
    sound = two_arms(analysis("ancova", role="primary"), registration="a registry")
    data = scores(ARMS, GRID)
    hidden = replace(sound, allocation=Allocation(method="simple", concealed=False))
    assert levels(hidden, data)["randomisation process"] == "high"
    open_label = two_arms(analysis("ancova", role="primary"), registration="a registry", blind=False)
    assert levels(open_label, data)["measurement of the outcome"] == "high"
    assert levels(open_label, data)["deviations from intended interventions"] == "some concerns"
    assert levels(replace(sound, registration=""), data)["selection of the reported result"] == "some concerns"
    lost = LOST.copy()
    lost[::4] = np.nan
    assert levels(sound, scores(ARMS, lost))["missing outcome data"] == "high"


def test_a_survey_of_one_arm_is_at_critical_risk():
    found = levels(one_arm(analysis("proportion", "better", role="primary")), scores(["balloon"] * 80, GRID))
    assert found["confounding"] == found["overall"] == "critical"


def test_courses_are_means_with_their_own_intervals():
    course = next(
        c for c in analyse(two_arms(), scores(ARMS, LOST)).courses if (c.endpoint, c.arm) == ("score", "sham")
    )
    assert [point.n for point in course.points] == [40, 35]
    assert [point.missing for point in course.points] == [0, 5]
    ours = (GRID[:, 1] - GRID[:, 0])[GROUP == "sham"]
    assert course.points[0].interval.estimate == pytest.approx(ours.mean())


def test_an_arm_without_an_event_is_not_certain_of_having_none():
    # 40 of 40 free of it: Clopper and Pearson's lower bound is 0.025^(1/40) = 0.9119 (R's binom.test(40, 40)).
    happened = [(subject, "relapse", 40.0 + subject, 0, False) for subject in range(0, 80, 10)]  # in sham alone
    curves = analyse(two_arms(analysis("kaplan-meier", "relapse")), scores(ARMS, GRID, events=happened)).results
    free = next(one.answer.interval for one in curves if one.answer.arm == "balloon")
    assert (free.estimate, free.upper) == (1.0, 1.0) and free.lower == pytest.approx(0.9119, abs=5e-5)
    found = analyse(two_arms(analysis("cumulative incidence", "relapse")), scores(ARMS, GRID, events=happened)).results
    none = next(one.answer.interval for one in found if one.answer.arm == "balloon")
    assert (none.estimate, none.lower) == (0.0, 0.0) and none.upper == pytest.approx(0.0881, abs=5e-5)


# ---------------------------------------------------------------------------------------------------------------
# looks on the way, and who should not have been there


def test_a_trial_stopped_at_a_look_is_judged_by_that_looks_bound():
    # O'Brien and Fleming's bounds, two looks, two-sided 5 %: 2.797 and 1.977 (Jennison and Turnbull 2000, table 2.3).
    looks = Sequential(looks=(0.5, 1.0), spending="obrien-fleming")
    design = two_arms(
        analysis("risk difference", "cured", role="primary"), kind="group-sequential", sequential=looks,
        size=SampleSize(n=160),
    )  # fmt: skip
    found = analyse(design, cured(8, 40, 20, 40)).monitored
    assert (found.look, found.looks, found.planned) == (1, 2, 160)
    assert found.bound == pytest.approx(2.797, abs=5e-4)
    # The score test of 20/40 against 8/40 has z^2 = 80 * 12^2 * 40^2 / (40 * 40 * 28 * 52) * 79/80.
    assert found.z == pytest.approx(np.sqrt(79 * 12**2 / (28 * 52)), rel=1e-6)
    assert not found.crossed and 0.0 < found.p < 0.05
    last = analyse(replace(design, size=SampleSize(n=40, per="arm")), cured(8, 40, 20, 40)).monitored
    assert last.look == 2 and last.bound == pytest.approx(1.977, abs=5e-4) and last.crossed


def test_a_lower_score_is_to_the_good_of_those_who_have_it():
    better = GRID.copy()
    better[GROUP == "balloon", 2] -= 6.0
    design = two_arms(
        analysis("ancova", role="primary"), sequential=Sequential(looks=(0.5, 1.0)), size=SampleSize(n=80)
    )
    found = analyse(design, scores(ARMS, better.clip(0.0, 100.0)))
    assert found.primary[0].answer.interval.estimate < 0.0 < found.monitored.z
    assert found.monitored.interval.lower < found.primary[0].answer.interval.estimate < found.monitored.interval.upper


def test_a_plan_with_bounds_for_futility_says_when_it_would_give_up():
    # Bounds of rpact 3.3 (typeOfDesign "asOF", typeBetaSpending "bsP", not binding): 0.465944 and 1.318006.
    looks = Sequential(looks=(1 / 3, 2 / 3, 1.0), alpha=0.025, sided=1, futility="lan-demets-pocock")
    design = two_arms(
        analysis("risk difference", "cured", role="primary"), sequential=looks, size=SampleSize(n=240, power=0.8)
    )
    alike = analyse(design, cured(12, 40, 12, 40)).monitored
    assert alike.futility == pytest.approx(0.465943608, abs=1e-6) and alike.is_futile and not alike.crossed
    assert "bound for futility 0.47, reached" in str(alike)
    better = analyse(design, cured(12, 40, 20, 40)).monitored
    assert not better.is_futile and "not reached" in str(better)
    last = analyse(replace(design, size=SampleSize(n=80, power=0.8)), cured(12, 40, 12, 40)).monitored
    assert last.look == 3 and last.futility is None and not last.is_futile


def test_events_are_what_a_size_for_survival_counts():
    # Schoenfeld: 4 (1.95996 + 0.84162)^2 / log(0.5)^2 = 65.35 events, 33 an arm; O'Brien and Fleming's two looks, one
    # side of 2.5 %, at 80 % power take 1.0078 times as many (Jennison and Turnbull 2000, table 2.4: R_B 1.008).
    events = SampleSize(power=0.8, effect=0.5, method="survival")
    design = two_arms(analysis("log-rank", "relapse", role="primary"), size=events)
    assert planned_size(design) == 66
    watched = replace(design, sequential=Sequential(looks=(0.5, 1.0), spending="obrien-fleming"))
    assert planned_size(watched) == 66
    happened = [(subject, "relapse", 30.0 + subject, 0, False) for subject in range(0, 80, 5)]
    cox = replace(watched, analyses=(analysis("cox", "relapse", role="primary"),))
    found = analyse(cox, scores(ARMS, GRID, events=happened))
    assert (found.monitored.analysed, found.monitored.counted) == (len(happened), "events")


def test_looks_on_the_way_make_a_size_larger():
    # Pocock, two looks, two-sided 5 %, 80 % power: 1.110 times the fixed size (Jennison and Turnbull 2000, table 2.2);
    # 63.766 patients an arm of one look (R's power.t.test) become 70.8.
    size = SampleSize(power=0.8, effect=0.5, sd=1.0)
    looks = Sequential(looks=(0.5, 1.0), spending="pocock")
    assert planned_size(two_arms(size=size, sequential=looks)) == 2 * 71


def test_a_size_is_found_from_what_the_design_says():
    # 64 in each arm for half a standard deviation at 80 % power, two-sided 5 % (Cohen 1988, table 2.4.1).
    size = SampleSize(power=0.8, effect=0.5, sd=1.0)
    assert planned_size(two_arms(size=size)) == 128
    assert planned_size(two_arms(size=SampleSize(n=30, per="arm"))) == 60
    assert planned_size(two_arms()) is None


def test_patients_who_were_not_eligible_are_counted_and_stay():
    design = two_arms(analysis("ancova"), eligibility=(rule("edss <= 6.5"), rule("form in RRMS")))
    edss = np.full(80, 6.5)
    edss[:3] = 7.0, np.nan, 8.0
    found = analyse(design, scores(ARMS, GRID, edss=edss))
    assert found.ineligible == (("edss <= 6.5", 2),)
    assert sum(arm.analysed for arm in found.flow.arms) == 80
