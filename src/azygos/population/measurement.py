"""One thing measured of a person, with its uncertainty."""

from dataclasses import dataclass

from azygos.body.network import Network
from azygos.engine.measure import Measure
from azygos.errors import Problem

__all__ = ["Measurement", "problems_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A measured value and its error, one standard deviation, in SI; `unit` is that in which it was given."""

    measure: Measure
    value: float
    error: float
    unit: str
    posture: float = 0.0  # [degrees], head up
    where: str = ""  # "file:line"

    @property
    def scale(self) -> float:
        """One `unit` in SI."""
        return self.measure.one(self.unit)


def problems_of(measurement: Measurement, network: Network) -> list[Problem]:
    """Why it cannot be compared with a circulation; empty when it can."""
    found = measurement.measure.problems(network)
    return [Problem(p.what, measurement.where or p.where, p.remedy) for p in found]
