"""Calibre along a vessel: what is perceived of it, where it is measured, and where it is narrowest."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from azygos.instruments.instrument import Patient
from azygos.instruments.lumen import INSIDE, Lumen, seen_along
from azygos.instruments.recording import Picture, Reading, Site
from azygos.units import cm, mm

__all__ = ["Profile", "narrowest", "perceived", "shares_missing", "vessels_of"]

Floats = NDArray[np.float64]

EVERY = 1.0 * cm  # between the places that are measured
END = 3.0 * mm  # of a vessel, beyond which there is too little to compare with
BESIDE = 5.0 * cm  # how far it is compared there
SMALLEST = 1e-12  # so that where nothing is seen nothing is missing
KNOTS = 41  # of a vessel, through which its taper is laid
OTHERS = ~np.eye(KNOTS, dtype=bool)  # of every knot all but itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A measure of calibre, free of error, along a vessel: a width or an area, as each view shows it."""

    lumen: Lumen
    views: Mapping[str, Floats]  # what a finding calls the view -> the calibre in it
    quantity: str  # diameter or area
    unit: str  # length or area
    posture: str

    def measured(
        self, sites: tuple[Site, ...], error: tuple[float, float], narrowing_error: float, rng: Generator
    ) -> tuple[list[Reading], Picture]:
        """The narrowing where most is seen, the calibre there, every centimetre and at the sites; the course seen.

        A calibre v is off by hypot(e0, e1 v), 1 SD, with `error` = (e0, e1), at each place on its own; between two
        places the error changes along a line. On this course the narrowest place and the view that shows it are
        chosen: who looks does not know where the vessel is narrowest. The narrowing there is measured by itself, from
        0 to 1, so that a place chosen for an error of its calibre does not look narrow twice.
        """
        fraction, places = self.lumen.fraction, self._places(sites)
        distance = fraction * self.lumen.length
        courses = {}
        for view, values in self.views.items():
            off = np.interp(fraction, places, rng.standard_normal(len(places)))
            courses[view] = np.maximum(0.0, values + np.hypot(error[0], error[1] * values) * off)
        seen = {view: narrowest(course, distance) for view, course in courses.items()}
        view = max(seen, key=lambda view: seen[view][1])
        index, course = seen[view][0], courses[view]
        lucky = narrowing_error * rng.standard_normal()
        value = float(np.clip(shares_missing(self.views[view], distance)[index] + lucky, 0.0, 1.0))
        found = [self._reading(float(fraction[index]), "narrowing", "number", value, narrowing_error, view)]
        for place in sorted({*places, float(fraction[index])}):
            read = float(np.interp(place, fraction, course))
            sigma = float(np.hypot(error[0], error[1] * read))  # as the examiner knows it
            found.append(self._reading(place, self.quantity, self.unit, read, sigma, view))
        return found, self._picture(course)

    def _picture(self, course: Floats) -> Picture:
        axes = {"distance [m]": self.lumen.fraction * self.lumen.length}
        site = Site(vessel=self.lumen.vessel)
        return Picture(site=site, kind="calibre", axes=axes, values=course, unit=self.unit, posture=self.posture)

    def _places(self, sites: tuple[Site, ...]) -> list[float]:
        count = max(4, round(self.lumen.length / EVERY))
        chosen = [site.fraction for site in sites if site.vessel == self.lumen.vessel]
        return sorted({*np.round(np.linspace(0.0, 1.0, count + 1), 6).tolist(), *chosen})

    def _reading(self, place: float, quantity: str, unit: str, value: float, error: float, view: str) -> Reading:
        site = Site(vessel=self.lumen.vessel, fraction=place)
        return Reading(
            site=site, quantity=quantity, unit=unit, value=value, error=error, posture=self.posture, remark=view
        )


def narrowest(values: Floats, distance: Floats) -> tuple[int, float]:
    """Where a vessel is narrowest against its neighbourhood, and the share of the usual calibre missing there."""
    share = shares_missing(values, distance)
    index = int(np.argmax(share))
    return index, float(share[index])


def shares_missing(values: Floats, distance: Floats) -> Floats:
    """The share of the usual calibre that is missing at every place [m] of a vessel.

    The usual calibre is the lesser of the widest upstream and the widest downstream in this vessel, so that a vessel
    that tapers is nowhere narrow; at its ends it is the widest within 5 cm on the side that goes on, or what the
    vessel's taper leaves there where that is less.
    """
    usual = np.minimum(np.maximum.accumulate(values), np.maximum.accumulate(values[::-1])[::-1])
    whole, taper = distance[-1], np.maximum(_taper(values, distance), usual)
    for end, beside in ((distance < END, distance < BESIDE), (distance > whole - END, distance > whole - BESIDE)):
        usual[end] = np.minimum(np.max(values[beside]), taper[end])
    return np.asarray(1.0 - values / np.maximum(usual, SMALLEST))


def _taper(values: Floats, distance: Floats) -> Floats:
    """The line through a vessel's calibre: the slope of repeated medians (Siegel 1982), which a lesion of less than
    half of the vessel does not turn."""
    knots = np.linspace(0.0, distance[-1], KNOTS)
    at = np.interp(knots, distance, values)
    slopes = (at[:, None] - at[None, :])[OTHERS] / (knots[:, None] - knots[None, :])[OTHERS]
    slope = float(np.median(np.median(slopes.reshape(KNOTS, KNOTS - 1), axis=1)))
    return np.asarray(np.median(at - slope * knots) + slope * distance)


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
