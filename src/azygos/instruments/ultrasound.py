"""Duplex ultrasound of the veins: B-mode areas and spectral Doppler, lying and sitting.

What is read at a site, in every posture: `area` (traced section, mean over the recording), `time_averaged_velocity`
(mean over lumen and time; positive in the vessel's direction), `peak_velocity` (the fastest in the spectrum),
`flow` (by the traced area, or the machine's by a diameter) and `reflux_time`: the longest uninterrupted time of reverse
mean velocity, in the recording as it is: over a breath where the patient breathes, at rest (held breath) over a beat,
through a manoeuvre where the solution follows one. It is no more than the strip.

Flow by area times velocity leaves out that both pulse together; that is the method, not an error, and `exact` keeps it.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from azygos.instruments.b_mode import section
from azygos.instruments.doppler import Doppler, longest_reverse
from azygos.instruments.instrument import AbstractInstrument, Patient
from azygos.instruments.lumen import INSIDE, reference_area
from azygos.instruments.recording import Picture, Reading, Recording, Site
from azygos.instruments.shape import Ellipse
from azygos.rng import stream
from azygos.units import degree

__all__ = ["SITES", "Ultrasound"]

Floats = NDArray[np.float64]
Span: TypeAlias = tuple[str, float, float]  # vessel, start and end as fractions of it

J3, J2, J1 = 0.1, 0.5, 0.9  # of the internal jugular vein, from the skull down: the usual three landmarks
DEEP_CEREBRAL = ("internal_cerebral_vein", "basal_vein", "great_cerebral_vein")  # seen through the temporal bone
SITES = (
    *(Site(vessel=f"ijv_{side}", fraction=place) for side in "rl" for place in (J3, J2, J1)),
    *(Site(vessel=f"vertebral_vein_{side}", fraction=0.5) for side in "rl"),
    *(Site(vessel=f"{vein}_{side}") for vein in DEEP_CEREBRAL[:2] for side in "rl"),
    Site(vessel="great_cerebral_vein"),
)
# Behind bone or lung: no window from outside.
HIDDEN = (
    "sss_", "inferior_sagittal", "occipital_sinus", "sigmoid_sinus", "cavernous", "marginal_sinus", "condylar",
    "superior_petrosal", "inferior_petrosal", "vertebral_plexus", "svc_", "azygos", "hemiazygos", "accessory_hemi",
    "coronary_sinus", "left_superior_intercostal", "ascending_lumbar", "reno_azygos",
)  # fmt: skip
INSIDE_SKULL = (*DEEP_CEREBRAL, "straight_sinus", "transverse_sinus", "superior_cerebral", "superficial_middle")
# Of the machine's flow, one for each side: so that with the shape of a vein at rest that flow is on the average half of
# that by the traced area, as measured ("almost two-fold", PMC6026550). Its width is an engineering choice. assumed
SIDE_BIAS = (0.4, 1.0)
SEEN = 0.88  # of the lesions within jugular veins that IVUS recorded (accuracy; Scalise 2013, Phlebology)
SWEEP = tuple(i / 20 for i in range(1, 20))  # places that are passed, with the middles of lesions
NOTICED = 0.75  # of the smallest section at the usual sites: what is smaller strikes the eye. assumed
ASIDE = 1e-6  # of a vessel's length, beyond the end of what is overlooked
COLUMNS = 250  # of the picture of a spectrum


@dataclass(frozen=True, slots=True, kw_only=True)
class Ultrasound(AbstractInstrument):
    """Errors are engineering choices near the published repeatability of trained examiners; all assumed.

    The velocity's error is that of the angle's mark, tan(angle) `angle_sd`, and as much besides as makes
    `velocity_cv`. Both errors are lognormal factors of mean 1, anew at every reading.
    """

    exact: bool = False
    area_cv: float = 0.20  # of a traced area. assumed
    velocity_cv: float = 0.15  # of a time-averaged velocity, the angle's error included. assumed
    angle_sd: float = 3.0 * degree  # assumed
    reflux_sd: float = 0.1  # [s]. assumed
    seen: float = SEEN  # chance that what lies within a lumen is seen; else it looks like the vein just upstream of it
    area_bias: float = 1.0  # of every traced area; 1: none
    is_traced: bool = True  # flow by the traced area; else the machine's, by the short diameter of a supposed circle
    strip: float = 4.0  # seconds of a spectrum, as PMC6026550 averaged
    postures: tuple[str, ...] = ("supine", "upright")  # the patient's solutions that are looked at
    doppler: Doppler = field(default_factory=Doppler)
    sweeps: bool = True  # along a vein of several sites, and looks where it is much narrower than at these
    pictures: bool = True
    pictured: tuple[str, ...] | None = None  # the vessels of which there are pictures; None: all that are looked at

    def examine(self, patient: Patient, sites: tuple[Site, ...], rng: Generator) -> Recording:
        """One examination. A site's readings do not depend on which others are looked at."""
        seed = int(rng.integers(2**63))
        own = replace(self, doppler=self.doppler.exact, area_bias=1.0, seen=1.0) if self.exact else self
        readings: list[Reading] = []
        pictures: list[Picture] = []
        seen = [site for site in sites if not site.vessel.startswith(HIDDEN)]
        inside, overlooked = own._within(patient, seen, seed)
        seen += self._tight_places(patient, seen, overlooked) if self.sweeps else ()
        for posture in self.postures:
            for site in seen if posture in patient.solutions else ():
                look = _Look.at(own, patient, site, _beside(site, overlooked), posture, seed)
                readings += look.readings()
                pictures += look.pictures() if self._shows(site) else ()
        hidden = dict.fromkeys(site.vessel for site in sites if site not in seen)
        missed = [posture for posture in self.postures if posture not in patient.solutions]
        return Recording(
            instrument="ultrasound",
            protocol=own._protocol(patient),
            readings=tuple(readings),
            pictures=tuple(pictures),
            remarks=(
                *(f"no window to the {vessel}" for vessel in hidden),
                *(f"not examined {posture}" for posture in missed),
                *(f"{site}: something within the lumen" for site in inside),
            ),
        )

    def _within(self, patient: Patient, sites: list[Site], seed: int) -> tuple[list[Site], list[Span]]:
        """Where something is seen within the lumen of a vein looked at; and from where to where it is overlooked."""
        seen, overlooked = [], []
        for lesion in sorted(patient.body.lesions, key=lambda lesion: (lesion.vessel, lesion.at)):
            if lesion.kind not in INSIDE or lesion.vessel not in {site.vessel for site in sites}:
                continue
            if stream(seed, "within", lesion.vessel, f"{lesion.at!r}").random() < self.seen:
                seen.append(Site(vessel=lesion.vessel, fraction=round(lesion.at, 2)))
            else:
                half = 0.5 * lesion.length / patient.body.lengths[lesion.vessel]
                overlooked.append((lesion.vessel, lesion.at - half, lesion.at + half))
        return seen, overlooked

    def _shows(self, site: Site) -> bool:
        return self.pictures and (self.pictured is None or site.vessel in self.pictured)

    def _tight_places(self, patient: Patient, sites: list[Site], overlooked: Iterable[Span]) -> Iterator[Site]:
        """Of each vein with several sites the narrowest place, where it is narrower than all of them by a quarter."""
        posture = next((posture for posture in self.postures if posture in patient.solutions), None)
        for vessel in dict.fromkeys(site.vessel for site in sites):
            known = [site for site in sites if site.vessel == vessel]
            if len(known) < 2 or posture is None:
                continue
            middles = {0.5 * (piece.start + piece.end) for piece in patient.body.pieces(vessel)}
            places = [Site(vessel=vessel, fraction=place) for place in sorted({*SWEEP, *middles})]
            shown = {site: _beside(site, overlooked) for site in (*known, *places)}
            areas = {site: float(np.mean(patient.at("area", place, posture))) for site, place in shown.items()}
            least = min(places, key=lambda site: areas[site])
            if areas[least] < NOTICED * min(areas[site] for site in known):
                yield least

    def _protocol(self, patient: Patient) -> dict[str, str | float]:
        examined = [posture for posture in self.postures if posture in patient.solutions]
        recorded = {f"recorded {posture} over [s]": float(patient.time(posture)[-1]) for posture in examined[:1]}
        return {
            "postures": ", ".join(examined),
            "flow by": "traced area" if self.is_traced else "the machine's diameter",
            "Doppler frequency [Hz]": self.doppler.frequency,
            "insonation angle [degrees]": round(self.doppler.angle / degree, 6),
            "wall filter [m/s]": round(self.doppler.slowest, 6),
            "strip [s]": self.strip,
            **recorded,
            "errors": "none" if self.exact else "as published or assumed",
        }

    def velocity_factor(self, angle: float, rest: float) -> float:
        """The error of a velocity from two standard normal numbers.

        cos(angle + slip) / cos(angle), times a lognormal factor of mean 1
        """
        if self.exact:
            return 1.0
        slip, mark = angle * self.angle_sd, self.doppler.angle
        return math.cos(mark + slip) / math.cos(mark) * _lognormal(rest, self._rest_cv)

    @property
    def _rest_cv(self) -> float:
        """What of the velocity's variation the angle does not explain.

        For a normal slip s of variance v: E cos(a + s) = cos(a) e^(-v/2), E cos^2(a + s) = (1 + cos(2a) e^(-2v)) / 2.
        """
        variance, mark = self.angle_sd**2, self.doppler.angle
        mean = math.cos(mark) * math.exp(-0.5 * variance)
        square = 0.5 * (1.0 + math.cos(2.0 * mark) * math.exp(-2.0 * variance))
        return math.sqrt(max((1.0 + self.velocity_cv**2) / (square / mean**2) - 1.0, 0.0))


