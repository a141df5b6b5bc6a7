"""Manometry: mean pressures through a catheter that is pulled back towards the heart.

The blood is taken to flow as if the catheter were not there: what it narrows is not modelled, and a remark says where
it fills much of a lumen, so that a gradient there is read too high.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from azygos.body.body import Body
from azygos.instruments.instrument import AbstractInstrument, Patient
from azygos.instruments.lumen import mean_along, places_along, seen_along
from azygos.instruments.recording import Picture, Reading, Recording, Site
from azygos.units import mm, mmHg

__all__ = ["PULL_BACKS", "Manometry"]

Floats = NDArray[np.float64]

PULL_BACKS = (  # from upstream to the right atrium
    *(
        ("sss_posterior", f"transverse_sinus_{side}", f"sigmoid_sinus_{side}", f"ijv_{side}", f"brachiocephalic_{side}",
         "svc_upper", "svc_lower")
        for side in ("r", "l")
    ),
    ("azygos", "svc_lower"),
)  # fmt: skip
SHARED = frozenset(set(PULL_BACKS[0]) & set(PULL_BACKS[1]) | {"svc_lower"})  # parts of more than one pull-back

FRENCH = mm / 3.0  # [m]
STEP = 5.0 * mm  # between the places of a pull-back. assumed
TIGHT = 0.5  # share of a lumen's area from which on the catheter is said to fill it. assumed

# A transducer is right to 1 to 2 mmHg; divided here between its zero, which all of an examination shares, and the
# single reading. assumed
ZERO_ERROR = 1.0 * mmHg
READING_ERROR = 0.5 * mmHg
# Venous pressures under general anaesthesia lie 5.8 +- 1.7 (SE) mmHg above those awake, Fargen 2017 (JNIS 9:990). How
# much persons differ is not said there: its standard error is used for that, too little rather than too much. assumed
ANAESTHESIA = (5.8 * mmHg, 1.7 * mmHg)
AVERAGED = 8.0  # [s], two breaths. assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Manometry(AbstractInstrument):
    """A fluid-filled catheter with a transducer; readings `pressure`, relative to the atmosphere at the heart."""

    exact: bool = False  # no error of its own; a person under anaesthesia has the mean rise
    zero_error: float = ZERO_ERROR  # 1 SD [Pa], the same for all of an examination
    reading_error: float = READING_ERROR  # 1 SD [Pa]
    anaesthesia: bool = False
    catheter: float = 5.0  # size [French, thirds of a mm]
    averaged: float = AVERAGED  # [s]; a part of a longer period is met at any phase of it
    posture: str = "supine"
    pull_backs: tuple[tuple[str, ...], ...] = field(default=PULL_BACKS)

    def examine(self, patient: Patient, sites: tuple[Site, ...], rng: Generator) -> Recording:
        shift = self._shift(rng)
        readings = tuple(self._read(patient, site, shift, rng) for site in sites)
        pictures: list[Picture] = []
        remarks: list[str] = []
        for path in _needed(patient.body, self.pull_backs, sites):
            pictures += self._pull_back(patient, path, shift, rng)
            remarks += [self._tightness(patient, vessel) for vessel in path]
        return Recording(
            instrument="manometry",
            protocol=self._protocol(),
            readings=readings,
            pictures=tuple(pictures),
            remarks=tuple(dict.fromkeys(remark for remark in remarks if remark)),
        )

    @property
    def error(self) -> float:
        """Of one reading, 1 SD [Pa]; gradients know less of it, since the zero is common."""
        return 0.0 if self.exact else math.hypot(self.zero_error, self.reading_error)

    def _shift(self, rng: Generator) -> float:
        """What all pressures of an examination are read too high by [Pa]."""
        zero, sleep = rng.standard_normal(2)
        if self.exact:
            return ANAESTHESIA[0] if self.anaesthesia else 0.0
        return float(self.zero_error * zero + (ANAESTHESIA[0] + ANAESTHESIA[1] * sleep if self.anaesthesia else 0.0))

    def _read(self, patient: Patient, site: Site, shift: float, rng: Generator) -> Reading:
        course = patient.at("pressure", site, self.posture)
        value = self._average(course, patient.solutions[self.posture].network.period, rng) + shift
        noise = 0.0 if self.exact else self.reading_error * rng.standard_normal()
        return Reading(
            site=site, quantity="pressure", unit="pressure", value=float(value + noise), error=self.error,
            posture=self.posture,
        )  # fmt: skip

    def _average(self, course: Floats, period: float, rng: Generator) -> float:
        """The mean of a course over the time averaged; of all of it, if that is whole periods or many."""
        begin = int(rng.integers(len(course)))
        if self.exact or self.averaged >= period:
            return float(np.mean(course))
        count = max(1, round(self.averaged / period * len(course)))
        return float(np.mean(np.roll(course, -begin)[:count]))

    def _pull_back(self, patient: Patient, path: tuple[str, ...], shift: float, rng: Generator) -> list[Picture]:
        """A picture of every vessel on the way; their distances go on from one to the next."""
        pictures, begin = [], 0.0
        for vessel in path:
            length = patient.body.lengths[vessel]
            fraction = places_along(length, STEP)
            pressure = mean_along(patient, "pressure", vessel, fraction, self.posture) + shift
            noise = 0.0 if self.exact else self.reading_error * rng.standard_normal(len(fraction))
            axes = {"distance [m]": begin + fraction * length}
            pictures.append(
                Picture(site=Site(vessel=vessel), kind="pull_back", axes=axes, values=pressure + noise, unit="pressure",
                        posture=self.posture)
            )  # fmt: skip
            begin += length
        return pictures

    def _tightness(self, patient: Patient, vessel: str) -> str:
        lumen = seen_along(patient, vessel, self.posture)
        least = int(np.argmin(lumen.area))
        share = math.pi / 4.0 * (self.catheter * FRENCH) ** 2 / lumen.area[least]
        if share < TIGHT:
            return ""
        where = Site(vessel=vessel, fraction=round(float(lumen.fraction[least]), 2))
        return f"the catheter fits tightly in {where}: the gradient there is read too high, which is not modelled"

    def _protocol(self) -> dict[str, str | float]:
        return {
            "state": "general anaesthesia" if self.anaesthesia else "awake",
            "posture": self.posture,
            "catheter [Fr]": self.catheter,
            "averaged over [s]": self.averaged,
            "zero error, shared by all readings [Pa]": 0.0 if self.exact else self.zero_error,
            "reading error [Pa]": 0.0 if self.exact else self.reading_error,
        }


def _needed(body: Body, pull_backs: tuple[tuple[str, ...], ...], sites: tuple[Site, ...]) -> list[tuple[str, ...]]:
    """The pull-backs on which a site lies that is on no other, or the first on which one lies at all."""
    known, wanted = body.lengths, {site.vessel for site in sites}
    possible = [path for path in pull_backs if all(vessel in known for vessel in path)]
    own = [path for path in possible if wanted & (set(path) - SHARED)]
    return own or [path for path in possible if wanted & set(path)][:1]
