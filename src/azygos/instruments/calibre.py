"""Calibre along a vessel: what is perceived of it, where it is measured, and where it is narrowest."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from azygos.instruments.instrument import Patient
from azygos.instruments.lumen import INSIDE, Lumen, seen_along
from azygos.instruments.recording import Picture, Reading, Site
from azygos.units import cm, mm

__all__ = ["Profile", "narrowest", "perceived", "vessels_of"]

Floats = NDArray[np.float64]

EVERY = 1.0 * cm  # between the places that are measured
END = 3.0 * mm  # of a vessel, beyond which there is too little to compare with
BESIDE = 5.0 * cm  # how far it is compared there


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A measure of calibre, free of error, along a vessel: a width or an area."""

    lumen: Lumen
    values: Floats
    quantity: str  # diameter or area
    unit: str  # length or area
    posture: str

    def measured(
        self, sites: tuple[Site, ...], error: tuple[float, float], narrowing_error: float, rng: Generator
    ) -> tuple[list[Reading], Picture]:
        """The narrowing where most, the calibre there, every centimetre and at the sites of this vessel; its course.

        A calibre v is off by hypot(e0, e1 v), 1 SD, with `error` = (e0, e1), at each place on its own; between two
        places the error changes along a line. A narrowing, measured by itself, reads from 0 to 1.
        """
        fraction = self.lumen.fraction
        index, share = narrowest(self.values, fraction * self.lumen.length)
        least, places = float(fraction[index]), self._places(sites)
        luck = rng.standard_normal(len(places) + 2)
        nodes = sorted((dict(zip(places, luck[2:], strict=True)) | {least: luck[1]}).items())
        off = np.interp(fraction, *np.array(nodes).T)
        course = np.maximum(0.0, self.values + np.hypot(error[0], error[1] * self.values) * off)
        value = float(np.clip(share + narrowing_error * luck[0], 0.0, 1.0))
        found = [self._reading(least, "narrowing", "number", value, narrowing_error)]
        for place, lucky in nodes:
            true = float(np.interp(place, fraction, self.values))
            sigma = float(np.hypot(error[0], error[1] * true))
            found.append(self._reading(place, self.quantity, self.unit, max(0.0, true + sigma * lucky), sigma))
        return found, self._picture(course)

    def _picture(self, course: Floats) -> Picture:
        axes = {"distance [m]": self.lumen.fraction * self.lumen.length}
        site = Site(vessel=self.lumen.vessel)
        return Picture(site=site, kind="calibre", axes=axes, values=course, unit=self.unit, posture=self.posture)

    def _places(self, sites: tuple[Site, ...]) -> list[float]:
        count = max(4, round(self.lumen.length / EVERY))
        chosen = [site.fraction for site in sites if site.vessel == self.lumen.vessel]
        return sorted({*np.round(np.linspace(0.0, 1.0, count + 1), 6).tolist(), *chosen})

    def _reading(self, place: float, quantity: str, unit: str, value: float, error: float) -> Reading:
        site = Site(vessel=self.lumen.vessel, fraction=place)
        return Reading(site=site, quantity=quantity, unit=unit, value=value, error=error, posture=self.posture)


def narrowest(values: Floats, distance: Floats) -> tuple[int, float]:
    """Where a vessel is narrowest against its neighbourhood, and the share of the usual calibre that is missing there.

    The usual calibre at a place is the lesser of the widest upstream and the widest downstream in this vessel, so that
    a vessel that tapers is nowhere narrow; at its ends it is the widest within 5 cm on the side that goes on.
    """
    usual = np.minimum(np.maximum.accumulate(values), np.maximum.accumulate(values[::-1])[::-1])
    whole = distance[-1]
    for end, beside in ((distance < END, distance < BESIDE), (distance > whole - END, distance > whole - BESIDE)):
        usual[end] = np.max(values[beside])
    share = 1.0 - values / usual
    index = int(np.argmax(share))
    return index, float(share[index])


def perceived(
    patient: Patient, vessel: str, chance: float, rng: Generator, posture: str
) -> tuple[Lumen, tuple[str, ...]]:
    """The lumen as it is perceived, and what is said of what was seen inside it.

    A lesion within the lumen is seen with `chance`; else the lumen seems to go on past it.
    """
    lumen = seen_along(patient, vessel, posture)
    hidden, remarks = [], []
    for lesion in sorted(patient.body.lesions, key=lambda lesion: lesion.at):
        if lesion.vessel != vessel or lesion.kind not in INSIDE:
            continue
        half = 0.5 * lesion.length / lumen.length
        if rng.random() < chance:
            remarks.append(f"{Site(vessel=vessel, fraction=round(lesion.at, 2))}: something within the lumen")
        else:
            hidden.append((lesion.at - half, lesion.at + half))
    return lumen.overlooking(hidden), tuple(remarks)


def vessels_of(sites: tuple[Site, ...]) -> tuple[str, ...]:
    """Every vessel that a site lies in, once, in the order of the sites."""
    return tuple(dict.fromkeys(site.vessel for site in sites))
