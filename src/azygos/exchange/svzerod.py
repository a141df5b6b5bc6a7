"""svZeroDSolver's JSON read as a network of links and stores.

svZeroDSolver (SimVascular, https://github.com/SimVascular/svZeroDSolver) solves lumped (0D) circulations. What its
blocks mean was taken from its sources. Here a block becomes

- BloodVessel `v`: a channel `v` of its R and stenosis coefficient to a node `v.c`, a store `v.c` of its C there, and
  a channel `v.L` of its L onward; without C one channel of all three, without L the store lies at its end.
  BloodVesselCRL: the store lies at its start.
- NORMAL_JUNCTION, internal_junction: a node. BloodVesselJunction: a channel for each branch.
- FLOW, PRESSURE: an inflow (an outflow where a vessel ends in it) and a held pressure. RESISTANCE `b`: a channel `b`
  to the pressure at `b.out`. RCR: channels `b.Rp`, `b.Rd` with a store `b.C` between. CORONARY: `b.Ra1`, `b.Ra2`,
  `b.Rv1` with the stores `b.Ca` and, surrounded by the pressure at `b.Pim`, `b.Cc`.
- LinearElastanceChamber (PiecewiseCosineChamber), ChamberElastanceInductor: a store of varying elastance, by cosines or
  by a series of two Hill functions, and a channel of its inductance. Where the chamber holds less than at rest it
  stiffens here and goes on straight there.
- PiecewiseValve, ValveTanh: a valve that takes about a millisecond where theirs takes none. OPENING is assumed.

Everything else is refused: closed-loop blocks, coupling to other solvers, other chambers and other outlets. A file
does not say its units; SimVascular writes in cgs. A file written here says them under `_units`, which svZeroDSolver
takes for a comment. Of `initial_condition` the pressures and the volumes of chambers are kept.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from azygos.body.check import problems_of
from azygos.body.network import FlowSource, Network
from azygos.body.waveform import Constant, Sampled, Waveform
from azygos.errors import InputError, close_matches
from azygos.exchange.document import Document, read_document, shown
from azygos.exchange.series import Row, periodic
from azygos.exchange.svzerod_blocks import Blocks, Trail
from azygos.exchange.svzerod_form import (
    ACTIVATIONS,
    BOUNDARIES,
    CHAMBERS,
    JUNCTIONS,
    OPENING,
    UNITS,
    VALVES,
    VESSELS,
    ActivationForm,
    BlockForm,
    BoundaryForm,
    ChamberForm,
    CoronaryForm,
    ElementForm,
    FlowForm,
    InductorForm,
    JunctionForm,
    JunctionValuesForm,
    LinearForm,
    PiecewiseForm,
    PressureForm,
    ResistanceForm,
    SwitchForm,
    TanhForm,
    ValveForm,
    VesselForm,
    WindkesselForm,
)
from azygos.exchange.svzerod_initial import begun
from azygos.exchange.svzerod_parts import MARK, Parts, port
from azygos.exchange.svzerod_written import write_svzerod
from azygos.units import mmHg

__all__ = ["KEYS", "network_of", "read_svzerod", "write_svzerod"]

KEYS = frozenset({"simulation_parameters", "boundary_conditions", "junctions", "closed_loop_blocks"})
REFUSED = ("closed_loop_blocks", "external_solver_coupling_blocks")
SHARP = mmHg  # a ValveTanh that turns over more than this is no switch. assumed
ALIKE = 1e-9  # relative difference between two periods that are one

SECTIONS: Mapping[str, type[BlockForm]] = {  # in the order in which they name each other
    "vessels": VesselForm,
    "chambers": ChamberForm,
    "boundary_conditions": BoundaryForm,
    "junctions": JunctionForm,
    "valves": ValveForm,
}


def read_svzerod(path: str | Path, units: str | None = None) -> Network:
    """The network of a svZeroDSolver file whose numbers are in `units`: cgs, si or mmHg-mL.

    Without, they are in those the file names under `_units`, or in cgs. Raises InputError with all problems.
    """
    return network_of(read_document(Path(path)), units)


def network_of(document: Document, units: str | None = None) -> Network:
    """The network of a svZeroDSolver document; raises InputError with all its problems."""
    return _Reader(document, units).network()


class _Reader:
    """Gathers the parts of a network and everything that is wrong with them."""

    def __init__(self, document: Document, units: str | None) -> None:
        self.blocks = Blocks(document)
        said = units or self.blocks.data.get("_units") or "cgs"
        if not isinstance(said, str) or said not in UNITS:
            self.blocks.note(f"units {shown(said)} are not known", ("_units",), f"known: {', '.join(UNITS)}")
            said = "cgs"
        self.scale = UNITS[said]
        self.parts = Parts(scale=self.scale)
        self.ends: dict[str, list[str]] = {}  # name of a boundary condition -> the ports that name it
        parameters = self.blocks.data.get("simulation_parameters")
        self.parameters: Mapping[str, Any] = parameters if isinstance(parameters, dict) else {}
        self.period = _number(self.parameters.get("cardiac_period")) or self.longest() or 1.0

    def network(self) -> Network:
        for key in REFUSED:
            if self.blocks.data.get(key):
                self.blocks.refuse(f"'{key}' has no like here", (key,), "cut the circulation open there")
        for form, path in [
            (form, path) for section, model in SECTIONS.items() for form, path in self.blocks.heads(section, model)
        ]:
            match form:
                case VesselForm():
                    self.vessel(path, form)
                case ChamberForm():
                    self.chamber(path, form)
                case BoundaryForm():
                    self.boundary(path, form)
                case JunctionForm():
                    self.junction(path, form)
                case ValveForm():
                    self.valve(path, form)
        for name, places in self.ends.items():
            known = [block for block, path in self.blocks.at.items() if path[0] == "boundary_conditions"]
            vessel = places[0].partition(MARK)[0]
            self.blocks.refuse(
                f"there is no boundary condition '{name}'", self.blocks.at[vessel], close_matches(name, known)
            )
        network = self.joined()
        self.blocks.problems += problems_of(network, self.blocks.locate, whole=self.blocks.whole)
        if self.blocks.problems:
            raise InputError(self.blocks.document.in_order(self.blocks.problems))
        return network

    def joined(self) -> Network:
        """The network of all parts, begun as the file says."""
        order = ("chambers", "junctions", "boundary_conditions", "valves")
        titled = sorted(self.blocks.titled, key=lambda name: order.index(str(self.blocks.at[name][0])))
        names = self.parts.names(titled)
        taken = {name: self.parts.first(place) for place, name in names.items()}
        if any(taken[name] != self.parts.first(place) for place, name in names.items()):
            self.blocks.refuse(
                "two nodes would bear one name", (), "let no block be called as another with '.c' or '.out'"
            )
        title = self.parameters.get("model_name")
        name = title if isinstance(title, str) and title else Path(self.blocks.document.file).stem
        network = self.parts.network(Network(name=name, vessels=(), period=self.period), names)
        given = self.blocks.data.get("initial_condition")
        known = {key: _number(value) or 0.0 for key, value in given.items()} if isinstance(given, dict) else {}
        return begun(network, known, self.scale, lambda place: names.get(self.blocks.side(place, "out"), ""))

    # Blocks

    def vessel(self, path: Trail, found: VesselForm) -> None:
        name, kind = found.vessel_name, found.zero_d_element_type
        if found.vessel_id in self.blocks.vessels:
            self.blocks.note(f"vessel '{name}': id {found.vessel_id} is given twice", path, "number them anew")
        self.blocks.vessels[found.vessel_id] = name
        start, middle, end = port(name, "in"), port(name, "c"), port(name, "out")
        for key, place in (("inlet", start), ("outlet", end)):
            if key in found.boundary_conditions:
                self.ends.setdefault(found.boundary_conditions[key], []).append(place)
        values = self.blocks.values(
            VESSELS, path, kind, "zero_d_element_values", found.zero_d_element_values, f"vessel '{name}'"
        )
        if not isinstance(values, ElementForm):
            return
        resistance, inertance, quadratic = values.R_poiseuille, values.L, values.stenosis_coefficient
        if not values.C or kind == "BloodVesselCRL":
            self.parts.element(name, start, end, resistance, inertance, quadratic)
            self.parts.capacitor(f"{name}.c", start, values.C)
        elif not (resistance or quadratic):
            self.parts.element(f"{name}.L", start, end, 0.0, inertance)
            self.parts.capacitor(f"{name}.c", start, values.C)
        else:
            self.parts.element(name, start, middle, resistance, 0.0, quadratic)
            self.parts.capacitor(f"{name}.c", middle, values.C)
            self.parts.element(f"{name}.L", middle, end, 0.0, inertance)

    def chamber(self, path: Trail, found: ChamberForm) -> None:
        name, block = found.name, f"chamber '{found.name}'"
        numbers, timing = dict(found.values), dict(found.activation_function)
        if not timing:
            kinds = ((kind, form.model_fields) for kind, form in ACTIVATIONS.items())
            given = next(((kind, keys) for kind, keys in kinds if keys.keys() & numbers.keys()), None)
            if given is not None:
                timing = {"type": given[0]} | {key: numbers.pop(key) for key in given[1] if key in numbers}
        values = self.blocks.values(CHAMBERS, path, found.type, "values", numbers, block)
        kind = str(timing.pop("type", ""))
        beat = self.blocks.values(ACTIVATIONS, path, kind, "activation_function", timing, f"{block}: activation")
        if not isinstance(beat, ActivationForm):
            return
        if isinstance(beat, PiecewiseForm):
            apart = beat.relax_start - beat.contract_start - beat.contract_duration
            if abs(apart) > ALIKE * self.period:
                self.blocks.note(
                    f"{block}: it relaxes {apart:g} s after it has contracted", path, "let one follow the other"
                )
        start, end = port(name), port(name, "out")

        def elastance(active: float, passive: float) -> Waveform:
            return beat.elastance(active * self.scale.resistance, passive * self.scale.resistance, self.period)

        if isinstance(values, LinearForm):
            self.parts.chamber(name, start, elastance(values.Emax, values.Epass), values.Vrest)
            self.parts.element(f"{name}.L", start, end, 0.0)
        elif isinstance(values, InductorForm):
            if values.Vrd != values.Vrs:
                self.blocks.note(f"{block}: its volume at rest varies ('Vrd', 'Vrs')", path, "make them one")
            self.parts.chamber(name, start, elastance(values.Emax - values.Emin, values.Emin), values.Vrd)
            self.parts.element(f"{name}.L", start, end, 0.0, values.Impedance)

    def boundary(self, path: Trail, found: BoundaryForm) -> None:
        name, here = found.bc_name, port(found.bc_name)
        block = f"boundary condition '{name}'"
        places = self.ends.pop(name, [])
        for place in places:
            self.parts.join(here, place)
        values = self.blocks.values(BOUNDARIES, path, found.bc_type, "bc_values", found.bc_values, block)
        sign = -1.0 if any(place.endswith(f"{MARK}out") for place in places) else 1.0
        parts, path = self.parts, (*path, "bc_values")
        match values:
            case FlowForm():
                wave = self.wave(values.Q, values.t, (*path, "Q"), sign * self.scale.volume, block)
                if places or wave != Constant(0.0):
                    parts.first(here)
                    parts.flows.append(FlowSource(node=here, flow=wave))
            case PressureForm():
                parts.first(here)
                parts.hold(here, self.wave(values.P, values.t, (*path, "P"), self.scale.pressure, block))
            case ResistanceForm():
                if len(set(values.R)) > 1:
                    self.blocks.note(f"{block}: its resistance varies", (*path, "R"), "give one")
                parts.element(name, here, port(name, "out"), values.R[0])
                parts.hold(port(name, "out"), self.wave(values.Pd, values.t, path, self.scale.pressure, block))
            case WindkesselForm():
                parts.element(f"{name}.Rp", here, port(name, "c"), values.Rp)
                parts.capacitor(f"{name}.C", port(name, "c"), values.C)
                parts.element(f"{name}.Rd", port(name, "c"), port(name, "out"), values.Rd)
                parts.hold(port(name, "out"), Constant(values.Pd * self.scale.pressure))
            case CoronaryForm():
                artery, muscle, around, vein = (port(name, place) for place in ("a", "m", "Pim", "out"))
                parts.element(f"{name}.Ra1", here, artery, values.Ra1)
                parts.capacitor(f"{name}.Ca", artery, values.Ca)
                parts.element(f"{name}.Ra2", artery, muscle, values.Ra2)
                parts.first(around)
                parts.capacitor(f"{name}.Cc", muscle, values.Cc, around)
                parts.element(f"{name}.Rv1", muscle, vein, values.Rv1)
                parts.hold(around, self.wave(values.Pim, values.t, (*path, "Pim"), self.scale.pressure, block))
                times = values.t if len(values.P_v) > 1 else ()
                parts.hold(vein, self.wave(values.P_v, times, (*path, "P_v"), self.scale.pressure, block))

    def junction(self, path: Trail, found: JunctionForm) -> None:
        name, kind = found.junction_name, found.junction_type
        here, block = port(name), f"junction '{name}'"
        self.parts.first(here)
        inlets = [self.blocks.numbered(number, path, "out") for number in found.inlet_vessels]
        inlets += [self.blocks.named(other, path, "out", block) for other in found.inlet_blocks]
        outlets = [self.blocks.numbered(number, path, "in") for number in found.outlet_vessels]
        outlets += [self.blocks.named(other, path, "in", block) for other in found.outlet_blocks]
        values = self.blocks.form(JunctionValuesForm, (*path, "junction_values"), found.junction_values, block)
        if values is None:
            return
        out: Sequence[tuple[float, ...]] = [(0.0,)] * len(outlets)
        if kind == "BloodVesselJunction":
            columns = (values.R_poiseuille, values.L, values.stenosis_coefficient)
            if any(len(column) not in (0, len(outlets)) for column in columns) or len(inlets) != 1:
                self.blocks.note(f"{block}: it takes one inlet, and a number of each kind for every outlet", path)
                return
            out = [tuple(column[i] if column else 0.0 for column in columns) for i in range(len(outlets))]
        elif kind not in ("NORMAL_JUNCTION", "internal_junction"):
            self.blocks.refuse(f"{block}: '{kind}' has no like here", path, f"known here: {', '.join(JUNCTIONS)}")
        for place in inlets:
            self.parts.join(place or here, here)
        for number, (place, numbers) in enumerate(zip(outlets, out, strict=True), start=1):
            self.parts.element(f"{name}.out{number}", here, place or here, *numbers)

    def valve(self, path: Trail, found: ValveForm) -> None:
        block = f"valve '{found.name}'"
        values = self.blocks.values(VALVES, path, found.type, "params", found.params, block)
        if not isinstance(values, SwitchForm):
            return
        if isinstance(values, TanhForm) and self.scale.pressure / values.Steepness > SHARP:
            width = self.scale.pressure / values.Steepness / mmHg
            self.blocks.note(
                f"{block}: it turns over {width:.3g} mmHg, too gently for a valve here", path, "make it steeper"
            )
        if values.Rmax < values.Rmin:
            self.blocks.note(
                f"{block}: its resistance is less when closed than when open", path, "change 'Rmin' and 'Rmax'"
            )
            return
        start = self.blocks.named(values.upstream_block, path, "out", block)
        end = self.blocks.named(values.downstream_block, path, "in", block)
        if not (start and end):
            return
        self.parts.join(start, port(found.name, "in"))
        self.parts.join(end, port(found.name, "out"))
        self.parts.valve(found.name, start, end, values.Rmin, values.Rmax, OPENING)

    def longest(self) -> float | None:
        """The last time of the first condition that varies: the period where none is told."""
        for _, row in self.blocks.rows("boundary_conditions"):
            values = row.get("bc_values")
            times = values.get("t") if isinstance(values, dict) else None
            if isinstance(times, list) and len(times) > 1:
                return _number(times[-1])
        return None

    def wave(self, values: Sequence[float], times: Sequence[float], path: Trail, unit: float, block: str) -> Waveform:
        """One number as a constant, more as one period of a series."""
        if len(values) == 1 or len(set(values)) == 1:
            return Constant(values[0] * unit)
        if len(values) != len(times):
            self.blocks.note(f"{block}: {len(values)} values at {len(times)} times", path, "give one 't' for each")
            return Constant(0.0)
        rows = [
            Row(self.blocks.document.where(*path, i), t, v) for i, (t, v) in enumerate(zip(times, values, strict=True))
        ]
        wave = periodic(rows, self.blocks.problems, block)
        if wave is None:
            return Constant(0.0)
        if abs(wave.times[-1] - self.period) > ALIKE * self.period:
            self.blocks.note(f"{block}: its period is {wave.times[-1]:g} s, not the beat's {self.period:g} s", path)
        return Sampled(wave.times, tuple(value * unit for value in wave.values))


def _number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None
