"""The page of an examination: what each instrument showed, its readings, and what published rules say of them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module, util
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from azygos.engine.solution import Solve
from azygos.instruments.examination import Examination
from azygos.instruments.findings import Finding
from azygos.instruments.recording import Reading, Recording, Site
from azygos.report.page import render
from azygos.report.picture import Picture
from azygos.report.vessel_name import vessel_name
from azygos.units import cm, minute, mL, mm, mmHg, second

if TYPE_CHECKING:
    from azygos.report.sources import Use

__all__ = [
    "as_json", "drawings", "finding_rows", "in_words", "outcomes", "page", "protocol_words", "readings_table", "shown",
    "title_of",
]  # fmt: skip

Rows: TypeAlias = list[tuple[str, list[str]]]

DRAWN_BY: Mapping[str, str] = MappingProxyType(
    {
        "ultrasound": "azygos.report.look_ultrasound",
        "mri": "azygos.report.look_mri",
        "venography": "azygos.report.look_venography",
        "ivus": "azygos.report.look_venography",
        "manometry": "azygos.report.look_manometry",
    }
)
TITLES: Mapping[str, str] = MappingProxyType(
    {"ultrasound": "Duplex ultrasound", "mri": "Phase-contrast MRI", "venography": "Catheter venography",
     "ivus": "Intravascular ultrasound", "manometry": "Manometry"}
)  # fmt: skip
# How a dimension is shown: unit, its name, decimals; and what it is called in SI.
SHOWN: Mapping[str, tuple[float, str, int, str]] = MappingProxyType(
    {"area": (mm**2, "mm²", 1, "m2"), "speed": (cm / second, "cm/s", 1, "m/s"), "time": (second, "s", 2, "s"),
     "flow": (mL / minute, "mL/min", 0, "m3/s"), "pressure": (mmHg, "mmHg", 1, "Pa"), "length": (mm, "mm", 1, "m"),
     "number": (0.01, "%", 0, "1")}
)  # fmt: skip
CALLED: Mapping[str, str] = MappingProxyType(
    {"time_averaged_velocity": "mean velocity", "peak_velocity": "peak", "reflux_time": "reflux"}
)
MOST_ROWS = 60  # of a table of readings
# A protocol is in SI; of these units a clinician's.
SAID: Mapping[str, tuple[float, str]] = MappingProxyType(
    {"Hz": (1e6, "MHz"), "m/s": (cm / second, "cm/s"), "m": (mm, "mm"), "Pa": (mmHg, "mmHg"), "deg": (1.0, "degrees"),
     "m3/s": (mL / minute, "mL/min")}
)  # fmt: skip


def title_of(instrument: str) -> str:
    """What an instrument is called; by its registered name where nobody has given it a title."""
    return TITLES.get(instrument, instrument)


def shown(value: float, dimension: str) -> str:
    """A number in its clinical unit, without the unit."""
    unit, _, decimals, _ = SHOWN[dimension]
    return f"{value / unit:.{decimals}f}"


def in_words(text: str) -> str:
    """The text with vessels as a clinician calls them: ijv_r is the right internal jugular vein."""
    return re.sub(r"\b[a-z]+_\w+", lambda name: vessel_name(name[0]).replace("\n", " "), text)


def protocol_words(recording: Recording) -> list[str]:
    """How it was done, in clinical units."""
    said = []
    for name, value in recording.protocol.items():
        words, _, unit = name.removesuffix("]").partition(" [")
        size, unit = SAID.get(unit, (1.0, unit))
        number = value if isinstance(value, str) else f"{value / size:.3g}"
        said.append(f"{words}: {number} {unit}".strip())
    return said


def readings_table(
    recording: Recording, *, with_errors: bool = True, words: bool = True
) -> tuple[list[str], Rows, int]:
    """Headings with units, a row for every site and posture, and how many rows are left out."""
    columns = {(reading.quantity, reading.unit): None for reading in recording.readings}
    places: dict[tuple[str, str], dict[str, Reading]] = {}
    for reading in recording.readings:
        places.setdefault((_place(reading.site, words), reading.posture), {})[reading.quantity] = reading
    if any(quantity == "narrowing" for quantity, _ in columns):  # the calibre all along a vessel is a picture
        places = {place: some for place, some in places.items() if "narrowing" in some}
    headings = [f"{CALLED.get(quantity, quantity)} [{SHOWN[unit][1]}]" for quantity, unit in columns]
    rows = [
        (f"{site}, {posture}", [_cell(found.get(quantity), with_errors) for quantity, _ in columns])
        for (site, posture), found in places.items()
    ]
    return headings, rows[:MOST_ROWS], max(len(rows) - MOST_ROWS, 0)


def _place(site: Site | None, words: bool) -> str:
    if site is None:
        return "whole patient"
    name = vessel_name(site.vessel).replace("\n", " ") if words else site.vessel
    return f"{name} at {site.fraction:.2g}"


def _cell(reading: Reading | None, with_error: bool) -> str:
    if reading is None:
        return ""
    error = f" ± {shown(reading.error, reading.unit)}" if reading.error and with_error else ""
    return f"{shown(reading.value, reading.unit)}{error}"


def finding_rows(findings: Iterable[Finding], *, words: bool = True) -> list[tuple[str, ...]]:
    """Fired, site, rule, measure, interval with unit and certainty of every finding: the total, then what fired.

    Vessels by their names in words, or as files and options call them.
    """
    rows: list[tuple[str, ...]] = []
    for found in sorted(findings, key=lambda found: (found.site is not None, not found.fired)):
        measure = ", ".join(filter(None, (found.measure, found.remark)))
        chance = f"{100.0 * found.certainty:.0f} %"
        fired = "yes" if found.fired else "no"
        place = _place(found.site, words)
        rows.append((fired, place, found.rule.name, in_words(measure) if words else measure, _interval(found), chance))
    return rows


def _interval(found: Finding) -> str:
    """With its unit; nothing where it has no width."""
    low, high = found.interval
    if low == high:
        return ""
    if found.site is None:
        return f"{low:.0f} to {high:.0f}"
    return f"{shown(low, found.rule.unit)} to {shown(high, found.rule.unit)} {SHOWN[found.rule.unit][1]}"


def drawings(recording: Recording) -> list[Picture]:
    """The pictures of a recording; none of an instrument that has nobody to draw for it."""
    name = DRAWN_BY.get(recording.instrument, "")
    if not name or util.find_spec(name) is None:
        return []
    return list(import_module(name).pictures(recording))


def page(examination: Examination, uses: "Iterable[Use]") -> tuple[str, dict[str, str]]:
    """The HTML of an examination, which needs nothing beside it; and its drawings as SVG files by name.

    `uses` is what its numbers rest on, for the end of the page.
    """
    from azygos.report.references import sorted_by_publication, told

    drawn = {recording.instrument: drawings(recording) for recording in examination.recordings}
    html = render(
        "look.html.j2",
        examination=examination,
        findings=finding_rows(examination.findings),
        has_intervals=any(_interval(found) for found in examination.findings),
        rules=dict.fromkeys(found.rule for found in examination.findings),
        sections=[
            (title_of(one.instrument), protocol_words(one), [in_words(remark) for remark in one.remarks],
             drawn[one.instrument], *readings_table(one))
            for one in examination.recordings
        ],
        sources=told(sorted_by_publication(uses), in_words),
    )  # fmt: skip
    return html, dict(_files(drawn))


def _files(drawn: Mapping[str, list[Picture]]) -> Iterator[tuple[str, str]]:
    for name, some in drawn.items():
        for number, picture in enumerate(some, start=1):
            yield f"{name}_{number:02d}.svg", _alone(picture.drawing)


def _alone(drawing: str) -> str:
    """A drawing as a file of its own, on white, its ink black."""
    head, rest = drawing.split(">", 1)
    spaces = ' xmlns="http://www.w3.org/2000/svg"' if "xmlns=" not in head else ""
    return f'<?xml version="1.0" encoding="utf-8"?>\n{head}{spaces} color="#000" style="background:#fff">{rest}'


def as_json(examination: Examination) -> dict[str, Any]:
    """The examination in SI, pictures by their names and shapes only."""
    return {
        "body": examination.body,
        "seed": examination.seed,
        "exact": examination.is_exact,
        "outcomes": outcomes(examination.solves),
        "recordings": [_recording(recording) for recording in examination.recordings],
        "findings": [_finding(found) for found in examination.findings],
    }


def outcomes(solves: Mapping[str, Solve]) -> dict[str, dict[str, str]]:
    """How each solution that was looked at went, and what is remarked of it."""
    return {
        name: {"outcome": solve.outcome.name, "remark": solve.sentence if solve.outcome.name != "ok" else ""}
        for name, solve in solves.items()
    }


def _recording(recording: Recording) -> dict[str, Any]:
    return {
        "instrument": recording.instrument,
        "protocol": dict(recording.protocol),
        "remarks": list(recording.remarks),
        "readings": [
            {"vessel": r.site.vessel, "fraction": r.site.fraction, "posture": r.posture, "quantity": r.quantity,
             "value": r.value, "error": r.error, "unit": SHOWN[r.unit][3], "remark": r.remark}
            for r in recording.readings
        ],
        "pictures": [
            {"vessel": p.site.vessel, "fraction": p.site.fraction, "posture": p.posture, "kind": p.kind,
             "axes": list(p.axes), "shape": list(p.values.shape)}
            for p in recording.pictures
        ],
    }  # fmt: skip


def _finding(found: Finding) -> dict[str, Any]:
    return {
        "instrument": found.instrument,
        "vessel": found.site.vessel if found.site else None,
        "fraction": found.site.fraction if found.site else None,
        "rule": found.rule.name,
        "says": found.rule.says,
        "source": found.rule.source,
        "threshold": found.rule.threshold,
        "measure": found.measure,
        "value": found.value,
        "interval": [bound if abs(bound) < 1e300 else None for bound in found.interval],
        "unit": SHOWN[found.rule.unit][3],
        "fired": found.fired,
        "certainty": found.certainty,
        "remark": found.remark,
    }
