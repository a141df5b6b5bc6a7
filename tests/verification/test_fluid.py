"""Starling resistors, regulated beds, stores that collapse and the brain's fluid, against formulas and SciPy."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from azygos.body.network import (
    Autoregulation,
    Channel,
    CollapsibleStore,
    ExponentialStore,
    FlowSource,
    LinearStore,
    Network,
    PressureSource,
    StarlingResistor,
    Store,
    Vessel,
)
from azygos.body.steady import steady
from azygos.body.wall import RigidWall
from azygos.body.waveform import Constant, Sampled, Swing
from azygos.engine.compile import compile_network
from azygos.engine.patient import load
from azygos.engine.solve import simulate
from azygos.engine.topology import in_order
from azygos.units import mL, mmHg

R = mmHg / mL  # mmHg s/mL


# A Starling resistor alone


def fall(up, down, around, sharpness=10.0):
    """Between two nodes without volume: a resistance before it and one behind, all pressures given."""
    return Network(
        name="fall",
        vessels=(),
        links=(
            Channel(name="before", start="up", end="a", resistance=0.5 * R),
            StarlingResistor(name="fall", start="a", end="b", around="skull", resistance=0.3 * R, sharpness=sharpness),
            Channel(name="behind", start="b", end="down", resistance=0.2 * R),
        ),
        pressure_sources=tuple(
            PressureSource(node=node, pressure=Constant(value * mmHg))
            for node, value in (("up", up), ("down", down), ("skull", around))
        ),
        initial_head={"a": down * mmHg, "b": down * mmHg},
    )


@pytest.mark.parametrize(
    ("up", "down", "around"),
    [(20, 5, 0), (20, 5, 10), (20, 9.9, 10), (20, -30, 10), (12, 5, 11.9), (5, 20, 10), (5, 20, 0), (8, 5, 50)],
    ids=["open", "waterfall", "on the edge", "deep", "nearly shut", "backwards", "backwards, open", "shut"],
)
def test_the_flow_of_a_starling_resistor_is_that_of_its_formula(up, down, around, figure):
    """Also between nodes without volume, where nothing but the step itself can settle it."""
    patient = load(compile_network(fall(up, down, around)), 2e-3)
    record = patient.advance(500, every=1).record
    node = patient.compiled[0].node_index
    a, b = (record.head[:, node[n], 0] / mmHg - around for n in "ab")
    smooth = 10.0 / mmHg
    formula = 0.5 * (a + np.hypot(a, smooth) - b - np.hypot(b, smooth)) / 0.3
    flow = record.link_flow[:, 1, 0] / mL
    size = max(abs(up - down) / 1.0, 1e-3)
    error = abs(flow[-1] - formula[-1]) / size
    figure(f"flow between {up} and {down} mmHg around {around}, relative to that without the fall", error, 1e-9)
    assert error < 1e-9
    assert np.ptp(flow[-50:]) < 1e-9 * size
    ideal = (max(up - 0.5 * flow[-1] - around, 0) - max(down + 0.2 * flow[-1] - around, 0)) / 0.3
    assert flow[-1] == pytest.approx(ideal, abs=smooth / 0.3)


@pytest.mark.parametrize(("down", "around"), [(5, 0), (5, 10), (-30, 10), (5, 19.5)])
def test_the_mean_state_without_waves_knows_the_fall_too(down, around):
    """What a body is built from (`steady`): a vein before the fall, its resistance there small."""
    vein = Vessel(name="vein", start="up", end="a", length=0.05, radius=(5e-3, 5e-3), wall=RigidWall())
    network = fall(20, down, around)
    network = replace(network, vessels=(vein,), links=network.links[1:])
    held = {"up": 20 * mmHg, "down": down * mmHg, "skull": around * mmHg}
    found = steady(network, inflow={}, held=held)
    a, b = (found.head[n] - held["skull"] for n in "ab")
    formula = 0.5 * (a + np.hypot(a, 10.0) - b - np.hypot(b, 10.0)) / (0.3 * R)
    assert found.flow["fall"] == pytest.approx(formula, rel=1e-9)
    assert found.flow["fall"] == pytest.approx(found.flow["vein"], rel=1e-9)


def test_below_a_waterfall_nothing_is_felt_above():
    flows = []
    for down in (5.0, -5.0):
        patient = load(compile_network(fall(20, down, 10)), 2e-3)
        flows.append(patient.advance(500, every=500).record.link_flow[-1, 1, 0])
    assert flows[1] == pytest.approx(flows[0], rel=1e-3)
    assert flows[0] == pytest.approx((20 - 10) / 0.8 * mL, rel=2e-2)  # (p_up - p_around) / (R_before + R)


@pytest.mark.parametrize(("up", "down"), [(12, 5), (5, 12)])
def test_with_its_own_end_around_it_lets_flow_pass_one_way(up, down):
    network = fall(up, down, 0.0)
    links = tuple(replace(k, around="b") if isinstance(k, StarlingResistor) else k for k in network.links)
    network = replace(network, links=links, pressure_sources=network.pressure_sources[:2])
    flow = load(compile_network(network), 2e-3).advance(500, every=500).record.link_flow[-1, 1, 0] / mL
    if up > down:
        assert flow == pytest.approx((up - down) / 1.0, rel=2e-2)
    else:
        assert -10.0 / (2 * 0.3 * R) / mL <= flow <= 0.0  # shut, M(a) = 0: what is left is -M(0) / R = -sharpness / 2 R


def test_a_held_fluid_presses_alike_at_all_heights_and_one_that_answers_has_its_weight():
    """Air around a fall 20 cm up: the blood inside is lighter by rho g z than at the ground."""
    column = 1060 * 9.80665 * 0.2
    high = {"a": 0.2, "b": 0.2}
    air = replace(fall(30, 5, 0.0), heights=high)
    flow = load(compile_network(air), 2e-3).advance(500, every=500).record.link_flow[-1, 1, 0]
    pressed = fall(30, 5, column / mmHg)
    assert flow == pytest.approx(
        load(compile_network(pressed), 2e-3).advance(500, every=500).record.link_flow[-1, 1, 0]
    )
    fluid = replace(
        fall(30, 5, 0.0),
        stores=(Store(name="skull", node="skull", law=LinearStore(elastance=1e9), is_blood=False),),
        heights=high,
    )
    fluid = replace(fluid, pressure_sources=fluid.pressure_sources[:2])
    still = load(compile_network(fluid), 2e-3).advance(500, every=500).record.link_flow[-1, 1, 0]
    level = load(compile_network(fall(30, 5, 0.0)), 2e-3).advance(500, every=500).record.link_flow[-1, 1, 0]
    assert still == pytest.approx(level, rel=1e-9)


# A small brain: artery, regulated bed, veins that collapse, a fall into the sinus, fluid made and absorbed


PERIOD = 1.0
PRESSURE = Swing(rest=80 * mmHg, peak=120 * mmHg, rise=0.35)
SINUS = 6 * mmHg
RULE = Autoregulation(link="arterioles", normal_flow=10 * mL, gain=5.0, time_constant=2.0, least=0.5, most=2.5)
ARTERIOLES, CAPILLARIES, FALL, FORMATION, ABSORPTION = 7.0 * R, 0.7 * R, 0.3 * R, 2380 * R, 526 * R
SHARP = 50.0
BED = LinearStore(elastance=2 * mmHg / mL, unstressed_volume=5 * mL)
VEINS = CollapsibleStore(elastance=0.8 * mmHg / mL, unstressed_volume=6 * mL)
SKULL = ExponentialStore(scale=5 * mmHg, volume_scale=14 * mL, unstressed_volume=20 * mL)
HEADS = {"artery": 80 * mmHg, "bed": 25 * mmHg, "veins": 12 * mmHg, "skull": 9 * mmHg, "sinus": SINUS}


def brain(artery=PRESSURE):
    return Network(
        name="brain",
        vessels=(),
        links=(
            Channel(name="arterioles", start="artery", end="bed", resistance=ARTERIOLES),
            Channel(name="capillaries", start="bed", end="veins", resistance=CAPILLARIES),
            StarlingResistor(name="fall", start="veins", end="sinus", around="skull", resistance=FALL, sharpness=SHARP),
            Channel(name="formation", start="bed", end="skull", resistance=FORMATION),
            StarlingResistor(
                name="absorption", start="skull", end="sinus", around="sinus", resistance=ABSORPTION, sharpness=SHARP
            ),
        ),
        stores=(
            Store(name="bed", node="bed", law=BED, around="skull"),
            Store(name="veins", node="veins", law=VEINS, around="skull"),
            Store(name="skull", node="skull", law=SKULL, is_blood=False),
        ),
        regulations=(RULE,),
        pressure_sources=(
            PressureSource(node="artery", pressure=artery),
            PressureSource(node="sinus", pressure=Constant(SINUS)),
        ),
        period=PERIOD,
        initial_head=HEADS,
    )


def smooth_max(p):
    return 0.5 * (p + np.hypot(p, SHARP))


def pressures(bed, veins, skull):
    """Of the three stores; the skull's presses on the other two."""
    icp = SKULL.scale * np.expm1((skull - SKULL.unstressed_volume) / SKULL.volume_scale)
    rest = VEINS.unstressed_volume
    soft = VEINS.elastance * (veins - rest if veins > rest else rest * (1 - rest / veins))
    return BED.elastance * (bed - BED.unstressed_volume) + icp, soft + icp, icp


