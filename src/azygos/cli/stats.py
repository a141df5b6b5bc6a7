"""`azygos stats`: the statistical methods, one by one."""

import json as jsons
from typing import TYPE_CHECKING, Annotated

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
    from azygos.cli.stats_told import as_json, lines
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
    if json:
        plain = as_json(found)
        shown = plain if isinstance(plain, dict) else {"results": plain}
        print(jsons.dumps({"command": method.name, **shown}, allow_nan=False))
    else:
        print("\n".join((method.name, *lines(found))))
    return 0


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
            default = f" [{_default(argument.default)}]"
        print(f"  {name:{width}}  {argument.form}{default}")
    return 0


def _default(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
