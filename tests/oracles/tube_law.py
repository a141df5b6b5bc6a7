"""The wall law at one place of a vessel, written out from its equation.

    P(A) = k_half (x^(1/2) - 1) + k_vein (x^10 - x^(-3/2)) + offset,    x = A / A0
    c^2  = (A / rho) dP/dA

with c the speed of small waves.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from azygos.body.network import Blood, Vessel

RTOL = 4.0 * np.finfo(float).eps


@dataclass(frozen=True, slots=True, kw_only=True)
class Tube:
    """A wall; `offset` gathers every pressure that does not depend on the area (p0, outside pressure)."""

    reference_area: float  # [m2]
    k_half: float = 0.0  # [Pa]
    k_vein: float = 0.0  # [Pa]
    offset: float = 0.0  # [Pa]
    viscosity: float = 0.0  # Gamma [Pa s m]

    def pressure(self, area: float) -> float:
        """Elastic pressure [Pa] at `area` [m2]."""
        x = area / self.reference_area
        return self.k_half * (x**0.5 - 1.0) + self.k_vein * (x**10 - x**-1.5) + self.offset

    def slope(self, area: float) -> float:
        """dP/dA [Pa/m2]."""
        x = area / self.reference_area
        return (0.5 * self.k_half * x**-0.5 + self.k_vein * (10.0 * x**9 + 1.5 * x**-2.5)) / self.reference_area

    def speed(self, area: float, density: float) -> float:
        """Wave speed [m/s]."""
        return float(np.sqrt(area * self.slope(area) / density))

    def area(self, pressure: float) -> float:
        """Area [m2] at elastic `pressure` [Pa]; ValueError below the lowest pressure of an artery's law."""
        if self.k_vein == 0.0:
            root = 1.0 + (pressure - self.offset) / self.k_half
            if root <= 0.0:
                raise ValueError(f"an artery has no area at {pressure:g} Pa")
            return self.reference_area * root**2
        return self.reference_area * float(np.exp(_log_root(self, pressure)))


def _log_root(tube: Tube, pressure: float) -> float:
    """ln x with P(x A0) = pressure, by bracketing: P rises from -infinity to infinity."""
    bound = 1.0
    while tube.pressure(tube.reference_area * np.exp(bound)) < pressure:
        bound *= 2.0
    low = -1.0
    while tube.pressure(tube.reference_area * np.exp(low)) > pressure:
        low *= 2.0
    return float(
        brentq(lambda y: tube.pressure(tube.reference_area * np.exp(y)) - pressure, low, bound, xtol=1e-15, rtol=RTOL)
    )


def tube_at(vessel: Vessel, fraction: float, blood: Blood) -> Tube:
    """The wall at `fraction` of the vessel's length; offset includes the vessel's external pressure."""
    if vessel.around is not None:
        raise NotImplementedError(f"vessel '{vessel.name}': the oracles know no node around a vessel")
    radius = np.array([vessel.radius[0] + (vessel.radius[1] - vessel.radius[0]) * fraction])
    law = vessel.wall.coefficients(radius, np.array([fraction]), blood.density)
    return Tube(
        reference_area=float(np.pi * radius[0] ** 2),
        k_half=float(law.k_half[0]),
        k_vein=float(law.k_vein[0]),
        offset=float(law.offset[0]) + vessel.external_pressure,
        viscosity=float(law.viscosity[0]),
    )


def friction_factor(vessel: Vessel, blood: Blood) -> float:
    """F = 2 (gamma + 2) pi nu [m2/s] in du/dt = ... - F u / A."""
    return 2.0 * (vessel.profile + 2.0) * np.pi * blood.viscosity / blood.density
