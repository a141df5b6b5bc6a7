"""The oracles against limits, symmetries and closed forms; none of this needs the engine."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from azygos.body.network import (
    Blood,
    Channel,
    Expansion,
    FlowSource,
    LinearStore,
    Network,
    PressureSource,
    Store,
    Valve,
    VaryingStore,
    Vessel,
)
from azygos.body.wall import ArteryWall, RigidWall, VeinWall
from azygos.body.waveform import Constant, DoubleCosine, Sampled, Waveform
from azygos.units import cm, mL, mm, mmHg
from oracles import explicit_fv, linear_network, lumped, riemann, steady_vein
from oracles.hard_patients import hard_patient
from oracles.riemann import State
from oracles.tube_law import Tube, tube_at

Floats = NDArray[np.float64]
RHO = 1060.0
ARTERY = Tube(reference_area=1.0e-4, k_half=4.0e4, offset=1.0e4)
STIFF_ARTERY = Tube(reference_area=0.6e-4, k_half=9.0e4, offset=1.0e4)
VEIN = Tube(reference_area=1.0e-4, k_vein=300.0)
NARROW_VEIN = Tube(reference_area=0.5e-4, k_vein=900.0)
STENTED_VEIN = Tube(reference_area=1.0e-4, k_vein=300.0, k_half=1.0e3)
TUBES = pytest.mark.parametrize("tube", [ARTERY, VEIN, STENTED_VEIN], ids=["artery", "vein", "stented vein"])
JUMPS = pytest.mark.parametrize(
    ("one", "two"),
    [(ARTERY, STIFF_ARTERY), (VEIN, NARROW_VEIN), (STENTED_VEIN, NARROW_VEIN), (VEIN, STENTED_VEIN)],
    ids=["arteries", "veins", "into a stent's end", "into a stent"],
)


@dataclass(frozen=True, slots=True)
class Wavy(Waveform):
    """amplitude (1 - cos(2 pi t / period)) / 2 + amplitude/4 (1 - cos(6 pi t / period)) / 2: starts flat."""

    amplitude: float
    mean_free: bool = False

    def sample(self, times: Floats, period: float) -> Floats:
        phase = 2.0 * np.pi * times / period
        start = 0.0 if self.mean_free else 0.625
        return self.amplitude * (start - 0.5 * np.cos(phase) - 0.125 * np.cos(3.0 * phase))


def state(tube: Tube, stretch: float, velocity: float) -> State:
    return State(area=stretch * tube.reference_area, velocity=velocity, tube=tube)


# --- exact Riemann solver


@TUBES
def test_a_tube_at_rest_stays_at_rest(tube: Tube) -> None:
    solution = riemann.solve(state(tube, 1.1, 0.0), state(tube, 1.1, 0.0))
    area, velocity = solution(np.linspace(-10.0, 10.0, 41))
    assert np.allclose(area, 1.1 * tube.reference_area, rtol=1e-13)
    assert np.all(np.abs(velocity) < 1e-13)


@JUMPS
def test_rest_across_a_jump_of_the_wall_stays_at_rest(one: Tube, two: Tube) -> None:
    left = state(one, 1.15, 0.0)
    right = State(area=two.area(one.pressure(left.area)), velocity=0.0, tube=two)
    area, velocity = riemann.solve(left, right)(np.array([-10.0, -0.1, 0.1, 10.0]))
    assert np.allclose(area, [left.area, left.area, right.area, right.area], rtol=1e-12)
    assert np.all(np.abs(velocity) < 1e-12)


@TUBES
@pytest.mark.parametrize("velocity", [0.4, -0.4])
def test_symmetric_data_bring_the_middle_to_rest(tube: Tube, velocity: float) -> None:
    solution = riemann.solve(state(tube, 1.2, velocity), state(tube, 1.2, -velocity))
    _, middle = solution(np.zeros(1))
    assert abs(middle[0]) < 1e-12
    assert solution.left.is_shock == (velocity > 0.0)


@TUBES
@pytest.mark.parametrize(("stretch", "velocity"), [(0.7, 0.0), (0.3, 0.1), (0.3, -0.2), (1.25, 1.0)])
def test_mass_and_velocity_integrals_are_conserved(tube: Tube, stretch: float, velocity: float) -> None:
    solution = riemann.solve(state(tube, 1.3, 0.2), state(tube, stretch, velocity))
    assert max(riemann.conservation_defect(solution)) < 1e-12


@JUMPS
@pytest.mark.parametrize("difference", [-500.0, 400.0])
def test_the_integrals_are_conserved_across_a_jump_of_the_wall(one: Tube, two: Tube, difference: float) -> None:
    left = state(one, 1.15, 0.1)
    right = State(area=two.area(one.pressure(left.area) + difference), velocity=0.0, tube=two)
    solution = riemann.solve(left, right)
    assert max(riemann.conservation_defect(solution)) < 1e-10
    a, b = solution.left.inner, solution.right.inner
    heads = [s.tube.pressure(s.area) + 0.5 * RHO * s.velocity**2 for s in (a, b)]
    assert a.area * a.velocity == pytest.approx(b.area * b.velocity, rel=1e-9)
    assert heads[0] == pytest.approx(heads[1], rel=1e-9)


@TUBES
def test_shocks_obey_both_jump_conditions_and_lax_entropy(tube: Tube) -> None:
    wave = riemann.solve(state(tube, 1.3, 0.3), state(tube, 0.6, 0.0)).right
    s, a, b = wave.speeds[0], wave.inner, wave.outer
    fluxes = [0.5 * x.velocity**2 + tube.pressure(x.area) / RHO for x in (a, b)]
    assert s * (a.area - b.area) == pytest.approx(a.area * a.velocity - b.area * b.velocity, rel=1e-11)
    assert s * (a.velocity - b.velocity) == pytest.approx(fluxes[0] - fluxes[1], rel=1e-11)
    assert wave.characteristic(b) < s < wave.characteristic(a)


@JUMPS
def test_weak_waves_reflect_as_acoustics_says(one: Tube, two: Tube) -> None:
    """Transmission 2 Z2 / (Z1 + Z2) of a pressure step, Z = rho c / A."""
    base, step = one.pressure(1.05 * one.reference_area), 1e-3
    areas = one.area(base), two.area(base)
    z = [RHO * t.speed(a, RHO) / a for t, a in zip((one, two), areas, strict=True)]
    pushed = one.area(base + step)
    left = State(area=pushed, velocity=step / (RHO * one.speed(areas[0], RHO)), tube=one)
    star = riemann.solve(left, State(area=areas[1], velocity=0.0, tube=two)).right.inner
    assert two.pressure(star.area) - base == pytest.approx(step * 2.0 * z[1] / (z[0] + z[1]), rel=1e-4)


# --- linearised network


def one_vessel(
    *, radius: tuple[float, float] = (5 * mm, 5 * mm), wall: ArteryWall | None = None, viscosity: float = 4e-3,
    load: float = 3e8, length: float = 0.5,
) -> Network:  # fmt: skip
    vessel = Vessel(
        name="v", start="a", end="b", length=length, radius=radius, wall=wall or ArteryWall(wave_speed=(5.0, 5.0))
    )
    return Network(
        name="one vessel",
        vessels=(vessel,),
        links=(Channel(name="load", start="b", end="ground", resistance=load),),
        flow_sources=(FlowSource(node="a", flow=Wavy(1e-6)),),
        pressure_sources=(PressureSource(node="ground", pressure=Constant(0.0)),),
        blood=Blood(viscosity=viscosity),
    )


OMEGA = np.array([0.0, 1.0, 7.0, 20.0, 60.0])
PUSH = {"a": np.full(OMEGA.size, 1e-6 + 0j)}


def test_a_lossless_line_shows_the_reflection_of_its_load() -> None:
    z = RHO * 5.0 / (np.pi * (5 * mm) ** 2)
    answer = linear_network.solve(one_vessel(viscosity=0.0, load=3.0 * z), OMEGA[1:], inflow={"a": PUSH["a"][1:]})
    reflected = (3.0 - 1.0) / (3.0 + 1.0) * np.exp(-2j * OMEGA[1:] * 0.5 / 5.0)
    assert np.allclose(answer.input_impedance("v"), z * (1.0 + reflected) / (1.0 - reflected), rtol=1e-12)


def test_a_matched_line_only_delays() -> None:
    z = RHO * 5.0 / (np.pi * (5 * mm) ** 2)
    answer = linear_network.solve(one_vessel(viscosity=0.0, load=z), OMEGA[1:], inflow={"a": PUSH["a"][1:]})
    assert np.allclose(answer.flow("v", 0.3), 1e-6 * np.exp(-1j * OMEGA[1:] * 0.15 / 5.0), rtol=1e-12)


def test_the_steady_part_is_poiseuille_flow() -> None:
    answer = linear_network.solve(one_vessel(), OMEGA, inflow=PUSH)
    drop = answer.pressure("v", 0.0)[0] - answer.pressure("v", 1.0)[0]
    assert drop.real == pytest.approx(8.0 * 4e-3 * 0.5 * 1e-6 / (np.pi * (5 * mm) ** 4), rel=1e-12)


def test_a_short_vessel_before_a_bed_shows_the_windkessel() -> None:
    stub = one_vessel(length=1e-9, load=1e7)
    bed = Store(name="bed", node="ground", law=LinearStore(elastance=1e8))
    out = Channel(name="out", start="ground", end="sink", resistance=1e8, inertance=1e6)
    network = replace(
        stub, links=(*stub.links, out), stores=(bed,),
        pressure_sources=(PressureSource(node="sink", pressure=Constant(0.0)),),
    )  # fmt: skip
    head = linear_network.solve(network, OMEGA, inflow=PUSH).head["a"]
    expected = 1e7 + 1.0 / (1j * OMEGA / 1e8 + 1.0 / (1e8 + 1j * OMEGA * 1e6))
    assert np.allclose(head / 1e-6, expected, rtol=1e-6)


def test_cutting_a_uniform_vessel_in_two_changes_nothing() -> None:
    whole = one_vessel(wall=ArteryWall(wave_speed=(5.0, 5.0), viscosity=500.0))
    half = replace(whole.vessels[0], end="m", length=0.2)
    rest = replace(whole.vessels[0], name="w", start="m", length=0.3)
    one = linear_network.solve(whole, OMEGA, inflow=PUSH, mean_head=2000.0)
    two = linear_network.solve(replace(whole, vessels=(half, rest)), OMEGA, inflow=PUSH, mean_head=2000.0)
    assert np.allclose(one.at("v", 0.4), two.at("w", 0.0), rtol=1e-11)
    assert np.allclose(one.area("v", 0.7), two.area("w", 0.5), rtol=1e-11)


def test_a_taper_cut_into_pieces_converges_with_second_order() -> None:
    network = one_vessel(radius=(6 * mm, 3 * mm), wall=ArteryWall(wave_speed=(5.0, 8.0), viscosity=500.0))
    heads = [linear_network.solve(network, OMEGA, inflow=PUSH, pieces=n).head["a"] for n in (25, 50, 400)]
    errors = [np.abs(h / heads[-1] - 1.0).max() for h in heads[:2]]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.05)


# --- steady flow


def vein_chain() -> tuple[Vessel, ...]:
    """Round, squeezed to under 0.6 A0 and tapering, round."""
    wall = VeinWall(wave_speed=(2.0, 2.0))
    inflow = Vessel(name="in", start="a", end="b", length=5 * cm, radius=(5 * mm, 5 * mm), wall=wall)
    squeezed = Vessel(
        name="squeezed", start="b", end="c", length=3 * cm, radius=(5 * mm, 4 * mm),
        wall=VeinWall(wave_speed=(2.0, 3.0)), external_pressure=1300.0,
    )  # fmt: skip
    return inflow, squeezed, replace(inflow, name="out", start="c", end="d")


def test_a_rigid_taper_loses_what_poiseuille_says() -> None:
    taper = Vessel(name="t", start="a", end="b", length=5 * cm, radius=(5 * mm, 3 * mm), wall=RigidWall())
    answer = steady_vein.solve([taper], 10 * mL, downstream_pressure=0.0)
    lost = 8.0 * 4e-3 * 10 * mL / np.pi * 0.05 * ((3 * mm) ** -3 - (5 * mm) ** -3) / (3.0 * 2 * mm)
    assert answer.head_drop == pytest.approx(lost, rel=2e-5)  # the wall yields by 1e-5


def test_without_viscosity_the_head_stays_and_the_pressure_falls_by_bernoulli() -> None:
    answer = steady_vein.solve(vein_chain(), 20 * mL, downstream_pressure=700.0, blood=Blood(viscosity=0.0))
    assert abs(answer.head_drop) < 1e-9
    speed = 20 * mL / answer.area[1]
    assert np.allclose(answer.pressure[1] + 0.5 * RHO * speed**2, answer.head[1], rtol=1e-12)


@pytest.mark.parametrize("flow", [1e-3 * mL, 1 * mL, 20 * mL, -10 * mL])
def test_marching_up_and_marching_down_agree(flow: float) -> None:
    up = steady_vein.solve(vein_chain(), flow, downstream_pressure=700.0)
    down = steady_vein.solve(vein_chain(), flow, upstream_pressure=up.head[0][0], is_head=True)
    assert down.head[-1][-1] == pytest.approx(up.head[-1][-1], abs=1e-6)


def test_the_area_form_of_the_equation_gives_the_same_collapsed_vein() -> None:
    """A' (dP/dA - rho q^2/A^3) = -8 pi mu q/A^2 in a uniform vein, without any algebraic inversion."""
    vein = replace(vein_chain()[1], radius=(5 * mm, 5 * mm), wall=VeinWall(wave_speed=(2.0, 2.0)))
    tube, flow = tube_at(vein, 0.0, Blood()), 15 * mL

    def slope(_: float, a: Floats) -> list[float]:
        return [-8.0 * np.pi * 4e-3 * flow / a[0] ** 2 / (tube.slope(a[0]) - RHO * flow**2 / a[0] ** 3)]

    start = tube.area(700.0)
    march = solve_ivp(slope, (0.03, 0.0), [start], method="Radau", rtol=1e-10, atol=1e-16)
    answer = steady_vein.solve([vein], flow, downstream_pressure=700.0)
    assert answer.area[0][0] == pytest.approx(march.y[0, -1], rel=1e-8)


