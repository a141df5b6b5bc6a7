"""The pictures of a treatment, as matplotlib figures and as SVG for a page that may be light or dark.

Ink is drawn in one colour that becomes the page's text colour; data use colours that stay apart for the
colour-blind (Okabe and Ito 2008) and read on white and on black. Stages also differ in their dashes.
"""

import heapq
import io
import itertools
import math
import re
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import matplotlib
import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from azygos.body.body import Body
from azygos.engine.solution import Solution
from azygos.therapy.procedure import Stage, Treatment
from azygos.therapy.reading import AORTA, RIGHT_ATRIUM, SAGITTAL, label
from azygos.units import cm, minute, mL, mm, mmHg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["areas", "by_hand", "circulation", "pull_back", "svg", "waveforms"]

Floats: TypeAlias = NDArray[np.float64]

INK = "#010203"  # becomes the text colour of the page
ARTERY, VEIN, SINUS, PLAIN = "#d0583f", "#3d83c4", "#8a63c9", "#8f8f8f"
STAGE_COLOURS = {"before": "#d55e00", "balloon": "#2b8ccf", "stent": "#009e73", "follow-up": "#cc79a7"}
STAGE_DASHES = {"before": "-", "balloon": (0, (6, 2)), "stent": (0, (5, 1.5, 1.2, 1.5)), "follow-up": (0, (1.5, 1.2))}
CHANGE = LinearSegmentedColormap.from_list("change", ["#e66101", "#f2a65a", PLAIN, "#5aa9e6", "#1f6fc2"])
STYLE: Any = {
    "font.family": "sans-serif", "font.size": 9.5, "axes.titlesize": 10.5, "axes.titleweight": "bold",
    "axes.labelsize": 9.5, "legend.fontsize": 9.5, "legend.frameon": False,
    "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": INK, "axes.titlecolor": INK, "xtick.color": INK,
    "ytick.color": INK, "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.7,
    "axes.facecolor": "none", "figure.facecolor": "none", "savefig.facecolor": "none", "lines.linewidth": 1.8,
    "svg.fonttype": "none",
}  # fmt: skip
LETTER = 0.0115  # of a name's length, as a share of the width of a curve's axes
CATHETER = 1.5 * mm  # vessels of a smaller radius are no way for one. assumed
ATRIUM = 3.0  # of the pull-back curve that lies in the right atrium [cm]
WIDTH = 8.0  # of every figure [in]
PANEL = 42  # letters of a title above one of two panels
HEAD_AND_CHEST = ((-19.5, 19.5), (-6.0, 43.0))  # seen from in front [cm]
# An outline of head, neck and shoulders, right half from the crown down [cm]; for the eye only.
OUTLINE = (
    (0.0, 41.0), (-3.5, 40.6), (-6.6, 38.3), (-8.3, 34.5), (-8.5, 30.0), (-8.0, 25.5), (-7.0, 21.0), (-6.4, 18.0),
    (-6.3, 14.5), (-6.9, 12.0), (-9.0, 10.4), (-12.5, 9.4), (-16.0, 7.6), (-18.0, 4.0), (-19.0, -1.0), (-19.3, -6.0),
)  # fmt: skip
# Veins whose flow is written beside the drawing: vessel, place along it, where the text stands [cm]
FLOWS_WRITTEN = (
    ("sss_posterior", 0.2, 10.5, 37.5), ("transverse_sinus_r", 0.7, -10.5, 27.5),
    ("transverse_sinus_l", 0.7, 10.5, 27.5), ("vertebral_vein_r", 0.15, -10.5, 20.0),
    ("vertebral_vein_l", 0.15, 10.5, 20.0), ("ijv_r", 0.7, -10.5, 13.5), ("ijv_l", 0.7, 10.5, 13.5),
    ("azygos", 0.4, 6.0, -4.0),
)  # fmt: skip


