"""Where jobs are done: a few worker processes, each led by a thread that feeds it, watches the clock and can end it."""

import multiprocessing
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from azygos.web.problems import problem
from azygos.web.store import Job, Store
from azygos.web.worker import serve

__all__ = ["Full", "Limits", "Workshop"]

_LOOK = 0.05  # [s] between two looks at the clock and at what was cancelled
_FINAL = ("done", "failed", "cancelled")


class Full(Exception):
    """More jobs wait already than may."""


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


@dataclass(slots=True)
class _Live:
    """What is known of a job that waits or runs."""

    progress: dict[str, Any] = field(default_factory=lambda: {"what": "waiting", "share": 0.0})
    cancelled: bool = False


class Workshop:
    """Takes jobs, does the first come first, and tells how they are."""

    def __init__(self, store: Store, limits: Limits | None = None) -> None:
        self.store, self.limits = store, limits or Limits()
        self._queue: deque[Job] = deque()
        self._live: dict[str, _Live] = {}
        self._change = threading.Condition()
        self._closing = False
        for job in store.unfinished():
            self._live[job.id] = _Live()
            self._queue.append(job)
        self._threads = [threading.Thread(target=self._lead, daemon=True) for _ in range(self.limits.workers)]
        for thread in self._threads:
            thread.start()

    def ask(self, job: str, kind: str, request: str) -> Job:
        """The job of this name, queued unless it is there already. Raises Full."""
        with self._change:
            known = self.store.job(job)
            if known is not None and (known.state == "done" or job in self._live):
                return known
            if len(self._queue) >= self.limits.waiting:
                raise Full
            self.store.add(job, kind, request)
            asked = Job(id=job, kind=kind, request=request, state="queued", problems=[])
            self._live[job] = _Live()
            self._queue.append(asked)
            self._change.notify()
            return asked

    def cancel(self, job: str, *, running: bool = True) -> None:
        """Ends a job that waits, or also one that runs; nothing happens to one that is over."""
        with self._change:
            if job not in self._live:
                return
            waiting = [one for one in self._queue if one.id == job]
            self._live[job].cancelled = running or bool(waiting)
            for one in waiting:
                self._queue.remove(one)
                self._over(one, "cancelled", [])

    def told(self, job: str) -> dict[str, Any] | None:
        """State, progress and problems of a job; None for one that is not known."""
        known = self.store.job(job)
        if known is None:
            return None
        live = self._live.get(job)
        found = {"id": job, "kind": known.kind, "state": known.state, "problems": known.problems}
        return found | ({"progress": live.progress} if live is not None and known.state not in _FINAL else {})

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
        bench: _Bench | None = self._hired()
        while True:
            with self._change:
                while not self._queue and not self._closing:
                    self._change.wait()
                if self._closing:
                    break
                job = self._queue.popleft()
                self.store.running(job.id)
            bench = bench or self._hired()
            if not self._did(job, bench):
                _dismiss(bench)
                bench = None if self._closing else self._hired()
        if bench is not None:
            _dismiss(bench)

    def _hired(self) -> _Bench:
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(target=serve, args=(there, self.limits.memory), daemon=True)
        process.start()
        there.close()
        return _Bench(process=process, pipe=here)

    def _did(self, job: Job, bench: _Bench) -> bool:
        """Does a job; False when its worker has to be replaced."""
        live, begun = self._live[job.id], time.monotonic()
        try:
            bench.pipe.send(job.request)
            while True:
                if bench.pipe.poll(_LOOK):
                    word, told = bench.pipe.recv()
                    if word == "progress":
                        live.progress = told
                    elif word in ("done", "failed"):
                        self._over(job, word, told)
                        return True
                if self._closing:
                    return False
                if live.cancelled:
                    self._over(job, "cancelled", [])
                    return False
                if time.monotonic() - begun > self.limits.seconds:
                    what = f"it was ended after {self.limits.seconds:g} s, which is what a job may take"
                    self._over(job, "failed", [problem(what, remedy="ask for less at once")])
                    return False
        except (EOFError, OSError):
            what = "its process ended, perhaps because it took more memory than it may"
            self._over(job, "failed", [problem(what, remedy="ask for less at once, or ask again")])
            return False

    def _over(self, job: Job, state: str, told: Any) -> None:
        if state == "done":
            self.store.finish(job.id, told)
        else:
            self.store.fail(job.id, told, state)
        self._live.pop(job.id, None)


def _dismiss(bench: _Bench) -> None:
    bench.pipe.close()
    bench.process.terminate()
    bench.process.join(timeout=2.0)
    if bench.process.is_alive():
        bench.process.kill()
