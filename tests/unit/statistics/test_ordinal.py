"""Ordered categories against closed forms and enumeration."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import brunnermunzel, mannwhitneyu, norm

from azygos.errors import InputError
from azygos.rng import stream
from azygos.statistics.ordinal import hodges_lehmann, mann_whitney, proportional_odds, wilcoxon_rank_sum_test

Y = np.array([1.1, 2.2, 0.4, 3.3, 5.1, 2.6, 2.1, 4.4, 3.6, 6.1, 5.3])
ARM = np.repeat([0, 1], [6, 5])


def test_two_categories_and_two_arms_give_the_odds_ratio_of_the_table():
    """log(ad / bc) with the error sqrt(1/a + 1/b + 1/c + 1/d) (Woolf 1955)."""
    y, arm = np.repeat([0, 1, 0, 1], [20, 10, 12, 18]), np.repeat([0, 0, 1, 1], [20, 10, 12, 18])
    (found,) = proportional_odds(y, arm).log_odds_ratios
    assert found.estimate == pytest.approx(np.log(18 * 20 / (10 * 12)))
    assert found.se == pytest.approx(np.sqrt(1 / 20 + 1 / 10 + 1 / 12 + 1 / 18))


def test_turning_the_scale_round_turns_the_odds_ratio():
    y = np.array([0, 1, 2, 1, 0, 2, 3, 3, 1, 2, 0, 3])
    arm = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
    one, other = (proportional_odds(v, arm).log_odds_ratios[0] for v in (y, 3 - y))
    assert (one.estimate, one.se) == pytest.approx((-other.estimate, other.se))


def test_thresholds_are_for_covariates_as_given():
    y, x = np.array([0, 1, 2, 1, 0, 2, 3, 3, 1, 2, 0, 3]), np.linspace(100.0, 103.0, 12)
    near, far = proportional_odds(y, x - 100.0), proportional_odds(y, x)
    b = far.log_odds_ratios[0].estimate
    np.testing.assert_allclose(far.thresholds, near.thresholds + 100.0 * b, rtol=1e-7)


def test_separated_categories_are_not_called_converged():
    assert not proportional_odds([1, 1, 1, 2, 2, 3], [0, 0, 0, 1, 1, 1]).converged


def test_the_probability_of_winning_is_counted_over_all_pairs():
    ours, theirs = np.round(Y[ARM == 1]), np.round(Y[ARM == 0])
    pairs = np.sign(ours[:, None] - theirs[None, :])
    found = mann_whitney(np.round(Y), ARM)
    theta = np.mean((pairs + 1) / 2)
    assert found.probability.estimate == pytest.approx(theta)
    assert found.odds.estimate == pytest.approx(theta / (1 - theta))


def test_brunner_and_munzels_test_is_that_of_scipy():
    theirs = brunnermunzel(Y[ARM == 0], Y[ARM == 1])
    found = mann_whitney(Y, ARM)
    assert (found.test.statistic, found.test.p) == pytest.approx((theirs.statistic, theirs.pvalue))


@pytest.mark.parametrize("method", ["logit", "brunner-munzel", "newcombe"])
def test_arms_apart_altogether_have_an_interval_and_an_honest_test(method):
    found = mann_whitney([1, 2, 3, 7, 8, 9], [0, 0, 0, 1, 1, 1], method=method)
    assert found.probability.upper == 1.0 and 0.3 < found.probability.lower < 1.0
    assert found.test.p == pytest.approx(2 / 20)  # 2 of the C(6, 3) = 20 ways to deal the ranks


def test_newcombes_bounds_solve_his_equation():
    """(theta - t)^2 = z^2 t (1 - t) [1 + ((m + n) / 2 - 1) ((1 - t) / (2 - t) + t / (1 + t))] / (m n)."""
    found = mann_whitney(Y, ARM, method="newcombe").probability
    for t in (found.lower, found.upper):
        more = (11 / 2 - 1) * ((1 - t) / (2 - t) + t / (1 + t))
        right = 1.959963984540054**2 * t * (1 - t) * (1 + more) / 30
        assert (found.estimate - t) ** 2 == pytest.approx(right, rel=1e-8)


def test_the_exact_rank_sum_test_and_interval_by_dealing_out_all_ranks():
    wins = []
    for chosen in combinations(range(11), 5):
        ours = np.array(chosen)
        wins.append(sum(np.sum(rank > np.delete(np.arange(11), ours)) for rank in ours))
    wins = np.array(wins)
    observed = np.sum(Y[ARM == 1][:, None] > Y[ARM == 0][None, :])
    test = wilcoxon_rank_sum_test(Y, ARM)
    assert test.statistic == observed
    assert test.p == pytest.approx(2 * np.mean(wins >= observed))
    rank = np.sort(wins)[int(np.ceil(0.025 * len(wins) - 1e-9)) - 1]  # the 2.5 % quantile
    differences = np.sort((Y[ARM == 1][:, None] - Y[ARM == 0][None, :]).ravel())
    shift = hodges_lehmann(Y, ARM)
    assert (shift.lower, shift.upper) == (differences[rank - 1], differences[30 - rank])
    assert shift.estimate == np.median(differences)


def test_all_values_alike_say_nothing():
    assert wilcoxon_rank_sum_test([1, 1, 1, 1], [0, 0, 1, 1]).p == 1.0
    assert mann_whitney([1, 1, 1, 1], [0, 0, 1, 1]).probability.estimate == 0.5
    with pytest.raises(InputError, match="one category only"):
        proportional_odds([1, 1, 1, 1], [0, 0, 1, 1])


def test_two_patients_give_no_shift_an_interval():
    assert hodges_lehmann([1.0, 2.0], [0, 1]).lower == -np.inf
    # Three against three: U = 0 has the probability 1/20, so that 90 % is the range of the differences.
    shift = hodges_lehmann([1.0, 2.5, 3.2, 2.0, 4.4, 5.9], [0, 0, 0, 1, 1, 1], level=0.9)
    assert (shift.lower, shift.upper) == pytest.approx((2.0 - 3.2, 5.9 - 1.0))


def test_separated_categories_are_tested_by_their_score():
    """Two categories, each of one arm: the root of N (ad - bc)^2 / (product of the margins) = 12 x 36^2 / 6^4."""
    found = proportional_odds(np.repeat([0, 1], 6), np.repeat([0, 1], 6)).log_odds_ratios[0]
    assert found.estimate == np.inf and np.isnan([found.se, found.interval.lower, found.interval.upper]).all()
    assert found.test.statistic == pytest.approx(np.sqrt(12), rel=1e-9)


def test_the_score_of_separated_arms_is_wilcoxons_without_its_continuity_correction():
    y, arm = np.array([0, 1, 1, 2, 2, 3, 4, 4, 5, 5]), np.repeat([0, 1], 5)
    found = proportional_odds(y, arm).log_odds_ratios[0]
    other = mannwhitneyu(y[arm == 1], y[arm == 0], method="asymptotic", use_continuity=False)
    # Wilcoxon's variance is that of all orders of the arms, with N - 1 in place of the likelihood's N.
    assert found.test.statistic * np.sqrt(9 / 10) == pytest.approx(norm.isf(other.pvalue / 2), rel=1e-9)


def test_a_separating_arm_leaves_another_covariate_its_own_test():
    rng = stream(3, "ordinal", "separate")
    arm, x = np.repeat([0.0, 1.0], 30), rng.normal(size=60)
    y = np.where(arm == 1.0, 2.0, (rng.random(60) < 0.5).astype(float))
    fit = proportional_odds(y, np.column_stack([arm, x]))
    alone = proportional_odds(y[arm == 0.0], x[arm == 0.0]).log_odds_ratios[0]
    assert np.isnan(fit.log_odds_ratios[0].se)
    assert fit.log_odds_ratios[1].estimate == pytest.approx(alone.estimate, rel=1e-3)
