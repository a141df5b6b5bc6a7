"""Finding the periodic state by accelerating the beat-to-beat map.

The map G takes the state at the start of a beat to that at its end. Waiting for x = G(x) takes tens
of beats, because volume moves slowly between the great veins, the lungs and the limbs. Anderson's
method combines the last few beats instead: with residuals f_i = G(x_i) - x_i it chooses weights
a_i, sum a_i = 1, that minimise |sum a_i f_i| and goes on from sum a_i G(x_i). Every combination of
states with equal blood volume has that same volume, so none is made or lost.

The norm is that of pressure: a change of area or volume counts with dV^2 / C, the elastic energy it
stores, so that a litre in the great veins and a drop in a stiff artery are compared fairly.
Reference: Walker and Ni 2011, SIAM J. Numer. Anal. 49:1715, doi 10.1137/10078356X.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Anderson"]

Floats: TypeAlias = NDArray[np.float64]


class Anderson:
    """Proposes the state from which to try the next beat."""

    def __init__(self, weights: Floats, depth: int = 8) -> None:
        self._weights = weights
        self._depth = depth
        self._ends: list[Floats] = []
        self._residuals: list[Floats] = []

    def next_start(self, start: Floats, end: Floats) -> Floats:
        """Where to start the next beat, after one that went from `start` to `end`."""
        self._ends = [*self._ends[-self._depth :], end]
        self._residuals = [*self._residuals[-self._depth :], (end - start) * self._weights]
        if len(self._ends) == 1:
            return end
        latest = self._residuals[-1]
        steps = np.stack([latest - r for r in self._residuals[:-1]], axis=1)
        mix, *_ = np.linalg.lstsq(steps, latest, rcond=1e-8)
        moves = np.stack([end - e for e in self._ends[:-1]], axis=1)
        return np.asarray(end - moves @ mix)
