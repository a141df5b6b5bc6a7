"""`azygos treat`: a circulation before and after its narrowed veins are opened."""

import json as jsons
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from azygos import units
from azygos.cli.conditions import degrees
from azygos.cli.exports import Flag, as_dicom, check_exports, drop_older, sources_file, with_pdf
from azygos.cli.follow_up import FollowUp
from azygos.cli.request import Problems, Seed, failure
from azygos.cli.visits import looks_json, planned, show_looks, visiting
from azygos.errors import Problem

if TYPE_CHECKING:
    from rich.table import Table

    from azygos.body.body import Body
    from azygos.report.document import Drawn
    from azygos.report.visit import Visit
    from azygos.therapy.catalogue import Catalogue
    from azygos.therapy.conduct import Procedure
    from azygos.therapy.healing import Course
    from azygos.therapy.procedure import Stage, Treatment
    from azygos.therapy.protocol import Protocol

__all__ = ["treat"]

SOLVE_FAILED = 3
FOLLOW = "give '--follow-up \"12 months\"'"


def treat(
    *,
    lesion: Annotated[list[str] | None, Parameter(negative=())] = None,
    posture: str | None = None,
    body: Path | None = None,
    recoil: str = "30 %",
    protocol: str = "angioplasty",
    sham: Annotated[bool, Parameter(negative=())] = False,
    device: Annotated[list[Path] | None, Parameter(negative=())] = None,
    seed: Seed | None = None,
    exact: Annotated[bool, Parameter(negative=())] = False,
    look: str | None = None,
    follow_up: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    repeat: Annotated[bool, Parameter(negative=())] = False,
    without_anticoagulation: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
    out: Path | None = None,
    pdf: Flag = False,
    dicom: Flag = False,
) -> int:
    """Simulate a circulation, open its narrowed veins with a balloon, stent those that stay narrow, and compare.

    Step by step as the protocol says, deciding on what venography and manometry show. Without --seed the instruments
    have no errors and nothing happens by chance.

    Parameters
    ----------
    lesion
        A narrowing such as "ijv_r: 80 % area at 0.5, 20 mm": the vessel, how much of its area (or diameter) is
        taken, where (0 is the upstream end, 1 the end towards the heart), how long. May be given several times.
        Other kinds: "ijv_r: web 80 % area at 0.5, 2 mm", valve, thrombus, "ijv_r: compression 20 mmHg at 0.1, 15 mm",
        "ijv_l: hypoplasia 50 % diameter".
    posture
        supine, upright, or degrees head up from 0 to 90, in which the stages are shown; the procedure is done lying.
        Default: the body's own, of the reference adult supine.
    body
        A body's or a network's file to treat instead of the reference adult; it must have the vessels that are
        reported.
    recoil
        The share of what the balloon gains in diameter that is lost again at once, in a thickened wall.
    protocol
        The steps of the procedure: a file (docs/treat.md), or angioplasty.
    sham
        Take every step and every look of the procedure, and inflate and place nothing.
    device
        A file with devices of one's own. May be given several times.
    seed
        Of all that chance decides: errors of the instruments, complications, the months after. Without it there are
        no errors, no complications are drawn, and what was opened closes on the median day.
    exact
        Instruments without error also with a seed.
    look
        Instruments that look at the patient before and at the end, such as "ultrasound,mri".
    follow_up
        A time after the procedure, such as "12 months", to which the opened veins are followed.
    repeat
        Open again, at the next visit, what has closed.
    without_anticoagulation
        Follow a patient who takes nothing against clots.
    json
        Print one JSON object and nothing else.
    out
        A directory for report.html and treatment.json; made when it is not there.
    pdf
        Write the report as PDF, too, beside it.
    dicom
        Write what the instruments recorded as DICOM, too, into the directory's folder dicom.
    """
    is_exact = exact or seed is None
    asked = _asked(lesion or [], posture, body, recoil, out)
    check_exports(out, asked[2], pdf=pdf, dicom=dicom)
    theatre = _theatre(protocol, device or [])
    plan = planned(look, seed or 0, is_exact, asked[2])
    seconds = None if follow_up is None else asked[2].quantity(follow_up, "time", "--follow-up")
    days = None if seconds is None else seconds / units.day
    if follow_up is None and (repeat or without_anticoagulation):
        asked[2].found.append(Problem("there is no follow-up", "--repeat, --without-anticoagulation", FOLLOW))
    subject, share = _settled(asked, theatre)
    if not json:
        print(f"{subject!r}\n")
        if not _looked_at(subject, theatre[0]):
            print("There is nothing to treat: name a narrowing, such as --lesion 'ijv_r: 80 % area at 0.5, 20 mm'.\n")
    has_pictures = out is not None
    with visiting(plan, subject, has_pictures=has_pictures) as visits:
        visits.ask("before", subject)
        procedure = _conducted(subject, theatre, share, seed, sham=sham, exact=is_exact, has_pictures=has_pictures)
        course = procedure.course(anticoagulation=not without_anticoagulation, repeat=repeat)
        follow = FollowUp.of(course, days)
        if follow.stage_day is not None and procedure.treatment.is_usable:
            procedure = procedure.with_stage(_followed(course, follow.stage_day))
        treatment = procedure.treatment
        if treatment.is_usable and not follow.is_over:
            visits.ask("at follow-up" if days is not None else "after", treatment.stages[-1].body)
        drawn = _drawn(procedure) if out is not None and treatment.is_usable else None
        seen = visits.done()
    whole = treatment.as_json() | {"procedure": procedure.as_json()} | follow.as_json() | looks_json(seen)
    if json:
        print(jsons.dumps(whole, allow_nan=False))
    else:
        _show(procedure, follow, is_treated=bool(_looked_at(subject, theatre[0])))
        show_looks(seen)
        print(f"\n{_simulated()} Whether a blocked vein causes a symptom is not assumed.")
    if out is not None and drawn is not None:
        _write(out, procedure, drawn, seen, whole, follow, pdf=pdf, dicom=dicom)
        if not json:
            print(f"\nReport: {out / 'report.html'}")
    elif out is not None:
        print(f"nothing was written to '{out}'", file=sys.stderr)
    return _status(treatment, seen)


