"""Checks of claims, against published numbers, closed forms and other programs."""

from math import sqrt

import pytest
from scipy import stats

from azygos.audit.check import check_claim, tally
from azygos.audit.check_counts import counts_of
from azygos.audit.check_tests import p_of_statistic
from azygos.audit.claims import Claim, Group, Part, Statistic
from azygos.audit.finding import Verdict
from azygos.audit.stated import estimate, stated


def findings(others=None, **stated_things):
    """The findings about one claim, by what they are about."""
    claim = Claim(name="it", **stated_things)
    return {finding.what: finding for finding in check_claim(claim, others or {})}


def groups(first, second):
    return (Group(name="one", count=first[0], of=first[1]), Group(name="other", count=second[0], of=second[1]))


def part(name, text):
    return Part(name=name, value=stated(text), is_percent="%" in text)


# ---------------------------------------------------------------------------------------------------------------
# counts


def test_48_of_89_is_not_55_per_cent_and_the_reason_says_what_would_be():
    found = findings(count=48, of=89, percent=estimate("55 %"))["percentage"]
    assert found.verdict is Verdict.CONFLICT
    assert "55 % of 89 is 48.95: 49, one more than 48" in found.reason
    assert "48 would be 55 % of 87 to 88" in found.reason  # 48/87 = 55.2 %, 48/88 = 54.5 %


def test_three_shares_of_89_stand_for_49_34_and_6():
    parts = (part("better", "55 %"), part("not", "38 %"), part("lost", "7 %"))
    found = findings(of=89, parts=parts)
    assert found["percentages add up"].verdict is Verdict.CONSISTENT
    assert found["parts add up"].reason == "49 + 34 + 6 = 89"
    with_48 = findings(of=89, parts=(part("better", "48"), *parts[1:]))["parts add up"]
    assert with_48.verdict is Verdict.CONFLICT and with_48.reason == "48 + 34 + 6 is 88, one fewer than 89"


def test_percentages_may_miss_a_hundred_by_what_rounding_does():
    thirds = tuple(part(name, "33 %") for name in "abc")
    assert findings(parts=thirds)["percentages add up"].verdict is Verdict.ROUNDING
    wrong = tuple(part(name, "31 %") for name in "abc")
    assert findings(parts=wrong)["percentages add up"].verdict is Verdict.CONFLICT


@pytest.mark.parametrize("n", [7, 89, 430])
def test_the_counts_of_a_percentage_are_those_that_are_printed_so(n):
    for percent in range(101):
        expected = [c for c in range(n + 1) if abs(100 * c - percent * n) * 2 <= n]  # |c/n - p| <= half a per cent
        assert list(counts_of(stated(f"{percent} %"), n)) == expected


def test_no_whole_number_of_twenty_is_53_per_cent():
    found = findings(of=20, percent=estimate("53 %"))["percentage"]
    assert found.verdict is Verdict.CONFLICT and "10 (50.0 %) and 11 (55.0 %)" in found.reason


def test_a_percentage_without_its_denominator_cannot_be_checked():
    found = findings(count=48, percent=estimate("55 %"))["percentage"]
    assert found.verdict is Verdict.UNCHECKED and "87 to 88" in found.reason


def test_the_published_interval_is_recognised_by_its_method():
    # Clopper-Pearson 48/89 by R: 0.43038 to 0.64558 (tests/verification/statistics/reference_cases.csv)
    exact = findings(count=48, of=89, percent=estimate("53.9 % (43.0 to 64.6)"))["interval of the percentage"]
    assert exact.verdict is Verdict.CONSISTENT and exact.method == "Clopper-Pearson"
    # Wilson 1927: (p + z²/2n -+ z sqrt(p (1 - p)/n + z²/4n²))/(1 + z²/n)
    p, n, z = 48 / 89, 89, 1.959964
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = (100 * (p + z * z / (2 * n) + side * half) / (1 + z * z / n) for side in (-1, 1))
    printed = estimate(f"53.9 % ({low:.2f} to {high:.2f})")
    wilson = findings(count=48, of=89, percent=printed)["interval of the percentage"]
    assert wilson.verdict is Verdict.CONSISTENT and wilson.method == "Wilson"
    other = findings(count=48, of=89, percent=estimate("53.9 % (40.6 to 64.3)"))["interval of the percentage"]
    assert other.verdict is Verdict.CONFLICT and "lower bound" in other.reason


def test_a_method_that_is_named_is_the_one_held_against():
    named = findings(count=48, of=89, percent=estimate("53.9 % (43.0 to 64.6)"), method="Wilson score")
    assert named["interval of the percentage"].verdict is Verdict.CONFLICT


