"""A worker process: takes requests from a pipe one by one, and sends back progress, then an answer or problems."""

import sys
import tempfile
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

__all__ = ["packed", "serve"]


def serve(pipe: Connection, memory: int, folder: str) -> None:
    """Works until the pipe is closed. `memory` [bytes] is the most it may take; the system keeps it where it can.

    What it lays down for a while lies in `folder`, which goes when it goes, however it ends.
    """
    _yield_to_the_server()
    _end_with_the_server(folder)
    _limit(memory)
    tempfile.tempdir = folder
    from azygos.web.work import done  # here, so that the numerics are loaded before the first request comes

    def progress(what: str, share: float) -> None:
        pipe.send(("progress", {"what": what, "share": round(share, 3)}))

    try:
        while True:
            pipe.send(_result(pipe.recv(), done, progress))
    except (EOFError, BrokenPipeError):
        return


def packed(answer: dict[str, Any]) -> bytes:
    """An answer as it is kept and sent: JSON in the zlib format. Raises ValueError for NaN and infinity."""
    import json
    import zlib

    return zlib.compress(json.dumps(answer, allow_nan=False, separators=(",", ":")).encode(), 6)


def _result(request: str, done: Any, progress: Any) -> tuple[str, Any]:
    from azygos.errors import InputError
    from azygos.web.problems import problem, problems
    from azygos.web.work import SolveFailed

    try:
        return "done", packed(done(request, progress))
    except (EOFError, BrokenPipeError):  # nobody is there to be told
        raise
    except InputError as error:
        return "failed", problems(error)
    except SolveFailed as error:
        return "failed", [problem(str(error), remedy="use milder lesions, or another posture")]
    except MemoryError:
        return "failed", [problem("it took more memory than a job may have", remedy="ask for less at once")]
    except Exception as error:  # whatever else it is, the page has to say something and the worker to go on
        return "failed", [problem(f"the computation broke off: {type(error).__name__}: {error}", remedy="report it")]


def _yield_to_the_server() -> None:
    """Ctrl-C in the terminal reaches the workers too; the server tells them when to end. Its pages come first."""
    import os
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        os.nice(2)


def _end_with_the_server(folder: str) -> None:
    """A server that was killed cannot end its workers, and nobody else watches how long they take."""
    import os
    import shutil
    import threading
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    server = parent_process()
    if server is None:
        return

    def watch() -> None:
        wait([server.sentinel])
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _limit(memory: int) -> None:
    """The most memory it may take, and no image of it on the disk when it ends in an error."""
    if sys.platform == "win32":
        return
    import resource

    with suppress(ValueError):  # macOS takes no bound below what it has mapped already
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
