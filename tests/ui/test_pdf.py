"""Reports on paper: every page of A4, headed and numbered, nothing cut, the same bytes again."""

import re
import shutil
import subprocess
import sys

import pytest

from azygos.cli.main import main
from azygos.errors import InputError
from azygos.report.page import render
from azygos.report.pdf import check_library, pdf
from azygos.report.sketch import Sketch

try:
    check_library()
except InputError as error:  # the library, or the Pango it needs
    pytest.skip(str(error), allow_module_level=True)
A4 = (595.3, 841.9)  # points


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main(list(map(str, arguments)))
    return ended.value.code


def words(path):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed: apt-get install poppler-utils")
    return subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def audit(tmp_path_factory):
    out = tmp_path_factory.mktemp("audit")
    assert run("audit", "sir-2012", "--out", out, "--pdf") == 0
    return out / "audit.pdf"


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    out = tmp_path_factory.mktemp("trial")
    assert run("trial", "run", "chicago-2012", "--repeats", "20", "--out", out, "--pdf") == 0
    return out / "report.pdf"


def test_pages_are_a4_headed_and_numbered(trial):
    pages = words(trial).split("\f")[:-1]
    assert len(pages) > 3
    assert "Clopper and Pearson" in (trial.parent / "sources.json").read_text()
    for number, page in enumerate(pages, start=1):
        assert "Simulated, for research and teaching" in page
        assert f"page {number} of {len(pages)}" in page
    sizes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", trial.read_bytes())
    assert all((float(w), float(h)) == pytest.approx(A4, abs=0.5) for w, h in sizes)


def test_what_is_folded_on_a_screen_is_read_on_paper(trial):
    said = words(trial)
    assert "untreated relapse rate" in said  # among the constants
    assert "format: azygos-study/1" in said  # the study's file


def test_an_audit_which_is_of_real_numbers_is_not_called_simulated(audit):
    said = words(audit)
    assert "Published numbers recomputed" in said and "Simulated" not in said


WIDE = """{% extends "base.html.j2" %}{% block body %}<h1>wide</h1><div class="scroll"><table><thead><tr>
{% for i in columns %}<th>heading {{ i }}</th>{% endfor %}</tr></thead><tbody>{% for j in rows %}<tr>
{% for i in columns %}<td>row {{ j }} number {{ i }}</td>{% endfor %}</tr>{% endfor %}</tbody></table></div>
{% endblock %}"""


def test_a_wide_and_long_table_is_not_cut_and_its_headings_stand_on_every_page(tmp_path):
    import jinja2

    loader = jinja2.PackageLoader("azygos.report", ".")
    template = jinja2.Environment(loader=loader).from_string(WIDE)
    (tmp_path / "wide.pdf").write_bytes(pdf(template.render(columns=range(9), rows=range(80))))
    pages = words(tmp_path / "wide.pdf").split("\f")[:-1]
    flat = " ".join(" ".join(pages).split())
    assert len(pages) > 1 and all("heading" in page for page in pages)
    assert len(re.findall(r"\brow\b", flat)) == 720


@pytest.mark.parametrize("anchor", ["start", "middle", "end"])
def test_faint_words_of_a_drawing_are_seen_on_paper(tmp_path, anchor):
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm is not installed: apt-get install poppler-utils")
    sketch = Sketch(width=400, height=100)
    sketch.text(200, 50, "WORDS", anchor=anchor, size=30, opacity=0.7)
    (tmp_path / "page.pdf").write_bytes(pdf(sketch.svg("words")))
    subprocess.run(["pdftoppm", "-gray", "-r", "20", tmp_path / "page.pdf", tmp_path / "page"], check=True)
    (image,) = tmp_path.glob("*.pgm")
    assert min(image.read_bytes()[15:]) < 160


def test_the_same_page_gives_the_same_bytes():
    html = render("view.html.j2", title="once", said=["more"], picture="", headings=[], rows=[], more=0, simulated="")
    assert pdf(html) == pdf(html)


def test_nothing_beside_the_page_is_read(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    from weasyprint.urls import FatalURLFetchingError

    with pytest.raises(FatalURLFetchingError):
        pdf(f'<img src="file://{tmp_path}/secret.txt">')


def test_a_pdf_without_a_directory_and_without_its_library_is_refused_in_a_sentence_each(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    assert run("audit", "sir-2012", "--pdf") == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "--pdf: it is written beside the report; name where: --out DIR"
    assert "pip install 'azygos[pdf]'" in said[1] and "browser" in said[1]


def test_dicom_without_its_library_is_refused_before_anything_is_solved(capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pydicom", None)
    assert run("look", "reference", "--dicom", "--out", tmp_path / "out") == 2
    assert "pip install 'azygos[dicom]'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
