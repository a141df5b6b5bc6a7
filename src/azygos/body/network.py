"""The circulation as one graph: vessels and links join nodes, stores hold volume at a node.

SI float64 throughout. A node carries a total head, pressure + kinetic + gravity, relative to the
atmosphere at height 0. Everything is frozen; a change makes a new network (`dataclasses.replace`).
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from azygos.body.wall import Wall
from azygos.body.waveform import Waveform

__all__ = [
    "Autoregulation", "Blood", "Channel", "CollapsibleStore", "Expansion", "ExponentialStore", "FlowSource",
    "LinearStore", "Link", "Network", "PressureSource", "StarlingResistor", "Store", "StoreLaw", "Valve",
    "VaryingStore", "Vessel",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Blood:
    density: float = 1060.0  # [kg/m3], as in the benchmark of Boileau et al. 2015
    viscosity: float = 4.0e-3  # dynamic [Pa s], as in the benchmark of Boileau et al. 2015


@dataclass(frozen=True, slots=True, kw_only=True)
class Vessel:
    """A one-dimensional vessel from node `start` to node `end`; positive flow runs that way.

    The reference radius varies linearly along the vessel; at a node it may jump.
    """

    name: str
    start: str
    end: str
    length: float  # [m]
    radius: tuple[float, float]  # reference radius at start and end [m]
    wall: Wall
    profile: float = 2.0  # velocity profile exponent gamma: friction 2 (gamma + 2) pi nu u / A; 2 is Poiseuille
    around: str | None = None  # node whose pressure surrounds the vessel; None is the atmosphere
    external_pressure: float = 0.0  # outside force per area added to the surroundings' pressure [Pa]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A link without volume: H_start - H_end = resistance q + inertance dq/dt + quadratic |q| q."""

    name: str
    start: str
    end: str
    resistance: float  # [Pa s/m3]
    inertance: float = 0.0  # [Pa s2/m3]
    quadratic: float = 0.0  # [Pa s2/m6]


@dataclass(frozen=True, slots=True, kw_only=True)
class Valve:
    """A channel whose opening z in (leak, 1) answers to the pressure across it.

        H_start - H_end = (resistance q + quadratic |q| q) / z^2 + inertance dq/dt
        dz/dt = (1 - z) opening_rate dp  for dp > 0,   (z - leak) closing_rate dp  for dp < 0

    Rates as in Mynard et al. 2012. `leak` is the opening that remains when closed: 1e-4 for a
    valve that holds, larger for one that regurgitates.
    """

    name: str
    start: str
    end: str
    resistance: float  # [Pa s/m3], open
    inertance: float  # [Pa s2/m3]
    quadratic: float  # [Pa s2/m6], open
    opening_rate: float  # [1/(Pa s)]
    closing_rate: float  # [1/(Pa s)]
    leak: float = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """Borda-Carnot loss where a jet leaves a narrow vessel for a wide one, or for a wide chamber.

        H_start - H_end = resistance q + rho/2 (1/A1 - 1/A2)^2 |q| q   while the flow widens, else resistance q

    A1 and A2 are the areas, at that moment, of the last cell of vessel `before` (which must end at
    `start`) and of the first cell of vessel `after` (which must start at `end`), both extrapolated to the
    ends. Without `after` A2 is infinite: all kinetic head is lost.
    """

    name: str
    start: str
    end: str
    before: str
    after: str | None
    resistance: float  # [Pa s/m3], small and positive


@dataclass(frozen=True, slots=True, kw_only=True)
class StarlingResistor:
    """A short passage that collapses under the pressure of node `around`: Starling's resistor, or waterfall.

        q = (M(p_start - p_around) - M(p_end - p_around)) / resistance,   M(p) = (p + sqrt(p^2 + sharpness^2)) / 2

    M is a smooth max(p, 0). While p_end is below p_around the flow no longer depends on it; the vessel upstream
    then stays at p_around or above. With `around` its own `end` it lets flow pass one way only, like the
    arachnoid villi.
    """

    name: str
    start: str
    end: str
    around: str
    resistance: float  # [Pa s/m3], open
    sharpness: float = 10.0  # [Pa]: the width over which it collapses


Link: TypeAlias = Channel | Valve | Expansion | StarlingResistor


@dataclass(frozen=True, slots=True, kw_only=True)
class Autoregulation:
    """A bed that holds its flow: the resistance of channel `link` answers to the flow through it.

        time_constant dx/dt = q / normal_flow - 1 - x,   resistance = (its own) (1 + S(gain x))
        S(y) = y / sqrt(1 + (y / s)^2),   s = most - 1 for y > 0, 1 - least for y < 0

    so that the vessels widen to `least` of their normal resistance and narrow to `most` times it.
    """

    link: str
    normal_flow: float  # [m3/s]
    gain: float
    time_constant: float  # [s]
    least: float
    most: float


