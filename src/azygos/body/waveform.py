"""What changes with time in a network: inflows, outside pressures, the heart's elastance."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Constant", "DoubleCosine", "Sampled", "Waveform"]

Floats: TypeAlias = NDArray[np.float64]


class Waveform(ABC):
    """A value that depends on time."""

    @abstractmethod
    def sample(self, times: Floats, period: float) -> Floats:
        """Values at `times` [s]; `period` [s] is the beat of the network it drives."""


@dataclass(frozen=True, slots=True)
class Constant(Waveform):
    value: float

    def sample(self, times: Floats, period: float) -> Floats:
        return np.full(times.shape, self.value)


@dataclass(frozen=True, slots=True)
class Sampled(Waveform):
    """Values at given times, linear in between, repeated with the last time as its period."""

    times: tuple[float, ...]  # [s], rising from 0; the last is the period
    values: tuple[float, ...]

    def sample(self, times: Floats, period: float) -> Floats:
        return np.interp(np.mod(times, self.times[-1]), self.times, self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubleCosine(Waveform):
    """Elastance of a heart chamber: half a cosine up, half a cosine down, then rest.

        E(t) = passive + active e(t),
        e = (1 - cos(pi s / rise)) / 2 for s < rise, (1 + cos(pi (s - rise) / fall)) / 2 for s < rise + fall

    with s the time since `onset`; all times as fractions of the beat. Form: Liang et al. 2009.
    """

    active: float  # [Pa/m3]
    passive: float  # [Pa/m3]
    onset: float
    rise: float
    fall: float

    def sample(self, times: Floats, period: float) -> Floats:
        s = np.mod(times / period - self.onset, 1.0)
        up = 0.5 * (1.0 - np.cos(np.pi * s / self.rise))
        down = 0.5 * (1.0 + np.cos(np.pi * (s - self.rise) / self.fall))
        shape = np.where(s < self.rise, up, np.where(s < self.rise + self.fall, down, 0.0))
        return self.passive + self.active * shape
