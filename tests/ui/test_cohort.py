"""`azygos cohort` and `azygos sensitivity` as a user meets them: output, messages, statuses, and the docs' queries."""

import contextlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from azygos.cli.main import run
from azygos.population.cohort import AFTER, BEFORE

ROOT = Path(__file__).parents[2]


def azygos(*arguments, cwd):
    """A command in a process of its own, as those that start others want it."""
    command = [sys.executable, "-W", "error", "-m", "azygos.cli.main", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=120, check=False)


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


def here(*arguments, cwd):
    """The same in this process, which is quicker."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run([str(argument) for argument in arguments])
    return Done(status, out.getvalue(), err.getvalue())


def refused(done):
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    return tmp_path_factory.mktemp("cohort")


@pytest.fixture(scope="module")
def finished(room):
    """A small run, seen through its output."""
    # No venography: quicker. Eligible by a gradient of 8 mmHg.
    done = azygos(
        "cohort", "run", "iih", "--n", 10, "--out", "runs/iih", "--workers", 2, "--visits", "before,after",
        "--with", "manometry", "--waveforms", "ijv_r at 0.5", cwd=room,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done


def test_the_cohorts_that_ship_are_listed_and_shown_with_their_sources(room):
    listed = here("cohort", "list", "--json", cwd=room)
    assert {one["name"] for one in json.loads(listed.stdout)["cohorts"]} == {"dialysis", "healthy", "iih", "ms-ccsvi"}
    shown = here("cohort", "show", "iih", cwd=room)
    for words in (
        "Neurology 2013;80:289",
        "assumed",
        "81 parameters vary",
        "gradient(transverse) > 8 mmHg",
        "180 days",
    ):
        assert words in shown.stdout
    assert json.loads(here("cohort", "show", "iih", "--json", cwd=room).stdout)["seed"] == 1


def test_one_patient_of_a_million_can_be_looked_at(room):
    done = here("cohort", "sample", "iih", "--patient", 999_999, "--out", "patient.yaml", "--json", cwd=room)
    (person,) = json.loads(done.stdout)["patients"]
    assert person["patient"] == 999_999
    text = (room / "patient.yaml").read_text(encoding="utf-8")
    assert "name: patient 999999" in text and f"sex: {person['sex']}" in text


def test_a_run_says_how_its_patients_ended_and_where_the_tables_are(finished, room):
    assert "not eligible" in finished.stdout and "Simulated" in finished.stdout
    names = {path.stem for path in (room / "runs/iih/tables").iterdir()}
    assert names == {"patients", "findings", "procedures", "outcomes", "lesions", "solves"}
    said = json.loads(here("cohort", "status", "runs/iih", "--json", cwd=room).stdout)
    assert (said["state"], said["done"], sum(said["outcomes"].values())) == ("complete", 10, 10)


def test_the_manifest_says_what_was_run_with_what(finished, room):
    manifest = json.loads((room / "runs/iih/manifest.json").read_text(encoding="utf-8"))
    assert manifest["cohort"] == "iih" and manifest["seed"] == 1 and manifest["patients"] == 10
    assert manifest["looks"] == ["manometry"] and manifest["visits"] == ["before", "after"]
    assert (
        "azygos" in manifest["versions"] and "Neurology" in manifest["sources"]["lesions, transverse_sinus_r at 0.63"]
    )
    assert (room / "runs/iih/input/cohort.yaml").is_file()


def test_the_queries_in_the_documentation_run(finished, room):
    duckdb = pytest.importorskip("duckdb")
    text = (ROOT / "docs/cohort.md").read_text(encoding="utf-8")
    queries = re.findall(r"```sql\n(.*?)```", text, flags=re.DOTALL)
    assert len(queries) >= 4
    for query in queries:
        assert duckdb.sql(query.replace("runs/iih", str(room / "runs/iih"))).fetchall(), query


def test_the_tables_go_to_csv_netcdf_dataset_json_and_to_a_study(finished, room):
    for form in ("csv", "netcdf", "dataset-json", "changes"):
        done = here("cohort", "export", "runs/iih", "--to", "out", "--format", form, cwd=room)
        assert done.returncode == 0, done.stderr
    from azygos.trial.change import read_table

    opened, before, after = read_table(room / "out/changes.csv")
    assert len(opened) == len(before) == len(after) > 0
    import xarray

    with xarray.open_dataset(room / "out/cohort.nc", engine="h5netcdf") as data:
        assert data.sizes["patient"] == 10 and list(data["visit"].values) == ["before", "after"]
        assert data["icp_mmhg"].attrs["long_name"]
    patients = json.loads((room / "out/patients.json").read_text(encoding="utf-8"))
    assert patients["records"] == 10 == len(patients["rows"]) and len(patients["columns"]) == len(patients["rows"][0])
    import zarr

    group = zarr.open_group(room / "runs/iih/waveforms.zarr", mode="r")
    assert group["flow"].shape == (10, 2, 1, 100)


def test_a_damaged_table_is_not_exported_and_nothing_is_half_written(finished, room):
    shutil.copytree(room / "runs/iih", room / "runs/damaged")
    table = room / "runs/damaged/tables/outcomes.parquet"
    content = bytearray(table.read_bytes())
    content[500:600] = bytes(100)
    table.write_bytes(bytes(content))
    (line,) = refused(here("cohort", "export", "runs/damaged", "--to", "none", cwd=room))
    assert "outcomes.parquet: the table is damaged" in line and "azygos cohort resume runs/damaged" in line
    assert not list((room / "none").iterdir())
    table.write_bytes(bytes(content[:-20]))
    said = here("cohort", "status", "runs/damaged", cwd=room).stdout
    assert "10 of 10 patients, stopped" in said and "resume" in said
    done = here("cohort", "resume", "runs/damaged", "--workers", 1, "--tables", "store/run", cwd=room)
    assert "the tables were damaged" in done.stderr and done.returncode == 0
    assert (room / "store/run/outcomes.parquet").read_bytes() == (
        room / "runs/iih" / "tables" / table.name
    ).read_bytes()
    assert (room / "store/run/waveforms.zarr/flow/0.0.0.0").is_file()


def test_a_study_gets_nothing_from_a_run_in_which_nobody_was_treated(room):
    done = here(
        "cohort", "run", "iih", "--n", 1, "--out", "runs/seen", "--workers", 1, "--visits", "before",
        "--with", "manometry", cwd=room,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (line,) = refused(here("cohort", "export", "runs/seen", "--to", "none", "--format", "changes", cwd=room))
    assert "nobody was treated" in line and "before,after" in line


def test_who_has_nothing_to_open_is_a_row_of_a_study_s_changes(tmp_path):
    from azygos.exchange.cohort import named_cohort
    from azygos.exchange.run_export import export
    from azygos.run.run import begin
    from azygos.run.run import run as go_on

    cohort = replace(named_cohort("healthy"), lesions=(), eligible=(), looks=("manometry",), visits=(BEFORE, AFTER))
    folder = begin(cohort, 1, tmp_path / "run")
    assert go_on(folder, cohort) == {"ok": 1}
    (path,) = export(folder, tmp_path / "out", "changes")
    assert path.read_text(encoding="utf-8").splitlines()[1:] == ["0,0.0,0.0,0.0"]


def test_an_interrupted_run_says_what_is_kept_and_how_to_go_on_and_ends_with_the_same_bytes(finished, room):
    command = [sys.executable, "-m", "azygos.cli.main", "cohort", "run", "iih", "--n", "10", "--out", "runs/stopped"]
    command += ["--workers", "1", "--visits", "before,after", "--with", "manometry", "--waveforms", "ijv_r at 0.5"]
    process = subprocess.Popen(command, cwd=room, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not list(room.glob("runs/stopped/chunks/*/0*.parquet")) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    if process.returncode == 130:  # else it was through before the signal came
        kept = re.search(r"interrupted; (8|10) of 10 patients are kept", said)
        assert kept and "azygos cohort resume runs/stopped" in said
        assert f"{kept[1]} of 10 patients, stopped" in here("cohort", "status", "runs/stopped", cwd=room).stdout
    done = here("cohort", "resume", "runs/stopped", "--workers", 1, cwd=room)
    assert done.returncode == 0, done.stderr
    for path in (room / "runs/iih/tables").iterdir():
        assert (room / "runs/stopped/tables" / path.name).read_bytes() == path.read_bytes(), path.name


def test_everything_wrong_with_a_command_is_said_at_once_and_nothing_is_written(room):
    lines = refused(
        here(
            "cohort", "run", "iih", "--n", 0, "--out", "x", "--workers", 0, "--visits", "sometime",
            "--with", "manometri", "--waveforms", "ijv at 0.5", "--tables", "nosuch://x", cwd=room,
        )
    )  # fmt: skip
    said = "\n".join(lines)
    for words in ("0 patients", "0 workers", "'sometime' is no visit", "'manometri'", "no vessel 'ijv'", "nosuch"):
        assert words in said
    assert not (room / "x").exists()
    assert "did you mean 'iih'" in refused(here("cohort", "run", "ihi", "--n", 4, "--out", "x", cwd=room))[0]
    assert "no run" in refused(here("cohort", "resume", "nowhere", cwd=room))[0]
    lines = refused(
        here("cohort", "run", "iih", "--n", 10**12, "--out", "x", "--workers", 2, "--scheduler", "tcp://a:1", cwd=room)
    )
    assert lines[0] == "--n: 1000000000000 patients; give 1 to 100000000" and "do not run together" in lines[1]
    assert "'2.5' is no whole number" in refused(here("cohort", "run", "iih", "--n", "2.5", "--out", "x", cwd=room))[0]
    lines = refused(here("cohort", "sample", "iih", "--n", 0, "--patient", -3, cwd=room))
    assert lines == ["--n: 0 patients; give 1 or more", "--patient: no patient -3; the first is 0"]
    assert "there is a run in it already" in "".join(
        refused(here("cohort", "run", "iih", "--n", 4, "--out", "runs/iih", cwd=room))
    )


def test_a_folder_begun_with_another_version_is_not_gone_on_with(finished, room):
    manifest = room / "runs/iih/manifest.json"
    text = manifest.read_text(encoding="utf-8")
    try:
        manifest.write_text(text.replace('"azygos": "', '"azygos": "0.0.'), encoding="utf-8")
        (line,) = refused(here("cohort", "resume", "runs/iih", cwd=room))
        assert "begun with another version" in line and "install azygos 0.0." in line
    finally:
        manifest.write_text(text, encoding="utf-8")


def test_sensitivity_tells_which_parameters_matter_and_draws_them(room):
    done = here(
        "sensitivity", "reference", "--outputs", "flow(ijv_r); icp()", "--parameters", "ijv_r.diameter, blood_volume",
        "--n", 4, "--picture", "s.svg", "--workers", 1, "--json", cwd=room,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["bodies"] == 12 and found["left_out"] == 0
    by = {(i["output"], i["parameter"], i["name"]): i for i in found["indices"]}
    assert (
        by["icp() [mmHg]", "blood_volume", "mu*"]["estimate"] > by["icp() [mmHg]", "ijv_r.diameter", "mu*"]["estimate"]
    )
    assert (room / "s.svg").read_text(encoding="utf-8").lstrip().startswith("<?xml")


def test_too_few_patients_and_no_workers_are_said_before_anything_is_computed(room):
    lines = refused(
        here("sensitivity", "iih", "--outputs", "icp()", "--method", "rank", "--n", -4, "--workers", 0, cwd=room)
    )
    assert lines == ["--n: -4 are too few for a design; give 4 or more", "--workers: 0 workers; give 1 or more"]
    (line,) = refused(here("sensitivity", "reference", "--outputs", "icp()", "--n", 10**9, cwd=room))
    assert "bodies, of 10000000 at most" in line


def test_a_worker_of_a_sensitivity_that_dies_is_said(room):
    from azygos.engine.solve import Numerics
    from azygos.run.executor import Processes
    from azygos.run.folder import RunStopped
    from azygos.run.points import measured

    with pytest.raises(RunStopped, match="a worker process died"):
        measured(Deadly(), 16, ["icp()"], Numerics.cohort(), Processes(1))


class Deadly:
    def body(self, number):
        os.kill(os.getpid(), signal.SIGKILL)


def test_everything_wrong_with_a_sensitivity_is_said_at_once(room):
    said = "\n".join(
        refused(
            here(
                "sensitivity", "reference", "--outputs", "flow(ijv_x); fow(ijv_r)", "--parameters", "ijv_r.diametre",
                "--method", "sobol", "--n", 48, "--picture", "s.gif", cwd=room,
            )
        )
    )  # fmt: skip
    for words in ("'ijv_x'", "no function 'fow'", "did you mean 'ijv_r.diameter'", "'.gif' names no kind of picture"):
        assert words in said
