"""`azygos trial` as somebody uses it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from azygos.cli.main import run
from azygos.exchange.study import named_study
from azygos.exchange.study_data import read_study_data
from azygos.report.trial import prior_rows, published_rows
from azygos.trial.conduct import conduct


def told(capsys, *words: str) -> str:
    assert run(["trial", *words]) == 0
    return capsys.readouterr().out


def refused(capsys, *words: str) -> list[str]:
    assert run(["trial", *words]) == 2
    found = capsys.readouterr()
    assert not found.out
    return found.err.splitlines()


def test_the_studies_that_ship_are_listed(capsys):
    text = told(capsys, "list")
    for name in ("albany-2012", "brave-dreams-2018", "canada-2018", "chicago-2012", "hubbard-2012", "iih-stenting",
                 "premise-2014", "tinnitus-stenting"):  # fmt: skip
        assert name in text
    assert len(json.loads(told(capsys, "list", "--json"))["studies"]) >= 8


def test_a_study_is_shown_with_sources_bands_and_priors(capsys):
    text = told(capsys, "show", "chicago-2012")
    for part in ("48 of 89", "WebMD", "chance with no effect", "Layers", "assumed"):
        assert part in text
    assert json.loads(told(capsys, "show", "chicago-2012", "--json"))["bands"]


def test_every_published_number_and_every_constant_has_its_unit():
    study = named_study("brave-dreams-2018")
    assert [row[1] for row in published_rows(study)] == ["-7.0 pp", "16.2 pp", "-0.55 lesions"]
    assert [row[1] for row in published_rows(named_study("iih-stenting"))][1:] == ["79.6 %", "-15.3 mmHg"]
    assert not [row for row in prior_rows(study) if "e+" in row[3] or "[" not in row[1]]


def test_a_survey_is_simulated_and_cannot_show_anything(capsys):
    text = told(capsys, "run", "chicago-2012", "--null", "--repeats", "200")
    assert "cannot show" in text and "48 of 89" in text and "Simulated, for research and teaching" in text
    assert not re.search(r"(?m)^Shown:", text)


def test_one_json_object_holds_the_run(capsys):
    found = json.loads(told(capsys, "run", "tinnitus-stenting", "--repeats", "50", "--json"))
    assert found["study"] == "tinnitus-stenting" and found["repeats"] == 50 and found["effect"] == 0.0
    assert found["verdict"]["standing"] == "shown" and found["verdict"]["rule"] == "dramatic"
    chance = found["verdict"]["chance_with_no_effect"]
    assert 0.0 <= chance["q2.5"] <= chance["q50"] <= chance["q97.5"] < 0.001
    assert found["analyses"][0]["published"] == pytest.approx(39 / 42)


def test_the_same_command_gives_the_same_numbers(capsys):
    words = ("run", "premise-2014", "--repeats", "100", "--seed", "3", "--json")
    assert told(capsys, *words) == told(capsys, *words)


def test_the_size_the_effect_and_the_layers_can_be_set(capsys):
    words = ("run", "tinnitus-stenting", "--n", "20", "--effect", "large", "--off", "course", "--off", "expectation")
    found = json.loads(told(capsys, *words, "--repeats", "60", "--json"))
    assert found["n"] == 20 and found["effect"] == 1.0 and found["layers_off"] == ["course", "expectation"]
    assert found["judged"].startswith("simulated") and found["analyses"][0]["mean"] > 0.8


def test_a_run_is_written_as_a_page_with_its_data_and_its_command(capsys, tmp_path):
    out = tmp_path / "out"
    told(capsys, "run", "premise-2014", "--repeats", "50", "--out", str(out))
    page = (out / "report.html").read_text(encoding="utf-8")
    for part in ("Verdict on the published result", "In plain words", "Flow", "Risk of bias", "To run it again",
                 "azygos trial run premise-2014", "Simulated, for research and teaching", "enrolled"):  # fmt: skip
        assert part in page
    assert "http" not in re.sub(r"http://www.w3.org/\d+/svg", "", page)  # nothing from outside
    assert json.loads((out / "result.json").read_text(encoding="utf-8"))["command"].startswith(
        "azygos trial run premise"
    )
    assert {path.name for path in (out / "cdisc").iterdir()} >= {"adsl.json", "adqs.json", "define.xml"}


def test_the_data_of_a_run_are_read_back_as_they_were(capsys, tmp_path):
    import numpy as np

    out = tmp_path / "out"
    told(capsys, "run", "premise-2014", "--repeats", "20", "--out", str(out))
    study = named_study("premise-2014")
    read = read_study_data(out / "data", study.design)  # by the dictionary that lies there
    meant = conduct(study, 1, 0)
    for variable in ("physical", "lesions"):
        np.testing.assert_array_equal(read.wide(variable, ("month 6",)), meant.wide(variable, ("month 6",)))
    assert run(["analyse", str(out / "cdisc"), "--design", str(out / "premise-2014.yaml")]) == 0


def test_a_plan_says_power_size_and_assurance(capsys):
    text = told(capsys, "plan", "tinnitus-stenting", "--repeats", "50")
    assert "against a sham" in text and "Assurance" in text and "n for 80 %" in text
    found = json.loads(told(capsys, "plan", "premise-2014", "--repeats", "50", "--json"))
    assert {"effects", "assurance", "false_positive"} <= set(found) and not found["control_added"]


def test_every_problem_of_a_command_line_is_said_at_once(capsys):
    lines = refused(
        capsys, "run", "chicago", "--n", "2", "--repeats", "0", "--off", "nois", "--null", "--effect", "small"
    )
    assert len(lines) == 5
    text = "\n".join(lines)
    for part in ("no study 'chicago'; did you mean 'chicago-2012'", "no layer 'nois'; did you mean 'noise'", "--n: 2",
                 "--repeats: 0", "--null"):  # fmt: skip
        assert part in text


def test_an_effect_without_its_unit_is_refused_with_an_example(capsys):
    (line,) = refused(capsys, "run", "chicago-2012", "--effect", "0.3")
    assert "write '0.3 sd'" in line


def test_nothing_is_written_when_something_is_wrong(capsys, tmp_path):
    refused(capsys, "run", "nowhere.yaml", "--out", str(tmp_path / "out"))
    assert list(tmp_path.iterdir()) == []


def test_a_study_of_ones_own_is_run(capsys, tmp_path):
    path = tmp_path / "ours.yaml"
    text = Path("cases/studies/sham-mmrm.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("method: mmrm", "method: ancova"), encoding="utf-8")
    found = json.loads(told(capsys, "run", str(path), "--n", "40", "--repeats", "30", "--off", "recall", "--json"))
    assert found["n"] == 40 and found["judged"].startswith("simulated")


def test_a_study_in_which_nothing_varies_is_refused_with_a_reason(capsys):
    (line,) = refused(capsys, "run", "cases/studies/sham-mmrm.yaml", "--n", "40", "--repeats", "6", "--off", "all")
    assert "found nothing to estimate in 100 % of the repeats" in line


EVENTS = """
format: azygos-study/1
design:
  name: relapses
  title: Relapses against sham
  kind: sham-controlled
  arms: {sham: {role: sham}, act: {role: active}}
  allocation: {method: simple}
  blinding: {participants: yes, assessors: yes}
  visits: {baseline: {day: 0 days}, month 6: {day: 6 months}}
  endpoints: {relapse: {kind: time to event, of: relapse, rated_by: assessor}}
  analyses: {main: {method: log-rank, endpoint: relapse, role: primary}}
  size: {n: 60}
