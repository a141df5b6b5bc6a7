"""YAML files read so that every problem can name its line.

A document is plain data (mappings, lists, texts) beside the line of every key and item. Scalars
stay texts: what they mean is for the reader of the format to say, so that `400e3` is a number for
openBF and `12` is a pressure for nobody.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from azygos.errors import InputError, Problem, close_matches, near_matches

__all__ = ["Document", "Key", "read_bytes", "read_document", "read_text", "shown", "validated", "wrong"]

Key: TypeAlias = str | int
Model = TypeVar("Model", bound=BaseModel)

MAX_DEPTH = 20  # deeper than any format here; stops an alias that contains itself
MAX_PARTS = 500_000  # in a file
MAX_ALIASES = 5_000  # of collections; stops aliases of aliases of aliases


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The content of a file and the line on which each part of it stands."""

    file: str
    data: Any  # dict, list, str or None, nested
    lines: Mapping[tuple[Key, ...], int]
    problems: tuple[Problem, ...]  # keys given twice and the like

    def where(self, *path: Key) -> str:
        """`file:line` of the deepest part of `path` that the file has."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.file}:{self.lines.get(path, 1)}"

    def in_order(self, problems: Iterable[Problem]) -> list[Problem]:
        """The problems by line, those of other files last."""

        def order(problem: Problem) -> tuple[bool, str, int]:
            file, _, line = problem.where.rpartition(":")
            return file != self.file, file, int(line) if line.isdigit() else 0

        return sorted(problems, key=order)


def read_bytes(path: Path, asked_at: str = "") -> bytes:
    """The content of a file; raises InputError when there is none to read.

    `asked_at` is the place that named the file, when another file did.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        here = (entry.name for entry in path.parent.iterdir()) if path.parent.is_dir() else ()
        what, remedy = f"there is no file '{path}'", near_matches(path.name, here)
    except IsADirectoryError:
        what, remedy = f"'{path}' is a directory", "name a file in it"
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        what, remedy = f"'{path}' cannot be read: {getattr(error, 'strerror', None) or error}", ""
    raise InputError(Problem(what, asked_at or str(path), remedy))


def read_text(path: Path, asked_at: str = "") -> str:
    """The text of a file; raises InputError when there is none to read, as `read_bytes`."""
    content = read_bytes(path, asked_at)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(Problem("not a text file", f"{path}:{line}", "what is read here is text in UTF-8")) from None


def read_document(path: Path) -> Document:
    """The YAML file at `path`; raises InputError when it is missing or is not YAML."""
    text = read_text(path)
    if text.lstrip()[:1] in ("{", "["):  # JSON, which may be indented with tabs; they stand in no text of it
        text = text.replace("\t", " ")
    file = str(path)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is ten times as fast
    try:
        _limit_depth(text, file, loader)
        root = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = min(mark.line + 1, len(text.splitlines())) if mark else 1  # a cut-off file goes wrong past its end
        what, where = f"not valid YAML: {error.problem or error.context}", f"{file}:{line}"
        raise InputError(Problem(what, where, "is the file cut off, or the indentation broken?")) from error
    except yaml.YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise InputError(Problem(f"not valid YAML: {error}".splitlines()[0], f"{file}:{line}")) from error
    reader = _Reader(file)
    data = reader.plain(root, ())
    return Document(file=file, data=data, lines=reader.lines, problems=tuple(reader.problems))


def _limit_depth(text: str, file: str, loader: Any) -> None:
    """Raises InputError when collections are nested too deep: the C composer recurses without a limit."""
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise InputError(Problem(f"nested deeper than {MAX_DEPTH} levels", f"{file}:{line}", "is it a network?"))


