"""What the Look and Treat screens ask of the server: places, hidden lesions, inflations, the months after."""

import json

import pytest

pytest.importorskip("fastapi")
from starlette.testclient import TestClient

from azygos.web.app import served
from azygos.web.examine import examined
from azygos.web.operate import operated
from azygos.web.requests import BodyRequest, LookRequest, TreatRequest

STENOSIS = "ijv_r: 80 % area at 0.5, 20 mm"
BLIND = {"cohort": "ms-ccsvi", "number": 7}


def silent(what, share):
    pass


@pytest.fixture(scope="module")
def page():
    with TestClient(served(), base_url="http://127.0.0.1:8017") as found:
        yield found


@pytest.fixture(scope="module")
def treated():
    return operated(TreatRequest(kind="treat", body=BodyRequest(lesions=(STENOSIS,))), silent)


def problems(page, request):
    refused = page.post("/api/jobs", json=request)
    assert refused.status_code == 422
    return json.dumps(refused.json()["problems"])


def test_the_map_of_a_patient_examined_blind_shows_no_lesion_and_is_otherwise_his(page):
    drawn = page.post("/api/atlas", json={"blind": BLIND}).json()
    pieces = [piece for vessel in drawn["vessels"] for piece in vessel["pieces"]]
    assert all(piece["lesion"] is None for piece in pieces)
    body = BodyRequest.model_validate({"blind": BLIND}).body()
    assert body.lesions
    assert {vessel["name"] for vessel in drawn["vessels"]} == set(body.lengths)


def test_a_hidden_patient_is_the_one_of_the_cohort_and_the_same_for_everybody():
    from azygos.exchange.cohort import named_cohort
    from azygos.population.sample import sample

    one, other = (BodyRequest.model_validate({"blind": BLIND}).body() for _ in range(2))
    assert one.lesions == other.lesions == sample(named_cohort("ms-ccsvi"), 7).lesions


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"kind": "treat", "body": {"blind": BLIND}}, "name the veins in which the catheter is to go"),
        ({"kind": "treat", "body": {"blind": BLIND}, "vessels": ["ijv"]}, "did you mean 'ijv_r'"),
        ({"kind": "simulate", "body": {"blind": {"cohort": "ms"}}}, "no cohort 'ms'"),
        ({"kind": "simulate", "body": {"blind": BLIND, "lesions": [STENOSIS]}}, "leave out all but the posture"),
        ({"kind": "look", "sites": ["ijv_r at 1.5"]}, "write it like 'ijv_r at 0.5'"),
        ({"kind": "look", "sites": ["ijv_right at 0.5"]}, "no vessel 'ijv_right'"),
    ],
)
def test_what_is_wrong_with_a_place_or_a_hidden_patient_is_said(page, request_, said):
    assert said in problems(page, request_)


def test_instruments_look_where_they_are_told_and_the_truth_beside_each_reading_is_that_without_errors():
    asked = {"kind": "look", "body": {"lesions": [STENOSIS]}, "instruments": ["manometry"], "sites": ["ijv_r at 0.2"]}
    found = examined(LookRequest.model_validate(asked), silent)
    (recording,) = found["recordings"]
    assert [row["name"] for row in recording["rows"]] == ["right internal jugular vein at 0.2, supine"]
    (cell,) = recording["rows"][0]["cells"]
    value, error = (float(part) for part in cell.split(" ± "))
    (true,) = found["truth"]["readings"][0]["right internal jugular vein at 0.2, supine"]
    assert abs(value - float(true)) < 5.0 * error  # which a normal error passes once in two million
    assert recording["errors"] == ["zero 1.0 mmHg, shared by all; single reading 0.5 mmHg: assumed"]


def test_a_waist_opens_as_the_pressure_rises_until_it_is_as_wide_as_the_balloon(treated):
    (inflation,) = treated["inflations"]
    waist, shoulders = inflation["waist"], inflation["shoulders"]
    assert waist[0] == inflation["before"]
    assert waist == sorted(waist) and all(w <= s for w, s in zip(waist, shoulders, strict=True))
    assert waist[-1] == shoulders[-1] and inflation["pressure"][-1] == 8.0
    assert inflation["left"][0] == inflation["before"] and inflation["left"] == sorted(inflation["left"])


def test_who_dies_of_a_procedure_is_not_followed_further():
    # the seed of a death: one in sixty (complications.csv), found by the draws themselves
    from azygos.therapy.complications import DEATH, Draws

    seed = next(s for s in range(2000) if DEATH in {c.event for c in Draws.of(s, ("ijv_r",)).happened({"access"})})
    found = operated(TreatRequest(kind="treat", body=BodyRequest(lesions=(STENOSIS,)), seed=seed, stent="none"), silent)
    death = found["course"]["death"]
    assert death is not None and all(visit["month"] <= death for visit in found["follow"])
    assert any("death" in event["what"] for event in found["course"]["events"])


@pytest.mark.parametrize(
    "request_",
    [
        {"kind": "treat", "body": {"blind": BLIND}, "vessels": ["ijv_r"], "ivus": True, "exact": True},
        {"kind": "look", "body": {"blind": BLIND}, "sites": ["ijv_r at 0.9"], "instruments": ["manometry"]},
    ],
)
def test_a_hidden_patient_as_a_script_is_python_that_runs(page, request_, capsys):
    exec(compile(page.post("/api/script", json=request_).text, "script", "exec"), {})
    assert capsys.readouterr().out
