"""Missing values: Rubin's rules, drawn tables, references, and bounds."""

import numpy as np
import pytest

from azygos.errors import InputError
from azygos.rng import stream
from azygos.statistics.imputation import multiple_imputation, rubin_rules
from azygos.statistics.linear import ancova
from azygos.statistics.missing_bounds import binary_tipping_point, worst_best_bounds, worst_best_difference
from azygos.statistics.mixed import mmrm
from azygos.statistics.reference_imputation import (
    STRATEGIES,
    reference_based_analysis,
    reference_based_imputation,
    tipping_point,
)


def trial(n=120, leaving=0.1):
    draw = stream(1, "test of imputation")
    arm, baseline = np.arange(n) % 2, draw.normal(size=n)
    y = 0.5 * baseline[:, None] + arm[:, None] * [0.5, 1.0, 1.5] + draw.normal(size=(n, 1)) + draw.normal(size=(n, 3))
    y[np.cumsum(draw.random((n, 3)) < leaving, axis=1) > 0] = np.nan
    return y, arm, baseline


def test_rubins_rules_by_hand():
    """Q = 2, W = 0.25, B = 1, T = 0.25 + 4/3; old df = 2 / (0.8421)^2."""
    found = rubin_rules([1.0, 2.0, 3.0], [0.5, 0.5, 0.5])
    assert (found.effect.estimate, found.within, found.between) == pytest.approx((2.0, 0.25, 1.0))
    assert found.effect.se**2 == pytest.approx(0.25 + 4 / 3)
    assert found.effect.df == pytest.approx(2 / ((4 / 3) / (0.25 + 4 / 3)) ** 2)


def test_analyses_that_agree_are_one_with_the_complete_datas_freedom_nearly():
    """Barnard and Rubin: (n + 1) / (n + 3) n."""
    found = rubin_rules([1.0, 1.0, 1.0], [0.5, 0.5, 0.5], complete_df=50)
    assert found.effect.se == pytest.approx(0.5)
    assert found.effect.df == pytest.approx(51 / 53 * 50)


@pytest.mark.parametrize("method", ["monotone", "fcs"])
def test_what_was_seen_stays_and_what_was_not_is_drawn_again_and_the_same_for_a_seed(method):
    y, arm, baseline = trial()
    table = np.column_stack([arm, baseline, y])
    tables = multiple_imputation(table, 5, method=method)
    seen = np.isfinite(table)
    assert np.all(np.isfinite(tables))
    for one in tables:
        np.testing.assert_array_equal(one[seen], table[seen])
    assert np.all(np.ptp(tables[:, ~seen], axis=0) > 0.0)
    np.testing.assert_array_equal(tables, multiple_imputation(table, 5, method=method))
    assert not np.array_equal(tables, multiple_imputation(table, 5, method=method, seed=2))


@pytest.mark.parametrize("method", ["monotone", "fcs"])
def test_imputed_at_random_the_answer_is_near_that_of_the_mixed_model(method):
    """Both are right if values are missing at random; 40 imputations leave an error of about se / 10 between them."""
    y, arm, baseline = trial()
    tables = multiple_imputation(np.column_stack([arm, baseline, y]), 40, method=method)
    fits = [ancova(one[:, -1], arm, baseline=baseline).difference for one in tables]
    found = rubin_rules([f.estimate for f in fits], [f.se for f in fits], complete_df=117).effect
    model = mmrm(y, arm, baseline=baseline).differences[-1]
    assert found.estimate == pytest.approx(model.estimate, abs=0.4 * model.se)
    assert found.se == pytest.approx(model.se, rel=0.15)


def test_binary_columns_are_drawn_from_their_odds_even_where_they_are_separated():
    draw = stream(3, "test of imputation")
    x = draw.normal(size=400)
    y = (draw.random(400) < 1.0 / (1.0 + np.exp(-1.0 - x))).astype(float)
    gone = draw.random(400) < 0.3
    tables = multiple_imputation(np.column_stack([x, np.where(gone, np.nan, y)]), 20, kinds=("normal", "binary"))
    drawn = tables[:, gone, 1]
    assert set(np.unique(drawn)) == {0.0, 1.0}
    share = float(np.mean(1.0 / (1.0 + np.exp(-1.0 - x[gone]))))
    assert drawn.mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / gone.sum()))
    separated = np.column_stack([x, np.where(gone, np.nan, x > 0.0)])
    assert np.all(np.isfinite(multiple_imputation(separated, 2, kinds=("normal", "binary"))))


