"""Texts read by rule: numbers, of how many, who says them, what is not told."""

from pathlib import Path

import pytest

import azygos
from azygos.audit.article import read_article
from azygos.audit.finding import Verdict
from azygos.audit.mentions import mentions
from azygos.audit.sentences import sentences

SHIPPED = Path(azygos.__file__).parents[2] / "cases" / "audit"
TRIAL = """
Balloon no better than sham in vein trial

A controlled trial of 104 patients found no benefit, researchers reported in the journal Neurology. Half of the patients
were chosen at random for a sham procedure, and neither they nor those who examined them knew who had been treated.

After 48 weeks 21 of 49 treated patients (43 percent) and 23 of 55 others (42 percent) had an adverse event. "The odds
ratio was 1.04 (95% CI 0.48-2.28; P = .91)," said Dr. Ann Field, who led the trial. One patient was lost to follow-up.
The trial was funded by a public agency. Quality of life was scored by questionnaire.
"""


def only(text):
    """The one number of a text."""
    (mention,) = mentions(text)
    return mention


@pytest.mark.parametrize(
    ("text", "count", "of"),
    [
        ("48 of the 89 patients improved", 48, 89),
        ("Forty-eight of 89 improved", 48, 89),
        ("forty-eight patients of the eighty-nine", 48, 89),
        ("three out of four felt better", 3, 4),
        ("one in three", 1, 3),
        ("one hundred and four of two hundred and thirty-eight", 104, 238),
        ("5/49 had one", 5, 49),
        ("1,012 of 1,202 veins", 1012, 1202),
    ],
)
def test_a_count_of_all_is_read_in_figures_and_in_words(text, count, of):
    mention = only(text)
    assert (mention.count, mention.of) == (count, of)


@pytest.mark.parametrize(
    ("text", "percent", "hedge", "of"),
    [
        ("55 percent improved", 55, "", None),
        ("55% improved", 55, "", None),
        ("55 per cent of the 89 patients", 55, "", 89),
        ("almost 60 percent did", 60, "almost", None),
        ("more than half of them", 50, "more than", None),
        ("two thirds of them", 200 / 3, "", None),
        ("two-thirds of them", 200 / 3, "", None),
        ("three quarters of the patients", 75, "", None),
        ("a third of them", 100 / 3, "", None),
        ("half of 120 people", 50, "", 120),
        ("at least 53.9 % did", 53.9, "at least", None),
    ],
)
def test_a_share_is_read_with_its_hedge(text, percent, hedge, of):
    mention = only(text)
    assert (mention.percent, mention.hedge, mention.of) == (pytest.approx(percent), hedge, of)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("four months later", "time"),
        ("a six-month study", "time"),
        ("in 2012", "date"),
        ("on March 29, 2012", "date"),
        ("a 45-year-old", "age"),
        ("aged 26 to 67", "age"),
        ("it cost $1,200", "money"),
        ("symptoms fell by 30 percent", "change"),
        ("12 percentage points", "change"),
        ("P < .001", "p"),
        ("odds ratio of 2.64", "ratio"),
        ("95% CI 1.11-6.28", "interval"),
        ("t(28) = 2.20", "statistic"),
        ("1.40 ± 4.21", "mean"),
        ("94 patients", "persons"),
        ("three had clots", "count"),
        ("no patients died", "count"),
        ("most patients", "vague"),
    ],
)
def test_every_number_belongs_to_one_rule(text, kind):
    assert only(text).kind == kind


@pytest.mark.parametrize(
    ("text", "count", "of", "percent"),
    [
        ("5 of 49 (10.2%)", 5, 49, 10.2),
        ("5/49 (10.2 per cent)", 5, 49, 10.2),
        ("forty-eight of the 89 patients (53.9%; 43.0 to 64.6)", 48, 89, 53.9),
    ],
)
def test_a_count_of_all_with_its_percentage_is_one_number(text, count, of, percent):
    mention = mentions(text)[0]
    assert (mention.count, mention.of, mention.percent) == (count, of, percent)


def test_an_abstract_that_counts_is_told_to_count_and_its_percentages_are_recomputed():
    article = read_article(
        "We randomly assigned 104 patients to venoplasty or sham. Adverse events occurred in 5 of 49 (10.2%) and "
        "1 of 55 (2.8%)."
    )
    told = {one.item.name: one.state for one in article.told}
    assert told["allocation by chance"] == told["absolute numbers"] == "told"
    assert [one.verdict for one in article.checks] == [Verdict.CONSISTENT, Verdict.CONFLICT]  # 1 of 55 is 1.8 %


