"""The pictures of the validation: every target's band with the body's value in it, and a few waveforms."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib
from matplotlib.figure import Figure

from azygos.engine.solution import Solution
from azygos.exchange.case import Result, Settings
from azygos.report.figures import ARTERY, INK, PLAIN, SINUS, STYLE, VEIN, svg
from azygos.report.validation import by_group, shown, unit_of
from azygos.units import minute, mL, mmHg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["bands", "pictures", "waveforms"]

WIDTH = 8.6  # of every figure [in]
ROW, HEADING = 0.235, 0.32  # heights [in]
BEYOND = 1.0  # how far outside its band a value is still drawn in its place, in widths of the band
INSIDE, OUTSIDE = "#2b8ccf", "#d55e00"  # Okabe and Ito 2008; the markers differ as well
SUPINE, UPRIGHT = Settings(), Settings(posture=90.0)
# Panels of the waveforms: title, variable, setting, and each curve's vessel, name, colour and dashes.
PANELS = (
    ("Arterial pressure, lying [mmHg]", "pressure", SUPINE, (
        ("aorta_ascending_2", "ascending aorta", ARTERY, "-"), ("radial_r", "radial artery", INK, (0, (4, 1.5))))),
    ("Flow to the brain, lying [mL/min]", "flow", SUPINE, (
        ("common_carotid_r", "common carotid", ARTERY, "-"),
        ("internal_carotid_r", "internal carotid", INK, (0, (4, 1.5))),
        ("vertebral_r", "vertebral artery", PLAIN, (0, (1, 1.2))))),
    ("Pressure in veins, lying [mmHg]", "pressure", SUPINE, (
        ("sss_posterior", "sagittal sinus", SINUS, "-"), ("ijv_r", "jugular vein", VEIN, (0, (4, 1.5))),
        ("svc_lower", "superior vena cava", PLAIN, (0, (1, 1.2))))),
    ("Flow from the head, lying [mL/min]", "flow", SUPINE, (
        ("sss_posterior", "sagittal sinus", SINUS, "-"), ("ijv_r", "right jugular", VEIN, (0, (4, 1.5))),
        ("ijv_l", "left jugular", VEIN, "-"), ("vertebral_vein_r", "vertebral, right", PLAIN, (0, (1, 1.2))))),
    ("Pressure in veins, upright [mmHg]", "pressure", UPRIGHT, (
        ("sss_posterior", "sagittal sinus", SINUS, "-"), ("ijv_r", "jugular vein", VEIN, (0, (4, 1.5))),
        ("svc_lower", "superior vena cava", PLAIN, (0, (1, 1.2))))),
    ("Flow from the head, upright [mL/min]", "flow", UPRIGHT, (
        ("sss_posterior", "sagittal sinus", SINUS, "-"), ("ijv_r", "right jugular", VEIN, (0, (4, 1.5))),
        ("ijv_l", "left jugular", VEIN, "-"), ("vertebral_vein_r", "vertebral, right", PLAIN, (0, (1, 1.2))))),
)  # fmt: skip
UNITS = {"pressure": mmHg, "flow": mL / minute}


def pictures(results: Sequence[Result], solutions: Mapping[Settings, Solution]) -> dict[str, str]:
    """File name -> SVG of each picture of the page; no waveforms without a lying and an upright body."""
    found = {"bands.svg": svg(bands(results), "Published bands and the reference adult's values")}
    if SUPINE in solutions and UPRIGHT in solutions:
        found["waveforms.svg"] = svg(waveforms(solutions), "Pressure and flow over a period")
    return found


def bands(results: Sequence[Result]) -> Figure:
    """Each target as a band, every band drawn equally wide, and the body's value as a point."""
    groups = by_group(results)
    height = ROW * len(results) + HEADING * len(groups) + 0.3
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.40, 0.0, 0.32, 1.0))
        axes.set_axis_off()
        axes.set_xlim(-BEYOND - 0.15, 1.0 + BEYOND + 0.15)
        axes.set_ylim(height, 0.0)
        y = 0.1
        for group, members in groups:
            y += HEADING
            axes.text(-1.23, y - 0.12, group, transform=axes.get_yaxis_transform(), weight="bold")
            for result in members:
                y += ROW
                _draw_band(axes, y - 0.1, result)
    return figure


def _draw_band(axes: "Axes", y: float, result: Result) -> None:
    low, high = result.target.band
    axes.fill_between([0.0, 1.0], y - 0.07, y + 0.07, color=PLAIN, alpha=0.35, linewidth=0)
    place = (result.value - low) / (high - low)
    colour = INSIDE if result.in_band else OUTSIDE
    if math.isfinite(place):
        drawn = min(max(place, -BEYOND), 1.0 + BEYOND)
        marker = "o" if result.in_band else "D" if drawn == place else "<" if place < 0.0 else ">"
        axes.plot([drawn], [y], marker=marker, color=colour, markersize=5.5, linestyle="none", clip_on=False)
    side = axes.get_yaxis_transform()
    axes.text(-0.01, y, result.target.name, transform=side, ha="right", va="center", fontsize=8.2)
    value = f"{shown(result.value)} {unit_of(result)}"
    axes.text(1.03, y, value, transform=side, ha="left", va="center", fontsize=8.2, color=colour)
    band = f"{shown(low)} to {shown(high)}"
    axes.text(1.48, y, band, transform=side, ha="left", va="center", fontsize=8.2, alpha=0.75)


def waveforms(solutions: Mapping[Settings, Solution]) -> Figure:
    """Pressure and flow over a period on the way to the brain and back, lying and upright."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 8.2), layout="constrained")
        for axes, (title, variable, settings, curves) in zip(figure.subplots(3, 2).flat, PANELS, strict=True):
            solution = solutions[settings]
            for vessel, name, colour, dashes in curves:
                if vessel in solution.vessels:
                    values = solution.at(variable, vessel) / UNITS[variable]
                    axes.plot(solution.time, values, color=colour, linestyle=dashes, linewidth=1.4, label=name)
            axes.set_title(title, loc="left", pad=20.0)
            axes.set_xlim(0.0, solution.time[-1])
            below = {"loc": "lower left", "bbox_to_anchor": (-0.02, 0.98), "ncols": len(curves)}
            names = axes.legend(fontsize=7.2, handlelength=1.5, columnspacing=0.7, handletextpad=0.4, **below)
            names.set_in_layout(False)  # it may reach beyond the axes without making them narrow
        for axes in figure.axes[-2:]:
            axes.set_xlabel("time [s]")
    return figure