def test_too_much_flow_chokes() -> None:
    with pytest.raises(steady_vein.ChokedError, match="cannot carry"):
        steady_vein.solve(vein_chain(), 60 * mL, downstream_pressure=300.0)


# --- one cell per vessel


def test_a_weak_wave_through_one_cell_is_that_of_its_circuit() -> None:
    """Half the inertia and resistance, the compliance, the other half: a T; driven for 20 time constants."""
    network = replace(one_vessel(length=0.2, load=1e8), flow_sources=(FlowSource(node="a", flow=Wavy(1e-9)),))
    area = np.pi * (5 * mm) ** 2
    omega = 2.0 * np.pi * np.arange(4)
    half = 0.1 * (1j * omega * RHO + 8.0 * np.pi * 4e-3 / area) / area
    compliance = 0.2 * area / (RHO * 25.0)
    impedance = half + 1.0 / (1j * omega * compliance + 1.0 / (half + 1e8))
    amplitudes = linear_network.harmonics_of(Wavy(1e-9), 1.0, 3) * impedance
    times = np.linspace(2.0, 3.0, 21)
    answer = lumped.solve(network, np.concatenate([[0.0], times]))
    expected = linear_network.synthesise(amplitudes, omega, times)
    assert np.abs(answer.head["a"][1:] - expected).max() < 1e-5 * np.abs(expected).max()