def test_what_is_no_share_is_not_read_as_one():
    assert [mention.kind for mention in mentions("a pressure of 120/80, day 24 of 7")] == ["number"] * 4
    assert mentions("one of the authors, the one who led it") == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. A. Smith of the U.S. left. He came back.", 2),
        ("A p of .03 was found vs. 0.5 before. Good.", 2),
        ("“It works.” He left! Did he? Yes.", 4),
        ("A headline\n\nA sentence.", 2),
        ("A headline\nA first sentence that is much longer than the headline is.\n", 2),
        ("A sentence that is broken over two lines of about\nthe same length and ends here at last.", 1),
        ("... \n - \n", 0),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text, expected):
    assert len(sentences(text)) == expected


def test_sentences_know_their_line():
    assert [sentence.line for sentence in sentences("One.\nTwo.\n\n\nFive. Also five.")] == [1, 2, 5, 5]


def denominators(text):
    """Rule and sizes of the groups of all numbers that need one."""
    found = [number for read in read_article(text).sentences for number in read.numbers]
    return [(n.mention.text, n.denominator.how, n.denominator.sizes) for n in found if n.denominator]


def test_a_share_belongs_to_the_only_group_that_was_named():
    assert denominators("The study treated 89 patients. Half of them improved. Three had clots.") == [
        ("Half", "resolved", (89,)),
        ("Three", "resolved", (89,)),
    ]


def test_a_share_is_ambiguous_when_several_groups_were_named():
    found = denominators("The study treated 94 patients. A survey of 89 patients followed. Then 55 percent improved.")
    assert found == [("55 percent", "ambiguous", (89, 94))]


def test_a_share_of_a_part_has_an_unknown_group():
    text = "The study treated 94 patients. Some 60 percent of those with the relapsing form improved."
    assert denominators(text)[0][1] == "unknown"
    assert denominators("Some 60 percent improved.")[0][1] == "unknown"


def speakers(text):
    return [read.speaker and (read.speaker.name, read.speaker.role) for read in read_article(text).sentences]


def test_who_says_it_is_read_from_the_speech_verb():
    assert speakers(
        "“It helped,” said Dr. Alice Moreno, who led the study. “We go on.” Moreno added that it was safe.\n\n"
        "Peter Hale, a neurologist who was not involved, warned against it. “Prove it first,” he said.\n\n"
        "According to John Smith, a spokesman for the maker, sales rose. The researchers said so.\n\nIt rained."
    ) == [
        ("Dr. Alice Moreno", "author"),
        ("Dr. Alice Moreno", "author"),
        ("Dr. Alice Moreno", "author"),
        ("Peter Hale", "outsider"),
        ("Peter Hale", "outsider"),
        ("John Smith", "organisation"),
        ("The researchers", "author"),
        None,
    ]


def test_numbers_that_stand_together_are_held_against_each_other():
    checks = read_article("Of those asked, 48 of the 89 patients (55 percent) improved.").checks
    assert [check.verdict for check in checks] == [Verdict.CONFLICT]
    assert "49, one more than 48" in checks[0].reason
    good = read_article(TRIAL).checks
    assert {check.what for check in good} >= {"percentage", "odds ratio and its interval", "p-value and interval"}
    assert all(check.verdict is not Verdict.CONFLICT for check in good)


@pytest.mark.parametrize(
    ("text", "what", "verdict"),
    [
        ("In all, 48 (54%) of 89 patients improved.", "percentage", Verdict.CONSISTENT),
        ("In all, 54% (48 of 89) improved.", "percentage", Verdict.CONSISTENT),
        ("Rates dropped from 1.8 to 1.0 a year, a 44 percent reduction.", "change", Verdict.CONSISTENT),
        ("Rates dropped from 1.8 to 1.0 a year, a 55 percent reduction.", "change", Verdict.CONFLICT),
        ("The study included 94 people (35 men, 59 women).", "parts add up", Verdict.CONSISTENT),
        ("The study included 94 people (35 men, 58 women).", "parts add up", Verdict.CONFLICT),
        ("Improved 21 of 49 against 23 of 55 (p = 0.92).", "p-value", Verdict.CONSISTENT),
        ("The effect was clear, t(28) = 2.20, p = .018.", "p-value", Verdict.CONFLICT),
        ("It was lower (hazard ratio 1.9; 95% CI 0.31 to 0.82).", "hazard ratio and its interval", Verdict.CONFLICT),
    ],
)
def test_what_stands_together_in_a_sentence_is_checked(text, what, verdict):
    assert {check.what: check.verdict for check in read_article(text).checks}[what] is verdict


def test_single_quotation_marks_and_pronouns_are_followed():
    assert speakers(
        "‘It’s a start,’ said Professor Marco Bianchi, who led it. ‘We go on.’\n\nBut Dr Susan Kohl, of a charity, "
        "urged caution. ‘It wasn’t randomised,’ she said.\n\nMother-of-two Linda Price, who had surgery, told us: "
        "‘I feel new.’"
    ) == [
        ("Professor Marco Bianchi", "author"),
        ("Professor Marco Bianchi", "author"),
        ("Dr Susan Kohl", "expert"),
        ("Dr Susan Kohl", "expert"),
        ("Linda Price", "patient"),
    ]


