"""Many patients side by side: each has the numbers that it has alone, whoever shares the kernel."""

from dataclasses import fields, replace
from functools import lru_cache

import numpy as np
import pytest

from azygos.body.body import Body
from azygos.body.condition import Breathing, valsalva
from azygos.body.network import FlowSource, Network, PressureSource, Vessel
from azygos.body.wall import VeinWall
from azygos.body.waveform import Constant, Sampled
from azygos.engine import batch
from azygos.engine.batch import simulate_many
from azygos.engine.keep import Keep
from azygos.engine.outcome import Outcome
from azygos.engine.solution import Solution
from azygos.engine.solve import Numerics, simulate
from azygos.errors import InputError
from azygos.rng import stream
from networks import closed_loop

COHORT = Numerics.cohort()
KEEP = Keep(stations=(0.0, 0.5, 1.0), samples_per_beat=20)


@lru_cache
def patient(i: int) -> Body:
    """People of any size and age with a narrower jugular vein."""
    rng = stream(i, "patient")
    body = Body.reference(
        sex=("male", "female")[i % 2],
        height=float(rng.uniform(1.5, 1.95)),
        age=float(rng.uniform(20, 80)),
        parameters={
            "venous_stiffness": float(rng.uniform(0.7, 1.4)),
            "arterial_resistance": float(rng.uniform(0.8, 1.2)),
        },
    )
    return body.with_lesion(f"ijv_r: {rng.uniform(40, 90):.1f} % area at 0.5, 20 mm")


@lru_cache
def alone(i: int) -> Solution:
    return simulate(patient(i), numerics=COHORT, keep=KEEP)


def solved(bodies: list[Body]) -> list[Solution]:
    found = simulate_many(bodies, numerics=COHORT, keep=KEEP)
    assert all(isinstance(one, Solution) for one in found)
    return [one for one in found if isinstance(one, Solution)]


def differs(one: Solution, other: Solution) -> list[str]:
    """What is not the same to the last bit, how long it took aside."""
    found = [
        field.name
        for field in fields(one.solve)
        if field.name != "wall_s" and repr(getattr(one.solve, field.name)) != repr(getattr(other.solve, field.name))
    ]
    for part in ("values", "volumes", "heads", "link_flows"):
        these, those = getattr(one, part), getattr(other, part)
        assert these.keys() == those.keys()
        found += [f"{part} {name}" for name in these if not np.array_equal(these[name], those[name])]
    return found if np.array_equal(one.time, other.time) else [*found, "time"]


def test_eight_side_by_side_have_the_same_bits_as_each_alone() -> None:
    for i, solution in enumerate(solved([patient(i) for i in range(8)])):
        assert solution.outcome is Outcome.ok
        assert differs(solution, alone(i)) == []


@pytest.mark.parametrize("order", [(3, 1, 0, 2, 9, 8, 5), (8, 3), (0, 0, 0, 0, 3, 0, 0, 0, 0)])
def test_it_does_not_matter_who_shares_the_kernel_nor_in_which_lane(order: tuple[int, ...]) -> None:
    for i, solution in zip(order, solved([patient(i) for i in order]), strict=True):
        assert differs(solution, alone(i)) == []


def test_who_comes_into_a_lane_after_another_starts_as_if_nobody_had_been_there() -> None:
    for i, solution in enumerate(solved([patient(i) for i in range(11)])):
        assert differs(solution, alone(i)) == []


def test_a_lane_that_few_share_goes_on_in_eight_lanes_as_it_would_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """One patient in the eight lanes of the kernel, to the end, against one in a kernel for one."""
    monkeypatch.setattr(batch, "_FEW", 0)
    (solution,) = solved([patient(4)])
    assert differs(solution, alone(4)) == []


def test_patients_joined_otherwise_are_solved_in_the_same_call_and_come_back_in_order() -> None:
    whole = Body.reference(age=50.0)
    without = Body.reference(variants="absent_transverse_sinus_l")
    bodies = [patient(0), without, whole, patient(1)]
    found = solved(bodies)
    assert [one.network for one in found] == [body.network for body in bodies]
    assert differs(found[2], simulate(whole, numerics=COHORT, keep=KEEP)) == []
    assert differs(found[3], alone(1)) == []


