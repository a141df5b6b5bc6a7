"""Sentences in pieces: plain words, and the numbers in them with what is known of each."""

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

from azygos.study.analysis import Analysed, Result
from azygos.study.words import with_interval
from azygos.trial.interim import Looks
from azygos.trial.inversion import Bound
from azygos.trial.verdict import Chance, Verdict
from azygos.trial.words import (
    LESS,
    MORE,
    MOST_BIASED,
    end_in_words,
    for_patients,
    percent,
    result_in_words,
    sentences,
    standing,
    times_in_100,
)
from azygos.web.study_figures import Figure, figure, interval_error

__all__ = ["Said", "findings_said", "looks_said", "said", "verdict_said"]

Said: TypeAlias = list[str | Figure]

COUNTS = re.compile(r"\d+ (?=with a value|enrolled|allocated|counted as|imputed)")
OF_LOOKS = re.compile(r"[\d.]+ % at|(?<=; )\d+ people|(?<=in )[\d.]+ %")


def said(sentence: str, known: Sequence[Figure]) -> Said:
    """A sentence cut at the numbers that are known; the same number twice is the first that is known, then the next."""
    pieces: Said = []
    left = list(known)
    at = 0
    while found := min(_found(sentence, at, left), default=None):
        start, _, place = found
        one = left[place]
        if not any(other["value"] == one["value"] for other in left[place + 1 :]):
            left.append(one)  # it may be told again
        left.pop(place)
        pieces += [sentence[at:start], one]
        at = start + len(one["value"])
    return [piece for piece in (*pieces, sentence[at:]) if piece]


def _found(sentence: str, at: int, known: Sequence[Figure]) -> list[tuple[int, int, int]]:
    """Where each is first told from there on, the longest first, then in the order in which they are known."""
    found = []
    for place, one in enumerate(known):
        # no part of another number: 0.3 is not in 10.3, nor 4 in 4.2
        pattern = rf"(?<![\d.]){re.escape(one['value'])}(?![\d])(?!\.\d)"
        if match := re.compile(pattern).search(sentence, at):
            found.append((match.start(), -len(one["value"]), place))
    return found


# ---------------------------------------------------------------------------------------------------------------
# of a verdict


def verdict_said(verdict: Verdict, published: Figure | None) -> dict[str, Any]:
    """The sentences of a verdict; `published` is the result that it judges, where that was published."""
    known = _known(verdict, published)
    return {
        "sentences": [said(one, known) for one in sentences(verdict)],
        "for_patients": [said(one, known) for one in for_patients(verdict)],
        "because": said(standing(verdict).because, known),
    }


def _known(verdict: Verdict, published: Figure | None) -> list[Figure]:
    """All the numbers that a verdict tells, in the order in which it tells them."""
    source = f"simulated with seed {verdict.seed}, {verdict.repeats} repeats with each effect (docs/trial.md)"
    found = [_result(verdict, published), *_chances(verdict.chance, "good", verdict)]
    found += _chances(verdict.worse, "bad", verdict)
    if verdict.odds_ratio is not None:
        error = "none told: it rests on the median of what the constants give"
        found.append(
            figure(f"{verdict.odds_ratio:.3g} times", "odds against those expected with no effect", error, source)
        )
    found += _ends(verdict.lower, "least", LESS, verdict, source)
    return found + _ends(verdict.upper, "largest", MORE, verdict, source)


def _result(verdict: Verdict, published: Figure | None) -> Figure:
    name, _, value = result_in_words(verdict).rpartition(": ")
    value = value.removesuffix(" between arms")
    if published is not None:
        return published | {"value": value}
    error = "that of one study: how far repeats differ stands in the table of all repeats"
    return figure(value, f"{name}, the result that is judged", error, verdict.result.source)


def _chances(chance: Chance, how: str, verdict: Verdict) -> list[Figure]:
    source = f"simulated with seed {verdict.seed}, {len(chance.each)} draws of the constants (docs/trial.md)"
    low, middle, high = (chance.quantile(share) for share in (1.0 - MOST_BIASED, 0.5, MOST_BIASED))
    what = f"chance of a result at least this {how} with no effect"
    between = f"95 % of the priors {percent(low)} to {percent(high)}"
    mean = f"{between}; Monte Carlo error {percent(chance.error)}"
    point = "one point of what the draws of the constants give; Monte Carlo error not told"
    tells = [
        (percent(chance.mean), what, mean),
        (percent(chance.error), f"Monte Carlo error of the {what}", "is itself one"),
        (percent(low), f"{what}, 2.5 % point of the priors", point),
        (percent(high), f"{what}, 97.5 % point of the priors", point),
        (percent(middle), f"{what}, median of the priors", point),
        (times_in_100(chance.mean), what, mean),
        (times_in_100(low), f"{what}, 2.5 % point of the priors", point),
        (times_in_100(high), f"{what}, 97.5 % point of the priors", point),
    ]
    return [figure(value, told, error, source) for value, told, error in tells]


def _ends(end: Bound, which: str, beyond: str, verdict: Verdict, source: str) -> list[Figure]:
    disease = verdict.study.disease
    what = f"{which} effect compatible with the result [{disease.effect_axis}]"
    error = "the end of the effects that were tried" if end.is_open else f"Monte Carlo error {end.error:.2g}"
    values = (end_in_words(end, beyond, disease), f"{end.effect:.2f}{disease.suffix.upper()}")
    return [figure(value, what, error, source) for value in values]


def looks_said(told: str, looks: Looks | None, repeats: int, seed: int) -> Said:
    """What the looks on the way did."""
    if looks is None:
        return [told] if told else []
    source = f"simulated: {repeats} repeats, seed {seed}"
    error = "Monte Carlo, not told of each"
    return said(
        told,
        [figure(one.removesuffix(" at"), "with looks on the way", error, source) for one in OF_LOOKS.findall(told)],
    )


# ---------------------------------------------------------------------------------------------------------------
# of an analysis


def findings_said(found: Analysed, source: str) -> list[Said]:
    """What was found in the primary analyses, and at the looks of the plan."""
    told = [said(one.sentence, _of_result(one, source)) for one in found.primary]
    look = found.monitored
    if look is None:
        return told
    text, plan = str(look), "the plan of looks"
    known = [
        figure(one, "at this look", f"see the bound: {plan}", source) for one in re.findall(r"-?\d[\d.e-]*\d|\d", text)
    ]
    return [*told, said(text, known)]


def _of_result(result: Result, source: str) -> list[Figure]:
    answer, name = result.answer, result.analysis.name
    known = [figure(one.strip(), f"{name}: people", "a count", source) for one in COUNTS.findall(result.sentence)]
    if answer.interval is not None:
        what = f"{name}, {answer.measure}"
        known.append(figure(with_interval(answer, answer.interval), what, interval_error(answer.interval), source))
    if answer.test is not None:
        known.append(figure(f"p = {answer.test.p:.2g}", name, f"none of its own; {answer.test.method}", source))
    return known
