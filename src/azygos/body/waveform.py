"""What changes with time in a network: inflows, outside pressures, the heart's elastance."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Constant", "DoubleCosine", "Pulse", "Sampled", "Swing", "Waveform"]

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

    with s the time since `onset`; all times as fractions of the beat. Form: Liang et al. 2009. The network's
    period holds `beats` of them.
    """

    active: float  # [Pa/m3]
    passive: float  # [Pa/m3]
    onset: float
    rise: float
    fall: float
    beats: int = 1

    def sample(self, times: Floats, period: float) -> Floats:
        s = np.mod(self.beats * times / period - self.onset, 1.0)
        up = 0.5 * (1.0 - np.cos(np.pi * s / self.rise))
        down = 0.5 * (1.0 + np.cos(np.pi * (s - self.rise) / self.fall))
        shape = np.where(s < self.rise, up, np.where(s < self.rise + self.fall, down, 0.0))
        return self.passive + self.active * shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing(Waveform):
    """From `rest` to `peak` and back once a period, half a cosine each way: the pressure in a breathing chest."""

    rest: float
    peak: float
    rise: float = 0.4  # fraction of the period from rest to peak: inspiration

    def sample(self, times: Floats, period: float) -> Floats:
        s = np.mod(times / period, 1.0)
        up = 0.5 * (1.0 - np.cos(np.pi * s / self.rise))
        down = 0.5 * (1.0 + np.cos(np.pi * (s - self.rise) / (1.0 - self.rise)))
        return self.rest + (self.peak - self.rest) * np.where(s < self.rise, up, down)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse(Waveform):
    """`under` and, once, `height` above it: a strain or a cough. It does not repeat."""

    under: Waveform
    height: float
    begin: float  # [s]
    rise: float  # [s], half a cosine, as is the fall
    hold: float  # [s]
    fall: float  # [s]

    def sample(self, times: Floats, period: float) -> Floats:
        corners = np.cumsum([self.begin, self.rise, self.hold, self.fall])
        level = np.interp(times, corners, [0.0, 1.0, 1.0, 0.0])
        return self.under.sample(times, period) + self.height * 0.5 * (1.0 - np.cos(np.pi * level))