"""


def test_a_test_without_an_estimate_has_its_power_counted_and_is_not_judged(capsys, tmp_path):
    (tmp_path / "relapses.yaml").write_text(EVENTS, encoding="utf-8")
    words = ("run", str(tmp_path / "relapses.yaml"), "--repeats", "20")
    found = json.loads(told(capsys, *words, "--json"))
    assert found["analyses"][0]["significant"] is not None and found["verdict"] is None
    assert "cox or rmst" in found["not_judged_because"]
    assert "Not judged: analysis 'main' (log-rank)" in told(capsys, *words, "--out", str(tmp_path / "out"))
    assert "Not judged" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_a_design_with_looks_says_where_it_ends(capsys, tmp_path):
    path = tmp_path / "ours.yaml"
    text = Path("cases/studies/sham-mmrm.yaml").read_text(encoding="utf-8")
    text = text.replace("method: mmrm", "method: ancova").replace("kind: sham-controlled", "kind: group-sequential")
    path.write_text(text.replace("  size:", "  sequential: {looks: [0.5, 1]}\n  size:"), encoding="utf-8")
    words = ("run", str(path), "--n", "60", "--repeats", "100", "--effect", "large", "--json")
    looks = json.loads(told(capsys, *words))["looks"]
    assert sum(looks["stopped"]) == pytest.approx(1.0) and looks["expected_n"] < 60


def test_a_large_study_is_simulated_in_seconds_and_judged_only_when_asked(capsys):
    found = json.loads(told(capsys, "run", "canada-2018", "--n", "21000", "--repeats", "1", "--json"))
    assert found["n"] == 21000 and found["verdict"] is None


@pytest.mark.skipif(sys.platform != "linux", reason="workers are found in /proc")
@pytest.mark.parametrize("signalled", ["the whole group", "a worker"])
def test_a_simulation_that_is_stopped_says_so_in_one_line(signalled):
    command = [sys.executable, "-m", "azygos.cli.main", "trial", "run", "cases/studies/sham-mmrm.yaml"]
    process = subprocess.Popen(
        [*command, "--repeats", "20000"], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while not (workers := [int(child) for child in children.read_text().split() if _simulates(child)]):
        time.sleep(0.02)
    if signalled == "a worker":
        os.kill(workers[0], signal.SIGKILL)
    else:
        os.killpg(process.pid, signal.SIGINT)
    code, said = {
        "a worker": (
            1,
            "azygos: a process that simulates has ended, perhaps for want of memory; nothing was written\n",
        ),
        "the whole group": (130, "interrupted; nothing was written\n"),
    }[signalled]
    assert process.communicate(timeout=60)[1] == said and process.returncode == code


def _simulates(child: str) -> bool:
    """Whether a process is a worker, and not the one that counts what they share."""
    try:
        return b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    except OSError:
        return False
