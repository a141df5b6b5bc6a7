"""`azygos serve` on the command line."""

import os
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from azygos.cli.main import run

pytest.importorskip("fastapi")

TOKEN = "a-token-of-many-letters"


def test_all_that_is_wrong_with_the_options_is_said_at_once(capsys):
    assert run(["serve", "--port", "70000", "--token", "short", "--state", "/nowhere/s.sqlite", "--workers", "0"]) == 2
    said = capsys.readouterr().err
    for part in ("70000 is no port", "--token", "no directory '/nowhere'", "--workers"):
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
    assert (given[0][2] is not None) is is_asked
    assert not is_asked or len(given[0][2]) >= 32
    monkeypatch.setenv("AZYGOS_TOKEN", TOKEN)
    assert run(["serve", "--host", host, "--state", str(tmp_path / "s.sqlite")]) == 0
    assert given[1][2] == TOKEN


def test_it_prints_its_address_lets_a_browser_in_by_it_and_ends_when_told(tmp_path):
    command = [sys.executable, "-m", "azygos.cli.main", "serve", "--port", "0", "--state", str(tmp_path / "s.sqlite")]
    known = os.environ | {"AZYGOS_TOKEN": TOKEN}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=known) as server:
        try:
            assert server.stdout is not None and server.stderr is not None
            address = server.stdout.readline().removeprefix("azygos: ").strip()
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
        finally:
            server.kill()
