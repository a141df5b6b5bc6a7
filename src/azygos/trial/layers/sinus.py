"""The other disease: narrowed sinuses of the brain, whose symptoms hang on a pressure gradient by a known physics.

    left(t) = (1 - c) + c gradient(t) / gradient(0)

is the part of the murmur that is left, c the coupling (the effect: 0 none, 1 all). Tinnitus is gone when less than
`audible` of it is left, papilloedema improves when less than `relieved` is. Without any coupling symptoms still
improve: of themselves, under what else is done, and in reports.
"""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.trial.change import FlowChange
from azygos.trial.draws import Draws
from azygos.trial.prior import Constants
from azygos.trial.study import Study
from azygos.units import mmHg

__all__ = ["sinus_outcomes"]

Floats: TypeAlias = NDArray[np.float64]
HALF_YEAR = 182.6


def sinus_outcomes(
    study: Study,
    draws: Draws,
    constants: Constants,
    change: FlowChange,
    is_treated: NDArray[np.bool_],
    sure: Floats,
    days: Floats,
    coupling: float,
) -> Mapping[str, Floats]:
    """Zeros and ones [repeat, person, time] for what was asked: nothing at time 0, which is what they came with."""
    gradient = np.where(is_treated[..., None], change.after, change.before[..., None])
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(change.before[..., None] > 0.0, gradient / change.before[..., None], 1.0)
    left = (1.0 - coupling) + coupling * part
    later = days > 0.0

    def own(name: str, *, by_report: bool = False) -> NDArray[np.bool_]:
        """Who improves whatever the gradient does: by half a year with the chance of the constant."""
        uniform = draws.of("sinus", name).random(days.shape[:2])[..., None]
        chance = constants[name][:, None, None]
        if by_report:
            return np.asarray(study.has("expectation") & (uniform < chance * sure[..., None]))
        by_now = 1.0 - (1.0 - chance) ** (days / HALF_YEAR)
        return np.asarray(study.has("course") & (uniform < by_now))

    linked = draws.of("sinus", "headache linked").random(days.shape[:2]) < constants["headache_linked"][:, None]
    silent = left <= constants["audible"][:, None, None]
    relieved = left <= constants["relieved"][:, None, None]
    found = {
        "tinnitus_resolved": silent | own("tinnitus_natural") | own("tinnitus_reported", by_report=True),
        "papilloedema_improved": relieved | own("papilloedema_natural"),
        "headache_improved": (relieved & linked[..., None]) | own("headache_natural"),
    }
    outcomes = {name: (values & later).astype(float) for name, values in found.items()}
    return outcomes | {"gradient": gradient / mmHg}
