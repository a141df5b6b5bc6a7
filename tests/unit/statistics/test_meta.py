"""Pooled studies against metafor's printed results, closed forms and brute force."""

import csv
from pathlib import Path

import numpy as np
import pytest

from azygos.errors import InputError
from azygos.statistics.meta import _TAU2, egger_test, meta_analysis, study_effects

BCG = Path(__file__).parents[2] / "verification" / "statistics" / "bcg.csv"


@pytest.fixture(scope="module")
def bcg():
    rows = csv.DictReader(BCG.read_text().splitlines())
    cells = np.array([[float(row[name]) for name in ("tpos", "tneg", "cpos", "cneg")] for row in rows])
    return study_effects(cells[:, 0], cells[:, :2].sum(axis=1), cells[:, 2], cells[:, 2:].sum(axis=1))


def test_the_heterogeneity_of_the_bcg_trials_has_metafors_intervals(bcg):
    """Viechtbauer 2010, J Stat Softw 36(3), confint of the REML model: tau² 0.3132 (0.1197 to 1.1115), H² 12.86."""
    found = meta_analysis(*bcg)
    assert (found.tau2, found.tau2_lower, found.tau2_upper) == pytest.approx((0.3132, 0.1197, 1.1115), abs=0.5e-4)
    assert (found.h2, found.i2) == pytest.approx((12.86, 92.22), abs=0.5e-2)
    assert (found.statistic, found.lower, found.upper) == pytest.approx((-3.9744, -1.0669, -0.3622), abs=0.5e-4)


# metafor's estimates of tau² for the same trials, by method.
TAU2 = {"DL": 0.3088, "REML": 0.3132, "ML": 0.2800, "HE": 0.3286, "SJ": 0.3455, "PM": 0.3181, "FE": 0.0}


@pytest.mark.parametrize("method", TAU2)
def test_tau2_of_the_bcg_trials_is_metafors(bcg, method):
    assert meta_analysis(*bcg, method=method).tau2 == pytest.approx(TAU2[method], abs=0.5e-4)


def test_without_heterogeneity_weights_are_inverse_variances(bcg):
    """Colditz's trials, fixed: -0.4303 (-0.5097 to -0.3509), z -10.6247 (metafor, method "EE")."""
    found = meta_analysis(*bcg, method="FE")
    assert (found.estimate, found.lower, found.upper) == pytest.approx((-0.4303, -0.5097, -0.3509), abs=0.5e-4)
    assert found.statistic == pytest.approx(-10.6247, abs=0.5e-4)
    assert sum(found.weights) == pytest.approx(100.0)


@pytest.mark.parametrize("restricted", [True, False])
def test_the_likelihood_is_highest_at_its_tau2(restricted):
    """Brute force over tau² with the likelihood written out by a determinant."""
    y, v = np.array([0.1, 0.9, -0.4, 1.7, 0.3]), np.array([0.04, 0.2, 0.1, 0.3, 0.02])

    def height(tau2: float) -> float:
        law = np.diag(v + tau2)
        precision = np.linalg.inv(law)
        ones = np.ones(5)
        mean = ones @ precision @ y / (ones @ precision @ ones)
        log = np.linalg.slogdet(law)[1] + (y - mean) @ precision @ (y - mean)
        return float(-0.5 * (log + (np.log(ones @ precision @ ones) if restricted else 0.0)))

    found = meta_analysis(y, v, method="REML" if restricted else "ML").tau2
    around = np.linspace(0.0, 3.0, 6001)
    assert found == pytest.approx(around[np.argmax([height(t) for t in around])], abs=5e-4)


def test_equal_variances_have_closed_forms():
    """With equal v: tau² is s² - v by REML, DL, PM and HE; Hartung and Knapp's interval is the t-test's."""
    from scipy.stats import ttest_1samp

    y = np.array([0.3, 1.1, -0.2, 0.8, 1.9])
    for method in ("REML", "DL", "PM", "HE"):
        found = meta_analysis(y, np.full(5, 0.1), method=method, interval="hartung-knapp")
        assert found.tau2 == pytest.approx(np.var(y, ddof=1) - 0.1, abs=1e-9)
        expected = ttest_1samp(y, 0.0)
        ends = expected.confidence_interval(0.95)
        assert (found.lower, found.upper, found.p) == pytest.approx((ends.low, ends.high, expected.pvalue), rel=1e-9)


@pytest.mark.parametrize("method", tuple(_TAU2))
def test_one_study_and_two_are_pooled_without_trouble(method):
    one = meta_analysis([0.4], [0.04], method=method)
    assert (one.estimate, one.se, one.tau2, one.q) == pytest.approx((0.4, 0.2, 0.0, 0.0))
    assert one.prediction_lower is None
    two = meta_analysis([0.4, 0.4], [0.04, 0.09], method=method)
    assert two.tau2 == pytest.approx(0.0) and two.estimate == pytest.approx(0.4)
    far = meta_analysis([0.0, 5.0], [0.1, 0.1], method=method, interval="hartung-knapp")
    assert far.df == 1.0 and far.lower < 0.0 < far.upper


