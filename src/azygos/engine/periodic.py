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
        self._sizes: list[float] = []  # of the residuals

    def next_start(self, start: Floats, end: Floats) -> Floats:
        """Where to start the next beat, after one that went from `start` to `end`."""
        residual = (end - start)[self._weighed] * self._weights
        size = _size(residual)
        if self._sizes and size > 2.0 * min(self._sizes):
            self.forget()  # the map has bent: what was learnt elsewhere misleads here
        self._ends = [*self._ends[-self._depth :], end]
        self._residuals = [*self._residuals[-self._depth :], residual]
        self._sizes = [*self._sizes[-self._depth :], size]
        if len(self._ends) == 1:
            return end
        mix = _least_squares([residual - r for r in self._residuals[:-1]], residual)
        move = np.zeros_like(end)
        for share, before in zip(mix.tolist(), self._ends, strict=False):
            move -= share * (end - before)
        change = np.max(np.abs(move[self._positive]) / end[self._positive], initial=0.0)
        return np.asarray(end + move * min(1.0, 0.5 / max(change, 0.5)))

    def forget(self) -> None:
        self._ends.clear()
        self._residuals.clear()
        self._sizes.clear()


# Sums over the state are numpy's own and not BLAS's, which divides long ones among threads: a patient's numbers must
# not depend on how many there are.


def _size(vector: Floats) -> float:
    return float(np.sqrt(np.sum(vector * vector)))


def _least_squares(columns: list[Floats], right: Floats) -> Floats:
    """The x of least size that makes |sum of x_i columns_i - right| least.

    By an orthonormal basis of the columns, found by Gram and Schmidt, twice for rounding; of what is left, of the size
    of the number of columns, by singular values, of which those below 1e-8 of the largest are rounding.
    """
    count = len(columns)
    basis, triangle = np.zeros((count, right.size)), np.zeros((count, count))
    for i, column in enumerate(columns):
        left = column
        for _ in range(2 if i else 0):
            shares = np.sum(basis[:i] * left, axis=1)
            left = left - np.sum(shares[:, None] * basis[:i], axis=0)
            triangle[:i, i] += shares
        triangle[i, i] = _size(left)
        if triangle[i, i] > 0.0:
            basis[i] = left / triangle[i, i]
    return np.asarray(np.linalg.lstsq(triangle, np.sum(basis * right, axis=1), rcond=1e-8)[0])