def by_hand(height: float, *, left: float, bottom: float, right: float = 0.05, top: float = 0.3) -> Figure:
    """A figure of the usual width whose axes stand within margins, all in inches.

    To find the margins from the text takes matplotlib longer than the drawing.
    """
    figure = Figure(figsize=(WIDTH, height))
    inside = {"left": left / WIDTH, "right": 1.0 - right / WIDTH, "bottom": bottom / height, "top": 1.0 - top / height}
    figure.subplots_adjust(**inside)
    return figure


def svg(figure: Figure, title: str) -> str:
    """The figure as an `<svg>` element without a fixed size, its ink in the page's text colour."""
    text = io.StringIO()
    cut: dict[str, Any] = {} if figure.get_layout_engine() is None else {"bbox_inches": "tight", "pad_inches": 0.05}
    with matplotlib.rc_context(STYLE | {"svg.hashsalt": title}):
        figure.savefig(text, format="svg", metadata={"Date": None}, **cut)
    drawing = text.getvalue()[text.getvalue().index("<svg") :].replace(INK, "currentColor")
    drawing = re.sub(r"<metadata>.*?</metadata>", "", drawing, flags=re.DOTALL)
    drawing = re.sub(r'<g id="[^"]*"', "<g", drawing)  # the same in every figure, and nothing refers to them
    drawing = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", drawing, count=1)
    drawing = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", drawing, count=1)
    return drawing.replace("<svg", f'<svg role="img" aria-label="{title}"', 1)


def _figure(height: float) -> Figure:
    return Figure(figsize=(WIDTH, height), layout="constrained")


# ---------------------------------------------------------------------------------------------------------------
# the circulation, seen from in front


def circulation(treatment: Treatment) -> Figure | None:
    """The body's vessels with its lesions, and how treatment changed the flow in its veins.

    None for a body of which it is not known where its nodes lie.
    """
    body = treatment.stages[0].body
    if not body.places:
        return None
    with matplotlib.rc_context(STYLE):
        figure = _figure(6.2)
        whole, near = figure.subplots(1, 2, width_ratios=[1.0, 1.7])
        _draw_kinds(whole, body)
        _draw_change(figure, near, treatment)
        for axes in (whole, near):
            axes.set_aspect("equal")
            axes.set_axis_off()
        _mark_lesions(whole, body, 11.0)
        _mark_lesions(near, body, 17.0)
    return figure


def _segments(body: Body, kinds: tuple[str, ...]) -> Iterator[tuple[str, NDArray[np.float64], float]]:
    """Name, ends [cm] and width [points] of every healthy vessel of these kinds."""
    for vessel in body.healthy.vessels:
        if body.kinds[vessel.name] in kinds:
            ends = np.array([body.places[vessel.start], body.places[vessel.end]]) / cm
            yield vessel.name, ends, 0.7 + 0.34 * sum(vessel.radius) / mm


def _draw(axes: "Axes", body: Body, kind: str, colour: str, *, scale: float, alpha: float) -> None:
    drawn = list(_segments(body, (kind,)))
    ends, widths = [ends for _, ends, _ in drawn], [scale * width for _, _, width in drawn]
    axes.add_collection(LineCollection(ends, linewidths=widths, capstyle="round", colors=colour, alpha=alpha))


def _draw_kinds(axes: "Axes", body: Body) -> None:
    for kind, colour, name in (("artery", ARTERY, "arteries"), ("vein", VEIN, "veins"), ("sinus", SINUS, "sinuses")):
        _draw(axes, body, kind, colour, scale=0.7, alpha=0.9)
        axes.plot([], [], color=colour, linewidth=3, label=name)
    axes.autoscale_view()
    axes.legend(loc="lower left", bbox_to_anchor=(-0.12, 0.0), handlelength=1.2).set_in_layout(False)
    axes.set_title("The circulation, from in front")


