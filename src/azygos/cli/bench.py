"""`azygos bench`: how fast the engine is on this machine."""

import json as jsons
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from rich.table import Table

    from azygos.bench import BenchResult, Progress

__all__ = ["bench"]


def bench(*, json: Annotated[bool, Parameter(negative=())] = False) -> int:
    """Measure the engine on this machine: about half a minute.

    Each figure is the best of many repeats, with their median, and how many times the speed of light it is: that of
    the same arithmetic with everything in the nearest cache and no cell waiting for another.

    Parameters
    ----------
    json
        Print one JSON object and nothing else.
    """
    from azygos.bench import run

    with _progress() as say:
        result = run(say)
    if json:
        print(jsons.dumps(result.as_dict(), allow_nan=False))
        return 0
    from rich.console import Console

    Console(highlight=False).print(_table(result))
    print(
        f"{result.cells} cells, {result.steps_per_beat} steps a beat, kernel {result.kernel}, {result.cores} cores. "
        "The limit of the import is the start of a bare interpreter."
    )
    return 0


def _table(result: "BenchResult") -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for title in ("best", "median", "limit", "times the limit"):
        table.add_column(title, justify="right")
    for name, figure in result.figures.items():
        if figure is None:
            table.add_row(Text(name), "failed")
            continue
        numbers = (figure.best, figure.median, figure.limit)
        cells = ["-" if number is None else f"{number:.4g}" for number in numbers]
        table.add_row(Text(figure.label), *cells, "-" if figure.ratio is None else f"{figure.ratio:.3g}")
    return table


@contextmanager
def _progress() -> Iterator["Progress | None"]:
    """A callback that draws a bar; None where there is nobody to look at it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("measuring", total=1.0)
        yield lambda what, share: bars.update(task, description=f"measuring {what}", completed=share)
