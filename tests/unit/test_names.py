"""The names of the vessels, their places, and what the catalogue reads out of the tables."""

import csv
from importlib import resources

import pytest

from azygos.body.catalogue import KINDS, Fact, entry, facts, vessels
from azygos.body.rows import kinds, places, table
from azygos.errors import InputError
from azygos.units import cm

VESSELS = [row["name"] for row in (*table("arteries"), *table("veins"))]
# Pairs by name that are no mirror images: the mouths of the two renal arteries lie at different heights of the aorta.
UNPAIRED = ("aorta_renal",)


def by_hand(name: str) -> list[list[str]]:
    """The cells of a table, read without the product's reader."""
    text = resources.files("azygos.body").joinpath("tables", f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.reader(text.splitlines()))


def found(vessel: str, quantity: str) -> Fact:
    (fact,) = [fact for fact in facts(vessel) if fact.quantity == quantity]
    return fact


# names


def test_every_vessel_has_its_names_and_no_name_is_without_a_vessel() -> None:
    assert [row["vessel"] for row in table("names")] == VESSELS
    assert all(row["english"].strip() and row["latin"].strip() for row in table("names"))


def test_no_two_vessels_have_the_same_english_name() -> None:
    english = [row["english"] for row in table("names")]
    assert len(set(english)) == len(english)


@pytest.mark.parametrize(
    ("side", "word", "endings"),
    [("_r", "right ", ("dextra", "dexter", "dextrae")), ("_l", "left ", ("sinistra", "sinister", "sinistrae"))],
)
def test_a_vessel_of_one_side_says_so_in_both_languages(side: str, word: str, endings: tuple[str, ...]) -> None:
    for row in table("names"):
        if row["vessel"].endswith(side):
            assert row["english"].startswith(word), row
            assert any(ending in row["latin"].replace(",", "").split() for ending in endings), row


def test_the_latin_side_agrees_with_its_noun_in_gender() -> None:
    sided = ("dextra", "dexter", "dextrae", "sinistra", "sinister", "sinistrae")
    forms = {"arteria": ("dextra", "sinistra"), "vena": ("dextra", "sinistra"), "sinus": ("dexter", "sinister")}
    forms |= {"venae": ("dextrae", "sinistrae"), "ramus": ("dextrae", "sinistrae")}  # the branch of a right artery
    for row in table("names"):
        words = row["latin"].replace(",", "").split()
        for side in set(words) & set(sided):
            assert side in forms[words[0]], row


def test_some_names_are_those_of_the_terminologia_anatomica() -> None:
    """Spelt as in the lists of Feneis' atlas and of Dorland's dictionary, which mark the TA's terms."""
    assert entry("ijv_l").latin == "vena jugularis interna sinistra"
    assert entry("transverse_sinus_r").latin == "sinus transversus dexter"
    assert entry("superior_anastomotic_vein_l").latin == "vena anastomotica superior sinistra"
    assert entry("superficial_middle_cerebral_vein_r").latin == "vena media superficialis cerebri dextra"
    assert entry("posterior_cerebral_1_r").latin == "arteria cerebri posterior dextra, pars precommunicalis"
    assert entry("accessory_hemiazygos").latin == "vena hemiazygos accessoria"


# places


def test_paired_nodes_lie_like_mirror_images() -> None:
    known = places()
    right = [node for node in known if node.endswith("_r") and not node.startswith(UNPAIRED)]
    assert len(right) > 60
    for node in right:
        x, y = known[node]
        assert known[f"{node.removesuffix('_r')}_l"] == (-x, y), node


def test_a_bridging_vein_ends_as_high_as_the_sinus_it_drains_into() -> None:
    known = places()
    for row in table("bridging"):
        assert known[row["from"]][1] == known[row["to"]][1], row["name"]


