"""The restricted likelihood of repeated measures, with its exact first and second derivatives.

Patient i has the outcomes y_i at the visits o_i that were seen, independent of all others:

    y_i ~ N(X_i b, S_i),    S_i = Sigma(theta)[o_i, o_i]

With V the block-diagonal matrix of the S_i, F = (X' V^-1 X)^-1, b = F X' V^-1 y and r = y - X b,

    -2 l(theta) = log|V| + log|X' V^-1 X| + r' V^-1 r + (N - p) log 2 pi                  (Patterson & Thompson 1971)

With P = V^-1 - V^-1 X F X' V^-1 (so that P y = V^-1 r), V_i = dV/dtheta_i and V_ij its second derivative,

    d(-2 l)/dtheta_i          =  tr(P V_i) - y' P V_i P y
    d2(-2 l)/dtheta_i dtheta_j = -tr(P V_i P V_j) + 2 y' P V_i P V_j P y + tr(P V_ij) - y' P V_ij P y
    its expectation            =  tr(P V_i P V_j)

Patients who were seen at the same visits share S_i: all that is needed of them is the sum of z_ij z_ik' over them,
with z_ij = (x_ij, y_ij) for visits j and k. So after one pass over the data an evaluation costs the same for a hundred
patients and for a million. Below, K of a pattern is S_i^-1 with zeros where a visit was not seen.
"""

from dataclasses import dataclass

import numpy as np

from azygos.errors import InputError, Problem
from azygos.statistics.columns import Floats
from azygos.statistics.covariance import Structure
from azygos.statistics.linear import inverse_of_cross_products

__all__ = ["Fit", "Information", "Patterns", "Point", "at", "fitted", "information", "maximum", "patterns"]

