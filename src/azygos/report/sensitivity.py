"""The picture of a sensitivity: for each output the parameters that matter most, with their intervals."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import matplotlib
from matplotlib.figure import Figure

from azygos.population.sensitivity import INDICES, Index, Method, foremost
from azygos.report.figures import STYLE
from azygos.report.map import Format, rendered

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["drawn", "sensitivity_figure"]

COLOURS = ("#8f8f8f", "#2b8ccf")  # of the first and the second index; they differ in lightness, too
MARKS = ("s", "o")
SHOWN = 12  # parameters of an output
ROW = 0.3  # height of a row [in]


def drawn(found: Sequence[Index], method: Method, suffix: str) -> bytes:
    """The picture as a file of this suffix: .svg, .png or .pdf."""
    return rendered(sensitivity_figure(found, method), cast("Format", suffix.removeprefix(".")))


def sensitivity_figure(found: Sequence[Index], method: Method) -> Figure:
    """A panel for each output; marks with bars over 95 %."""
    outputs = list(dict.fromkeys(index.output for index in found))
    rows = min(SHOWN, len({index.parameter for index in found}))
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(5.0 * len(outputs), 1.2 + ROW * rows), layout="constrained")
        for axes, output in zip(figure.subplots(1, len(outputs), squeeze=False)[0], outputs, strict=True):
            _panel(axes, [index for index in found if index.output == output], method, output)
    return figure


def _panel(axes: "Axes", found: Sequence[Index], method: Method, output: str) -> None:
    names = foremost(found, method, output)[:SHOWN]
    by = {(index.parameter, index.name): index for index in found}
    for j, name in enumerate(INDICES[method]):
        for row, parameter in enumerate(names):
            index, place = by[parameter, name], row + (0.14 if j else -0.14)
            label = name if row == 0 else None
            axes.plot([index.lower, index.upper], [place, place], color=COLOURS[j], linewidth=2.0)
            axes.plot([index.estimate], [place], MARKS[j], color=COLOURS[j], markersize=5, label=label)
    axes.axvline(0.0, color=COLOURS[0], linewidth=0.7)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_title(output, loc="left")
    axes.legend(loc="lower right", handletextpad=0.2)
