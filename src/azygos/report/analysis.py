"""The page of an analysed study, its plain tables, and the same as one JSON object."""

import math
from collections.abc import Mapping
from typing import Any

from azygos.report.curves import curves
from azygos.report.flow_chart import flow_chart
from azygos.report.forest import forest, panel_of
from azygos.report.over_time import over_time
from azygos.report.page import render
from azygos.report.picture import Picture
from azygos.report.references import sorted_by_publication, told
from azygos.report.sources import of_design
from azygos.statistics.result import Interval
from azygos.study.analysis import Analysed, Result
from azygos.study.course import Course
from azygos.study.monitoring import Monitored
from azygos.study.words import amount

__all__ = ["ABOUT", "as_json", "drawings", "harm_rows", "page", "pictures", "result_rows"]

ABOUT = "Data simulated or real, as they were given, analysed with azygos; for research and teaching, not for care."


ESTIMATES = "Estimates"  # the forest plot where nothing is compared


def result_rows(analysed: Analysed) -> list[tuple[str, ...]]:
    """Of every answer but the harms: analysis, measure, estimate with interval, p, what was seen in each arm."""
    return [_row(result) for result in analysed.results if result.analysis.role != "safety"]


def _row(result: Result) -> tuple[str, ...]:
    answer = result.answer
    name = result.analysis.name + (f", {result.missing}" if result.is_sensitivity else "")
    measure = f"{answer.measure}, {answer.arm or result.visit}".rstrip(", ")
    p = "" if answer.test is None else "< 0.001" if answer.test.p < 0.001 else f"{answer.test.p:.3f}"
    seen = "; ".join(f"{one.arm} {one.shown}" for one in answer.summaries)
    return name, measure, _shown(result) or answer.remark, p, seen


def _shown(result: Result) -> str:
    interval, answer = result.answer.interval, result.answer
    if interval is None:
        return ""
    head, _, unit = amount(interval.estimate, answer).partition(" ")
    bounds = [amount(bound, answer).split(" ", 1)[0] for bound in (interval.lower, interval.upper)]
    short = {"percentage points": "pp"}.get(unit, unit)
    return f"{head} ({bounds[0]} to {bounds[1]}) {short}".strip()


def harm_rows(analysed: Analysed) -> tuple[list[str], list[tuple[str, ...]]]:
    """Headings and rows: the kind of harm, subjects with it in each arm, the difference."""
    harms = [result for result in analysed.harms if result.answer.summaries]
    if not harms:
        return [], []
    arms = [summary.arm for summary in harms[0].answer.summaries]
    rows = []
    for result in harms:
        name = result.answer.measure.removesuffix(": risk difference").removeprefix("share with ")
        seen = [f"{one.shown}{_upper(one.interval)}" for one in result.answer.summaries]
        rows.append((name, *seen, *([_shown(result)] if len(arms) == 2 else [])))
    return ["", *arms, *(["difference"] if len(arms) == 2 else [])], rows


def _upper(interval: Interval | None) -> str:
    """The interval of a share in per cent: of nothing seen, how often it may still happen."""
    return f" ({100 * interval.lower:.0f} to {100 * interval.upper:.0f} %)" if interval else ""


def pictures(analysed: Analysed) -> list[Picture]:
    """Flow, outcomes over time, forest plot."""
    found = [
        Picture(title="Flow", caption="Who was enrolled, allocated, lost, analysed.", drawing=flow_chart(analysed.flow))
    ]
    by_endpoint: dict[str, list[Course]] = {}
    for course in analysed.courses:
        by_endpoint.setdefault(course.endpoint, []).append(course)
    for name, some in by_endpoint.items():
        if drawing := over_time(some):
            caption = (
                "Of those with a value at each visit: mean or share, with the 95 % interval of each arm by itself. "
            )
            caption += "n counts them visit by visit; that they differ between visits, or arms, is a result too."
            found.append(Picture(title=f"{name} over time", caption=caption, drawing=drawing))
    by_analysis: dict[str, list[Result]] = {}
    for result in analysed.results:
        by_analysis.setdefault(result.analysis.name, []).append(result)
    for name, answers in by_analysis.items():
        if drawing := curves([result for result in answers if not result.is_sensitivity]):
            caption = (
                "Steps where the event happened to somebody; who was no longer followed leaves the reckoning then."
            )
            found.append(Picture(title=name, caption=caption, drawing=drawing))
    plot = forest(analysed.results)
    if plot:
        compares = any(result.answer.null is not None for result in analysed.results if panel_of(result))
        caption = f"Every {'comparison' if compares else 'estimate'}, with its interval; the primary analysis in "
        caption += "colour, what would have been found with missing values dealt with otherwise below each."
        caption += " A measure on the upright line: no difference." if compares else ""
        found.append(Picture(title="Comparisons" if compares else ESTIMATES, caption=caption, drawing=plot))
    return found


