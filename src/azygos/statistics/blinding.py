"""Whether a trial stayed blind, from what its people guessed: active treatment, control, or don't know."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtri

from azygos.errors import Problem
from azygos.statistics.check import between, choice, refuse
from azygos.statistics.root import Array

__all__ = ["BlindingIndex", "BlindingIndices", "bang_index", "blinding_indices", "james_index"]

Sides = Literal["two-sided", "one-sided"]
WEIGHTS = np.array([[0.0, 0.5], [0.5, 0.0]])  # James's: a correct guess 0, a wrong one 1/2; don't know 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindingIndex:
    """An index with its standard error and normal interval."""

    estimate: float
    se: float
    lower: float
    upper: float
    level: float
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindingIndices:
    """James's index of the trial and Bang's of each arm."""

    james: BlindingIndex
    bang_active: BlindingIndex
    bang_control: BlindingIndex


def bang_index(
    correct: int, wrong: int, unknown: int, *, level: float = 0.95, sides: Sides = "two-sided"
) -> BlindingIndex:
    """Bang's index of one arm, (correct - wrong)/n (Bang, Ni and Davis 2004, Control Clin Trials 25:143-156).

    1: all guess right; 0: as by chance, or nobody guesses; -1: all guess wrong. Variance (p + q - (p - q)²)/n, with p
    and q the shares of right and wrong guesses. `one-sided` gives both one-sided bounds, as the paper does.
    """
    refuse(*_odd("correct", (correct, wrong, unknown)), between("level", level), choice("sides", sides, _TAILS))
    n = correct + wrong + unknown
    p, q = correct / n, wrong / n
    return _index(p - q, float(np.sqrt(max(p + q - (p - q) ** 2, 0.0) / n)), level, _TAILS[sides], "bang", -1.0)


def james_index(active: tuple[int, ...], control: tuple[int, ...], *, level: float = 0.95) -> BlindingIndex:
    """James's index of the trial: P_dk + (1 - P_dk)/2 P_o/P_e (James et al. 1996, Stat Med 15:1421-1434).

    Each arm's guesses: active, control, don't know. P_o is the mean weight of the guesses made, P_e what it would be if
    guess and arm were independent. 1: nobody guesses or all guess wrong; 0: all guess right; 1/2: as by chance. The
    variance follows from the multinomial distribution of the six counts by the delta method. NaN where all guesses were
    made in one arm and all were right: P_e is 0.
    """
    refuse(*_odd("active", active), *_odd("control", control), between("level", level))
    table = np.array([active, control], dtype=float)  # arm by guess
    n = table.sum()
    guesses, unknown = table[:, :2] / n, float(table[:, 2].sum() / n)
    if guesses.sum() == 0.0:
        return _index(1.0, 0.0, level, _TAILS["two-sided"], "james", 0.0)
    share = 1.0 - unknown
    seen = float((WEIGHTS * guesses).sum())
    expected = float((WEIGHTS * np.outer(guesses.sum(axis=1), guesses.sum(axis=0))).sum())
    if expected == 0.0:
        nan = float("nan")
        return BlindingIndex(estimate=nan, se=nan, lower=nan, upper=nan, level=level, method="james")
    estimate = unknown + 0.5 * share**2 * seen / expected
    return _index(estimate, _james_error(table / n, n, share, seen, expected), level, _TAILS["two-sided"], "james", 0.0)


def blinding_indices(active: tuple[int, ...], control: tuple[int, ...], *, level: float = 0.95) -> BlindingIndices:
    """Both indices from each arm's guesses: active, control, don't know."""
    james = james_index(active, control, level=level)
    return BlindingIndices(
        james=james,
        bang_active=bang_index(active[0], active[1], active[2], level=level),
        bang_control=bang_index(control[1], control[0], control[2], level=level),
    )


def _james_error(p: Array, n: float, share: float, seen: float, expected: float) -> float:
    """The standard error from the gradient of the index by the shares of the six cells."""
    guesses = p[:, :2]
    by_cell = WEIGHTS @ guesses.sum(axis=0)[:, None] + (guesses.sum(axis=1) @ WEIGHTS)[None, :]  # of what is expected
    gradient = np.empty((2, 3))
    gradient[:, :2] = 0.5 * share**2 / expected * (WEIGHTS - seen / expected * by_cell)
    gradient[:, 2] = 1.0 - share * seen / expected
    variance = float((p * gradient**2).sum() - (p * gradient).sum() ** 2) / n
    return float(np.sqrt(max(variance, 0.0)))


def _index(estimate: float, se: float, level: float, tails: float, method: str, least: float) -> BlindingIndex:
    half = -float(ndtri((1.0 - level) / tails)) * se
    lower, upper = max(estimate - half, least), min(estimate + half, 1.0)
    return BlindingIndex(estimate=estimate, se=se, lower=lower, upper=upper, level=level, method=method)


def _odd(name: str, counts: tuple[int, ...]) -> tuple[Problem | None, ...]:
    if len(counts) != 3:
        return (Problem(f"{len(counts)} counts", name, "give three: guessed active, guessed control, don't know"),)
    if any(count < 0 for count in counts):
        return (Problem(f"{counts} holds a negative count", name),)
    return (None if sum(counts) else Problem("nobody was asked", name),)


_TAILS = {"two-sided": 2.0, "one-sided": 1.0}
