"""What to keep of a solve."""

from dataclasses import dataclass

__all__ = ["Keep"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """What to keep of a solve: where along each vessel, of which vessels, how finely in time."""

    stations: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)  # fractions of the length
    vessels: tuple[str, ...] | None = None  # None: all
    samples_per_beat: int = 100  # at most; the step of the solve is the other limit
    all_beats: bool = False  # else the last beat only
