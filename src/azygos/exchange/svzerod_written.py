"""A network as a svZeroDSolver file, so far as the program can say it; the rest is refused.

Channels with the stores that belong to them become BloodVessel blocks, ends RESISTANCE, RCR or CORONARY, chambers
LinearElastanceChamber, quick valves PiecewiseValve; every other node a NORMAL_JUNCTION of its name. A vessel of one
dimension becomes one BloodVessel of its resistance, inertance and compliance at the reference area: waves, kinetic
head and the change of area with pressure are lost, and the log says so. Veins and stents, whose walls have no
constant compliance, walls and stores in a space, resistances that answer, and heights are refused, each by name.
"""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from azygos.body.network import Channel, Expansion, LinearStore, Network, Store, Valve, VaryingStore, Vessel
from azygos.body.waveform import Constant, DoubleCosine, Sampled, Waveform
from azygos.errors import InputError, Problem
from azygos.exchange.refused import Refused
from azygos.exchange.svzerod_form import OPENING, UNITS
from azygos.exchange.svzerod_shapes import Boundary, Tube, boundaries, tubes
from azygos.exchange.whole import write_texts

__all__ = ["write_svzerod"]

log = logging.getLogger(__name__)

PLACES = 64  # along a vessel, for the integrals of its resistance, inertance and compliance


def write_svzerod(network: Network, path: str | Path, units: str = "cgs") -> None:
    """Writes `network` as svZeroDSolver's JSON in `units`: cgs, si or mmHg-mL.

    Raises InputError with all that the program has no form for; then nothing is written.
    """
    if units not in UNITS:
        raise InputError(Problem(f"units '{units}' are not known", remedy=f"known: {', '.join(UNITS)}"))
    writer = _Writer(network, units)
    data = writer.data()
    writer.refused.settle()
    if network.vessels:
        log.warning("%d vessels were lumped: waves, kinetic head and change of area are lost", len(network.vessels))
    write_texts({Path(path): json.dumps(data, indent=1) + "\n"})


