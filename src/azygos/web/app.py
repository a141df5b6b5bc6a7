"""The server's routes. A browser is given built files, known when the server starts, and answers to its jobs."""

import asyncio
import hashlib
import json
import sqlite3
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import lru_cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import Route

import azygos
from azygos.body.catalogue import facts
from azygos.body.variant import variants
from azygos.errors import InputError
from azygos.exchange.cohort import named_cohort, packaged_names
from azygos.instruments.registry import INSTRUMENTS
from azygos.report.look import title_of
from azygos.therapy.catalogue import atm, stock
from azygos.therapy.procedure import SIMULATED
from azygos.units import mm
from azygos.web.answer import QUANTITIES
from azygos.web.atlas import atlas
from azygos.web.bundle import File, bundle
from azygos.web.contract import (
    ANSWERED,
    ASKED,
    JSON,
    PICTURE,
    REFUSALS,
    STREAM,
    UNKNOWN,
    EventStream,
    Facts,
    JobState,
    Name,
    Number,
)
from azygos.web.guard import App, Guard
from azygos.web.problems import problem, problems
from azygos.web.requests import BodyRequest, PosturesRequest, SimulateRequest, WorkRequest, key_of
from azygos.web.script import script
from azygos.web.store import Store
from azygos.web.stream import Streams
from azygos.web.study_routes import add_studies
from azygos.web.workshop import Full, Limits, Workshop

__all__ = ["create", "served"]

SCREENS = ("/", "/body", "/look", "/treat", "/study")
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
    _tell_problems(app)
    _add_facts(app)
    add_studies(app)
    _add_jobs(app)
    _add_pages(app, bundle())
    return app


def _warm(app: FastAPI) -> None:
    """Asks for what the first page shows, so that it is there when somebody opens it."""
    for request in (SimulateRequest(kind="simulate"), PosturesRequest(kind="postures")):
        try:
            _asked(app, request)
        except Full:  # an earlier run left enough to do
            return


def _asked(app: FastAPI, request: WorkRequest) -> dict[str, Any]:
    name = key_of(request, app.state.program)
    app.state.workshop.ask(name, request.kind, request.model_dump_json())
    told: dict[str, Any] = app.state.workshop.told(name)
    return told


# ---------------------------------------------------------------------------------------------------------------
# what goes wrong


def _tell_problems(app: FastAPI) -> None:
    @app.exception_handler(InputError)
    def bad_input(_: Request, error: InputError) -> Response:
        return _refusal(422, problems(error))

    @app.exception_handler(RequestValidationError)
    def bad_request(_: Request, error: RequestValidationError) -> Response:
        return _refusal(422, [_misread(one) for one in error.errors()])

    @app.exception_handler(Full)
    def full(_: Request, busy: Full) -> Response:
        told = problem("too many jobs wait already", remedy="wait for some of them, or cancel them")
        return _refusal(429, [told], {"retry-after": str(busy.seconds)})

    @app.exception_handler(sqlite3.Error)
    def unwritable(_: Request, error: sqlite3.Error) -> Response:
        told = problem(f"the file of jobs cannot be used: {error}", "--state", "make room on the disk, and ask again")
        return _refusal(503, [told], {"retry-after": "10"})

    @app.exception_handler(Exception)
    def broken(_: Request, error: Exception) -> Response:
        told = problem(f"the server broke off: {type(error).__name__}", remedy="report it with what it wrote")
        return _refusal(500, [told])

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        headers = {"allow": ", ".join(_methods(app, request))} if error.status_code == 405 else error.headers
        return _refusal(error.status_code, [problem(str(error.detail), request.url.path[:200])], headers)


def _refusal(status: int, told: list[dict[str, str]], headers: Mapping[str, str] | None = None) -> Response:
    """In ASCII: a name of a field may have half a character, which has no other encoding."""
    return Response(json.dumps({"problems": told}), status, headers, "application/json")


def _methods(app: FastAPI, request: Request) -> list[str]:
    """All that may be done with a path, for which each method has its own route."""
    here = [route for route in app.routes if isinstance(route, Route) and route.path_regex.match(request.url.path)]
    return sorted({method for route in here for method in route.methods or ()})


