"""The reference body finds its periodic state fast and keeps its blood."""

from azygos.body.body import Body
from azygos.engine.keep import Keep
from azygos.engine.outcome import Outcome
from azygos.engine.run import Run
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
    """400 beats of waiting from where it ended. From the start the brain's fluid alone would take thousands."""
    body = Body.reference().with_lesion("ijv_r: 90 % area at 0.5, 20 mm")
    run = Run(body.network, Numerics(tolerance=1e-5), Keep())
    leapt = run.to_periodic(None)
    assert leapt.outcome is Outcome.ok
    for _ in range(400):
        record = run.advance(run.case.steps, periodic=True).record
    waited = run.case.sampler.course(record).values["flow"][:, 2].mean(axis=-1)
    for vessel in ("ijv_r.before", "ijv_l", "transverse_sinus_r", "azygos"):
        difference = abs(leapt.mean("flow", vessel) / waited[leapt.vessels.index(vessel)] - 1.0)
        figure(f"flow through {vessel}, {leapt.solve.beats} beats against 400 more: difference", difference, 1e-4)
        assert difference < 1e-4
