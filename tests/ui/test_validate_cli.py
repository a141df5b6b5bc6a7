"""`azygos validate` as a user meets it, and what is said of a case that cannot be read."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from azygos.errors import InputError
from azygos.exchange.case import Settings, read_case, read_cases
from azygos.report.validation import shown
from azygos.units import mmHg
from azygos.validate import cases_directory

KEYS = ["target", "source", "unit", "band", "value", "in_band"]

CASE = """\
format: azygos-case/1
publication:
  citation: Somebody 2020, A study, Journal 1:2
  doi: 10.1000/1
group: brain and neck, flow
settings: {posture: supine}
targets:
  cerebral inflow:
    measure: flow(internal_carotid_r) + flow(internal_carotid_l) + flow(vertebral_r) + flow(vertebral_l)
    unit: mL/min
    band: [1, 10000]
    basis: any adult's
  a jugular vein like a hose:
    measure: flow(ijv_r)
    unit: L/min
    band: [10, 20]
    basis: nobody's
    miss: no vein carries that much
"""


def azygos(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "azygos.cli.main", "validate", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    (tmp_path / "somebody2020").mkdir()
    (tmp_path / "somebody2020" / "flow.yaml").write_text(CASE, encoding="utf-8")
    (tmp_path / "network.yaml").write_text("format: azygos-network/1\n", encoding="utf-8")  # not a case: passed over
    return tmp_path


def refused(text: str, tmp_path: Path) -> list[str]:
    """What is said of a case that is wrong, line by line, without the file's name."""
    file = tmp_path / "case.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        read_case(file)
    return [str(problem).removeprefix(f"{file}:") for problem in refusal.value.problems]


# the command


def test_json_is_a_list_of_targets_with_band_and_value(cases: Path) -> None:
    done = azygos("--cases", cases, "--json")
    assert done.returncode == 0 and done.stderr == ""
    inflow, hose = json.loads(done.stdout)
    assert list(inflow)[: len(KEYS)] == KEYS
    assert inflow["target"] == "cerebral inflow" and inflow["unit"] == "mL/min" and inflow["band"] == [1.0, 10000.0]
    assert 200.0 < inflow["value"] < 2000.0 and inflow["in_band"] is True
    assert inflow["source"] == "Somebody 2020, A study, Journal 1:2, doi 10.1000/1"
    assert hose["in_band"] is False and hose["value"] < 10.0 and hose["note"] == "no vein carries that much"


def test_a_value_outside_its_band_is_a_result_and_not_a_failure(cases: Path) -> None:
    done = azygos("--cases", cases)
    assert done.returncode == 0 and done.stderr == ""
    assert "somebody2020" in done.stdout and " out " in done.stdout
    assert "1 of 2 inside their bands" in done.stdout