class StoreLaw(ABC):
    """Pressure of a store from its volume."""

    @abstractmethod
    def volume(self, pressure: float, period: float) -> float:
        """The volume [m3] at which the store has `pressure` [Pa] at time 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearStore(StoreLaw):
    """p = elastance (V - unstressed_volume)."""

    elastance: float  # [Pa/m3]
    unstressed_volume: float = 0.0  # [m3]

    def volume(self, pressure: float, period: float) -> float:
        return self.unstressed_volume + pressure / self.elastance


@dataclass(frozen=True, slots=True, kw_only=True)
class CollapsibleStore(StoreLaw):
    """A linear store that stiffens as it empties, so that its volume stays above zero whatever the pressure.

    p = elastance (V - V0) for V > V0, elastance V0 (1 - V0 / V) below; V0 = unstressed_volume > 0.
    """

    elastance: float  # [Pa/m3]
    unstressed_volume: float  # [m3]

    def volume(self, pressure: float, period: float) -> float:
        if pressure >= 0.0:
            return self.unstressed_volume + pressure / self.elastance
        return self.unstressed_volume / (1.0 - pressure / (self.elastance * self.unstressed_volume))


@dataclass(frozen=True, slots=True, kw_only=True)
class VaryingStore(StoreLaw):
    """A heart chamber: p = E(t) (V - unstressed_volume).

    With an unstressed volume it stiffens as it empties, as a CollapsibleStore does; without, it is linear throughout.
    """

    elastance: Waveform  # [Pa/m3]
    unstressed_volume: float = 0.0  # [m3]

    def volume(self, pressure: float, period: float) -> float:
        return self.at_start(period).volume(pressure, period)

    def at_start(self, period: float) -> LinearStore | CollapsibleStore:
        """The store that it is at time 0."""
        elastance = float(self.elastance.sample(np.zeros(1), period)[0])
        if self.unstressed_volume > 0.0:
            return CollapsibleStore(elastance=elastance, unstressed_volume=self.unstressed_volume)
        return LinearStore(elastance=elastance)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExponentialStore(StoreLaw):
    """p = scale (exp((V - unstressed_volume) / volume_scale) - 1) + reference_pressure: skull, pericardium.

    With `straight_below` it goes on straight, as scale (V - unstressed_volume) / volume_scale, below its unstressed
    volume; without, no pressure lies below reference_pressure - scale, however much is taken out.
    """

    scale: float  # [Pa]
    volume_scale: float  # [m3]
    unstressed_volume: float = 0.0  # [m3]
    reference_pressure: float = 0.0  # [Pa]
    straight_below: bool = False

    def volume(self, pressure: float, period: float) -> float:
        ratio = 1.0 + (pressure - self.reference_pressure) / self.scale
        if self.straight_below and ratio < 1.0:
            return self.unstressed_volume + self.volume_scale * (ratio - 1.0)
        return self.unstressed_volume + self.volume_scale * float(np.log(ratio))


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Volume held at a node: its pressure, above that of node `around`, is the node's."""

    name: str
    node: str
    law: StoreLaw
    around: str | None = None
    is_blood: bool = True  # False for cerebrospinal fluid and the like


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSource:
    """Flow [m3/s] pushed into a node."""

    node: str
    flow: Waveform


@dataclass(frozen=True, slots=True, kw_only=True)
class PressureSource:
    """Total head [Pa] held at a node."""

    node: str
    pressure: Waveform


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Network:
    """A circulation, open or closed."""

    name: str
    vessels: tuple[Vessel, ...]
    links: tuple[Link, ...] = ()
    stores: tuple[Store, ...] = ()
    regulations: tuple[Autoregulation, ...] = ()
    flow_sources: tuple[FlowSource, ...] = ()
    pressure_sources: tuple[PressureSource, ...] = ()
    blood: Blood = Blood()
    period: float = 1.0  # after which the given quantities repeat: a beat, or a breath of some beats [s]
    beats: int = 1  # heart beats in a period
    heights: Mapping[str, float] = field(default_factory=dict)  # node -> height [m], else 0
    gravity: float = 9.80665  # [m/s2]
    initial_head: Mapping[str, float] = field(default_factory=dict)  # node -> [Pa], else 0

    @property
    def nodes(self) -> tuple[str, ...]:
        """All nodes, in the order in which they are first named."""
        joints: tuple[Vessel | Link, ...] = (*self.vessels, *self.links)
        places: tuple[Store | FlowSource | PressureSource, ...] = (
            *self.stores,
            *self.flow_sources,
            *self.pressure_sources,
        )
        inside: tuple[Vessel | Store, ...] = (*self.vessels, *self.stores)
        named = [node for joint in joints for node in (joint.start, joint.end)]
        named += [place.node for place in places]
        named += [thing.around for thing in inside if thing.around is not None]
        named += [link.around for link in self.links if isinstance(link, StarlingResistor)]
        return tuple(dict.fromkeys(named))

    @property
    def is_closed(self) -> bool:
        """Whether blood neither enters nor leaves; a given pressure that only surrounds exchanges none."""
        joints: tuple[Vessel | Link, ...] = (*self.vessels, *self.links)
        met = {node for joint in joints for node in (joint.start, joint.end)}
        return not self.flow_sources and not any(source.node in met for source in self.pressure_sources)

    def vessel(self, name: str) -> Vessel:
        for vessel in self.vessels:
            if vessel.name == name:
                return vessel
        raise KeyError(name)

    def __repr__(self) -> str:
        nodes = self.nodes
        length = sum(vessel.length for vessel in self.vessels)
        rows = [
            f"{len(self.vessels)} vessels, {length:.2f} m in all",
            f"{len(nodes)} nodes",
            f"{len(self.links)} links",
            f"{len(self.stores)} stores",
            f"{len(self.flow_sources)} flow sources, {len(self.pressure_sources)} pressure sources",
            f"beat of {self.period / self.beats:g} s",
        ]
        branches = ["├── "] * (len(rows) - 1) + ["└── "]
        return "\n".join([f"Network '{self.name}'", *(b + row for b, row in zip(branches, rows, strict=True))])
