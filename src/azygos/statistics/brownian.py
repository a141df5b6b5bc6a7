"""The score process of a trial looked at several times, and how likely it crosses bounds.

At shares t1 < ... < tK of the information B(t) = Z(t) sqrt(t) has independent normal increments, variance the share
gained and mean theta times it; theta, the drift, is the mean of Z at t = 1. While no bound was crossed its density goes
from look to look by
    g_k(s) = integral over the region of going on of g_{k-1}(u) phi((s - u - theta dt)/sqrt(dt))/sqrt(dt) du
(Armitage, McPherson and Rowe 1969; Jennison and Turnbull 2000, chapter 19). Gauss-Legendre panels no wider than four
standard deviations of the narrower increment make the integral good to 1e-12. R's rpact agrees with it to 1e-8.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from azygos.statistics.root import Array

__all__ = ["Path", "crossing_probabilities"]

POINTS, WEIGHTS = np.polynomial.legendre.leggauss(16)  # of a panel
FAR = 8.5  # standard deviations, beyond which nothing is: 1e-17
PANEL = 4.0  # of its width, in standard deviations of an increment


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """Where the process is when it was last looked at, of all trials that still go on."""

    drift: float
    time: float = 0.0
    points: Array | None = None  # of the process; at time 0 it is 0
    mass: Array | None = None  # of each point

    def above(self, time: float, z: float) -> float:
        """P(still going on, and Z at the next look is above z)."""
        return self._beyond(time, z, 1.0)

    def below(self, time: float, z: float) -> float:
        """P(still going on, and Z at the next look is below z)."""
        return self._beyond(time, z, -1.0)

    def onward(self, time: float, lower: float, upper: float, next_time: float | None) -> "Path":
        """The trials whose Z at this look lies between the bounds; `next_time` says how finely they must be known."""
        gained = time - self.time
        narrow = np.sqrt(gained if next_time is None else min(gained, next_time - time))
        root = np.sqrt(time)
        low = max(lower * root, self.drift * time - FAR * root)
        high = min(upper * root, self.drift * time + FAR * root)
        if not high > low:
            return Path(drift=self.drift, time=time, points=np.zeros(1), mass=np.zeros(1))
        edges = np.linspace(low, high, 1 + int(np.ceil((high - low) / (PANEL * narrow))))
        half = 0.5 * (edges[1] - edges[0])
        points = (edges[:-1, None] + half * (1.0 + POINTS)).ravel()
        mass = self._density(points, gained) * np.tile(half * WEIGHTS, len(edges) - 1)
        return Path(drift=self.drift, time=time, points=points, mass=mass)

    def _beyond(self, time: float, z: float, side: float) -> float:
        gained = time - self.time
        start, mass = self._now()
        ahead = side * (start + self.drift * gained - z * np.sqrt(time)) / np.sqrt(gained)
        return float(mass @ ndtr(ahead))

    def _density(self, points: Array, gained: float) -> Array:
        start, mass = self._now()
        off = (points[:, None] - start - self.drift * gained) ** 2 / (2.0 * gained)
        return np.asarray(np.exp(-off) @ mass / np.sqrt(2.0 * np.pi * gained))

    def _now(self) -> tuple[Array, Array]:
        if self.points is None or self.mass is None:
            return np.zeros(1), np.ones(1)
        return self.points, self.mass


def crossing_probabilities(
    times: Sequence[float], lower: Iterable[float], upper: Iterable[float], drift: float
) -> tuple[Array, Array]:
    """P(the lower bound is the first crossed, at look k), and the same of the upper one. Bounds of Z."""
    path, below, above = Path(drift=drift), [], []
    for k, (time, a, b) in enumerate(zip(times, lower, upper, strict=True)):
        below.append(path.below(time, a))
        above.append(path.above(time, b))
        if k + 1 < len(times):
            path = path.onward(time, a, b, times[k + 1])
    return np.array(below), np.array(above)
