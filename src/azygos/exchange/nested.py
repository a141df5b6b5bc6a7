"""A whole mapping of a file as one nested pydantic model, with problems that name part, line and remedy."""

import difflib
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from azygos.errors import Problem, close_matches
from azygos.exchange.document import Document, Key, shown

__all__ = ["Form", "nested"]

Model = TypeVar("Model", bound="Form")


class Form(BaseModel):
    """What may stand in a mapping of a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def nested(
    model: type[Model],
    document: Document,
    path: tuple[Key, ...],
    block: str,
    parts: Mapping[str, tuple[str, type[BaseModel]]],
    problems: list[Problem],
) -> Model | None:
    """The mapping at `path` as a model, or None after everything wrong with it was added to `problems`.

    `parts` names what the keys of the mapping hold: `{"arms": ("arm '{}'", ArmForm)}` for a mapping of named forms,
    `{"size": ("size", SizeForm)}` for a form.
    """
    data: Any = document.data
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    if not isinstance(data, dict):
        what = f"{block} is not a mapping, got {shown(data)}"
        problems.append(Problem(what, document.where(*path), f"give it {', '.join(list(model.model_fields)[:6])}, ..."))
        return None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
    absent: list[tuple[Key, ...]] = []
    unknown: dict[tuple[Key, ...], list[str]] = {}
    for detail in details:
        if detail["type"] == "missing":
            absent.append(detail["loc"])
            continue
        if detail["type"] == "extra_forbidden":
            unknown.setdefault(detail["loc"][:-1], []).append(str(detail["loc"][-1]))
        problems.append(_problem(detail, document, path, block, model, parts))
    for loc in absent:  # a misspelt key is one problem, not two
        if not difflib.get_close_matches(str(loc[-1]), unknown.get(loc[:-1], ())):
            name, _, _ = _part(loc, block, model, parts)
            problems.append(Problem(f"{name}: '{loc[-1]}' is missing", document.where(*path, *loc), "add it"))
    return None


def _part(
    loc: tuple[Key, ...], block: str, model: type[BaseModel], parts: Mapping[str, tuple[str, type[BaseModel]]]
) -> tuple[str, type[BaseModel], str]:
    """The part of the file in which something is wrong: its name, its form, and the key in it."""
    if not loc or loc[0] not in parts:
        return block, model, str(loc[0]) if loc else ""
    name, form = parts[str(loc[0])]
    named = "{}" in name
    inside = loc[2:] if named else loc[1:]
    if named and len(loc) < 2:
        return block, model, str(loc[0])
    return name.format(loc[1]) if named else name, form, str(inside[0]) if inside else ""


def _problem(
    detail: ErrorDetails,
    document: Document,
    path: tuple[Key, ...],
    block: str,
    model: type[BaseModel],
    parts: Mapping[str, tuple[str, type[BaseModel]]],
) -> Problem:
    name, form, key = _part(detail["loc"], block, model, parts)
    where = document.where(*path, *detail["loc"])
    context = detail.get("ctx", {})
    if detail["type"] == "extra_forbidden":
        known = [field.alias or field_name for field_name, field in form.model_fields.items()]
        return Problem(f"{name}: unknown key '{key}'", where, close_matches(key, known))
    head = f"{name}: {key}: " if key else f"{name}: "
    if detail["type"] == "input":  # raised here, in words of its own
        return Problem(head + str(context["what"]), where, str(context["remedy"]))
    got = shown(detail["input"])
    if detail["type"] == "literal_error":
        words = [word.strip(" '") for word in str(context["expected"]).replace(" or ", ", ").split(",")]
        return Problem(f"{head}{got} is not known", where, close_matches(str(detail["input"]), words))
    if detail["type"] in ("model_type", "dict_type"):
        return Problem(
            f"{head}should be a mapping, got {got}", where, f"give it {', '.join(list(form.model_fields)[:5])}"
        )
    said = detail["msg"].removeprefix("Input ").split(", unable")[0].replace("a valid dictionary", "a mapping")
    return Problem(f"{head}{said}, got {got}", where)
