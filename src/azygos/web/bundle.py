"""The built pages, read once when the server starts: a request's path is looked up among them, never on the disk."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import partial
from importlib import resources
from importlib.resources.abc import Traversable

from fastapi import FastAPI, Request, Response

__all__ = ["add_pages"]

SCREENS = ("/", "/body", "/look", "/treat", "/study")
_TYPES = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",  # the licences of the libraries in the scripts
}


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file as it is sent."""

    content: bytes
    packed: bytes  # with gzip
    kind: str
    tag: str

    @property
    def lasts(self) -> bool:
        """Whether its name changes with its content, so that a browser may keep it for good."""
        return not self.kind.startswith("text/html")


def add_pages(app: FastAPI) -> None:
    """A route for each file and screen, so that there is no path that could be anything else."""
    files = dict(_files(resources.files("azygos.web").joinpath("static"), ""))
    screens = {screen: files["/index.html"] for screen in SCREENS if "/index.html" in files}  # not while they are built
    for path, file in (files | screens).items():
        app.add_route(path, partial(_sent, file), methods=["GET"], include_in_schema=False)


def _files(folder: Traversable, path: str) -> list[tuple[str, File]]:
    """Every file by its path, such as `/assets/index-4f2a.js`."""
    found: list[tuple[str, File]] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        name = f"{path}/{entry.name}"
        if entry.is_dir():
            found += _files(entry, name)
        elif (kind := _TYPES.get(entry.name.rpartition(".")[2])) is not None:
            content = entry.read_bytes()
            packed, tag = gzip.compress(content, 9, mtime=0), hashlib.sha256(content).hexdigest()[:16]
            found.append((name, File(content=content, packed=packed, kind=kind, tag=f'"{tag}"')))
    return found


async def _sent(file: File, request: Request) -> Response:
    cached = "public, max-age=31536000, immutable" if file.lasts else "no-cache"
    headers = {"etag": file.tag, "cache-control": cached, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == file.tag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.packed, media_type=file.kind, headers=headers | {"content-encoding": "gzip"})
    return Response(file.content, media_type=file.kind, headers=headers)
