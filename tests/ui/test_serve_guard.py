"""Who may ask `azygos serve`: pages of other sites and ports, other names, those who have no token."""

import pytest

pytest.importorskip("fastapi")
from starlette.testclient import TestClient

from azygos.web import guard
from azygos.web.workshop import Limits
from serving import AS_JSON, HOME, TOKEN, client


@pytest.fixture(scope="module")
def page():
    """Where nobody works, for what is asked at the door."""
    with client(limits=Limits(workers=0)) as found:
        yield found


def test_a_page_and_an_answer_carry_the_headers_that_shut_others_out(page):
    for path in ("/", "/api/about", "/treat"):
        headers = page.get(path).headers
        assert headers["content-security-policy"] == guard.POLICY
        assert headers["x-content-type-options"] == "nosniff"
    assert "unsafe" not in guard.POLICY and "http" not in guard.POLICY


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil.example:8017"])
def test_a_host_by_another_name_is_refused(page, host):
    assert page.get("/api/about", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8017", "127.0.0.1:1", "[::1]:8017"])
def test_this_machine_by_its_own_names_is_let_in(page, host):
    assert page.get("/api/about", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["[::1].evil.example", "127.0.0.1:8017@evil.example", "127.0.0.1, evil.example", "127.0.0.1:", "[::1", "\xb2"],
)
def test_a_name_that_only_begins_like_this_machine_is_refused(page, host):
    assert page.get("/api/about", headers={"host": host.encode("latin-1")}).status_code == 421


def test_two_hosts_in_one_request_are_refused(page):
    assert page.get("/api/about", headers=[("host", "127.0.0.1"), ("host", "evil.example")]).status_code == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:8017"])
def test_a_request_from_another_origin_is_refused(page, origin):
    assert page.post("/api/jobs", json={"kind": "simulate"}, headers={"origin": origin}).status_code == 403
    assert page.get("/api/about", headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_its_own_origin_is_let_in(page):
    assert page.post("/api/jobs", json={"kind": "simulate"}, headers={"origin": HOME}).status_code == 202


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


def test_every_answer_carries_the_headers_whatever_it_is(page):
    for sent in (
        page.get("/"), page.get("/nothing"), page.put("/api/jobs"), page.get("/", headers={"host": "evil.example"}),
        page.post("/api/jobs", content=b"{", headers=AS_JSON), page.get("/api/openapi.json"),
    ):  # fmt: skip
        for name, value in guard.HEADERS.items():
            assert name == "cache-control" or sent.headers[name] == value, (sent.status_code, name)
        assert sent.headers["cache-control"] in ("no-store", "no-cache")
        assert "server" not in sent.headers and "access-control-allow-origin" not in sent.headers


@pytest.mark.parametrize("path", ["/nothing", "/<script>alert(1)</script>"])
def test_somebody_who_opens_what_is_not_there_reads_a_page_and_a_program_json(page, path):
    read = page.get(path, headers={"accept": "text/html,*/*"})
    assert read.status_code == 404 and read.headers["content-type"].startswith("text/html")
    assert "there is nothing at this address" in read.text and 'href="/"' in read.text and "<script" not in read.text
    for asked in (page.get(path), page.get(f"/api{path}", headers={"accept": "text/html"})):
        assert asked.status_code == 404 and asked.json()["problems"]


def test_somebody_without_the_token_reads_what_to_do():
    with client(token=TOKEN) as page:
        read = page.get("/", headers={"accept": "text/html"})
    assert (
        read.status_code == 401 and "open the address that it printed" in read.text and read.text.startswith("<!doct")
    )


def test_without_the_token_nobody_comes_in():
    with client(token=TOKEN) as page:
        assert page.get("/").status_code == 401
        assert page.get("/api/about", headers={"authorization": "Bearer wrong"}).status_code == 401
        assert page.get("/?token=wrong").status_code == 401
        assert page.get("/api/about", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
        assert page.get(f"/?token={TOKEN}", follow_redirects=False).status_code == 303
        assert page.get("/api/about").status_code == 200  # the cookie


def test_the_token_is_a_cookie_of_one_port_that_no_script_and_no_other_site_gets():
    with client(token=TOKEN) as page:
        opened = page.get(f"/?token={TOKEN}", follow_redirects=False)
        name, _, flags = opened.headers["set-cookie"].partition("=")
        assert name == "azygos_token_8017"
        assert set(flags.split("; ")[1:]) == {"Path=/", "HttpOnly", "SameSite=Lax"}
        assert opened.headers["location"] == "/" and TOKEN not in opened.text
        assert opened.headers["referrer-policy"] == "no-referrer" and opened.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("here", "host", "status"),
    [
        ("192.168.1.5", "192.168.1.5:8017", 200),
        ("::ffff:192.168.1.5", "192.168.1.5:8017", 200),
        ("fd00::5", "[fd00::5]:8017", 200),
        ("192.168.1.5", "192.168.1.6", 421),
        ("192.168.1.5", "192.168.1.5.evil.example", 421),
        ("192.168.1.5", "lab.example.org", 200),
        ("127.0.0.1", "vein.example.org", 421),
    ],
)
def test_a_server_is_called_by_the_address_that_a_connection_came_to_or_by_a_name_that_it_was_given(here, host, status):
    app = guard.Guard(app=nothing, hosts=frozenset({"127.0.0.1", "lab.example.org"}))
    page = TestClient(app, base_url=f"http://{f'[{here}]' if ':' in here else here}:8017")
    assert page.get("/", headers={"host": host}).status_code == status


async def nothing(scope, receive, send):
    """An application that has nothing to say."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body"})


@pytest.mark.parametrize("given", ["", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN[:-1]}", "Bearer \xff\xfe"])
def test_a_token_that_is_not_quite_right_is_wrong(given):
    app = guard.Guard(app=nothing, hosts=frozenset({"127.0.0.1"}), token=TOKEN)
    page = TestClient(app, base_url=HOME)
    refused = page.get("/", headers={"authorization": given.encode("latin-1")})
    assert refused.status_code == 401 and refused.headers["www-authenticate"] == "Bearer"
    assert page.get("/", headers={"cookie": "azygos_token_8017=; azygos_token_8017"}).status_code == 401
    assert page.post(f"/?token={TOKEN}", json={}).status_code == 401