def _draw_change(figure: Figure, axes: "Axes", treatment: Treatment) -> None:
    body = treatment.stages[0].body
    axes.set_xlim(*HEAD_AND_CHEST[0])
    axes.set_ylim(*HEAD_AND_CHEST[1])
    x, y = _outline()
    axes.fill(x, y, color=PLAIN, alpha=0.13, linewidth=0)
    _draw(axes, body, "artery", ARTERY, scale=0.8, alpha=0.18)
    names, lines, widths = zip(*_segments(body, ("vein", "sinus")), strict=True)
    change = np.array([_flow(treatment.stages[-1], name) - _flow(treatment.stages[0], name) for name in names])
    largest = max(float(np.max(np.abs(change))), 1.0)
    order = np.argsort(np.abs(change))  # what changed most lies on top
    veins = LineCollection(
        [lines[i] for i in order],
        linewidths=[1.5 * widths[i] for i in order],
        capstyle="round",
        array=change[order],
        cmap=CHANGE,
        norm=TwoSlopeNorm(0.0, -largest, largest),
    )
    axes.add_collection(veins)
    _write_flows(axes, treatment)
    axes.text(-19.0, 42.0, "patient's right", style="italic", va="top")
    axes.text(19.0, 42.0, "patient's left", style="italic", va="top", ha="right")
    if len(treatment.stages) == 1:
        axes.set_title("Flow in the veins [mL/min]")
        return
    axes.set_title("Flow in the veins, " + " → ".join(stage.name for stage in treatment.stages) + " [mL/min]")
    bar = figure.colorbar(veins, ax=axes, orientation="horizontal", shrink=0.6, aspect=40, pad=0.02)
    bar.set_label(f"{treatment.stages[-1].name} minus before [mL/min]")
    bar.outline.set_visible(False)


def _outline() -> tuple[Floats, Floats]:
    """OUTLINE and its mirror image, its corners cut twice (Chaikin)."""
    half = np.array(OUTLINE)
    points = np.concatenate([half[::-1], half[1:] * (-1.0, 1.0)])
    for _ in range(2):
        ahead = points[1:] - points[:-1]
        cut = np.stack([points[:-1] + 0.25 * ahead, points[:-1] + 0.75 * ahead], axis=1).reshape(-1, 2)
        points = np.concatenate([points[:1], cut, points[-1:]])
    return points[:, 0], points[:, 1]


def _write_flows(axes: "Axes", treatment: Treatment) -> None:
    body = treatment.stages[0].body
    for vessel, fraction, x, y in FLOWS_WRITTEN:
        part = body.healthy.vessel(vessel)
        start, end = (np.array(body.places[node]) / cm for node in (part.start, part.end))
        place = start + (end - start) * fraction
        side = "right" if x < 0 else "left"
        axes.plot([x, place[0]], [y, place[1]], color=INK, linewidth=0.6, alpha=0.6, zorder=8)
        axes.plot(*place, "o", color=INK, markersize=3, zorder=8)
        flows = " → ".join(f"{_flow(stage, vessel):.0f}" for stage in treatment.stages)
        words = _short(vessel).replace("internal ", "")
        axes.text(x + np.sign(x) * 0.3, y, f"{words}\n{flows}", ha=side, va="center", linespacing=1.35)


def _flow(stage: Stage, vessel: str) -> float:
    return stage.solution.mean_flow_ml_min(stage.body.site(vessel, 0.5).vessel)


def _mark_lesions(axes: "Axes", body: Body, size: float) -> None:
    for lesion in body.lesions:
        vessel = body.healthy.vessel(lesion.vessel)
        (x0, y0), (x1, y1) = (np.array(body.places[node]) / cm for node in (vessel.start, vessel.end))
        x, y = x0 + (x1 - x0) * lesion.at, y0 + (y1 - y0) * lesion.at
        ring = axes.plot(x, y, "o", markersize=size, markeredgecolor=INK, markeredgewidth=1.5, zorder=9)[0]
        ring.set_markerfacecolor("none")


# ---------------------------------------------------------------------------------------------------------------
# curves


