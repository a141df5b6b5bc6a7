"""The methods of models by name, as `azygos stats` lists them."""

from azygos.statistics.method import Method

__all__ = ["METHODS"]

OF_OUTCOMES = (
    ("ancova", "ancova", "Analysis of covariance: the adjusted difference between two arms."),
    ("mmrm", "mmrm", "Mixed model for repeated measures: the difference at every visit."),
    ("proportional-odds", "proportional_odds", "Proportional-odds model of ordered categories."),
    ("wilcoxon-test", "wilcoxon", "Rank sum test of Wilcoxon, Mann and Whitney."),
    ("win-odds", "win_odds", "Mann-Whitney probability and win odds."),
    ("hodges-lehmann", "hodges_lehmann", "Shift between two arms, with its interval."),
    ("multiple-imputation", "imputed_ancova", "ANCOVA after multiple imputation of what is missing."),
    ("reference-imputation", "reference_imputation_analysis", "Trial with drop-outs imputed after a reference."),
    ("tipping-point", "tipping_point", "How much worse the missing must be before the answer changes."),
)

OF_TIMES = (
    ("kaplan-meier", "kaplan_meier", "Survival curves: medians and shares at given times."),
    ("logrank-test", "logrank", "The log-rank test, stratified if wanted."),
    ("cox", "cox", "Cox's model: hazard ratios."),
    ("rmst", "rmst", "Restricted mean survival times of two arms."),
    ("aalen-johansen", "cumulative_incidence", "Cumulative incidence under competing risks."),
    ("gray-test", "gray", "Gray's test of equal cumulative incidence."),
    ("fine-gray", "fine_gray", "Fine and Gray's model: subdistribution hazard ratios."),
)

METHODS: tuple[Method, ...] = (
    *(Method(name=name, home=f"table_models:{function}", help=help) for name, function, help in OF_OUTCOMES),
    *(Method(name=name, home=f"table_survival:{function}", help=help) for name, function, help in OF_TIMES),
    Method(name="rubin-rules", home="table_models:rubin", help="One answer from the analyses of imputed tables."),
    Method(
        name="worst-best-bounds",
        home="missing_bounds:worst_best_bounds",
        help="A proportion with all missing outcomes at their worst and at their best.",
    ),
    Method(
        name="worst-best-difference",
        home="missing_bounds:worst_best_difference",
        help="A difference of proportions with the missing at their worst and at their best.",
    ),
    Method(
        name="binary-tipping-point",
        home="missing_bounds:binary_tipping_point",
        help="A difference of proportions for every way the missing may have turned out.",
    ),
)
