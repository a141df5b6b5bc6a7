"""The circulation as a picture: a person from in front, arteries, veins and sinuses as wide as they are.

Kinds are told apart by colour, red from blue, which the colour-blind can; a sinus has a dashed light line along its
middle as well. Or every vessel has the colour of a value, such as its pressure or flow, with a colour bar.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import matplotlib
import numpy as np
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from azygos.body.body import Body
from azygos.body.network import Network, Vessel
from azygos.body.rows import kinds as reference_kinds
from azygos.body.rows import places as reference_places
from azygos.body.rows import table
from azygos.body.wall import ArteryWall, SinusWall
from azygos.errors import InputError, Problem
from azygos.report.panel import CHEST, HEAD, SIZE, WHOLE, Panel
from azygos.report.person import hearts, hollows, outlines
from azygos.report.route import Place, Route, cut, place_on, ribbon, routes, size_of
from azygos.units import cm

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["FORMATS", "circulation_map", "map_svg", "rendered"]

Format: TypeAlias = Literal["svg", "png", "pdf"]
FORMATS: tuple[Format, ...] = ("svg", "png", "pdf")

INK, PAPER, SKIN, HOLLOW, GREY = "#2b2b2b", "#ffffff", "#f1ebe4", "#e7ddd3", "#b5b0aa"
COLOURS = {"artery": "#cf3f2e", "vein": "#2a6fb0", "sinus": "#7d4fb3"}
MIDDLE = "#e9defa"  # the line along a sinus
STYLE: Any = {
    "font.family": "sans-serif", "font.size": 7.5, "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK,
    "axes.edgecolor": INK, "figure.facecolor": PAPER, "savefig.facecolor": PAPER, "svg.fonttype": "none",
    "svg.hashsalt": "azygos", "path.simplify": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ribbon:
    vessel: str  # of the healthy body
    piece: str  # of the network
    kind: str
    route: Route


# ---------------------------------------------------------------------------------------------------------------
# what is drawn


def map_svg(
    subject: Body | Network,
    *,
    values: Mapping[str, float] | None = None,
    label: str = "",
    limits: tuple[float, float] | None = None,
    colours: str | Colormap = "viridis",
) -> str:
    """The circulation as the text of an SVG file, the same at every call; arguments as of `circulation_map`."""
    figure = circulation_map(subject, values=values, label=label, limits=limits, colours=colours)
    return rendered(figure, "svg").decode("utf-8")


def circulation_map(
    subject: Body | Network,
    *,
    values: Mapping[str, float] | None = None,
    label: str = "",
    limits: tuple[float, float] | None = None,
    colours: str | Colormap = "viridis",
) -> Figure:
    """The whole body beside its head and its chest enlarged, vessels in the colours of their kinds or values.

    `values` by vessel, or by piece of one with a lesion (`ijv_r.lesion`); a vessel without a value is grey. `label`
    names the quantity and its unit below the colour bar, `limits` are the values at the bar's ends (default: the
    least and the greatest), `colours` is matplotlib's name of a colour map.

    Raises InputError when a network has nodes of which it is not known where they lie.
    """
    ribbons = _ribbons(subject)
    paint = _Paint(values, limits, colours)
    narrowed = [subject.piece_of(lesion) for lesion in subject.lesions] if isinstance(subject, Body) else []
    has_heart = any(drawn.vessel == "aorta_ascending_1" for drawn in ribbons)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=SIZE)
        for panel in (WHOLE, HEAD, CHEST):
            axes = _window(figure, panel)
            _draw_person(axes, has_heart)
            _draw_ribbons(axes, panel, ribbons, paint)
            _frame(axes, panel)
            _mark_lesions(axes, panel, [drawn for drawn in ribbons if drawn.piece in narrowed])
            _write_names(axes, panel, ribbons)
            axes.set_title(panel.title, fontsize=10, fontweight="bold", pad=2)
        _orient(figure.axes[0], subject.name)
        _explain(figure.axes[0], paint, label)
    return figure


def rendered(figure: Figure, form: Format) -> bytes:
    """The figure's file, without a date in it and so the same every time."""
    metadata: dict[str, None] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}[form]
    data = io.BytesIO()
    with matplotlib.rc_context(STYLE):
        figure.savefig(data, format=form, dpi=160, metadata=metadata)
    if form != "svg":
        return data.getvalue()
    # a tenth of a point is finer than the eye; further digits only lengthen the file
    short = re.sub(r"(\d+\.\d)\d\d+", r"\1", data.getvalue().decode("utf-8"))
    return short.encode("utf-8")


class _Paint:
    """The colour of each ribbon: of its kind, or of its value."""

    def __init__(
        self,
        values: Mapping[str, float] | None,
        limits: tuple[float, float] | None,
        colours: str | Colormap,
    ) -> None:
        self.values = values
        finite = [value for value in (values or {}).values() if np.isfinite(value)]
        low, high = limits or (min(finite, default=0.0), max(finite, default=1.0))
        self.norm = Normalize(low, high)
        self.map = matplotlib.colormaps[colours] if isinstance(colours, str) else colours

    def of(self, drawn: _Ribbon) -> Any:
        if self.values is None:
            return COLOURS[drawn.kind]
        value = self.values.get(drawn.piece, self.values.get(drawn.vessel, np.nan))
        return self.map(self.norm(value)) if np.isfinite(value) else GREY


