"""Magnetic resonance imaging: flow through planes by phase contrast, with the cardiac cycle (two-dimensional cine).

What a pixel shows is the phase of the mean of the signals in it, S = sum m exp(i pi v / venc): blood that moves, and
at the rim of the lumen tissue that rests, with a weaker signal. So velocities beyond the encoding velocity fold, a rim
is lost or won (partial volume), and a lumen of few pixels is measured badly. The velocity profile is
v = u (gamma + 2) / gamma (1 - r^gamma). To that come the errors between one examination and the next.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from azygos.body.network import Vessel
from azygos.body.parts import SKULL
from azygos.instruments.instrument import AbstractInstrument, Patient
from azygos.instruments.lumen import reference_area
from azygos.instruments.recording import Picture, Reading, Recording, Site
from azygos.instruments.shape import half_axes
from azygos.units import cm, mm, second

__all__ = ["Mri"]

Floats = NDArray[np.float64]

FLOW_CV = 0.08  # of mean flow in the neck and chest, one examination to the next; assumed, see docs/instruments.md
# In the skull the test-retest ICC of mean flow is .711 (median, 2D; Front Psychol 2023, 1125038). A person's inflow to
# the brain is 703 +- 115 mL/min (WP217, n = 263), 16.4 %; 0.164 sqrt(1 / .711 - 1) = 0.105.
FLOW_CV_SKULL = 0.105
# ICC of area .80 to .96 (PMC3644311). With areas of people that differ by 40 % (1 SD, assumed), 15 % gives .88.
AREA_CV = 0.15
BACKGROUND = 0.1 * cm / second  # velocity of tissue at rest that is left after correction, 1 SD. assumed
VENC = 0.8  # [m/s]. assumed, for veins
PIXEL = 0.6 * mm  # side. assumed
FRAMES = 32  # of a beat. assumed
TISSUE = 0.4  # signal of tissue, that of flowing blood being 1. assumed
FINER = 4  # parts of a pixel's side that are summed
WITHIN = 16  # instants of a frame that are averaged
FEWEST = 4  # pixels in a lumen; what has fewer is not seen. assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Mri(AbstractInstrument):
    """Two-dimensional cine phase contrast, supine; readings `area` and `flow`, pictures `flow_curve`."""

    exact: bool = False  # neither pixels nor errors
    flow_cv: float = FLOW_CV
    flow_cv_skull: float = FLOW_CV_SKULL
    area_cv: float = AREA_CV
    background: float = BACKGROUND  # 1 SD [m/s]
    venc: float = VENC  # [m/s]
    pixel: float = PIXEL  # [m]
    frames: int = FRAMES

    def examine(self, patient: Patient, sites: tuple[Site, ...], rng: Generator) -> Recording:
        readings: list[Reading] = []
        pictures: list[Picture] = []
        remarks: list[str] = []
        for site in sites:
            luck = rng.standard_normal(3)  # drawn whether the vein is seen or not, so that the next site has its own
            centre = rng.random(2) - 0.5
            time, flow, area = self._frames(patient, site)
            if not self.exact:
                seen = self._pixels(patient, site, flow, area, centre)
                if seen is None:
                    remarks.append(f"{site}: too small to be seen")
                    continue
                flow, area, folded = seen
                if folded:
                    remarks.append(f"{site}: velocities beyond {self.venc / (cm / second):g} cm/s are folded")
            rate, size = self._errors(patient, site, luck)
            flow, area = rate * flow + (0.0 if self.exact else self.background * luck[2]) * area, size * area
            readings += self._read(patient, site, flow, area)
            axes = {"time [s]": time}
            pictures.append(Picture(site=site, kind="flow_curve", axes=axes, values=flow, unit="flow"))
        return Recording(
            instrument="mri",
            protocol=self._protocol(),
            readings=tuple(readings),
            pictures=tuple(pictures),
            remarks=tuple(remarks),
        )

    def _frames(self, patient: Patient, site: Site) -> tuple[Floats, Floats, Floats]:
        """Middle of each frame [s], flow [m3/s] and area [m2] averaged over it and over all beats."""
        network = patient.solutions["supine"].network
        instants = (np.arange(network.beats * self.frames * WITHIN) + 0.5) * network.period
        instants = instants / (network.beats * self.frames * WITHIN)
        time = patient.time("supine")
        found = [
            np.interp(instants, time - time[0], patient.at(quantity, site), period=network.period)
            .reshape(network.beats, self.frames, WITHIN)
            .mean(axis=(0, 2))
            for quantity in ("flow", "area")
        ]
        beat = network.period / network.beats
        return (np.arange(self.frames) + 0.5) * beat / self.frames, found[0], found[1]

    def _pixels(
        self, patient: Patient, site: Site, flow: Floats, area: Floats, centre: Floats
    ) -> tuple[Floats, Floats, bool] | None:
        """Flow and area as the pixels show them, and whether velocities folded; None if the lumen is too small.

        The lumen is outlined once, at its mean area: where blood fills more than half a pixel. `centre` is where its
        middle lies in a pixel.
        """
        part = _part(patient, site)
        place = patient.body.site(site.vessel, site.fraction).fraction
        mean = float(np.mean(area))
        long, short = half_axes(mean, reference_area(part, np.array(place)))
        blood, shape = _grid(float(long) / self.pixel, float(short) / self.pixel, centre, part.profile)
        filled = blood.mean(axis=-1)
        if np.sum(filled > 0.5) < FEWEST:
            return None
        peak = (part.profile + 2.0) / part.profile * np.max(np.abs(flow)) / mean
        speed = flow / mean / self.venc
        rim = (filled > 0.5) & (filled < 1.0)
        seen = _velocity(blood[rim], shape[rim], speed) + _velocity(None, shape[filled == 1.0], speed)
        outlined = float(np.sum(filled > 0.5)) * self.pixel**2
        return seen * self.venc * self.pixel**2, area * outlined / mean, bool(peak > self.venc)

    def _errors(self, patient: Patient, site: Site, luck: Floats) -> tuple[float, float]:
        """What flow and area are multiplied by."""
        if self.exact:
            return 1.0, 1.0
        return 1.0 + self._flow_cv(patient, site) * luck[0], max(0.0, 1.0 + self.area_cv * luck[1])

    def _flow_cv(self, patient: Patient, site: Site) -> float:
        in_skull = patient.body.kinds.get(site.vessel) == "sinus" or _part(patient, site).around == SKULL
        return self.flow_cv_skull if in_skull else self.flow_cv

    def _read(self, patient: Patient, site: Site, flow: Floats, area: Floats) -> tuple[Reading, Reading]:
        rate, size = float(np.mean(flow)), float(np.mean(area))
        off = 0.0 if self.exact else float(np.hypot(self._flow_cv(patient, site) * rate, self.background * size))
        wide = 0.0 if self.exact else self.area_cv * size
        return (
            Reading(site=site, quantity="flow", unit="flow", value=rate, error=off),
            Reading(site=site, quantity="area", unit="area", value=size, error=wide),
        )

    def _protocol(self) -> dict[str, str | float]:
        kind = "2D cine phase contrast, through plane"
        return {"kind": kind, "venc [m/s]": self.venc, "pixel [m]": self.pixel, "frames of a beat": self.frames}


def _part(patient: Patient, site: Site) -> Vessel:
    return patient.body.network.vessel(patient.body.site(site.vessel, site.fraction).vessel)


def _grid(long: float, short: float, centre: Floats, profile: float) -> tuple[Floats, Floats]:
    """Of the pixels on an ellipse: blood (0 or 1) and velocity over its mean, at the parts of each; (pixels, parts).

    Half axes and centre in pixels.
    """
    counts = [int(np.ceil(half)) + 1 for half in (long, short)]
    fine = [(np.arange(2 * count * FINER) + 0.5) / FINER - count - at for count, at in zip(counts, centre, strict=True)]
    radius = np.hypot(fine[0][:, None] / long, fine[1][None, :] / short)
    shape = np.where(radius < 1.0, (profile + 2.0) / profile * (1.0 - np.minimum(radius, 1.0) ** profile), 0.0)

    def parts(values: Floats) -> Floats:
        boxes = values.reshape(2 * counts[0], FINER, 2 * counts[1], FINER).swapaxes(1, 2)
        return np.asarray(boxes.reshape(4 * counts[0] * counts[1], FINER**2))

    return parts((radius < 1.0).astype(float)), parts(shape)


def _velocity(blood: Floats | None, shape: Floats, speed: Floats) -> Floats:
    """The sum of the pixels' velocities over the encoding velocity, for each mean velocity over it.

    Where all of a pixel is blood its velocities differ little, and the phase of their mean is taken.
    """
    if blood is None:
        phase = np.pi * speed[:, None] * shape.mean(axis=-1)
        return np.asarray(np.angle(np.exp(1j * phase)).sum(axis=1) / np.pi)
    signal = blood * np.exp(1j * np.pi * speed[:, None, None] * shape) + (1.0 - blood) * TISSUE
    return np.asarray(np.angle(signal.mean(axis=-1)).sum(axis=1) / np.pi)
