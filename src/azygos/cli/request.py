"""What a command line asks for, read so that everything wrong with it is said at once."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, TypeAlias, TypeVar

from cyclopts import Parameter

from azygos import units
from azygos.errors import InputError, Problem
from azygos.units import UnitProblem

if TYPE_CHECKING:
    from cyclopts import Token

    from azygos.engine.solution import Solve

__all__ = ["Problems", "Seed", "failure"]

Value = TypeVar("Value")

NEXT_STEPS = {
    "choked": "use a milder narrowing, strain or pressure there, or leave that vessel's numbers out of account",
    "not_periodic": (
        "see that what flows in can flow out, watch it with 'azygos simulate FILE --duration \"60 s\"', "
        "or from Python allow Numerics(most_beats=300)"
    ),
    "lost": (
        "see whether that vessel and its neighbours are as they were meant, then solve it more finely: "
        '\'azygos simulate FILE --time-step "0.5 ms" --cell-length "5 mm"\', or from Python Numerics(time_step=5e-4)'
    ),
}


def _seed(_: type, tokens: "Sequence[Token]") -> int:
    """A seed's text; that of a fraction or below zero is refused, not rounded."""
    text = tokens[0].value
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(f"'{text}' is no whole number from 0 up; write it like --seed 7")
    return int(text)


Seed: TypeAlias = Annotated[int, Parameter(converter=_seed)]


class Problems:
    """Problems gathered on the way; `settle` raises them together."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Takes an InputError raised inside and goes on."""
        try:
            yield
        except InputError as error:
            self.found += error.problems

    def quantity(self, text: str | None, dimension: str, option: str) -> float | None:
        """The SI value, above zero, of an option's text; None when it is not given or wrong."""
        if text is None:
            return None
        try:
            value = units.parse(text, dimension)
        except UnitProblem as problem:
            self.found.append(Problem(problem.what, option, problem.remedy))
            return None
        if not value > 0.0:
            self.found.append(Problem(f"'{text}' is not above zero", option))
            return None
        return value

    def share(self, text: str, option: str) -> float | None:
        """A number from 0 to 1, or so many per cent; None when it is wrong."""
        try:
            value = units.parse(text, "number")
        except UnitProblem as problem:
            self.found.append(Problem(problem.what, option, "write it like '30 %'"))
            return None
        if 1.0 < value <= 100.0 and "%" not in text:
            bare = f"{text.strip()} is {100.0 * value:g} %"
            self.found.append(Problem(bare, option, f"write '{value:g} %' or {value / 100.0:g}"))
            return None
        if not 0.0 <= value <= 1.0:
            self.found.append(Problem(f"'{text}' is not between 0 and 100 %", option))
            return None
        return value

    def check(self, read: Callable[[], Value]) -> Value | None:
        """What `read` gives; None after its problems were noted."""
        with self.noting():
            return read()
        return None

    def settle(self) -> None:
        """Raises InputError when there were problems."""
        if self.found:
            raise InputError(self.found)


def failure(solve: "Solve", stage: str = "") -> str:
    """How a failed solve is said: outcome and when, then what and where, then what to do next."""
    where = f" in stage '{stage}'" if stage else ""
    outcome = solve.outcome.name
    return f"{outcome}{where} after {solve.beats} beats: {solve.sentence} Next: {NEXT_STEPS[outcome]}."