def branched(*, expansion: bool = False, wall_viscosity: float = 0.0, flow: Waveform | None = None) -> Network:
    """Two arteries from a third, two beds, one vein."""
    wall = ArteryWall(wave_speed=(5.0, 5.0), viscosity=wall_viscosity)
    vein = VeinWall(wave_speed=(2.0, 2.0))
    vessels = (
        Vessel(name="v", start="a", end="b", length=20 * cm, radius=(10 * mm, 8 * mm), wall=wall),
        Vessel(name="w", start="b", end="c", length=10 * cm, radius=(6 * mm, 6 * mm), wall=wall),
        Vessel(name="x", start="b", end="jet" if expansion else "d", length=5 * cm, radius=(2 * mm, 2 * mm), wall=wall),
        Vessel(name="y", start="d", end="e", length=10 * cm, radius=(6 * mm, 6 * mm), wall=wall),
        Vessel(name="vein", start="f", end="g", length=10 * cm, radius=(6 * mm, 6 * mm), wall=vein),
    )
    loss = Expansion(name="loss", start="jet", end="d", before="x", after="y", resistance=1e4)
    links = (
        *((loss,) if expansion else ()),
        Channel(name="r1", start="c", end="m", resistance=1e7),
        Channel(name="r2", start="m", end="f", resistance=1.2e8),
        Channel(name="r3", start="e", end="m2", resistance=1e7, inertance=1e5),
        Channel(name="r4", start="m2", end="f", resistance=1.2e8),
        Channel(name="out", start="g", end="sink", resistance=1e5),
    )
    stores = tuple(Store(name=n, node=n, law=LinearStore(elastance=1e8)) for n in ("m", "m2"))
    return Network(
        name="branched",
        vessels=vessels,
        links=links,
        stores=stores,
        flow_sources=(FlowSource(node="a", flow=flow or Wavy(100 * mL)),),
        pressure_sources=(PressureSource(node="sink", pressure=Constant(8 * mmHg)),),
        period=0.8,
        initial_head=dict.fromkeys(("a", "b", "c", "d", "jet", "e", "m", "m2", "f", "g", "sink"), 8 * mmHg),
    )


