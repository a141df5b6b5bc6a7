"""`azygos serve`: the laboratory in a browser, on this machine."""

import os
import re
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from azygos.errors import InputError, Problem

if TYPE_CHECKING:
    import socket

__all__ = ["serve"]

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve(
    *,
    port: int = 8017,
    host: str = "127.0.0.1",
    name: Annotated[list[str] | None, Parameter(negative=())] = None,
    token: Annotated[str | None, Parameter(env_var="AZYGOS_TOKEN")] = None,
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
        The address to listen on; 0.0.0.0 is every address of this machine.
    name
        A name by which browsers call it, where it stands behind something that encrypts; as often as it has names.
    token
        What a browser must know; at least 16 characters. Other users of the machine see the command line, but not
        the environment.
    state
        The file in which jobs and their answers are kept. Default: in the user's cache.
    workers
        Processes that compute.
    open
        Open the page in the browser.
    """
    file, names = state or _usual_state(), tuple(name or ())
    _check(port, names, token, file, workers)
    token = token or (None if host in LOOPBACK and not names else secrets.token_urlsafe(24))
    return _run(port, host, names, token, file, workers, open)


def _usual_state() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or str(Path.home() / ".cache")
    folder = Path(cache) / "azygos"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / "serve.sqlite"


def _check(port: int, names: tuple[str, ...], token: str | None, state: Path, workers: int) -> None:
    """Raises InputError with all that is wrong with the options."""
    found = []
    if not 0 <= port <= 65535:
        found.append(Problem(f"{port} is no port", "--port", "give one from 1024 to 65535"))
    for name in names:
        if not re.fullmatch(r"[a-z0-9_.-]+", name, re.IGNORECASE):
            remedy = "give it without 'http://' and port, such as lab.example.org"
            found.append(Problem(f"'{name}' is no name of a machine", "--name", remedy))
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


def _run(port: int, host: str, names: tuple[str, ...], token: str | None, state: Path, workers: int, open: bool) -> int:
    listening = _listening(host, port)
    with listening:
        import uvicorn

        from azygos.web.app import LOOPBACK as HOSTS
        from azygos.web.app import served
        from azygos.web.connection import Connection
        from azygos.web.workshop import Limits

        here, at = listening.getsockname()[:2]
        is_everywhere = here in ("0.0.0.0", "::")
        shown = _shown(_own_address(listening.family) if is_everywhere else host, at, token)
        hosts = HOSTS | {name.lower() for name in (host, *names)} | (_own_names() if is_everywhere else frozenset())
        app = served(state, hosts=hosts, token=token, limits=Limits(workers=workers))
        print(f"azygos: {shown}\nSimulated, for research and teaching, not for care. Ctrl-C ends it.", flush=True)
        if open:
            import webbrowser

            webbrowser.open(shown)
        config = uvicorn.Config(
            app,
            http=Connection,
            ws="none",
            log_level="error",  # a request that cannot be read is its sender's business
            access_log=False,
            server_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=16 * 1024,  # of a request's head
            timeout_keep_alive=15,
            timeout_graceful_shutdown=2,  # a page that follows a job would hold the server for good
        )
        try:
            uvicorn.Server(config).run(sockets=[listening])
        except KeyboardInterrupt:
            print("ended", file=sys.stderr)
    return 0


def _listening(host: str, port: int) -> "socket.socket":
    """A socket that browsers can come to; from here on they wait where they would have been refused."""
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    if os.name == "posix":  # elsewhere it would let another program listen on the same port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        what = f"it cannot listen on {host}:{port}: {error.strerror or error}"
        raise InputError(Problem(what, "--host, --port", "give another port")) from None
    return listening


def _shown(host: str, port: int, token: str | None) -> str:
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    return address if token is None else f"{address}?token={token}"


def _own_address(family: "socket.AddressFamily") -> str:
    """The address by which others reach this machine, as it would be the sender's of what goes out; nothing goes."""
    import socket

    elsewhere = "2001:db8::1" if family == socket.AF_INET6 else "192.0.2.1"  # kept for examples: nobody's
    with socket.socket(family, socket.SOCK_DGRAM) as unsent:
        try:
            unsent.connect((elsewhere, 9))
        except OSError:  # no network
            return socket.gethostname()
        return str(unsent.getsockname()[0])


def _own_names() -> frozenset[str]:
    """The names by which this machine may be called when it listens on all its addresses."""
    import socket

    return frozenset({socket.gethostname().lower(), socket.getfqdn().lower()})
