"""A study with looks on the way: at which look each repeat stops, and what it costs.

At a look with the share t of the information the first t n people, in the order in which they came, have been followed
to the end; the primary analysis of theirs gives z, and the study stops where z passes the bound of that look
(azygos.statistics.sequential).
"""

from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from azygos.errors import InputError, Problem
from azygos.study.design import Analysis
from azygos.trial.outcome import Estimates, analysed, benefit, is_quick
from azygos.trial.run import Progress, asked_of
from azygos.trial.study import Effect, Study
from azygos.trial.world import repeats_of, world

__all__ = ["Looks", "can_look", "look_by_look"]

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Looks:
    """Repeats of a group-sequential study."""

    shares: tuple[float, ...]  # of the people, at each look
    bounds: tuple[float, ...]  # of z
    stopped: NDArray[np.int64]  # [repeat] the look at which it ended
    success: NDArray[np.bool_]  # [repeat] whether it passed the bound on the good side
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
    from azygos.statistics.sequential import Spending, group_sequential_bounds

    design = study.design
    if not can_look(study) or design.sequential is None:
        what = "no looks can be simulated for this design"
        remedy = "it needs 'sequential', a control, and a primary analysis on scores or shares"
        raise InputError(Problem(what, study.name, remedy))
    plan = _primary(study)
    looks = design.sequential
    found = group_sequential_bounds(
        information=looks.looks, alpha=looks.alpha, sided=looks.sided, spending=cast("Spending", looks.spending)
    )
    size, sign = repeats_of(study), benefit(design, plan)
    parts = []
    for block in range(-(-repeats // size)):
        known = world(study, seed, block, effect, with_harms=False)
        some = [analysed(known.with_first(round(share * study.n)), plan) for share in looks.looks]
        parts.append(np.stack([_z(one, sign) for one in some], axis=1))
        if progress is not None:
            progress(min((block + 1) * size, repeats), repeats)
    return _ended(np.concatenate(parts)[:repeats], found.z, looks.looks, looks.sided, study.n)


def can_look(study: Study) -> bool:
    """Whether the design has looks, a control, and a primary analysis that can be done at each."""
    design = study.design
    return design.sequential is not None and design.control is not None and is_quick(design, _primary(study))


def _primary(study: Study) -> Analysis:
    return next(one for one in study.design.analyses if one.name == asked_of(study)[0][0])


def _z(found: Estimates, sign: int) -> Any:
    from scipy.special import ndtri

    return np.nan_to_num(np.sign(sign * found.estimate) * -ndtri(np.maximum(found.p, 1e-300) / 2.0))


def _ended(z: Floats, bounds: tuple[float, ...], shares: tuple[float, ...], sided: int, n: int) -> Looks:
    limit = np.array(bounds)
    passed = (z >= limit) | ((z <= -limit) if sided == 2 else False)
    ends = passed.copy()
    ends[:, -1] = True
    stopped = ends.argmax(axis=1)
    row = np.arange(len(z))
    return Looks(
        shares=shares,
        bounds=bounds,
        stopped=stopped,
        success=z[row, stopped] >= limit[stopped],
        n=np.round(np.array(shares) * n)[stopped],
        z=z,
    )
