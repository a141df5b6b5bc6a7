"""Finding the periodic state by accelerating the beat-to-beat map.

The map G takes the state at the start of a beat to that at its end. Waiting for x = G(x) takes tens
of beats, because volume moves slowly between the great veins, the lungs and the limbs. Anderson's
method combines the last few beats instead: with residuals f_i = G(x_i) - x_i it chooses weights
a_i, sum a_i = 1, that minimise |sum a_i f_i| and goes on from sum a_i G(x_i). Every combination of
states with equal volume has that same volume, so none is made or lost.

The norm is that of pressure: a change of area or volume counts with dV^2 / C, the elastic energy it
stores, so that a litre in the great veins and a drop in a stiff artery are compared fairly.
Reference: Walker and Ni 2011, SIAM J. Numer. Anal. 49:1715, doi 10.1137/10078356X.

Residuals are blind to what hardly moves. A mode that keeps the share s of its error in a beat shows (1 - s) of it:
for the brain's fluid s = 0.998, so that 1 mmHg of intracranial pressure too much weighs as little as 0.002 mmHg. One
would divide its residual by 1 - s; but s depends on whether its way out is open, and a Starling resistor that is
shut has s = 1. So the division is done by solving: from the mean rate at which a slow store fills, `slow` finds
the heads at which its links would carry that away, and the state is moved there after each beat. What is accelerated
is this corrected map, G followed by the move. Its fixed points are those of G, because the move is zero if and only
if nothing fills; its residuals are errors, for the slow parts as for the rest. Blood and fluid together stay the same:
what the fluid gains by the move, soft stores of blood lend.

A breath of five beats costs five beats a turn, and a turn of it gains little more than a turn of one beat. So the
search goes beat by beat under the breath's mean until it is near, then lets the breath in.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Anderson"]

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]


class Anderson:
    """Proposes the state from which to try the next beat.

    `positive` marks the entries that must stay positive (areas). A proposal that would change one of them
    by more than half is moved back towards the plain next beat until it does not.
    """

    def __init__(self, weights: Floats, positive: Bools, depth: int = 8) -> None:
        self._weighed = np.flatnonzero(weights)
        self._weights = weights[self._weighed]
        self._positive = positive
        self._depth = depth
        self._ends: list[Floats] = []
        self._residuals: list[Floats] = []

    def next_start(self, start: Floats, end: Floats) -> Floats:
        """Where to start the next beat, after one that went from `start` to `end`."""
        residual = (end - start)[self._weighed] * self._weights
        if self._residuals and np.linalg.norm(residual) > 2.0 * min(np.linalg.norm(r) for r in self._residuals):
            self.forget()  # the map has bent: what was learnt elsewhere misleads here
        self._ends = [*self._ends[-self._depth :], end]
        self._residuals = [*self._residuals[-self._depth :], residual]
        if len(self._ends) == 1:
            return end
        steps = np.stack([residual - r for r in self._residuals[:-1]], axis=1)
        mix, *_ = np.linalg.lstsq(steps, residual, rcond=1e-8)
        move = -np.stack([end - e for e in self._ends[:-1]], axis=1) @ mix
        change = np.max(np.abs(move[self._positive]) / end[self._positive], initial=0.0)
        return np.asarray(end + move * min(1.0, 0.5 / max(change, 0.5)))

    def forget(self) -> None:
        self._ends.clear()
        self._residuals.clear()
