"""Pictures of a venography or of ultrasound from within: the run of contrast, and the calibre along each vein."""

import math
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from numpy.typing import NDArray

from azygos.instruments.recording import Picture as Seen
from azygos.instruments.recording import Reading, Recording
from azygos.report.document import Picture
from azygos.report.figures import STYLE, WIDTH, svg
from azygos.report.vessel_name import vessel_name
from azygos.units import cm, mm

__all__ = ["calibres", "pictures", "venogram"]

Floats = NDArray[np.float64]

COLUMNS = 3
SMALL = 0.10  # narrowing that is not pointed at
CURVE, DOT, MARK = "#3d83c4", "#8f8f8f", "#d55e00"
FAINTEST = 0.06  # share of the beam that tells contrast from noise, where the picture is cropped
MARGIN = 12  # pixels left round it
LEAST_VIEW = 0.12  # [m] that a frame shows, at least
SHADE = 0.6  # display: the beam's share to this power, as a console brightens faint vessels
SCALE_BAR = 5.0  # [cm]
PLATE: Any = {"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1.0}  # behind words on the picture


def pictures(recording: Recording) -> list[Picture]:
    """A run for every injection, then the calibres."""
    found = []
    for seen in recording.pictures:
        if seen.kind == "venogram":
            place = vessel_name(seen.site.vessel).replace("\n", " ")
            title = f"Venogram: contrast into the {place}"
            caption = (
                "Digital subtraction, seen from in front, the patient's right on the left; seconds from the beginning "
                "of the injection. What fills beside the injected vein are collaterals."
            )
            found.append(Picture(title=title, caption=caption, drawing=svg(venogram(seen), title)))
    if any(seen.kind == "calibre" for seen in recording.pictures):
        what = "area by intravascular ultrasound" if recording.instrument == "ivus" else "diameter in the venogram"
        title = f"{what[:1].upper()}{what[1:]}"
        caption = (
            f"Along each vessel, from upstream: {what}, dots with one standard deviation. An arrow points to a clear "
            "narrowing against the neighbourhood, measured on its own."
        )
        found.append(Picture(title=title, caption=caption, drawing=svg(calibres(recording), title)))
    return found


# ---------------------------------------------------------------------------------------------------------------
# contrast


def venogram(seen: Seen) -> Figure:
    """The run: a frame for every time, cropped to what fills in any of them."""
    time, y, x = seen.axes.values()
    least = round(LEAST_VIEW / float(abs(x[1] - x[0])))
    rows, columns = (_cropped(seen.values.max(axis=0), axis, least) for axis in (1, 0))
    values, y, x = seen.values[:, rows, columns], y[rows], x[columns]
    shape = (float(np.ptp(y)) / float(np.ptp(x))) if len(x) > 1 else 1.0
    across = len(time) if shape > 1.2 else math.ceil(len(time) / 2)
    down = math.ceil(len(time) / across)
    extent = (x[0] / cm, x[-1] / cm, y[0] / cm, y[-1] / cm)
    with matplotlib.rc_context(STYLE):
        layout = ConstrainedLayoutEngine(w_pad=0.01, h_pad=0.01, wspace=0.0, hspace=0.0)
        figure = Figure(figsize=(WIDTH, min(WIDTH / across * shape * down, 9.0)), layout=layout)
        for axes, at, frame in zip(figure.subplots(down, across, squeeze=False).flat, time, values, strict=False):
            shown = 1.0 - np.clip(frame, 0.0, 1.0) ** SHADE
            axes.imshow(shown, cmap="gray", vmin=0.0, vmax=1.0, extent=extent, origin="lower", interpolation="bilinear")
            _annotate(axes, f"{at:.1f} s", is_first=bool(at == time[0]))
    return figure


def _cropped(image: Floats, axis: int, least: int) -> slice:
    """The rows or columns that hold contrast, with a margin; no fewer than `least`, or all."""
    size = image.shape[1 - axis]
    met = np.flatnonzero((image > FAINTEST).sum(axis=axis) > 1)
    if not len(met) or size <= least:
        return slice(None)
    more = max(MARGIN, (least - int(met[-1] - met[0])) // 2)
    return slice(max(int(met[0]) - more, 0), min(int(met[-1]) + more + 1, size))


def _annotate(axes: Axes, time: str, *, is_first: bool) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.text(0.04, 0.985, time, transform=axes.transAxes, va="top", color="black", fontsize=9, bbox=PLATE)
    if not is_first:
        return
    axes.text(0.03, 0.5, "R", transform=axes.transAxes, va="center", color="black", fontweight="bold")
    axes.text(0.97, 0.5, "L", transform=axes.transAxes, va="center", ha="right", color="black", fontweight="bold")
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    start, level = left + 0.06 * (right - left), low + 0.03 * (high - low)
    axes.plot([start, start + SCALE_BAR], [level, level], color="black", linewidth=1.5)
    axes.text(start, level, f"{SCALE_BAR:g} cm", va="bottom", color="black", fontsize=8)
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)


# ---------------------------------------------------------------------------------------------------------------
# calibre


def calibres(recording: Recording) -> Figure:
    """A panel for every vessel: its calibre, what was measured, and its narrowest place."""
    some = [seen for seen in recording.pictures if seen.kind == "calibre"]
    across = min(COLUMNS, len(some))
    down = math.ceil(len(some) / across)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 1.75 * down + 0.3), layout="constrained")
        grid = figure.subplots(down, across, squeeze=False, sharey=False)
        for place, seen in zip(grid.flat, some, strict=False):
            _draw_calibre(place, recording, seen)
        for empty in grid.flat[len(some) :]:
            empty.set_axis_off()
        for axes in grid[:, 0]:
            axes.set_ylabel("area [mm²]" if recording.instrument == "ivus" else "diameter [mm]")
        for i, axes in enumerate(grid.flat[: len(some)]):
            if i + across >= len(some):
                axes.set_xlabel("distance [cm]")
    return figure


