"""Sample sizes and power against published examples, other libraries, and exact enumeration."""

from math import comb

import numpy as np
import pytest
from scipy.stats import norm

from azygos.errors import InputError
from azygos.statistics.samplesize import (
    power_ancova,
    power_means,
    power_survival,
    sample_size_ancova,
    sample_size_means,
    sample_size_survival,
)
from azygos.statistics.samplesize_proportions import power_proportions, sample_size_proportions
from azygos.statistics.simon import simon_two_stage, single_stage
from azygos.statistics.tables import fisher_test


@pytest.mark.parametrize("ratio", [0.5, 1.0, 3.0])
def test_a_t_tests_power_is_that_of_statsmodels(ratio):
    from statsmodels.stats.power import TTestIndPower

    found = sample_size_means(6.0, sd=15.0, power=0.85, alpha=0.01, ratio=ratio)
    n = TTestIndPower().solve_power(0.4, power=0.85, alpha=0.01, ratio=ratio)
    assert found.n_per_group == pytest.approx(n, rel=1e-6)
    reached = TTestIndPower().power(0.4, found.n1, 0.01, found.n2 / found.n1)
    assert power_means(found.n1, found.n2, 6.0, sd=15.0, alpha=0.01).power == pytest.approx(reached, rel=1e-8)


def test_a_t_test_is_that_of_rs_manual():
    """power.t.test, delta = 1: n = 20 has power 0.8689528; power = .90 needs n = 22.02110, one-sided 17.84713."""
    assert power_means(20, 20, 1.0, strict=False).power == pytest.approx(0.8689528, abs=1e-6)
    assert sample_size_means(1.0, power=0.9, strict=False).n_per_group == pytest.approx(22.02110, abs=1e-4)
    assert sample_size_means(1.0, power=0.9, sided=1).n_per_group == pytest.approx(17.84713, abs=1e-4)


def test_proportions_are_those_of_rs_manual():
    """power.prop.test, p1 = .50, p2 = .75: power = .90 needs n = 76.7; n = 50 has power 0.740."""
    assert sample_size_proportions(0.5, 0.75, power=0.9).n_per_group == pytest.approx(76.7, abs=0.05)
    assert power_proportions(50, 50, 0.5, 0.75).power == pytest.approx(0.740, abs=0.5e-3)


def test_a_corrected_size_is_that_of_fleiss_formula():
    """n/4 (1 + sqrt(1 + 4/(n |p1 - p2|)))² for equal groups (Fleiss, Tytun and Ury 1980)."""
    plain = sample_size_proportions(0.6, 0.7).n_per_group
    expected = plain / 4 * (1 + (1 + 4 / (plain * 0.1)) ** 0.5) ** 2
    assert sample_size_proportions(0.6, 0.7, method="score-cc").n_per_group == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("method", ["score", "unpooled", "arcsine", "score-cc"])
def test_power_gives_back_the_power_that_was_asked_for(method):
    found = sample_size_proportions(0.54, 0.428, method=method, power=0.8, ratio=2.0)
    reached = power_proportions(found.n_per_group, 2.0 * found.n_per_group, 0.54, 0.428, method=method).power
    assert reached == pytest.approx(0.8, abs=1e-9)


def test_statsmodels_agrees_on_the_unpooled_size():
    from statsmodels.stats.proportion import power_proportions_2indep

    found = power_proportions(120, 120, 0.54, 0.40, method="score").power
    expected = power_proportions_2indep(0.14, 0.40, 120, alternative="two-sided", return_results=False)
    assert found == pytest.approx(expected, abs=1e-4)  # theirs counts the wrong side, too


def test_the_exact_power_of_fishers_test_is_summed_over_all_tables():
    n1, n2, p1, p2 = 9, 8, 0.7, 0.2
    expected = sum(
        comb(n1, a) * p1**a * (1 - p1) ** (n1 - a) * comb(n2, b) * p2**b * (1 - p2) ** (n2 - b)
        for a in range(n1 + 1)
        for b in range(n2 + 1)
        if fisher_test(a, n1, b, n2).p <= 0.05
    )
    assert power_proportions(n1, n2, p1, p2, method="fisher").power == pytest.approx(expected, rel=1e-10)


def test_an_exact_size_is_the_smallest_that_is_enough():
    found = sample_size_proportions(0.8, 0.4, method="fisher")
    assert found.power_reached >= 0.8
    assert power_proportions(found.n1 - 1, found.n2 - 1, 0.8, 0.4, method="fisher").power < 0.8


def test_a_margin_of_zero_changes_nothing_and_a_larger_one_needs_fewer_patients():
    def patients(margin: float) -> float:
        return sample_size_proportions(0.8, 0.7, margin=margin, sided=1, alpha=0.025).n_per_group

    assert sample_size_proportions(0.8, 0.7).n_per_group == patients(0.0) > patients(-0.05) > patients(-0.1)


def test_schoenfelds_events_are_those_of_his_formula():
    """(1.959964 + 0.841621)² 4/ln² 0.7 = 246.787 events."""
    found = sample_size_survival(0.7, event_probability=0.6)
    assert found.events == pytest.approx(246.787, abs=0.5e-3)
    assert found.n_per_group == pytest.approx(246.787 / 1.2, abs=1e-3)
    assert power_survival(found.events, 0.7).power == pytest.approx(0.8, abs=1e-12)
    assert power_survival(found.events, 1.0 / 0.7).power == pytest.approx(0.8, abs=1e-12)


