"""What a notebook shows of the main objects: HTML that needs nothing beside it, says what it is and has its picture."""

import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

import azygos
from azygos.exchange.cohort import named_cohort
from azygos.exchange.design import read_design
from azygos.exchange.study_data import read_study_data
from azygos.instruments.examination import Plan
from azygos.instruments.manometry import Manometry
from azygos.statistics.proportion import proportion_interval, proportion_test
from azygos.study.analysis import analyse

ROOT = Path(__file__).parents[2]
VOID = {"meta", "img", "br", "hr", "link", "input"}


class Tags(HTMLParser):
    """The tags that are open; every end tag must close the last of them."""

    def __init__(self):
        super().__init__()
        self.open, self.outside = [], []

    def handle_starttag(self, tag, attributes):
        self.outside += [v for k, v in attributes if k in ("src", "href") and not str(v).startswith(("data:", "#"))]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.outside += [v for k, v in attributes if k in ("src", "href") and not str(v).startswith(("data:", "#"))]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def shown(thing):
    """The HTML of an object, which is sound and asks for nothing outside."""
    html = thing._repr_html_()
    tags = Tags()
    tags.feed(html)
    assert tags.open == [] and tags.outside == []
    assert "prefers-color-scheme" not in html and "color: inherit" in html  # the colours of whatever page it is in
    return html


@pytest.fixture(scope="module")
def body():
    return azygos.Body.reference().with_lesion("ijv_l: 80 % area at 0.5, 20 mm")


@pytest.fixture(scope="module")
def solution(body):
    return azygos.simulate(body)


def test_a_body_shows_its_map_its_lesions_and_its_name_letter_by_letter(body):
    html = shown(replace(body, name="<b>bold</b>"))
    assert "<b>" not in html and "&lt;b&gt;bold" in html
    assert "ijv_l: 80 % area at 0.5, 20 mm" in html and "data:image/png;base64," in html
    assert "Simulated, for research and teaching" in html and len(html) < 200_000


def test_a_solution_shows_how_it_went_and_pressure_and_flow_with_their_units(solution):
    html = shown(solution)
    assert "ok: " in html and "mean pressure [mmHg]" in html and "<svg" in html
    assert f"{solution.mean_pressure_mmhg('ijv_r'):.1f}" in html
    assert "left internal jugular vein, before" in html  # of a vein with a lesion the piece above it
    assert f"{solution.mean_pressure_mmhg('ijv_l.before'):.1f}" in html


def test_an_examination_shows_what_fired_and_a_picture(body, solution):
    plan = Plan(instruments={"manometry": Manometry(exact=True)}, posture="supine", is_exact=True)
    found = plan.examined(body, {"supine": solution})
    fired = [finding for finding in found.findings if finding.fired]
    html = shown(found)
    assert f"manometry; {len(fired)} of {len(found.findings)} findings by published rules fired" in html
    assert "<svg" in html


def test_an_analysis_shows_its_answer_in_words_and_its_forest_plot():
    folder = ROOT / "cases/studies-data/sham"
    design = read_design(folder / "design.yaml")
    found = analyse(design, read_study_data(folder, design, folder / "dictionary.yaml"))
    html = shown(found)
    assert found.primary[0].sentence[:40] in html and "<svg" in html


def test_a_cohort_shows_where_its_numbers_come_from():
    cohort = named_cohort("ms-ccsvi")
    html = shown(cohort)
    assert "PMC3814563" in html and f"{len(cohort.parameters)} parameters" in html


def test_a_fit_shows_its_factors_and_what_the_measurements_did_not_tell(tmp_path):
    file = tmp_path / "clinic.csv"
    file.write_text("measure,value,unit,error,posture\nflow(ijv_r),420,mL/min,40,supine\n")
    names = ["ijv_r.diameter", "csf_outflow_resistance"]
    html = shown(azygos.fit(azygos.Body.reference(), azygos.read_measurements(file), names))
    assert "ijv_r.diameter" in html and "not determined" in html and "<svg" in html


def test_an_interval_and_a_test_show_their_numbers_and_method():
    assert "95 % interval 0.43" in shown(proportion_interval(48, 89)) and "clopper-pearson" in shown(
        proportion_interval(48, 89)
    )
    assert "p = " in shown(proportion_test(48, 89, p=0.5))


def test_that_objects_can_be_shown_makes_none_of_them_slower_to_import():
    code = "import sys, azygos; azygos.Body; assert not [m for m in sys.modules if m.startswith('azygos.report')]"
    subprocess.run([sys.executable, "-c", code], check=True)
