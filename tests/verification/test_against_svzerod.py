"""Lumped circulations against svZeroDSolver 3.2 (SimVascular, https://github.com/SimVascular/svZeroDSolver).

The same file was solved there: 30 cycles (the heart 60) of 501 steps (the heart 689, the chamber 201). Its numbers at
0, 20, 40, 60 and 80 % of the last cycle stand here; ours must lie within BAND of the range over the cycle, since both
err by their time steps, or within VALVES where valves switch, theirs at once and ours in about a millisecond.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from azygos.engine.outcome import Outcome
from azygos.engine.solve import Numerics, simulate
from azygos.exchange.svzerod import read_svzerod

BAND, VALVES = 0.002, 0.02
TIMES = [number / 100 for number in range(101)]
SINE = [2.5 * np.sin(2 * np.pi * time) + 2.2 for time in TIMES]
INFLOW = {"bc_name": "INFLOW", "bc_type": "FLOW", "bc_values": {"Q": SINE, "t": TIMES}}
ENDS = {"inlet": "INFLOW", "outlet": "OUT"}


def rcr(name: str) -> dict[str, Any]:
    return {"bc_name": name, "bc_type": "RCR", "bc_values": {"Rp": 100.0, "C": 1e-4, "Rd": 1000.0, "Pd": 100.0}}


def resistance(name: str, r: float, p: float) -> dict[str, Any]:
    return {"bc_name": name, "bc_type": "RESISTANCE", "bc_values": {"R": r, "Pd": p}}


def vessel(
    number: int, name: str, values: list[float], ends: dict[str, str], kind: str = "BloodVessel"
) -> dict[str, Any]:
    keys = ("R_poiseuille", "C", "L", "stenosis_coefficient")
    return {
        "vessel_id": number,
        "vessel_name": name,
        "zero_d_element_type": kind,
        "zero_d_element_values": dict(zip(keys, values, strict=False)),
        "boundary_conditions": ends,
    }


def chamber(name: str, values: list[float], onset: float, rise: float, fall: float) -> dict[str, Any]:
    timing = {"contract_start": onset, "relax_start": onset + rise, "contract_duration": rise, "relax_duration": fall}
    return {
        "type": "LinearElastanceChamber",
        "name": name,
        "values": dict(zip(("Emax", "Epass", "Vrest"), values, strict=True)),
        "activation_function": {"type": "piecewise_cosine", **timing},
    }


def valve(name: str, before: str, after: str, least: float, most: float, **more: float) -> dict[str, Any]:
    kind = "ValveTanh" if more else "PiecewiseValve"
    params = {"Rmin": least, "Rmax": most, "upstream_block": before, "downstream_block": after, **more}
    return {"type": kind, "name": name, "params": params}


def joint(name: str, before: str, after: str) -> dict[str, Any]:
    return {
        "junction_name": name,
        "junction_type": "NORMAL_JUNCTION",
        "inlet_blocks": [before],
        "outlet_blocks": [after],
    }


CORONARY = {
    "bc_name": "OUT",
    "bc_type": "CORONARY",
    "bc_values": {"Ca": 1e-4, "Cc": 2e-4, "P_v": 50.0, "Ra1": 100.0, "Ra2": 150.0, "Rv1": 200.0, "t": TIMES,
                  "Pim": [1000 + 800 * np.sin(2 * np.pi * time) for time in TIMES]},
}  # fmt: skip
FORK = {
    "junction_name": "J0",
    "junction_type": "BloodVesselJunction",
    "inlet_vessels": [0],
    "outlet_vessels": [1, 2],
    "junction_values": {"R_poiseuille": [30.0, 40.0], "L": [1.0, 2.0], "stenosis_coefficient": [0.1, 0.2]},
}
HEART = {
    "simulation_parameters": {"cardiac_period": 0.689},
    "boundary_conditions": [],
    "vessels": [
        vessel(1, "pul_artery", [42.656, 0.007503377344334584, 0.6665], {}),
        vessel(6, "pul_vein", [46.655, 0.012, 0.6665], {}),
        vessel(5, "sys_artery", [596.82, 0.001138164597527442, 6.665], {}),
        vessel(7, "sys_vein", [249.42, 0.045011252813952737, 0.6665], {}),
    ],
    "junctions": [
        joint("J1", "sys_vein", "right_atrium"),
        joint("J2", "sys_artery", "sys_vein"),
        joint("J3", "pul_vein", "left_atrium"),
        joint("J0", "pul_artery", "pul_vein"),
    ],
    "chambers": [
        chamber("right_atrium", [199.95, 89.8037, 41.68], 0.025, 0.06125, 0.18375),
        chamber("right_ventricle", [1662.0158, 40.8556, 72.0545], 0.207, 0.08925, 0.26975),
        chamber("left_atrium", [199.95, 260.59, 26.2353], 0.025, 0.06125, 0.18375),
        chamber("left_ventricle", [17837.49996, 122.829, 32.41857], 0.207, 0.08925, 0.26975),
    ],
    "valves": [
        valve("tricuspid", "right_atrium", "right_ventricle", 6.665, 6665.0),
        valve("pulmonary", "right_ventricle", "pul_artery", 6.665, 6665.0),
        valve("mitral", "left_atrium", "left_ventricle", 6.665, 6665.0),
        valve("aortic", "left_ventricle", "sys_artery", 6.665, 6665.0),
    ],
    "initial_condition": {
        "Vc:right_ventricle": 128.5898, "Vc:left_ventricle": 93.677,
        "Vc:right_atrium": 76.834, "Vc:left_atrium": 58.761,
        "pressure:aortic:sys_artery": 84604.0, "pressure:J2:sys_vein": 31311.0,
        "pressure:pulmonary:pul_artery": 20525.0, "pressure:J0:pul_vein": 17316.0,
        "flow:sys_artery:J2": 91.0, "flow:sys_vein:J1": 112.868,
    },
}  # fmt: skip
CHAMBER = {
    "simulation_parameters": {"cardiac_period": 1.0},
    "boundary_conditions": [
        {"bc_name": "INLET", "bc_type": "PRESSURE", "bc_values": {"P": [8.0, 8.0], "t": [0.0, 1.0]}},
        resistance("OUTLET", 1.0, 0.0),
    ],
    "vessels": [vessel(0, "vessel", [0.05, 1.5], {"outlet": "OUTLET"})],
    "chambers": [
        {
            "type": "ChamberElastanceInductor",
            "name": "ventricle",
            "values": {"Emax": 2.5, "Emin": 0.1, "Vrd": 20.0, "Vrs": 20.0, "Impedance": 5e-4},
            "activation_function": {"type": "half_cosine", "t_active": 0.2, "t_twitch": 0.3},
        }
    ],
    "valves": [
        valve("valve0", "INLET", "ventricle", 0.01, 100.0, Steepness=100.0),
        valve("valve1", "ventricle", "vessel", 0.01, 100.0, Steepness=100.0),
    ],
    "initial_condition": {"Vc:ventricle": 96.07},
    "_units": "mmHg-mL",
}


def case(vessels: list[Any], conditions: list[Any], *junctions: Any) -> dict[str, Any]:
    return {"vessels": vessels, "boundary_conditions": conditions, "junctions": list(junctions)}


TUBE = [100.0, 1e-4, 1.0]
FORKED = case(
    [
        vessel(0, "a", TUBE, {"inlet": "INFLOW"}),
        vessel(1, "b", [200.0, 1e-4], {"outlet": "O1"}),
        vessel(2, "c", [0.0, 1e-4, 2.0], {"outlet": "O2"}),
    ],
    [INFLOW, rcr("O1"), resistance("O2", 300.0, 100.0)],
    FORK,
)
SOLVED: dict[str, tuple[dict[str, Any], list[tuple[str, float, list[float]]]]] = {  # node, range, values there
    "a vessel of R, C, L and a stenosis, and an RCR": (
        case([vessel(0, "a", [*TUBE, 0.5], ENDS)], [INFLOW, rcr("OUT")]),
        [("INFLOW", 3719.0, [1443.18, 3608.97, 4576.55, 3012.66, 1078.51]),
         ("OUT", 3383.0, [1210.18, 3133.43, 4208.94, 2950.39, 1097.06])],
    ),
    "the same with C before R": (
        case([vessel(0, "a", [*TUBE, 0.5], ENDS, "BloodVesselCRL")], [INFLOW, resistance("OUT", 100.0, 100.0)]),
        [("INFLOW", 1007.0, [494.472, 1006.4, 877.826, 287.222, 53.8526])],
    ),
    "a coronary bed": (
        case([vessel(0, "a", [100.0], ENDS)], [INFLOW, CORONARY]),
        [("INFLOW", 2698.0, [1154.51, 2506.6, 2135.94, 554.756, -51.8002]),
         ("OUT", 2200.0, [934.507, 2048.84, 1768.99, 481.702, -34.0361])],
    ),
    "a fork with losses": (
        FORKED,
        [("INFLOW", 1654.0, [701.568, 1609.59, 1559.75, 620.647, 90.7321]),
         ("O1", 957.2, [316.253, 878.775, 1046.92, 587.856, 136.574])],
    ),
    "a flow drawn out": (
        case(
            [vessel(0, "a", TUBE, {"inlet": "P", "outlet": "OUT"})],
            [{"bc_name": "P", "bc_type": "PRESSURE", "bc_values": {"P": [1000.0, 1000.0], "t": [0.0, 1.0]}},
             {**INFLOW, "bc_name": "OUT"}],
        ),
        [("OUT", 498.9, [779.935, 542.887, 633.521, 926.584, 1017.07])],
    ),
    "a heart of four chambers in a closed loop": (
        HEART,
        [("J2", 171200.0, [74550.4, 48916.7, 100249.0, 192690.0, 120322.0]),
         ("right_atrium", 18020.0, [9516.98, 14232.4, 9336.36, 17457.2, 11571.3])],
    ),
    "a ventricle with an inductance": (
        CHAMBER,
        [("ventricle", 94.25, [7.96133, 7.97264, 52.0299, 6.37942, 7.78476]),
         ("OUTLET", 30.35, [44.4761, 38.8824, 66.5707, 58.1998, 50.8762])],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SOLVED)
def test_pressures_are_those_of_svzerodsolver(
    name: str, tmp_path: Path, figure: Callable[[str, float, float], None]
) -> None:
    file, expected = SOLVED[name]
    (tmp_path / "model.json").write_text(json.dumps(file))
    network = read_svzerod(tmp_path / "model.json")
    solution = simulate(network, numerics=Numerics(time_step=1e-3, tolerance=1e-6, most_beats=300))
    assert solution.outcome is Outcome.ok
    unit = 133.322387415 if "_units" in file else 0.1
    times = np.linspace(0.0, 0.8, 5) * network.period
    worst = 0.0
    for node, span, values in expected:
        ours = np.interp(times, solution.time, solution.heads[node], period=network.period) / unit
        worst = max(worst, float(np.max(np.abs(ours - values))) / span)
    limit = VALVES if "valves" in file else BAND
    figure(f"{name}: farthest from svZeroDSolver 3.2, of the range", worst, limit)
    assert worst < limit
