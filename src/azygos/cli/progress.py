"""Progress of solves on standard error, where that is a terminal."""

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from azygos.engine.solve import Beat

__all__ = ["Watch", "progress"]

Watch: TypeAlias = Callable[[str, "Beat"], None]


@contextmanager
def progress(tolerance: float) -> Iterator[Watch | None]:
    """A callback that draws a line for each solve it hears of; None where there is nobody to look at it.

    How far a solve is: how much of the way, in decades of the residual, to `tolerance`; how many of its beats, when
    their number is given.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(bar_width=24),
        TextColumn("beat {task.fields[beat]}, change {task.fields[change]}, {task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, tuple[TaskID, float]] = {}

        def watch(name: str, beat: "Beat") -> None:
            if name not in tasks:
                task = bars.add_task(name, total=1.0, beat=0, change="-", rate="")
                tasks[name] = (task, time.perf_counter())
            task, began = tasks[name]
            rate = beat.beat / max(time.perf_counter() - began, 1e-3)
            change = f"{beat.residual:.0e}" if math.isfinite(beat.residual) else "-"
            done = beat.beat / beat.most_beats if math.isnan(beat.residual) else _share(beat.residual, tolerance)
            bars.update(task, completed=done, beat=beat.beat, change=change, rate=f"{rate:.0f} beats/s")

        yield watch


def _share(residual: float, tolerance: float) -> float:
    """How much of the way from a change of 1 in a beat to the tolerance lies behind, on a logarithmic scale."""
    if not 0.0 < residual < 1.0:
        return 0.0
    return min(1.0, math.log(residual) / math.log(tolerance))
