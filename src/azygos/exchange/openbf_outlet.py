"""How the vessels of an openBF file end: reflections and windkessels, as parts of a network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import pi

import numpy as np

from azygos.body.network import Channel, Expansion, LinearStore, Link, Store
from azygos.body.wall import ARTERY_SLOPE, Wall
from azygos.errors import Problem
from azygos.exchange.openbf_form import SegmentForm

__all__ = ["Ends", "Outlet", "ends_of", "impedance", "node_name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """What closes the end of a vessel: two resistances with a compliance between, towards a pressure."""

    segment: SegmentForm
    near: float  # [Pa s/m3]
    far: float  # [Pa s/m3]
    compliance: float  # [m3/Pa]; 0 for a reflection, which has the near resistance only
    pressure: float  # beyond [Pa]

    @property
    def links(self) -> tuple[Link, ...]:
        name, end = self.segment.label, node_name(self.segment.tn)
        if not self.compliance:
            return (Channel(name=f"{name}_rt", start=end, end=f"{name}_out", resistance=self.near),)
        near = Expansion(name=f"{name}_r1", start=end, end=f"{name}_wk", before=name, after=None, resistance=self.near)
        return near, Channel(name=f"{name}_r2", start=f"{name}_wk", end=f"{name}_out", resistance=self.far)

    @property
    def stores(self) -> tuple[Store, ...]:
        if not self.compliance:
            return ()
        name = self.segment.label
        return (Store(name=f"{name}_c", node=f"{name}_wk", law=LinearStore(elastance=1.0 / self.compliance)),)


@dataclass(frozen=True, slots=True)
class Ends:
    """The vessels at which an openBF network ends, by how."""

    outlets: tuple[Outlet, ...]
    closed: tuple[SegmentForm, ...]  # Rt = 1
    open: tuple[SegmentForm, ...]  # Rt = -1


def node_name(number: int) -> str:
    return f"n{number}"


def impedance(wall: Wall, radius: float, density: float) -> float:
    """Characteristic impedance rho c / A at the vessel's end and its reference area [Pa s/m3]."""
    stiffness = float(wall.coefficients(np.array([radius]), np.ones(1), density).k_half[0])
    wave_speed = (ARTERY_SLOPE * stiffness / density) ** 0.5
    return float(density * wave_speed / (pi * radius**2))


def ends_of(
    segments: Sequence[SegmentForm], density: float, where: Callable[..., str], problems: list[Problem]
) -> Ends:
    """The ends of the network; what is wrong with them is added to `problems`.

    `where(label, key)` is the place of a key of a vessel.
    """
    outlets: list[Outlet] = []
    closed: list[SegmentForm] = []
    open_ends: list[SegmentForm] = []
    goes_on = {segment.sn for segment in segments}
    for segment in segments:
        if segment.tn in goes_on:
            continue
        kind = segment.outlet if segment.outlet not in (None, "none") else ("wk3" if segment.R1 else "reflection")
        if kind != "reflection":
            outlets.append(_windkessel(segment, kind or "wk3", density, where(segment.label), problems))
        elif segment.Rt is None:
            what = f"vessel '{segment.label}': ends at node {segment.tn}, where no vessel starts, without an outlet"
            remedy = "give 'R1', 'R2' and 'Cc', or 'Rt', or join it"
            problems.append(Problem(what, where(segment.label, "tn"), remedy))
            closed.append(segment)
        elif abs(segment.Rt) == 1.0:
            (closed if segment.Rt > 0.0 else open_ends).append(segment)
        else:
            near = _impedance(segment, density) * (1.0 + segment.Rt) / (1.0 - segment.Rt)
            outlets.append(Outlet(segment=segment, near=near, far=0.0, compliance=0.0, pressure=segment.Pext))
    return Ends(tuple(outlets), tuple(closed), tuple(open_ends))


def _impedance(segment: SegmentForm, density: float) -> float:
    return impedance(segment.wall, segment.radius[1], density)


def _windkessel(segment: SegmentForm, kind: str, density: float, where: str, problems: list[Problem]) -> Outlet:
    near, far, matched = segment.R1, segment.R2, _impedance(segment, density)
    whole = near + (0.0 if kind == "wk2" else far)
    if kind == "wk2" or not far or segment.inlet_impedance_matching:
        near, far = matched, whole - matched
    block = f"vessel '{segment.label}'"
    for key, value in (("R1", segment.R1), ("Cc", segment.Cc)):
        if not value:
            problems.append(Problem(f"{block}: its windkessel has no '{key}'", where, "give it"))
    if segment.R1 and far <= 0.0:
        what = f"{block}: its resistance {whole:g} Pa s/m3 is below the impedance {near:g} Pa s/m3 of its end"
        problems.append(Problem(what, where, "give 'R1' and 'R2'"))
    return Outlet(
        segment=segment,
        near=near,
        far=far if far > 0.0 else near,
        compliance=segment.Cc or 1.0,
        pressure=segment.Pout,
    )
