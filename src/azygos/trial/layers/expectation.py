"""Layer 3, what belief does to reports.

    shift(t) = E SD b s 2^(-t/H),    t > 0

E the expectation of those who know that they are treated, H its half-life, s the person's susceptibility (mean 1), b
how sure a person is of having been treated: 1 in an open study, 0 in who knows that nothing was done, between the two
in a blinded one, the same in both arms but for a leak. E may be zero or less: trials whose patients could be blinded
and were not differ little on average (MetaBLIND, BMJ 2020;368:l6802).
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.trial.draws import Draws
from azygos.trial.prior import Constants
from azygos.trial.study import Study

__all__ = ["belief", "guess", "shift"]

Floats: TypeAlias = NDArray[np.float64]
UNDECIDED = 0.3  # share that says "do not know": assumed


def belief(study: Study, constants: Constants, arm: NDArray[np.int64]) -> Floats:
    """How sure everybody is of having been treated, [repeat, person]."""
    design = study.design
    is_active = np.array([not one.is_control for one in design.arms])[arm]
    if not design.blinding.participants or len(design.arms) == 1:
        return is_active.astype(float)
    given = study.patients.belief
    middle = constants["blinded_belief"][:, None] if given is None else np.full((len(arm), 1), given)
    if not study.has("unblinding"):
        return np.broadcast_to(middle, arm.shape).copy()
    return np.asarray((middle + np.where(is_active, 0.5, -0.5) * constants["leak"][:, None]).clip(0.0, 1.0))


def shift(study: Study, draws: Draws, constants: Constants, sure: Floats, days: Floats, score: str) -> Floats:
    """The improvement that is reported without being felt, [repeat, person, time], in points."""
    if not study.has("expectation"):
        return np.zeros(days.shape)
    spread = constants["susceptibility"][:, None]
    person = 1.0 + spread * draws.of("expectation").standard_normal(sure.shape)
    half_life = constants["expectation_half_life"][:, None, None]
    fading = np.where(days > 0.0, np.exp2(-np.maximum(days, 0.0) / half_life), 0.0)
    if score == "function":
        height = constants["expectation_physical"] * constants["expectation_objective"]
    else:
        height = constants[f"expectation_{score}"]
    return np.asarray((constants["score_sd"] * height)[:, None, None] * (sure * person)[..., None] * fading)


def guess(study: Study, draws: Draws, sure: Floats) -> NDArray[np.int64]:
    """What everybody takes his arm to be: 1 treated, 0 not, -1 does not know. All who were told know."""
    if not study.design.blinding.participants or len(study.design.arms) == 1:
        return (sure > 0.5).astype(np.int64)
    rng = draws.of("guess")
    says = rng.random(sure.shape) >= UNDECIDED
    return np.where(says, (rng.random(sure.shape) < sure).astype(np.int64), -1)
