"""The Study screen's server: designs, trials, the user's own data and texts, and what is wrong with them."""

import ast
import json
import re
from pathlib import Path

import pytest

pytest.importorskip("fastapi")
import serving
from azygos.trial.study import packaged_names
from azygos.web.study_build import changed
from azygos.web.study_requests import Changes
from serving import asked, over

CASES = Path(__file__).parents[2] / "cases"


def told(page, request):
    """How the job of a request ended."""
    return over(page, asked(page, **request), 110.0)


def answer(page, request):
    return serving.answer(page, **request)


def problems(page, request):
    state = told(page, request)
    assert state["state"] == "failed", state
    return state["problems"]


def file(*path):
    return {"name": path[-1], "text": CASES.joinpath(*path).read_text(encoding="utf-8")}


def said(pieces):
    """A sentence whose numbers tell what is known of them."""
    return "".join(one if isinstance(one, str) else one["value"] for one in pieces)


# -------------------------------------------------------------------------------------------------------------------
# designs


def test_every_study_that_ships_can_be_chosen(page):
    known = page.get("/api/studies").json()
    assert {one["name"] for one in known["studies"]} == set(packaged_names())
    assert all(list(one["effects"]) == ["none", "small", "moderate", "large"] for one in known["studies"])


def test_a_design_is_told_with_its_sources_and_its_file(page):
    found = answer(page, {"kind": "design", "study": "chicago-2012"})
    assert found["published"][0]["value"] == "48 of 89"  # WebMD, 29 March 2012
    assert "43.0 to 64.6 %" in found["published"][0]["error"]  # scipy.stats.binomtest(48, 89)
    assert "WebMD" in found["published"][0]["source"]
    assert found["file"]["text"].startswith("# A survey of people")
    assert all(row[-1] for row in found["constants"])  # a source, or that it is assumed


def test_every_number_of_a_study_has_a_unit_an_uncertainty_and_a_source(page):
    design = answer(page, {"kind": "design", "study": "premise-2014"})
    once = answer(page, {"kind": "enrol", "study": "premise-2014", "seed": 3})
    many = answer(page, {"kind": "trial", "study": "premise-2014", "seed": 3, "repeats": 50})
    results = [row[1:] for row in once["results"]]  # after a name comes a measure, such as of month 6
    rows = [*results, *once["harms"]["rows"], *many["repeat_rows"], *many["effect_rows"], design["published"]]
    cells = [one for row in rows for cell in row[1:] for one in (cell if isinstance(cell, list) else [cell])]
    assert not [text for text in cells if isinstance(text, str) and re.search(r"\d", text)]
    assert all(one["error"] and one["source"] for one in cells if not isinstance(one, str))
    assert [row[1]["value"].split()[-1] for row in many["repeat_rows"]] == ["lesions", "relapses", "points"]
    survey = answer(page, {"kind": "trial", "repeats": 50})
    mean = survey["json"]["analyses"][0]["mean"]
    assert survey["repeat_rows"][0][1]["value"] == f"{100 * mean:.1f} %"  # as it is told everywhere else


def test_every_number_in_the_sentences_of_a_verdict_tells_what_is_known_of_it(page):
    for request in (
        {"study": "tinnitus-stenting"},
        {"study": "canada-2018", "changes": {"kind": "group-sequential", "n": 30}},
    ):
        given = answer(page, {"kind": "design", **request})["file"]
        found = answer(page, {"kind": "trial", "file": given, "seed": 2, "repeats": 50})
        verdict = found["json"]["verdict"]
        told = [*found["said"]["sentences"], *found["said"]["for_patients"], found["said"]["because"]]
        assert [said(one) for one in told] == [*verdict["sentences"], *verdict["for_patients"], verdict["because"]]
        words = [piece for one in [*told, found["looks"]] for piece in one if isinstance(piece, str)]
        assert not re.findall(r"\d", " ".join(words).replace("over 95 % of the priors", "").replace("of 50 %", "")
                              .replace("at 50 %", "").replace("100 % of the people", ""))  # fmt: skip
        numbers = [piece for one in told for piece in one if not isinstance(piece, str)]
        assert all(one["what"] and one["error"] and one["source"] for one in numbers)


def test_where_most_have_no_new_lesion_those_count_as_doing_well(page):
    once = answer(page, {"kind": "enrol", "study": "premise-2014", "seed": 1})
    few = {letter for _, letter in once["people"]}
    assert once["legend"]["+"] == "new lesions: as good as the median, 0 lesions" and few >= {"+", "-"}


