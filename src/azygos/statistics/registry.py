"""The methods by name, as `azygos stats` lists them."""

from azygos.errors import InputError, Problem, close_matches
from azygos.statistics.method import Method
from azygos.statistics.registry_models import METHODS as MODELS

__all__ = ["METHODS", "method_named"]

OF_COUNTS = (
    Method(name="proportion-interval", home="proportion:proportion_interval", help="An interval for x of n."),
    Method(name="proportion-test", home="proportion:proportion_test", help="x of n against a proportion."),
    Method(
        name="risk-difference-interval", home="difference:risk_difference_interval", help="An interval for p1 - p2."
    ),
    Method(name="risk-difference-test", home="tables:risk_difference_test", help="p1 - p2 against a margin."),
    Method(name="risk-ratio-interval", home="ratio:risk_ratio_interval", help="An interval for p1/p2."),
    Method(name="odds-ratio-interval", home="ratio:odds_ratio_interval", help="An interval for the odds ratio."),
    Method(name="two-proportions-test", home="tables:two_proportions_test", help="p1 against p2, seven ways."),
    Method(name="fisher-test", home="tables:fisher_test", help="p1 against p2, exact given the margins."),
    Method(name="barnard-test", home="tables:barnard_test", help="p1 against p2, exact without the margins."),
    Method(name="boschloo-test", home="tables:boschloo_test", help="The same, ordered by Fisher's p."),
    Method(name="chi-square-test", home="tables:chi_square_test", help="p1 against p2, Pearson's."),
)
OF_STRATA = (
    Method(
        name="mantel-haenszel-interval", home="strata:mantel_haenszel_interval_of", help="A ratio or difference pooled."
    ),
    Method(name="mantel-haenszel-test", home="strata:mantel_haenszel_test_of", help="Cochran-Mantel-Haenszel."),
    Method(name="breslow-day-test", home="strata:breslow_day_test_of", help="One odds ratio in all strata?"),
    Method(
        name="stratified-difference-interval",
        home="strata:stratified_difference_interval_of",
        help="Miettinen-Nurminen over strata.",
    ),
)
OF_DESIGNS = (
    Method(
        name="group-sequential-bounds",
        home="sequential:group_sequential_bounds",
        help="Bounds of a trial that is looked at several times.",
    ),
    Method(
        name="group-sequential-result",
        home="sequential_result:group_sequential_result",
        help="P, estimate and interval of a trial that stopped at a look.",
    ),
    Method(name="sample-size-means", home="samplesize:sample_size_means", help="Patients for a t-test."),
    Method(name="sample-size-ancova", home="samplesize:sample_size_ancova", help="Patients, adjusting for a baseline."),
    Method(
        name="sample-size-proportions",
        home="samplesize_proportions:sample_size_proportions",
        help="Patients for p1 against p2.",
    ),
    Method(
        name="sample-size-survival", home="samplesize:sample_size_survival", help="Events and patients for log-rank."
    ),
    Method(name="power-means", home="samplesize:power_means", help="The power of a t-test."),
    Method(name="power-ancova", home="samplesize:power_ancova", help="The same, adjusting for a baseline."),
    Method(
        name="power-proportions", home="samplesize_proportions:power_proportions", help="The power of p1 against p2."
    ),
    Method(name="power-survival", home="samplesize:power_survival", help="The power of a log-rank test."),
    Method(name="simon-two-stage", home="simon:simon_two_stage", help="Optimal and minimax designs with one arm."),
    Method(name="single-stage", home="simon:single_stage", help="The smallest design with one arm and one stage."),
)
OF_TRIALS = (
    Method(name="bang-index", home="blinding:bang_index", help="Bang's blinding index of an arm."),
    Method(name="james-index", home="blinding:james_index", help="James's blinding index of a trial."),
    Method(name="blinding-indices", home="blinding:blinding_indices", help="Both, from each arm's guesses."),
    Method(name="adverse-events", home="adverse:adverse_events_of", help="Events by term and grade, from a file."),
    Method(name="meta-analysis", home="pooled:meta_analysis_of", help="Studies pooled, from a file."),
    Method(name="egger-test", home="pooled:egger_test_of", help="Do small studies say something else?"),
)

METHODS = {method.name: method for method in (*OF_COUNTS, *OF_STRATA, *OF_DESIGNS, *OF_TRIALS, *MODELS)}


def method_named(name: str) -> Method:
    """The method of that name; InputError with the nearest names when there is none."""
    if name not in METHODS:
        raise InputError(Problem(f"there is no method '{name}'", "azygos stats", close_matches(name, METHODS)))
    return METHODS[name]
