"""Connections to `azygos serve` that stay, send too much or read too slowly."""

import asyncio
import http.client
import socket
import sys
import time
from contextlib import suppress

import pytest

pytest.importorskip("fastapi")
from azygos.web import connection, guard
from azygos.web.stream import Streams
from serving import AS_JSON, listening


async def plain(scope, receive, send):
    """An application that answers with more than a connection holds."""
    if scope["type"] == "lifespan":
        for _ in range(2):
            await send({"type": f"{(await receive())['type']}.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"50000000")]})
    await send({"type": "http.response.body", "body": b"x" * 50_000_000})


def ended(link, seconds=10.0):
    """Whether the other side ends a connection in time; what it still says is read."""
    link.settimeout(seconds)
    try:
        while link.recv(65536):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True


def drop_by_drop(link):
    for _ in range(100):
        link.sendall(b"x")
        time.sleep(0.05)


def test_a_connection_that_never_asks_or_never_reads_is_ended(monkeypatch):
    monkeypatch.setattr(connection, "ASK_SECONDS", 0.4)
    monkeypatch.setattr(connection, "READ_SECONDS", 0.4)
    with listening(plain) as address:
        with socket.create_connection(address) as silent, socket.create_connection(address) as slow:
            slow.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
            assert ended(silent) and ended(slow)
        with socket.create_connection(address) as deaf:
            deaf.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            time.sleep(1.0)
            taken = 0
            with suppress(ConnectionResetError):
                while piece := deaf.recv(65536):
                    taken += len(piece)
            assert taken < 50_000_000
        with socket.create_connection(address) as dripping:
            dripping.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 90\r\n\r\n")
            with pytest.raises(OSError):  # the body goes on drop by drop after the answer
                drop_by_drop(dripping)


def test_more_connections_than_there_may_be_are_not_held(monkeypatch):
    monkeypatch.setattr(connection, "most_connections", lambda: 3)
    with listening(plain) as address:
        held = [socket.create_connection(address) for _ in range(2)]
        try:
            with socket.create_connection(address) as more:  # one client leaves room for another
                assert ended(more)
            if sys.platform == "linux":  # where this machine has all addresses that begin with 127
                held.append(socket.create_connection(address, source_address=("127.0.0.2", 0)))
                held[-1].sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                assert held[-1].recv(15) == b"HTTP/1.1 200 OK"
        finally:
            for one in held:
                one.close()


def test_who_sends_too_much_still_reads_why_it_was_not_taken():
    with listening(guard.Guard(app=plain, hosts=frozenset({"127.0.0.1"}))) as (host, port):
        sender = http.client.HTTPConnection(host, port, timeout=20)
        for _ in range(2):  # over the same connection
            sender.request("POST", "/api/jobs", b"x" * 8_000_000, AS_JSON)
            refused = sender.getresponse()
            assert refused.status == 413 and "larger than 2304 KiB" in refused.read().decode()
        sender.close()


def test_a_head_that_is_too_long_is_refused():
    with (
        listening(plain, h11_max_incomplete_event_size=16 * 1024) as address,
        socket.create_connection(address) as link,
    ):
        link.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 20_000)
        assert link.recv(12) == b"HTTP/1.1 400"


def test_a_body_that_does_not_arrive_is_given_up(monkeypatch):
    monkeypatch.setattr(guard, "_SECONDS", 0.1)
    sent = []

    async def never():
        await asyncio.sleep(60)

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/api/jobs", "query_string": b"", "server": ("127.0.0.1", 8017),
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json"), (b"content-length", b"5")],
    }  # fmt: skip
    asyncio.run(guard.Guard(app=plain, hosts=frozenset({"127.0.0.1"}))(scope, never, send))
    assert sent[0]["status"] == 408


def test_streams_beyond_the_bound_tell_how_it_is_and_end():
    async def here():
        return False

    async def gone():
        return True

    async def read(streams, has_left):
        return [word async for word in streams.of(lambda: {"state": "running"}, has_left)]

    async def tried():
        streams = Streams(most=1)
        first = streams.of(lambda: {"state": "running"}, here)
        words = [await anext(first), await anext(first)]
        beyond = await asyncio.wait_for(read(streams, here), 5.0)
        await first.aclose()
        return words, beyond, await asyncio.wait_for(read(streams, gone), 5.0)

    words, beyond, left = asyncio.run(tried())
    assert words == beyond == left == ["retry: 2000\n\n", 'data: {"state": "running"}\n\n']
