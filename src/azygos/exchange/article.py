"""The text of a report as a file: plain text, Markdown, or a saved web page."""

import re
from html.parser import HTMLParser
from pathlib import Path

from azygos.audit.sentences import LARGEST
from azygos.errors import InputError, Problem, near_matches

__all__ = ["read_article_text"]

UNSEEN = frozenset({"script", "style", "head", "noscript", "template", "svg"})
BLOCKS = frozenset(
    [
        "p",
        "div",
        "li",
        "ul",
        "ol",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "br",
        "tr",
        "article",
        "section",
        "header",
        "footer",
        "blockquote",
        "title",
    ]
)
MOST_BYTES = 4 * LARGEST  # of a file: markup and letters of more than one byte


def read_article_text(path: str | Path) -> str:
    """The text of a file. Raises InputError when there is none, or more than LARGEST characters."""
    file = Path(path)
    content = _content(file)
    if b"\0" in content:
        raise InputError(Problem("not a text file", str(path), "give plain text or a saved web page"))
    text = _decoded(content)
    if file.suffix.lower() in (".html", ".htm", ".xhtml") or re.match(r"\s*(?:<!doctype html|<html)", text[:200], re.I):
        text = _seen(text)
    if not text.strip():
        raise InputError(Problem("there is no text in it", str(path)))
    if len(text) > LARGEST:
        raise InputError(
            Problem(f"{len(text):,} characters", str(path), f"at most {LARGEST:,}: cut it into its reports")
        )
    return text


def _content(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if size > MOST_BYTES:
            raise InputError(Problem(f"{size:,} bytes", str(file), f"at most {MOST_BYTES:,}"))
        return file.read_bytes()
    except FileNotFoundError:
        here = (entry.name for entry in file.parent.iterdir()) if file.parent.is_dir() else ()
        raise InputError(Problem(f"there is no file '{file}'", str(file), near_matches(file.name, here))) from None
    except IsADirectoryError:
        raise InputError(Problem(f"'{file}' is a directory", str(file), "name a file in it")) from None
    except (OSError, ValueError) as error:
        what = f"'{file}' cannot be read: {getattr(error, 'strerror', None) or error}"
        raise InputError(Problem(what, str(file))) from None


def _decoded(content: bytes) -> str:
    """As UTF-8, else as the encoding of western office programs; letters that are in neither are replaced."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8", errors="replace")


class _Seen(HTMLParser):
    """Gathers what a reader of a web page sees."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unseen += tag in UNSEEN
        if tag in BLOCKS:
            self.parts.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        self.unseen = max(self.unseen - (tag in UNSEEN), 0)
        if tag in BLOCKS:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.parts.append(re.sub(r"\s+", " ", data))


def _seen(text: str) -> str:
    parser = _Seen()
    parser.feed(text)
    parser.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(parser.parts)).strip()
