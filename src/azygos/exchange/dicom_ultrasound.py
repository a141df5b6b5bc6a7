"""Duplex ultrasound as DICOM: Ultrasound Image Storage, and Ultrasound Multi-frame Image Storage.

Each image is a screen: the section above, the spectrum below, words over both. Their scales are two Ultrasound Regions
(DICOM PS3.3 C.8.5.5): centimetres in the section, seconds and cm/s towards the heart in the spectrum. The pixels are
those of the recording, each drawn as a whole number of pixels of the screen.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from azygos.exchange.dicom_image import BAND, decimal, grey_image, side, written_on
from azygos.instruments.recording import Picture, Recording, Site
from azygos.units import cm

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["objects"]

Bytes = NDArray[np.uint8]

TISSUE, SPECTRUM = 3, 2  # pixels of the screen for one of the recording, each way
CENTIMETRE, SECOND, CM_PER_S = 3, 4, 7  # units of a region
WORDS = "SIMULATED, for research and teaching"
FRAME_TIME = 1000.0  # [ms] a frame of a sweep is shown: the examiner moves on by hand, no time was recorded


def objects(recording: Recording) -> Iterator[tuple[str, "Dataset"]]:
    """A screen for every site and posture, and a sweep for every vein with several sites."""
    seen: dict[tuple[str, Site], dict[str, Picture]] = {}
    for picture in recording.pictures:
        seen.setdefault((picture.posture, picture.site), {})[picture.kind] = picture
    for (posture, site), kinds in seen.items():
        yield f"{site.vessel}_{site.fraction:.2f}_{posture}", _screen(recording, kinds.get("b_mode"), kinds["spectrum"])
    sweeps: dict[tuple[str, str], list[Picture]] = {}
    for picture in sorted((p for p in recording.pictures if p.kind == "b_mode"), key=lambda p: p.site):
        sweeps.setdefault((picture.site.vessel, picture.posture), []).append(picture)
    for (vessel, posture), frames in sweeps.items():
        if len(frames) > 1:
            yield f"{vessel}_sweep_{posture}", _sweep(frames)


def _screen(recording: Recording, section: Picture | None, spectrum: Picture) -> "Dataset":
    strip = _grey(np.flipud(spectrum.values.T), SPECTRUM)  # the fastest towards the heart on top
    parts = [strip] if section is None else [_grey(section.values, TISSUE), strip]
    width = max(part.shape[1] for part in parts)
    frame = np.vstack([np.pad(part, ((0, 0), (0, width - part.shape[1]))) for part in parts])
    lines = [WORDS, f"{spectrum.site}, {spectrum.posture}"]
    made = _ultrasound(written_on(frame, lines), "1.2.840.10008.5.1.4.1.1.6.1", spectrum.site.vessel)
    made.ImageType = ["DERIVED", "PRIMARY", "VASCULAR", "0008" if section is None else "0009"]
    top = BAND * len(lines)
    regions = [] if section is None else [_tissue(section, top)]
    below = top + sum(len(part) for part in parts[:-1])
    made.SequenceOfUltrasoundRegions = [*regions, _doppler(recording, spectrum, below, strip.shape)]
    return made


def _sweep(frames: Sequence[Picture]) -> "Dataset":
    """The sections of a vein from upstream to downstream, a frame each."""
    screens = [written_on(_grey(seen.values, TISSUE), [WORDS, f"{seen.site}, {seen.posture}"]) for seen in frames]
    made = _ultrasound(np.stack(screens), "1.2.840.10008.5.1.4.1.1.3.1", frames[0].site.vessel)
    made.ImageType = ["DERIVED", "PRIMARY", "VASCULAR", "0001"]
    made.FrameIncrementPointer, made.FrameTime = 0x00181063, decimal(FRAME_TIME)
    made.SequenceOfUltrasoundRegions = [_tissue(frames[0], 2 * BAND)]
    return made


def _ultrasound(pixels: Bytes, kind: str, vessel: str) -> "Dataset":
    made = grey_image(pixels)
    made.ImageLaterality = side(vessel)
    made.SOPClassUID, made.Modality = kind, "US"
    made.SeriesDescription = "duplex ultrasound"
    made.UltrasoundColorDataPresent = 0
    return made


def _grey(values: NDArray[np.float64], times: int) -> Bytes:
    shades = np.round(255.0 * np.clip(values, 0.0, 1.0)).astype(np.uint8)
    return np.repeat(np.repeat(shades, times, axis=0), times, axis=1)


def _tissue(section: Picture, top: int) -> "Dataset":
    """The scale of a section: depth from the skin down, places across from the middle of the picture."""
    depth, lateral = section.axes["depth [m]"], section.axes["lateral [m]"]
    rows, columns = (TISSUE * size for size in section.values.shape)
    made = _region(top, rows, columns, kind=1, format_=1)
    made.PhysicalUnitsXDirection = made.PhysicalUnitsYDirection = CENTIMETRE
    made.PhysicalDeltaX, made.PhysicalDeltaY = (_step(axis) / TISSUE / cm for axis in (lateral, depth))
    made.ReferencePixelX0 = made.ReferencePixelY0 = (TISSUE - 1) // 2  # the middle of the recording's first pixel
    made.ReferencePixelPhysicalValueX, made.ReferencePixelPhysicalValueY = lateral[0] / cm, depth[0] / cm
    return made


def _doppler(recording: Recording, spectrum: Picture, top: int, shape: tuple[int, ...]) -> "Dataset":
    """The scale of a spectrum: time to the right, velocity towards the heart up."""
    time, velocity = spectrum.axes["time [s]"], spectrum.axes["velocity [m/s]"]
    made = _region(top, *shape, kind=3, format_=3)
    made.PhysicalUnitsXDirection, made.PhysicalUnitsYDirection = SECOND, CM_PER_S
    made.PhysicalDeltaX, made.PhysicalDeltaY = _step(time) / SPECTRUM, -_step(velocity) / SPECTRUM / cm
    # Half a pixel of the screen lies between the middle of a velocity's two rows and the upper of them.
    made.ReferencePixelX0, made.ReferencePixelY0 = 0, 0
    half = 0.5 * (SPECTRUM - 1) / SPECTRUM
    made.ReferencePixelPhysicalValueX = time[0] - half * _step(time)
    made.ReferencePixelPhysicalValueY = (velocity[-1] + half * _step(velocity)) / cm
    made.DopplerCorrectionAngle = float(recording.protocol["insonation angle [degrees]"])
    made.TransducerFrequency = round(float(recording.protocol["Doppler frequency [Hz]"]) / 1e3)  # kHz
    return made


def _step(axis: NDArray[np.float64]) -> float:
    return float(axis[-1] - axis[0]) / (len(axis) - 1)


def _region(top: int, rows: int, columns: int, *, kind: int, format_: int) -> "Dataset":
    from pydicom.dataset import Dataset

    made = Dataset()
    made.RegionSpatialFormat, made.RegionDataType, made.RegionFlags = format_, kind, 0
    made.RegionLocationMinX0, made.RegionLocationMinY0 = 0, top
    made.RegionLocationMaxX1, made.RegionLocationMaxY1 = columns - 1, top + rows - 1
    return made
