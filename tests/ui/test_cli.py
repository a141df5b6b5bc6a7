"""The command line as a user meets it: output, messages and exit statuses."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import xarray

from azygos.cli.request import NEXT_STEPS, Problems
from azygos.engine.outcome import Outcome

LESION = "ijv_r: 80 % area at 0.5, 20 mm"

TUBE = """\
format: azygos-network/1
name: a tube
period: 0.8 s
vessels:
  tube:
    from: inlet
    to: outlet
    length: 15 cm
    radius: 5 mm
    wall: {law: artery, wave_speed: 5 m/s}
links:
  bed: {from: outlet, to: drain, resistance: 0.1 mmHg s/mL}
inflows: {inlet: 700 mL/min}
pressures: {drain: 5 mmHg}
"""
NO_WAY_OUT = (
    TUBE[: TUBE.index("links:")]
    + """\
stores:
  bag: {at: outlet, compliance: 9 mL/mmHg}
inflows: {inlet: 700 mL/min}
"""
)


def azygos(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "azygos.cli.main", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=60, check=False)


def refused(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines of a refusal, after checking that it is one."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()


@pytest.fixture
def tube(tmp_path: Path) -> Path:
    file = tmp_path / "tube.yaml"
    file.write_text(TUBE, encoding="utf-8")
    return file


# treat


def test_treat_prints_one_json_object_and_nothing_else() -> None:
    done = azygos("treat", "--lesion", LESION, "--json")
    assert done.returncode == 0 and done.stderr == ""
    whole = json.loads(done.stdout)
    assert whole["outcome"] == "ok"
    assert [stage["name"] for stage in whole["stages"]] == ["before", "balloon"]
    before = whole["stages"][0]
    assert {"ijv_l", "ijv_r", "vertebral_vein_l", "vertebral_vein_r", "azygos"} <= set(before["flow_ml_min"])
    assert {"superior_sagittal_sinus", "transverse_sinus_l", "right_atrium"} <= set(before["pressure_mmhg"])
    assert before["narrowing"] == {"ijv_r.lesion": pytest.approx(1 - 0.2**0.5)}
    assert before["solve"]["outcome"] == "ok" and before["solve"]["volume_error"] < 1e-12


def test_treat_prints_the_body_then_the_table() -> None:
    done = azygos("treat", "--lesion", LESION, "--recoil", "96 %")
    assert done.returncode == 0 and done.stderr == ""
    head, _, table = done.stdout.partition("\n\n")
    assert head.startswith("Body 'reference adult', supine") and LESION in head
    for words in ("before", "balloon", "stent 16 mm", "mean pressure [mmHg]", "right transverse sinus"):
        assert words in table
    assert "Simulated, for research and teaching, not for care." in table


def test_without_a_lesion_there_is_nothing_to_treat() -> None:
    done = azygos("treat", "--posture", "30 deg")
    assert done.returncode == 0
    assert "nothing to treat" in done.stdout and "tilted 30 degrees head up" in done.stdout


def test_treat_says_everything_that_is_wrong_at_once(tmp_path: Path) -> None:
    wrong = (
        ("ijv_right: 80 % area at 0.5, 20 mm", "no vessel 'ijv_right'; did you mean 'ijv_r'"),
        ("ijv_r: 80 % at 0.5, 20 mm", "80 % of what?"),
        ("ijv_r: 80 % area at 0.5, 20", "'20' has no unit"),
        ("ijv_r: 80 % area at 0.99, 20 mm", "of the vessel's length"),
        ("ijv_l: 80 % area at 0.5, 20 cm", "the lesion is 200 mm long, its vessel 169.6 mm"),
    )
    options = [word for text, _ in wrong for word in ("--lesion", text)]
    out = tmp_path / "out"
    lines = refused(azygos("treat", *options, "--posture", "sideways", "--recoil", "3", "--out", out))
    for _, message in wrong:
        assert sum(message in line for line in lines) == 1
    assert any("no posture 'sideways'" in line for line in lines)
    assert "--recoil: 3 is 300 %; write '3 %' or 0.03" in lines
    assert len(lines) == len(wrong) + 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["-3 day", "0 months"])
def test_a_follow_up_that_lies_behind_is_refused_as_a_time(text: str) -> None:
    assert refused(azygos("treat", "--lesion", LESION, "--follow-up", text)) == [
        f"--follow-up: '{text}' is not above zero"
    ]


def test_a_protocol_that_does_not_fit_the_body_is_refused_with_all_else(tmp_path: Path) -> None:
    file = tmp_path / "protocol.yaml"
    steps = "[{access: right radial artery}, venogram, final venogram]"
    file.write_text(f"format: azygos-protocol/1\nname: v\nvessels: [ijv_r, ijv_s]\nsteps: {steps}\n", encoding="utf-8")
    lines = refused(azygos("treat", "--protocol", file, "--recoil", "3"))
    for said in ("no vessel 'ijv_s' to look at", "ijv_r cannot be reached from the right radial artery", "--recoil"):
        assert sum(said in line for line in lines) == 1
    assert len(lines) == 3


def test_a_body_file_without_the_veins_that_are_read_is_refused(tube: Path) -> None:
    lines = refused(azygos("treat", "--body", tube))
    assert any("no vessel 'ijv_l'" in line for line in lines) and len(lines) == 9


def test_a_written_reference_body_is_treated_like_the_built_in_one(tmp_path: Path) -> None:
    from azygos import Body, write_network

    file = tmp_path / "body.yaml"
    write_network(Body.reference().healthy, file)
    done = azygos("treat", "--body", file, "--lesion", LESION, "--json")
    assert done.returncode == 0, done.stderr
    mine, built_in = (json.loads(d.stdout) for d in (done, azygos("treat", "--lesion", LESION, "--json")))
    for one, other in zip(mine["stages"], built_in["stages"], strict=True):
        assert one["flow_ml_min"] == pytest.approx(other["flow_ml_min"], rel=1e-3)  # the tolerance of the beat: 1e-4


def test_a_report_needs_a_directory_that_can_be(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert "is not a directory" in refused(azygos("treat", "--lesion", LESION, "--out", file))[0]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a directory in which nobody can make a file")
def test_a_place_that_takes_no_file_is_found_before_anything_is_solved(tube: Path) -> None:
    (line,) = refused(azygos("treat", "--lesion", LESION, "--out", "/proc/foo"))
    assert line.startswith("--out /proc/foo: nothing can be written in the directory '/proc/foo'")
    (line,) = refused(azygos("simulate", tube, "--out", "/proc/foo.nc"))
    assert line.startswith("--out /proc/foo.nc: nothing can be written in the directory '/proc'")


def test_a_directory_that_was_tried_is_not_left_behind(tmp_path: Path) -> None:
    from azygos.cli.files import check_directory
    from azygos.errors import InputError

    check_directory(tmp_path / "not" / "yet")
    with pytest.raises(InputError, match="File name too long"):
        check_directory(tmp_path / "not" / ("x" * 300))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("30", "30 is 3000 %; write '30 %' or 0.3"),
        ("300 %", "'300 %' is not between 0 and 100 %"),
        ("-1", "'-1' is not between 0 and 100 %"),
    ],
)
def test_a_share_that_is_none_is_said_with_what_was_meant(text: str, said: str) -> None:
    problems = Problems()
    assert problems.share(text, "--recoil") is None
    assert [str(problem) for problem in problems.found] == [f"--recoil: {said}"]


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.ok])
def test_every_outcome_but_ok_has_a_next_step(outcome: Outcome) -> None:
    assert NEXT_STEPS[outcome.name]


def test_what_stays_narrow_is_said_below_the_table() -> None:
    done = azygos("treat", "--lesion", LESION, "--recoil", "100 %")
    assert "After the balloon more than 50 % of the diameter is still narrowed: right internal" in done.stdout


def test_a_choked_circulation_is_said_and_exits_with_3() -> None:
    done = azygos("treat", "--lesion", "aorta_ascending_1: 97 % area at 0.5, 3 mm", "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["outcome"] == "choked"
    assert re.search(r"^choked in stage 'before' after \d+ beats: ", done.stderr)
    assert "'aorta_ascending_1.lesion'" in done.stderr and " Next: use a milder narrowing" in done.stderr


# simulate


def test_simulate_prints_a_tree_then_what_came_out(tube: Path) -> None:
    done = azygos("simulate", tube)
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.startswith("Network 'a tube'\n├── 1 vessels")
    assert "outcome: ok" in done.stdout and "mean flow [mL/min]" in done.stdout


def test_simulate_prints_one_json_object_and_nothing_else(tube: Path) -> None:
    done = azygos("simulate", tube, "--json")
    assert done.returncode == 0 and done.stderr == ""
    whole = json.loads(done.stdout)
    assert whole["outcome"] == "ok"
    assert whole["vessels"]["tube"]["flow_ml_min"] == pytest.approx(700, rel=1e-3)


@pytest.mark.parametrize("name", ["result.nc", "result.zarr"])
def test_a_result_is_written_whole_and_says_its_units(tube: Path, name: str) -> None:
    out = tube.parent / name
    for _ in range(2):  # the second replaces the first
        done = azygos("simulate", tube, "--out", out, "--stations", "0, 0.5, 1", "--cell-length", "5 mm")
        assert done.returncode == 0 and done.stderr == ""
    with xarray.open_dataset(out, engine="zarr" if name.endswith("zarr") else "h5netcdf") as result:
        assert result.pressure.dims == ("vessel", "station", "time")
        assert result.station.values.tolist() == [0.0, 0.5, 1.0]
        units = {name: result[name].attrs["units"] for name in ("pressure", "flow", "area", "velocity")}
        assert units == {"pressure": "Pa", "flow": "m3 s-1", "area": "m2", "velocity": "m s-1"}
        assert result.attrs["Conventions"].startswith("CF") and "not for care" in result.attrs["source"]
        assert float(result.flow.mean()) == pytest.approx(700e-6 / 60, rel=1e-3)
    assert sorted(entry.name for entry in tube.parent.iterdir()) == sorted([name, "tube.yaml"])


def test_a_stated_time_is_solved_for_that_time(tube: Path) -> None:
    out = tube.parent / "result.nc"
    done = azygos("simulate", tube, "--duration", "2 s", "--time-step", "1 ms", "--out", out)
    assert done.returncode == 0, done.stderr
    with xarray.open_dataset(out, engine="h5netcdf") as result:
        assert float(result.time[-1]) == pytest.approx(2.0, abs=0.01)


def test_simulate_says_everything_that_is_wrong_at_once(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(TUBE.replace("15 cm", "15").replace("radius: 5 mm", "radius: 5 s"), encoding="utf-8")
    options = ("--out", tmp_path / "no" / "x.txt", "--duration", "3", "--time-step", "0 ms", "--stations", "2")
    lines = refused(azygos("simulate", file, *options))
    beginnings = ("--out", "--out", "--duration", "--time-step", "--stations", f"{file}:8", f"{file}:9")
    assert len(lines) == len(beginnings)
    assert all(line.startswith(begin) for line, begin in zip(lines, beginnings, strict=True))
    assert [entry.name for entry in tmp_path.iterdir()] == ["wrong.yaml"]


def test_a_result_does_not_take_the_place_of_what_is_no_result(tube: Path) -> None:
    precious = tube.parent / "photos.zarr"
    precious.mkdir()
    (precious / "cat.jpg").touch()
    assert "not a zarr store" in refused(azygos("simulate", tube, "--out", precious))[0]
    assert (precious / "cat.jpg").exists()


def test_a_solve_that_fails_exits_with_3_and_writes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "filling.yaml"
    file.write_text(NO_WAY_OUT, encoding="utf-8")
    done = azygos("simulate", file, "--out", tmp_path / "result.nc")
    assert done.returncode == 3, done.stderr
    assert re.match(r"(not_periodic|lost) after \d+ beats: .*'tube'.* Next: see ", done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == ["filling.yaml"]


def test_an_interrupted_solve_exits_with_130_and_leaves_nothing(tube: Path) -> None:
    command = [sys.executable, "-m", "azygos.cli.main", "simulate", tube, "--duration", "1 day", "--out"]
    process = subprocess.Popen(
        [*map(str, command), str(tube.parent / "result.nc")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()  # the tree: the solve is about to begin
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130 and errors == "interrupted; nothing was written\n"
    assert [entry.name for entry in tube.parent.iterdir()] == ["tube.yaml"]


INTERRUPTED = """\
import signal
import time

