"""Layer 4, who answers: people are lost, and less so when they feel better.

    logit P(lost between two visits) = logit p - a improvement/10 + log(ratio) in who knows that he is untreated

with p from the study's loss by the last visit. Who is lost stays lost.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.trial.draws import Draws
from azygos.trial.prior import Constants
from azygos.trial.study import Study

__all__ = ["answers"]

Floats: TypeAlias = NDArray[np.float64]


def answers(
    study: Study, draws: Draws, constants: Constants, improvement: Floats, knows_untreated: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Who is still there at each time after the first, [repeat, person, time]; `improvement` in points since time 0."""
    lost = study.patients.lost
    uniform = draws.of("answering").random(improvement.shape)
    if not study.has("answering") or lost == 0.0:
        return np.ones(improvement.shape, dtype=bool)
    each = 1.0 - (1.0 - lost) ** (1.0 / improvement.shape[2])
    odds = each / (1.0 - each) * np.exp(-constants["answering"][:, None, None] * improvement / 10.0)
    ratio = np.where(knows_untreated, constants["loss_untreated"][:, None], 1.0)[..., None]
    chance = odds * ratio / (1.0 + odds * ratio)
    return np.asarray(np.logical_and.accumulate(uniform >= chance, axis=2))
