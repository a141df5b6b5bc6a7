"""What can be read off a circulation by a `Measure`: each quantity at a place, over time."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import Network, Vessel
from azygos.body.wall import SinusWall, StentedWall, VeinWall, Wall

__all__ = ["QUANTITIES", "SIMPSON", "Numbers", "Observed", "Place", "Quantity", "delay", "names", "pieces"]

Numbers: TypeAlias = NDArray[Any]  # float64, or complex128 whose imaginary part carries a derivative

SIMPSON = ((0.0, 1 / 12), (0.25, 4 / 12), (0.5, 2 / 12), (0.75, 4 / 12), (1.0, 1 / 12))  # station, weight


class Observed(Protocol):
    """What a measure is read off: a Solution, or anything else with these.

    Arrays may be complex: a measure of x + i e dx, e tiny, has in its imaginary part e times the derivative along dx
    (complex step; Squire and Trapp 1998). Largest and least are told by real parts. What the network gives
    (lengths, walls, period) counts as fixed.
    """

    @property
    def network(self) -> Network: ...

    @property
    def time(self) -> NDArray[np.float64]: ...  # evenly spaced [s]

    @property
    def heads(self) -> Mapping[str, Numbers]: ...  # node -> over time [Pa]

    @property
    def volumes(self) -> Mapping[str, Numbers]: ...  # store -> over time [m3]

    @property
    def link_flows(self) -> Mapping[str, Numbers]: ...  # link -> over time [m3/s]

    def at(self, variable: str, vessel: str, station: float = 0.5, /) -> Numbers:
        """`pressure`, `flow`, `area` or `velocity` over time in a vessel of the network [SI]."""


class Place(NamedTuple):
    """What a name in an expression stands for: kind `vessel`, `node`, `link` or `store`; fraction of a vessel."""

    kind: str
    name: str
    fraction: float


def pieces(network: Network, name: str) -> tuple[Vessel, ...]:
    """The vessel of this name, or the pieces `name....` into which a lesion divides it, from upstream on."""
    whole = tuple(vessel for vessel in network.vessels if vessel.name == name)
    return whole or tuple(vessel for vessel in network.vessels if vessel.name.startswith(f"{name}."))


def _located(network: Network, name: str, fraction: float) -> tuple[Vessel, float]:
    """The piece that holds the place at `fraction` of a whole vessel, and the fraction of the piece."""
    parts = pieces(network, name)
    way = fraction * sum(part.length for part in parts)
    for part in parts[:-1]:
        if way <= part.length:
            return part, way / part.length
        way -= part.length
    return parts[-1], min(way / parts[-1].length, 1.0)


def _in_vessel(variable: str) -> Callable[[Observed, Place], Numbers]:
    def read(seen: Observed, place: Place) -> Numbers:
        vessel, fraction = _located(seen.network, place.name, place.fraction)
        return seen.at(variable, vessel.name, fraction)

    return read


def _flow(seen: Observed, place: Place) -> Numbers:
    return seen.link_flows[place.name] if place.kind == "link" else _in_vessel("flow")(seen, place)


def _pressure(seen: Observed, place: Place) -> Numbers:
    if place.kind == "vessel":
        return _in_vessel("pressure")(seen, place)
    network = seen.network
    return seen.heads[place.name] - network.blood.density * network.gravity * network.heights.get(place.name, 0.0)


def _head(seen: Observed, place: Place) -> Numbers:
    return seen.heads[place.name]


def _diameter(seen: Observed, place: Place) -> Numbers:
    """Of a circle of the lumen's area."""
    return 2.0 * np.sqrt(_in_vessel("area")(seen, place) / np.pi)


def _wave_speed(seen: Observed, place: Place) -> Numbers:
    """c^2 = (A / rho) dp/dA of the tube law at the lumen's area."""
    vessel, fraction = _located(seen.network, place.name, place.fraction)
    density = seen.network.blood.density
    radius = vessel.radius[0] + (vessel.radius[1] - vessel.radius[0]) * fraction
    law = vessel.wall.coefficients(np.array([radius]), np.array([fraction]), density)
    ratio = seen.at("area", vessel.name, fraction) / (np.pi * radius**2)
    return np.sqrt((0.5 * law.k_half * ratio**0.5 + law.k_vein * (10.0 * ratio**10 + 1.5 * ratio**-1.5)) / density)