class _Writer:
    """Gathers the blocks and everything that svZeroDSolver cannot say."""

    def __init__(self, network: Network, units: str) -> None:
        self.network, self.units, self.scale = network, units, UNITS[units]
        self.refused = Refused("leave it out of what is written as svZeroD")
        self.vessels: list[dict[str, Any]] = []
        self.conditions: list[dict[str, Any]] = []
        self.chambers: list[dict[str, Any]] = []
        self.valves: list[dict[str, Any]] = []
        self.into: dict[str, list[str]] = {}  # node -> the blocks that end at it
        self.out: dict[str, list[str]] = {}
        self.start: dict[str, float] = {}  # the initial condition
        self.falls: dict[str, float] = {}  # vessel -> the flow that its first pressures make
        self.held: dict[str, str] = {}  # node -> its chamber
        self.joints: list[dict[str, Any]] = []
        self.by_name: tuple[dict[str, Any], dict[str, Any], set[str]] = ({}, {}, set())  # valves, vessels, conditions
        self.names: set[str] = set()

    def data(self) -> dict[str, Any]:
        network = self.network
        ends = list(boundaries(network))
        taken = frozenset[int]().union(*(end.made_of for end in ends))
        rows = list(tubes(network, taken))
        taken = taken.union(*(row.made_of for row in rows))
        for row in (*map(self.lumped, network.vessels), *rows):
            self.vessel(row)
        for end in ends:
            self.boundary(end)
        for link in network.links:
            if id(link) not in taken:
                self.valve(link)
        for store in network.stores:
            if id(store) not in taken:
                self.store(store)
        self.sources(taken)
        self.whole()
        self.by_name = (
            {row["name"]: row["params"] for row in self.valves},
            {row["vessel_name"]: row for row in self.vessels},
            {row["bc_name"] for row in self.conditions},
        )
        for node in dict.fromkeys((*self.into, *self.out)):
            self.joint(node)
        return {
            "_units": self.units,
            "simulation_parameters": {
                "model_name": network.name,
                "cardiac_period": network.period,
                "number_of_cardiac_cycles": 30,
                "number_of_time_pts_per_cardiac_cycle": 501,
            },
            "boundary_conditions": self.conditions,
            "vessels": self.vessels,
            "junctions": self.joints,
            "valves": self.valves,
            "chambers": self.chambers,
            "initial_condition": self.start,
        }

    # Blocks

    def add(self, name: str) -> str:
        """A name for a block, its own where no other has it."""
        while name in self.names:
            name += "_"
        self.names.add(name)
        return name

    def lumped(self, vessel: Vessel) -> Tube:
        """R = 2 (gamma + 2) pi mu int dx / A^2, L = rho int dx / A, C = int A / (rho c^2) dx at the reference area."""
        blood, where = self.network.blood, f"vessel '{vessel.name}'"
        fraction = (np.arange(PLACES) + 0.5) / PLACES
        radius = vessel.radius[0] + (vessel.radius[1] - vessel.radius[0]) * fraction
        law, area, step = (
            vessel.wall.coefficients(radius, fraction, blood.density),
            np.pi * radius**2,
            vessel.length / PLACES,
        )
        if np.any(law.k_vein):
            self.refused.add(where, "a vein's wall has no constant compliance")
        if np.any(law.viscosity):
            self.refused.add(where, "a BloodVessel has no viscous wall", "let its wall be elastic")
        if vessel.around is not None:
            self.refused.add(where, "a BloodVessel has no space around it")
        with np.errstate(divide="ignore"):
            compliance = float(np.sum(2.0 * area / law.k_half) * step)
        return Tube(
            name=vessel.name,
            start=vessel.start,
            end=vessel.end,
            resistance=float(2.0 * (vessel.profile + 2.0) * np.pi * blood.viscosity * np.sum(area**-2) * step),
            inertance=float(blood.density * np.sum(1.0 / area) * step),
            compliance=compliance if np.isfinite(compliance) else 0.0,
        )

    def vessel(self, tube: Tube) -> None:
        name, scale = self.add(tube.name), self.scale
        numbers = {
            "R_poiseuille": tube.resistance / scale.resistance,
            "C": tube.compliance / scale.compliance,
            "L": tube.inertance / scale.resistance,
            "stenosis_coefficient": tube.quadratic / scale.quadratic,
        }
        self.vessels.append(
            {
                "vessel_id": len(self.vessels),
                "vessel_name": name,
                "zero_d_element_type": "BloodVesselCRL" if tube.early else "BloodVessel",
                "zero_d_element_values": {
                    key: value for key, value in numbers.items() if value or key == "R_poiseuille"
                },
            }
        )
        self.out.setdefault(tube.start, []).append(name)
        self.into.setdefault(tube.end, []).append(name)
        if tube.middle:
            heads = (self.network.initial_head.get(node, 0.0) for node in (tube.start, tube.middle))
            fall = next(heads) - next(heads)
            self.falls[name] = fall / tube.resistance / scale.volume if tube.resistance else 0.0

    def boundary(self, end: Boundary) -> None:
        units = {"C": self.scale.compliance}
        values: dict[str, Any] = {
            key: value / units.get(key[0], self.scale.resistance) for key, value in end.numbers.items()
        }
        name = self.add(end.name)
        for key, wave in end.waves.items():
            values |= self.wave(key, wave, self.scale.pressure, f"boundary '{name}'", values)
        self.conditions.append({"bc_name": name, "bc_type": end.kind, "bc_values": values})
        self.out.setdefault(end.node, []).append(name)

    def wave(self, key: str, wave: Waveform, unit: float, where: str, beside: Mapping[str, Any]) -> dict[str, Any]:
        if isinstance(wave, Constant):
            value, times = wave.value / unit, [0.0, self.network.period]
            return {key: value} if key in ("Pd", "P_v") else {key: [value] * 2, "t": times}
        if isinstance(wave, Sampled):
            times = list(wave.times)
            if beside.get("t", times) != times:
                self.refused.add(where, "its pressures have different times, of which a block has one list")
            return {key: [value / unit for value in wave.values], "t": times}
        self.refused.add(where, f"a {type(wave).__name__} has no form in the file", "give it as a series")
        return {}

    def valve(self, link: object) -> None:
        if isinstance(link, Expansion) and link.after is None:
            self.vessel(Tube(name=link.name, start=link.start, end=link.end, resistance=link.resistance))
            return
        if not isinstance(link, Valve):
            name = link.name if isinstance(link, Expansion | Channel) else str(getattr(link, "name", ""))
            self.refused.add(f"link '{name}'", f"svZeroD has no link such as {type(link).__name__}")
            return
        where = f"valve '{link.name}'"
        if min(link.opening_rate, link.closing_rate) < OPENING or link.inertance or link.quadratic:
            self.refused.add(where, "svZeroD's valves open at once and have a resistance only")
        least = link.resistance / self.scale.resistance
        params: dict[str, Any] = {"Rmin": least, "Rmax": least / link.leak**2}
        name = self.add(link.name)
        self.valves.append({"type": "PiecewiseValve", "name": name, "params": params})
        self.out.setdefault(link.start, []).append(name)
        self.into.setdefault(link.end, []).append(name)

    def store(self, store: Store) -> None:
        law, where = store.law, f"store '{store.name}'"
        if store.around is not None:
            self.refused.add(where, "svZeroD has no space around a store")
        if isinstance(law, LinearStore) and not law.unstressed_volume:
            name = self.add(store.name.removesuffix(".c"))
            numbers = {"R_poiseuille": 0.0, "C": 1.0 / law.elastance / self.scale.compliance}
            self.closed(name, store.node)
            self.vessels.append(
                {
                    "vessel_id": len(self.vessels),
                    "vessel_name": name,
                    "zero_d_element_type": "BloodVessel",
                    "zero_d_element_values": numbers,
                    "boundary_conditions": {"outlet": f"{name}.end"},
                }
            )
        elif isinstance(law, VaryingStore) and isinstance(law.elastance, DoubleCosine) and law.elastance.beats == 1:
            self.chamber(store, law, law.elastance)
        elif isinstance(law, VaryingStore):
            self.refused.add(where, "its elastance has no form in the file", "give it as half cosines over one beat")
        else:
            self.refused.add(where, f"svZeroD has no store such as {type(law).__name__}")

    def closed(self, name: str, node: str) -> None:
        """A block at the end of which nothing flows."""
        self.out.setdefault(node, []).append(name)
        end = self.add(f"{name}.end")
        self.conditions.append(
            {"bc_name": end, "bc_type": "FLOW", "bc_values": self.wave("Q", Constant(0.0), 1.0, "", {})}
        )

    def chamber(self, store: Store, law: VaryingStore, wave: DoubleCosine) -> None:
        name, stiff, period = self.add(store.name), self.scale.resistance, self.network.period
        start, rise, fall = (part * period for part in (wave.onset, wave.rise, wave.fall))
        timing = {
            "contract_start": start,
            "contract_duration": rise,
            "relax_start": start + rise,
            "relax_duration": fall,
        }
        values = {"Emax": wave.active / stiff, "Epass": wave.passive / stiff}
        self.chambers.append(
            {
                "type": "LinearElastanceChamber",
                "name": name,
                "values": {**values, "Vrest": law.unstressed_volume / self.scale.volume},
                "activation_function": {"type": "piecewise_cosine", **timing},
            }
        )
        volume = law.volume(self.network.initial_head.get(store.node, 0.0), period)
        self.held[store.node] = name
        self.start[f"Vc:{name}"] = volume / self.scale.volume
        if not (self.into.get(store.node) and self.out.get(store.node)):
            self.refused.add(f"store '{store.name}'", "blood must both enter a chamber and leave it")

    def sources(self, taken: frozenset[int]) -> None:
        """What enters at a node: a flow, or whatever its pressure makes."""
        network, vessels = self.network, {row["vessel_name"] for row in self.vessels}
        rows = [("FLOW", "Q", f.node, f.flow, self.scale.volume) for f in network.flow_sources]
        rows += [
            ("PRESSURE", "P", p.node, p.pressure, self.scale.pressure)
            for p in network.pressure_sources
            if id(p) not in taken
        ]
        for kind, key, node, wave, unit in rows:
            beside = self.into.get(node, []) + self.out.get(node, [])
            if wave == Constant(0.0) and kind == "FLOW" and len(beside) > 1:
                continue
            alone = len(beside) == 1 and (beside[0] not in vessels or beside == self.out.get(node))
            name = self.add(node if alone else f"{node}.in")
            values = self.wave(key, wave, unit, f"{kind.lower()} at '{node}'", {})
            self.conditions.append({"bc_name": name, "bc_type": kind, "bc_values": values})
            self.into.setdefault(node, []).append(name)

    def whole(self) -> None:
        network = self.network
        for rule in network.regulations:
            self.refused.add(f"regulation '{rule.link}'", "svZeroD has no resistance that answers")
        if any(network.heights.values()) and network.gravity:
            self.refused.add(f"network '{network.name}'", "svZeroD has no heights and no gravity")
        if network.beats != 1:
            self.refused.add(f"network '{network.name}'", "svZeroD's period is one beat")

    # What meets what

    def joint(self, node: str) -> None:
        """Joins the blocks at a node: two by naming each other, more by a junction, in and out of a chamber apart."""
        into, out = self.into.get(node, []), self.out.get(node, [])
        chamber = self.held.get(node)
        if chamber is not None:
            self.meet(into, [chamber], node, f"{chamber}.in")
            self.meet([chamber], out, node, f"{chamber}.out")
        else:
            self.meet(into, out, node, node)

    def meet(self, into: list[str], out: list[str], node: str, name: str) -> None:
        valves, vessels, conditions = self.by_name
        if len(into) == len(out) == 1:
            before, after = into[0], out[0]
            if before in conditions and after in vessels:
                vessels[after].setdefault("boundary_conditions", {})["inlet"] = before
                return self.begin(before, after, node)
            if before in vessels and after in conditions:
                vessels[before].setdefault("boundary_conditions", {})["outlet"] = after
                return self.begin(before, after, node)
            known = (before, after, f"{before}.out", f"{after}.in")  # by which the node is named when it is read again
            if (before in valves) != (after in valves) and node in known:
                if before in valves:
                    valves[before]["downstream_block"] = after
                else:
                    valves[after]["upstream_block"] = before
                return self.begin(before, after, node)
        joint = self.add(name)
        for block in into:
            if block in valves:
                valves[block]["downstream_block"] = joint
            self.begin(block, joint, node)
        for block in out:
            if block in valves:
                valves[block]["upstream_block"] = joint
            self.begin(joint, block, node)
        self.joints.append(
            {
                "junction_name": joint,
                "junction_type": "NORMAL_JUNCTION",
                "inlet_blocks": [block for block in into if block not in valves],
                "outlet_blocks": [block for block in out if block not in valves],
            }
        )
        return None

    def begin(self, before: str, after: str, node: str) -> None:
        """The first pressure where two blocks meet, and the flow that makes the one inside the second."""
        head = self.network.initial_head.get(node, 0.0)
        if head:
            self.start[f"pressure:{before}:{after}"] = head / self.scale.pressure
        if self.falls.get(after):
            self.start[f"flow:{before}:{after}"] = self.falls[after]
