"""Outputs of many bodies: a body at the points of a design, or the patients of a cohort as they come."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.body import Body
from azygos.engine.measure import Measure
from azygos.engine.outcome import Outcome
from azygos.engine.solution import Solution
from azygos.engine.solve import Numerics
from azygos.errors import InputError
from azygos.population.cohort import Cohort
from azygos.population.sample import sample
from azygos.run.executor import Crew
from azygos.run.folder import RunStopped
from azygos.run.solving import solved
from azygos.therapy.conduct import Ask

__all__ = ["Patients", "Points", "measured"]

Floats: TypeAlias = NDArray[np.float64]
TOGETHER = 16  # bodies solved side by side


class Bodies(Protocol):
    """Bodies by number."""

    def body(self, number: int) -> Body: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """One body with its parameters at each of many points."""

    of: Body
    factors: Sequence[dict[str, float]]

    def body(self, number: int) -> Body:
        return self.of.with_parameters(self.factors[number])


@dataclass(frozen=True, slots=True, kw_only=True)
class Patients:
    """The patients of a cohort, before anything is done."""

    of: Cohort

    def body(self, number: int) -> Body:
        return sample(self.of, number).body()


def measured(
    bodies: Bodies,
    count: int,
    texts: Sequence[str],
    numerics: Numerics,
    crew: Crew,
    watch: Callable[[int, int], None] | None = None,
) -> Floats:
    """What the measures of these texts are of each body [SI], shape (count, measures); not a number of one lost.

    Raises RunStopped when a worker dies.
    """
    found: list[Floats] = []
    with crew:
        given: list[Future[Floats]] = []
        blocks = [range(first, min(first + TOGETHER, count)) for first in range(0, count, TOGETHER)]
        ahead = iter(blocks)
        for _ in blocks:
            while len(given) < 2 * crew.size and (block := next(ahead, None)) is not None:
                given.append(crew.submit(_measured, bodies, block, tuple(texts), numerics))
            try:
                found.append(given.pop(0).result())
            except BrokenProcessPool:
                what = "a worker process died: was it killed, or is memory short? try fewer workers"
                raise RunStopped(what) from None
            if watch is not None:
                watch(sum(map(len, found)), count)
    return np.concatenate(found)


def _measured(bodies: Bodies, numbers: Iterable[int], texts: Sequence[str], numerics: Numerics) -> Floats:
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it has no types

    measures = [Measure.parse(text) for text in texts]
    numbers = list(numbers)
    values = np.full((len(numbers), len(measures)), np.nan)
    asks = {}
    with threadpool_limits(1):
        for row, number in enumerate(numbers):
            try:
                asks[row] = Ask(name=str(number), body=bodies.body(number))
            except InputError:  # a body that cannot be has no outputs
                continue
        for row, solution in zip(asks, solved(list(asks.values()), numerics, side_by_side=True), strict=True):
            if isinstance(solution, Solution) and solution.outcome in (Outcome.ok, Outcome.choked):
                values[row] = [_value(measure, solution) for measure in measures]
    return values


def _value(measure: Measure, solution: Solution) -> float:
    """Not a number where the body lacks what is measured."""
    return float("nan") if measure.problems(solution.network) else measure(solution)
