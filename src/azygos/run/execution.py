"""Running a cohort: chunk after chunk, by whatever computes them, into a folder, until the tables are there.

What is computed depends on the cohort, its seed and a patient's number alone; who computes it, and how many, decides
only how long it takes.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import TypeAlias

from azygos.run.chunk import PATIENTS, Chunk, Work, chunks_of, computed
from azygos.run.executor import Crew
from azygos.run.folder import Folder, RunStopped
from azygos.run.index import Index
from azygos.run.join import Damaged, joined, outcomes_in_tables

__all__ = ["Progress", "Watch", "executed"]

AHEAD = 2  # tasks for each worker, one of them waiting: more would only fill memory
TOGETHER = 4  # chunks of a task, at most: patients with veins cut alike share the kernel's lanes
PATIENCE = 3  # times in a row that workers may die without a chunk being finished
LISTEN = 0.5  # seconds between looks at the crew while nothing comes


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is."""

    patients: int  # done
    of: int
    outcomes: Mapping[str, int]
    rate: float  # patients a second in this session; 0 before the first chunk
    notice: str = ""  # something that happened and was dealt with

    @property
    def seconds_left(self) -> float:
        return (self.of - self.patients) / self.rate if self.rate else float("nan")


Watch: TypeAlias = Callable[[Progress], None]


@dataclass(slots=True)
class _Tally:
    """What the watch is told."""

    of: int
    outcomes: Counter[str]
    watch: Watch | None
    fresh: int = 0  # patients of this session
    began: float = field(default_factory=time.monotonic)

    def add(self, chunk: Chunk) -> None:
        self.outcomes.update(chunk.outcomes)
        self.fresh += chunk.patients
        self.tell()

    def tell(self, notice: str = "") -> None:
        if self.watch is not None:
            took = time.monotonic() - self.began
            self.watch(
                Progress(
                    patients=self.outcomes.total(),
                    of=self.of,
                    outcomes=dict(self.outcomes),
                    rate=self.fresh / took if self.fresh else 0.0,
                    notice=notice,
                )
            )


def executed(folder: Folder, work: Work, crew: Crew, *, visits: int, watch: Watch | None = None) -> Mapping[str, int]:
    """Computes what is missing and makes the tables; the patients by outcome.

    Raises RunStopped when it cannot go on, OSError when nothing can be written; both leave what has been done.
    """
    with folder.held(), crew:
        there, is_complete = folder.there(), folder.is_complete
        if is_complete and len(there) < chunks_of(work.n):  # somebody needed the room
            return outcomes_in_tables(folder)
        index = Index(folder, there)
        tally = _Tally(of=work.n, outcomes=Counter(index.outcomes), watch=watch)
        tally.tell(index.rebuilt)
        if is_complete:
            return tally.outcomes
        if folder.tables.exists():
            tally.tell("the tables were damaged; they are made anew from the chunks")
        while True:
            _compute(folder, work, crew, sorted(set(range(chunks_of(work.n))) - there), index, tally)
            try:
                joined(folder, work, visits)
                return tally.outcomes
            except Damaged as damage:
                folder.chunk(damage.number).unlink(missing_ok=True)
                there = folder.there()
                index = Index(folder, there)
                tally.outcomes = Counter(index.outcomes)
                tally.tell(f"{damage}; it is computed again")


def _compute(folder: Folder, work: Work, crew: Crew, missing: list[int], index: Index, tally: _Tally) -> None:
    for chunk in _finished(work, crew, missing, tally):
        folder.put(chunk.number, chunk.data)
        index.add(chunk.number, chunk.outcomes, chunk.seconds)
        tally.add(chunk)


def _finished(work: Work, crew: Crew, missing: list[int], tally: _Tally) -> Iterator[Chunk]:
    """The missing chunks as they are finished; those that workers took with them when they died are given out again."""
    ahead, deaths = list(reversed(missing)), 0
    given: dict[Future[list[Chunk]], tuple[int, ...]] = {}
    while ahead or given:
        try:
            while ahead and len(given) < AHEAD * crew.size:
                some = tuple(reversed(ahead[-_at_once(len(ahead), crew.size) :]))
                future = crew.submit(computed, work, some)
                given[future] = some
                del ahead[-len(some) :]
            for chunk in _come(given, crew):
                deaths = 0
                yield chunk
        except BrokenProcessPool:
            deaths += 1
            ahead = sorted({*ahead, *(number for some in given.values() for number in some)}, reverse=True)
            given.clear()
            if deaths == PATIENCE:
                what = f"worker processes died {deaths} times in a row, first at patient {ahead[-1] * PATIENTS}"
                raise RunStopped(f"{what}: were they killed, or is memory short? try fewer workers") from None
            crew.renew()
            tally.tell("a worker process died; others go on with what it had")


def _at_once(left: int, workers: int) -> int:
    """How many chunks one worker gets: enough to fill the kernel's lanes, fewer at the end so that all end together."""
    return max(1, min(TOGETHER, left // (2 * workers)))


def _come(given: dict[Future[list[Chunk]], tuple[int, ...]], crew: Crew) -> Iterator[Chunk]:
    """The chunks that are finished by now, at least one of them, unless all are still being computed."""
    done, _ = wait(given, timeout=LISTEN, return_when=FIRST_COMPLETED)
    if not done and (gone := crew.gone()):
        raise RunStopped(gone)
    for future in sorted(done, key=lambda future: given[future]):
        try:
            chunks = future.result()
        except BrokenProcessPool:
            raise
        except (CancelledError, Exception) as error:  # no patient's fault: those are rows
            lost = f"patients from {given[future][0] * PATIENTS} on could not be computed"
            raise RunStopped(crew.gone() or f"{lost}: {type(error).__name__}: {error}") from error
        for chunk in chunks:
            crew.check(chunk)
            yield chunk
        del given[future]