def test_a_report_of_a_blinded_trial_leaves_little_out():
    told = {one.item.name: one.state for one in read_article(TRIAL).told}
    expected = {
        "comparison group", "allocation by chance", "blinding", "length of follow-up", "how the outcome was measured",
        "harms", "funding and interests", "state of publication", "those who are missing", "chance and uncertainty",
    }  # fmt: skip
    assert {name for name in expected if told[name] != "told"} == set()
    assert told["independent comment"] == "not told"


def test_the_evening_report_tells_that_there_was_no_comparison():
    article = read_article((SHIPPED / "evening_report.txt").read_text(encoding="utf-8"))
    told = {one.item.name: one.state for one in article.told}
    assert told["comparison group"] == told["blinding"] == "told: there was none"
    assert told["independent comment"] == told["harms"] == "told"
    assert set(article.not_told) >= {"funding and interests", "length of follow-up", "those who are missing"}


def test_a_denial_is_not_taken_for_the_thing():
    def state(text):
        return {one.item.name: one.state for one in read_article(text).told}["comparison group"]

    assert state("The study had a control group.") == "told"
    assert state("The study had no control group.") == "told: there was none"
    assert state("There wasn’t a placebo arm.") == "told: there was none"
    assert state("It was an uncontrolled study.") == "told: there was none"
    assert state("It did no better than a sham procedure.") == "told"
    assert state("It was a study.") == "not told"
    assert state("Larger, placebo-controlled trials are needed.") == "only asked for"
    assert state("It had no control group; a second study compared with placebo.") == "told: there was none"
    assert state("It had no control group. The second study used a placebo.") == "told both ways"


def verdicts(text):
    return [(check.what, check.verdict) for check in read_article(text).checks]


def test_a_change_is_held_against_its_ends_in_either_order():
    """By hand: 0.8 to 0.4 is half; 0.80 to 0.50 is 37.5 % less."""
    for text in ("Relapses fell by 50 %, from 0.8 to 0.4 a year.", "Relapses fell from 0.8 to 0.4 a year, by 50 %."):
        assert verdicts(text) == [("change", Verdict.CONSISTENT)]
    assert verdicts("Relapses fell by 45 %, from 0.80 to 0.50 a year.") == [("change", Verdict.CONFLICT)]


def test_persons_said_twice_are_held_against_each_other():
    assert verdicts("Half of the 89 patients, 48 people, got better.") == [("percentage", Verdict.CONFLICT)]
    assert verdicts("Half of the 89 patients, 45 people, got better.") == [("percentage", Verdict.ROUNDING)]
    assert verdicts("Two-thirds of the 120 patients, or 80 people, walked.") == [("percentage", Verdict.ROUNDING)]
    assert not verdicts("Half of the 89 patients, 30 men and 18 women, got better.")


def test_a_group_that_did_not_exist_is_not_told_as_a_group():
    for text in ("There was no placebo group. The placebo group did not exist.", "A placebo arm was never planned.",
                 "The placebo group didn’t exist."):  # fmt: skip
        told = {told.item.name: told.state for told in read_article(text).told}
        assert told["comparison group"] == "told: there was none", text


def test_the_word_placebo_alone_holds_nothing_back():
    held = [read.cautions for read in read_article("The placebo group did well. It may be a placebo effect.").sentences]
    assert held == [(), ("placebo effect",)]


@pytest.mark.parametrize(
    "text", ["call 0800-123-456", "call 0800 123 456", "call 555-123-4567", "agent 007", "on 2012-03-29", "03/04/2012"]
)
def test_a_telephone_number_counts_nothing(text):
    assert [mention.kind for mention in mentions(text)] == ["label"] and only(text).value is None


@pytest.mark.parametrize("text", ["10-20 patients", "0.05", "by 0 points", "24-48 hours"])
def test_a_range_is_no_telephone_number(text):
    assert all(mention.kind != "label" for mention in mentions(text))


@pytest.mark.parametrize(
    "text",
    [
        "Of 89 patients, 55% improved.",
        "A survey of 192 people found that 75% improved.",
        "A survey of 192 people found that more than 75% improved.",
        "The trial enrolled 104 patients, 48% of them women.",
    ],
)
def test_a_group_is_not_counted_as_a_part_of_itself(text):
    # 55 % of 89 are 49; that 89 of 89 are not 55 % is no conflict.
    checks = read_article(text).checks
    assert all(one.verdict is Verdict.CONSISTENT and "100" not in one.recomputed for one in checks)


def test_more_than_a_share_is_no_change():
    assert only("They found that more than 75% improved.").kind == "share"
    assert [one.kind for one in mentions("The relapse rate was lower by 45%.")] == ["change"]


def test_a_day_of_the_week_says_nothing():
    assert speakers("The treatment may ease the symptoms, doctors said Thursday in San Francisco.") == [
        ("doctors", "expert")
    ]
