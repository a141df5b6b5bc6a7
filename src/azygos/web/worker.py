"""A worker process: takes requests from a pipe one by one, and sends back progress, then an answer or problems."""

from multiprocessing.connection import Connection
from typing import Any

__all__ = ["serve"]


def serve(pipe: Connection, memory: int) -> None:
    """Works until the pipe is closed. `memory` [bytes] is the most it may take; the system keeps it where it can."""
    _ignore_interrupts()
    _limit(memory)
    from azygos.web.work import done  # here, so that the numerics are loaded before the first request comes

    def progress(what: str, share: float) -> None:
        pipe.send(("progress", {"what": what, "share": round(share, 3)}))

    pipe.send(("ready", {}))
    while True:
        try:
            request = pipe.recv()
        except EOFError:
            return
        pipe.send(_result(request, done, progress))


def _result(request: str, done: Any, progress: Any) -> tuple[str, Any]:
    from azygos.errors import InputError
    from azygos.web.problems import problem, problems
    from azygos.web.work import SolveFailed

    try:
        return "done", done(request, progress)
    except InputError as error:
        return "failed", problems(error)
    except SolveFailed as error:
        return "failed", [problem(str(error), remedy="use milder lesions, or another posture")]
    except MemoryError:
        return "failed", [problem("it took more memory than a job may have", remedy="ask for less at once")]
    except Exception as error:  # whatever else it is, the page has to say something and the worker to go on
        return "failed", [problem(f"the computation broke off: {type(error).__name__}: {error}", remedy="report it")]


def _ignore_interrupts() -> None:
    """Ctrl-C in the terminal reaches the workers too; the server tells them when to end."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _limit(memory: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
