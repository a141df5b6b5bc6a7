"""Bands: what the simulation of a study with no effect must give, written into its file before it was run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.trial.run import COMPARES_NOTHING, simulate
from azygos.trial.study import Band, Study
from azygos.trial.verdict import Verdict, observed_of, verdict
from azygos.trial.words import standing

__all__ = ["QUANTITIES", "Checked", "checked"]

Floats: TypeAlias = NDArray[np.float64]

# What is known of a result before it is judged, and what only its verdict says.
PREDICTED: Mapping[str, Callable[[Floats, float], float]] = MappingProxyType(
    {
        "mean with no effect": lambda estimates, _: float(np.nanmean(estimates)),
        "published inside the prediction": lambda estimates, published: _inside(estimates, published),
    }
)
JUDGED: Mapping[str, Callable[[Verdict], float]] = MappingProxyType(
    {
        "chance with no effect": lambda found: found.chance.mean,
        "shown": lambda found: float(standing(found).word == "shown"),
    }
)
QUANTITIES = (*PREDICTED, *JUDGED)
REPEATS = 1000


def _inside(estimates: Floats, published: float) -> float:
    low, high = np.nanquantile(estimates, (0.025, 0.975))
    return float(low <= published <= high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A band and what the simulation gave."""

    band: Band
    value: float

    @property
    def is_inside(self) -> bool:
        return self.band.low <= self.value <= self.band.high

    def __str__(self) -> str:
        band, arm = self.band, f", {self.band.arm}" if self.band.arm else ""
        told = "inside" if self.is_inside else "OUTSIDE"
        return f"{band.analysis}{arm}: {band.what} {self.value:.3g}, {told} {band.low:g} to {band.high:g}"


def checked(study: Study, seed: int = 1) -> tuple[Checked, ...]:
    """All bands of a study."""
    methods = {one.name: one.method for one in study.design.analyses}
    keys = {
        (band.analysis, band.arm): (
            band.analysis,
            (band.arm or study.design.active.name) if methods[band.analysis] in COMPARES_NOTHING else "",
        )
        for band in study.bands
    }
    if not keys:
        return ()
    found = simulate(study, seed, REPEATS, asked=dict.fromkeys(keys.values()))
    judged = {
        key: verdict(study, observed_of(study, *key), seed, details=False)
        for key in dict.fromkeys((band.analysis, band.arm) for band in study.bands if band.what in JUDGED)
    }

    def value(band: Band) -> float:
        key = (band.analysis, band.arm)
        if band.what in JUDGED:
            return JUDGED[band.what](judged[key])
        return PREDICTED[band.what](found.of[keys[key]].estimate, observed_of(study, *key).estimate)

    return tuple(Checked(band=band, value=value(band)) for band in study.bands)
