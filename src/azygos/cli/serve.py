"""`azygos serve`: the laboratory in a browser, on this machine."""

import os
import secrets
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from azygos.errors import InputError, Problem

__all__ = ["serve"]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::")


def serve(
    *,
    port: int = 8017,
    host: str = "127.0.0.1",
    token: str | None = None,
    state: Path | None = None,
    workers: int = 2,
    open: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Serve the laboratory to a browser on this machine.

    It listens on 127.0.0.1, where only this machine reaches it. Where others can, they need a token, which is made up
    unless one is given.

    Parameters
    ----------
    port
        Where to listen; 0 takes a free one.
    host
        The address to listen on.
    token
        What a browser must know; at least 16 characters.
    state
        The file in which jobs and their answers are kept. Default: in the user's cache.
    workers
        Processes that compute.
    open
        Open the page in the browser.
    """
    file = state or _usual_state()
    _check(port, token, file, workers)
    token = token or (None if host in LOOPBACK else secrets.token_urlsafe(24))
    return _run(port, host, token, file, workers, open)


def _usual_state() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or str(Path.home() / ".cache")
    folder = Path(cache) / "azygos"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "serve.sqlite"


def _check(port: int, token: str | None, state: Path, workers: int) -> None:
    """Raises InputError with all that is wrong with the options."""
    found = []
    if not 0 <= port <= 65535:
        found.append(Problem(f"{port} is no port", "--port", "give one from 1024 to 65535"))
    if token is not None and not (len(token) >= 16 and token.isascii() and token.replace("-", "_").isidentifier()):
        remedy = "leave it out to have one made up, or give 16 or more letters, digits, '-' and '_', a letter first"
        found.append(
            Problem("this token is too short or has characters that cannot stand in an address", "--token", remedy)
        )
    if not state.parent.is_dir():
        found.append(Problem(f"there is no directory '{state.parent}'", f"--state {state}", "make it first"))
    if not 1 <= workers <= 64:
        found.append(Problem(f"{workers} processes", "--workers", "give 1 to 64"))
    if found:
        raise InputError(found)


def _run(port: int, host: str, token: str | None, state: Path, workers: int, open: bool) -> int:
    import socket

    import uvicorn

    from azygos.web.app import LOOPBACK as HOSTS
    from azygos.web.app import served
    from azygos.web.workshop import Limits

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)  # from here on a browser waits where it would have been refused
    except OSError as error:
        listening.close()
        raise InputError(
            Problem(
                f"it cannot listen on {host}:{port}: {error.strerror or error}", "--host, --port", "give another port"
            )
        ) from None
    name = f"[{host}]" if ":" in host else host
    address = f"http://{name}:{listening.getsockname()[1]}/"
    shown = address if token is None else f"{address}?token={token}"
    hosts = HOSTS | {name.lower()} | (_own_names() if host in EVERYWHERE else frozenset())
    print(f"azygos: {shown}\nSimulated, for research and teaching, not for care. Ctrl-C ends it.", flush=True)
    if open:
        import webbrowser

        webbrowser.open(shown)
    app = served(state, hosts=hosts, token=token, limits=Limits(workers=workers))
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=2,  # a page that follows a job would hold the server for good
    )
    server = uvicorn.Server(config)
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        print("ended", file=sys.stderr)
    return 0


def _own_names() -> frozenset[str]:
    """The names and addresses by which this machine may be called when it listens on all of them."""
    import socket

    name = socket.gethostname()
    try:
        addresses = {str(entry[4][0]) for entry in socket.getaddrinfo(name, None)}
    except OSError:
        addresses = set()
    return frozenset({name.lower(), socket.getfqdn().lower()} | {f"[{a}]" if ":" in a else a for a in addresses})