def test_the_page_shows_every_target_with_its_source_and_what_was_missed(cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = azygos("--cases", cases, "--out", out, "--cell-length", "30 mm")
    assert done.returncode == 0, done.stderr
    page = (out / "validation.md").read_text(encoding="utf-8")
    assert "**1 of 2 targets lie inside their bands.**" in page
    assert "- **a jugular vein like a hose**: no vein carries that much" in page
    assert "1. Somebody 2020, A study, Journal 1:2, doi 10.1000/1" in page
    drawing = (out / "validation" / "bands.svg").read_text(encoding="utf-8")
    assert drawing.startswith("<svg") and "cerebral inflow" in drawing
    assert not (out / "validation" / "waveforms.svg").exists() and "waveforms.svg" not in page  # nobody stood up


def test_what_the_body_does_not_have_is_said_with_the_line_before_anything_is_solved(cases: Path) -> None:
    file = cases / "somebody2020" / "flow.yaml"
    text = CASE.replace("flow(ijv_r)", "flow(ijv_right)").replace("flow(vertebral_r)", "flow(vertebral_t)")
    file.write_text(text, encoding="utf-8")
    done = azygos("--cases", cases)
    assert done.returncode == 2 and done.stdout == ""
    first, second = done.stderr.splitlines()
    assert first.startswith(f"{file}:9: no vessel or link 'vertebral_t'; did you mean 'vertebral_")
    assert second.startswith(f"{file}:14: no vessel or link 'ijv_right'; did you mean 'ijv_r'")


def test_everything_wrong_with_a_command_line_is_said_at_once(tmp_path: Path) -> None:
    done = azygos("--cases", tmp_path / "nowhere", "--cell-length", "10")
    assert done.returncode == 2 and done.stdout == "" and "Traceback" not in done.stderr
    assert "--cell-length: '10' has no unit" in done.stderr
    assert f"there is no directory '{tmp_path / 'nowhere'}'" in done.stderr


def test_a_directory_without_cases_is_refused(tmp_path: Path) -> None:
    done = azygos("--cases", tmp_path)
    assert done.returncode == 2
    assert done.stderr == f"there is no case in '{tmp_path}'; a case begins 'format: azygos-case/1'\n"


# cases


def test_the_cases_that_come_with_azygos_can_be_read_and_say_where_they_are_from() -> None:
    cases = read_cases(cases_directory())
    assert len(cases) > 10
    for case in cases:
        assert len(case.citation) > 20
        for target in case.targets:
            assert target.basis and target.group


def test_settings_and_group_hold_for_a_file_unless_a_target_has_its_own(tmp_path: Path) -> None:
    own = "    group: veins\n    settings: {posture: 30 deg, venous_rise: 2 mmHg}\n    measure: flow(ijv_r)"
    file = tmp_path / "case.yaml"
    file.write_text(CASE.replace("    measure: flow(ijv_r)", own).replace("supine", "upright"), encoding="utf-8")
    first, second = read_case(file).targets
    assert first.settings == Settings(posture=90.0) and str(first.settings) == "upright"
    assert second.settings == Settings(posture=30.0, venous_rise=2.0 * mmHg)
    assert str(second.settings) == "30 degrees up, right atrium +2.0 mmHg"
    assert (first.group, second.group) == ("brain and neck, flow", "veins")


def test_a_target_that_two_files_give_is_refused(cases: Path) -> None:
    (cases / "twice.yaml").write_text(CASE, encoding="utf-8")
    with pytest.raises(InputError, match="the target 'cerebral inflow' is given twice"):
        read_cases(cases)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("unit: L/min", "unit: mmHg", "15: the measure is a flow; '1 mmHg' is not a flow"),
        ("unit: L/min", "unit: furlong", "15: the measure is a flow; unknown unit 'furlong'"),
        ("band: [10, 20]", "band: [20, 10]", "16: a band from 20 to 10; give the lower bound first"),
        (
            "band: [10, 20]",
            "band: [10, nan]",
            "16: target 'a jugular vein like a hose': band should be a finite number",
        ),
        (
            "band: [10, 20]",
            "band: [10]",
            "16: target 'a jugular vein like a hose': band List should have at least 2 items",
        ),
        ("flow(ijv_r)", "flo(ijv_r)", "14: measure 'flo(ijv_r)': no function 'flo'; did you mean 'flow'?"),
        ("posture: supine", "posture: lying", "6: no posture 'lying'"),
        ("posture: supine", "posture: 120 deg", "6: no posture '120 deg'"),
        ("posture: supine", "venous_rise: 3", "6: '3' has no unit"),
        ("posture: supine", "postur: supine", "6: settings: unknown key 'postur'; did you mean 'posture'?"),
        ("    miss: no vein", "    mis: no vein", "18: target 'a jugular vein like a hose': unknown key 'mis'"),
        ("azygos-case/1", "azygos-case/2", "1: case: format should be 'azygos-case/1', got 'azygos-case/2'"),
        ("  doi: 10.1000/1", "  dio: 10.1000/1", "4: publication: unknown key 'dio'; did you mean 'doi'?"),
    ],
)
def test_what_is_wrong_with_a_case_is_said_with_its_line(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert any(line.startswith(said) for line in refused(CASE.replace(old, new), tmp_path)), said


def test_all_problems_of_a_case_are_said_at_once(tmp_path: Path) -> None:
    text = CASE.replace("flow(ijv_r)", "flo(ijv_r)").replace("[1, 10000]", "[5, 5]").replace("supine", "lying")
    assert [line.partition(":")[0] for line in refused(text, tmp_path)] == ["6", "11", "14"]


@pytest.mark.parametrize("text", ["format: azygos-case/1\n", "format: azygos-case/1\ntargets: 3\n", "[1, 2]\n", ""])
def test_a_case_with_nothing_in_it_is_refused(text: str, tmp_path: Path) -> None:
    assert refused(text, tmp_path)


@pytest.mark.parametrize(
    ("value", "text"),
    [(703.2, "703"), (0.0, "0"), (1.632, "1.63"), (-7.6, "−7.6"), (94.5, "94.5"), (math.nan, "no answer")],
)
def test_numbers_are_shown_with_three_digits(value: float, text: str) -> None:
    assert shown(value) == text
