"""azygos' own network files: YAML that a person can write, with a unit on every quantity.

    format: azygos-network/1
    name: one vein
    period: 0.8 s
    beats: 1                                              # heart beats in a period: 5 where a period is a breath
    blood: {density: 1060 kg/m3, viscosity: 4 mPa s}      # may be left out, as may all below but vessels
    gravity: 9.80665 m/s2
    heights: {jugular: 20 cm}                             # node: height; else 0
    vessels:
      ijv_r:
        from: sinus
        to: jugular
        length: 15 cm
        radius: [5 mm, 4 mm]                              # at both ends; or one for both
        wall: {law: vein, wave_speed: 2 m/s}
        profile: 2
        around: neck                                      # node whose pressure surrounds it
        external_pressure: 0 mmHg
    links:                                                # kind: channel unless told; valve, expansion, starling
      bed: {from: jugular, to: atrium, resistance: 0.1 mmHg s/mL, inertance: 0 mmHg s2/mL, quadratic: 0 mmHg s2/mL2}
      bridge: {kind: starling, from: pia, to: sinus, around: skull, resistance: 0.4 mmHg s/mL, sharpness: 10 Pa}
    regulations:                                          # link: how its resistance answers to the flow through it
      bed: {normal_flow: 12 mL/s, gain: 5, time_constant: 20 s, least: 0.5, most: 2}
    stores:                                               # law: linear unless told; collapsible, varying, exponential
      atrium: {at: atrium, compliance: 2 mL/mmHg, unstressed_volume: 20 mL, around: thorax, blood: true}
    inflows: {sinus: 700 mL/min}                          # node: waveform
    pressures: {atrium: 5 mmHg, thorax: -4 mmHg}          # node: waveform of the total head held there
    initial_heads: {sinus: 10 mmHg}                       # node: total head; else 0

Wall laws: artery, vein {wave_speed, reference_pressure, viscosity}; sinus {wave_speed, reference_pressure};
elastic {young, thickness, reference_pressure, viscosity}; avolio {young, reference_pressure, viscosity};
rigid; stented {wall, stent_radius, stiffness}. A wave speed is one for the vessel or a pair for its ends.

A waveform is a constant (`700 mL/min`); or one period of a series, `{units: [s, mL/s], table: [[0, 4], [0.4, 9],
[0.8, 4]]}` or `{units: [s, mL/s], file: inflow.csv}`, repeated with its last time; or a heart's double cosine
`{active, passive, onset, rise, fall, beats}`, with times as fractions of the beat, of which `beats` (1 unless told)
make a period; or a swing `{rest, peak, rise}` once a period, as of breathing; or a pulse `{under, height, begin, rise,
hold, fall}` that does not repeat, `height` above the waveform `under` it.

Names are the keys; links, stores and vessels may share one. Pressures are relative to the atmosphere
at height 0, those of walls to the outside of the wall.
"""

import difflib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from pydantic_core import PydanticCustomError

from azygos.body.check import Place, problems_of
from azygos.body.network import (
    Autoregulation,
    Blood,
    Channel,
    FlowSource,
    Link,
    Network,
    PressureSource,
    Store,
    VaryingStore,
    Vessel,
)
from azygos.body.wall import RigidWall, StentedWall, Wall
from azygos.body.waveform import Constant, DoubleCosine, Pulse, Sampled, Swing, Waveform
from azygos.errors import InputError, Problem, close_matches
from azygos.exchange import openbf, svzerod
from azygos.exchange.document import Document, Key, read_document, shown, validated
from azygos.exchange.form import (
    FORMAT,
    GRAVITY,
    LINKS,
    STAND_IN,
    STORES,
    WALLS,
    BloodForm,
    ChannelForm,
    CollapsibleStoreForm,
    CosineForm,
    ExpansionForm,
    ExponentialStoreForm,
    FileForm,
    LinearStoreForm,
    PulseForm,
    RegulationForm,
    SeriesForm,
    SoftStoreForm,
    StarlingForm,
    StentedWallForm,
    SwingForm,
    ValveForm,
    VaryingStoreForm,
    VesselForm,
    WallPartForm,
)
from azygos.exchange.quantity import parsed
from azygos.exchange.series import Row, periodic, read_rows
from azygos.exchange.written import write_network

__all__ = ["FORMAT", "read_network", "write_network"]

Trail: TypeAlias = tuple[Key, ...]

OWN_KEYS = frozenset(FileForm.model_fields)
OPENBF_KEYS = frozenset({"network", "project_name", "project name"})


