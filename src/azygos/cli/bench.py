"""`azygos bench`: how fast the engine is on this machine."""

from typing import Annotated

from cyclopts import Parameter

__all__ = ["bench"]


def bench(*, json: Annotated[bool, Parameter(negative=())] = False) -> int:
    """Measure the engine on this machine.

    Parameters
    ----------
    json
        Print one JSON object and nothing else.
    """
    from azygos.bench import run

    return int(run(json=json) or 0)
