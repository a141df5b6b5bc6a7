"""Tangents against differences, the plane against the formulas, and fits against persons whose factors are known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from azygos.body.body import Body
from azygos.body.network import Channel
from azygos.body.parameter import parameters
from azygos.engine.compile import Mesh
from azygos.engine.measure import Measure
from azygos.engine.numerics import Numerics
from azygos.engine.outcome import Outcome
from azygos.engine.solve import simulate
from azygos.engine.tangent import tangents
from azygos.errors import InputError
from azygos.population.fit import fit
from azygos.population.measurement import Measurement
from azygos.population.plane import Plane, Question
from networks import closed_loop

COARSE = Numerics(time_step=4e-3, mesh=Mesh(cell_length=0.05), tolerance=1e-5, most_beats=300)
SHARP = replace(COARSE, tolerance=1e-9, most_beats=600)

NECK = (
    ("flow(ijv_r)", "mL/min", 0.08),
    ("flow(ijv_l)", "mL/min", 0.08),
    ("area(ijv_r)", "mm2", 0.10),
    ("area(ijv_l)", "mm2", 0.10),
    ("flow(internal_carotid_r) + flow(internal_carotid_l) + flow(vertebral_r) + flow(vertebral_l)", "mL/min", 0.08),
    ("max(pressure(radial_r))", "mmHg", 0.05),
    ("min(pressure(radial_r))", "mmHg", 0.05),
    ("flow(aorta_ascending_2)", "L/min", 0.06),
    ("pressure(right_atrium)", "mmHg", 0.20),
    ("flow(azygos)", "mL/min", 0.10),
)  # measure, unit, error as a share of the value


# tangents


def relative_errors(network_at, count, move, measures, numerics):
    """Differences of tangents and central differences of whole solves, as shares of a measure's largest derivative."""
    seen = tangents(network_at, np.zeros(count), numerics=numerics, tolerance=1e-8)
    assert seen.value.outcome in (Outcome.ok, Outcome.choked)
    slopes = np.array([seen.derivatives(measure) for measure in measures])
    differences = np.zeros_like(slopes)
    for i, row in enumerate(move * np.eye(count)):
        up, down = (simulate(network_at(at), numerics=numerics) for at in (row, -row))
        differences[:, i] = [(measure(up) - measure(down)) / (2.0 * move) for measure in measures]
    return np.abs(slopes - differences) / np.max(np.abs(differences), axis=1, keepdims=True)


def loop_at(at):
    """A vein's size, a resistance and the squeeze on the jugular, by the logarithms of their factors."""
    wide, tight, squeezed = np.exp(at)
    network = closed_loop(collapse=True)
    vessels = tuple(
        replace(
            v,
            radius=(v.radius[0] * wide, v.radius[1] * wide) if v.name == "basilic" else v.radius,
            external_pressure=v.external_pressure * squeezed,
        )
        for v in network.vessels
    )
    links = tuple(
        replace(k, resistance=k.resistance * tight) if isinstance(k, Channel) and k.name.startswith("brain") else k
        for k in network.links
    )
    return replace(network, vessels=vessels, links=links)


def test_tangents_of_a_periodic_state_equal_differences_of_whole_solves(figure):
    texts = ("flow(jugular)", "area(jugular)", "max(pressure(aorta))", "pulse(pressure(arm, 1))", "pressure(skull)")
    measures = [Measure.parse(text) for text in texts]
    # Smaller moves meet fewer of the places where an upwind share or a valve switches.
    worst = float(np.max(relative_errors(loop_at, 3, 1e-5, measures, replace(SHARP, tolerance=1e-10))))
    figure("largest difference of tangents and central differences, closed loop", worst, 1e-3)
    assert worst < 1e-3


@pytest.mark.parametrize("posture", ["supine", "upright"])
def test_tangents_of_the_body_equal_differences_of_whole_solves(posture, figure):
    """In the presence of the fluid's slow exchange, autoregulation, collapse and valves."""
    names = ("ijv_r.diameter", "cerebral_flow", "csf_outflow_resistance", "blood_volume", "arterial_stiffness")
    body = Body.reference(posture=posture)
    measures = [Measure.parse(text) for text, _, _ in NECK] + [Measure.parse("icp()")]

    def network_at(at):
        return body.with_parameters(dict(zip(names, np.exp(at).tolist(), strict=True))).network

    worst = float(np.max(relative_errors(network_at, len(names), 1e-5, measures, SHARP)))
    figure(f"largest difference of tangents and central differences, {posture}", worst, 1e-3)
    assert worst < 1e-3


