"""Distributions of a quantity among persons, each with where its numbers come from.

A distribution is asked for its quantile at u in (0, 1), so that a draw costs one uniform number of a named stream and
a design of experiments can ask for the same quantity at the places it chooses.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

from numpy.random import Generator

__all__ = ["Distribution", "Fixed", "Lognormal", "Normal", "Uniform", "chosen", "drawn"]

_STANDARD = NormalDist()


class Distribution(ABC):
    """Of a number [SI]. `source` is a publication, or `assumed`."""

    source: str

    @abstractmethod
    def quantile(self, u: float) -> float:
        """The value below which a share u of persons lies."""

    @property
    @abstractmethod
    def limits(self) -> tuple[float, float]:
        """The least and the largest value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed(Distribution):
    value: float
    source: str = "assumed"

    def quantile(self, u: float) -> float:
        return self.value

    @property
    def limits(self) -> tuple[float, float]:
        return self.value, self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniform(Distribution):
    low: float
    high: float
    source: str = "assumed"

    def quantile(self, u: float) -> float:
        return self.low + u * (self.high - self.low)

    @property
    def limits(self) -> tuple[float, float]:
        return self.low, self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Normal(Distribution):
    """Truncated to [low, high]: `mean` and `sd` are those of the law without its ends cut off."""

    mean: float
    sd: float
    low: float = -math.inf
    high: float = math.inf
    source: str = "assumed"

    def quantile(self, u: float) -> float:
        law = NormalDist(self.mean, self.sd)
        least, most = (law.cdf(x) if math.isfinite(x) else float(x > 0) for x in (self.low, self.high))
        return min(max(law.inv_cdf(_inside(least + u * (most - least))), self.low), self.high)

    @property
    def limits(self) -> tuple[float, float]:
        return self.low, self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Lognormal(Distribution):
    """95 % of persons lie from `low` to `high`, the median is their geometric mean; beyond them it is cut off.

    As the table of parameters has it (azygos.body.parameter).
    """

    low: float
    high: float
    source: str = "assumed"

    def quantile(self, u: float) -> float:
        spread = math.log(self.high / self.low) / 4.0
        middle = math.sqrt(self.low * self.high)
        return min(max(middle * math.exp(spread * _STANDARD.inv_cdf(_inside(u))), self.low), self.high)

    @property
    def limits(self) -> tuple[float, float]:
        return self.low, self.high


def _inside(u: float) -> float:
    """A share away from 0 and 1, at which a normal law has no quantile."""
    return min(max(u, 1e-12), 1.0 - 1e-12)


def drawn(distribution: Distribution, rng: Generator) -> float:
    """A value of a person; one uniform number of the stream whatever the law."""
    return distribution.quantile(float(rng.random()))


def chosen(shares: Mapping[str, float], u: float) -> str:
    """The name whose part of the line from 0 to 1 holds u; empty beyond the sum of the shares."""
    upto = 0.0
    for name, share in shares.items():
        upto += share
        if u < upto:
            return name
    return ""