def test_every_study_can_be_made_one_of_another_kind_that_the_strict_reader_takes(page, tmp_path):
    from azygos.exchange.study import read_study, study_text
    from azygos.trial.run import asked_of

    for name in packaged_names():
        for kind in ("open-label survey", "registry", "wait-list", "parallel", "sham-controlled", "group-sequential"):
            path = tmp_path / "study.yaml"
            path.write_text(changed(study_text(name)[1], name, Changes(kind=kind, n=40)))
            study = read_study(path)
            assert (study.design.kind, study.n) == (kind, 40)
            assert asked_of(study)


def test_a_survey_made_a_trial_is_judged_by_its_own_first_repeat_and_not_by_what_was_published(page):
    design = answer(page, {"kind": "design", "study": "chicago-2012", "changes": {"kind": "sham-controlled", "n": 40}})
    assert design["randomised"] and not design["published"]
    found = answer(page, {"kind": "trial", "file": design["file"], "repeats": 50})
    assert found["json"]["judged"] == "simulated (repeat 1)"
    assert found["json"]["verdict"]["standing"] in ("shown", "not shown", "shown to do worse")


def test_a_layer_that_is_off_leaves_what_was_published(page):
    found = answer(page, {"kind": "design", "study": "chicago-2012", "changes": {"off": ["recall"]}})
    assert found["published"] and "off: [recall]" in found["file"]["text"]


def test_a_file_that_names_another_file_is_refused(page):
    text = file("studies", "wait-list.yaml")["text"] + "changes: /etc/passwd\n"
    (found,) = problems(page, {"kind": "design", "file": {"name": "mine.yaml", "text": text}})
    assert "'changes' names a table" in found["what"] and found["where"] == "mine.yaml"


def test_all_that_is_wrong_with_a_design_is_told_with_its_line_and_never_with_a_path(page):
    text = file("studies", "wait-list.yaml")["text"]
    wrong = text.replace("role: waiting", "role: waitin").replace("6 months, window", "6, window")
    found = problems(page, {"kind": "design", "file": {"name": "ours.yaml", "text": wrong}})
    assert {one["where"] for one in found} >= {"ours.yaml:9", "ours.yaml:15"}
    assert "/" not in json.dumps([one["where"] for one in found])


@pytest.mark.parametrize(
    ("request_", "place"),
    [
        ({"kind": "design", "study": "../../etc/passwd"}, "study"),
        ({"kind": "trial", "study": "chicago"}, "did you mean 'chicago-2012'"),
        ({"kind": "trial", "effect": "huge"}, "effect"),
        ({"kind": "trial", "repeats": 10**6}, "repeats"),
        ({"kind": "enrol", "changes": {"n": 10**6}}, "n"),
        ({"kind": "enrol", "changes": {"off": ["hope"]}}, "no layer 'hope'"),
        ({"kind": "trial", "file": {"name": "a", "text": ""}, "changes": {"n": 5}}, "changes"),
        ({"kind": "analyse", "design": "chicago-2012", "tables": []}, "tables"),
        ({"kind": "analyse", "design": "/etc/passwd", "tables": [{"name": "a.csv", "text": "a"}]}, "no study"),
        ({"kind": "audit"}, "nothing to audit"),
    ],
)
def test_a_request_that_is_wrong_is_refused_before_it_is_work(page, request_, place):
    refused = page.post("/api/jobs", json=request_)
    assert refused.status_code == 422
    assert place in json.dumps(refused.json()["problems"])


def test_the_name_of_a_study_in_a_script_is_no_path_either(page):
    assert page.post("/api/script", json={"kind": "trial", "study": "../x", "changes": {"n": 9}}).status_code == 422


# -------------------------------------------------------------------------------------------------------------------
# one repeat, and many


def test_one_repeat_is_the_one_that_python_gives(page):
    from azygos.exchange.study import named_study
    from azygos.trial.conduct import conduct

    found = answer(page, {"kind": "enrol", "study": "canada-2018", "seed": 3})
    dataset = conduct(named_study("canada-2018"), 3)
    assert [found["arms"][arm] for arm, _ in found["people"]] == dataset.subjects["arm"].tolist()
    lost = sum(letter == "." for _, letter in found["people"])
    assert lost == found["json"]["missing"][0]["missing"] + found["json"]["missing"][1]["missing"]
    assert found["parts"][0]["pictures"][0]["title"] == "Flow"
    assert {one["domain"] for one in found["bias"]} >= {"randomisation process", "overall"}


