"""Group-sequential bounds and what follows a stop, against published tables and other ways of computing them."""

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from azygos.errors import InputError
from azygos.rng import stream
from azygos.statistics.sequential import group_sequential_bounds
from azygos.statistics.sequential_result import group_sequential_result, stagewise_p

# Jennison and Turnbull 2000, tables 2.1 to 2.4: two-sided alpha and looks, then the constants of Pocock and of O'Brien
# and Fleming, and the largest information as a multiple of the fixed design's at power 0.9.
CONSTANTS = {
    (0.05, 2): (2.178, 1.977, 1.100, 1.007),
    (0.05, 5): (2.413, 2.040, 1.207, 1.026),
    (0.05, 10): (2.555, 2.087, 1.271, 1.037),
    (0.01, 2): (2.772, 2.580, 1.084, 1.001),
}


@pytest.mark.parametrize(("alpha", "looks"), CONSTANTS)
def test_constants_and_sizes_are_those_of_jennison_and_turnbull(alpha, looks):
    pocock, obrien, pocock_size, obrien_size = CONSTANTS[alpha, looks]
    for spending, constant, size in (("pocock", pocock, pocock_size), ("obrien-fleming", obrien, obrien_size)):
        found = group_sequential_bounds(looks=looks, alpha=alpha, sided=2, spending=spending, power=0.9)
        assert found.z[-1] == pytest.approx(constant, abs=0.5e-3)
        assert found.inflation == pytest.approx(size, abs=0.5e-3)


def test_a_pocock_design_of_four_looks_is_that_of_sas():
    """SEQDESIGN, example "Creating Two-Sided Pocock and O'Brien-Fleming Designs": percent of the fixed sample."""
    found = group_sequential_bounds(looks=4, alpha=0.05, sided=2, spending="pocock", power=0.9)
    told = (100 * found.inflation, 100 * found.inflation * found.expected_information_null)
    assert told == pytest.approx((118.3143, 115.6074), abs=1e-4)
    assert 100 * found.inflation * found.expected_information_alternative == pytest.approx(69.74805, abs=1e-4)


def test_lan_and_demets_bounds_for_five_looks_are_those_of_their_program():
    """ldbounds, O'Brien-Fleming type, alpha 0.05 two-sided (Reboussin et al. 2000)."""
    found = group_sequential_bounds(looks=5, alpha=0.05, sided=2, spending="lan-demets-obrien-fleming")
    assert found.z == pytest.approx((4.877, 3.357, 2.680, 2.290, 2.031), abs=0.5e-3)


def test_the_first_bounds_are_those_of_a_bivariate_normal():
    """Two looks: P(Z1 < b1, Z2 < b2) by another library's quadrature is 1 - alpha."""
    from scipy.stats import multivariate_normal

    for spending in ("obrien-fleming", "pocock", "lan-demets-pocock"):
        found = group_sequential_bounds(information=(0.3, 1.0), spending=spending)
        correlation = np.sqrt(0.3)
        law = multivariate_normal(cov=[[1.0, correlation], [correlation, 1.0]])
        assert law.cdf(found.z) == pytest.approx(0.975, abs=1e-8)


def test_ten_thousand_trials_cross_as_often_as_they_should():
    """Drawn score processes: crossings at each look within four standard errors."""
    found = group_sequential_bounds(information=(0.2, 0.5, 0.7, 1.0), spending="kim-demets", gamma=2.0, power=0.9)
    repeats, times = 200_000, np.array(found.information)
    steps = np.diff(times, prepend=0.0)
    process = np.cumsum(stream(1, "score").normal(size=(repeats, 4)) * np.sqrt(steps) + found.drift * steps, axis=1)
    crossed = process / np.sqrt(times) >= np.array(found.z)
    first = np.argmax(crossed, axis=1)[crossed.any(axis=1)]
    seen = np.bincount(first, minlength=4) / repeats
    error = np.sqrt(np.array(found.crossing_alternative) / repeats)
    assert np.all(np.abs(seen - found.crossing_alternative) < 4.0 * error)


@pytest.mark.parametrize("spending", ["obrien-fleming", "pocock", "lan-demets-obrien-fleming", "hwang-shih-decani"])
@pytest.mark.parametrize("sided", [1, 2])
def test_one_look_is_the_fixed_design(spending, sided):
    found = group_sequential_bounds(looks=1, alpha=0.05, sided=sided, spending=spending, power=0.8)
    assert found.z == pytest.approx((float(-ndtri(0.05 / sided)),), abs=1e-12)
    assert found.inflation == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("sided", [1, 2])
def test_what_is_spent_is_what_was_given(sided):
    found = group_sequential_bounds(looks=20, alpha=0.05, sided=sided, spending="lan-demets-pocock")
    spent = 0.05 * np.log(1 + (np.e - 1) * np.array(found.information))
    assert found.alpha_spent == pytest.approx(spent, abs=1e-11)


