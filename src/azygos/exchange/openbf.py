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
from dataclasses import replace
from pathlib import Path
from typing import Any

from azygos.body.check import Place, problems_of
from azygos.body.network import Blood, FlowSource, Network, PressureSource, Vessel
from azygos.body.waveform import Constant, Sampled
from azygos.errors import InputError, Problem, near_matches
from azygos.exchange.document import Document, read_document, validated
from azygos.exchange.openbf_form import FIELDS, KNOWN, SILENT, STAND_IN, BloodForm, SegmentForm
from azygos.exchange.openbf_outlet import Ends, Outlet, ends_of, node_name
from azygos.exchange.openbf_written import write_openbf
from azygos.exchange.series import periodic, read_rows

__all__ = ["network_of", "read_openbf", "write_openbf"]

log = logging.getLogger(__name__)

INLET_NODE = 1  # where release 2 lets the blood in
RELEASE_1_PROFILE = 9.0  # its default velocity profile; release 2 has 2
JITTER = 0.01  # how far times of an inlet file may step back, as a fraction of the period; openBF does not look


def read_openbf(path: str | Path) -> Network:
    """The network of an openBF file.

    Raises InputError with all problems of the file and its inlet files.
    """
    return network_of(read_document(Path(path)))


def network_of(document: Document) -> Network:
    """The network of an openBF document; raises InputError with all its problems."""
    return _Reader(document).network()


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
        ends = self.ends(segments, blood)
        flows, pressures = self.inlets(segments)
        driven = next((w for w in (*flows.values(), *pressures.values())), None)
        network = Network(
            name=self.project or Path(self.document.file).stem,
            vessels=tuple(self.vessel(segment) for segment in segments),
            links=tuple(link for outlet in ends.outlets for link in outlet.links),
            stores=tuple(store for outlet in ends.outlets for store in outlet.stores),
            flow_sources=(
                *(FlowSource(node=node, flow=wave) for node, wave in flows.items()),
                *(FlowSource(node=node_name(segment.tn), flow=Constant(0.0)) for segment in ends.closed),
            ),
            pressure_sources=(
                *(PressureSource(node=node, pressure=wave) for node, wave in pressures.items()),
                *(PressureSource(node=node_name(s.tn), pressure=Constant(s.Pext)) for s in ends.open),
                *(PressureSource(node=f"{o.segment.label}_out", pressure=Constant(o.pressure)) for o in ends.outlets),
            ),
            blood=blood,
            period=driven.times[-1] if driven else 1.0,
            initial_head=_initial_head(segments, ends.outlets),
        )
        if driven is None and any(segment.sn == INLET_NODE for segment in segments):  # the inlet is among the problems
            stand_in = FlowSource(node=node_name(INLET_NODE), flow=Constant(0.0))
            network = replace(network, flow_sources=(stand_in, *network.flow_sources))
        self.problems += problems_of(network, self.locate, whole=self.whole and bool(segments))
        if self.problems:
            raise InputError(self.document.in_order(self.problems))
        return network

    def blood(self) -> Blood:
        if not isinstance(self.data.get("blood"), dict):
            self.problems.append(self.missing("blood", "give 'blood' with 'rho' and 'mu'"))
            return Blood()
        found = validated(BloodForm, self.document, ("blood",), self.data["blood"], "blood", self.problems)
        return Blood(density=found.rho, viscosity=found.mu) if found else Blood()

    def missing(self, key: str, remedy: str) -> Problem:
        what = f"'{key}' is not what it should be" if key in self.data else f"'{key}' is missing"
        near = near_matches(key, self.data) if key not in self.data else ""
        return Problem(what, self.document.where(key), near or remedy)

    def segments(self) -> list[SegmentForm]:
        rows = self.data.get("network")
        if not isinstance(rows, list) or not rows:
            self.problems.append(self.missing("network", "give 'network' as a list of vessels"))
            return []
        found: list[SegmentForm] = []
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
            near = near_matches(key, KNOWN)
            log.warning(
                "%s: key '%s' means nothing to openBF and is ignored%s%s",
                places[0],
                key,
                f", in {len(places)} vessels" if len(places) > 1 else "",
                near and f"; {near}",
            )
        return found

    def segment(self, index: int, row: Mapping[str, Any]) -> SegmentForm | None:
        """The vessel of a row; one with stand-in sizes, after its problems, when only its place is known."""
        path = ("network", index)
        block = f"vessel '{row['label']}'" if isinstance(row.get("label"), str) else f"vessel {index + 1}"
        data = {key.replace(" ", "_"): value for key, value in row.items()} if self.release_1 else dict(row)
        for key in data.keys() - KNOWN - SILENT:
            self.ignored.setdefault(key, []).append(self.document.where(*path, key))
        found = validated(SegmentForm, self.document, path, data, block, self.problems, STAND_IN)
        if found is None or found.radius[0]:
            return found
        self.problems.append(Problem(f"{block}: no radius", self.document.where(*path), "give 'R0', or 'Rp' and 'Rd'"))
        return found.model_copy(update={"R0": STAND_IN["R0"]})

    def vessel(self, segment: SegmentForm) -> Vessel:
        profile = segment.gamma_profile
        if profile is None:
            profile = RELEASE_1_PROFILE if self.release_1 else 2.0
        return Vessel(
            name=segment.label,
            start=node_name(segment.sn),
            end=node_name(segment.tn),
            length=segment.L,
            radius=segment.radius,
            wall=segment.wall,
            profile=profile,
        )

    def ends(self, segments: Sequence[SegmentForm], blood: Blood) -> Ends:
        def where(label: str, *key: str) -> str:
            return self.document.where("network", self.owner[label], *key)

        ends = ends_of(segments, blood.density, where, self.problems)
        for outlet in ends.outlets:
            owner = self.owner[outlet.segment.label]
            self.owner.update({part.name: owner for part in (*outlet.links, *outlet.stores)})
        return ends

    def inlets(self, segments: Sequence[SegmentForm]) -> tuple[dict[str, Sampled], dict[str, Sampled]]:
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
                (flows if segment.inlet == "Q" else pressures)[node_name(segment.sn)] = wave
        if any(segment.inlet for segment in segments):
            return flows, pressures
        if segments and all(segment.sn != INLET_NODE for segment in segments):
            where = self.document.where("network")
            what = f"no vessel starts at node {INLET_NODE}, where openBF lets the blood in"
            self.problems.append(Problem(what, where, f"give the inlet vessel 'sn: {INLET_NODE}'"))
        wave = self.series(self.data.get("inlet_file"), self.document.where("inlet_file"))
        return ({node_name(INLET_NODE): wave} if wave is not None else {}), {}

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
            return self.document.where("network", self.owner[name], FIELDS.get(place.field, place.field))
        return self.document.where("inlet_file" if place.kind == "inflow" else "network")


def _initial_head(segments: Sequence[SegmentForm], outlets: Sequence[Outlet]) -> dict[str, float]:
    """openBF starts from the reference area at rest, so from Pext, with empty windkessels."""
    meeting: dict[str, list[float]] = {}
    for segment in segments:
        for number in (segment.sn, segment.tn):
            meeting.setdefault(node_name(number), []).append(segment.Pext)
    heads = {node: sum(values) / len(values) for node, values in meeting.items()}
    heads |= {f"{outlet.segment.label}_out": outlet.pressure for outlet in outlets}
    return {node: head for node, head in heads.items() if head}
