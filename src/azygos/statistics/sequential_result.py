"""What a trial that stopped at a look of its group-sequential design has shown."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from azygos.errors import Problem
from azygos.statistics.brownian import crossing_probabilities
from azygos.statistics.check import above, between, refuse
from azygos.statistics.root import scalar_crossing
from azygos.statistics.sequential import GroupSequential, Spending, group_sequential_bounds

__all__ = ["SequentialResult", "group_sequential_result", "stagewise_p"]

REACH = 12.0  # standard errors around the plain estimate, within which everything adjusted lies


@dataclass(frozen=True, slots=True, kw_only=True)
class SequentialResult:
    """P, estimate and interval adjusted for the looks, in units of 1 where `se` was given, else of the drift."""

    look: int
    z: float
    crossed: bool  # the bound of that look
    p: float  # adjusted; of as many sides as the design
    estimate: float  # median unbiased
    lower: float
    upper: float
    level: float
    plain_estimate: float  # what a trial without looks would say
    plain_lower: float
    plain_upper: float
    scale: str  # "effect" or "drift"


def group_sequential_result(
    z: float,
    look: int,
    *,
    se: float | None = None,
    looks: int | None = None,
    information: tuple[float, ...] | None = None,
    alpha: float = 0.025,
    sided: int = 1,
    spending: Spending = "obrien-fleming",
    gamma: float | None = None,
    level: float = 0.95,
) -> SequentialResult:
    """The adjusted p, median-unbiased estimate and interval of a trial that ended at a look with Z = z.

    Outcomes are ordered by stage (Tsiatis, Rosner and Mehta 1984; Jennison and Turnbull 2000, section 8.4): an earlier
    crossing of the upper bound speaks louder for an effect than a later one, whatever its Z. A trial ended at a look
    without crossing is taken as if that look were its last. `se` is the standard error of the effect at that look;
    without it the scale is that of the drift. Raises InputError.
    """
    design = group_sequential_bounds(
        looks=looks, information=information, alpha=alpha, sided=sided, spending=spending, gamma=gamma
    )
    count = len(design.z)
    refuse(
        None if 1 <= look <= count else Problem(f"look {look} of {count}", "look", f"give 1 to {count}"),
        None if np.isfinite(z) else Problem("not a number", "z"),
        None if se is None else above("se", se),
        between("level", level),
    )
    return _result(design, z, look, se, level)


def _result(design: GroupSequential, z: float, look: int, se: float | None, level: float) -> SequentialResult:
    time, bound = design.information[look - 1], design.z[look - 1]
    unit = 1.0 if se is None else float(se * np.sqrt(time))
    p = stagewise_p(design, z, look, 0.0)
    lower, middle, upper = (
        unit * _drift_at(lambda d: stagewise_p(design, z, look, d), z, time, share)
        for share in (0.5 * (1.0 - level), 0.5, 0.5 * (1.0 + level))
    )
    half, plain = -float(ndtri(0.5 * (1.0 - level))), unit / float(np.sqrt(time))
    return SequentialResult(
        look=look,
        z=z,
        crossed=z >= bound or (design.sided == 2 and z <= -bound),
        p=p if design.sided == 1 else min(1.0, 2.0 * min(p, 1.0 - p)),
        estimate=middle,
        lower=lower,
        upper=upper,
        level=level,
        plain_estimate=z * plain,
        plain_lower=(z - half) * plain,
        plain_upper=(z + half) * plain,
        scale="drift" if se is None else "effect",
    )


def stagewise_p(design: GroupSequential, z: float, look: int, drift: float) -> float:
    """The chance of an outcome that speaks at least as much for an effect.

    A lower bound that rejects orders its stages the other way round, so below zero it is one minus the chance of an
    outcome that speaks against.
    """
    times = design.information[:look]
    upper = [*design.z[: look - 1], z]
    lower = [-bound if design.sided == 2 else -np.inf for bound in upper[:-1]]
    if design.sided == 2 and z < 0.0:
        below, _ = crossing_probabilities(times, [*lower, z], [*upper[:-1], np.inf], drift)
        return float(1.0 - below.sum())
    _, above_it = crossing_probabilities(times, [*lower, -np.inf], upper, drift)
    return float(above_it.sum())


def _drift_at(p: Callable[[float], float], z: float, time: float, share: float) -> float:
    """The drift at which an outcome at least as loud has this chance."""
    middle, reach = z / np.sqrt(time), REACH / np.sqrt(time)
    # A look that is reached says that no earlier bound was crossed: however large z is, the drift may be near 0.
    return scalar_crossing(lambda d: p(d) < share, min(middle, 0.0) - reach, max(middle, 0.0) + reach)
