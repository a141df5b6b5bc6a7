"""A vein that is small all along and has another lesion: in the circulation, on pictures, in files, in treatment."""

from pathlib import Path

import pytest

import azygos
from azygos.body.body import Body
from azygos.engine.solve import simulate
from azygos.exchange.person import read_body, write_body
from azygos.instruments.instrument import Patient
from azygos.instruments.manometry import Manometry
from azygos.instruments.recording import Site
from azygos.instruments.venography import Ivus, Venography
from azygos.rng import stream
from azygos.therapy.conduct import conduct
from azygos.therapy.procedure import vein_diameter
from azygos.therapy.protocol import angioplasty

SMALL, STENOSIS = "ijv_r: hypoplasia 40 % diameter", "ijv_r: 80 % area at 0.5, 20 mm"


@pytest.fixture(scope="module")
def body() -> Body:
    return Body.reference().with_lesion(SMALL, STENOSIS)


@pytest.fixture(scope="module")
def treatment(body: Body) -> azygos.Treatment:
    return azygos.treat(body)


def test_together_they_resist_more_than_each_alone(treatment: azygos.Treatment) -> None:
    flows = [simulate(Body.reference().with_lesion(one)).mean_flow_ml_min for one in (SMALL, STENOSIS)]
    both = treatment.stages[0].flow_ml_min["ijv_r"]
    assert both < flows[0]("ijv_r.lesion") and both < flows[1]("ijv_r.lesion")


def test_the_picture_shows_the_stenosis_against_the_small_vein(body: Body) -> None:
    """80 % of the area of its neighbourhood, however small that is."""
    patient = Patient(body=body, solutions={"supine": simulate(body)})
    (narrowing,) = Ivus(exact=True).examine(patient, (Site(vessel="ijv_r"),), stream(1)).find("narrowing")
    assert narrowing.value == pytest.approx(0.8, abs=0.05)
    assert narrowing.site.fraction == pytest.approx(0.5, abs=0.07)


def test_devices_are_sized_on_the_vein_as_it_is(body: Body, treatment: azygos.Treatment) -> None:
    small, stenosis = body.lesions
    assert vein_diameter(body, stenosis) == pytest.approx(0.6 * vein_diameter(body, small), rel=1e-12)
    first, last = treatment.stages[0], treatment.stages[-1]
    assert set(first.gradient_mmhg) == set(first.narrowing) == {"ijv_r.hypoplasia", "ijv_r.lesion"}
    assert first.gradient_mmhg["ijv_r.hypoplasia"] > first.gradient_mmhg["ijv_r.lesion"] > 0.0
    assert last.narrowing["ijv_r.lesion"] < 0.2
    # A sound wall keeps 10 % of the gain from 0.6 to 1.1 of the vein's diameter, rounded up to a whole millimetre.
    assert last.narrowing["ijv_r.hypoplasia"] == pytest.approx(0.4 - 0.1 * 0.5, abs=0.015)
    assert "right internal jugular vein, hypoplasia" in str(treatment.table())


def test_a_procedure_finds_and_opens_the_stenosis(body: Body) -> None:
    looks = {"venography": Venography(exact=True, injections=()), "manometry": Manometry(exact=True)}
    done = conduct(body, angioplasty(), **looks, seed=1).treatment
    assert done.stages[-1].narrowing["ijv_r.lesion"] < 0.5 * done.stages[0].narrowing["ijv_r.lesion"]


def test_a_file_holds_both(body: Body, tmp_path: Path) -> None:
    path = tmp_path / "person.yaml"
    write_body(body, path)
    assert read_body(path).lesions == body.lesions
