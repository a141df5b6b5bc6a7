"""Where jobs are done: a few worker processes, each led by a thread that feeds it, under a clock that can end it."""

import math
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from azygos.web.bench import Bench
from azygos.web.problems import problem
from azygos.web.queue import FINAL, Full, Live, Queue
from azygos.web.store import Job, Store

__all__ = ["Limits", "Workshop"]

_LOOK = 0.05  # [s] between two looks at the clock and at what was cancelled
_MOST_UNSAVED = 100  # ends of jobs that are remembered though the file could not take them
_LEARNING = 0.1  # weight of the newest job in the mean time of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is done at once, and for how long."""

    workers: int = 2
    waiting: int = 48  # jobs queued, beside those that run
    seconds: float = 120.0  # of one job
    memory: int = 4 * 2**30  # address space of a worker [bytes]


class Workshop:
    """Takes jobs, does them by turns of those who asked, and tells how they are.

    A client is known by a name, which is empty for the server itself.
    """

    def __init__(self, store: Store, limits: Limits | None = None) -> None:
        self.store, self.limits = store, limits or Limits()
        self._live = {job.id: Live(job=job) for job in store.unfinished()}
        self._queue = Queue(self.limits.waiting, self._live.values())
        self._change = threading.Condition()
        self._closing = False
        self._mean_seconds = 2.0  # that a job takes
        self._threads = [threading.Thread(target=self._lead, daemon=True) for _ in range(self.limits.workers)]
        for thread in self._threads:
            thread.start()

    def ask(self, job: str, kind: str, request: str, client: str = "") -> None:
        """Queues the job of this name unless it is there already. Raises Full, and sqlite3.Error for a full disk."""
        with self._change:
            live = self._live.get(job)
            if live is not None and live.state not in FINAL:
                live.is_wanted_by(client)  # by another, or again before it was ended
                return
            known = self.store.job(job)
            if live is None and known is not None and known.state == "done":
                self.store.touch(job)  # or its answer might go before it is fetched
                return
            if not self._queue.has_room_for(client):
                seconds = math.ceil(self._mean_seconds / max(1, self.limits.workers))
                raise Full(min(60, seconds), len(self._queue.of(client)))
            self.store.add(job, kind, request)
            live = Live(job=Job(id=job, kind=kind, request=request, state="queued", problems=[]))
            self._live[job] = live
            self._queue.add(live, client)
            self._change.notify()

    def cancel(self, job: str, client: str = "", *, running: bool = True) -> None:
        """Ends a job that waits, or also one that runs, once nobody wants it; nothing happens to one that is over."""
        with self._change:
            live = self._live.get(job)
            if live is None or live.state in FINAL:
                return
            waits = live in self._queue
            if not (waits or running) or not live.is_left_by(client):
                return
            if waits:
                self._queue.drop(live)
                self._over(live, "cancelled", [])
            else:
                live.is_cancelled = True

    def told(self, job: str, client: str = "") -> dict[str, Any] | None:
        """State, progress and problems of a job; None for one that is not known."""
        if (live := self._live.get(job)) is not None:
            return live.told(client)
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
        bench = self._hired()
        while (live := self._taken()) is not None:
            if bench is not None and not bench.is_manned:  # somebody ended it while it had nothing to do
                bench.dismiss()
                bench = None
            bench = bench or self._hired()
            begun = time.monotonic()
            if bench is None:
                told = problem("no process can be started for it", remedy="end other programs, and ask again")
                self._over(live, "failed", [told])
                continue
            if not self._did(live, bench):
                bench.dismiss()
                bench = None if self._closing else self._hired()
            self._mean_seconds += _LEARNING * (time.monotonic() - begun - self._mean_seconds)
        if bench is not None:
            bench.dismiss()

    def _hired(self) -> Bench | None:
        with suppress(OSError):
            return Bench(self.limits.memory)
        return None

    def _taken(self) -> Live | None:
        """The next job; waits for one. None when the workshop closes."""
        with self._change:
            while not len(self._queue) and not self._closing:
                self._change.wait()
            if self._closing:
                return None
            live = self._queue.take()
            live.state = "running"
        with suppress(sqlite3.Error):  # the answer may find room when it comes
            self.store.running(live.job.id)
        return live

    def _did(self, live: Live, bench: Bench) -> bool:
        """Does a job; False when its worker has to be replaced."""
        begun = time.monotonic()
        try:
            with self._timed(live, bench, begun + self.limits.seconds):
                bench.give(live.job.request)
                while True:
                    word, told = bench.hear()
                    if word != "progress":
                        self._over(live, word, told)
                        return True
                    live.progress = told
        except (EOFError, OSError):
            self._ended(live, time.monotonic() - begun)
            return False

    @contextmanager
    def _timed(self, live: Live, bench: Bench, end: float) -> Iterator[None]:
        """Ends the process when its job must stop: one that hangs may not even take what it is given."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(_LOOK):
                if self._closing or live.is_cancelled or time.monotonic() > end:
                    bench.end()
                    return

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()

    def _ended(self, live: Live, seconds: float) -> None:
        """What becomes of a job whose process has ended: the server closes, somebody cancelled it, its time was up;
        or nobody knows why, and it is begun once more, before all others. The second time it has failed."""
        with self._change:
            if self._closing:
                with suppress(sqlite3.Error):
                    self.store.put_back(live.job.id)
                return
            if live.is_cancelled:
                self._over(live, "cancelled", [])
                return
        if seconds > self.limits.seconds:
            what = f"it was ended after {self.limits.seconds:g} s, which is what a job may take"
            self._over(live, "failed", [problem(what, remedy="ask for less at once")])
            return
        live.lost_workers += 1
        if live.lost_workers > 1:
            what = "its process ended twice, perhaps because it took more memory than it may"
            self._over(live, "failed", [problem(what, remedy="ask for less at once, or ask again")])
            return
        with self._change:
            live.state = "queued"
            self._queue.put_back(live)
            self._change.notify()

    def _over(self, live: Live, state: str, told: Any) -> None:
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
