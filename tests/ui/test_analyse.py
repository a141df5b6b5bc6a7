"""`azygos analyse`, from files to the page and back."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from azygos.cli.main import run

CASES = Path(__file__).parents[2] / "cases" / "studies-data"
SHAM, SURVEY = CASES / "sham", CASES / "survey"
OF_SHAM = ("--design", str(SHAM / "design.yaml"), "--dictionary", str(SHAM / "dictionary.yaml"))


def said(capsys, *words):
    status = run(["analyse", *(str(word) for word in words)])
    return status, capsys.readouterr()


def numbers(output):
    """All that was found, without where it was written."""
    return {key: value for key, value in json.loads(output.out).items() if key != "out"}


def test_a_survey_is_described_and_nothing_more(capsys):
    status, output = said(capsys, SURVEY / "answers.csv", "--design", SURVEY / "design.yaml", "--json")
    found = json.loads(output.out)
    assert status == 0
    assert found["flow"]["arms"][0] == {
        "arm": "venoplasty", "allocated": 89, "received": None, "lost": {}, "without_value": 6, "analysed": 83,
        "filled": 0, "stand_in": None,
    }  # fmt: skip
    complete, failures, best = found["results"]
    assert complete["estimate"] == pytest.approx(48 / 83)
    # Clopper-Pearson of 48 in 89: 43.04 to 64.56 %.
    assert (round(failures["lower"], 4), round(failures["upper"], 4)) == (0.4304, 0.6456)
    assert best["estimate"] == pytest.approx(54 / 89)
    assert "no comparison" in complete["sentence"] and "effect" not in complete["sentence"]
    assert found["risk_of_bias"][-1]["level"] == "critical"


def test_a_trial_in_two_tables_is_analysed_as_planned(capsys):
    status, output = said(capsys, SHAM, *OF_SHAM)
    assert status == 0
    assert "60 enrolled" in output.out and "Risk of bias" in output.out and "Harms" in output.out
    assert "simulated or real" in output.out


def test_what_is_written_can_be_read_back_and_says_the_same(capsys, tmp_path):
    status, first = said(capsys, SHAM, *OF_SHAM, "--out", tmp_path / "out", "--json")
    assert status == 0
    names = {path.name for path in (tmp_path / "out" / "data").iterdir()}
    assert names == {"adsl.json", "adqs.json", "adae.json", "adce.json", "define.xml"}
    for data in (tmp_path / "out" / "data", tmp_path / "out" / "data" / "adqs.json"):
        status, second = said(capsys, data, "--design", SHAM / "design.yaml", "--json")
        assert status == 0
        assert numbers(first) == numbers(second)
    assert json.loads((tmp_path / "out" / "result.json").read_text()) == numbers(first)
    ElementTree.parse(tmp_path / "out" / "data" / "define.xml")


def test_the_page_needs_nothing_beside_it(capsys, tmp_path):
    status, _ = said(capsys, SHAM, *OF_SHAM, "--out", tmp_path)
    page = (tmp_path / "analysis.html").read_text()
    assert status == 0
    outside = set(re.findall(r'(?:src|href)="([^"]*)"|url\(([^)]*)\)', page))
    assert not {link for pair in outside for link in pair if link}
    for part in (
        "Flow",
        "Outcomes over time",
        "Comparisons",
        "Harms",
        "Missing outcomes",
        "Risk of bias",
        "To run it again",
    ):
        assert part in page
    assert "simulated or real" in page and "azygos-design/1" in page
    for path in tmp_path.glob("picture_*.svg"):
        ElementTree.parse(path)
    for drawing in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL):
        ElementTree.fromstring(drawing)


def test_a_study_file_gives_its_design(capsys, tmp_path):
    design = (SURVEY / "design.yaml").read_text().replace("format: azygos-design/1\n", "")
    inside = "".join(f"  {line}\n" if line else "\n" for line in design.splitlines())
    study = tmp_path / "study.yaml"
    study.write_text(f"format: azygos-study/1\ndesign:\n{inside}")
    status, output = said(capsys, SURVEY / "answers.csv", "--design", study, "--json")
    assert status == 0 and json.loads(output.out)["design"] == "survey-of-89"


def test_a_study_that_ships_gives_its_design_by_its_name(capsys, tmp_path):
    answers = (SURVEY / "answers.csv").read_text().replace("@interview", "@survey")
    (tmp_path / "answers.csv").write_text(answers)
    status, output = said(
        capsys, tmp_path / "answers.csv", "--design", "chicago-2012", "--json", "--out", tmp_path / "out"
    )
    found = json.loads(output.out)
    assert status == 0 and found["design"] == "chicago-2012"
    assert "azygos-study/1" in (tmp_path / "out" / "analysis.html").read_text()
    status, output = said(capsys, tmp_path / "answers.csv", "--design", "chicago-2021")
    assert status == 2 and "did you mean 'chicago-2012'" in output.err


def test_long_and_wide_tables_say_the_same(capsys, tmp_path):
    long = tmp_path / "long.csv"
    rows = [f"{n + 1},interview,clearly_better,{int(n < 48)}\n" for n in range(83)]
    rows += [f"{n + 1},,,\n" for n in range(83, 89)]
    long.write_text("subject,visit,variable,value\n" + "".join(rows))
    wide = said(capsys, SURVEY / "answers.csv", "--design", SURVEY / "design.yaml", "--json")
    assert numbers(said(capsys, long, "--design", SURVEY / "design.yaml", "--json")[1]) == numbers(wide[1])


def test_a_spreadsheet_with_decimal_commas_says_the_same(capsys, tmp_path):
    for name in ("patients.csv", "events.csv"):
        text = (SHAM / name).read_text()
        assert '"' not in text
        text = re.sub(r"(?<![\d.])(\d+)\.(\d+)(?![\d.])", r"\1,\2", text.replace(",", ";"))
        (tmp_path / name).write_text("sep=;\r\n" + text, newline="")
    assert ",5;" in (tmp_path / "patients.csv").read_text()
    found, wanted = (said(capsys, data, *OF_SHAM, "--json")[1] for data in (tmp_path, SHAM))
    assert numbers(found) == numbers(wanted)


def test_commas_are_no_decimal_ones_beside_decimal_points_and_lines_are_counted_from_the_first(capsys, tmp_path):
    lines = (SHAM / "patients.csv").read_text().replace(",", ";").splitlines()
    lines[2] = lines[2].replace(lines[2].split(";")[lines[0].split(";").index("msis_0")], "38,5", 1)
    (tmp_path / "patients.csv").write_text("sep=;\n" + "\n".join(lines))
    status, output = said(capsys, tmp_path / "patients.csv", *OF_SHAM)
    assert status == 2 and "patients.csv:4, column 'msis_0': '38,5' is not a number" in output.err


# ---------------------------------------------------------------------------------------------------------------
# refusals


def spoilt(tmp_path, changes):
    """The patients' table with cells changed: line of the file, column, text."""
    lines = (SHAM / "patients.csv").read_text().splitlines()
    names = lines[0].split(",")
    for line, name, text in changes:
        cells = lines[line - 1].split(",")
        cells[names.index(name)] = text
        lines[line - 1] = ",".join(cells)
    (tmp_path / "patients.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "events.csv").write_text((SHAM / "events.csv").read_text())
    return tmp_path


BAD = [
    (2, "msis_6", "140", "140 is outside 0 to 100"),
    (3, "msis_0", "4o", "'4o' is not a number"),
    (4, "group", "C", "'C' is not among its values"),
    (5, "seen_1", "2013-02-30", "'2013-02-30' is no day of the calendar"),
    (6, "id", "P001", "patient 'P001' again"),
    (7, "seen_3", "2999-01-01", "lies in the future"),
    (8, "relapse_on", "1999-01-01", "before allocation"),
    (9, "edss", "15", "15 is outside 0 to 10"),
    (10, "id", "", "no patient is named"),
    (11, "guess", "dunno", "'dunno' is not among its values"),
    (13, "seen_6", "03/04/2013", "'03/04/2013' is no date"),
]


def test_every_fault_of_the_data_is_said_with_its_line(capsys, tmp_path):
    data = spoilt(tmp_path, [(line, name, text) for line, name, text, _ in BAD])
    status, output = said(capsys, data, *OF_SHAM, "--out", tmp_path / "out")
    lines = output.err.splitlines()
    assert status == 2 and not output.out and not (tmp_path / "out").exists()
    for line, name, _, words in BAD:
        assert any(f"patients.csv:{line}, column '{name}'" in one and words in one for one in lines), (line, words)
    # The renamed patient, and the one without a name, leave their adverse events behind.
    assert all(any(words in one for _, _, _, words in BAD) or "no patient" in one for one in lines), lines


def test_unknown_columns_are_said_and_those_that_are_missing(capsys, tmp_path):
    data = spoilt(tmp_path, [(1, "edss", "EDSS_0")])
    status, output = said(capsys, data, *OF_SHAM)
    assert status == 2
    assert "unknown column 'EDSS_0'" in output.err and "no table has the column 'edss'" in output.err


def test_an_arm_that_leaks_is_refused(capsys, tmp_path):
    lines = (SHAM / "patients.csv").read_text().splitlines()
    place = lines[0].split(",").index("group")
    leaking = [lines[0], *(line.replace("north", f"kit {line.split(',')[place]}") for line in lines[1:])]
    leaking = [line.replace("south", f"kit {line.split(',')[place]}") for line in leaking]
    (tmp_path / "patients.csv").write_text("\n".join(leaking) + "\n")
    (tmp_path / "events.csv").write_text((SHAM / "events.csv").read_text())
    dictionary = tmp_path / "dictionary.yaml"
    dictionary.write_text(
        (SHAM / "dictionary.yaml").read_text().replace("values: [north, south]", "values: [kit A, kit B]")
    )
    words = (tmp_path, "--design", SHAM / "design.yaml", "--dictionary", dictionary)
    status, output = said(capsys, *words)
    assert status == 2 and "column 'site' tells the arms apart" in output.err


def test_faults_of_the_command_line_and_its_files_are_said_together(capsys, tmp_path):
    status, output = said(
        capsys, tmp_path / "no.csv", "--design", tmp_path / "no.yaml", "--dictionary", tmp_path / "neither.yaml",
        "--out", SHAM / "patients.csv" / "out",
    )  # fmt: skip
    assert status == 2
    assert len(output.err.splitlines()) == 4


def test_a_design_is_refused_with_the_lines_of_its_faults(capsys, tmp_path):
    text = (SHAM / "design.yaml").read_text()
    for good, bad in (("kind: sham-controlled", "kind: shamcontrolled"), ("day: 3 months", "day: 3"), ("gets:", "get:"),
                      ("change <= -8", "-8")):  # fmt: skip
        text = text.replace(good, bad, 1)
    (tmp_path / "design.yaml").write_text(text)
    status, output = said(capsys, SHAM, "--design", tmp_path / "design.yaml", "--dictionary", SHAM / "dictionary.yaml")
    lines = output.err.splitlines()
    assert status == 2 and len(lines) == 4
    assert all(re.match(r".*design\.yaml:\d+: ", line) for line in lines)
    assert "did you mean 'sham-controlled'?" in output.err and "has no unit" in output.err


@pytest.mark.parametrize(
    "text",
    [
        "",
        "subject\n",
        "subject,arm\n1\n",
        'subject,arm\n1,"sham\n',
        "{",
        '{"datasetJSONVersion": "1.1.0"}',
        "[1]",
        "\x00",
    ],
)
def test_files_that_are_no_tables_are_refused_in_words(capsys, tmp_path, text):
    for name in ("data.csv", "data.json"):
        (tmp_path / name).write_text(text)
        status, output = said(capsys, tmp_path / name, "--design", SHAM / "design.yaml")
        assert status == 2 and output.err and "Traceback" not in output.err


def test_adam_tables_in_csv_are_read_by_their_names(capsys, tmp_path):
    (tmp_path / "adsl.csv").write_text(
        "STUDYID,USUBJID,TRT01P,EDSS,SITE,AGE\n" + "".join(
            f"x,{n},{'sham' if n % 2 else 'Venoplasty'},{3 + n % 4},north,{30 + n}\n" for n in range(1, 25)
        )
    )  # fmt: skip
    (tmp_path / "adqs.csv").write_text(
        "USUBJID,PARAMCD,PARAM,AVISIT,ADY,AVAL,BASE,CHG,ANL01FL\n" + "".join(
            f"{n},MSISPHYS,MSIS_PHYSICAL,{visit},{day},{40 + n % 7 + k},{40 + n % 7},{k if k else ''},Y\n"
            for n in range(1, 25)
            for k, (visit, day) in enumerate((("Baseline", 1), ("MONTH 6", 184)))
        )
    )  # fmt: skip
    (tmp_path / "adtte.csv").write_text(
        "USUBJID,PARAMCD,AVAL,CNSR\n"
        + "".join(f"{n},RELAPSE,{100 if n % 3 else 150},{n % 3 // 2}\n" for n in range(1, 25))
    )
    status, output = said(capsys, tmp_path, "--design", SHAM / "design.yaml", "--json")
    found = json.loads(output.out)
    assert status == 0
    assert [arm["allocated"] for arm in found["flow"]["arms"]] == [12, 12]
    curve = next(r for r in found["results"] if r["method"] == "cox")
    # n mod 3 = 2 are censored: 8 of 24, half of them in each arm.
    assert [arm["shown"] for arm in curve["arms"]] == ["8/12", "8/12"]
    wrong = (tmp_path / "adqs.csv").read_text().replace(",41,1,Y", ",41,2,Y")
    (tmp_path / "adqs.csv").write_text(wrong)
    status, output = said(capsys, tmp_path, "--design", SHAM / "design.yaml")
    assert status == 2 and "a change of 2 from 41 to 42" in output.err