def test_more_directions_than_the_kernel_takes_at_once_give_the_same_slopes():
    names = [name for name in parameters() if name.startswith(("ijv", "transverse", "sigmoid", "condylar", "svc"))]
    assert len(names) == 10
    body, measure = Body.reference(), Measure.parse("flow(ijv_r)")

    def network_at(at, chosen):
        return body.with_parameters(dict(zip(chosen, np.exp(at).tolist(), strict=True))).network

    whole = tangents(lambda at: network_at(at, names), np.zeros(10), numerics=COARSE)
    last = tangents(lambda at: network_at(at, names[9:]), np.zeros(1), numerics=COARSE)
    assert whole.derivatives(measure)[9] == pytest.approx(last.derivatives(measure)[0], rel=1e-4)


def test_a_state_that_is_not_periodic_has_no_tangents():
    body = Body.reference()
    seen = tangents(lambda at: body.network, np.zeros(1), numerics=replace(COARSE, most_beats=2))
    assert seen.value.outcome is Outcome.not_periodic and seen.raised == ()


# the plane


def plane(measured, errors, spreads, slopes, at=None, reach=9.0):
    count = len(spreads)
    question = Question(
        measured=np.array(measured, dtype=float),
        errors=np.array(errors, dtype=float),
        spreads=np.array(spreads, dtype=float),
        low=np.full(count, -reach),
        high=np.full(count, reach),
    )
    at = np.zeros(count) if at is None else np.array(at, dtype=float)
    slopes = np.array(slopes, dtype=float)
    return Plane(question=question, at=at, values=slopes @ at, slopes=slopes)


def test_one_measurement_of_one_parameter_gives_the_mean_of_both_weighed_by_their_precisions():
    """Prior 0 +- 0.3, measured 1 +- 0.4: at 1 x 0.3^2 / (0.3^2 + 0.4^2) = 0.36, +- 0.3 x 0.4 / 0.5 = 0.24."""
    for at in (0.0, 0.7):
        found = plane([1.0], [0.4], [0.3], [[1.0]], at=[at])
        assert found.at + found.step() == pytest.approx([0.36], rel=1e-12)
        assert found.deviations == pytest.approx([0.24], rel=1e-12)
        assert found.distance == pytest.approx(abs(0.36 - at) / 0.24, rel=1e-9)


def test_the_step_on_a_plane_solves_the_normal_equations():
    numbers = np.random.default_rng(5)
    slopes, measured = numbers.normal(size=(6, 4)), numbers.normal(size=6)
    errors, spreads = numbers.uniform(0.1, 1.0, 6), numbers.uniform(0.1, 1.0, 4)
    found = plane(measured, errors, spreads, slopes, at=numbers.normal(size=4) * 0.1)
    precision = slopes.T @ np.diag(errors**-2.0) @ slopes + np.diag(spreads**-2.0)
    least = np.linalg.solve(precision, slopes.T @ (measured / errors**2))
    assert found.at + found.step() == pytest.approx(least, rel=1e-9)
    assert found.deviations**2 == pytest.approx(np.diag(np.linalg.inv(precision)), rel=1e-9)
    assert np.linalg.norm(found.step(100.0)) < np.linalg.norm(found.step())


def test_a_step_ends_at_the_end_of_the_range():
    found = plane([1.0, 0.0], [1e-3, 1.0], [1.0, 1.0], np.eye(2), reach=0.5)
    assert found.step() == pytest.approx([0.5, 0.0], abs=1e-9)
    assert np.all(found.at + found.step() <= found.question.high)


def test_a_plane_that_moved_passes_through_both_places():
    before = plane([0.0, 0.0], [1.0, 1.0], [0.5, 2.0], [[1.0, 2.0], [0.0, 1.0]])
    there, values = np.array([0.2, -0.1]), np.array([0.3, 0.7])
    after = before.moved(there, values)
    assert after.values + after.slopes @ (before.at - there) == pytest.approx(before.values, abs=1e-14)
    # At right angles to the move in units of the spreads: 0.2 a / 0.5^2 - 0.1 b / 2^2 = 0.
    sideways = np.array([0.1 / 2.0**2, 0.2 / 0.5**2])
    assert after.slopes @ sideways == pytest.approx(before.slopes @ sideways)


# fits


def person(numbers, names):
    """Factors of a person, from the priors."""
    factors = {}
    for name in names:
        known = parameters()[name]
        draws = (float(np.exp(known.spread * numbers.normal())) for _ in range(1000))
        factors[name] = next(draw for draw in draws if known.low < draw < known.high)
    return factors


def measured(body, numbers, rows=NECK, noise=1.0):
    """What a clinic measures of a body, each with its error."""
    seen = simulate(body, numerics=COARSE)
    assert seen.outcome is Outcome.ok, seen.solve.sentence
    found = []
    for text, unit, share in rows:
        measure = Measure.parse(text)
        value = measure(seen)
        error = share * abs(value)
        told = value + noise * error * numbers.normal()
        found.append(Measurement(measure=measure, value=told, error=error, unit=unit))
    return found


