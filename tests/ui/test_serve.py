"""The browser's server: what it answers, what it refuses, and that its jobs outlive it."""

import hashlib
import json
import time
import zlib
from contextlib import contextmanager

import pytest

pytest.importorskip("fastapi")
from starlette.testclient import TestClient

from azygos.web.app import served
from azygos.web.guard import MOST_BYTES, MOST_UPLOADED, POLICY
from azygos.web.store import Store
from azygos.web.worker import packed
from azygos.web.workshop import Limits

HOME = "http://127.0.0.1:8017"
ONE = Limits(workers=1)
AS_JSON = {"content-type": "application/json"}


@contextmanager
def client(state=":memory:", limits=ONE, **options):
    with TestClient(served(state, limits=limits, warm=False, **options), base_url=HOME) as found:
        yield found


@pytest.fixture(scope="module")
def page():
    with client() as found:
        yield found


def finished(page, request, seconds=60.0):
    """The last told state of the job of a request."""
    job = page.post("/api/jobs", json=request).json()["id"]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        told = page.get(f"/api/jobs/{job}").json()
        if told["state"] in ("done", "failed", "cancelled"):
            return told
        time.sleep(0.05)
    raise AssertionError(f"not over after {seconds} s: {told}")


def answer(page, request):
    told = finished(page, request)
    assert told["state"] == "done", told
    return page.get(f"/api/jobs/{told['id']}/answer").json()


# -------------------------------------------------------------------------------------------------------------------
# work


def test_a_simulation_says_what_python_says(page):
    import azygos

    found = answer(page, {"kind": "simulate", "body": {"posture": 20.0}})["solution"]
    solution = azygos.simulate(azygos.Body.reference(posture=20.0))
    i = found["vessels"].index("ijv_r")
    assert found["means"]["pressure"][i][2] == pytest.approx(solution.mean_pressure_mmhg("ijv_r"), rel=1e-4)
    assert found["means"]["flow"][i][2] == pytest.approx(solution.mean_flow_ml_min("ijv_r"), rel=1e-4)
    assert found["units"] == {"pressure": "mmHg", "flow": "mL/min", "velocity": "cm/s", "area": "mm²"}
    assert found["solve"]["outcome"] == "ok"


def test_a_packed_wave_unpacks_to_the_wave_within_its_steps(page):
    import base64

    import numpy as np

    import azygos

    beat = answer(page, {"kind": "simulate"})["solution"]["beat"]
    solution = azygos.simulate(azygos.Body.reference())
    wave, v = beat["waves"]["pressure"], solution.vessels.index("aorta_ascending_1")
    whole = np.frombuffer(base64.b64decode(wave["data"]), dtype="<u2")
    unpacked = whole.reshape(len(solution.vessels), len(solution.keep.stations), len(beat["time"]))[v, 2]
    step = (wave["high"][v] - wave["low"][v]) / 65535
    shown = wave["low"][v] + step * unpacked
    known = np.interp(beat["time"], solution.time, solution.at("pressure", "aorta_ascending_1") / azygos.units.mmHg)
    assert shown == pytest.approx(known, abs=0.01)


def test_the_preview_is_within_five_per_cent_of_the_full_solve_where_it_was_solved(page):
    # written down before it was run: a preview may be off by 5 % of a jugular vein's flow, or 0.5 mmHg
    found = answer(page, {"kind": "postures"})
    i = found["vessels"].index("ijv_r")
    row = next(row for row in found["rows"] if row["posture"] == 25.0)
    full = answer(page, {"kind": "simulate", "body": {"posture": 25.0}})["solution"]["means"]
    assert row["means"]["flow"][i][2] == pytest.approx(full["flow"][i][2], rel=0.05)
    assert row["means"]["pressure"][i][2] == pytest.approx(full["pressure"][i][2], abs=0.5)


def test_the_same_question_has_the_same_job(page):
    first = page.post("/api/jobs", json={"kind": "simulate"}).json()["id"]
    assert page.post("/api/jobs", json={"kind": "simulate", "body": {"posture": 0.0}}).json()["id"] == first
    assert page.post("/api/jobs", json={"kind": "simulate", "body": {"posture": 1.0}}).json()["id"] != first


def test_events_tell_of_a_job_until_it_is_over(page):
    job = page.post("/api/jobs", json={"kind": "simulate", "body": {"posture": 33.0}}).json()["id"]
    with page.stream("GET", f"/api/jobs/{job}/events") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        told = [json.loads(line.removeprefix("data: ")) for line in events.iter_lines() if line.startswith("data: ")]
    assert told[-1]["state"] == "done"
    assert {one["state"] for one in told} <= {"queued", "running", "done"}


