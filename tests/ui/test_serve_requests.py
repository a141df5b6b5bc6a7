"""What a request to `azygos serve` may say: paths, lengths, texts made to break a reader."""

import json

import pytest

pytest.importorskip("fastapi")
from azygos.web.guard import MOST_BYTES, MOST_UPLOADED
from azygos.web.workshop import Limits
from serving import AS_JSON, asked, client, over


@pytest.fixture(scope="module")
def page():
    """Where nobody works, for what is only read."""
    with client(limits=Limits(workers=0)) as found:
        yield found


@pytest.mark.parametrize(
    "path", ["/../pyproject.toml", "/..%2f..%2fpyproject.toml", "/assets/../../app.py", "//etc/passwd", "/app.py"]
)
def test_no_path_of_a_request_reaches_the_file_system(page, path):
    assert page.get(path).status_code == 404


@pytest.mark.parametrize("name", ["café", "%00", "%F0%9F%92%A9", "..%2f..%2fetc%2fpasswd", "%ff%fe", "x" * 5000])
def test_a_name_in_any_writing_is_looked_up_and_never_opened(page, name):
    for path in (f"/api/jobs/{name}", f"/api/vessels/{name}", f"/assets/{name}"):
        assert page.get(path).status_code in (404, 422)


def test_a_method_that_there_is_not_is_refused_with_those_that_there_are(page):
    for method in ("PUT", "PATCH", "TRACE", "OPTIONS", "CONNECT"):
        refused = page.request(method, "/api/jobs")
        assert refused.status_code == 405 and refused.headers["allow"] == "POST"
        assert page.request(method, "/api/jobs/x").headers["allow"] == "DELETE, GET"
    assert page.head("/").status_code == 200


def test_a_body_that_is_too_long_is_refused_whether_it_says_its_length_or_not(page):
    for path, most in (("/api/atlas", MOST_BYTES), ("/api/jobs", MOST_UPLOADED)):
        long = b"x" * (most + 1)
        assert page.post(path, content=long, headers=AS_JSON).status_code == 413
        assert page.post(path, content=iter([long[:10_000]] * 300), headers=AS_JSON).status_code == 413


@pytest.mark.parametrize("length", ["-1", "+5", "1_0", "9" * 5000, "²", "0x10", " "])
def test_a_length_that_is_no_number_is_refused(page, length):
    headers = AS_JSON | {"content-length": length.encode("latin-1")}
    assert page.post("/api/atlas", content=b"{}", headers=headers).status_code == 413


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
