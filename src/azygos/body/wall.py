"""Vessel walls: how the area of a vessel answers to its transmural pressure.

All walls are special cases of one law, so that the kernel has no branch on the kind of wall:

    p = k_half [ (A/A0)^(1/2) - 1 ] + k_vein [ (A/A0)^10 - (A/A0)^(-3/2) ] + p0 + Gamma / (A0 sqrt(A)) dA/dt

with p the transmural pressure (inside minus outside). The wave speed at A = A0 is
c0^2 = (k_half / 2 + 11.5 k_vein) / rho.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ArteryWall", "AvolioWall", "Coefficients", "ElasticWall", "RigidWall", "SinusWall", "StentedWall", "VeinWall",
    "Wall", "law_of",
]  # fmt: skip

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.intp]

ARTERY_SLOPE = 0.5  # m - n of the artery law, so that rho c0^2 = 0.5 k_half
VEIN_SLOPE = 11.5  # m - n of the vein law: 10 + 3/2
RIGID_WAVE_SPEED = 100.0  # [m/s]; 100 mmHg then change the area by 0.13 %. assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients:
    """The tube law at several places; each an array over the places."""

    k_half: Floats  # [Pa]
    k_vein: Floats  # [Pa]
    offset: Floats  # p0 [Pa]
    viscosity: Floats  # Gamma [Pa s m]


class Wall(ABC):
    """A vessel wall."""

    @abstractmethod
    def coefficients(self, radius: Floats, fraction: Floats, density: float) -> Coefficients:
        """Tube-law coefficients where the reference radius is `radius` [m], at `fraction` of the
        vessel's length, for blood of `density` [kg/m3]."""


def _along(values: tuple[float, float], fraction: Floats) -> Floats:
    return values[0] + (values[1] - values[0]) * fraction


