"""DICOM objects, measured as a viewer does: by their tags alone, against recordings made by hand."""

import shutil
import subprocess
from dataclasses import replace
from datetime import datetime
from io import BytesIO

import numpy as np
import pytest

from azygos.exchange.dicom import dicom_files
from azygos.instruments.b_mode import section
from azygos.instruments.recording import Picture, Reading, Recording, Site
from azygos.instruments.shape import Ellipse
from azygos.rng import stream
from azygos.units import cm, minute, mL, mm, mmHg

pydicom = pytest.importorskip("pydicom")

LEFT, RIGHT = Site(vessel="ijv_l"), Site(vessel="ijv_r", fraction=0.1)
PROTOCOL = {"insonation angle [degrees]": 60.0, "Doppler frequency [Hz]": 5e6}
LONG, SHORT = 14 * mm, 9 * mm  # of the vein in the section
VELOCITY = np.linspace(-0.4, 0.4, 129)  # of the spectrum's rows [m/s]


def ultrasound():
    depth, lateral, grey = section(Ellipse(long=LONG, short=SHORT), None, stream(1, "test"), speckle=False)
    axes = {"depth [m]": depth, "lateral [m]": lateral}
    sections = [Picture(site=site, kind="b_mode", axes=axes, values=grey, unit="number")
                for site in (LEFT, Site(vessel="ijv_l", fraction=0.9))]  # fmt: skip
    line = np.zeros((250, 129))
    line[:, 96] = 1.0  # at 0.2 m/s
    line[100, :] = 1.0  # at 1.6 s
    axes = {"time [s]": np.arange(250) * 4.0 / 250, "velocity [m/s]": VELOCITY}
    spectra = [Picture(site=seen.site, kind="spectrum", axes=axes, values=line, unit="number") for seen in sections]
    return Recording(instrument="ultrasound", protocol=PROTOCOL, readings=(), pictures=(*sections, *spectra))


def venography():
    rows, columns = (np.arange(count) * 0.8 * mm for count in (200, 100))
    taken = np.zeros((3, 200, 100))
    taken[:, :, 90] = 0.5  # on the patient's left
    taken[:, 20, :] = taken[:, 145, :] = 1.0  # 125 rows of 0.8 mm apart: 10 cm
    axes = {"time [s]": np.array([0.6, 1.2, 3.0]), "y [m]": rows, "x [m]": columns}
    seen = Picture(site=LEFT, kind="venogram", axes=axes, values=taken, unit="number")
    return Recording(instrument="venography", protocol={}, readings=(), pictures=(seen,))


FLOW = (300.0 + 200.0 * np.sin(np.arange(32) / 32 * 2 * np.pi)) * mL / minute
AREA = 80 * mm**2


def mri():
    axes = {"time [s]": (np.arange(32) + 0.5) * 0.8 / 32}
    seen = Picture(site=RIGHT, kind="flow_curve", axes=axes, values=FLOW, unit="flow")
    read = Reading(site=RIGHT, quantity="area", unit="area", value=AREA, error=0.0)
    protocol = {"venc [m/s]": 0.8, "pixel [m]": 0.6 * mm}
    return Recording(instrument="mri", protocol=protocol, readings=(read,), pictures=(seen,))


def manometry():
    path = [
        Picture(site=Site(vessel="azygos"), kind="pull_back", axes={"distance [m]": np.array([0.0, 5e-3, 1e-2])},
                values=np.array([6.0, 5.5, 5.25]) * mmHg, unit="pressure"),
        Picture(site=Site(vessel="svc_lower"), kind="pull_back", axes={"distance [m]": np.array([1e-2, 1.5e-2])},
                values=np.array([5.0, -1.5]) * mmHg, unit="pressure"),
    ]  # fmt: skip
    return Recording(instrument="manometry", protocol={"averaged over [s]": 8.0}, readings=(), pictures=tuple(path))


def twice():
    """The plane again in another posture."""
    (plane,) = mri().pictures
    return replace(mri(), pictures=(plane, replace(plane, posture="upright")))


@pytest.fixture(scope="module")
def files():
    return dicom_files([ultrasound(), venography(), twice(), manometry()], patient="test patient")


def read(files, name):
    return pydicom.dcmread(BytesIO(files[f"{name}.dcm"]))


def physical(region, x, y):
    """What PS3.3 C.8.5.5.1 says a pixel of a region is; x and y from the corner of the whole image."""
    across = x - region.RegionLocationMinX0 - region.ReferencePixelX0
    down = y - region.RegionLocationMinY0 - region.ReferencePixelY0
    return (
        region.ReferencePixelPhysicalValueX + across * region.PhysicalDeltaX,
        region.ReferencePixelPhysicalValueY + down * region.PhysicalDeltaY,
    )


