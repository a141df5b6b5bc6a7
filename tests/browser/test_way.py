"""The way through the screens in a real browser, as somebody goes it who never wrote Python."""

import json
import re
from xml.etree import ElementTree

import pytest


def flow(page):
    """Flow through the right jugular vein, as written below the map [mL/min]."""
    return float(re.search(r"Right jugular\s*(\d+)\s*mL/min", page.locator(".facts").inner_text())[1])


def solved(page):
    page.get_by_text(re.compile("solved in")).wait_for()


def treat(page):
    page.locator("main").get_by_role("button", name="Treat", exact=True).click()
    page.get_by_role("heading", name="The operator’s notes").wait_for()


def test_the_way_from_the_body_to_a_look_to_a_treatment_the_months_after_and_a_study(page, keep):
    page.goto("/")
    solved(page)
    lying = flow(page)
    keep("body")

    slider = page.get_by_role("slider", name="Posture")
    slider.focus()
    slider.press("End")
    solved(page)
    assert flow(page) < 0.5 * lying  # standing, the jugular veins collapse: Valdueza 2000, Gisolf 2004
    page.get_by_role("combobox", name="Find a vessel").fill("right internal jugular vein")
    page.get_by_role("heading", name="Right internal jugular vein").wait_for()
    page.get_by_text("vena jugularis interna dextra").wait_for()
    page.wait_for_url(re.compile("posture=90.*vessel=ijv_r"))
    page.reload()  # the address says all of it
    page.get_by_role("heading", name="Right internal jugular vein").wait_for()
    assert slider.input_value() == "90"
    slider.focus()
    slider.press("Home")

    page.get_by_role("button", name="Treat").click()
    page.get_by_label("Begin with an example").select_option(label="Stenosis of the right jugular vein")
    page.get_by_role("slider", name="Narrowing").wait_for()

    page.get_by_role("button", name="Look", exact=True).click()
    page.get_by_role("checkbox", name="Manometry").check()
    page.get_by_label("A vessel to look at").select_option(label="right internal jugular vein")
    page.locator("main").get_by_role("button", name="Look", exact=True).click()
    page.get_by_role("heading", name="Findings by published rules").wait_for()
    page.get_by_role("img", name=re.compile("^Doppler spectrum")).wait_for()
    page.get_by_role("button", name="Reveal the truth").click()
    page.get_by_text("right internal jugular vein: stenosis taking 80 % of the area, 20 mm long").wait_for()
    keep("look")

    page.get_by_role("button", name="Treat").click()
    treat(page)
    row = page.get_by_role("row", name=re.compile("^superior sagittal sinus"))
    before, after = (float(re.match(r"[\d.]+", cell)[0]) for cell in row.get_by_role("cell").all_inner_texts())
    assert after < before
    page.get_by_role("heading", name="Inflation").scroll_into_view_if_needed()
    balloon = page.get_by_role("slider", name="Inflation")
    balloon.fill("10")
    assert re.fullmatch(r"[\d.]+ atm, waist [\d.]+ mm", balloon.get_attribute("aria-valuetext"))
    keep("treat")
    month = page.get_by_role("slider", name="Month")
    month.focus()
    month.press("End")
    page.get_by_text("36 months").first.wait_for()
    page.wait_for_url(re.compile("month=36"))

    undo, redo = (page.get_by_role("button", name=name) for name in ("Undo", "Redo"))
    steps = 0
    while undo.is_enabled():
        undo.click()
        steps += 1
    assert steps == 4  # since the reload: lying down, the lesion, the instrument, the place
    page.wait_for_url(lambda url: "lesion" not in url and "with=" not in url)
    for _ in range(steps):
        redo.click()
    page.get_by_role("heading", name="Before and after").wait_for()  # known, and there at once

    page.get_by_role("button", name="Study").click()
    page.get_by_text("48 of 89").first.wait_for()
    page.get_by_role("combobox", name=re.compile("^Study")).select_option("premise-2014")
    page.get_by_text("1.81").first.wait_for()
    page.get_by_role("button", name="Run the study").click()
    page.get_by_role("heading", name="Not shown", exact=True).wait_for()
    page.get_by_role("img", name=re.compile("19 simulated people in the order of enrolment")).wait_for()
    page.get_by_role("img", name=re.compile("^Flow")).wait_for()
    page.wait_for_url(re.compile("study=premise-2014.*run=yes"))
    keep("study")
    page.get_by_role("button", name="large", exact=True).click()
    page.get_by_text("changed since it was run").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Run the study").wait_for()
    page.reload()  # the address says all of it, and the answer is known
    page.get_by_role("heading", name="Not shown", exact=True).wait_for()


LESION = "lesion=ijv_r:+80+%25+area+at+0.5,+20+mm"


