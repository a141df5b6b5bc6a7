"""Lesions: reading them, refusing them, cutting them into a network."""

import math
from pathlib import Path

import pytest

from azygos.body.body import Body, Site
from azygos.body.check import problems_of
from azygos.body.lesion import (
    Stenosis,
    Stent,
    apply,
    area_narrowing,
    diameter_narrowing,
    pieces,
)
from azygos.body.lesion_text import parse_lesion, parse_lesions, written
from azygos.body.network import Expansion
from azygos.body.reference import reference_network
from azygos.body.wall import StentedWall, VeinWall
from azygos.errors import InputError
from azygos.exchange.native import read_network
from azygos.units import mmHg

CASES = Path(__file__).parents[2] / "cases"

LENGTHS = {"ijv_r": 0.18, "ijv_l": 0.17, "svc_upper": 0.02}
LESION = Stenosis(vessel="ijv_r", narrowing=0.8, at=0.5, length=0.02)


@pytest.mark.parametrize(
    "text",
    [
        "ijv_r: 80 % area at 0.5, 20 mm",
        "ijv_r: 80% area at 0.5, 2 cm",
        "  ijv_r :80%area at .5 ,20mm ",
    ],
)
def test_a_lesion_is_read_from_text(text: str) -> None:
    lesion = parse_lesion(text, LENGTHS)
    assert (lesion.vessel, lesion.narrowing, lesion.at) == ("ijv_r", 0.8, 0.5)
    assert lesion.length == pytest.approx(0.02, rel=1e-15)


def test_a_percentage_of_the_diameter_becomes_one_of_the_area() -> None:
    assert parse_lesion("ijv_r: 50 % diameter at 0.5, 20 mm", LENGTHS).narrowing == pytest.approx(0.75)
    assert diameter_narrowing(area_narrowing(0.3)) == pytest.approx(0.3)


