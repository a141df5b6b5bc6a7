"""The reference adult: its tables are whole and its resting state lies where published bodies lie."""

import csv
import pickle
from collections import Counter, defaultdict
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from azygos.body.body import Body
from azygos.body.check import problems_of
from azygos.body.condition import Breathing, Conditions, cough, valsalva
from azygos.body.heart import VENTRICLES
from azygos.body.network import Network
from azygos.body.parameter import parameters
from azygos.body.person import REFERENCE, Person
from azygos.body.reference import kinds, places, reference_network, table
from azygos.body.steady import Steady, initial_volumes, steady
from azygos.errors import InputError
from azygos.exchange.native import read_network
from azygos.units import litre, minute, mL, mmHg

CASES = Path(__file__).parents[2] / "cases"

TABLES = (
    "arteries", "bridging", "chambers", "channels", "drains", "lungs", "places", "terminals", "valves", "veins",
)  # fmt: skip
CARDIAC_OUTPUT = 5.5 * litre / minute


@pytest.fixture(scope="module")
def network() -> Network:
    return reference_network()


@pytest.fixture(scope="module")
def resting(network: Network) -> Steady:
    """The mean-flow hand check: 5.5 L/min through the resistances, right atrium 5 and left atrium 8 mmHg."""
    held = {"right_atrium": 5.0, "left_atrium": 8.0, "right_ventricle": 0.0, "left_ventricle": 0.0, "skull": 10.0}
    held |= {"thorax": -4.0, "pericardium": -4.0, "abdomen": 2.0}
    return steady(
        network,
        inflow={"aortic_root": CARDIAC_OUTPUT, "pulmonary_root": CARDIAC_OUTPUT},
        held={node: value * mmHg for node, value in held.items()},
    )


def flow(state: Steady, *names: str) -> float:
    """Total mean flow [mL/min]."""
    return sum(state.flow[name] for name in names) / mL * minute


@pytest.mark.parametrize("name", TABLES)
def test_every_row_of_a_table_says_where_its_numbers_come_from(name: str) -> None:
    for row in table(name):
        sources = [value for column, value in row.items() if column == "source" or column.endswith("_source")]
        assert sources and all(source.strip() for source in sources), row


@pytest.mark.parametrize("name", TABLES)
def test_every_row_of_a_table_has_all_its_columns(name: str) -> None:
    text = resources.files("azygos.body").joinpath("tables", f"{name}.csv").read_text(encoding="utf-8")
    assert len({len(row) for row in csv.reader(text.splitlines())}) == 1


def test_names_of_vessels_links_and_stores_are_unique(network: Network) -> None:
    names = [part.name for part in (*network.vessels, *network.links, *network.stores)]
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_the_network_has_no_problem_the_engine_would_refuse(network: Network) -> None:
    assert problems_of(network) == []
    assert problems_of(Body.reference(posture=60.0, sex="female", age=80).network) == []


def test_no_vessel_ends_blind(network: Network) -> None:
    joints = Counter(node for part in (*network.vessels, *network.links) for node in (part.start, part.end))
    storing = {store.node for store in network.stores}
    assert [node for node, count in joints.items() if count == 1 and node not in storing] == []


def test_every_node_has_a_place_and_no_vessel_is_shorter_than_the_height_it_spans(network: Network) -> None:
    drawn, atrium = places(), 0.045  # half the height of an atrium, in whose middle its node lies: assumed
    assert set(network.nodes) <= set(drawn)
    for vessel in network.vessels:
        inside = atrium if "right_atrium" in (vessel.start, vessel.end) else 0.0
        assert abs(drawn[vessel.start][1] - drawn[vessel.end][1]) <= vessel.length + inside, vessel.name


def test_left_and_right_vessels_come_in_pairs() -> None:
    sided = {name for name in kinds() if name.endswith(("_l", "_r"))}
    assert {name[:-2] + ("_r" if name.endswith("_l") else "_l") for name in sided} == sided


def test_every_bed_drains_into_veins_and_all_its_shares_make_one() -> None:
    shares: defaultdict[str, float] = defaultdict(float)
    for row in table("drains"):
        shares[row["bed"]] += float(row["share"])
    assert set(shares) == {row["bed"] for row in table("terminals")}
    assert all(total == pytest.approx(1.0) for total in shares.values())


