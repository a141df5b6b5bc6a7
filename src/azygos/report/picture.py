"""A picture of a report: its drawing, and the words beside it."""

from dataclasses import dataclass

__all__ = ["Picture"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawing as an `<svg>` element, and what one sees in it."""

    title: str
    caption: str
    drawing: str