def _lumen(seen: Observed, vessel: Vessel) -> Numbers:
    """Volume of a vessel by Simpson's rule over five stations, exact for a cone."""
    return vessel.length * _sum([weight * seen.at("area", vessel.name, station) for station, weight in SIMPSON])


def _sum(parts: list[Numbers]) -> Numbers:
    whole: Numbers = np.sum(parts, axis=0)
    return whole


def _volume(seen: Observed, place: Place) -> Numbers:
    if place.kind == "store":
        return seen.volumes[place.name]
    return _sum([_lumen(seen, piece) for piece in pieces(seen.network, place.name)])


def _length(seen: Observed, place: Place) -> Numbers:
    return np.array([sum(piece.length for piece in pieces(seen.network, place.name))])


def _blood_volume(seen: Observed, place: Place) -> Numbers:
    stores = [seen.volumes[store.name] for store in seen.network.stores if store.is_blood]
    return _sum(stores + [_lumen(seen, vessel) for vessel in seen.network.vessels])


def _venous_volume(seen: Observed, place: Place) -> Numbers:
    stores = [seen.volumes[store.name] for store in seen.network.stores if store.name.endswith(".venule")]
    veins = [vessel for vessel in seen.network.vessels if _is_venous(vessel.wall)]
    return _sum(stores + [_lumen(seen, vessel) for vessel in veins])


def _is_venous(wall: Wall) -> bool:
    return _is_venous(wall.wall) if isinstance(wall, StentedWall) else isinstance(wall, VeinWall | SinusWall)


def _heart_rate(seen: Observed, place: Place) -> Numbers:
    return np.array([seen.network.beats / seen.network.period])


class Quantity(NamedTuple):
    """Something that can be read: its dimension, the kinds of place it is read at (none: of the whole), and how."""

    dimension: str
    kinds: tuple[str, ...]
    read: Callable[[Observed, Place], Numbers]


QUANTITIES: Mapping[str, Quantity] = {
    "flow": Quantity("flow", ("vessel", "link"), _flow),
    "pressure": Quantity("pressure", ("vessel", "node"), _pressure),
    "head": Quantity("pressure", ("node",), _head),
    "area": Quantity("area", ("vessel",), _in_vessel("area")),
    "diameter": Quantity("length", ("vessel",), _diameter),
    "velocity": Quantity("speed", ("vessel",), _in_vessel("velocity")),
    "wave_speed": Quantity("speed", ("vessel",), _wave_speed),
    "volume": Quantity("volume", ("vessel", "store"), _volume),
    "length": Quantity("length", ("vessel",), _length),
    "blood_volume": Quantity("volume", (), _blood_volume),
    "venous_volume": Quantity("volume", (), _venous_volume),
    "heart_rate": Quantity("rate", (), _heart_rate),
}


def names(network: Network, kind: str) -> tuple[str, ...]:
    match kind:
        case "vessel":
            return tuple(vessel.name for vessel in network.vessels)
        case "link":
            return tuple(link.name for link in network.links)
        case "store":
            return tuple(store.name for store in network.stores)
        case _:
            return network.nodes


def delay(first: Numbers, second: Numbers, step: float, beat: int) -> Any:
    """Mean over the beats, each of so many samples, of foot(second) - foot(first) [s]."""
    if min(len(first), len(second)) < 3:
        return np.nan
    rise = _slope(first, step)
    found = []
    for begin in range(0, len(first) - beat + 1, beat):
        window = np.arange(begin, begin + beat)
        steepest = int(window[np.argmax(rise[window].real)])
        # A wave comes later downstream, and a quarter of a beat earlier at most where it runs the other way.
        after = np.arange(steepest - beat // 4, steepest - beat // 4 + beat)
        later = int(after[np.argmax(_slope(second, step).take(after, mode="wrap").real)])
        found.append(_foot(second, later, beat, step) - _foot(first, steepest, beat, step))
    return np.mean(found)


def _slope(values: Numbers, step: float) -> Numbers:
    return (np.roll(values, -1) - np.roll(values, 1)) / (2.0 * step)


def _foot(values: Numbers, steepest: int, beat: int, step: float) -> Any:
    """When [s] the tangent at sample `steepest` passes the least value of the beat before it."""
    here = values.take(steepest, mode="wrap")
    before = values.take(np.arange(steepest - beat + 1, steepest + 1), mode="wrap")
    return steepest * step - (here - before[np.argmin(before.real)]) / _slope(values, step).take(steepest, mode="wrap")
