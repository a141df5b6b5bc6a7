"""How an object shows itself in a notebook: by the page that `azygos.view` makes of it.

The objects lie on low floors and the pictures on a high one, and what analyses a study must not reach patients even
from afar. So nothing is imported here: the front door of the house, azygos/__init__.py, leaves word how to see.
"""

from collections.abc import Callable

__all__ = ["html", "seen_by"]

_ways: list[Callable[[object], str]] = []


def seen_by(view: Callable[[object], str]) -> None:
    """Leaves word how an object is seen."""
    _ways[:] = [view]


def html(thing: object) -> str:
    """The object as HTML; a class takes this as its `_repr_html_`."""
    return _ways[0](thing)
