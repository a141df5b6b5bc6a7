"""`azygos audit`, from the command line to the page."""

import json
from pathlib import Path

import pytest

import azygos
from azygos.cli.main import run

CASES = Path(azygos.__file__).parents[2] / "cases" / "audit"
SHIPPED = ("sir-2012", "brave-dreams-2018", "premise-2014", "canada-2018", "open-label-series")
EVENING, MORNING = CASES / "evening_report.txt", CASES / "morning_copy.txt"


def said(capsys, *words):
    status = run(["audit", *map(str, words)])
    return status, capsys.readouterr()


def findings(capsys, name):
    """The findings of a shipped file, by claim and number."""
    status, output = said(capsys, name, "--json")
    assert status == 0
    return {(one["claim"], one["what"]): one for one in json.loads(output.out)["findings"]}


def test_the_sources_of_2012_conflict_by_one_patient(capsys):
    found = findings(capsys, "sir-2012")
    shares = found["48 as 55 %", "percentage"]
    assert shares["verdict"] == "conflicting" and "49, one more than 48" in shares["reason"]
    assert found["improved, release", "same as 'improved, WebMD'"]["verdict"] == "conflicting"
    assert found["all outcomes, release", "parts add up"]["reason"] == "49 + 34 + 6 = 89"
    assert found["all outcomes, with 48", "parts add up"]["verdict"] == "conflicting"
    assert found["men and women", "parts add up"]["verdict"] == "consistent"
    assert found["narrowed veins", "percentage"]["verdict"] == "conflicting"  # no whole number of 94 is 94.9 %
    assert shares["verified"] == "D" and found["improved, release", "percentage"]["verified"] == "C"


def test_the_odds_ratio_of_brave_dreams_is_not_that_of_its_counts(capsys):
    found = findings(capsys, "brave-dreams-2018")
    printed = found["free of new lesions, months 6 to 12", "odds ratio"]
    assert printed["verdict"] == "conflicting" and printed["recomputed"] == "2.42 (0.93 to 6.27)"
    assert printed["verified"] == "M" and "adjusted" in printed["reason"]
    assert found["free of new lesions, if adjusted", "odds ratio"]["verdict"] == "cannot be checked"
    assert found["free of new lesions, crude", "odds ratio"]["verdict"] == "consistent"
    own = found["free of new lesions, months 6 to 12", "odds ratio and its interval"]
    assert own["verdict"] == "consistent"


def test_the_blinded_studies_are_consistent(capsys):
    found = findings(capsys, "canada-2018")
    for claim, what in (
        ("serious adverse events", "p-value"),
        ("narrowing, patients and siblings", "p-value"),
        ("narrowing, patients and controls", "p-value"),
        ("ultrasound criteria, blinded", "odds ratio"),
        ("ultrasound criteria, blinded", "p-value"),
    ):
        assert found[claim, what]["verdict"] == "consistent", claim
    assert found["physical quality of life", "p-value"]["verdict"] == "cannot be checked"


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_file_is_audited_and_makes_a_page(capsys, tmp_path, name):
    status, output = said(capsys, name, "--out", tmp_path)
    assert status == 0 and "consistent" in output.out
    html = (tmp_path / "audit.html").read_text(encoding="utf-8")
    assert "Audit of claims" in html and "http" not in html.replace("http-equiv", "") and "<script" not in html
    plain = json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))
    assert sum(plain["tally"].values()) == len(plain["findings"])


def test_a_report_is_read_with_its_denominators_speakers_and_omissions(capsys):
    status, output = said(capsys, "--text", EVENING, "--json")
    assert status == 0
    (text,) = json.loads(output.out)["texts"]
    numbers = {number["text"]: number for read in text["sentences"] for number in read["numbers"]}
    assert (numbers["Forty-eight of the 89"]["count"], numbers["Forty-eight of the 89"]["of"]) == (48, 89)
    assert numbers["almost 60 percent"]["denominator"]["how"] == "unknown"
    said_by = {read["said_by"]["name"]: read["said_by"]["role"] for read in text["sentences"] if read["said_by"]}
    assert said_by["Dr. Carol Winters"] == "author" and said_by["Dr. Helen Brandt"] == "outsider"
    assert {"funding and interests", "length of follow-up", "those who are missing"} <= set(text["omitted"])


def test_two_copies_show_what_one_of_them_dropped(capsys, tmp_path):
    status, output = said(capsys, "--text", EVENING, "--text", MORNING, "--json", "--out", tmp_path)
    assert status == 0
    (pair,) = json.loads(output.out)["copies"]
    assert pair["are_copies"] and pair["containment"] > pair["threshold"]
    assert "Dr. Helen Brandt" in pair["dropped"]["speakers"] and "prove nothing" in pair["dropped"]["cautions"]
    assert "Forty-eight of the 89" in pair["dropped"]["numbers"] and "55 percent" in pair["added"]["numbers"]
    html = (tmp_path / "audit.html").read_text(encoding="utf-8")
    assert "<del>almost</del>" in html and "Copies of one report" in html


def test_the_terminal_shows_the_warning_that_was_dropped(capsys):
    status, output = said(capsys, "--text", EVENING, "--text", MORNING)
    assert status == 0
    assert "copies of one report" in output.out and "[-almost-]" in output.out and "Helen Brandt" in output.out


def test_a_saved_web_page_is_read_as_its_reader_sees_it(capsys, tmp_path):
    page = tmp_path / "report.html"
    page.write_text(
        "<html><head><title>x</title><style>p { width: 48% }</style></head><body><h1>News</h1>"
        "<p>Of 89 patients,&nbsp;48 improved.</p><script>var a = 3;</script></body></html>",
        encoding="utf-8",
    )
    _, output = said(capsys, "--text", page, "--json")
    sentences = [read["text"] for read in json.loads(output.out)["texts"][0]["sentences"]]
    assert sentences == ["News", "Of 89 patients, 48 improved."]


def test_bad_input_is_told_all_at_once(capsys, tmp_path):
    bad = tmp_path / "claims.yaml"
    bad.write_text("format: azygos-claims/1\nclaims:\n  - coun: 3\n  - p: 2\n", encoding="utf-8")
    status, output = said(capsys, bad, "--text", tmp_path / "none.txt", "--out", bad)
    assert status == 2 and output.out == ""
    told = output.err.strip().splitlines()
    assert any("did you mean 'count'?" in line for line in told) and any("no p-value" in line for line in told)
    assert any("none.txt" in line for line in told) and any("--out" in line for line in told)
    assert "Traceback" not in output.err


@pytest.mark.parametrize("words", [(), (EVENING, "--text", EVENING), ("--text", EVENING, "--text", EVENING)])
def test_nothing_to_audit_or_the_wrong_thing_is_refused(capsys, words):
    status, output = said(capsys, *words)
    assert status == 2 and output.err and "Traceback" not in output.err


@pytest.mark.parametrize("content", [b"", b" \n\n", b"a\0b", b"x" * 1_000_001])
def test_what_is_no_text_is_refused(capsys, tmp_path, content):
    path = tmp_path / "report.txt"
    path.write_bytes(content)
    status, output = said(capsys, "--text", path)
    assert status == 2 and "report.txt" in output.err
