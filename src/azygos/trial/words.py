"""What a verdict may say: the words follow from the design and the numbers, by these rules and no others.

| rule | design | numbers | word |
|---|---|---|---|
| survey | nobody allocated; a survey, or people judging their own change looking back | any | cannot show |
| dramatic | nobody allocated, measured before and after | chance < 0.001 and odds 10 times those expected | shown |
| uncontrolled | nobody allocated, measured before and after | any other | not shown |
| better | allocated at random | chance of a result as good < 0.025 | shown |
| worse | allocated at random | chance of a result as bad < 0.025 | shown to do worse |
| compatible | allocated at random | any other | not shown |

Chances are those with no effect. They must be small at the 97.5 % point of the priors, that is under biases as strong
as are thought possible, not on average. The rule `dramatic` is that of Glasziou et al., BMJ 2007;334:349 (a rate ratio
of 10 or more is unlikely to be bias alone); odds for rates, and the median of the priors as the reference, are
assumed. A survey gets no sentence about what its treatment did, whatever it found. "Not shown" is never "shown not to
work": the effects that remain compatible stand beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from azygos.study.design import Analysis, Design
from azygos.trial.inversion import Bound
from azygos.trial.study import EFFECTS
from azygos.trial.verdict import Verdict

__all__ = [
    "Standing",
    "compatible",
    "excluded",
    "for_patients",
    "looks_back",
    "percent",
    "result_in_words",
    "sentences",
    "standing",
]

Word: TypeAlias = Literal["shown", "not shown", "cannot show", "shown to do worse"]

DRAMATIC_CHANCE = 0.001
DRAMATIC_ODDS = 10.0
CHANCE = 0.025
MOST_BIASED = 0.975  # point of the priors
LOOKING_BACK = ("clearly_better", "perceived")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is said of a result, the rule by which, and the numbers that the rule looked at."""

    word: Word
    rule: str
    because: str

    def __str__(self) -> str:
        return f"{self.word} (rule '{self.rule}': {self.because})"


def looks_back(design: Design, analysis: Analysis) -> bool:
    """Whether people judged their own change afterwards, nothing having been measured before."""
    return design.endpoint(analysis.endpoint).variable in LOOKING_BACK or design.baseline is None


def standing(verdict: Verdict) -> Standing:
    """The word for a verdict."""
    design, analysis = verdict.study.design, verdict.analysis
    best, worst = verdict.chance.quantile(MOST_BIASED), verdict.worse.quantile(MOST_BIASED)
    if not design.is_randomised and (design.kind == "open-label survey" or looks_back(design, analysis)):
        return Standing(
            word="cannot show", rule="survey", because="nobody was compared with anybody, and nobody allocated"
        )
    if not design.is_randomised:
        odds = verdict.odds_ratio
        is_dramatic = best < DRAMATIC_CHANCE and odds is not None and odds >= DRAMATIC_ODDS
        told = f"chance with no effect up to {best:.2g}"
        told += f", odds {odds:.3g} times those expected" if odds is not None else ""
        return Standing(
            word="shown" if is_dramatic else "not shown",
            rule="dramatic" if is_dramatic else "uncontrolled",
            because=told,
        )
    if best < CHANCE:
        return Standing(word="shown", rule="better", because=f"chance with no effect up to {best:.2g}")
    if worst < CHANCE:
        return Standing(word="shown to do worse", rule="worse", because=f"chance of as bad a result up to {worst:.2g}")
    return Standing(word="not shown", rule="compatible", because=f"chance with no effect up to {percent(best)}")


def percent(share: float) -> str:
    """A chance as people read it: `14 %`, `0.3 %`, `less than 0.01 %`."""
    if share < 1e-4:
        return "less than 0.01 %"
    return f"{100.0 * share:.2g} %" if share < 0.995 else "nearly 100 %"


def result_in_words(verdict: Verdict) -> str:
    """The number judged, with its unit."""
    result, endpoint = verdict.result, verdict.study.design.endpoint(verdict.analysis.endpoint)
    if verdict.analysis.method == "proportion":
        count = f"{round(result.estimate * result.of)} of {result.of}, " if result.of else ""
        return f"{endpoint.name}: {count}{100.0 * result.estimate:.1f} %"
    if verdict.analysis.method == "risk difference":
        return f"{endpoint.name}: {100.0 * result.estimate:+.1f} percentage points between arms"
    unit = "" if endpoint.unit == "1" else f" {endpoint.unit}"
    between = "" if verdict.analysis.method == "mean" else " between arms"
    return f"{endpoint.name}: {result.estimate:+.3g}{unit}{between}"


def compatible(verdict: Verdict) -> str:
    """The effects that the result leaves possible, in words."""
    unit = "SD" if verdict.study.model == "multiple sclerosis" else "of the symptom following the gradient"
    if verdict.lower.effect != verdict.lower.effect or verdict.upper.effect != verdict.upper.effect:  # not a number
        return "None of the effects tried is compatible with the result: the model lacks something."
    return f"Compatible true effects: {_end(verdict.lower, 'or less')} to {_end(verdict.upper, 'or more')} {unit}."


