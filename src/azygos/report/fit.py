"""A picture of a fit: each measurement before and after, each parameter before and after."""

from typing import TYPE_CHECKING, cast

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from azygos.population.result import Fit
from azygos.report.figures import STYLE
from azygos.report.map import Format, rendered

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["drawn", "fit_figure"]

BEFORE, AFTER = "#8f8f8f", "#2b8ccf"  # they differ in lightness too
ROW = 0.28  # height of a row [in]
LONGEST = 34  # letters of a measure beside its row


def drawn(fit: Fit, suffix: str) -> bytes:
    """The picture as a file of this suffix: .svg, .png or .pdf."""
    return rendered(fit_figure(fit), cast("Format", suffix.removeprefix(".")))


def fit_figure(fit: Fit) -> Figure:
    """Left: residuals in units of the measurements' errors; right: factors with 95 % before and after."""
    rows = max(len(fit.residuals), len(fit.estimates))
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(10.0, 1.3 + ROW * rows), layout="constrained")
        left, right = figure.subplots(1, 2)
        _residuals(left, fit)
        _factors(right, fit)
    return figure


def _residuals(axes: "Axes", fit: Fit) -> None:
    ranks = np.arange(len(fit.residuals))
    before = [(r.before - r.measurement.value) / r.measurement.error for r in fit.residuals]
    after = [r.in_errors for r in fit.residuals]
    axes.axvspan(-1.0, 1.0, color=BEFORE, alpha=0.15, linewidth=0)
    axes.axvline(0.0, color=BEFORE, linewidth=0.7)
    axes.hlines(ranks, before, after, color=BEFORE, linewidth=0.8)
    axes.plot(before, ranks, "o", color=BEFORE, fillstyle="none", label="before")
    axes.plot(after, ranks, "o", color=AFTER, label="fitted")
    axes.set_yticks(ranks, [_label(str(r.measurement.measure), r.measurement.posture) for r in fit.residuals])
    axes.set_xscale("symlog", linthresh=3.0, linscale=2.0)
    axes.set_xlim(1.2 * min(-1.0, *before, *after), 1.2 * max(1.0, *before, *after))
    _ticks(axes, (-100.0, -30.0, -10.0, -3.0, -1.0, 0.0, 1.0, 3.0, 10.0, 30.0, 100.0))
    axes.set_xlabel("model minus measurement [errors]")
    axes.set_title("measurements", loc="left")
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.2, handletextpad=0.1, columnspacing=0.8
    )
    axes.set_ylim(len(fit.residuals) - 0.5, -0.5)


def _label(measure: str, posture: float) -> str:
    short = measure if len(measure) <= LONGEST else f"{measure[: LONGEST - 1]}…"
    return short if posture == 0.0 else f"{short}, {posture:g}°"


def _factors(axes: "Axes", fit: Fit) -> None:
    for rank, estimate in enumerate(fit.estimates):
        reach = np.exp(1.96 * estimate.prior_spread)
        axes.plot([1.0 / reach, reach], [rank, rank], color=BEFORE, alpha=0.35, linewidth=7, solid_capstyle="butt")
        axes.plot(estimate.interval, [rank, rank], color=AFTER, linewidth=2.5, solid_capstyle="butt")
        axes.plot([estimate.factor], [rank], "o", color=AFTER, fillstyle="full" if estimate.determined else "none")
    axes.axvline(1.0, color=BEFORE, linewidth=0.7)
    axes.set_yticks(range(len(fit.estimates)), [estimate.name for estimate in fit.estimates])
    axes.set_xscale("log")
    _ticks(axes, (0.3, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0))
    axes.set_xlabel("factor, 95 %: wide before, narrow after")
    axes.set_title("parameters", loc="left")
    axes.set_ylim(len(fit.estimates) - 0.5, -0.5)


def _ticks(axes: "Axes", wanted: tuple[float, ...]) -> None:
    """Plain numbers, those of them that the axis reaches."""
    low, high = axes.get_xlim()
    ticks = [tick for tick in wanted if low <= tick <= high]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)