def waveforms(treatment: Treatment, vessel: str) -> Figure:
    """Pressure and flow over a beat above the lesion, and in the transverse sinus (or jugular vein) of its side."""
    side = "l" if vessel.endswith("_l") else "r"
    other = f"ijv_{side}" if vessel.startswith("transverse") else f"transverse_sinus_{side}"
    with matplotlib.rc_context(STYLE):
        figure = _figure(4.6)
        grid = figure.subplots(2, 2, sharex=True)
        for column, name in enumerate((vessel, other)):
            for stage in treatment.stages:
                site = stage.body.above(name)
                for row, (variable, unit) in enumerate((("pressure", mmHg), ("flow", mL / minute))):
                    values = stage.solution.at(variable, *site) / unit
                    _plot(grid[row, column], stage, *_closed(stage.solution, values))
            words = _above(treatment, name)
            grid[0, column].set_title(textwrap.fill(words[:1].upper() + words[1:], PANEL))
            grid[1, column].set_xlabel("time in the beat [s]")
        grid[0, 0].set_ylabel("pressure [mmHg]")
        grid[1, 0].set_ylabel("flow [mL/min]")
        _legend(figure, grid[0, 0], treatment)
    return figure


def _above(treatment: Treatment, vessel: str) -> str:
    has_lesion = len(treatment.stages[0].body.pieces(vessel)) > 1
    return f"{label(vessel)}, above the lesion" if has_lesion else label(vessel)


def _closed(solution: Solution, values: Floats) -> tuple[Floats, Floats]:
    """Times from 0 on, the beat's last value standing before its first."""
    return np.concatenate([[0.0], solution.time]), np.concatenate([values[-1:], values])


def pull_back(treatment: Treatment, vessel: str) -> Figure:
    """Mean pressure along the way through the treated vein to the heart, from the sagittal sinus if it leads there.

    Through an artery from the heart to its end.
    """
    body = treatment.stages[0].body
    along, is_vein = _way(body, vessel), body.kinds[vessel] != "artery"
    with matplotlib.rc_context(STYLE):
        figure = _figure(3.9)
        axes = figure.subplots()
        for stage in treatment.stages:
            way, pressure = _profile(stage, along, "pressure", mmHg)
            if is_vein:
                way = np.concatenate([way, way[-1] + np.array([0.0, ATRIUM])])
                pressure = np.concatenate([pressure, np.full(2, stage.pressure_mmhg[RIGHT_ATRIUM])])
            _plot(axes, stage, way, pressure)
        _name_stretches(axes, body, along, atrium=ATRIUM if is_vein else 0.0)
        axes.set_xlabel(f"way of the catheter {'towards' if is_vein else 'from'} the heart [cm]")
        axes.set_ylabel("mean pressure [mmHg]")
        _legend(figure, axes, treatment)
    return figure


def areas(treatment: Treatment, vessel: str) -> Figure:
    """Mean area of the treated vein along its length."""
    body = treatment.stages[0].body
    with matplotlib.rc_context(STYLE):
        figure = _figure(3.2)
        axes = figure.subplots()
        for stage in treatment.stages:
            _plot(axes, stage, *_profile(stage, [vessel], "area", mm**2))
        _shade_lesions(axes, body, vessel, 0.0)
        axes.set_ylim(bottom=0.0)
        axes.set_xlim(0.0, body.lengths[vessel] / cm)
        axes.set_xlabel(f"way along the {label(vessel)}, from upstream [cm]")
        axes.set_ylabel("mean area [mm²]")
        _legend(figure, axes, treatment)
    return figure


def _plot(axes: "Axes", stage: Stage, x: Floats, y: Floats) -> None:
    axes.plot(x, y, color=STAGE_COLOURS[stage.name], linestyle=STAGE_DASHES[stage.name])


def _legend(figure: Figure, axes: "Axes", treatment: Treatment) -> None:
    handles = axes.lines[: len(treatment.stages)]
    names = [stage.name for stage in treatment.stages]
    figure.legend(handles, names, loc="outside upper right", ncols=len(names), handlelength=2.6)


def _profile(stage: Stage, along: list[str], variable: str, unit: float) -> tuple[Floats, Floats]:
    """Distance [cm] along these vessels, one behind the other, and the mean of the variable there."""
    distances: list[Floats] = []
    values: list[Floats] = []
    stations, at = np.array(stage.solution.keep.stations), 0.0
    lengths = {vessel.name: vessel.length / cm for vessel in stage.body.network.vessels}
    for piece in (piece.name for vessel in along for piece in stage.body.pieces(vessel)):
        distances.append(at + stations * lengths[piece])
        values.append(np.array([stage.solution.mean(variable, piece, float(s)) for s in stations]) / unit)
        at += lengths[piece]
    return np.concatenate(distances), np.concatenate(values)