def _looked_at(body: "Body", protocol: "Protocol | None") -> tuple[str, ...]:
    """The vessels that the procedure is for."""
    return (protocol.vessels if protocol else ()) or tuple(lesion.vessel for lesion in body.lesions)


def _asked(
    lesions: list[str], posture: str | None, file: Path | None, recoil: str, out: Path | None
) -> tuple["Body | None", float | None, Problems]:
    """The body and the recoil of a command line, and all that is wrong with it."""
    from azygos.body.body import Body
    from azygos.cli.files import check_directory
    from azygos.therapy.subject import tilted

    problems = Problems()
    if out is not None:
        problems.check(lambda: check_directory(out))
    share = problems.share(recoil, "--recoil")
    body = Body.reference() if file is None else problems.check(lambda: _read(file))
    if body is not None:
        healthy = body
        narrowed = problems.check(lambda: healthy.with_lesion(*lesions)) or healthy
        body = narrowed if posture is None else problems.check(lambda: tilted(narrowed, degrees(posture)))
    return body, share, problems


def _theatre(protocol: str, devices: list[Path]) -> "tuple[Protocol | None, Catalogue, Problems]":
    """The protocol, the devices in stock, and all that is wrong with their files."""
    from azygos.therapy.catalogue import stock
    from azygos.therapy.protocol import angioplasty

    problems = Problems()
    if protocol == "angioplasty" and not devices:
        return angioplasty(), stock(), problems
    from azygos.exchange.protocol import read_devices, read_protocol

    catalogue = problems.check(lambda: read_devices(devices, stock())) or stock()
    if protocol == "angioplasty":
        return angioplasty(), catalogue, problems
    return problems.check(lambda: read_protocol(protocol, catalogue)), catalogue, problems


def _settled(
    asked: tuple["Body | None", float | None, Problems], theatre: "tuple[Protocol | None, Catalogue, Problems]"
) -> tuple["Body", float]:
    """Raises InputError with the problems of both."""
    from azygos.therapy.conduct import unfit

    (body, share, problems), (protocol, catalogue, others) = asked, theatre
    problems.found += others.found
    if body is not None and protocol is not None:
        problems.found += unfit(body, protocol, catalogue)
    problems.settle()
    assert body is not None and share is not None
    return body, share


