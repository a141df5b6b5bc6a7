"""Pull-back manometry as DICOM: Hemodynamic Waveform Storage, one for every pull-back.

A pull-back goes over places, not time: a sample is one place, read over as many seconds as the protocol averages, and
the waveform's rate is one sample in that time. So it has two channels: the pressure [mmHg] relative to the atmosphere,
and the distance from the first place [mm]. Annotations name the vessels.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from azygos.exchange.dicom import SIMULATED
from azygos.exchange.dicom_image import coded, decimal, side
from azygos.instruments.recording import Picture, Recording
from azygos.units import mm, mmHg

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["objects"]

STEPS = {"mm[Hg]": 0.01, "mm": 0.1}  # that one step of a stored number is; far below what a transducer tells apart


def objects(recording: Recording) -> Iterator[tuple[str, "Dataset"]]:
    """An object for every pull-back; the places read besides are no waveform."""
    paths: list[list[Picture]] = []
    for seen in recording.pictures:
        if seen.kind == "pull_back":
            if seen.axes["distance [m]"][0] == 0.0:
                paths.append([])
            paths[-1].append(seen)
    for path in paths:
        ends = f"{path[0].site.vessel}_to_{path[-1].site.vessel}"
        yield f"{ends}_{_sided(path)}_{path[0].posture}", _waveform(recording, path)


def _waveform(recording: Recording, path: Sequence[Picture]) -> "Dataset":
    from pydicom.dataset import Dataset

    made = Dataset()
    made.SOPClassUID, made.Modality = "1.2.840.10008.5.1.4.1.1.9.2.1", "HD"
    made.ContentDate = made.ContentTime = made.AcquisitionDateTime = ""  # demanded; filled with the rest
    made.SeriesDescription = f"pull-back, {path[0].site.vessel} to {path[-1].site.vessel}, {path[0].posture}"[:64]
    made.AcquisitionContextSequence = []
    made.MeasurementLaterality = _sided(path)
    group = Dataset()
    pressure = np.concatenate([seen.values for seen in path]) / mmHg
    distance = np.concatenate([seen.axes["distance [m]"] for seen in path]) / mm
    group.WaveformOriginality = "DERIVED"
    group.NumberOfWaveformChannels, group.NumberOfWaveformSamples = 2, len(pressure)
    group.SamplingFrequency = decimal(1.0 / float(recording.protocol["averaged over [s]"]))
    group.MultiplexGroupLabel = "pull-back"
    group.ChannelDefinitionSequence = [
        _channel(("pressure", "99AZYGOS", "Pressure in a vein"), "pressure", "mm[Hg]"),
        _channel(("distance", "99AZYGOS", "Distance from the first place"), "distance", "mm"),
    ]
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation = 16, "SS"
    both = np.column_stack([_stored(pressure, "mm[Hg]"), _stored(distance, "mm")])
    group.WaveformData = both.astype("<i2").tobytes()
    made.WaveformSequence = [group]
    made.WaveformAnnotationSequence = list(_annotations(path))
    return made


def _sided(path: Sequence[Picture]) -> str:
    """The side that the catheter came down; U where it was none."""
    return next((which for seen in path if (which := side(seen.site.vessel)) != "U"), "U")


def _stored(values: NDArray[np.float64], unit: str) -> NDArray[np.float64]:
    return np.round(values / STEPS[unit])


def _channel(source: tuple[str, str, str], label: str, unit: str) -> "Dataset":
    from pydicom.dataset import Dataset

    made = Dataset()
    made.ChannelLabel = label
    made.ChannelSourceSequence = [coded(*source)]
    made.ChannelSensitivity = decimal(STEPS[unit])
    made.ChannelSensitivityUnitsSequence = [coded(unit, "UCUM", unit)]
    made.ChannelSensitivityCorrectionFactor = decimal(1.0)
    made.ChannelBaseline = decimal(0.0)
    made.ChannelSampleSkew = decimal(0.0)
    made.WaveformBitsStored = 16
    return made


def _annotations(path: Sequence[Picture]) -> Iterator["Dataset"]:
    """The simulated origin first, then the name of each vessel at its first sample."""
    from pydicom.dataset import Dataset

    first = 1
    for text, count in ((SIMULATED, 0), *((seen.site.vessel, len(seen.values)) for seen in path)):
        made = Dataset()
        made.UnformattedTextValue = text
        made.ReferencedWaveformChannels = [1, 1]
        made.TemporalRangeType = "POINT"
        made.ReferencedSamplePositions = [first]
        made.AnnotationGroupNumber = 1
        first += count
        yield made
