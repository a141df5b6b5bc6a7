"""A projection image: what contrast in the vessels takes from a beam, seen from in front, vessels where they are drawn.

A lumen with half axes a (across the image) and b (along the beam) is 2 b sqrt(1 - (d/a)^2) thick at the distance d
from its middle, and a pixel takes the share 1 - exp(-mu c thickness) from the beam. The places are those of the
body's own picture; bones are subtracted, as in digital subtraction. Where two vessels lie over each other the darker
one is shown, not their sum, so that a junction, where the ends of vessels overlap, is no darker than they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from azygos.body.body import Body
from azygos.body.network import Vessel
from azygos.body.rows import places as reference_places
from azygos.body.rows import table
from azygos.instruments.contrast import Passage
from azygos.instruments.instrument import Patient
from azygos.instruments.lumen import seen_along
from azygos.instruments.shape import half_axes
from azygos.units import cm, mm

__all__ = ["Screen", "project"]

Floats = NDArray[np.float64]
Points = NDArray[np.float64]  # (n, 2): x to the patient's left, y up [m]

ATTENUATION = 1.0  # mu, of iodine [m2/kg]: 10 cm2/g, for the beam of a tube at 70 kV. assumed
FAINT = 0.5  # concentration of iodine [kg/m3] below which nothing is drawn
CORNERS = 3  # rounds of cutting a way's corners
MIDLINE = 1.0 * cm
SPACING = 0.4 * mm  # between the places along a vessel at which the image knows it


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """The field of view, seen from in front, and its pixels."""

    x: tuple[float, float] = (-11.0 * cm, 11.0 * cm)  # head, neck and upper chest; x to the patient's left
    y: tuple[float, float] = (-8.0 * cm, 42.0 * cm)  # above the right atrium
    pixel: float = 0.8 * mm  # assumed

    @property
    def columns(self) -> Floats:
        return np.arange(self.x[0] + 0.5 * self.pixel, self.x[1], self.pixel)

    @property
    def rows(self) -> Floats:
        return np.arange(self.y[0] + 0.5 * self.pixel, self.y[1], self.pixel)


def project(patient: Patient, passage: Passage, screen: Screen, posture: str = "supine") -> Floats:
    """The share of the beam that contrast takes, of shape (time, y, x)."""
    columns, rows = screen.columns, screen.rows
    mass = np.zeros((len(passage.time), len(rows), len(columns)))  # iodine along the beam [kg/m2]
    for vessel in patient.body.healthy.vessels:
        pieces = patient.body.pieces(vessel.name)
        if max(float(passage.along[piece.name].max()) for piece in pieces) < FAINT:
            continue
        count = max(2, round(vessel.length / SPACING))
        fraction = (np.arange(count) + 0.5) / count
        contrast = np.concatenate(
            [
                _sampled(passage.along[piece.name], (fraction[inside] - piece.start) / (piece.end - piece.start))
                for piece in pieces
                for inside in [(fraction >= piece.start) & (fraction < piece.end)]
            ],
            axis=1,
        )
        points = _points(_way(patient.body, vessel.name), fraction)
        _lay(mass, screen, points, _axes(patient, vessel.name, fraction, posture), contrast)
    return np.asarray(1.0 - np.exp(-ATTENUATION * mass))


def _sampled(along: Floats, place: Floats) -> Floats:
    """Concentrations (time, cell) at fractions of their piece, linear between the cells' middles."""
    middles = (np.arange(along.shape[1]) + 0.5) / along.shape[1]
    return np.stack([np.interp(place, middles, row) for row in along])


def _axes(patient: Patient, vessel: str, fraction: Floats, posture: str) -> tuple[Floats, Floats]:
    lumen = seen_along(patient, vessel, posture)
    area, reference = (np.interp(fraction, lumen.fraction, values) for values in (lumen.area, lumen.reference))
    return half_axes(area, reference)


def _lay(mass: Floats, screen: Screen, points: Points, axes: tuple[Floats, Floats], contrast: Floats) -> None:
    """Lays one vessel over: each pixel near it has the thickness of the vessel's nearest place."""
    from scipy.spatial import cKDTree

    across = np.maximum(axes[0], 0.5 * screen.pixel)  # a finer vessel darkens its pixel less, and is not lost
    depth = axes[1] * axes[0] / across
    reach = float(across.max())
    columns = np.flatnonzero(_near(screen.columns, points[:, 0], reach))
    rows = np.flatnonzero(_near(screen.rows, points[:, 1], reach))
    if not len(columns) or not len(rows):
        return
    row, column = (grid.ravel() for grid in np.meshgrid(rows, columns, indexing="ij"))
    pixels = np.column_stack([screen.columns[column], screen.rows[row]])
    found = cKDTree(points).query(pixels, distance_upper_bound=reach)
    distance, nearest = np.asarray(found[0]), np.asarray(found[1])
    met = np.flatnonzero(np.isfinite(distance))
    place = nearest[met]
    depth_there = 2.0 * depth[place] * np.sqrt(np.maximum(0.0, 1.0 - (distance[met] / across[place]) ** 2))
    there = (slice(None), row[met], column[met])
    mass[there] = np.maximum(mass[there], contrast[:, place] * depth_there)


def _near(values: Floats, points: Floats, reach: float) -> NDArray[np.bool_]:
    return np.asarray((values > points.min() - reach) & (values < points.max() + reach))


# ---------------------------------------------------------------------------------------------------------------
# where a vessel is drawn


def _way(body: Body, vessel: str) -> Points:
    """A vessel's way through the points of its table, corners cut (Chaikin 1974); straight where there are none."""
    known = reference_places()
    part = body.healthy.vessel(vessel)
    start, end = np.array(body.places[part.start]), np.array(body.places[part.end])
    between = _way_points(vessel, part, known)
    if part.start not in known or part.end not in known or not len(between):
        return np.vstack([start, end])
    share = np.linspace(0.0, 1.0, len(between) + 2)[1:-1, None]
    moved = between + (1.0 - share) * (start - known[part.start]) + share * (end - known[part.end])
    way = np.vstack([start, moved, end])
    for _ in range(CORNERS):
        near, far = 0.75 * way[:-1] + 0.25 * way[1:], 0.25 * way[:-1] + 0.75 * way[1:]
        way = np.vstack([start, np.stack([near, far], axis=1).reshape(-1, 2)[1:-1], end])
    return way


def _way_points(vessel: str, part: Vessel, known: Mapping[str, tuple[float, float]]) -> Points:
    """The table's way points; a right vessel that mirrors its left fellow and has none of its own has the fellow's."""
    fellow = f"{vessel.removesuffix('_r')}_l"
    for name, side in ((vessel, 1.0), (fellow, -1.0)):
        rows = [(side * float(row["x_cm"]), float(row["y_cm"])) for row in table("routes") if row["vessel"] == name]
        if rows and (name == vessel or (vessel.endswith("_r") and _is_mirrored(part, known))):
            return np.array(rows) * cm
    return np.empty((0, 2))


def _is_mirrored(part: Vessel, known: Mapping[str, tuple[float, float]]) -> bool:
    """Whether both ends are right ones or in the midline."""
    return all(node.endswith("_r") or abs(known[node][0]) < MIDLINE for node in (part.start, part.end) if node in known)


def _points(way: Points, fraction: Floats) -> Points:
    """The points at fractions of a way's length."""
    steps = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(way, axis=0), axis=1))])
    along = fraction * steps[-1]
    return np.column_stack([np.interp(along, steps, way[:, 0]), np.interp(along, steps, way[:, 1])])
