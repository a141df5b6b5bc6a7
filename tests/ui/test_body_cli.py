"""`azygos body` as a user meets it, and the drawing it makes."""

import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from azygos.body.body import Body
from azygos.body.catalogue import vessels
from azygos.body.network import Network
from azygos.errors import InputError
from azygos.report.map import COLOURS, GREY, circulation_map, map_svg, rendered

ROOT = Path(__file__).parents[2]
ADAN56 = ROOT / "cases" / "boileau2015" / "adan56.yaml"


def azygos(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "azygos.cli.main", "body", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=60, check=False)


def refused(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines of a refusal, after checking that it is one."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()


# list and show


def test_list_names_every_vessel_in_two_languages() -> None:
    done = azygos("list", "--json")
    assert done.returncode == 0 and done.stderr == ""
    listed = json.loads(done.stdout)["vessels"]
    assert [vessel["name"] for vessel in listed] == [vessel.name for vessel in vessels()]
    keys = {"name", "kind", "english", "latin", "note", "from", "to"}
    assert all(set(vessel) == keys for vessel in listed)


def test_list_can_be_asked_for_one_kind() -> None:
    done = azygos("list", "--kind", "sinus")
    assert done.returncode == 0
    assert "sinus rectus" in done.stdout and "vena azygos" not in done.stdout
    assert f"{len(vessels('sinus'))} vessels" in done.stdout


def test_the_page_of_vessels_is_what_the_tables_say() -> None:
    """After a change of the tables: `azygos body list --markdown`, into docs/vessels.md."""
    page = (ROOT / "docs" / "vessels.md").read_text(encoding="utf-8")
    assert page.endswith("\n\n" + azygos("list", "--markdown").stdout)
    assert "(body.svg)" in page and (ROOT / "docs" / "body.svg").is_file()


def test_show_says_a_vessels_numbers_with_units_and_sources() -> None:
    done = azygos("show", "ijv_l")
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.startswith("ijv_l: left internal jugular vein (vena jugularis interna sinistra), a vein\n")
    assert re.search(r"length +169\.6 +mm +ADAN-86", done.stdout)  # as the table of veins has it


def test_show_prints_one_json_object() -> None:
    done = azygos("show", "azygos", "--json")
    shown = json.loads(done.stdout)
    assert shown["latin"] == "vena azygos"
    assert all(set(fact) == {"quantity", "value", "unit", "source"} for fact in shown["facts"])


def test_a_misspelt_vessel_is_refused_with_close_matches() -> None:
    (line,) = refused(azygos("show", "ijv_left"))
    assert line.startswith("no vessel 'ijv_left'; did you mean") and "'ijv_l'" in line


# check


def test_check_says_that_nothing_is_wrong() -> None:
    done = azygos("check", ADAN56)
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.endswith("nothing wrong\n")
    assert json.loads(azygos("check", ADAN56, "--json").stdout)["problems"] == []


def test_check_lists_every_problem_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    text = ADAN56.read_text(encoding="utf-8")
    assert text.count("\nperiod:") == 1 and text.count("\nlinks:") == 1
    file.write_text(text.replace("\nperiod:", "\nperoid:").replace("\nlinks:", "\nlinsk:"), encoding="utf-8")
    done = azygos("check", file)
    assert done.returncode == 2 and done.stderr == ""
    assert "peroid" in done.stdout and "linsk" in done.stdout
    assert done.stdout.splitlines() == json.loads(azygos("check", file, "--json").stdout)["problems"]


# draw


def test_draw_writes_the_reference_adult(tmp_path: Path) -> None:
    done = azygos("draw", "--out", "me.svg", cwd=tmp_path)
    assert done.returncode == 0 and done.stdout == "Drawing: me.svg\n" and done.stderr == ""
    text = (tmp_path / "me.svg").read_text(encoding="utf-8")
    assert ElementTree.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"
    assert "internal jugular vein" in text and "<dc:date>" not in text
    assert [path.name for path in tmp_path.iterdir()] == ["me.svg"]


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".pdf", b"%PDF")])
def test_draw_writes_what_the_suffix_says(tmp_path: Path, suffix: str, start: bytes) -> None:
    out = tmp_path / f"me{suffix}"
    assert azygos("draw", "--out", out).returncode == 0
    assert out.read_bytes().startswith(start)


def test_draw_says_all_that_is_wrong_at_once(tmp_path: Path) -> None:
    lines = refused(azygos("draw", ADAN56.with_name("nothing.yaml"), "--out", tmp_path / "none" / "me.gif"))
    assert len(lines) == 3
    assert "names no format of a picture; end it in .svg, .png or .pdf" in lines[0]
    assert "there is no directory" in lines[1] and "nothing.yaml" in lines[2]


