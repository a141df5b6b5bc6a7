"""Which courses over a beat are kept of every patient: pressure, flow and area at named places."""

from dataclasses import dataclass

import numpy as np

from azygos.body.body import Body
from azygos.engine.solution import Solution
from azygos.instruments.recording import Site

__all__ = ["VARIABLES", "Waveforms"]

VARIABLES = {"pressure": "Pa", "flow": "m3 s-1", "area": "m2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waveforms:
    """Each course over one beat in even steps, so that patients of different heart rates can be laid together."""

    sites: tuple[Site, ...]
    samples: int = 100

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of one visit: variable, site, sample."""
        return len(VARIABLES), len(self.sites), self.samples

    def read(self, body: Body, solution: Solution) -> list[float]:
        """Flat; not a number where the body lacks the vessel."""
        found = np.full(self.shape, np.nan, dtype=np.float32)
        phase = (np.arange(self.samples) + 1.0) / self.samples * solution.network.period
        for j, site in enumerate(self.sites):
            if site.vessel in body.lengths:
                place = body.site(site.vessel, site.fraction)
                for i, variable in enumerate(VARIABLES):
                    course = solution.at(variable, *place)
                    found[i, j] = np.interp(phase, solution.time, course, period=solution.network.period)
        return [float(value) for value in found.ravel()]
