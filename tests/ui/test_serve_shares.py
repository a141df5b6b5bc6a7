"""Many clients at one `azygos serve`: places, turns, connections, and jobs that they share."""

from contextlib import contextmanager

import pytest

pytest.importorskip("fastapi")
from starlette.testclient import TestClient

from azygos.web.queue import Live, Queue
from azygos.web.store import Job
from azygos.web.workshop import Limits
from serving import HOME, asked, client


def test_a_full_server_says_so_and_when_to_come_back():
    with client(limits=Limits(workers=1, waiting=1)) as page:
        states = [page.post("/api/jobs", json={"kind": "simulate", "body": {"posture": p}}) for p in range(50, 56)]
        refused = [state for state in states if state.status_code == 429]
        assert refused and {state.status_code for state in states} <= {202, 429}
        assert refused[0].headers["retry-after"] == "2"
        assert "too many jobs wait already, 1 of them for you" in refused[0].json()["problems"][0]["what"]


@contextmanager
def crowd(limits, count):
    """Browsers of one server, each with an address of its own."""
    with client(limits=limits) as first:
        yield [TestClient(first.app, base_url=HOME, client=(f"192.168.1.{n}", 5000 + n)) for n in range(count)]


def test_a_client_who_asks_without_end_leaves_places_for_others():
    with crowd(Limits(workers=0, waiting=12), 3) as (greedy, *others):
        asked_for = [greedy.post("/api/jobs", json={"kind": "look", "seed": n}) for n in range(12)]
        assert [one.status_code for one in asked_for] == [202] * 6 + [429] * 6  # half of them
        refused = asked_for[-1]
        assert "6 of them for you" in refused.json()["problems"][0]["what"] and int(refused.headers["retry-after"]) > 0
        for number, other in enumerate(others):
            assert other.post("/api/jobs", json={"kind": "look", "seed": 100 + number}).status_code == 202
        assert greedy.post("/api/jobs", json={"kind": "look", "seed": 0}).status_code == 202  # which waits already


def test_clients_take_turns_however_much_one_has_asked_for():
    def waiting(name):
        return Live(job=Job(id=name, kind="look", request="{}", state="queued", problems=[]))

    queue = Queue(12)
    for client_, name in (("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("b", "b2")):
        queue.add(waiting(name), client_)
    taken = [queue.take().job.id]
    queue.add(waiting("c1"), "c")
    taken += [queue.take().job.id for _ in range(len(queue))]
    assert taken == ["a1", "b1", "a2", "b2", "c1", "a3"]


def test_a_job_that_two_clients_want_ends_when_neither_does():
    with crowd(Limits(workers=0, waiting=12), 3) as (one, other, third):
        job = asked(one)
        assert asked(other) == job
        states = [page.delete(f"/api/jobs/{job}").json()["state"] for page in (third, one)]
        assert states == ["queued", "cancelled"]  # who did not ask for it ends nothing
        assert other.get(f"/api/jobs/{job}").json()["state"] == "queued"
        assert asked(one) == job and one.get(f"/api/jobs/{job}").json()["state"] == "queued"  # wanted again
        for page in (one, other):
            page.delete(f"/api/jobs/{job}?running=false")
        assert third.get(f"/api/jobs/{job}").json()["state"] == "cancelled"
