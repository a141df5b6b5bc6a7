"""The forest plot of a study's comparisons: estimates with their intervals, one panel for each kind of measure."""

from collections.abc import Callable

from azygos.report.sketch import COLOURS, Sketch, axis, marks
from azygos.study.analysis import Result

__all__ = ["forest", "panel_of"]

WIDTH, LABELS, NUMBERS = 820.0, 330.0, 170.0
ROW, HEAD, FOOT = 22.0, 30.0, 46.0


SHARES = {  # measure -> heading of its panel
    "share without the event": "share without the event [%]",
    "share": "share [%]",
    "cumulative incidence at": "share with the event [%]",
}


def panel_of(result: Result) -> str:
    """The heading of the panel in which a result stands; empty for none."""
    answer = result.answer
    if answer.interval is None or result.analysis.role == "safety":
        return ""
    if answer.null is None:
        return next((head for start, head in SHARES.items() if answer.measure.startswith(start)), "")
    if answer.null == 1.0:
        return "ratio"
    if answer.null == 0.5:
        return "probability of a higher value"
    if answer.measure.endswith("risk difference"):
        return "difference of shares [percentage points]"
    return f"difference [{answer.unit}]"


def forest(results: tuple[Result, ...]) -> str:
    """The drawing; empty where there is nothing to draw."""
    panels: dict[str, list[Result]] = {}
    for result in results:
        if heading := panel_of(result):
            panels.setdefault(heading, []).append(result)
    if not panels:
        return ""
    height = sum(HEAD + ROW * len(some) + FOOT for some in panels.values())
    sketch = Sketch(width=WIDTH, height=height)
    y = 0.0
    for heading, some in panels.items():
        y = _panel(sketch, heading, some, y)
    return sketch.svg("Forest plot: " + ", ".join(panels))


def _panel(sketch: Sketch, heading: str, results: list[Result], y: float) -> float:
    scale = 100.0 if heading.startswith(("share", "difference of shares")) else 1.0
    is_log = heading == "ratio"
    null = results[0].answer.null
    ends = [scale * bound for r in results if (i := r.answer.interval) for bound in (i.lower, i.estimate, i.upper)]
    along = axis([*ends, *([] if null is None else [null])], LABELS, WIDTH - NUMBERS, is_log=is_log)
    bottom = y + HEAD + ROW * len(results)
    sketch.text(0, y + 18, heading[:1].upper() + heading[1:], bold=True)
    for mark in marks(along):
        sketch.line(along.at(mark), y + HEAD - 4, along.at(mark), bottom, opacity=0.15)
        sketch.text(along.at(mark), bottom + 15, f"{mark:g}", anchor="middle", size=12, opacity=0.8)
    if null is not None:
        sketch.line(along.at(null), y + HEAD - 4, along.at(null), bottom)
        _sides(sketch, results, along.at(null), bottom + 31)
    for row, result in enumerate(results):
        _row(sketch, result, along.at, scale, y + HEAD + ROW * (row + 0.5))
    return bottom + FOOT


def _sides(sketch: Sketch, results: list[Result], x: float, y: float) -> None:
    """Which side of the null is whose, and which is better, where that is the same for every row of the panel."""
    names = [summary.arm for summary in results[0].answer.summaries]
    if len(names) != 2:
        return
    goods = {is_more_better(result) for result in results}
    less, more = {True: ("worse", "better"), False: ("better", "worse")}[goods.pop()] if len(goods) == 1 else ("", "")
    sketch.text(x - 8, y, f"less with {names[1]}{less and f' ({less})'}", anchor="end", size=12, opacity=0.8)
    sketch.text(x + 8, y, f"more with {names[1]}{more and f' ({more})'}", size=12, opacity=0.8)


def is_more_better(result: Result) -> bool:
    """Whether more of a measure is better for the patient: longer without an event is less of it."""
    is_high = result.endpoint is not None and result.endpoint.is_better_high
    return is_high != result.answer.measure.startswith(("difference of mean times", "difference of restricted"))


def _row(sketch: Sketch, result: Result, at: Callable[[float], float], scale: float, y: float) -> None:
    answer, interval = result.answer, result.answer.interval
    assert interval is not None
    colour = COLOURS[0] if result.analysis.role == "primary" and not result.is_sensitivity else "currentColor"
    faint = 0.75 if result.is_sensitivity or answer.is_aside else 1.0
    label = result.analysis.name if not result.is_sensitivity else f"   {result.missing}"
    label += f", {result.visit}" if answer.is_aside else f", {answer.arm}" if answer.arm else ""
    is_long = len(label) > 46
    sketch.text(8 if result.is_sensitivity else 0, y + 4, label[:45] + "…" if is_long else label, opacity=faint)
    low, high = at(scale * interval.lower), at(scale * interval.upper)
    sketch.line(low, y, high, y, colour=colour, width=1.6, opacity=faint)
    for end in (low, high):
        sketch.line(end, y - 4, end, y + 4, colour=colour, width=1.6, opacity=faint)
    sketch.dot(at(scale * interval.estimate), y, colour=colour, square=True)
    numbers = [f"{scale * value:.3g}" for value in (interval.estimate, interval.lower, interval.upper)]
    words = f"{numbers[0]} ({numbers[1]} to {numbers[2]})".replace("-", "−")
    sketch.text(WIDTH, y + 4, words, anchor="end", opacity=faint)