def _end(bound: Bound, beyond: str) -> str:
    return (
        f"{bound.effect:.2g} {beyond}" if bound.is_open else f"{bound.effect:.2f} (Monte Carlo error {bound.error:.2g})"
    )


def excluded(verdict: Verdict) -> str:
    """What the result excludes."""
    unit = " SD" if verdict.study.model == "multiple sclerosis" else ""
    parts = []
    if not verdict.upper.is_open:
        parts.append(f"effects above {verdict.upper.effect:.2f}{unit}")
    if not verdict.lower.is_open:
        parts.append(f"effects below {verdict.lower.effect:.2f}{unit}")
    return f"Excluded: {' and '.join(parts)}." if parts else "It excludes none of the effects tried."


def sentences(verdict: Verdict) -> list[str]:
    """The verdict for those who read numbers."""
    chance, said, design = verdict.chance, standing(verdict), verdict.study.design
    low, middle, high = (percent(chance.quantile(share)) for share in (0.025, 0.5, MOST_BIASED))
    endpoint = design.endpoint(verdict.analysis.endpoint).name
    told = [
        f"Result: {result_in_words(verdict)}.",
        f"Had the treatment done nothing, this design would show a result at least this good in "
        f"{percent(chance.mean)} of repeats (Monte Carlo error {percent(chance.error)}): from {low} to {high} over 95 "
        f"% of the priors, median {middle}.",
        MEANING[said.rule].format(arm=design.active.name, because=said.because, endpoint=endpoint),
        compatible(verdict),
    ]
    if verdict.study.is_calibration:
        told.append("This study was used to find constants of the model: that they explain it is no test of them.")
    if design.is_randomised:
        return [*told, excluded(verdict) + _not_excluded(verdict)]
    return [*told, "These limits rest on what is assumed of the biases, not on a comparison." + _not_excluded(verdict)]


MEANING: Mapping[str, str] = MappingProxyType(
    {
        "survey": "This design cannot show what the treatment did. Of those who were asked, so many said so; there was "
        "nobody to compare them with.",
        "dramatic": "Shown: {endpoint} happened far more often than the natural course and the biases of the model "
        "explain ({because}). There was no control group: what else differs between treated and untreated is not "
        "known.",
        "uncontrolled": "Not shown: the result is not so far beyond natural course and the biases of the model that a "
        "study in which nobody was allocated at random could show it ({because}).",
        "better": "Shown: {arm} does better than the control by more than chance and leaks of blinding explain "
        "({because}).",
        "worse": "Shown to do worse: {arm} against the control ({because}).",
        "compatible": "Not shown: the result is compatible with no effect ({because}). This is not proof that there is "
        "none.",
    }
)
PLAIN: Mapping[str, str] = MappingProxyType(
    {
        "survey": "People who had the procedure were asked how they were. Many things make people feel or say that "
        "they are better: bad times pass, hope colours, memory errs, and the disappointed answer less. Nobody "
        "without the procedure was asked, so this survey cannot tell whether the procedure helped.",
        "dramatic": "Nobody without the treatment was followed here either. But the change was so frequent that good "
        "times, hope and other treatment are very unlikely to explain it alone.",
        "better": "People were put into groups by chance, and the treated did better than chance explains.",
        "worse": "People were put into groups by chance, and the treated did worse than chance explains.",
    }
)
NOT_SHOWN = (
    "The result does not show that the treatment helps. It does not prove that it never helps: a small benefit or a "
    "small harm could have been missed."
)


def _not_excluded(verdict: Verdict) -> str:
    place = 0 if verdict.study.model == "multiple sclerosis" else 1
    low, high = verdict.lower.effect, verdict.upper.effect
    inside = [name for name, values in EFFECTS.items() if low <= values[place] <= high]
    return f" Not excluded: {', '.join(inside)}." if inside else ""


def _spread(verdict: Verdict) -> str:
    """That the chance hangs on what is not known, where it does."""
    low, high = verdict.chance.quantile(0.1), verdict.chance.quantile(0.9)
    if high - low < 0.3:
        return ""
    least = "hardly ever" if low < 0.05 else f"{round(100 * low)} times in 100"
    most = "nearly always" if high > 0.95 else f"{round(100 * high)} times in 100"
    return f"; depending on what is assumed of things that nobody measured, {least} or {most}"


def for_patients(verdict: Verdict) -> list[str]:
    """The verdict in plain words, with the caution built in."""
    chance = verdict.chance.mean
    times = "hardly ever" if chance < 0.005 else f"about {round(100 * chance)} times in 100"
    told = [
        f"What was found: {result_in_words(verdict)}.",
        PLAIN.get(standing(verdict).rule, NOT_SHOWN),
        f"If the treatment did nothing at all, a study like this one would still give a result this good {times}"
        f"{_spread(verdict)}. That rests on assumptions about hope, memory and chance.",
    ]
    if verdict.study.design.is_randomised and not verdict.upper.is_open and verdict.upper.effect < EFFECTS["large"][0]:
        told.append("A large benefit would probably have been seen.")
    if not verdict.study.design.is_randomised:
        told.append("A study that puts people into groups by chance, without their knowing which, would tell more.")
    told.append("This is for learning about studies. Decisions about your own care belong to you and your doctors.")
    return told