def test_blood_volume_is_that_of_an_adult_and_lies_mostly_in_systemic_veins() -> None:
    body = Body.reference()
    volumes = initial_volumes(body.network)
    veins = sum(v for name, v in volumes.items() if name in (*body.veins, *body.sinuses) or name.endswith(".venule"))
    assert body.blood_volume / litre == pytest.approx(4.83, abs=0.01)  # Nadler 1962 by hand: man, 1.75 m, 70.4 kg
    assert 0.60 < veins / body.blood_volume < 0.75  # assumed: textbook share of systemic veins and venules


def test_systemic_resistance_gives_93_mmhg_at_rest(resting: Steady) -> None:
    mean_arterial = resting.head["aortic_root"] / mmHg
    assert mean_arterial == pytest.approx(93.0, abs=2.0)  # assumed target
    resistance = (resting.head["aortic_root"] - resting.head["right_atrium"]) / CARDIAC_OUTPUT / (mmHg / mL)
    assert 0.8 < resistance < 1.45  # mmHg s/mL: between ADAN-86 (0.97) and Reymond's terminals alone (1.45)


def test_the_pulmonary_artery_has_a_normal_mean_pressure(resting: Steady) -> None:
    assert 10.0 < resting.head["pulmonary_artery"] / mmHg < 20.0  # assumed: normal is below 20 mmHg


def test_brain_and_jugular_flows_lie_in_the_published_range(resting: Steady) -> None:
    brain = flow(resting, "internal_carotid_l", "internal_carotid_r", "vertebral_l", "vertebral_r")
    right, left = flow(resting, "ijv_r"), flow(resting, "ijv_l")
    assert 588.0 < brain < 818.0  # 703 +- 115 mL/min, QMRA of 263 people, WP217 (Stroke)
    assert 415.0 < right + left < 769.0  # 592 +- 177, same
    assert 362 - 165 < right < 362 + 165 and 229 - 141 < left < 229 + 141  # same
    assert right > left


def test_sagittal_and_straight_sinus_share_the_brains_blood_seventy_to_thirty(resting: Steady) -> None:
    sagittal, straight = flow(resting, "sss_posterior"), flow(resting, "straight_sinus")
    assert sagittal / (sagittal + straight) == pytest.approx(0.70, abs=0.08)  # J Pers Med 2025;15:570


def test_azygos_flow_lies_in_the_published_range(resting: Steady) -> None:
    assert 100.0 < flow(resting, "azygos") < 350.0  # 320 +- 30 mL/min by MR, high for rest; else 100-300 (assumed)


def test_the_sinus_pressure_lies_little_above_the_right_atrium(resting: Steady) -> None:
    for node in ("sss_crown", "sss_lambda", "torcula"):
        assert 1.0 < (resting.head[node] - resting.head["right_atrium"]) / mmHg < 4.0  # < 5 in all, Fargen 2020


def test_flow_is_conserved_at_every_node_of_the_resting_state(network: Network, resting: Steady) -> None:
    net: defaultdict[str, float] = defaultdict(float)
    for part in (*network.vessels, *network.links):
        if part.name in resting.flow:
            net[part.start] -= resting.flow[part.name]
            net[part.end] += resting.flow[part.name]
    given = {"aortic_root", "pulmonary_root", "right_atrium", "left_atrium", "skull"}
    assert max(abs(value) for node, value in net.items() if node not in given) < 1e-9 * CARDIAC_OUTPUT


def test_a_steady_state_names_a_node_that_no_held_head_reaches(network: Network) -> None:
    with pytest.raises(ValueError, match="no way from node"):
        steady(network, inflow={}, held={"right_atrium": 0.0})


def test_veins_have_their_measured_area_at_venous_pressure() -> None:
    right, left = (reference_network().vessel(name) for name in ("ijv_r", "ijv_l"))
    volumes = initial_volumes(reference_network())
    mean = 0.5 * (volumes["ijv_r"] / right.length + volumes["ijv_l"] / left.length)
    assert mean * 1e6 == pytest.approx(94.5, rel=0.05)  # mm2 supine, n = 17, Holmlund 2017


@pytest.mark.parametrize("degrees", [5.0, 30.0, 60.0, 90.0])
def test_tilting_keeps_the_blood(degrees: float) -> None:
    lying, tilted = Body.reference(), Body.reference().with_posture(degrees)
    assert tilted.blood_volume == pytest.approx(lying.blood_volume, rel=1e-9)


