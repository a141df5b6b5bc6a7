"""A worker process as the server sees it: the pipe to it, and the folder that goes when it goes."""

import multiprocessing
from tempfile import TemporaryDirectory
from typing import Any

from azygos.web.worker import serve

__all__ = ["Bench"]


class Bench:
    """A place of work. Raises OSError where the system gives no process."""

    def __init__(self, memory: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._folder = TemporaryDirectory(prefix="azygos-", ignore_cleanup_errors=True)
        self._pipe, there = context.Pipe()
        self._process = context.Process(target=serve, args=(there, memory, self._folder.name), daemon=True)
        self._process.start()
        there.close()

    @property
    def is_manned(self) -> bool:
        return self._process.is_alive()

    def give(self, request: str) -> None:
        """Waits until it has been taken. Raises OSError when the process has ended."""
        self._pipe.send(request)

    def hear(self) -> tuple[str, Any]:
        """The next word, and what goes with it. Raises EOFError or OSError when the process has ended."""
        word, told = self._pipe.recv()
        return word, told

    def end(self) -> None:
        """Ends the process, whatever it does; who gives or hears at this moment is told by an error."""
        self._process.kill()

    def dismiss(self) -> None:
        """Ends the process and takes all away that was of it."""
        self._pipe.close()
        self._process.kill()
        self._process.join()
        self._folder.cleanup()
