"""How jobs end: by the clock, cancelled, or with a worker, a server or a disk that fails."""

import json
import os
import signal
import sqlite3
import subprocess
import tempfile
import urllib.request
import zlib
from multiprocessing import active_children

import pytest

pytest.importorskip("fastapi")
from azygos.web.store import Store
from azygos.web.workshop import Limits, Workshop
from serving import AS_JSON, asked, begun, client, over, until

POSIX = pytest.mark.skipif(os.name != "posix", reason="processes are found and killed in another way there")


def test_a_job_that_takes_too_long_is_ended_and_the_next_one_done():
    with client(limits=Limits(workers=1, seconds=0.0)) as page:
        told = over(page, asked(page, body={"posture": 44.0}))
        assert told["state"] == "failed"
        assert "ended after 0 s" in told["problems"][0]["what"]


def test_a_cancelled_job_is_over_and_can_be_asked_for_again():
    with client() as page:
        request = {"kind": "treat", "body": {"lesions": ["ijv_r: 80 % area at 0.5, 20 mm"]}}
        job = asked(page, **request)
        page.delete(f"/api/jobs/{job}")
        assert over(page, job)["state"] == "cancelled"
        assert asked(page, **request) == job
        assert page.get(f"/api/jobs/{job}").json()["state"] in ("queued", "running")
        page.delete(f"/api/jobs/{job}")


def test_a_job_that_nobody_waits_for_is_left_when_it_runs_and_dropped_when_it_waits():
    with client() as page:
        jobs = [asked(page, body={"posture": p}) for p in (61, 62)]
        page.delete(f"/api/jobs/{jobs[1]}?running=false")
        assert page.get(f"/api/jobs/{jobs[1]}").json()["state"] == "cancelled"
        assert over(page, jobs[0])["state"] == "done"
        page.delete(f"/api/jobs/{jobs[0]}?running=false")
        assert page.get(f"/api/jobs/{jobs[0]}").json()["state"] == "done"


def test_a_job_that_is_cancelled_and_asked_for_again_at_once_is_done(page):
    job = asked(page, body={"posture": 71.5})
    for _ in range(5):
        page.delete(f"/api/jobs/{job}")
        assert asked(page, body={"posture": 71.5}) == job
    assert over(page, job)["state"] == "done"
    page.delete(f"/api/jobs/{job}")
    assert page.get(f"/api/jobs/{job}").json()["state"] == "done"


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_what_is_over_stays_as_it_is_when_it_is_cancelled(page, state):
    store = page.app.app.state.workshop.store
    store.add(f"a {state} one", "simulate", "{}")
    store.fail(f"a {state} one", [], state)
    assert page.delete(f"/api/jobs/a {state} one").json()["state"] == state
    assert page.delete("/api/jobs/none").status_code == 404


@POSIX
def test_a_worker_that_hangs_before_it_has_taken_its_job_is_replaced_and_the_job_told_of():
    long = [{"name": "report.txt", "text": "word " * 190_000}]  # longer than a pipe holds
    others = set(active_children())
    with client() as page:
        assert over(page, asked(page, kind="design", study="chicago-2012"))["state"] == "done"
        (worker,) = (one for one in active_children() if one not in others)
        os.kill(worker.pid, signal.SIGSTOP)
        page.app.app.state.workshop.limits = Limits(workers=1, seconds=0.5)
        told = over(page, asked(page, kind="audit", texts=long))
        assert told["state"] == "failed" and "ended after 0.5 s" in told["problems"][0]["what"]


def test_a_worker_that_may_not_take_enough_memory_fails_its_job_and_not_the_server():
    with client(limits=Limits(workers=1, memory=64 * 2**20)) as page:
        told = over(page, asked(page, body={"posture": 43.0}))
        assert told["state"] == "failed"
        assert "memory" in json.dumps(told["problems"])
        assert page.get("/api/about").status_code == 200


