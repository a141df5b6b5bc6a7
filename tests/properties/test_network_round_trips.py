"""A network written and read again is the same network, in every format that can say it.

azygos' own format is exact to the last bit. openBF's is too but for a wall's viscosity and a reflection, which are
written as other numbers (a reflection near 1 loses digits of its resistance); svZeroDSolver's numbers are in other
units. Both within ROUNDING.
"""

import dataclasses
import json
import math
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as some

from azygos.body.network import (
    Blood,
    Channel,
    Expansion,
    FlowSource,
    LinearStore,
    Network,
    PressureSource,
    Store,
    Vessel,
)
from azygos.body.wall import AvolioWall, ElasticWall
from azygos.body.waveform import Constant, Sampled
from azygos.exchange.native import read_network, write_network
from azygos.exchange.openbf import read_openbf, write_openbf
from azygos.exchange.svzerod import read_svzerod, write_svzerod

ROUNDING = 1e-9  # relative


def alike(one: object, other: object) -> bool:
    """Whether two things are the same but for ROUNDING of their numbers."""
    if isinstance(one, float):
        return isinstance(other, float) and math.isclose(one, other, rel_tol=ROUNDING, abs_tol=1e-300)
    if dataclasses.is_dataclass(one):
        fields = [field.name for field in dataclasses.fields(one)]
        return type(one) is type(other) and all(alike(getattr(one, name), getattr(other, name)) for name in fields)
    if isinstance(one, tuple):
        return isinstance(other, tuple) and len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(alike(one[k], other[k]) for k in one)
    return one == other


def sorted_parts(network: Network) -> Network:
    """Parts by name: a file may hold them in another order."""

    def by(parts, name):
        return tuple(sorted(parts, key=lambda part: getattr(part, name)))

    return dataclasses.replace(
        network,
        links=by(network.links, "name"),
        stores=by(network.stores, "name"),
        flow_sources=by(network.flow_sources, "node"),
        pressure_sources=by(network.pressure_sources, "node"),
    )


NAMES = some.text("abcXYZ_019é -", min_size=1, max_size=8).map(str.strip).filter(bool)
SIZES = some.floats(1e-3, 10.0)


@some.composite
def inflows(draw) -> Sampled:
    times = sorted(draw(some.sets(some.floats(0.01, 0.79), min_size=1, max_size=5)))
    values = draw(some.lists(some.floats(-1e-4, 1e-4), min_size=len(times), max_size=len(times)))
    first = draw(some.floats(-1e-4, 1e-4))
    return Sampled((0.0, *times, 0.8), (first, *values, first))


@some.composite
def arteries(draw) -> Network:
    """A tree as openBF has it: each vessel goes on into none, one or two; ends of every kind."""
    count = draw(some.integers(1, 7))
    names = draw(some.lists(NAMES, min_size=count, max_size=count, unique=True))
    vessels, links, stores, flows, held, heads = [], [], [], [], [], {}
    free = {1: 1}  # node -> how many vessels may still start there
    for number, name in enumerate(names):
        start = draw(some.sampled_from(sorted(node for node, left in free.items() if left)))
        free[start] -= 1
        end = number + 2
        free[end] = 2
        radius = (draw(SIZES) * 1e-2, draw(SIZES) * 1e-2)
        outside, viscosity = draw(some.sampled_from([0.0, 1e4])), draw(some.sampled_from([0.0, 0.37]))
        wall = draw(some.sampled_from([
            ElasticWall(young=draw(SIZES) * 1e6, thickness=draw(SIZES) * 1e-3, reference_pressure=outside,
                        viscosity=viscosity),
            AvolioWall(young=draw(SIZES) * 1e6, reference_pressure=outside),
        ]))  # fmt: skip
        vessels.append(
            Vessel(name=name, start=f"n{start}", end=f"n{end}", length=draw(SIZES), radius=radius, wall=wall,
                   profile=float(draw(some.integers(0, 20))))
        )  # fmt: skip
    for vessel in vessels:
        for node in (vessel.start, vessel.end):
            heads.setdefault(node, []).append(vessel.wall.reference_pressure)
    for vessel in vessels:
        name, end, outside = vessel.name, vessel.end, vessel.wall.reference_pressure
        if end in {other.start for other in vessels}:
            continue
        kind = draw(some.sampled_from(["windkessel", "reflection", "open", "closed"]))
        if kind == "windkessel":
            links += [
                Expansion(name=f"{name}_r1", start=end, end=f"{name}_wk", before=name, after=None,
                          resistance=draw(SIZES) * 1e8),
                Channel(name=f"{name}_r2", start=f"{name}_wk", end=f"{name}_out", resistance=draw(SIZES) * 1e9),
            ]  # fmt: skip
            law = LinearStore(elastance=draw(SIZES) * 1e9)
            stores.append(Store(name=f"{name}_c", node=f"{name}_wk", law=law))
            outside = draw(some.sampled_from([0.0, 700.0]))
        elif kind == "reflection":
            links.append(Channel(name=f"{name}_rt", start=end, end=f"{name}_out", resistance=draw(SIZES) * 1e8))
        if kind in ("windkessel", "reflection"):
            held.append(PressureSource(node=f"{name}_out", pressure=Constant(outside)))
            heads[f"{name}_out"] = [outside]
        elif kind == "open":
            held.append(PressureSource(node=end, pressure=Constant(outside)))
        else:
            flows.append(FlowSource(node=end, flow=Constant(0.0)))
    means = {node: sum(values) / len(values) for node, values in heads.items()}
    return Network(
        name=draw(NAMES),
        vessels=tuple(vessels),
        links=tuple(links),
        stores=tuple(stores),
        flow_sources=(FlowSource(node="n1", flow=draw(inflows())), *flows),
        pressure_sources=tuple(held),
        blood=Blood(density=draw(some.floats(900, 1100)), viscosity=draw(some.floats(1e-4, 0.01))),
        period=0.8,
        initial_head={node: head for node, head in means.items() if head},
    )


