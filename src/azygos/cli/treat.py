"""`azygos treat`: a circulation before and after its narrowed veins are opened."""

import json as jsons
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from azygos.cli.conditions import degrees
from azygos.cli.request import Problems, failure
from azygos.errors import Problem

if TYPE_CHECKING:
    from rich.table import Table

    from azygos.body.body import Body
    from azygos.therapy.catalogue import Catalogue
    from azygos.therapy.conduct import Procedure
    from azygos.therapy.device import Balloon
    from azygos.therapy.procedure import Treatment
    from azygos.therapy.protocol import Protocol

__all__ = ["treat"]

SOLVE_FAILED = 3
FOLLOW = "give '--follow-up \"365 day\"'"


def treat(
    *,
    lesion: Annotated[list[str] | None, Parameter(negative=())] = None,
    posture: str | None = None,
    body: Path | None = None,
    recoil: str = "30 %",
    protocol: str | None = None,
    sham: Annotated[bool, Parameter(negative=())] = False,
    device: Annotated[list[Path] | None, Parameter(negative=())] = None,
    seed: int | None = None,
    exact: Annotated[bool, Parameter(negative=())] = False,
    follow_up: str | None = None,
    repeat: Annotated[bool, Parameter(negative=())] = False,
    without_anticoagulation: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
    out: Path | None = None,
) -> int:
    """Simulate a circulation, open its narrowed veins with a balloon, stent those that stay narrow, and compare.

    Stages: before; balloon; stent, when more than 50 % of a diameter stays narrowed. With --protocol, --sham, --device,
    --seed or --exact it is a procedure, step by step, deciding on what venography and manometry show.

    Parameters
    ----------
    lesion
        A narrowing such as "ijv_r: 80 % area at 0.5, 20 mm": the vessel, how much of its area (or diameter) is
        taken, where (0 is the upstream end, 1 the end towards the heart), how long. May be given several times.
        Other kinds: "ijv_r: web 80 % area at 0.5, 2 mm", valve, thrombus, "ijv_r: compression 20 mmHg at 0.1, 15 mm",
        "ijv_l: hypoplasia 50 % diameter".
    posture
        supine, upright, or degrees head up from 0 to 90. Default: the body's own, of the reference adult supine.
    body
        A body's or a network's file to treat instead of the reference adult; it must have the vessels that are
        reported.
    recoil
        The share of what the balloon gains in diameter that is lost again at once, in a thickened wall.
    protocol
        The steps of a procedure: a file (docs/treat.md), or angioplasty.
    sham
        Take every step and every look of the procedure, and inflate and place nothing.
    device
        A file with devices of one's own. May be given several times.
    seed
        Of all that chance decides in a procedure: errors of the instruments, complications. Default 0.
    exact
        Instruments without error.
    follow_up
        A time after the procedure, such as "365 day", to which the opened veins are followed.
    repeat
        Open again, at the next visit, what has closed.
    without_anticoagulation
        Follow a patient who takes nothing against clots.
    json
        Print one JSON object and nothing else.
    out
        A directory for report.html and treatment.json; made when it is not there.
    """
    asked = _asked(lesion or [], posture, body, recoil, out)
    wanted = protocol is not None or sham or device or seed is not None or exact
    theatre = _theatre(protocol or "angioplasty", device or []) if wanted else None
    days = None if follow_up is None else asked[2].quantity(follow_up, "time", "--follow-up")
    if follow_up is None and (repeat or without_anticoagulation):
        asked[2].found.append(Problem("there is no follow-up", "--repeat, --without-anticoagulation", FOLLOW))
    subject, balloon = _settled(asked, theatre)
    if not json:
        print(f"{subject!r}\n")
        if not subject.lesions:
            print("There is nothing to treat: name a narrowing, such as --lesion 'ijv_r: 80 % area at 0.5, 20 mm'.\n")
    procedure = None
    if theatre is None:
        treatment = _treated(subject, balloon)
    else:
        procedure = _conducted(subject, theatre, balloon.recoil, seed or 0, sham=sham, exact=exact)
        treatment = procedure.treatment
    if days is not None and treatment.is_usable:
        treatment = _followed(treatment, days, seed or 0, repeat=repeat, anticoagulation=not without_anticoagulation)
    if json:
        print(jsons.dumps(_plain(treatment, procedure), allow_nan=False))
    else:
        _show(treatment, procedure)
    if out is not None and treatment.is_usable:
        _write(treatment, procedure, out)
        if not json:
            print(f"\nReport: {out / 'report.html'}")
    elif out is not None:
        print(f"nothing was written to '{out}'", file=sys.stderr)
    return _status(treatment)


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
    from azygos.exchange.protocol import read_devices, read_protocol
    from azygos.therapy.catalogue import stock
    from azygos.therapy.protocol import angioplasty

    problems = Problems()
    catalogue = problems.check(lambda: read_devices(devices, stock())) or stock()
    if protocol == "angioplasty":
        return angioplasty(), catalogue, problems
    return problems.check(lambda: read_protocol(protocol, catalogue)), catalogue, problems