@pytest.mark.parametrize(
    ("node", "height", "tolerance"),
    [
        # Huston 2009 (50th percentile man): eyes 11.5 of 175.9 cm below the vertex; the vertex 47.5 cm above the atrium
        ("orbit_l", 36.1, 1.0),
        # Seth et al. 2002, J Gen Intern Med 17:861: upright, the sternal angle lies 9.8 cm above the mid-right atrium;
        # there the azygos vein turns over the root of the lung
        ("svc_azygos", 9.8, 1.0),
        # Drillis and Contini 1966: elbow 0.630, ankle 0.039 of the stature of 175 cm; right atrium at 127.5 cm
        ("forearm_r", 0.630 * 175 - 127.5, 1.0),
        ("foot_r", 0.039 * 175 - 127.5, 4.0),
    ],
)
def test_landmarks_lie_where_anthropometry_puts_them(node: str, height: float, tolerance: float) -> None:
    assert places()[node][1] / cm == pytest.approx(height, abs=tolerance)


def test_nodes_lie_above_one_another_as_in_a_standing_person() -> None:
    order = (
        "sss_crown", "sss_lambda", "galen", "transverse_end_r", "sigmoid_end_r", "jugular_bulb_r", "face_r",
        "carotid_bifurcation_r", "ijv_end_r", "venous_angle_r", "svc_top", "svc_azygos", "right_atrium", "ivc_hepatics",
        "ivc_renals", "aortic_bifurcation", "iliac_confluence", "iliac_root_r", "groin_r", "thigh_r", "knee_r",
        "calf_r", "foot_r",
    )  # fmt: skip
    heights = [places()[node][1] for node in order]
    assert heights == sorted(heights, reverse=True)


def test_way_points_are_of_vessels_that_there_are() -> None:
    assert {row["vessel"] for row in table("routes")} <= set(VESSELS)


# the catalogue


def test_the_catalogue_lists_every_vessel_once_by_kind() -> None:
    assert [known.name for known in vessels()] == VESSELS
    assert sum(len(vessels(kind)) for kind in KINDS) == len(VESSELS)
    assert {known.name for known in vessels("sinus")} == {name for name, kind in kinds().items() if kind == "sinus"}


@pytest.mark.parametrize(("name", "vessel"), [("veins", "ijv_l"), ("veins", "azygos"), ("arteries", "vertebral_r")])
def test_facts_are_what_the_table_says(name: str, vessel: str) -> None:
    columns, *rows = by_hand(name)
    for row in rows:
        cells = dict(zip(columns, row, strict=True))
        if cells["name"] == vessel:
            length = found(vessel, "length")
            assert (length.value, length.unit) == (float(cells["length_mm"]), "mm")
            assert length.source == cells.get("length_source", cells.get("source"))
            assert found(vessel, "diameter at its end").value == float(cells["diameter_end_mm"])


def test_every_fact_has_a_source_and_every_number_a_unit() -> None:
    for known in vessels():
        for fact in facts(known.name):
            assert fact.source.strip(), (known.name, fact)
            if isinstance(fact.value, float):
                assert fact.unit or "share" in fact.quantity or "exponent" in fact.quantity, (known.name, fact)


def test_an_artery_names_its_bed_and_a_vein_the_beds_it_drains() -> None:
    assert found("ophthalmic_r", "feeds the bed").value == "ophthalmic_r"
    shares = [fact for fact in facts("superior_ophthalmic_vein_r") if fact.quantity.startswith("share of the bed")]
    assert [fact.quantity for fact in shares] == ["share of the bed ophthalmic_r it drains"]


def test_a_fact_names_what_a_vessel_joins() -> None:
    assert found("transverse_sinus_r", "starts at").value == (
        "torcula (sss_posterior, straight_sinus, occipital_sinus, transverse_sinus_l)"
    )
    assert "jugular_foramen_l" in str(found("ijv_l", "starts at").value)


def test_a_misspelt_vessel_is_refused_with_what_comes_close() -> None:
    for ask in (entry, facts):
        with pytest.raises(InputError, match=r"no vessel 'ijv_left'; did you mean .*'ijv_l'"):
            ask("ijv_left")
    with pytest.raises(InputError, match=r"no kind of vessel 'veins'"):
        vessels("veins")


def test_an_instrument_without_a_title_goes_by_its_name():
    from azygos.report.look import title_of

    assert title_of("ivus") == "Intravascular ultrasound"
    assert title_of("probe") == "probe"
