"""A step that goes wrong is done again in pieces; a patient that is lost says where and harms no other."""

from dataclasses import replace

import numpy as np
import pytest

from azygos.body.network import FlowSource, LinearStore, Network, PressureSource, Store, Vessel
from azygos.body.wall import VeinWall
from azygos.body.waveform import Constant, Sampled
from azygos.engine.compile import compile_network
from azygos.engine.keep import Keep
from azygos.engine.outcome import Outcome
from azygos.engine.patient import load, load_batch
from azygos.engine.solve import Numerics, simulate
from networks import closed_loop


def slammed(flow):
    """A soft, squeezed vein into which blood is shot."""
    vein = Vessel(
        name="vein", start="a", end="b", length=0.2, radius=(3e-3, 3e-3), wall=VeinWall(wave_speed=(1.0, 1.0)),
        external_pressure=1500.0,
    )  # fmt: skip
    shot = Sampled((0.0, 0.02, 0.032, 0.06, 1.0), (0.0, 0.0, flow, 0.0, 0.0))
    return Network(
        name="slammed",
        vessels=(vein,),
        flow_sources=(FlowSource(node="a", flow=shot),),
        pressure_sources=(PressureSource(node="b", pressure=Constant(500.0)),),
        initial_head={"a": 500.0, "b": 500.0},
    )


def test_a_step_that_goes_wrong_is_done_again_in_pieces():
    solution = simulate(slammed(2e-4), duration=1.0, numerics=Numerics(time_step=4e-3))
    assert solution.solve.repeated_steps > 0
    assert solution.outcome is not Outcome.lost
    assert np.isfinite(solution.values["area"]).all()


def test_a_patient_whose_blood_is_sucked_away_is_lost_and_says_where_and_when():
    solution = simulate(slammed(-5e-3), duration=1.0, numerics=Numerics(time_step=4e-3))
    assert solution.outcome is Outcome.lost
    assert "'vein'" in solution.solve.message
    assert " at 0.0" in solution.solve.message
    assert len(solution.time) < 30, "only what came before is kept"
    assert np.isfinite(solution.values["area"]).all()


def test_a_lost_lane_leaves_its_neighbours_as_they_would_be_alone():
    networks = [slammed(f) for f in (2e-5, -5e-3, 2e-4, 1e-5, 2e-5, 2e-5, 2e-5, 2e-5)]
    compiled = [compile_network(n) for n in networks]
    together = load_batch(compiled, [4e-3] * 8).advance(250, every=250)
    assert together.fates[1].lost_step is not None
    assert together.fates[2].repeated > 0
    for i in (0, 2, 3):
        alone = load(compiled[i], 4e-3).advance(250, every=250)
        assert together.fates[i] == alone.fates[0]
        scale = np.max(np.abs(alone.record.area[..., 0]))
        assert np.max(np.abs(together.record.area[..., i] - alone.record.area[..., 0])) < 1e-12 * scale


def test_not_enough_beats_is_an_outcome_and_names_the_worst_vessel():
    solution = simulate(closed_loop(), numerics=Numerics(most_beats=3))
    assert solution.outcome is Outcome.not_periodic
    assert solution.solve.worst_vessel in solution.vessels
    assert solution.solve.worst_vessel in solution.solve.message


def test_a_choked_vein_is_reported():
    network = slammed(0.0)
    steady = replace(network, flow_sources=(FlowSource(node="a", flow=Constant(6e-6)),))
    solution = simulate(steady, duration=5.0)
    assert solution.outcome is Outcome.choked
    assert "Froude" in solution.solve.message


@pytest.mark.parametrize("accelerate", [True, False])
def test_a_network_that_only_fills_is_never_called_periodic(accelerate):
    """The fuller it is the less a beat changes it, relatively; what flows in and not out gives it away."""
    base = slammed(0.0)
    filling = replace(
        base,
        flow_sources=(FlowSource(node="a", flow=Constant(1e-5)),),
        pressure_sources=(),
        stores=(Store(name="bag", node="b", law=LinearStore(elastance=1e7)),),
    )
    solution = simulate(filling, numerics=Numerics(accelerate=accelerate, most_beats=60))
    assert solution.outcome in (Outcome.not_periodic, Outcome.lost)


def test_the_vessel_that_is_sucked_empty_is_named_and_not_its_neighbours():
    wall = VeinWall(wave_speed=(1.0, 1.0))
    vessels = tuple(
        Vessel(name=f"v{i}", start=f"n{i}", end=f"n{i + 1}", length=0.1, radius=(4e-3, 4e-3), wall=wall)
        for i in range(6)
    )
    suction = Sampled((0.0, 0.2, 0.22, 0.3, 1.0), (0.0, 0.0, -2e-3, 0.0, 0.0))
    network = Network(
        name="row",
        vessels=vessels,
        flow_sources=(FlowSource(node="n4", flow=suction),),
        pressure_sources=tuple(PressureSource(node=n, pressure=Constant(300.0)) for n in ("n0", "n6")),
        initial_head={f"n{i}": 300.0 for i in range(7)},
    )
    solution = simulate(network, duration=1.0)
    assert solution.outcome is Outcome.lost
    assert "'v3'" in solution.solve.message or "'v4'" in solution.solve.message


def test_what_is_kept_does_not_change_the_outcome():
    steady = replace(slammed(0.0), flow_sources=(FlowSource(node="a", flow=Constant(6e-6)),))
    few, many = (simulate(steady, keep=Keep(samples_per_beat=n)).solve for n in (1, 100))
    assert (few.outcome, few.largest_froude, few.beats) == (many.outcome, many.largest_froude, many.beats)
