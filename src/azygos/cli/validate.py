"""`azygos validate`: the reference adult against published bands."""

import json as jsons
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from azygos.cli.request import Problems, failure
from azygos.cli.treat import SOLVE_FAILED

if TYPE_CHECKING:
    from rich.table import Table

    from azygos.engine.compile import Mesh
    from azygos.engine.solution import Solution
    from azygos.exchange.case import Case, Result, Settings

__all__ = ["validate"]


def validate(
    *,
    cases: Path | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
    cell_length: str | None = None,
    out: Path | None = None,
) -> int:
    """Measure the reference adult against published bands, which were written down beforehand.

    A value outside its band is a result, not a failure.

    Parameters
    ----------
    cases
        A directory of cases. Default: those that come with azygos.
    json
        Print one JSON list and nothing else.
    cell_length
        Cells are no longer than this. Default: 20 mm.
    out
        A directory for the page about it, validation.md, with its pictures.
    """
    read, mesh = _asked(cases, cell_length, out)
    solutions = _solutions(read, mesh)
    from azygos.validate import judged

    results = judged(read, solutions)
    if json:
        print(jsons.dumps([result.as_dict() for result in results], allow_nan=False, ensure_ascii=False))
    else:
        _show(results)
    if out is not None:
        _write(results, solutions, out)
        if not json:
            print(f"Page: {out / 'validation.md'}")
    return _status(solutions)


def _asked(directory: Path | None, cell_length: str | None, out: Path | None) -> tuple[tuple["Case", ...], "Mesh"]:
    """What to measure and how. Raises InputError with all that is wrong with the command line and the cases."""
    from azygos.cli.files import check_directory
    from azygos.engine.compile import Mesh
    from azygos.exchange.case import read_cases
    from azygos.validate import cases_directory

    problems = Problems()
    if out is not None:
        problems.check(lambda: check_directory(out))
    length = problems.quantity(cell_length, "length", "--cell-length") or Mesh().cell_length
    read = problems.check(lambda: read_cases(cases_directory() if directory is None else directory))
    problems.settle()
    assert read is not None
    return read, Mesh(cell_length=length)


def _solutions(cases: Sequence["Case"], mesh: "Mesh") -> "dict[Settings, Solution]":
    from azygos.cli.progress import progress
    from azygos.engine.solve import Numerics
    from azygos.validate import solved

    with progress(Numerics().tolerance) as watch:
        return solved(cases, mesh, watch)


def _status(solutions: "Mapping[Settings, Solution]") -> int:
    """The exit status; what went wrong is said on standard error."""
    failed = [(settings, solution) for settings, solution in solutions.items() if solution.outcome.name != "ok"]
    for settings, solution in failed:
        print(failure(solution.solve, str(settings)), file=sys.stderr)
    return SOLVE_FAILED if failed else 0


def _show(results: Sequence["Result"]) -> None:
    from rich.console import Console

    from azygos.exchange.case import tally
    from azygos.therapy.procedure import SIMULATED

    Console(highlight=False).print(_table(results))
    print(f"{tally(results)} inside their bands. {SIMULATED}")


def _table(results: Sequence["Result"]) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from azygos.report.validation import by_group, shown, unit_of

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("target")
    table.add_column("band", justify="right", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("source")
    for i, (group, members) in enumerate(by_group(results)):
        if i:
            table.add_row()
        table.add_row(Text(group, style="bold"))
        for result in members:
            low, high = result.target.band
            judged = Text("in") if result.in_band else Text("out", style="bold red")
            judged.append(" (fitted)" if result.target.fitted else "")
            band, value = f"{shown(low)} to {shown(high)}", f"{shown(result.value)} {unit_of(result)}"
            table.add_row(Text(f"  {result.target.name}"), band, value.strip(), judged, Text(result.case.name))
    return table


def _write(results: Sequence["Result"], solutions: "Mapping[Settings, Solution]", out: Path) -> None:
    from azygos.cli.files import write_directory
    from azygos.report.validation import page
    from azygos.report.validation_figures import pictures

    drawn = pictures(results, solutions)
    write_directory(out / "validation", drawn)
    write_directory(out, {"validation.md": page(results, drawn)})
