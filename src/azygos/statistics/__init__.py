"""Statistical methods, each a plain function named for it.

    from azygos.statistics import proportion_interval, meta_analysis

    proportion_interval(48, 89, method="wilson")

Names are imported when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from azygos.statistics.adverse import AdverseEvents, adverse_events
    from azygos.statistics.blinding import BlindingIndex, BlindingIndices, bang_index, blinding_indices, james_index
    from azygos.statistics.competing import CumulativeIncidence, aalen_johansen, gray_test
    from azygos.statistics.difference import risk_difference_bounds, risk_difference_interval
    from azygos.statistics.hazards import cox
    from azygos.statistics.imputation import multiple_imputation, rubin_rules
    from azygos.statistics.linear import Ancova, ancova
    from azygos.statistics.meta import Meta, egger_test, meta_analysis, study_effects
    from azygos.statistics.missing_bounds import binary_tipping_point, worst_best_bounds, worst_best_difference
    from azygos.statistics.mixed import Mmrm, mmrm
    from azygos.statistics.ordinal import hodges_lehmann, mann_whitney, proportional_odds, wilcoxon_rank_sum_test
    from azygos.statistics.proportion import proportion_bounds, proportion_interval, proportion_test
    from azygos.statistics.ratio import odds_ratio_bounds, odds_ratio_interval, risk_ratio_bounds, risk_ratio_interval
    from azygos.statistics.reference_imputation import (
        reference_based_analysis,
        reference_based_imputation,
        tipping_point,
    )
    from azygos.statistics.restricted_mean import RmstComparison, rmst, rmst_difference
    from azygos.statistics.result import Interval, Test
    from azygos.statistics.samplesize import (
        Power,
        SampleSize,
        power_ancova,
        power_means,
        power_survival,
        sample_size_ancova,
        sample_size_means,
        sample_size_survival,
    )
    from azygos.statistics.samplesize_proportions import power_proportions, sample_size_proportions
    from azygos.statistics.sequential import GroupSequential, group_sequential_bounds
    from azygos.statistics.sequential_result import SequentialResult, group_sequential_result
    from azygos.statistics.simon import SimonDesigns, SingleStage, TwoStage, simon_two_stage, single_stage
    from azygos.statistics.stratified import (
        breslow_day_test,
        mantel_haenszel_interval,
        mantel_haenszel_test,
        stratified_difference_interval,
    )
    from azygos.statistics.subdistribution import fine_gray
    from azygos.statistics.survival import SurvivalCurve, kaplan_meier, logrank_test
    from azygos.statistics.tables import (
        barnard_test,
        boschloo_test,
        chi_square_test,
        fisher_test,
        risk_difference_test,
        two_proportions_test,
    )

_HOMES = {
    "result": ("Interval", "Test"),
    "proportion": ("proportion_bounds", "proportion_interval", "proportion_test"),
    "difference": ("risk_difference_bounds", "risk_difference_interval"),
    "ratio": ("odds_ratio_bounds", "odds_ratio_interval", "risk_ratio_bounds", "risk_ratio_interval"),
    "tables": (
        "barnard_test", "boschloo_test", "chi_square_test", "fisher_test", "risk_difference_test",
        "two_proportions_test",
    ),
    "stratified": (
        "breslow_day_test", "mantel_haenszel_interval", "mantel_haenszel_test", "stratified_difference_interval",
    ),
    "sequential": ("GroupSequential", "group_sequential_bounds"),
    "sequential_result": ("SequentialResult", "group_sequential_result"),
    "samplesize": (
        "Power", "SampleSize", "power_ancova", "power_means", "power_survival", "sample_size_ancova",
        "sample_size_means", "sample_size_survival",
    ),
    "samplesize_proportions": ("power_proportions", "sample_size_proportions"),
    "simon": ("SimonDesigns", "SingleStage", "TwoStage", "simon_two_stage", "single_stage"),
    "blinding": ("BlindingIndex", "BlindingIndices", "bang_index", "blinding_indices", "james_index"),
    "meta": ("Meta", "egger_test", "meta_analysis", "study_effects"),
    "adverse": ("AdverseEvents", "adverse_events"),
    "linear": ("Ancova", "ancova"),
    "mixed": ("Mmrm", "mmrm"),
    "ordinal": ("hodges_lehmann", "mann_whitney", "proportional_odds", "wilcoxon_rank_sum_test"),
    "survival": ("SurvivalCurve", "kaplan_meier", "logrank_test"),
    "competing": ("CumulativeIncidence", "aalen_johansen", "gray_test"),
    "restricted_mean": ("RmstComparison", "rmst", "rmst_difference"),
    "hazards": ("cox",),
    "subdistribution": ("fine_gray",),
    "imputation": ("multiple_imputation", "rubin_rules"),
    "reference_imputation": ("reference_based_analysis", "reference_based_imputation", "tipping_point"),
    "missing_bounds": ("binary_tipping_point", "worst_best_bounds", "worst_best_difference"),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AdverseEvents",
    "Ancova",
    "BlindingIndex",
    "BlindingIndices",
    "CumulativeIncidence",
    "GroupSequential",
    "Interval",
    "Meta",
    "Mmrm",
    "Power",
    "RmstComparison",
    "SampleSize",
    "SequentialResult",
    "SimonDesigns",
    "SingleStage",
    "SurvivalCurve",
    "Test",
    "TwoStage",
    "aalen_johansen",
    "adverse_events",
    "ancova",
    "bang_index",
    "barnard_test",
    "binary_tipping_point",
    "blinding_indices",
    "boschloo_test",
    "breslow_day_test",
    "chi_square_test",
    "cox",
    "egger_test",
    "fine_gray",
    "fisher_test",
    "gray_test",
    "group_sequential_bounds",
    "group_sequential_result",
    "hodges_lehmann",
    "james_index",
    "kaplan_meier",
    "logrank_test",
    "mann_whitney",
    "mantel_haenszel_interval",
    "mantel_haenszel_test",
    "meta_analysis",
    "mmrm",
    "multiple_imputation",
    "odds_ratio_bounds",
    "odds_ratio_interval",
    "power_ancova",
    "power_means",
    "power_proportions",
    "power_survival",
    "proportion_bounds",
    "proportion_interval",
    "proportion_test",
    "proportional_odds",
    "reference_based_analysis",
    "reference_based_imputation",
    "risk_difference_bounds",
    "risk_difference_interval",
    "risk_difference_test",
    "risk_ratio_bounds",
    "risk_ratio_interval",
    "rmst",
    "rmst_difference",
    "rubin_rules",
    "sample_size_ancova",
    "sample_size_means",
    "sample_size_proportions",
    "sample_size_survival",
    "simon_two_stage",
    "single_stage",
    "stratified_difference_interval",
    "study_effects",
    "tipping_point",
    "two_proportions_test",
    "wilcoxon_rank_sum_test",
    "worst_best_bounds",
    "worst_best_difference",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'azygos.statistics' has no attribute '{name}'")
    value = getattr(import_module(f"azygos.statistics.{_HOME_OF[name]}"), name)
    globals()[name] = value  # found at once the next time
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
