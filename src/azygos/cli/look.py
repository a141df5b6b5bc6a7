"""`azygos look`: a body examined with instruments, and what published rules say of what they show."""

import json as jsons
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from azygos.cli.conditions import ConditionOptions
from azygos.cli.exports import Flag, as_dicom, check_exports, drop_older, sources_file, with_pdf
from azygos.cli.request import Problems, Seed, failure

if TYPE_CHECKING:
    from rich.table import Table

    from azygos.body.body import Body
    from azygos.engine.solution import Solution
    from azygos.instruments.examination import Examination, Plan
    from azygos.instruments.instrument import AbstractInstrument
    from azygos.instruments.recording import Site

__all__ = ["look"]

SOLVE_FAILED = 3
NO_CONDITIONS = ConditionOptions()


def look(
    body: Path,
    /,
    *,
    with_: Annotated[str, Parameter(name="--with")] = "ultrasound",
    site: Annotated[list[str] | None, Parameter(negative=())] = None,
    seed: Seed = 1,
    exact: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
    out: Path | None = None,
    pdf: Flag = False,
    dicom: Flag = False,
    conditions: ConditionOptions = NO_CONDITIONS,
) -> int:
    """Examine a body with instruments and judge what they show by published rules.

    Ultrasound looks at the breathing patient lying and sitting, and through a strain where one is asked for; the
    others at the patient lying at rest, or in the posture asked for.

    Parameters
    ----------
    body
        A body's file, a network's, or the word reference.
    with_
        Instruments, such as "ultrasound,mri,venography,ivus,manometry".
    site
        Where to look instead of the usual places, such as "ijv_r at 0.5". May be given several times.
    seed
        Of the instruments' errors: the same seed shows the same.
    exact
        Instruments without errors.
    json
        Print one JSON object and nothing else.
    out
        A directory for look.html, recordings.json and the pictures as SVG; made when it is not there.
    pdf
        Write the report as PDF, too, beside it.
    dicom
        Write what the instruments recorded as DICOM, too, into the directory's folder dicom.
    """
    problems = Problems()
    check_exports(out, problems, pdf=pdf, dicom=dicom)
    subject, instruments, sites = _asked(body, with_, site or [], exact, out, conditions, problems)
    plan = _plan(instruments, sites, conditions, seed, exact)
    solutions = _solved(plan, subject)
    lost = [name for name, solution in solutions.items() if solution.outcome.name == "lost"]
    if not lost:
        _tell(plan.examined(subject, solutions), subject, json, out, pdf=pdf, dicom=dicom)
    for name, solution in solutions.items():
        if solution.outcome.name != "ok":
            print(failure(solution.solve, name), file=sys.stderr)
    if lost and out is not None:
        print(f"nothing was written to '{out}'", file=sys.stderr)
    return 0 if all(solution.outcome.name == "ok" for solution in solutions.values()) else SOLVE_FAILED


def _asked(
    file: Path,
    with_: str,
    texts: list[str],
    exact: bool,
    out: Path | None,
    conditions: ConditionOptions,
    problems: Problems,
) -> tuple["Body", dict[str, "AbstractInstrument"], tuple["Site", ...]]:
    """The body, the instruments and the sites asked for. Raises InputError with all that is wrong."""
    from azygos.cli.files import check_directory
    from azygos.exchange.subject import as_body, read_subject
    from azygos.instruments.registry import INSTRUMENTS, instrument

    if out is not None:
        problems.check(lambda: check_directory(out))
    names = list(dict.fromkeys(with_.replace(",", " ").split()))
    made = {name: problems.check(partial(instrument, name, exact=exact)) for name in names}
    _check_posture(conditions.posture, names, problems)
    if not names:
        _note(problems, "no instrument is named", "--with", f"name some of {', '.join(INSTRUMENTS)}")
    subject = problems.check(lambda: as_body(read_subject(file)))
    if subject is not None:
        subject = replace(conditions, posture=None).put(subject, problems)
    sites = tuple(found for text in texts if (found := _site(text, subject, problems)))
    if subject is not None and not texts:
        _check_places(subject, [name for name in names if made[name] is not None], problems)
    problems.settle()
    assert subject is not None
    kept = {name: found for name, found in made.items() if found is not None}
    return subject, {name: _placed(found, conditions) for name, found in kept.items()}, sites


def _note(problems: Problems, what: str, where: str, remedy: str) -> None:
    from azygos.errors import Problem

    problems.found.append(Problem(what, where, remedy))


def _check_posture(posture: str | None, names: list[str], problems: Problems) -> None:
    from azygos.body.condition import POSTURES
    from azygos.errors import close_matches

    if posture is None:
        return
    if posture not in POSTURES:
        _note(problems, f"nobody is examined '{posture}'", "--posture", close_matches(posture, POSTURES))
    elif posture != "supine" and "mri" in names:
        _note(problems, "a scanner for magnetic resonance lies flat", "--posture", "leave mri out, or the posture")


def _site(text: str, body: "Body | None", problems: Problems) -> "Site | None":
    """The site that `ijv_r at 0.5` or `ijv_r` names; None after its problem was noted."""
    from azygos.errors import close_matches
    from azygos.instruments.recording import Site

    vessel, _, fraction = (part.strip() for part in text.partition(" at "))
    where = f"--site '{text}'"
    try:
        place = float(fraction or 0.5)
    except ValueError:
        place = -1.0
    if not 0.0 <= place <= 1.0:
        _note(problems, f"'{fraction}' is no fraction of a length", where, "write it like 'ijv_r at 0.5'")
        return None
    if body is not None and vessel not in body.lengths:
        _note(problems, f"no vessel '{vessel}'", where, close_matches(vessel, body.lengths))
        return None
    return Site(vessel=vessel, fraction=place)