def rates(time, y, artery):
    bed, veins, skull, tone = y
    p_bed, p_veins, icp = pressures(bed, veins, skull)
    g = RULE.gain * tone
    span = RULE.most - 1 if g > 0 else 1 - RULE.least
    resistance = ARTERIOLES * (1 + g / np.sqrt(1 + (g / span) ** 2))
    inflow = (float(artery.sample(np.array([time]), PERIOD)[0]) - p_bed) / resistance
    through = (p_bed - p_veins) / CAPILLARIES
    out = (smooth_max(p_veins - icp) - smooth_max(SINUS - icp)) / FALL
    made = (p_bed - icp) / FORMATION
    absorbed = (smooth_max(icp - SINUS) - smooth_max(0.0)) / ABSORPTION
    gain_bed, gain_veins = inflow - through - made, through - out
    answer = (inflow / RULE.normal_flow - 1 - tone) / RULE.time_constant
    return gain_bed, gain_veins, gain_bed + gain_veins + made - absorbed, answer


def scipy_brain(times, artery=PRESSURE):
    """Volumes of bed, veins and skull, and the tone, (4, times)."""
    start = [
        BED.volume(HEADS["bed"] - HEADS["skull"], PERIOD),
        VEINS.volume(HEADS["veins"] - HEADS["skull"], PERIOD),
        SKULL.volume(HEADS["skull"], PERIOD),
        0.0,
    ]
    corners = np.arange(0.0, times[-1] + 1e-9, 0.05 * PERIOD)  # where a swing turns, among others
    values, y = [], start
    for begin, end in pairwise(corners):
        inner = times[(times > begin + 1e-9) & (times < end + 1e-9)]
        run = solve_ivp(
            rates, (begin, end), y, args=(artery,), method="Radau", t_eval=np.unique([*inner, end]), rtol=1e-10,
            atol=1e-14,
        )  # fmt: skip
        values.append(run.y[:, : inner.size])
        y = run.y[:, -1]
    return np.concatenate(values, axis=1)