def _beside(site: Site, spans: Iterable[Span]) -> Site:
    """The place itself, or that just upstream of the spans in which it lies; downstream where a vessel starts so."""
    along = sorted((start, end) for vessel, start, end in spans if vessel == site.vessel)
    at = site.fraction
    for start, end in reversed(along):
        at = start - ASIDE if start <= at <= end else at
    for start, end in along if at < 0.0 else ():
        at = end + ASIDE if start <= max(at, 0.0) <= end else at
    return replace(site, fraction=at)


def _lognormal(normal: float, cv: float) -> float:
    """A factor of mean 1 and coefficient of variation `cv` from a standard normal number."""
    variance = math.log1p(cv**2)
    return math.exp(math.sqrt(variance) * normal - 0.5 * variance)


@dataclass(frozen=True, kw_only=True)
class _Look:
    """One site in one posture, and what is there."""

    ultrasound: Ultrasound
    site: Site
    posture: str
    seed: int
    time: Floats  # [s], to the end of the period or the course
    is_periodic: bool
    velocity: Floats  # mean over the section, over time [m/s]
    area: float  # mean over time [m2]
    reference: float  # area when neither full nor slack [m2]; 0 of a vessel that does not flatten
    exponent: float  # of the velocity profile
    artery: float | None  # area of the artery beside it [m2]

    @classmethod
    def at(cls, ultrasound: Ultrasound, patient: Patient, site: Site, shown: Site, posture: str, seed: int) -> "_Look":
        """The look at `site`, where the vein looks as it is at `shown`."""
        place = patient.body.site(shown.vessel, shown.fraction)
        vessel = patient.body.network.vessel(place.vessel)
        solution = patient.solutions[posture]
        carotid = Site(vessel=f"common_carotid_{site.vessel[-1]}", fraction=0.7)
        has_artery = site.vessel.startswith("ijv_") and carotid.vessel in patient.body.lengths
        return cls(
            ultrasound=ultrasound,
            site=site,
            posture=posture,
            seed=seed,
            time=solution.time,
            is_periodic=float(solution.time[-1]) <= 1.001 * solution.network.period,
            velocity=patient.at("velocity", shown, posture),
            area=float(np.mean(patient.at("area", shown, posture))),
            reference=float(reference_area(vessel, np.array(place.fraction))),
            exponent=vessel.profile,
            artery=float(np.mean(patient.at("area", carotid, posture))) if has_artery else None,
        )

    @property
    def _is_through_bone(self) -> bool:
        return self.site.vessel.startswith(INSIDE_SKULL)

    @cached_property
    def _factors(self) -> tuple[float, float, float]:
        """What this look makes of every velocity and of every area, the same for readings and pictures; the draw of
        the reflux."""
        own = self.ultrasound
        angle, rest, trace, reflux = stream(self.seed, self.posture, str(self.site)).standard_normal(4)
        cv = 0.0 if own.exact else own.area_cv
        return own.velocity_factor(angle, rest), own.area_bias * _lognormal(trace, cv), float(reflux)

    @cached_property
    def _shown(self) -> Floats:
        """The section's mean velocity as this look shows it [m/s]."""
        return np.asarray(self._factors[0] * self.velocity)

    @cached_property
    def _heard(self) -> tuple[Floats, float]:
        return self.ultrasound.doppler.heard(self._shown, self.exponent)

    def _ellipse(self) -> Ellipse:
        """The section as this look shows it: its axes wrong by one factor."""
        true, scale = Ellipse.of(self.area, self.reference), math.sqrt(self._factors[1])
        return Ellipse(long=scale * true.long, short=scale * true.short)

    def readings(self) -> Iterator[Reading]:
        own = self.ultrasound
        layers, _ = self._heard
        velocity = float(np.mean(layers))
        widening = 1.0 + own.doppler.broadening()
        peak = widening * float(layers.flat[np.argmax(np.abs(layers))])
        cv = 0.0 if own.exact else own.velocity_cv
        yield self._reading("time_averaged_velocity", "speed", velocity, cv * abs(velocity))
        yield self._reading("peak_velocity", "speed", peak, cv * abs(peak))
        yield self._reflux()
        if not self._is_through_bone:
            yield from self._area_and_flow(velocity)

    def _area_and_flow(self, velocity: float) -> Iterator[Reading]:
        own = self.ultrasound
        cv, velocity_cv = (0.0, 0.0) if own.exact else (own.area_cv, own.velocity_cv)
        ellipse = self._ellipse()
        area = ellipse.area
        spread = math.sqrt((1.0 + cv**2) * (1.0 + velocity_cv**2) - 1.0)
        flow = area * velocity
        if not own.is_traced:
            flow = 0.25 * math.pi * ellipse.short**2 * velocity * self._side_bias()
            low, high = SIDE_BIAS
            bias_cv = 0.0 if own.exact else (high - low) / math.sqrt(12.0) / (0.5 * (low + high))
            spread = math.hypot(spread, bias_cv)
        yield self._reading("area", "area", area, cv * area)
        yield self._reading("flow", "flow", flow, spread * abs(flow))

    def _reflux(self) -> Reading:
        own = self.ultrasound
        step = float(self.time[-1]) / len(self.time)
        heard = longest_reverse(self._shown, step, beyond=own.doppler.slowest, is_periodic=self.is_periodic)
        error = 0.0 if own.exact else own.reflux_sd
        seen = min(heard, own.strip if self.is_periodic else float(self.time[-1]))
        # Where blood never turns none is read; where it does, no less than nothing.
        value = max(seen + error * self._factors[2], 0.0) if seen > 0.0 else 0.0
        return self._reading("reflux_time", "time", value, error)

    def _side_bias(self) -> float:
        """One for every side of a body in an examination."""
        if self.ultrasound.exact:
            return 1.0
        side = self.site.vessel.rpartition("_")[2]
        return float(stream(self.seed, "side", side).uniform(*SIDE_BIAS))

    def _reading(self, quantity: str, unit: str, value: float, error: float) -> Reading:
        return Reading(
            site=self.site, quantity=quantity, unit=unit, value=float(value), error=float(error), posture=self.posture
        )

    # -----------------------------------------------------------------------------------------------------------
    # pictures

    def pictures(self) -> Iterator[Picture]:
        """The spectrum and the section; through bone the spectrum in the first posture."""
        if not self._is_through_bone:
            yield self._spectrum()
            yield self._b_mode()
        elif self.posture == self.ultrasound.postures[0]:
            yield self._spectrum()

    def _spectrum(self) -> Picture:
        """The spectrum over the strip, a periodic course repeated."""
        own = self.ultrasound
        rng = stream(self.seed, "spectrum", self.posture, str(self.site))
        layers, nyquist = self._heard
        length = own.strip if self.is_periodic else float(self.time[-1])
        at = np.arange(COLUMNS) * length / COLUMNS
        column = np.floor(at / self.time[-1] * len(self.time)).astype(int) % len(self.time)
        bins, grey = own.doppler.spectrum(layers[column], nyquist, rng)
        axes = {"time [s]": at, "velocity [m/s]": bins}
        return Picture(site=self.site, kind="spectrum", axes=axes, values=grey, unit="number", posture=self.posture)

    def _b_mode(self) -> Picture:
        own = self.ultrasound
        rng = stream(self.seed, "b_mode", self.posture, str(self.site))
        depth, lateral, grey = section(self._ellipse(), self.artery, rng, speckle=not own.exact)
        axes = {"depth [m]": depth, "lateral [m]": lateral}
        return Picture(site=self.site, kind="b_mode", axes=axes, values=grey, unit="number", posture=self.posture)
