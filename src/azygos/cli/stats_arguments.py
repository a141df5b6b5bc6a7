"""What was typed after a method's name, read by the signature of the method's function."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from azygos.cli.stats_file import read_table
from azygos.errors import InputError, Problem, near_matches
from azygos.statistics.table import Table

__all__ = ["Argument", "arguments_of", "read_arguments"]

YES, NO = ("true", "yes", "1"), ("false", "no", "0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """A parameter of a method's function."""

    name: str
    kind: Any  # its annotation without None
    positional: bool
    required: bool
    default: Any

    @property
    def option(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def form(self) -> str:
        """What is to be written for it, in words."""
        if self.kind is Table:
            return "FILE.csv"
        if get_origin(self.kind) is Literal:
            return "|".join(get_args(self.kind))
        if get_origin(self.kind) is tuple:
            return f"{_MANY[get_args(self.kind)[0]]} with commas between"
        return _WORDS[self.kind]


def arguments_of(function: Callable[..., object]) -> tuple[Argument, ...]:
    """The parameters of a function, in order."""
    hints = get_type_hints(function)
    return tuple(
        Argument(
            name=parameter.name,
            kind=_without_none(hints[parameter.name]),
            positional=parameter.kind is not inspect.Parameter.KEYWORD_ONLY,
            required=parameter.default is inspect.Parameter.empty,
            default=None if parameter.default is inspect.Parameter.empty else parameter.default,
        )
        for parameter in inspect.signature(function).parameters.values()
    )


def read_arguments(arguments: Sequence[Argument], words: Sequence[str], where: str) -> dict[str, Any]:
    """The values of a function's parameters by name. Raises InputError with every problem of the words."""
    problems: list[Problem] = []
    given = _paired(arguments, words, where, problems)
    values = {}
    for argument in arguments:
        if argument.name in given:
            try:
                values[argument.name] = _value(argument, given[argument.name])
            except InputError as error:
                problems += error.problems
        elif argument.required:
            shown = argument.name.upper() if argument.positional else argument.option
            problems.append(Problem(f"{shown} is missing", where, f"write {argument.form} for it"))
    if problems:
        raise InputError(problems)
    return values


def _paired(arguments: Sequence[Argument], words: Sequence[str], where: str, problems: list[Problem]) -> dict[str, str]:
    """The text of each argument."""
    by_option = {argument.option: argument for argument in arguments}
    waiting = [argument for argument in arguments if argument.positional]
    given: dict[str, str] = {}
    ahead = list(words)
    while ahead:
        word = ahead.pop(0)
        name, equals, text = word.partition("=")
        if not name.startswith("--"):
            argument, text = (waiting.pop(0) if waiting else None), word
        elif (argument := by_option.get(name)) is not None:
            waiting = [other for other in waiting if other is not argument]
            if not equals:
                text = _next(argument, ahead)
        elif not equals and ahead and not ahead[0].startswith("--"):
            ahead.pop(0)  # the value of what is not known
        if argument is None:
            remedy = near_matches(name, by_option) or f"options: {', '.join(by_option) or 'none'}"
            problems.append(
                Problem(f"there is no {name}" if name.startswith("--") else f"'{word}' is too much", where, remedy)
            )
        elif argument.name in given:
            problems.append(Problem("given twice", argument.option))
        else:
            given[argument.name] = text
    return given


def _next(argument: Argument, ahead: list[str]) -> str:
    """The text after an option; a bare switch is on."""
    if argument.kind is bool and (not ahead or ahead[0].lower() not in (*YES, *NO)):
        return "true"
    return ahead.pop(0) if ahead and not ahead[0].startswith("--") else ""


def _value(argument: Argument, text: str) -> Any:
    name = argument.name if argument.positional else argument.option
    if argument.kind is Table:
        return read_table(Path(text))
    if get_origin(argument.kind) is Literal:
        return _read(lambda word: _one_of(word, get_args(argument.kind)), (text,), argument, name)[0]
    if get_origin(argument.kind) is tuple:
        return tuple(_read(_READERS[get_args(argument.kind)[0]], text.split(","), argument, name))
    return _read(_READERS[argument.kind], (text,), argument, name)[0]


def _read(reader: Callable[[str], Any], texts: Iterable[str], argument: Argument, name: str) -> list[Any]:
    try:
        return [reader(text.strip()) for text in texts]
    except ValueError:
        pass
    written = ",".join(texts)
    near = near_matches(written, get_args(argument.kind)) if get_origin(argument.kind) is Literal else ""
    remedy = near or f"write {argument.form.replace('|', ' or ')}"
    raise InputError(Problem(f"'{written}' does not fit" if written else "nothing is given for it", name, remedy))


def _one_of(word: str, words: tuple[str, ...]) -> str:
    """The word meant, however it is spelled: `Wilson`, `clopper_pearson`, `reml`."""
    spelled = {known.lower(): known for known in words}
    found = spelled.get(word.lower().replace("_", "-").replace(" ", "-"))
    if found is None:
        raise ValueError
    return found


def _yes(word: str) -> bool:
    if word.lower() not in (*YES, *NO):
        raise ValueError
    return word.lower() in YES


def _text(word: str) -> str:
    if not word:
        raise ValueError
    return word


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        return next(kind for kind in get_args(hint) if kind is not NoneType)
    return hint


_READERS: dict[Any, Callable[[str], Any]] = {int: int, float: float, str: _text, bool: _yes}
_WORDS: dict[Any, str] = {int: "a whole number", float: "a number", str: "a word", bool: "true|false"}
_MANY: dict[Any, str] = {int: "whole numbers", float: "numbers", str: "words"}
