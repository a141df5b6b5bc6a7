"""Who computes: this process, processes beside it, or the workers of a Dask cluster; `submit` gives a Future."""

import os
import signal
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

from azygos.errors import InputError, Problem
from azygos.run.chunk import Chunk, versions
from azygos.run.folder import RunStopped

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.connection import _ConnectionBase

__all__ = ["Cluster", "Crew", "Processes", "Serial", "cores", "crew_of"]

Result = TypeVar("Result")
Answer = TypeVar("Answer")

ANSWER = 10.0  # seconds in which a scheduler answers
SCHEMES = ("tcp", "tls", "ws", "wss")


class Crew(ABC):
    """Used as a context: what it holds is given back at the end."""

    size: int  # that work at the same time

    @abstractmethod
    def submit(self, function: Callable[..., Result], /, *arguments: Any) -> Future[Result]: ...

    def map(self, function: Callable[..., Result], /, *of: Iterable[Any]) -> Iterator[Result]:
        """As the map of an Executor: all are asked for at once, the results come in their order."""
        futures = [self.submit(function, *arguments) for arguments in zip(*of, strict=False)]
        return (future.result() for future in futures)

    def renew(self) -> None:  # noqa: B027  # most have nothing to do here
        """Others take the place of workers that have died."""

    def gone(self) -> str:
        """Why nothing will come any more; empty while there is hope."""
        return ""

    def check(self, chunk: Chunk) -> None:
        """Raises RunStopped for a chunk that another version computed."""
        other = [(name, here) for name, here in versions().items() if chunk.versions.get(name) != here]
        if other:
            what = ", ".join(f"{name} {chunk.versions.get(name)}, this {here}" for name, here in other)
            raise RunStopped(f"a worker has {what}: install the same everywhere, then 'azygos cohort resume'")

    def close(self, *, at_once: bool = False) -> None:  # noqa: B027  # most have nothing to do here
        """Ends it; what has not begun is dropped, and with `at_once` what has begun, too."""

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self.close(at_once=error is not None)


class Serial(Crew):
    """This process itself."""

    size = 1

    def submit(self, function: Callable[..., Result], /, *arguments: Any) -> Future[Result]:
        future: Future[Result] = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:  # as in any other process: told when the result is asked for
            future.set_exception(error)
        return future


class Processes(Crew):
    """Processes of this machine. They end with the one that started them, however it ends."""

    def __init__(self, size: int) -> None:
        self.size = size if sys.platform != "win32" else min(size, 61)  # the most that Windows waits for
        self._pool: ProcessPoolExecutor | None = None
        self._life: _ConnectionBase[Any, Any] | None = None

    def submit(self, function: Callable[..., Result], /, *arguments: Any) -> Future[Result]:
        with _undisturbed():
            if self._pool is None:
                from concurrent.futures import ProcessPoolExecutor
                from multiprocessing import get_context

                # Not forked: a copy of a process that has threads may stand still for ever.
                context = get_context("spawn")
                heard, self._life = context.Pipe(duplex=False)
                self._pool = ProcessPoolExecutor(self.size, mp_context=context, initializer=_live, initargs=(heard,))
            return self._pool.submit(function, *arguments)

    def renew(self) -> None:
        self.close(at_once=True)

    def close(self, *, at_once: bool = False) -> None:
        if self._pool is None or self._life is None:
            return
        if at_once:
            self._life.close()
            _read_away(self._pool)
        self._pool.shutdown(cancel_futures=True)
        self._life.close()
        self._pool = None


