"""An instrument: it sees a solved circulation through its own error."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from azygos.body.body import Body
from azygos.engine.solution import Solution
from azygos.instruments.recording import Recording, Site

__all__ = ["AbstractInstrument", "Patient"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """Who is examined: the body, and its solutions by posture (`supine` at least)."""

    body: Body
    solutions: dict[str, Solution]

    def at(self, quantity: str, site: Site, posture: str = "supine") -> Floats:
        """`pressure`, `flow`, `area` or `velocity` [SI] over a period at a site, lesions and all."""
        return self.solutions[posture].at(quantity, *self.body.site(site.vessel, site.fraction))

    def along(self, quantity: str, vessel: str, fractions: Floats, posture: str = "supine") -> Floats:
        """The same at many fractions of a vessel, shape (fractions, time)."""
        return np.stack([self.at(quantity, Site(vessel=vessel, fraction=float(f)), posture) for f in fractions])

    def time(self, posture: str = "supine") -> Floats:
        return self.solutions[posture].time


class AbstractInstrument(ABC):
    """An instrument's own settings and errors are its fields; `exact` ones have none."""

    @abstractmethod
    def examine(self, patient: Patient, sites: tuple[Site, ...], rng: Generator) -> Recording:
        """What the instrument records at `sites`. The same `rng` state gives the same recording."""
