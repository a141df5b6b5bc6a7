"""`azygos convert` and what `azygos simulate` reads and writes beside azygos' own files."""

import json
from pathlib import Path

import pytest

from azygos.cli.main import run
from azygos.exchange.native import read_network
from fuzz.targets import HEART, OPENBF, TARGETS


def test_centrelines_become_a_network_and_what_it_lacks_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "aorta.vtp").write_bytes(TARGETS["vtp"].seeds[2])
    assert run(["convert", str(tmp_path / "aorta.vtp"), str(tmp_path / "aorta.yaml"), "--unit", "mm"]) == 0
    said = capsys.readouterr().out
    assert "Still missing: inflows or pressures at node_0" in said and "aorta.yaml" in said
    assert "vessel_1: {from: node_0" in (tmp_path / "aorta.yaml").read_text()


def test_openbf_goes_to_azygos_own_format_and_back(tmp_path: Path) -> None:
    (tmp_path / "tube.yaml").write_bytes(OPENBF)
    (tmp_path / "in.dat").write_text("0 1e-6\n0.5 5e-6\n1 1e-6\n")
    assert run(["convert", str(tmp_path / "tube.yaml"), str(tmp_path / "own.yaml")]) == 0
    assert run(["convert", str(tmp_path / "own.yaml"), str(tmp_path / "back.yaml"), "--to", "openbf"]) == 0
    assert (tmp_path / "back_inlet.dat").is_file()
    assert read_network(tmp_path / "own.yaml") == read_network(tmp_path / "tube.yaml")


def test_a_lumped_circulation_is_solved_and_told_by_its_links(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "heart.json").write_text(json.dumps(HEART))
    out = tmp_path / "beat.csv"
    assert run(["simulate", str(tmp_path / "heart.json"), "--json", "--out", str(out)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert set(said["links"]) == {"aorta", "OUT", "lv.L", "mitral", "aortic"}
    assert said["links"]["OUT"]["flow_ml_min"] == pytest.approx(said["links"]["aorta"]["flow_ml_min"], rel=1e-2)
    assert "total head [Pa]" in out.read_text()


def test_what_a_format_cannot_say_is_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["convert", "reference", str(tmp_path / "body.json")]) == 2
    assert "svZeroD has no resistance that answers" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["convert", "reference", "out.txt"], "'.txt' names no format"),
        (["convert", "reference", "out.pvd"], "a result is written by 'azygos simulate --out'"),
        (["convert", "reference", "nowhere/out.yaml"], "there is no directory 'nowhere'"),
        (["convert", "absent.yaml", "out.yaml"], "there is no file 'absent.yaml'"),
        (["convert", "lines.vtp", "out.yaml"], "does not say its unit of length; write --unit mm"),
        (["convert", "heart.json", "out.yaml", "--unit", "mm"], "--unit: it is said of a .vtp file only"),
        (["convert", "reference", "out.yaml", "--units", "si"], "--units: neither file is svZeroDSolver's"),
        (["simulate", "lines.vtp"], "begin with 'azygos convert lines.vtp network.yaml'"),
        (["simulate", "heart.json", "--out", "beat.pvd"], "only a body has places"),
    ],
)
def test_a_wrong_request_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], what: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lines.vtp").write_bytes(TARGETS["vtp"].seeds[0])
    (tmp_path / "heart.json").write_text(json.dumps(HEART))
    assert run(arguments) == 2
    assert what in capsys.readouterr().err
