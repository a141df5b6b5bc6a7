"""The reference body finds its periodic state fast and keeps its blood."""

from dataclasses import replace

from azygos.body.body import Body
from azygos.engine.outcome import Outcome
from azygos.engine.solve import Numerics, simulate

MOST_BEATS = 15


def test_the_reference_body_is_periodic_after_the_work_of_fifteen_beats(figure):
    solution = simulate(Body.reference())
    figure(f"beats until periodic (residual {solution.solve.residual:.1e})", solution.solve.beats, MOST_BEATS)
    figure("relative change of blood volume", solution.solve.volume_error, 1e-12)
    assert solution.outcome is Outcome.ok
    assert solution.solve.residual < 1e-4
    assert solution.solve.beats <= MOST_BEATS
    assert solution.solve.volume_error < 1e-12


def test_acceleration_ends_where_waiting_ends(figure):
    body = Body.reference().with_lesion("ijv_r: 90 % area at 0.5, 20 mm")
    tight = Numerics(tolerance=1e-6, most_beats=400)
    waited = simulate(body, numerics=replace(tight, accelerate=False))
    leapt = simulate(body, numerics=tight)
    for vessel in ("ijv_r.before", "ijv_l", "transverse_sinus_r", "azygos"):
        difference = abs(leapt.mean_flow_ml_min(vessel) / waited.mean_flow_ml_min(vessel) - 1.0)
        beats = f"{leapt.solve.beats} beats against {waited.solve.beats}"
        figure(f"flow through {vessel}, {beats}: difference", difference, 1e-4)
        assert difference < 1e-4