def test_a_lesion_shows_on_the_map_as_a_piece_of_its_vessel(page):
    drawn = page.post("/api/atlas", json={"lesions": ["ijv_r: 80 % area at 0.5, 20 mm"]}).json()
    vein = next(vessel for vessel in drawn["vessels"] if vessel["name"] == "ijv_r")
    assert [piece["name"] for piece in vein["pieces"]] == ["ijv_r.before", "ijv_r.lesion", "ijv_r.after"]
    assert [piece["lesion"] is not None for piece in vein["pieces"]] == [False, True, False]


# -------------------------------------------------------------------------------------------------------------------
# problems


def test_all_problems_of_a_body_are_said_at_once(page):
    body = {
        "variants": ["hypoplastic_transverse_sinus"],
        "lesions": ["ijv: 80 % area at 0.5, 20 mm", "ijv_r: 80 at 0.5"],
    }
    refused = page.post("/api/jobs", json={"kind": "simulate", "body": body})
    assert refused.status_code == 422
    told = refused.json()["problems"]
    assert all(set(one) == {"what", "where", "remedy"} for one in told)
    text = json.dumps(told)
    for part in ("no variant", "no vessel 'ijv'", "did you mean 'ijv_r'", "has no '%'"):
        assert part in text


@pytest.mark.parametrize(
    ("request_", "place"),
    [
        ({"kind": "simulate", "body": {"posture": 91.0}}, "posture"),
        ({"kind": "simulate", "body": {"sex": "m"}}, "sex"),
        ({"kind": "simulate", "path": "/etc/passwd"}, "path"),
        ({"kind": "dream"}, ""),
        ({"kind": "treat", "balloon": "plain_14x4", "body": {}}, "balloon"),
        ({"kind": "look", "instruments": ["ultrasond"]}, "instruments"),
    ],
)
def test_a_request_that_is_wrong_is_refused_with_its_place(page, request_, place):
    refused = page.post("/api/jobs", json=request_)
    assert refused.status_code == 422
    assert place in json.dumps(refused.json()["problems"])


def test_a_job_that_is_not_there_is_said_so(page):
    for path in ("", "/events", "/answer", "/picture?part=0&number=0"):
        assert page.get(f"/api/jobs/nothing{path}").status_code == 404


def test_a_job_without_an_answer_says_how_it_is(page):
    job = page.post("/api/jobs", json={"kind": "simulate", "body": {"posture": 87.0}}).json()["id"]
    page.delete(f"/api/jobs/{job}")
    finished_state(page, job)
    refused = page.get(f"/api/jobs/{job}/answer")
    assert refused.status_code == 409 and "it is cancelled" in refused.json()["problems"][0]["what"]


# -------------------------------------------------------------------------------------------------------------------
# bounds


def test_a_full_server_says_so_and_when_to_come_back():
    with client(limits=Limits(workers=1, waiting=1)) as page:
        states = [page.post("/api/jobs", json={"kind": "simulate", "body": {"posture": p}}) for p in range(50, 56)]
        refused = [state for state in states if state.status_code == 429]
        assert refused and {state.status_code for state in states} <= {202, 429}
        assert refused[0].headers["retry-after"] == "2"
        assert "too many jobs" in refused[0].json()["problems"][0]["what"]


def test_a_job_that_takes_too_long_is_ended_and_the_next_one_done():
    with client(limits=Limits(workers=1, seconds=0.0)) as page:
        told = finished(page, {"kind": "simulate", "body": {"posture": 44.0}})
        assert told["state"] == "failed"
        assert "ended after 0 s" in told["problems"][0]["what"]


def test_a_cancelled_job_is_over_and_can_be_asked_for_again():
    with client(limits=Limits(workers=1)) as page:
        asked = {"kind": "treat", "body": {"lesions": ["ijv_r: 80 % area at 0.5, 20 mm"]}}
        job = page.post("/api/jobs", json=asked).json()["id"]
        page.delete(f"/api/jobs/{job}")
        assert finished_state(page, job) == "cancelled"
        assert page.post("/api/jobs", json=asked).json()["state"] in ("queued", "running")
        page.delete(f"/api/jobs/{job}")


def finished_state(page, job, seconds=20.0):
    end = time.monotonic() + seconds
    while (state := page.get(f"/api/jobs/{job}").json()["state"]) in ("queued", "running") and time.monotonic() < end:
        time.sleep(0.05)
    return state


def test_what_a_stopped_server_left_undone_is_done_by_the_next(tmp_path):
    state = tmp_path / "jobs.sqlite"
    left = Store(state)
    left.add("left", "simulate", '{"kind": "simulate", "body": {"posture": 12.0}}')
    left.running("left")
    left.close()
    with client(state) as page:
        assert finished_state(page, "left", 60.0) == "done"
    kept = Store(state)
    assert b'"posture":12.0' in zlib.decompress(kept.answer("left"))
    kept.close()


# -------------------------------------------------------------------------------------------------------------------
# who may ask