def test_a_lesion_is_dragged_by_finger_from_the_palette_onto_a_vein_and_moved_there_by_key(page):
    page.goto("/treat?view=neck")
    page.wait_for_load_state("networkidle")
    chip = page.get_by_role("button", name="valve", exact=True).bounding_box()
    map_ = page.get_by_role("img", name="Map of the circulation before treatment").bounding_box()
    finger = page.context.new_cdp_session(page)

    def touch(what, *place):
        points = [{"x": place[0], "y": place[1]}] if place else []
        finger.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": points})

    touch("touchStart", chip["x"] + 20, chip["y"] + 20)
    for step in range(0, 160, 4):  # towards the patient's left, until a vein is met
        touch("touchMove", map_["x"] + 0.5 * map_["width"] + 25 + step, map_["y"] + 0.5 * map_["height"])
        if page.locator(".ghost.over").count() and "left internal jugular vein" in page.locator(".tip").inner_text():
            break
    touch("touchEnd")
    page.wait_for_url(re.compile("lesion=ijv_l%3A\\+valve"))
    assert page.locator(".tip").count() == 0  # a finger that is lifted points at nothing

    pin = page.get_by_role("slider", name="valve, left internal jugular vein")
    at = float(pin.get_attribute("aria-valuenow"))
    pin.focus()
    pin.press("ArrowRight")
    page.wait_for_function("at => document.activeElement.getAttribute('aria-valuenow') > at", arg=at)
    page.get_by_role("button", name="Undo").click()  # a step is undone, then the lesion
    page.wait_for_function("at => document.querySelector('.pin').getAttribute('aria-valuenow') == at", arg=at)
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url(lambda url: "lesion" not in url)

    page.get_by_role("button", name="web", exact=True).press("Enter")  # the same by keyboard alone
    page.get_by_label("Put a web on a vein").select_option("azygos")
    page.wait_for_url(re.compile("lesion=azygos%3A\\+web"))


def test_a_lesion_is_moved_along_its_vein_by_slider_and_undone_in_one_step(page):
    page.goto(f"/treat?{LESION}")
    place = page.get_by_role("slider", name="Place")
    place.focus()
    place.press("ArrowRight")
    page.wait_for_url(re.compile("at\\+0.51"))
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url(re.compile("at\\+0.5%2C"))


def test_a_treatment_goes_on_when_the_page_is_loaded_again(page):
    page.goto(f"/treat?{LESION}&seed=9")
    page.locator("main").get_by_role("button", name="Treat", exact=True).click()
    page.wait_for_url(re.compile("treated=yes"))
    page.reload()
    page.get_by_role("heading", name="The operator’s notes").wait_for()


def test_a_vein_takes_two_lesions_of_a_kind_but_not_in_one_place(page):
    page.goto(f"/treat?{LESION}")
    lesions, veins = page.locator(".plan li"), page.get_by_label("Put a stenosis on a vein")
    veins.select_option("ijv_r")  # in the middle, where one is already
    lesions.get_by_text("stenosis, right internal jugular vein").wait_for()
    assert lesions.count() == 1
    place = page.get_by_role("slider", name="Place")
    place.focus()
    place.press("End")
    veins.select_option("ijv_r")
    lesions.nth(1).wait_for()


def test_of_a_patient_who_is_treated_blind_nothing_is_shown_until_the_truth_is_revealed(page):
    page.goto("/body?blind=ms-ccsvi:7")
    page.get_by_text("A lesion is hidden in this patient").wait_for()
    assert not page.locator(".facts").inner_text().strip()
    page.get_by_role("button", name="Look with instruments").click()
    page.get_by_role("checkbox", name="Duplex ultrasound").wait_for()
    page.goto("/treat?blind=ms-ccsvi:7")
    page.get_by_label("A vein in which the catheter is to go").select_option("ijv_r")
    treat(page)
    assert page.get_by_role("heading", name="Before and after").count() == 0
    assert "valve" not in page.locator("main").inner_text()
    map_ = page.get_by_role("img", name="Map of the circulation before treatment").bounding_box()
    for step in range(-60, 60, 3):  # over the neck, where the lesions are: what is pointed at says nothing of them
        page.mouse.move(map_["x"] + 0.5 * map_["width"] + step, map_["y"] + 0.54 * map_["height"])
        assert page.locator(".tip .lesion").count() == 0
    page.get_by_role("button", name="reveal the truth", exact=True).click()
    page.get_by_role("heading", name="Before and after").wait_for()
    page.get_by_text("right internal jugular vein: valve taking").first.wait_for()


