"""The report: one file, whole, readable without anything beside it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from importlib.metadata import version
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from test_cli import azygos

from azygos import look
from azygos.body.body import Body
from azygos.engine.solve import Numerics
from azygos.instruments.manometry import Manometry
from azygos.instruments.venography import Venography
from azygos.report.document import report
from azygos.report.figures import INK, pull_back
from azygos.report.look_venography import calibres
from azygos.report.sources import Use
from azygos.therapy.conduct import conduct
from azygos.therapy.device import Balloon
from azygos.therapy.procedure import Treatment, treat
from azygos.therapy.protocol import angioplasty

LESION = "ijv_r: 80 % area at 0.5, 20 mm"
EMPTY = {"meta", "br", "img", "link", "hr", "input"}


class Outline(HTMLParser):
    """The elements of a page: those left open, and all the addresses in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "action")]
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "action")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def treatment() -> Treatment:
    return treat(Body.reference().with_lesion(LESION), balloon=Balloon(recoil=0.95))


@pytest.fixture(scope="module")
def page(treatment: Treatment) -> str:
    return report(treatment)


def drawings(page: str) -> Iterator[str]:
    yield from re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)


def test_the_report_needs_nothing_beside_it(page: str) -> None:
    outline = Outline(page)
    assert outline.open == []
    assert all(address.startswith(("#", "data:image/png;base64,")) for address in outline.addresses)
    assert set(re.findall(r"https?://[^\"' <)]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert "<script" not in page and "@import" not in page and "url(http" not in page


def test_the_report_says_what_it_is_and_what_it_does_not_say(page: str) -> None:
    assert "Simulated, for research and teaching, not for care." in page
    assert "Whether a blocked vein causes a symptom is not assumed" in page


def test_the_report_warns_of_what_stays_narrow(page: str, treatment: Treatment) -> None:
    (sentence,) = treatment.left_narrow
    assert f'<p class="warning">{sentence}</p>' in page


def test_a_lesion_to_which_nothing_was_done_is_told_without_a_gap() -> None:
    body = Body.reference().with_lesion("common_carotid_l: 60 % area at 0.5, 10 mm")
    looks = {"venography": Venography(exact=True, injections=()), "manometry": Manometry(exact=True)}
    procedure = conduct(body, angioplasty(), **looks, seed=None, sham=True)
    found = procedure.with_stage(replace(procedure.treatment.stages[0], name="follow-up"))
    page = report(found.treatment, found, said=["The patient died on day 57."])
    assert "Left common carotid artery: by the follow-up narrowing from 37 to 37 % of diameter" in page
    assert "Treatment of narrowed arteries" in page and "The patient died on day 57." in page
    assert "Complications were not drawn: no seed was given." in page


def test_the_report_shows_every_reading_of_every_stage(page: str, treatment: Treatment) -> None:
    for _, rows in treatment.table():
        for _, cells in rows:
            assert "".join(f"<td>{cell}</td>" for cell in cells) in page


def test_every_picture_is_well_formed_and_takes_the_colour_of_the_page(page: str) -> None:
    found = list(drawings(page))
    assert len(found) == 4  # the body, the pull-back, the area, the beat
    for drawing in found:
        ElementTree.fromstring(drawing)
        assert "currentColor" in drawing and INK not in drawing and "<text" in drawing


def test_what_a_picture_refers_to_is_its_own(page: str) -> None:
    """Drawings share one page: a name defined twice would let one draw with the other's marks."""
    names = re.findall(r' id="([^"]+)"', page)
    assert len(names) == len(set(names))
    for reference in re.findall(r"(?:url\(#|href=\"#)([^)\"]+)", page):
        assert reference in names


def test_pictures_name_their_axes_with_units(page: str) -> None:
    for words in ("mean pressure [mmHg]", "mean area [mm²]", "flow [mL/min]", "time in the beat [s]", "[cm]"):
        assert words in page


def test_a_report_is_the_same_when_it_is_made_again(page: str, treatment: Treatment) -> None:
    assert report(treatment) == page


@pytest.mark.parametrize(
    ("lesions", "pictures"),
    [
        ((), 4),
        (("azygos: 80 % diameter at 0.5, 30 mm",), 4),
        (("transverse_sinus_l: 80 % diameter at 0.5, 30 mm", "ijv_l: 70 % area at 0.2, 10 mm"), 7),
        (("ijv_l: 70 % area at 0.2, 10 mm", "ijv_l: 70 % area at 0.8, 10 mm"), 4),
        (("aorta_ascending_1: 97 % area at 0.5, 3 mm",), 4),
    ],
)
def test_any_treatment_has_a_report(lesions: tuple[str, ...], pictures: int) -> None:
    page = report(treat(Body.reference().with_lesion(*lesions)))
    assert Outline(page).open == []
    assert len(list(drawings(page))) == pictures
    assert ("Froude number" in page.partition("<h2>")[0]) == any("aorta" in lesion for lesion in lesions)


def test_a_body_without_places_is_not_drawn(treatment: Treatment) -> None:
    known = Body.reference()
    lost = Body(name="<elsewhere>", healthy=known.healthy, places={}, kinds=known.kinds)
    page = report(treat(lost.with_lesion(LESION), numerics=Numerics(tolerance=1e-2)))
    assert len(list(drawings(page))) == 3
    assert "&lt;elsewhere&gt;" in page


def test_the_command_line_writes_the_report_into_a_directory(tmp_path: Path) -> None:
    out = tmp_path / "not" / "yet"
    for _ in range(2):  # the second replaces the first and leaves other files alone
        done = azygos("treat", "--lesion", LESION, "--out", out)
        assert done.returncode == 0 and done.stderr == ""
        (out / "mine.txt").touch()
    assert done.stdout.rstrip().endswith(f"Report: {out / 'report.html'}")
    written = ["mine.txt", "report.html", "sources.json", "treatment.json"]
    assert sorted(entry.name for entry in out.iterdir()) == written
    assert (out / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")


def test_a_second_report_in_a_directory_leaves_nothing_of_the_first_beside_it(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    (tmp_path / "dicom" / "before").mkdir(parents=True)
    left = ("report.pdf", "look.pdf", "mri_01.svg", "dicom/before/venogram.dcm", "dicom/before/mine.txt")
    for name in left:
        (tmp_path / name).touch()
    assert azygos("treat", "--out", tmp_path).returncode == 0
    assert [name for name in left if (tmp_path / name).exists()] == ["look.pdf", "mri_01.svg", "dicom/before/mine.txt"]
    assert azygos("look", "reference", "--with", "manometry", "--out", tmp_path).returncode == 0
    assert [name for name in left if (tmp_path / name).exists()] == ["dicom/before/mine.txt"]
    assert (tmp_path / "mine.txt").exists() and (tmp_path / "manometry_01.svg").exists()


def test_a_treatment_with_looks_shows_them_before_and_at_follow_up(tmp_path: Path) -> None:
    words = ("--seed", "1", "--look", "ultrasound,manometry", "--follow-up", "180 day", "--out", str(tmp_path))
    done = azygos("treat", "--lesion", LESION, *words)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    titles = re.findall(r"<h2>(.*?)</h2>", page)
    order = [
        next(i for i, title in enumerate(titles) if title.startswith(word))
        for word in ("Looked at, before", "Procedure", "What the operator saw: first venogram",
                     "What the operator saw: final venogram", "Looked at, at follow-up", "Stages")
    ]  # fmt: skip
    assert order == sorted(order)
    for title in ("B-mode: right internal jugular vein", "Doppler spectrum", "Venogram: contrast", "Pull-back: right"):
        assert title in page
    whole = json.loads((tmp_path / "treatment.json").read_text(encoding="utf-8"))
    before, after = whole["looks"]
    assert (before["when"], after["when"]) == ("before", "at follow-up")
    assert {recording["instrument"] for recording in before["recordings"]} == {"ultrasound", "manometry"}
    values = [[r["value"] for r in one["recordings"][1]["readings"]] for one in (before, after)]
    assert values[0] != values[1]
    assert "look, before" in done.stdout and "look, at follow-up" in done.stdout


def looking(out: Path) -> subprocess.Popen[str]:
    """A treatment with looks in a process of its own, begun, in a group that hears Ctrl-C as of a terminal."""
    command = [
        sys.executable,
        "-m",
        "azygos.cli.main",
        "treat",
        "--lesion",
        LESION,
        "--look",
        "ultrasound,mri",
        "--out",
    ]
    process = subprocess.Popen(
        [*command, str(out)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()  # the tree: the patient is about to be looked at
    return process


@pytest.mark.skipif(sys.platform == "win32", reason="no process group hears a signal there")
@pytest.mark.parametrize("later", [0.05, 0.5, 1.0])
def test_ctrl_c_ends_a_treatment_with_looks_at_any_moment(tmp_path: Path, later: float) -> None:
    process = looking(tmp_path / "out")
    time.sleep(later)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130 and errors == "interrupted; nothing was written\n"
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="children are found in /proc")
def test_a_look_whose_process_is_killed_is_told_in_a_sentence(tmp_path: Path) -> None:
    process = looking(tmp_path / "out")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    found: list[str] = []
    while not found and process.poll() is None:
        time.sleep(0.02)
        tasks = (child for child in children.read_text().split() if Path(f"/proc/{child}/cmdline").exists())
        found = [child for child in tasks if "spawn_main" in Path(f"/proc/{child}/cmdline").read_text()]
    os.kill(int(found[0]), signal.SIGKILL)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1 and "the process that looks at the patient has ended" in errors
    assert "Traceback" not in errors and not (tmp_path / "out").exists()


def test_what_cannot_be_looked_at_is_said_before_anything_is_solved(tmp_path: Path) -> None:
    done = azygos("treat", "--lesion", LESION, "--look", "ultrasond,mri", "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert done.stderr.strip() == "no instrument 'ultrasond'; did you mean 'ultrasound'?"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("vein", "stretches"),
    [
        ("transverse_sinus_r", "sagittal sinus, transverse, sigmoid, internal jugular, brachioceph., cava, atrium"),
        ("ijv_l", "sagittal sinus, transverse, sigmoid, internal jugular, brachioceph., cava, atrium"),
        ("azygos", "azygos, cava, atrium"),
        ("common_iliac_vein_l", "common iliac vein l, ivc lower, ivc renal, ivc hepatic, ivc upper, atrium"),
    ],
)
def test_a_pull_back_through_a_vein_leaves_out_no_vessel_on_the_way_to_the_heart(vein: str, stretches: str) -> None:
    (axes,) = pull_back(treat(Body.reference().with_lesion(f"{vein}: 60 % area at 0.5, 10 mm")), vein).axes
    assert ", ".join(text.get_text() for text in axes.texts) == stretches


def test_a_pull_back_through_an_artery_goes_from_the_heart_through_arteries_alone() -> None:
    figure = pull_back(
        treat(Body.reference().with_lesion("common_carotid_r: 60 % area at 0.5, 10 mm")), "common_carotid_r"
    )
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.texts][-1] == "common carotid r"
    assert all("aort" in name or "brachioceph" in name for name in [text.get_text() for text in axes.texts][:-1])
    assert "from the heart" in axes.get_xlabel()


def test_a_report_tells_the_recoil_the_day_of_the_follow_up_and_its_version(tmp_path: Path) -> None:
    done = azygos(
        "treat", "--lesion", LESION, "--recoil", "45 %", "--follow-up", "6 months", "--repeat", "--out", tmp_path
    )
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "The recoil after a balloon, 45 % of the gain in a stenosis, and" in page
    assert "The follow-up is on day 183 after the procedure; what had closed by a visit was opened again." in page
    assert "Lesion: right internal jugular vein: stenosis taking 80 % of the area" in page
    assert f"azygos {version('azygos')}" in page


def test_a_report_ends_with_what_its_numbers_rest_on_and_what_is_assumed(treatment: Treatment) -> None:
    uses = [
        Use(group="veins and sinuses", what="ijv_r: diameter", source="Holmlund 2017"),
        Use(group="heart", what="right_atrium: timing", source="Liang 2009 (tables); start assumed"),
    ]
    end = report(treatment, uses=uses).partition("What the numbers rest on")[2]
    assert "2 publications, and what is assumed" in end and end.index("Holmlund 2017") < end.index("Assumed, wholly")
    assert "right internal jugular vein: diameter" in end


def test_titles_of_panels_do_not_meet_the_axes_above() -> None:
    figure = calibres(look(Body.reference(), "ivus").recordings[0])
    figure.canvas.draw()
    panels = [axes for axes in figure.axes if axes.get_title()]
    spaces = [axes.get_tightbbox() for axes in panels]
    assert any("\n" in axes.get_title() for axes in panels)
    assert not any(a.overlaps(b) for a, b in combinations(spaces, 2))
