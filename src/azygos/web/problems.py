"""Problems as a browser is told them: a list of what, where and remedy."""

import html
import json

from pydantic import BaseModel

from azygos.errors import InputError

__all__ = ["Problems", "Told", "as_json", "problem", "problems", "written"]

# Without a style: the policy allows none within a page.
_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<meta name="color-scheme" content="light dark"><title>azygos</title>'
    '<h1>azygos</h1><p>{}.</p><p><a href="/">To the first page</a></p></html>'
)


class Told(BaseModel):
    """One problem."""

    what: str
    where: str
    remedy: str


class Problems(BaseModel):
    """The body of every refusal."""

    problems: list[Told]


def problem(what: str, where: str = "", remedy: str = "") -> dict[str, str]:
    return {"what": what, "where": where, "remedy": remedy}


def problems(error: InputError) -> list[dict[str, str]]:
    return [problem(one.what, one.where, one.remedy) for one in error.problems]


def as_json(told: list[dict[str, str]]) -> bytes:
    """In ASCII: a name of a field may have half a character, which has no other encoding."""
    return json.dumps({"problems": told}).encode()


def written(told: dict[str, str], path: str, accept: str) -> tuple[bytes, str]:
    """A problem and its media type: JSON; to somebody who opens an address that is none of the API's, a page."""
    if path.startswith("/api/") or "text/html" not in accept:
        return as_json([told]), "application/json"
    said = f"{told['where']}: {told['what']}" + (f"; {told['remedy']}" if told["remedy"] else "")
    return _PAGE.format(html.escape(said)).encode("utf-8", "replace"), "text/html; charset=utf-8"
