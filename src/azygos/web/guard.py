"""Who may ask: the right Host, the right Origin, the token where one is needed, and no more than so many bytes.

A page of another site must not reach this server through the browser of whoever runs it: by its address (Origin, and
what the browser says of the site a request comes from), or by a name that is made to point to 127.0.0.1 (Host).
"""

import hmac
import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

from azygos.web.problems import problem

__all__ = ["HEADERS", "Guard"]

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_BYTES = 256 * 1024  # of a request's body
COOKIE = "azygos_token"
_LONG = problem(f"more than {MOST_BYTES // 1024} KiB", "body", "ask for less at once")

# Nothing from elsewhere, no script or style within a page, no page within another.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Stands before an application and refuses what must not reach it."""

    app: App
    hosts: frozenset[str]  # names by which the server may be called, without the port
    token: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        headers = _headers(scope["headers"])
        if (refused := self._refused(scope, headers)) is not None:
            await _answer(send, *refused)
            return
        if self.token is not None and not self._has_token(headers):
            await self._ask_token(scope, send)
            return
        await self._pass_on(scope, receive, send)

    def _refused(self, scope: Scope, headers: dict[str, str]) -> tuple[int, dict[str, str]] | None:
        host = headers.get("host", "")
        if _name(host) not in self.hosts:
            return 421, problem(f"this server is not called '{host[:80]}'", "Host", "open the address that it printed")
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return 403, problem(f"a request from a page of '{origin[:80]}'", "Origin", "open the page of this server")
        if headers.get("sec-fetch-site", "none") == "cross-site" and scope["path"].startswith("/api/"):
            return 403, problem("a request from another site", "Sec-Fetch-Site", "open the page of this server")
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MOST_BYTES:
            return 413, _LONG
        return None

    def _has_token(self, headers: dict[str, str]) -> bool:
        given = headers.get("authorization", "").removeprefix("Bearer ")
        return self._is_right(given) or self._is_right(_cookie(headers.get("cookie", "")))

    def _is_right(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), (self.token or "").encode())

    async def _ask_token(self, scope: Scope, send: Send) -> None:
        """A link with the token sets a cookie and leads to the page without it; else nobody comes in."""
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if scope["method"] == "GET" and self._is_right(given):
            cookie = f"{COOKIE}={self.token}; Path=/; HttpOnly; SameSite=Strict"
            await _answer(send, 303, {}, (("set-cookie", cookie), ("location", "/")))
            return
        await _answer(send, 401, problem("no token, or a wrong one", "token", "open the address that it printed"))

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands on the request, whose body is read first so that its length is known, however it was sent."""
        if (body := await _whole(receive)) is None:
            await _answer(send, 413, _LONG)
            return
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def replayed() -> Message:
            return waiting.pop() if waiting else await receive()

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                more = [(n.encode(), v.encode()) for n, v in HEADERS.items() if n.encode() not in given]
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        await self.app(scope, replayed, headed)


async def _whole(receive: Receive) -> bytes | None:
    """The body of a request; None when it is longer than it may be, or whoever sent it has gone."""
    body = b""
    while True:
        message = await receive()
        piece: bytes = message.get("body", b"")
        body += piece
        if message["type"] == "http.disconnect" or len(body) > MOST_BYTES:
            return None
        if not message.get("more_body", False):
            return body


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}


def _name(host: str) -> str:
    """A host without its port; an IPv6 address keeps its brackets."""
    return host[: host.index("]") + 1].lower() if "]" in host else host.partition(":")[0].lower()


def _cookie(header: str) -> str:
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


async def _answer(send: Send, status: int, told: dict[str, str], more: Iterable[tuple[str, str]] = ()) -> None:
    body = json.dumps({"problems": [told]} if told else {}).encode()
    headers = {"content-type": "application/json", "content-length": str(len(body)), **HEADERS}
    pairs = [(name.encode(), value.encode("latin-1", "replace")) for name, value in (*headers.items(), *more)]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
