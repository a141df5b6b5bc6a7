"""Where jobs are done: a few worker processes, each led by a thread that feeds it, watches the clock and can end it."""

import math
import multiprocessing
import sqlite3
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from tempfile import TemporaryDirectory
from typing import Any

from azygos.web.problems import problem
from azygos.web.store import Job, Store
from azygos.web.worker import serve

__all__ = ["FINAL", "Full", "Limits", "Workshop"]

FINAL = frozenset({"done", "failed", "cancelled"})
_LOOK = 0.05  # [s] between two looks at the clock and at what was cancelled
_MOST_UNSAVED = 100  # ends of jobs that are remembered though the file could not take them
_LEARNING = 0.1  # weight of the newest job in the mean time of one


class Full(Exception):
    """More jobs wait already than may."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds  # after which there should be room
        super().__init__(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is done at once, and for how long."""

    workers: int = 2
    waiting: int = 24  # jobs queued, beside those that run
    seconds: float = 120.0  # of one job
    memory: int = 4 * 2**30  # address space of a worker [bytes]


@dataclass(slots=True)
class _Bench:
    """A worker process and the pipe to it."""

    process: BaseProcess
    pipe: Connection
    folder: TemporaryDirectory[str]


@dataclass(slots=True, eq=False)
class _Live:
    """What is known of a job that waits or runs, or whose end could not be written down."""

    job: Job
    state: str = "queued"
    progress: dict[str, Any] = field(default_factory=lambda: {"what": "waiting", "share": 0.0})
    problems: list[dict[str, str]] = field(default_factory=list)
    is_cancelled: bool = False
    lost_workers: int = 0  # processes that ended under it


