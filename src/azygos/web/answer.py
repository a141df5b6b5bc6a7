"""A solution as a browser takes it: means in clinical units, and a beat in whole numbers of sixteen bits."""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from azygos.body.body import Body
from azygos.engine.measure import Measure
from azygos.engine.solution import Solution
from azygos.units import cm, minute, mL, mm, mmHg, second

__all__ = ["QUANTITIES", "beat", "means", "solved"]

Floats = NDArray[np.float64]

# quantity -> its unit in SI, and the unit's name
QUANTITIES = {
    "pressure": (mmHg, "mmHg"),
    "flow": (mL / minute, "mL/min"),
    "velocity": (cm / second, "cm/s"),
    "area": (mm**2, "mm²"),
}
SKULL = Measure.parse("icp()")
SAMPLES = 60  # of a beat, which a browser draws
_STEPS = 65535  # from the least to the greatest value of a quantity in a vessel


def means(solution: Solution) -> dict[str, Any]:
    """Mean over the beat of each quantity at each vessel's kept stations, [vessel][station].

    `open` is the mean area as a share of the vessel's own reference area: that of its table for an artery, that of a
    round, unstretched vein, a lesion's narrowing taken off. `skull` [mmHg] is None of a circulation without one.
    """
    found: dict[str, Any] = {name: _shown(np.mean(solution.values[name], axis=-1), name) for name in QUANTITIES}
    area = np.mean(solution.values["area"], axis=-1)
    found["open"] = [[_short(share) for share in row] for row in area / _reference_areas(solution)]
    found["skull"] = None if SKULL.problems(solution.network) else _short(SKULL(solution) / mmHg)
    return found


def beat(solution: Solution) -> dict[str, Any]:
    """One period: times [s], and of each vessel and quantity low, high and whole numbers between, [station][time]."""
    time = solution.time
    picked = np.unique(np.round(np.linspace(0, len(time) - 1, min(SAMPLES, len(time)))).astype(int))
    waves = {name: _packed(solution.values[name][..., picked] / unit) for name, (unit, _) in QUANTITIES.items()}
    return {
        "time": [_short(t) for t in time[picked]],
        "period": solution.network.period,
        "waves": waves,
        "heart": [_fullness(solution, name, picked) for name in ("right_ventricle", "left_ventricle")],
    }


def solved(body: Body, solution: Solution) -> dict[str, Any]:
    """All a screen needs of a solution, and how the solve went."""
    solve = solution.solve
    return {
        "vessels": list(solution.vessels),
        "stations": list(solution.keep.stations),
        "units": {name: unit for name, (_, unit) in QUANTITIES.items()},
        "posture": body.posture_degrees,
        "heart_rate": round(60.0 * solution.network.beats / solution.network.period, 1),
        "means": means(solution),
        "beat": beat(solution),
        "solve": {
            "outcome": solve.outcome.name,
            "sentence": solve.sentence,
            "beats": solve.beats,
            "residual": _short(solve.residual),
            "volume_error": _short(solve.volume_error),
            "largest_froude": _short(solve.largest_froude),
            "froude_vessel": solve.froude_vessel,
            "worst_vessel": solve.worst_vessel,
            "wall_s": round(solve.wall_s, 3),
        },
    }


def _fullness(solution: Solution, chamber: str, picked: NDArray[np.intp]) -> list[float | None]:
    """A chamber's volume as a share of its largest, over the beat."""
    volume = solution.volumes.get(chamber)
    return [] if volume is None else [_short(share) for share in volume[picked] / np.max(volume)]


def _reference_areas(solution: Solution) -> Floats:
    stations = np.array(solution.keep.stations)
    radius = np.array([solution.network.vessel(name).radius for name in solution.vessels])
    return np.asarray(np.pi * (radius[:, :1] + (radius[:, 1:] - radius[:, :1]) * stations) ** 2)


def _shown(values: Floats, quantity: str) -> list[list[float | None]]:
    return [[_short(value) for value in row] for row in values / QUANTITIES[quantity][0]]


def _short(value: float) -> float | None:
    """Five digits; None for what is not finite, which JSON has no word for."""
    return float(f"{value:.5g}") if np.isfinite(value) else None


def _packed(values: Floats) -> dict[str, Any]:
    """Low and high of every vessel [vessel], and all values between as whole numbers, (vessel, station, time)."""
    finite = np.nan_to_num(values)
    low, high = finite.min(axis=(1, 2)), finite.max(axis=(1, 2))
    span = np.where(high > low, high - low, 1.0)[:, None, None]
    whole = np.round((finite - low[:, None, None]) / span * _STEPS).astype("<u2")
    return {
        "low": [_short(v) for v in low],
        "high": [_short(v) for v in high],
        "data": base64.b64encode(whole.tobytes()).decode("ascii"),
    }
