"""The built pages, read once when the server starts: a request's path is looked up among them, never on the disk."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

__all__ = ["File", "bundle"]

_TYPES = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
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


def bundle() -> Mapping[str, File]:
    """Every file of the built pages by its path, such as `/assets/index-4f2a.js`."""
    return dict(_files(resources.files("azygos.web").joinpath("static"), ""))


def _files(folder: Traversable, path: str) -> list[tuple[str, File]]:
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
