"""`azygos look`, from the command line to the page."""

import json
from pathlib import Path

import pytest

from azygos.cli.main import run
from azygos.errors import InputError
from azygos.rng import stream

LESION = "ijv_l: 80 % area at 0.5, 20 mm"


def said(capsys, *words):
    status = run(["look", *words])
    return status, capsys.readouterr()


def test_an_exact_ultrasound_of_a_narrowed_jugular_fires_the_third_criterion_only(capsys):
    status, output = said(capsys, "reference", "--exact", "--lesion", LESION, "--json")
    found = json.loads(output.out)
    assert status == 0
    fired = {finding["rule"] for finding in found["findings"] if finding["fired"]}
    assert fired == {"criterion 3", "local narrowing"}
    readings = found["recordings"][0]["readings"]
    lying = [reading for reading in readings if reading["quantity"] == "area" and reading["posture"] == "supine"]
    areas = {(reading["vessel"], reading["fraction"]): reading for reading in lying}
    assert all(r["unit"] == "m2" and r["error"] == 0.0 for r in areas.values())
    # The lesion leaves a fifth of the section; pressure changes the sections above, in and below it a little.
    narrow, wide = (areas["ijv_l", f]["value"] for f in (0.5, 0.9))
    assert {reading["posture"] for reading in readings} == {"supine", "upright"}
    assert narrow < 0.4 * wide


def test_the_same_seed_shows_the_same_and_another_does_not(capsys):
    outputs = [said(capsys, "reference", "--posture", "supine", "--seed", s, "--json")[1].out for s in "112"]
    assert outputs[0] == outputs[1] != outputs[2]


def test_a_report_needs_nothing_beside_it(capsys, tmp_path):
    status, output = said(capsys, "reference", "--posture", "supine", "--site", "ijv_r at 0.5", "--out", str(tmp_path))
    assert status == 0
    html = (tmp_path / "look.html").read_text()
    assert "Duplex ultrasound" in html and "criterion 3" in html
    assert "http://" not in html.replace("http://www.w3.org", "") and "<script" not in html
    assert json.loads((tmp_path / "recordings.json").read_text())["seed"] == 1
    drawings = sorted(path.name for path in tmp_path.glob("*.svg"))
    assert drawings == ["ultrasound_01.svg", "ultrasound_02.svg"]
    assert "Simulated" in output.out and "criterion 3" in output.out


def test_every_drawing_is_an_svg_file_of_its_own(capsys, tmp_path):
    from xml.etree import ElementTree

    said(capsys, "reference", "--posture", "supine", "--site", "ijv_r at 0.5", "--out", str(tmp_path))
    for path in tmp_path.glob("*.svg"):
        assert ElementTree.parse(path).getroot().tag.endswith("svg")


def test_all_instruments_look_at_one_patient(capsys):
    status, output = said(
        capsys, "reference", "--with", "ultrasound,mri,venography,ivus,manometry", "--exact", "--lesion", LESION,
        "--json",
    )  # fmt: skip
    found = json.loads(output.out)
    assert status == 0
    assert [one["instrument"] for one in found["recordings"]] == [
        "ultrasound", "mri", "venography", "ivus", "manometry",
    ]  # fmt: skip
    narrow = [f for f in found["findings"] if f["rule"] == "IVUS narrowing" and f["vessel"] == "ijv_l"]
    assert [finding["fired"] for finding in narrow] == [True]
    gradients = [f for f in found["findings"] if f["rule"] == "IIH gradient"]
    assert gradients and not any(finding["fired"] for finding in gradients)


def test_through_a_strain_ultrasound_looks_for_reflux(capsys):
    status, output = said(
        capsys, "reference", "--posture", "supine", "--valsalva", "15 mmHg", "--site", "ijv_r at 0.9", "--exact",
        "--json",
    )  # fmt: skip
    found = json.loads(output.out)
    postures = {reading["posture"] for reading in found["recordings"][0]["readings"]}
    assert status == 0
    assert postures == {"supine", "valsalva"}


