"""GRIM, GRIMMER and DEBIT against published examples and against trying all whole numbers."""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations_with_replacement
from math import sqrt

import pytest

from azygos.audit.grim import Printed, debit, grim, grimmer, is_grim_informative, nearest_means


def printed_forms(value, decimals):
    """How a number may be printed: halves rounded either way."""
    step = Decimal(1).scaleb(-decimals)
    exact = Decimal(value.numerator) / Decimal(value.denominator) if isinstance(value, Fraction) else Decimal(value)
    return {str(exact.quantize(step, mode)) for mode in (ROUND_HALF_UP, ROUND_HALF_EVEN)}


def test_the_example_of_brown_and_heathers_is_impossible():
    # Brown & Heathers 2017: a mean of 5.19 of 28 whole numbers cannot be; 5.18 and 5.21 can.
    assert not grim(Printed.of("5.19"), 28)
    assert grim(Printed.of("5.18"), 28) and grim(Printed.of("5.21"), 28)
    assert [round(float(mean), 2) for mean in nearest_means(Printed.of("5.19"), 28)] == [5.18, 5.21]


def test_the_example_of_allard_is_impossible():
    # Allard 2018: 18 values, mean 3.44, standard deviation 2.47.
    assert grim(Printed.of("3.44"), 18)
    assert not grimmer(Printed.of("3.44"), Printed.of("2.47"), 18)


@pytest.mark.parametrize(("n", "items", "step"), [(7, 1, 1), (12, 3, 1), (9, 1, Fraction(1, 2)), (31, 2, 1)])
def test_a_mean_is_possible_exactly_when_some_sum_is_printed_so(n, items, step):
    possible = {form for s in range(10 * n * items) for form in printed_forms(Fraction(s) * step / (n * items), 2)}
    for hundredths in range(100, 400):
        text = f"{hundredths // 100}.{hundredths % 100:02d}"
        assert grim(Printed.of(text), n, items, Fraction(step)) == (text in possible), text


@pytest.mark.parametrize("n", [3, 4, 6])
def test_whatever_whole_numbers_are_drawn_their_mean_and_deviation_pass(n):
    for values in combinations_with_replacement(range(7), n):
        mean = Fraction(sum(values), n)
        variance = (sum(v * v for v in values) - n * mean * mean) / (n - 1)
        for m in printed_forms(mean, 2):
            for s in printed_forms(sqrt(variance), 2):
                assert grimmer(Printed.of(m), Printed.of(s), n), (values, m, s)


def test_grimmer_refuses_most_deviations_that_no_whole_numbers_have():
    n, mean = 6, Printed.of("3.50")
    real = {
        form
        for values in combinations_with_replacement(range(-6, 14), n)
        if sum(values) == 21
        for form in printed_forms(sqrt(Fraction(sum(v * v for v in values) * n - 21 * 21, n * (n - 1))), 2)
    }
    passed = {text for k in range(300) if grimmer(mean, Printed.of(text := f"{k // 100}.{k % 100:02d}"), n)}
    assert {text for text in real if float(text) < 3.0} == passed  # here the three conditions are sufficient, too


def test_answers_of_zero_or_one_have_one_deviation_for_their_mean():
    # n = 20, mean 0.30: sqrt(0.3 * 0.7 * 20 / 19) = 0.4702
    assert debit(Printed.of("0.30"), Printed.of("0.47"), 20)
    assert not debit(Printed.of("0.30"), Printed.of("0.46"), 20)


def test_a_large_group_makes_every_mean_possible():
    assert is_grim_informative(Printed.of("3.45"), 99)
    assert not is_grim_informative(Printed.of("3.45"), 100)
    assert not is_grim_informative(Printed.of("3.45"), 20, items=5)


def test_an_impossible_mean_has_no_deviation_to_judge():
    with pytest.raises(ValueError, match="impossible"):
        grimmer(Printed.of("3.45"), Printed.of("1.20"), 10)
