"""The lumen along a vessel, as an instrument meets it: its area, and its form where a vein collapses."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import Vessel
from azygos.body.wall import VeinWall
from azygos.engine.solution import Solution
from azygos.instruments.instrument import Patient
from azygos.instruments.shape import half_axes
from azygos.units import mm

__all__ = ["INSIDE", "Lumen", "mean_along", "places_along", "reference_area", "seen_along", "station_means"]

Floats = NDArray[np.float64]

STEP = 0.5 * mm  # between the places at which a vessel is looked at; no lesion is shorter
INSIDE = ("web", "valve", "thrombus")  # kinds of lesion that lie within a vein of usual calibre


@dataclass(frozen=True, slots=True, kw_only=True)
class Lumen:
    """One vessel's lumen, averaged over the beat; arrays over `fraction`."""

    vessel: str
    length: float  # [m]
    fraction: Floats
    area: Floats  # [m2]
    reference: Floats  # area of the wall when neither full nor slack [m2]; 0 where it does not flatten

    def width(self, angle: float) -> Floats:
        """Its calibre [m] in a projection: seen from in front at 0, from the side at pi/2.

        w = 2 sqrt(a^2 cos^2 + b^2 sin^2)
        """
        long, short = half_axes(self.area, self.reference)
        return np.asarray(2.0 * np.sqrt((long * np.cos(angle)) ** 2 + (short * np.sin(angle)) ** 2))

    def overlooking(self, spans: list[tuple[float, float]]) -> "Lumen":
        """The lumen of one who overlooks what lies within these spans: there as the vessel just beside them."""
        area, reference = self.area.copy(), self.reference.copy()
        for start, end in spans:
            hidden = (self.fraction >= start - 1e-9) & (self.fraction <= end + 1e-9)
            if not hidden.all():
                for values in (area, reference):
                    values[hidden] = np.interp(self.fraction[hidden], self.fraction[~hidden], values[~hidden])
        return replace(self, area=area, reference=reference)


def places_along(length: float, step: float = STEP) -> Floats:
    """Fractions of a vessel of `length` [m], no farther than `step` [m] apart, both ends included."""
    return np.linspace(0.0, 1.0, max(2, int(np.ceil(length / step - 1e-9)) + 1))


def mean_along(patient: Patient, quantity: str, vessel: str, fraction: Floats, posture: str = "supine") -> Floats:
    """Mean over the kept time of a quantity [SI] at many places of a vessel, lesions and all."""
    solution = patient.solutions[posture]
    means = station_means(solution, quantity)
    found = np.empty(len(fraction))
    for inside, part, place in _by_piece(patient, vessel, fraction):
        if part not in means:
            solution.at(quantity, part)  # which says what is wrong
        found[inside] = np.interp(place, solution.keep.stations, means[part])
    return found


def station_means(solution: Solution, quantity: str) -> Mapping[str, Floats]:
    """Mean over the kept time of a quantity [SI] of every vessel kept, at the stations kept."""
    return solution.station_means[quantity]


def seen_along(patient: Patient, vessel: str, posture: str = "supine", step: float = STEP) -> Lumen:
    """The whole lumen of a vessel. Raises InputError for one that the body has not."""
    patient.body.pieces(vessel)
    length = patient.body.lengths[vessel]
    fraction = places_along(length, step)
    area = mean_along(patient, "area", vessel, fraction, posture)
    reference = np.empty(len(fraction))
    parts = {part.name: part for part in patient.body.network.vessels}
    for inside, name, place in _by_piece(patient, vessel, fraction):
        reference[inside] = reference_area(parts[name], place)
    return Lumen(vessel=vessel, length=length, fraction=fraction, area=area, reference=reference)


def reference_area(part: Vessel, place: Floats) -> Floats:
    """Reference area [m2] of a vein at fractions of it; 0 of a vessel that does not flatten."""
    start, end = part.radius
    radius = start + (end - start) * place if isinstance(part.wall, VeinWall) else np.zeros_like(place)
    return np.asarray(np.pi * radius**2)


def _by_piece(patient: Patient, vessel: str, fraction: Floats) -> list[tuple[NDArray[np.bool_], str, Floats]]:
    """Of every piece of a vessel: which of the places lie in it, its name, and those places as fractions of it."""
    found, start = [], -np.inf
    for piece in patient.body.pieces(vessel):
        end = np.inf if piece.end == 1.0 else piece.end
        inside = (fraction > start) & (fraction <= end)
        place = np.clip((fraction[inside] - piece.start) / (piece.end - piece.start), 0.0, 1.0)
        found.append((inside, piece.name, place))
        start = end
    return found
