"""The linear algebra of a fit: a tangent plane, and the most probable place on it.

With z the logarithms of the factors, m(z) the measures, y and e the measured values and their errors, and s the spread
of each factor among persons, the most probable z makes

    F(z) = |(m(z) - y) / e|^2 + |z / s|^2,    low <= z <= high

least. On the plane m(z) + J dz that is a bounded linear problem of least squares (Gauss, Newton); Levenberg's damping
adds lambda |dz / s|^2. The inverse of J' J / e^2 + 1 / s^2 is the posterior's covariance.
"""

import math
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Plane", "Question"]

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was measured, and what was known before."""

    measured: Floats  # y
    errors: Floats  # e
    spreads: Floats  # s
    low: Floats
    high: Floats

    def cost(self, at: Floats, values: Floats) -> float:
        """F where the factors' logarithms are `at` and the measures `values`."""
        return float(np.sum(((values - self.measured) / self.errors) ** 2) + np.sum((at / self.spreads) ** 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """The measures at some factors, and how they answer to the factors' logarithms."""

    question: Question
    at: Floats  # z
    values: Floats  # m
    slopes: Floats  # J, (measures, parameters)

    @property
    def cost(self) -> float:
        return self.question.cost(self.at, self.values)

    def step(self, damping: float = 0.0) -> Floats:
        """To the least of F on the plane, within the ranges."""
        from scipy.optimize import lsq_linear

        q = self.question
        parts = [
            (self.slopes / q.errors[:, None], (q.measured - self.values) / q.errors),
            (np.diag(1.0 / q.spreads), -self.at / q.spreads),
            (np.diag(math.sqrt(damping) / q.spreads), np.zeros(len(self.at))),
        ]
        matrix, right = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
        low, high = q.low - self.at, q.high - self.at
        found = lsq_linear(matrix, right, bounds=(low - 1e-12, high + 1e-12))  # which wants them apart
        return np.asarray(np.clip(found.x, low, high))

    @property
    def distance(self) -> float:
        """How far the least on the plane is, in posterior standard deviations: F rises by the square of that."""
        step = self.step()
        least = self.question.cost(self.at + step, self.values + self.slopes @ step)
        return math.sqrt(max(self.cost - least, 0.0))

    @property
    def deviations(self) -> Floats:
        """Standard deviations of z after the fit, the ranges' ends left aside."""
        rows = self.slopes / self.question.errors[:, None]
        precision = rows.T @ rows + np.diag(self.question.spreads**-2.0)
        return np.asarray(np.sqrt(np.diag(np.linalg.inv(precision))))

    def moved(self, at: Floats, values: Floats) -> "Plane":
        """The plane at another place, tilted so that it passes through both: Broyden's update, in units of s.

        Broyden 1965, Math. Comp. 19:577.
        """
        move = (at - self.at) / self.question.spreads
        missed = values - self.values - self.slopes @ (at - self.at)
        tilt = np.outer(missed, move / self.question.spreads) / (move @ move)
        return replace(self, at=at, values=values, slopes=self.slopes + tilt)
