"""The section of a vessel, one shape for every instrument: an ellipse that keeps its perimeter while it collapses.

A vein whose area A is the reference area A0 or more has the aspect r0 = b0 / a0 of a vein at rest; below that its
wall bends and is not shortened:

    A = pi a b,   4 a E(1 - r^2) = P0,   r = b / a

with half axes a and b, and E the complete elliptic integral of the second kind. What does not flatten, an artery, a
sinus, a stented vein, is round: real sinuses are triangular. That a vein grows in its shape when it is full and lies
with its long axis from side to side of the body: assumed. One pressed quite flat is dumb-bell shaped, not elliptical.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["AT_REST", "Ellipse", "half_axes"]

Floats = NDArray[np.float64]

# Short over long axis of a vein at rest. Jugular veins of persons lying had diameters of 17 +- 5 and 14 +- 5 mm and
# areas of 181 and 120 mm2 (computed tomography, n = 190; Tartiere 2009, 10.1186/cc8200). Of ellipses whose largest
# diameter D that is, the mean area is pi/4 r E[D^2], which gives r = 0.73 right and 0.69 left. That the diameters are
# the largest, and that all veins are like jugular veins: assumed
AT_REST = 0.71
FLATTEST = 1e-3
POINTS = 400
ANGLES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Ellipse:
    """A section: full axes [m]."""

    long: float
    short: float

    @classmethod
    def of(cls, area: float, reference: float) -> "Ellipse":
        """The section of `area` [m2] of a vessel whose reference area is `reference` [m2]; 0: a round one."""
        long, short = half_axes(area, reference)
        return cls(long=2.0 * float(long), short=2.0 * float(short))

    @property
    def area(self) -> float:
        return 0.25 * np.pi * self.long * self.short


def half_axes(area: ArrayLike, reference: ArrayLike) -> tuple[Floats, Floats]:
    """Long and short half axis [m] of sections of `area` [m2] in walls of reference area `reference` [m2].

    A reference area of 0 is that of a wall that does not flatten.
    """
    area, reference = np.asarray(area, dtype=float), np.asarray(reference, dtype=float)
    can_flatten = reference > 0.0
    share = np.where(can_flatten, area / np.where(can_flatten, reference, 1.0), 1.0)
    aspect = np.where(can_flatten, np.interp(share, *_collapse()), 1.0)
    long = np.sqrt(area / np.pi / aspect)
    return long, np.asarray(aspect * long)


@lru_cache(maxsize=1)
def _collapse() -> tuple[Floats, Floats]:
    """Area over reference area at a constant perimeter, rising to 1, and the aspect there."""
    aspect = np.geomspace(FLATTEST, AT_REST, POINTS)
    roundness = _roundness(aspect)
    return roundness / roundness[-1], aspect


def _roundness(aspect: Floats) -> Floats:
    """4 pi A / P^2 of an ellipse: 1 of a circle.

    Its perimeter is 4 a times the integral of sqrt(sin^2 + r^2 cos^2) over a quarter turn. The rule of midpoints is
    exact here to rounding, as of any smooth periodic function, unless r is near 0, where it is good to 1e-6.
    """
    turn = (np.arange(ANGLES) + 0.5) * (0.5 * np.pi / ANGLES)
    quarter = 0.5 * np.pi * np.mean(np.hypot(np.sin(turn), aspect[:, None] * np.cos(turn)), axis=1)
    return np.asarray((0.5 * np.pi) ** 2 * aspect / quarter**2)