def test_the_lumped_network_keeps_its_blood_and_its_nodes_balance() -> None:
    source = Sampled((0.0, 0.1, 0.3, 0.8), (0.0, 200 * mL, 0.0, 0.0))
    network = branched(expansion=True, wall_viscosity=100.0, flow=source)
    times = np.linspace(0.0, 0.3, 301)
    answer = lumped.solve(network, times, rtol=1e-8)
    volume = sum(answer.store_volume.values()) + sum(answer.area[v.name] * v.length for v in network.vessels)
    left = np.trapezoid(answer.link_flow["out"], times)
    assert volume[-1] - volume[0] + left == pytest.approx(30 * mL, rel=1e-5)  # the trapezoid rule's error
    assert answer.imbalance < 1e-9 * 200 * mL


def test_a_source_that_already_flows_starts_the_neighbouring_blood_at_once() -> None:
    answer = lumped.solve(branched(flow=Constant(5 * mL)), np.array([0.0, 0.01]))
    assert answer.flow_start["v"] == pytest.approx(5 * mL, rel=1e-9)
    assert answer.flow_end["v"] == pytest.approx(answer.flow_start["w"] + answer.flow_start["x"], rel=1e-9)


def test_an_expansion_loses_the_jets_energy() -> None:
    """Steady flow from 3 mm to 6 mm: rho/2 (u1 - u2)^2 with u = q/A (Borda, Carnot)."""
    wall = ArteryWall(wave_speed=(10.0, 10.0), viscosity=1e3)
    narrow = Vessel(name="narrow", start="a", end="b", length=2 * cm, radius=(3 * mm, 3 * mm), wall=wall)
    wide = Vessel(name="wide", start="c", end="d", length=2 * cm, radius=(6 * mm, 6 * mm), wall=wall)
    network = Network(
        name="jet",
        vessels=(narrow, wide),
        links=(
            Expansion(name="loss", start="b", end="c", before="narrow", after="wide", resistance=1.0),
            Channel(name="out", start="d", end="sink", resistance=1e7),
        ),
        flow_sources=(FlowSource(node="a", flow=Constant(20 * mL)),),
        pressure_sources=(PressureSource(node="sink", pressure=Constant(0.0)),),
    )
    answer = lumped.solve(network, np.array([0.0, 1.0]), rtol=1e-7)
    flow, area = answer.link_flow["loss"][-1], answer.area["narrow"][-1]
    assert flow == pytest.approx(20 * mL, rel=1e-4)  # the last of the transient
    lost = answer.head["b"][-1] - answer.head["c"][-1]
    assert lost == pytest.approx(0.5 * RHO * (flow / area - flow / answer.area["wide"][-1]) ** 2, rel=1e-6)
    poiseuille = 8.0 * np.pi * 4e-3 * 2 * cm * flow / area**2
    assert answer.head["a"][-1] - answer.head["b"][-1] == pytest.approx(poiseuille, rel=1e-3)