def test_the_true_factors_of_twenty_persons_lie_in_the_95_per_cent_intervals_as_often_as_they_should(figure):
    """Written down before the run: of 20 persons x 8 factors, the central 99.9 % of a binomial with 0.95."""
    names = (
        "ijv_r.diameter", "ijv_l.diameter", "cerebral_flow", "arterial_resistance", "contractility",
        "venous_compliance", "blood_volume", "collateral_conductance",
    )  # fmt: skip
    inside = total = 0
    for seed in range(20):
        numbers = np.random.default_rng([2012, seed])
        factors = person(numbers, names)
        found = fit(Body.reference(), measured(Body.reference(parameters=factors), numbers), names, numerics=COARSE)
        assert found.converged, found.message
        for estimate in found.estimates:
            low, high = estimate.interval
            inside += low <= factors[estimate.name] <= high
            total += 1
    least, most = binom.interval(0.999, total, 0.95)
    figure("share of true factors inside their 95 % intervals", inside / total, 0.95)
    assert least <= inside <= most


def test_exact_measurements_with_small_errors_give_the_true_factors_back():
    truth = {"ijv_r.diameter": 0.8, "cerebral_flow": 1.15, "arterial_resistance": 1.3}
    rows = [(text, unit, 0.01) for text, unit, _ in NECK]
    numbers = np.random.default_rng(0)
    found = fit(
        Body.reference(),
        measured(Body.reference(parameters=truth), numbers, rows, noise=0.0),
        tuple(truth),
        numerics=COARSE,
    )
    assert found.converged and found.chi2 < 0.5
    for estimate in found.estimates:
        assert estimate.determined
        assert estimate.factor == pytest.approx(truth[estimate.name], abs=0.5 * estimate.standard_error)
    assert found.body.recipe is not None and dict(found.body.recipe.parameters) == found.factors


def test_both_postures_are_fitted_together():
    truth = {"ijv_r.diameter": 1.2, "csf_outflow_resistance": 0.7}
    body, found = Body.reference(parameters=truth), []
    for posture, text, unit, error in ((0.0, "icp()", "mmHg", 0.3), (90.0, "area(ijv_r)", "mm2", 0.3)):
        measure = Measure.parse(text)
        value = measure(simulate(body.with_posture(posture), numerics=COARSE))
        error *= measure.one(unit)
        found.append(Measurement(measure=measure, value=value, error=error, unit=unit, posture=posture))
    fitted = fit(Body.reference(), found, tuple(truth), numerics=COARSE)
    assert fitted.converged
    assert all(abs(residual.in_errors) < 1.0 for residual in fitted.residuals)
    for name, factor in truth.items():
        estimate = next(e for e in fitted.estimates if e.name == name)
        assert estimate.interval[0] <= factor <= estimate.interval[1]


def test_what_the_measurements_do_not_show_is_told_as_not_determined():
    rows = [("flow(ijv_r)", "mL/min", 0.05)]
    numbers = np.random.default_rng(1)
    found = fit(
        Body.reference(),
        measured(Body.reference(parameters={"ijv_r.diameter": 0.8}), numbers, rows, noise=0.0),
        ("ijv_r.diameter", "internal_cerebral_vein_l.diameter"),
        numerics=COARSE,
    )
    jugular, deep = found.estimates
    assert jugular.determined and not deep.determined
    assert deep.factor == pytest.approx(1.0, abs=0.05) and deep.spread > 0.9 * deep.prior_spread


def test_a_fit_that_cannot_begin_says_so():
    rows = [("flow(ijv_r)", "mL/min", 0.05)]
    measurements = measured(Body.reference(), np.random.default_rng(2), rows)
    found = fit(Body.reference(), measurements, ("cerebral_flow",), numerics=replace(COARSE, most_beats=2))
    assert not found.converged and found.outcome is Outcome.not_periodic
    assert "could not be solved" in found.message


def test_unknown_parameters_and_measures_are_all_said_at_once():
    measure = Measure.parse("flow(ijv_rr)")
    measurement = Measurement(measure=measure, value=1e-5, error=1e-6, unit="mL/min", where="m.csv:3")
    with pytest.raises(InputError) as refused:
        fit(Body.reference(), [measurement], ("cerebral_flw", "contractility", "contractility"))
    said = [str(problem) for problem in refused.value.problems]
    assert len(said) == 3
    assert "did you mean 'cerebral_flow'" in said[0] and "twice" in said[1] and said[2].startswith("m.csv:3")
