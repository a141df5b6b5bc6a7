"""What the server says and may say, as its OpenAPI description tells it."""

from typing import Annotated, Any, Literal, TypeAlias

from fastapi import Depends, Path, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from azygos.web.problems import Problems, Told

__all__ = [
    "ANSWERED",
    "ASKED",
    "JSON",
    "PICTURE",
    "REFUSALS",
    "STREAM",
    "UNKNOWN",
    "Client",
    "EventStream",
    "Facts",
    "JobState",
    "Name",
    "Number",
]

Described: TypeAlias = dict[int | str, dict[str, Any]]
Name: TypeAlias = Annotated[str, Path(max_length=60)]
Number: TypeAlias = Annotated[int, Query(ge=0, le=10_000)]


async def _client(request: Request) -> str:
    return request.client.host if request.client else ""


Client: TypeAlias = Annotated[str, Depends(_client)]  # the address that asks


class Progress(BaseModel):
    """What is being done, and the share that is done."""

    what: str
    share: float


class JobState(BaseModel):
    """How a job is; `progress` as long as it is not over."""

    id: str
    kind: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    problems: list[Told]
    progress: Progress | None = None


class Fact(BaseModel):
    """A number or a word that a table has."""

    quantity: str
    value: float | str
    unit: str
    source: str


class Facts(BaseModel):
    """What the tables say of a vessel."""

    name: str
    facts: list[Fact]


class EventStream(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


def _refusal(what: str) -> dict[str, Any]:
    """Always JSON, whatever the answer would have been."""
    schema = {"$ref": "#/components/schemas/Problems"}
    return {"description": what, "content": {"application/json": {"schema": schema}}}


def _follow(operation: str) -> dict[str, Any]:
    return {"operationId": operation, "parameters": {"job": "$response.body#/id"}}


# what every request may be told instead of its answer
REFUSALS: Described = {
    400: _refusal("No request that can be read"),
    401: _refusal("No token, or a wrong one"),
    403: _refusal("A request from elsewhere"),
    408: _refusal("A body that does not arrive"),
    413: _refusal("Too long"),
    415: _refusal("Not JSON"),
    421: _refusal("A server of another name"),
    422: _refusal("Something wrong with it, all of it listed"),
    503: _refusal("The file of jobs cannot be used"),
}
UNKNOWN: Described = {404: _refusal("No such thing")}
ASKED: Described = {
    202: {"links": {operation: _follow(operation) for operation in ("state", "cancel", "events", "answer", "picture")}},
    429: {
        "model": Problems,
        "description": "Too many jobs wait",
        "headers": {"retry-after": {"schema": {"type": "integer"}, "description": "seconds"}},
    },
}
ANSWERED: Described = UNKNOWN | {409: _refusal("A job that is not done")}
STREAM: Described = {
    200: {
        "content": {
            "text/event-stream": {
                "schema": {
                    "type": "object",
                    "properties": {"data": {"type": "string", "description": "a JobState as JSON"}},
                }
            }
        }
    }
}
JSON: Described = {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}
PICTURE: Described = {200: {"content": {"image/svg+xml": {"schema": {"type": "string"}}}}}