def cut_to(image, region):
    return image[
        region.RegionLocationMinY0 : region.RegionLocationMaxY1 + 1,
        region.RegionLocationMinX0 : region.RegionLocationMaxX1 + 1,
    ]


def test_a_ruler_across_the_vein_of_a_section_measures_its_axes(files):
    for name in ("ultrasound_ijv_l_0.50_supine", "ultrasound_ijv_l_sweep_supine"):
        image = read(files, name)
        region = image.SequenceOfUltrasoundRegions[0]
        assert (region.PhysicalUnitsXDirection, region.PhysicalUnitsYDirection) == (3, 3)  # cm
        pixels = image.pixel_array if image.pixel_array.ndim == 2 else image.pixel_array[0]
        blood = cut_to(pixels, region) < 25
        wide, deep = np.ptp(np.flatnonzero(blood.any(axis=0))) + 1, np.ptp(np.flatnonzero(blood.any(axis=1))) + 1
        assert wide * region.PhysicalDeltaX == pytest.approx(LONG / cm, abs=0.05)  # two pixels of the recording
        assert deep * region.PhysicalDeltaY == pytest.approx(SHORT / cm, abs=0.05)
        middle = np.median(np.argwhere(blood), axis=0)[1] + region.RegionLocationMinX0
        x, _ = physical(region, middle, 0)
        assert x == pytest.approx(0.0, abs=0.025)


def test_a_spectrum_reads_its_velocity_in_cm_per_second_and_its_time_in_seconds(files):
    image = read(files, "ultrasound_ijv_l_0.50_supine")
    region = image.SequenceOfUltrasoundRegions[1]
    assert (region.PhysicalUnitsXDirection, region.PhysicalUnitsYDirection) == (4, 7)  # s, cm/s
    strip = cut_to(image.pixel_array, region)
    rows, columns = np.flatnonzero(strip[:, 0] > 128), np.flatnonzero(strip[0] > 128)
    time, velocity = physical(
        region, np.mean(columns) + region.RegionLocationMinX0, np.mean(rows) + region.RegionLocationMinY0
    )
    assert velocity == pytest.approx(20.0, abs=1e-6)
    assert time == pytest.approx(1.6, abs=1e-6)
    assert image.SequenceOfUltrasoundRegions[1].DopplerCorrectionAngle == 60.0


def test_the_regions_of_a_screen_lie_inside_it_and_not_over_each_other(files):
    image = read(files, "ultrasound_ijv_l_0.50_supine")
    above, below = image.SequenceOfUltrasoundRegions
    assert above.RegionLocationMaxY1 < below.RegionLocationMinY0
    assert below.RegionLocationMaxY1 == image.Rows - 1
    assert max(above.RegionLocationMaxX1, below.RegionLocationMaxX1) == image.Columns - 1


def test_a_ruler_on_a_venogram_measures_millimetres_with_the_head_up_and_the_patients_left_on_the_right(files):
    run = read(files, "venography_ijv_l_0.50_supine")
    assert run.NumberOfFrames == 3
    frame = run.pixel_array[0]
    dark = np.flatnonzero((frame == 0).all(axis=1))[-2:]  # below the words
    assert np.diff(dark)[0] * run.PixelSpacing[0] == pytest.approx(100.0)
    assert frame[-1, 90] < 255 and run.PatientOrientation == ["L", "F"]
    assert run.Rows - 1 - dark[1] == 20  # the lower line is the lower one
    assert np.cumsum([float(step) for step in run.FrameTimeVector]) == pytest.approx([0.0, 600.0, 2400.0])


def test_the_velocities_of_a_plane_add_up_to_the_flow_in_every_frame(files):
    plane = read(files, "mri_ijv_r_0.10_supine")
    shared = plane.SharedFunctionalGroupsSequence[0]
    change = shared.PixelValueTransformationSequence[0]
    speed = plane.pixel_array * float(change.RescaleSlope) + float(change.RescaleIntercept)  # cm/s
    mapped = shared.RealWorldValueMappingSequence[0]
    also = plane.pixel_array * mapped.RealWorldValueSlope + mapped.RealWorldValueIntercept
    assert mapped.MeasurementUnitsCodeSequence[0].CodeValue == "cm/s"
    np.testing.assert_allclose(also, speed, atol=1e-9)
    spacing = [float(side) for side in shared.PixelMeasuresSequence[0].PixelSpacing]  # mm
    flow = speed.sum(axis=(1, 2)) * cm * spacing[0] * spacing[1] * mm**2
    np.testing.assert_allclose(flow, FLOW, atol=0.5 * 0.8 / 2047 * AREA)  # half a step of what is stored
    lumen = (speed[8] > 0.01).sum() * spacing[0] * spacing[1]
    assert lumen == pytest.approx(AREA / mm**2, abs=0.36)  # one pixel
    assert shared.MRVelocityEncodingSequence[0].VelocityEncodingMaximumValue == 80.0
    triggers = [
        frame.CardiacSynchronizationSequence[0].NominalCardiacTriggerDelayTime
        for frame in plane.PerFrameFunctionalGroupsSequence
    ]
    assert triggers[:2] == pytest.approx([12.5, 37.5])