def test_a_verdict_is_what_its_script_prints_and_its_pictures_can_be_fetched_in_either_ink(page, capsys):
    request = {"kind": "trial", "study": "tinnitus-stenting", "repeats": 50}
    state = told(page, request)
    found = page.get(f"/api/jobs/{state['id']}/answer").json()
    exec(compile(page.post("/api/script", json=request).text, "script", "exec"), {})
    printed = capsys.readouterr().out
    assert all(sentence in printed for sentence in found["json"]["verdict"]["sentences"])
    assert found["json"]["verdict"]["standing"] == "shown" and found["json"]["judged"] == "published"
    for number in range(len(found["parts"][0]["pictures"])):
        where = f"/api/jobs/{state['id']}/picture?part=0&number={number}"
        assert page.get(where).headers["content-type"].startswith("image/svg+xml")
        assert page.get(f"{where}&ink=light").text.startswith('<svg color="#e9eef3"')


def test_the_script_of_a_design_that_needs_fits_makes_as_few_repeats_as_the_page_which_says_how_few(
    tmp_path, monkeypatch, capsys
):
    from azygos.web.study_requests import File, TrialRequest
    from azygos.web.study_script import study_script
    from azygos.web.study_trial import judged

    monkeypatch.chdir(tmp_path)
    for name, few in (("MOST_FITTED", 8), ("MOST_JUDGED", 5)):
        monkeypatch.setattr(f"azygos.web.study_trial.{name}", few)
        monkeypatch.setattr(f"azygos.web.study_script.{name}", few)
    monkeypatch.setattr("azygos.trial.verdict.DRAWS_SLOW", 3)
    text = file("studies", "wait-list.yaml")["text"].replace("{n: 120}", "{n: 10}")
    text = text.replace("method: ancova", "method: wilcoxon").replace("covariates: [edss]", "missing: complete cases")
    request = TrialRequest(kind="trial", file=File(name="ours.yaml", text=text), repeats=50)
    found = judged(request, lambda what, share: None)
    assert "8 were made of the 50 asked for" in found["fewer"] and found["json"]["repeats"] == 8
    exec(compile(study_script(request), "script", "exec"), {})
    printed = capsys.readouterr().out
    assert all(sentence in printed for sentence in found["json"]["verdict"]["sentences"])


# -------------------------------------------------------------------------------------------------------------------
# data of the user's


SHAM = ("studies-data", "sham")


def data(*tables, **options):
    request = {"kind": "analyse", "design": file(*SHAM, "design.yaml"), "dictionary": file(*SHAM, "dictionary.yaml")}
    return request | {"tables": list(tables)} | options


def test_data_are_analysed_as_the_command_line_does(page):
    from azygos.exchange.design import read_design
    from azygos.exchange.study_data import read_study_data
    from azygos.study.analysis import analyse

    folder = CASES.joinpath(*SHAM)
    design = read_design(folder / "design.yaml")
    known = analyse(design, read_study_data(folder, design, folder / "dictionary.yaml"))
    found = answer(page, data(file(*SHAM, "patients.csv"), file(*SHAM, "events.csv")))
    assert [said(pieces) for pieces in found["said"]] == [result.sentence for result in known.primary]
    assert found["people"] == 60 and "Your data" in found["note"] and "imulated" not in found["note"]


def test_data_of_a_study_are_judged_as_its_own_first_repeat_is_and_of_a_design_alone_it_is_said_why_not(page):
    study = file("studies", "wait-list.yaml")
    study["text"] = study["text"].replace("{n: 120}", "{n: 40}")
    once = answer(page, {"kind": "enrol", "file": study, "seed": 3})
    many = answer(page, {"kind": "trial", "file": study, "seed": 3, "repeats": 50})
    tables = [{"name": name, "text": text} for name, text in once["data"].items() if name.endswith(".csv")]
    dictionary = [{"name": name, "text": text} for name, text in once["data"].items() if name.endswith(".yaml")]
    request = {"kind": "analyse", "dictionary": dictionary[0] if dictionary else None, "tables": tables}
    found = answer(page, {**request, "design": study})
    result = many["json"]["verdict"]["result"]["estimate"]
    assert found["verdict"]["json"]["verdict"]["result"]["estimate"] == pytest.approx(result, rel=1e-9)
    assert found["verdict"]["json"]["judged"] == "yours" and len(found["parts"][1]["pictures"]) == 3
    assert "such people as the file of the study describes" in found["verdict"]["json"]["about"]
    alone = answer(page, data(file(*SHAM, "patients.csv"), file(*SHAM, "events.csv")))
    assert alone["verdict"]["said"] is None and "(azygos-study/1)" in alone["verdict"]["json"]["not_judged_because"]