@some.composite
def lumped(draw) -> dict:
    """A svZeroD file: a tree of vessels, and at its ends every outlet there is."""
    count = draw(some.integers(1, 6))
    times = [0.0, 0.3, 0.8]
    vessels, conditions, junctions, parent = [], [], [], {0: None}
    for number in range(count):
        parent[number] = draw(some.integers(0, number - 1)) if number else None
    for number in range(count):
        keys = ("R_poiseuille", "C", "L", "stenosis_coefficient")
        values = {key: draw(some.one_of(some.just(0.0), SIZES)) for key in keys}
        values["R_poiseuille"] = draw(SIZES)
        ends = {}
        if number == 0:
            ends["inlet"] = "IN"
        below = [child for child in parent if parent[child] == number]
        if below:
            branches = {"R_poiseuille": [draw(SIZES) for _ in below], "L": [draw(SIZES) for _ in below]}
            fork = draw(some.booleans())
            junctions.append(
                {"junction_name": f"J{number}", "inlet_vessels": [number], "outlet_vessels": below,
                 "junction_type": "BloodVesselJunction" if fork else "NORMAL_JUNCTION",
                 **({"junction_values": branches} if fork else {})}
            )  # fmt: skip
        else:
            ends["outlet"] = f"O{number}"
            kind = draw(some.sampled_from(["RCR", "RESISTANCE", "CORONARY", "PRESSURE", "FLOW"]))
            numbers = {
                "RCR": {"Rp": draw(SIZES), "C": draw(SIZES), "Rd": draw(SIZES), "Pd": draw(SIZES)},
                "RESISTANCE": {"R": draw(SIZES), "Pd": draw(SIZES)},
                "CORONARY": {**{key: draw(SIZES) for key in ("Ra1", "Ra2", "Rv1", "Ca", "Cc")}, "P_v": draw(SIZES),
                             "Pim": [1.0, draw(SIZES), 1.0], "t": times},
                "PRESSURE": {"P": [2.0, draw(SIZES), 2.0], "t": times},
                "FLOW": {"Q": [2.0, draw(SIZES), 2.0], "t": times},
            }[kind]  # fmt: skip
            conditions.append({"bc_name": f"O{number}", "bc_type": kind, "bc_values": numbers})
        block = draw(some.sampled_from(["BloodVessel", "BloodVesselCRL"]))
        vessels.append(
            {"vessel_id": number, "vessel_name": f"v{number}", "zero_d_element_type": block,
             "zero_d_element_values": values, "boundary_conditions": ends}
        )  # fmt: skip
    inlet = {"bc_name": "IN", "bc_type": "PRESSURE", "bc_values": {"P": [3.0, draw(SIZES), 3.0], "t": times}}
    store = {"bc_name": "RC", "bc_type": "RCR", "bc_values": {"Rp": 1.0, "C": 1.0, "Rd": 1.0, "Pd": 0.0}}
    ends = {"inlet": "IN2", "outlet": "RC"}
    extra = {"vessel_id": 99, "vessel_name": "side", "zero_d_element_type": "BloodVessel",
             "zero_d_element_values": {"R_poiseuille": 1.0}, "boundary_conditions": ends}  # fmt: skip
    other = {**inlet, "bc_name": "IN2"}
    return {"vessels": [*vessels, extra], "boundary_conditions": [inlet, other, store, *conditions],
            "junctions": junctions, "simulation_parameters": {"model_name": draw(NAMES)}}  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(network=arteries())
def test_a_tree_comes_back_from_openbf_and_from_azygos_own_format(network: Network) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_openbf(network, Path(folder) / "tree.yaml")
        assert alike(sorted_parts(read_openbf(Path(folder) / "tree.yaml")), sorted_parts(network))
        write_network(network, Path(folder) / "own.yaml")
        assert read_network(Path(folder) / "own.yaml") == network


@settings(max_examples=40, deadline=None)
@given(file=lumped(), units=some.sampled_from(["cgs", "si", "mmHg-mL"]))
def test_a_lumped_circulation_comes_back_from_svzerod(file: dict, units: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "first.json").write_text(json.dumps(file))
        network = read_svzerod(Path(folder) / "first.json")
        write_svzerod(network, Path(folder) / "second.json", units)
        assert alike(sorted_parts(read_network(Path(folder) / "second.json")), sorted_parts(network))
