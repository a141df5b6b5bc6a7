"""Outcomes over time, arm by arm: mean or share at each visit with the interval of each arm by itself."""

from azygos.report.sketch import COLOURS, Axis, Sketch, axis, marks
from azygos.study.course import Course

__all__ = ["over_time"]

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 760.0, 300.0, 62.0, 62.0, 30.0
DASHES = ("", "7 4", "2 3", "9 3 2 3")
MONTH = 365.25 / 12.0


def over_time(courses: list[Course]) -> str:
    """The drawing of one endpoint; empty where it was measured once only."""
    points = [point for course in courses for point in course.points if point.interval is not None]
    if len({point.day for point in points}) < 2:
        return ""
    scale = 100.0 if courses[0].unit == "%" else 1.0
    values = [scale * v for p in points if (i := p.interval) for v in (i.lower, i.upper)]
    days = [point.day for point in points]
    sketch = Sketch(width=WIDTH, height=HEIGHT)
    up = axis(values, HEIGHT - BOTTOM, TOP)
    span = max(days) - min(days) or MONTH
    across = Axis(low=min(days) - 0.04 * span, high=max(days) + 0.04 * span, start=LEFT, end=WIDTH - 10)
    _frame(sketch, up, across, courses[0], sorted(set(days)))
    for place, course in enumerate(courses):
        _course(sketch, course, up, across, scale, place, len(courses))
    return sketch.svg(f"{courses[0].endpoint} over time")


def _frame(sketch: Sketch, up: Axis, across: Axis, course: Course, days: list[float]) -> None:
    for mark in marks(up):
        sketch.line(LEFT, up.at(mark), WIDTH - 10, up.at(mark), opacity=0.15)
        sketch.text(LEFT - 8, up.at(mark) + 4, f"{mark:g}", anchor="end", size=12, opacity=0.8)
    if up.low < 0.0 < up.high:
        sketch.line(LEFT, up.at(0.0), WIDTH - 10, up.at(0.0))
    unit = "" if course.unit == "1" else f" [{course.unit}]"
    what = f"change of {course.endpoint} from baseline" if course.is_change else course.endpoint
    sketch.text(0, 16, f"{what[:1].upper()}{what[1:]}{unit}", bold=True)
    in_months = max(days) > 75.0
    for day in days:
        told = f"{day / MONTH:.2g}" if in_months else f"{day:g}"
        sketch.text(across.at(day), HEIGHT - BOTTOM + 18, told, anchor="middle", size=12, opacity=0.8)
    sketch.text((LEFT + WIDTH) / 2, HEIGHT - BOTTOM + 36, "months" if in_months else "days", anchor="middle", size=12)


def _course(sketch: Sketch, course: Course, up: Axis, across: Axis, scale: float, place: int, many: int) -> None:
    colour, dash = COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)]
    off = 7.0 * (place - (many - 1) / 2.0)  # so that intervals of two arms stand side by side
    drawn = []
    for point in course.points:
        if point.interval is None:
            continue
        x, y = across.at(point.day) + off, up.at(scale * point.interval.estimate)
        drawn.append((x, y))
        low, high = up.at(scale * point.interval.lower), up.at(scale * point.interval.upper)
        sketch.line(x, low, x, high, colour=colour, width=1.4)
    if len(drawn) > 1:
        sketch.path(drawn, colour=colour, dash=dash)
    for x, y in drawn:
        sketch.dot(x, y, colour=colour)
    x = LEFT + place * (WIDTH - LEFT) / many
    sketch.line(x, HEIGHT - 10, x + 28, HEIGHT - 10, colour=colour, width=2, dash=dash)
    numbers = ", ".join(str(point.n) for point in course.points)
    sketch.text(x + 34, HEIGHT - 6, f"{course.arm} (n = {numbers})")