MOST_ITERATIONS = 100
MOST_HALVINGS = 40
SETTLED = 1e-8  # of the Newton decrement, twice the distance of -2 l from its least; one step more is still taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """The data, summed over the patients of every pattern of visits."""

    seen: Floats  # (patterns, visits, visits): 1 where both visits were seen
    patients: Floats  # (patterns,)
    products: Floats  # sum of z_j z_k', (patterns x visits x visits, (p + 1)^2)
    observations: int
    coefficients: int  # p

    @property
    def visits(self) -> int:
        return int(self.seen.shape[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The likelihood at one theta, and its slope."""

    theta: Floats
    deviance: float  # -2 l
    slope: Floats  # of -2 l, (k,)
    b: Floats  # (p,)
    F: Floats  # (p, p)
    K: Floats  # (patterns, visits, visits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Where the likelihood is greatest."""

    data: Patterns
    point: Point
    coefficients: Floats  # (p,)
    settled: bool  # false where Sigma is singular there
    iterations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Information:
    """Second derivatives of -2 l, and how F answers to theta."""

    observed: Floats  # (k, k)
    expected: Floats  # (k, k)
    M: Floats  # X' V^-1 V_i V^-1 X, (k, p, p): dF / dtheta_i = F M_i F


def fitted(X: Floats, y: Floats, structure: Structure) -> Fit:
    """The fit to X (patients, visits, p) and y (patients, visits), not-a-number where nothing was seen.

    Raises InputError where the coefficients cannot all be told from the observations.
    """
    first, sigma = _ordinary(X, y)
    data = patterns(X, y - X @ first)  # of residuals, so that sums of squares keep their digits
    point, settled, iterations = maximum(data, structure, structure.start(sigma))
    return Fit(data=data, point=point, coefficients=first + point.b, settled=settled, iterations=iterations)


def patterns(X: Floats, y: Floats) -> Patterns:
    """Sums over the patients; X (patients, visits, p), y (patients, visits), not-a-number where nothing was seen."""
    seen = np.isfinite(y)
    z = np.where(seen[:, :, None], np.concatenate([X, y[:, :, None]], axis=2), 0.0)
    kinds, index = np.unique(seen, axis=0, return_inverse=True)
    visits, width = z.shape[1:]
    products = np.empty((len(kinds), visits, visits, width, width))
    for kind in range(len(kinds)):
        rows = z[index == kind].reshape(-1, visits * width)
        products[kind] = (rows.T @ rows).reshape(visits, width, visits, width).transpose(0, 2, 1, 3)
    return Patterns(
        seen=(kinds[:, :, None] & kinds[:, None, :]).astype(float),
        patients=np.bincount(index, minlength=len(kinds)).astype(float),
        products=products.reshape(-1, width * width),
        observations=int(np.sum(seen)),
        coefficients=width - 1,
    )


def at(data: Patterns, structure: Structure, theta: Floats) -> Point | None:
    """The likelihood at theta; None where Sigma is not positive definite."""
    unseen = np.eye(data.visits) * (1.0 - data.seen)
    sigma = structure.matrix(theta)
    blocks = data.seen * sigma + unseen
    try:
        np.linalg.cholesky(sigma)
        logs = np.linalg.slogdet(blocks)[1]
        K = np.asarray(np.linalg.inv(blocks) - unseen)
        p = data.coefficients
        total = (K.reshape(-1) @ data.products).reshape(p + 1, p + 1)
        F = np.asarray(np.linalg.inv(total[:p, :p]))
        sign, log_F = np.linalg.slogdet(F)
    except np.linalg.LinAlgError:
        return None
    b = F @ total[:p, p]
    rest = float(total[p, p] - b @ total[:p, p])
    if sign <= 0.0 or rest <= 0.0 or not np.all(np.isfinite(F)):
        return None
    constant = (data.observations - p) * np.log(2.0 * np.pi)
    deviance = float(data.patients @ logs) - log_F + rest + constant
    G = data.patients[:, None, None] * K - K @ _scatter(data, b, F) @ K
    slope = np.tensordot(structure.slopes(theta), G.sum(axis=0), axes=2)
    return Point(theta=theta, deviance=float(deviance), slope=slope, b=b, F=F, K=K)


def information(data: Patterns, structure: Structure, point: Point) -> Information:
    """The second derivatives at a point.

    tr(P V_i P V_j) = tr(V^-1 V_i V^-1 V_j) - 2 tr(F X' V^-1 V_i V^-1 V_j V^-1 X) + tr(F M_i F M_j)
    y' P V_i P V_j P y = r' V^-1 V_i V^-1 V_j V^-1 r - u_i' F u_j,    u_i = X' V^-1 V_i V^-1 r
    """
    p, K = data.coefficients, point.K
    slopes = structure.slopes(point.theta)
    k = len(slopes)
    KV = K @ slopes[:, None]  # (k, patterns, visits, visits)
    full = ((KV @ K).reshape(k, -1) @ data.products).reshape(k, p + 1, p + 1)
    M, u = full[:, :p, :p], full[:, :p, p] - full[:, :p, :p] @ point.b

    def pairs(middle: Floats) -> Floats:
        """Sum over patterns of tr(K V_i K V_j middle), (k, k)."""
        right = (KV @ middle).transpose(0, 1, 3, 2).reshape(k, -1)
        return np.asarray(KV.reshape(k, -1) @ right.T)

    plain = pairs(data.patients[:, None, None] * np.eye(data.visits))
    MF = M @ point.F
    twice = np.tensordot(MF, MF.transpose(0, 2, 1), axes=([1, 2], [1, 2]))  # tr(F M_i F M_j)
    fitted, whole = (K @ _scatter(data, b, point.F) for b in (None, point.b))
    expected = plain - 2.0 * pairs(fitted) + twice
    observed = -plain + 2.0 * pairs(whole) - twice - 2.0 * u @ point.F @ u.T
    if (curvatures := structure.curvatures(point.theta)) is not None:
        G = data.patients[:, None, None] * K - whole @ K
        observed = observed + np.tensordot(curvatures, G.sum(axis=0), axes=2)
    return Information(observed=_even(observed), expected=_even(expected), M=M)


def maximum(data: Patterns, structure: Structure, start: Floats) -> tuple[Point, bool, int]:
    """The greatest likelihood by Newton's method, whether it settled, and the number of steps.

    Where the observed information is not positive definite, as far from the maximum, the expected one takes its place
    (Fisher scoring). A step is halved until Sigma stays positive definite and the likelihood does not fall.
    """
    point = at(data, structure, start)
    if point is None:
        point = at(data, structure, structure.start(np.diag(np.diag(structure.matrix(start)))))
    if point is None:
        raise InputError(Problem("the model leaves no variance", "outcome", "leave out a covariate, or a visit"))
    for iteration in range(MOST_ITERATIONS):
        step = _step(information(data, structure, point), point.slope)
        settled = -float(step @ point.slope) < SETTLED
        further = _nearer(data, structure, point, step)
        if settled or further is None:
            return further or point, settled, iteration
        point = further
    return point, False, MOST_ITERATIONS


def _ordinary(X: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Least squares, and the covariance of its residuals at each two visits: where Newton's method begins."""
    seen = np.isfinite(y)
    rows = X[seen]
    if len(rows) <= rows.shape[1]:
        raise InputError(
            Problem(f"{len(rows)} observations cannot hold {rows.shape[1]} coefficients", "outcome", "leave some out")
        )
    b = inverse_of_cross_products(rows) @ (rows.T @ y[seen])
    r = np.where(seen, np.nan_to_num(y) - X @ b, 0.0)
    both = seen.T.astype(float) @ seen
    sigma = r.T @ r / np.maximum(both, 1.0) * (len(rows) / (len(rows) - rows.shape[1]))
    return b, np.asarray(sigma)


def _step(found: Information, slope: Floats) -> Floats:
    for matrix in (found.observed, found.expected):
        values, vectors = np.linalg.eigh(matrix)
        if values[0] > 1e-12 * values[-1]:
            return np.asarray(-(vectors / values) @ (vectors.T @ slope))
    return np.asarray(-slope * np.sum(slope**2) / max(float(slope @ found.expected @ slope), 1e-300))


def _nearer(data: Patterns, structure: Structure, point: Point, step: Floats) -> Point | None:
    for halving in range(MOST_HALVINGS):
        trial = at(data, structure, point.theta + 0.5**halving * step)
        if trial is not None and trial.deviance <= point.deviance + 1e-13 * abs(point.deviance):
            return trial
    return None


def _scatter(data: Patterns, b: Floats | None, F: Floats) -> Floats:
    """Sum of X_i F X_i' over the patients of every pattern, and with b of r_i r_i' too: (patterns, visits, visits)."""
    weights = np.zeros((data.coefficients + 1, data.coefficients + 1))
    weights[:-1, :-1] = F
    if b is not None:
        r = np.append(-b, 1.0)
        weights += np.outer(r, r)
    return np.asarray((data.products @ weights.reshape(-1)).reshape(data.seen.shape))


def _even(matrix: Floats) -> Floats:
    return np.asarray((matrix + matrix.T) / 2.0)
