"""The page of a simulated study, its plain tables, and the same as one JSON object."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from azygos.report.analysis import harm_rows, pictures, result_rows
from azygos.report.page import render
from azygos.report.picture import Picture
from azygos.report.references import sorted_by_publication, told
from azygos.report.sources import of_study
from azygos.report.verdict_figure import effects_figure, null_figure, priors_figure
from azygos.study.analysis import Analysed
from azygos.study.question import Answer
from azygos.study.words import amount, answer_of
from azygos.trial.interim import Looks
from azygos.trial.inversion import Bound
from azygos.trial.prior import calibrated, packaged
from azygos.trial.run import Repeats
from azygos.trial.study import LAYERS, Study
from azygos.trial.verdict import Chance, Verdict
from azygos.trial.words import for_patients, sentences, standing

__all__ = [
    "ABOUT",
    "NOT_LOOKED",
    "Conducted",
    "as_json",
    "calibration_in_words",
    "drawings",
    "effect_rows",
    "looks_in_words",
    "page",
    "prior_rows",
    "published_rows",
    "repeat_rows",
    "verdict_json",
    "verdict_pictures",
]

ABOUT = (
    "Simulated, for research and teaching, not for care. Whether a blocked vein causes a symptom is a parameter, zero "
    "unless said otherwise."
)
NOT_LOOKED = (
    "The looks on the way are not simulated: that takes a control, and a primary analysis that compares scores or "
    "shares and needs no fit of its own."
)
QUANTILES = (0.025, 0.5, 0.975)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conducted:
    """A study conducted many times: what its analyses found, the first repeat in full, and the verdict."""

    repeats: Repeats
    first: Analysed
    verdict: Verdict | None  # None where it was not asked for
    judged: str  # "published", or "simulated: repeat 1"
    looks: Looks | None = None  # of a group-sequential design
    unjudged: str = ""  # why there is no verdict, where there is none

    @property
    def study(self) -> Study:
        return self.repeats.study


def repeat_rows(found: Repeats) -> list[tuple[str, ...]]:
    """Of every analysis: mean and 95 % range of the estimates, share significant, published."""
    rows: list[tuple[str, ...]] = []
    for one in _analyses(found):
        of = answer_of(found.study.design, one["analysis"])
        rows.append(
            (
                f"{one['analysis']}{', ' + one['arm'] if one['arm'] else ''}",
                _amount(one["mean"], of),
                _range(one, of),
                "" if one["significant"] is None else f"{100 * one['significant']:.1f} %",
                _amount(one["published"], of),
            )
        )
    return rows


def calibration_in_words(study: Study) -> str:
    """Which constants the repeats were made with."""
    known = [name for name, prior in study.priors.items() if name in calibrated() and prior == packaged().get(name)]
    return "after calibration" if study.use_calibration and known else "as their priors have them"


def effect_rows(verdict: Verdict) -> list[tuple[str, ...]]:
    """Of every effect tried: what to expect, chance of a result as good, power, errors of type S and M."""
    of = answer_of(verdict.study.design, verdict.analysis.name)
    return [
        (
            f"{one.effect:g}",
            _amount(one.expected, of),
            f"{100 * one.at_least_as_good:.1f} %",
            "" if one.power is None else f"{100 * one.power:.1f} %",
            "" if one.type_s is None else f"{100 * one.type_s:.1f} %",
            "" if one.type_m is None or abs(one.type_m) > 999 else f"{one.type_m:.3g}",
        )
        for one in verdict.effects
    ]


def published_rows(study: Study) -> list[tuple[str, ...]]:
    """What was published, where it was read, and how surely."""
    return [
        (
            f"{one.analysis}{', ' + one.arm if one.arm else ''}",
            f"{one.count} of {one.of}"
            if one.count is not None
            else _amount(one.estimate, answer_of(study.design, one.analysis)),
            one.checked,
            one.source + (f"; {one.note}" if one.note else ""),
        )
        for one in study.published
    ]


def prior_rows(study: Study) -> list[tuple[str, ...]]:
    """The constants that are not known: layer, what, prior, after calibration, source."""
    rows: list[tuple[str, ...]] = []
    for prior in study.constants:
        if prior.kind == "fixed" and prior == packaged().get(prior.name):
            continue
        narrowed = (
            calibrated().get(prior.name) if study.use_calibration and prior == packaged().get(prior.name) else None
        )
        ends = () if narrowed is None else np.quantile(narrowed, (0.025, 0.975)).tolist()
        after = " to ".join(f"{float(f'{end:.2g}'):g}" for end in ends)  # two figures, and no powers of ten
        state = "off" if prior.layer in study.off else str(prior)
        rows.append((prior.layer, f"{prior.what} [{prior.unit}]", state, after, prior.source))
    return rows


def verdict_pictures(verdict: Verdict) -> list[Picture]:
    """The result among what chance and bias give; the chance over the priors; the effects."""
    found = [
        Picture(
            title="If the treatment did nothing",
            caption="What this design would show, repeat by repeat, if the treatment did nothing: chance, bad times "
            "that pass, expectation, memory and loss included. The line is the result that is judged.",
            drawing=null_figure(verdict),
        ),
        Picture(
            title="How that depends on what is not known",
            caption="Each point of the curve is one draw of the constants that nobody measured, in order of "
            "the chance of a result at least this good with no effect.",
            drawing=priors_figure(verdict),
        ),
    ]
    if verdict.effects:
        caption = (
            "The chance of a result at least this good (full) and at least this bad (dashed) for each true effect. "
            "Effects for which either is below 2.5 % are not compatible with the result."
        )
        found.append(
            Picture(title="Which true effects are compatible", caption=caption, drawing=effects_figure(verdict))
        )
    return found


def drawings(conducted: Conducted) -> dict[str, str]:
    """The pictures of the verdict as SVG files, on white."""
    found = {}
    pictures = [] if conducted.verdict is None else verdict_pictures(conducted.verdict)
    for number, picture in enumerate(pictures, start=1):
        head, rest = picture.drawing.split(">", 1)
        text = f'<?xml version="1.0" encoding="utf-8"?>\n{head} color="#000" style="background:#fff">{rest}\n'
        found[f"verdict_{number}.svg"] = text
    return found


def page(conducted: Conducted, command: str, sources: Mapping[str, str]) -> str:
    """The HTML of a study; `sources` are the files it was made of, by name, shown at its end with the command."""
    verdict, study = conducted.verdict, conducted.study
    headings, harms = harm_rows(conducted.first)
    return render(
        "trial.html.j2",
        about=ABOUT,
        conducted=conducted,
        study=study,
        design=study.design,
        standing=verdict and standing(verdict),
        sentences=sentences(verdict) if verdict else [],
        plain=for_patients(verdict) if verdict else [],
        verdict_pictures=verdict_pictures(verdict) if verdict else [],
        pictures=pictures(conducted.first),
        rows=result_rows(conducted.first),
        repeat_rows=repeat_rows(conducted.repeats),
        effect_rows=effect_rows(verdict) if verdict else [],
        calibration=calibration_in_words(study),
        published=published_rows(study),
        priors=prior_rows(study),
        harm_headings=headings,
        harms=harms,
        layers=[(name, "off" if name in study.off else "on", what) for name, what in LAYERS.items()],
        command=command,
        looks_in_words=looks_in_words(study, conducted.looks),
        sources=sources,
        rests=told(sorted_by_publication(of_study(study))),
    )


# ---------------------------------------------------------------------------------------------------------------
# as plain data


def as_json(conducted: Conducted) -> dict[str, Any]:
    """All that was found; numbers that are none are null, shares are from 0 to 1."""
    found, study = conducted.repeats, conducted.study
    return {
        "study": study.name,
        "title": study.design.title,
        "kind": study.design.kind,
        "model": study.model,
        "randomised": study.design.is_randomised,
        "n": study.n,
        "about": ABOUT,
        "seed": found.seed,
        "repeats": len(found),
        "effect": found.effect.amount,
        "effect_unit": study.disease.effect_unit,
        "layers_off": sorted(study.off),
        "analyses": _analyses(found),
        "looks": _looks(conducted.looks),
        "judged": conducted.judged if conducted.verdict is not None else None,
        "not_judged_because": conducted.unjudged or None,
        "verdict": None if conducted.verdict is None else verdict_json(conducted.verdict),
        "risk_of_bias": [
            {"domain": one.domain, "level": one.level, "reason": one.reason} for one in conducted.first.risk_of_bias
        ],
        "published": [
            {"analysis": one.analysis, "arm": one.arm or None, "estimate": _finite(one.estimate), "count": one.count,
             "of": one.of, "lower": one.lower, "upper": one.upper, "source": one.source, "checked": one.checked,
             "note": one.note or None}
            for one in study.published
        ],
    }  # fmt: skip


def _analyses(found: Repeats) -> list[dict[str, Any]]:
    published = {(one.analysis, one.arm): one for one in found.study.published}
    rows = []
    for (name, arm), of in found.of.items():
        estimate = of.estimate[np.isfinite(of.estimate)]
        low, middle, high = np.quantile(estimate, QUANTILES) if len(estimate) else (math.nan,) * 3
        one = published.get((name, arm)) or published.get((name, ""))
        rows.append(
            {
                "analysis": name,
                "arm": arm,
                "mean": _finite(float(estimate.mean())) if len(estimate) else None,
                "median": _finite(float(middle)),
                "lower": _finite(float(low)),
                "upper": _finite(float(high)),
                "error": _finite(float(estimate.std() / math.sqrt(max(len(estimate), 1)))) if len(estimate) else None,
                "significant": None if np.isnan(of.p).all() else float(np.nanmean(of.p < 0.05)),
                "published": None if one is None else _finite(one.estimate),
                "at_least_published": None if one is None else float(np.mean(estimate >= one.estimate - 1e-12)),
            }
        )
    return rows


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """The verdict as plain data."""
    said = standing(verdict)
    return {
        "analysis": verdict.analysis.name,
        "result": {"estimate": verdict.result.estimate, "of": verdict.result.of, "source": verdict.result.source},
        "standing": said.word,
        "rule": said.rule,
        "because": said.because,
        "sentences": sentences(verdict),
        "for_patients": for_patients(verdict),
        "chance_with_no_effect": _chance(verdict.chance),
        "chance_before_calibration": verdict.chance_before_calibration,
        "chance_of_worse_with_no_effect": _chance(verdict.worse),
        "predicted_with_no_effect": dict(zip(("lower", "median", "upper"), verdict.predicted, strict=True)),
        "published_inside_prediction": verdict.is_inside,
        "compatible_effects": {"lower": _bound(verdict.lower), "upper": _bound(verdict.upper)},
        "odds_ratio": verdict.odds_ratio,
        "effects": [
            {"effect": one.effect, "expected": _finite(one.expected), "at_least_as_good": one.at_least_as_good,
             "power": one.power, "type_s": one.type_s, "type_m": one.type_m}
            for one in verdict.effects
        ],
    }  # fmt: skip


def looks_in_words(study: Study, looks: Looks | None) -> str:
    """What the looks on the way did; empty where the design has none."""
    if looks is None:
        return NOT_LOOKED * (study.design.sequential is not None)
    ended = ", ".join(
        f"{100 * np.mean(looks.stopped == place):.0f} % at {100 * share:g} % of the people"
        for place, share in enumerate(looks.shares)
    )
    gave_up = f", given up for want of an effect in {100 * looks.futile.mean():.1f} %" if looks.futility else ""
    return (
        f"With looks on the way: ended {ended}; {looks.expected_n:.0f} people on average; the bound passed on the good "
        f"side in {100 * looks.power:.1f} %{gave_up}."
    )


def _looks(looks: Looks | None) -> dict[str, Any] | None:
    if looks is None:
        return None
    stopped = [float(np.mean(looks.stopped == place)) for place in range(len(looks.shares))]
    return {"information": list(looks.shares), "z": list(looks.bounds), "futility": list(looks.futility),
            "stopped": stopped, "futile": float(looks.futile.mean()), "expected_n": looks.expected_n,
            "power": looks.power}  # fmt: skip


def _chance(chance: Chance) -> dict[str, Any]:
    quantiles = {f"q{100 * share:g}": chance.quantile(share) for share in (0.025, 0.25, 0.5, 0.75, 0.975)}
    return {"mean": chance.mean, "monte_carlo_error": chance.error, "draws": len(chance.each), **quantiles,
            "each": [float(f"{value:.4g}") for value in chance.each]}  # fmt: skip


def _bound(bound: Bound) -> dict[str, Any]:
    return {"effect": _finite(bound.effect), "monte_carlo_error": _finite(bound.error), "open": bound.is_open}


def _amount(value: float | None, of: Answer) -> str:
    """Of a table: empty where there is none, and pp for percentage points."""
    found = "" if value is None or not math.isfinite(value) else amount(value, of)
    return found.replace("percentage points", "pp")


def _range(one: Mapping[str, Any], of: Answer) -> str:
    low, high = (_amount(one[end], of) for end in ("lower", "upper"))
    return low and f"{low.split(' ')[0]} to {high}"


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