def test_everything_wrong_is_said_at_once_and_nothing_is_written(capsys, tmp_path):
    status, output = said(
        capsys, "nowhere.yaml", "--with", "ultrasund,mri", "--posture", "upright", "--site", "ijv_r at 2",
        "--out", str(tmp_path / "out"),
    )  # fmt: skip
    lines = output.err.strip().splitlines()
    assert status == 2
    assert len(lines) == 4
    assert "did you mean 'ultrasound'" in output.err
    assert "nowhere.yaml" in output.err and "lies flat" in output.err and "no fraction" in output.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--seed", "1.5"], "'1.5' is no whole number"),
        (["--seed", "-1"], "'-1' is no whole number"),
        (["--with", " "], "no instrument is named"),
        (["--site", "ijv_x"], "no vessel 'ijv_x'"),
        (["--posture", "sitting"], "sitting"),
    ],
)
def test_what_cannot_be_meant_is_refused(capsys, words, what):
    status, output = said(capsys, "reference", *words)
    assert status == 2
    assert what in output.err
    assert "Traceback" not in output.err


def test_a_network_without_the_usual_veins_is_looked_at_where_it_is_said(capsys):
    file = str(Path(__file__).parents[2] / "cases" / "boileau2015" / "adan56.yaml")
    status, output = said(capsys, file)
    assert status == 2 and "usually looks" in output.err and "--site" in output.err
    status, output = said(capsys, file, "--site", "common_carotid_R at 0.5", "--json", "--exact")
    readings = json.loads(output.out)["recordings"][0]["readings"]
    assert status == 0
    assert {reading["posture"] for reading in readings} == {"supine"}


def test_a_seed_that_is_no_whole_number_is_refused_from_python_too():
    for seed in (1.5, -1):
        with pytest.raises(InputError, match="whole number"):
            stream(seed, "look")


def test_where_nothing_can_be_seen_only_that_is_said(capsys):
    status, output = said(capsys, "reference", "--posture", "supine", "--site", "azygos at 0.5")
    lines = output.out.split("no lesions")[1].strip().splitlines()
    assert status == 0
    assert lines[0] == "ultrasound: no window to the azygos" and len(lines) == 2


def test_the_table_has_the_narrowest_place_of_a_vessel_and_no_interval_without_errors(capsys):
    words = ("reference", "--with", "ivus", "--site", "ijv_l", "--lesion", LESION)
    _, exact = said(capsys, *words, "--exact")
    _, seen = said(capsys, *words)
    tables = [output.out.split("Intravascular")[1] for output in (exact, seen)]
    assert all(table.count("ijv_l at") == 2 for table in tables)  # what was read, and the finding
    assert ["interval" in table for table in tables] == [False, True]


CHOKED = "ijv_r: 98 % area at 0.9, 20 mm"


def test_what_a_choked_vessel_shows_is_marked(capsys, tmp_path):
    words = ("reference", "--posture", "upright", "--lesion", CHOKED)
    status, output = said(capsys, *words, "--json", "--out", str(tmp_path))
    found = json.loads(output.out)
    outcome = found["outcomes"]["upright breathing"]
    assert status == 3
    assert outcome["outcome"] == "choked" and "ijv_r" in outcome["remark"]
    (fast,) = (f for f in found["findings"] if f["rule"] == "accelerated flow" and f["vessel"] == "ijv_r")
    assert fast["remark"] == "choked there, not to be trusted"
    readings = found["recordings"][0]["readings"]
    assert {r["vessel"] for r in readings if r["remark"]} == {"ijv_r"}
    html = (tmp_path / "look.html").read_text()
    assert 'class="warning"' in html and "choked there, not to be trusted" in html


def test_a_page_speaks_as_a_clinician_does(capsys, tmp_path):
    sites = ("--site", "ijv_r at 0.5", "--site", "ijv_r at 0.9", "--site", "transverse_sinus_r", "--site", "azygos")
    said(capsys, "reference", "--with", "ultrasound,mri,manometry", *sites, "--out", str(tmp_path))
    html = (tmp_path / "look.html").read_text()
    assert "Doppler frequency: 5 MHz; insonation angle: 60 degrees; wall filter: 1.54 cm/s" in html
    assert "venc: 80 cm/s; pixel: 0.6 mm" in html
    assert "right internal jugular vein at 0.5" in html
    for code in ("ijv_r", "transverse_sinus_r", " mm2", " cm2", "[Pa]", "[m/s]", "[m]"):
        assert code not in html, code
