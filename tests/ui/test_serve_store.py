"""The file of jobs: whose it is, what it holds, and what becomes of it when there is no room."""

import hashlib
import os
import socket
import sqlite3
import stat
import subprocess
import time
from contextlib import suppress

import pytest

pytest.importorskip("fastapi")
from azygos.cli.main import run
from azygos.errors import InputError
from azygos.web.store import Store
from azygos.web.worker import packed
from azygos.web.workshop import Limits, Workshop
from serving import command


@pytest.mark.skipif(os.name != "posix", reason="files have owners and modes on POSIX systems only")
def test_only_its_owner_may_read_the_file_of_jobs(tmp_path):
    state = tmp_path / "s.sqlite"
    state.touch(mode=0o644)
    store = Store(state)
    store.add("one", "simulate", "{}")
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}
    store.close()


@pytest.mark.skipif(os.name != "posix", reason="links need no right on POSIX systems only")
def test_a_link_a_folder_and_a_pipe_are_no_files_of_jobs(tmp_path):
    (tmp_path / "theirs").write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "folder", "pipe"):
        with pytest.raises(InputError, match="cannot be used"):
            Store(tmp_path / name)
    assert (tmp_path / "theirs").read_text() == "precious"


def test_the_database_of_another_program_is_left_alone(tmp_path):
    theirs = sqlite3.connect(tmp_path / "places.sqlite")
    theirs.execute("create table places (name text)")
    theirs.close()
    (tmp_path / "letter.txt").write_text("no database " * 100)
    for name in ("places.sqlite", "letter.txt"):
        before = (tmp_path / name).read_bytes()
        with pytest.raises(InputError, match="cannot be used"):
            Store(tmp_path / name)
        assert (tmp_path / name).read_bytes() == before


def test_a_second_server_on_the_same_file_is_refused(tmp_path, capsys):
    first = Store(tmp_path / "s.sqlite")
    # another process, as SQLite tells its own connections apart in another way
    second = subprocess.run(command(tmp_path / "s.sqlite"), capture_output=True, text=True, timeout=60)
    assert second.returncode == 2 and "another 'azygos serve' works with this file" in second.stderr
    assert "Traceback" not in second.stderr
    first.close()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert run(["serve", "--port", port, "--state", str(tmp_path / "t.sqlite")]) == 2
    assert "it cannot listen on" in capsys.readouterr().err


def test_a_file_of_an_earlier_version_is_begun_anew(tmp_path):
    old = sqlite3.connect(tmp_path / "s.sqlite")
    old.execute("create table jobs (id text primary key, kind text not null)")
    old.execute("insert into jobs values ('one', 'simulate')")
    old.commit()
    old.close()
    store = Store(tmp_path / "s.sqlite")
    assert store.job("one") is None
    store.add("two", "simulate", "{}")
    store.close()


def test_a_file_that_may_not_grow_says_so_and_stays_whole(tmp_path):
    store = Store(tmp_path / "s.sqlite", most_pages=60)
    store.add("small", "simulate", "{}")
    store.add("large", "simulate", "{}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        store.finish("large", os.urandom(400_000))
    store.finish("small", packed({"n": 1}))
    with suppress(sqlite3.Error):
        for number in range(1000):
            store.add(f"more {number}", "simulate", "x" * 1000)
    assert store.answer("small") == packed({"n": 1})  # what is there can be had
    store.close()
    again = Store(tmp_path / "s.sqlite")
    assert again.answer("small") == packed({"n": 1})
    assert again.unfinished()[0].id == "large"
    again.close()


def test_old_answers_make_room_by_number_and_by_size():
    store = Store(":memory:", most_kept=4, most_bytes=3000)
    for number in range(8):
        store.add(f"job {number}", "simulate", "{}")
        store.finish(f"job {number}", packed({"number": number}))
    assert store.job("job 0") is None and store.answer("job 7") is not None
    store.add("waiting", "simulate", "{}")
    noise = "".join(
        hashlib.sha256(str(i).encode()).hexdigest() for i in range(200)
    )  # which no compression shortens much
    store.add("large", "simulate", "{}")
    store.finish("large", packed({"text": noise}))
    store.add("next", "simulate", "{}")
    assert store.job("large") is None
    assert store.job("waiting") is not None  # what is not over is never dropped
    store.close()


def test_a_clock_that_is_set_back_loses_no_answer(monkeypatch):
    store = Store(":memory:", most_kept=2)
    for number, now in enumerate((2e9, 1e9, 1.0)):
        monkeypatch.setattr(time, "time", lambda now=now: now)
        store.add(f"job {number}", "simulate", "{}")
        store.finish(f"job {number}", packed({}))
    assert [store.answer(f"job {number}") is None for number in range(3)] == [True, False, False]
    store.close()


def test_an_old_answer_that_is_asked_for_again_is_not_the_next_to_go():
    store = Store(":memory:", most_kept=2)
    for name in ("old", "new"):
        store.add(name, "simulate", "{}")
        store.finish(name, packed({}))
    shop = Workshop(store, Limits(workers=0))
    shop.ask("old", "simulate", "{}")
    shop.ask("other", "simulate", "{}")
    assert store.answer("old") == packed({}) and store.job("new") is None
    shop.close()


def test_a_job_that_takes_the_server_with_it_again_and_again_is_given_up(tmp_path):
    for _ in range(3):
        store = Store(tmp_path / "s.sqlite")
        if not store.job("bad"):
            store.add("bad", "simulate", "{}")
        assert [job.id for job in store.unfinished()] == ["bad"]
        store.running("bad")
        store.close()  # as if killed: nobody says that it waits again
    store = Store(tmp_path / "s.sqlite")
    assert not store.unfinished() and store.job("bad").state == "failed"
    assert "ended 3 times" in store.job("bad").problems[0]["what"]
    store.add("bad", "simulate", "{}")
    store.running("bad")
    store.put_back("bad")  # a server that was told to end
    assert [job.id for job in store.unfinished()] == ["bad"]
    store.close()
