"""The work of a run over a cohort: the rows of its patients, by number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from azygos.population.cohort import Cohort
from azygos.run.passage import Passage, passage
from azygos.run.solving import solved
from azygos.run.tables import Rows
from azygos.run.waveforms import Waveforms

__all__ = ["CohortWork", "rows_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortWork:
    """The first `n` patients of a cohort."""

    cohort: Cohort
    n: int
    waveforms: Waveforms | None = None
    side_by_side: bool = True

    @property
    def factors(self) -> tuple[str, ...]:
        return tuple(self.cohort.parameters)

    def rows(self, numbers: Sequence[int]) -> list[Rows]:
        return rows_of(self.cohort, numbers, self.waveforms, side_by_side=self.side_by_side)


def rows_of(
    cohort: Cohort, numbers: Iterable[int], waveforms: Waveforms | None = None, *, side_by_side: bool = True
) -> list[Rows]:
    """The rows of some patients, in order; what they ask for is solved together, round by round."""
    ways: dict[int, Passage] = {number: passage(cohort, number, waveforms) for number in numbers}
    finished: dict[int, Rows] = {}
    asked = {}
    for number, way in ways.items():
        try:
            asked[number] = next(way)
        except StopIteration as end:
            finished[number] = end.value
    while asked:
        answers = solved(list(asked.values()), cohort.numerics, side_by_side=side_by_side)
        for number, answer in zip(list(asked), answers, strict=True):
            way = ways[number]
            try:
                asked[number] = way.throw(answer) if isinstance(answer, Exception) else way.send(answer)
            except StopIteration as end:
                finished[number] = end.value
                del asked[number]
    return [finished[number] for number in ways]