def _misread(error: Mapping[str, Any]) -> dict[str, str]:
    """A problem of what pydantic found: the field by its path."""
    place = ".".join(str(part) for part in error["loc"] if part not in ("body", "query"))
    return problem(error["msg"][:1].lower() + error["msg"][1:], place, "see /api/openapi.json")


# ---------------------------------------------------------------------------------------------------------------
# facts


def _add_facts(app: FastAPI) -> None:
    @app.get("/api/about")
    def about() -> dict[str, Any]:
        """The program, the devices, the instruments and the variants that there are."""
        return _about()

    drawing = asyncio.Semaphore(1)  # a map takes a quarter of a second of this process, which others wait for

    @app.post("/api/atlas", response_class=Response, responses=JSON)
    async def map_of(body: BodyRequest, request: Request) -> Response:
        """The map of a body."""
        async with drawing:
            if await request.is_disconnected():  # a lesion that is dragged asks anew at every step
                return Response(status_code=408)
            lying = body.model_copy(update={"posture": 0.0})  # every posture has the same map
            return Response(await run_in_threadpool(_atlas, lying), media_type="application/json")

    @app.get("/api/vessels/{name}", response_model=Facts, responses=UNKNOWN)
    def vessel(name: Name) -> dict[str, Any] | Response:
        """What the tables say of a vessel, each number with unit and source."""
        try:
            found = facts(name)
        except InputError as error:
            return _refusal(404, problems(error))
        told = [{"quantity": f.quantity, "value": f.value, "unit": f.unit, "source": f.source} for f in found]
        return {"name": name, "facts": told}

    @app.post("/api/script", response_class=PlainTextResponse)
    def as_script(request: WorkRequest) -> str:
        """The Python that does the same."""
        return script(request)


@lru_cache(maxsize=64)
def _atlas(body: BodyRequest) -> bytes:
    return json.dumps(atlas(body.shown()), allow_nan=False, separators=(",", ":")).encode()


@lru_cache(maxsize=1)
def _about() -> dict[str, Any]:
    catalogue = stock()
    return {
        "version": version("azygos"),
        "note": SIMULATED,
        "units": {name: unit for name, (_, unit) in QUANTITIES.items()},
        "instruments": [{"name": name, "title": title_of(name)} for name in INSTRUMENTS],
        "cohorts": [{"name": name, "title": named_cohort(name).title} for name in packaged_names()],
        "variants": [{"name": v.name, "what": v.what, "source": v.source} for v in variants().values()],
        "balloons": [
            {"name": b.name, "diameter": b.diameter / mm, "length": b.length / mm, "rated": b.rated / atm,
             "source": b.source}
            for b in catalogue.balloons.values()
        ],
        "stents": [
            {"name": s.name, "diameter": s.diameter / mm, "length": s.length / mm, "design": s.design,
             "sites": list(s.sites), "source": s.source}
            for s in catalogue.stents.values()
        ],
    }  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------
# jobs


