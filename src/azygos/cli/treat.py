"""`azygos treat`: a circulation before and after its narrowed veins are opened."""

import json as jsons
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from azygos.cli.conditions import degrees
from azygos.cli.request import Problems, failure

if TYPE_CHECKING:
    from rich.table import Table

    from azygos.body.body import Body
    from azygos.therapy.device import Balloon
    from azygos.therapy.procedure import Treatment

__all__ = ["treat"]

SOLVE_FAILED = 3


def treat(
    *,
    lesion: Annotated[list[str] | None, Parameter(negative=())] = None,
    posture: str | None = None,
    body: Path | None = None,
    recoil: str = "30 %",
    json: Annotated[bool, Parameter(negative=())] = False,
    out: Path | None = None,
) -> int:
    """Simulate a circulation, open its narrowed veins with a balloon, stent those that stay narrow, and compare.

    Stages: before; balloon; stent, when more than 50 % of a diameter stays narrowed.

    Parameters
    ----------
    lesion
        A narrowing such as "ijv_r: 80 % area at 0.5, 20 mm": the vessel, how much of its area (or diameter) is
        taken, where (0 is the upstream end, 1 the end towards the heart), how long. May be given several times.
    posture
        supine, upright, or degrees head up from 0 to 90. Default: the body's own, of the reference adult supine.
    body
        A body's or a network's file to treat instead of the reference adult; it must have the vessels that are
        reported.
    recoil
        The share of what the balloon gains in diameter that is lost again at once.
    json
        Print one JSON object and nothing else.
    out
        A directory for report.html and treatment.json; made when it is not there.
    """
    subject, balloon = _asked(lesion or [], posture, body, recoil, out)
    if not json:
        print(f"{subject!r}\n")
        if not subject.lesions:
            print("There is nothing to treat: name a narrowing, such as --lesion 'ijv_r: 80 % area at 0.5, 20 mm'.\n")
    treatment = _treated(subject, balloon)
    if json:
        print(jsons.dumps(treatment.as_json(), allow_nan=False))
    else:
        _show(treatment)
    if out is not None and treatment.is_usable:
        _write(treatment, out)
        if not json:
            print(f"\nReport: {out / 'report.html'}")
    elif out is not None:
        print(f"nothing was written to '{out}'", file=sys.stderr)
    return _status(treatment)


def _asked(
    lesions: list[str], posture: str | None, file: Path | None, recoil: str, out: Path | None
) -> tuple["Body", "Balloon"]:
    """The body and the balloon of a command line. Raises InputError with all that is wrong with it."""
    from azygos.body.body import Body
    from azygos.cli.files import check_directory
    from azygos.therapy.device import Balloon
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
    problems.settle()
    assert body is not None and share is not None
    return body, Balloon(recoil=share)


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


def _status(treatment: "Treatment") -> int:
    """The exit status; what went wrong is said on standard error."""
    failed = [stage for stage in treatment.stages if stage.solution.outcome.name != "ok"]
    for stage in failed:
        print(failure(stage.solution.solve, stage.name), file=sys.stderr)
    return SOLVE_FAILED if failed else 0


def _show(treatment: "Treatment") -> None:
    from rich.console import Console

    from azygos.therapy.procedure import SIMULATED

    console = Console(highlight=False)
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


def _write(treatment: "Treatment", out: Path) -> None:
    from azygos.cli.files import write_directory
    from azygos.report.document import report

    texts = {"report.html": report(treatment), "treatment.json": jsons.dumps(treatment.as_json(), indent=2) + "\n"}
    write_directory(out, texts)
