"""Measures: what an expression means, what it refuses, and that it follows a derivative."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import azygos
from azygos.body.network import LinearStore, Network, Store, Vessel
from azygos.body.wall import ArteryWall, VeinWall
from azygos.engine.measure import Measure, keep_for
from azygos.errors import InputError
from azygos.units import UnitProblem, mL, mmHg
from networks import closed_loop

TIMES = 0.8 * np.arange(1, 401) / 400  # one beat of 0.8 s
PHASE = 2.0 * np.pi * TIMES / 0.8
WEIGHT = 1060.0 * 9.80665  # rho g of the network below [Pa/m]


def network() -> Network:
    vein = VeinWall(wave_speed=(2.0, 2.0))
    return Network(
        name="two vessels",
        vessels=(
            Vessel(
                name="artery", start="a", end="b", length=0.2, radius=(4e-3, 4e-3), wall=ArteryWall(wave_speed=(5, 5))
            ),
            Vessel(name="vein", start="b", end="c", length=0.1, radius=(5e-3, 5e-3), wall=vein),
        ),
        stores=(
            Store(name="bed.venule", node="b", law=LinearStore(elastance=1e8)),
            Store(name="fluid", node="skull", law=LinearStore(elastance=1e8), is_blood=False),
        ),
        heights={"b": 0.1, "skull": 0.2},
        period=0.8,
    )


@dataclass(frozen=True)
class Seen:
    """Courses made up by hand; the middle of a vessel is its every station, but for areas, which double along it."""

    courses: Mapping[tuple[str, str], NDArray[Any]]
    network: Network = field(default_factory=network)
    time: NDArray[np.float64] = field(default_factory=lambda: TIMES)
    heads: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    volumes: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    link_flows: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def at(self, variable: str, vessel: str, station: float = 0.5, /) -> NDArray[Any]:
        slope = 0.5 + station if variable == "area" else 1.0
        return self.courses[variable, vessel] * slope


def pulse(delay: float = 0.0) -> NDArray[np.float64]:
    """A pressure that rises as a straight line for 0.1 s from 0.2 s + `delay` on, and falls as one for the rest."""
    since = np.mod(TIMES - 0.2 - delay, 0.8)
    return np.where(since < 0.1, since / 0.1, (0.8 - since) / 0.7)


def smooth(delay: float = 0.0) -> NDArray[np.float64]:
    """A pressure pulse with one steepest instant."""
    return np.exp(2.0 * np.cos(PHASE - 2.0 * np.pi * delay / 0.8))


def measured(text: str, **courses: Any) -> float:
    return Measure.parse(text)(Seen(courses.pop("courses", {}), **courses))


# values


def test_a_reading_is_its_mean_over_the_time() -> None:
    assert measured("flow(artery)", courses={("flow", "artery"): 3.0 + np.sin(PHASE)}) == pytest.approx(3.0)


def test_statistics_look_at_every_instant_of_what_they_hold() -> None:
    courses = {("flow", "artery"): 3.0 + np.sin(PHASE), ("flow", "vein"): 1.0 - np.sin(PHASE)}
    assert measured("max(flow(artery))", courses=courses) == pytest.approx(4.0, abs=1e-4)
    assert measured("min(flow(artery))", courses=courses) == pytest.approx(2.0, abs=1e-4)
    assert measured("pulse(flow(artery) + flow(vein))", courses=courses) == pytest.approx(0.0, abs=1e-12)
    assert measured("pulse(flow(artery)) + pulse(flow(vein))", courses=courses) == pytest.approx(4.0, abs=1e-3)
    assert measured("rms(flow(artery) - 3 * mean(flow(vein)))", courses=courses) == pytest.approx(np.sqrt(0.5))


def test_outside_a_statistic_a_quotient_is_that_of_the_means() -> None:
    courses = {("flow", "artery"): 3.0 + np.sin(PHASE), ("flow", "vein"): 1.0 - 0.5 * np.sin(PHASE)}
    assert measured("flow(artery) / flow(vein)", courses=courses) == pytest.approx(3.0)
    instants = np.mean(courses["flow", "artery"] / courses["flow", "vein"])
    assert measured("mean(flow(artery) / flow(vein))", courses=courses) == pytest.approx(instants)


def test_arithmetic_keeps_the_usual_order() -> None:
    assert measured("-(1 + 2) * 3 / 2 - 1") == pytest.approx(-5.5)


def test_the_pressure_at_a_node_leaves_out_the_weight_of_the_blood_below() -> None:
    heads = {"b": np.full(400, 2000.0), "skull": np.full(400, 3000.0)}
    assert measured("pressure(b)", heads=heads) == pytest.approx(2000.0 - WEIGHT * 0.1)
    assert measured("head(b)", heads=heads) == pytest.approx(2000.0)
    assert measured("icp()", heads=heads) == pytest.approx(3000.0 - WEIGHT * 0.2)


def test_a_diameter_is_that_of_a_circle() -> None:
    courses = {("area", "vein"): np.full(400, np.pi * 25e-6)}
    assert measured("diameter(vein)", courses=courses) == pytest.approx(10e-3)


def test_the_wave_speed_at_the_reference_area_is_that_of_the_wall() -> None:
    courses = {
        ("area", "artery"): np.full(400, np.pi * 16e-6),
        ("area", "vein"): np.full(400, np.pi * 25e-6),
    }
    assert measured("wave_speed(artery)", courses=courses) == pytest.approx(5.0)
    assert measured("wave_speed(vein)", courses=courses) == pytest.approx(2.0)


def test_volumes_are_those_of_stores_and_lumens() -> None:
    courses = {("area", "artery"): np.full(400, 1e-5), ("area", "vein"): np.full(400, 2e-5)}
    volumes = {"bed.venule": np.full(400, 30 * mL), "fluid": np.full(400, 150 * mL)}
    lumens = {"artery": 0.2 * 1e-5, "vein": 0.1 * 2e-5}  # the area's mean along the vessel is that in its middle
    assert measured("volume(vein)", courses=courses) == pytest.approx(lumens["vein"])
    assert measured("volume(bed.venule)", volumes=volumes) == pytest.approx(30 * mL)
    whole = measured("blood_volume()", courses=courses, volumes=volumes)
    assert whole == pytest.approx(30 * mL + lumens["artery"] + lumens["vein"])
    assert measured("venous_volume()", courses=courses, volumes=volumes) == pytest.approx(30 * mL + lumens["vein"])


def test_lengths_and_the_heart_rate_are_the_networks() -> None:
    assert measured("length(artery) + length(vein)") == pytest.approx(0.3)
    assert measured("heart_rate()") == pytest.approx(1.0 / 0.8)


@pytest.mark.parametrize("late", [0.05, 0.1234, -0.03])
@pytest.mark.parametrize("beats", [1, 2])
def test_a_delay_is_from_foot_to_foot(late: float, beats: int) -> None:
    courses = {("pressure", "artery"): pulse(), ("pressure", "vein"): 20.0 + 5.0 * pulse(late)}
    seen = Seen(
        {name: np.tile(course, beats) for name, course in courses.items()},
        network=replace(network(), period=0.8 * beats, beats=beats),
        time=np.concatenate([TIMES + 0.8 * n for n in range(beats)]),
    )
    delay = Measure.parse("delay(pressure(artery), pressure(vein))")
    assert delay(seen) == pytest.approx(late, abs=2e-3)  # a sample is 2 ms
    assert delay.dimension == "time"


def test_what_has_no_value_is_not_finite() -> None:
    courses = {("flow", "artery"): np.zeros(400), ("flow", "vein"): np.ones(400)}
    assert not np.isfinite(measured("flow(vein) / flow(artery)", courses=courses))


def test_a_name_that_is_no_word_is_quoted() -> None:
    parts = replace(network(), stores=(Store(name="hand bed", node="b", law=LinearStore(elastance=1e8)),))
    volumes = {"hand bed": np.full(400, 5 * mL)}
    assert measured("volume('hand bed')", volumes=volumes, network=parts) == pytest.approx(5 * mL)


# derivatives


@pytest.mark.parametrize(
    "text",
    [
        "flow(artery) / flow(vein)",
        "max(pressure(artery)) - min(pressure(artery))",
        "rms(flow(artery))",
        "diameter(vein) * 2",
        "wave_speed(vein)",
        "blood_volume()",
        "delay(pressure(artery), pressure(vein))",
        "icp()",
    ],
)
def test_a_complex_step_gives_the_derivative(text: str) -> None:
    measure = Measure.parse(text)

    def seen(step: complex) -> Seen:
        shape = 1.0 + 0.3 * np.cos(PHASE)
        courses = {
            ("flow", "artery"): (3.0 + 2.0 * step) * shape,
            ("flow", "vein"): 2.0 + step * step + 0.1 * shape,
            ("pressure", "artery"): (50.0 + step) * smooth(),
            ("pressure", "vein"): (20.0 + step) * smooth(0.06) + 3.0 * step * shape,
            ("area", "artery"): (1.0 + step) * 4e-5 * shape,
            ("area", "vein"): (1.0 + 2.0 * step) * 7e-5 * shape,
        }
        volumes = {"bed.venule": (3.0 + step) * mL * shape, "fluid": 150 * mL * shape}
        return Seen(courses, volumes=volumes, heads={"skull": (1000.0 + 7.0 * step) * shape})

    tiny, small = 1e-20, 1e-6
    exact = measure.value(seen(1j * tiny)).imag / tiny
    difference = (measure(seen(small + 0j)) - measure(seen(-small + 0j))) / (2.0 * small)
    assert exact == pytest.approx(difference, rel=1e-6, abs=1e-12)
    assert exact != 0.0


# dimensions and refusals


@pytest.mark.parametrize(
    ("text", "dimension", "unit", "size"),
    [
        ("flow(ijv_r) + flow(ijv_l)", "flow", "mL/min", mL / 60.0),
        ("max(pressure(aorta))", "pressure", "mmHg", mmHg),
        ("(icp() - pressure(sss)) / flow(csf_absorption)", "resistance", "mmHg min/mL", mmHg * 60.0 / mL),
        ("length(a) / delay(flow(a), flow(b))", "speed", "m/s", 1.0),
        ("flow(a) / flow(b)", "number", "%", 0.01),
        ("velocity(a) * area(a)", "flow", "m3/s", 1.0),
    ],
)
def test_a_measure_knows_its_dimension(text: str, dimension: str, unit: str, size: float) -> None:
    measure = Measure.parse(text)
    assert measure.dimension == dimension
    assert measure.one(unit) == pytest.approx(size)
    assert str(measure) == text


def test_a_unit_of_another_dimension_is_refused() -> None:
    with pytest.raises(UnitProblem, match="is not a flow"):
        Measure.parse("flow(ijv_r)").one("mmHg")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("flow(a) + pressure(a)", "is a flow and 'pressure(a)' a pressure"),
        ("flow(a) * flow(b)", "which is no quantity known here"),
        ("flo(a)", "did you mean 'flow'?"),
        ("flow(a, 1.5)", "not a fraction"),
        ("volume(a, 0.5)", "write volume(PLACE)"),
        ("icp(skull)", "write icp()"),
        ("flow()", "write flow(PLACE, FRACTION)"),
        ("delay(flow(a))", "delay takes 2, got 1"),
        ("max(flow(a), flow(b))", "max takes 1, got 2"),
        ("flow(3)", "'3' is not a name"),
        ("1 +", "cannot be read"),
        ("flow(a).__class__", "is no part of a measure"),
        ("(lambda: 1)()", "is no part of a measure"),
        ("flow(a)[0]", "is no part of a measure"),
        ("2 ** 3", "is no part of a measure"),
        ("'text'", "is no part of a measure"),
        ("True", "is no part of a measure"),
        ("1e999", "is no part of a measure"),
        ("flow(a" + ", 1" * 1000 + ")", "longer than"),
        ("-" * 1500 + "1", "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_what_is_no_measure_is_refused_with_a_reason(text: str, said: str) -> None:
    with pytest.raises(InputError) as refusal:
        Measure.parse(text)
    assert said in str(refusal.value)
    assert str(refusal.value).startswith("measure '")


def test_all_that_is_wrong_with_an_expression_is_said_at_once() -> None:
    with pytest.raises(InputError) as refusal:
        Measure.parse("flo(a) + presure(b) + flow(c, 7)")
    assert len(refusal.value.problems) == 3


def test_names_are_checked_against_a_network_before_a_solve() -> None:
    measure = Measure.parse("flow(arterie) + flow(vein) + volume(bed.venul) / (heart_rate() / heart_rate())"[:27])
    assert [problem.remedy for problem in measure.problems(network())] == ["did you mean 'artery'?"]
    assert Measure.parse("flow(vein, 0)").problems(network()) == ()
    (problem,) = Measure.parse("pressure(skull, 0.5)").problems(network())
    assert problem.what == "'skull' is a node, along which there is no fraction"
    assert problem.remedy == "write pressure(skull)"


def test_the_same_wrong_name_twice_is_one_problem() -> None:
    assert len(Measure.parse("flow(nowhere) / flow(nowhere)").problems(network())) == 1


# solutions


def test_a_solution_is_measured() -> None:
    solution = azygos.simulate(closed_loop(), numerics=azygos.Numerics(most_beats=2))
    assert measured_of("flow(jugular)", solution) == pytest.approx(solution.mean("flow", "jugular"))
    assert measured_of("flow(aortic)", solution) == pytest.approx(np.mean(solution.link_flows["aortic"]))
    kept = measured_of("blood_volume()", solution)
    held = sum(np.mean(volume) for name, volume in solution.volumes.items() if name != "skull")
    assert kept > held


def measured_of(text: str, solution: azygos.Solution) -> float:
    return Measure.parse(text)(solution)


def test_a_vessel_that_a_lesion_divides_may_be_named_whole() -> None:
    divided = network()
    vein = divided.vessels[1]
    pieces = [replace(vein, name="vein.before", end="m", length=0.04), replace(vein, name="vein.after", start="m")]
    pieces[1] = replace(pieces[1], length=0.06)
    divided = replace(divided, vessels=(divided.vessels[0], *pieces))
    courses = {("flow", "vein.before"): np.full(400, 1.0), ("flow", "vein.after"): np.full(400, 2.0)}
    assert measured("flow(vein, 0.3)", courses=courses, network=divided) == pytest.approx(1.0)
    assert measured("flow(vein)", courses=courses, network=divided) == pytest.approx(2.0)
    assert measured("flow(vein.before)", courses=courses, network=divided) == pytest.approx(1.0)
    assert measured("length(vein)", network=divided) == pytest.approx(0.1)
    assert Measure.parse("flow(vein)").problems(divided) == ()
    assert keep_for([Measure.parse("flow(vein)")], divided).vessels == ("vein.before", "vein.after")


def test_what_a_measure_needs_is_enough_to_keep() -> None:
    measures = [Measure.parse("flow(jugular, 0.1)"), Measure.parse("max(pressure(aorta))")]
    keep = keep_for(measures, closed_loop(), samples_per_beat=50)
    assert keep.vessels == ("aorta", "jugular")
    assert 0.1 in keep.stations and keep.samples_per_beat == 50
    solution = azygos.simulate(closed_loop(), numerics=azygos.Numerics(most_beats=2), keep=keep)
    assert all(np.isfinite(measure(solution)) for measure in measures)
    assert keep_for([Measure.parse("blood_volume()")], closed_loop()).vessels is None
