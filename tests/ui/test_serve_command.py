"""`azygos serve` on the command line."""

import subprocess
import sys
import urllib.request

import pytest

from azygos.cli.main import run

pytest.importorskip("fastapi")


def test_all_that_is_wrong_with_the_options_is_said_at_once(capsys):
    assert run(["serve", "--port", "70000", "--token", "short", "--state", "/nowhere/s.sqlite", "--workers", "0"]) == 2
    said = capsys.readouterr().err
    for part in ("70000 is no port", "--token", "no directory '/nowhere'", "--workers"):
        assert part in said


def test_it_prints_its_address_answers_there_and_ends_when_told(tmp_path):
    command = [sys.executable, "-m", "azygos.cli.main", "serve", "--port", "0", "--state", str(tmp_path / "s.sqlite")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().removeprefix("azygos: ").strip()
            assert address.startswith("http://127.0.0.1:")
            assert b"azygos" in urllib.request.urlopen(address, timeout=30).read()
            server.terminate()
            assert server.wait(timeout=20) in (0, -15)
        finally:
            server.kill()
