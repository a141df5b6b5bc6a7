"""A statistical method's answer as JSON, and as lines of text."""

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

__all__ = ["as_json", "lines"]


def as_json(answer: Any) -> Any:
    """An answer as JSON knows it; null for what is not a finite number."""
    return _plain(answer, lambda number: None)


def lines(answer: Any) -> Iterator[str]:
    """An answer line by line: names and values, tables of what has several rows."""
    return _block(_plain(answer, _in_words), "  ")


def _in_words(number: float) -> str:
    return "not defined" if math.isnan(number) else "infinite" if number > 0.0 else "-infinite"


def _plain(value: Any, odd: Callable[[float], Any]) -> Any:
    """Dataclasses as mappings, arrays as lists, and what `odd` makes of numbers that are not finite."""
    import numpy as np

    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name), odd) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(inner, odd) for key, inner in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist(), odd)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(inner, odd) for inner in value]
    return odd(value) if isinstance(value, float) and not math.isfinite(value) else value


def _block(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _fields(value, indent)
    elif all(isinstance(row, dict) and _is_short(row) for row in value):
        yield from _table(value, indent)
    else:
        for row in value:
            short = {key: inner for key, inner in row.items() if _is_word(inner)} if isinstance(row, dict) else {}
            yield indent + (", ".join(f"{_name(key)} {_told(inner)}" for key, inner in short.items()) or _told(row))
            if isinstance(row, dict):
                yield from _fields({key: inner for key, inner in row.items() if key not in short}, indent + "  ")


def _fields(fields: Mapping[str, Any], indent: str) -> Iterator[str]:
    known = {_name(key): value for key, value in fields.items() if value is not None and value != []}
    width = max(map(len, known), default=0)
    for name, value in known.items():
        if _is_word(value) or _is_short(value):
            yield f"{indent}{name:{width}}  {_told(value)}"
        else:
            yield f"{indent}{name}"
            yield from _block(value, indent + "  ")


def _table(rows: Sequence[Mapping[str, Any]], indent: str) -> Iterator[str]:
    keys = [key for key in rows[0] if any(row[key] is not None for row in rows)]
    cells = [[_name(key) for key in keys], *([_told(row[key]) for key in keys] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield indent + "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


def _is_word(value: Any) -> bool:
    return not isinstance(value, dict | list)


def _is_short(value: Any) -> bool:
    """Whether it goes on a line: words and numbers, no lists in lists."""
    return not _is_word(value) and all(map(_is_word, value.values() if isinstance(value, dict) else value))


def _name(key: str) -> str:
    return key.replace("_", " ")


def _told(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        return ", ".join(map(_told, value))
    if isinstance(value, dict):
        return "; ".join(f"{_name(key)} {_told(inner)}" for key, inner in value.items() if inner is not None)
    if value is None:
        return ""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
