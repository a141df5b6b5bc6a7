"""Pressures through a catheter, and its pull-back."""

import numpy as np
import pytest

from azygos.body.body import Body
from azygos.body.condition import Breathing
from azygos.engine.solve import simulate
from azygos.instruments.instrument import Patient
from azygos.instruments.manometry import ANAESTHESIA, PULL_BACKS, Manometry
from azygos.instruments.recording import Site
from azygos.report.look_manometry import pictures
from azygos.rng import stream
from azygos.units import mmHg

SITES = tuple(Site(vessel=v) for v in ("sss_posterior", "ijv_r", "ijv_l", "svc_lower", "azygos", "vertebral_vein_l"))
LESION = "ijv_r: 95 % area at 0.6, 20 mm"


@pytest.fixture(scope="module")
def patient() -> Patient:
    body = Body.reference().with_lesion(LESION)
    return Patient(body=body, solutions={posture: simulate(body, posture=posture) for posture in ("supine", "upright")})


def values(recording, sites=SITES):
    return np.array([next(r.value for r in recording.readings if r.site == site) for site in sites])


def test_an_exact_manometry_reads_the_mean_pressures(patient):
    for posture in ("supine", "upright"):
        recording = Manometry(exact=True, posture=posture).examine(patient, SITES, stream(1, "x"))
        true = [np.mean(patient.at("pressure", site, posture)) for site in SITES]
        assert values(recording) == pytest.approx(np.array(true), rel=1e-9)
        assert all(reading.error == 0.0 and reading.posture == posture for reading in recording.readings)


def test_a_pull_back_falls_by_the_gradient_of_a_narrowing(patient):
    recording = Manometry(exact=True).examine(patient, SITES[1:2], stream(1, "x"))
    assert [p.site.vessel for p in recording.pictures] == list(PULL_BACKS[0])
    distance = np.concatenate([p.axes["distance [m]"] for p in recording.pictures])
    pressure = np.concatenate([p.values for p in recording.pictures])
    assert np.all(np.diff(distance) >= 0.0)
    assert distance[-1] == pytest.approx(sum(patient.body.lengths[v] for v in PULL_BACKS[0]))
    jugular = next(p for p in recording.pictures if p.site.vessel == "ijv_r")
    above, below = (np.mean(patient.at("pressure", Site(vessel="ijv_r", fraction=f))) for f in (0.2, 1.0))
    assert jugular.values[0] - jugular.values[-1] >= above - below > 0.5 * mmHg
    assert pressure[-1] == pytest.approx(np.mean(patient.at("pressure", Site(vessel="svc_lower", fraction=1.0))))


def test_the_zero_is_shared_and_the_reading_error_is_not(patient):
    true = values(Manometry(exact=True).examine(patient, SITES, stream(1, "x")))
    off = values(Manometry(reading_error=0.0).examine(patient, SITES, stream(1, "x"))) - true
    assert off == pytest.approx(np.full(len(SITES), off[0]), rel=1e-9)
    assert abs(off[0]) > 0.0
    off = values(Manometry(zero_error=0.0).examine(patient, SITES, stream(1, "x"))) - true
    assert len(set(np.round(off, 6))) == len(SITES)


def test_anaesthesia_raises_every_pressure_alike(patient):
    """By 5.8 mmHg on the average, Fargen 2017."""
    awake, asleep = (
        values(Manometry(exact=True, anaesthesia=a).examine(patient, SITES, stream(1, "x"))) for a in (False, True)
    )
    assert asleep - awake == pytest.approx(np.full(len(SITES), ANAESTHESIA[0]))


def test_a_short_average_of_a_breath_depends_on_when_it_begins():
    body = Body.reference().under(breathing=Breathing())
    patient = Patient(body=body, solutions={"supine": simulate(body)})
    quiet = {"zero_error": 0.0, "reading_error": 0.0}
    site = (Site(vessel="svc_lower"),)
    short = [values(Manometry(averaged=0.8, **quiet).examine(patient, site, stream(i, "x")), site)[0] for i in range(9)]
    long = [values(Manometry(**quiet).examine(patient, site, stream(i, "x")), site)[0] for i in range(3)]
    assert np.ptp(short) > 0.2 * mmHg
    assert np.ptp(long) == 0.0


def test_a_catheter_that_fills_a_lumen_is_said_to_misread_its_gradient(patient):
    thick = Manometry(catheter=9.0).examine(patient, SITES[1:2], stream(1, "x"))
    assert any("tightly in ijv_r at 0.6" in remark or "tightly in ijv_r at 0.5" in remark for remark in thick.remarks)
    assert not Manometry(catheter=3.0).examine(patient, SITES[1:2], stream(1, "x")).remarks


def test_only_the_pull_backs_that_are_asked_for_are_made(patient):
    left = Manometry().examine(patient, SITES[2:3], stream(1, "x"))
    assert {p.site.vessel for p in left.pictures} == set(PULL_BACKS[1])
    assert not Manometry().examine(patient, SITES[5:6], stream(1, "x")).pictures


def test_every_pull_back_is_drawn_with_the_names_of_its_places(patient):
    drawn = pictures(Manometry().examine(patient, SITES, stream(1, "x")))
    assert [picture.title for picture in drawn] == [
        "Pull-back: right side, sagittal sinus to right atrium", "Pull-back: left side, sagittal sinus to right atrium",
        "Pull-back: azygos vein to right atrium",
    ]  # fmt: skip
    assert "jugular vein" in drawn[0].drawing