def test_freedmans_events_are_those_of_his_formula():
    """(1.959964 + 0.841621)² ((1 + 1/2)/(1 - 1/2))² = 70.640 (Freedman 1982, Stat Med 1:121)."""
    assert sample_size_survival(0.5, method="freedman").events == pytest.approx(70.640, abs=0.5e-3)


def test_adjusting_for_a_baseline_takes_its_squared_correlation_off():
    """Borm, Fransen and Lemmens 2007, J Clin Epidemiol 60:1234: (1 - r²) times the patients of the t-test."""
    plain = sample_size_means(0.5).n_per_group
    assert sample_size_ancova(0.5, 0.6).n_per_group == pytest.approx(0.64 * plain, rel=1e-12)
    assert power_ancova(0.64 * plain, 0.64 * plain, 0.5, 0.6).power == pytest.approx(0.8, abs=1e-9)


# Simon 1989, tables 1 and 2: p0, p1, alpha, beta; then optimal and minimax: r1/n1, r/n, expected size, early stop.
SIMON = {
    (0.05, 0.25, 0.05, 0.2): ("0/9 2/17", 12.0, 0.63, "0/12 2/16", 13.8, 0.54),
    (0.2, 0.4, 0.1, 0.1): ("3/17 10/37", 26.0, 0.55, "3/19 10/36", 28.3, 0.46),
    (0.3, 0.5, 0.05, 0.1): ("8/24 24/63", 34.7, 0.73, "7/24 21/53", 36.6, 0.56),
    (0.7, 0.9, 0.05, 0.2): ("4/6 22/27", 14.8, 0.58, "19/23 21/26", 23.2, 0.95),
}


@pytest.mark.parametrize("rates", SIMON)
def test_simons_designs_are_those_of_his_tables(rates):
    p0, p1, alpha, beta = rates
    found = simon_two_stage(p0, p1, alpha=alpha, beta=beta)
    optimal, optimal_n, optimal_stop, minimax, minimax_n, minimax_stop = SIMON[rates]
    for design, told, size, stop in (
        (found.optimal, optimal, optimal_n, optimal_stop),
        (found.minimax, minimax, minimax_n, minimax_stop),
    ):
        assert f"{design.r1}/{design.n1} {design.r}/{design.n}" == told
        assert design.expected_n == pytest.approx(size, abs=0.05)
        assert design.early_stop == pytest.approx(stop, abs=0.5e-2)
        assert design.alpha <= alpha and design.power >= 1 - beta


def test_a_single_stage_is_that_of_ahern():
    """A'Hern 2001, Stat Med 20:859, table 1: p0 0.1, p1 0.3, alpha 0.05, power 0.8: 6 responses of 25 reject."""
    found = single_stage(0.1, 0.3)
    assert (found.r + 1, found.n) == (6, 25)


def test_every_problem_of_a_sample_size_is_said_at_once():
    with pytest.raises(InputError) as refused:
        sample_size_proportions(0.5, 0.5, method="fleiss", power=1.2, ratio=0.0)
    assert {problem.where for problem in refused.value.problems} == {"p1", "method", "power", "ratio"}
    with pytest.raises(InputError):
        sample_size_means(0.0)
    with pytest.raises(InputError):
        simon_two_stage(0.3, 0.1)
    with pytest.raises(InputError, match="give more"):
        simon_two_stage(0.3, 0.32, largest_n=30)


def test_a_difference_that_would_need_more_than_all_people_is_refused_not_capped():
    for call in (sample_size_means, lambda d: sample_size_ancova(d, 0.5)):
        with pytest.raises(InputError, match="more than 1,000,000,000 patients"):
            call(1e-5)
    near = sample_size_means(2e-4).n_per_group  # by the normal distribution, as good as exact with so many
    assert near == pytest.approx(2 * ((1.959963984540054 + 0.8416212335729143) / 2e-4) ** 2, rel=1e-5)


def test_the_power_reached_is_that_of_the_whole_patients_of_both_groups():
    # 137.54 patients and 0.3 times as many are 138 and 42, not 138 and 41.4.
    from statsmodels.stats.power import TTestIndPower

    found = sample_size_means(0.5, ratio=0.3)
    exact = TTestIndPower().power(0.5, nobs1=138, ratio=42 / 138, alpha=0.05)
    assert (found.n1, found.n2) == (138, 42) and found.power_reached == pytest.approx(exact, abs=1e-9)
    events = sample_size_survival(0.6, ratio=2.0, event_probability=0.5)
    # Schoenfeld: z = sqrt(events n1 n2)/(n1 + n2) |log HR| - 1.95996, of (91 + 181)/2 events.
    z = np.sqrt(136.0 * 91 * 181) / 272.0 * -np.log(0.6) - norm.ppf(0.975)
    assert (events.n1, events.n2) == (91, 181) and events.power_reached == pytest.approx(norm.cdf(z), abs=1e-9)
    fisher = sample_size_proportions(0.4, 0.6, method="fisher", ratio=1.5)
    assert fisher.power_reached == power_proportions(83, 125, 0.4, 0.6, method="fisher").power


def test_a_few_patients_are_found_where_the_second_group_is_the_smaller():
    # n1 = 5.709: statsmodels from the same power.
    from statsmodels.stats.power import TTestIndPower

    found = sample_size_means(3.0, ratio=0.3)
    reached = TTestIndPower().power(3.0, nobs1=found.n_per_group, ratio=0.3, alpha=0.05)
    assert reached == pytest.approx(0.8, abs=1e-8)
