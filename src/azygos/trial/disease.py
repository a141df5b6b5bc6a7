"""The diseases that are simulated: what one has and the other has not, each thing once."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np

__all__ = ["DISEASES", "SCLEROSIS", "Disease", "Model"]

Model: TypeAlias = Literal["multiple sclerosis", "venous sinus"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disease:
    """A disease as the simulation knows it; the layers that make its outcomes are chosen by its name."""

    name: Model
    effect_unit: str  # of a true effect, in the head of a table,
    effect_words: str  # after an amount in a sentence,
    effect_axis: str  # and in full
    suffix: str  # of an amount as it is written and read
    range: tuple[float, float]  # of amounts
    effects: Mapping[str, float]  # preset -> amount
    tried: tuple[float, ...]  # amounts that a verdict tries beside the presets
    planned: tuple[float, ...]  # and a plan
    believed: tuple[float, float] | None  # mean and SD of the effect before a study: assumed; None: uniform in `range`
    can_harm: bool  # whether a treatment may make symptoms worse in this model
    is_felt: bool  # outcomes move with hope as far as with any treatment unless they are read from an instrument
    variables: Mapping[str, str]  # what simulated patients can be asked for
    recorded: tuple[str, ...]  # at enrolment, beside age, sex and centre
    asked: tuple[str, ...]  # and what people are asked then
    events: tuple[str, ...]  # beside death, loss and complications
    narrows: str  # the constant by which treated veins narrow again


SCLEROSIS = Disease(
    name="multiple sclerosis",
    effect_unit="SD",
    effect_words="SD",
    effect_axis="SD of the score",
    suffix=" sd",
    range=(-5.0, 5.0),
    effects=MappingProxyType({"none": 0.0, "small": 0.2, "moderate": 0.5, "large": 0.8}),
    tried=tuple(np.round(np.arange(-1.0, 2.01, 0.25), 2).tolist()),
    planned=(0.1, 0.2, 0.3, 0.5, 0.8),
    believed=(0.2, 0.2),
    can_harm=True,
    is_felt=True,
    variables=MappingProxyType(
        {
            "physical": "physical symptom score, 0 to 100, higher is worse",
            "mental": "mental symptom score, 0 to 100, higher is worse",
            "qol_physical": "100 - physical: stands in for a quality-of-life score",
            "qol_mental": "100 - mental: stands in for a quality-of-life score",
            "clearly_better": "1 where someone, looking back, calls himself clearly better",
            "perceived": "by how much someone, looking back, says to have improved [points]",
            "edss": "EDSS as rated",
            "function": "composite of measured functions, mean 50, SD 10, higher is better",
            "relapses": "relapses since enrolment",
            "lesions": "new lesions since enrolment",
            "recent_lesions": "new lesions since the visit before",
        }
    ),
    recorded=("form", "years", "edss"),
    asked=("physical", "mental"),
    events=("relapse",),
    narrows="restenosis",
)
SINUS = Disease(
    name="venous sinus",
    effect_unit="coupling",
    effect_words="of the symptom following the gradient",
    effect_axis="part of the symptom that follows the gradient",
    suffix="",
    range=(0.0, 1.0),
    effects=MappingProxyType({"none": 0.0, "small": 0.3, "moderate": 0.6, "large": 1.0}),
    tried=tuple(np.round(np.arange(0.0, 1.01, 0.1), 2).tolist()),
    planned=(0.25, 0.5, 0.75, 1.0),
    believed=None,
    can_harm=False,
    is_felt=False,
    variables=MappingProxyType(
        {
            "tinnitus_resolved": "1 where the pulsatile tinnitus is gone",
            "papilloedema_improved": "1 where the papilloedema is better",
            "headache_improved": "1 where the headache is better",
            "gradient": "pressure gradient across the narrowing [mmHg]",
        }
    ),
    recorded=(),
    asked=(),
    events=(),
    narrows="recurrence",
)
DISEASES: Mapping[str, Disease] = MappingProxyType({one.name: one for one in (SCLEROSIS, SINUS)})
