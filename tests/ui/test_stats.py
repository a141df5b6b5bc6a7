"""`azygos stats`, from the command line to the answer."""

import json

import pytest

from azygos.cli.main import run
from azygos.statistics.registry import METHODS


def said(capsys, *words):
    status = run(["stats", *words])
    return status, capsys.readouterr()


def answer(capsys, *words):
    status, output = said(capsys, *words, "--json")
    assert status == 0 and output.err == ""
    return json.loads(output.out)


def test_the_methods_are_listed_with_a_line_each(capsys):
    status, output = said(capsys)
    assert status == 0
    assert "proportion-interval" in output.out and "meta-analysis" in output.out
    assert set(answer(capsys)["methods"]) == set(METHODS)


@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_method_explains_itself(capsys, name):
    status, output = said(capsys, name, "--help")
    assert status == 0
    assert output.out.startswith(f"azygos stats {name}")


def test_an_interval_is_printed_and_given_as_json(capsys):
    _, output = said(capsys, "proportion-interval", "48", "89", "--method", "wilson")
    assert "0.436295" in output.out and "0.639103" in output.out
    found = answer(capsys, "proportion-interval", "48", "89", "--method=wilson")
    assert found["method"] == "wilson" and found["level"] == 0.95
    assert (found["lower"], found["upper"]) == pytest.approx((0.436295, 0.639103), abs=0.5e-6)


def test_a_difference_comes_out_as_newcombe_printed_it(capsys):
    found = answer(capsys, "risk-difference-interval", "56", "70", "48", "80", "--method", "miettinen-nurminen")
    assert (found["lower"], found["upper"]) == pytest.approx((0.0528, 0.3382), abs=0.5e-4)


def test_a_sequential_design_lists_its_bounds(capsys):
    words = ("--looks", "3", "--alpha", "0.025", "--spending", "obrien-fleming", "--power", "0.8")
    found = answer(capsys, "group-sequential-bounds", *words)
    assert found["z"] == pytest.approx([3.471091, 2.454432, 2.004036], abs=1e-6)
    assert found["inflation"] == pytest.approx(1.017406, abs=1e-6)
    shares = answer(capsys, "group-sequential-bounds", "--information", "0.5,1")
    assert shares["information"] == [0.5, 1.0] and shares["power"] is None


def test_what_is_infinite_or_unknown_is_null(capsys):
    found = answer(capsys, "odds-ratio-interval", "5", "5", "1", "5")
    assert found["estimate"] is None and found["upper"] is None and found["lower"] > 0.0


def test_a_negative_number_is_a_value_and_no_option(capsys):
    found = answer(
        capsys, "risk-difference-test", "45", "50", "44", "50", "--margin", "-0.1", "--alternative", "greater"
    )
    assert 0.0 < found["p"] < 0.05
    assert answer(capsys, "group-sequential-result", "-1.2", "1", "--looks", "1")["estimate"] == pytest.approx(-1.2)


def studies(tmp_path, text):
    path = tmp_path / "studies.csv"
    path.write_text(text)
    return str(path)


def test_studies_are_pooled_from_a_file_of_counts_or_of_estimates(capsys, tmp_path):
    counts = answer(capsys, "meta-analysis", studies(tmp_path, "study,x1,n1,x2,n2\na,4,123,11,139\nb,6,306,29,303\n"))
    assert counts["studies"] == 2 and counts["estimate"] < 0.0
    effects = studies(tmp_path, "study,estimate,se\na,-0.5,0.2\nb,0.1,0.3\nc,0.4,0.2\n")
    found = answer(capsys, "meta-analysis", effects, "--method", "DL", "--interval", "hartung-knapp")
    assert found["df"] == 2.0 and {"tau2", "i2", "q", "se", "prediction_lower"} <= set(found)


def test_events_are_counted_from_a_file(capsys, tmp_path):
    path = studies(tmp_path, "subject,arm,term,grade\n1,active,headache,2\n2,sham,headache,1\n")
    found = answer(capsys, "adverse-events", path, "--sizes", "active=49,sham=55")
    assert [arm["subjects"] for arm in found["rows"][0]["arms"]] == [1, 1]


def test_every_word_that_does_not_fit_is_named(capsys):
    status, output = said(capsys, "proportion-interval", "4x", "89", "7", "--methd", "wilson", "--level", "high")
    lines = output.err.splitlines()
    assert status == 2 and output.out == "" and len(lines) == 4
    assert "did you mean '--method'" in output.err and "'7' is too much" in output.err and "whole number" in output.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("proportion-intervl", "1", "2"), "did you mean 'proportion-interval'"),
        (("proportion-interval", "48"), "N is missing"),
        (("proportion-interval", "48", "89", "--method", "wlison"), "did you mean 'wilson'"),
        (("proportion-interval", "95", "89"), "x: 95 of 89"),
        (("proportion-interval", "48", "89", "--level"), "nothing is given"),
        (("proportion-interval", "48", "89", "--x", "3"), "given twice"),
        (("meta-analysis", "nowhere.csv"), "nowhere.csv"),
        (("group-sequential-bounds", "--information", "0.5,half"), "'0.5,half' does not fit"),
    ],
)
def test_a_wrong_word_is_answered_in_one_line(capsys, words, expected):
    status, output = said(capsys, *words)
    assert status == 2 and output.out == ""
    assert expected in output.err and "Traceback" not in output.err


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "no rows"),
        ("estimate,se\n", "no rows"),
        ("estimate,se\n0.1\n", ":2: 1 cells below 2 names"),
        ("estimate,estimate\n0.1,0.2\n", "twice"),
        ("estimate,se\n0.1,much\n", ":2: 'much' in column 'se'"),
        ("effect,weight\n0.1,0.2\n", "give estimate and variance"),
        ("x1,n1,x2,n2\n5,4,1,9\n", ":2: x1: 5 of 4"),
    ],
)
def test_a_bad_file_is_refused_with_the_line_that_is_wrong(capsys, tmp_path, text, expected):
    status, output = said(capsys, "meta-analysis", studies(tmp_path, text))
    assert status == 2 and expected in output.err


def test_what_has_several_rows_is_shown_in_rows_and_what_is_not_finite_is_said(capsys):
    assert said(capsys, "binary-tipping-point", "5", "10", "2", "3", "10", "1")[1].out.splitlines()[1:5] == [
        "  estimate",
        "    0.143939, 0.0530303",  # 5/12 - 3/11 and 5/12 - 4/11
        "    0.227273, 0.136364",
        "    0.310606, 0.219697",
    ]
    nothing = said(capsys, "odds-ratio-interval", "0", "10", "0", "10")[1].out
    assert "estimate  not defined" in nothing and "upper     infinite" in nothing


@pytest.mark.parametrize("word", ["Clopper-Pearson", "clopper_pearson", "Clopper Pearson", "clopper-pearson"])
def test_a_method_is_known_however_it_is_spelled(capsys, word):
    assert answer(capsys, "proportion-interval", "48", "89", "--method", word)["method"] == "clopper-pearson"