def test_the_prediction_interval_is_metafors_with_each_variance(bcg):
    """predict(res) is normal after Wald, t with k - 1 after Hartung and Knapp: mean -+ q sqrt(se² + tau²)."""
    plain, adjusted = meta_analysis(*bcg), meta_analysis(*bcg, interval="hartung-knapp")
    for found, quantile in ((plain, 1.959964), (adjusted, 2.178813)):
        half = quantile * np.hypot(found.se, found.tau)
        ends = (found.prediction_lower, found.prediction_upper)
        assert ends == pytest.approx((found.estimate - half, found.estimate + half), abs=1e-6)
    higgins = meta_analysis(*bcg, prediction="t-k-2")
    half = 2.200985 * np.hypot(higgins.se, higgins.tau)  # Higgins, Thompson and Spiegelhalter 2009: t with 11
    assert higgins.prediction_upper == pytest.approx(higgins.estimate + half, abs=1e-6)


def test_eggers_test_is_a_weighted_regression_on_the_standard_error(bcg):
    """statsmodels' weighted least squares: the t of the standard error is that of the intercept in y/se."""
    from statsmodels.regression.linear_model import WLS

    y, v = bcg
    fitted = WLS(y, np.column_stack((np.ones(13), np.sqrt(v))), 1.0 / v).fit()
    found = egger_test(y, v)
    assert (found.statistic, found.p, found.df) == pytest.approx((fitted.tvalues[1], fitted.pvalues[1], 11.0), rel=1e-9)
    assert (found.statistic, found.p) == pytest.approx((-1.4013, 0.1887), abs=0.5e-4)  # metafor, regtest(model = "lm")
    with pytest.raises(InputError, match="three studies"):
        egger_test([0.1, 0.2, 0.3], [0.1, 0.1, 0.1])


def test_scaling_the_estimates_scales_the_answer(bcg):
    y, v = bcg
    plain, scaled = meta_analysis(y, v), meta_analysis(1e4 * y, 1e8 * v)
    assert scaled.estimate == pytest.approx(1e4 * plain.estimate, rel=1e-9)
    assert (scaled.tau2, scaled.i2) == pytest.approx((1e8 * plain.tau2, plain.i2), rel=1e-9)


def test_the_adhoc_interval_is_never_narrower_than_walds_standard_error():
    alike = [0.5, 0.5001, 0.4999]
    plain, adhoc = (meta_analysis(alike, [0.1] * 3, interval=i) for i in ("wald", "hartung-knapp-adhoc"))
    assert adhoc.se == pytest.approx(plain.se) and adhoc.upper > plain.upper


def test_an_empty_cell_gets_a_half_in_its_study_only():
    y, v = study_effects([0, 4], [10, 123], [2, 11], [10, 139], measure="odds-ratio")
    assert y[0] == pytest.approx(np.log(0.5 * 8.5 / (10.5 * 2.5)))
    assert v[0] == pytest.approx(1 / 0.5 + 1 / 10.5 + 1 / 2.5 + 1 / 8.5)
    assert y[1] == pytest.approx(np.log(4 * 128 / (119 * 11)))


def test_everything_wrong_with_studies_is_said_at_once():
    with pytest.raises(InputError) as refused:
        meta_analysis([0.1, np.nan], [0.2, -1.0], method="RML", level=95)
    assert [problem.where for problem in refused.value.problems] == ["estimates", "variances", "method", "level"]
    with pytest.raises(InputError, match="choose wald"):
        meta_analysis([0.1], [0.2], interval="hartung-knapp")
    with pytest.raises(InputError, match="lengths"):
        meta_analysis([0.1, 0.3], [0.2])


@pytest.mark.parametrize("method", ["PM", "REML", "ML", "DL"])
def test_pooling_does_not_depend_on_the_unit_however_small(method):
    y, v = np.array([0.1, 0.9, 0.4, -0.3, 1.4]), np.array([0.02, 0.05, 0.03, 0.04, 0.06])
    one, tiny = meta_analysis(y, v, method=method), meta_analysis(1e-10 * y, 1e-20 * v, method=method)
    assert tiny.tau2 == pytest.approx(1e-20 * one.tau2, rel=1e-9, abs=0.0)
    assert tiny.tau2_upper == pytest.approx(1e-20 * one.tau2_upper, rel=1e-9, abs=0.0)
    assert tiny.i2 == pytest.approx(one.i2, rel=1e-9)
