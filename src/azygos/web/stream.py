"""A job's progress as server-sent events, for so many browsers and so long as a server can bear."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from azygos.web.queue import FINAL

__all__ = ["Streams"]

_TELL = 0.05  # [s] between two looks at a job that somebody follows
_KEEP_ALIVE = 15.0  # [s] after which a silent stream says that it lives
_AGAIN = "retry: 2000\n\n"  # [ms] after which a browser whose stream has ended asks again


class Streams:
    """The streams that are open. Above `most`, or after `seconds`, a stream ends, and its browser asks again."""

    def __init__(self, most: int = 100, seconds: float = 300.0) -> None:
        self._most, self._seconds = most, seconds
        self._open = 0

    async def of(
        self, told: Callable[[], dict[str, Any] | None], has_left: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[str]:
        """What is told of a job, whenever it changes, until the job is over."""
        begun = last_word = time.monotonic()
        last: dict[str, Any] | None = None
        yield _AGAIN
        self._open += 1
        try:
            while True:
                if (state := told()) is None:
                    return
                now = time.monotonic()
                if state != last:
                    yield f"data: {json.dumps(state)}\n\n"
                    last, last_word = state, now
                elif now - last_word > _KEEP_ALIVE:
                    yield ": still here\n\n"
                    last_word = now
                if state["state"] in FINAL or self._open > self._most or now - begun > self._seconds:
                    return
                if await has_left():
                    return
                await asyncio.sleep(_TELL)
        finally:
            self._open -= 1
