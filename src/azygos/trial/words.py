"""What a verdict may say: the words follow from the design and the numbers, by these rules and no others.

| rule | design | numbers | word |
|---|---|---|---|
| one arm | allocated at random, and a number of one arm alone | any | cannot show |
| survey | nobody allocated; a survey, or people judging their own change looking back | any | cannot show |
| dramatic | nobody allocated, measured before and after, not by a score people give themselves | chance < 0.001, \
odds 10 times those expected, some effect tried compatible | shown |
| beyond | nobody allocated, measured before and after | chance < 0.001, and `dramatic` does not hold | not shown |
| uncontrolled | nobody allocated, measured before and after | any other | not shown |
| better | allocated at random, arms compared | chance of a result as good < 0.025 | shown |
| worse | allocated at random, arms compared | chance of a result as bad < 0.025 | shown to do worse |
| compatible | allocated at random, arms compared | any other | not shown |

Chances are those with no effect. They must be small at the 97.5 % point of the priors, that is under biases as strong
as are thought possible, not on average. The rule `dramatic` is that of Glasziou et al., BMJ 2007;334:349 (a rate ratio
of 10 or more is unlikely to be bias alone); odds for rates, and the median of the priors as the reference, are
assumed. It is for outcomes with a known physics behind them (the venous sinuses) or read from an instrument or a
record: how people score their own multiple sclerosis moves with hope as far as with any treatment. A survey, and a
number of one arm of a trial, get no sentence about what the treatment did, whatever was found. "Not shown" is never
"shown not to work": the effects that remain compatible stand beside it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from azygos.study.design import Analysis, Design
from azygos.study.words import amount, answer_of
from azygos.trial.disease import Disease
from azygos.trial.inversion import Bound
from azygos.trial.run import COMPARES_NOTHING
from azygos.trial.verdict import Verdict

__all__ = [
    "LESS",
    "MORE",
    "RATIOS",
    "Standing",
    "compares",
    "compatible",
    "end_in_words",
    "excluded",
    "explains_nothing",
    "for_patients",
    "looks_back",
    "percent",
    "result_in_words",
    "sentences",
    "standing",
    "times_in_100",
]

Word: TypeAlias = Literal["shown", "not shown", "cannot show", "shown to do worse"]

DRAMATIC_CHANCE = 0.001
DRAMATIC_ODDS = 10.0
CHANCE = 0.025
MOST_BIASED = 0.975  # point of the priors
LESS, MORE = " or less", " or more"
LEAST = 1e-4  # a chance below is told as less than it
LOOKING_BACK = ("clearly_better", "perceived")
RATIOS: Mapping[str, str] = MappingProxyType(  # methods whose number is no difference of arms, and what it is
    {
        **{name: name for name in ("risk ratio", "odds ratio", "rate ratio")},
        "proportional odds": "common odds ratio",
        "cox": "hazard ratio",
        "fine-gray": "subdistribution hazard ratio",
        "wilcoxon": "probability of a higher value",
    }
)
FELT = ("physical", "mental", "qol_physical", "qol_mental")  # people's own scores, whatever a file says of the rater


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


def compares(verdict: Verdict) -> bool:
    """Whether the result is a difference between arms that chance made: not every number of a trial is one."""
    return verdict.study.design.is_randomised and verdict.analysis.method not in COMPARES_NOTHING


def standing(verdict: Verdict) -> Standing:
    """The word for a verdict."""
    design, analysis = verdict.study.design, verdict.analysis
    best, worst = verdict.chance.quantile(MOST_BIASED), verdict.worse.quantile(MOST_BIASED)
    if design.is_randomised and not compares(verdict):
        return Standing(word="cannot show", rule="one arm", because="a number of one arm compares it with no other")
    if not design.is_randomised and (design.kind == "open-label survey" or looks_back(design, analysis)):
        return Standing(
            word="cannot show", rule="survey", because="nobody was compared with anybody, and nobody allocated"
        )
    if not design.is_randomised:
        return _uncontrolled(verdict, best)
    if best < CHANCE:
        return Standing(word="shown", rule="better", because=f"chance with no effect {_up_to(best)}")
    if worst < CHANCE:
        return Standing(word="shown to do worse", rule="worse", because=f"chance of as bad a result {_up_to(worst)}")
    return Standing(word="not shown", rule="compatible", because=f"chance with no effect {_up_to(best)}")


def _uncontrolled(verdict: Verdict, best: float) -> Standing:
    odds = verdict.odds_ratio
    told = f"chance with no effect {_up_to(best)}"
    told += f", odds {odds:.3g} times those expected" if odds is not None else ""
    if best >= DRAMATIC_CHANCE:
        return Standing(word="not shown", rule="uncontrolled", because=told)
    if hindrance := _hindrance(verdict):
        return Standing(word="not shown", rule="beyond", because=f"{told}; {hindrance}")
    return Standing(word="shown", rule="dramatic", because=told)


def _hindrance(verdict: Verdict) -> str:
    """Why a result far beyond the model is not dramatic in the sense of the rule; empty where it is."""
    endpoint = verdict.study.design.endpoint(verdict.analysis.endpoint)
    is_reading = endpoint.rated_by in ("instrument", "record") and endpoint.variable not in FELT
    if verdict.study.disease.is_felt and not is_reading:
        return "the rule is for readings of an instrument or a record, not for what people judge"
    if verdict.odds_ratio is None:
        return "the rule is for shares of one arm"
    if verdict.odds_ratio < DRAMATIC_ODDS:
        return f"the rule asks for {DRAMATIC_ODDS:g} times the odds"
    return "none of the effects tried explains it either" if explains_nothing(verdict) else ""


def explains_nothing(verdict: Verdict) -> bool:
    """Whether effects were tried and none is compatible with the result."""
    return bool(verdict.effects) and (math.isnan(verdict.lower.effect) or math.isnan(verdict.upper.effect))


def _up_to(share: float) -> str:
    """`up to 3 %`, or `less than 0.01 %`."""
    return percent(share) if share < LEAST else f"up to {percent(share)}"


def percent(share: float) -> str:
    """A chance as people read it: `14 %`, `0.3 %`, `less than 0.01 %`."""
    if share < LEAST:
        return "less than 0.01 %"
    return f"{100.0 * share:.2g} %" if share < 0.995 else "nearly 100 %"


def result_in_words(verdict: Verdict) -> str:
    """The number judged, with its unit."""
    result, analysis = verdict.result, verdict.analysis
    endpoint = verdict.study.design.endpoint(analysis.endpoint).name
    told = amount(result.estimate, answer_of(verdict.study.design, analysis.name))
    if analysis.method == "proportion":
        count = f"{round(result.estimate * result.of)} of {result.of}, " if result.of else ""
        return f"{endpoint}: {count}{told}"
    if analysis.method in RATIOS:
        return f"{endpoint}: {RATIOS[analysis.method]} {told} between arms"
    return f"{endpoint}: {'+' * (result.estimate >= 0.0)}{told}{'' if analysis.method == 'mean' else ' between arms'}"


def compatible(verdict: Verdict) -> str:
    """The effects that the result leaves possible, in words."""
    if explains_nothing(verdict):
        return "None of the effects tried is compatible with the result: the model lacks something."
    disease = verdict.study.disease
    low, high = (end_in_words(end, beyond, disease) for end, beyond in ((verdict.lower, LESS), (verdict.upper, MORE)))
    return f"Compatible true effects: {low} to {high} {disease.effect_words}."


def end_in_words(bound: Bound, beyond: str, disease: Disease) -> str:
    """An end of the compatible effects; `beyond` says which way it is open, where there are effects beyond."""
    if not bound.is_open:
        return f"{bound.effect:.2f} (Monte Carlo error {bound.error:.2g})"
    return f"{bound.effect:.2g}{'' if bound.effect in disease.range else beyond}"


def excluded(verdict: Verdict) -> str:
    """What the result excludes."""
    unit = verdict.study.disease.suffix.upper()
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
    if explains_nothing(verdict):  # then there are no limits to tell of
        return told
    of_biases = "These limits rest on what is assumed of the biases, not on a comparison."
    return [*told, (excluded(verdict) if compares(verdict) else of_biases) + _not_excluded(verdict)]


MEANING: Mapping[str, str] = MappingProxyType(
    {
        "one arm": "This number cannot show what the treatment did: it is of one arm alone. The study has an arm to "
        "compare it with; what was found there is for an analysis that compares them.",
        "survey": "This design cannot show what the treatment did. Of those who were asked, so many said so; there was "
        "nobody to compare them with.",
        "dramatic": "Shown: {endpoint} happened far more often than the natural course and the biases of the model "
        "explain ({because}). There was no control group: what else differs between treated and untreated is not "
        "known.",
        "beyond": "Not shown: the result lies far beyond natural course and the biases of the model, but no rule lets "
        "such a result of a study in which nobody was allocated at random show what the treatment did ({because}). "
        "It calls for a trial.",
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
        "one arm": "This tells how the people of one group did. They may have done so anyhow: bad times pass, hope "
        "colours, other treatment goes on. Only the comparison with the other group of the study can tell.",
        "survey": "People who had the procedure were asked how they were. Many things make people feel or say that "
        "they are better: bad times pass, hope colours, memory errs, and the disappointed answer less. Nobody "
        "without the procedure was asked, so this survey cannot tell whether the procedure helped.",
        "dramatic": "Nobody without the treatment was followed here either. But the change was so frequent that good "
        "times, hope and other treatment are very unlikely to explain it alone.",
        "beyond": "People did better than good times and hope explain in our model. As nobody was put into a group by "
        "chance, that does not show that the treatment did it: the groups may have differed, or the model may lack "
        "something.",
        "better": "People were put into groups by chance, and the treated did better than chance explains.",
        "worse": "People were put into groups by chance, and the treated did worse than chance explains.",
    }
)


def _not_excluded(verdict: Verdict) -> str:
    low, high, amounts = verdict.lower.effect, verdict.upper.effect, verdict.study.disease.effects
    inside = ["no effect" if amount == 0.0 else name for name, amount in amounts.items() if low <= amount <= high]
    harms = [f"{name} harm" for name, amount in amounts.items() if amount > 0.0 and low <= -amount <= high]
    return f" Not excluded: {', '.join([*inside, *harms])}." if inside or harms else ""


def _missed(verdict: Verdict) -> str:
    """What could have been missed, benefit and harm, by the ends of the compatible effects."""
    plain = "The result does not show that the treatment helps."
    if math.isnan(verdict.lower.effect) or math.isnan(verdict.upper.effect):
        return plain
    benefit, harm = (_largest(verdict, end) for end in (verdict.upper.effect, -verdict.lower.effect))
    could = [f"{size} {what}" for size, what in ((benefit, "benefit"), (harm, "harm")) if size]
    if not benefit:
        return f"{plain} A benefit would probably have been seen." + (f" A {harm} harm may be there." if harm else "")
    told = f"{plain} It does not prove that it never helps: a {' or a '.join(could)} could have been missed."
    return told if verdict.study.disease.can_harm else f"{told} Harm by the treatment is not part of this model."


def _largest(verdict: Verdict, end: float) -> str:
    """The largest of the named effects up to an end; empty where not even a part of a small one is left."""
    sizes = [name for name, amount in verdict.study.disease.effects.items() if 0.0 < amount <= end]
    return sizes[-1] if sizes else "very small" if end > 0.0 else ""


def _spread(verdict: Verdict) -> str:
    """That the chance hangs on what is not known, where it does: over 95 % of the priors."""
    low, high = verdict.chance.quantile(1.0 - MOST_BIASED), verdict.chance.quantile(MOST_BIASED)
    if high - low < 0.3:
        return ""
    least = "hardly ever" if low < 0.05 else times_in_100(low)
    most = "nearly always" if high > 0.95 else times_in_100(high)
    return f"; depending on what is assumed of things that nobody measured, from {least} to {most}"


def _as_often(chance: float) -> str:
    if 0.005 <= chance < 0.995:
        return f"still give a result this good about {times_in_100(chance)}"
    return f"{'hardly ever' if chance < 0.5 else 'nearly always'} give a result this good"


def times_in_100(chance: float) -> str:
    return f"{round(100 * chance)} times in 100"


def for_patients(verdict: Verdict) -> list[str]:
    """The verdict in plain words, with the caution built in."""
    rule = standing(verdict).rule
    told = [
        f"What was found: {result_in_words(verdict)}.",
        PLAIN.get(rule) or _missed(verdict),
        f"If the treatment did nothing at all, a study like this one would {_as_often(verdict.chance.mean)}"
        f"{_spread(verdict)}. That rests on assumptions about hope, memory and chance.",
    ]
    is_bounded = not verdict.upper.is_open and verdict.upper.effect < verdict.study.disease.effects["large"]
    if rule == "compatible" and is_bounded:
        told.append("A large benefit would probably have been seen.")
    if not verdict.study.design.is_randomised:
        told.append("A study that puts people into groups by chance, without their knowing which, would tell more.")
    told.append("This is for learning about studies. Decisions about your own care belong to you and your doctors.")
    return told
