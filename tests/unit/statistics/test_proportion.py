"""Intervals and tests of one proportion against publications, other libraries and brute force."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest

from azygos.errors import InputError
from azygos.statistics.proportion import _BOUNDS, proportion_bounds, proportion_interval, proportion_test

METHODS = tuple(_BOUNDS)

# Newcombe 1998, Stat Med 17:857, table I: 81/263, 15/148, 0/20, 1/29.
NEWCOMBE = {
    "wald": ((0.2522, 0.3638), (0.0527, 0.1500), (0.0, 0.0), (0.0, 0.1009)),
    "wilson": ((0.2553, 0.3662), (0.0624, 0.1605), (0.0, 0.1611), (0.0061, 0.1718)),
    "wilson-cc": ((0.2535, 0.3682), (0.0598, 0.1644), (0.0, 0.2005), (0.0018, 0.1963)),
    "clopper-pearson": ((0.2527, 0.3676), (0.0578, 0.1617), (0.0, 0.1684), (0.0009, 0.1776)),
    "mid-p": ((0.2544, 0.3658), (0.0601, 0.1581), (0.0, 0.1391), (0.0017, 0.1585)),
}


@pytest.mark.parametrize("method", NEWCOMBE)
def test_newcombes_examples_come_out_as_he_printed_them(method):
    for (x, n), expected in zip(((81, 263), (15, 148), (0, 20), (1, 29)), NEWCOMBE[method], strict=True):
        found = proportion_interval(x, n, method=method)
        assert (found.lower, found.upper) == pytest.approx(expected, abs=0.5e-4 + 1e-9), (x, n)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("clopper-pearson", "beta"), ("wilson", "wilson"), ("wald", "normal"), ("agresti-coull", "agresti_coull")],
)
def test_statsmodels_agrees_where_it_has_the_method(ours, theirs):
    from statsmodels.stats.proportion import proportion_confint

    for x, n in ((1, 3), (7, 20), (48, 89), (399, 400)):
        found = proportion_interval(x, n, method=ours, level=0.9)
        expected = np.clip(proportion_confint(x, n, 0.1, theirs), 0.0, 1.0)
        assert (found.lower, found.upper) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_an_interval_turns_with_its_counts_and_holds_its_estimate(method):
    for x, n in ((0, 1), (1, 1), (0, 20), (3, 20), (10, 20), (89, 89)):
        one, other = proportion_interval(x, n, method=method), proportion_interval(n - x, n, method=method)
        assert (one.lower, one.upper) == pytest.approx((1.0 - other.upper, 1.0 - other.lower), abs=1e-9)
        assert 0.0 <= one.lower <= one.estimate <= one.upper <= 1.0


@pytest.mark.parametrize("method", METHODS)
def test_arrays_of_counts_give_what_single_counts_give(method):
    x = np.array([0, 1, 7, 20])
    lower, upper = proportion_bounds(x, 20, method=method)
    single = [proportion_interval(int(k), 20, method=method) for k in x]
    assert lower == pytest.approx([i.lower for i in single], abs=1e-14)
    assert upper == pytest.approx([i.upper for i in single], abs=1e-14)


@pytest.mark.parametrize("method", ["clopper-pearson", "blaker"])
def test_an_exact_interval_covers_at_least_its_level_for_every_proportion(method):
    n = 20
    lower, upper = proportion_bounds(np.arange(n + 1), n, method=method, level=0.9)
    p = np.linspace(0.001, 0.999, 997)[:, None]
    x = np.arange(n + 1)
    chance = np.array([comb(n, k) for k in x]) * p**x * (1 - p) ** (n - x)
    assert np.min((chance * ((lower <= p) & (p <= upper))).sum(axis=1)) >= 0.9 - 1e-9


def test_blakers_interval_lies_inside_that_of_clopper_and_pearson():
    for x in range(13):
        inner, outer = (proportion_interval(x, 12, method=m) for m in ("blaker", "clopper-pearson"))
        assert outer.lower - 1e-12 <= inner.lower <= inner.upper <= outer.upper + 1e-12


@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_the_exact_test_sums_the_binomial(alternative):
    """48 of 89 against 42.8 %, in fractions; two-sided all counts no likelier than 48."""
    p = Fraction(428, 1000)
    chance = [comb(89, k) * p**k * (1 - p) ** (89 - k) for k in range(90)]
    taken = {
        "less": range(49),
        "greater": range(48, 90),
        "two-sided": [k for k in range(90) if chance[k] <= chance[48]],
    }
    found = proportion_test(48, 89, 0.428, alternative=alternative)
    assert found.p == pytest.approx(float(sum(chance[k] for k in taken[alternative])), rel=1e-10)


def test_the_score_test_rejects_where_wilsons_interval_ends():
    found = proportion_interval(48, 89, method="wilson")
    for bound in (found.lower, found.upper):
        assert proportion_test(48, 89, bound, method="score").p == pytest.approx(0.05, abs=1e-12)


def test_the_mid_p_test_rejects_where_the_mid_p_interval_ends():
    found = proportion_interval(5, 12, method="mid-p")
    for bound in (found.lower, found.upper):
        assert proportion_test(5, 12, bound, method="mid-p").p == pytest.approx(0.05, abs=1e-12)


def test_everything_wrong_is_said_at_once():
    with pytest.raises(InputError) as refused:
        proportion_interval(95, 89, method="wilsn", level=1.5)
    assert {problem.where for problem in refused.value.problems} == {"x", "method", "level"}
    assert "did you mean 'wilson'" in str(refused.value)


@pytest.mark.parametrize(("x", "n"), [(-1, 5), (6, 5), (0, 0), (1.5, 5), (float("nan"), 5), (1, float("inf"))])
def test_counts_that_cannot_be_are_refused(x, n):
    with pytest.raises(InputError):
        proportion_interval(x, n)
