"""Pictures of an ultrasound examination, as a scanner shows them: grey on black, from the recording alone."""

import math
import textwrap
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeAlias

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from azygos.instruments.recording import Picture as Seen
from azygos.instruments.recording import Recording, Site
from azygos.report.document import Picture
from azygos.report.figures import STYLE, WIDTH, svg
from azygos.report.vessel_name import vessel_name
from azygos.units import cm, minute, mL, mm

__all__ = ["b_modes", "pictures", "spectra"]

LANDMARKS = {0.1: "J3, below the skull", 0.5: "J2, mid-neck", 0.9: "J1, above the collar bone"}
DEEP = "deep cerebral veins"
PAIRS = {
    "vertebral_vein": "vertebral veins",
    "internal_cerebral_vein": DEEP,
    "basal_vein": DEEP,
    "great_cerebral_vein": DEEP,
}
HEAD, FOOT = 0.3, 0.45  # above and below the panels of a figure [in]
CALLIPERS = "#ffd24a"
BASELINE = "#ff8c42"

Draw: TypeAlias = Callable[[Axes, Recording, Seen], None]


def pictures(recording: Recording) -> list[Picture]:
    """Sections of the jugular veins, then spectra: a vein of several landmarks alone, others with their fellow."""
    found = []
    for title, sites in _groups(recording, "b_mode"):
        if sites[0].vessel.startswith("ijv_"):  # a section of the small veins shows little
            caption = (
                "Across the neck: skin on top, the artery beside the vein, round. Written is the traced area with one "
                "standard deviation."
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
    """Sections of veins: postures in rows, sites in columns."""
    return _grid(recording, sites, "b_mode", 2.35, _draw_section)


def spectra(recording: Recording, sites: Sequence[Site]) -> Figure:
    """Spectra of veins: postures in rows, sites in columns."""
    return _grid(recording, sites, "spectrum", 1.9, _draw_spectrum)


def _groups(recording: Recording, kind: str) -> list[tuple[str, list[Site]]]:
    """The sites that share a figure, with its title."""
    sites = list(dict.fromkeys(picture.site for picture in recording.pictures if picture.kind == kind))
    places = Counter(site.vessel for site in sites)
    groups: dict[str, list[Site]] = {}
    for site in sites:
        pair = site.vessel.removesuffix("_r").removesuffix("_l")
        name = vessel_name(site.vessel) if places[site.vessel] > 1 else PAIRS.get(pair, pair.replace("_", " "))
        groups.setdefault(name, []).append(site)
    return list(groups.items())


def _grid(recording: Recording, sites: Sequence[Site], kind: str, height: float, draw: Draw) -> Figure:
    some = [picture for picture in recording.pictures if picture.kind == kind and picture.site in sites]
    rows = list(dict.fromkeys(picture.posture for picture in some))
    several = len({site.vessel for site in sites}) > 1
    with matplotlib.rc_context(STYLE):
        tall = height * len(rows) + HEAD + FOOT
        figure = Figure(figsize=(WIDTH, tall))  # laid out by hand: matplotlib's own layout takes as long as the drawing
        figure.subplots_adjust(
            left=0.085, right=0.995, bottom=FOOT / tall, top=1.0 - HEAD / tall, wspace=0.22, hspace=0.22
        )
        grid = figure.subplots(len(rows), len(sites), squeeze=False)
        for seen in some:
            row, column = rows.index(seen.posture), sites.index(seen.site)
            axes = grid[row, column]
            draw(axes, recording, seen)
            if row == 0:
                title = textwrap.fill(vessel_name(seen.site.vessel), 80 // len(sites)) if several else _place(seen.site)
                axes.set_title(title, fontsize=9.5)
            axes.set_xlabel(axes.get_xlabel() if row == len(rows) - 1 else "")
            axes.set_ylabel(f"{seen.posture}\n{axes.get_ylabel()}" if column == 0 else "")
    return figure


def _place(site: Site) -> str:
    known = LANDMARKS if site.vessel.startswith("ijv_") else {}
    return known.get(site.fraction, f"at {site.fraction:g} of its length")


def _draw_section(axes: Axes, recording: Recording, seen: Seen) -> None:
    depth, lateral = (values / mm for values in seen.axes.values())
    extent = (lateral[0], lateral[-1], depth[-1], depth[0])
    axes.imshow(seen.values, cmap="gray", vmin=0.0, vmax=1.0, extent=extent, interpolation="none")
    axes.set_facecolor("black")
    axes.set_xticks([])
    axes.set_yticks([0, 10, 20, 30])
    axes.set_ylabel("depth [mm]")
    for reading in recording.find("area", seen.site.vessel, seen.posture):
        if reading.site == seen.site:
            words = f"{reading.value / mm**2:.0f} ± {reading.error / mm**2:.0f} mm²"
            _write(axes, words)


def _draw_spectrum(axes: Axes, recording: Recording, seen: Seen) -> None:
    time, velocity = seen.axes["time [s]"], seen.axes["velocity [m/s]"] / cm
    extent = (time[0], time[-1], velocity[0], velocity[-1])
    axes.imshow(
        seen.values.T, cmap="gray", vmin=0.0, vmax=1.0, extent=extent, aspect="auto", origin="lower",
        interpolation="none",
    )  # fmt: skip
    axes.axhline(0.0, color=BASELINE, linewidth=0.7)
    axes.set_xlabel("time [s]")
    axes.set_xticks(range(math.ceil(time[-1]) + 1) if time[-1] < 10.0 else range(0, math.ceil(time[-1]) + 1, 5))
    axes.set_xlim(time[0], time[-1])
    axes.set_ylabel("velocity [cm/s]")
    _write(axes, _words(recording, seen))


def _write(axes: Axes, words: str) -> None:
    """In the lower right corner, as scanners write their measurements."""
    box = {"boxstyle": "square,pad=0.15", "facecolor": "black", "edgecolor": "none", "alpha": 0.55}
    axes.text(
        0.98, 0.05, words, transform=axes.transAxes, color=CALLIPERS, ha="right", va="bottom", fontsize=8.5, bbox=box
    )


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
