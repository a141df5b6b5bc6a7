"""What to keep of a solve."""

from dataclasses import dataclass

__all__ = ["Keep"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """What to keep of a solve: where along each vessel, of which vessels, how finely in time.

    Of a solve to the periodic state the last beat is kept, of one for a stated time all of it.
    """

    stations: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)  # fractions of the length
    vessels: tuple[str, ...] | None = None  # None: all
    samples_per_beat: int = 100  # at most; the step of the solve is the other limit
