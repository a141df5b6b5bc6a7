"""The wall law of every vessel: pressure from area, and area from pressure."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["area_ratio_at", "transmural_pressure"]

Floats: TypeAlias = NDArray[np.float64]

SETTLED = 1e-9  # so small a step in log(A/A0) is the last: the next would be its square


def transmural_pressure(ratio: Floats, k_half: Floats, k_vein: Floats) -> tuple[Floats, Floats]:
    """Pressure [Pa] above p0 at A/A0 = `ratio`, and its derivative by `ratio`."""
    root = np.sqrt(ratio)
    square = ratio * ratio
    eighth = (square * square) * (square * square)  # pow would take ten times as long
    fall = 1.0 / (ratio * root)
    pressure = k_half * (root - 1.0) + k_vein * (square * eighth - fall)
    slope = 0.5 * k_half / root + k_vein * (10.0 * ratio * eighth + 1.5 * fall / ratio)
    return pressure, slope


def area_ratio_at(pressure: Floats, k_half: Floats, k_vein: Floats) -> Floats:
    """A/A0 at a transmural pressure above p0, by Newton's method in log(A/A0); NaN where there is none."""
    log_ratio = np.zeros_like(pressure)
    with np.errstate(all="ignore"):
        for _ in range(200):
            ratio = np.exp(log_ratio)
            found, slope = transmural_pressure(ratio, k_half, k_vein)
            step = np.clip((pressure - found) / (slope * ratio), -0.5, 0.5)
            log_ratio = log_ratio + step
            if not np.any(np.abs(step) > SETTLED):
                break
        ratio = np.exp(log_ratio)
        return np.where(ratio > 1e-12, ratio, np.nan)