class Workshop:
    """Takes jobs, does the first come first, and tells how they are."""

    def __init__(self, store: Store, limits: Limits | None = None) -> None:
        self.store, self.limits = store, limits or Limits()
        self._live = {job.id: _Live(job=job) for job in store.unfinished()}
        self._queue = deque(self._live.values())
        self._change = threading.Condition()
        self._closing = False
        self._mean_seconds = 2.0  # that a job takes
        self._threads = [threading.Thread(target=self._lead, daemon=True) for _ in range(self.limits.workers)]
        for thread in self._threads:
            thread.start()

    def ask(self, job: str, kind: str, request: str) -> None:
        """Queues the job of this name unless it is there already. Raises Full, and sqlite3.Error for a full disk."""
        with self._change:
            live = self._live.get(job)
            if live is not None and live.state not in FINAL:
                live.is_cancelled = False  # asked for again before it was ended
                return
            known = self.store.job(job)
            if live is None and known is not None and known.state == "done":
                self.store.touch(job)  # or its answer might go before it is fetched
                return
            if len(self._queue) >= self.limits.waiting:
                raise Full(min(60, math.ceil(self._mean_seconds / self.limits.workers)))
            self.store.add(job, kind, request)
            live = _Live(job=Job(id=job, kind=kind, request=request, state="queued", problems=[]))
            self._live[job] = live
            self._queue.append(live)
            self._change.notify()

    def cancel(self, job: str, *, running: bool = True) -> None:
        """Ends a job that waits, or also one that runs; nothing happens to one that is over."""
        with self._change:
            live = self._live.get(job)
            if live is None or live.state in FINAL:
                return
            if live in self._queue:
                self._queue.remove(live)
                self._over(live, "cancelled", [])
            elif running:
                live.is_cancelled = True

    def told(self, job: str) -> dict[str, Any] | None:
        """State, progress and problems of a job; None for one that is not known."""
        if (live := self._live.get(job)) is not None:
            found = {"id": job, "kind": live.job.kind, "state": live.state, "problems": live.problems}
            return found if live.state in FINAL else found | {"progress": live.progress}
        if (known := self.store.job(job)) is None:
            return None
        return {"id": job, "kind": known.kind, "state": known.state, "problems": known.problems}

    def close(self) -> None:
        """Ends the workers; jobs that are not over wait for the next start."""
        with self._change:
            self._closing = True
            self._change.notify_all()
        for thread in self._threads:
            thread.join(timeout=5.0)
        self.store.close()

    def _lead(self) -> None:
        """A thread's life: one job after another, in a process that is replaced when a job had to be ended."""
        bench = _hired(self.limits.memory)
        while (live := self._taken()) is not None:
            if bench is not None and not bench.process.is_alive():  # somebody ended it while it had nothing to do
                _dismiss(bench)
                bench = None
            bench = bench or _hired(self.limits.memory)
            begun = time.monotonic()
            if bench is None:
                told = problem("no process can be started for it", remedy="end other programs, and ask again")
                self._over(live, "failed", [told])
                continue
            if not self._did(live, bench):
                _dismiss(bench)
                bench = None if self._closing else _hired(self.limits.memory)
            self._mean_seconds += _LEARNING * (time.monotonic() - begun - self._mean_seconds)
        if bench is not None:
            _dismiss(bench)

    def _taken(self) -> _Live | None:
        """The next job; waits for one. None when the workshop closes."""
        with self._change:
            while not self._queue and not self._closing:
                self._change.wait()
            if self._closing:
                return None
            live = self._queue.popleft()
            live.state = "running"
        with suppress(sqlite3.Error):  # the answer may find room when it comes
            self.store.running(live.job.id)
        return live

    def _did(self, live: _Live, bench: _Bench) -> bool:
        """Does a job; False when its worker has to be replaced."""
        begun = time.monotonic()
        try:
            bench.pipe.send(live.job.request)
            while True:
                if bench.pipe.poll(_LOOK):
                    word, told = bench.pipe.recv()
                    if word != "progress":
                        self._over(live, word, told)
                        return True
                    live.progress = told
                if self._is_ended(live, time.monotonic() - begun):
                    return False
        except (EOFError, OSError):
            self._lost(live)
            return False

    def _is_ended(self, live: _Live, seconds: float) -> bool:
        """Whether a job that runs must stop: the server closes, somebody cancelled it, or its time is up."""
        with self._change:
            if self._closing:
                with suppress(sqlite3.Error):
                    self.store.put_back(live.job.id)
                return True
            if live.is_cancelled:
                self._over(live, "cancelled", [])
                return True
        if seconds <= self.limits.seconds:
            return False
        what = f"it was ended after {self.limits.seconds:g} s, which is what a job may take"
        self._over(live, "failed", [problem(what, remedy="ask for less at once")])
        return True

    def _lost(self, live: _Live) -> None:
        """A job whose process was ended is begun once more, before all others; the second time it has failed."""
        live.lost_workers += 1
        if live.lost_workers > 1:
            what = "its process ended twice, perhaps because it took more memory than it may"
            self._over(live, "failed", [problem(what, remedy="ask for less at once, or ask again")])
            return
        with self._change:
            live.state = "queued"
            self._queue.appendleft(live)
            self._change.notify()

    def _over(self, live: _Live, state: str, told: Any) -> None:
        """Writes down how a job ended. Where the disk is full, that is said and remembered until the server ends."""
        job = live.job.id
        try:
            if state == "done":
                self.store.finish(job, told)
            else:
                self.store.fail(job, told, state)
        except sqlite3.Error as error:
            what = f"its end could not be written down: {error}"
            live.problems = [problem(what, remedy="make room on the disk, and ask again")]
            live.state = "cancelled" if state == "cancelled" else "failed"
            self._forget_unsaved()
            return
        with self._change:
            self._live.pop(job, None)

    def _forget_unsaved(self) -> None:
        """Lets go of the oldest ends that are only remembered, so that they do not pile up."""
        with self._change:
            unsaved = [job for job, live in self._live.items() if live.state in FINAL]
            for job in unsaved[:-_MOST_UNSAVED]:
                del self._live[job]


def _hired(memory: int) -> _Bench | None:
    """A new worker; None where the system gives no process."""
    context = multiprocessing.get_context("spawn")
    try:
        folder = TemporaryDirectory(prefix="azygos-", ignore_cleanup_errors=True)
        here, there = context.Pipe()
        process = context.Process(target=serve, args=(there, memory, folder.name), daemon=True)
        process.start()
    except OSError:
        return None
    there.close()
    return _Bench(process=process, pipe=here, folder=folder)


def _dismiss(bench: _Bench) -> None:
    bench.pipe.close()
    bench.process.terminate()
    bench.process.join(timeout=2.0)
    if bench.process.is_alive():
        bench.process.kill()
        bench.process.join()
    bench.folder.cleanup()
