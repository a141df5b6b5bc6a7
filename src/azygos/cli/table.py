"""Tables on the terminal: as wide as that is, and wide enough for a file where it is none."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

__all__ = ["console", "print_table", "table"]

WIDTH = 160  # where nobody's terminal says how wide


def console() -> "Console":
    from rich.console import Console

    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=WIDTH)


def print_table(headings: Sequence[str], rows: "Iterable[Sequence[str | Text]]", title: str = "") -> None:
    console().print(table(headings, rows, title))


def table(headings: Sequence[str], rows: "Iterable[Sequence[str | Text]]", title: str = "") -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    found = Table(box=SIMPLE_HEAD, pad_edge=False, title=title or None, title_justify="left", title_style="bold")
    for heading in headings:
        found.add_column(Text(heading), overflow="fold")
    for row in rows:
        found.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return found