def _ribbons(subject: Body | Network) -> list[_Ribbon]:
    """Every vessel, thick ones first so that thin ones lie on top."""
    found = list(_of_body(subject) if isinstance(subject, Body) else _of_network(subject))
    return sorted(found, key=lambda drawn: (-sum(drawn.route.radius), drawn.piece))


def _of_body(body: Body) -> Iterator[_Ribbon]:
    ways = _ways(body.healthy, body.places, body.name)
    parts = {vessel.name: vessel for vessel in body.network.vessels}
    unit = cm * size_of(body.places)
    for vessel in body.healthy.vessels:
        for piece in body.pieces(vessel.name):
            radius = parts[piece.name].radius
            route = cut(ways[vessel.name], piece.start, piece.end, (radius[0] / unit, radius[1] / unit))
            yield _Ribbon(vessel=vessel.name, piece=piece.name, kind=body.kinds[vessel.name], route=route)


def _of_network(network: Network) -> Iterator[_Ribbon]:
    """A network's vessels, by the reference adult's places of the nodes of the same names."""
    ways = _ways(network, reference_places(), network.name)
    for vessel in network.vessels:
        yield _Ribbon(vessel=vessel.name, piece=vessel.name, kind=_kind(vessel), route=ways[vessel.name])


def _ways(network: Network, places: Mapping[str, Place], name: str) -> dict[str, Route]:
    """Every vessel's route. Raises InputError where it is not known where a node lies."""
    lost = sorted({node for vessel in network.vessels for node in (vessel.start, vessel.end)} - set(places))
    if lost:
        some = ", ".join(f"'{node}'" for node in lost[:5]) + (", ..." if len(lost) > 5 else "")
        what = f"it is not known where {len(lost)} of its nodes lie: {some}"
        remedy = "name them as the reference adult's, which 'azygos body list' says"
        raise InputError(Problem(what, f"network '{name}'", remedy))
    return routes(network.vessels, places)


def _kind(vessel: Vessel) -> str:
    """Of a vessel of the reference adult its kind, of another what its wall suggests."""
    by_wall = {ArteryWall: "artery", SinusWall: "sinus"}.get(type(vessel.wall), "vein")
    return reference_kinds().get(vessel.name, by_wall)


# ---------------------------------------------------------------------------------------------------------------
# drawing


def _window(figure: Figure, panel: Panel) -> "Axes":
    axes = figure.add_axes(panel.axes)
    axes.set_xlim(*panel.x)
    axes.set_ylim(*panel.y)
    axes.set_aspect("equal")
    axes.set_axis_off()
    return axes


def _draw_person(axes: "Axes", has_heart: bool) -> None:
    for outline in outlines():
        axes.add_patch(Polygon(outline, closed=True, facecolor=SKIN, edgecolor="#d9cfc4", linewidth=0.5, zorder=0))
    for outline in outlines():  # once more without an edge, so that no part's edge crosses another part
        axes.add_patch(Polygon(outline, closed=True, facecolor=SKIN, edgecolor="none", zorder=0.1))
    for hollow in hollows():
        axes.add_patch(Polygon(hollow, closed=True, facecolor=HOLLOW, edgecolor="none", zorder=0.2))
    if has_heart:
        for half, kind in zip(hearts(), ("vein", "artery"), strict=True):
            axes.add_patch(Polygon(half, closed=True, facecolor=COLOURS[kind], alpha=0.25, linewidth=0, zorder=0.5))


def _draw_ribbons(axes: "Axes", panel: Panel, ribbons: Sequence[_Ribbon], paint: _Paint) -> None:
    for order, drawn in enumerate(ribbons):
        zorder = 1.0 + order / len(ribbons)
        if not _is_seen(drawn.route, panel):
            continue
        outline, *sides = ribbon(drawn.route, least=panel.least)
        if panel.has_rims:
            # a light line along its sides sets a vessel off from those behind it; its ends have none and join others
            rim = np.vstack([sides[0][1:-1], [[np.nan, np.nan]], sides[1][1:-1]])
            axes.plot(*rim.T, color=SKIN, linewidth=0.9, zorder=zorder)
        axes.add_patch(Polygon(outline, closed=True, facecolor=paint.of(drawn), linewidth=0, zorder=zorder + 5e-5))
        if drawn.kind == "sinus":
            axes.plot(*drawn.route.points.T, color=MIDDLE, linewidth=0.7, dashes=(3.0, 2.0), zorder=zorder + 1e-4)


def _frame(axes: "Axes", panel: Panel) -> None:
    """Cuts the person off at the panel's frame, which is drawn unless the frame is the whole panel."""
    if panel.frame == panel.x:
        return
    (left, right), (low, high) = panel.frame, panel.y
    edge = Rectangle((left, low), right - left, high - low, fill=False, zorder=5)
    edge.set(edgecolor=INK, linewidth=0.7, alpha=0.45)
    axes.add_patch(edge)
    for artist in (*axes.patches[:-1], *axes.lines):
        artist.set_clip_path(edge)