def test_a_page_and_an_answer_carry_the_headers_that_shut_others_out(page):
    for path in ("/", "/api/about", "/treat"):
        headers = page.get(path).headers
        assert headers["content-security-policy"] == POLICY
        assert headers["x-content-type-options"] == "nosniff"
    assert "unsafe" not in POLICY and "http" not in POLICY


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil.example:8017"])
def test_a_host_by_another_name_is_refused(page, host):
    assert page.get("/api/about", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8017", "127.0.0.1:1", "[::1]:8017"])
def test_this_machine_by_its_own_names_is_let_in(page, host):
    assert page.get("/api/about", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:8017"])
def test_a_request_from_another_origin_is_refused(page, origin):
    assert page.post("/api/jobs", json={"kind": "simulate"}, headers={"origin": origin}).status_code == 403
    assert page.get("/api/about", headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_its_own_origin_is_let_in(page):
    assert page.post("/api/jobs", json={"kind": "simulate"}, headers={"origin": HOME}).status_code == 202


def test_a_body_that_is_too_long_is_refused_whether_it_says_its_length_or_not(page):
    for path, most in (("/api/atlas", MOST_BYTES), ("/api/jobs", MOST_UPLOADED)):
        long = b"x" * (most + 1)
        assert page.post(path, content=long, headers=AS_JSON).status_code == 413
        assert page.post(path, content=iter([long[:10_000]] * 300), headers=AS_JSON).status_code == 413


def test_without_the_token_nobody_comes_in():
    token = "a-token-of-many-letters"
    with client(token=token) as page:
        assert page.get("/").status_code == 401
        assert page.get("/api/about", headers={"authorization": "Bearer wrong"}).status_code == 401
        assert page.get("/?token=wrong").status_code == 401
        assert page.get("/api/about", headers={"authorization": f"Bearer {token}"}).status_code == 200
        opened = page.get(f"/?token={token}", follow_redirects=False)
        assert opened.status_code == 303 and opened.headers["location"] == "/"
        assert "HttpOnly" in opened.headers["set-cookie"] and "SameSite=Lax" in opened.headers["set-cookie"]
        assert page.get("/api/about").status_code == 200  # the cookie


@pytest.mark.parametrize(
    "path", ["/../pyproject.toml", "/..%2f..%2fpyproject.toml", "/assets/../../app.py", "//etc/passwd", "/app.py"]
)
def test_no_path_of_a_request_reaches_the_file_system(page, path):
    assert page.get(path).status_code == 404


# -------------------------------------------------------------------------------------------------------------------
# scripts


@pytest.mark.parametrize(
    "request_",
    [
        {"kind": "simulate", "body": {"sex": "female", "height_cm": 165.0, "age": 40.0, "posture": 30.0}},
        {
            "kind": "treat",
            "body": {"lesions": ["ijv_r: 80 % area at 0.5, 20 mm"]},
            "stent": "none",
            "pressure_atm": 6.0,
        },
        {"kind": "look", "instruments": ["manometry"], "body": {"variants": ["left_dominant_sinus"]}},
    ],
)
def test_as_a_script_is_python_that_runs(page, request_, capsys):
    text = page.post("/api/script", json=request_).text
    exec(compile(text, "script", "exec"), {})
    assert "Simulated" in text
    assert capsys.readouterr().out


def test_a_text_of_a_request_stays_a_text_in_its_script(page):
    evil = "ijv_r: 80 % area at 0.5, 20 mm'); import os; os.abort(('"
    text = page.post("/api/script", json={"kind": "simulate", "body": {"lesions": [evil]}}).text
    import ast

    assert all(ast.unparse(node) != "import os" for node in ast.walk(ast.parse(text)))


def test_a_job_that_nobody_waits_for_is_left_when_it_runs_and_dropped_when_it_waits():
    with client(limits=Limits(workers=1)) as page:
        jobs = [
            page.post("/api/jobs", json={"kind": "simulate", "body": {"posture": p}}).json()["id"] for p in (61, 62)
        ]
        page.delete(f"/api/jobs/{jobs[1]}?running=false")
        assert page.get(f"/api/jobs/{jobs[1]}").json()["state"] == "cancelled"
        assert finished_state(page, jobs[0], 60.0) == "done"
        page.delete(f"/api/jobs/{jobs[0]}?running=false")
        assert page.get(f"/api/jobs/{jobs[0]}").json()["state"] == "done"


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


def test_a_worker_that_may_not_take_enough_memory_fails_its_job_and_not_the_server():
    with client(limits=Limits(workers=1, memory=64 * 2**20)) as page:
        told = finished(page, {"kind": "simulate", "body": {"posture": 43.0}})
        assert told["state"] == "failed"
        assert "memory" in json.dumps(told["problems"])
        assert page.get("/api/about").status_code == 200
