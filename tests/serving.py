"""A server to try things on: in this process, on a port, or as a command of its own."""

import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import uvicorn
from starlette.testclient import TestClient

from azygos.web.app import served
from azygos.web.connection import Connection
from azygos.web.workshop import Limits

HOME = "http://127.0.0.1:8017"
ONE = Limits(workers=1)
AS_JSON = {"content-type": "application/json"}
TOKEN = "a-token-of-many-letters"
FINAL = ("done", "failed", "cancelled")


@contextmanager
def client(state=":memory:", limits=ONE, **options):
    """A browser of a server in this process."""
    with TestClient(served(state, limits=limits, warm=False, **options), base_url=HOME) as found:
        yield found


@contextmanager
def listening(app, **options):
    """The address of a server on a port of its own, in a thread."""
    config = uvicorn.Config(app, http=Connection, ws="none", log_level="critical", lifespan="on", **options)
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until(lambda: server.started)
            yield listener.getsockname()
        finally:
            server.should_exit = True
            thread.join(20)


def command(state, *options):
    """The command of a server on a free port."""
    return [sys.executable, "-m", "azygos.cli.main", "serve", "--port", "0", "--state", str(state), *options]


@contextmanager
def begun(state, *options, **named):
    """A server as a process, and the address that it printed."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command(state, *options), stdout=pipe, stderr=pipe, text=True, **named) as server:
        try:
            yield server, server.stdout.readline().removeprefix("azygos: ").strip()
        finally:
            server.kill()


def until(is_so, seconds=30.0):
    """What `is_so` says when it first says something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := is_so():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come about")


def asked(page, kind="simulate", **request):
    """The job of a request."""
    answered = page.post("/api/jobs", json={"kind": kind} | request)
    assert answered.status_code == 202, answered.text
    return answered.json()["id"]


def over(page, job, seconds=60.0):
    """The last state of a job."""

    def is_over():
        told = page.get(f"/api/jobs/{job}").json()
        return told if told["state"] in FINAL else None

    return until(is_over, seconds)


def answer(page, **request):
    """The answer of a request that can be answered."""
    told = over(page, asked(page, **request), 110.0)
    assert told["state"] == "done", told
    return page.get(f"/api/jobs/{told['id']}/answer").json()
