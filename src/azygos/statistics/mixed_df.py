"""Degrees of freedom of combinations of coefficients in a mixed model: Satterthwaite; Kenward and Roger.

With F the covariance of the coefficients at the estimated theta and W the covariance of theta's estimates, a
combination c' b has the variance v = c' F c, whose own variance is about g' W g with g_i = dv/dtheta_i. A multiple of
chi squared with df degrees of freedom has this mean and variance when

    df = 2 v^2 / (g' W g)                      (Satterthwaite 1946; Giesbrecht & Burns 1985)

F takes theta for known and is too small. Kenward and Roger (Biometrics 1997;53:983) add what its estimation costs:

    F_A = F + 2 F [sum_ij W_ij (Q_ij - M_i F M_j - R_ij / 4)] F
    M_i = X' V^-1 V_i V^-1 X,   Q_ij = X' V^-1 V_i V^-1 V_j V^-1 X,   R_ij = X' V^-1 V_ij V^-1 X

R is zero where V is linear in theta. For one combination their degrees of freedom are Satterthwaite's: with
A1 = A2 = A their formulae come down to m = 2 / A and a scale of 1. For several at once see `joint`.

W is the inverse of the observed information, as in SAS PROC MIXED and R's mmrm; R's pbkrtest takes the expected one.
"""

from dataclasses import dataclass

import numpy as np

from azygos.statistics.columns import Floats
from azygos.statistics.covariance import Structure
from azygos.statistics.reml import Information, Patterns, Point

__all__ = ["DF", "Uncertainty", "adjusted", "uncertainty"]

DF = ("satterthwaite", "kenward-roger", "residual")


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertainty:
    """What tests of combinations of the coefficients need."""

    method: str  # one of DF
    residual: int  # observations less coefficients
    F: Floats  # covariance of the coefficients at the estimated theta
    shown: Floats  # the one used for standard errors: F, or F_A of Kenward and Roger
    slopes: Floats  # dF / dtheta_i, (k, p, p)
    W: Floats  # covariance of theta, (k, k)

    def df(self, c: Floats) -> float:
        """Degrees of freedom of c' b."""
        if self.method == "residual":
            return float(self.residual)
        v = c @ self.F @ c
        g = self.slopes @ c @ c
        spread = float(g @ self.W @ g)
        return float(2.0 * v * v / spread) if spread > 0.0 else float(self.residual)

    def joint(self, L: Floats, b: Floats) -> tuple[float, int, float]:
        """(F, numerator df, denominator df) of the test that L b = 0, L (combinations, p) of full rank."""
        value = L @ b
        statistic = float(value @ np.linalg.solve(L @ self.shown @ L.T, value)) / len(L)
        if self.method == "kenward-roger":
            scale, df = self._kenward_roger(L)
            return scale * statistic, len(L), df
        return statistic, len(L), float(self.residual) if self.method == "residual" else self._satterthwaite(L)

    def _satterthwaite(self, L: Floats) -> float:
        """Fai and Cornelius (1996): the mean of F is that of independent squared t, one for each principal axis."""
        _, axes = np.linalg.eigh(L @ self.F @ L.T)
        df = np.array([self.df(axis @ L) for axis in axes.T])
        if len(df) == 1:
            return float(df[0])
        mean = float(np.sum(df[df > 2.0] / (df[df > 2.0] - 2.0)))
        return 2.0 * mean / (mean - len(df)) if mean > len(df) else 2.0

    def _kenward_roger(self, L: Floats) -> tuple[float, float]:
        """Scale and denominator df that match F's first two moments (their equations for A1, A2, B, g, c, m)."""
        q = len(L)
        theta = L.T @ np.linalg.solve(L @ self.F @ L.T, L)
        parts = np.asarray(theta @ self.slopes)  # theta F M_i F
        traces = np.trace(parts, axis1=1, axis2=2)
        a1 = float(traces @ self.W @ traces)
        a2 = float(np.einsum("ij,iab,jba->", self.W, parts, parts))
        g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
        below = 3 * q + 2 * (1 - g)
        c1, c2, c3 = g / below, (q - g) / below, (q + 2 - g) / below
        B = (a1 + 6 * a2) / (2 * q)
        mean = 1.0 / (1.0 - a2 / q)
        spread = 2.0 / q * (1.0 + c1 * B) / ((1.0 - c2 * B) ** 2 * (1.0 - c3 * B))
        ratio = spread / (2.0 * mean**2)
        df = 4.0 + (q + 2) / (q * ratio - 1.0)
        return df / (mean * (df - 2.0)), df


def uncertainty(
    data: Patterns, structure: Structure, point: Point, found: Information, method: str, observed: bool = True
) -> Uncertainty:
    """Of a fit; the expected information takes the observed one's place where that is not positive definite."""
    hessian = found.observed if observed and np.linalg.eigvalsh(found.observed)[0] > 0.0 else found.expected
    W = np.asarray(2.0 * np.linalg.pinv(hessian, hermitian=True))
    return Uncertainty(
        method=method,
        residual=data.observations - data.coefficients,
        F=point.F,
        shown=adjusted(data, structure, point, found, W) if method == "kenward-roger" else point.F,
        slopes=point.F @ found.M @ point.F,
        W=W,
    )


def adjusted(data: Patterns, structure: Structure, point: Point, found: Information, W: Floats) -> Floats:
    """F_A of Kenward and Roger."""
    p, K = data.coefficients, point.K
    KV = K @ structure.slopes(point.theta)[:, None]
    weighted = np.tensordot(W, KV, axes=1)
    inner = np.einsum("ipab,ipbc->pac", KV, weighted) @ K
    curvatures = structure.curvatures(point.theta)
    if curvatures is not None:
        inner = inner - K @ np.tensordot(W, curvatures, axes=2) @ K / 4.0
    Q = (inner.reshape(-1) @ data.products).reshape(p + 1, p + 1)[:p, :p]
    MF = found.M @ point.F
    Q = Q - np.einsum("ij,iab,jbc->ac", W, MF, found.M)
    return np.asarray(point.F + point.F @ (Q + Q.T) @ point.F)
