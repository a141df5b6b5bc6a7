"""The way through the Study screen in a real browser: a study and its verdict, data of one's own, an audited report.

AZYGOS_SCREENSHOTS=docs/pictures renews the picture of the documentation.
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

ROOT = Path(__file__).parents[2]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
SHAM = ROOT / "cases" / "studies-data" / "sham"
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
def context(address):
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        found = browser.new_context(viewport={"width": 1280, "height": 720}, base_url=address, reduced_motion="reduce")
        found.set_default_timeout(SECONDS)
        yield found
        browser.close()


@pytest.fixture
def page(context, address):
    """A page that fails its test when it logs an error or asks another host."""
    found, wrong = context.new_page(), []
    home = urlsplit(address).netloc
    found.on(
        "console", lambda told: wrong.append(told.text) if told.type == "error" and "422" not in told.text else None
    )
    found.on("pageerror", lambda error: wrong.append(str(error)))
    found.on(
        "request",
        lambda asked: (
            None
            if urlsplit(asked.url).scheme in ("blob", "data") or urlsplit(asked.url).netloc == home
            else wrong.append(f"asked {asked.url}")
        ),
    )
    yield found
    found.close()
    assert not wrong


def keep(page, name):
    if folder := os.environ.get("AZYGOS_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def serious(page):
    """What axe finds serious, where axe is at hand."""
    if not AXE.is_file():
        return []
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]


def test_a_study_is_chosen_run_and_judged_and_its_link_opens_the_verdict_again(page):
    page.goto("/study")
    page.get_by_role("heading", name="What the file says").wait_for()
    page.get_by_text("48 of 89").first.wait_for()
    page.get_by_role("combobox", name=re.compile("^Study")).select_option("premise-2014")
    page.get_by_text("1.81").first.wait_for()
    page.get_by_role("button", name="Run the study").click()
    page.get_by_role("heading", name="Not shown", exact=True).wait_for()
    page.get_by_role("img", name=re.compile("19 simulated people in the order of enrolment")).wait_for()
    page.get_by_role("img", name=re.compile("^Flow")).wait_for()
    page.wait_for_url(re.compile("study=premise-2014.*run=yes"))
    keep(page, "study")
    assert serious(page) == []
    for name in ("As a script", "Close"):
        page.get_by_role("button", name=name).click()

    page.get_by_role("button", name="large", exact=True).click()
    page.get_by_text("changed since it was run").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Run the study").wait_for()
    page.reload()  # the address says all of it, and the answer is known
    page.get_by_role("heading", name="Not shown", exact=True).wait_for()


def test_a_survey_becomes_a_trial_by_its_design_and_can_be_downloaded(page):
    page.goto("/study")
    page.get_by_role("combobox", name=re.compile("^Design")).select_option("sham-controlled")
    page.get_by_text("at random: blocks of 4, concealed").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the file").click()
    assert "kind: sham-controlled" in Path(download.value.path()).read_text(encoding="utf-8")
    page.wait_for_url(re.compile("kind=sham-controlled"))


def test_data_with_faults_are_refused_with_every_place_and_sound_ones_analysed(page, tmp_path):
    wrong = tmp_path / "patients.csv"
    wrong.write_text((SHAM / "patients.csv").read_text().replace("30.6", "three"))
    page.goto("/study?part=data")
    page.get_by_label("Design: files").set_input_files(SHAM / "design.yaml")
    page.get_by_label("Dictionary: files").set_input_files(SHAM / "dictionary.yaml")
    page.get_by_label("Tables: files").set_input_files([wrong, SHAM / "events.csv"])
    page.get_by_role("button", name="Analyse").click()
    page.get_by_role("alert").get_by_text("patients.csv:3, column 'msis_0'").wait_for()
    page.get_by_label("Tables: files").set_input_files([SHAM / "patients.csv", SHAM / "events.csv"])
    page.get_by_role("button", name="Analyse").click()
    page.get_by_role("heading", name="Risk of bias").wait_for()
    assert page.get_by_text("Your data, analysed on this machine").is_visible()
    assert serious(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_pasted_report_is_audited_beside_its_copy(page, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto("/study?part=audit")
    audit = ROOT / "cases" / "audit"
    page.get_by_label("The report").fill((audit / "evening_report.txt").read_text(encoding="utf-8"))
    page.get_by_label("A second copy").fill((audit / "morning_copy.txt").read_text(encoding="utf-8"))
    page.get_by_role("button", name="Audit", exact=True).click()
    page.get_by_role("heading", name="What the copy dropped").wait_for()
    assert page.get_by_role("heading", name="What it leaves out").count() == 2
    page.wait_for_url(re.compile("audit=[0-9a-f]+"))
    assert serious(page) == []
