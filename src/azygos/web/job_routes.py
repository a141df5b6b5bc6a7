"""The routes of jobs: asking for work, following it, its answer and its pictures."""

import json
import zlib
from functools import lru_cache
from typing import Any, Literal

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from azygos.errors import InputError
from azygos.web.contract import (
    ANSWERED,
    ASKED,
    JSON,
    PICTURE,
    STREAM,
    UNKNOWN,
    Client,
    EventStream,
    JobState,
    Name,
    Number,
)
from azygos.web.requests import WorkRequest, key_of
from azygos.web.stream import Streams

__all__ = ["add_jobs", "asked"]


def add_jobs(app: FastAPI) -> None:
    """The routes; the workshop is there when the server has begun."""
    streams = Streams()

    @app.post("/api/jobs", status_code=202, response_model=JobState, responses=ASKED)
    def ask(request: WorkRequest, client: Client) -> dict[str, Any]:
        """Asks for work. The same request has the same job, whoever asks for it."""
        if found := request.problems():
            raise InputError(found)
        return asked(app, request, client)

    @app.get("/api/jobs/{job}", response_model=JobState, responses=UNKNOWN)
    def state(job: Name, client: Client) -> dict[str, Any]:
        """How a job is."""
        return _known(app, job, client)

    @app.delete("/api/jobs/{job}", response_model=JobState, responses=UNKNOWN)
    def cancel(job: Name, client: Client, running: bool = True) -> dict[str, Any]:
        """Cancels a job, unless another client wants it too; with `running=false` only while it waits."""
        _known(app, job, client)
        app.state.workshop.cancel(job, client, running=running)
        return _known(app, job, client)

    @app.get("/api/jobs/{job}/events", response_class=EventStream, responses=UNKNOWN | STREAM)
    def events(job: Name, client: Client, request: Request) -> Response:
        """The job's progress as server-sent events, until it is over, or there are too many to follow at once."""
        _known(app, job, client)
        told = streams.of(lambda: app.state.workshop.told(job, client), request.is_disconnected)
        return EventStream(told, headers={"cache-control": "no-store", "x-accel-buffering": "no"})

    @app.get("/api/jobs/{job}/answer", response_class=Response, responses=ANSWERED | JSON)
    def answer(job: Name, client: Client, request: Request) -> Response:
        """The answer of a job that is done."""
        packed = _answer(app, job, client)
        headers = {"cache-control": "private, max-age=31536000, immutable", "vary": "accept-encoding"}
        if "deflate" in request.headers.get("accept-encoding", ""):
            return Response(packed, headers=headers | {"content-encoding": "deflate"}, media_type="application/json")
        return Response(zlib.decompress(packed), headers=headers, media_type="application/json")

    @app.get("/api/jobs/{job}/picture", response_class=Response, responses=ANSWERED | PICTURE)
    def picture(
        job: Name, client: Client, part: Number, number: Number, ink: Literal["dark", "light"] = "dark"
    ) -> Response:
        """A drawing of an answer, as an image of its own; in light ink where it stands on a dark page."""
        drawings = _drawings(_answer(app, job, client))
        if not (part < len(drawings) and number < len(drawings[part])):
            raise HTTPException(404, "no such picture")
        drawing = drawings[part][number]
        drawing = drawing.replace("<svg", '<svg color="#e9eef3"', 1) if ink == "light" else drawing
        # styles within an image concern nothing but the image
        policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
        headers = {"cache-control": "private, max-age=31536000, immutable", "content-security-policy": policy}
        return Response(drawing, media_type="image/svg+xml", headers=headers)


def asked(app: FastAPI, request: WorkRequest, client: str) -> dict[str, Any]:
    """The job of a request, queued where it is new. Raises Full."""
    name = key_of(request, app.state.program)
    app.state.workshop.ask(name, request.kind, request.model_dump_json(), client)
    return _known(app, name, client)


def _known(app: FastAPI, job: str, client: str) -> dict[str, Any]:
    told: dict[str, Any] | None = app.state.workshop.told(job, client)
    if told is None:
        raise HTTPException(404, "no such job")
    return told


def _answer(app: FastAPI, job: str, client: str) -> bytes:
    packed: bytes | None = app.state.workshop.store.answer(job)
    if packed is None:
        raise HTTPException(409, f"the job has no answer: it is {_known(app, job, client)['state']}")
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