def test_a_pull_back_reads_millimetres_of_mercury_against_millimetres_and_names_its_vessels(files):
    waveform = read(files, "manometry_azygos_to_svc_lower_u_supine")
    group = waveform.WaveformSequence[0]
    units = [c.ChannelSensitivityUnitsSequence[0].CodeValue for c in group.ChannelDefinitionSequence]
    assert units == ["mm[Hg]", "mm"]
    pressure, distance = waveform.waveform_array(0).T
    assert pressure == pytest.approx([6.0, 5.5, 5.25, 5.0, -1.5])
    assert distance == pytest.approx([0.0, 5.0, 10.0, 10.0, 15.0])
    named = {one.UnformattedTextValue: one.ReferencedSamplePositions for one in waveform.WaveformAnnotationSequence}
    assert (named["azygos"], named["svc_lower"]) == (1, 4)
    assert float(group.SamplingFrequency) == 0.125


def test_every_object_says_that_it_is_simulated_and_names_no_person_and_no_day(files):
    assert len({read(files, name.removesuffix(".dcm")).StudyInstanceUID for name in files}) == 1
    for name in files:
        made = read(files, name.removesuffix(".dcm"))
        assert made.SyntheticData == "YES" and made.PatientName == "AZYGOS^SIMULATED"
        assert "Simulated" in made.PatientComments and made.PatientBirthDate == "" == made.StudyDate
        assert made.Manufacturer == "azygos" and made.SoftwareVersions
        assert made.SOPInstanceUID.startswith("2.25.") and made.SOPInstanceUID.is_valid
        if "PixelData" in made:
            assert made.ImageType[0] == "DERIVED" and "Simulated" in made.ImageComments


def test_a_series_holds_what_one_description_and_one_place_are_true_of(files):
    told: dict[str, set[tuple[str, ...]]] = {}
    for name in files:
        made = read(files, name.removesuffix(".dcm"))
        said = (made.SeriesDescription, str(made.SeriesNumber), made.Modality, made.get("FrameOfReferenceUID", ""))
        told.setdefault(made.SeriesInstanceUID, set()).add(said)
    assert all(len(said) == 1 for said in told.values())
    descriptions = [next(iter(said))[0] for said in told.values()]
    assert len(set(descriptions)) == len(descriptions) == 5
    assert "velocity through ijv_r at 0.1, upright" in descriptions


def test_the_same_recordings_give_the_same_bytes_and_others_other_identities(files):
    again = dicom_files([ultrasound(), venography(), twice(), manometry()], patient="test patient")
    assert again == files
    other = dicom_files([venography()], patient="test patient", visit="after", when=datetime(2026, 5, 4, 12))
    one = read(other, "venography_ijv_l_0.50_supine")
    assert one.SOPInstanceUID != read(files, "venography_ijv_l_0.50_supine").SOPInstanceUID
    assert one.StudyDate == "20260504"


def test_vessels_whose_names_differ_in_what_no_file_system_knows_keep_a_file_each():
    seen = venography().pictures[0]
    twins = [replace(seen, site=Site(vessel=name)) for name in ("left jugular", "left/jugular", "Left Jugular")]
    recording = replace(venography(), pictures=tuple(twins))
    found = dicom_files([recording], patient="back\\slash\nand more" * 9)
    assert len(found) == 3
    identities = {pydicom.dcmread(BytesIO(held)).SOPInstanceUID for held in found.values()}
    assert len(identities) == 3


# Added to the standard in 2023, after the dictionary of the packaged dciodvfy was made.
NEWER = "(0008,001c)"


def test_dcentvfy_finds_that_all_files_agree_in_what_they_share(files, tmp_path):
    if shutil.which("dcentvfy") is None:
        pytest.skip("dcentvfy is not installed: apt-get install dicom3tools")
    for name, held in files.items():
        (tmp_path / name).write_bytes(held)
    said = subprocess.run(["dcentvfy", *tmp_path.iterdir()], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


def test_dciodvfy_finds_no_error(files, tmp_path):
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy is not installed: apt-get install dicom3tools")
    for name, held in files.items():
        (tmp_path / name).write_bytes(held)
        said = subprocess.run(["dciodvfy", "-new", tmp_path / name], capture_output=True, text=True, check=False)
        errors = [line for line in (said.stdout + said.stderr).splitlines() if line.startswith("Error")]
        assert not [line for line in errors if NEWER not in line], name