def _settled(
    asked: tuple["Body | None", float | None, Problems], theatre: "tuple[Protocol | None, Catalogue, Problems] | None"
) -> tuple["Body", "Balloon"]:
    """Raises InputError with the problems of both."""
    from azygos.therapy.device import Balloon

    body, share, problems = asked
    if theatre is not None:
        problems.found += theatre[2].found
    problems.settle()
    assert body is not None and share is not None
    return body, Balloon(recoil=share)


def _conducted(
    body: "Body",
    theatre: "tuple[Protocol | None, Catalogue, Problems]",
    recoil: float,
    seed: int,
    *,
    sham: bool,
    exact: bool,
) -> "Procedure":
    from azygos.cli.progress import progress
    from azygos.engine.solve import Numerics
    from azygos.instruments.manometry import Manometry
    from azygos.instruments.venography import Venography
    from azygos.therapy.conduct import conduct

    numerics = Numerics()
    protocol, catalogue, _ = theatre
    assert protocol is not None
    with progress(numerics.tolerance) as watch:
        return conduct(
            body,
            protocol,
            venography=Venography(exact=exact, injections=()),
            manometry=Manometry(exact=exact),
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


def _treated(body: "Body", balloon: "Balloon") -> "Treatment":
    from azygos.cli.progress import progress
    from azygos.engine.solve import Numerics
    from azygos.therapy import procedure

    numerics = Numerics()
    with progress(numerics.tolerance) as watch:
        return procedure.treat(body, balloon=balloon, numerics=numerics, progress=watch)


def _followed(treatment: "Treatment", seconds: float, seed: int, *, repeat: bool, anticoagulation: bool) -> "Treatment":
    """The treatment with its follow-up as one stage more."""
    from azygos.therapy.healing import Course, followed
    from azygos.therapy.procedure import Treatment
    from azygos.units import day

    start = treatment.stages[-1].body
    course = Course(start=start, seed=seed, anticoagulation=anticoagulation, repeat=repeat)
    return Treatment(stages=(*treatment.stages, followed(course, seconds / day)))


def _status(treatment: "Treatment") -> int:
    """The exit status; what went wrong is said on standard error."""
    failed = [stage for stage in treatment.stages if stage.solution.outcome.name != "ok"]
    for stage in failed:
        print(failure(stage.solution.solve, stage.name), file=sys.stderr)
    return SOLVE_FAILED if failed else 0


def _show(treatment: "Treatment", procedure: "Procedure | None") -> None:
    from rich.console import Console

    from azygos.therapy.procedure import SIMULATED

    console = Console(highlight=False)
    if procedure is not None:
        print(f"{procedure!r}\n")
    console.print(_table(treatment))
    for sentence in treatment.left_narrow:
        print(sentence)
    for stage in treatment.stages:
        solve = stage.solution.solve
        print(
            f"{stage.name}: {solve.outcome.name} after {solve.beats} beats, residual {solve.residual:.1e}, "
            f"volume error {solve.volume_error:.1e}, {solve.wall_s:.2f} s"
        )
    print(f"\n{SIMULATED} Whether a blocked vein causes a symptom is not assumed.")


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


def _plain(treatment: "Treatment", procedure: "Procedure | None") -> dict[str, Any]:
    return treatment.as_json() | ({} if procedure is None else {"procedure": procedure.as_json()})


def _write(treatment: "Treatment", procedure: "Procedure | None", out: Path) -> None:
    from azygos.cli.files import write_directory
    from azygos.report.document import report

    whole = jsons.dumps(_plain(treatment, procedure), indent=2) + "\n"
    texts = {"report.html": report(treatment, procedure), "treatment.json": whole}
    write_directory(out, texts)