def read_network(path: str | Path) -> Network:
    """The network of a file in azygos' own format, openBF's or svZeroDSolver's, told apart by content.

    Raises InputError with all problems of the file, each with its line.
    """
    if Path(path).suffix.lower() == ".vtp":
        what, remedy = "centrelines have no walls and no ends", f"begin with 'azygos convert {path} network.yaml'"
        raise InputError(Problem(what, str(path), remedy))
    document = read_document(Path(path))
    data = document.data
    if isinstance(data, dict) and "format" not in data and data.keys() & svzerod.KEYS:
        return svzerod.network_of(document)
    if isinstance(data, dict) and ("format" in data or not data.keys() & OPENBF_KEYS) and data.keys() & OWN_KEYS:
        return _Reader(document).network()
    if isinstance(data, dict) and data.keys() & OPENBF_KEYS:
        return openbf.network_of(document)
    what = "the file is empty" if data is None else "no network of azygos', openBF's or svZeroDSolver's"
    remedy = f"an azygos network begins 'format: {FORMAT}' and has 'vessels', an openBF file has 'network'"
    raise InputError(Problem(what, document.where(), remedy))


class _Reader:
    """Gathers the parts of a network and everything that is wrong with them.

    A part that is wrong is replaced by a stand-in with the same place in the network, so that the
    checks of the whole run on every file and find the rest.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = list(document.problems)
        self.data: dict[str, Any] = document.data
        self.whole = True  # whether every part has a place, so that the whole can be checked

    def network(self) -> Network:
        head = validated(FileForm, self.document, (), self.data, "file", self.problems, STAND_IN)
        blood = validated(BloodForm, self.document, ("blood",), head.blood if head else {}, "blood", self.problems)
        strangers = (row for key, row in self.data.items() if key not in OWN_KEYS)
        if any(isinstance(row, dict) for row in strangers):  # a section whose name is misspelt, perhaps
            self.whole = False
        network = Network(
            name=head.name if head else "unnamed",
            vessels=tuple(self.parts("vessels", self.vessel)),
            links=tuple(self.parts("links", self.link)),
            stores=tuple(self.parts("stores", self.store)),
            regulations=tuple(self.parts("regulations", self.regulation)),
            flow_sources=tuple(self.parts("inflows", self.inflow)),
            pressure_sources=tuple(self.parts("pressures", self.pressure)),
            blood=Blood(density=blood.density, viscosity=blood.viscosity) if blood else Blood(),
            period=head.period if head else 1.0,
            beats=head.beats if head else 1,
            heights=dict(self.parts("heights", self.height)),
            gravity=head.gravity if head else GRAVITY,
            initial_head=dict(self.parts("initial_heads", self.initial_head)),
        )
        self.problems += problems_of(network, self.locate, whole=self.whole)
        if self.problems:
            raise InputError(self.document.in_order(self.problems))
        return network

    def parts(self, section: str, read: Callable[[str, Any], Any]) -> Iterable[Any]:
        rows = self.data.get(section, {})
        if not isinstance(rows, dict):  # which is among the problems of the file's head
            self.whole = False
            return
        for name, row in rows.items():
            part = read(name, row)
            if part is None:
                self.whole = False
            else:
                yield part

    def mapping(self, path: Trail, row: object, block: str) -> dict[str, Any] | None:
        if isinstance(row, dict):
            return row
        what = f"{block}: expected a mapping, got {shown(row)}"
        self.problems.append(Problem(what, self.document.where(*path), "such as {key: value, ...}"))
        return None

    def chosen(self, models: Mapping[str, type[Any]], key: str, default: str, path: Trail, row: Any, block: str) -> Any:
        """`row` read by the model that its `key` names; None after its problems."""
        data = self.mapping(path, row, block)
        if data is None:
            return None
        tag = data.get(key, default)
        if not isinstance(tag, str) or tag not in models:
            if key not in data and not default:
                near = difflib.get_close_matches(key, data)
                what = f"{block}: '{key}' is missing" + (f"; is '{near[0]}' meant for it?" if near else "")
            else:
                what = f"{block}: unknown {key} '{tag}'"
            remedy = close_matches(str(tag or ""), models)
            self.problems.append(Problem(what, self.document.where(*path, key), remedy))
            return None
        return validated(models[tag], self.document, path, data, block, self.problems, STAND_IN)

    def vessel(self, name: str, row: Any) -> Vessel | None:
        path, block = ("vessels", name), f"vessel '{name}'"
        data = self.mapping(path, row, block)
        if data is None:
            return None
        found = validated(VesselForm, self.document, path, data, block, self.problems, STAND_IN)
        if found is None:
            return None
        wall = self.wall((*path, "wall"), found.wall, block)
        return Vessel(name=name, wall=wall or RigidWall(), **found.model_dump(exclude={"wall"}))

    def wall(self, path: Trail, row: Any, block: str) -> Wall | None:
        found = self.chosen(WALLS, "law", "", path, row, f"{block}: wall")
        if isinstance(found, StentedWallForm):
            inner = self.wall((*path, "wall"), found.wall, block)
            return StentedWall(wall=inner or RigidWall(), stent_radius=found.stent_radius, stiffness=found.stiffness)
        return found.built_wall() if isinstance(found, WallPartForm) else None

    def link(self, name: str, row: Any) -> Link | None:
        found = self.chosen(LINKS, "kind", "channel", ("links", name), row, f"link '{name}'")
        if isinstance(found, (ChannelForm, ValveForm, ExpansionForm, StarlingForm)):
            return found.link(name)
        ends = (row.get("from"), row.get("to")) if isinstance(row, dict) else (None, None)
        if not (isinstance(ends[0], str) and isinstance(ends[1], str)):
            return None
        return Channel(name=name, start=ends[0], end=ends[1], resistance=1.0)

    def regulation(self, link: str, row: Any) -> Autoregulation | None:
        path, block = ("regulations", link), f"regulation '{link}'"
        data = self.mapping(path, row, block)
        if data is None:
            return None
        found = validated(RegulationForm, self.document, path, data, block, self.problems, STAND_IN)
        return found.regulation(link) if found else None

    def store(self, name: str, row: Any) -> Store | None:
        path, block = ("stores", name), f"store '{name}'"
        found = self.chosen(STORES, "law", "linear", path, row, block)
        if not isinstance(found, (LinearStoreForm, CollapsibleStoreForm, VaryingStoreForm, ExponentialStoreForm)):
            at = row.get("at") if isinstance(row, dict) else None
            law = VaryingStore(elastance=Constant(1.0))  # may drive the blood, so that nothing seems to lack a heart
            return Store(name=name, node=at, law=law) if isinstance(at, str) else None
        wave = None
        if isinstance(found, SoftStoreForm):
            self.softness(path, found, row, block)
        elif isinstance(found, VaryingStoreForm):
            wave = self.waveform((*path, "elastance"), found.elastance, "elastance", block)
        return Store(name=name, node=found.at, law=found.store_law(wave), around=found.around, is_blood=found.blood)

    def softness(self, path: Trail, found: SoftStoreForm, row: Mapping[str, Any], block: str) -> None:
        """A linear or collapsible store is given by its compliance or by its elastance."""
        if ("elastance" in row) == ("compliance" in row):
            what = f"{block}: it needs either 'compliance' or 'elastance'"
            self.problems.append(Problem(what, self.document.where(*path), 'such as "compliance: 2 mL/mmHg"'))
        elif found.compliance is not None and not found.compliance > 0.0:
            what = f"{block}: compliance is {found.compliance:g} m3/Pa, but must be more than zero"
            self.problems.append(Problem(what, self.document.where(*path, "compliance")))

    def inflow(self, node: str, row: Any) -> FlowSource:
        wave = self.waveform(("inflows", node), row, "flow", f"inflow '{node}'")
        return FlowSource(node=node, flow=wave or Constant(0.0))

    def pressure(self, node: str, row: Any) -> PressureSource:
        wave = self.waveform(("pressures", node), row, "pressure", f"pressure '{node}'")
        return PressureSource(node=node, pressure=wave or Constant(0.0))

    def height(self, node: str, row: Any) -> tuple[str, float]:
        return node, self.quantity(("heights", node), row, "length", f"height '{node}'") or 0.0

    def initial_head(self, node: str, row: Any) -> tuple[str, float]:
        return node, self.quantity(("initial_heads", node), row, "pressure", f"initial head '{node}'") or 0.0

    def quantity(self, path: Trail, value: object, dimension: str, block: str) -> float | None:
        try:
            return parsed(value, dimension)
        except PydanticCustomError as error:
            context = error.context or {}
            what = f"{block}: {context['what']}"
            self.problems.append(Problem(what, self.document.where(*path), str(context["remedy"])))
            return None

    def waveform(self, path: Trail, row: Any, dimension: str, block: str) -> Waveform | None:
        """A waveform of a dimension; None after its problems."""
        if not isinstance(row, dict):
            value = self.quantity(path, row, dimension, block)
            return None if value is None else Constant(value)
        if row.keys() & {"table", "file", "units"}:
            series = validated(SeriesForm, self.document, path, row, block, self.problems)
            if series is None:
                return None
            if (series.table is None) == (series.file is None):
                what = f"{block}: a series needs either 'table' or 'file'"
                self.problems.append(Problem(what, self.document.where(*path), "such as table: [[0, 4], [0.8, 4]]"))
                return None
            return self.sampled(path, series, dimension, block)
        if "under" in row:
            return self.pulse(path, row, dimension, block)
        if row.keys() & {"rest", "peak"}:
            return self.swing(path, row, dimension, block)
        return self.cosine(path, row, dimension, block)

    def cosine(self, path: Trail, row: dict[str, Any], dimension: str, block: str) -> DoubleCosine | None:
        found = validated(CosineForm, self.document, path, row, block, self.problems)
        if found is None:
            return None
        active = self.quantity((*path, "active"), found.active, dimension, f"{block}: active")
        passive = self.quantity((*path, "passive"), found.passive, dimension, f"{block}: passive")
        if active is None or passive is None:
            return None
        return DoubleCosine(active=active, passive=passive, **found.model_dump(exclude={"active", "passive"}))

    def swing(self, path: Trail, row: dict[str, Any], dimension: str, block: str) -> Swing | None:
        found = validated(SwingForm, self.document, path, row, block, self.problems)
        if found is None:
            return None
        rest = self.quantity((*path, "rest"), found.rest, dimension, f"{block}: rest")
        peak = self.quantity((*path, "peak"), found.peak, dimension, f"{block}: peak")
        return None if rest is None or peak is None else Swing(rest=rest, peak=peak, rise=found.rise)

    def pulse(self, path: Trail, row: dict[str, Any], dimension: str, block: str) -> Pulse | None:
        found = validated(PulseForm, self.document, path, row, block, self.problems)
        if found is None:
            return None
        under = self.waveform((*path, "under"), found.under, dimension, f"{block}: under")
        height = self.quantity((*path, "height"), found.height, dimension, f"{block}: height")
        if under is None or height is None:
            return None
        return Pulse(under=under, height=height, **found.model_dump(exclude={"under", "height"}))

    def sampled(self, path: Trail, series: SeriesForm, dimension: str, block: str) -> Sampled | None:
        dimensions = ("time", dimension)
        scales = [self.scale((*path, "units", i), series.units[i], dimensions[i], block) for i in range(2)]
        if series.file is not None:
            file = Path(self.document.file).parent / series.file
            rows = read_rows(file, self.document.where(*path, "file"), self.problems)
        else:
            rows = self.table(path, series.table or [], block)
        wave = periodic(rows, self.problems, "" if series.file else block)
        time, value = scales
        if wave is None or time is None or value is None:
            return None
        return Sampled(tuple(t * time for t in wave.times), tuple(v * value for v in wave.values))

    def scale(self, path: Trail, unit: str, dimension: str, block: str) -> float | None:
        """What one of a unit is in SI; None after its problem."""
        try:
            return parsed(f"1 {unit}", dimension)
        except PydanticCustomError:
            what, remedy = f"{block}: '{unit}' is not a unit of {dimension}", "write the two as [s, mL/s]"
            self.problems.append(Problem(what, self.document.where(*path), remedy))
            return None

    def table(self, path: Trail, table: list[list[str]], block: str) -> list[Row]:
        rows: list[Row] = []
        if not table:
            self.problems.append(Problem(f"{block}: its table is empty", self.document.where(*path, "table")))
        for index, words in enumerate(table):
            where = self.document.where(*path, "table", index)
            try:
                time, value = (float(word) for word in words)
            except ValueError:
                what = f"{block}: expected two numbers, [time, value], got [{', '.join(words)}]"
                self.problems.append(Problem(what, where, "their units are given once, under 'units'"))
                return []
            rows.append(Row(where, time, value))
        return rows

    def locate(self, place: Place) -> str:
        if place.kind == "network":
            return self.document.where(place.field)
        section = {"initial head": "initial_heads"}.get(place.kind, f"{place.kind}s")
        field = {"start": "from", "end": "to", "node": "at"}.get(place.field, place.field)
        return self.document.where(section, place.name, field)
