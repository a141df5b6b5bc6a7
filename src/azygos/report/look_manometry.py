"""Pictures of a manometry: pressure along the pull-back of a catheter, with the names of the places."""

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from azygos.instruments.recording import Picture as Seen
from azygos.instruments.recording import Reading, Recording
from azygos.report.figures import PLAIN, STYLE, by_hand, svg
from azygos.report.picture import Picture
from azygos.units import cm, mmHg

__all__ = ["pictures", "pull_back"]

CURVE, SITE = "#d55e00", "#1f6fc2"
NAMES = {
    "sss": "sagittal\nsinus", "transverse_sinus": "transverse\nsinus", "sigmoid_sinus": "sigmoid\nsinus",
    "ijv": "internal\njugular vein", "brachiocephalic": "brachio-\ncephalic", "svc": "superior\nvena cava",
    "azygos": "azygos vein",
}  # fmt: skip
SIDES = {"_r": "right", "_l": "left"}
LEAST_SPAN = 4.0  # of the pressure axis [mmHg], so that no noise looks like a gradient


def pictures(recording: Recording) -> list[Picture]:
    """A curve for every pull-back."""
    found = []
    for path in _pull_backs(recording):
        title = f"Pull-back: {_title(path)}"
        zero = float(recording.protocol.get("zero error, shared by all readings [Pa]", 0.0))
        shared = f"; all of it may lie {zero / mmHg:.2g} mmHg higher or lower (1 SD)" if zero else ""
        caption = (
            "Mean pressure as the catheter comes back to the right atrium, dots the single readings, diamonds the "
            f"places read besides{shared}. {str(recording.protocol['state']).capitalize()}."
        )
        found.append(Picture(title=title, caption=caption, drawing=svg(pull_back(recording, path), title)))
    return found


def pull_back(recording: Recording, path: Sequence[Seen]) -> Figure:
    """Pressure against distance; `path` are the vessels of one pull-back, from upstream."""
    with matplotlib.rc_context(STYLE):
        figure = by_hand(3.4, left=0.6, bottom=0.5, top=0.1)
        axes = figure.subplots()
        _draw_curve(axes, path)
        _draw_sites(axes, recording, path)
        low, high = axes.get_ylim()
        if high - low < LEAST_SPAN:
            low, high = (0.5 * (low + high) + sign * 0.5 * LEAST_SPAN for sign in (-1, 1))
        axes.set_ylim(low, high + 0.22 * (high - low))
        _name(axes, path)
        axes.set_xlabel("distance from the first place [cm]")
        axes.set_ylabel("mean pressure [mmHg]")
    return figure


def _pull_backs(recording: Recording) -> list[list[Seen]]:
    """Pictures of one pull-back follow each other; where the distance begins anew, another does."""
    paths: list[list[Seen]] = []
    for seen in recording.pictures:
        if seen.kind != "pull_back":
            continue
        if seen.axes["distance [m]"][0] == 0.0:
            paths.append([])
        paths[-1].append(seen)
    return paths


def _title(path: Sequence[Seen]) -> str:
    side = next((SIDES[seen.site.vessel[-2:]] for seen in path if seen.site.vessel[-2:] in SIDES), "")
    return f"{side} side, sagittal sinus to right atrium" if side else "azygos vein to right atrium"


def _draw_curve(axes: Axes, path: Sequence[Seen]) -> None:
    distance = np.concatenate([seen.axes["distance [m]"] for seen in path]) / cm
    pressure = np.concatenate([seen.values for seen in path]) / mmHg
    axes.plot(distance, pressure, "o", markersize=2.2, color=PLAIN)
    near = np.abs(distance[:, None] - distance[None, :]) <= 1.01  # the mean within a centimetre, as a monitor smooths
    axes.plot(distance, (near @ pressure) / near.sum(axis=1), color=CURVE)
    axes.set_xlim(float(distance[0]), float(distance[-1]))


def _draw_sites(axes: Axes, recording: Recording, path: Sequence[Seen]) -> None:
    for seen in path:
        begin, end = (float(seen.axes["distance [m]"][i]) / cm for i in (0, -1))
        readings: list[Reading] = list(recording.find("pressure", seen.site.vessel, seen.posture))
        at = [begin + reading.site.fraction * (end - begin) for reading in readings]
        axes.plot(at, [reading.value / mmHg for reading in readings], "D", markersize=5, mfc="none", mec=SITE, mew=1.3)


def _name(axes: Axes, path: Sequence[Seen]) -> None:
    """The names of the places above the curve, and a line where one ends."""
    spans: dict[str, list[float]] = {}
    for seen in path:
        begin, end = (float(seen.axes["distance [m]"][i]) / cm for i in (0, -1))
        name = next((NAMES[key] for key in NAMES if seen.site.vessel.startswith(key)), seen.site.vessel)
        spans.setdefault(name, [begin, end])[1] = end
    for name, (begin, end) in spans.items():
        axes.text(
            0.5 * (begin + end), 0.985, name, transform=axes.get_xaxis_transform(), ha="center", va="top", fontsize=8.5
        )
        if begin > 0.0:
            axes.axvline(begin, color=PLAIN, linewidth=0.7, linestyle=(0, (3, 3)))
