"""Exact without fixed margins: the worst case over the proportion that both groups share or from which they differ.

The interval is Chan and Zhang's (1999, Biometrics 55:1202-1209). The tests are Barnard's (1945) and Boschloo's (1970);
scipy's two-sided Boschloo doubles a one-sided p and can exceed Fisher's, so tables are ordered by Fisher's two-sided p
here, as Boschloo did.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, xlog1py, xlogy

from azygos.errors import Problem
from azygos.statistics.check import refuse
from azygos.statistics.conditional import fisher_table
from azygos.statistics.constrained import Pair, difference_score
from azygos.statistics.root import Array

__all__ = ["barnard_p", "binomial", "boschloo_p", "exact_difference_bounds"]

Mask = NDArray[np.bool_]

LARGEST = 600  # of a group: beyond it the enumeration takes a minute and more, and score intervals are as good
GRID, PEAKS, ZOOMS = 160, 3, 3  # points over the shared proportion; peaks, and how often each is looked at again
FINE = 1e-8  # of a bound


def exact_difference_bounds(x1: int, n1: int, x2: int, n2: int, *, tail: float) -> tuple[float, float]:
    """Bounds for p1 - p2 outside which the one-sided exact test of the difference has p below `tail`.

    The test orders all tables by the score of Farrington and Manning at the difference tested and takes the largest
    probability of a table at least as extreme over p2. Both tails get half of what the level leaves, so it covers at
    least the level whatever p2 is.
    """
    _not_too_large(n1, n2)
    lower = _lower(x1, n1, x2, n2, tail)
    upper = -_lower(x2, n2, x1, n1, tail)
    return lower, upper


def _lower(x1: int, n1: int, x2: int, n2: int, tail: float) -> float:
    low, high = -1.0, x1 / n1 - x2 / n2
    if high <= low:
        return low
    while high - low > FINE:
        middle = 0.5 * (low + high)
        if _largest_p(x1, n1, x2, n2, middle) <= tail:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _largest_p(x1: int, n1: int, x2: int, n2: int, difference: float) -> float:
    """The largest probability, over p2, of a table that speaks at least as much for a larger difference."""
    region = _region(x1, n1, x2, n2, difference)
    low, high = max(0.0, -difference), min(1.0, 1.0 - difference)
    return _worst(lambda p2: _probability(region, np.clip(p2 + difference, 0.0, 1.0), p2), low, high)


def barnard_p(x1: int, n1: int, x2: int, n2: int, alternative: str) -> tuple[float, float]:
    """Z with a pooled variance, and Barnard's p."""
    _not_too_large(n1, n2)
    a, b = np.meshgrid(np.arange(n1 + 1.0), np.arange(n2 + 1.0), indexing="ij")
    pooled = (a + b) / (n1 + n2)
    variance = pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2)
    z = np.divide(a / n1 - b / n2, np.sqrt(variance), out=np.zeros_like(a), where=variance > 0.0)
    order = {"two-sided": np.abs(z), "less": -z, "greater": z}[alternative]
    return float(z[x1, x2]), _same_p(order >= order[x1, x2] - 1e-9)


def boschloo_p(x1: int, n1: int, x2: int, n2: int, alternative: str) -> tuple[float, float]:
    """Fisher's p, and Boschloo's, which is never larger."""
    _not_too_large(n1, n2)
    p = fisher_table(n1, n2, alternative)
    return float(p[x1, x2]), _same_p(p <= p[x1, x2] * (1.0 + 1e-7))


def _same_p(region: Mask) -> float:
    """The largest probability of the region where both proportions are the same."""
    return min(1.0, _worst(lambda p: _probability(region, p, p), 0.0, 1.0))


def _worst(probability: Callable[[Array], Array], low: float, high: float) -> float:
    """The largest probability between two proportions.

    It has several peaks, each as wide as sqrt(p (1 - p)/n), so points are spread evenly in arcsin sqrt(p), and the
    highest peaks are looked at more closely.
    """
    ends = float(np.arcsin(np.sqrt(low))), float(np.arcsin(np.sqrt(high)))
    angles = np.linspace(ends[0], ends[1], GRID + 1)
    p = probability(np.sin(angles) ** 2)
    best = float(p.max())
    peaks = np.flatnonzero((p >= np.r_[0.0, p[:-1]]) & (p >= np.r_[p[1:], 0.0]))
    for peak in peaks[np.argsort(-p[peaks])][:PEAKS]:
        near, step = angles[peak], angles[1] - angles[0]
        for _ in range(ZOOMS):
            finer = np.clip(near + step * np.linspace(-1.0, 1.0, 21), ends[0], ends[1])
            p = probability(np.sin(finer) ** 2)
            near, step = finer[np.argmax(p)], 0.1 * step
            best = max(best, float(p.max()))
    return best


def _region(x1: int, n1: int, x2: int, n2: int, difference: float) -> Mask:
    a, b = np.meshgrid(np.arange(n1 + 1.0), np.arange(n2 + 1.0), indexing="ij")
    tables = Pair.of(a, n1, b, n2)
    off = tables.p1 - tables.p2 - difference
    z = np.copysign(np.sqrt(difference_score(tables, np.full_like(off, difference), False)), off)
    return np.asarray(z >= z[x1, x2] - 1e-9)


def _probability(region: Mask, p1: Array, p2: Array) -> Array:
    """Of a table in the region, for arrays of proportions."""
    first, second = (binomial(size - 1, p) for size, p in zip(region.shape, (p1, p2), strict=True))
    return np.asarray(((first @ region) * second).sum(axis=1))


def binomial(n: int, p: Array) -> Array:
    """Probabilities of 0 to n, a row for every p."""
    x = np.arange(n + 1.0)
    logs = gammaln(n + 1.0) - gammaln(x + 1.0) - gammaln(n - x + 1.0)
    return np.asarray(np.exp(logs + xlogy(x, p[:, None]) + xlog1py(n - x, -p[:, None])))


def _not_too_large(n1: int, n2: int) -> None:
    refuse(Problem(f"{n1} against {n2}", "n1", f"give up to {LARGEST} a group") if max(n1, n2) > LARGEST else None)
