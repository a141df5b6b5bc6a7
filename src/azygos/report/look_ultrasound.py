"""Pictures of an ultrasound examination, as a scanner shows them: grey on black, from the recording alone."""

import math
import textwrap
from collections import Counter
from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Transform

from azygos.instruments.recording import Picture as Seen
from azygos.instruments.recording import Recording, Site
from azygos.report.figures import STYLE, WIDTH, by_hand, svg
from azygos.report.picture import Picture, one_deviation
from azygos.report.vessel_name import vessel_name
from azygos.units import cm, minute, mL, mm

__all__ = ["b_modes", "pictures", "spectra"]

LANDMARKS = {0.1: "J3, below the skull", 0.5: "J2, mid-neck", 0.9: "J1, above the collar bone"}
DEEP = "deep cerebral veins"
PAIRS = {
    "ijv": "internal jugular veins",
    "vertebral_vein": "vertebral veins",
    "internal_cerebral_vein": DEEP,
    "basal_vein": DEEP,
    "great_cerebral_vein": DEEP,
}
HEAD, TITLES, FOOT = 0.3, 0.45, 0.45  # above the panels of a figure, with long titles, and below [in]
SPECTRUM = 1.9  # height of a spectrum [in]
GAP = 1.5  # between two sections [mm]
CALLIPERS = "#ffd24a"
BASELINE = "#ff8c42"


def pictures(recording: Recording) -> list[Picture]:
    """Sections of the jugular veins, then spectra: a vein of several landmarks alone, others with their fellow."""
    found = []
    for title, sites in _groups(recording, "b_mode"):
        if sites[0].vessel.startswith("ijv_"):  # a section of the small veins shows little
            caption = (
                "Across the neck: skin on top, the artery beside the vein, round. Written is the traced area"
                f"{one_deviation(recording)}."
            )
            whole = f"B-mode: {title}"
            found.append(Picture(title=whole, caption=caption, drawing=svg(b_modes(recording, sites), whole)))
    angle = recording.protocol["insonation angle [degrees]"]
    for title, sites in _groups(recording, "spectrum"):
        caption = f"Velocities in the lumen over time, above the line towards the heart; beam at {angle:g} degrees."
        whole = f"Doppler spectrum: {title}"
        found.append(Picture(title=whole, caption=caption, drawing=svg(spectra(recording, sites), whole)))
    return found


def b_modes(recording: Recording, sites: Sequence[Site]) -> Figure:
    """Sections of a vein, as one picture: postures in rows, sites in columns."""
    some = [seen for seen in recording.pictures if seen.kind == "b_mode" and seen.site in sites]
    rows = list(dict.fromkeys(seen.posture for seen in some))
    depth, lateral = (values / mm for values in some[0].axes.values())
    wide, tall = float(np.ptp(lateral)), float(np.ptp(depth))
    step = (wide + GAP, tall + GAP)
    with matplotlib.rc_context(STYLE):
        scale = (WIDTH - 0.75) / (len(sites) * step[0])  # [in/mm]
        figure = by_hand(scale * step[1] * len(rows) + HEAD, left=0.7, bottom=0.05, top=HEAD)
        axes = figure.subplots()
        for seen in some:
            left, top = sites.index(seen.site) * step[0], rows.index(seen.posture) * step[1]
            axes.imshow(
                seen.values, cmap="gray", vmin=0.0, vmax=1.0, extent=(left, left + wide, top + tall, top),
                interpolation="none",
            )  # fmt: skip
            _write(axes, _traced(recording, seen), (left + 0.98 * wide, top + 0.95 * tall))
        _label_sections(axes, rows, sites, step, wide)
    return figure


def _label_sections(
    axes: Axes, rows: Sequence[str], sites: Sequence[Site], step: tuple[float, float], wide: float
) -> None:
    axes.set_xlim(0.0, len(sites) * step[0])
    axes.set_ylim(len(rows) * step[1], 0.0)
    axes.set_xticks([step[0] * i + 0.5 * wide for i in range(len(sites))], [_place(site) for site in sites])
    axes.tick_params(axis="x", top=False, bottom=False, labeltop=True, labelbottom=False)
    for label in axes.get_xticklabels():
        label.set(fontweight="bold")
    depths = [(row * step[1] + depth, depth) for row in range(len(rows)) for depth in (0, 10, 20)]
    axes.set_yticks([at for at, _ in depths], [str(depth) for _, depth in depths])
    axes.spines[:].set_visible(False)
    for row, posture in enumerate(rows):
        middle = row * step[1] + 0.5 * (step[1] - GAP)
        words = f"{posture}\ndepth [mm]"
        axes.text(
            -0.045, middle, words, transform=axes.get_yaxis_transform(), rotation=90, ha="right", va="center",
            multialignment="center",
        )  # fmt: skip