def test_what_a_lesion_prints_reads_back_as_the_same_lesion() -> None:
    assert parse_lesion(str(LESION), LENGTHS) == LESION


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ijv_right: 80 % area at 0.5, 20 mm", "no vessel 'ijv_right'; did you mean 'ijv_r'"),
        ("ijv_r: 80 % at 0.5, 20 mm", "80 % of what?; write '80 % area' or '80 % diameter'"),
        ("ijv_r: 80 % radius at 0.5, 20 mm", "'radius' is neither 'area' nor 'diameter'"),
        ("ijv_r: 0.8 area at 0.5, 20 mm", "has no '%'"),
        ("ijv_r: 80 % area at 0.5, 20", "'20' has no unit"),
        ("ijv_r: 80 % area at 0.5, 20 mmHg", "'20 mmHg' is not a length"),
        ("ijv_r: 80 % area at 0.5", "no length"),
        ("ijv_r: 80 % area at 0.5, -20 mm", "not above zero"),
        ("ijv_r: 80 % area, 20 mm", "no place along the vessel"),
        ("ijv_r: 80 % area at 5 cm, 20 mm", "'at 5 cm' is no place along the vessel"),
        ("ijv_r: 80 % area at 1.5, 20 mm", "'at 1.5' is no place along the vessel"),
        ("ijv_r: 100 % area at 0.5, 20 mm", "not between 0 and 100 %"),
        ("ijv_r: -5 % area at 0.5, 20 mm", "not between 0 and 100 %"),
        ("ijv_r: area at 0.5, 20 mm", "no narrowing in"),
        ("svc_upper: 80 % area at 0.5, 30 mm", "the lesion is 30 mm long, its vessel 20 mm"),
        ("ijv_r: 80 % area at 0.02, 20 mm", "put its middle between"),
        ("ijv_r: 80 % area and more at 0.5, 20 mm", "'area and more' is neither 'area' nor 'diameter'"),
        ("ijv_r: 80 % area foo at 0.5, 20 mm", "'area foo' is neither 'area' nor 'diameter'"),
        ("ijv_r: about 80 % area at 0.5, 20 mm", "no kind of lesion 'about'; say one of stenosis, web"),
        ("ijv_r: webb 80 % area at 0.5, 2 mm", "no kind of lesion 'webb'; did you mean 'web'?"),
        ("ijv_r: web 80 % area at 0.5, 20 mm", "a web of 20 mm: a membrane is at most 5 mm long"),
        ("ijv_r: web 20 mmHg at 0.5, 2 mm", "a web takes a share of the lumen, not a pressure"),
        ("ijv_r: compression 80 % area at 0.5, 20 mm", "write it like 'compression 20 mmHg'"),
        ("ijv_r: hypoplasia 50 % diameter at 0.5, 20 mm", "a hypoplasia is the whole vessel"),
        ("ijv_r: 80 % area at 0.5 or so, 20 mm", "'at 0.5 or so' is no place along the vessel"),
        ("ijv_r: 80 % area at 0.5, 20 mm, extra", "', extra' after the length '20 mm' is not understood"),
        ("ijv_r: 80 % area at 0.5, 20 mm extra", "'extra' after the length '20 mm' is not understood"),
        ("ijv_r: 80 % area at 0.5, twenty mm", "expected a length, got 'twenty mm'"),
        ("ijv_r: 99.9999999 % area at 0.5, 20 mm", "99.9999999 % area leaves less than 0.1 % of the area open"),
        ("ijv_r: 97 % diameter at 0.5, 20 mm", "97 % diameter leaves less than 0.1 % of the area open"),
        ("ijv_r: 80 % area at 0.5, 1e-9 mm", "a length of 1e-9 mm is less than 0.5 mm"),
        ("ijv_r 80 % area at 0.5, 20 mm", "no ':'"),
        ("", "no ':'"),
    ],
)
def test_a_bad_lesion_is_refused_with_a_remedy(text: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        parse_lesion(text, LENGTHS)
    assert said in str(error.value)


def test_all_problems_of_all_lesions_are_said_at_once() -> None:
    with pytest.raises(InputError) as error:
        parse_lesions(["ijv_q: 80 % at 2, 20", "ijv_l: 120 % area at 0.5, 20 mm"], LENGTHS)
    assert len(error.value.problems) == 5


def test_lesions_that_overlap_are_refused() -> None:
    with pytest.raises(InputError, match="overlaps"):
        parse_lesions(["ijv_r: 80 % area at 0.5, 20 mm", "ijv_r: 50 % area at 0.55, 20 mm"], LENGTHS)


def test_a_lesion_made_in_python_is_checked_too() -> None:
    bad = Stenosis(vessel="ijv_r", narrowing=1.2, at=0.5, length=0.5)
    with pytest.raises(InputError) as error:
        Body.reference().with_lesion(bad)
    assert len(error.value.problems) == 3  # the narrowing as found, the present one, the length


def test_the_narrowest_and_shortest_lesion_is_accepted() -> None:
    lesion = parse_lesion("ijv_r: 99.9 % area at 0.5, 0.5 mm", LENGTHS)
    Body.reference().with_lesion(lesion)


def test_a_lesion_made_in_python_is_neither_a_membrane_nor_an_occlusion() -> None:
    bad = Stenosis(vessel="ijv_r", narrowing=1.0 - 1e-9, at=0.5, length=1e-12)
    with pytest.raises(InputError) as error:
        Body.reference().with_lesion(bad)
    assert [word in str(error.value) for word in ("an occlusion", "99.9999999 % area", "a membrane")] == [True] * 3


def test_splicing_keeps_the_vessels_length_and_ends() -> None:
    whole = reference_network().vessel("ijv_r")
    network = apply(reference_network(), [LESION])
    before, lesion, after = (network.vessel(f"ijv_r.{piece}") for piece in ("before", "lesion", "after"))
    assert before.length + lesion.length + after.length == pytest.approx(whole.length, rel=1e-14)
    assert lesion.length == pytest.approx(0.02, rel=1e-12)
    assert (before.start, after.end) == (whole.start, whole.end)
    assert (before.radius[0], after.radius[1]) == pytest.approx(whole.radius, rel=1e-14)
    assert lesion.radius[0] == pytest.approx(before.radius[1] * math.sqrt(0.2))
    assert isinstance(lesion.wall, VeinWall)
    assert problems_of(network) == []
    assert "ijv_r" not in {vessel.name for vessel in network.vessels}


def test_the_jet_is_lost_at_both_ends_of_a_lesion() -> None:
    network = apply(reference_network(), [LESION])
    jets = [link for link in network.links if isinstance(link, Expansion)]
    assert [(jet.before, jet.after) for jet in jets] == [
        ("ijv_r.before", "ijv_r.lesion"),
        ("ijv_r.lesion", "ijv_r.after"),
    ]
    for jet in jets:
        assert network.vessel(jet.before).end == jet.start
        assert network.vessel(jet.after).start == jet.end


def test_several_lesions_on_one_vessel_are_cut_from_upstream_to_downstream() -> None:
    second = Stenosis(vessel="ijv_r", narrowing=0.5, at=0.8, length=0.01)
    cut = pieces("ijv_r", 0.18, [second, LESION])
    assert [piece.name for piece in cut] == [
        "ijv_r.before", "ijv_r.lesion", "ijv_r.between", "ijv_r.lesion_2", "ijv_r.after",
    ]  # fmt: skip
    assert [piece.lesion for piece in cut if piece.lesion] == [LESION, second]
    assert sum(piece.end - piece.start for piece in cut) == pytest.approx(1.0)
    assert problems_of(apply(reference_network(), [second, LESION])) == []


def test_a_lesion_at_the_end_of_its_vessel_leaves_no_piece_behind_it() -> None:
    lesion = Stenosis(vessel="ijv_r", narrowing=0.5, at=1.0 - 0.01 / 0.18, length=0.02)
    assert [piece.name for piece in pieces("ijv_r", 0.18, [lesion])] == ["ijv_r.before", "ijv_r.lesion"]


def test_a_network_without_lesions_stays_as_it_is() -> None:
    network = reference_network()
    assert apply(network, []) is network


def test_a_stent_is_put_beside_the_wall_of_its_lesion() -> None:
    stented = LESION.stented(Stent(radius=5e-3, stiffness=5e3), residual=0.1)
    wall = apply(reference_network(), [stented]).vessel("ijv_r.lesion").wall
    assert isinstance(wall, StentedWall) and isinstance(wall.wall, VeinWall)
    assert (wall.stent_radius, wall.stiffness) == (5e-3, 5e3)


def test_a_balloon_changes_what_is_left_of_a_lesion_and_not_what_was_found() -> None:
    body = Body.reference().with_lesion(LESION)
    after = body.replacing(LESION, LESION.dilated(0.3))
    assert (after.lesions[0].narrowing, after.lesions[0].now) == (0.8, 0.3)
    wide, narrow = (b.network.vessel("ijv_r.lesion").radius[0] for b in (after, body))
    assert wide / narrow == pytest.approx(math.sqrt(0.7 / 0.2))
    with pytest.raises(InputError, match="no such lesion"):
        after.replacing(LESION, LESION)


def test_new_nodes_start_between_the_heads_and_heights_of_their_vessels_ends() -> None:
    body = Body.reference().with_posture("upright").with_lesion(LESION)
    network = body.network
    for values in (network.initial_head, network.heights):
        ends = sorted([values["jugular_bulb_r"], values["ijv_end_r"]])
        assert ends[0] < values["ijv_r.lesion.start"] < ends[1]


def test_places_above_and_below_a_lesion_have_names() -> None:
    body = Body.reference().with_lesion(LESION)
    assert body.above("ijv_r") == Site("ijv_r.before", 0.75)
    assert body.below("ijv_r") == Site("ijv_r.after", 0.25)
    assert (body.above("ijv_l"), body.below("ijv_l")) == (Site("ijv_l", 0.25), Site("ijv_l", 0.75))
    assert body.piece_of(LESION) == "ijv_r.lesion"
    assert body.site("ijv_r", 0.5) == Site("ijv_r.lesion", pytest.approx(0.5))
    assert body.site("ijv_r", 1.0) == Site("ijv_r.after", 1.0)
    with pytest.raises(InputError, match="did you mean"):
        body.above("ijv_q")


def test_a_pressure_on_a_part_of_a_vein_is_read_and_cut_in() -> None:
    press = parse_lesion("ijv_r: 20 mmHg at 0.5, 20 mm", LENGTHS)
    assert (press.narrowing, press.pressure) == (0.0, pytest.approx(20 * mmHg))
    assert parse_lesion(str(press), LENGTHS) == press
    whole = Body.reference()
    pressed = {v.name: v for v in whole.with_lesion(press).network.vessels}
    assert pressed["ijv_r.lesion"].external_pressure == pytest.approx(20 * mmHg)
    assert pressed["ijv_r.before"].external_pressure == pressed["ijv_r.after"].external_pressure == 0.0
    with pytest.raises(InputError, match="give one from 0 to 300 mmHg"):
        parse_lesion("ijv_r: 500 mmHg at 0.5, 20 mm", LENGTHS)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ijv_r: web 80 % area at 0.5, 2 mm", "web"),
        ("ijv_r: valve 80 % area at 0.95, 2 mm", "valve"),
        ("ijv_r: thrombus 60 % area at 0.5, 30 mm", "thrombus"),
        ("ijv_r: stenosis 60 % area at 0.5, 30 mm", "stenosis"),
        ("ijv_r: 60 % area at 0.5, 30 mm", "stenosis"),
        ("ijv_r: compression 20 mmHg at 0.1, 15 mm", "compression"),
        ("ijv_r: 20 mmHg at 0.1, 15 mm", "compression"),
        ("ijv_r: hypoplasia 50 % diameter", "hypoplasia"),
    ],
)
def test_a_word_says_what_a_lesion_is(text: str, kind: str) -> None:
    lesion = parse_lesion(text, LENGTHS)
    assert lesion.kind == kind
    assert parse_lesion(str(lesion), LENGTHS) == lesion == parse_lesion(written(lesion), LENGTHS)
    assert problems_of(Body.reference().with_lesion(text).network) == []


