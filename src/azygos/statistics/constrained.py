"""Maximum likelihood of two proportions under a fixed difference, ratio or odds ratio.

x1 of n1 and x2 of n2 were seen; p1 and p2 maximise
x1 ln p1 + (n1 - x1) ln(1 - p1) + x2 ln p2 + (n2 - x2) ln(1 - p2)
where p1 - p2, p1/p2 or p1 (1 - p2)/((1 - p1) p2) is given (Miettinen and Nurminen 1985, Stat Med 4:213-226).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from azygos.statistics.root import Array, once_each

__all__ = ["Pair", "bounds_of", "difference_score", "given_difference", "given_odds_ratio", "given_ratio"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Counts of two groups, as arrays of one shape."""

    x1: Array
    n1: Array
    x2: Array
    n2: Array

    @classmethod
    def of(cls, x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike) -> "Pair":
        """The counts, spread to one shape."""
        a, b, c, d = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in (x1, n1, x2, n2)))
        return cls(x1=a, n1=b, x2=c, n2=d)

    @property
    def p1(self) -> Array:
        return np.asarray(self.x1 / self.n1)

    @property
    def p2(self) -> Array:
        return np.asarray(self.x2 / self.n2)

    @property
    def unbiased(self) -> Array:
        """N/(N - 1): Miettinen and Nurminen's factor, which makes the variance of a common proportion unbiased."""
        total = self.n1 + self.n2
        return np.asarray(total / (total - 1.0))


def bounds_of(method: Callable[[Pair, float], tuple[Array, Array]], counts: Pair, tail: float) -> tuple[Array, Array]:
    """A method's bounds, computed once for each table among the counts."""

    def bounds(x1: Array, n1: Array, x2: Array, n2: Array) -> tuple[Array, Array]:
        return method(Pair(x1=x1, n1=n1, x2=x2, n2=n2), tail)

    return once_each(bounds, counts.x1, counts.n1, counts.x2, counts.n2)


def given_difference(counts: Pair, d: Array) -> tuple[Array, Array]:
    """p1 and p2 where p1 - p2 = d: the middle root of the cubic c3 p2³ + c2 p2² + c1 p2 + c0, by its cosine.

    The arc cosine loses half the digits where two roots meet; two Newton steps on the cubic bring them back.
    """
    total, cases = counts.n1 + counts.n2, counts.x1 + counts.x2
    c3 = total
    c2 = (counts.n1 + 2.0 * counts.n2) * d - total - cases
    c1 = (counts.n2 * d - total - 2.0 * counts.x2) * d + cases
    c0 = counts.x2 * d * (1.0 - d)
    third = c2 / (3.0 * c3)
    q = third**3 - c1 * c2 / (6.0 * c3**2) + c0 / (2.0 * c3)
    size = np.sqrt(np.maximum(third**2 - c1 / (3.0 * c3), 0.0))
    size = np.where(q < 0.0, -size, size)
    cosine = np.divide(q, size**3, out=np.zeros_like(q), where=size != 0.0)
    lowest, highest = np.maximum(0.0, -d), np.minimum(1.0, 1.0 - d)
    p2 = 2.0 * size * np.cos((np.pi + np.arccos(np.clip(cosine, -1.0, 1.0))) / 3.0) - third
    for _ in range(2):
        value = ((c3 * p2 + c2) * p2 + c1) * p2 + c0
        slope = (3.0 * c3 * p2 + 2.0 * c2) * p2 + c1
        step = np.divide(value, slope, out=np.zeros_like(value), where=np.abs(slope) > 1e-6 * total)
        p2 = p2 - np.clip(step, -1e-6, 1e-6)
    p2 = np.clip(p2, lowest, highest)
    return np.clip(p2 + d, 0.0, 1.0), p2


def difference_score(counts: Pair, difference: Array, unbiased: bool) -> Array:
    """(x1/n1 - x2/n2 - d)²/V(d), the score's square, where V is the variance at the constrained maximum.

    V(d) = p1 (1 - p1)/n1 + p2 (1 - p2)/n2, times N/(N - 1) where `unbiased`.
    """
    p1, p2 = given_difference(counts, difference)
    variance = p1 * (1.0 - p1) / counts.n1 + p2 * (1.0 - p2) / counts.n2
    off = (counts.p1 - counts.p2 - difference) ** 2
    off = np.where(off < 1e-28, 0.0, off)  # what rounding leaves of the estimate itself
    with np.errstate(divide="ignore", invalid="ignore"):
        squared = off / (variance * (counts.unbiased if unbiased else 1.0))
    return np.where(off == 0.0, 0.0, squared)


def given_ratio(counts: Pair, ratio: Array) -> tuple[Array, Array]:
    """p1 and p2 where p1/p2 is the ratio: the smaller root of a quadratic in p2.

    For a ratio above 1 the groups are swapped, so that no coefficient grows with it.
    """
    swap = ratio > 1.0
    phi = np.where(swap, 1.0 / np.maximum(ratio, 1e-300), ratio)
    xa, na = np.where(swap, counts.x2, counts.x1), np.where(swap, counts.n2, counts.n1)
    xb, nb = np.where(swap, counts.x1, counts.x2), np.where(swap, counts.n1, counts.n2)
    a, b, c = (na + nb) * phi, phi * (na + xb) + xa + nb, xa + xb
    larger = np.clip(2.0 * c / (b + np.sqrt(np.maximum(b * b - 4.0 * a * c, 0.0))), 0.0, 1.0)
    smaller = phi * larger
    return np.where(swap, larger, smaller), np.where(swap, smaller, larger)


def given_odds_ratio(counts: Pair, odds_ratio: Array) -> tuple[Array, Array]:
    """p1 and p2 where the odds ratio is given and n1 p1 + n2 p2 = x1 + x2: a root of a quadratic in p2."""
    swap = odds_ratio > 1.0
    psi = np.where(swap, 1.0 / np.maximum(odds_ratio, 1e-300), odds_ratio)
    na, nb = np.where(swap, counts.n2, counts.n1), np.where(swap, counts.n1, counts.n2)
    cases = counts.x1 + counts.x2
    a, b = nb * (psi - 1.0), na * psi + nb - cases * (psi - 1.0)
    larger = np.clip(2.0 * cases / (b + np.sqrt(np.maximum(b * b + 4.0 * a * cases, 0.0))), 0.0, 1.0)
    rest = 1.0 + larger * (psi - 1.0)
    smaller = np.divide(
        psi * larger, rest, out=np.ones_like(rest), where=rest > 0.0
    )  # else all of the larger's are cases
    return np.where(swap, larger, smaller), np.where(swap, smaller, larger)
