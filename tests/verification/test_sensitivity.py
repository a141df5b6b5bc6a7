"""Sensitivity indices against closed forms and against another program."""

import numpy as np
import pytest

from azygos.errors import InputError
from azygos.population.distribution import Lognormal, Uniform
from azygos.population.sensitivity import design, indices, values_at

NAMES = ("a", "b", "c")


def ishigami(points, a=7.0, b=0.1):
    """Ishigami and Homma 1990, on [-pi, pi]^3."""
    x = (2.0 * points - 1.0) * np.pi
    return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])


def found(method, n, function, names=NAMES, seed=1):
    points = design(method, len(names), n, seed)
    got, dropped = indices(method, points, {"y": function(points)}, names, seed=seed)
    assert dropped == 0
    return {(index.parameter, index.name): index for index in got}


def test_sobol_indices_of_the_ishigami_function_are_its_closed_form():
    a, b, pi4, pi8 = 7.0, 0.1, np.pi**4, np.pi**8
    variance = a**2 / 8 + b * pi4 / 5 + b**2 * pi8 / 18 + 0.5
    alone = {"a": 0.5 * (1 + b * pi4 / 5) ** 2 / variance, "b": a**2 / 8 / variance, "c": 0.0}
    together = 8 * b**2 * pi8 / 225 / variance
    whole = {"a": alone["a"] + together, "b": alone["b"], "c": together}
    got = found("sobol", 4096, ishigami)
    for name in NAMES:
        # A quasi-random design of 4096 points: errors of about 1 / 4096^(1/2) at most, band 0.02.
        assert got[name, "first order"].estimate == pytest.approx(alone[name], abs=0.02)
        assert got[name, "total"].estimate == pytest.approx(whole[name], abs=0.02)
        assert got[name, "total"].lower <= got[name, "total"].estimate <= got[name, "total"].upper


def test_sobol_indices_agree_with_scipy():
    from scipy.stats import sobol_indices

    points = design("sobol", 3, 256, 2)
    values = ishigami(points).reshape(5, 256)
    theirs = sobol_indices(func={"f_A": values[:1], "f_B": values[1:2], "f_AB": values[2:, None]}, n=256)
    got = found("sobol", 256, ishigami, seed=2)
    for i, name in enumerate(NAMES):
        assert got[name, "total"].estimate == pytest.approx(theirs.total_order[i], rel=1e-12)
        assert got[name, "first order"].estimate == pytest.approx(theirs.first_order[i], rel=1e-9, abs=1e-12)


def test_elementary_effects_of_a_linear_function_are_its_slopes_everywhere():
    got = found("morris", 6, lambda points: points @ np.array([3.0, -2.0, 0.0]))
    for name, slope in zip(NAMES, (3.0, 2.0, 0.0), strict=True):
        assert got[name, "mu*"].estimate == pytest.approx(slope, abs=1e-12)
        assert got[name, "sigma"].estimate == pytest.approx(0.0, abs=1e-12)
        assert got[name, "mu*"].upper - got[name, "mu*"].lower < 1e-9


def test_elementary_effects_see_that_two_parameters_work_together():
    got = found("morris", 40, lambda points: points[:, 0] * points[:, 1])
    # The effect of a is b, which is 1/8, 3/8, 5/8 or 7/8: mean 1/2, standard deviation sqrt(5)/8 = 0.28.
    assert got["a", "mu*"].lower < 0.5 < got["a", "mu*"].upper
    assert got["a", "sigma"].estimate == pytest.approx(np.sqrt(5.0) / 8.0, abs=0.06)
    assert got["c", "mu*"].estimate == 0.0


def test_rank_correlations_are_those_of_scipy_and_partial_ones_hold_the_others():
    from scipy.stats import linregress, rankdata, spearmanr

    points = design("rank", 3, 200, 3)
    values = np.exp(4.0 * points[:, 0]) - 10.0 * points[:, 1]
    got, _ = indices("rank", points, {"y": values}, NAMES, seed=3)
    by = {(index.parameter, index.name): index.estimate for index in got}
    assert by["a", "rank correlation"] == pytest.approx(spearmanr(points[:, 0], values).statistic, rel=1e-12)
    # Partial: the correlation of what is left of both ranks after regression on the other parameters' ranks.
    ranks = rankdata(np.column_stack([points, values]), axis=0)
    others = np.column_stack([np.ones(200), ranks[:, 1:3]])
    left = [r - others @ np.linalg.lstsq(others, r, rcond=None)[0] for r in (ranks[:, 0], ranks[:, 3])]
    assert by["a", "partial rank correlation"] == pytest.approx(linregress(*left).rvalue, rel=1e-9)


def test_a_parameter_that_alone_orders_the_output_has_a_partial_correlation_of_one_and_the_others_none():
    points = design("rank", 3, 40, 3)
    got, _ = indices("rank", points, {"y": -np.exp(points[:, 1])}, NAMES, seed=3)
    by = {index.parameter: index.estimate for index in got if index.name == "partial rank correlation"}
    # y's rank is that of b: a and c tell nothing more, and without b there is nothing that they could.
    assert by["b"] == pytest.approx(-1.0, abs=1e-6)
    assert by["a"] == pytest.approx(0.0, abs=1e-4) and by["c"] == pytest.approx(0.0, abs=1e-4)


def test_an_index_that_needs_more_points_has_no_number_and_no_warning():
    points = design("rank", 3, 5, 3)  # a partial correlation of three parameters needs six
    got, _ = indices("rank", points, {"y": points[:, 0] + points[:, 1]}, NAMES, seed=3)
    assert [np.isnan(index.estimate) for index in got] == [False, True] * 3


def test_points_that_could_not_be_computed_are_left_out_with_their_block_and_counted():
    points = design("sobol", 3, 64, 1)
    values = ishigami(points)
    values[[5, 70, 100]] = np.nan  # rows 5 of A, 6 of B, 36 of B
    _, dropped = indices("sobol", points, {"y": values}, NAMES, seed=1)
    assert dropped == 3
    with pytest.raises(InputError, match="says nothing"):
        indices("sobol", points, {"y": np.full(len(points), np.nan)}, NAMES, seed=1)


def test_a_design_is_the_same_for_the_same_seed_and_says_what_it_cannot_be():
    for method in ("sobol", "morris", "rank"):
        assert np.array_equal(design(method, 5, 16, 1), design(method, 5, 16, 1))
        assert not np.array_equal(design(method, 5, 16, 1), design(method, 5, 16, 2))
    with pytest.raises(InputError, match=r"48 is no power of two.*give 32 or 64"):
        design("sobol", 3, 48, 1)
    with pytest.raises(InputError, match="too few"):
        design("rank", 3, 2, 1)


def test_values_are_the_quantiles_of_the_laws():
    laws = {"a": Uniform(low=2.0, high=4.0), "b": Lognormal(low=0.5, high=2.0)}
    assert values_at(np.array([[0.25, 0.5]]), laws) == [{"a": 2.5, "b": 1.0}]
