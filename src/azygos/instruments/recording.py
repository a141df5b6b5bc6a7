"""What an examination leaves behind: values with their uncertainty, where and how they were taken, and nothing else.

A recording holds no truth: whoever reads it knows no more of the patient than the instrument showed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Picture", "Reading", "Recording", "Site"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Site:
    """A place on a vessel as a clinician names it: no piece of a lesion, only how far along from upstream."""

    vessel: str
    fraction: float = 0.5

    def __str__(self) -> str:
        return f"{self.vessel} at {self.fraction:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One measured number, in SI, with one standard deviation of its error as the examiner knows it."""

    site: Site
    quantity: str  # such as area, mean_velocity, peak_velocity, flow, pressure, reflux_time, diameter
    unit: str  # a dimension of azygos.units: area, speed, flow, pressure, time, length, number
    value: float
    error: float
    posture: str = "supine"
    remark: str = ""  # such as the view that shows it, or why it is not to be trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What was seen rather than read: arrays over labelled axes, in SI."""

    site: Site
    kind: str  # such as spectrum, b_mode, venogram, flow_curve, pull_back
    axes: Mapping[str, Floats]  # name with unit, such as "time [s]" -> values, in the order of the array's axes
    values: Floats
    unit: str
    posture: str = "supine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One examination with one instrument."""

    instrument: str
    protocol: Mapping[str, str | float]  # how it was done, as a report would say
    readings: tuple[Reading, ...]
    pictures: tuple[Picture, ...] = ()
    remarks: tuple[str, ...] = field(default=())  # such as "no window to the vein"

    def find(self, quantity: str, vessel: str | None = None, posture: str | None = None) -> Iterator[Reading]:
        """The readings of a quantity, of one vessel and in one posture where these are given."""
        for reading in self.readings:
            if (
                reading.quantity == quantity
                and vessel in (None, reading.site.vessel)
                and posture in (None, reading.posture)
            ):
                yield reading
