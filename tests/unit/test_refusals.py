"""What cannot be solved, or not so, is refused before the solve, with every problem at once."""

from dataclasses import replace

import numpy as np
import pytest

from azygos.body.network import FlowSource, LinearStore, Network, PressureSource, Store, Vessel
from azygos.body.wall import ArteryWall
from azygos.body.waveform import Constant, Pulse, Sampled
from azygos.engine.compile import Mesh
from azygos.engine.keep import Keep
from azygos.engine.numerics import Numerics
from azygos.engine.outcome import Outcome
from azygos.engine.solve import simulate
from azygos.errors import InputError
from networks import closed_loop, closed_loop_with_fluid


def tube(inflow=(0.0, 1.0, 1e-5, 1e-5), outside=(0.0, 1.0, 1000.0, 1000.0), **changes):
    wall = ArteryWall(wave_speed=(5.0, 5.0))
    vessel = Vessel(name="tube", start="a", end="b", length=0.2, radius=(4e-3, 4e-3), wall=wall)
    flow, pressure = (Sampled(w[: len(w) // 2], w[len(w) // 2 :]) for w in (inflow, outside))
    network = Network(
        name="tube",
        vessels=(vessel,),
        flow_sources=(FlowSource(node="a", flow=flow),),
        pressure_sources=(PressureSource(node="b", pressure=pressure),),
        initial_head={"a": 1000.0, "b": 1000.0},
    )
    return replace(network, **changes)


def refusal(*arguments, **options):
    with pytest.raises(InputError) as caught:
        simulate(*arguments, **options)
    return str(caught.value)


def test_a_series_longer_than_a_beat_has_no_periodic_state_but_a_course():
    slow = tube(outside=(0.0, 2.0, 4.0, 500.0, 1500.0, 500.0))
    assert "pressure at node 'b'" in refusal(slow)
    assert "duration" in refusal(slow)
    course = simulate(slow, duration=4.0)
    assert np.ptp(course.at("pressure", "tube", 1.0)) > 900.0
    assert simulate(replace(slow, period=4.0)).outcome.name == "ok"


def test_a_series_that_fits_into_the_beat_several_times_is_taken():
    assert simulate(tube(outside=(0.0, 0.25, 0.5, 500.0, 1500.0, 500.0))).outcome.name == "ok"


def test_an_inflow_that_falls_between_the_steps_is_refused():
    spike = tube(inflow=(0.0, 0.4005, 0.401, 0.4015, 1.0, 0.0, 0.0, 1e-4, 0.0, 0.0))
    assert "shorter time step" in refusal(spike)
    solution = simulate(spike, numerics=Numerics(time_step=1e-4))
    assert solution.mean("flow", "tube") == pytest.approx(5e-8, rel=0.02)


@pytest.mark.parametrize("step", [0.05, 1.0, 0.0, -1.0, float("nan")])
def test_a_time_step_that_does_not_resolve_a_beat_is_refused(step):
    assert "time step" in refusal(closed_loop(), numerics=Numerics(time_step=step))


@pytest.mark.parametrize("period", [1e6, 1e-6])
def test_a_beat_in_the_wrong_unit_is_refused(period):
    assert "unit" in refusal(tube(period=period))


def test_a_start_without_an_area_is_refused_by_the_vessel_s_name():
    squeezed = tube()
    vessels = (replace(squeezed.vessels[0], external_pressure=1e6),)
    assert "vessel 'tube'" in refusal(replace(squeezed, vessels=vessels))


def test_all_that_is_wrong_with_a_request_is_said_at_once():
    keep = Keep(vessels=("tubes",))
    text = refusal(tube(), numerics=Numerics(most_beats=0, mesh=Mesh(cell_length=0.0)), keep=keep, duration=-1.0)
    assert all(word in text for word in ("'tube'", "cell length", "most beats", "duration"))


def test_what_is_no_circulation_is_refused():
    assert "read_network" in refusal("file.yaml")


@pytest.mark.parametrize("keep", [{"stations": (-1.0, 2.0)}, {"stations": ()}, {"samples_per_beat": 0}])
def test_a_keep_that_means_nothing_is_refused(keep):
    with pytest.raises(InputError):
        Keep(**keep)


def test_a_solution_asked_for_what_it_has_not_says_what_it_has():
    solution = simulate(tube())
    for arguments, word in (
        (("flow", "tub"), "'tube'"),
        (("flo", "tube"), "'flow'"),
        (("flow", "tube", 1.7), "kept: 0, 0.25"),
    ):
        with pytest.raises(InputError, match=word):
            solution.at(*arguments)


def test_a_given_pressure_that_only_surrounds_leaves_a_circulation_closed():
    loop = closed_loop(skull=False)
    vessels = tuple(replace(v, around="chest") if v.name == "cava" else v for v in loop.vessels)
    source = PressureSource(node="chest", pressure=Constant(-400.0))
    solution = simulate(replace(loop, vessels=vessels, pressure_sources=(source,)))
    assert solution.solve.volume_error < 1e-12


# A course that begins in another's periodic state


def strained(network):
    (chest,) = network.pressure_sources
    push = Pulse(under=chest.pressure, height=2000.0, begin=4.0, rise=0.4, hold=4.0, fall=0.4)
    return replace(network, pressure_sources=(replace(chest, pressure=push),))


def test_a_strain_begins_in_the_state_of_quiet_breathing():
    rest = closed_loop_with_fluid(breath=5)
    before = simulate(rest)
    course = simulate(strained(rest), duration=16.0, resting=rest)
    assert course.time[-1] == pytest.approx(16.0)
    samples = len(before.time)
    for node in ("skull", "hand", "atrium"):  # until the push the course repeats the breath
        assert course.heads[node][:samples] == pytest.approx(before.heads[node], rel=2e-3)
    assert course.heads["atrium"][samples : 2 * samples].mean() > before.heads["atrium"].mean() + 500.0
    assert course.solve.volume_error < 1e-12


def test_a_strain_has_no_periodic_state_of_its_own():
    assert "does not repeat" in refusal(strained(closed_loop_with_fluid(breath=5)))


@pytest.mark.parametrize(
    ("resting", "duration", "words"),
    [
        (closed_loop(skull=False), 4.0, "resting: has not the same links"),
        (closed_loop_with_fluid(breath=5), None, "give a duration"),
        (strained(closed_loop_with_fluid(breath=5)), 4.0, "does not repeat"),
        (replace(closed_loop_with_fluid(breath=5), period=-1.0), 4.0, "period is -1 s"),
    ],
    ids=["other parts", "no duration", "does not repeat", "not sound"],
)
def test_a_rest_that_cannot_be_begun_in_is_refused(resting, duration, words):
    assert words in refusal(closed_loop_with_fluid(breath=5), duration=duration, resting=resting)


def test_a_rest_that_is_not_found_is_told_in_the_outcome():
    rest = closed_loop_with_fluid(breath=5)
    course = simulate(rest, duration=4.0, resting=rest, numerics=Numerics(most_beats=10))
    assert course.outcome is Outcome.not_periodic
    assert "at rest, before the course" in course.solve.message


def test_samples_and_steps_are_counted_by_the_heart_beat():
    rest = closed_loop_with_fluid(breath=5)
    solution = simulate(rest, keep=Keep(samples_per_beat=20))
    assert len(solution.time) == 5 * 20
    assert solution.time[-1] == pytest.approx(rest.period)
    assert "a beat of 0.8 s" in refusal(rest, numerics=Numerics(time_step=0.05))


# A store that holds less than nothing


@pytest.mark.parametrize("unstressed", [0.0, 1e-6])
def test_a_store_with_less_than_no_volume_is_lost_by_name(unstressed):
    """But for a windkessel, of which nobody said how much it holds at rest."""
    bag = Store(name="bag", node="a", law=LinearStore(elastance=1e9, unstressed_volume=unstressed))
    network = tube(inflow=(0.0, 1.0, 0.0, 0.0), outside=(0.0, 0.5, 1.0, 0.0, -3000.0, 0.0), stores=(bag,))
    for solution in (simulate(network), simulate(network, duration=2.0)):
        if unstressed:
            assert solution.outcome is Outcome.lost
            assert "store 'bag'" in solution.solve.message.lower()
        else:
            assert solution.outcome is Outcome.ok
