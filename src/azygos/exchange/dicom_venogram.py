"""Catheter venography as DICOM: X-Ray Angiographic Image Storage, a run of frames for every injection.

A pixel holds the share of the beam that is left, 255 where there is no contrast, so that veins are dark. Seen from in
front, the patient's left on the right, the head up; the beam is parallel, so that a pixel is as wide in the patient as
on the detector.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from azygos.exchange.dicom_image import decimal, grey_image, side, written_on
from azygos.instruments.recording import Picture, Recording
from azygos.units import mm, ms

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["objects"]

WORDS = ["SIMULATED, for research and teaching"]


def objects(recording: Recording) -> Iterator[tuple[str, "Dataset"]]:
    """An object for every injection."""
    for seen in recording.pictures:
        if seen.kind == "venogram":
            yield f"{seen.site.vessel}_{seen.site.fraction:.2f}_{seen.posture}", _run(seen)


def _run(seen: Picture) -> "Dataset":
    left = np.round(255.0 * (1.0 - np.flip(seen.values, axis=1))).astype(np.uint8)  # the head on top
    made = grey_image(np.stack([written_on(frame, [*WORDS, _told(seen, i)]) for i, frame in enumerate(left)]))
    made.SOPClassUID, made.Modality = "1.2.840.10008.5.1.4.1.1.12.1", "XA"
    made.ImageType = ["DERIVED", "PRIMARY", "SINGLE PLANE"]
    made.PatientOrientation = ["L", "F"]
    made.PixelIntensityRelationship = "LIN"  # the share of the beam
    made.RadiationSetting = "GR"
    made.KVP = made.XRayTubeCurrent = made.ExposureTime = made.Exposure = ""  # nobody was exposed
    made.ImageLaterality = side(seen.site.vessel)
    made.PositionerPrimaryAngle = made.PositionerSecondaryAngle = decimal(0.0)
    made.PositionerMotion = "STATIC"
    rise, across = (float(seen.axes[name][1] - seen.axes[name][0]) / mm for name in ("y [m]", "x [m]"))
    made.ImagerPixelSpacing = made.PixelSpacing = [decimal(rise), decimal(across)]
    made.PixelSpacingCalibrationType = "GEOMETRY"
    made.PixelSpacingCalibrationDescription = "parallel beam"
    made.EstimatedRadiographicMagnificationFactor = decimal(1.0)
    made.ContrastBolusAgent = "simulated, 300 mg iodine/mL"
    made.FrameIncrementPointer = 0x00181065
    time = seen.axes["time [s]"] / ms
    made.FrameTimeVector = [decimal(step) for step in (0.0, *np.diff(time))]
    made.SeriesDescription = f"contrast into {seen.site}, {seen.posture}"[:64]
    return made


def _told(seen: Picture, frame: int) -> str:
    return f"{seen.site}, {seen.axes['time [s]'][frame]:g} s"
