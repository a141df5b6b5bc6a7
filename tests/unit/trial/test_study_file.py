"""Files of studies: what they say is read, and everything wrong with one is said at once, with its line."""

from pathlib import Path

import pytest

from azygos.errors import InputError
from azygos.exchange.design import read_design
from azygos.exchange.study import find_study, named_study, read_study
from azygos.trial.change import read_table
from azygos.trial.prior import packaged
from azygos.trial.study import packaged_names
from azygos.trial.world import world

GOOD = """\
format: azygos-study/1
design:
  name: ours
  title: Our study
  kind: sham-controlled
  arms:
    sham: {role: sham}
    treated: {role: active, weight: 2}
  allocation: {method: blocks, block_sizes: [6], strata: [form]}
  blinding: {participants: yes, assessors: yes}
  visits:
    baseline: {day: 0 days}
    month 6: {day: 6 months}
  endpoints:
    score: {kind: continuous, of: physical, change: yes}
    time to relapse: {kind: time to event, of: relapse, competing: [died]}
  analyses:
    main: {method: ancova, endpoint: score, role: primary}
    relapses: {method: cox, endpoint: time to relapse}
  size: {n: 60}
patients:
  forms: {RRMS: 70 %, SPMS: 30 %}
  lost: 10 %
priors:
  expectation_physical: {kind: normal, a: 0.2, b: 0.1, source: ours}
off: [recall]
published:
  - {analysis: main, value: -1.5, source: ours}
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_says_who_comes_and_what_is_assumed(tmp_path):
    study = read_study(written(tmp_path, GOOD))
    assert (
        study.n == 60
        and study.patients.forms == pytest.approx({"RRMS": 0.7, "SPMS": 0.3})
        and study.patients.lost == 0.1
    )
    assert study.priors["expectation_physical"].a == 0.2 and study.priors["recall_bias"] == packaged()["recall_bias"]
    assert study.off == {"recall"} and study.published[0].estimate == -1.5


def test_a_constant_that_a_study_gives_itself_is_not_overruled_by_the_calibration(tmp_path):
    known = world(read_study(written(tmp_path, GOOD)), 1)
    assert known.constants["expectation_physical"].mean() == pytest.approx(0.2, abs=0.03)


def test_a_study_is_analysed_by_the_design_in_its_file(tmp_path):
    assert read_design(written(tmp_path, GOOD)) == read_study(tmp_path / "study.yaml").design


@pytest.mark.parametrize(
    "old, new, line, told",
    [
        ("strata: [form]", "strata: [site]", 9, "no stratum of simulated patients 'site'"),
        ("of: physical", "of: phsyical", 14, "no 'phsyical'; did you mean 'physical'"),
        ("of: relapse", "of: relapses", 14, "no 'relapses'; did you mean 'relapse'"),
        ("{RRMS: 70 %, SPMS: 30 %}", "{RRMS: 70 %, SMPS: 30 %}", 22, "no form 'SMPS'"),
        ("lost: 10 %", "lost: 99 %", 23, "lost of 99 %"),
        ("  expectation_physical:", "  expectation_physcal:", 25, "no constant 'expectation_physcal'"),
        ("kind: normal, a: 0.2, b: 0.1", "kind: beta, a: 0.2", 25, "a and b above zero"),
        ("off: [recall]", "off: [recal]", 26, "no layer 'recal'; did you mean 'recall'"),
        ("analysis: main, value", "analysis: man, value", 28, "no analysis 'man'; did you mean 'main'"),
        ("value: -1.5", "count: 5", 28, "a count 'of' so many, or a 'value'"),
        ("value: -1.5", "count: 50, of: 40", 28, "50 of 40"),
        ("patients:\n", "patients:\n  asked: [6 months, 1 month]\n", 22, "asked from later to sooner"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(tmp_path, old, new, line, told):
    assert old in GOOD
    with pytest.raises(InputError) as caught:
        read_study(written(tmp_path, GOOD.replace(old, new)))
    text = "\n".join(str(problem) for problem in caught.value.problems)
    assert told in text
    assert f"study.yaml:{line}: " in text


def test_all_that_is_wrong_is_said_at_once(tmp_path):
    text = (
        GOOD.replace("off: [recall]", "off: [recal]")
        .replace("lost: 10 %", "lost: 99 %")
        .replace("of: physical", "of: x")
    )
    with pytest.raises(InputError) as caught:
        read_study(written(tmp_path, text))
    assert len(caught.value.problems) == 3


def test_a_name_that_is_no_study_gets_those_that_are():
    with pytest.raises(InputError, match="did you mean 'chicago-2012'"):
        find_study("chicago-2021")


@pytest.mark.parametrize("name", packaged_names())
def test_a_named_study_has_sources_and_gives_all_that_it_asks_for(name):
    study = named_study(name)
    assert study.design.sources and study.published
    known = world(study, 1)
    for endpoint in study.design.endpoints:
        assert endpoint.variable in known.values and endpoint.variable in study.disease.variables


def test_circulations_from_a_table_take_the_place_of_drawn_ones(tmp_path):
    table = "opened [1],gradient before [mmHg],gradient after [mmHg]\n1,10,1\n0.5,10,6\n"
    (tmp_path / "changes.csv").write_text(table, encoding="utf-8")
    study = read_study(written(tmp_path, GOOD.replace("off: [recall]", "changes: changes.csv")))
    change = world(study, 1).change
    assert set(change.opened[..., 1].ravel()) == {0.5, 1.0}
    assert change.before.mean() == pytest.approx(1333.22, abs=0.1)


def test_a_table_of_circulations_is_refused_with_every_problem(tmp_path):
    path = tmp_path / "changes.csv"
    path.write_text("opened [1],gradient before [mmHg]\n", encoding="utf-8")
    with pytest.raises(InputError, match="no column 'gradient after"):
        read_table(path)
    path.write_text("opened [1],gradient before [mmHg],gradient after [mmHg]\n2,x,1\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_table(path)
    assert [problem.where for problem in caught.value.problems] == [f"{path}:2"] * 2


def test_a_study_is_read_by_a_path_in_words_and_a_name_that_none_has_is_refused():
    assert read_study(str(Path(__file__).parents[3] / "cases" / "studies" / "sham-mmrm.yaml")).name
    with pytest.raises(InputError, match="did you mean 'albany-2012'"):
        named_study("albny-2012")
