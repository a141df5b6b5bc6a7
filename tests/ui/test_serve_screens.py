"""What the Look and Treat screens ask of the server: places, hidden lesions, inflations, the months after."""

import json
import re

import pytest

pytest.importorskip("fastapi")

from azygos.body.body import Body
from azygos.body.lesion import KINDS, MEMBRANES, Stenosis
from azygos.report.lesion_words import lesion_words
from azygos.therapy.catalogue import atm, stock
from azygos.therapy.inflation import Inflation
from azygos.units import mm, mmHg
from azygos.web.examine import examined
from azygos.web.inflated import inflated
from azygos.web.operate import operated
from azygos.web.requests import BodyRequest, LookRequest, TreatRequest
from azygos.web.work import done

STENOSIS = "ijv_r: 80 % area at 0.5, 20 mm"
BLIND = {"cohort": "ms-ccsvi", "number": 7}


def silent(what, share):
    pass


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


def test_a_waist_opens_as_the_pressure_rises_and_while_it_is_held_until_it_is_as_wide_as_the_balloon(treated):
    (inflation,) = treated["truth"]["inflations"]
    waist, shoulders = inflation["waist"], inflation["shoulders"]
    assert waist[0] == inflation["before"]
    assert waist == sorted(waist) and all(w <= s for w, s in zip(waist, shoulders, strict=True))
    (closing,) = (float(fact["value"]) for fact in inflation["facts"] if fact["what"] == "waist gone above")
    assert inflation["pressure"][-1] == 8.0 < closing
    assert waist[-1] == inflation["held"][0] < inflation["held"][-1] == shoulders[-1]
    assert inflation["left"][0] == inflation["before"] and inflation["left"] == sorted(inflation["left"])


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_number_of_an_inflation_rests_on_is_told_of_that_kind_of_lesion(kind):
    pressed = kind == "compression"
    lesion = Stenosis(
        vessel="ijv_r", kind=kind, narrowing=0.0 if pressed else 0.75, at=0.5, length=2 * mm,
        pressure=20 * mmHg if pressed else 0.0,
    )  # fmt: skip
    one = Inflation(
        balloon=stock().balloon("plain_14x40"), pressure=8 * atm, lesion=lesion, vein=12 * mm, share=1.0, seconds=60.0,
        times=1, pressed=5 * mm if pressed else None,
    )  # fmt: skip
    facts = inflated(one)["facts"]
    assert [fact["what"] for fact in facts][-1] == "stays open"
    assert all(all(fact.values()) for fact in facts)
    assert any("leaflet" in fact["source"] for fact in facts) == (kind in MEMBRANES)
    assert any("dialysis" in fact["source"] for fact in facts) == (kind == "stenosis")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (STENOSIS, "stenosis taking 80 % of the area, 20 mm long, at 0.5 of its length from upstream"),
        (
            "ijv_r: compression 25 mmHg at 0.1, 15 mm",
            "compression by 25 mmHg, 15 mm long, at 0.1 of its length from upstream",
        ),
        ("ijv_r: hypoplasia 60 % area", "hypoplasia taking 60 % of the area, all along it"),
    ],
)
def test_a_lesion_is_told_in_words_and_not_in_the_notation_of_files(text, words):
    (lesion,) = Body.reference().with_lesion(text).lesions
    assert lesion_words(lesion) == f"right internal jugular vein: {words}"


def test_who_dies_of_a_procedure_is_not_followed_further():
    # the seed of a death: one in sixty (complications.csv), found by the draws themselves
    from azygos.therapy.complications import DEATH, Draws

    seed = next(s for s in range(2000) if DEATH in {c.event for c in Draws.of(s, ("ijv_r",)).happened({"access"})})
    request = TreatRequest(kind="treat", body=BodyRequest(lesions=(STENOSIS,)), seed=seed, stent="none")
    found = operated(request, silent)["truth"]
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


def test_the_truth_beside_a_recording_is_that_of_the_patient_whom_its_instrument_met():
    sites = ["ijv_l at 0.25", "aorta_ascending_1 at 0.5"]
    asked = {"kind": "look", "instruments": ["ultrasound", "manometry"], "sites": sites, "exact": True}
    found = examined(LookRequest.model_validate(asked), silent)
    breathing, calm = found["truth"]["solved"]
    assert (breathing["state"], calm["state"]) == ("supine breathing", "supine")
    read = {row["name"]: float(row["cells"][0]) for row in found["recordings"][1]["rows"]}
    vein = "left internal jugular vein at 0.25"
    assert calm["pressure"][vein] == pytest.approx(read[f"{vein}, supine"], abs=0.051)  # read to a tenth of a mmHg
    assert abs(breathing["pressure"][vein] - calm["pressure"][vein]) > 0.1  # a breath moves the pressure in the chest


def test_a_solution_not_to_be_trusted_is_told_but_not_where_to_one_who_looks_for_a_hidden_lesion():
    chokes = {"kind": "look", "body": {"lesions": ["ijv_r: 96 % area at 0.5, 20 mm"]}, "exact": True}
    (open_,) = examined(LookRequest.model_validate(chokes), silent)["doubts"]
    assert "do not trust that vessel" in open_ and "right internal jugular vein" in open_
    asked = {"kind": "look", "body": {"blind": BLIND}, "exact": True}
    hidden = examined(LookRequest.model_validate(asked), silent)["doubts"]
    assert all("jugular" not in doubt and "'" not in doubt for doubt in hidden)


@pytest.mark.parametrize("lesions", [[], [STENOSIS]])
def test_the_script_of_a_body_prints_the_numbers_below_its_map(page, capsys, lesions):
    request = {"kind": "simulate", "body": {"posture": 15.0, "lesions": lesions}}
    exec(compile(page.post("/api/script", json=request).text, "script", "exec"), {})
    printed = capsys.readouterr().out
    found = done(json.dumps(request), silent)["solution"]
    index = {name: i for i, name in enumerate(found["vessels"])}
    for vessel, piece, quantity in (
        ("ijv_r", "ijv_r.lesion" if lesions else "ijv_r", "flow"),
        ("ijv_l", "ijv_l", "flow"),
        ("sss_posterior", "sss_posterior", "pressure"),
        ("aorta_ascending_1", "aorta_ascending_1", "pressure"),
    ):
        shown = found["means"][quantity][index[piece]][2]
        assert float(re.search(rf"^{vessel} (\S+) m", printed, re.M)[1]) == pytest.approx(shown, rel=1e-4)
    assert float(re.search(r"in the skull (\S+) mmHg", printed)[1]) == pytest.approx(found["means"]["skull"], rel=1e-4)


def test_the_script_of_a_look_prints_every_reading(page, capsys):
    request = {"kind": "look", "instruments": ["manometry"], "sites": ["ijv_r at 0.5", "ijv_l at 0.5"], "seed": 3}
    exec(compile(page.post("/api/script", json=request).text, "script", "exec"), {})
    printed = capsys.readouterr().out
    (recording,) = examined(LookRequest.model_validate(request), silent)["recordings"]
    assert all("; ".join([row["name"], *row["cells"]]) in printed for row in recording["rows"])


def test_a_vein_that_is_looked_at_alone_is_called_by_its_name():
    asked = {"kind": "look", "instruments": ["ultrasound", "manometry"], "sites": ["ijv_r at 0.5", "azygos at 0.5"]}
    ultrasound, manometry = examined(LookRequest.model_validate(asked), silent)["recordings"]
    assert ultrasound["pictures"][0]["title"] == "B-mode: right internal jugular vein"
    assert manometry["rows"][1]["name"].startswith("azygos vein")