@pytest.mark.parametrize("share", [0.8, 0.75, 1 / 3])
def test_a_lesion_is_written_as_exactly_as_a_percentage_can_say(share: float) -> None:
    narrow = Stenosis(vessel="ijv_r", narrowing=share, at=share, length=0.02 * share)
    press = Stenosis(vessel="ijv_r", narrowing=0.0, at=share, length=0.02, pressure=1e4 * share, kind="compression")
    for lesion in (narrow, press):
        again = parse_lesion(written(lesion), LENGTHS)
        assert (again.at, again.kind) == (lesion.at, lesion.kind)
        assert (again.narrowing, again.pressure) == pytest.approx((lesion.narrowing, lesion.pressure), rel=4e-16)
        assert again.length == pytest.approx(lesion.length, rel=4e-16)


def test_a_hypoplastic_vein_is_one_piece_of_small_calibre() -> None:
    body = Body.reference().with_lesion("ijv_l: hypoplasia 50 % diameter")
    small, whole = body.network.vessel("ijv_l.lesion"), Body.reference().network.vessel("ijv_l")
    assert small.radius == pytest.approx((0.5 * whole.radius[0], 0.5 * whole.radius[1]))
    assert (small.start, small.end, small.length) == (whole.start, whole.end, pytest.approx(whole.length))
    assert [link for link in body.network.links if isinstance(link, Expansion)] == [
        link for link in Body.reference().network.links if isinstance(link, Expansion)
    ]


