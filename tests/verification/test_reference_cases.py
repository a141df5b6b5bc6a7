"""Every row of a table of reference values, which two programs computed apart from each other.

statistics/reference_cases.csv has R's answer (r_value), Python's (py_value), and what was published. Where they differ
by more than the tolerance one of them is less exact, and which is said beside the case. Rows on survival are in
test_models_against_other_programs.py.
"""

import csv
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from math import comb
from pathlib import Path

import pytest

from azygos.statistics import (
    fisher_test,
    group_sequential_bounds,
    meta_analysis,
    odds_ratio_interval,
    proportion_interval,
    risk_difference_interval,
    sample_size_means,
    simon_two_stage,
    study_effects,
)

HERE = Path(__file__).parent / "statistics"
ROWS = list(csv.DictReader((HERE / "reference_cases.csv").read_text().splitlines()))
EXACT, CLOSE = 1e-9, 1e-6  # of closed forms, and of what programs iterate
PRINTED = 0.5e-4  # half a unit of the last of four decimals


@cache
def bounds(name: str):
    looks, spending, gamma = {
        "OF_K3": (3, "obrien-fleming", None),
        "P_K3": (3, "pocock", None),
        "asOF_K3": (3, "lan-demets-obrien-fleming", None),
        "asHSD_K5": (5, "hwang-shih-decani", -4.0),
    }[name]
    return group_sequential_bounds(looks=looks, alpha=0.025, spending=spending, gamma=gamma, power=0.8)


@cache
def bcg(interval: str):
    """13 trials of BCG (Colditz et al. 1994, JAMA 271:698), log risk ratios."""
    rows = csv.DictReader((HERE / "bcg.csv").read_text().splitlines())
    cells = [[int(row[name]) for name in ("tpos", "tneg", "cpos", "cneg")] for row in rows]
    y, v = study_effects(
        *zip(*[(a, a + b, c, c + d) for a, b, c, d in cells], strict=True),
        measure="risk-ratio",
    )
    return meta_analysis(y, v, method="REML", interval=interval)


def clopper_pearson(row):
    x, n = map(int, row["id"].split("_")[1:])
    found = proportion_interval(x, n, method="clopper-pearson")
    return found.lower if row["quantity"] == "lower95" else found.upper


def fisher(row):
    (x1, n1), (x2, n2) = (map(int, part.split("of")) for part in row["id"].split("_")[2:])
    if row["quantity"] == "p_two_sided":
        return fisher_test(x1, n1, x2, n2).p
    found = odds_ratio_interval(x1, n1, x2, n2, method="exact")
    return {"cond_mle_OR": found.estimate, "OR_lower95": found.lower, "OR_upper95": found.upper}[row["quantity"]]


def sequential(row):
    design = bounds(row["id"].removeprefix("GSD_").removesuffix("_a.025_onesided"))
    quantity = row["quantity"]
    return design.inflation if quantity.startswith("inflation") else design.z[int(quantity[1:]) - 1]


def pooled(row):
    found = bcg("hartung-knapp" if row["id"].endswith("KNHA") else "wald")
    return {
        "logRR": found.estimate,
        "se": found.se,
        "tau2": found.tau2,
        "I2pct": found.i2,
        "Q": found.q,
        "ci_lb": found.lower,
        "ci_ub": found.upper,
        "pi_lb": found.prediction_lower,
        "pi_ub": found.prediction_upper,
    }[row["quantity"]]


def t_test(row):
    return sample_size_means(0.5, power=float("0" + row["id"][-2:])).n_per_group


def newcombe(row):
    method = "newcombe" if row["quantity"].startswith("method10") else "miettinen-nurminen"
    found = risk_difference_interval(56, 70, 48, 80, method=method)
    return found.lower if row["quantity"].endswith("lower") else found.upper