def test_a_heart_with_valves_pumps_one_way_and_keeps_its_blood() -> None:
    chamber = DoubleCosine(active=2.0e8, passive=1.0e7, onset=0.0, rise=0.3, fall=0.15)
    inlet, outlet = (
        Valve(
            name=name, start=start, end=end, resistance=1e5, inertance=5e3, quadratic=1e10,
            opening_rate=0.1, closing_rate=0.1,
        )
        for name, start, end in (("inlet", "vein", "heart"), ("outlet", "heart", "artery"))
    )  # fmt: skip
    network = Network(
        name="heart",
        vessels=(),
        links=(inlet, outlet, Channel(name="bed", start="artery", end="vein", resistance=1e8)),
        stores=(
            Store(name="heart", node="heart", law=VaryingStore(elastance=chamber)),
            Store(name="artery", node="artery", law=LinearStore(elastance=1e8)),
            Store(name="vein", node="vein", law=LinearStore(elastance=1e6)),
        ),
        period=0.8,
        initial_head={"heart": 10 * mmHg, "artery": 60 * mmHg, "vein": 10 * mmHg},
    )
    answer = lumped.solve(network, np.linspace(0.0, 1.6, 161), rtol=1e-8)
    total = sum(answer.store_volume.values())
    assert np.ptp(total) < 1e-8 * total[0]
    flow = answer.link_flow["outlet"]
    assert flow.max() > 50 * mL
    assert -flow.clip(max=0.0).sum() < 0.1 * flow.clip(min=0.0).sum()  # a moment of closing flow


