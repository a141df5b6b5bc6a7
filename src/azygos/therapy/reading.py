"""What a treatment reports of a circulation: flows, pressures, gradients and narrowings.

Read off the solution itself, without an instrument's error. Clinical units, because these are outputs.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from azygos.body.body import Body, Site
from azygos.body.rows import table
from azygos.engine.solution import Solution
from azygos.units import minute, mL, mmHg

__all__ = [
    "AORTA", "AORTIC_VALVE", "LABELS", "RIGHT_ATRIUM", "VESSELS", "flows", "gradients", "label", "narrowings",
    "pressures",
]  # fmt: skip

Readings: TypeAlias = dict[str, float]

FLOWS = ("ijv_r", "ijv_l", "vertebral_vein_r", "vertebral_vein_l", "azygos")
SAGITTAL = "sss_posterior"  # the sagittal sinus in front of the torcula, where a catheter reaches it
SINUSES = ("transverse_sinus_r", "transverse_sinus_l")
JUGULARS = ("ijv_r", "ijv_l")
AORTA = "aorta_ascending_1"
AORTIC_VALVE = "aortic_valve"
RIGHT_ATRIUM = "right_atrium"
VESSELS = (*FLOWS, SAGITTAL)  # that a body must have; a transverse sinus is absent in some

LABELS: Mapping[str, str] = MappingProxyType({
    "ijv_r": "right internal jugular vein",
    "ijv_l": "left internal jugular vein",
    "vertebral_vein_r": "right vertebral vein",
    "vertebral_vein_l": "left vertebral vein",
    "azygos": "azygos vein",
    "cardiac_output": "cardiac output",
    "superior_sagittal_sinus": "superior sagittal sinus",
    "transverse_sinus_r": "right transverse sinus",
    "transverse_sinus_l": "left transverse sinus",
    "ijv_r_above": "right jugular, above",
    "ijv_r_below": "right jugular, below",
    "ijv_l_above": "left jugular, above",
    "ijv_l_below": "left jugular, below",
    "right_atrium": "right atrium",
    "arterial_systolic": "systolic",
    "arterial_diastolic": "diastolic",
    "arterial_mean": "mean",
})  # fmt: skip


def label(name: str) -> str:
    """What to call a reading, a vessel or one of its pieces: `ijv_r.lesion` is the right internal jugular vein's."""
    vessel, dot, piece = name.partition(".")
    words = LABELS.get(vessel) or _english(vessel)
    return f"{words}, {piece.replace('_', ' ')}" if dot and piece != "lesion" else words


def _english(vessel: str) -> str:
    """The table's name of a vessel, without what it says in brackets; its own, where the table has none."""
    named = (row["english"].partition(" (")[0] for row in table("names") if row["vessel"] == vessel)
    return next(named, vessel.replace("_", " "))


def flows(body: Body, solution: Solution) -> Readings:
    """Mean flow [mL/min] towards the heart in the veins read, and the cardiac output."""
    found = {name: solution.mean_flow_ml_min(body.site(name, 0.5).vessel) for name in FLOWS}
    return found | {"cardiac_output": float(np.mean(solution.link_flows[AORTIC_VALVE])) / (mL / minute)}


def pressures(body: Body, solution: Solution) -> Readings:
    """Mean pressure [mmHg] along the way out of the skull, and in the ascending aorta.

    Relative to the atmosphere, at the place itself. A sinus with a lesion is read above it; one that is absent is not.
    """
    found = {"superior_sagittal_sinus": _pressure(solution, _inside(body, SAGITTAL))}
    found |= {sinus: _pressure(solution, _inside(body, sinus)) for sinus in SINUSES if sinus in body.lengths}
    for vein in JUGULARS:
        found[f"{vein}_above"] = _pressure(solution, body.above(vein))
        found[f"{vein}_below"] = _pressure(solution, body.below(vein))
    found[RIGHT_ATRIUM] = _atrial(body, solution)
    artery = solution.at("pressure", *_inside(body, AORTA)) / mmHg
    found["arterial_systolic"] = float(np.max(artery))
    found["arterial_diastolic"] = float(np.min(artery))
    found["arterial_mean"] = float(np.mean(artery))
    return found


def gradients(body: Body, solution: Solution) -> Readings:
    """Mean piezometric pressure p + rho g z [mmHg] just above each lesion minus that just below it, by its piece.

    Without the weight of the blood between: none in blood at rest, however the body is tilted. Read in the vein on
    both sides, behind the loss of the jet; at the lesion's own end where it reaches the vein's.
    """
    found = {}
    for lesion in body.lesions:
        above, below = body.ends_of(lesion)
        found[body.piece_of(lesion)] = _piezometric(body, solution, above) - _piezometric(body, solution, below)
    return found


def narrowings(body: Body) -> Readings:
    """The share of diameter that each lesion takes now, by the lesion's piece."""
    return {body.piece_of(lesion): lesion.now_diameter for lesion in body.lesions}


def _inside(body: Body, vessel: str) -> Site:
    """The middle of a vessel, or the place above its first lesion."""
    return body.above(vessel) if len(body.pieces(vessel)) > 1 else body.site(vessel, 0.5)


def _pressure(solution: Solution, site: Site) -> float:
    return solution.mean_pressure_mmhg(*site)


def _piezometric(body: Body, solution: Solution, site: Site) -> float:
    vessel = body.network.vessel(site.vessel)
    start, end = (_column(body, node) for node in (vessel.start, vessel.end))
    return _pressure(solution, site) + start + (end - start) * site.fraction


def _atrial(body: Body, solution: Solution) -> float:
    """Blood rests in the atrium: its pressure is the node's head less the weight of blood up to it."""
    return float(np.mean(solution.heads[RIGHT_ATRIUM])) / mmHg - _column(body, RIGHT_ATRIUM)


def _column(body: Body, node: str) -> float:
    """Weight rho g z [mmHg] of the blood up to a node."""
    network = body.network
    return network.blood.density * network.gravity * network.heights.get(node, 0.0) / mmHg
