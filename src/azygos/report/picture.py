"""A picture of a report: its drawing, and the words beside it."""

from dataclasses import dataclass

from azygos.instruments.recording import Recording

__all__ = ["Picture", "one_deviation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawing as an `<svg>` element, and what one sees in it."""

    title: str
    caption: str
    drawing: str


def one_deviation(recording: Recording) -> str:
    """What a caption says of the errors that stand beside what was read; nothing where none was made."""
    return " with one standard deviation" if any(reading.error for reading in recording.readings) else ""
