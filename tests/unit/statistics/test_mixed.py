"""The mixed model for repeated measures, against dense matrices and against what balanced data must give."""

import numpy as np
import pytest
from scipy.optimize import minimize

from azygos.errors import InputError
from azygos.rng import stream
from azygos.statistics.covariance import STRUCTURES
from azygos.statistics.linear import ancova
from azygos.statistics.mixed import design, mmrm
from azygos.statistics.reml import at, fitted, information

VISITS = 3
SIGMA = np.array([[2.0, 1.0, 0.7], [1.0, 2.5, 1.4], [0.7, 1.4, 3.0]])
EVERY = pytest.mark.parametrize("covariance", sorted(STRUCTURES))


def trial(n=40, missing=0.0, seed=1):
    """(outcome, arm, baseline) with values missing completely at random, everybody seen once at least."""
    draw = stream(seed, "test of mixed models")
    arm, baseline = np.arange(n) % 2, draw.normal(10.0, 2.0, n)
    y = 0.5 * baseline[:, None] + draw.normal(size=(n, VISITS)) @ np.linalg.cholesky(SIGMA).T
    gone = draw.random((n, VISITS)) < missing
    gone[:, 0] &= ~gone[:, 1:].all(axis=1)
    y[gone] = np.nan
    return y, arm, baseline


def dense(X, y):
    """(rows of X, y, patient of each row, visit of each row) of what was seen."""
    patient, visit = np.nonzero(np.isfinite(y))
    return X[patient, visit], y[patient, visit], patient, visit


def dense_deviance(sigma, X, y):
    """-2 restricted log-likelihood by the matrices of its definition."""
    rows, values, patient, visit = dense(X, y)
    V = sigma[np.ix_(visit, visit)] * (patient[:, None] == patient[None, :])
    inverse = np.linalg.inv(V)
    information = rows.T @ inverse @ rows
    b = np.linalg.solve(information, rows.T @ inverse @ values)
    r = values - rows @ b
    logs = np.linalg.slogdet(V)[1] + np.linalg.slogdet(information)[1]
    return logs + r @ inverse @ r + (len(values) - rows.shape[1]) * np.log(2.0 * np.pi)


@EVERY
def test_the_fit_is_where_a_search_over_dense_matrices_ends(covariance):
    y, arm, baseline = trial(missing=0.2)
    fit = mmrm(y, arm, baseline=baseline, covariance=covariance)
    structure = STRUCTURES[covariance](VISITS)
    X = design(VISITS, arm.astype(float), baseline, None)

    def objective(theta):
        sigma = structure.matrix(theta)
        return dense_deviance(sigma, X, y) if np.linalg.eigvalsh(sigma)[0] > 1e-6 else 1e9

    start = structure.start(SIGMA)
    search = minimize(objective, start, method="Nelder-Mead", options={"maxiter": 20000, "xatol": 1e-7, "fatol": 1e-11})
    assert fit.converged
    assert fit.deviance == pytest.approx(search.fun, abs=1e-7)
    np.testing.assert_allclose(fit.covariance, structure.matrix(search.x), rtol=2e-4)


@EVERY
def test_slopes_and_information_are_the_differences_of_the_dense_likelihood(covariance):
    y, arm, baseline = trial(missing=0.2)
    X = design(VISITS, arm.astype(float), baseline, None)
    structure = STRUCTURES[covariance](VISITS)
    fit = fitted(X, y, structure)
    theta = fit.point.theta + 0.05  # off the maximum, where the slope is not zero
    point = at(fit.data, structure, theta)

    def f(place):
        return dense_deviance(structure.matrix(place), X, y - X @ (fit.coefficients - fit.point.b))

    k, h = len(theta), 1e-4
    step = np.eye(k) * h
    slope = [(f(theta + step[i]) - f(theta - step[i])) / (2 * h) for i in range(k)]
    np.testing.assert_allclose(point.slope, slope, rtol=1e-5, atol=1e-5)
    hessian = [
        [
            (f(theta + step[i] + step[j]) - f(theta + step[i] - step[j]) - f(theta - step[i] + step[j])
             + f(theta - step[i] - step[j])) / (4 * h * h)
            for j in range(k)
        ]
        for i in range(k)
    ]  # fmt: skip
    observed = information(fit.data, structure, point).observed
    np.testing.assert_allclose(observed, hessian, rtol=1e-3, atol=1e-4 * np.abs(observed).max())


@EVERY
def test_kenward_and_rogers_covariance_is_that_of_dense_matrices(covariance):
    """Their equations with the matrices V, V_i, V_ij of all observations written out."""
    y, arm, baseline = trial(missing=0.2)
    X = design(VISITS, arm.astype(float), baseline, None)
    structure = STRUCTURES[covariance](VISITS)
    theta = fitted(X, y, structure).point.theta
    fit = mmrm(y, arm, baseline=baseline, covariance=covariance, df="kenward-roger", information_matrix="expected")
    rows, _, patient, visit = dense(X, y)
    same = patient[:, None] == patient[None, :]

    def spread(matrix):
        return matrix[np.ix_(visit, visit)] * same

    U = np.linalg.inv(spread(structure.matrix(theta)))
    slopes = [spread(part) for part in structure.slopes(theta)]
    curvatures, k = structure.curvatures(theta), len(theta)
    F = np.linalg.inv(rows.T @ U @ rows)
    P = U - U @ rows @ F @ rows.T @ U
    W = np.linalg.inv([[0.5 * np.trace(P @ a @ P @ b) for b in slopes] for a in slopes])
    total = np.zeros_like(F)
    for i in range(k):
        for j in range(k):
            M_i, M_j = (rows.T @ U @ part @ U @ rows for part in (slopes[i], slopes[j]))
            Q = rows.T @ U @ slopes[i] @ U @ slopes[j] @ U @ rows
            R = 0.0 if curvatures is None else rows.T @ U @ spread(curvatures[i][j]) @ U @ rows
            total += W[i, j] * (Q - M_i @ F @ M_j - R / 4.0)
    np.testing.assert_allclose(fit.uncertainty.W, W, rtol=1e-6)
    np.testing.assert_allclose(fit.uncertainty.shown, F + 2.0 * F @ total @ F, rtol=1e-7, atol=1e-10)