def test_two_sources_of_one_figure_are_held_against_each_other():
    first = Claim(name="first", count=48, of=89)
    found = findings({"first": first}, percent=estimate("55 %"), of=89, same_as="first")["same as 'first'"]
    assert found.verdict is Verdict.CONFLICT and "49, one more than 48" in found.reason
    agree = findings({"first": first}, percent=estimate("54 %"), of=89, same_as="first")["same as 'first'"]
    assert agree.verdict is Verdict.CONSISTENT


def test_subgroups_add_up_to_all():
    pair = (Group(name="men", count=12, of=35), Group(name="women", percent=stated("61 %"), of=59))  # 36 of 59
    found = findings(groups=pair, of=94, count=48)
    assert found["sizes of the subgroups"].verdict is found["counts of the subgroups"].verdict is Verdict.CONSISTENT
    found = findings(groups=pair, of=95, percent=estimate("60 %"))
    assert found["sizes of the subgroups"].verdict is found["counts of the subgroups"].verdict is Verdict.CONFLICT


def test_those_who_stay_are_those_who_began_less_those_who_went():
    less = (part("not eligible", "62"),)
    assert findings(start=177, less=less, left=115)["flow"].verdict is Verdict.CONSISTENT
    assert "115, one more than 114" in findings(start=177, less=less, left=114)["flow"].reason


def test_one_share_against_a_fixed_one_is_an_exact_binomial_test():
    p = stats.binomtest(48, 89, 0.5, alternative="greater").pvalue
    found = findings(count=48, of=89, against=stated("50 %"), p=stated(f"{p:.3f}"), sides=1)["p-value"]
    assert found.verdict is Verdict.CONSISTENT and "binomial" in found.method


# ---------------------------------------------------------------------------------------------------------------
# two groups


@pytest.mark.parametrize(
    ("first", "second", "p", "test"),
    [
        ((48, 65), (31, 47), ".41", ""),  # Lancet 2014;383:138
        ((48, 65), (26, 37), ".82", ""),  # the same
        ((21, 68), (23, 68), ".71", ""),  # PLOS ONE 0056031
        ((5, 49), (1, 55), ".097", "Fisher's exact test"),  # R's fisher.test: 0.0974
    ],
)
def test_published_p_values_of_two_groups_are_found_again(first, second, p, test):
    assert findings(groups=groups(first, second), p=stated(p), test=test)["p-value"].verdict is Verdict.CONSISTENT


def test_a_published_odds_ratio_is_found_again_from_its_counts():
    found = findings(groups=groups((21, 68), (23, 68)), odds_ratio=estimate("0.9 (0.4 to 1.8)"))  # PLOS ONE 0056031
    assert found["odds ratio"].verdict is Verdict.CONSISTENT
    swapped = findings(groups=groups((23, 68), (21, 68)), odds_ratio=estimate("0.87 (0.43 to 1.79)"))["odds ratio"]
    assert swapped.verdict is Verdict.CONSISTENT and "other against one" in swapped.reason


def test_an_odds_ratio_that_its_counts_do_not_give_conflicts_unless_it_is_adjusted():
    counts = groups((58, 70), (22, 33))
    printed = estimate("2.64 (1.11 to 6.28)")
    found = findings(groups=counts, odds_ratio=printed)["odds ratio"]
    # 58*11/(12*22) = 2.4167; ln +- 1.95996 sqrt(1/58 + 1/12 + 1/22 + 1/11): 0.93 to 6.27
    assert found.verdict is Verdict.CONFLICT and found.recomputed == "2.42 (0.93 to 6.27)"
    assert "adjusted" in found.reason
    adjusted = findings(groups=counts, odds_ratio=printed, is_adjusted=True)["odds ratio"]
    assert adjusted.verdict is Verdict.UNCHECKED and "cannot be reproduced" in adjusted.reason


def test_a_test_that_counts_cannot_give_is_no_conflict():
    found = findings(groups=groups((58, 70), (22, 33)), p=stated(".03"), test="logistic regression")["p-value"]
    assert found.verdict is Verdict.UNCHECKED and "logistic regression" in found.reason
    bootstrap = findings(count=48, of=89, percent=estimate("53.9 % (41 to 66)"), method="bootstrap")
    assert bootstrap["interval of the percentage"].verdict is Verdict.UNCHECKED


def test_a_plain_chi_square_may_have_been_corrected():
    a, b, c, d = 12, 38, 21, 29
    for corrected in (True, False):
        p = stats.chi2_contingency([[a, b], [c, d]], correction=corrected).pvalue
        found = findings(groups=groups((a, a + b), (c, c + d)), p=stated(f"{p:.4f}"), test="chi-squared")["p-value"]
        assert found.verdict is Verdict.CONSISTENT


