"""A connection that is neither kept open for nothing nor read so slowly that its answer piles up."""

import asyncio
import sys
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["Connection", "most_connections"]

ASK_SECONDS = 15.0  # in which the next request must be there, whole to the end of its head
READ_SECONDS = 60.0  # in which what was sent must be taken
_MOST = 512


class Connection(H11Protocol):
    """HTTP/1.1 with a clock: uvicorn has none for a request that never ends and an answer that nobody reads."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._asking: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None
        self._most = most_connections()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in its base
        super().connection_made(transport)
        if self._is_beyond_share():
            transport.abort()
        else:
            self._wait_for_request()

    def _is_beyond_share(self) -> bool:
        """Whether its client has more connections than are free: shares as those of jobs (queue.py)."""
        mine = sum(self._client == other._client for other in self.connections if isinstance(other, Connection))
        return mine > self._most - len(self.connections) + 1

    @property
    def _client(self) -> str:
        return self.client[0] if self.client else ""

    def connection_lost(self, exc: Exception | None) -> None:
        for clock in (self._asking, self._reading):
            if clock is not None:
                clock.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self.transport.is_closing():
            self._wait_for_request()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reading = self.loop.call_later(READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._reading is not None:
            self._reading.cancel()

    def _wait_for_request(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
        self._asking = self.loop.call_later(ASK_SECONDS, self._give_up)

    def _give_up(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()  # what is still being read is not cut off


def most_connections() -> int:
    """How many may be open at once: what the system allows this process, with some left for its own files."""
    if sys.platform == "win32":
        return _MOST
    import resource

    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _MOST if files == resource.RLIM_INFINITY else max(16, min(_MOST, files - 100))