# --- explicit finite volumes


@pytest.mark.parametrize(("one", "two"), [("artery", "stiff artery"), ("vein", "vein"), ("vein", "stiff vein")])
def test_finite_volumes_tend_to_the_exact_waves(one: str, two: str) -> None:
    walls = {
        "artery": (ArteryWall(wave_speed=(5.0, 5.0)), 10 * mm),
        "stiff artery": (ArteryWall(wave_speed=(8.0, 8.0)), 8 * mm),
        "vein": (VeinWall(wave_speed=(2.0, 2.0)), 10 * mm),
        "stiff vein": (VeinWall(wave_speed=(3.0, 3.0)), 7 * mm),
    }
    pressures = (3000.0, 500.0) if one == "artery" else (1500.0, -300.0)
    sides = [
        Vessel(name=n, start=a, end=b, length=0.2, radius=(r, r), wall=w)
        for (w, r), (n, a, b) in zip((walls[one], walls[two]), (("l", "a", "m"), ("r", "m", "b")), strict=True)
    ]
    network = Network(name="shock tube", vessels=tuple(sides), blood=Blood(viscosity=0.0))
    tubes = [tube_at(v, 0.0, network.blood) for v in sides]
    states = [State(area=t.area(p), velocity=0.0, tube=t) for t, p in zip(tubes, pressures, strict=True)]
    exact = riemann.solve(*states)
    errors = []
    for n in (100, 200):
        answer = explicit_fv.solve(
            network, 0.02, spacing=0.2 / n, frame=0.02, initial={"l": (states[0].area, 0.0), "r": (states[1].area, 0.0)}
        )
        x = (np.arange(2 * n) + 0.5) * 0.2 / n - 0.2
        area, velocity = exact(x / 0.02)
        errors.append(
            (np.abs(answer.cell_area[-1] / area - 1.0).mean(), np.abs(answer.cell_velocity[-1] - velocity).mean())
        )
    assert max(errors[1]) < 6e-3
    assert errors[1][0] < 0.6 * errors[0][0]


def test_blood_at_rest_on_a_slope_stays_at_rest() -> None:
    still = replace(branched(flow=Constant(0.0)), heights={"a": 0.3, "e": -0.2, "b": 0.1, "m": 0.05})
    answer = explicit_fv.solve(still, 0.4, spacing=1 * cm)
    assert np.abs(answer.cell_velocity).max() < 1e-12


def test_finite_volumes_are_of_second_order_through_branches_beds_and_an_expansion() -> None:
    network = branched(expansion=True)
    answers = [explicit_fv.solve(network, 0.8, spacing=h, limited=False) for h in (0.5 * cm, 0.25 * cm, 0.0625 * cm)]
    errors = [
        max(np.abs(a.pressure(v.name, 0.3) - answers[-1].pressure(v.name, 0.3)).max() for v in network.vessels)
        for a in answers[:2]
    ]
    assert np.log2(errors[0] / errors[1]) > 1.7


