"""A balloon in a narrow place, from the first drop of contrast to the lumen that it leaves.

    shoulders   D(p) = D [1 + growth (p - nominal)], by the balloon's own compliance
    waist       the narrowing is a ring that the balloon stretches. Its tension meets the pressure within the waist and
                the pull of the two shoulders:

                    E e t L = p [a L + (R^4 - a^4)^(1/2)],    t = (Do - d) / 2,    e = (d + Do) / (d0 + Do0) - 1

                with the waist's diameter d = 2 a, the shoulders' 2 R, the ring's length L, modulus E, thickness t and
                strain e half way through it. Do^2 = d^2 + A: what narrows the vein, of cross-section A, is squeezed
                but not lost. The pull of the shoulders is that of a film that is slack around and taut along, of which
                the profile is the Mylar balloon's, dz/dr = r^2 (R^4 - r^4)^(-1/2) (Paulsen 1994, Am Math Monthly
                101:953). A ring may hold at one diameter more than at a wider one: then it gives way at once
    closing     as the waist meets the shoulders their pull is gone, and p = 2 E e t / d, whatever the length and the
                size. A membrane has torn before, when its edge has been stretched by its breaking strain
    held        a wall creeps: the ring's own diameter follows, all but its elastic share e, what the ring is stretched
                to, and at the same pressure the waist follows the ring. It may give way at last, or come to rest,

                    d0' = [d0(0) + (1 - e) (d - d0(0)) - d0] / tau

    left        the ring's own diameter, as `response.dilated` has it of a balloon without a waist: what was not
                stretched is not opened. What tears or breaks up does so as far as the waist has opened at once
    pressed     from outside, a sound wall holds nothing below its own size: it opens at that pressure, and is pressed
                together again

Pressures are above the atmosphere. No wall is tougher than the median, but for `toughness`.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.lesion import MEMBRANES, Stenosis
from azygos.therapy import response
from azygos.therapy.catalogue import BalloonModel, atm
from azygos.therapy.device import LESION_STIFFNESS
from azygos.units import kPa

__all__ = ["FIBROUS_SPREAD", "MODULUS", "Inflation"]

# E of what narrows the vein. A fibrous wall: of stenoses of dialysis fistulas the waist is gone by 20 atm in 80 %
# (Turmel-Rodrigues & Renaud 2013, doi 10.1007/978-2-8178-0366-1_10) and by 24 atm in 1150 of 1220 (Wu 2008, J Vasc
# Interv Radiol 19:877), two quantiles of a log-normal distribution of median 16.2 atm. That the 70 whom Wu took in were
# all who resisted, that stenoses took 70 % of the diameter and the balloon was 1.1 times the vein, and that a stenosis
# of any other vein is as tough: assumed. Leaflets: 13 to 15 MPa (PMC6418800, of heart valves); that a membrane is as
# thick as the lesion is long: assumed
MODULUS: Mapping[str, float] = MappingProxyType({"stenosis": 5260 * kPa, "web": 14e3 * kPa, "valve": 14e3 * kPa})
FIBROUS_SPREAD = 0.248  # of the logarithm of a stenosis's modulus
_STEPS = 200  # of diameter, between the ring's own and the shoulders'
_STEP, _AT_REST = 0.05, 1e-9  # of the time of creep, and what is no change of a diameter [m]
_FINEST, _HIGHEST = 1e-4 * atm, 100 * atm  # pressures between which the closing one is looked for

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inflation:
    """What a balloon was to a lesion and the lesion to the balloon; diameters in m, pressures in Pa."""

    balloon: BalloonModel
    pressure: float  # to which it was inflated
    lesion: Stenosis  # before
    vein: float  # diameter of the vein there
    share: float  # of the lesion's length that was covered
    seconds: float  # for which it was held in all
    times: int
    elastic: float | None = None
    toughness: float = 1.0  # modulus of what narrows the vein, in parts of the median
    pressed: float | None = None  # diameter that a pressure from outside leaves open

    @property
    def before(self) -> float:
        return self._lumen(self.lesion)

    @property
    def after(self) -> Stenosis:
        """The lesion as it is left; the balloon may have covered a part of it."""
        return response.partly(self.lesion, self._held(self.seconds), self.share)

    @property
    def closing(self) -> float:
        """The pressure above which there is no waist, however short the time."""
        steps = range(round(_HIGHEST / _FINEST))
        gone = bisect_left(steps, True, key=lambda i: self._is_gone(i * _FINEST))
        return gone * _FINEST

    @property
    def closing_between(self) -> tuple[float, float] | None:
        """Pressures between which the waists of 95 % of such stenoses are gone; None where no spread is known."""
        if self.lesion.kind != "stenosis":
            return None
        factor = math.exp(1.96 * FIBROUS_SPREAD)
        return replace(self, toughness=1.0 / factor).closing, replace(self, toughness=factor).closing

    def shoulders(self, pressure: float) -> float:
        return self.balloon.inflated(pressure)

    def waist(self, pressure: float) -> float:
        """Diameter of the waist as the balloon fills."""
        return self._waist(pressure, self.before)

    def held(self, seconds: float) -> float:
        """Diameter of the waist after so many seconds at the balloon's pressure."""
        if self.lesion.kind in MEMBRANES:  # it does not creep: torn, or not
            return self.waist(self.pressure)
        return self._waist(self.pressure, self._lumen(self._held(seconds)))

    def left(self, seconds: float) -> float:
        """Diameter that the place keeps if the balloon is let down after so many seconds at its pressure."""
        return self._lumen(response.partly(self.lesion, self._held(seconds), self.share))

    def _held(self, seconds: float) -> Stenosis:
        """The lesion, where it is covered, after so many seconds."""
        waist = self.waist(self.pressure)
        held = response.dilated(self.lesion, self.vein, waist, elastic=self.elastic, seconds=seconds, times=self.times)
        if held == self.lesion or self.lesion.kind not in response.ELASTIC or self._is_gone(self.pressure):
            return held
        return response.opened(self.lesion, self.vein, _crept(self, seconds))

    def _is_gone(self, pressure: float) -> bool:
        return bool(pressure >= self._curve(pressure, self.before)[1][-1])

    def _waist(self, pressure: float, own: float) -> float:
        """Diameter at which a ring, whose own is `own`, holds the pressure."""
        diameter, holds = self._curve(pressure, own)
        shoulders = self.shoulders(pressure)
        return shoulders if pressure >= holds[-1] else min(float(np.interp(pressure, holds, diameter)), shoulders)

    def _curve(self, pressure: float, own: float) -> tuple[Floats, Floats]:
        """Diameters from the ring's own to the shoulders', and the most that the waist has held when it gets there."""
        shoulders = max(own, self.shoulders(pressure))
        widest = (1.0 + response.LEAFLET_BREAK) * own if self.lesion.kind in MEMBRANES else shoulders
        diameter = np.linspace(own, min(widest, shoulders), _STEPS)
        return diameter, np.maximum.accumulate(self.lesion.pressure + self._resists(diameter, own, shoulders))

    def _resists(self, diameter: Floats, own: float, shoulders: float) -> Floats:
        """The pressure, above that from outside, at which the waist has a diameter."""
        modulus = MODULUS.get(self.lesion.kind)
        if modulus is None:  # a sound wall, and perhaps a clot, which is softer still
            rest = own if self.pressed is None else self.vein
            return LESION_STIFFNESS * np.maximum(diameter - rest, 0.0) / self.vein
        section = self.vein**2 * self.lesion.now
        outer = np.sqrt(diameter**2 + section)
        strain = (diameter + outer) / (own + math.sqrt(own**2 + section)) - 1.0
        pull = diameter / 2.0 * self.lesion.length + np.sqrt(np.maximum(shoulders**4 - diameter**4, 0.0)) / 4.0
        tension: Floats = self.toughness * modulus * strain * (outer - diameter) / 2.0 * self.lesion.length
        return tension / pull

    def _lumen(self, lesion: Stenosis) -> float:
        return (self.pressed or self.vein) * (1.0 - lesion.now_diameter)


@lru_cache(maxsize=64)  # what stays open and the waist that is left are asked for by several
def _crept(inflation: Inflation, seconds: float) -> float:
    """The ring's own diameter after so many seconds, where a waist is that follows it."""
    kept = 1.0 - response.elastic_share(inflation.lesion.kind, inflation.elastic)

    def goal(own: float) -> float:
        return inflation.before + kept * (inflation._waist(inflation.pressure, own) - inflation.before)

    own, steps = inflation.before, max(1, math.ceil(seconds / (_STEP * response.CREEP)))
    fades = math.exp(-seconds / steps / response.CREEP)
    for _ in range(steps):  # each exact where the waist stays as it is in its middle
        wanted = goal(own)
        if abs(wanted - own) < _AT_REST:
            break
        wanted = goal(wanted + (own - wanted) * math.sqrt(fades))
        own = wanted + (own - wanted) * fades
    return own