def _power_law(k_half: Floats, k_vein: Floats, offset: float, viscosity: float) -> Coefficients:
    return Coefficients(
        k_half=k_half,
        k_vein=k_vein,
        offset=np.full_like(k_half, offset),
        viscosity=np.full_like(k_half, viscosity),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ArteryWall(Wall):
    """m = 1/2, n = 0, from the wave speed at the reference area at start and end."""

    wave_speed: tuple[float, float]  # [m/s]
    reference_pressure: float = 0.0  # transmural pressure at which A = A0 [Pa]
    viscosity: float = 0.0  # Gamma [Pa s m]

    def coefficients(self, radius: Floats, fraction: Floats, density: float) -> Coefficients:
        k = density * _along(self.wave_speed, fraction) ** 2 / ARTERY_SLOPE
        return _power_law(k, np.zeros_like(k), self.reference_pressure, self.viscosity)


@dataclass(frozen=True, slots=True, kw_only=True)
class ElasticWall(Wall):
    """An artery given by Young's modulus and thickness (Poisson's ratio 1/2): k = 4/3 E h / R.

    The form in which most published one-dimensional networks are written (Boileau et al. 2015).
    """

    young: float  # [Pa]
    thickness: float  # [m]
    reference_pressure: float = 0.0  # [Pa]
    viscosity: float = 0.0  # Gamma [Pa s m]

    def coefficients(self, radius: Floats, fraction: Floats, density: float) -> Coefficients:
        k = 4.0 / 3.0 * self.young * self.thickness / radius
        return _power_law(k, np.zeros_like(k), self.reference_pressure, self.viscosity)


@dataclass(frozen=True, slots=True, kw_only=True)
class AvolioWall(Wall):
    """An artery given by Young's modulus alone; its thickness follows from its radius:

        h / R = 0.2802 exp(-505.3 R) + 0.1324 exp(-11.14 R),  R in metres;  k = 4/3 E h / R

    A fit to the arteries of Avolio 1980, used for ADAN56 by Boileau et al. 2015.
    """

    young: float  # [Pa]
    reference_pressure: float = 0.0  # [Pa]
    viscosity: float = 0.0  # Gamma [Pa s m]

    def coefficients(self, radius: Floats, fraction: Floats, density: float) -> Coefficients:
        thickness_ratio = 0.2802 * np.exp(-505.3 * radius) + 0.1324 * np.exp(-11.14 * radius)
        k = 4.0 / 3.0 * self.young * thickness_ratio
        return _power_law(k, np.zeros_like(k), self.reference_pressure, self.viscosity)


@dataclass(frozen=True, slots=True, kw_only=True)
class VeinWall(Wall):
    """m = 10, n = -3/2: soft when round, collapsing under negative transmural pressure."""

    wave_speed: tuple[float, float]  # [m/s]
    reference_pressure: float = 0.0  # [Pa]
    viscosity: float = 0.0  # Gamma [Pa s m]

    def coefficients(self, radius: Floats, fraction: Floats, density: float) -> Coefficients:
        k = density * _along(self.wave_speed, fraction) ** 2 / VEIN_SLOPE
        return _power_law(np.zeros_like(k), k, self.reference_pressure, self.viscosity)


@dataclass(frozen=True, slots=True, kw_only=True)
class SinusWall(Wall):
    """A dural sinus: held open by dura, stiff, does not collapse; the artery's law."""

    wave_speed: tuple[float, float]  # [m/s]
    reference_pressure: float = 0.0  # [Pa]

    def coefficients(self, radius: Floats, fraction: Floats, density: float) -> Coefficients:
        k = density * _along(self.wave_speed, fraction) ** 2 / ARTERY_SLOPE
        return _power_law(k, np.zeros_like(k), self.reference_pressure, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RigidWall(Wall):
    """A wall stiff enough to be rigid for blood (wave speed 100 m/s)."""

    def coefficients(self, radius: Floats, fraction: Floats, density: float) -> Coefficients:
        k = np.full_like(radius, density * RIGID_WAVE_SPEED**2 / ARTERY_SLOPE)
        return _power_law(k, np.zeros_like(k), 0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StentedWall(Wall):
    """Two springs side by side: the wall as it was, and the stent as a ring at rest at `stent_radius`.

        p = p_wall(A) + stiffness [ (A/As)^(1/2) - 1 ],  As = pi stent_radius^2

    The stent carries the vein when it would collapse and holds it back when it would stretch.
    """

    wall: Wall
    stent_radius: float  # radius at which the stent neither pushes nor pulls [m]
    stiffness: float  # [Pa]

    def coefficients(self, radius: Floats, fraction: Floats, density: float) -> Coefficients:
        bare = self.wall.coefficients(radius, fraction, density)
        ring = self.stiffness * radius / self.stent_radius
        return Coefficients(
            k_half=bare.k_half + ring,
            k_vein=bare.k_vein,
            offset=bare.offset + ring - self.stiffness,
            viscosity=bare.viscosity,
        )


def law_of(walls: Sequence[Wall], of: Ints, radius: Floats, fraction: Floats, density: float) -> Coefficients:
    """Tube-law coefficients at many places at once: place i lies in the wall numbered `of[i]`.

    Walls of one kind, stents apart, are taken as one wall whose numbers differ from place to place.
    """
    whole = Coefficients(**{item.name: np.empty_like(radius) for item in fields(Coefficients)})
    groups: dict[object, list[int]] = {}
    for i, wall in enumerate(walls):
        groups.setdefault(i if isinstance(wall, StentedWall) else type(wall), []).append(i)
    for members in groups.values():
        number = np.full(len(walls), -1)
        number[members] = np.arange(len(members))
        here = np.flatnonzero(number[of] >= 0)
        wall = _stacked([walls[i] for i in members], number[of[here]]) if len(members) > 1 else walls[members[0]]
        law = wall.coefficients(radius[here], fraction[here], density)
        for item in fields(Coefficients):
            getattr(whole, item.name)[here] = getattr(law, item.name)
    return whole


def _stacked(walls: Sequence[Wall], of: Ints) -> Any:
    """One wall with an array over places wherever walls of its kind have a number."""
    one: Any = walls[0]
    columns: dict[str, Any] = {}
    for item in fields(one):
        values = np.array([getattr(wall, item.name) for wall in walls])
        columns[item.name] = tuple(values.T[:, of]) if values.ndim == 2 else values[of]
    return replace(one, **columns)