def test_what_is_known_of_a_number_is_told_when_it_is_pointed_at_and_when_it_has_the_focus(page):
    page.goto("/body?vessel=ijv_r")
    solved(page)
    figure = page.locator("aside .figure").first
    figure.hover()
    tip = page.get_by_role("tooltip")
    tip.wait_for()
    assert "mmHg" in tip.inner_text() and "Source" in tip.inner_text() and "Uncertainty" in tip.inner_text()
    page.mouse.move(0, 0)
    tip.wait_for(state="detached")
    figure.focus()
    tip.wait_for()
    assert figure.get_attribute("aria-describedby") == tip.get_attribute("id")
    figure.press("ArrowDown")
    page.wait_for_function("() => document.activeElement.closest('tr').innerText.includes('Flow')")
    page.keyboard.press("Escape")
    tip.wait_for(state="detached")


@pytest.mark.parametrize(
    "path",
    [
        "/body?posture=30&vessel=azygos&show=flow&view=neck",
        f"/treat?{LESION}&treated=yes&month=12&show=velocity",
        f"/look?{LESION}&with=manometry&at=ijv_r+at+0.3&errors=yes&seed=5&looked=yes&revealed=yes",
    ],
)
def test_a_link_opens_the_same_again_for_somebody_else(page, another, path):
    def shown(of, at):
        of.goto(at)
        if path.startswith("/body"):
            solved(of)
            of.get_by_text("Middle of the vessel").wait_for()
        else:
            of.get_by_role("heading", name=re.compile("Follow-up|What is true")).wait_for()
        text = of.locator("main").inner_text()
        return re.sub(r"solved in [\d.]+ s|Stop|Inflate|❚❚|▶|[\d.]+ atm.*|let down.*", "", text), of.url  # what moves

    first = shown(page, path)
    assert shown(another(), first[1]) == first


WORDS = {"svg": "Picture, SVG", "png": "Picture, PNG", "csv": "Numbers, CSV", "json": "Everything, JSON"}


@pytest.mark.parametrize(
    ("path", "stem"),
    [
        ("/body", "body"),
        (f"/treat?{LESION}&treated=yes", "treatment"),
        ("/look?with=manometry&looked=yes", "examination"),
    ],
)
def test_pictures_and_data_are_saved_as_files(page, path, stem, tmp_path):
    page.goto(path)
    page.get_by_text(re.compile("solved in|Follow-up|Findings by")).first.wait_for()
    for suffix, words in WORDS.items():
        name = f"{stem}.{suffix}"
        page.locator("summary", has_text="Export").click()
        with page.expect_download() as found:
            page.get_by_role("button", name=words).click()
        kept = tmp_path / name
        found.value.save_as(kept)
        content = kept.read_bytes()
        assert found.value.suggested_filename == name and len(content) > 300
        match suffix:
            case "png":
                assert content.startswith(b"\x89PNG") and len(content) > 20_000
            case "svg":
                ElementTree.fromstring(content)
                assert (b"<circle" in content) == ("lesion" in path and "treat" in path)  # round the lesion
            case "csv":
                assert content.startswith(b"# Simulated")
            case "json":
                assert json.loads(content)


def test_a_balloon_is_not_set_going_before_somebody_who_wants_no_motion(page):
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"/treat?{LESION}&treated=yes")
    balloon = page.get_by_role("slider", name="Inflation")
    balloon.wait_for()
    page.wait_for_timeout(400)
    assert balloon.input_value() == "0"
    page.emulate_media(reduced_motion="no-preference")
    page.reload()
    page.wait_for_function("() => document.querySelector('[aria-label=Inflation]')?.value > 3")


def test_what_is_wrong_in_a_link_is_said_on_the_page(page):
    page.goto("/body?lesion=ijv:+80+%25+area+at+0.5,+20+mm")
    page.get_by_role("alert").get_by_text("no vessel 'ijv'").wait_for()
    page.get_by_text("did you mean 'ijv_r'").wait_for()


def test_the_vessels_can_be_turned_in_three_dimensions(page, keep):
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
    keep("body_solid")


WIDE, TABLET = {"width": 1280, "height": 720}, {"width": 820, "height": 1180}


@pytest.mark.parametrize(
    "path",
    [
        "/body?vessel=ijv_r",
        f"/treat?{LESION}&treated=yes",
        "/treat?blind=ms-ccsvi:7&treat=ijv_r",
        f"/look?{LESION}&with=manometry&at=ijv_r+at+0.3&errors=yes&seed=5&looked=yes&revealed=yes",
        "/study",
    ],
)
def test_axe_finds_nothing_serious_in_light_and_on_a_tablet_in_dark(page, serious, path):
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(path)
    page.locator("main h1").wait_for()
    if "ed=yes" in path:
        page.get_by_role("heading", name=re.compile("Follow-up|What is true")).wait_for()
    for details in page.locator("main details:not(.list)").all():
        details.evaluate("one => one.open = true")
    for scheme, size in (("light", WIDE), ("dark", TABLET)):  # colours go with the one, places with the other
        page.set_viewport_size(size)
        if page.evaluate("document.documentElement.dataset.theme") != scheme:
            page.get_by_role("button", name=f"{scheme.capitalize()} colours").click()
        assert serious() == [], scheme
