"""Who may ask: the right Host, the right Origin, the token where one is needed, and no more than so many bytes.

A page of another site must not reach this server through the browser of whoever runs it: by its address (Origin, and
what the browser says of the site a request comes from), or by a name that is made to point to 127.0.0.1 (Host).
"""

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from azygos.web.problems import problem, written

__all__ = ["HEADERS", "MOST_BYTES", "MOST_UPLOADED", "POLICY", "App", "Guard"]

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Refusal: TypeAlias = tuple[int, dict[str, str]]

MOST_BYTES = 256 * 1024  # of a request's body
MOST_UPLOADED = 2 * 2**20 + MOST_BYTES  # of one that may carry a dataset or an article
_UPLOADS = frozenset({"/api/jobs", "/api/script"})
_SECONDS = 20.0  # in which a body must have arrived
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::\d{1,5})?", re.IGNORECASE)

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
    "cache-control": "no-store",  # unless an answer says otherwise of itself
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Stands before an application and refuses what must not reach it."""

    app: App
    hosts: frozenset[str]  # names by which the server may be called besides its address, without the port
    token: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        headers = _headers(scope["headers"])
        refused = self._foreign(scope, headers) or _navigated(scope, headers) or _unreadable(scope, headers)
        if refused is not None:
            await _answer(scope, send, *refused)
        elif self.token is not None and not self._has_token(scope, headers):
            await self._ask_token(scope, send)
        else:
            await self._pass_on(scope, receive, send)

    def _foreign(self, scope: Scope, headers: dict[str, str]) -> Refusal | None:
        """Whether another server is meant, or a page of another one asks."""
        host = headers.get("host", "")
        name = _HOST.fullmatch(host)
        if name is None or not (name[1].lower() in self.hosts or _is_here(scope, name[1])):
            return 421, problem(f"this server is not called '{host[:80]}'", "Host", "open the address that it printed")
        origin = headers.get("origin", f"http://{host}")
        if origin not in (f"http://{host}", f"https://{host}"):  # https where something before it encrypts
            return 403, problem(f"a request from a page of '{origin[:80]}'", "Origin", "open the page of this server")
        return None

    def _has_token(self, scope: Scope, headers: dict[str, str]) -> bool:
        given = headers.get("authorization", "").removeprefix("Bearer ")
        return self._is_right(given) or self._is_right(_cookie(headers.get("cookie", ""), _cookie_name(scope)))

    def _is_right(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), (self.token or "").encode())

    async def _ask_token(self, scope: Scope, send: Send) -> None:
        """A link with the token sets a cookie and leads to the page without it; else nobody comes in."""
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if scope["method"] == "GET" and self._is_right(given):
            # lax, or a link in another page would open this one without it; what does anything is asked with POST
            cookie = f"{_cookie_name(scope)}={self.token}; Path=/; HttpOnly; SameSite=Lax"
            await _answer(scope, send, 303, None, (("set-cookie", cookie), ("location", "/")))
            return
        told = problem("no token, or a wrong one", "token", "open the address that it printed")
        await _answer(scope, send, 401, told, (("www-authenticate", "Bearer"),))

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands on the request, whose body is read first so that its length is known, however it was sent."""
        try:
            body = await asyncio.wait_for(_whole(receive, _most(scope)), _SECONDS)
        except TimeoutError:
            await _answer(scope, send, 408, problem(f"the request took more than {_SECONDS:g} s to arrive", "body"))
            return
        if body is None:
            await _answer(scope, send, *_too_long(scope))
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


def _is_here(scope: Scope, name: str) -> bool:
    """Whether this is the address that the connection came to: no name, so none that could be made to point here."""
    here = (scope.get("server") or ("", 0))[0]
    return name.strip("[]").lower() == here.removeprefix("::ffff:")  # which IPv6 puts before an address of IPv4


def _navigated(scope: Scope, headers: dict[str, str]) -> Refusal | None:
    """Whether a page of another site or another port asks; it may only lead a browser to a screen of this one."""
    if headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
        return None
    is_visit = scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"
    if is_visit and headers.get("sec-fetch-dest") == "document" and not scope["path"].startswith("/api/"):
        return None
    return 403, problem("a request from another site", "Sec-Fetch-Site", "open the page of this server")


def _unreadable(scope: Scope, headers: dict[str, str]) -> Refusal | None:
    """Whether the body is too long, or not what the server reads."""
    length = headers.get("content-length", "0")
    if not re.fullmatch(r"[0-9]{1,9}", length) or int(length) > _most(scope):
        return _too_long(scope)
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    has_body = length != "0" or "transfer-encoding" in headers
    if has_body and kind != "application/json":  # which a form of another site cannot send
        return 415, problem(f"'{kind[:80]}' is not read", "Content-Type", "send application/json")
    return None


def _most(scope: Scope) -> int:
    return MOST_UPLOADED if scope["path"] in _UPLOADS else MOST_BYTES


def _too_long(scope: Scope) -> Refusal:
    what = f"what was sent is larger than {_most(scope) // 1024} KiB"
    if scope["path"] not in _UPLOADS:
        return 413, problem(what, "the request", "send less")
    return 413, problem(what, "files and texts", "send 2 MiB of them in all; line ends and quotes count twice")


async def _whole(receive: Receive, most: int) -> bytes | None:
    """The body of a request; None when it is longer than it may be, or whoever sent it has gone."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] == "http.disconnect" or len(body) > most:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers by name; of one that is given twice, both, so that neither can hide the other."""
    found: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _cookie_name(scope: Scope) -> str:
    """Of its own for each port: browsers give a cookie to every port of a host."""
    return f"azygos_token_{(scope.get('server') or ('', 0))[1]}"


def _cookie(header: str, name: str) -> str:
    try:
        morsel = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


async def _answer(
    scope: Scope, send: Send, status: int, told: dict[str, str] | None, more: Iterable[tuple[str, str]] = ()
) -> None:
    """Answers at once. What is still to come is read and dropped, so that the sender lives to see the answer."""
    accept = _headers(scope["headers"]).get("accept", "")
    body, kind = written(told, scope["path"], accept) if told else (b"", "text/plain")
    headers = {"content-type": kind, "content-length": str(len(body)), **HEADERS}
    pairs = [(name.encode(), value.encode("latin-1", "replace")) for name, value in (*headers.items(), *more)]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