def test_boschloo_as_scipy_does_it_is_known_too():
    p = stats.boschloo_exact([[30, 19], [42, 20]]).pvalue  # twice the smaller side
    found = findings(groups=groups((30, 72), (19, 39)), p=stated(f"{p:.3f}"), test="Boschloo")["p-value"]
    assert found.verdict is Verdict.CONSISTENT


def test_a_difference_of_shares_is_in_percentage_points():
    # Newcombe 1998, table II: 56/70 - 48/80 by Miettinen-Nurminen 0.0528 to 0.3382, by Wald 0.0575 to 0.3425
    pair = groups((56, 70), (48, 80))
    score = findings(groups=pair, difference=estimate("20 (5.28 to 33.82)"))["difference"]
    assert score.verdict is Verdict.CONSISTENT and score.method == "Miettinen-Nurminen"
    wald = findings(groups=pair, difference=estimate("20 (5.75 to 34.25)"))["difference"]
    assert wald.verdict is Verdict.CONSISTENT and wald.method == "Wald"


def test_counts_may_be_given_as_percentages():
    pair = (Group(name="a", percent=stated("83 %"), of=70), Group(name="b", percent=stated("67 %"), of=33))
    found = findings(groups=pair, odds_ratio=estimate("2.42 (0.93 to 6.27)"))
    assert found["odds ratio"].verdict is Verdict.CONSISTENT


def test_events_of_which_a_person_may_have_several_decide_nothing_alone():
    pair = (Group(name="a", count=19, of=9, is_events=True), Group(name="b", count=3, of=10, is_events=True))
    found = findings(groups=pair, p=stated(".062"))["p-value"]  # Neurology 2014;83:441
    assert found.verdict is Verdict.UNCHECKED and "cluster" in found.reason


@pytest.mark.parametrize("pair", [((0, 10), (0, 12)), ((10, 10), (12, 12)), ((0, 1), (1, 1)), ((0, 5), (5, 5))])
def test_tables_with_empty_cells_are_answered(pair):
    found = findings(
        groups=groups(*pair), odds_ratio=estimate("1.0 (0.1 to 9)"), risk_ratio=estimate("1.0 (0.1 to 9)"),
        difference=estimate("0 (-10 to 10)"), p=stated("1.0"),
    )  # fmt: skip
    assert {"odds ratio", "risk ratio", "difference", "p-value"} <= found.keys()


# ---------------------------------------------------------------------------------------------------------------
# an estimate with its own interval, statistics, means


def test_an_estimate_outside_its_own_interval_conflicts():
    found = findings(hazard_ratio=estimate("7.64 (1.11 to 6.28)"))["hazard ratio and its interval"]
    assert found.verdict is Verdict.CONFLICT and "above its own interval" in found.reason


def test_a_ratio_lies_in_the_middle_of_its_interval_on_the_log_scale():
    assert (
        findings(odds_ratio=estimate("2.64 (1.11 to 6.28)"))["odds ratio and its interval"].verdict
        is Verdict.CONSISTENT
    )
    # sqrt(1.11 * 6.28) = 2.640; 4.5 is 0.62 of the half-width away
    assert (
        findings(odds_ratio=estimate("4.5 (1.11 to 6.28)"))["odds ratio and its interval"].verdict is Verdict.CONFLICT
    )


def test_an_interval_implies_the_p_value_of_altman_and_bland():
    # Altman & Bland 2011, BMJ 343:d2304: 0.81 (0.70 to 0.94) has P = 0.005
    good = findings(risk_ratio=estimate("0.81 (0.70 to 0.94)"), p=stated("0.005"))["p-value and interval"]
    assert good.verdict is not Verdict.CONFLICT
    bad = findings(risk_ratio=estimate("0.81 (0.70 to 0.94)"), p=stated("0.05"))["p-value and interval"]
    assert bad.verdict is Verdict.CONFLICT


@pytest.mark.parametrize(
    ("kind", "value", "df", "expected"),
    [
        ("t", 2.20, (28,), 2 * stats.t.sf(2.20, 28)),
        ("F", 3.1, (2, 57), stats.f.sf(3.1, 2, 57)),
        ("chi2", 3.2, (1,), stats.chi2.sf(3.2, 1)),
        ("z", -1.96, (), 2 * stats.norm.sf(1.96)),
        ("r", 0.31, (48,), 2 * stats.t.sf(0.31 * (48 / (1 - 0.31**2)) ** 0.5, 48)),
    ],
)
def test_a_statistic_has_the_p_value_of_its_distribution(kind, value, df, expected):
    assert p_of_statistic(kind, value, df) == pytest.approx(expected, rel=1e-12)


