"""The analyses on arrays are the analyst's own: the same numbers on the dataset of the same repeat."""

from dataclasses import replace

import numpy as np
import pytest

from azygos.exchange.study import named_study
from azygos.study.analysis import analyse
from azygos.study.check import problems_of
from azygos.study.design import Analysis
from azygos.trial.conduct import conduct, recorded
from azygos.trial.outcome import analysed, fisher, is_quick
from azygos.trial.study import Effect, Study
from azygos.trial.world import world


def with_losses(name: str) -> Study:
    """So that missing values are among what is compared."""
    study = named_study(name)
    return replace(study, patients=replace(study.patients, lost=0.2))


def with_plans(name: str, *plans: Analysis) -> Study:
    study = with_losses(name)
    return replace(study, design=replace(study.design, analyses=plans))


STUDIES = (
    with_losses("chicago-2012"),
    with_losses("hubbard-2012"),
    with_losses("premise-2014"),
    with_losses("brave-dreams-2018"),
    with_losses("tinnitus-stenting"),
    with_plans(
        "canada-2018",
        Analysis(name="plain", method="ancova", endpoint="physical quality of life"),
        Analysis(
            name="adjusted", method="ancova", endpoint="mental quality of life", covariates=("age", "edss", "years")
        ),
        Analysis(name="early", method="t-test", endpoint="physical quality of life", visit="week 24"),
        Analysis(name="mixed", method="mmrm", endpoint="physical quality of life", covariates=("edss",)),
        Analysis(name="mixed, early", method="mmrm", endpoint="mental quality of life", visit="week 24"),
        Analysis(name="mean", method="mean", endpoint="mental quality of life"),
        Analysis(name="one side", method="t-test", endpoint="mental quality of life", alternative="greater"),
        Analysis(name="other side", method="mmrm", endpoint="mental quality of life", alternative="less"),
    ),
)


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_an_analysis_on_arrays_gives_what_the_analyst_finds_in_the_same_repeat(study):
    effect = Effect(amount=0.4)
    known = world(study, 5, 0, effect)
    plans = [plan for plan in study.design.analyses if plan.endpoint and is_quick(study.design, plan)]
    assert plans
    for row in (0, 3):
        dataset = conduct(study, 5, row, effect)
        for result in analyse(study.design, dataset).results:
            plan, answer = result.analysis, result.answer
            if plan not in plans or answer.is_aside or result.is_sensitivity:
                continue
            found = analysed(known, plan, answer.arm)
            assert found.estimate[row] == pytest.approx(answer.interval.estimate, rel=1e-9, abs=1e-9), plan.name
            assert found.n[row] == sum(summary.analysed for summary in answer.summaries), plan.name
            if answer.test is not None:
                assert found.p[row] == pytest.approx(answer.test.p, rel=1e-6, abs=1e-12), plan.name


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_a_simulated_dataset_is_one_that_the_analyst_finds_no_fault_with(study):
    assert [str(problem) for problem in problems_of(conduct(study, 5, 2), study.design)] == []


def test_fishers_test_on_many_tables_is_that_of_scipy():
    from scipy.stats import fisher_exact

    from azygos.rng import stream

    rng = stream(1, "tables")
    n1, n0 = rng.integers(1, 60, 100), rng.integers(1, 40, 100)
    x1, x0 = rng.binomial(n1, 0.4), rng.binomial(n0, 0.6)
    expected = [fisher_exact([[a, b - a], [c, d - c]]).pvalue for a, b, c, d in zip(x1, n1, x0, n0, strict=True)]
    np.testing.assert_allclose(fisher(x1, n1, x0, n0), expected, rtol=1e-9)


@pytest.mark.parametrize("method", ["t-test", "ancova"])
def test_where_nothing_varies_arrays_give_no_p_as_the_analyst_gives_none(method):
    # Every person scores 0.1 + 0.2, of which the mean is off by rounding: no spread, and no test.
    study = with_plans("canada-2018", Analysis(name="plain", method=method, endpoint="physical quality of life"))
    known = world(study, 5)
    flat = {name: np.full_like(values, 0.1 + 0.2) for name, values in known.values.items()}
    found = analysed(replace(known, values=flat), study.design.analyses[0])
    assert np.all(np.isnan(found.p)) and np.allclose(found.estimate, 0.0)
    (told,) = analyse(study.design, recorded(replace(known, values=flat), 0)).results
    assert told.answer.test is None


def test_a_test_of_one_side_that_is_not_half_of_both_is_left_to_the_analyst():
    design = named_study("brave-dreams-2018").design
    plan = next(one for one in design.analyses if one.method == "risk difference")
    assert is_quick(design, replace(plan, alternative="less"))
    assert not is_quick(design, replace(plan, alternative="less", interval="newcombe"))
