"""What all screens share: lists by keyboard, the way back, links, a server that goes away, what undo brings back."""

import re

LESION = "lesion=ijv_r:+80+%25+area+at+0.5,+20+mm"


def posture(page, degrees):
    page.get_by_label("Posture").fill(str(degrees))
    page.get_by_label("Posture").dispatch_event("change")


def test_a_list_gone_through_by_keyboard_acts_once_it_is_confirmed(page):
    page.goto("/treat")
    page.get_by_role("option", name="right internal jugular vein").first.wait_for(state="attached")
    page.get_by_label("Put a stenosis on a vein").focus()
    page.keyboard.type("right internal jug")  # on its way it meets other veins that begin with "right"
    page.get_by_role("button", name="Put", exact=True).wait_for()
    assert "lesion" not in page.url
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("lesion=ijv_r"))
    assert page.url.count("lesion=") == 1


def test_a_step_back_leaves_the_lesion_that_was_put_in(page):
    page.goto("/body")
    page.get_by_role("button", name="Treat", exact=True).click()
    page.get_by_label("Begin with an example").select_option(label="Web in the azygos vein")
    page.wait_for_url(re.compile("lesion=azygos"))
    page.go_back()
    page.wait_for_url(re.compile(r"/body\?.*lesion=azygos"))


def test_a_link_is_copied_also_where_the_browser_has_no_clipboard_for_pages(page):
    page.context.grant_permissions(["clipboard-read"])
    page.goto(f"/look?{LESION}")
    page.evaluate("delete Navigator.prototype.clipboard")  # as over plain HTTP from another machine
    page.locator("summary", has_text="Export").click()
    page.get_by_role("button", name="Copy the link").click()
    page.get_by_role("button", name="Copied").wait_for()
    page.goto("/body")
    assert "lesion=ijv_r" in page.evaluate("navigator.clipboard.readText()")


def test_once_the_server_is_there_again_a_body_is_solved_and_its_message_goes(another):
    page = another(expects=("ERR_FAILED",))
    page.goto("/body")
    page.get_by_text(re.compile("solved in")).wait_for()
    page.route("**/api/jobs", lambda route: route.abort())
    posture(page, 31)
    page.get_by_text("the server does not answer").wait_for()
    page.unroute("**/api/jobs")
    posture(page, 32)
    page.get_by_text(re.compile("solved in")).wait_for()
    assert page.get_by_text("the server does not answer").count() == 0


def test_a_job_of_which_nothing_is_heard_is_found_again(another):
    page = another(expects=("ERR_FAILED",))
    lost = []
    page.route(
        "**/api/jobs/*/events", lambda route: route.abort() if not lost and not lost.append(1) else route.continue_()
    )
    page.goto("/body?posture=17")
    page.get_by_text(re.compile("solved in")).wait_for()
    assert lost


def test_undo_brings_back_what_was_looked_at(page):
    page.goto(f"/look?with=manometry&{LESION}&looked=yes")
    looked = page.get_by_role("button", name="Looked", exact=True)
    looked.wait_for()
    page.get_by_label("with the instruments’ errors").uncheck()
    page.get_by_role("button", name="Look again").click()
    looked.wait_for()
    page.keyboard.press("Control+z")
    page.wait_for_url(lambda url: "ideal" not in url and "looked=yes" in url)
    looked.wait_for()


def test_the_highest_pressure_of_a_beat_is_not_told_as_a_mean(page):
    page.goto(f"/look?with=manometry&{LESION}&looked=yes&revealed=yes")
    row = page.get_by_role("row", name=re.compile("ascending aorta, systolic"))
    row.locator(".figure").hover()
    page.get_by_text("the highest of the beat").wait_for()
    row.locator(".figure").focus()
    page.get_by_text("the highest of the beat").wait_for()


def test_a_job_that_another_page_cancels_is_asked_for_again(page):
    page.goto(f"/treat?{LESION}&seed=77")
    with page.expect_response(
        lambda told: told.url.endswith("/api/jobs") and "treat" in (told.request.post_data or "")
    ) as asked:
        page.locator("main").get_by_role("button", name="Treat", exact=True).click()
    job = asked.value.json()["id"]
    assert page.request.delete(f"/api/jobs/{job}").ok
    page.get_by_role("heading", name="The operator’s notes").wait_for()


def test_a_table_of_three_stages_stays_within_its_card_and_a_note_tells_what_it_rests_on(page):
    page.goto("/treat?lesion=ijv_l:+compression+25+mmHg+at+0.1,+15+mm&treated=yes")
    page.get_by_role("heading", name="Before and after").wait_for()
    page.get_by_role("columnheader", name="stent").wait_for()
    card = page.locator(".card").filter(has=page.get_by_role("heading", name="Before and after"))
    assert card.evaluate("card => card.scrollWidth <= card.clientWidth")
    note = page.locator("ol .figure").first
    note.focus()
    page.get_by_role("tooltip").get_by_text("instruments without error").wait_for()
