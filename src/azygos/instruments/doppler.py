"""Spectral Doppler: what a pulsed beam makes of the velocities in a vessel.

    shift = 2 f0 v cos(angle) / c

A beam of half angle `aperture` meets the blood at a range of angles, which spreads each velocity by
|v| tan(angle) tan(aperture) to both sides (intrinsic broadening: PMC4510153, fig. 1). A shift beyond half the pulse
repetition frequency folds round to the other side; shifts below the wall filter are not heard.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from azygos.units import degree

__all__ = ["Doppler", "fold", "longest_reverse", "profile"]

Floats = NDArray[np.float64]

SOUND = 1540.0  # speed in soft tissue [m/s], for which scanners are calibrated
PULSE_RATES = (500.0, 750.0, 1000.0, 1500.0, 2000.0, 3000.0, 4000.0, 6000.0, 8000.0, 12000.0)  # [Hz]. assumed
FILLED = 0.8  # of the scale by the fastest blood, at most, when the examiner sets it. assumed
LAYERS = 64  # of the lumen, of equal area
BINS = 129  # of the spectrum
DYNAMIC_RANGE = 40.0  # of the picture [dB]. assumed
NARROWEST = 0.015  # spread of a line in the picture, as a share of the scale; the length of a transform. assumed


def profile(exponent: float, gate: float = 1.0) -> Floats:
    """Velocities in layers of equal area, from the middle outwards, over the section's mean.

        u(r) / mean = (g + 2) / g (1 - (r / R)^g)

    A `gate` below 1 opens to that share of the radius only; the layers then lie within it. For gate 1 their mean is 1.
    """
    square = (np.arange(LAYERS) + 0.5) / LAYERS
    whole = 1.0 - square ** (0.5 * exponent)
    inside = 1.0 - (gate**2 * square) ** (0.5 * exponent)
    return np.asarray(inside / np.mean(whole))


def fold(velocity: Floats, nyquist: float) -> Floats:
    """Where velocities show on a scale from -nyquist to nyquist: whole turns of 2 nyquist are lost."""
    turns = np.floor(velocity / (2.0 * nyquist) + 0.5)
    return np.asarray(velocity - 2.0 * nyquist * turns)


def longest_reverse(velocity: Floats, step: float, *, beyond: float = 0.0, is_periodic: bool = True) -> float:
    """The longest uninterrupted time with velocity below -`beyond` [s], of samples `step` [s] apart.

    Of a periodic course the end runs on into its beginning; all of it reversed is infinitely long.
    """
    reverse = velocity < -beyond
    if is_periodic and bool(np.all(reverse)):
        return math.inf
    course = np.concatenate([reverse, reverse]) if is_periodic else reverse
    edges = np.flatnonzero(np.diff(np.concatenate([[0], course.astype(int), [0]])))
    runs = edges[1::2] - edges[::2]
    return float(np.max(runs, initial=0)) * step


@dataclass(frozen=True, slots=True, kw_only=True)
class Doppler:
    """The settings of a pulsed Doppler and what blurs it."""

    frequency: float = 5e6  # [Hz], of a linear probe on the neck. assumed
    angle: float = 60.0 * degree  # between beam and vessel, as the examiner sets its mark; the usual limit
    wall_filter: float = 50.0  # [Hz]. assumed
    pulse_rate: float | None = None  # pulse repetition frequency [Hz]; None: the examiner fits it to the fastest blood
    gate: float = 1.0  # share of the lumen's radius in the sample volume; 1 as for volume flow
    aperture: float = 4.0 * degree  # half angle under which the vessel sees the active probe. assumed
    noise: float = 0.0006  # of the gain, as a share of the spectrum's highest power. assumed

    @property
    def exact(self) -> "Doppler":
        """Without filter, broadening and noise, over the whole lumen."""
        return replace(self, wall_filter=0.0, gate=1.0, aperture=0.0, noise=0.0)

    def speed(self, shift: float) -> float:
        """The velocity [m/s] that a shift [Hz] means at the set angle."""
        return SOUND * shift / (2.0 * self.frequency * math.cos(self.angle))

    @property
    def slowest(self) -> float:
        """The least velocity that passes the wall filter [m/s]."""
        return self.speed(self.wall_filter)

    def nyquist(self, fastest: float) -> float:
        """The end of the scale [m/s] for blood up to `fastest` [m/s]: the first that holds it, or as set."""
        if self.pulse_rate is not None:
            return self.speed(0.5 * self.pulse_rate)
        scales = [self.speed(0.5 * rate) for rate in PULSE_RATES]
        return next((scale for scale in scales if FILLED * scale >= fastest), scales[-1])

    def heard(self, mean: Floats, exponent: float) -> tuple[Floats, float]:
        """The velocities of the layers over time, (time, layer), as they show on the scale; and the scale's end.

        `mean` is the section's mean velocity over time. What the filter takes out counts as still.
        """
        layers = np.outer(mean, profile(exponent, self.gate))
        nyquist = self.nyquist(float(np.max(np.abs(layers), initial=0.0)))
        shown = fold(layers, nyquist)
        return np.where(np.abs(shown) > self.slowest, shown, 0.0), nyquist

    def broadening(self) -> float:
        """The standard deviation of the spread of a velocity, as a share of it."""
        return math.tan(self.angle) * math.tan(self.aperture) / math.sqrt(3.0)

    def spectrum(self, layers: Floats, nyquist: float, rng: Generator) -> tuple[Floats, Floats]:
        """Velocities [m/s] of the bins, and the grey (0 to 1) of the picture, shape (time, bin).

        `layers` (time, layer) are the velocities as they show, those that the filter took out being zero.
        """
        bins = np.linspace(-nyquist, nyquist, BINS)
        wide = np.hypot(self.broadening() * np.abs(layers), NARROWEST * nyquist)[:, :, None].astype(np.float32)
        apart = fold(bins[None, None, :] - layers[:, :, None], nyquist).astype(np.float32)
        lines = np.exp(-0.5 * (apart / wide) ** 2) / wide * (np.abs(layers) > self.slowest)[:, :, None]
        power = lines.sum(axis=1, dtype=np.float64)
        power /= max(float(np.max(power)), 1e-30)
        if self.noise:  # the power of echoes from many cells is exponentially distributed; two looks are averaged
            power = power * rng.gamma(2.0, 0.5, power.shape) + self.noise * rng.gamma(2.0, 0.5, power.shape)
        power[:, np.abs(bins) < self.slowest] *= 1e-4
        decibels = 10.0 * np.log10(np.maximum(power, 1e-12))
        return bins, np.clip(1.0 + decibels / DYNAMIC_RANGE, 0.0, 1.0)