def _draw_calibre(axes: Axes, recording: Recording, seen: Seen) -> None:
    unit = mm**2 if seen.unit == "area" else mm
    distance = seen.axes["distance [m]"]
    vessel, length = seen.site.vessel, float(distance[-1])
    axes.plot(distance / cm, seen.values / unit, color=CURVE)
    quantity = "area" if seen.unit == "area" else "diameter"
    _dots(axes, list(recording.find(quantity, vessel, seen.posture)), length, unit)
    for reading in recording.find("narrowing", vessel, seen.posture):
        at = reading.site.fraction * length
        level = float(np.interp(at, distance, seen.values)) / unit
        words = f"{100.0 * reading.value:.0f} ± {100.0 * reading.error:.0f} %"
        _point(axes, at / cm, level, words if reading.value - 2.0 * reading.error > SMALL else "")
    axes.set_ylim(bottom=0.0)
    axes.set_title(vessel_name(vessel), fontsize=9)


def _dots(axes: Axes, readings: Sequence[Reading], length: float, unit: float) -> None:
    at = [reading.site.fraction * length / cm for reading in readings]
    values, errors = ([getattr(r, name) / unit for r in readings] for name in ("value", "error"))
    axes.errorbar(at, values, errors, fmt="o", markersize=2.5, color=DOT, elinewidth=0.7, zorder=1)


def _point(axes: Axes, at: float, level: float, words: str) -> None:
    """An arrow from below to a narrowing that stands out; nothing to another."""
    if not words:
        return
    high = axes.get_ylim()[1]
    left, right = axes.get_xlim()
    align = "right" if at > 0.5 * (left + right) else "left"
    axes.annotate(
        words, (at, level), (at + (0.08 if align == "left" else -0.08) * (right - left), 0.08 * high),
        color=MARK, fontsize=9, ha=align, arrowprops={"arrowstyle": "->", "color": MARK, "linewidth": 1.0},
    )  # fmt: skip
