"""How the visits of one patient vary together: structures of a covariance matrix.

Each structure gives Sigma(theta), (visits, visits), with its first and second derivatives by theta, and where to begin.
The parameters are those of SAS PROC MIXED, so that the adjustment of Kenward and Roger, which depends on the
parameters where Sigma is not linear in them (ar1 alone), is theirs too.
"""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from azygos.statistics.columns import Floats

__all__ = ["STRUCTURES", "Autoregressive", "Structure", "compound_symmetry", "toeplitz", "unstructured"]


class Structure(Protocol):
    """A covariance matrix as a function of few parameters."""

    @abstractmethod
    def start(self, sigma: Floats) -> Floats:
        """Parameters (k,) of a matrix of this structure near to any covariance matrix."""

    @abstractmethod
    def matrix(self, theta: Floats) -> Floats:
        """Sigma, (visits, visits)."""

    @abstractmethod
    def slopes(self, theta: Floats) -> Floats:
        """dSigma / dtheta_i, (k, visits, visits)."""

    @abstractmethod
    def curvatures(self, theta: Floats) -> Floats | None:
        """d2Sigma / dtheta_i dtheta_j, (k, k, visits, visits); None where Sigma is linear in theta."""


@dataclass(frozen=True, slots=True)
class _Linear(Structure):
    """Sigma = sum of theta_i B_i, where every B_i is of zeros and ones and no two overlap."""

    parts: Floats  # B, (k, visits, visits)

    def start(self, sigma: Floats) -> Floats:
        return np.asarray(np.sum(self.parts * sigma, axis=(1, 2)) / np.sum(self.parts, axis=(1, 2)))

    def matrix(self, theta: Floats) -> Floats:
        return np.asarray(np.tensordot(theta, self.parts, axes=1))

    def slopes(self, theta: Floats) -> Floats:
        return self.parts

    def curvatures(self, theta: Floats) -> Floats | None:
        return None


@dataclass(frozen=True, slots=True)
class Autoregressive(Structure):
    """Sigma_jk = s rho^|j - k| of theta = (s, rho): visits at equal distances, each resting on the one before."""

    visits: int

    def start(self, sigma: Floats) -> Floats:
        spread = np.sqrt(np.diag(sigma))
        beside = np.diag(sigma, 1) / (spread[1:] * spread[:-1]) if self.visits > 1 else np.zeros(1)
        return np.array([np.mean(spread**2), np.clip(np.mean(beside), -0.9, 0.9)])

    def matrix(self, theta: Floats) -> Floats:
        return np.asarray(theta[0] * theta[1] ** lags(self.visits))

    def slopes(self, theta: Floats) -> Floats:
        lag = lags(self.visits)
        return np.array([theta[1] ** lag, theta[0] * lag * theta[1] ** np.maximum(lag - 1, 0)])

    def curvatures(self, theta: Floats) -> Floats | None:
        lag = lags(self.visits)
        mixed = lag * theta[1] ** np.maximum(lag - 1, 0)
        twice = theta[0] * lag * (lag - 1) * theta[1] ** np.maximum(lag - 2, 0)
        return np.array([[np.zeros_like(mixed), mixed], [mixed, twice]])


def unstructured(visits: int) -> Structure:
    """Every variance and covariance is free: visits (visits + 1) / 2 parameters."""
    parts = []
    for j in range(visits):
        for k in range(j + 1):
            part = np.zeros((visits, visits))
            part[j, k] = part[k, j] = 1.0
            parts.append(part)
    return _Linear(np.array(parts))


def compound_symmetry(visits: int) -> Structure:
    """One variance and one covariance, as a random intercept gives."""
    unit = np.eye(visits)
    return _Linear(np.array([unit, 1.0 - unit][: min(visits, 2)]))


def toeplitz(visits: int) -> Structure:
    """One covariance for every distance between visits."""
    lag = lags(visits)
    return _Linear(np.array([(lag == distance).astype(float) for distance in range(visits)]))


STRUCTURES: dict[str, Callable[[int], Structure]] = {
    "unstructured": unstructured,
    "compound-symmetry": compound_symmetry,
    "ar1": Autoregressive,
    "toeplitz": toeplitz,
}


def lags(visits: int) -> Floats:
    """|j - k|, (visits, visits)."""
    index = np.arange(visits, dtype=float)
    return np.abs(index[:, None] - index)
