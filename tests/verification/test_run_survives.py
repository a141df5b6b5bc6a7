"""What befalls a run: workers and parents killed at random times, full disks, damaged files, two runs in one folder."""

import fcntl
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from azygos.errors import InputError
from azygos.instruments.recording import Site
from azygos.run.executor import Processes
from azygos.run.folder import Folder, RunStopped
from azygos.run.index import outcomes_of
from azygos.run.waveforms import Waveforms
from fake_patients import FakeWork, go_on, made, stuck, tables_of

SCRIPT = Path(__file__).parents[1] / "fake_patients.py"
KILLS = int(os.environ.get("AZYGOS_KILLS", "4"))  # 20 take a minute
PATIENTS = 250 * KILLS  # so that there is something left to kill


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The tables of a run that nothing happened to."""
    path = tmp_path_factory.mktemp("runs") / "undisturbed"
    made(path, PATIENTS)
    go_on(path, seconds=0.0)
    return tables_of(path)


def started(path):
    return subprocess.Popen([sys.executable, str(SCRIPT), str(path), "2"], stderr=subprocess.DEVNULL)


def workers_of(process):
    """The pool's own processes: the children of the run but for the one that tracks its resources."""
    try:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    except OSError:
        return []
    return [int(pid) for pid in children if b"spawn_main" in command(pid)]


def command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_a_run_whose_workers_and_parents_are_killed_at_random_times_ends_with_the_same_bytes(tmp_path, undisturbed):
    chance, path = random.Random(KILLS), tmp_path / "run"
    made(path, PATIENTS)
    # Of every three that are killed one is a parent.
    victims = ["parent" if i % 3 == 2 else "worker" for i in range(KILLS)]
    chance.shuffle(victims)
    process, over = started(path), 0
    for victim in victims:
        awaited(process)
        time.sleep(chance.uniform(0.0, 1.5))
        if process.poll() is not None:  # it was over, or gave up after three deaths in a row
            over, process = over + 1, started(path)
        elif victim == "worker" and (workers := workers_of(process)):
            with suppress(ProcessLookupError):  # it has ended just now
                os.kill(chance.choice(workers), signal.SIGKILL)
        else:
            process.kill()
            process.wait()
            process = started(path)
    process.kill()
    process.wait()
    go_on(path, seconds=0.0)  # resume
    assert tables_of(path) == undisturbed
    assert over <= KILLS // 2


def awaited(process):
    """Waits until a run has workers, or is over."""
    while not workers_of(process) and process.poll() is None:
        time.sleep(0.02)


def test_workers_end_when_their_parent_is_killed(tmp_path):
    path = tmp_path / "run"
    made(path, 100_000)
    process = started(path)
    while len(workers := workers_of(process)) < 2:
        time.sleep(0.05)
    time.sleep(1.0)  # they have begun by now
    process.kill()
    process.wait()
    patience = time.monotonic() + 20.0
    while any(b"spawn_main" in command(pid) for pid in workers):
        assert time.monotonic() < patience, "a worker outlived its parent"
        time.sleep(0.05)


@pytest.mark.parametrize("size", [1, 200_000], ids=["small tasks", "tasks larger than a pipe"])
def test_workers_that_die_again_and_again_stop_the_run_with_a_sentence(tmp_path, size):
    path = tmp_path / "run"
    made(path, 40)
    with pytest.raises(RunStopped, match=r"worker processes died 3 times in a row, first at patient 0.*fewer workers"):
        from azygos.run.execution import executed

        executed(Folder(path), Deadly(40, factors=("x" * size,)), Processes(1), visits=2)


def test_workers_end_at_once_whatever_waits_to_be_sent_to_them():
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), Processes(2) as crew:
        given = [crew.submit(stuck, bytes(200_000)) for _ in range(6)]
        while not any(future.running() for future in given):
            time.sleep(0.05)
        time.sleep(0.5)
        raise KeyboardInterrupt
    assert time.monotonic() - began < 50.0


class Deadly(FakeWork):
    def rows(self, numbers):
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_truncated_a_damaged_and_a_missing_chunk_are_computed_again(tmp_path, undisturbed):
    path = tmp_path / "run"
    folder = made(path, PATIENTS)
    go_on(path, seconds=0.0)
    for file in folder.tables.iterdir():
        file.unlink()
    folder.tables.rmdir()
    truncated, damaged = folder.chunk(3), folder.chunk(5)
    truncated.write_bytes(truncated.read_bytes()[:2000])
    content = bytearray(damaged.read_bytes())
    content[200] ^= 0xFF
    damaged.write_bytes(bytes(content))
    folder.chunk(7).unlink()
    notices = []
    go_on(path, seconds=0.0, watch=lambda progress: notices.append(progress.notice))
    assert tables_of(path) == undisturbed
    assert any(notice.startswith("chunk 5 is damaged") for notice in notices)