def _conducted(
    body: "Body",
    theatre: "tuple[Protocol | None, Catalogue, Problems]",
    recoil: float,
    seed: int | None,
    *,
    sham: bool,
    exact: bool,
    has_pictures: bool,
) -> "Procedure":
    from azygos.cli.progress import progress
    from azygos.engine.solve import Numerics
    from azygos.instruments.manometry import Manometry
    from azygos.instruments.venography import Ivus, Venography
    from azygos.therapy.conduct import conduct

    numerics = Numerics()
    protocol, catalogue, _ = theatre
    assert protocol is not None
    with progress(numerics.tolerance) as watch:
        return conduct(
            body,
            protocol,
            venography=Venography(exact=exact, injections=None if has_pictures else ()),
            manometry=Manometry(exact=exact),
            ivus=Ivus(exact=exact),
            seed=seed,
            sham=sham,
            catalogue=catalogue,
            elastic=recoil,
            numerics=numerics,
            progress=watch,
        )


def _read(file: Path) -> "Body":
    from azygos.exchange.subject import read_subject
    from azygos.therapy.subject import as_body

    return as_body(read_subject(file))


def _followed(course: "Course", days: float) -> "Stage":
    from azygos.therapy.healing import followed

    return followed(course, days)


def _status(treatment: "Treatment", seen: "tuple[Visit, ...]") -> int:
    """The exit status; what went wrong is said on standard error."""
    failed = [(s.name, s.solution.solve) for s in treatment.stages if s.solution.outcome.name != "ok"]
    failed += [(f"look {visit.name}, {which}", solve) for visit in seen for which, solve in visit.failures]
    for name, solve in failed:
        print(failure(solve, name), file=sys.stderr)
    return SOLVE_FAILED if failed else 0


def _simulated() -> str:
    from azygos.therapy.procedure import SIMULATED

    return SIMULATED


def _show(procedure: "Procedure", follow: FollowUp, *, is_treated: bool) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    treatment = procedure.treatment
    if is_treated:
        print(f"{procedure!r}\n")
    console.print(_table(treatment))
    for sentence in (*treatment.left_narrow, *follow.sentences):
        print(sentence)
    for stage in treatment.stages:
        solve = stage.solution.solve
        print(
            f"{stage.name}: {solve.outcome.name} after {solve.beats} beats, residual {solve.residual:.1e}, "
            f"volume error {solve.volume_error:.1e}, {solve.wall_s:.2f} s"
        )


def _table(treatment: "Treatment") -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for stage in treatment.stages:
        table.add_column(stage.name, justify="right")
    for i, (title, rows) in enumerate(treatment.table()):
        if i:
            table.add_row()
        table.add_row(Text(title, style="bold"))
        for name, cells in rows:
            table.add_row(Text(f"  {name}"), *cells)
    return table


def _drawn(procedure: "Procedure") -> "Drawn":
    from azygos.report.document import draw

    return draw(procedure.treatment, procedure)


def _write(
    out: Path,
    procedure: "Procedure",
    drawn: "Drawn",
    seen: "tuple[Visit, ...]",
    whole: dict[str, Any],
    follow: FollowUp,
    *,
    pdf: bool,
    dicom: bool,
) -> None:
    from azygos.cli.files import write_directory
    from azygos.report.document import report
    from azygos.report.sources import of_body, of_examination, of_procedure

    body = procedure.treatment.stages[0].body
    uses = [*of_body(body), *of_procedure(procedure, is_followed=follow.days is not None)]
    uses += [use for visit in seen if visit.examination for use in of_examination(visit.examination)]
    page = report(procedure.treatment, procedure, visits=seen, drawn=drawn, said=follow.sentences, uses=uses)
    texts = {"report.html": page, "treatment.json": jsons.dumps(whole, indent=2) + "\n"} | sources_file(uses)
    recorded = [(visit.name, visit.examination.recordings) for visit in seen if visit.examination]
    recorded += [(f"operator {i:02d} {look.step}", look.recordings) for i, look in enumerate(procedure.looks, 1)]
    pictures = as_dicom(body.name, recorded, dicom=dicom)
    files = with_pdf(texts, pdf=pdf) | pictures
    write_directory(out, files)
    drop_older(out, files, "report.pdf")