# Beginning of the id: what computes it, the column that holds it, how closely, and why that column.
CASES: dict[str, tuple[Callable, str, float]] = {
    "CP": (clopper_pearson, "r_value", EXACT),
    "FISHER": (fisher, "py_value", EXACT),  # fisher.test stops its search for the odds ratio at four digits
    "TTEST": (t_test, "py_value", CLOSE),  # power.t.test counts one side and stops its search at four digits
    "GSD": (sequential, "r_value", CLOSE),  # ours, good to 1e-12, is within 1e-8 of R and off the other by 2e-6
    "META": (pooled, "py_value", CLOSE),  # rma stops its search for tau² when it moves by less than 1e-5
    "NEWCOMBE": (newcombe, "py_value", PRINTED),
}
TOLD = ("SIMON", "SEED", "SURV")  # written otherwise: below, and in the tests of models


def test_no_row_of_the_table_is_left_out():
    assert {row["id"].split("_")[0] for row in ROWS} == {*CASES, *TOLD}


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row["id"].split("_")[0] in CASES],
    ids=lambda row: f"{row['id']}-{row['quantity']}",
)
def test_a_row_of_the_reference_table_is_met(row):
    compute, column, tolerance = CASES[row["id"].split("_")[0]]
    expected = float(row[column] or row["r_value"])  # the prediction interval has R's value only
    assert compute(row) == pytest.approx(expected, abs=tolerance, rel=tolerance)


SEEDS = [row for row in ROWS if row["id"].startswith("SEED")]
MISPRINTED = {("SEED_48of89", "midP"): (0.435328, 0.640803)}  # the table has 0.640903, whose tail is not 0.025: below


@pytest.mark.parametrize("row", SEEDS, ids=lambda row: f"{row['id']}-{row['quantity']}")
def test_an_interval_printed_to_six_decimals_is_met(row):
    x, n = map(int, row["id"].removeprefix("SEED_").split("of"))
    printed = tuple(map(float, row["py_value"].split("-")))
    found = proportion_interval(x, n, method={"midP": "mid-p"}.get(row["quantity"], row["quantity"]))
    expected = MISPRINTED.get((row["id"], row["quantity"]), printed)
    assert (found.lower, found.upper) == pytest.approx(expected, abs=0.5e-6)


def test_the_mid_p_bound_of_48_of_89_is_misprinted_in_the_table():
    """In fractions, without rounding: P(X < 48) + P(X = 48)/2 is 0.025 at 0.640803 and 0.02488 at 0.640903."""

    def tail(p: Fraction) -> float:
        below = sum(comb(89, k) * p**k * (1 - p) ** (89 - k) for k in range(48))
        return float(below + comb(89, 48) * p**48 * (1 - p) ** 41 / 2)

    assert tail(Fraction(640803, 10**6)) == pytest.approx(0.025, abs=1e-6)
    assert tail(Fraction(640903, 10**6)) == pytest.approx(0.02488, abs=1e-5)


@pytest.mark.parametrize("row", [row for row in ROWS if row["id"].startswith("SIMON")], ids=lambda row: row["quantity"])
def test_simons_designs_are_those_of_his_table(row):
    designs = simon_two_stage(0.1, 0.3, alpha=0.05, beta=0.2)
    found = designs.optimal if row["quantity"].startswith("optimal") else designs.minimax
    first, second, expected, stopped = row["py_value"].split()
    assert f"{found.r1}/{found.n1} {found.r}/{found.n}" == f"{first} {second}"
    assert (found.expected_n, found.early_stop) == pytest.approx((float(expected), float(stopped)), abs=PRINTED)


def test_rs_sample_size_for_a_t_test_counts_the_right_side_only():
    """power.t.test without strict=TRUE: 63.7657637142739, its search's own error 1e-8."""
    row = next(row for row in ROWS if row["id"] == "TTEST_d0.5_power.8")
    assert sample_size_means(0.5, power=0.8, strict=False).n_per_group == pytest.approx(float(row["r_value"]), abs=1e-6)
