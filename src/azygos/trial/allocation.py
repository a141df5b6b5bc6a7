"""Who comes into which arm: at random, in blocks, within strata, or by minimisation; all repeats at once."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.errors import InputError, Problem, close_matches
from azygos.study.design import Design
from azygos.trial.draws import Draws
from azygos.trial.layers.person import People

__all__ = ["allocated", "stratum_codes"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

FOLLOWED = 0.8  # chance with which minimisation does what balance asks: assumed (Pocock and Simon 1975 leave it open)


def allocated(design: Design, draws: Draws, people: People) -> Ints:
    """The place among the design's arms of everybody, [repeat, person]."""
    shape = people["form"].shape
    weights = np.array([arm.weight for arm in design.arms])
    match design.allocation.method:
        case "blocks":
            return _blocks(design, draws, stratum_codes(design, people), weights)
        case "minimisation":
            return _minimised(design, draws, people, weights)
        case "simple":
            steps = np.cumsum(weights / weights.sum())[:-1]
            return np.searchsorted(steps, draws.of("allocation").random(shape), side="right").astype(np.int64)
    # Nobody is allocated: the arms follow each other by their weights, as groups that formed themselves.
    shares = np.cumsum(weights / weights.sum())[:-1]
    places = np.searchsorted(shares, (np.arange(shape[1]) + 0.5) / shape[1], side="right")
    return np.broadcast_to(places, shape).astype(np.int64)


def factor(people: People, name: str) -> Ints:
    """A stratum column as small numbers."""
    if name == "sex":
        return people["is_woman"].astype(np.int64)
    if name not in ("form", "centre"):
        known = ("form", "sex", "centre")
        raise InputError(Problem(f"simulated patients have no stratum '{name}'", "", close_matches(name, known)))
    return people[name].astype(np.int64)


def stratum_codes(design: Design, people: People) -> Ints:
    """One number for every combination of the strata, [repeat, person]."""
    code = np.zeros(people["form"].shape, dtype=np.int64)
    for name in design.allocation.strata:
        code = code * 100 + factor(people, name)
    return code


def _blocks(design: Design, draws: Draws, strata: Ints, weights: Floats) -> Ints:
    """Permuted blocks: within each the arms in the ratio of their weights, in random order."""
    unit = np.repeat(np.arange(len(weights)), np.maximum(np.round(weights / weights.min()), 1).astype(int))
    sizes = design.allocation.block_sizes or (2 * len(unit),)
    wrong = [size for size in sizes if size % len(unit)]
    if wrong:
        what = f"a block of {wrong[0]} cannot hold the arms in their ratio"
        raise InputError(Problem(what, design.name, f"give multiples of {len(unit)}"))
    repeats, n = strata.shape
    found = np.empty(strata.shape, dtype=np.int64)
    for code in np.unique(strata):
        here = strata == code
        rng = draws.of("allocation", int(code))
        # The sequence of block sizes is one for all repeats of a block; the order within is each one's own.
        lengths = rng.choice(sizes, size=-(-n // min(sizes)))
        lengths = lengths[: int(np.searchsorted(np.cumsum(lengths), n)) + 1]  # the last is drawn whole, then cut off
        block = np.repeat(np.arange(len(lengths)), lengths)
        pattern = np.concatenate([np.tile(unit, length // len(unit)) for length in lengths])
        order = np.argsort(block + rng.random((repeats, len(block))), axis=1)
        sequence = pattern[order]
        place = np.cumsum(here, axis=1) - 1
        found = np.where(here, np.take_along_axis(sequence, place.clip(min=0), axis=1), found)
    return found


def _minimised(design: Design, draws: Draws, people: People, weights: Floats) -> Ints:
    """Pocock and Simon: the arm that leaves the least imbalance, with the chance FOLLOWED; else any, by the weights."""
    factors = [factor(people, name) for name in design.allocation.strata]
    repeats, n = people["form"].shape
    levels = [int(values.max()) + 1 for values in factors]
    counts = [np.zeros((repeats, level, len(weights))) for level in levels]
    rng = draws.of("allocation")
    follow, free = rng.random((repeats, n)), rng.random((repeats, n))
    ties = rng.random((repeats, n, len(weights)))
    steps = np.cumsum(weights / weights.sum())[:-1]
    found = np.empty((repeats, n), dtype=np.int64)
    row = np.arange(repeats)
    for person in range(n):
        imbalance = 1e-6 * ties[:, person]
        for values, count in zip(factors, counts, strict=True):
            now = count[row, values[:, person]] / weights
            for arm in range(len(weights)):
                after = now.copy()
                after[:, arm] += 1.0 / weights[arm]
                imbalance[:, arm] += after.max(axis=1) - after.min(axis=1)
        best = imbalance.argmin(axis=1)
        chance = np.searchsorted(steps, free[:, person], side="right")
        found[:, person] = np.where(follow[:, person] < FOLLOWED, best, chance)
        for values, count in zip(factors, counts, strict=True):
            count[row, values[:, person], found[:, person]] += 1.0
    return found