def drawings(analysed: Analysed) -> dict[str, str]:
    """The pictures as SVG files by name, on white, their ink black."""
    found = {}
    for number, picture in enumerate(pictures(analysed), start=1):
        head, rest = picture.drawing.split(">", 1)
        text = f'<?xml version="1.0" encoding="utf-8"?>\n{head} color="#000" style="background:#fff">{rest}\n'
        found[f"picture_{number:02d}.svg"] = text
    return found


def page(analysed: Analysed, sources: Mapping[str, str]) -> str:
    """The HTML of an analysis; `sources` are the files it was made of, by name, shown at its end."""
    headings, harms = harm_rows(analysed)
    return render(
        "analysis.html.j2",
        about=ABOUT,
        analysed=analysed,
        design=analysed.design,
        pictures=pictures(analysed),
        plots=("Comparisons", ESTIMATES),
        rows=result_rows(analysed),
        harm_headings=headings,
        harms=harms,
        sources=sources,
        rests=told(sorted_by_publication(of_design(analysed.design))),
    )


# ---------------------------------------------------------------------------------------------------------------
# as plain data


def as_json(analysed: Analysed) -> dict[str, Any]:
    """All that was found; numbers that are none are null, shares are from 0 to 1."""
    flow = analysed.flow
    return {
        "design": analysed.design.name,
        "kind": analysed.design.kind,
        "randomised": analysed.design.is_randomised,
        "about": ABOUT,
        "flow": {
            "enrolled": flow.enrolled,
            "excluded": flow.excluded,
            "arms": [
                {"arm": a.arm, "allocated": a.allocated, "received": a.received, "lost": dict(a.lost),
                 "without_value": a.silent, "analysed": a.analysed, "filled": a.filled,
                 "stand_in": a.stand_in if a.filled else None}
                for a in flow.arms
            ],
        },
        "results": [_result(result) for result in analysed.results],
        "missing": [
            {"endpoint": m.endpoint, "visit": m.visit, "arm": m.arm, "allocated": m.allocated, "missing": m.missing}
            for m in analysed.missing
        ],
        "courses": [_course(course) for course in analysed.courses],
        "risk_of_bias": [
            {"domain": one.domain, "level": one.level, "reason": one.reason} for one in analysed.risk_of_bias
        ],
        "ineligible": dict(analysed.ineligible),
        "monitored": _monitored(analysed.monitored),
    }  # fmt: skip


def _monitored(look: Monitored | None) -> dict[str, Any] | None:
    if look is None:
        return None
    bounds = {"bound": look.bound, "futility": look.futility, "z": look.z}
    numbers = {**bounds, "crossed": look.crossed, "futile": look.is_futile, "p": _finite(look.p)}
    place = {"look": look.look, "looks": look.looks, "analysed": look.analysed, "planned": look.planned,
             "counted": look.counted}  # fmt: skip
    return {**place, **numbers, **_interval(look.interval), "sentence": str(look)}


def _result(result: Result) -> dict[str, Any]:
    analysis, answer, test = result.analysis, result.answer, result.answer.test
    return {
        "analysis": analysis.name,
        "role": "sensitivity" if result.is_sensitivity else analysis.role,
        "method": analysis.method,
        "endpoint": analysis.endpoint or None,
        "visit": result.visit or None,
        "missing": result.missing,
        "estimand": analysis.estimand or None,
        "measure": answer.measure,
        "arm": answer.arm or None,
        "unit": answer.unit,
        "null": answer.null,
        **_interval(answer.interval),
        "p": None if test is None else _finite(test.p),
        "statistic": None if test is None else _finite(test.statistic),
        "df": None if test is None or test.df is None else _finite(test.df),
        "test": None if test is None else test.method,
        "arms": [
            {"arm": one.arm, "allocated": one.allocated, "analysed": one.analysed, "shown": one.shown,
             **_interval(one.interval)}
            for one in answer.summaries
        ],
        "remark": answer.remark or None,
        "sentence": result.sentence,
    }  # fmt: skip


def _interval(interval: Interval | None) -> dict[str, Any]:
    if interval is None:
        return dict.fromkeys(("estimate", "lower", "upper", "level", "interval"))
    estimate, lower, upper = (_finite(value) for value in (interval.estimate, interval.lower, interval.upper))
    return {"estimate": estimate, "lower": lower, "upper": upper, "level": interval.level, "interval": interval.method}


def _course(course: Course) -> dict[str, Any]:
    points = [{"day": p.day, "n": p.n, "missing": p.missing, **_interval(p.interval)} for p in course.points]
    return {"endpoint": course.endpoint, "unit": course.unit, "arm": course.arm, "points": points}


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