def test_standing_puts_feet_under_a_column_of_blood_and_lowers_the_fluid_pressure_in_the_head() -> None:
    network = Body.reference().with_posture("upright").network
    weight = network.blood.density * network.gravity

    def pressure(node: str) -> float:
        return (network.initial_head[node] - weight * network.heights[node]) / mmHg

    assert 80.0 < pressure("foot_r") < 100.0  # assumed: 1.16 m of blood below the heart
    assert -5.9 < pressure("skull") < 8.3  # 90 % range upright, Norager 2021
    assert network.heights["right_atrium"] == 0.0


def test_posture_is_refused_with_a_remedy_when_it_makes_no_sense() -> None:
    with pytest.raises(InputError, match="did you mean 'supine'"):
        Body.reference().with_posture("supin")
    with pytest.raises(InputError, match="between 0 and 90"):
        Body.reference().with_posture(-10.0)


def test_a_body_prints_as_a_tree() -> None:
    body = Body.reference().with_lesion("ijv_r: 80 % area at 0.5, 20 mm")
    assert repr(body).splitlines() == [
        "Body 'reference adult', supine",
        "├── 99 arteries, 73 veins, 18 sinuses",
        "├── 45 beds, heart, lungs, skull",
        f"├── {body.blood_volume / litre:.2f} L of blood, 75 beats a minute",
        "└── lesions",
        "    └── ijv_r: 80 % area at 0.5, 20 mm",
    ]


def test_every_node_of_a_body_with_lesions_can_be_drawn() -> None:
    body = Body.reference().with_lesion("ijv_r: 80 % area at 0.5, 20 mm", "azygos: 50 % diameter at 0.3, 1 cm")
    assert set(body.network.nodes) <= set(body.drawing)
    assert body.drawing["ijv_r.lesion.start"][1] > body.drawing["ijv_r.lesion.end"][1]


def test_a_body_can_be_sent_to_another_process():
    body = Body.reference().with_lesion("ijv_r: 80 % area at 0.5, 20 mm")
    assert pickle.loads(pickle.dumps(body)).network == body.network


def test_a_person_is_scaled_by_hand_checked_rules() -> None:
    small = Person.of("female", 1.60, 50.0)
    assert small.mass == pytest.approx(23.0 * 1.60**2)
    by_hand = 0.3561 * 1.60**3 + 0.03308 * 58.88 + 0.1833  # Nadler 1962, woman
    assert small.blood_volume / litre == pytest.approx(by_hand)
    assert small.flow_ratio == pytest.approx((1.60**3 / 1.75**3) ** 0.5)  # surface as sqrt(height mass), Mosteller
    assert small.stiffness_ratio == pytest.approx(1.07**4)  # 7 % of wave speed a decade, twice squared
    aorta = [Body.reference(height=h).healthy.vessel("aorta_thoracic_1").length for h in (1.75, 1.60)]
    assert aorta[1] / aorta[0] == pytest.approx(1.60 / 1.75)
    assert REFERENCE.flow_ratio == REFERENCE.volume_ratio == REFERENCE.stiffness_ratio == 1.0


def test_what_lies_in_the_skull_does_not_scale_with_the_person() -> None:
    tall, reference = Body.reference(height=2.0), Body.reference()
    for name in ("sss_posterior", "basilar_1", "great_cerebral_vein"):
        assert tall.healthy.vessel(name).radius == reference.healthy.vessel(name).radius
    assert tall.healthy.regulations == reference.healthy.regulations


def test_all_that_is_wrong_with_a_person_is_said_at_once() -> None:
    with pytest.raises(InputError) as caught:
        Body.reference(sex="other", height=175.0, age=5.0)
    assert [problem.where for problem in caught.value.problems] == ["sex", "height", "age"]
    with pytest.raises(InputError, match="did you mean 'left_dominant_sinus'"):
        Body.reference(variants=["left_dominant_sinuses"])
    with pytest.raises(InputError, match="each changes 'transverse_sinus_l'"):
        Body.reference(variants=["absent_transverse_sinus_l", "left_dominant_sinus"])
    with pytest.raises(InputError, match="twice"):
        Body.reference(variants=["hypoplastic_transverse_sinus_l"] * 2)


