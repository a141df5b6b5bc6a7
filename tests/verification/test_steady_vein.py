"""Steady flow through narrowing veins against the ordinary differential equation solved by SciPy."""

import pytest

from azygos.body.network import FlowSource, Network, PressureSource, Vessel
from azygos.body.wall import VeinWall
from azygos.body.waveform import Constant
from azygos.engine.compile import Mesh
from azygos.engine.solve import Numerics, simulate
from azygos.units import minute, mL, mmHg
from oracles import steady_vein

LIMIT = 0.005


def chain(*pieces, outside=0.0):
    wall = VeinWall(wave_speed=(2.0, 2.0))
    return tuple(
        Vessel(
            name=f"piece {i}",
            start=f"n{i}",
            end=f"n{i + 1}",
            length=length,
            radius=radius,
            wall=wall,
            external_pressure=outside,
        )
        for i, (length, radius) in enumerate(pieces)
    )


CASES = {
    "taper": (chain((0.2, (6e-3, 3e-3))), 600 * mL / minute, 5 * mmHg),
    "stenosis": (
        chain((0.08, (5e-3, 5e-3)), (0.02, (2.2e-3, 2.2e-3)), (0.08, (5e-3, 5e-3))),
        400 * mL / minute,
        6 * mmHg,
    ),
    "collapsing": (chain((0.1, (5e-3, 4e-3)), (0.1, (4e-3, 4e-3)), outside=8 * mmHg), 250 * mL / minute, 6 * mmHg),
}


@pytest.mark.parametrize("cell_length", [0.01, 0.0025])
@pytest.mark.parametrize("case", CASES)
def test_the_pressure_drop_of_a_narrowing_vein_is_exact(case, cell_length, figure):
    vessels, flow, downstream = CASES[case]
    last = f"n{len(vessels)}"
    network = Network(
        name=case,
        vessels=vessels,
        flow_sources=(FlowSource(node="n0", flow=Constant(flow)),),
        pressure_sources=(PressureSource(node=last, pressure=Constant(downstream)),),
        initial_head={f"n{i}": downstream + 2 * mmHg for i in range(len(vessels) + 1)},
    )
    solution = simulate(network, duration=20.0, numerics=Numerics(mesh=Mesh(cell_length=cell_length), time_step=5e-3))
    exact = steady_vein.solve(vessels, flow, downstream_pressure=downstream, is_head=True, blood=network.blood)
    drop = solution.at("pressure", vessels[0].name, 0.0)[-1] - solution.at("pressure", vessels[-1].name, 1.0)[-1]
    head = solution.heads["n0"][-1] - solution.heads[last][-1]
    assert solution.at("flow", vessels[0].name)[-1] == pytest.approx(flow, rel=1e-6), "must be steady"
    errors = abs(head / exact.head_drop - 1.0), abs(drop / exact.pressure_drop - 1.0)
    figure(
        f"{case}, h = {cell_length * 1e3:g} mm: error of head drop ({exact.head_drop / mmHg:.2f} mmHg)",
        errors[0],
        LIMIT,
    )
    figure(f"{case}, h = {cell_length * 1e3:g} mm: error of pressure drop", errors[1], LIMIT)
    assert max(errors) < LIMIT
