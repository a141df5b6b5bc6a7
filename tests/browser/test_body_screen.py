"""The Body and Look screens in a real browser: what they show is of the person, and it is told what is in doubt."""

import csv
import json
import re
from pathlib import Path

CHOKED = "lesion=ijv_r:+96+%25+area+at+0.5,+20+mm"


def solved(page):
    page.get_by_text(re.compile("solved in")).wait_for()


def downloaded(page, name):
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=name).click()
    return Path(download.value.path()).read_text(encoding="utf-8")


def test_a_solution_not_to_be_trusted_is_told_on_the_body_and_the_look(page, serious):
    page.goto(f"/body?{CHOKED}&posture=20&vessel=ijv_r")
    solved(page)
    page.get_by_text("do not trust that vessel").wait_for()
    page.get_by_text("The flow chokes in this vessel").wait_for()
    page.goto(f"/look?{CHOKED}&looked=yes")
    page.get_by_role("heading", name="Findings by published rules").wait_for()
    page.get_by_text("do not trust that vessel").wait_for()
    assert serious() == []


def test_numbers_of_another_person_go_when_a_person_is_refused(page):
    page.goto("/body")
    solved(page)
    page.locator("summary", has_text="Reference adult").click()
    age = page.get_by_label("Age, 18 to 90 years")
    age.fill("95")
    age.press("Tab")
    page.get_by_role("alert").get_by_text("an age of 95 years").wait_for()
    page.get_by_text("not solved").wait_for()
    assert page.locator(".facts").inner_text() == ""


def test_a_patient_who_was_drawn_is_solved_and_drawn_with_his_lesion_once_he_is_revealed(page):
    page.goto("/body?blind=ms-ccsvi:7&revealed=yes")
    solved(page)
    text = downloaded(page, "Numbers, CSV")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    assert any(row["lesion"] for row in rows) and all(row["pressure [mmHg]"] for row in rows)


def test_part_of_a_name_finds_the_vessel_that_begins_with_it(page):
    page.goto("/body")
    search = page.get_by_role("combobox", name="Find a vessel")
    for part, whole in {
        "azygos vein": "Azygos vein, from the hemiazygos vein on",
        "jugular": "Right internal jugular vein",
    }.items():
        search.fill(part)
        search.press("Enter")
        page.get_by_role("heading", name=whole).wait_for()


def test_a_menu_closes_by_escape_and_by_a_press_elsewhere(page):
    page.goto("/body")
    menu = page.locator("details.patient")
    for closing in (
        lambda: page.keyboard.press("Escape"),
        lambda: page.locator(".stage canvas").first.click(position={"x": 700, "y": 300}),
    ):
        menu.locator("summary").click()
        menu.get_by_label("Age, 18 to 90 years").wait_for()
        closing()
        page.wait_for_function("() => !document.querySelector('details.patient').open")


def test_a_link_to_no_vessel_says_so_and_leaves_the_screen_whole(page):
    page.goto("/body?vessel=ijv")
    page.get_by_role("alert").get_by_text("no vessel 'ijv'").wait_for()
    slider, stage = page.get_by_role("slider", name="Posture").bounding_box(), page.locator(".stage").bounding_box()
    assert slider["y"] > stage["y"] + stage["height"]  # below the map, not beside it


def test_an_examination_goes_on_when_the_page_is_reloaded_and_its_table_can_be_read(page):
    page.goto("/look?with=ultrasound,manometry&seed=20261")
    page.locator("main").get_by_role("button", name="Look", exact=True).click()
    page.wait_for_url(re.compile("looked=yes"))
    page.reload()
    page.get_by_role("heading", name="Findings by published rules").wait_for()
    text = downloaded(page, "Numbers, CSV")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    assert {row["instrument"] for row in rows} == {"ultrasound", "manometry"}
    assert all(float(row["value"]) > -50 and float(row["standard deviation"]) > 0 for row in rows)


def test_what_is_saved_of_a_body_says_that_it_is_simulated_and_of_whom(page):
    page.goto("/body?age=60&posture=10")
    solved(page)
    found = json.loads(downloaded(page, "Everything, JSON"))
    assert found["note"].startswith("Simulated") and found["person"] == "60 years, 10 degrees head up"
    waves = found["waves"]["pressure"]
    assert len(waves) == len(found["vessels"]) and len(waves[0][0]) == len(found["time"])
    assert "<title>60 years, 10 degrees head up</title>" in downloaded(page, "Picture, SVG")
