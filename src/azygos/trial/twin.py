"""Twins: the same person in both arms, with the same bad times, the same errors of measurement, the same luck.

No study sees them. They say what an effect was set to be, and let a layer be tested: with no effect and nobody to
believe anything, twins are alike to the last digit.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.errors import InputError, Problem, close_matches
from azygos.trial.study import Effect, Study
from azygos.trial.world import world

__all__ = ["true_effect", "twins"]

Floats: TypeAlias = NDArray[np.float64]


def twins(
    study: Study, seed: int, variable: str, effect: Effect | None = None, block: int = 0
) -> tuple[Floats, Floats]:
    """What everybody would show as control and treated, [repeat, person, time].

    Raises InputError for a variable that no endpoint of the study asks for.
    """
    arms = study.design.arms
    control = next((place for place, arm in enumerate(arms) if arm.is_control), 0)
    treated = next(place for place, arm in enumerate(arms) if not arm.is_control)
    as_control, as_treated = (world(study, seed, block, effect, arm=arm).values for arm in (control, treated))
    if variable not in as_control:
        what = f"'{variable}' is nothing that is asked of the people of '{study.name}'"
        raise InputError(Problem(what, "variable", close_matches(variable, as_control)))
    return as_control[variable], as_treated[variable]


def true_effect(study: Study, seed: int, variable: str, effect: Effect, time: int = -1, blocks: int = 4) -> float:
    """The mean difference between treated and untreated twins, in the units of the variable."""
    differences = [
        float(np.mean(treated[..., time] - control[..., time]))
        for control, treated in (twins(study, seed, variable, effect, block) for block in range(blocks))
    ]
    return float(np.mean(differences))
