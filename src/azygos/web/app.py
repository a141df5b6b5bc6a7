"""The server, put together. A browser is given built files, known when the server starts, and answers to its jobs."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI

import azygos
from azygos.web.bundle import add_pages
from azygos.web.contract import REFUSALS
from azygos.web.fact_routes import add_facts
from azygos.web.guard import App, Guard
from azygos.web.job_routes import add_jobs, asked
from azygos.web.queue import Full
from azygos.web.refusals import add_refusals
from azygos.web.requests import PosturesRequest, SimulateRequest
from azygos.web.store import Store
from azygos.web.study_routes import add_studies
from azygos.web.workshop import Limits, Workshop

__all__ = ["create", "served"]

THREADS = 8  # that answer at once: one does most of the work at a time, and each keeps memory of its own
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


def served(
    state: Path | str = ":memory:",
    *,
    hosts: frozenset[str] = LOOPBACK,
    token: str | None = None,
    limits: Limits | None = None,
    warm: bool = True,
) -> App:
    """The whole server behind its guard. `state` is the file of its jobs; `warm` asks for the first page's at once.

    Raises InputError where that file cannot be used.
    """
    return Guard(app=create(state, limits, warm=warm), hosts=hosts, token=token)


def create(state: Path | str, limits: Limits | None = None, *, warm: bool = True) -> FastAPI:
    """The application without a guard."""
    store = Store(state)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = THREADS
        app.state.workshop = Workshop(store, limits)
        app.state.program = _program()
        if warm:
            _warm(app)
        yield
        app.state.workshop.close()

    app = FastAPI(
        title="azygos", version=version("azygos"), docs_url=None, redoc_url=None, openapi_url="/api/openapi.json",
        lifespan=life, responses=REFUSALS, generate_unique_id_function=lambda route: route.name,
    )  # fmt: skip
    add_refusals(app)
    add_facts(app)
    add_studies(app)
    add_jobs(app)
    add_pages(app)
    return app


def _warm(app: FastAPI) -> None:
    """Asks for what the first page shows, so that it is there when somebody opens it."""
    for request in (SimulateRequest(kind="simulate"), PosturesRequest(kind="postures")):
        try:
            asked(app, request, "")
        except Full:  # an earlier run left enough to do
            return


def _program() -> str:
    """What an answer depends on beside its request: the program and its tables, down to the last changed file."""
    root = Path(azygos.__file__).parent
    files = sorted(path for path in root.rglob("*.*") if path.suffix != ".pyc" and "static" not in path.parts)
    stamps = "".join(f"{path.relative_to(root)}{path.stat().st_mtime_ns}" for path in files)
    return f"{version('azygos')}-{hashlib.sha256(stamps.encode()).hexdigest()[:12]}"
