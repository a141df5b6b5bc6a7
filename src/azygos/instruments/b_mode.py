"""B-mode: the grey picture of a vessel's section in its tissue."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from azygos.instruments.shape import Ellipse
from azygos.units import mm

__all__ = ["section"]

Floats = NDArray[np.float64]

WIDE, DEEP, PIXEL = 40 * mm, 30 * mm, 0.25 * mm  # of the picture
SKIN, MUSCLE = 2.5 * mm, 9.0 * mm  # depths of the lower edges of the skin and of the sternocleidomastoid. assumed
# Grey of the tissues, 0 to 1; blood is black, its edge bright. All assumed.
SKIN_GREY, MUSCLE_GREY, DEEP_GREY, BLOOD, EDGE = 0.75, 0.38, 0.52, 0.03, 0.85


def section(vein: Ellipse, artery: float | None, rng: Generator, *, speckle: bool = True) -> tuple[Floats, ...]:
    """Depth [m], lateral place [m] and grey (0 to 1) of a section, (depth, lateral).

    `artery` is the area [m2] of the artery beside the vein, deeper and towards the middle; None leaves it out.
    """
    depth, lateral = np.arange(0.0, DEEP, PIXEL), np.arange(-0.5 * WIDE, 0.5 * WIDE, PIXEL)
    z, x = np.meshgrid(depth, lateral, indexing="ij")
    wavy = 0.4 * mm * np.sin(x / (4.0 * mm))
    grey = np.where(z < SKIN, SKIN_GREY, np.where(z < MUSCLE + wavy, MUSCLE_GREY, DEEP_GREY))
    fibres = 0.08 * np.sin(2.0 * np.pi * (z + 0.06 * x) / (1.1 * mm))
    grey = grey + np.where((z >= SKIN) & (z < MUSCLE + wavy), fibres, 0.0)
    grey[np.abs(z - MUSCLE - wavy) < 0.35 * mm] = 0.8  # the fascia
    middle = MUSCLE + 1.5 * mm + 0.5 * vein.short
    if artery is not None:
        radius = float(np.sqrt(artery / np.pi))
        aside = 0.42 * vein.long + radius + 1.0 * mm
        grey = _lumen(grey, np.hypot(x - aside, z - MUSCLE - 3.5 * mm - radius) / radius, 0.9 * mm / radius)
    apart = np.hypot(x / (0.5 * vein.long), (z - middle) / (0.5 * vein.short))
    grey = _lumen(grey, apart, 0.8 * mm / max(vein.short, 1.6 * mm))
    if speckle:
        grey = grey * _speckle(grey.shape, rng)
    grey *= np.exp(-z / (60.0 * mm))
    return depth, lateral, np.clip(grey, 0.0, 1.0)


def _lumen(grey: Floats, apart: Floats, wall: float) -> Floats:
    """Blood where `apart` < 1, a bright wall of relative thickness `wall` round it."""
    return np.where(apart < 1.0, BLOOD, np.where(apart < 1.0 + wall, EDGE, grey))


def _speckle(shape: tuple[int, ...], rng: Generator) -> Floats:
    """The Rayleigh-distributed envelope of many echoes, a grain wider than deep; mean 1."""
    field = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    for axis, grain in ((0, 3), (1, 5)):
        field = sum((np.roll(field, shift, axis) for shift in range(grain)), np.zeros_like(field))
    envelope = np.abs(field)
    return np.asarray(0.25 + 0.75 * envelope / np.mean(envelope))
