"""Where monotone functions cross zero, for arrays of them at once."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Array", "crossing", "once_each", "scalar_crossing", "scalar_root"]

Array = NDArray[np.float64]
HALVINGS = 200  # more than are ever needed
FINE = 2e-16  # of the ends, where it stops
FEW = 100  # values, of which looking for equal ones is not worth it


def crossing(is_before: Callable[[Array], NDArray[np.bool_]], lower: ArrayLike, upper: ArrayLike) -> Array:
    """The points between `lower` and `upper` up to which `is_before` holds.

    Bisection: it asks only on which side of its answer a point lies, so it is not misled where the function behind the
    question is flat, infinite or undefined at an end, as scores are where a count is zero.
    """
    low, high = (np.array(end, dtype=float) for end in np.broadcast_arrays(lower, upper))
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if np.all(high - low <= FINE * (np.abs(low) + np.abs(high)) + 1e-18):
            break
        before = is_before(middle)
        low = np.where(before, middle, low)
        high = np.where(before, high, middle)
    return np.asarray(0.5 * (low + high))


def scalar_crossing(is_before: Callable[[float], bool], lower: float, upper: float) -> float:
    """`crossing` for one number."""
    return float(crossing(lambda x: np.array(is_before(float(x))), lower, upper))


def scalar_root(function: Callable[[float], float], lower: float, upper: float) -> float:
    """Where a smooth function of one number, of opposite signs at the ends, is zero: in a dozen evaluations."""
    from scipy.optimize import brentq

    return float(brentq(function, lower, upper, xtol=1e-14, rtol=1e-14))


def once_each(bounds: Callable[..., tuple[Array, Array]], *values: Array) -> tuple[Array, Array]:
    """`bounds` of arrays of one shape, computed once for each combination: a simulation's counts are much the same."""
    shape, flat = values[0].shape, np.stack([value.ravel() for value in values])
    if flat.shape[1] < FEW:
        return bounds(*values)
    distinct, where = np.unique(flat, axis=1, return_inverse=True)
    lower, upper = bounds(*distinct)
    return lower[where].reshape(shape), upper[where].reshape(shape)
