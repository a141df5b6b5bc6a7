"""How a solve ended."""

from enum import Enum

__all__ = ["Outcome"]


class Outcome(Enum):
    """How a solve ended; the value is the sentence a user reads."""

    ok = "The solution was found."
    not_periodic = (
        "The circulation did not repeat from beat to beat within the beats allowed; "
        "allow more beats, or look for a slow oscillation in the worst vessel."
    )
    choked = (
        "Blood flows nearly as fast as its pressure wave in some vessel (Froude number above 0.8); "
        "where a vein chokes the one-dimensional model has no unique solution, so do not trust that vessel."
    )
    lost = (
        "An area, a pressure or the volume of a store left what is possible, even in 256 small pieces of a time step; "
        "look at the place named, then try a smaller time step, shorter cells or a fuller circulation."
    )

    def __repr__(self) -> str:
        return f"Outcome.{self.name}"
