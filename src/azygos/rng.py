"""Named streams of random numbers: what is drawn depends on the seed and the names, not on who draws or when.

    stream(7, "patient", 17, "ultrasound", "ijv_r")

is the same whoever asks, alone or among a million, so that twins in two arms of a study share their noise.
"""

from hashlib import blake2b
from numbers import Integral

from numpy.random import PCG64, Generator, SeedSequence

from azygos.errors import InputError, Problem

__all__ = ["stream"]


def stream(seed: int, *names: str | int) -> Generator:
    """The generator of a named stream. Names of the same spelling but another type (`17`, `"17"`) are others.

    Raises InputError for a seed that is no whole number or below zero.
    """
    if not isinstance(seed, Integral) or seed < 0:
        raise InputError(Problem(f"a seed of {seed!r} is no whole number from 0 up", remedy="take one such as 7"))
    words = [seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF]
    for name in names:
        digest = blake2b(repr(name).encode(), digest_size=8).digest()
        words += [int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")]
    return Generator(PCG64(SeedSequence(words)))
