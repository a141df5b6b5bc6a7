"""Curves of times to an event: the share of each arm without it, or with it, day by day."""

from azygos.report.over_time import DASHES, MONTH
from azygos.report.sketch import COLOURS, Axis, Sketch, marks
from azygos.study.analysis import Result

__all__ = ["curves"]

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 760.0, 280.0, 62.0, 62.0, 30.0


def curves(results: list[Result]) -> str:
    """The drawing of one analysis, an arm in each result; empty where none has a curve."""
    drawn = [(arm, *curve) for result in results for arm, curve in result.answer.curves.items()]
    if not drawn:
        return ""
    last = max(float(days[-1]) for _, days, _ in drawn)
    in_months = last > 75.0
    unit = MONTH if in_months else 1.0
    sketch = Sketch(width=WIDTH, height=HEIGHT)
    up = Axis(low=0.0, high=100.0, start=HEIGHT - BOTTOM, end=TOP)
    across = Axis(low=0.0, high=last / unit, start=LEFT, end=WIDTH - 10)
    measure = results[0].answer.measure.split(" at ")[0]
    measure = {"cumulative incidence": "share with the event"}.get(measure, measure)
    sketch.text(0, 16, f"{results[0].analysis.endpoint}: {measure} [%]", bold=True)
    for mark in marks(up):
        sketch.line(LEFT, up.at(mark), WIDTH - 10, up.at(mark), opacity=0.15)
        sketch.text(LEFT - 8, up.at(mark) + 4, f"{mark:g}", anchor="end", size=12, opacity=0.8)
    for mark in marks(across):
        sketch.text(across.at(mark), HEIGHT - BOTTOM + 18, f"{mark:g}", anchor="middle", size=12, opacity=0.8)
    sketch.text((LEFT + WIDTH) / 2, HEIGHT - BOTTOM + 36, "months" if in_months else "days", anchor="middle", size=12)
    for place, (arm, days, shares) in enumerate(drawn):
        colour, dash = COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)]
        points = [(across.at(days[0] / unit), up.at(100.0 * shares[0]))]
        for day, before, share in zip(days[1:], shares, shares[1:], strict=False):
            x = across.at(day / unit)
            points += [(x, up.at(100.0 * before)), (x, up.at(100.0 * share))]
        sketch.path(points, colour=colour, dash=dash)
        x = LEFT + place * (WIDTH - LEFT) / len(drawn)
        sketch.line(x, HEIGHT - 10, x + 28, HEIGHT - 10, colour=colour, width=2, dash=dash)
        sketch.text(x + 34, HEIGHT - 6, arm)
    return sketch.svg(f"{results[0].analysis.endpoint}: {measure}")