def _traced(recording: Recording, seen: Seen) -> str:
    """The traced area of a section; empty where none was traced."""
    for reading in recording.find("area", seen.site.vessel, seen.posture):
        if reading.site == seen.site:
            error = f" ± {reading.error / mm**2:.0f}" if reading.error else ""
            return f"{reading.value / mm**2:.0f}{error} mm²"
    return ""


def spectra(recording: Recording, sites: Sequence[Site]) -> Figure:
    """Spectra of veins: postures in rows, sites in columns."""
    some = [seen for seen in recording.pictures if seen.kind == "spectrum" and seen.site in sites]
    rows = list(dict.fromkeys(seen.posture for seen in some))
    several = len({site.vessel for site in sites}) > 1
    head = TITLES if several else HEAD
    with matplotlib.rc_context(STYLE):
        figure = by_hand(SPECTRUM * len(rows) + head + FOOT, left=0.75, bottom=FOOT, top=head)
        between = {"wspace": 0.22 if len(sites) < 4 else 0.4, "hspace": 0.22}
        grid = figure.subplots(len(rows), len(sites), squeeze=False, gridspec_kw=between)
        for seen in some:
            row, column = rows.index(seen.posture), sites.index(seen.site)
            axes = grid[row, column]
            _draw_spectrum(axes, recording, seen)
            if row == 0:
                title = textwrap.fill(vessel_name(seen.site.vessel), 80 // len(sites)) if several else _place(seen.site)
                axes.set_title(title, fontsize=9.5)
            axes.set_xlabel("time [s]" if row == len(rows) - 1 else "")
            axes.set_ylabel(f"{seen.posture}\nvelocity [cm/s]" if column == 0 else "")
    return figure


def _groups(recording: Recording, kind: str) -> list[tuple[str, list[Site]]]:
    """The sites that share a figure, with its title."""
    sites = list(dict.fromkeys(picture.site for picture in recording.pictures if picture.kind == kind))
    places, sharing = Counter(site.vessel for site in sites), Counter(_pair(site) for site in sites)
    groups: dict[str, list[Site]] = {}
    for site in sites:
        is_alone = places[site.vessel] > 1 or sharing[_pair(site)] == 1
        name = vessel_name(site.vessel) if is_alone else _pair(site)
        groups.setdefault(name, []).append(site)
    return list(groups.items())


def _pair(site: Site) -> str:
    """What to call a vein together with its fellow."""
    pair = site.vessel.removesuffix("_r").removesuffix("_l")
    return PAIRS.get(pair, pair.replace("_", " "))


def _place(site: Site) -> str:
    known = LANDMARKS if site.vessel.startswith("ijv_") else {}
    return known.get(site.fraction, f"at {site.fraction:g} of its length")


def _draw_spectrum(axes: Axes, recording: Recording, seen: Seen) -> None:
    time, velocity = seen.axes["time [s]"], seen.axes["velocity [m/s]"] / cm
    extent = (time[0], time[-1], velocity[0], velocity[-1])
    axes.imshow(
        seen.values.T, cmap="gray", vmin=0.0, vmax=1.0, extent=extent, aspect="auto", origin="lower",
        interpolation="none",
    )  # fmt: skip
    axes.axhline(0.0, color=BASELINE, linewidth=0.7)
    axes.set_xticks(range(math.ceil(time[-1]) + 1) if time[-1] < 10.0 else range(0, math.ceil(time[-1]) + 1, 5))
    axes.set_xlim(time[0], time[-1])
    _write(axes, _words(recording, seen), (0.98, 0.05), axes.transAxes)


def _write(axes: Axes, words: str, corner: tuple[float, float], system: Transform | None = None) -> None:
    """In the lower right corner, as scanners write their measurements; a place in the data, or in `system`."""
    box = {"boxstyle": "square,pad=0.15", "facecolor": "black", "edgecolor": "none", "alpha": 0.55}
    within = system or axes.transData
    axes.text(*corner, words, transform=within, color=CALLIPERS, ha="right", va="bottom", fontsize=8.5, bbox=box)


def _words(recording: Recording, seen: Seen) -> str:
    units = {"time_averaged_velocity": ("mean", cm, "cm/s"), "flow": ("flow", mL / minute, "mL/min")}
    said = []
    for quantity, (name, unit, text) in units.items():
        for reading in recording.find(quantity, seen.site.vessel, seen.posture):
            if reading.site == seen.site:
                said.append(f"{name} {reading.value / unit:.{1 if unit == cm else 0}f} {text}")
    for reading in recording.find("reflux_time", seen.site.vessel, seen.posture):
        if reading.site == seen.site and reading.value > 0.0:
            said.append(f"reflux {reading.value:.2f} s")
    return "\n".join(said)
