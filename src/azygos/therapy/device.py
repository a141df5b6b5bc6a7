"""Devices that open a narrowed vein: first versions, sized by rule and acting at once.

No published number was found for the elastic recoil of a dilated vein or for the radial force of a venous stent, so
that what follows from them here is `assumed`.
"""

import math
from dataclasses import dataclass

from azygos.body.lesion import Stent as PlacedStent
from azygos.units import kPa, mm

__all__ = ["Balloon", "Stent", "whole_millimetres"]

# Stiffness kl of p = kl (D - Dl) / Dv with which a dilated lesion pulls back: E h / R with E = 0.2 MPa (0.05 to
# 0.5 MPa at venous pressure), h = 0.5 mm and R = 6 mm, the radius of the vein. assumed
LESION_STIFFNESS = 17 * kPa


def whole_millimetres(diameter: float) -> float:
    """The smallest size [m] in stock, a whole millimetre, that is no smaller than `diameter` [m]."""
    return math.ceil(diameter / mm - 1e-9) * mm


@dataclass(frozen=True, slots=True, kw_only=True)
class Balloon:
    """A plain balloon, sized by rule: opens a stenosis to its own size, of which the wall keeps a part.

        D = Db - recoil (Db - D before)

    Db is `oversize` times the vein's diameter, rounded up to a whole millimetre: 14 mm for a jugular vein of 12 mm
    (10 to 16 mm and 1.1 to 1.25 times the vein are usual; assumed). The recoil is elastic and immediate. It takes 20 to
    50 % of the gain in veins (assumed): the least sure number here. Lesions of other kinds answer by `response`. It has
    no pressure, and no waist stays in it: `inflation` has both.
    """

    oversize: float = 1.1
    recoil: float = 0.3

    def __post_init__(self) -> None:
        if not self.oversize >= 1.0:
            raise ValueError(f"a balloon's oversize must be 1 or more, got {self.oversize:g}")
        if not 0.0 <= self.recoil <= 1.0:
            raise ValueError(f"a balloon's recoil must lie between 0 and 1, got {self.recoil:g}")

    def diameter(self, vein: float) -> float:
        """The balloon's diameter [m] for a vein of diameter `vein` [m]."""
        return whole_millimetres(self.oversize * vein)

    def opened(self, narrowed: float, vein: float) -> float:
        """The lesion's diameter [m] after the balloon, from that before it and the healthy vein's [m]."""
        inflated = self.diameter(vein)
        return inflated - self.recoil * (inflated - narrowed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stent:
    """A self-expanding stent over the whole lesion: a ring that wants its nominal diameter.

    The lesion pulls inwards, the ring pushes outwards, and they meet at D:

        kl (D - Dl)/Dv + ks (D - Ds)/Ds = 0   =>   D = (kl Dl/Dv + ks) / (kl/Dv + ks/Ds)

    with Dl the lesion's diameter without a stent, Dv the vein's and Ds the stent's. The lesion's strain is taken of
    the vein, whose wall it is: taken of Dl, the pull of a lesion that is nearly shut would have no bound and no stent
    could open it. So D falls no lower than Ds / (1 + kl Ds / (ks Dv)), two thirds of the stent, as Dl goes to 0.
    Away from D, at d, the two are one ring at rest at D,

        kl (d - Dl)/Dv + ks (d - Ds)/Ds = (kl/Dv + ks/Ds) (d - D) = k (d/D - 1),   k = kl Dl/Dv + ks

    which is put beside the vein's wall; that goes on carrying the blood's pressure.
    """

    oversize: float = 1.5 * mm  # over the vein; 1 to 2 mm is usual. assumed
    stiffness: float = 40 * kPa  # ks; a ring held at 90 % of its diameter pushes with 30 mmHg. assumed

    def __post_init__(self) -> None:
        if not (self.oversize >= 0.0 and self.stiffness > 0.0):
            raise ValueError("a stent's oversize must be zero or more and its stiffness above zero")

    def diameter(self, vein: float) -> float:
        """The stent's nominal diameter [m] for a vein of diameter `vein` [m]."""
        return whole_millimetres(vein + self.oversize)

    def balance(self, narrowed: float, vein: float) -> float:
        """The diameter [m] at which stent and lesion meet, from the lesion's without a stent and the vein's [m]."""
        return self._together(narrowed, vein) / (LESION_STIFFNESS / vein + self.stiffness / self.diameter(vein))

    def placed(self, narrowed: float, vein: float) -> PlacedStent:
        """The stent in place, together with the lesion that it stretches."""
        return PlacedStent(radius=0.5 * self.balance(narrowed, vein), stiffness=self._together(narrowed, vein))

    def _together(self, narrowed: float, vein: float) -> float:
        """Stiffness k [Pa] of stent and lesion as one ring."""
        return LESION_STIFFNESS * narrowed / vein + self.stiffness
