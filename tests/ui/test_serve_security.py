"""What somebody could try on `azygos serve` from another page, another program or another machine, and why it fails."""

import asyncio
import http.client
import json
import os
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import contextmanager, suppress
from multiprocessing import active_children

import pytest

pytest.importorskip("fastapi")
import uvicorn
from starlette.testclient import TestClient

from azygos.errors import InputError
from azygos.web import connection, guard
from azygos.web.app import served
from azygos.web.store import Store
from azygos.web.stream import Streams
from azygos.web.worker import packed
from azygos.web.workshop import Limits, Workshop

HOME = "http://127.0.0.1:8017"
ONE = Limits(workers=1)
AS_JSON = {"content-type": "application/json"}
TOKEN = "a-token-of-many-letters"


@contextmanager
def client(state=":memory:", limits=ONE, **options):
    with TestClient(served(state, limits=limits, warm=False, **options), base_url=HOME) as found:
        yield found


@pytest.fixture(scope="module")
def page():
    with client() as found:
        yield found


def until(is_so, seconds=30.0):
    """What `is_so` says when it first says something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := is_so():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come about")


def over(page, job, seconds=60.0):
    """The last state of a job."""
    told = {}

    def is_over():
        told.update(page.get(f"/api/jobs/{job}").json())
        return told["state"] in ("done", "failed", "cancelled")

    until(is_over, seconds)
    return told


def asked(page, **request):
    return page.post("/api/jobs", json={"kind": "simulate"} | request).json()["id"]


# -------------------------------------------------------------------------------------------------------------------
# by another page in the same browser


@pytest.mark.parametrize(
    "host",
    ["[::1].evil.example", "127.0.0.1:8017@evil.example", "127.0.0.1, evil.example", "127.0.0.1:", "[::1", "\xb2"],
)
def test_a_name_that_only_begins_like_this_machine_is_refused(page, host):
    assert page.get("/api/about", headers={"host": host.encode("latin-1")}).status_code == 421


def test_two_hosts_in_one_request_are_refused(page):
    assert page.get("/api/about", headers=[("host", "127.0.0.1"), ("host", "evil.example")]).status_code == 421


@pytest.mark.parametrize("origin", ["http://[", "http://127.0.0.1:8017.evil.example", "127.0.0.1:8017", "file://", ""])
def test_an_origin_that_is_none_is_refused_and_breaks_nothing(page, origin):
    assert page.post("/api/jobs", json={"kind": "simulate"}, headers={"origin": origin}).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
def test_another_site_or_port_reads_nothing_here_and_starts_nothing(page, site):
    for path in ("/api/about", "/api/jobs/x/events", "/", "/favicon.svg"):
        assert page.get(path, headers={"sec-fetch-site": site, "sec-fetch-mode": "no-cors"}).status_code == 403


def test_a_link_from_elsewhere_opens_a_screen_but_no_frame_and_no_answer(page):
    visit = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert page.get("/treat", headers=visit).status_code == 200
    assert page.get("/treat", headers=visit | {"sec-fetch-dest": "iframe"}).status_code == 403
    assert page.get("/api/about", headers=visit).status_code == 403


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_what_a_form_of_another_page_can_send_is_not_read(page, kind):
    sent = page.post("/api/jobs", content=b'{"kind": "simulate"}', headers={"content-type": kind})
    assert sent.status_code == 415


def test_a_picture_opened_on_its_own_may_do_nothing(page):
    job = asked(page, kind="look", instruments=["manometry"])
    assert over(page, job)["state"] == "done"
    picture = page.get(f"/api/jobs/{job}/picture?part=0&number=0")
    assert picture.headers["content-type"] == "image/svg+xml"
    policy = picture.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy and "script" not in policy
    assert page.get(f"/api/jobs/{job}/picture?part=0&number=99").status_code == 404
    assert page.get(f"/api/jobs/{job}/picture?part=-1&number=0").status_code == 422


def test_every_answer_carries_the_headers_whatever_it_is(page):
    for sent in (
        page.get("/"), page.get("/nothing"), page.put("/api/jobs"), page.get("/", headers={"host": "evil.example"}),
        page.post("/api/jobs", content=b"{", headers=AS_JSON), page.get("/api/openapi.json"),
    ):  # fmt: skip
        for name, value in guard.HEADERS.items():
            assert name == "cache-control" or sent.headers[name] == value, (sent.status_code, name)
        assert sent.headers["cache-control"] in ("no-store", "no-cache")
        assert "server" not in sent.headers and "access-control-allow-origin" not in sent.headers


def test_a_method_that_there_is_not_is_refused_with_those_that_there_are(page):
    for method in ("PUT", "PATCH", "TRACE", "OPTIONS", "CONNECT"):
        refused = page.request(method, "/api/jobs")
        assert refused.status_code == 405 and refused.headers["allow"] == "POST"
        assert page.request(method, "/api/jobs/x").headers["allow"] == "DELETE, GET"
    assert page.head("/").status_code == 200


# -------------------------------------------------------------------------------------------------------------------
# by what a request says


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"kind": ' * 20_000,
        b'{"kind": "simulate", "body": {"posture": ' + b"9" * 10_000 + b"}}",
        b'{"kind": "simulate", "body": {"posture": NaN}}',
        b'{"kind": "simulate", "body": {"height_cm": Infinity}}',
        b'{"kind": "simulate", "body": {"age": -Infinity}}',
        b'{"kind": "treat", "pressure_atm": NaN}',
        b'{"kind": "treat", "pressure_atm": 1e999}',
        b'{"kind": "look", "seed": 1e400}',
        b'{"kind": "look", "seed": true}',
        b'{"kind": "simulate", "body": {"lesions": ["\\ud800"]}}',
        b'{"kind": "simulate", "\\ud800": 1}',
        b'{"kind": "\\ud800"}',
        b'\xff\xfe{\x00}\x00',
        b'{"kind": "simulate", "body": null}',
        b'"simulate"',
        b"",
    ],
)  # fmt: skip
def test_json_made_to_break_a_reader_is_refused_with_a_problem(page, body):
    for path in ("/api/jobs", "/api/script"):
        refused = page.post(path, content=body, headers=AS_JSON)
        assert refused.status_code in (400, 422), refused.text
        assert all(one["what"] for one in refused.json()["problems"])


@pytest.mark.parametrize("length", ["-1", "+5", "1_0", "9" * 5000, "²", "0x10", " "])
def test_a_length_that_is_no_number_is_refused(page, length):
    headers = AS_JSON | {"content-length": length.encode("latin-1")}
    assert page.post("/api/atlas", content=b"{}", headers=headers).status_code == 413


@pytest.mark.parametrize("name", ["café", "%00", "%F0%9F%92%A9", "..%2f..%2fetc%2fpasswd", "%ff%fe", "x" * 5000])
def test_a_name_in_any_writing_is_looked_up_and_never_opened(page, name):
    for path in (f"/api/jobs/{name}", f"/api/vessels/{name}", f"/assets/{name}"):
        assert page.get(path).status_code in (404, 422)


def test_a_file_of_aliases_that_grow_without_end_ends_as_a_problem():
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    text = "format: azygos-study/1\n" + "\n".join(rows)
    with client(limits=Limits(workers=1, seconds=20.0)) as page:
        job = asked(page, kind="design", file={"name": "../../etc/study.yaml", "text": text})
        told = over(page, job)
        assert told["state"] == "failed" and told["problems"]
        assert len(json.dumps(told)) < 100_000
        assert page.get("/api/about").status_code == 200


# -------------------------------------------------------------------------------------------------------------------
# by connections that stay


@contextmanager
def listening(app=None, **options):
    """A server on a port of its own, in a thread."""
    config = uvicorn.Config(
        app or served(limits=ONE), http=connection.Connection, ws="none", log_level="critical", lifespan="on",
        h11_max_incomplete_event_size=16 * 1024, **options,
    )  # fmt: skip
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until(lambda: server.started)
            yield listener.getsockname()
        finally:
            server.should_exit = True
            thread.join(20)


async def plain(scope, receive, send):
    """An application that answers with more than a connection holds."""
    if scope["type"] == "lifespan":
        for _ in range(2):
            await send({"type": f"{(await receive())['type']}.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"50000000")]})
    await send({"type": "http.response.body", "body": b"x" * 50_000_000})


def ended(link, seconds=10.0):
    """Whether the other side ends a connection in time; what it still says is read."""
    link.settimeout(seconds)
    try:
        while link.recv(65536):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True


def drop_by_drop(link):
    for _ in range(100):
        link.sendall(b"x")
        time.sleep(0.05)


def test_a_connection_that_never_asks_or_never_reads_is_ended(monkeypatch):
    monkeypatch.setattr(connection, "ASK_SECONDS", 0.4)
    monkeypatch.setattr(connection, "READ_SECONDS", 0.4)
    with listening(plain) as address:
        with socket.create_connection(address) as silent, socket.create_connection(address) as slow:
            slow.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
            assert ended(silent) and ended(slow)
        with socket.create_connection(address) as deaf:
            deaf.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            time.sleep(1.0)
            taken = 0
            with suppress(ConnectionResetError):
                while piece := deaf.recv(65536):
                    taken += len(piece)
            assert taken < 50_000_000
        with socket.create_connection(address) as dripping:
            dripping.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 90\r\n\r\n")
            with pytest.raises(OSError):  # the body goes on drop by drop after the answer
                drop_by_drop(dripping)


def test_more_connections_than_there_may_be_are_not_held(monkeypatch):
    monkeypatch.setattr(connection, "most_connections", lambda: 3)
    with listening(plain) as address:
        held = [socket.create_connection(address) for _ in range(3)]
        try:
            with socket.create_connection(address) as more:
                assert ended(more)
        finally:
            for one in held:
                one.close()


def test_who_sends_too_much_still_reads_why_it_was_not_taken():
    with listening(guard.Guard(app=plain, hosts=frozenset({"127.0.0.1"}))) as (host, port):
        sender = http.client.HTTPConnection(host, port, timeout=20)
        for _ in range(2):  # over the same connection
            sender.request("POST", "/api/jobs", b"x" * 8_000_000, AS_JSON)
            refused = sender.getresponse()
            assert refused.status == 413 and "more than 2304 KiB" in refused.read().decode()
        sender.close()


def test_a_head_that_is_too_long_is_refused():
    with listening(plain) as address, socket.create_connection(address) as link:
        link.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 20_000)
        assert link.recv(12) == b"HTTP/1.1 400"


def test_a_body_that_does_not_arrive_is_given_up(monkeypatch):
    monkeypatch.setattr(guard, "_SECONDS", 0.1)
    sent = []

    async def never():
        await asyncio.sleep(60)

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/api/jobs", "query_string": b"", "server": ("127.0.0.1", 8017),
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json"), (b"content-length", b"5")],
    }  # fmt: skip
    asyncio.run(guard.Guard(app=plain, hosts=frozenset({"127.0.0.1"}))(scope, never, send))
    assert sent[0]["status"] == 408


def test_streams_beyond_the_bound_tell_how_it_is_and_end():
    async def here():
        return False

    async def gone():
        return True

    async def read(streams, has_left):
        return [word async for word in streams.of(lambda: {"state": "running"}, has_left)]

    async def tried():
        streams = Streams(most=1)
        first = streams.of(lambda: {"state": "running"}, here)
        words = [await anext(first), await anext(first)]
        beyond = await asyncio.wait_for(read(streams, here), 5.0)
        await first.aclose()
        return words, beyond, await asyncio.wait_for(read(streams, gone), 5.0)

    words, beyond, left = asyncio.run(tried())
    assert words == beyond == left == ["retry: 2000\n\n", 'data: {"state": "running"}\n\n']


# -------------------------------------------------------------------------------------------------------------------
# by those who have no token


def test_the_token_is_a_cookie_of_one_port_that_no_script_and_no_other_site_gets():
    with client(token=TOKEN) as page:
        opened = page.get(f"/?token={TOKEN}", follow_redirects=False)
        name, _, flags = opened.headers["set-cookie"].partition("=")
        assert name == "azygos_token_8017"
        assert set(flags.split("; ")[1:]) == {"Path=/", "HttpOnly", "SameSite=Lax"}
        assert opened.headers["location"] == "/" and TOKEN not in opened.text
        assert opened.headers["referrer-policy"] == "no-referrer" and opened.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("given", ["", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN[:-1]}", "Bearer \xff\xfe"])
def test_a_token_that_is_not_quite_right_is_wrong(given):
    app = guard.Guard(app=plain, hosts=frozenset({"127.0.0.1"}), token=TOKEN)
    page = TestClient(app, base_url=HOME)
    refused = page.get("/", headers={"authorization": given.encode("latin-1")})
    assert refused.status_code == 401 and refused.headers["www-authenticate"] == "Bearer"
    assert page.get("/", headers={"cookie": "azygos_token_8017=; azygos_token_8017"}).status_code == 401
    assert page.post(f"/?token={TOKEN}", json={}).status_code == 401


# -------------------------------------------------------------------------------------------------------------------
# by the file of jobs


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
    from azygos.cli.main import run

    first = Store(tmp_path / "s.sqlite")
    # another process, as SQLite tells its own connections apart in another way
    command = [sys.executable, "-m", "azygos.cli.main", "serve", "--port", "0", "--state", str(tmp_path / "s.sqlite")]
    second = subprocess.run(command, capture_output=True, text=True, timeout=60)
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


# -------------------------------------------------------------------------------------------------------------------
# what jobs outlive


POSIX = pytest.mark.skipif(os.name != "posix", reason="processes are found and killed in another way there")


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


@POSIX
def test_a_server_that_is_killed_takes_its_workers_along_and_the_next_one_finishes_its_job(tmp_path):
    state = tmp_path / "s.sqlite"
    command = [sys.executable, "-m", "azygos.cli.main", "serve", "--port", "0", "--workers", "1", "--state", str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        address = server.stdout.readline().removeprefix("azygos: ").strip()
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
