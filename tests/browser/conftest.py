"""A server, a browser and pages for the tests of the screens.

AZYGOS_SCREENSHOTS=docs/pictures renews the pictures of the documentation.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

OPTIONS = ("--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader")  # three dimensions without a GPU
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
SECONDS = 60_000  # for an answer, on a busy machine [ms]


@pytest.fixture(scope="module")  # while it lives, its event loop runs, and no other test may start one
def browser():
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        pytest.skip("the browser tests need chromium: 'apt-get install chromium'")
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="the browser tests need playwright: '.venv/bin/python -m pip install playwright'"
    )
    with playwright.sync_playwright() as started:
        found = started.chromium.launch(executable_path=chromium, args=list(OPTIONS))
        yield found
        found.close()


@pytest.fixture(scope="module")
def address(browser, tmp_path_factory):
    """Of a server of its own; after the browser, without which none is needed."""
    state = tmp_path_factory.mktemp("serve") / "jobs.sqlite"
    command = [sys.executable, "-m", "azygos.cli.main", "serve", "--port", "0", "--state", str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().removeprefix("azygos: ").strip()
        finally:
            server.terminate()
            try:
                server.wait(timeout=15)
            except subprocess.TimeoutExpired:
                server.kill()


@pytest.fixture
def another(browser, address):
    """Pages of people who know nothing of each other; one that logs an error or asks another host fails its test."""
    contexts, wrong = [], []

    def opened(expects=()):
        """`expects` are words of errors that the test brings about."""
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 720}, base_url=address))
        contexts[-1].set_default_timeout(SECONDS)
        page = contexts[-1].new_page()
        page.on("console", lambda message: wrong.append(message.text) if is_wrong(message, expects) else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda asked: None if is_at_home(asked.url) else wrong.append(f"asked {asked.url}"))
        return page

    def is_wrong(message, expects):
        """A refused request (422) is logged as an error too, and the page says why."""
        return message.type == "error" and not any(words in message.text for words in ("422", *expects))

    def is_at_home(url):
        return urlsplit(url).scheme in ("blob", "data") or urlsplit(url).netloc == urlsplit(address).netloc

    yield opened
    for context in contexts:
        context.close()
    assert not wrong


@pytest.fixture
def page(another):
    return another()


@pytest.fixture
def keep(page):
    """Keeps a picture of the page for the documentation, where it is asked for."""

    def kept(name):
        if folder := os.environ.get("AZYGOS_SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{name}.png")

    return kept


@pytest.fixture
def serious(page):
    """What axe finds serious on the page: the last that a test asks, for without axe it ends there."""

    def found():
        if not AXE.is_file():
            pytest.skip("to check what a screen reader meets, run 'npm install --no-save' in web/, for its axe-core")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        violations = page.evaluate("axe.run()")["violations"]
        bad = [one for one in violations if one["impact"] in ("serious", "critical")]
        return [(one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in bad]

    return found