def engine_brain(step, samples, duration, artery=PRESSURE):
    network = brain(artery)
    steps = round(duration / step)
    patient = load(compile_network(network), step)
    volumes, tones = [], []
    names = [store.name for store in in_order(network.stores)]
    for _ in range(samples):
        record = patient.advance(steps // samples, every=steps // samples).record
        volumes.append([record.volume[-1, names.index(n), 0] for n in ("bed", "veins", "skull")])
        tones.append(patient.kernel["tone"][0, 0])
    return np.concatenate([np.array(volumes).T, np.array(tones)[None]])


def largest_error(found, wanted):
    scale = np.max(np.abs(wanted), axis=1, keepdims=True)
    return float(np.max(np.abs(found - wanted) / scale))


@pytest.fixture(scope="module")
def exact():
    return scipy_brain(np.arange(1, 41) * 0.25)


def test_a_small_brain_with_fluid_and_regulation_equals_its_equations(exact, figure):
    error = largest_error(engine_brain(1.25e-4, 40, 10.0), exact)
    figure("volumes and tone over 10 s at 0.125 ms against SciPy, relative", error, 1e-6)
    assert error < 1e-6


def test_it_is_second_order_in_time(exact, figure):
    steps = (5e-3, 2.5e-3, 1.25e-3)
    errors = [largest_error(engine_brain(step, 40, 10.0), exact) for step in steps]
    order = float(np.log2(errors[0] / errors[-1]) / 2)
    figure(f"order in time, falls and regulation (errors {', '.join(f'{e:.1e}' for e in errors)})", order, 1.8)
    assert order > 1.8


def test_the_regulated_flow_is_that_of_the_formula(figure):
    """At a steady 95 mmHg: q / q_n = 1 + x, R = R_0 (1 + S(gain x))."""
    artery = Constant(95 * mmHg)
    found = engine_brain(2e-3, 1, 12000.0, artery)[:, -1]
    tone, p_bed = found[3], pressures(*found[:3])[0]
    g = RULE.gain * tone
    resistance = ARTERIOLES * (1 + g / np.sqrt(1 + (g / (RULE.most - 1 if g > 0 else 1 - RULE.least)) ** 2))
    error = abs((95 * mmHg - p_bed) / resistance / RULE.normal_flow - 1 - tone)
    figure("regulated flow against its formula after 12 000 s", error, 1e-8)
    assert error < 1e-8
    balance = [abs(rate) for rate in rates(0.0, found, artery)[:3]]
    assert max(balance) < 1e-6 * RULE.normal_flow


# Stores that collapse


def test_a_collapsible_store_never_falls_below_zero_however_hard_it_is_sucked():
    network = Network(
        name="sucked",
        vessels=(),
        links=(Channel(name="out", start="bag", end="pump", resistance=0.01 * R),),
        stores=(Store(name="bag", node="bag", law=VEINS),),
        pressure_sources=(
            PressureSource(node="pump", pressure=Sampled((0.0, 0.1, 0.11, 1.0), (10 * mmHg, 10 * mmHg, -4e4, -4e4))),
        ),
        initial_head={"bag": 10 * mmHg, "pump": 10 * mmHg},
    )
    patient = load(compile_network(network), 2e-3)
    advance = patient.advance(500, every=1)
    assert advance.fates[0].lost_step is None
    volume = advance.record.volume[:, 0, 0]
    assert np.all(volume > 0.0)
    rest = VEINS.unstressed_volume
    assert volume[-2] == pytest.approx(rest / (1 + 4e4 / (VEINS.elastance * rest)), rel=1e-3)  # p = E V0 (1 - V0 / V)


def test_a_collapsible_store_that_is_pumped_dry_is_lost_by_name():
    network = Network(
        name="pumped",
        vessels=(),
        stores=(Store(name="bag", node="bag", law=VEINS),),
        flow_sources=(FlowSource(node="bag", flow=Constant(-20 * mL)),),
        initial_head={"bag": 10 * mmHg},
    )
    advance = load(compile_network(network), 2e-3).advance(1000, every=1000)
    assert advance.fates[0].lost_step is not None
    assert advance.fates[0].lost_store == 0


def test_a_linear_store_stays_linear_below_zero():
    """A windkessel of a published network knows no unstressed volume; its pressure may fall below the atmosphere's."""
    law = LinearStore(elastance=1e9)
    network = Network(
        name="windkessel",
        vessels=(),
        stores=(Store(name="c", node="n", law=law),),
        flow_sources=(FlowSource(node="n", flow=Constant(-1e-6)),),
        initial_head={"n": 500.0},
    )
    record = load(compile_network(network), 2e-3).advance(500, every=500).record
    assert record.head[-1, 0, 0] == pytest.approx(500.0 - 1e9 * 1e-6, rel=1e-9)


def test_a_skull_that_loses_fluid_goes_on_straight_below_its_normal_pressure() -> None:
    """p = p_n exp(k dV) above and p_n (1 + k dV) below, by hand, after so much was drawn out of a store."""
    law = ExponentialStore(
        scale=9.5 * mmHg,
        volume_scale=9 * mL,
        unstressed_volume=150 * mL,
        reference_pressure=9.5 * mmHg,
        straight_below=True,
    )
    network = Network(
        name="skull",
        vessels=(),
        stores=(Store(name="skull", node="skull", law=law, is_blood=False),),
        flow_sources=(FlowSource(node="skull", flow=Constant(-1 * mL)),),
        initial_head={"skull": 20 * mmHg},
    )
    course = simulate(network, duration=30.0).course
    above = (course.volumes["skull"] - 150 * mL) / (9 * mL)
    by_hand = 9.5 * mmHg * np.where(above > 0.0, np.exp(above), 1.0 + above)
    assert above[0] > 0.0 > above[-1] and by_hand[-1] < 0.0
    np.testing.assert_allclose(course.heads["skull"][5:], by_hand[5:], rtol=1e-3, atol=0.02 * mmHg)