BOTH = ("ijv_l: hypoplasia 50 % diameter", "ijv_l: web 80 % area at 0.5, 2 mm")


@pytest.mark.parametrize("texts", [BOTH, BOTH[::-1]])
def test_a_lesion_in_a_hypoplastic_vein_takes_its_share_of_the_smaller_lumen(texts: tuple[str, ...]) -> None:
    body, whole = Body.reference().with_lesion(*texts), Body.reference().network.vessel("ijv_l")
    assert [piece.name for piece in body.pieces("ijv_l")] == ["ijv_l.before", "ijv_l.lesion", "ijv_l.after"]
    before, web, after = (body.network.vessel(piece.name) for piece in body.pieces("ijv_l"))
    assert (before.radius[0], after.radius[1]) == pytest.approx((0.5 * whole.radius[0], 0.5 * whole.radius[1]))
    middle = 0.5 * (whole.radius[0] + whole.radius[1])
    assert sum(web.radius) / 2 == pytest.approx(0.5 * math.sqrt(0.2) * middle, rel=1e-12)
    assert problems_of(body.network) == []


def test_a_hypoplasia_beside_another_lesion_has_a_name_and_ends_of_its_own() -> None:
    small, web = parse_lesions(BOTH, LENGTHS | Body.reference().lengths)
    body = Body.reference().with_lesion(small, web)
    assert (body.piece_of(small), body.piece_of(web)) == ("ijv_l.hypoplasia", "ijv_l.lesion")
    assert body.ends_of(small) == (Site("ijv_l.before", 0.0), Site("ijv_l.after", 1.0))
    assert body.ends_of(web) == (Site("ijv_l.before", 1.0), Site("ijv_l.after", 0.0))
    alone = Body.reference().with_lesion(small)
    assert alone.ends_of(small) == (Site("ijv_l.lesion", 0.0), Site("ijv_l.lesion", 1.0))


