"""`azygos fit` as a user meets it: the file of docs/fit.md, its output, messages and exit statuses."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from azygos.exchange.person import read_person

ROOT = Path(__file__).parents[2]
THREE = "ijv_r.diameter, ijv_l.diameter, cerebral_flow"


def azygos(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "azygos.cli.main", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=120, check=False)


def refused(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """The measurements that docs/fit.md shows."""
    (block,) = re.findall(r"```csv\n(.*?)```", (ROOT / "docs/fit.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    file = tmp_path / "clinic.csv"
    file.write_text(block, encoding="utf-8")
    return file


def test_a_fit_shows_its_factors_and_writes_a_body_that_can_be_fitted_on(clinic: Path, tmp_path: Path) -> None:
    done = azygos(
        "fit", "reference", clinic, "--parameters", THREE, "--out", "person.yaml", "--picture", "fit.svg", cwd=tmp_path
    )
    assert done.returncode == 0 and done.stderr == ""
    for words in ("ijv_r.diameter", "flow(ijv_l)", "chi2", "Simulated", "Written: person.yaml", "Written: fit.svg"):
        assert words in done.stdout
    person = read_person(tmp_path / "person.yaml")
    assert person.name == "reference adult, fitted"
    assert person.fitted is not None and person.fitted.measurements == "clinic.csv" and person.fitted.count == 5
    assert set(person.parameters) == set(person.fitted.standard_errors) == set(THREE.replace(",", "").split())
    assert (tmp_path / "fit.svg").read_text(encoding="utf-8").startswith("<?xml")

    again = azygos("fit", "person.yaml", clinic, "--parameters", THREE, "--json", cwd=tmp_path)
    assert again.returncode == 0 and again.stderr == ""
    whole = json.loads(again.stdout)
    assert whole["outcome"] == "ok" and whole["converged"] is True and whole["rounds"] == 1
    assert whole["body"] == "reference adult, fitted" and whole["out"] is None
    for parameter in whole["parameters"]:
        assert parameter["factor"] == pytest.approx(person.parameters[parameter["name"]])
        assert parameter["determined"] and parameter["standard_error"] > 0
        assert parameter["interval"][0] < parameter["factor"] < parameter["interval"][1]
    assert whole["parameters"][0]["unit"] == "mm"
    first = whole["measurements"][0]
    assert (first["measure"], first["value"], first["error"], first["unit"]) == (
        "flow(ijv_r)", pytest.approx(420), pytest.approx(40), "mL/min",
    )  # fmt: skip
    assert first["where"].endswith("clinic.csv:3")
    assert first["residual_in_errors"] == pytest.approx((first["fitted"] - 420) / 40)


def test_everything_wrong_with_the_command_line_and_the_files_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("measure,value,unit,error,posture\nflow(ijv_rr),1,mL/min,1,supine\n")
    said = refused(
        azygos(
            "fit",
            "reference",
            "m.csv",
            "--parameters",
            "ijv_q.diameter, contractility contractility",
            "--out",
            "person.txt",
            "--picture",
            "nowhere/fit.gif",
            cwd=tmp_path,
        )
    )
    assert len(said) == 6, said
    for words in ("person.txt", "fit.gif", "nowhere", "m.csv:2: no vessel or link 'ijv_rr'", "ijv_q", "twice"):
        assert any(words in line for line in said), words
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.csv"]


def test_a_body_or_measurements_that_are_not_there_are_refused(tmp_path: Path) -> None:
    said = refused(azygos("fit", "refernce", "m.csv", cwd=tmp_path))
    assert any("'refernce'" in line and "reference" in line for line in said)
    assert any("there is no file 'm.csv'" in line for line in said)


def test_a_network_is_no_body(clinic: Path, tmp_path: Path) -> None:
    said = refused(azygos("fit", ROOT / "cases/boileau2015/common_carotid.yaml", clinic, cwd=tmp_path))
    assert any("a network, not a body" in line for line in said)
