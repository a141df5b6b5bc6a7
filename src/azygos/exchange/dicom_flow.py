"""Phase-contrast MRI as DICOM: Enhanced MR Image Storage, a velocity image with a frame for every phase of the beat.

What was recorded of a plane is its flow over the beat and the area of the lumen, not pixels. So the picture is drawn
from these: a round lumen of that area, whose pixels all have the velocity that carries the flow,

    v(t) = flow(t) / (pixels of the lumen x area of a pixel),

in tissue at rest. Summed over the lumen a viewer finds the flow recorded; a profile or a form it must not read from it,
and `ImageComments` says so. Stored values become cm/s by the Pixel Value Transformation and the Real World Value Map;
positive is towards the heart. The encoding velocity is the recording's.
"""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from azygos.exchange.dicom import SIMULATED, uid
from azygos.exchange.dicom_image import coded, decimal, grey_image
from azygos.instruments.recording import Picture, Recording
from azygos.units import cm, mm, ms

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["objects"]

ROOM = 1.6  # of the field of view, in diameters of the lumen
THICK = "5"  # of a plane [mm]: demanded, and the recording's has none. assumed
ZERO = 2048  # the stored value of rest
STEPS = 2047  # from rest to the fastest of a frame
DRAWN = "drawn from flow and area: every pixel of the lumen has its mean velocity"


def objects(recording: Recording) -> Iterator[tuple[str, "Dataset"]]:
    """An object for every plane whose area was read, too."""
    for seen in recording.pictures:
        area = next((r.value for r in recording.find("area", seen.site.vessel) if r.site == seen.site), None)
        if seen.kind == "flow_curve" and area is not None:
            yield f"{seen.site.vessel}_{seen.site.fraction:.2f}_{seen.posture}", _plane(recording, seen, area)


def _plane(recording: Recording, seen: Picture, area: float) -> "Dataset":
    pixel, venc = float(recording.protocol["pixel [m]"]), float(recording.protocol["venc [m/s]"])
    lumen = _lumen(area, pixel)
    velocity = seen.values / (float(lumen.sum()) * pixel**2)
    scale = max(venc, float(np.max(np.abs(velocity)))) / STEPS  # [m/s] of a step; an exact recording has no limit
    stored = ZERO + np.round(velocity / scale)[:, None, None] * lumen
    made = grey_image(stored.astype(np.uint16))
    made.BitsStored, made.HighBit = 12, 11
    del made.PatientOrientation  # said by the plane
    made.SOPClassUID, made.Modality = "1.2.840.10008.5.1.4.1.1.4.1", "MR"
    made.ImageType = ["DERIVED", "PRIMARY", "VELOCITY", "NONE"]
    made.ImageComments = f"{SIMULATED}; {DRAWN}"
    made.SeriesDescription = f"velocity through {seen.site}, {seen.posture}"[:64]
    made.ContentDate = made.ContentTime = made.AcquisitionDateTime = ""  # demanded; filled with the rest
    made.FrameOfReferenceUID = made.PositionReferenceIndicator = ""
    made.PixelPresentation, made.ComplexImageComponent = "MONOCHROME", "PHASE"
    made.VolumetricProperties, made.VolumeBasedCalculationTechnique = "VOLUME", "NONE"
    made.AcquisitionContrast = "FLOW_ENCODED"
    made.ContentQualification = "RESEARCH"
    made.PresentationLUTShape = "IDENTITY"
    made.AcquisitionNumber = 1
    made.PatientPosition, made.ApplicableSafetyStandardAgency = "HFS", "NONE"
    made.AcquisitionContextSequence = []
    made.SharedFunctionalGroupsSequence = [_shared(pixel, scale, venc, velocity, len(lumen))]
    made.PerFrameFunctionalGroupsSequence = [_frame(i, float(time)) for i, time in enumerate(seen.axes["time [s]"], 1)]
    made.DimensionOrganizationSequence, made.DimensionIndexSequence = _dimensions()
    return made