def _shade_lesions(axes: "Axes", body: Body, vessel: str, start: float) -> None:
    length = body.lengths[vessel] / cm
    for piece in body.pieces(vessel):
        if piece.lesion is not None:
            axes.axvspan(start + piece.start * length, start + piece.end * length, color=PLAIN, alpha=0.25, linewidth=0)


def _name_stretches(axes: "Axes", body: Body, along: list[str], *, atrium: float) -> None:
    """Along the top the name of each stretch of the way, lines where they meet, lesions shaded.

    At its end so much [cm] of the right atrium.
    """
    at, stretches = 0.0, []
    for name, vessels in itertools.groupby(along, _short):
        start = at
        for vessel in vessels:
            _shade_lesions(axes, body, vessel, at)
            at += body.lengths[vessel] / cm
        stretches.append((name, start, at))
    axes.set_xlim(0.0, at + atrium)
    free = [-math.inf, -math.inf]  # from where on the lower and the upper row of names are
    for name, start, end in (*stretches, *([("atrium", at, at + atrium)] if atrium else [])):
        if start > 0.0:
            axes.axvline(start, color=INK, linewidth=0.5, alpha=0.35)
        middle, half = 0.5 * (start + end), 0.5 * LETTER * len(name) * (at + atrium)
        row = int(middle - half < free[0])
        free[row] = middle + half
        axes.text(middle, 1.02 + 0.07 * row, name, transform=axes.get_xaxis_transform(), ha="center")


_SHORT = {
    "sss": "sagittal sinus", "transverse": "transverse", "sigmoid": "sigmoid", "ijv": "internal jugular",
    "brachiocephalic": "brachioceph.", "svc": "cava", "straight": "straight sinus", "vertebral": "vertebral",
}  # fmt: skip


def _short(vessel: str) -> str:
    return _SHORT.get(vessel.partition("_")[0], vessel.replace("_", " "))


def _way(body: Body, vessel: str) -> list[str]:
    """Vessels from the sagittal sinus through `vessel` to the heart, each way the shortest with the stream.

    Begins with `vessel` itself where no catheter comes from the sagittal sinus to it. To an artery from the heart.
    """
    parts = {part.name: part for part in body.healthy.vessels}
    start, end = parts[vessel].start, parts[vessel].end
    if body.kinds[vessel] == "artery":
        return [*_shortest(body, parts[AORTA].start, start, ("artery",)), vessel]
    above = _shortest(body, parts[SAGITTAL].start, start) if vessel != SAGITTAL else []
    return [*above, vessel, *_shortest(body, end, RIGHT_ATRIUM)]


def _shortest(body: Body, start: str, goal: str, kinds: tuple[str, ...] = ("vein", "sinus")) -> list[str]:
    """Vessels of these kinds from node to node with the stream, by Dijkstra's method; empty where there is no way."""
    ways: dict[str, list[tuple[str, float, str]]] = {}
    for vessel in body.healthy.vessels:
        if body.kinds[vessel.name] in kinds and min(vessel.radius) > CATHETER:
            ways.setdefault(vessel.start, []).append((vessel.end, vessel.length, vessel.name))
    for link in body.healthy.links:
        if link.start != RIGHT_ATRIUM:  # nor a way through the heart
            ways.setdefault(link.start, []).append((link.end, 0.0, ""))
    queue: list[tuple[float, str, list[str]]] = [(0.0, start, [])]
    seen: set[str] = set()
    while queue:
        length, node, names = heapq.heappop(queue)
        if node == goal:
            return names
        if node not in seen:
            seen.add(node)
            for end, more, name in ways.get(node, ()):
                heapq.heappush(queue, (length + more, end, [*names, name] if name else names))
    return []
