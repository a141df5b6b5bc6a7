"""Pictures of an examination by phase-contrast MRI: flow over the beat through each plane."""

import math
import textwrap

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from azygos.instruments.recording import Picture as Seen
from azygos.instruments.recording import Recording
from azygos.report.figures import STYLE, by_hand, svg
from azygos.report.picture import Picture, one_deviation
from azygos.report.vessel_name import vessel_name
from azygos.units import minute, mL, mm

__all__ = ["flow_curves", "pictures"]

COLUMNS = 3
LETTERS = 27  # of a line of a panel's title
COLOURS = ("#3d83c4", "#d58a00", "#009e73")
DASHES = ("-", (0, (6, 2)), (0, (5, 1.5, 1.2, 1.5)))


def pictures(recording: Recording) -> list[Picture]:
    """One figure with a panel for every vessel."""
    if not any(seen.kind == "flow_curve" for seen in recording.pictures):
        return []
    title = "Flow by phase-contrast MRI"
    caption = (
        "Through each plane over one heart beat, positive towards the heart; beside it the mean"
        f"{one_deviation(recording)}. Planes are named by their place along the vessel, 0 upstream."
    )
    return [Picture(title=title, caption=caption, drawing=svg(flow_curves(recording), title))]


def flow_curves(recording: Recording) -> Figure:
    """Flow over the beat: a panel for every vessel, a curve for every plane."""
    by_vessel: dict[str, list[Seen]] = {}
    for seen in recording.pictures:
        if seen.kind == "flow_curve":
            by_vessel.setdefault(seen.site.vessel, []).append(seen)
    across = min(COLUMNS, len(by_vessel))
    down = math.ceil(len(by_vessel) / across)
    with matplotlib.rc_context(STYLE):
        figure = by_hand(2.3 * down + 0.3, left=0.75, bottom=0.45, top=0.45)
        grid = figure.subplots(down, across, squeeze=False, gridspec_kw={"wspace": 0.3, "hspace": 0.62})
        for i, (axes, (vessel, planes)) in enumerate(zip(grid.flat, by_vessel.items(), strict=False)):
            _draw(axes, recording, planes)
            axes.set_title(textwrap.fill(vessel_name(vessel).replace("\n", " "), LETTERS), fontsize=9)
            if i % across == 0:
                axes.set_ylabel("flow [mL/min]")
            axes.set_xlabel("time [s]")
        for empty in grid.flat[len(by_vessel) :]:
            empty.set_axis_off()
    return figure


def _draw(axes: Axes, recording: Recording, planes: list[Seen]) -> None:
    unit = mL / minute
    for i, seen in enumerate(planes):
        words = _words(recording, seen, many=len(planes) > 1)
        (curve,) = axes.plot(seen.axes["time [s]"], seen.values / unit, label=words, linewidth=1.5)
        curve.set(color=COLOURS[i % len(COLOURS)], linestyle=DASHES[i % len(DASHES)])
    axes.axhline(0.0, color=STYLE["axes.edgecolor"], linewidth=0.6)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + (0.13 + 0.17 * len(planes)) * (high - low))  # room for the words above the curves
    axes.legend(fontsize=7.5, loc="upper left", handlelength=1.8, borderpad=0.1, labelspacing=0.25)


def _words(recording: Recording, seen: Seen, *, many: bool) -> str:
    said = f"{seen.site.fraction:g}: " if many else ""
    for reading in recording.find("flow", seen.site.vessel):
        if reading.site == seen.site:
            error = f" ± {reading.error / (mL / minute):.0f}" if reading.error else ""
            said += f"{reading.value / (mL / minute):.0f}{error} mL/min"
    for reading in recording.find("area", seen.site.vessel):
        if reading.site == seen.site:
            said += f", {reading.value / mm**2:.0f} mm²"
    return said
