"""`azygos stats`: the statistical methods, one by one."""

import dataclasses
import json as jsons
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

if TYPE_CHECKING:
    from azygos.statistics.method import Method

__all__ = ["app"]

app = App(
    name="stats",
    help="Statistical methods one by one: intervals, tests, designs, pooled studies, models.",
    help_flags=(),  # said here, since every method has a help of its own
    version_flags=(),
)
HELP = ("--help", "-h")


@app.default
def stats(*words: Annotated[str, Parameter(allow_leading_hyphen=True)]) -> int:
    """Run a statistical method: azygos stats METHOD ARGUMENTS [--json]. Without a method they are listed."""
    from azygos.cli.stats_arguments import arguments_of, read_arguments
    from azygos.statistics.registry import method_named

    rest = [word for word in words if word != "--json"]
    json = len(rest) < len(words)
    if not rest or rest[0] in HELP:
        return _list(json)
    method = method_named(rest[0])
    arguments = arguments_of(method.function)
    if any(word in HELP for word in rest[1:]):
        return _explain(method)
    found = method.function(**read_arguments(arguments, rest[1:], f"azygos stats {method.name}"))
    plain = _plain(found)
    if json:
        shown = plain if isinstance(plain, dict) else {"results": plain}
        print(jsons.dumps({"command": method.name, **shown}, allow_nan=False))
    else:
        _show(method.name, plain)
    return 0


def _plain(value: Any) -> Any:
    """A result as JSON knows it; null for what is not a finite number."""
    import numpy as np

    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(inner) for inner in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def _list(json: bool) -> int:
    from azygos.statistics.registry import METHODS

    if json:
        print(jsons.dumps({"methods": {name: method.help for name, method in METHODS.items()}}))
        return 0
    width = max(map(len, METHODS))
    print("azygos stats METHOD ARGUMENTS [--json]\n")
    print("\n".join(f"  {name:{width}}  {method.help}" for name, method in METHODS.items()))
    print("\nazygos stats METHOD --help says what a method asks for.")
    return 0


def _explain(method: "Method") -> int:
    import inspect

    from azygos.cli.stats_arguments import arguments_of

    arguments = arguments_of(method.function)
    needed = [a.name.upper() for a in arguments if a.positional and a.required]
    print(" ".join(("azygos stats", method.name, *needed, "[--json]")), end="\n\n")
    print(f"{inspect.getdoc(method.function) or method.help}\n")
    width = max(len(a.option) for a in arguments)
    for argument in arguments:
        name = argument.name.upper() if argument.positional and argument.required else argument.option
        default = " (needed)" if argument.required and not argument.positional else ""
        if argument.default is not None:
            default = f" [{_told(argument.default)}]"
        print(f"  {name:{width}}  {argument.form}{default}")
    return 0


def _show(name: str, plain: Any) -> None:
    for row in plain if isinstance(plain, list) else [plain]:
        print(name)
        fields = {key: value for key, value in row.items() if value is not None}
        width = max(map(len, fields), default=0)
        for key, value in fields.items():
            print(f"  {key.replace('_', ' '):{width}}  {_told(value)}")


def _told(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_told, value))
    if isinstance(value, dict):
        return "; ".join(f"{key.replace('_', ' ')} {_told(inner)}" for key, inner in value.items())
    return str(value)