class _Reader:
    """Turns YAML nodes into plain data, noting lines and problems."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[tuple[Key, ...], int] = {}
        self.problems: list[Problem] = []
        self.met: set[int] = set()  # ids of collections
        self.aliases = 0

    def plain(self, node: yaml.Node | None, path: tuple[Key, ...]) -> Any:
        if node is None:
            return None
        self.lines.setdefault(path, node.start_mark.line + 1)
        if len(path) > MAX_DEPTH or len(self.lines) > MAX_PARTS:
            what = f"nested deeper than {MAX_DEPTH} levels, or larger than {MAX_PARTS} parts"
            raise InputError(Problem(what, f"{self.file}:{self.lines[path]}"))
        if isinstance(node, yaml.CollectionNode):
            self.aliases += id(node) in self.met
            self.met.add(id(node))
            if self.aliases > MAX_ALIASES:
                what, where = f"more than {MAX_ALIASES} aliases", f"{self.file}:{self.lines[path]}"
                raise InputError(Problem(what, where, "write out what they stand for"))
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item, (*path, index)) for index, item in enumerate(node.value)]
        return None if node.tag == "tag:yaml.org,2002:null" else str(node.value)

    def mapping(self, node: yaml.MappingNode, path: tuple[Key, ...]) -> dict[str, Any]:
        items: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = key_node.value
            if not isinstance(key, str):
                self.problems.append(Problem("a key must be a text", f"{self.file}:{line}"))
            elif key in items:
                first = self.lines[*path, key]
                self.problems.append(
                    Problem(f"'{key}' is given twice, first on line {first}", f"{self.file}:{line}", "remove one")
                )
            else:
                self.lines[*path, key] = line
                items[key] = self.plain(value_node, (*path, key))
        return items


def validated(
    model: type[Model],
    document: Document,
    path: tuple[Key, ...],
    data: Mapping[str, Any],
    block: str,
    problems: list[Problem],
    stand_in: Mapping[str, Any] | None = None,
) -> Model | None:
    """`data`, found at `path` of the document, as a `model`.

    What is wrong is added to `problems`. The answer is then a model with values of `stand_in` in
    the place of the wrong and missing ones, so that the rest can still be checked, or None where
    there are none.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
    known = [field.alias or name for name, field in model.model_fields.items()]
    missing = [detail for detail in details if detail["type"] == "missing"]
    for detail in details:
        if detail["type"] == "extra_forbidden":
            key = str(detail["loc"][-1])
            where = document.where(*path, key)
            problems.append(Problem(f"{block}: unknown key '{key}'", where, close_matches(key, known)))
            meant = difflib.get_close_matches(key, known)  # a misspelt key is one problem, not two
            missing = [other for other in missing if other["loc"][-1] not in meant]
        elif detail["type"] != "missing":
            problems.append(_problem(detail, document, path, block))
    problems.extend(_problem(detail, document, path, block) for detail in missing)
    if stand_in is None:
        return None
    wrong = {str(detail["loc"][0]) for detail in details}
    kept = {key: value for key, value in data.items() if key not in wrong}
    try:
        return model.model_validate(kept | {key: stand_in[key] for key in wrong if key in stand_in})
    except ValidationError:
        return None


def wrong(what: str, remedy: str) -> PydanticCustomError:
    """What a validator of a value raises; `validated` and `nested` say it in these words."""
    return PydanticCustomError("input", "{what}; {remedy}", {"what": what, "remedy": remedy})


def shown(value: object) -> str:
    """A value of a file as a message shows it."""
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = str(value)
    return "nothing" if value is None else f"'{text}'" if len(text) <= 50 else f"'{text[:40]}...'"


def _problem(detail: ErrorDetails, document: Document, path: tuple[Key, ...], block: str) -> Problem:
    where = document.where(*path, *detail["loc"])
    key = str(detail["loc"][0]) if detail["loc"] else ""
    context = detail.get("ctx", {})
    if detail["type"] == "missing":
        return Problem(f"{block}: '{key}' is missing", where, "add it")
    if detail["type"] == "input":  # raised here, in words of its own
        what = str(context["what"])
        return Problem(f"{block}: {key}: {what}" if key else f"{block}: {what}", where, str(context["remedy"]))
    got = detail["input"]
    said = detail["msg"].removeprefix("Input ").split(", unable")[0].replace("a valid dictionary", "a mapping")
    return Problem(f"{block}: {key + ' ' if key else ''}{said}, got {shown(got)}", where)
