"""The person as a map: where the vessels run, how wide they are and what they are called."""

from typing import Any

import numpy as np

from azygos.body.body import Body
from azygos.body.catalogue import vessels
from azygos.body.lesion import Piece
from azygos.report.lesion_words import lesion_words
from azygos.report.person import hearts, hollows, outlines
from azygos.report.route import Route, cut, routes, size_of
from azygos.units import cm, mm
from azygos.web.depth import depths

__all__ = ["atlas"]

Numbers = list[float]


def atlas(body: Body) -> dict[str, Any]:
    """Outlines and routes [cm], seen from in front with the patient's left on the right; a vessel with a lesion in
    pieces, from upstream to downstream."""
    ways, names = routes(body.healthy.vessels, body.places), {entry.name: entry for entry in vessels()}
    deep = depths(body.healthy)
    return {
        "person": [_flat(outline) for outline in outlines()],
        "hollows": [_flat(hollow) for hollow in hollows()],
        "hearts": [_flat(half) for half in hearts()],
        "vessels": [
            {
                "name": vessel.name,
                "kind": body.kinds[vessel.name],
                "english": names[vessel.name].english,
                "latin": names[vessel.name].latin,
                "note": names[vessel.name].note,
                "length": round(vessel.length / mm, 1),
                "depth": [round(deep[vessel.start], 2), round(deep[vessel.end], 2)],
                "pieces": [_piece(body, piece, ways[vessel.name]) for piece in body.pieces(vessel.name)],
            }
            for vessel in body.healthy.vessels
        ],
    }


def _piece(body: Body, piece: Piece, way: Route) -> dict[str, Any]:
    part = body.network.vessel(piece.name)
    unit = cm * size_of(body.places)
    radius = (part.radius[0] / unit, part.radius[1] / unit)
    return {
        "name": piece.name,
        "from": round(piece.start, 4),
        "to": round(piece.end, 4),
        "radius": [round(r, 4) for r in radius],
        "lesion": lesion_words(piece.lesion) if piece.lesion else None,
        "points": _flat(cut(way, piece.start, piece.end, radius).points),
    }


def _flat(points: Any) -> Numbers:
    """x0, y0, x1, y1, ... to a tenth of a millimetre."""
    return [float(number) for number in np.round(np.asarray(points).ravel(), 2)]
