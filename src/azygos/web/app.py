"""The server's routes. A browser is given built files, known when the server starts, and answers to its jobs."""

import asyncio
import hashlib
import json
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.exceptions import HTTPException

import azygos
from azygos.body.catalogue import facts
from azygos.body.variant import variants
from azygos.errors import InputError
from azygos.instruments.registry import INSTRUMENTS
from azygos.report.look import TITLES
from azygos.therapy.catalogue import atm, stock
from azygos.therapy.procedure import SIMULATED
from azygos.units import mm
from azygos.web.answer import QUANTITIES
from azygos.web.atlas import atlas
from azygos.web.bundle import File, bundle
from azygos.web.guard import App, Guard
from azygos.web.problems import problem, problems
from azygos.web.requests import BodyRequest, PosturesRequest, SimulateRequest, WorkRequest, key_of
from azygos.web.script import script
from azygos.web.store import Store
from azygos.web.workshop import Full, Limits, Workshop

__all__ = ["create", "served"]

SCREENS = ("/", "/body", "/look", "/treat", "/study")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_TELL = 0.05  # [s] between two looks at a job that somebody follows
_KEEP_ALIVE = 15.0  # [s] after which a silent stream says that it lives


def served(
    state: Path | str = ":memory:",
    *,
    hosts: frozenset[str] = LOOPBACK,
    token: str | None = None,
    limits: Limits | None = None,
) -> App:
    """The whole server behind its guard. `state` is the file of its jobs."""
    return Guard(app=create(state, limits), hosts=hosts, token=token)


def create(state: Path | str, limits: Limits | None = None) -> FastAPI:
    """The application without a guard."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        app.state.workshop = Workshop(Store(state), limits)
        app.state.program = _program()
        _warm(app)
        yield
        app.state.workshop.close()

    app = FastAPI(
        title="azygos", version=version("azygos"), docs_url=None, redoc_url=None, openapi_url="/api/openapi.json",
        lifespan=life,
    )  # fmt: skip
    _tell_problems(app)
    _add_facts(app)
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
    def bad_input(_: Request, error: InputError) -> JSONResponse:
        return _refusal(422, problems(error))

    @app.exception_handler(RequestValidationError)
    def bad_request(_: Request, error: RequestValidationError) -> JSONResponse:
        return _refusal(422, [_misread(one) for one in error.errors()])

    @app.exception_handler(Full)
    def full(_: Request, __: Full) -> JSONResponse:
        told = problem("too many jobs wait already", remedy="wait for some of them, or cancel them")
        return _refusal(429, [told], {"retry-after": "2"})

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> JSONResponse:
        return _refusal(error.status_code, [problem(str(error.detail), request.url.path[:200])])


def _refusal(status: int, told: list[dict[str, str]], headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"problems": told}, status, headers)


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

    @app.post("/api/atlas")
    def map_of(body: BodyRequest) -> dict[str, Any]:
        """The map of a body."""
        return _atlas(body)

    @app.get("/api/vessels/{name}")
    def vessel(name: str) -> dict[str, Any]:
        """What the tables say of a vessel, each number with unit and source."""
        found = [{"quantity": f.quantity, "value": f.value, "unit": f.unit, "source": f.source} for f in facts(name)]
        return {"name": name, "facts": found}

    @app.post("/api/script", response_class=PlainTextResponse)
    def as_script(request: WorkRequest) -> str:
        """The Python that does the same."""
        return script(request)


@lru_cache(maxsize=64)
def _atlas(body: BodyRequest) -> dict[str, Any]:
    return atlas(body.body())


def _about() -> dict[str, Any]:
    catalogue = stock()
    return {
        "version": version("azygos"),
        "note": SIMULATED,
        "units": {name: unit for name, (_, unit) in QUANTITIES.items()},
        "instruments": [{"name": name, "title": TITLES[name]} for name in INSTRUMENTS],
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
    @app.post("/api/jobs", status_code=202)
    def ask(request: WorkRequest) -> dict[str, Any]:
        """Asks for work. The same request has the same job, whoever asks for it."""
        if found := request.problems():
            raise InputError(found)
        return _asked(app, request)

    @app.get("/api/jobs/{job}")
    def state(job: str) -> dict[str, Any]:
        """How a job is."""
        return _known(app, job)

    @app.delete("/api/jobs/{job}")
    def cancel(job: str, running: bool = True) -> dict[str, Any]:
        """Cancels a job; with `running=false` only while it waits."""
        _known(app, job)
        app.state.workshop.cancel(job, running=running)
        return _known(app, job)

    @app.get("/api/jobs/{job}/events")
    def events(job: str, request: Request) -> StreamingResponse:
        """The job's progress as server-sent events, until it is over."""
        _known(app, job)
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(_events(app, job, request), media_type="text/event-stream", headers=headers)

    @app.get("/api/jobs/{job}/answer")
    def answer(job: str) -> Response:
        """The answer of a job that is done."""
        packed = app.state.workshop.store.answer(job)
        if packed is None:
            raise HTTPException(404, "no such answer")
        headers = {"cache-control": "private, max-age=31536000, immutable", "content-encoding": "deflate"}
        return Response(packed, media_type="application/json", headers=headers)

    @app.get("/api/jobs/{job}/picture")
    def picture(job: str, part: int, number: int) -> Response:
        """A drawing of an answer, as an image of its own."""
        packed = app.state.workshop.store.answer(job)
        drawing = None if packed is None else _drawing(json.loads(zlib.decompress(packed)), part, number)
        if drawing is None:
            raise HTTPException(404, "no such picture")
        # styles within an image concern nothing but the image
        policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        headers = {"cache-control": "private, max-age=31536000, immutable", "content-security-policy": policy}
        return Response(drawing, media_type="image/svg+xml", headers=headers)


def _known(app: FastAPI, job: str) -> dict[str, Any]:
    told: dict[str, Any] | None = app.state.workshop.told(job)
    if told is None:
        raise HTTPException(404, "no such job")
    return told


def _drawing(answer: dict[str, Any], part: int, number: int) -> str | None:
    """A picture of a recording or of the operator's look, by its numbers."""
    parts = answer.get("recordings") or answer.get("looks") or []
    if not (0 <= part < len(parts) and 0 <= number < len(parts[part]["pictures"])):
        return None
    drawing: str = parts[part]["pictures"][number]["drawing"]
    head, _, rest = drawing.partition(">")
    space = "" if "xmlns=" in head else ' xmlns="http://www.w3.org/2000/svg"'
    return f"{head}{space}>{rest}"


async def _events(app: FastAPI, job: str, request: Request) -> AsyncIterator[str]:
    last, silent = "", 0.0
    while True:
        told = app.state.workshop.told(job)
        text = json.dumps(told)
        if text != last:
            yield f"data: {text}\n\n"
            last, silent = text, 0.0
        if told is None or told["state"] in ("done", "failed", "cancelled") or await request.is_disconnected():
            return
        if (silent := silent + _TELL) > _KEEP_ALIVE:
            yield ": still here\n\n"
            silent = 0.0
        await asyncio.sleep(_TELL)


# ---------------------------------------------------------------------------------------------------------------
# pages


def _add_pages(app: FastAPI, files: Mapping[str, File]) -> None:
    pages = dict(files) | {screen: files["/index.html"] for screen in SCREENS if "/index.html" in files}

    @app.get("/{path:path}", include_in_schema=False)
    def page(path: str, request: Request) -> Response:
        file = pages.get(f"/{path}")
        if file is None:
            raise HTTPException(404, "no such page")
        return _sent(file, request)


def _sent(file: File, request: Request) -> Response:
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
