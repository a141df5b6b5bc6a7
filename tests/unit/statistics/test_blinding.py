"""Blinding indices against Bang's published example and the multinomial distribution they rest on."""

import numpy as np
import pytest

from azygos.errors import InputError
from azygos.rng import stream
from azygos.statistics.blinding import bang_index, blinding_indices, james_index

# The CRISP trial, Bang, Ni and Davis 2004, table 7: guessed active, guessed control, don't know; of each arm.
ACTIVE, CONTROL = (82, 25, 170), (27, 29, 83)


def test_bangs_example_comes_out_as_published():
    """James 0.75; Bang 0.21 (0.15 to 0.26) on the drug and 0.01 (-0.07 to 0.10) on placebo, bounds one-sided."""
    assert james_index(ACTIVE, CONTROL).estimate == pytest.approx(0.75, abs=0.5e-2)
    drug, placebo = bang_index(82, 25, 170, sides="one-sided"), bang_index(29, 27, 83, sides="one-sided")
    assert (drug.estimate, drug.lower, drug.upper) == pytest.approx((0.21, 0.15, 0.26), abs=0.5e-2)
    assert (placebo.estimate, placebo.lower, placebo.upper) == pytest.approx((0.01, -0.07, 0.10), abs=0.5e-2)


def test_both_indices_of_a_trial_are_those_of_its_arms():
    found = blinding_indices(ACTIVE, CONTROL)
    assert found.bang_active.estimate == pytest.approx((82 - 25) / 277)
    assert found.bang_control.estimate == pytest.approx((29 - 27) / 139)
    assert found.james == james_index(ACTIVE, CONTROL)


def test_jamess_index_is_that_of_his_kappa():
    """(1 + P_dk + (1 - P_dk) K)/2, K = (P_o - P_e)/P_e, his equations written out for the six shares."""
    shares = np.array([ACTIVE, CONTROL]) / 416
    unknown = shares[:, 2].sum()
    wrong = 0.5 * (shares[0, 1] + shares[1, 0]) / (1 - unknown)
    arms, guesses = shares[:, :2].sum(axis=1), shares[:, :2].sum(axis=0)
    by_chance = 0.5 * (arms[0] * guesses[1] + arms[1] * guesses[0]) / (1 - unknown) ** 2
    kappa = (wrong - by_chance) / by_chance
    expected = (1 + unknown + (1 - unknown) * kappa) / 2
    assert james_index(ACTIVE, CONTROL).estimate == pytest.approx(expected, rel=1e-12)


def test_the_standard_errors_are_those_of_drawn_trials():
    """20 000 trials of 416 drawn from the shares; a standard deviation is known to 2 % from so many."""
    shares = np.array([*ACTIVE, *CONTROL]) / 416
    drawn = stream(3, "guesses").multinomial(416, shares, size=20_000)
    james = np.std([james_index(tuple(t[:3]), tuple(t[3:])).estimate for t in drawn[:4000]])
    assert james_index(ACTIVE, CONTROL).se == pytest.approx(james, rel=0.05)
    bang = stream(4, "guesses").multinomial(277, np.array(ACTIVE) / 277, size=20_000)
    assert bang_index(*ACTIVE).se == pytest.approx(np.std((bang[:, 0] - bang[:, 1]) / 277), rel=0.02)


@pytest.mark.parametrize(
    ("active", "control", "expected"),
    [
        ((10, 0, 0), (0, 10, 0), 0.0),
        ((0, 10, 0), (10, 0, 0), 1.0),
        ((5, 5, 0), (5, 5, 0), 0.5),
        ((0, 0, 9), (0, 0, 9), 1.0),
    ],
)
def test_all_right_all_wrong_chance_and_silence_have_their_values(active, control, expected):
    assert james_index(active, control).estimate == pytest.approx(expected, abs=1e-12)


def test_an_arm_that_guesses_nothing_has_a_bang_index_of_zero():
    assert bang_index(0, 0, 12).estimate == 0.0
    assert bang_index(12, 0, 0).estimate == 1.0


def test_no_index_where_one_arm_guesses_and_always_right():
    """By chance it could not have been wrong: 0/0."""
    assert np.isnan(james_index((5, 0, 1), (0, 0, 2)).estimate)


def test_counts_that_cannot_be_are_refused_together():
    with pytest.raises(InputError) as refused:
        james_index((1, 2), (0, 0, 0), level=2.0)
    assert [problem.where for problem in refused.value.problems] == ["active", "control", "level"]
