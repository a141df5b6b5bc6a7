"""The numbers of the Study screen, each with what is known of it: its unit, its uncertainty and its source."""

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

from azygos.report.analysis import harm_rows, result_rows
from azygos.report.trial import effect_rows, prior_rows, repeat_rows
from azygos.statistics.proportion import proportion_interval
from azygos.statistics.result import Interval
from azygos.study.analysis import Analysed, Result
from azygos.study.design import Design
from azygos.study.method import METHODS
from azygos.study.question import Answer, Summary
from azygos.study.words import amount, answer_of
from azygos.trial.run import Repeats
from azygos.trial.study import Published, Study
from azygos.trial.verdict import Verdict

__all__ = [
    "Figure",
    "constant_cells",
    "effect_cells",
    "figure",
    "harm_cells",
    "interval_error",
    "published_figure",
    "repeat_cells",
    "result_cells",
]

Figure: TypeAlias = dict[str, str]
Cell: TypeAlias = str | Figure | list[Figure]

CHECKED = {
    "read": "read in a public page",
    "derived": "derived by arithmetic from such numbers",
    "from memory": "from memory, not yet checked",
}
CHANCE = "is itself what chance does to the estimate"


def figure(value: str, what: str, error: str, source: str) -> Figure:
    """A number as text with its unit, what it is, how uncertain, and where it is from."""
    return {"value": value, "what": what, "error": error, "source": source}


# ---------------------------------------------------------------------------------------------------------------
# of data


def result_cells(found: Analysed, source: str) -> list[list[Cell]]:
    """Of every answer but the harms: analysis, measure, estimate, p, what was seen; `source` says where data are of."""
    results = [result for result in found.results if result.analysis.role != "safety"]
    return [
        _result(row, result, f"{METHODS[result.analysis.method].says}; {source}")
        for row, result in zip(result_rows(found), results, strict=True)
    ]


def _result(row: tuple[str, ...], result: Result, source: str) -> list[Cell]:
    name, measure, shown, p, _ = row
    answer, what = result.answer, f"{name}, {measure}"
    seen = [figure(f"{one.arm} {one.shown}", f"{name}, seen", _seen(one), source) for one in answer.summaries]
    return [
        name,
        measure,
        figure(shown, what, interval_error(answer.interval), source) if answer.interval else shown,
        figure(p, f"p, {what}", f"none of its own; {answer.test.method}", source) if answer.test else "",
        seen,
    ]


def harm_cells(found: Analysed, source: str) -> list[list[Cell]]:
    """Of every kind of harm: its name, the subjects with it in each arm, the difference."""
    _, rows = harm_rows(found)
    harms = [result.answer for result in found.harms if result.answer.summaries]
    return [
        [name, *(
            figure(text, f"{name}, {one.arm}", _seen(one), source)
            for text, one in zip(cells, answer.summaries, strict=False)
        ), *(
            figure(text, f"{name}, difference of shares", interval_error(answer.interval), source)
            for text in cells[len(answer.summaries) :]
        )]
        for (name, *cells), answer in zip(rows, harms, strict=True)
    ]  # fmt: skip


def interval_error(found: Interval | None) -> str:
    return f"{100 * found.level:g} % interval in brackets, by {found.method}" if found else "none stated"


def _seen(found: Summary) -> str:
    if found.interval is not None:
        low, high = 100 * found.interval.lower, 100 * found.interval.upper
        return f"95 % interval {low:.1f} to {high:.1f} %, by {found.interval.method}"
    return "sd: how people differ from each other" if "(sd" in found.shown else "a count, without an interval"


# ---------------------------------------------------------------------------------------------------------------
# of many repeats


def repeat_cells(found: Repeats, told: Mapping[str, Any]) -> list[list[Cell]]:
    """Of every analysis: mean and range of the estimates, share significant, published; `told` is as_json's."""
    study = found.study
    published = {(one.analysis, one.arm): one for one in study.published}
    source = f"simulated: {len(found)} repeats, seed {found.seed}"
    rows: list[list[Cell]] = []
    for (what, mean, between, significant, _), one in zip(repeat_rows(found), told["analyses"], strict=True):
        known = published.get((one["analysis"], one["arm"])) or published.get((one["analysis"], ""))
        error = f"Monte Carlo error {_number(one['error'], answer_of(study.design, one['analysis']))}"
        rows.append([
            what,
            mean and figure(mean, f"{what}, mean", error, source),
            between and figure(between, f"{what}, 95 % of repeats", CHANCE, source),
            significant and figure(significant, f"{what}, repeats with p < 0.05",
                                    _monte_carlo(one["significant"], len(found)), source),
            published_figure(study.design, known) if known else "",
        ])  # fmt: skip
    return rows


def effect_cells(verdict: Verdict) -> list[list[Cell]]:
    """Of every true effect tried: what to expect, chance of a result as good, power, errors of type S and M."""
    unit = verdict.study.disease.effect_words
    source = f"simulated with this effect, seed {verdict.seed}; constants as before calibration (docs/trial.md)"
    whats = ("expected result", "chance of a result as good", "power", "wrong sign", "exaggerated by")
    error = "Monte Carlo, not told of each; the constants are drawn from their priors"
    return [
        [f"{effect} {unit}", *(
            text and figure(text, f"{what}, effect {effect} {unit}", error, source)
            for text, what in zip(cells, whats, strict=True)
        )]
        for effect, *cells in effect_rows(verdict)
    ]  # fmt: skip


def published_figure(design: Design, one: Published) -> Figure:
    """A published number: its interval where one was printed, that of its counts where it has some."""
    unit, error = answer_of(design, one.analysis), "no interval was published"
    value = f"{one.count} of {one.of}" if one.count is not None else _number(one.estimate, unit)
    if one.lower is not None and one.upper is not None:
        error = f"95 % interval {_number(one.lower, unit)} to {_number(one.upper, unit)}, as published"
    elif one.count is not None and one.of:
        found = proportion_interval(one.count, one.of)
        error = f"95 % interval of the counts {100 * found.lower:.1f} to {100 * found.upper:.1f} %, by {found.method}"
    source = f"{CHECKED.get(one.checked, one.checked)}: {one.source}{f'; {one.note}' if one.note else ''}"
    return figure(value, ", ".join(filter(None, (one.analysis, one.arm))), error, source)


def constant_cells(study: Study) -> list[list[Cell]]:
    """The constants that are not known: layer, what, prior, after calibration, source."""
    return [
        [layer, what, figure(prior, what, "the prior is what is not known of it", source),
         after and figure(after, what, "95 % after calibration", f"calibrated (docs/trial.md); {source}"), source]
        for layer, what, prior, after, source in prior_rows(study)
    ]  # fmt: skip


def _number(value: float | None, unit: Answer) -> str:
    return "none" if value is None or not math.isfinite(value) else amount(value, unit)


def _monte_carlo(share: float, many: int) -> str:
    return f"Monte Carlo error {100 * math.sqrt(share * (1.0 - share) / many):.1f} %"
