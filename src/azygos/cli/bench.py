"""`azygos bench`: how fast the engine is on this machine."""

import json as jsons
from importlib import import_module
from typing import Annotated, Any

from cyclopts import Parameter

__all__ = ["bench"]


def bench(*, json: Annotated[bool, Parameter(negative=())] = False) -> int:
    """Measure the engine on this machine: about a minute.

    Parameters
    ----------
    json
        Print one JSON object and nothing else.
    """
    figures: dict[str, Any] = import_module("azygos.bench").run()
    if json:
        print(jsons.dumps(figures, allow_nan=False))
        return 0
    for name, value in figures.items():
        lines = value.items() if isinstance(value, dict) else [("", value)]
        for part, number in lines:
            print(f"{name + (' ' + part.replace('_', ' ') if part else ''):<36} {number:10.4g}")
    return 0