def test_every_fault_of_data_is_told_with_file_line_and_column(page):
    patients = file(*SHAM, "patients.csv")
    wrong = patients["text"].replace("P001,B", "P001,C").replace("30.6", "three").replace("2.5,PPMS", "25,PPMS")
    found = problems(page, data({"name": "ours.csv", "text": wrong}, file(*SHAM, "events.csv")))
    places = {one["where"] for one in found}
    assert {"ours.csv:2, column 'group'", "ours.csv:3, column 'msis_0'", "ours.csv:3, column 'edss'"} <= places


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ({"name": "a.csv", "text": ""}, "the file is empty"),
        ({"name": "../../a.csv", "text": 'x,y\n"1'}, "not a CSV file"),
        ({"name": "a.json", "text": "{"}, "not JSON"),
        ({"name": "a.json", "text": "[" * 10_000}, "JSON"),
        ({"name": "a.csv", "text": "subject\n1\n"}, ""),
    ],
)
def test_a_table_that_cannot_be_read_is_a_problem_with_the_users_name_for_it(page, table, what):
    found = problems(page, data(table, dictionary=None))
    assert what in json.dumps(found)
    assert all("/tmp" not in one["where"] + one["what"] for one in found)


def test_a_design_that_cannot_be_read_is_told_with_its_line(page):
    design = {"name": "d.yaml", "text": "format: azygos-design/1\nname: [a\n"}
    found = problems(page, data(file(*SHAM, "patients.csv"), design=design))
    assert found[0]["where"].startswith("d.yaml:") and "not valid YAML" in found[0]["what"]


# -------------------------------------------------------------------------------------------------------------------
# audits


def test_a_report_and_its_copy_are_audited_with_each_number_beside_its_sentence(page):
    texts = [file("audit", "evening_report.txt"), file("audit", "morning_copy.txt")]
    found = answer(page, {"kind": "audit", "texts": texts, "claims": "sir-2012"})
    first = found["texts"][0]
    numbers = {number["read_as"]: number for one in first["sentences"] for number in one["numbers"]}
    assert numbers["48 of 89"]["whole"] == "89"
    assert all("".join(words for words, _ in one["pieces"]) == one["text"] for one in first["sentences"])
    assert "length of follow-up" in first["omitted"]
    assert found["copies"][0]["are_copies"] and "Dr. Helen Brandt" in found["copies"][0]["dropped"]["speakers"]
    assert found["tally"]["conflicting"] > 0


def test_what_is_wrong_with_texts_and_claims_is_told_at_once(page):
    claims = {"name": "c.yaml", "text": "format: azygos-claims/1\nclaims:\n  - {count: many}\n"}
    found = problems(page, {"kind": "audit", "texts": [{"name": "report", "text": " "}], "claims": claims})
    assert {"report", "c.yaml:3"} <= {one["where"] for one in found}


def test_claims_that_do_not_ship_are_named_as_such(page):
    (found,) = problems(page, {"kind": "audit", "claims": "sir"})
    assert found["remedy"] == "did you mean 'sir-2012'?"


# -------------------------------------------------------------------------------------------------------------------
# scripts


@pytest.mark.parametrize(
    "request_",
    [
        {"kind": "enrol", "study": "premise-2014", "changes": {"n": 30, "off": ["recall"]}},
        {"kind": "design", "study": "iih-stenting"},
        {"kind": "analyse", "design": file(*SHAM, "design.yaml"), "dictionary": file(*SHAM, "dictionary.yaml"),
         "tables": [file(*SHAM, "patients.csv"), file(*SHAM, "events.csv")]},
        {"kind": "audit", "texts": [file("audit", "evening_report.txt"), file("audit", "morning_copy.txt")],
         "claims": "sir-2012"},
    ],
    ids=lambda request: request["kind"],
)  # fmt: skip
def test_as_a_script_is_python_that_runs(page, request_, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for one in (
        request_.get("design"),
        request_.get("dictionary"),
        *request_.get("tables", ()),
        *request_.get("texts", ()),
    ):
        if isinstance(one, dict):
            Path(one["name"]).write_text(one["text"])
    exec(compile(page.post("/api/script", json=request_).text, "script", "exec"), {})
    assert capsys.readouterr().out


def test_a_text_of_a_file_stays_a_text_in_its_script(page):
    evil = "format: x\n''')\nimport os; os.abort()\n"
    text = page.post("/api/script", json={"kind": "enrol", "file": {"name": "'); import os", "text": evil}}).text
    assert all(ast.unparse(node) != "import os" for node in ast.walk(ast.parse(text)))


def test_a_file_is_changed_to_a_file_whatever_its_name(page):
    given = {"name": "ours\nbands: [", "text": file("studies", "wait-list.yaml")["text"]}
    found = answer(page, {"kind": "design", "file": given, "changes": {"kind": "parallel", "n": 50, "blinding": []}})
    assert (found["kind"], found["n"], found["blinding"]) == ("parallel", 50, [])
    assert answer(page, {"kind": "design", "file": found["file"]})["sections"] == found["sections"]
