"""A study with looks on the way: at which look each repeat stops, and what it costs.

At a look with the share t of the information the first t n people, in the order in which they came, have been followed
to the end; the primary analysis of theirs gives z, and the study stops where z passes the bound of that look
(azygos.statistics.sequential), or falls to its bound for futility, where there are such. A committee may overrule those
in life; here it does not.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.errors import InputError, Problem
from azygos.study.design import Analysis
from azygos.study.monitoring import bounds_of
from azygos.trial.outcome import Estimates, analysed, benefit, is_quick
from azygos.trial.run import COMPARES_NOTHING, Progress
from azygos.trial.study import Effect, Study
from azygos.trial.world import repeats_of, world

if TYPE_CHECKING:
    from azygos.statistics.sequential import GroupSequential

__all__ = ["Looks", "can_look", "look_by_look"]

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Looks:
    """Repeats of a group-sequential study."""

    shares: tuple[float, ...]  # of the people, at each look
    bounds: tuple[float, ...]  # of z
    futility: tuple[float, ...]  # of z, before the last look; empty where there are none
    stopped: NDArray[np.int64]  # [repeat] the look at which it ended
    success: NDArray[np.bool_]  # [repeat] whether it passed the bound on the good side
    futile: NDArray[np.bool_]  # [repeat] whether it ended early for want of an effect
    n: Floats  # [repeat] people at the end
    z: Floats  # [repeat, look], positive where the treatment does better

    @property
    def power(self) -> float:
        return float(self.success.mean())

    @property
    def expected_n(self) -> float:
        return float(self.n.mean())


def look_by_look(
    study: Study, seed: int, repeats: int, effect: Effect | None = None, *, progress: Progress | None = None
) -> Looks:
    """Conducts so many repeats with looks. Raises InputError where the design has none, or compares nothing."""
    design, plan = study.design, _primary(study)
    if not can_look(study) or plan is None or design.sequential is None:
        what = "no looks can be simulated for this design"
        remedy = "it needs 'sequential', a control, and a primary analysis that compares scores or shares"
        raise InputError(Problem(what, study.name, remedy))
    looks = design.sequential
    found = bounds_of(looks, design.size.power if looks.futility else None)
    plan = replace(plan, alternative="two-sided")  # Z has a sign, whatever the analysis tests
    size, sign = repeats_of(study), benefit(design, plan)
    parts = []
    for block in range(-(-repeats // size)):
        known = world(study, seed, block, effect, with_harms=False)
        some = [analysed(known.with_first(round(share * study.n)), plan) for share in looks.looks]
        parts.append(np.stack([_z(one, sign) for one in some], axis=1))
        if progress is not None:
            progress(min((block + 1) * size, repeats), repeats)
    return _ended(np.concatenate(parts)[:repeats], found, study.n)


def can_look(study: Study) -> bool:
    """Whether the design has looks, a control, and a primary analysis that can be done at each."""
    design, plan = study.design, _primary(study)
    compares = plan is not None and plan.method not in COMPARES_NOTHING and is_quick(design, plan)
    return compares and design.sequential is not None and design.control is not None


def _primary(study: Study) -> Analysis | None:
    """What is looked at: the primary analysis and no other, or the first of an endpoint where none is called so."""
    planned = [one for one in study.design.analyses if one.endpoint]
    return next((one for one in planned if one.role == "primary"), planned[0] if planned else None)


def _z(found: Estimates, sign: int) -> Any:
    from scipy.special import ndtri

    return np.nan_to_num(np.sign(sign * found.estimate) * -ndtri(np.maximum(found.p, 1e-300) / 2.0))


def _ended(z: Floats, found: "GroupSequential", n: int) -> Looks:
    limit = np.array(found.z)
    low = np.array((*found.futility[:-1], -np.inf) if found.futility else ())
    passed = (z >= limit) | ((z <= -limit) if found.sided == 2 else False)
    ends = passed | ((z <= low) if len(low) else False)
    ends[:, -1] = True
    stopped = ends.argmax(axis=1)
    row = np.arange(len(z))
    return Looks(
        shares=found.information,
        bounds=found.z,
        futility=tuple(float(bound) for bound in low[:-1]),
        stopped=stopped,
        success=z[row, stopped] >= limit[stopped],
        futile=~passed[row, stopped] & (stopped < len(limit) - 1),
        n=np.round(np.array(found.information) * n)[stopped],
        z=z,
    )
