"""Survival against definitions: counts, a partial likelihood written out, and data where the answer is known."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from azygos.errors import InputError
from azygos.rng import stream
from azygos.statistics.competing import aalen_johansen
from azygos.statistics.hazards import cox
from azygos.statistics.restricted_mean import rmst, rmst_difference
from azygos.statistics.survival import kaplan_meier, logrank_test


def cohort(n=60, ties=False):
    draw = stream(1, "test of survival")
    time, censored, x = draw.exponential(size=n), draw.exponential(1.5, n), draw.normal(size=n)
    seen = np.minimum(time * np.exp(-0.5 * x), censored)
    return (np.ceil(seen * 5) if ties else seen), (time * np.exp(-0.5 * x) <= censored).astype(float), x


def partial_likelihood(b, time, event, x, efron):
    """Of one covariate, as Efron and Breslow write it."""
    total = 0.0
    for t in np.unique(time[event == 1]):
        risk, tied = np.exp(b * x[time >= t]).sum(), np.exp(b * x[(time == t) & (event == 1)])
        total += b * x[(time == t) & (event == 1)].sum()
        total -= sum(np.log(risk - (k / len(tied) * tied.sum() if efron else 0.0)) for k in range(len(tied)))
    return total


def test_with_nobody_censored_the_curve_is_the_share_left():
    time = np.array([3.0, 1.0, 2.0, 2.0, 5.0])
    curve = kaplan_meier(time, np.ones(5))
    assert curve.survival == pytest.approx([0.8, 0.4, 0.2, 0.0])
    # Greenwood without censoring is the binomial's sqrt(p (1 - p) / n).
    assert curve.se[:3] == pytest.approx(np.sqrt(curve.survival * (1 - curve.survival) / 5)[:3])
    assert curve.median.estimate == 2.0
    assert curve.at(0.5).estimate == 1.0 and np.isnan(kaplan_meier([1, 2], [1, 0]).at(3).estimate)


def test_with_everybody_censored_nothing_falls():
    curve = kaplan_meier([1.0, 2.0, 3.0], [0, 0, 0])
    assert np.all(curve.survival == 1.0) and np.all(curve.upper == 1.0)
    assert curve.median.estimate == np.inf


@pytest.mark.parametrize("interval", ["log", "log-log", "plain", "arcsine"])
def test_bounds_stay_between_none_and_all_and_around_the_curve(interval):
    curve = kaplan_meier(*cohort()[:2], interval=interval)
    inside = np.isfinite(curve.lower)
    assert np.all((curve.lower[inside] >= 0.0) & (curve.upper[inside] <= 1.0))
    assert np.all((curve.lower <= curve.survival)[inside] & (curve.survival <= curve.upper)[inside])


def test_after_the_last_time_seen_neither_a_share_nor_its_error_is_defined():
    curve = kaplan_meier([1, 2, 3], [1, 0, 0])
    (cause,) = aalen_johansen([1, 2, 3], [1, 0, 0])
    for found in (curve, cause):
        assert np.isnan(found.at(4.0).estimate) and np.isnan(found.se_at(4.0))
        assert found.se_at(3.0) > 0.0 == found.se_at(0.5)


def test_the_log_rank_statistic_of_four_patients_by_hand():
    """Events at 1 (A), 2 (B), 3 (A), 4 (B): E_A = 1/2 + 1/3 + 1/2 + 0, V = 1/4 + 2/9 + 1/4; U = 2 - 4/3."""
    found = logrank_test([1, 2, 3, 4], [1, 1, 1, 1], ["A", "B", "A", "B"])
    assert found.statistic == pytest.approx((2 - 4 / 3) ** 2 / (1 / 4 + 2 / 9 + 1 / 4))
    assert found.df == 1


def test_without_ties_the_score_test_of_cox_is_the_log_rank_test():
    time, event, x = cohort()
    group = (x > 0).astype(float)
    assert cox(time, event, group).score.statistic == pytest.approx(logrank_test(time, event, group).statistic)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_cox_finds_the_top_of_the_partial_likelihood(ties):
    time, event, x = cohort(ties=True)
    fit = cox(time, event, x, ties=ties)
    best = minimize_scalar(lambda b: -partial_likelihood(b, time, event, x, ties == "efron"), tol=1e-12)
    b, h = fit.log_hazard_ratios[0].estimate, 1e-3
    assert b == pytest.approx(best.x, abs=1e-6)
    assert fit.log_likelihood == pytest.approx(-best.fun, rel=1e-10)
    f = [partial_likelihood(b + k * h, time, event, x, ties == "efron") for k in (-1, 0, 1)]
    assert fit.covariance[0, 0] == pytest.approx(-(h**2) / (f[0] - 2 * f[1] + f[2]), rel=1e-4)


def test_strata_are_so_many_likelihoods_and_entry_at_zero_is_none():
    time, event, x = cohort()
    layer = np.arange(len(time)) % 2
    both = cox(time, event, x, strata=layer)
    b = both.log_hazard_ratios[0].estimate
    apart = sum(partial_likelihood(b, time[layer == k], event[layer == k], x[layer == k], True) for k in (0, 1))
    assert both.log_likelihood == pytest.approx(apart, rel=1e-10)
    entered = cox(time, event, x, entry=np.zeros(len(time)))
    assert entered.log_hazard_ratios[0].estimate == pytest.approx(cox(time, event, x).log_hazard_ratios[0].estimate)


def test_hazard_ratios_answer_to_the_units_of_the_covariate_alone():
    time, event, x = cohort()
    one, other = cox(time, event, x), cox(1000.0 * time, event, 1e4 + x / 100.0)
    assert other.log_hazard_ratios[0].estimate == pytest.approx(100.0 * one.log_hazard_ratios[0].estimate, rel=1e-6)
    assert other.log_hazard_ratios[0].p == pytest.approx(one.log_hazard_ratios[0].p, rel=1e-5)


def test_a_hazard_ratio_without_end_is_not_called_converged():
    fit = cox([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1], [0, 0, 0, 1, 1, 1])
    assert not fit.converged


def test_with_nobody_censored_the_restricted_mean_is_a_mean():
    """And its standard error the one of a mean, with n in place of n - 1."""
    time = np.array([0.3, 1.2, 2.2, 2.9, 4.0, 7.0])
    found = rmst(time, np.ones(6), 3.0)
    clipped = np.minimum(time, 3.0)
    assert found.estimate == pytest.approx(clipped.mean())
    assert found.se == pytest.approx(clipped.std() / np.sqrt(6))


def test_restricted_means_are_compared_up_to_where_both_arms_were_seen():
    time, event, _ = cohort()
    arm = np.arange(len(time)) % 2
    found = rmst_difference(time, event, arm)
    assert found.tau == min(time[arm == 0].max(), time[arm == 1].max())
    with pytest.raises(InputError, match="after the last time seen"):
        rmst_difference(time, np.zeros(len(time)), arm, 100.0)


@pytest.mark.parametrize("method", [kaplan_meier, cox, logrank_test])
def test_bad_columns_are_all_named(method):
    with pytest.raises(InputError) as error:
        method([1.0, -2.0, np.nan], [0, 2, 1], *([] if method is kaplan_meier else [[1, 2, 3]]))
    said = str(error.value)
    assert "time: is missing" in said and "time: is negative" in said and "event: is neither 0 nor 1 in row 2" in said


def test_what_says_nothing_is_refused():
    with pytest.raises(InputError, match="nobody has the event"):
        cox([1, 2, 3], [0, 0, 0], [1, 0, 1])
    with pytest.raises(InputError, match="constant"):
        cox([1, 2, 3], [1, 0, 1], [1, 1, 1])
    with pytest.raises(InputError, match="no event while two groups were at risk"):
        logrank_test([1, 2, 3], [0, 0, 0], [0, 1, 1])
    with pytest.raises(InputError, match="enter at their last time"):
        cox([1, 2, 3], [1, 0, 1], [1, 0, 1], entry=[0, 2, 0])


def test_a_hazard_ratio_without_end_has_the_log_rank_test_and_no_interval():
    """By hand: at the k-th of six events, all in arm 0, six of the twelve less k - 1 of each arm are at risk."""
    time, event, arm = np.arange(1.0, 13.0), np.array([1, 0] * 6), np.array([0, 1] * 6)
    found = cox(time, event, arm).log_hazard_ratios[0]
    assert found.estimate == -np.inf and np.isnan([found.se, found.interval.lower, found.interval.upper]).all()
    assert found.test.statistic == pytest.approx(-3.0 / np.sqrt(6 / 4), rel=1e-9)  # expected 6 / 2, variance 6 / 4
    assert found.p == pytest.approx(logrank_test(time, event, arm).p)


def test_the_other_covariates_keep_their_own_tests_where_one_runs_away():
    rng = stream(5, "away")
    time, event, x = rng.exponential(1.0, 60), np.ones(60), rng.normal(size=60)
    arm = np.zeros(60)
    arm[np.argsort(time)[-3:]] = 1.0  # outlive all: the ratio is zero but for their own last events
    event[np.argsort(time)[-3:]] = 0.0
    fit = cox(time, event, np.column_stack([arm, x]))
    # In the limit the three are in nobody's risk set.
    kept = arm == 0.0
    alone = cox(time[kept], event[kept], x[kept]).log_hazard_ratios[0]
    assert not fit.converged and np.isnan(fit.log_hazard_ratios[0].se)
    assert (fit.log_hazard_ratios[1].estimate, fit.log_hazard_ratios[1].se) == pytest.approx(
        (alone.estimate, alone.se), rel=1e-4
    )


def test_the_p_of_a_cox_model_without_end_is_right_when_events_are_rare():
    """500 trials of 40 patients, 3 events expected: how often p < 0.05 with no effect, wherever an arm has none."""
    rng = stream(6, "rare")
    arm = np.repeat([0.0, 1.0], 20)
    small = endless = 0
    for _ in range(500):
        event = rng.random(40) < 0.075
        time = np.where(event, rng.random(40), 1.0)
        if not event.any():
            continue
        fit = cox(time, event, arm)
        endless += not fit.converged
        small += fit.log_hazard_ratios[0].p < 0.05
    assert endless > 100
    assert small / 500 < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 500)  # fewer: few events allow few p-values


def test_before_the_first_event_a_curve_is_as_sure_as_the_patients_followed_so_far_make_it():
    # 0 of 20 by day 10, then 0 of the 15 who were followed to day 20: R's binom.test(20, 20) has 0.8315665 and
    # binom.test(15, 15) 0.7819806 to 1.
    curve = kaplan_meier([10.0] * 5 + [20.0] * 14 + [30.0], [0] * 19 + [1])
    assert (curve.at(5.0).lower, curve.at(5.0).upper) == (pytest.approx(0.8315665, abs=1e-7), 1.0)
    assert curve.at(10.0).lower == pytest.approx(0.8315665, abs=1e-7)
    assert curve.at(10.5).lower == pytest.approx(0.7819806, abs=1e-7)
    assert (curve.at(0.0).lower, curve.at(0.0).upper) == (1.0, 1.0)


def test_a_curve_on_which_nothing_happened_is_not_certain():
    curve = kaplan_meier([180.0] * 50, [0] * 50)
    assert curve.at(180.0).estimate == 1.0
    assert curve.at(180.0).lower == pytest.approx(0.025 ** (1 / 50))  # closed form for n of n
    assert np.isnan(curve.at(181.0).lower)