def test_looks_may_be_counted_or_given_as_shares():
    counted = group_sequential_bounds(4, power=0.9)
    assert group_sequential_bounds([0.25, 0.5, 0.75, 1.0], power=0.9) == counted
    assert group_sequential_bounds(information=(0.25, 0.5, 0.75, 1.0), power=0.9) == counted


def test_a_look_too_early_to_stop_has_a_bound_out_of_reach():
    found = group_sequential_bounds(information=(0.001, 0.5, 1.0), spending="lan-demets-obrien-fleming", power=0.9)
    assert found.z[0] > 35.0 and found.crossing_null[0] < 1e-300
    assert found.alpha_spent[-1] == pytest.approx(0.025, abs=1e-12)


def test_futility_bounds_spend_beta_and_meet_the_upper_bound():
    found = group_sequential_bounds(
        looks=4, spending="hwang-shih-decani", power=0.9, futility="hwang-shih-decani", futility_gamma=-2.0
    )
    spent = 0.1 * np.expm1(2.0 * np.array(found.information)) / np.expm1(2.0)
    assert np.cumsum(found.futility_alternative) == pytest.approx(spent, abs=1e-9)
    assert found.futility[-1] == found.z[-1]
    assert found.power == pytest.approx(0.9, abs=1e-9)
    plain = group_sequential_bounds(looks=4, spending="hwang-shih-decani", power=0.9)
    assert found.z == plain.z and found.inflation > plain.inflation  # not binding, and paid for in patients


def test_a_trial_that_stops_at_its_only_look_has_the_plain_answer():
    found = group_sequential_result(2.3, 1, looks=1, se=0.4)
    assert found.p == pytest.approx(float(ndtr(-2.3)), abs=1e-12)
    assert (found.estimate, found.lower, found.upper) == pytest.approx(
        (found.plain_estimate, found.plain_lower, found.plain_upper), abs=1e-9
    )
    assert found.plain_estimate == pytest.approx(0.92)


def test_stopping_early_is_taken_off_the_estimate():
    found = group_sequential_result(2.9, 3, looks=5, spending="pocock")
    assert found.crossed and found.estimate < found.plain_estimate and found.lower < found.plain_lower


def test_the_adjusted_interval_covers_as_often_as_it_should():
    """4 000 trials with drift 2.5; four standard errors of a 95 % coverage."""
    design = group_sequential_bounds(looks=3, spending="obrien-fleming")
    times, repeats = np.array(design.information), 4000
    steps = np.diff(times, prepend=0.0)
    process = np.cumsum(stream(2, "score").normal(size=(repeats, 3)) * np.sqrt(steps) + 2.5 * steps, axis=1)
    z = process / np.sqrt(times)
    crossed = z >= np.array(design.z)
    look = np.where(crossed.any(axis=1), np.argmax(crossed, axis=1), 2)
    p = np.array([stagewise_p(design, float(z[i, k]), int(k) + 1, 2.5) for i, k in enumerate(look)])
    covered = np.mean((p > 0.025) & (p < 0.975))  # the interval holds the truth where its p does not reject it
    assert covered == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / repeats))
    assert np.median(p) == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(repeats))  # p is uniform at the truth


def test_the_two_sides_mirror_each_other():
    up, down = (group_sequential_result(sign * 2.6, 2, sided=2, alpha=0.05, se=1.0) for sign in (1, -1))
    assert up.p == pytest.approx(down.p, abs=1e-12)
    assert (up.estimate, up.lower, up.upper) == pytest.approx((-down.estimate, -down.upper, -down.lower), abs=1e-9)


def test_everything_wrong_with_a_design_is_said_at_once():
    with pytest.raises(InputError) as refused:
        group_sequential_bounds(information=(0.5, 0.4), alpha=0.7, sided=3, spending="pococ", power=2.0)
    assert {problem.where for problem in refused.value.problems} == {"information", "sided", "spending", "power"}


def test_looks_and_shares_that_disagree_are_refused():
    for looks in (3, [0.5, 1.0]):
        with pytest.raises(InputError, match=r"looks|twice"):
            group_sequential_bounds(looks, information=(0.5, 1.0))
    assert group_sequential_bounds(2, information=(0.5, 1.0)) == group_sequential_bounds(information=(0.5, 1.0))
    assert len(group_sequential_bounds().z) == 3


@pytest.mark.parametrize("look", [2, 3])
def test_a_late_z_however_large_says_no_more_than_that_no_bound_was_crossed_before(look):
    """In the limit p is the chance that an earlier look crosses: alpha spent, whatever z is."""
    design = group_sequential_bounds()
    found = [group_sequential_result(z, look) for z in (12.0, 15.0, 20.0, 40.0)]
    for one in found:
        assert one.p == pytest.approx(design.alpha_spent[look - 2], rel=1e-6)
        assert one.lower < one.estimate < one.upper
        assert (one.estimate, one.lower) == pytest.approx((found[0].estimate, found[0].lower), rel=1e-6)
