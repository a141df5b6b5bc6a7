"""The lumen along a vessel, as an instrument meets it: its area, and its form where a vein collapses.

A vein whose area is below its reference area keeps its circumference and flattens to an ellipse. With the
circumference taken as 2 pi sqrt((a^2 + b^2) / 2), half axes a and b and alpha = A / A0,

    a, b = R0 / sqrt(2) ( sqrt(1 + alpha) +- sqrt(1 - alpha) )

A vein wider than that, an artery, a sinus and a stented vein are round: real sinuses are triangular, and real veins
lie elliptical among their neighbours even when full. The long axis lies from side to side of the body: assumed.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import Vessel
from azygos.body.wall import VeinWall
from azygos.engine.solution import Solution
from azygos.instruments.instrument import Patient
from azygos.units import mm

__all__ = ["INSIDE", "Lumen", "half_axes", "mean_along", "places_along", "seen_along", "station_means"]

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
    round_area: Floats  # below which it is no longer round [m2]

    def width(self, angle: float) -> Floats:
        """Its calibre [m] in a projection: seen from in front at 0, from the side at pi/2.

        w = 2 sqrt(a^2 cos^2 + b^2 sin^2)
        """
        long, short = half_axes(self.area, self.round_area)
        return np.asarray(2.0 * np.sqrt((long * np.cos(angle)) ** 2 + (short * np.sin(angle)) ** 2))

    def overlooking(self, spans: list[tuple[float, float]]) -> "Lumen":
        """The lumen of one who overlooks what lies within these spans: there as the vessel just beside them."""
        area, full = self.area.copy(), self.round_area.copy()
        for start, end in spans:
            hidden = (self.fraction >= start - 1e-9) & (self.fraction <= end + 1e-9)
            if not hidden.all():
                for values in (area, full):
                    values[hidden] = np.interp(self.fraction[hidden], self.fraction[~hidden], values[~hidden])
        return replace(self, area=area, round_area=full)


def half_axes(area: Floats, round_area: Floats) -> tuple[Floats, Floats]:
    """Long and short half axis [m] of lumens of `area` [m2], round from `round_area` [m2] on."""
    share = np.minimum(area / round_area, 1.0)
    scale = np.sqrt(np.maximum(area, round_area) / np.pi / 2.0)
    # The product of the axes is exact to rounding as the difference of squares: a b = R0^2 alpha.
    return scale * (np.sqrt(1.0 + share) + np.sqrt(1.0 - share)), scale * (np.sqrt(1.0 + share) - np.sqrt(1.0 - share))


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


def station_means(solution: Solution, quantity: str) -> dict[str, Floats]:
    """Mean over the kept time of a quantity [SI] of every vessel kept, at the stations kept."""
    return dict(zip(solution.vessels, solution.values[quantity].mean(axis=-1), strict=True))


def seen_along(patient: Patient, vessel: str, posture: str = "supine", step: float = STEP) -> Lumen:
    """The whole lumen of a vessel. Raises InputError for one that the body has not."""
    patient.body.pieces(vessel)
    length = patient.body.lengths[vessel]
    fraction = places_along(length, step)
    area = mean_along(patient, "area", vessel, fraction, posture)
    full = area.copy()
    parts = {part.name: part for part in patient.body.network.vessels}
    for inside, name, place in _by_piece(patient, vessel, fraction):
        part = parts[name]
        if isinstance(part.wall, VeinWall):
            full[inside] = _reference_area(part, place)
    return Lumen(vessel=vessel, length=length, fraction=fraction, area=area, round_area=full)


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


def _reference_area(part: Vessel, place: Floats) -> Floats:
    start, end = part.radius
    return np.asarray(np.pi * (start + (end - start) * place) ** 2)