def starved(i: int) -> Body:
    """A patient whose arteries start empty, so that many steps must be done again in pieces."""
    body = patient(i)
    heads = {name: head if head < 5e3 else -2e4 for name, head in body.healthy.initial_head.items()}
    return replace(body, healthy=replace(body.healthy, initial_head=heads))


def test_a_patient_in_trouble_goes_on_alone_and_changes_nobody() -> None:
    found = solved([patient(0), patient(1), starved(2), patient(3), patient(5), patient(8)])
    assert found[2].solve.repeated_steps > batch._TROUBLE
    assert differs(found[2], simulate(starved(2), numerics=COHORT, keep=KEEP)) == []
    for i, solution in zip((0, 1, 3, 5, 8), found[:2] + found[3:], strict=True):
        assert differs(solution, alone(i)) == []


def slammed(flow: float) -> Network:
    """A soft, squeezed vein into which blood is shot once a beat, or out of which it is sucked."""
    vein = Vessel(
        name="vein", start="a", end="b", length=0.2, radius=(3e-3, 3e-3), wall=VeinWall(wave_speed=(1.0, 1.0)),
        external_pressure=1500.0,
    )  # fmt: skip
    return Network(
        name="slammed",
        vessels=(vein,),
        flow_sources=(FlowSource(node="a", flow=Sampled((0.0, 0.02, 0.032, 0.06, 1.0), (0.0, 0.0, flow, 0.0, 0.0))),),
        pressure_sources=(PressureSource(node="b", pressure=Constant(500.0)),),
        initial_head={"a": 500.0, "b": 500.0},
    )


def test_a_patient_who_is_lost_is_an_outcome_and_the_others_stay_as_they_are() -> None:
    networks = [slammed(flow) for flow in (2e-5, -5e-3, 1e-5, 2e-4, 3e-5, 4e-5, -6e-3, 2e-5, 1.5e-5, 5e-5)]
    numerics = Numerics(time_step=4e-3)
    found = simulate_many(networks, numerics=numerics)
    assert [one.outcome for one in found if isinstance(one, Solution)].count(Outcome.lost) == 2
    for network, solution in zip(networks, found, strict=True):
        assert isinstance(solution, Solution)
        assert differs(solution, simulate(network, numerics=numerics)) == []


def test_a_body_that_cannot_be_solved_is_answered_by_its_error() -> None:
    wrong = replace(patient(2), healthy=replace(patient(2).healthy, period=float("nan")))
    found = simulate_many([patient(0), wrong], numerics=COHORT, keep=KEEP)
    assert isinstance(found[1], InputError) and "period" in str(found[1])
    assert isinstance(found[0], Solution) and differs(found[0], alone(0)) == []
    strained = simulate_many([patient(0).under(strain=valsalva())], numerics=COHORT)[0]
    assert isinstance(strained, InputError) and "no periodic state" in str(strained)


def test_a_patient_who_breathes_is_solved_as_by_simulate() -> None:
    breathing = Body.reference().under(breathing=Breathing())
    (found,) = solved([breathing])
    assert differs(found, simulate(breathing, numerics=COHORT, keep=KEEP)) == []


def test_nobody_is_solved_when_nobody_is_asked_for() -> None:
    assert simulate_many([]) == []


def test_too_few_beats_are_an_outcome_here_too() -> None:
    hurried = replace(COHORT, most_beats=4)
    bodies = [patient(i) for i in range(5)]
    for body, solution in zip(bodies, simulate_many(bodies, numerics=hurried, keep=KEEP), strict=True):
        assert isinstance(solution, Solution)
        assert solution.outcome is Outcome.not_periodic
        assert differs(solution, simulate(body, numerics=hurried, keep=KEEP)) == []


def test_networks_without_a_body_share_the_kernel_too() -> None:
    networks = [closed_loop(), closed_loop(collapse=True), closed_loop(), closed_loop(collapse=True), closed_loop()]
    for network, solution in zip(networks, simulate_many(networks), strict=True):
        assert isinstance(solution, Solution)
        assert differs(solution, simulate(network)) == []
