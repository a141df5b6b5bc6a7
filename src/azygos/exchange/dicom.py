"""DICOM objects of what instruments recorded, each marked as simulated.

Ultrasound: an image for every site with its section and spectrum, and one of several frames for every vein that was
followed along. Venography: an X-ray angiographic run for every injection. Phase-contrast MRI: a velocity image for
every plane, frame by frame. Manometry: a haemodynamic waveform for every pull-back. Of IVUS nothing is written: it
recorded areas, no picture.

Nothing in a file depends on the day or on chance: the same recordings give the same bytes, and UIDs are UUIDs under
the root 2.25 (DICOM PS3.5 B.2) of what the objects hold. Where the standard demands a time none is known, and it is
that of `NO_DAY` unless given.
"""

import hashlib
import re
import uuid
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import datetime
from importlib import import_module, metadata
from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING

from azygos.errors import InputError, Problem
from azygos.instruments.recording import Recording

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["SIMULATED", "check_library", "dicom_files", "uid"]

SIMULATED = "Simulated by azygos, for research and teaching, not for care"
NO_DAY = datetime(1900, 1, 1)
WRITTEN_BY: Mapping[str, str] = MappingProxyType(
    {
        "ultrasound": "azygos.exchange.dicom_ultrasound",
        "venography": "azygos.exchange.dicom_venogram",
        "mri": "azygos.exchange.dicom_flow",
        "manometry": "azygos.exchange.dicom_pressure",
    }
)


def check_library() -> None:
    """Raises InputError where the library that writes DICOM is not installed."""
    try:
        import_module("pydicom")
    except ModuleNotFoundError:
        remedy = "install it with: pip install 'azygos[dicom]'"
        raise InputError(Problem("pydicom, which writes DICOM, is not installed", "--dicom", remedy)) from None


def dicom_files(
    recordings: Sequence[Recording], *, patient: str, visit: str = "", when: datetime | None = None
) -> dict[str, bytes]:
    """The DICOM files of a patient's recordings by name: one study, a series for what one description is true of.

    `patient` is the body's name, `visit` says which of several examinations; both become part of the identity.
    Raises InputError where pydicom is not installed.
    """
    check_library()
    made: dict[str, Dataset] = {}
    series: dict[tuple[int, str], int] = {}
    for number, recording in enumerate(recordings, start=1):
        for name, dataset in _objects(recording):
            made[_file_name(name, made)] = dataset
            dataset.SeriesNumber = series.setdefault((number, dataset.SeriesDescription), len(series) + 1)
    contents = [f"{name} {_digest(dataset)}" for name, dataset in made.items()]
    study = uid("study", metadata.version("azygos"), patient, visit, str(when), *contents)
    for place, (name, dataset) in enumerate(made.items(), start=1):
        _identify(dataset, patient, visit, when or NO_DAY)
        dataset.StudyInstanceUID = study
        dataset.SeriesInstanceUID = uid(study, "series", str(dataset.SeriesNumber))
        dataset.InstanceNumber = place
        dataset.SOPInstanceUID = uid(study, "instance", name)
        if "FrameOfReferenceUID" in dataset:
            dataset.FrameOfReferenceUID = uid(study, "place", name)  # where planes lie to each other is not recorded
    return {name: _written(dataset) for name, dataset in made.items()}


def _objects(recording: Recording) -> Iterator[tuple[str, "Dataset"]]:
    """What one instrument recorded, under names such as `ultrasound_ijv_r_0.5_supine`."""
    if recording.instrument in WRITTEN_BY:
        for name, dataset in import_module(WRITTEN_BY[recording.instrument]).objects(recording):
            dataset.ProtocolName = recording.instrument
            yield f"{recording.instrument}_{name}", dataset


def _file_name(name: str, taken: Container[str]) -> str:
    """A name for any system's files, and one that is not taken."""
    plain = re.sub(r"[^a-z0-9._-]+", "_", name.lower())
    while f"{plain}.dcm" in taken:
        plain += "_"
    return f"{plain}.dcm"


def _plain(text: str) -> str:
    """At most 64 letters, without those that mean something to DICOM."""
    return re.sub(r"[\\\x00-\x1f]", " ", text)[:64]


def uid(*parts: str) -> str:
    """A UID of what is named: the same for the same."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, chr(0).join(parts)).int}"


def _digest(dataset: "Dataset") -> str:
    return hashlib.sha256(dataset.to_json().encode()).hexdigest()


def _identify(dataset: "Dataset", patient: str, visit: str, when: datetime) -> None:
    """The attributes that every object has: patient, study, equipment, and that nothing of it was ever alive."""
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName = "AZYGOS^SIMULATED"
    dataset.PatientID = _plain(f"SIMULATED {patient}")
    dataset.PatientBirthDate = dataset.PatientSex = ""
    dataset.PatientComments = SIMULATED
    dataset.SyntheticData = "YES"
    dataset.QualityControlSubject = "YES"  # no person: a phantom
    dataset.StudyDate = dataset.StudyTime = dataset.AccessionNumber = dataset.ReferringPhysicianName = ""
    dataset.StudyID = "SIMULATED"  # lists of studies show it, and a DICOMDIR needs one
    dataset.StudyDescription = _plain(" ".join(filter(None, ("SIMULATED", visit))))
    dataset.Manufacturer = "azygos"
    dataset.ManufacturerModelName = "azygos, simulated instruments"
    dataset.SoftwareVersions = metadata.version("azygos")
    dataset.DeviceSerialNumber = "none"
    day, time = when.strftime("%Y%m%d"), when.strftime("%H%M%S")
    if when is not NO_DAY:
        dataset.StudyDate, dataset.StudyTime = day, time
    if "ContentDate" in dataset:
        dataset.ContentDate, dataset.ContentTime = day, time
    if "AcquisitionDateTime" in dataset:
        dataset.AcquisitionDateTime = day + time


def _written(dataset: "Dataset") -> bytes:
    from pydicom import dcmwrite
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(uid("azygos"))
    meta.ImplementationVersionName = f"AZYGOS {metadata.version('azygos')}"[:16]
    dataset.file_meta = meta
    into = BytesIO()
    dcmwrite(into, dataset, enforce_file_format=True)
    return into.getvalue()
