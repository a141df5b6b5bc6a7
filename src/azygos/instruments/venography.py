"""Catheter venography, and ultrasound from within the vein (IVUS): calibre along a vessel, and its least.

Venography sees a width in a projection: a vein pressed flat may look wide from in front and narrow from the side. IVUS
sees the area. What lies inside a vein of usual calibre (a web, a stuck valve, a thrombus) may be overlooked, and then
the vein beside it seems to go on; what is in the wall or presses from outside shows by its calibre.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from azygos.instruments.calibre import Profile, perceived, vessels_of
from azygos.instruments.contrast import Injection, passage
from azygos.instruments.instrument import AbstractInstrument, Patient
from azygos.instruments.projection import Screen, project
from azygos.instruments.recording import Picture, Reading, Recording, Site
from azygos.instruments.shape import AT_REST
from azygos.units import degree, mm

__all__ = ["Ivus", "Venography"]

Floats = NDArray[np.float64]

# Of the lesions within jugular veins that IVUS recorded, venography in one plane detected 32 % and colour Doppler 88 %
# (accuracy; Scalise 2013, Phlebology). IVUS was the yardstick there, so its own share is not known: that it is no
# better than Doppler's is assumed.
SEEN_IN_A_PLANE = 0.32
SEEN_BY_IVUS = 0.88
# Venography read jugular veins 3.36 mm wider than IVUS (Scalise 2013), which is taken as the diameter of a circle of
# IVUS's area: assumed. Of a vein whose largest diameter is D = 15.5 mm (Tartiere 2009) the width from in front exceeds
# that by D (1 - sqrt(r)) = 2.44 mm, r its aspect at rest. The rest is an enlargement, which leaves a share of the
# calibre as it is. If IVUS's own largest diameter was meant, shape explains nothing, and this is 3.36 / 15.5.
ENLARGEMENT = 3.36 / 15.5 - (1.0 - math.sqrt(AT_REST))
SCALE_ERROR = 0.05  # of the enlargement, the same for all of an examination, 1 SD. assumed
NARROWING_ERROR = 0.10  # of diameter, 1 SD. assumed
# Calipers wrong by 0.10 x 12 mm / sqrt(1 + 0.5^2) each give those 10 points at half the calibre of a vein of 12 mm.
EDGE_ERROR = 1.07 * mm  # 1 SD. assumed
AREA_CV = 0.05  # of area by IVUS. assumed
AREA_NARROWING_ERROR = 0.05  # of area by IVUS, 1 SD. assumed
FRAMES = (0.6, 1.2, 2.0, 3.0, 4.5, 7.0)  # [s] after the injection begins. assumed
FRAME_NOISE = 0.012  # of the beam, 1 SD. assumed
GREYS = 255  # levels of the detector
VIEWS = {0.0: "seen from in front", 90.0: "seen from the side"}
NECK_AND_CHEST = Screen()

# Where contrast is injected to show which vessels: upstream of them. assumed
INJECTIONS = (
    (Site(vessel="sigmoid_sinus_r"), ("sigmoid_sinus_r", "ijv_r", "brachiocephalic_r")),
    (Site(vessel="sigmoid_sinus_l"), ("sigmoid_sinus_l", "ijv_l", "brachiocephalic_l")),
    (Site(vessel="sss_posterior", fraction=0.1), ("sss_posterior", "transverse_sinus_r", "transverse_sinus_l")),
    (Site(vessel="azygos", fraction=0.2), ("azygos",)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Venography(AbstractInstrument):
    """Readings `diameter` along the vessels of `sites` and `narrowing`, of diameter, where each is narrowest.

    Pictures: `venogram` (time, y, x), the share of the beam that contrast takes, seen from in front, a run for each
    injection; and `calibre` along each vessel.
    """

    exact: bool = False
    planes: tuple[float, ...] = (0.0,)  # [rad] from the frontal; a lateral one is pi / 2
    seen: float = SEEN_IN_A_PLANE  # in each plane on its own; that they do not depend on each other is assumed
    enlargement: float = ENLARGEMENT
    scale_error: float = SCALE_ERROR
    edge_error: float = EDGE_ERROR  # [m]
    narrowing_error: float = NARROWING_ERROR
    injections: tuple[Site, ...] | None = None  # None: upstream of what is looked at; (): no contrast pictures
    frames: tuple[float, ...] = FRAMES  # [s]
    screen: Screen = NECK_AND_CHEST
    posture: str = "supine"

    def examine(self, patient: Patient, sites: tuple[Site, ...], rng: Generator) -> Recording:
        luck = rng.standard_normal()
        scale = 1.0 if self.exact else (1.0 + self.enlargement) * (1.0 + self.scale_error * luck)
        chance = 1.0 if self.exact else 1.0 - (1.0 - self.seen) ** len(self.planes)
        error = (0.0, 0.0) if self.exact else (self.edge_error, 0.0)
        readings: list[Reading] = []
        calibres: list[Picture] = []
        remarks: list[str] = []
        for vessel in vessels_of(sites):
            profile, inside = self._profile(patient, vessel, scale, chance, rng)
            found, calibre = profile.measured(sites, error, 0.0 if self.exact else self.narrowing_error, rng)
            readings += found
            calibres.append(calibre)
            remarks += inside
        return Recording(
            instrument="venography",
            protocol=self._protocol(),
            readings=tuple(readings),
            pictures=(*self._venograms(patient, sites, rng), *calibres),
            remarks=("narrowing is of diameter", *remarks),
        )

    def _profile(
        self, patient: Patient, vessel: str, scale: float, chance: float, rng: Generator
    ) -> tuple[Profile, tuple[str, ...]]:
        """The width in every plane, and what was seen inside the vessel."""
        lumen, inside = perceived(patient, vessel, chance, rng, self.posture)
        views = {self._view(angle): scale * lumen.width(angle) for angle in self.planes}
        return Profile(lumen=lumen, views=views, quantity="diameter", unit="length", posture=self.posture), inside

    def _view(self, angle: float) -> str:
        """A plane by its name; nothing where it is the only one."""
        if len(self.planes) == 1:
            return ""
        return VIEWS.get(round(angle / degree, 6), f"seen at {angle / degree:g} degrees from the front")

    def _venograms(self, patient: Patient, sites: tuple[Site, ...], rng: Generator) -> list[Picture]:
        body, solution = patient.body, patient.solutions[self.posture]
        if not body.places:
            return []
        pictures = []
        for site in self._injections(patient, sites):
            at = body.site(site.vessel, site.fraction)
            run = passage(solution, Injection(vessel=at.vessel, fraction=at.fraction), np.array(self.frames))
            taken = project(patient, run, self.screen, self.posture)
            noise = 0.0 if self.exact else FRAME_NOISE * rng.standard_normal(taken.shape)
            grey = np.round(np.clip(taken + noise, 0.0, 1.0) * GREYS) / GREYS
            axes = {"time [s]": run.time, "y [m]": self.screen.rows, "x [m]": self.screen.columns}
            pictures.append(
                Picture(site=site, kind="venogram", axes=axes, values=grey, unit="number", posture=self.posture)
            )
        return pictures

    def _injections(self, patient: Patient, sites: tuple[Site, ...]) -> tuple[Site, ...]:
        if self.injections is not None:
            return self.injections
        wanted, known = set(vessels_of(sites)), patient.body.lengths
        return tuple(site for site, shown in INJECTIONS if site.vessel in known and wanted & set(shown))

    def _protocol(self) -> dict[str, str | float]:
        planes = {f"plane {i} from the frontal [deg]": angle / degree for i, angle in enumerate(self.planes, 1)}
        drug: dict[str, str | float] = {"contrast": "10 mL at 300 mg iodine/mL in 2 s, by hand through the catheter"}
        return {"posture": self.posture, **planes, **drug}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ivus(AbstractInstrument):
    """Readings `area` along the vessels of `sites` and `narrowing`, of area, where each is narrowest.

    The yardstick of the others: no bias of its own. So the -11.2 mm2 of Doppler against IVUS (Scalise 2013) is an
    error of Doppler's.
    """

    exact: bool = False
    seen: float = SEEN_BY_IVUS
    area_cv: float = AREA_CV
    narrowing_error: float = AREA_NARROWING_ERROR
    posture: str = "supine"

    def examine(self, patient: Patient, sites: tuple[Site, ...], rng: Generator) -> Recording:
        readings: list[Reading] = []
        pictures: list[Picture] = []
        remarks = ["narrowing is of area"]
        for vessel in vessels_of(sites):
            lumen, inside = perceived(patient, vessel, 1.0 if self.exact else self.seen, rng, self.posture)
            profile = Profile(lumen=lumen, views={"": lumen.area}, quantity="area", unit="area", posture=self.posture)
            error = (0.0, 0.0 if self.exact else self.area_cv)
            found, calibre = profile.measured(sites, error, 0.0 if self.exact else self.narrowing_error, rng)
            readings += found
            pictures.append(calibre)
            remarks += inside
        return Recording(
            instrument="ivus",
            protocol={"posture": self.posture, "probe": "in the vein, pulled back"},
            readings=tuple(readings),
            pictures=tuple(pictures),
            remarks=tuple(remarks),
        )