@POSIX
def test_a_worker_that_is_killed_is_replaced_its_job_done_and_nothing_of_it_left(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    others = set(active_children())

    def kill():
        (worker,) = until(lambda: [one for one in active_children() if one not in others and one.is_alive()])
        os.kill(worker.pid, 9)
        worker.join()

    with client() as page:
        assert over(page, asked(page))["state"] == "done"
        kill()  # with nothing to do
        job = asked(page, body={"posture": 31.0})
        until(lambda: page.get(f"/api/jobs/{job}").json()["progress"]["share"] > 0.0)
        (folder,) = tmp_path.iterdir()
        (folder / "left").touch()
        kill()  # at work
        assert over(page, job)["state"] == "done"
        assert not folder.exists()
    assert not list(tmp_path.iterdir())


def test_a_job_that_ends_its_worker_twice_has_failed():
    store = Store(":memory:")
    store.add("bad", "simulate", "x" * 2_000_000)  # more than a pipe holds: it ends while it is being handed over
    shop = Workshop(store, Limits(workers=1, memory=64 * 2**20))  # in which no worker can begin
    try:
        told = until(lambda: (found := shop.told("bad"))["state"] == "failed" and found, 60.0)
        assert "ended twice" in told["problems"][0]["what"]
    finally:
        shop.close()


def test_what_a_stopped_server_left_undone_is_done_by_the_next(tmp_path):
    state = tmp_path / "jobs.sqlite"
    left = Store(state)
    left.add("left", "simulate", '{"kind": "simulate", "body": {"posture": 12.0}}')
    left.running("left")
    left.close()
    with client(state) as page:
        assert over(page, "left")["state"] == "done"
    kept = Store(state)
    assert b'"posture":12.0' in zlib.decompress(kept.answer("left"))
    kept.close()


@POSIX
def test_a_server_that_is_killed_takes_its_workers_along_and_the_next_one_finishes_its_job(tmp_path):
    state = tmp_path / "s.sqlite"
    with begun(state, "--workers", "1") as (server, address):
        body = json.dumps({"kind": "simulate", "body": {"posture": 45.5}}).encode()
        request = urllib.request.Request(f"{address}api/jobs", body, AS_JSON)
        job = json.loads(urllib.request.urlopen(request, timeout=30).read())["id"]
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True).stdout
        rows = [tuple(map(int, line.split())) for line in listed.splitlines()]
        theirs = [pid for pid, parent in rows if parent == server.pid]
        server.kill()
    until(lambda: not any(is_alive(pid) for pid in theirs))
    with client(state) as page:
        assert over(page, job, 90.0)["state"] == "done"
        assert page.get(f"/api/jobs/{job}/answer").json()["solution"]["posture"] == 45.5


def is_alive(pid):
    listed = subprocess.run(["ps", "-p", str(pid), "-o", "stat="], capture_output=True, text=True).stdout.strip()
    return bool(listed) and not listed.startswith("Z")


def test_a_full_disk_is_said_and_once_there_is_room_the_job_is_done(page, monkeypatch):
    store = page.app.app.state.workshop.store
    full = raising(sqlite3.OperationalError("database or disk is full"))
    monkeypatch.setattr(store, "finish", full)
    told = over(page, asked(page, body={"posture": 7.0}))
    assert told["state"] == "failed" and "disk is full" in told["problems"][0]["what"]
    assert page.get(f"/api/jobs/{told['id']}/answer").status_code == 409
    monkeypatch.undo()
    assert over(page, asked(page, body={"posture": 7.0}))["state"] == "done"
    assert page.get(f"/api/jobs/{told['id']}/answer").status_code == 200
    monkeypatch.setattr(store, "add", full)
    refused = page.post("/api/jobs", json={"kind": "simulate", "body": {"posture": 8.0}})
    assert refused.status_code == 503 and int(refused.headers["retry-after"]) > 0


def raising(error):
    def broken(*given):
        raise error

    return broken
