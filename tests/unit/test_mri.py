"""What phase-contrast MRI shows of a solved circulation, and what its pixels make of it."""

from dataclasses import replace

import numpy as np
import pytest

from azygos.body.body import Body
from azygos.engine.solve import simulate
from azygos.instruments.instrument import Patient
from azygos.instruments.mri import Mri
from azygos.instruments.recording import Site
from azygos.rng import stream
from azygos.units import cm, mm

SITES = tuple(
    Site(vessel=vessel, fraction=fraction)
    for vessel, fraction in (
        ("ijv_r", 0.1), ("ijv_r", 0.5), ("ijv_l", 0.9), ("vertebral_vein_r", 0.5), ("azygos", 0.9),
        ("svc_lower", 0.5), ("transverse_sinus_r", 0.5), ("sss_posterior", 0.5),
    )
)  # fmt: skip
QUIET = {"flow_cv": 0.0, "flow_cv_skull": 0.0, "area_cv": 0.0, "background": 0.0}


@pytest.fixture(scope="module")
def patient() -> Patient:
    body = Body.reference()
    return Patient(body=body, solutions={"supine": simulate(body)})


def read(recording, quantity, site):
    return next(r.value for r in recording.find(quantity, site.vessel) if r.site == site)


def test_an_exact_examination_reads_the_mean_flow_and_area(patient):
    recording = Mri(exact=True).examine(patient, SITES, stream(1, "mri"))
    for site in SITES:
        for quantity in ("flow", "area"):
            assert read(recording, quantity, site) == pytest.approx(np.mean(patient.at(quantity, site)), rel=5e-3)


def test_a_lumen_of_many_pixels_loses_little_flow_at_its_rim(patient):
    """Partial volume alone: within 5 % where the lumen is ten pixels wide or more."""
    recording = Mri(**QUIET).examine(patient, SITES, stream(1, "mri"))
    for site in SITES:
        if np.mean(patient.at("area", site)) > np.pi / 4 * (10 * 0.6 * mm) ** 2:
            assert read(recording, "flow", site) == pytest.approx(np.mean(patient.at("flow", site)), rel=0.05)
            assert read(recording, "area", site) == pytest.approx(np.mean(patient.at("area", site)), rel=0.05)


def test_finer_pixels_come_closer_to_the_flow(patient):
    site = SITES[3]
    true = np.mean(patient.at("flow", site))
    off = [abs(read(Mri(pixel=p, **QUIET).examine(patient, (site,), stream(1, "x")), "flow", site) - true)
           for p in (0.7 * mm, 0.1 * mm)]  # fmt: skip
    assert off[1] < off[0]
    assert off[1] < 0.02 * true


def test_a_velocity_beyond_the_encoding_velocity_folds(patient):
    """v seen = v - 2 venc where venc < v < 3 venc: plug flow in many pixels, seen negative."""
    site = SITES[1]
    speed = np.max(patient.at("flow", site) / patient.at("area", site))
    slow = Mri(venc=0.75 * speed, **QUIET).examine(patient, (site,), stream(1, "x"))
    assert any("folded" in remark for remark in slow.remarks)
    assert read(slow, "flow", site) < 0.5 * np.mean(patient.at("flow", site))
    assert np.min(slow.pictures[0].values) < 0.0
    fair = Mri(venc=2.0 * speed, **QUIET).examine(patient, (site,), stream(1, "x"))
    assert not fair.remarks


def test_a_background_velocity_adds_flow_in_proportion_to_the_area(patient):
    sites = (SITES[0],)
    luck = stream(3, "x").standard_normal(3)
    quiet = Mri(**QUIET).examine(patient, sites, stream(3, "x"))
    shifted = Mri(**(QUIET | {"background": 1.0 * cm})).examine(patient, sites, stream(3, "x"))
    more = read(shifted, "flow", sites[0]) - read(quiet, "flow", sites[0])
    assert more == pytest.approx(1.0 * cm * luck[2] * read(quiet, "area", sites[0]), rel=1e-9)


def test_frames_divide_one_beat_and_keep_the_mean(patient):
    few, many = (Mri(exact=True, frames=n).examine(patient, SITES[:1], stream(1, "x")) for n in (10, 50))
    assert few.pictures[0].values.shape == (10,)
    assert read(few, "flow", SITES[0]) == pytest.approx(read(many, "flow", SITES[0]), rel=1e-3)
    assert np.ptp(few.pictures[0].values) < np.ptp(many.pictures[0].values)


def test_breaths_are_folded_into_one_beat(patient):
    from azygos.body.condition import Breathing

    body = Body.reference().under(breathing=Breathing())
    breathing = Patient(body=body, solutions={"supine": simulate(body)})
    network = breathing.solutions["supine"].network
    assert network.beats > 1
    curve = Mri(exact=True).examine(breathing, SITES[:1], stream(1, "x")).pictures[0]
    assert curve.axes["time [s]"][-1] < network.period / network.beats


def test_a_lumen_of_few_pixels_is_not_read(patient):
    recording = Mri(pixel=4 * mm).examine(patient, (SITES[3], SITES[0]), stream(1, "x"))
    assert any("too small" in remark for remark in recording.remarks)
    assert not list(recording.find("flow", SITES[3].vessel))


def test_a_vessel_of_which_the_kind_is_not_known_is_read(patient):
    bare = Patient(body=replace(patient.body, kinds={}), solutions=patient.solutions)
    recording = Mri().examine(bare, SITES[:1], stream(1, "x"))
    assert recording.readings == Mri().examine(patient, SITES[:1], stream(1, "x")).readings


def test_the_same_stream_gives_the_same_recording_and_another_another(patient):
    one, same, other = (Mri().examine(patient, SITES, stream(seed, "x")) for seed in (1, 1, 2))
    assert one.readings == same.readings
    assert one.readings != other.readings
