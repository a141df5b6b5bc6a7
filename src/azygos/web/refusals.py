"""What is answered when something is wrong: always a list of problems, with the status that says whose fault it is."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Route

from azygos.errors import InputError
from azygos.web.problems import as_json, problem, problems, written
from azygos.web.queue import Full

__all__ = ["add_refusals", "refusal"]


def add_refusals(app: FastAPI) -> None:
    @app.exception_handler(InputError)
    def bad_input(_: Request, error: InputError) -> Response:
        return refusal(422, problems(error))

    @app.exception_handler(RequestValidationError)
    def bad_request(_: Request, error: RequestValidationError) -> Response:
        return refusal(422, [_misread(one) for one in error.errors()])

    @app.exception_handler(Full)
    def full(_: Request, busy: Full) -> Response:
        what = f"too many jobs wait already, {busy.own} of them for you"
        told = problem(what, remedy="wait for some of them, or cancel them")
        return refusal(429, [told], {"retry-after": str(busy.seconds)})

    @app.exception_handler(sqlite3.Error)
    def unwritable(_: Request, error: sqlite3.Error) -> Response:
        told = problem(f"the file of jobs cannot be used: {error}", "--state", "make room on the disk, and ask again")
        return refusal(503, [told], {"retry-after": "10"})

    @app.exception_handler(Exception)
    def broken(_: Request, error: Exception) -> Response:
        told = problem(f"the server broke off: {type(error).__name__}", remedy="report it with what it wrote")
        return refusal(500, [told])

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        headers = {"allow": ", ".join(_methods(app, request))} if error.status_code == 405 else error.headers
        path = request.url.path
        what = "there is nothing at this address" if error.detail == "Not Found" else str(error.detail)
        content, kind = written(problem(what, path[:200]), path, request.headers.get("accept", ""))
        return Response(content, error.status_code, headers, kind)


def refusal(status: int, told: list[dict[str, str]], headers: Mapping[str, str] | None = None) -> Response:
    return Response(as_json(told), status, headers, "application/json")


def _methods(app: FastAPI, request: Request) -> list[str]:
    """All that may be done with a path, for which each method has its own route."""
    here = [route for route in app.routes if isinstance(route, Route) and route.path_regex.match(request.url.path)]
    return sorted({method for route in here for method in route.methods or ()})


def _misread(error: Mapping[str, Any]) -> dict[str, str]:
    """A problem of what pydantic found: the field by its path."""
    place = ".".join(str(part) for part in error["loc"] if part not in ("body", "query"))
    return problem(error["msg"][:1].lower() + error["msg"][1:], place, "see /api/openapi.json")