def _lumen(area: float, pixel: float) -> NDArray[np.bool_]:
    """The pixels of a round lumen, nearest to its middle first, as many as its area has."""
    count = max(1, round(area / pixel**2))
    side = 2 * math.ceil(ROOM * math.sqrt(count / math.pi)) + 1
    across = np.arange(side) - side // 2
    order = np.argsort(np.hypot(across[:, None], across[None, :]), axis=None, kind="stable")
    lumen = np.zeros(side * side, dtype=bool)
    lumen[order[:count]] = True
    return lumen.reshape(side, side)


def _shared(pixel: float, scale: float, venc: float, velocity: NDArray[np.float64], side: int) -> "Dataset":
    """What all frames have in common: where the plane lies, how large a pixel is, what a stored value means."""
    corner = decimal(-0.5 * (side - 1) * pixel / mm)
    fastest = decimal(2.0 * float(np.max(np.abs(velocity))) / cm)
    return _group(
        PixelMeasuresSequence={"PixelSpacing": [decimal(pixel / mm)] * 2, "SliceThickness": THICK},
        PlanePositionSequence={"ImagePositionPatient": [corner, corner, decimal(0.0)]},
        PlaneOrientationSequence={"ImageOrientationPatient": [1, 0, 0, 0, 1, 0]},
        FrameAnatomySequence={
            "FrameLaterality": "U",
            "AnatomicRegionSequence": coded("29092000", "SCT", "Vein"),
        },
        PixelValueTransformationSequence={
            "RescaleIntercept": decimal(-ZERO * scale / cm), "RescaleSlope": decimal(scale / cm), "RescaleType": "US",
        },
        FrameVOILUTSequence={"WindowCenter": decimal(0.0), "WindowWidth": fastest},
        MRImageFrameTypeSequence={
            "FrameType": ["DERIVED", "PRIMARY", "VELOCITY", "NONE"], "PixelPresentation": "MONOCHROME",
            "VolumetricProperties": "VOLUME", "VolumeBasedCalculationTechnique": "NONE",
            "ComplexImageComponent": "PHASE", "AcquisitionContrast": "FLOW_ENCODED",
        },
        MRVelocityEncodingSequence={
            # Of a frame of reference whose z is the vessel's way.
            "VelocityEncodingDirection": [0.0, 0.0, 1.0], "VelocityEncodingMinimumValue": -venc / cm,
            "VelocityEncodingMaximumValue": venc / cm,
        },
        RealWorldValueMappingSequence={
            "RealWorldValueFirstValueMapped": 0, "RealWorldValueLastValueMapped": 2 * ZERO - 1,
            "RealWorldValueIntercept": -ZERO * scale / cm, "RealWorldValueSlope": scale / cm,
            "LUTExplanation": "velocity", "LUTLabel": "velocity",
            "MeasurementUnitsCodeSequence": coded("cm/s", "UCUM", "cm/s"),
        },
    )  # fmt: skip


def _frame(number: int, time: float) -> "Dataset":
    return _group(
        FrameContentSequence={
            "FrameAcquisitionNumber": 1, "StackID": "1", "InStackPositionNumber": 1, "TemporalPositionIndex": number,
            "DimensionIndexValues": [number],
        },
        CardiacSynchronizationSequence={"NominalCardiacTriggerDelayTime": time / ms},
    )  # fmt: skip


def _dimensions() -> "tuple[list[Dataset], list[Dataset]]":
    from pydicom.dataset import Dataset

    index = Dataset()
    organisation = Dataset()
    organisation.DimensionOrganizationUID = index.DimensionOrganizationUID = uid("frames by time")
    index.DimensionIndexPointer, index.FunctionalGroupPointer = 0x00209128, 0x00209111
    return [organisation], [index]


def _group(**sequences: dict[str, object]) -> "Dataset":
    """A functional group: sequences of one item each."""
    from pydicom.dataset import Dataset

    made = Dataset()
    for name, values in sequences.items():
        item = Dataset()
        for keyword, value in values.items():
            setattr(item, keyword, [value] if isinstance(value, Dataset) else value)
        setattr(made, name, [item])
    return made