def test_a_stent_along_a_hypoplastic_vein_is_beside_the_wall_of_all_its_pieces() -> None:
    small, web = parse_lesions(BOTH, Body.reference().lengths)
    stented = small.stented(Stent(radius=5e-3, stiffness=5e3), residual=0.1)
    body = Body.reference().with_lesion(stented, web)
    assert all(isinstance(body.network.vessel(piece.name).wall, StentedWall) for piece in body.pieces("ijv_l"))


def test_lesions_of_different_kinds_lie_on_one_vessel() -> None:
    texts = ["ijv_r: compression 20 mmHg at 0.1, 15 mm", "ijv_r: web 80 % area at 0.9, 2 mm"]
    body = Body.reference().with_lesion(*texts, "ijv_r: hypoplasia 30 % diameter")
    assert [piece.lesion.kind for piece in body.pieces("ijv_r") if piece.lesion] == ["compression", "web"]
    assert problems_of(body.network) == []


def test_two_hypoplasias_of_a_vessel_and_what_closes_it_together_are_refused_at_once() -> None:
    texts = ["ijv_r: hypoplasia 50 % diameter", "ijv_r: hypoplasia 30 % diameter", "ijv_r: 99.8 % area at 0.5, 9 mm"]
    with pytest.raises(InputError) as error:
        parse_lesions(texts, LENGTHS)
    said = [str(problem) for problem in error.value.problems]
    assert len(said) == 2
    assert "the whole vessel is small already" in said[0]
    assert "leaves less than 0.1 % of the area open: an occlusion" in said[1]


def test_a_kind_that_is_none_is_refused_in_python_too() -> None:
    with pytest.raises(InputError, match="did you mean 'thrombus'"):
        Body.reference().with_lesion(Stenosis(vessel="ijv_r", narrowing=0.5, at=0.5, length=0.02, kind="trombus"))


def test_a_lesion_in_a_vessel_that_ends_in_a_widening_keeps_the_loss_at_the_piece_beside_it() -> None:
    network = read_network(CASES / "boileau2015" / "iliac_bifurcation.yaml")
    body = Body(name=network.name, healthy=network, places={}, kinds={})
    body = body.with_lesion("common_iliac_r: 50 % area at 0.5, 20 mm")
    before = {link.name: link.before for link in body.network.links if isinstance(link, Expansion)}
    assert (before["proximal_r"], before["proximal_l"]) == ("common_iliac_r.after", "common_iliac_l")
    assert problems_of(body.network) == []
