"""Whether every number of a network can be, seen at a glance: all of a kind at once.

`sizes` says what is wrong and where, one number after the other; that takes as long as solving the network does. Most
networks have nothing wrong, and this says so a hundred times faster. What it does not know it does not pass.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from azygos.body.network import (
    Autoregulation,
    Channel,
    CollapsibleStore,
    Expansion,
    ExponentialStore,
    LinearStore,
    Network,
    StarlingResistor,
    Valve,
    VaryingStore,
    Vessel,
)
from azygos.body.sizes import HUGE, LARGEST, SMALLEST
from azygos.body.wall import ArteryWall, AvolioWall, ElasticWall, RigidWall, SinusWall, StentedWall, VeinWall
from azygos.body.waveform import Constant, DoubleCosine, Swing

__all__ = ["sound"]

_LEAST = 1.0 / HUGE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """Which fields of a kind must be what."""

    extent: tuple[str, ...] = ()  # from SMALLEST to LARGEST
    positive: tuple[str, ...] = ()
    not_negative: tuple[str, ...] = ()
    finite: tuple[str, ...] = ()
    inside: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # open intervals


_RULES: Mapping[type, _Rule] = {
    Vessel: _Rule(extent=("length", "radius"), not_negative=("profile",), finite=("external_pressure",)),
    ArteryWall: _Rule(positive=("wave_speed",), not_negative=("viscosity",), finite=("reference_pressure",)),
    VeinWall: _Rule(positive=("wave_speed",), not_negative=("viscosity",), finite=("reference_pressure",)),
    SinusWall: _Rule(positive=("wave_speed",), finite=("reference_pressure",)),
    ElasticWall: _Rule(positive=("young", "thickness"), not_negative=("viscosity",), finite=("reference_pressure",)),
    AvolioWall: _Rule(positive=("young",), not_negative=("viscosity",), finite=("reference_pressure",)),
    RigidWall: _Rule(),
    StentedWall: _Rule(positive=("stent_radius",), not_negative=("stiffness",)),
    Channel: _Rule(positive=("resistance",), not_negative=("inertance", "quadratic")),
    Valve: _Rule(
        positive=("resistance", "opening_rate", "closing_rate", "leak"),
        not_negative=("inertance", "quadratic"),
        inside={"leak": (0.0, 1.0 + 1e-15)},
    ),
    Expansion: _Rule(positive=("resistance",)),
    StarlingResistor: _Rule(positive=("resistance", "sharpness")),
    Autoregulation: _Rule(
        positive=("normal_flow", "time_constant"),
        not_negative=("gain",),
        inside={"least": (0.0, 1.0), "most": (1.0, HUGE)},
    ),
    LinearStore: _Rule(positive=("elastance",), finite=("unstressed_volume",)),
    CollapsibleStore: _Rule(positive=("elastance", "unstressed_volume")),
    VaryingStore: _Rule(finite=("unstressed_volume",)),
    ExponentialStore: _Rule(positive=("scale", "volume_scale"), finite=("unstressed_volume", "reference_pressure")),
    Constant: _Rule(finite=("value",)),
    DoubleCosine: _Rule(positive=("active", "passive", "rise", "fall"), finite=("onset",)),
    Swing: _Rule(finite=("rest", "peak"), inside={"rise": (0.0, 1.0)}),
}


def sound(network: Network) -> bool:
    """Whether nothing is wrong with any number; False where something is, or may be."""
    groups: dict[type, list[Any]] = {}
    for part in _parts(network):
        groups.setdefault(type(part), []).append(part)
    return (
        all(kind in _RULES and _keep(_RULES[kind], parts) for kind, parts in groups.items())
        and _all_within([network.period, network.blood.density], _LEAST, HUGE)
        and _all_within([network.gravity, network.blood.viscosity], _LEAST, HUGE, zero=True)
        and _all_within([*network.heights.values(), *network.initial_head.values()], -HUGE, HUGE)
        and network.beats >= 1
        and all(_fits(beat, network) for beat in groups.get(DoubleCosine, ()))
    )


def _parts(network: Network) -> Iterator[object]:
    for vessel in network.vessels:
        yield vessel
        wall = vessel.wall
        while isinstance(wall, StentedWall):
            yield wall
            wall = wall.wall
        yield wall
    yield from network.links
    yield from network.regulations
    for store in network.stores:
        yield store.law
        if isinstance(store.law, VaryingStore):
            beat = store.law.elastance
            yield beat if isinstance(beat, DoubleCosine) else None  # of others it is not known here
    yield from (source.flow for source in network.flow_sources)
    yield from (source.pressure for source in network.pressure_sources)


def _fits(beat: DoubleCosine, network: Network) -> bool:
    return beat.rise + beat.fall <= 1.0 and beat.beats == network.beats


def _keep(rule: _Rule, parts: Sequence[Any]) -> bool:
    limits = (
        (rule.extent, SMALLEST, LARGEST),
        (rule.positive, _LEAST, HUGE),
        (rule.finite, -HUGE, HUGE),
    )
    return (
        all(_all_within(_column(parts, name), low, high) for names, low, high in limits for name in names)
        and all(_all_within(_column(parts, name), _LEAST, HUGE, zero=True) for name in rule.not_negative)
        and all(low < getattr(part, name) < high for name, (low, high) in rule.inside.items() for part in parts)
    )


def _column(parts: Sequence[Any], name: str) -> list[Any]:
    return [getattr(part, name) for part in parts]


def _all_within(values: Sequence[Any], low: float, high: float, *, zero: bool = False) -> bool:
    array = np.array(values, dtype=float)
    good = (array >= low) & (array <= high)  # False for what is no number
    return bool(np.all(good | (array == 0.0) if zero else good))
