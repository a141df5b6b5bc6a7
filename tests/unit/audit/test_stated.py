"""Numbers as they are printed."""

import pytest

from azygos.audit.finding import Verdict
from azygos.audit.stated import StatedProblem, estimate, fit, interval, stated


@pytest.mark.parametrize(
    ("text", "value", "decimals", "relation"),
    [("55 %", 55, 0, "="), (".41", 0.41, 2, "="), ("0.40", 0.40, 2, "="), ("< .001", 0.001, 3, "<"),
     ("almost 60 %", 60, 0, "~"), ("more than 75 percent", 75, 0, ">"), ("1,202", 1202, 0, "="),
     ("−0.8", -0.8, 1, "=")],
)  # fmt: skip
def test_a_printed_number_keeps_its_decimals_and_its_hedge(text, value, decimals, relation):
    number = stated(text)
    assert (number.value, number.decimals, number.relation) == (value, decimals, relation)


@pytest.mark.parametrize(
    "text", ["2.64 (1.11 to 6.28)", "2.64 (1.11-6.28)", "2.64 (95 % CI 1.11–6.28)", "2.64 [95% CI: 1.11, 6.28]"]
)
def test_an_estimate_is_read_with_its_interval_however_it_is_printed(text):
    read = estimate(text)
    assert (read.value.value, read.lower.value, read.upper.value, read.level) == (2.64, 1.11, 6.28, 0.95)


def test_bounds_may_be_negative():
    low, high = interval("-1.5 to -0.05")
    assert (low.value, high.value) == (-1.5, -0.05)


@pytest.mark.parametrize("text", ["", "abc", "5 of 6", "1e5", "--3", "5" * 300, "2.6 (6 to 1)", "3 (1)"])
def test_what_is_no_printed_number_is_refused_with_a_remedy(text):
    with pytest.raises(StatedProblem) as refused:
        estimate(text)
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("text", "value", "verdict"),
    [
        ("54 %", 53.93, Verdict.CONSISTENT),
        ("53 %", 53.93, Verdict.ROUNDING),  # cut off
        ("55 %", 53.93, Verdict.CONFLICT),
        ("0.05", 0.0449, Verdict.ROUNDING),  # 0.0449, 0.045, 0.05
        ("0.05", 0.0444, Verdict.CONFLICT),
        ("-0.8", -0.89, Verdict.ROUNDING),
        ("-0.9", -0.81, Verdict.CONFLICT),
        ("2.5", 2.45, Verdict.CONSISTENT),  # halves go either way
        ("2.4", 2.45, Verdict.CONSISTENT),
        ("< .05", 0.049, Verdict.CONSISTENT),
        ("< .05", 0.051, Verdict.CONFLICT),
        ("> 75 %", 76.0, Verdict.CONSISTENT),
        ("almost 60 %", 58.0, Verdict.ROUNDING),
        ("almost 60 %", 48.0, Verdict.CONFLICT),
    ],
)
def test_a_value_fits_a_printed_number_by_its_digits(text, value, verdict):
    assert fit(stated(text), value) is verdict


def test_inputs_that_were_rounded_themselves_leave_room():
    assert fit(stated("0.03"), 0.041, 0.033, 0.050) is Verdict.ROUNDING
    assert fit(stated("0.03"), 0.041, 0.036, 0.050) is Verdict.CONFLICT