def test_half_a_p_value_is_asked_whether_it_is_one_sided():
    statistic = Statistic(kind="t", value=stated("2.20"), df=(28.0,), text="t(28) = 2.20")
    assert findings(statistic=statistic, p=stated(".036"))["p-value"].verdict is Verdict.CONSISTENT
    half = findings(statistic=statistic, p=stated(".018"))["p-value"]
    assert half.verdict is Verdict.CONFLICT and "one-sided" in half.reason
    assert findings(statistic=statistic, p=stated(".018"), sides=1)["p-value"].verdict is Verdict.CONSISTENT
    assert "conclusion changes" in findings(statistic=statistic, p=stated(".36"))["p-value"].reason


def test_a_mean_and_its_deviation_are_held_against_whole_numbers():
    found = findings(mean=estimate("5.19"), of=28, sd=stated("1.2"))
    assert found["mean (GRIM)"].verdict is Verdict.CONFLICT and "5.179 and 5.214" in found["mean (GRIM)"].reason
    assert found["sd (GRIMMER)"].verdict is Verdict.UNCHECKED
    assert findings(mean=estimate("5.19"), of=28, is_continuous=True)["mean (GRIM)"].verdict is Verdict.UNCHECKED
    half_steps = findings(mean=estimate("5.19"), of=26, step=0.5)["mean (GRIM)"]  # 135/26 = 5.192
    assert half_steps.verdict is Verdict.CONSISTENT


def test_a_deviation_cannot_exceed_the_scale():
    found = findings(mean=estimate("2.0"), of=10, sd=stated("3.2"), scale=(1.0, 7.0), is_continuous=True)
    assert found["sd (range)"].verdict is Verdict.CONFLICT  # sqrt(5 * 1 * 10/9) = 2.36


def test_a_standard_error_is_the_deviation_over_the_root_of_n():
    assert findings(mean=estimate("2.0"), of=25, sd=stated("5.0"), se=stated("1.0"))["standard error"].verdict is (
        Verdict.CONSISTENT
    )
    same = findings(mean=estimate("2.0"), of=25, sd=stated("5.0"), se=stated("5.0"))["standard error"]
    assert same.verdict is Verdict.CONFLICT and "same number stands for both" in same.reason


def test_a_t_test_is_found_again_from_means_and_deviations():
    # Student's t by scipy from the summary: (10.0, 2.0, 20) against (8.5, 2.5, 22)
    p = stats.ttest_ind_from_stats(10.0, 2.0, 20, 8.5, 2.5, 22).pvalue
    pair = (
        Group(name="a", mean=stated("10.0"), sd=stated("2.0"), of=20),
        Group(name="b", mean=stated("8.5"), sd=stated("2.5"), of=22),
    )
    found = findings(groups=pair, p=stated(f"{p:.3f}"), difference=estimate("1.5"), is_continuous=True)
    assert found["p-value"].verdict is Verdict.CONSISTENT and found["p-value"].method == "Student's t-test"
    assert found["difference"].verdict is Verdict.CONSISTENT
    assert findings(groups=pair, p=stated("0.5"))["p-value"].verdict is Verdict.CONFLICT


def test_a_change_in_per_cent_is_of_the_number_before():
    assert findings(before=stated("18.5"), after=stated("3.2"), change=stated("-83 %"))["change"].verdict is (
        Verdict.CONSISTENT
    )
    points = findings(before=stated("50 %"), after=stated("40 %"), change=stated("10 %"))["change"]
    assert points.verdict is Verdict.CONFLICT and "points" in points.reason


def test_a_claim_without_numbers_says_so_and_the_tally_counts_it():
    found = list(check_claim(Claim(name="it", says="it works")))
    assert found[0].verdict is Verdict.UNCHECKED
    assert tally(found) == {"conflicting": 0, "rounding only": 0, "cannot be checked": 1, "consistent": 0}


def test_bounds_as_rs_fisher_test_prints_them_are_no_conflict():
    # fisher.test(matrix(c(5, 1, 44, 54), 2)) prints 6.042587 (0.642363 to 295.041822); solved to all digits it is
    # 6.043463 (0.642363 to 295.485175), as in tests/verification/statistics/reference_cases.csv.
    def line(text):
        return findings(groups=groups((5, 49), (1, 55)), odds_ratio=estimate(text))["odds ratio"]

    assert line("6.042587 (0.642363 to 295.041822)").verdict is Verdict.ROUNDING
    assert "fisher.test" in line("6.04 (0.64 to 295.0)").reason
    assert line("6.04 (0.64 to 195.0)").verdict is Verdict.CONFLICT
    assert line("6.1 (0.64 to 295.0)").verdict is Verdict.CONFLICT
