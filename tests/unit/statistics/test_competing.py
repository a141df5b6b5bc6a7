"""Competing risks: what must hold of them whatever the data."""

import numpy as np
import pytest

from azygos.errors import InputError
from azygos.rng import stream
from azygos.statistics.competing import aalen_johansen, gray_test
from azygos.statistics.hazards import cox
from azygos.statistics.subdistribution import fine_gray
from azygos.statistics.survival import kaplan_meier, logrank_test


def cohort(n=80, censoring=True):
    draw = stream(1, "test of competing risks")
    event, censored = draw.exponential(size=n), draw.exponential(1.5, n) if censoring else np.full(n, np.inf)
    cause = draw.choice([1, 2], n)
    return np.minimum(event, censored), np.where(event <= censored, cause, 0), draw.normal(size=n)


def test_incidences_and_the_share_left_make_one():
    time, cause, _ = cohort()
    curves = aalen_johansen(time, cause)
    left = kaplan_meier(time, (cause > 0).astype(float))
    assert [curve.cause for curve in curves] == [1, 2]
    np.testing.assert_allclose(sum(curve.incidence for curve in curves) + left.survival, 1.0)


def test_with_one_cause_incidence_is_what_kaplan_and_meier_lose():
    time, cause, _ = cohort()
    event = (cause > 0).astype(float)
    (curve,) = aalen_johansen(time, event)
    left = kaplan_meier(time, event)
    np.testing.assert_allclose(curve.incidence, 1.0 - left.survival)


def test_with_nobody_censored_incidence_is_a_share_with_the_error_of_one():
    """sqrt(F (1 - F) / n), times sqrt(n / (n - 1)) as cmprsk has the hypergeometric variance of each step."""
    time, cause, _ = cohort(censoring=False)
    curve = aalen_johansen(time, cause)[0]
    shares = np.array([np.mean((time <= t) & (cause == 1)) for t in curve.time])
    np.testing.assert_allclose(curve.incidence, shares)
    middle = len(time) // 2
    assert curve.se[middle] == pytest.approx(np.sqrt(shares[middle] * (1 - shares[middle]) / len(time)), rel=0.02)


def test_with_one_cause_grays_test_is_nearly_the_log_rank_test():
    """The risk sets are the same then; the variances are two estimates of one number."""
    time, cause, x = cohort(400)
    event = (cause > 0).astype(float)
    gray, logrank = gray_test(time, event, x > 0), logrank_test(time, event, x > 0)
    assert gray.statistic == pytest.approx(logrank.statistic, rel=0.05)


def test_with_nobody_censored_fine_and_gray_is_cox_with_the_others_at_risk_for_ever():
    time, cause, x = cohort(censoring=False)
    for_ever = np.where(cause == 1, time, time.max() + 1.0)
    fit = fine_gray(time, cause, x)
    theirs = cox(for_ever, (cause == 1).astype(float), x, ties="breslow")
    assert fit.log_hazard_ratios[0].estimate == pytest.approx(theirs.log_hazard_ratios[0].estimate, rel=1e-9)


def test_with_one_cause_fine_and_gray_is_cox():
    time, cause, x = cohort()
    event = (cause > 0).astype(float)
    fit, theirs = fine_gray(time, event, x), cox(time, event, x, ties="breslow")
    assert fit.log_hazard_ratios[0].estimate == pytest.approx(theirs.log_hazard_ratios[0].estimate, rel=1e-9)
    assert fit.log_hazard_ratios[0].se == pytest.approx(theirs.log_hazard_ratios[0].se, rel=0.2)  # a sandwich


def test_what_happened_to_nobody_cannot_be_compared():
    time, cause, x = cohort()
    for call in (
        lambda: gray_test(time, cause, x > 0, 3),
        lambda: fine_gray(time, cause, x, cause=3),
        lambda: aalen_johansen(time, np.zeros(len(time))),
    ):
        with pytest.raises(InputError, match=r"happened to (no|any)body"):
            call()
    with pytest.raises(InputError, match="is no cause in row 1"):
        aalen_johansen([1.0, 2.0], [0.5, 1])


def test_a_group_without_an_event_has_no_wald_test_of_its_subdistribution_hazard():
    time, arm = np.arange(1.0, 21.0), np.tile([0, 1], 10)
    event = np.where(arm == 0, np.tile([1, 1, 2, 2, 0], 4), np.tile([2, 2, 2, 2, 0], 4))
    fit = fine_gray(time, event, arm)
    found = fit.log_hazard_ratios[0]
    assert not fit.converged and found.estimate == -np.inf and fit.hazard_ratios[0].estimate == 0.0
    assert np.isnan([found.se, found.p, found.interval.lower, found.interval.upper]).all()


def test_before_the_first_event_of_a_cause_others_taken_by_another_still_count():
    # 4 of 20 were taken by the other cause, 2 censored, 14 left: 18 in whom the cause is known not to have come, and
    # 1 - 0.025^(1/18) = 0.1853020 (R's binom.test(0, 18)).
    first = aalen_johansen([1.0] * 4 + [2.0] * 2 + [5.0] * 14, [2] * 4 + [0] * 2 + [1] * 14)[0]
    assert first.at(3.0).estimate == first.at(3.0).lower == 0.0
    assert first.at(3.0).upper == pytest.approx(0.1853020, abs=1e-7)
    assert first.at(5.0).estimate > 0.0
