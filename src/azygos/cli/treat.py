"""`azygos treat`: a circulation before and after its narrowed veins are opened."""

import json as jsons
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from azygos.cli.request import Problems, failure

if TYPE_CHECKING:
    from rich.table import Table

    from azygos.body.body import Body
    from azygos.therapy.device import Balloon
    from azygos.therapy.procedure import Stage, Treatment

__all__ = ["treat"]

SOLVE_FAILED = 3


def treat(
    *,
    lesion: Annotated[list[str] | None, Parameter(negative=())] = None,
    posture: str = "supine",
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
        supine, upright, or degrees head up from 0 to 90.
    body
        A network file to treat instead of the reference adult; it must have the vessels that are reported.
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
    return _status(treatment)


def _asked(
    lesions: list[str], posture: str, file: Path | None, recoil: str, out: Path | None
) -> tuple["Body", "Balloon"]:
    from azygos.body.body import Body
    from azygos.cli.files import check_directory
    from azygos.therapy.device import Balloon
    from azygos.therapy.subject import as_body, tilted

    problems = Problems()
    if out is not None:
        problems.check(lambda: check_directory(out))
    lost = _share(recoil, problems)
    subject = Body.reference() if file is None else problems.check(lambda: as_body(_network(file)))
    if subject is not None:
        named = subject
        problems.check(lambda: tilted(named, _degrees(posture)))
        with problems.noting():
            subject = tilted(named.with_lesion(*lesions), _degrees(posture)) if not problems.found else None
            if subject is None:
                named.with_lesion(*lesions)
    problems.settle()
    assert subject is not None
    return subject, Balloon(recoil=lost)


def _network(file: Path) -> "object":
    from azygos.exchange.native import read_network

    return read_network(file)


def _share(text: str, problems: Problems) -> float:
    raise NotImplementedError


def _degrees(posture: str) -> str | float:
    number = posture.removesuffix("degrees").removesuffix("deg").strip()
    try:
        return float(number)
    except ValueError:
        return posture