def test_variants_change_what_they_name_and_nothing_else() -> None:
    reference = {v.name: v for v in Body.reference().healthy.vessels}
    swapped = {v.name: v for v in Body.reference(variants=["left_dominant_sinus"]).healthy.vessels}
    assert swapped["transverse_sinus_l"].radius == reference["transverse_sinus_r"].radius
    assert swapped["ijv_r"].radius == reference["ijv_l"].radius
    assert {n for n in reference if reference[n] != swapped[n]} == {
        f"{name}_{side}" for name in ("transverse_sinus", "sigmoid_sinus", "ijv") for side in "rl"
    }
    absent = {v.name for v in Body.reference(variants=["absent_transverse_sinus_l"]).healthy.vessels}
    assert reference.keys() - absent == {"transverse_sinus_l"}


def test_a_heart_rate_keeps_the_ventricles_systole_in_proportion_to_the_root_of_the_beat() -> None:
    slow, fast = (Body.reference().under(heart_rate=rate / minute).network for rate in (60, 90))
    for name in VENTRICLES:
        systole = [
            next(s.law.elastance.rise for s in network.stores if s.name == name) * network.period
            for network in (slow, fast)
        ]
        assert systole[0] == pytest.approx(0.34)  # s at 60 a minute, Liang 2009
        assert systole[1] == pytest.approx(0.34 * (60 / 90) ** 0.5)


def test_breathing_puts_a_whole_number_of_beats_into_a_breath() -> None:
    body = Body.reference().under(breathing=Breathing(rate=15 / minute))
    assert (body.network.beats, body.network.period) == (5, pytest.approx(4.0))
    chest = next(source.pressure for source in body.network.pressure_sources if source.node == "thorax")
    assert chest.sample(np.array([0.0, 1.6]), 4.0) / mmHg == pytest.approx([-4.0, -6.0])


def test_a_strain_is_in_the_course_and_not_in_the_rest_before_it() -> None:
    body = Body.reference().under(strain=valsalva(40 * mmHg, begin=2.0, hold=15.0))
    one, other = (
        {source.node: source.pressure.sample(np.array([1.0, 10.0, 30.0]), 0.8) / mmHg for source in n.pressure_sources}
        for n in (body.network, body.resting)
    )
    assert one["thorax"] == pytest.approx([-4.0, 36.0, -4.0]) and one["abdomen"] == pytest.approx([1.0, 41.0, 1.0])
    assert other["thorax"] == pytest.approx([-4.0, -4.0, -4.0])
    assert cough().hold < 1.0


def test_all_that_is_wrong_with_conditions_is_said_at_once() -> None:
    with pytest.raises(InputError) as caught:
        Body.reference().under(heart_rate=75.0, blood_volume=5.0, external_pressure={"ijv_right": 20 * mmHg})
    assert [p.where for p in caught.value.problems] == ["heart rate", "blood volume", "external pressure"]
    assert Conditions(posture_degrees=95.0).problems(reference_network())[0].where == "posture"
    with pytest.raises(InputError) as caught:
        Body.reference().under(posture=True, heart_rate="75 bpm", strain="valsalva", external_pressure=[20.0])
    assert [p.where for p in caught.value.problems] == ["posture", "heart rate", "strain", "external pressure"]


def test_blood_more_or_less_is_in_the_initial_state() -> None:
    for volume in (4.0, 6.0):
        for posture in ("supine", "upright"):
            body = Body.reference(posture=posture).under(blood_volume=volume * litre)
            assert body.blood_volume / litre == pytest.approx(volume)
            assert problems_of(body.network) == []
    with pytest.raises(InputError, match=r"give 3\.63 to 7\.26 L"):
        Body.reference().under(blood_volume=2 * litre)


def test_every_parameter_acts_on_the_reference_body() -> None:
    whole = Body.reference()
    for name, known in parameters().items():
        assert whole.with_parameters({name: known.low}).healthy != whole.healthy, name


def test_a_body_made_of_a_network_is_said_to_have_what_it_has() -> None:
    network = read_network(CASES / "boileau2015" / "iliac_bifurcation.yaml")
    body = Body(name="iliac", healthy=network, places={}, kinds={})
    assert repr(body).splitlines() == [
        "Body 'iliac'",  # how it lies is not known
        "├── 3 vessels",
        "├── 2 stores",
        f"├── {body.blood_volume / litre:.2f} L of blood, {60.0 / 1.1:.3g} beats a minute",
        "└── no lesions",
    ]
