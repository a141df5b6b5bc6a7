"""Pictures of a venography or of ultrasound from within: the run of contrast, and the calibre along each vein."""

import math
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from azygos.instruments.recording import Picture as Seen
from azygos.instruments.recording import Reading, Recording
from azygos.report.figures import STYLE, WIDTH, by_hand, svg
from azygos.report.picture import Picture, one_deviation
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
RIM = 0.35  # of a frame: a grey line
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
            f"Along each vessel, from upstream: {what}, dots{one_deviation(recording)}. An arrow points to a clear "
            "narrowing against the neighbourhood, measured on its own."
        )
        found.append(Picture(title=title, caption=caption, drawing=svg(calibres(recording), title)))
    return found


# ---------------------------------------------------------------------------------------------------------------
# contrast


def venogram(seen: Seen) -> Figure:
    """The run: a frame for every time, cropped to what fills in any of them, all as one picture."""
    time, y, x = seen.axes.values()
    least = round(LEAST_VIEW / float(abs(x[1] - x[0])))
    rows, columns = (_cropped(seen.values.max(axis=0), axis, least) for axis in (1, 0))
    values, y, x = seen.values[:, rows, columns], y[rows], x[columns]
    wide, tall = float(np.ptp(x)) / cm, float(np.ptp(y)) / cm
    across = len(time) if tall > 1.2 * wide else math.ceil(len(time) / 2)
    down = math.ceil(len(time) / across)
    with matplotlib.rc_context(STYLE):
        height = min(WIDTH / across * tall / wide * down, 9.0)
        figure = by_hand(height, left=0.02, bottom=0.02, right=0.02, top=0.02)
        axes = figure.subplots()
        shown = 1.0 - np.clip(_tiled(values if y[0] < y[-1] else values[:, ::-1], across), 0.0, 1.0) ** SHADE
        extent = (0.0, across * wide, 0.0, down * tall)
        axes.imshow(shown, cmap="gray", vmin=0.0, vmax=1.0, extent=extent, origin="lower", interpolation="none")
        axes.set_axis_off()
        for i, at in enumerate(time):
            _annotate(axes, f"{at:.1f} s", i % across * wide, (down - 1 - i // across) * tall, wide, tall)
        _orient(axes, wide, (down - 1) * tall, tall)
    return figure


def _tiled(frames: Floats, across: int) -> Floats:
    """Frames (time, y, x) side by side from the upper left, the first row of the answer lowest; a rim round each."""
    framed = np.pad(frames, ((0, -len(frames) % across), (0, 0), (0, 0)))
    framed[:, 0, :] = framed[:, -1, :] = framed[:, :, 0] = framed[:, :, -1] = RIM
    rows = [np.hstack(list(framed[i : i + across])) for i in range(0, len(framed), across)]
    return np.vstack(rows[::-1])


def _cropped(image: Floats, axis: int, least: int) -> slice:
    """The rows or columns that hold contrast, with a margin; no fewer than `least`, or all."""
    size = image.shape[1 - axis]
    met = np.flatnonzero((image > FAINTEST).sum(axis=axis) > 1)
    if not len(met) or size <= least:
        return slice(None)
    more = max(MARGIN, (least - int(met[-1] - met[0])) // 2)
    return slice(max(int(met[0]) - more, 0), min(int(met[-1]) + more + 1, size))


def _annotate(axes: Axes, time: str, left: float, low: float, wide: float, tall: float) -> None:
    """The time in the upper left corner of a frame."""
    axes.text(left + 0.04 * wide, low + 0.985 * tall, time, va="top", color="black", fontsize=9, bbox=PLATE)


def _orient(axes: Axes, wide: float, low: float, tall: float) -> None:
    """The patient's sides and the scale, in the first frame."""
    axes.text(0.03 * wide, low + 0.5 * tall, "R", va="center", color="black", fontweight="bold")
    axes.text(0.97 * wide, low + 0.5 * tall, "L", va="center", ha="right", color="black", fontweight="bold")
    start, level = 0.06 * wide, low + 0.03 * tall
    axes.plot([start, start + SCALE_BAR], [level, level], color="black", linewidth=1.5)
    axes.text(start, level, f"{SCALE_BAR:g} cm", va="bottom", color="black", fontsize=8)


# ---------------------------------------------------------------------------------------------------------------
# calibre


def calibres(recording: Recording) -> Figure:
    """A panel for every vessel: its calibre, what was measured, and its narrowest place."""
    some = [seen for seen in recording.pictures if seen.kind == "calibre"]
    across = min(COLUMNS, len(some))
    down = math.ceil(len(some) / across)
    with matplotlib.rc_context(STYLE):
        lines = max(vessel_name(seen.site.vessel).count("\n") for seen in some[:across])
        top = 0.3 + 0.14 * lines
        figure = by_hand(1.95 * down + 0.2 + top, left=0.6, bottom=0.45, top=top)
        grid = figure.subplots(down, across, squeeze=False, gridspec_kw={"wspace": 0.22, "hspace": 0.62})
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
        error = f" ± {100.0 * reading.error:.0f}" if reading.error else ""
        words = f"{100.0 * reading.value:.0f}{error} %"
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