def _add_jobs(app: FastAPI) -> None:
    streams = Streams()

    @app.post("/api/jobs", status_code=202, response_model=JobState, responses=ASKED)
    def ask(request: WorkRequest) -> dict[str, Any]:
        """Asks for work. The same request has the same job, whoever asks for it."""
        if found := request.problems():
            raise InputError(found)
        return _asked(app, request)

    @app.get("/api/jobs/{job}", response_model=JobState, responses=UNKNOWN)
    def state(job: Name) -> dict[str, Any]:
        """How a job is."""
        return _known(app, job)

    @app.delete("/api/jobs/{job}", response_model=JobState, responses=UNKNOWN)
    def cancel(job: Name, running: bool = True) -> dict[str, Any]:
        """Cancels a job; with `running=false` only while it waits."""
        _known(app, job)
        app.state.workshop.cancel(job, running=running)
        return _known(app, job)

    @app.get("/api/jobs/{job}/events", response_class=EventStream, responses=UNKNOWN | STREAM)
    def events(job: Name, request: Request) -> Response:
        """The job's progress as server-sent events, until it is over, or there are too many to follow at once."""
        _known(app, job)
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return EventStream(streams.of(lambda: app.state.workshop.told(job), request.is_disconnected), headers=headers)

    @app.get("/api/jobs/{job}/answer", response_class=Response, responses=ANSWERED | JSON)
    def answer(job: Name, request: Request) -> Response:
        """The answer of a job that is done."""
        packed = _answer(app, job)
        headers = {"cache-control": "private, max-age=31536000, immutable", "vary": "accept-encoding"}
        if "deflate" in request.headers.get("accept-encoding", ""):
            return Response(packed, headers=headers | {"content-encoding": "deflate"}, media_type="application/json")
        return Response(zlib.decompress(packed), headers=headers, media_type="application/json")

    @app.get("/api/jobs/{job}/picture", response_class=Response, responses=ANSWERED | PICTURE)
    def picture(job: Name, part: Number, number: Number, ink: Literal["dark", "light"] = "dark") -> Response:
        """A drawing of an answer, as an image of its own; in light ink where it stands on a dark page."""
        drawings = _drawings(_answer(app, job))
        if not (part < len(drawings) and number < len(drawings[part])):
            raise HTTPException(404, "no such picture")
        drawing = drawings[part][number]
        drawing = drawing.replace("<svg", '<svg color="#e9eef3"', 1) if ink == "light" else drawing
        # styles within an image concern nothing but the image
        policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
        headers = {"cache-control": "private, max-age=31536000, immutable", "content-security-policy": policy}
        return Response(drawing, media_type="image/svg+xml", headers=headers)


def _known(app: FastAPI, job: str) -> dict[str, Any]:
    told: dict[str, Any] | None = app.state.workshop.told(job)
    if told is None:
        raise HTTPException(404, "no such job")
    return told


def _answer(app: FastAPI, job: str) -> bytes:
    packed: bytes | None = app.state.workshop.store.answer(job)
    if packed is None:
        raise HTTPException(409, f"the job has no answer: it is {_known(app, job)['state']}")
    return packed


@lru_cache(maxsize=4)  # a page asks for all pictures of an answer at once
def _drawings(packed: bytes) -> list[list[str]]:
    """The pictures of each recording, of each of the operator's looks, or of each part of a study."""
    answer = json.loads(zlib.decompress(packed))
    parts = answer.get("recordings") or answer.get("looks") or answer.get("parts") or []
    return [[_alone(picture["drawing"]) for picture in part["pictures"]] for part in parts]


def _alone(drawing: str) -> str:
    """A drawing that is a document of its own."""
    head, _, rest = drawing.partition(">")
    space = "" if "xmlns=" in head else ' xmlns="http://www.w3.org/2000/svg"'
    return f"{head}{space}>{rest}"


# ---------------------------------------------------------------------------------------------------------------
# pages


def _add_pages(app: FastAPI, files: Mapping[str, File]) -> None:
    """A route for each file and screen, so that there is no path that could be anything else."""
    pages = dict(files) | {screen: files["/index.html"] for screen in SCREENS if "/index.html" in files}
    for path, file in pages.items():
        app.add_route(path, partial(_sent, file), methods=["GET"], include_in_schema=False)


async def _sent(file: File, request: Request) -> Response:
    cached = "public, max-age=31536000, immutable" if file.lasts else "no-cache"
    headers = {"etag": file.tag, "cache-control": cached, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == file.tag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.packed, media_type=file.kind, headers=headers | {"content-encoding": "gzip"})
    return Response(file.content, media_type=file.kind, headers=headers)


def _program() -> str:
    """What an answer depends on beside its request: the program, down to its last changed file."""
    root = Path(azygos.__file__).parent
    files = sorted(path for kind in ("*.py", "*.csv", "*.so") for path in root.rglob(kind))
    stamps = "".join(f"{path.relative_to(root)}{path.stat().st_mtime_ns}" for path in files)
    return f"{version('azygos')}-{hashlib.sha256(stamps.encode()).hexdigest()[:12]}"
