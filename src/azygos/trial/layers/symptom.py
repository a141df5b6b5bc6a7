"""Layer 2, how people feel and what they report of it.

    felt(t)     = level + F u(t) + worsening(t) - e SD opened(t)
    reported(t) = felt(t) - expectation(t) - response shift(t)
    observed(t) = reported(t) + N(0, SD sqrt(1 - reliability)),   rounded to the scale's step, between 0 and 100

Higher is worse. u is a stationary process with correlation exp(-|t - s|/T); people who enrol when they feel worse than
usual have u(0) shifted by the constant `seeking`: enrolment with a chance proportional to exp(seeking u) does just
that. The physical score stands for one of 20 items, the mental for one of 9, each answered 1 to 5: steps of 1.25 and
2.78.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.trial.draws import Draws
from azygos.trial.layers.person import SCORES, People, sd_of
from azygos.trial.prior import Constants
from azygos.trial.study import Study

__all__ = ["STEPS", "Feelings", "felt", "observed", "perceived_change", "response_shift"]

Floats: TypeAlias = NDArray[np.float64]

STEPS: Mapping[str, float] = MappingProxyType({"physical": 100.0 / 80.0, "mental": 100.0 / 36.0})
SEVERE = 5.5  # EDSS from which a response shift was seen (Costelloe, JNNP 2007;78:841)
WEIGHTS: Mapping[str, float] = MappingProxyType({"physical": 20.0 / 29.0, "mental": 9.0 / 29.0})  # of "my symptoms"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Feelings:
    """Scores [repeat, person, time] without error of measurement, time 0 first."""

    felt: Mapping[str, Floats]
    reported: Mapping[str, Floats]  # as felt, or milder


def good_and_bad_times(study: Study, draws: Draws, constants: Constants, people: People, days: Floats) -> Floats:
    """u, [repeat, person, time], of standard deviation 1."""
    if not study.has("fluctuation"):
        return np.zeros(days.shape)
    found = np.empty(days.shape)
    found[..., 0] = people["z_time"]
    fresh = draws.of("fluctuation").standard_normal(days.shape)
    gaps = np.exp(-np.diff(days, axis=2) / constants["fluctuation_time"][:, None, None])
    for time in range(1, days.shape[2]):
        keep = gaps[..., time - 1]
        found[..., time] = keep * found[..., time - 1] + np.sqrt(1.0 - keep**2) * fresh[..., time]
    return found


def felt(
    study: Study,
    draws: Draws,
    constants: Constants,
    people: People,
    days: Floats,
    worsening: Floats,
    benefit: Floats,
) -> Mapping[str, Floats]:
    """The scores as felt; `benefit` [repeat, person, time] in SD of a score."""
    time = good_and_bad_times(study, draws, constants, people, days)
    gain = constants["score_sd"][:, None, None] * benefit
    found = {}
    for score in SCORES:
        wandering = sd_of(constants, score)["fluctuation"][:, None, None] * time
        found[score] = people[f"{score}_level"][..., None] + wandering - gain
    found["physical"] = found["physical"] + worsening
    return found


def response_shift(study: Study, constants: Constants, people: People, days: Floats) -> Floats:
    """How much milder the severely disabled judge their body [points]: S (1 - exp(-t/T))."""
    if not study.has("response shift"):
        return np.zeros(days.shape)
    risen = 1.0 - np.exp(-days / constants["response_shift_time"][:, None, None])
    return np.asarray(
        np.where(people["edss"][..., None] >= SEVERE, constants["response_shift"][:, None, None] * risen, 0.0)
    )


def observed(study: Study, draws: Draws, constants: Constants, people: People, score: str, reported: Floats) -> Floats:
    """What the questionnaire gives at each time; time 0 is what was seen at enrolment."""
    error = draws.of("noise", score).standard_normal(reported.shape)
    error[..., 0] = people[f"z_{score}"]
    seen = reported + sd_of(constants, score)["noise"][:, None, None] * error * study.has("noise")
    if not study.has("scale"):
        return np.asarray(seen)
    step = STEPS[score]
    return np.asarray(np.clip(np.round(seen / step) * step, 0.0, 100.0))


def perceived_change(study: Study, draws: Draws, constants: Constants, feelings: Feelings) -> Floats:
    """By how much people say to have improved since time 0 [points], asked once, looking back.

        perceived = felt(0) + recall bias + recall error - reported(t)

    of both scores together. Nobody's baseline was measured, so its error of measurement is not in it; that of
    remembering is.
    """
    change = sum(WEIGHTS[s] * (feelings.felt[s][..., :1] - feelings.reported[s]) for s in SCORES)
    found = np.asarray(change, dtype=float)
    if not study.has("recall"):
        return found
    z = draws.of("recall").standard_normal(found.shape)
    return np.asarray(found + constants["recall_bias"][:, None, None] + constants["recall_noise"][:, None, None] * z)