def _check_places(body: "Body", names: list[str], problems: Problems) -> None:
    """Notes the instruments of whose usual places the body has none."""
    from azygos.instruments.registry import default_sites

    for name in names:
        if not any(site.vessel in body.lengths for site in default_sites(name)):
            what = f"'{body.name}' has no vessel at which {name} usually looks"
            _note(problems, what, "--with", f"name a place, such as --site '{next(iter(body.lengths))} at 0.5'")


def _placed(instrument: "AbstractInstrument", conditions: ConditionOptions) -> "AbstractInstrument":
    """The instrument looking in the postures asked for."""
    from azygos.instruments.ultrasound import Ultrasound

    if isinstance(instrument, Ultrasound):
        asked = (conditions.posture,) if conditions.posture is not None else instrument.postures
        return replace(instrument, postures=(*asked, *_strain(conditions)))
    if conditions.posture in (None, "supine"):
        return instrument
    from azygos.instruments.manometry import Manometry
    from azygos.instruments.venography import Ivus, Venography

    assert isinstance(instrument, Manometry | Venography | Ivus)
    return replace(instrument, posture=conditions.posture)


def _strain(conditions: ConditionOptions) -> tuple[str, ...]:
    return tuple(name for name in ("valsalva", "cough") if getattr(conditions, name) is not None)


def _plan(
    instruments: dict[str, "AbstractInstrument"],
    sites: tuple["Site", ...],
    conditions: ConditionOptions,
    seed: int,
    exact: bool,
) -> "Plan":
    from azygos.instruments.examination import Plan

    return Plan(
        instruments=instruments,
        sites=sites,
        posture=conditions.posture,
        strains=_strain(conditions),
        seed=seed,
        is_exact=exact,
    )


def _solved(plan: "Plan", body: "Body") -> dict[str, "Solution"]:
    from azygos.cli.progress import progress
    from azygos.engine.solve import Numerics

    numerics = Numerics()
    with progress(numerics.tolerance) as watch:
        return plan.solved(body, numerics=numerics, progress=watch)


def _tell(examination: "Examination", body: "Body", json: bool, out: Path | None, *, pdf: bool, dicom: bool) -> None:
    from azygos.cli.files import write_directory
    from azygos.report.look import as_json, page

    found = as_json(examination)
    if json:
        print(jsons.dumps(found | {"out": None if out is None else str(out)}, allow_nan=False))
    else:
        print(f"{body!r}\n")
        _show(examination)
    if out is not None:
        from azygos.instruments.registry import INSTRUMENTS
        from azygos.report.sources import of_body, of_examination

        uses = [*of_body(body), *of_examination(examination)]
        html, drawn = page(examination, uses)
        texts = {"look.html": html, "recordings.json": jsons.dumps(found, indent=1, allow_nan=False) + "\n"}
        pictures = as_dicom(body.name, [("", examination.recordings)], dicom=dicom)
        texts |= sources_file(uses)
        files = with_pdf(texts | drawn, pdf=pdf) | pictures
        write_directory(out, files)
        drop_older(out, files, "look.pdf", *(f"{name}_[0-9][0-9].svg" for name in INSTRUMENTS))
        if not json:
            print(f"\nReport: {out / 'look.html'}")


def _show(examination: "Examination") -> None:
    from rich.console import Console

    from azygos.report.look import finding_rows, readings_table, title_of
    from azygos.therapy.procedure import SIMULATED

    console = Console(highlight=False)
    for recording in examination.recordings:
        if recording.readings:
            headings, places, left_out = readings_table(recording, with_errors=False, words=False)
            readings = [(name, *cells) for name, cells in places]
            console.print(_table(title_of(recording.instrument), ["", *headings], readings, console.width))
            if left_out:
                print(f"{left_out} rows more: --json and --out have all")
        for remark in recording.remarks:
            print(f"{recording.instrument}: {remark}")
    if examination.findings:
        titles = ("", "site", "rule", "measured", "95 % interval", "chance")
        columns = zip(titles, zip(*finding_rows(examination.findings, words=False), strict=True), strict=True)
        said = {title: cells for title, cells in columns if any(cells)}  # without errors there are no intervals
        rows = list(zip(*said.values(), strict=True))
        console.print(_table("Findings by published rules: fired?", list(said), rows, console.width))
    print(f"{SIMULATED} Whether a blocked vein causes a symptom is not assumed.")


def _table(title: str, headings: list[str], rows: list[tuple[str, ...]], room: int) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), title=title, title_justify="left", title_style="bold"
    )
    for heading, width in zip(headings, _widths(list(zip(headings, *rows, strict=True)), room), strict=True):
        table.add_column(Text(heading), width=width)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _widths(columns: list[tuple[str, ...]], room: int) -> list[int]:
    """Letters of each column, two round each, so that lines break between words: a vessel cut short is another."""
    widths = [max(len(text) for text in column) for column in columns]
    least = [max(len(word) for text in column for word in (text.split() or [""])) for column in columns]
    while sum(widths) + 2 * (len(widths) + 1) > room and widths != least:
        spare = [width - word for width, word in zip(widths, least, strict=True)]
        widths[spare.index(max(spare))] -= 1
    return widths