def test_patterns_and_columns_that_do_not_fit_are_refused():
    y, _, _ = trial()
    y[0] = [np.nan, 1.0, 2.0]
    with pytest.raises(InputError, match="miss a value and have a later one"):
        multiple_imputation(y, method="monotone")
    with pytest.raises(InputError) as error:
        multiple_imputation(y, 1, kinds=("binary", "sort", "normal"), method="other")
    assert len(error.value.problems) == 4


def test_the_more_a_strategy_borrows_from_the_control_the_nearer_to_zero_it_ends():
    y, arm, baseline = trial(leaving=0.15)
    found = {s: reference_based_analysis(y, arm, strategy=s, baseline=baseline).effect.estimate for s in STRATEGIES}
    assert found["jump-to-reference"] < found["copy-increments"] < found["mar"]
    assert found["jump-to-reference"] < found["copy-reference"] < found["mar"]


@pytest.mark.parametrize("strategy", ["jump-to-reference", "copy-reference", "copy-increments"])
def test_with_one_visit_a_reference_leaves_the_share_seen_of_the_difference(strategy):
    """Those not seen have the control's mean, so that the difference shrinks by their share of the arm."""
    draw = stream(2, "test of imputation")
    arm = np.arange(2000) % 2
    y = draw.normal(size=2000) + 1.0 * arm
    y[(arm == 1) & (draw.random(2000) < 0.4)] = np.nan
    seen = np.isfinite(y)
    difference = y[seen & (arm == 1)].mean() - y[arm == 0].mean()
    expected = difference * np.mean(seen[arm == 1])
    found = reference_based_analysis(y[:, None], arm, strategy=strategy, imputations=20).effect
    assert found.estimate == pytest.approx(expected, abs=4 * found.se / np.sqrt(20))


def test_nobody_of_the_control_and_nobody_who_stayed_is_touched_by_a_reference():
    y, arm, baseline = trial()
    mar, jump = (
        reference_based_imputation(y, arm, strategy=s, baseline=baseline, imputations=3)
        for s in ("mar", "jump-to-reference")
    )
    np.testing.assert_allclose(mar[:, arm == 0], jump[:, arm == 0])
    np.testing.assert_array_equal(jump[:, np.isfinite(y)], mar[:, np.isfinite(y)])


def test_moving_what_was_imputed_moves_the_difference_by_its_share_of_the_arm():
    y, arm, _ = trial()
    found = tipping_point(y, arm, [-4.0, -2.0, 0.0], imputations=20)
    share = np.mean(np.isnan(y[arm == 1, -1]))
    np.testing.assert_allclose(np.diff(found.estimates), 2.0 * share)
    assert found.significant_at_zero and -4.0 < found.tipping < 0.0
    at = tipping_point(y, arm, [found.tipping, 0.0], imputations=20).p[0]
    assert at == pytest.approx(0.05, abs=1e-4)


def test_the_worst_and_the_best_of_the_chicago_survey():
    """48 of 89 asked, 6 of them not reached: 48/89 to 54/89, and 48/83 of those who answered (STUDIES, study 1)."""
    found = worst_best_bounds(48, 83, 6)
    assert found.worst.estimate == pytest.approx(48 / 89)
    assert found.complete_cases.estimate == pytest.approx(48 / 83)
    assert found.best.estimate == pytest.approx(54 / 89)
    assert found.worst.lower == pytest.approx(0.4303772255855, rel=1e-9)  # CP_48_89 of the reference cases


def test_every_way_the_missing_may_have_turned_out_lies_between_worst_and_best():
    bounds, table = worst_best_difference(30, 50, 4, 20, 52, 3), binary_tipping_point(30, 50, 4, 20, 52, 3)
    assert table.estimate.shape == (5, 4)
    assert table.estimate.min() == pytest.approx(bounds.worst.estimate)
    assert table.estimate.max() == pytest.approx(bounds.best.estimate)
    assert table.lower[0, 3] == pytest.approx(bounds.worst.lower)
    assert 0.0 < table.share_excluding_zero < 1.0
    with pytest.raises(InputError):
        worst_best_bounds(5, 4, -1)