def _is_seen(route: Route, panel: Panel) -> bool:
    (left, low), (right, high) = route.points.min(axis=0), route.points.max(axis=0)
    return bool(right > panel.frame[0] and left < panel.frame[1] and high > panel.y[0] and low < panel.y[1])


def _mark_lesions(axes: "Axes", panel: Panel, lesions: Sequence[_Ribbon]) -> None:
    """A ring round every lesion."""
    for drawn in lesions:
        x, y = place_on(drawn.route, 0.5)
        if panel.shows(x, y):
            axes.plot(x, y, "o", markersize=15, mfc="none", mec=INK, mew=1.6, zorder=4)


def _write_names(axes: "Axes", panel: Panel, ribbons: Sequence[_Ribbon]) -> None:
    """Names in a column at each side, each with a line to its vessel."""
    known = {drawn.vessel: drawn for drawn in ribbons}
    for names, side in ((panel.veins, -1.0), (panel.arteries, 1.0)):
        named = [(known[name], place_on(known[name].route, at)) for name, at in names if name in known]
        seen = sorted((pair for pair in named if panel.shows(*pair[1])), key=lambda pair: -pair[1][1])
        heights = _spread([place[1] for _, place in seen], panel.gap)
        column, bend = side * panel.column, side * (panel.column - 0.7 * panel.gap)
        for (drawn, (x, y)), height in zip(seen, heights, strict=True):
            axes.plot([x, bend, column], [y, height, height], color=INK, linewidth=0.4, alpha=0.6, zorder=3)
            axes.plot(x, y, "o", color=INK, markersize=1.6, zorder=3)
            words = axes.text(column + side * 0.2 * panel.gap, height, _words(drawn.vessel), va="center")
            words.set(color=COLOURS[drawn.kind], ha="right" if side < 0.0 else "left")


def _spread(wanted: Sequence[float], gap: float) -> list[float]:
    """Heights near those wanted, which fall, no two closer than `gap`: neighbours that are push each other apart."""
    groups: list[list[float]] = []  # of each: the mean of what its members want of its first, their number
    for height in wanted:
        groups.append([height, 1.0])
        while len(groups) > 1 and groups[-2][0] - groups[-2][1] * gap < groups[-1][0]:
            first, count = groups.pop()
            above, number = groups.pop()
            groups.append([(above * number + (first + number * gap) * count) / (number + count), number + count])
    return [top - i * gap for top, count in groups for i in range(int(count))]


def _words(vessel: str) -> str:
    """A vessel's English name without its side and without what limits a part of it."""
    names = {row["vessel"]: row["english"] for row in table("names")}
    words = names.get(vessel, vessel.replace("_", " ")).partition(",")[0].partition(" (")[0]
    return words.removeprefix("left ").removeprefix("right ")


def _orient(whole: "Axes", name: str) -> None:
    """In the picture of the whole body: its name, its sides, and frames round what the others enlarge."""
    for panel in (HEAD, CHEST):
        (left, right), (low, high) = panel.frame, panel.y
        frame = Rectangle((left, low), right - left, high - low, fill=False, zorder=5)
        frame.set(edgecolor=INK, linewidth=0.5, alpha=0.45)
        whole.add_patch(frame)
    left, right, top = WHOLE.x[0] + 1.0, WHOLE.x[1] - 1.0, WHOLE.y[1] - 1.0
    whole.text(left, top, name[:1].upper() + name[1:], fontsize=12, fontweight="bold", va="top")
    whole.text(left, -128.0, "patient's right", style="italic")
    whole.text(right, -128.0, "patient's left", style="italic", ha="right")


def _explain(whole: "Axes", paint: _Paint, label: str) -> None:
    """Beside the head the legend of the kinds, or the colour bar of the values."""
    left, top = WHOLE.x[0] + 1.5, WHOLE.y[1] - 8.0
    if paint.values is not None:
        from matplotlib.cm import ScalarMappable

        cax = whole.inset_axes((left, top - 3.0, 30.0, 2.2), transform=whole.transData)
        bar = whole.figure.colorbar(ScalarMappable(paint.norm, paint.map), cax=cax, orientation="horizontal")
        bar.set_label(label)
        return
    for row, (kind, words) in enumerate((("artery", "artery"), ("vein", "vein"), ("sinus", "dural sinus"))):
        y = top - 3.6 * row
        whole.plot([left, left + 5.0], [y, y], color=COLOURS[kind], linewidth=5, solid_capstyle="round")
        if kind == "sinus":
            whole.plot([left, left + 5.0], [y, y], color=MIDDLE, linewidth=0.9, dashes=(3.0, 2.0))
        whole.text(left + 7.0, y, words, va="center", fontsize=9)
    whole.text(left - 0.5, top - 11.5, "widths to scale, but none\nthinner than a hair", va="top")
