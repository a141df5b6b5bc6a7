"""The CONSORT flow diagram of a study, drawn from its counts."""

from azygos.report.sketch import Sketch, wrapped
from azygos.study.flow import ArmFlow, Flow

__all__ = ["flow_chart"]

WIDTH, GAP, LINE, PAD = 760.0, 22.0, 18.0, 10.0
LETTERS, WIDEST = 7.0, 330.0  # width of one, and of a box


def flow_chart(flow: Flow) -> str:
    """The drawing: enrolled, in no arm, and for each arm allocated, received, lost, analysed."""
    boxes = [_boxes(arm) for arm in flow.arms]
    width = min(WIDEST, (WIDTH - GAP * (len(boxes) - 1)) / len(boxes))
    start = 1 + (WIDTH - width * len(boxes) - GAP * (len(boxes) - 1)) / 2
    letters = int((width - 2 * PAD) / LETTERS)
    laid = [[[line for words in box for line in wrapped(words, letters)] for box in column] for column in boxes]
    heights = [max(len(column[row]) for column in laid) * LINE + 2 * PAD for row in range(len(laid[0]))]
    top = LINE + 2 * PAD
    sketch = Sketch(width=WIDTH + 2, height=top + 2 * GAP + sum(heights) + GAP * len(heights) + 2)
    _box(sketch, WIDTH / 2 - 110, 1, 220, top, [f"{flow.enrolled} enrolled"])
    if flow.excluded:
        sketch.line(WIDTH / 2, top + GAP / 2 + 1, WIDTH / 2 + 150, top + GAP / 2 + 1)
        sketch.text(WIDTH / 2 + 156, top + GAP / 2 + 5, f"{flow.excluded} in no arm")
    for place, column in enumerate(laid):
        left = start + place * (width + GAP)
        middle = left + width / 2
        y = top + GAP
        if len(laid) > 1:
            sketch.line(WIDTH / 2, top + 1, WIDTH / 2, y)
            sketch.line(min(WIDTH / 2, middle), y, max(WIDTH / 2, middle), y)
        sketch.arrow(middle, y if len(laid) > 1 else top + 1, y + GAP)
        y += GAP
        for row, lines in enumerate(column):
            if row:
                sketch.arrow(middle, y - GAP, y)
            _box(sketch, left, y, width, heights[row], lines)
            y += heights[row] + GAP
    return sketch.svg(f"Flow of patients: {flow}".replace("\n", ";"))


def _boxes(arm: ArmFlow) -> list[list[str]]:
    """The lines of the boxes of an arm."""
    allocated = [f"{arm.arm}: {arm.allocated}"]
    if arm.received is not None:
        allocated += [f"{arm.received} received it"]
        allocated += [f"{arm.allocated - arm.received} did not"] if arm.received < arm.allocated else []
    lost = [f"{count} {reason}" for reason, count in arm.lost]
    lost += [f"{arm.silent} without a value"] if arm.silent else []
    return [allocated, lost or ["nobody lost"], [arm.in_analysis]]


def _box(sketch: Sketch, x: float, y: float, width: float, height: float, lines: list[str]) -> None:
    sketch.box(x, y, width, height)
    first = y + (height - LINE * len(lines)) / 2 + LINE - 5
    for number, line in enumerate(lines):
        sketch.text(x + width / 2, first + number * LINE, line, anchor="middle", bold=number == 0)
