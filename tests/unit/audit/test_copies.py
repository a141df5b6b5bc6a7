"""Copies of one report: recognised, and what one of them dropped."""

from pathlib import Path

import azygos
from azygos.audit.article import read_article
from azygos.audit.copies import THRESHOLD, compared

SHIPPED = Path(azygos.__file__).parents[2] / "cases" / "audit"


def article(name):
    return read_article((SHIPPED / name).read_text(encoding="utf-8"), name)


def test_the_morning_copy_is_recognised_and_drops_the_warning():
    found = compared(article("evening_report.txt"), article("morning_copy.txt"))
    assert found.are_copies
    dropped = [pairing for pairing in found.pairings if pairing.state == "dropped"]
    assert any("prove nothing" in pairing.cautions_dropped for pairing in dropped)
    assert {pairing.speaker_dropped for pairing in dropped} == {"", "Dr. Helen Brandt"}
    assert {"comparison group", "blinding", "independent comment"} <= set(found.dropped.told)
    assert "Dr. Helen Brandt" in found.dropped.speakers and "prove nothing" in found.dropped.cautions
    assert {"Forty-eight of the 89", "94 patients", "four months"} <= set(found.dropped.numbers)
    assert "55 percent" in found.added.numbers


def test_changed_numbers_and_hedges_are_shown():
    found = compared(article("evening_report.txt"), article("morning_copy.txt"))
    changed = [pairing for pairing in found.pairings if pairing.state == "changed"]
    assert any(pairing.numbers_dropped == ("Forty-eight of the 89",) for pairing in changed)
    assert any(pairing.numbers_added == ("Forty-nine of the 89", "55 percent") for pairing in changed)
    assert any(pairing.hedges_dropped == ("almost",) for pairing in changed)
    assert any(pairing.numbers_dropped == ("one", "four months") for pairing in changed)  # the death


def test_a_text_is_a_copy_of_itself_word_for_word():
    found = compared(article("evening_report.txt"), article("evening_report.txt"))
    assert found.containment == found.resemblance == 1.0
    assert {pairing.state for pairing in found.pairings} == {"kept"} and not found.dropped and not found.added


def test_a_copy_that_moves_its_sentences_about_is_still_one():
    text = (SHIPPED / "evening_report.txt").read_text(encoding="utf-8")
    moved = "\n\n".join(reversed(text.split("\n\n")))
    found = compared(read_article(text, "a"), read_article(moved, "b"))
    assert found.are_copies and {pairing.state for pairing in found.pairings} == {"kept"}


def test_another_report_of_the_same_study_is_no_copy():
    other = """Of 89 people asked, 48 felt better after vein surgery, a hospital in Illinois announced this week. Three
    got clots. A specialist in nerve diseases thinks little of the work, since nobody was left untreated."""
    found = compared(article("evening_report.txt"), read_article(other, "other"))
    assert found.containment < THRESHOLD and not found.are_copies and found.pairings == ()


def test_an_empty_comparison_is_none():
    found = compared(read_article("...", "a"), read_article("Word.", "b"))
    assert not found.are_copies
