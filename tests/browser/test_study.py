"""The Study screen in a real browser: a survey made a trial, data of one's own, an audited report."""

import re
from pathlib import Path

import pytest

CASES = Path(__file__).parents[2] / "cases"
SHAM = CASES / "studies-data" / "sham"


def test_a_survey_becomes_a_trial_by_its_design_and_can_be_downloaded(page):
    page.goto("/study")
    page.get_by_role("combobox", name=re.compile("^Design")).select_option("sham-controlled")
    page.get_by_text("at random: blocks of 4, concealed").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the file").click()
    assert "kind: sham-controlled" in Path(download.value.path()).read_text(encoding="utf-8")
    page.wait_for_url(re.compile("kind=sham-controlled"))


def test_data_with_faults_are_refused_with_every_place_and_sound_ones_analysed(page, serious, tmp_path):
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
    assert page.get_by_text("No verdict: a design does not say who comes").is_visible()
    assert serious() == []


def test_files_and_texts_are_still_there_after_a_reload_and_a_change_of_part_but_not_for_a_link(page, another):
    page.goto("/study?part=data")
    page.get_by_role("button", name="a survey of 89").click()
    page.get_by_text("answers.csv").wait_for()
    page.get_by_role("button", name="Audit of a report").click()
    page.get_by_label("The report").fill("Of 89 patients, 55% improved.")
    page.get_by_role("button", name="Your data").click()
    page.get_by_role("button", name="Analyse").click()
    page.get_by_role("heading", name="Risk of bias").wait_for()
    page.wait_for_url(re.compile("data=[0-9a-f]+"))
    page.reload()
    page.get_by_role("heading", name="Risk of bias").wait_for()
    assert page.get_by_role("group", name="Tables").get_by_text("answers.csv").is_visible()
    assert page.get_by_role("button", name="Analyse").is_enabled()
    page.get_by_role("button", name="Audit of a report").click()
    assert page.get_by_label("The report").input_value() == "Of 89 patients, 55% improved."
    visitor = another()
    visitor.goto(page.url.replace("part=audit", "part=data"))
    visitor.get_by_text("The files are no longer here: choose them again").wait_for()


def test_data_of_a_study_have_their_verdict_and_its_numbers_tell_what_is_known_of_them(page, serious):
    page.goto("/study?study=premise-2014")
    page.get_by_role("button", name="Run the study").click()
    names = ("patients.csv", "values.csv", "events.csv", "dictionary.yaml")
    files = []
    for name in names:
        with page.expect_download() as download:
            page.get_by_role("button", name=name, exact=True).click()
        files.append({"name": name, "mimeType": "text/csv", "buffer": Path(download.value.path()).read_bytes()})
    page.get_by_role("button", name="Your data").click()
    page.get_by_label("Tables: files").set_input_files(files[:3])
    page.get_by_label("Dictionary: files").set_input_files(files[3:])
    page.get_by_label("or that of a study that ships").select_option("premise-2014")
    page.get_by_role("button", name="Analyse").click()
    page.get_by_text("Verdict on the result of your data").wait_for()
    page.locator(".more .figure").first.focus()
    assert "chance of a result at least this good with no effect" in page.get_by_role("tooltip").inner_text()
    page.keyboard.press("ArrowRight")
    assert "Monte Carlo error of the chance" in page.get_by_role("tooltip").inner_text()
    assert serious() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_pasted_report_is_audited_beside_its_copy(page, serious, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto("/study?part=audit")
    audit = CASES / "audit"
    page.get_by_label("The report").fill((audit / "evening_report.txt").read_text(encoding="utf-8"))
    page.get_by_label("A second copy").fill((audit / "morning_copy.txt").read_text(encoding="utf-8"))
    page.get_by_role("button", name="Audit", exact=True).click()
    page.get_by_role("heading", name="What the copy dropped").wait_for()
    assert page.get_by_role("heading", name="What it leaves out").count() == 2
    page.wait_for_url(re.compile("audit=[0-9a-f]+"))
    assert serious() == []


def test_a_file_that_is_not_utf_8_or_too_large_is_refused_before_it_is_read(page, tmp_path):
    latin, large = tmp_path / "zurich.csv", tmp_path / "large.csv"
    latin.write_bytes("id,site\n1,Zürich\n".encode("latin-1"))
    large.write_bytes(b"id,site\n" + 2**21 * b"1")
    page.goto("/study?part=data")
    tables = page.get_by_role("group", name="Tables")
    for wrong, words in ((latin, "this is not text in UTF-8"), (large, "2.0 MiB")):
        tables.get_by_label("Tables: files").set_input_files(wrong)
        tables.get_by_role("alert").get_by_text(words).wait_for()
        assert tables.get_by_role("button", name="Remove tables").count() == 0  # it was not taken
    tables.get_by_label("Tables: files").set_input_files(SHAM / "patients.csv")
    tables.get_by_role("button", name="Remove tables").wait_for()
    assert tables.get_by_role("alert").count() == 0