from azygos.cli import main as cli

class Dying:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

def run(arguments):
    {what}
    time.sleep(20.0)

cli.run = run
cli.main([])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no process ends by a signal there")
@pytest.mark.parametrize(
    "what",
    [
        'exec("raise KeyboardInterrupt")',  # as where modules are read that make dataclasses
        "Dying()",  # as where a weak reference is told that its object is gone
    ],
)
def test_an_interrupt_exits_with_130_where_python_would_lose_it(tmp_path: Path, what: str) -> None:
    (tmp_path / "interrupted.py").write_text(INTERRUPTED.format(what=what), encoding="utf-8")
    command = [sys.executable, "-m", "interrupted"]  # not as a file: what -m runs ends by the signal that it remembers
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 130 and done.stderr == "interrupted; nothing was written\n"


# the rest


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("treat", "--nonsense"), "--nonsense"),
        (("nonsense",), "nonsense"),
        (("simulate",), "FILE"),
        (("simulate", "missing.yaml"), "there is no file 'missing.yaml'"),
        (("treat", "--body", "missing.yaml"), "there is no file 'missing.yaml'"),
        (("treat", "--posture", "100"), "not between 0 and 90"),
        (("simulate", "reference", "--age", "45 mm"), "--age: '45 mm' is no age; write it like \"45 years\""),
        (("cohort", "run", "iih", "--nonsense"), "see 'azygos cohort run --help'"),
    ],
)
def test_a_command_line_that_cannot_be_meant_exits_with_2(arguments: tuple[str, ...], message: str) -> None:
    assert message in "\n".join(refused(azygos(*arguments)))


def test_help_and_version_are_there() -> None:
    assert "treat" in azygos("--help").stdout
    assert "--lesion" in azygos("treat", "--help").stdout
    assert azygos("--version").stdout.strip() == "0.1.0"


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    """`import azygos` brings no numpy; `azygos treat` without a report none of the slow ones."""
    light = "import sys, azygos; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", light], check=False).returncode == 0
    slow = ("xarray", "matplotlib", "pydantic", "zarr", "h5py", "scipy", "jinja2")
    code = f"import sys; from azygos.cli.main import run; run(['treat', '--lesion', '{LESION}']); "
    code += f"sys.exit(any(name in sys.modules for name in {slow}))"
    assert subprocess.run([sys.executable, "-c", code], check=False, stdout=subprocess.DEVNULL).returncode == 0