def _read_away(pool: "ProcessPoolExecutor") -> None:
    """Reads what is on its way to workers that end, until nothing more comes.

    A task larger than a pipe, which nobody is left to read, would be written for ever, and the pool wait for that
    (CPython's issue 94777). The pool closes its end of the pipe when it sees fit; this one is another's.
    """
    try:
        tasks = os.dup(pool._call_queue._reader.fileno())  # type: ignore[attr-defined]  # of typeshed's Queue; it has one
    except OSError:  # closed: what is written ends with an error
        return

    def read() -> None:
        while os.read(tasks, 1 << 20):
            pass
        os.close(tasks)

    threading.Thread(target=read, daemon=True).start()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C waits until a worker has been started: a pool waits for ever for one that was only half started.

    The worker inherits that it is deaf to it, so that none ends while it still imports.
    """
    came: list[int] = []
    is_main = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, lambda number, _: came.append(number)) if is_main else None
    try:
        with _masked():
            yield
    finally:
        if is_main:
            signal.signal(signal.SIGINT, handler or signal.SIG_DFL)
    for number in came[:1]:
        signal.raise_signal(number)


if sys.platform == "win32":  # where nothing is masked, and no system call ends early

    def _masked() -> AbstractContextManager[None]:
        return nullcontext()

else:

    @contextmanager
    def _masked() -> Iterator[None]:
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()  # which, when it begins, would let Ctrl-C through again
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _live(heard: "_ConnectionBase[Any, Any]") -> None:
    """A worker leaves Ctrl-C to its parent, and ends when that has died or hung up: else it would wait for ever."""
    from multiprocessing.connection import wait

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=lambda: wait([heard]) and os._exit(1), daemon=True).start()


class Cluster(Crew):
    """The workers of a Dask scheduler, here or on other machines."""

    def __init__(self, address: str) -> None:
        self.address = address
        _check_address(address)
        try:
            from distributed import Client
        except ImportError as error:
            remedy = "install it: pip install 'azygos[cluster]'"
            raise InputError(Problem("Dask's distributed is not installed", "--scheduler", remedy)) from error
        try:
            self._client = Client(address, timeout=ANSWER, set_as_default=False)  # type: ignore[no-untyped-call]  # Dask has no types here
        except (OSError, ValueError, TimeoutError) as error:
            remedy = "start one with 'dask scheduler' and workers with 'dask worker', and name its address"
            raise InputError(Problem(f"no scheduler answers at '{address}'", "--scheduler", remedy)) from error
        self._asked, self._threads = -1.0, 1
        self._executor: Executor = self._client.get_executor(retries=2)  # type: ignore[no-untyped-call]  # Dask has no types here

    @property
    def size(self) -> int:  # type: ignore[override]  # read only here
        """Threads of all workers, who may come and go; the scheduler is asked once a second at most."""
        if time.monotonic() - self._asked > 1.0:
            self._asked = time.monotonic()
            workers = self._told(lambda: self._client.scheduler_info(n_workers=-1)).get("workers", {})
            self._threads = max(1, sum(int(worker["nthreads"]) for worker in workers.values()))
        return self._threads

    def submit(self, function: Callable[..., Result], /, *arguments: Any) -> Future[Result]:
        return self._told(lambda: self._executor.submit(function, *arguments))

    def _told(self, ask: Callable[[], Answer]) -> Answer:
        """What the client answers. Raises RunStopped where it cannot, since it has lost its scheduler."""
        try:
            if not (gone := self.gone()):
                return ask()
        except Exception as error:  # whatever it is: lost on the way
            gone = self.gone() or f"the scheduler at '{self.address}' does not answer: {error}"
        raise RunStopped(gone)

    def gone(self) -> str:
        if self._client.status == "running":
            return ""
        return f"the scheduler at '{self.address}' is gone: start one and go on by 'azygos cohort resume'"

    def close(self, *, at_once: bool = False) -> None:
        self._executor.shutdown(wait=False)
        self._client.close(timeout=2)  # type: ignore[no-untyped-call]  # Dask has no types here


def _check_address(address: str) -> None:
    """Whether somebody listens there, since a client that finds nobody is long in giving up. Raises InputError."""
    import socket
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(address)
        place = parts.hostname or "", parts.port or 0
    except ValueError:  # a port that is no number
        parts, place = urlsplit(""), ("", 0)
    if parts.scheme not in SCHEMES or not all(place):
        raise InputError(Problem(f"'{address}' is no address", "--scheduler", "write it like tcp://127.0.0.1:8786"))
    try:
        socket.create_connection(place, timeout=ANSWER).close()
    except OSError as error:
        remedy = "start one with 'dask scheduler' and workers with 'dask worker', and name its address"
        raise InputError(Problem(f"no scheduler answers at '{address}'", "--scheduler", remedy)) from error


def crew_of(workers: int | None, scheduler: str | None = None) -> Crew:
    """Those that are asked for; without a number as many as there are cores."""
    if scheduler is not None:
        return Cluster(scheduler)
    size = workers or cores()
    return Serial() if size == 1 else Processes(size)


def cores() -> int:
    """The cores that this process may use, where the system says so; else those that there are."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
