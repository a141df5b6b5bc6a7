"""The tutorial in the browser, step by step: every number in it stands on the screen."""

import re
from pathlib import Path

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorials" / "browser.md"


def test_whoever_follows_the_tutorial_sees_its_numbers(page, keep):
    numbers = re.findall(r"\*\*([^*\n]+)\*\*", TUTORIAL.read_text(encoding="utf-8"))

    def shown(place, count):
        """The next numbers of the tutorial stand in the text of a place."""
        for number in (numbers.pop(0) for _ in range(count)):
            wanted = r"\s*".join(map(re.escape, number.split()))
            page.wait_for_function("([at, wanted]) => RegExp(wanted).test(document.querySelector(at).innerText)",
                                   arg=[place, wanted])  # fmt: skip

    def screen(name):
        page.get_by_role("navigation").get_by_role("button", name=name, exact=True).click()

    def press(name):
        page.locator("main").get_by_role("button", name=name, exact=True).click()

    page.goto("/")
    shown(".facts", 3)
    posture = page.get_by_role("slider", name="Posture")
    posture.press("End")
    shown(".facts", 2)
    posture.press("Home")

    screen("Treat")
    page.get_by_label("Begin with an example").select_option(label="Stenosis of the right jugular vein")
    page.get_by_role("slider", name="Narrowing").fill("90")
    shown("main", 2)
    screen("Body")
    shown(".facts", 3)
    keep("narrowed")

    screen("Look")
    for instrument in ("Catheter venography", "Manometry"):
        page.get_by_role("checkbox", name=instrument).check()
    page.get_by_role("checkbox", name="Duplex ultrasound").uncheck()
    press("Look")
    shown("main", 1)
    press("Reveal the truth")
    shown("main", 2)

    screen("Treat")
    press("Treat")
    page.get_by_role("heading", name="The operator’s notes").wait_for()
    shown("main", 4)
    keep("treated")
    page.get_by_role("slider", name="Month").press("End")
    shown("main", 1)

    screen("Study")
    press("Run the study")
    page.get_by_role("heading", name="Cannot show", exact=True).wait_for()
    shown("main", 1)
    assert numbers == []