@EVERY
def test_satterthwaites_degrees_of_freedom_are_those_of_finite_differences(covariance):
    """2 v^2 / (g' W g) with g the differences of c' F(theta) c, and W from those of the likelihood's slope."""
    y, arm, baseline = trial(missing=0.2)
    structure = STRUCTURES[covariance](VISITS)
    fit = fitted(design(VISITS, arm.astype(float), baseline, None), y, structure)
    theta, h, last = fit.point.theta, 1e-5, 2 * VISITS - 1
    ends = [[at(fit.data, structure, theta + sign * h * row) for sign in (1, -1)] for row in np.eye(len(theta))]
    g = np.array([(up.F[last, last] - down.F[last, last]) / (2 * h) for up, down in ends])
    W = 2.0 * np.linalg.inv([(up.slope - down.slope) / (2 * h) for up, down in ends])
    found = mmrm(y, arm, baseline=baseline, covariance=covariance).differences[-1]
    assert found.df == pytest.approx(2.0 * fit.point.F[last, last] ** 2 / (g @ W @ g), rel=1e-5)


@pytest.mark.parametrize("df", ["satterthwaite", "kenward-roger"])
def test_without_missing_values_every_visit_is_its_own_analysis_of_covariance(df):
    """With slopes of its own at each visit, and no visit missing, the others add nothing: n - 3 degrees of freedom."""
    y, arm, baseline = trial()
    fit = mmrm(y, arm, baseline=baseline, df=df)
    for visit, found in enumerate(fit.differences):
        alone = ancova(y[:, visit], arm, baseline=baseline).difference
        assert found.estimate == pytest.approx(alone.estimate, rel=1e-10)
        assert found.se == pytest.approx(alone.se, rel=1e-7)
        assert found.df == pytest.approx(len(y) - 3, rel=1e-6)


def test_with_compound_symmetry_the_mean_over_visits_is_tested_between_patients():
    """The mean of balanced visits is a two-sample t-test of the patients' means, n - 2 degrees of freedom."""
    y, arm, _ = trial()
    fit = mmrm(y, arm, covariance="compound-symmetry", df="kenward-roger")
    found = fit.contrast(np.concatenate([np.zeros(VISITS), np.full(VISITS, 1.0 / VISITS)]))
    alone = ancova(y.mean(axis=1), arm).difference
    assert (found.estimate, found.se) == pytest.approx((alone.estimate, alone.se), rel=1e-7)
    assert found.df == pytest.approx(len(y) - 2, rel=1e-6)


def test_one_visit_is_an_analysis_of_covariance():
    y, arm, baseline = trial()
    for covariance in STRUCTURES:
        found = mmrm(y[:, :1], arm, baseline=baseline, covariance=covariance).differences[0]
        assert found.interval.lower == pytest.approx(
            ancova(y[:, 0], arm, baseline=baseline).difference.interval.lower, rel=1e-6
        )


def test_the_answer_moves_with_the_units_and_not_with_the_order_of_patients():
    y, arm, baseline = trial(missing=0.2)
    plain = mmrm(y, arm, baseline=baseline).differences[-1]
    scaled = mmrm(1000.0 * y + 5.0, arm, baseline=baseline / 7.0).differences[-1]
    turned = mmrm(y[::-1], arm[::-1], baseline=baseline[::-1]).differences[-1]
    assert (scaled.estimate, scaled.se) == pytest.approx((1000.0 * plain.estimate, 1000.0 * plain.se), rel=1e-6)
    assert (scaled.df, turned.p) == pytest.approx((plain.df, plain.p), rel=1e-6)


def test_naming_the_control_turns_the_sign():
    y, arm, _ = trial(missing=0.2)
    labels = np.where(arm == 1, "sham", "active")
    forward, back = mmrm(y, labels), mmrm(y, labels, control="sham")
    assert forward.arms == ("active", "sham") and back.arms == ("sham", "active")
    assert forward.differences[0].estimate == pytest.approx(-back.differences[0].estimate)


def test_a_patient_without_visits_changes_nothing():
    y, arm, baseline = trial()
    more = np.vstack([y, np.full((1, VISITS), np.nan)])
    found = mmrm(more, np.append(arm, 0), baseline=np.append(baseline, 10.0))
    assert found.patients == len(y)
    assert found.differences[0].p == pytest.approx(mmrm(y, arm, baseline=baseline).differences[0].p)


def test_what_cannot_be_fitted_is_said_all_at_once():
    y, arm, baseline = trial()
    with pytest.raises(InputError) as error:
        mmrm(y, ["one"] * len(y), baseline=baseline[:-1], covariance="diagonal", df="none", level=2.0)
    assert len(error.value.problems) == 5
    y[arm == 1, 1] = np.nan
    with pytest.raises(InputError, match="visit 2 was seen in one arm only"):
        mmrm(y, arm)
    with pytest.raises(InputError, match="combination of the others"):
        mmrm(trial()[0], arm, covariates=np.column_stack([baseline, 2.0 * baseline]))