def test_a_corrupt_index_is_said_and_made_anew(tmp_path):
    path = tmp_path / "run"
    made(path, 200)
    go_on(path, seconds=0.0)
    (path / "index.sqlite").write_bytes(b"SQLite format 3\0" + b"nothing of the kind" * 500)
    notices = []
    outcomes = go_on(path, watch=lambda progress: notices.append(progress.notice))
    assert dict(outcomes) == {"ok": 198, "impossible": 2} == outcomes_of(path / "index.sqlite")
    assert notices[0] == "the index was damaged and has been made anew from the chunks"


def test_a_full_disk_stops_a_run_that_goes_on_when_there_is_room(tmp_path, monkeypatch):
    path = tmp_path / "run"
    made(path, 80)
    flushed, written = os.fsync, []

    def full(handle):
        written.append(handle)
        if len(written) > 6:
            raise OSError(28, "No space left on device")
        flushed(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        go_on(path, seconds=0.0)
    monkeypatch.undo()
    assert Folder(path).count() == 3  # and no piece of a fourth
    assert not [file for file in path.rglob(".*") if file.is_file()]
    go_on(path, seconds=0.0)
    made(tmp_path / "other", 80)
    go_on(tmp_path / "other", seconds=0.0)
    assert tables_of(path) == tables_of(tmp_path / "other")


# As from a terminal: a process begun in the background is deaf to Ctrl-C.
HEARS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
FULL = """
import errno, subprocess, sys
from pathlib import Path
from azygos.run.folder import Folder
from fake_patients import go_on, made, tables_of

if __name__ == "__main__":
    room, wanted = Path(sys.argv[1]), tables_of(sys.argv[2])
    for kilobytes in (204, 212, 300, 400, 600):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", room], check=True)
        path = room / "run"
        made(path, 160)
        try:
            go_on(path, seconds=0.0)
            raise SystemExit(f"{kilobytes} kB were enough")
        except OSError as error:
            print(kilobytes, error, Folder(path).count())
        assert not Folder(path).is_complete
        subprocess.run(["mount", "-o", "remount,size=8m", room], check=True)
        subprocess.run(["mount", "-o", "remount,ro", room], check=True)
        try:
            go_on(path, seconds=0.0)
            raise SystemExit("nothing could have been written")
        except OSError as error:
            assert error.errno == errno.EROFS, error
        assert not Folder(path).is_held
        subprocess.run(["mount", "-o", "remount,rw", room], check=True)
        go_on(path, seconds=0.0)
        assert tables_of(path) == wanted
        subprocess.run(["umount", room], check=True)
"""


def test_a_disk_that_is_really_full_or_read_only_stops_a_run_that_goes_on_with_the_same_bytes(tmp_path):
    own = ["unshare", "--user", "--map-root-user", "--mount"]  # mounts of this process alone
    if subprocess.run([*own, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no disk may be mounted here")
    made(tmp_path / "wanted", 160)
    go_on(tmp_path / "wanted", seconds=0.0)
    (tmp_path / "room").mkdir()
    command = [*own, sys.executable, "-c", FULL, tmp_path / "room", tmp_path / "wanted"]
    done = subprocess.run(command, cwd=SCRIPT.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "database or disk is full" in done.stdout and "No space left" in done.stdout


def test_a_run_that_is_killed_while_its_tables_are_made_ends_with_the_same_bytes(tmp_path):
    chance, path, waveforms = random.Random(KILLS), tmp_path / "run", Waveforms(sites=(Site(vessel="ijv_r"),))
    made(path, 400, waveforms)
    go_on(path, seconds=0.0)
    wanted, early = tables_of(path), 0
    assert len(wanted) > 6
    for _ in range(KILLS):
        shutil.rmtree(path / "tables", ignore_errors=True)
        process = subprocess.Popen([sys.executable, str(SCRIPT), str(path), "1"], stderr=subprocess.DEVNULL)
        while not list(path.glob(".tables.*")) and process.poll() is None:
            time.sleep(0.002)
        time.sleep(chance.uniform(0.0, 0.5))
        process.kill()
        process.wait()
        early += not (path / "tables").exists()
    go_on(path, seconds=0.0)
    assert tables_of(path) == wanted
    assert not list(path.glob(".*"))
    assert early


def test_tables_that_are_damaged_or_lost_are_made_anew_from_the_chunks_and_that_is_said(tmp_path):
    path = tmp_path / "run"
    folder = made(path, 40, Waveforms(sites=(Site(vessel="ijv_r"),), samples=4))
    go_on(path, seconds=0.0)
    wanted, table = tables_of(path), folder.tables / "lesions.parquet"
    for harm in (
        table.unlink,
        lambda: table.write_bytes(wanted["tables/lesions.parquet"][:-20]),
        lambda: shutil.rmtree(folder.courses),
    ):
        harm()
        assert not folder.is_complete
        notices = []
        go_on(path, watch=lambda progress, notices=notices: notices.append(progress.notice))
        assert "the tables were damaged; they are made anew from the chunks" in notices
        assert tables_of(path) == wanted


def test_a_complete_run_needs_its_chunks_no_more(tmp_path):
    path = tmp_path / "run"
    folder = made(path, 200)
    outcomes = go_on(path, seconds=0.0)
    wanted = tables_of(path)
    shutil.rmtree(path / "chunks")
    assert go_on(path) == dict(outcomes) and tables_of(path) == wanted
    assert (folder.is_complete, folder.done) == (True, 200)


def test_what_no_run_has_written_is_left_where_it_is(tmp_path):
    path = tmp_path / "run"
    folder = made(path, 16)
    mine = [path / ".git" / "HEAD", path / "chunks" / "0000" / "notes.txt", path / "chunks" / "0000" / "mine.parquet"]
    for file in mine:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("mine")
    unfinished = folder.chunk(0).with_name(".00000000.parquet.4711")
    unfinished.write_text("half")
    go_on(path, seconds=0.0)
    assert [file.read_text() for file in mine] == ["mine"] * 3
    assert not unfinished.exists()


def test_a_manifest_that_does_not_say_what_it_should_is_no_run(tmp_path):
    path = tmp_path / "run"
    made(path, 16)
    manifest = path / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"patients": 16', '"patients": "many"').replace('"seed"', '"sed"'))
    with pytest.raises(InputError, match=r"does not say what it should of patients, seed"):
        go_on(path)


def test_asking_how_far_a_run_is_keeps_nobody_from_running_it(tmp_path):
    path = tmp_path / "run"
    folder = made(path, 16)
    with (path / "lock").open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        threading.Timer(0.1, lambda: fcntl.flock(file, fcntl.LOCK_UN)).start()
        with folder.held():
            assert folder.is_held
    assert not folder.is_held


def test_two_runs_in_one_folder_are_refused(tmp_path):
    path = tmp_path / "run"
    folder = made(path, 40)
    with folder.held(), pytest.raises(InputError, match="somebody runs it at this moment: process"):
        go_on(path)
    with pytest.raises(InputError, match="there is a run in it already"):
        made(path, 40)


def test_a_run_begun_while_another_is_begun_in_the_same_folder_does_not_overwrite_it(tmp_path, monkeypatch):
    path = tmp_path / "run"
    held = Folder.held

    @contextmanager
    def late(folder):
        monkeypatch.setattr(Folder, "held", held)
        made(path, 16)  # by somebody else, after it was seen that there is no run
        with held(folder):
            yield

    monkeypatch.setattr(Folder, "held", late)
    with pytest.raises(InputError, match="there is a run in it already"):
        made(path, 40)
    assert Folder(path).n == 16


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="there is something else in it"):
        made(tmp_path, 40)
    with pytest.raises(InputError, match="no run: there is no manifest"):
        go_on(tmp_path)


def test_ctrl_c_ends_workers_at_once_and_the_run_goes_on_from_there(tmp_path):
    path = tmp_path / "run"
    made(path, 64)
    slow = f"from fake_patients import go_on; go_on(r'{path}', workers=2, seconds=3.0)"
    process = subprocess.Popen(
        [sys.executable, "-c", f"{HEARS}\nif __name__ == '__main__': {slow}"],
        cwd=SCRIPT.parent, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    awaited(process)
    time.sleep(1.5)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert "KeyboardInterrupt" in said
    assert time.monotonic() - began < 8.0  # a task of four chunks would take 96 s
    go_on(path, seconds=0.0)
    assert Folder(path).is_complete


def test_ctrl_c_while_workers_are_starting_ends_the_run_and_no_worker_complains(tmp_path):
    """As a terminal has it: parent and workers hear it, whatever they are importing just then."""
    made(tmp_path / "run", 64)
    slow = f"from fake_patients import go_on; go_on(r'{tmp_path / 'run'}', workers=2, seconds=1.0)"
    for pause in (0.0, 0.1, 0.3):
        process = subprocess.Popen(
            [sys.executable, "-c", f"{HEARS}\nif __name__ == '__main__': {slow}"],
            cwd=SCRIPT.parent, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        awaited(process)
        time.sleep(pause)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
        assert said.rstrip().endswith("KeyboardInterrupt")
        assert said.count("Traceback") == 1 and "spawn_main" not in said


def test_the_tables_go_to_any_store(tmp_path):
    import fsspec

    from azygos.run.join import sent

    path = tmp_path / "run"
    folder = made(path, 16, Waveforms(sites=(Site(vessel="ijv_r"),), samples=4))
    go_on(path, seconds=0.0)
    assert len(sent(folder, "memory://somewhere/run")) == 18
    store = fsspec.filesystem("memory")
    assert store.cat("/somewhere/run/waveforms.zarr/flow/0.0.0.0") == (folder.courses / "flow/0.0.0.0").read_bytes()
    with pytest.raises(RunStopped, match=r"'findings.parquet' could not be copied to file:///proc/nowhere"):
        sent(folder, "file:///proc/nowhere")
    stored = store.cat("/somewhere/run/outcomes.parquet")
    assert stored == tables_of(path)["tables/outcomes.parquet"]
