"""Intervals of differences, ratios and odds ratios against publications, other libraries and brute force."""

from math import comb

import numpy as np
import pytest

from azygos.errors import InputError
from azygos.rng import stream
from azygos.statistics.constrained import Pair, given_difference, given_odds_ratio, given_ratio
from azygos.statistics.difference import _BOUNDS, risk_difference_bounds, risk_difference_interval
from azygos.statistics.ratio import _ODDS_RATIO, _RISK_RATIO, odds_ratio_interval, risk_ratio_interval
from azygos.statistics.tables import risk_difference_test

# Newcombe 1998, Stat Med 17:873, table II.
TABLES = (
    (56, 70, 48, 80),
    (9, 10, 3, 10),
    (6, 7, 2, 7),
    (5, 56, 0, 29),
    (0, 10, 0, 20),
    (0, 10, 0, 10),
    (10, 10, 0, 20),
    (10, 10, 0, 10),
)
NEWCOMBE = {
    "wald": ((0.0575, 0.3425), (0.2605, 0.9395), (0.1481, 0.9947), (0.0146, 0.1640), (0, 0), (0, 0), (1, 1), (1, 1)),
    "farrington-manning": (
        (0.0533, 0.3377), (0.1821, 0.8370), (0.0544, 0.8478), (-0.0313, 0.1926), (-0.1611, 0.2775), (-0.2775, 0.2775),
        (0.7225, 1), (0.6777, 1),
    ),
    "miettinen-nurminen": (
        (0.0528, 0.3382), (0.1700, 0.8406), (0.0342, 0.8534), (-0.0326, 0.1933), (-0.1658, 0.2844), (-0.2879, 0.2879),
        (0.7156, 1), (0.6636, 1),
    ),
    "newcombe": (
        (0.0524, 0.3339), (0.1705, 0.8090), (0.0582, 0.8062), (-0.0381, 0.1926), (-0.1611, 0.2775), (-0.2775, 0.2775),
        (0.6791, 1), (0.6075, 1),
    ),
    "newcombe-cc": (
        (0.0428, 0.3422), (0.1013, 0.8387), (-0.0290, 0.8423), (-0.0667, 0.2037), (-0.2005, 0.3445), (-0.3445, 0.3445),
        (0.6014, 1), (0.5128, 1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("method", NEWCOMBE)
def test_newcombes_examples_come_out_as_he_printed_them(method):
    for table, expected in zip(TABLES, NEWCOMBE[method], strict=True):
        found = risk_difference_interval(*table, method=method)
        assert (found.lower, found.upper) == pytest.approx(expected, abs=0.5e-4 + 1e-9), table


def test_farrington_and_manning_of_nine_in_ten_against_three_is_rpacts():
    """rpact's getAnalysisResults: 0.18213 to 0.83695."""
    found = risk_difference_interval(9, 10, 3, 10, method="farrington-manning")
    assert (found.lower, found.upper) == pytest.approx((0.18213, 0.83695), abs=0.5e-5)


def tables(count: int) -> tuple[np.ndarray, ...]:
    draws = stream(5, "tables")
    n1, n2 = draws.integers(1, 50, count), draws.integers(1, 50, count)
    return draws.integers(0, n1 + 1), n1, draws.integers(0, n2 + 1), n2, draws.uniform(0.001, 0.999, count)


def log_likelihood(x1, n1, x2, n2, p1, p2):
    with np.errstate(all="ignore"):
        terms = [
            np.where(x == 0, 0.0, x * np.log(p)) for x, p in ((x1, p1), (n1 - x1, 1 - p1), (x2, p2), (n2 - x2, 1 - p2))
        ]
    return np.nan_to_num(sum(terms), nan=-np.inf)


@pytest.mark.parametrize("kind", ["difference", "ratio", "odds ratio"])
def test_the_constrained_maximum_is_the_best_of_a_fine_grid(kind):
    for x1, n1, x2, n2, share in zip(*tables(150), strict=True):
        p2 = np.linspace(0.0, 1.0, 4001)
        if kind == "difference":
            value, p1 = 2 * share - 1, p2 + (2 * share - 1)
        elif kind == "ratio":
            value, p1 = share / (1 - share), p2 * share / (1 - share)
        else:
            value = share / (1 - share)
            p1 = p2 * value / (1 - p2 + p2 * value)
        allowed = (p1 >= 0) & (p1 <= 1)
        best = log_likelihood(x1, n1, x2, n2, p1[allowed], p2[allowed]).max()
        solve = {"difference": given_difference, "ratio": given_ratio, "odds ratio": given_odds_ratio}[kind]
        a, b = (float(p) for p in solve(Pair.of(x1, n1, x2, n2), np.array(value)))
        told = {"difference": a - b - value, "ratio": a - b * value, "odds ratio": a * (1 - b) - value * b * (1 - a)}
        assert abs(told[kind]) < 1e-9 * max(1.0, value)
        assert float(log_likelihood(x1, n1, x2, n2, a, b)) >= best - 1e-9, (x1, n1, x2, n2, value)


@pytest.mark.parametrize("method", [name for name in _BOUNDS if name != "exact-unconditional"])
def test_a_difference_turns_with_its_groups(method):
    x1, n1, x2, n2, _ = tables(300)
    lower, upper = risk_difference_bounds(x1, n1, x2, n2, method=method)
    swapped_lower, swapped_upper = risk_difference_bounds(x2, n2, x1, n1, method=method)
    assert np.allclose(lower, -swapped_upper, atol=1e-9) and np.allclose(upper, -swapped_lower, atol=1e-9)
    assert np.all(lower >= -1) and np.all(lower <= upper) and np.all(upper <= 1)


def test_arrays_of_tables_give_what_single_tables_give():
    x1, n1, x2, n2, _ = tables(150)
    lower, upper = risk_difference_bounds(x1, n1, x2, n2)
    single = [risk_difference_interval(*map(int, table)) for table in zip(x1, n1, x2, n2, strict=True)]
    assert lower == pytest.approx([i.lower for i in single], abs=1e-12)
    assert upper == pytest.approx([i.upper for i in single], abs=1e-12)


@pytest.mark.parametrize("method", ["miettinen-nurminen", "farrington-manning"])
def test_the_score_test_rejects_where_the_interval_ends(method):
    for table in TABLES[:4]:
        found = risk_difference_interval(*table, method=method)
        for bound in (found.lower, found.upper):
            assert risk_difference_test(*table, margin=bound, method=method).p == pytest.approx(0.05, abs=1e-9)


def test_the_exact_unconditional_interval_covers_at_least_its_level():
    """Every table of 5 against 4, over a grid of both proportions."""
    n1, n2 = 5, 4
    ends = {
        (a, b): risk_difference_interval(a, n1, b, n2, method="exact-unconditional", level=0.9)
        for a in range(n1 + 1)
        for b in range(n2 + 1)
    }
    for p1 in np.linspace(0.02, 0.98, 13):
        for p2 in np.linspace(0.02, 0.98, 13):
            covered = sum(
                comb(n1, a) * p1**a * (1 - p1) ** (n1 - a) * comb(n2, b) * p2**b * (1 - p2) ** (n2 - b)
                for (a, b), found in ends.items()
                if found.lower - 1e-7 <= p1 - p2 <= found.upper + 1e-7
            )
            assert covered >= 0.9 - 1e-9, (p1, p2)


def test_koopmans_ratio_of_all_against_all_has_its_closed_form():
    """PropCIs::riskscoreci: n1/(n1 + z²) to (n2 + z²)/n2."""
    z2 = 1.959963984540054**2
    found = risk_ratio_interval(10, 10, 12, 12, method="koopman")
    assert (found.lower, found.upper) == pytest.approx((10 / (10 + z2), (12 + z2) / 12), rel=1e-9)


@pytest.mark.parametrize(("method", "theirs"), [("log", "log"), ("koopman", "score")])
def test_statsmodels_agrees_on_risk_ratios(method, theirs):
    from statsmodels.stats.proportion import confint_proportions_2indep

    for table in ((56, 70, 48, 80), (5, 49, 2, 55), (30, 40, 3, 60)):
        found = risk_ratio_interval(*table, method=method)
        expected = confint_proportions_2indep(*table, method=theirs, compare="ratio", correction=False)
        assert (found.lower, found.upper) == pytest.approx(expected, rel=1e-5)


@pytest.mark.filterwarnings("ignore:invalid value")  # theirs, on its way
@pytest.mark.parametrize(("method", "theirs"), [("woolf", "logit"), ("gart", "logit-adjusted"), ("score", "score")])
def test_statsmodels_agrees_on_odds_ratios(method, theirs):
    from statsmodels.stats.proportion import confint_proportions_2indep

    for table in ((56, 70, 48, 80), (5, 49, 2, 55), (30, 40, 3, 60)):
        found = odds_ratio_interval(*table, method=method)
        expected = confint_proportions_2indep(*table, method=theirs, compare="odds-ratio", correction=False)
        assert (found.lower, found.upper) == pytest.approx(expected, rel=1e-5)


def test_the_conditional_odds_ratio_is_scipys():
    from scipy.stats.contingency import odds_ratio

    for x1, n1, x2, n2 in ((5, 49, 1, 55), (48, 65, 31, 47), (0, 5, 3, 6), (7, 7, 2, 9)):
        found = odds_ratio_interval(x1, n1, x2, n2)
        expected = odds_ratio([[x1, n1 - x1], [x2, n2 - x2]])
        ends = expected.confidence_interval(0.95)
        assert (found.estimate, found.lower, found.upper) == pytest.approx(
            (expected.statistic, ends.low, ends.high), rel=1e-6
        )


@pytest.mark.parametrize("method", [*_RISK_RATIO])
def test_a_risk_ratio_turns_with_its_groups(method):
    for table in ((3, 10, 7, 12), (0, 10, 7, 12), (10, 10, 7, 12)):
        one, other = (
            risk_ratio_interval(*table, method=method),
            risk_ratio_interval(*table[2:], *table[:2], method=method),
        )
        with np.errstate(divide="ignore"):
            turned = (1 / np.float64(other.upper), 1 / np.float64(other.lower))
        assert (one.lower, one.upper) == pytest.approx(turned, rel=1e-8)


@pytest.mark.parametrize("method", [*_ODDS_RATIO])
def test_an_odds_ratio_turns_with_its_groups_and_its_outcome(method):
    one = odds_ratio_interval(3, 10, 7, 12, method=method)
    groups, outcome = odds_ratio_interval(7, 12, 3, 10, method=method), odds_ratio_interval(7, 10, 5, 12, method=method)
    for other in (groups, outcome):
        assert (one.lower, one.upper) == pytest.approx((1 / other.upper, 1 / other.lower), rel=1e-9)


@pytest.mark.parametrize("method", [*_ODDS_RATIO])
def test_nothing_seen_in_either_group_says_nothing_of_the_odds_ratio(method):
    found = odds_ratio_interval(0, 10, 0, 12, method=method)
    assert np.isnan(found.estimate)
    if method != "gart":
        assert (found.lower, found.upper) == (0.0, np.inf)


def test_every_problem_of_both_groups_is_said_at_once():
    with pytest.raises(InputError) as refused:
        risk_difference_interval(7, 5, -1, 5, level=0.0)
    assert [problem.where for problem in refused.value.problems] == ["x1", "x2", "level"]


@pytest.mark.parametrize("table", [(0, 20, 5, 20), (5, 20, 0, 20), (20, 20, 15, 20), (12, 20, 20, 20)])
def test_an_estimate_lies_within_its_interval_where_a_cell_is_empty(table):
    for call, methods in ((risk_ratio_interval, _RISK_RATIO), (odds_ratio_interval, _ODDS_RATIO)):
        for method in methods:
            found = call(*table, method=method)
            assert found.lower <= found.estimate <= found.upper, method
