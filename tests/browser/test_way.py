"""The way through the screens in a real browser, as somebody goes it who never wrote Python.

AZYGOS_SCREENSHOTS=DIR keeps a picture of every screen.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if CHROMIUM is None:
    pytest.skip("the browser tests need chromium: 'apt-get install chromium'", allow_module_level=True)
playwright = pytest.importorskip(
    "playwright.sync_api", reason="the browser tests need playwright: '.venv/bin/python -m pip install playwright'"
)

OPTIONS = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
SECONDS = 60_000  # for an answer, on a busy machine [ms]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
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


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as started:
        found = started.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        yield found
        found.close()


@pytest.fixture
def page(browser, address):
    """A page that fails its test when it logs an error or asks another host."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, base_url=address)
    context.set_default_timeout(SECONDS)
    found, wrong = context.new_page(), []
    found.on("console", lambda message: wrong.append(message.text) if is_wrong(message) else None)
    found.on("pageerror", lambda error: wrong.append(str(error)))
    home = urlsplit(address).netloc
    found.on("request", lambda asked: None if at_home(asked.url, home) else wrong.append(f"asked {asked.url}"))
    yield found
    context.close()
    assert not wrong


def is_wrong(message):
    """A refused request (422) is logged as an error too, and the page says why."""
    return message.type == "error" and "422" not in message.text


def at_home(url, home):
    return urlsplit(url).scheme in ("blob", "data") or urlsplit(url).netloc == home


def keep(page, name):
    if folder := os.environ.get("AZYGOS_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def flow(page):
    """Flow through the right jugular vein, as written below the map [mL/min]."""
    return float(
        re.search(r"Right jugular(\d+) mL/min", page.locator(".facts").inner_text().replace("\n", "")).group(1)
    )


def test_the_way_from_the_body_to_a_treatment(page):
    page.goto("/")
    page.get_by_text(re.compile("solved in")).wait_for()
    lying = flow(page)
    keep(page, "body")

    slider = page.get_by_role("slider", name="Posture")
    slider.focus()
    slider.press("End")
    page.get_by_text(re.compile("solved in")).wait_for()
    assert flow(page) < 0.5 * lying  # standing, the jugular veins collapse: Valdueza 2000, Gisolf 2004
    page.get_by_role("combobox", name="Find a vessel").fill("right internal jugular vein")
    page.get_by_role("heading", name="Right internal jugular vein").wait_for()
    page.get_by_text("vena jugularis interna dextra").wait_for()
    page.wait_for_url(re.compile("posture=90.*vessel=ijv_r"))
    keep(page, "body_standing")

    page.reload()  # the address says all of it
    page.get_by_role("heading", name="Right internal jugular vein").wait_for()
    assert slider.input_value() == "90"

    slider.focus()
    slider.press("Home")
    page.get_by_role("button", name="Treat").click()
    page.get_by_label("Begin with an example").select_option(label="Stenosis of the right jugular vein")
    page.get_by_role("slider", name="Narrowing").wait_for()
    page.locator("main").get_by_role("button", name="Treat", exact=True).click()
    page.get_by_role("heading", name="Before and after").wait_for()
    row = page.get_by_role("row", name=re.compile("^superior sagittal sinus"))
    before, after = (float(cell) for cell in row.get_by_role("cell").all_inner_texts())
    assert after < before
    page.get_by_role("heading", name="Follow-up").wait_for()
    keep(page, "treat")

    page.get_by_role("button", name="Undo").click()
    page.wait_for_url(lambda url: "lesion" not in url)
    page.get_by_role("button", name="Redo").click()
    page.get_by_role("heading", name="Before and after").wait_for()  # known, and there at once


def test_a_link_opens_a_look_whose_truth_is_shown_when_asked_for(page):
    page.goto("/look?lesion=ijv_r:+80+%25+area+at+0.5,+20+mm&with=manometry")
    page.locator("main").get_by_role("button", name="Look", exact=True).click()
    page.get_by_role("heading", name="Findings by published rules").wait_for()
    assert page.get_by_text("What is true").count() == 0
    page.get_by_role("button", name="Reveal the truth").click()
    page.get_by_text("ijv_r: 80 % area at 0.5, 20 mm").wait_for()
    assert page.get_by_role("img").first.is_visible()
    keep(page, "look")


def test_what_is_wrong_in_a_link_is_said_on_the_page(page):
    page.goto("/body?lesion=ijv:+80+%25+area+at+0.5,+20+mm")
    page.get_by_role("alert").get_by_text("no vessel 'ijv'").wait_for()
    page.get_by_text("did you mean 'ijv_r'").wait_for()


def test_the_vessels_can_be_turned_in_three_dimensions(page):
    page.goto("/body?solid=yes&posture=30")
    picture = page.get_by_role("img", name="The vessels in three dimensions")
    picture.wait_for()
    page.get_by_text(re.compile("solved in")).wait_for()
    page.wait_for_timeout(500)  # some beats, in which nothing may go wrong
    box = picture.bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 420, box["y"] + 220, steps=4)
    page.mouse.up()
    keep(page, "body_solid")


def test_a_lesion_is_dragged_along_its_vein_by_keyboard_and_undone_in_one_step(page):
    page.goto("/treat?lesion=ijv_r:+80+%25+area+at+0.5,+20+mm")
    place = page.get_by_role("slider", name="Place")
    place.focus()
    place.press("ArrowRight")
    page.wait_for_url(re.compile("at\\+0.51"))
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url(re.compile("at\\+0.5%2C"))


AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["/body?vessel=ijv_r", "/treat?lesion=ijv_r:+80+%25+area+at+0.5,+20+mm", "/look", "/study"]
)
def test_axe_finds_nothing_serious(page, path, scheme):
    if not AXE.is_file():
        pytest.skip("to check what a screen reader meets, run 'npm install --no-save' in web/, which brings axe-core")
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(path)
    page.locator("main h1").wait_for()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