def test_finite_volumes_keep_the_blood() -> None:
    network = branched(expansion=True)
    answer = explicit_fv.solve(network, 0.8, spacing=1 * cm, frame=0.001)
    pumped = 100 * mL * 0.625 * 0.8
    left = np.trapezoid(answer.link_flow["out"], answer.time)
    assert answer.volume()[-1] - answer.volume()[0] + left == pytest.approx(pumped, rel=2e-4)  # link flow at half steps


def test_weak_waves_of_the_finite_volumes_are_those_of_the_transmission_lines() -> None:
    network = branched(flow=Wavy(100 * mL * 1e-4, mean_free=True))
    exact = linear_network.periodic(network, 8, mean_head=8 * mmHg)
    answer = explicit_fv.solve(network, 0.8 * 14, spacing=0.5 * cm, record_from=0.8 * 13, limited=False)
    for vessel in network.vessels:
        flow = linear_network.synthesise(exact.flow(vessel.name, 0.3), exact.omega, answer.time)
        pressure = linear_network.synthesise(exact.pressure(vessel.name, 0.3), exact.omega, answer.time)
        assert np.abs(answer.flow(vessel.name, 0.3) - flow).max() < 1e-3 * np.ptp(flow)
        assert np.abs(answer.pressure(vessel.name, 0.3) - 8 * mmHg - pressure).max() < 1e-3 * np.ptp(pressure)


@dataclass(frozen=True, slots=True)
class Onset(Waveform):
    value: float

    def sample(self, times: Floats, period: float) -> Floats:
        return self.value * (0.5 - 0.5 * np.cos(np.pi * np.minimum(times, 1.0)))


def test_finite_volumes_settle_on_the_steady_flow_through_a_squeezed_vein() -> None:
    network = Network(
        name="squeezed",
        vessels=vein_chain(),
        links=(Channel(name="out", start="d", end="sink", resistance=1e6),),
        flow_sources=(FlowSource(node="a", flow=Onset(20 * mL)),),
        pressure_sources=(PressureSource(node="sink", pressure=Constant(700.0)),),
        period=20.0,
        initial_head=dict.fromkeys(("a", "b", "c", "d", "sink"), 700.0),
    )
    exact = steady_vein.solve(vein_chain(), 20 * mL, downstream_pressure=720.0, is_head=True)
    answer = explicit_fv.solve(network, 6.0, spacing=1 * mm, record_from=5.5)
    assert (answer.head["a"] - answer.head["d"]).mean() == pytest.approx(exact.head_drop, rel=2e-4)


# --- hard patients


def test_a_hard_patient_is_the_same_for_the_same_seed() -> None:
    assert hard_patient(7) == hard_patient(7)
    assert hard_patient(7) != hard_patient(8)


@pytest.mark.parametrize("seed", range(20))
def test_hard_patients_are_hard_as_promised(seed: int) -> None:
    network = hard_patient(seed)
    assert 40 <= len(network.vessels) <= 100
    assert len({v.name for v in network.vessels}) == len(network.vessels)
    assert set(network.nodes) == set(network.initial_head)
    squeezed = [v for v in network.vessels if v.external_pressure > 0.0]
    assert len(squeezed) == 10
    assert all(isinstance(v.wall, VeinWall) and v.external_pressure <= 50 * mmHg for v in squeezed)
    for loss in (link for link in network.links if isinstance(link, Expansion)):
        areas = [network.vessel(n).radius[0] ** 2 for n in (loss.before, loss.after)]
        assert 0.80 <= 1.0 - areas[0] / areas[1] <= 0.97
        assert network.vessel(loss.before).end == loss.start
        assert network.vessel(loss.after).start == loss.end


def test_finite_volumes_survive_two_beats_of_a_hard_patient() -> None:
    network = hard_patient(3)
    answer = explicit_fv.solve(network, 2.0 * network.period, spacing=1 * cm)
    assert np.isfinite(answer.cell_pressure).all()
    assert answer.cell_area.min() > 0.0
