"""openBF's YAML read as a network.

openBF (INSIGNEO, https://github.com/INSIGNEO/openBF) is a one-dimensional solver; its files are the
common form of the published arterial benchmarks. What its fields mean was taken from its sources and
its manual. Where release 2 computes something other than its manual, release 1 and the publications
say, the manual is followed:

- `Rp`, `Rd`: the radius runs linearly from one to the other. (Release 2 multiplies the step per cell
  by the length of a cell, so that its radius hardly leaves `Rp`.)
- `R1`, `Cc` without `R2`: `R1` is the whole resistance; the characteristic impedance of the vessel's
  end is split off it. (Release 2 adds the remainder to `R1` instead of replacing it.)
- `Rt` alone: a reflection. (Release 2 falls into its windkessel branch.)
- `gamma_profile` is 2 when missing. Release 2 knows no key `gamma profile`, which release 1 had: it is
  ignored in files of release 2, as every unknown key is, with a line in the log.
- `inlet_impedance_matching`: the impedance follows the area in openBF; here it is that of the
  reference area.

A windkessel's R1 acts between the *static* pressure of the vessel and that of the windkessel, whereas
a link of a network acts between total heads. R1 is therefore an expansion into a wide chamber, which
takes the kinetic head away.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import pi
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from azygos.body.check import Place, problems_of
from azygos.body.network import (
    Blood,
    Channel,
    Expansion,
    FlowSource,
    LinearStore,
    Link,
    Network,
    PressureSource,
    Store,
    Vessel,
)
from azygos.body.wall import ARTERY_SLOPE, AvolioWall, ElasticWall, Wall
from azygos.body.waveform import Constant, Sampled
from azygos.errors import InputError, Problem, near_matches
from azygos.exchange.document import Document, read_document, validated
from azygos.exchange.series import periodic, read_rows

__all__ = ["network_of", "read_openbf"]

log = logging.getLogger(__name__)

Positive = Annotated[FiniteFloat, Field(gt=0.0)]
NotNegative = Annotated[FiniteFloat, Field(ge=0.0)]

INLET_NODE = 1  # where release 2 lets the blood in
RELEASE_1_PROFILE = 9.0  # its default velocity profile; release 2 has 2
VOIGT = (0.6, 1.5e-3)  # b0 [kg/s], b1 [kg m/s]: Gamma = b0 + b1 / (2 R) of `visco-elastic: true`
JITTER = 0.01  # how far times of an inlet file may step back, as a fraction of the period; openBF does not look
SILENT = {"M", "to_save", "inlet_number"}  # about openBF's mesh and output, not about the network

# Values that take the place of wrong ones, so that the rest can be checked.
STAND_IN = {"L": 0.1, "E": 1e5, "R0": 1e-3, "Rp": 1e-3, "Rd": 1e-3, "Rt": 0.0, "R1": 1e20, "R2": 1e20, "Cc": 1e-12}


class _Segment(BaseModel):
    """A vessel as openBF writes it, in SI without units. Zero resistances and compliances count as missing."""

    model_config = ConfigDict(extra="ignore")

    label: Annotated[str, Field(min_length=1)]
    sn: int
    tn: int
    L: Positive
    E: Positive
    R0: Positive | None = None
    Rp: Positive | None = None
    Rd: Positive | None = None
    h0: Positive | None = None
    Pext: FiniteFloat = 0.0
    gamma_profile: NotNegative | None = None
    visco_elastic: bool = Field(default=False, alias="visco-elastic")
    phi: NotNegative = 0.0
    inlet: Literal["Q", "P"] | None = None
    inlet_file: str | None = None
    outlet: Literal["reflection", "wk2", "wk3", "none"] | None = None
    Rt: Annotated[FiniteFloat, Field(ge=-1.0, le=1.0)] | None = None
    R1: NotNegative = 0.0
    R2: NotNegative = 0.0
    Cc: NotNegative = 0.0
    Pout: FiniteFloat = 0.0
    inlet_impedance_matching: bool = False

    @property
    def radius(self) -> tuple[float, float]:
        """At start and end [m]; 0 when the file has none."""
        start = self.Rp or self.R0 or 0.0
        return start, self.Rd or start

    @property
    def wall(self) -> Wall:
        mean = 0.5 * sum(self.radius)
        if self.visco_elastic:
            viscosity = VOIGT[0] + VOIGT[1] / (2.0 * mean)
        else:
            viscosity = 2.0 / 3.0 * pi**0.5 * self.phi * (self.h0 or 0.0)
        if self.h0 is None:
            return AvolioWall(young=self.E, reference_pressure=self.Pext, viscosity=viscosity)
        return ElasticWall(young=self.E, thickness=self.h0, reference_pressure=self.Pext, viscosity=viscosity)


class _Blood(BaseModel):
    model_config = ConfigDict(extra="ignore")

    rho: Positive
    mu: NotNegative


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outlet:
    """What closes the end of a vessel: two resistances with a compliance between, towards a pressure."""

    segment: _Segment
    near: float  # [Pa s/m3]
    far: float  # [Pa s/m3]
    compliance: float  # [m3/Pa]; 0 for a reflection, which has the near resistance only
    pressure: float  # beyond [Pa]


def read_openbf(path: str | Path) -> Network:
    """The network of an openBF file.

    Raises InputError with all problems of the file and its inlet files.
    """
    return network_of(read_document(Path(path)))


def network_of(document: Document) -> Network:
    """The network of an openBF document; raises InputError with all its problems."""
    return _Reader(document).network()


def _node(number: int) -> str:
    return f"n{number}"


def _impedance(area: float, wall: Wall, radius: float, density: float) -> float:
    """Characteristic impedance rho c / A at the reference area [Pa s/m3]."""
    return density * _wave_speed(wall, radius, density) / area


def _wave_speed(wall: Wall, radius: float, density: float) -> float:
    return float((ARTERY_SLOPE * _stiffness(wall, radius, density) / density) ** 0.5)


def _stiffness(wall: Wall, radius: float, density: float) -> float:
    return float(wall.coefficients(np.array([radius]), np.ones(1), density).k_half[0])


class _Reader:
    """Gathers the parts of a network and everything that is wrong with them."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = list(document.problems)
        self.data: Mapping[str, Any] = document.data if isinstance(document.data, dict) else {}
        self.release_1 = "project name" in self.data
        project = self.data.get("project_name") or self.data.get("project name")
        self.project = project if isinstance(project, str) else ""
        self.owner: dict[str, int] = {}  # block of the network -> index of its vessel in the file
        self.whole = True  # whether every vessel has a place, so that the whole can be checked
        self.ignored: dict[str, list[str]] = {}  # unknown key -> where

    def network(self) -> Network:
        blood = self.blood()
        segments = self.segments()
        outlets, closed, open_ends = self.outlets(segments, blood)
        flows, pressures = self.inlets(segments)
        driven = next((w for w in (*flows.values(), *pressures.values())), None)
        network = Network(
            name=self.project or Path(self.document.file).stem,
            vessels=tuple(self.vessel(segment) for segment in segments),
            links=tuple(self.links(outlets)),
            stores=tuple(self.stores(outlets)),
            flow_sources=(
                *(FlowSource(node=node, flow=wave) for node, wave in flows.items()),
                *(FlowSource(node=_node(segment.tn), flow=Constant(0.0)) for segment in closed),
            ),
            pressure_sources=(
                *(PressureSource(node=node, pressure=wave) for node, wave in pressures.items()),
                *(PressureSource(node=_node(s.tn), pressure=Constant(s.Pext)) for s in open_ends),
                *(PressureSource(node=f"{o.segment.label}_out", pressure=Constant(o.pressure)) for o in outlets),
            ),
            blood=blood,
            period=driven.times[-1] if driven else 1.0,
            initial_head=_initial_head(segments, outlets),
        )
        if driven is None and any(segment.sn == INLET_NODE for segment in segments):  # the inlet is among the problems
            stand_in = FlowSource(node=_node(INLET_NODE), flow=Constant(0.0))
            network = replace(network, flow_sources=(stand_in, *network.flow_sources))
        self.problems += problems_of(network, self.locate, whole=self.whole and bool(segments))
        if self.problems:
            raise InputError(self.document.in_order(self.problems))
        return network

    def blood(self) -> Blood:
        if not isinstance(self.data.get("blood"), dict):
            self.problems.append(self.missing("blood", "give 'blood' with 'rho' and 'mu'"))
            return Blood()
        found = validated(_Blood, self.document, ("blood",), self.data["blood"], "blood", self.problems)
        return Blood(density=found.rho, viscosity=found.mu) if found else Blood()

    def missing(self, key: str, remedy: str) -> Problem:
        what = f"'{key}' is not what it should be" if key in self.data else f"'{key}' is missing"
        near = near_matches(key, self.data) if key not in self.data else ""
        return Problem(what, self.document.where(key), near or remedy)

    def segments(self) -> list[_Segment]:
        rows = self.data.get("network")
        if not isinstance(rows, list) or not rows:
            self.problems.append(self.missing("network", "give 'network' as a list of vessels"))
            return []
        found: list[_Segment] = []
        for index, row in enumerate(rows):
            if not isinstance(row, dict):
                where = self.document.where("network", index)
                self.problems.append(Problem(f"vessel {index + 1} of the network is not a mapping", where))
            segment = self.segment(index, row) if isinstance(row, dict) else None
            if segment is None:
                self.whole = False
                continue
            if segment.label in self.owner:
                first = self.document.where("network", self.owner[segment.label], "label")
                what = f"vessel '{segment.label}' is given twice, first at {first}"
                self.problems.append(Problem(what, self.document.where("network", index, "label"), "rename one"))
                self.whole = False
                continue
            self.owner[segment.label] = index
            found.append(segment)
        for key, places in self.ignored.items():
            near = near_matches(key, _KNOWN)
            log.warning(
                "%s: key '%s' means nothing to openBF and is ignored%s%s",
                places[0],
                key,
                f", in {len(places)} vessels" if len(places) > 1 else "",
                near and f"; {near}",
            )
        return found

    def segment(self, index: int, row: Mapping[str, Any]) -> _Segment | None:
        """The vessel of a row; one with stand-in sizes, after its problems, when only its place is known."""
        path = ("network", index)
        block = f"vessel '{row['label']}'" if isinstance(row.get("label"), str) else f"vessel {index + 1}"
        data = {key.replace(" ", "_"): value for key, value in row.items()} if self.release_1 else dict(row)
        for key in data.keys() - _KNOWN - SILENT:
            self.ignored.setdefault(key, []).append(self.document.where(*path, key))
        found = validated(_Segment, self.document, path, data, block, self.problems, STAND_IN)
        if found is None or found.radius[0]:
            return found
        self.problems.append(Problem(f"{block}: no radius", self.document.where(*path), "give 'R0', or 'Rp' and 'Rd'"))
        return found.model_copy(update={"R0": STAND_IN["R0"]})

    def vessel(self, segment: _Segment) -> Vessel:
        profile = segment.gamma_profile
        if profile is None:
            profile = RELEASE_1_PROFILE if self.release_1 else 2.0
        return Vessel(
            name=segment.label,
            start=_node(segment.sn),
            end=_node(segment.tn),
            length=segment.L,
            radius=segment.radius,
            wall=segment.wall,
            profile=profile,
        )

    def outlets(
        self, segments: Sequence[_Segment], blood: Blood
    ) -> tuple[list[_Outlet], list[_Segment], list[_Segment]]:
        """Outlets with a resistance, closed ends (Rt = 1) and open ends (Rt = -1)."""
        outlets: list[_Outlet] = []
        closed: list[_Segment] = []
        open_ends: list[_Segment] = []
        goes_on = {segment.sn for segment in segments}
        for segment in segments:
            if segment.tn in goes_on:
                continue
            kind = segment.outlet if segment.outlet not in (None, "none") else ("wk3" if segment.R1 else "reflection")
            if kind != "reflection":
                outlets.append(self.windkessel(segment, kind or "wk3", blood))
            elif segment.Rt is None:
                what = f"vessel '{segment.label}': ends at node {segment.tn}, where no vessel starts, without an outlet"
                where = self.document.where("network", self.owner[segment.label], "tn")
                self.problems.append(Problem(what, where, "give 'R1', 'R2' and 'Cc', or 'Rt', or join it"))
                closed.append(segment)
            elif segment.Rt == 1.0:
                closed.append(segment)
            elif segment.Rt == -1.0:
                open_ends.append(segment)
            else:
                near = self.impedance(segment, blood) * (1.0 + segment.Rt) / (1.0 - segment.Rt)
                outlets.append(_Outlet(segment=segment, near=near, far=0.0, compliance=0.0, pressure=segment.Pext))
        return outlets, closed, open_ends

    def impedance(self, segment: _Segment, blood: Blood) -> float:
        radius = segment.radius[1]
        return _impedance(pi * radius**2, segment.wall, radius, blood.density)

    def windkessel(self, segment: _Segment, kind: str, blood: Blood) -> _Outlet:
        near, far, impedance = segment.R1, segment.R2, self.impedance(segment, blood)
        whole = near + (0.0 if kind == "wk2" else far)
        if kind == "wk2" or not far or segment.inlet_impedance_matching:
            near, far = impedance, whole - impedance
        where, block = self.document.where("network", self.owner[segment.label]), f"vessel '{segment.label}'"
        for key, value in (("R1", segment.R1), ("Cc", segment.Cc)):
            if not value:
                self.problems.append(Problem(f"{block}: its windkessel has no '{key}'", where, "give it"))
        if segment.R1 and far <= 0.0:
            what = f"{block}: its resistance {whole:g} Pa s/m3 is below the impedance {near:g} Pa s/m3 of its end"
            self.problems.append(Problem(what, where, "give 'R1' and 'R2'"))
        return _Outlet(
            segment=segment,
            near=near,
            far=far if far > 0.0 else near,
            compliance=segment.Cc or 1.0,
            pressure=segment.Pout,
        )

    def links(self, outlets: Sequence[_Outlet]) -> list[Link]:
        links: list[Link] = []
        for outlet in outlets:
            name, end = outlet.segment.label, _node(outlet.segment.tn)
            if not outlet.compliance:
                links.append(Channel(name=f"{name}_rt", start=end, end=f"{name}_out", resistance=outlet.near))
            else:
                near = f"{name}_r1"
                links += [
                    Expansion(name=near, start=end, end=f"{name}_wk", before=name, after=None, resistance=outlet.near),
                    Channel(name=f"{name}_r2", start=f"{name}_wk", end=f"{name}_out", resistance=outlet.far),
                ]
            self.owner.update(dict.fromkeys((link.name for link in links[-2:]), self.owner[name]))
        return links

    def stores(self, outlets: Sequence[_Outlet]) -> list[Store]:
        names = [(o.segment.label, o.compliance) for o in outlets if o.compliance]
        self.owner.update({f"{name}_c": self.owner[name] for name, _ in names})
        return [
            Store(name=f"{name}_c", node=f"{name}_wk", law=LinearStore(elastance=1.0 / compliance))
            for name, compliance in names
        ]

    def inlets(self, segments: Sequence[_Segment]) -> tuple[dict[str, Sampled], dict[str, Sampled]]:
        """Flows and pressures by node: of the vessels that say `inlet` (release 1), else into node 1."""
        flows: dict[str, Sampled] = {}
        pressures: dict[str, Sampled] = {}
        for segment in segments:
            if segment.inlet is None:
                continue
            path = ("network", self.owner[segment.label])
            key = next((key for key in ("inlet_file", "inlet file") if (*path, key) in self.document.lines), "inlet")
            wave = self.series(segment.inlet_file, self.document.where(*path, key))
            if wave is not None:
                (flows if segment.inlet == "Q" else pressures)[_node(segment.sn)] = wave
        if any(segment.inlet for segment in segments):
            return flows, pressures
        if segments and all(segment.sn != INLET_NODE for segment in segments):
            where = self.document.where("network")
            what = f"no vessel starts at node {INLET_NODE}, where openBF lets the blood in"
            self.problems.append(Problem(what, where, f"give the inlet vessel 'sn: {INLET_NODE}'"))
        wave = self.series(self.data.get("inlet_file"), self.document.where("inlet_file"))
        return ({_node(INLET_NODE): wave} if wave is not None else {}), {}

    def series(self, file: object, asked_at: str) -> Sampled | None:
        """The inlet file named, or openBF's default one, beside the network's file."""
        if file is None and not self.project:
            what = "no inlet file: neither 'inlet_file' nor 'project_name' is given"
            self.problems.append(Problem(what, self.document.where(), "give 'inlet_file'"))
            return None
        name = str(file if file is not None else f"{self.project}_inlet.dat")
        rows = read_rows(Path(self.document.file).parent / name, asked_at, self.problems)
        return periodic(rows, self.problems, jitter=JITTER)

    def locate(self, place: Place) -> str:
        name = place.name.removesuffix("_out")
        if name in self.owner:
            return self.document.where("network", self.owner[name], _FIELDS.get(place.field, place.field))
        return self.document.where("inlet_file" if place.kind == "inflow" else "network")


_KNOWN = {field.alias or name for name, field in _Segment.model_fields.items()}
_FIELDS = {"start": "sn", "end": "tn", "length": "L", "radius": "Rp", "wall": "E", "profile": "gamma_profile"}


def _initial_head(segments: Sequence[_Segment], outlets: Sequence[_Outlet]) -> dict[str, float]:
    """openBF starts from the reference area at rest, so from Pext, with empty windkessels."""
    meeting: dict[str, list[float]] = {}
    for segment in segments:
        for number in (segment.sn, segment.tn):
            meeting.setdefault(_node(number), []).append(segment.Pext)
    heads = {node: sum(values) / len(values) for node, values in meeting.items()}
    heads |= {f"{outlet.segment.label}_out": outlet.pressure for outlet in outlets}
    return {node: head for node, head in heads.items() if head}
