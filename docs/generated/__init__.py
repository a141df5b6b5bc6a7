"""What the pages of reference take from the program itself, as Markdown."""

from collections.abc import Callable

from generated.commands import commands, methods, outcomes
from generated.names import python
from generated.problems import problems
from generated.sources import shares, sources
from generated.tables import body_tables, other_tables

PARTS: dict[str, Callable[[], str]] = {
    part.__name__: part
    for part in (commands, methods, outcomes, problems, body_tables, other_tables, shares, sources, python)
}