def test_a_network_whose_nodes_lie_nowhere_is_not_drawn(tmp_path: Path) -> None:
    (line,) = refused(azygos("draw", ADAN56, "--out", tmp_path / "me.svg"))
    assert "it is not known where 78 of its nodes lie" in line
    assert list(tmp_path.iterdir()) == []


# the picture itself


@pytest.fixture(scope="module")
def body() -> Body:
    return Body.reference()


@pytest.fixture(scope="module")
def plain(body: Body) -> Figure:
    return circulation_map(body)


def ribbons(figure: Figure, panel: int = 0) -> list[Polygon]:
    """The vessels' shapes in one of the picture's windows: whole body, head and neck, chest."""
    patches = [patch for patch in figure.axes[panel].patches if isinstance(patch, Polygon)]
    return [patch for patch in patches if 1.0 <= patch.get_zorder() < 3.0]


def colours(shapes: list[Polygon]) -> Counter[str]:
    return Counter(to_hex(shape.get_facecolor()) for shape in shapes)


def test_the_picture_is_the_same_at_every_call(body: Body, plain: Figure) -> None:
    assert map_svg(body).encode("utf-8") == rendered(plain, "svg")


def test_every_vessel_is_in_the_picture_in_the_colour_of_its_kind(body: Body, plain: Figure) -> None:
    assert colours(ribbons(plain)) == {COLOURS[kind]: count for kind, count in Counter(body.kinds.values()).items()}


def test_a_sinus_is_told_from_a_vein_without_its_colour(body: Body, plain: Figure) -> None:
    along = [line for line in plain.axes[0].lines if line.is_dashed() and line.get_zorder() < 3.0]
    in_legend = 1
    assert len(along) - in_legend == list(body.kinds.values()).count("sinus")


def test_a_vessel_is_as_wide_as_it_is(body: Body) -> None:
    """The right internal jugular vein half way down the neck, measured across in the picture of head and neck."""
    figure = circulation_map(body, values={"ijv_r": 1.0})
    (ribbon,) = [shape for shape in ribbons(figure, 1) if to_hex(shape.get_facecolor()) != GREY]
    outline = ribbon.get_xy()
    near = outline[abs(outline[:, 1] - 22.0) < 1.2]
    width = near[:, 0].max() - near[:, 0].min()  # [cm]; the vein stands a little aslant
    assert width == pytest.approx(100.0 * sum(body.healthy.vessel("ijv_r").radius), rel=0.15)


def test_values_colour_vessels_and_a_vessel_without_one_is_grey(body: Body) -> None:
    values = {"ijv_l": 0.0, "ijv_r": 10.0, "azygos": float("nan")}
    figure = circulation_map(body, values=values, label="pressure [mmHg]", limits=(0.0, 20.0), colours="viridis")
    low, middle = (to_hex(matplotlib.colormaps["viridis"](share)) for share in (0.0, 0.5))
    assert colours(ribbons(figure)) == {low: 1, middle: 1, GREY: len(body.healthy.vessels) - 2}
    assert "pressure [mmHg]" in [axes.get_xlabel() for axes in figure.axes[0].child_axes]


def test_a_lesion_is_ringed_and_its_piece_has_a_value_of_its_own(body: Body) -> None:
    narrowed = body.with_lesion("ijv_r: 80 % area at 0.5, 20 mm")
    figure = circulation_map(narrowed, values={"ijv_r": 0.0, "ijv_r.lesion": 1.0})
    (ring,) = [line for line in figure.axes[1].lines if line.get_markersize() == 15]
    top, bottom = body.places["jugular_bulb_r"][1], body.places["ijv_end_r"][1]
    assert ring.get_ydata()[0] == pytest.approx(50.0 * (top + bottom), abs=0.5)  # half way between [cm]
    assert sorted(colours(ribbons(figure, 1)).values())[:2] == [1, 2]  # the lesion, and the vein before and behind it


def test_a_small_person_is_drawn_as_tall_as_any(plain: Figure) -> None:
    small = circulation_map(Body.reference(height=1.50))
    tops = [max(shape.get_xy()[:, 1].max() for shape in ribbons(figure)) for figure in (plain, small)]
    assert tops[0] == pytest.approx(tops[1], abs=0.3)  # [cm]; vessels of the skull keep their width


def test_a_network_with_unknown_nodes_is_refused(body: Body) -> None:
    vessel = replace(body.healthy.vessel("ijv_r"), start="nowhere")
    with pytest.raises(InputError, match=r"network 'strange': it is not known where 1 of its nodes lie: 'nowhere'"):
        circulation_map(Network(name="strange", vessels=(vessel,)))


def test_a_part_of_the_circulation_can_be_drawn(body: Body) -> None:
    part = Network(name="a jugular vein", vessels=(body.healthy.vessel("ijv_r"),))
    assert colours(ribbons(circulation_map(part))) == {COLOURS["vein"]: 1}
