"""The methods a planned analysis may name: one plain table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import get_args

from azygos.study.design import EndpointKind
from azygos.study.question import Answer, Question

__all__ = ["HANDLINGS", "METHODS", "Handling", "Method"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method by its name in a design: for which endpoints, for how many arms at a time, and where it is."""

    name: str
    home: str  # "module:function" below azygos.study
    kinds: tuple[EndpointKind, ...]  # empty: it needs no endpoint
    arms: int  # 1: within each arm; 2: an arm against the control
    repeated: bool = False  # of all visits at once
    intervals: str = ""  # "module:type" below azygos.statistics, of the intervals one may choose
    needs: str = ""  # what else it needs of the design: "covariates", "competing"
    says: str = ""

    @property
    def function(self) -> Callable[[Question], list[Answer]]:
        """The function, imported when it is asked for."""
        module, name = self.home.split(":")
        found: Callable[[Question], list[Answer]] = getattr(import_module(f"azygos.study.{module}"), name)
        return found

    @property
    def known_intervals(self) -> tuple[str, ...]:
        """The intervals one may choose; none where there is one only."""
        module, _, name = self.intervals.partition(":")
        return get_args(getattr(import_module(f"azygos.statistics.{module}"), name)) if module else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """A way to deal with missing values, and the methods it goes with (empty: with any)."""

    name: str
    kinds: tuple[EndpointKind, ...]
    methods: tuple[str, ...] = ()
    says: str = ""


TIMES: tuple[EndpointKind, ...] = ("time to event",)
SCORES: tuple[EndpointKind, ...] = ("continuous", "count")
RANKED: tuple[EndpointKind, ...] = ("ordinal", "continuous", "count")

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        method.name: method
        for method in (
            Method(name="proportion", home="counts:proportion", kinds=("binary",), arms=1,
                   intervals="proportion:IntervalMethod",
                   says="share of those with an answer, Clopper-Pearson interval"),
            Method(name="risk difference", home="counts:risk_difference", kinds=("binary",), arms=2,
                   intervals="difference:DifferenceMethod",
                   says="difference of proportions, Miettinen-Nurminen interval, Fisher's exact test"),
            Method(name="risk ratio", home="counts:risk_ratio", kinds=("binary",), arms=2,
                   intervals="ratio:RiskRatioMethod",
                   says="ratio of proportions, Koopman-type score interval"),
            Method(name="odds ratio", home="counts:odds_ratio", kinds=("binary",), arms=2,
                   intervals="ratio:OddsRatioMethod",
                   says="odds ratio, exact conditional interval, Fisher's exact test"),
            Method(name="stratified risk difference", home="counts:stratified", kinds=("binary",), arms=2,
                   needs="covariates", says="Mantel-Haenszel difference over strata, Cochran-Mantel-Haenszel test"),
            Method(name="mean", home="scores:mean", kinds=SCORES, arms=1, says="mean, t interval"),
            Method(name="t-test", home="scores:t_test", kinds=SCORES, arms=2,
                   says="difference of means, Welch's interval and test"),
            Method(name="ancova", home="scores:ancova", kinds=SCORES, arms=2,
                   says="difference of means adjusted for baseline and covariates"),
            Method(name="mmrm", home="scores:mmrm", kinds=SCORES, arms=2, repeated=True,
                   says="mixed model for repeated measures, unstructured, REML, Satterthwaite"),
            Method(name="wilcoxon", home="ranks:wilcoxon", kinds=RANKED, arms=2,
                   says="probability that one arm does better, ties counted half"),
            Method(name="proportional odds", home="ranks:proportional_odds", kinds=("ordinal", "binary"), arms=2,
                   says="common odds ratio of an ordinal outcome"),
            Method(name="rate ratio", home="scores:rate_ratio", kinds=("count",), arms=2,
                   says="ratio of events per time, Poisson with variance as found"),
            Method(name="kaplan-meier", home="times:kaplan_meier", kinds=TIMES, arms=1,
                   says="share without the event at a visit"),
            Method(name="cumulative incidence", home="times:cumulative_incidence", kinds=TIMES, arms=1,
                   says="Aalen-Johansen, competing events counted as such"),
            Method(name="log-rank", home="times:log_rank", kinds=TIMES, arms=2, says="log-rank test"),
            Method(name="cox", home="times:cox", kinds=TIMES, arms=2, says="hazard ratio, Efron's ties"),
            Method(name="rmst", home="times:rmst", kinds=TIMES, arms=2,
                   says="difference of restricted mean time without the event"),
            Method(name="fine-gray", home="times:fine_gray", kinds=TIMES, arms=2, needs="competing",
                   says="subdistribution hazard ratio"),
            Method(name="blinding index", home="safety:blinding_index", kinds=(), arms=1,
                   says="James's index over all arms, Bang's for each"),
            Method(name="adverse events", home="safety:adverse_events", kinds=(), arms=1,
                   says="subjects with events by grade, exact intervals; differences where there are two arms"),
        )
    }
)  # fmt: skip

MODELS = ("ancova", "t-test", "mean")
HANDLINGS: Mapping[str, Handling] = MappingProxyType(
    {
        handling.name: handling
        for handling in (
            Handling(name="complete cases", kinds=(), says="those without a value had done as the others"),
            Handling(name="failures", kinds=("binary",), says="those without a value had not done well"),
            Handling(name="worst case", kinds=("binary",),
                     says="those without a value had done badly, in the control arm well"),
            Handling(name="best case", kinds=("binary",),
                     says="those without a value had done well, in the control arm badly"),
            Handling(name="tipping point", kinds=("binary", "continuous"), methods=("risk difference", "ancova"),
                     says="how much worse the missing would have to have done for the answer to change"),
            Handling(name="multiple imputation", kinds=("continuous",), methods=("ancova",),
                     says="the missing had done as others of their arm with like values before"),
            Handling(name="jump to reference", kinds=("continuous",), methods=("ancova",),
                     says="from the first missing visit on all did as the control arm"),
            Handling(name="copy reference", kinds=("continuous",), methods=("ancova",),
                     says="those with a missing visit had done as the control arm throughout"),
            Handling(name="copy increments", kinds=("continuous",), methods=("ancova",),
                     says="from the first missing visit on all changed as the control arm"),
        )
    }
)  # fmt: skip
