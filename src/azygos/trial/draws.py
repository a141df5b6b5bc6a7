"""The streams of random numbers of a block of repeats, one for every layer.

Repeats are drawn in blocks, since ten thousand streams for each of a dozen layers would take longer than what is drawn
from them. How many repeats a block has depends on the study alone, so that repeat 17 is the same whoever asks for it; a
layer that is switched off leaves the draws of the others as they were; and since no draw depends on the arm or on the
effect, the same person has the same noise in both arms and under every effect.
"""

from dataclasses import dataclass

from numpy.random import Generator

from azygos.rng import stream

__all__ = ["Draws", "block_size"]

PERSONS = 60_000  # about so many in a block: its arrays stay in the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    seed: int
    study: str  # its name
    block: int

    def of(self, *layer: str | int) -> Generator:
        """The stream of a layer."""
        return stream(self.seed, "trial", self.study, self.block, *layer)


def block_size(people: int) -> int:
    """How many repeats of a study with so many people are drawn together."""
    return max(1, min(1000, PERSONS // max(people, 1)))
