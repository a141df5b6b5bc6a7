"""A balloon in a narrow place, from the first drop of contrast to the lumen that it leaves.

    shoulders   D(p) = D [1 + growth (p - nominal)], by the balloon's own compliance
    waist       Dl + Dv p / kl, no wider than the shoulders: the lesion pulls inwards with kl (D - Dl) / Dv, as it does
                on a stent (therapy.device, kl assumed). A membrane lets go when its edge has been stretched by its
                breaking strain
    left        what `response.dilated` says of the balloon's diameter and of how long it was held

kl is that of a wall at venous pressures and does not stiffen, so a waist is gone within a fraction of an atmosphere.
Waists that hold at several atmospheres, as fibrous ones do, are not in this model.
"""

from dataclasses import dataclass

from azygos.body.lesion import MEMBRANES, Stenosis
from azygos.therapy import response
from azygos.therapy.catalogue import BalloonModel
from azygos.therapy.device import LESION_STIFFNESS

__all__ = ["Inflation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inflation:
    """What a balloon was to a lesion and the lesion to the balloon; diameters in m, pressures in Pa."""

    balloon: BalloonModel
    pressure: float  # to which it was inflated
    lesion: Stenosis  # before
    after: Stenosis  # as it was left; the balloon may have covered a part of it
    vein: float  # diameter of the vein there
    share: float  # of the lesion's length that was covered
    seconds: float  # for which it was held in all
    times: int
    elastic: float | None = None

    @property
    def before(self) -> float:
        return self._lumen(self.lesion)

    @property
    def closing(self) -> float:
        """The pressure above which there is no waist."""
        if self.lesion.kind in MEMBRANES and response.LEAFLET_BREAK * self.before < self._gap:
            return LESION_STIFFNESS * response.LEAFLET_BREAK * self.before / self.vein
        return LESION_STIFFNESS * self._gap / self.vein

    def shoulders(self, pressure: float) -> float:
        return self.balloon.inflated(pressure)

    def waist(self, pressure: float) -> float:
        if pressure >= self.closing:
            return self.shoulders(pressure)
        return min(self.before + self.vein * pressure / LESION_STIFFNESS, self.shoulders(pressure))

    def left(self, seconds: float) -> float:
        """Diameter that the place keeps if the balloon is let down after so many seconds at its pressure."""
        held = response.dilated(
            self.lesion,
            self.vein,
            self.shoulders(self.pressure),
            elastic=self.elastic,
            seconds=seconds,
            times=self.times,
        )
        return self._lumen(response.partly(self.lesion, held, self.share))

    @property
    def _gap(self) -> float:
        return max(0.0, self.shoulders(self.pressure) - self.before)

    def _lumen(self, lesion: Stenosis) -> float:
        return self.vein * (1.0 - lesion.now_diameter)
