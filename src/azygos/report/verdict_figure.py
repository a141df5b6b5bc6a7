"""The verdict in pictures: the result among what no effect gives, the chance over the priors, the compatible
effects."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.report.sketch import COLOURS, Axis, Sketch, axis, marks
from azygos.study.words import answer_of
from azygos.trial.verdict import Verdict
from azygos.trial.words import RATIOS, result_in_words

__all__ = ["effects_figure", "null_figure", "priors_figure"]

Floats: TypeAlias = NDArray[np.float64]

WIDTH, HEIGHT = 640.0, 260.0
LEFT, RIGHT, TOP, BOTTOM = 60.0, 620.0, 34.0, 216.0
SHARES = ("proportion", "risk difference", "stratified risk difference")  # methods whose results are shown in per cent
BLUE, ORANGE = COLOURS[0], COLOURS[1]


def null_figure(verdict: Verdict) -> str:
    """A histogram of the estimates with no effect, and the result as a line."""
    sketch = Sketch(width=WIDTH, height=HEIGHT)
    scale = 100.0 if verdict.analysis.method in SHARES else 1.0
    values = scale * verdict.null[np.isfinite(verdict.null)]
    result = scale * verdict.result.estimate
    across = axis([float(values.min()), float(values.max()), result], LEFT, RIGHT)
    counts, edges = np.histogram(values, bins=_bins(verdict, values, across))
    tallest = max(int(counts.max()), 1)
    for count, low, high in zip(counts, edges[:-1], edges[1:], strict=True):
        x, top = across.at(float(low + high) / 2.0), BOTTOM - (BOTTOM - TOP) * count / tallest
        width = max(across.at(float(high)) - across.at(float(low)) - 1.0, 1.0)
        if count:
            sketch.line(x, BOTTOM, x, top, colour=BLUE, width=width, opacity=0.75)
    _across(sketch, across, _label(verdict))
    x = across.at(result)
    sketch.line(x, TOP - 6.0, x, BOTTOM, colour=ORANGE, width=2.5)
    anchor = "end" if x > (LEFT + RIGHT) / 2.0 else "start"
    sketch.text(
        x + (-6.0 if anchor == "end" else 6.0),
        TOP - 12.0,
        f"result: {result:.3g}",
        anchor=anchor,
        colour=ORANGE,
        bold=True,
    )
    return sketch.svg(f"What no effect gives, and the result: {result_in_words(verdict)}")


def _bins(verdict: Verdict, values: Floats, across: Axis) -> Floats:
    """Edges of bars; of shares each bar holds as many possible counts as the next."""
    if verdict.analysis.method == "proportion":
        step = 100.0 / (verdict.result.of or verdict.study.n)
        width = step * max(1, int(np.ceil((across.high - across.low) / step / 45.0)))
        return np.asarray(np.arange(across.low - step / 2.0, across.high + width, width))
    return np.linspace(across.low, across.high, min(60, max(12, len(np.unique(values)))) + 1)


def _label(verdict: Verdict) -> str:
    endpoint = verdict.study.design.endpoint(verdict.analysis.endpoint)
    method = verdict.analysis.method
    if method == "proportion":
        return f"{endpoint.name} [%]"
    if method.endswith("risk difference"):
        return f"{endpoint.name}, difference between arms [percentage points]"
    if method in RATIOS:
        return f"{endpoint.name}, {RATIOS[method]}"
    unit = answer_of(verdict.study.design, verdict.analysis.name).unit
    between = "" if method == "mean" else ", difference between arms"
    return f"{endpoint.name}{between}{'' if unit == '1' else f' [{unit}]'}"


def priors_figure(verdict: Verdict) -> str:
    """The chance of a result at least this good with no effect, draw by draw of the constants, in order."""
    sketch = Sketch(width=WIDTH, height=HEIGHT)
    chance = 100.0 * np.sort(verdict.chance.each)
    up = Axis(low=0.0, high=100.0, start=BOTTOM, end=TOP)
    across = Axis(low=0.0, high=100.0, start=LEFT, end=RIGHT)
    share = (np.arange(len(chance)) + 0.5) / len(chance) * 100.0
    _up(sketch, up, "chance [%]")
    _across(sketch, across, "share of the draws of the constants [%]")
    sketch.path([(across.at(float(s)), up.at(float(c))) for s, c in zip(share, chance, strict=True)], colour=BLUE)
    mean = 100.0 * verdict.chance.mean
    sketch.line(LEFT, up.at(mean), RIGHT, up.at(mean), colour=ORANGE, dash="6 4")
    above = up.at(mean) - 6.0 if mean < 85.0 else up.at(mean) + 16.0
    sketch.text(LEFT + 8.0, above, f"mean {mean:.2g} %", colour=ORANGE, bold=True)
    return sketch.svg("Chance of a result at least this good with no effect, over the priors")


def effects_figure(verdict: Verdict) -> str:
    """Chances of a result as good and as bad against the true effect; compatible effects between the bounds."""
    sketch = Sketch(width=WIDTH, height=HEIGHT)
    effects = [one.effect for one in verdict.effects]
    good = [100.0 * one.at_least_as_good for one in verdict.effects]
    across, up = axis(effects, LEFT, RIGHT), Axis(low=0.0, high=100.0, start=BOTTOM, end=TOP)
    _up(sketch, up, "chance [%]")
    _across(sketch, across, f"true effect [{verdict.study.disease.effect_axis}]")
    low, high = (verdict.lower.effect, verdict.upper.effect)
    if low == low and high == high:  # numbers
        sketch.line(across.at(low), BOTTOM - 3.0, across.at(high), BOTTOM - 3.0, colour=ORANGE, width=6.0, opacity=0.8)
        middle = (across.at(low) + across.at(high)) / 2.0
        sketch.text(middle, BOTTOM - 12.0, "compatible", anchor="middle", colour=ORANGE, bold=True)
    sketch.path([(across.at(e), up.at(c)) for e, c in zip(effects, good, strict=True)], colour=BLUE)
    sketch.path([(across.at(e), up.at(100.0 - c)) for e, c in zip(effects, good, strict=True)], colour=BLUE, dash="5 4")
    return sketch.svg("Chance of a result as good, and as bad, for each true effect")


def _across(sketch: Sketch, across: Axis, label: str) -> None:
    sketch.line(LEFT, BOTTOM, RIGHT, BOTTOM)
    for mark in marks(across):
        sketch.line(across.at(mark), BOTTOM, across.at(mark), BOTTOM + 4.0)
        sketch.text(across.at(mark), BOTTOM + 19.0, f"{mark:g}", anchor="middle", size=12.0)
    sketch.text((LEFT + RIGHT) / 2.0, BOTTOM + 38.0, label, anchor="middle", size=12.0)


def _up(sketch: Sketch, up: Axis, label: str) -> None:
    for mark in marks(up):
        sketch.line(LEFT, up.at(mark), RIGHT, up.at(mark), opacity=0.15)
        sketch.text(LEFT - 8.0, up.at(mark) + 4.0, f"{mark:g}", anchor="end", size=12.0)
    sketch.text(LEFT - 8.0, TOP - 14.0, label, anchor="start", size=12.0)
