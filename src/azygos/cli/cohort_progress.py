"""Progress of a run on standard error: a bar on a terminal, else a line now and then, as a log wants it."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from azygos.run.execution import Progress, Watch

__all__ = ["watching"]

EVERY = 30.0  # seconds between lines where nobody watches


@contextmanager
def watching() -> "Iterator[Watch]":
    """A callback that shows how far the run is, how fast, and how patients ended."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.completed} of {task.total} patients"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[words]}"),
    )
    with Bars(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task("", total=None, words="")

        def watch(progress: "Progress") -> None:
            if progress.notice:
                bars.console.print(progress.notice, highlight=False)
            bars.update(task, completed=progress.patients, total=progress.of, words=said(progress))

        yield watch


def _lines() -> "Watch":
    last = time.monotonic()

    def watch(progress: "Progress") -> None:
        nonlocal last
        if progress.notice:
            print(progress.notice, file=sys.stderr, flush=True)
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            print(f"{progress.patients} of {progress.of} patients; {said(progress)}", file=sys.stderr, flush=True)

    return watch


def said(progress: "Progress") -> str:
    """Rate, time left, and outcomes other than ok."""
    if not progress.rate:
        return ""
    others = [f"{count} {outcome}" for outcome, count in progress.outcomes.items() if outcome != "ok"]
    return ", ".join([f"{progress.rate:.2g} a second", f"{_left(progress.seconds_left)} left", *others])


def _left(seconds: float) -> str:
    if seconds < 120.0:
        return f"{seconds:.0f} s"
    return f"{seconds / 60.0:.0f} min" if seconds < 7200.0 else f"{seconds / 3600.0:.1f} h"
