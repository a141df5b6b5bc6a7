"""What to keep of a solve."""

from dataclasses import dataclass

from azygos.errors import InputError, Problem

__all__ = ["Keep"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """What to keep of a solve: where along each vessel, of which vessels, how finely in time.

    Of a solve to the periodic state the last period is kept (a beat, or a breath), of one for a stated time all of it.
    """

    stations: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)  # fractions of the length
    vessels: tuple[str, ...] | None = None  # None: all
    samples_per_beat: int = 100  # heart beat, at most; the step of the solve is the other limit

    def __post_init__(self) -> None:
        problems = []
        if not self.stations or not all(0.0 <= s <= 1.0 for s in self.stations):
            problems.append(
                Problem(f"stations {self.stations} are not all fractions of the length", "keep", "give 0 to 1")
            )
        if self.samples_per_beat < 1:
            problems.append(Problem(f"samples per beat must be 1 or more, got {self.samples_per_beat}", "keep"))
        if problems:
            raise InputError(problems)
