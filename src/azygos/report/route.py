"""How a vessel runs on paper: smooth ways through the nodes, and ribbons as wide as the vessel."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import Vessel
from azygos.body.rows import places as reference_places
from azygos.body.rows import table
from azygos.units import cm

__all__ = ["Place", "Route", "cut", "place_on", "ribbon", "routes", "size_of", "smooth"]

Points: TypeAlias = NDArray[np.float64]  # of shape (n, 2), seen from in front: x to the patient's left, y up [cm]
Place: TypeAlias = tuple[float, float]

STEPS = 6  # of a curve between two of its points
CAP = 4  # points of a rounded end


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A vessel's way from its start to its end, and its radius there."""

    points: Points
    radius: tuple[float, float]  # [cm]


def routes(vessels: Sequence[Vessel], places: Mapping[str, Place]) -> dict[str, Route]:
    """The way of every vessel: through its table's way points, smooth where it goes on into its like.

    A curve of Catmull and Rom passes through each vessel's points; beyond an end it heads for the next point of the
    thickest vessel there that leads on, so that the pieces of a trunk meet without a kink. `places` are in [m]; the
    person is drawn as tall as the reference adult.
    """
    size = size_of(places)
    drawn = {node: (x / size / cm, y / size / cm) for node, (x, y) in places.items()}
    corners = {vessel.name: _corners(vessel, drawn) for vessel in vessels}
    ends: dict[str, list[tuple[Vessel, Points]]] = {}
    for vessel in vessels:
        ends.setdefault(vessel.start, []).append((vessel, corners[vessel.name]))
        ends.setdefault(vessel.end, []).append((vessel, corners[vessel.name][::-1]))
    found = {}
    for vessel in vessels:
        way = corners[vessel.name]
        before = _beyond(vessel, way, ends[vessel.start])
        after = _beyond(vessel, way[::-1], ends[vessel.end])
        radius = (vessel.radius[0] / size / cm, vessel.radius[1] / size / cm)
        found[vessel.name] = Route(points=smooth(np.vstack([before, way, after])), radius=radius)
    return found


def size_of(places: Mapping[str, Place]) -> float:
    """How much longer the body is than the reference adult's."""
    foot, usual = places.get("foot_r"), reference_places()["foot_r"]
    return foot[1] / usual[1] if foot else 1.0


def _corners(vessel: Vessel, places: Mapping[str, Place]) -> Points:
    """The vessel's ends and the way points between them, the latter moved along with the ends."""
    start, end = np.array(places[vessel.start]), np.array(places[vessel.end])
    between = _way_points(vessel.name)
    known = reference_places()
    if not len(between) or vessel.start not in known or vessel.end not in known:
        return np.vstack([start, end])
    usual_start, usual_end = np.array(known[vessel.start]) / cm, np.array(known[vessel.end]) / cm
    share = np.linspace(0.0, 1.0, len(between) + 2)[1:-1, None]
    moved = between + (1.0 - share) * (start - usual_start) + share * (end - usual_end)
    return np.vstack([start, moved, end])


def _way_points(vessel: str) -> Points:
    """The table's way points; a right vessel without any of its own has its left fellow's, mirrored."""
    rows = [(float(row["x_cm"]), float(row["y_cm"])) for row in table("routes") if row["vessel"] == vessel]
    if not rows and vessel.endswith("_r"):
        fellow = f"{vessel.removesuffix('_r')}_l"
        rows = [(-float(row["x_cm"]), float(row["y_cm"])) for row in table("routes") if row["vessel"] == fellow]
    return np.array(rows).reshape(-1, 2)


def _beyond(vessel: Vessel, way: Points, there: Sequence[tuple[Vessel, Points]]) -> Points:
    """A point before the first of `way`, from the thickest other vessel there that leads on; else straight back."""
    back = way[0] - way[1]
    reach = float(np.linalg.norm(back))
    best, thickest = np.asarray(way[0] + back), 0.0
    for other, corners in there:
        ahead = corners[1] - corners[0]
        far = max(float(np.linalg.norm(ahead)), 1e-9)
        leads_on = float(ahead @ back) > 0.3 * far * reach
        width = sum(other.radius)
        is_like = (
            other.name != vessel.name and type(other.wall) is type(vessel.wall) and width < 3.0 * sum(vessel.radius)
        )
        if leads_on and is_like and width > thickest:
            # no farther than this vessel's own first stretch, or a long neighbour would throw the curve out
            best, thickest = np.asarray(way[0] + ahead * min(reach / far, 1.0)), width
    return best


def smooth(corners: Points) -> Points:
    """The curve of Catmull and Rom, centripetal, through all but the outer two points (Barry and Goldman 1988)."""
    pieces = [corners[1:2]]
    for i in range(1, len(corners) - 2):
        p0, p1, p2, p3 = corners[i - 1 : i + 3]
        t1 = _knot(p0, p1)
        t2 = t1 + _knot(p1, p2)
        t3 = t2 + _knot(p2, p3)
        t = np.linspace(t1, t2, STEPS + 1)[1:, None]
        a1 = p0 + (p1 - p0) * t / t1
        a2 = p1 + (p2 - p1) * (t - t1) / (t2 - t1)
        a3 = p2 + (p3 - p2) * (t - t2) / (t3 - t2)
        b1 = a1 + (a2 - a1) * t / t2
        b2 = a2 + (a3 - a2) * (t - t1) / (t3 - t1)
        pieces.append(b1 + (b2 - b1) * (t - t1) / (t2 - t1))
    return np.vstack(pieces)


def _knot(start: Points, end: Points) -> float:
    return math.sqrt(max(float(np.linalg.norm(end - start)), 1e-6))


def _along(points: Points) -> NDArray[np.float64]:
    """Each point's distance along the way, as a share of the whole."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    way = np.concatenate([[0.0], np.cumsum(steps)])
    return np.asarray(way / way[-1])


def place_on(route: Route, fraction: float) -> Place:
    """Where `fraction` of the way lies [cm]."""
    along = _along(route.points)
    return float(np.interp(fraction, along, route.points[:, 0])), float(np.interp(fraction, along, route.points[:, 1]))


def cut(route: Route, start: float, end: float, radius: tuple[float, float]) -> Route:
    """The part of a way between two fractions of it."""
    along = _along(route.points)
    inner = route.points[(along > start) & (along < end)]
    return Route(points=np.vstack([place_on(route, start), inner, place_on(route, end)]), radius=radius)


def ribbon(route: Route, *, least: float = 0.0) -> tuple[Points, Points, Points]:
    """The outline of a vessel as wide as it is, but no narrower than 2 `least` [cm], with round ends; its two sides."""
    points = route.points
    ahead = np.gradient(points, axis=0)
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
    aside = np.column_stack([-ahead[:, 1], ahead[:, 0]])
    radius = np.maximum(np.interp(_along(points), [0.0, 1.0], route.radius), least)[:, None]
    one, other = points + radius * aside, points - radius * aside
    front = _cap(points[-1], ahead[-1], aside[-1], float(radius[-1, 0]))
    back = _cap(points[0], -ahead[0], -aside[0], float(radius[0, 0]))
    return np.vstack([one, front, other[::-1], back]), one, other


def _cap(centre: Points, ahead: Points, aside: Points, radius: float) -> Points:
    angle = np.linspace(0.0, np.pi, CAP + 2)[1:-1, None]
    return np.asarray(centre + radius * (np.cos(angle) * aside + np.sin(angle) * ahead))
