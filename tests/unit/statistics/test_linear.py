"""Analysis of covariance against scipy and statsmodels, and what it refuses."""

import numpy as np
import pytest
from scipy.stats import ttest_ind

from azygos.errors import InputError
from azygos.rng import stream
from azygos.statistics.linear import ancova


def trial(n=41):
    draw = stream(1, "test of linear models")
    arm, baseline = np.arange(n) % 2, draw.normal(50.0, 10.0, n)
    return 0.7 * baseline + 2.0 * arm + draw.normal(0.0, 5.0 + 5.0 * arm), arm, baseline


def test_without_covariates_it_is_students_t_test():
    y, arm, _ = trial()
    found, theirs = ancova(y, arm).difference, ttest_ind(y[arm == 1], y[arm == 0])
    low, high = theirs.confidence_interval(0.95)
    assert (found.test.statistic, found.p, found.df) == pytest.approx((theirs.statistic, theirs.pvalue, theirs.df))
    assert (found.interval.lower, found.interval.upper) == pytest.approx((low, high))


@pytest.mark.parametrize(("variance", "theirs"), [("ols", "nonrobust"), ("hc3", "HC3")])
def test_with_covariates_it_is_least_squares_of_statsmodels(variance, theirs):
    import statsmodels.api as sm

    y, arm, baseline = trial()
    x = sm.add_constant(np.column_stack([arm, baseline, baseline**2]))
    model = sm.OLS(y, x).fit() if variance == "ols" else sm.OLS(y, x).fit(cov_type=theirs, use_t=True)
    found = ancova(y, arm, baseline=baseline, covariates=baseline**2, variance=variance, level=0.9).difference
    assert (found.estimate, found.se, found.p) == pytest.approx((model.params[1], model.bse[1], model.pvalues[1]))
    assert [found.interval.lower, found.interval.upper] == pytest.approx(list(model.conf_int(0.1)[1]))


def test_change_and_outcome_give_the_same_difference_once_adjusted_for_baseline():
    y, arm, baseline = trial()
    of_outcome, of_change = (ancova(v, arm, baseline=baseline).difference for v in (y, y - baseline))
    assert (of_outcome.estimate, of_outcome.se) == pytest.approx((of_change.estimate, of_change.se))


def test_adjusted_means_differ_by_the_difference():
    y, arm, baseline = trial()
    found = ancova(y, arm, baseline=baseline)
    assert found.means[1].estimate - found.means[0].estimate == pytest.approx(found.difference.estimate)
    assert found.n == (21, 20)


def test_labels_are_arms_and_the_control_can_be_named():
    y, arm, _ = trial()
    labels = np.array(["active", "sham"])[1 - arm]
    assert ancova(y, labels, control="sham").difference.estimate == pytest.approx(ancova(y, arm).difference.estimate)
    assert ancova(y, labels).arms == ("active", "sham")


def test_everything_wrong_is_said_at_once():
    y, arm, baseline = trial()
    y[3], baseline[:10] = np.nan, np.inf
    with pytest.raises(InputError) as error:
        ancova(y, arm, baseline=baseline, covariates=np.ones((3, 2)), variance="hc9", level=95)
    said = str(error.value)
    assert len(error.value.problems) == 5
    assert "outcome: is missing or not finite in row 4" in said
    assert "in rows 1, 2, 3, 4, 5 and 5 more" in said


@pytest.mark.parametrize(
    ("covariates", "what"),
    [
        (np.ones(41), "constant"),
        (np.arange(41) % 2, "combination"),
        (np.arange(41 * 39).reshape(41, 39) ** 0.5, "cannot hold|combination"),
    ],
)
def test_covariates_that_add_nothing_are_refused(covariates, what):
    y, arm, _ = trial()
    with pytest.raises(InputError, match=what):
        ancova(y, arm, covariates=covariates)


def test_three_arms_or_one_are_refused():
    y, _, _ = trial()
    for labels in (np.arange(41) % 3, np.zeros(41)):
        with pytest.raises(InputError, match="compare two arms at a time"):
            ancova(y, labels)


def test_an_outcome_that_is_always_the_same_has_no_p_value():
    with pytest.raises(InputError, match="leaves no variance"):
        ancova(np.full(41, 7.0), np.arange(41) % 2)
