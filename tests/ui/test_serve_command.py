"""`azygos serve` on the command line."""

import os
import urllib.error
import urllib.request

import pytest

from azygos.cli.main import run

pytest.importorskip("fastapi")
from serving import TOKEN, begun


def test_all_that_is_wrong_with_the_options_is_said_at_once(capsys):
    wrong = "--port 70000 --token short --state /nowhere/s.sqlite --workers 0 --name http://x"
    assert run(["serve", *wrong.split()]) == 2
    said = capsys.readouterr().err
    for part in ("70000 is no port", "--token", "no directory '/nowhere'", "--workers", "'http://x' is no name"):
        assert part in said


@pytest.mark.parametrize(
    ("host", "is_asked"),
    [
        ("127.0.0.1", False),
        ("::1", False),
        ("localhost", False),
        ("0.0.0.0", True),
        ("::", True),
        ("", True),
        ("0", True),
    ],
)
def test_where_others_can_reach_it_a_token_is_made_up(monkeypatch, tmp_path, host, is_asked):
    import azygos.cli.serve as command

    given = []
    monkeypatch.setattr(command, "_run", lambda *options: given.append(options) or 0)
    assert run(["serve", "--host", host, "--state", str(tmp_path / "s.sqlite")]) == 0
    assert (given[0][3] is not None) is is_asked
    assert not is_asked or len(given[0][3]) >= 32
    assert run(["serve", "--host", host, "--state", str(tmp_path / "s.sqlite"), "--name", "lab.example.org"]) == 0
    assert given[1][3]  # who comes by another name may come from elsewhere
    monkeypatch.setenv("AZYGOS_TOKEN", TOKEN)
    assert run(["serve", "--host", host, "--state", str(tmp_path / "s.sqlite")]) == 0
    assert given[2][3] == TOKEN


def test_it_prints_its_address_lets_a_browser_in_by_it_and_ends_when_told(tmp_path):
    with begun(tmp_path / "s.sqlite", env=os.environ | {"AZYGOS_TOKEN": TOKEN}) as (server, address):
        assert address.startswith("http://127.0.0.1:") and address.endswith(f"/?token={TOKEN}")
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with browser.open(address, timeout=30) as page:
            assert b"azygos" in page.read() and TOKEN not in page.url
        assert browser.open(f"{page.url}api/about", timeout=30).status == 200  # by the cookie
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(page.url, timeout=30)
        server.terminate()
        assert server.wait(timeout=20) in (0, -15)
        assert TOKEN not in server.stdout.read() + server.stderr.read()


def test_on_all_addresses_it_prints_one_that_others_can_open_and_knows_the_names_that_it_was_given(tmp_path):
    with begun(tmp_path / "s.sqlite", "--host", "0.0.0.0", "--name", "lab.example.org") as (_, address):
        assert "0.0.0.0" not in address
        for headers in ({}, {"Host": "lab.example.org"}):
            browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            assert browser.open(urllib.request.Request(address, headers=headers), timeout=30).status == 200
