"""The numbers of a circulation: the kernel's parameters (`kernel/circuit.hpp` says what each means)."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import (
    CollapsibleStore,
    ExponentialStore,
    LinearStore,
    Link,
    Network,
    StarlingResistor,
    Store,
    VaryingStore,
)
from azygos.engine.topology import Layout

__all__ = ["parameters_of", "weight"]

Floats: TypeAlias = NDArray[np.float64]

_NEVER = -700.0  # where no exponential store gets to, yet exp(-700) is no zero


def parameters_of(layout: Layout) -> dict[str, Floats]:
    """All parameters but the time step."""
    network = layout.network
    return {
        "density": np.array([network.blood.density]),
        **_vessel_parameters(layout),
        **_link_parameters(network.links),
        **_starling_parameters(network),
        **_regulation_parameters(network),
        **_store_parameters(network, layout.stores),
    }


def weight(network: Network, around: str | None, height: Floats) -> Floats:
    """Hydrostatic pressure rho g z [Pa] that a wall at `height` feels in the surroundings `around`.

    Given surroundings (air, a cuff) press alike at all heights. Surroundings that answer are a fluid
    like cerebrospinal fluid, whose own weight balances that of the blood inside.
    """
    afloat = around is not None and all(source.node != around for source in network.pressure_sources)
    return np.zeros_like(height) if afloat else network.blood.density * network.gravity * height


def _vessel_parameters(layout: Layout) -> dict[str, Floats]:
    network, cells, first, slots = layout.network, layout.cells, layout.first, layout.slots
    density, viscosity = network.blood.density, network.blood.viscosity
    ghost = {
        "inverse_area0": 1.0, "k_half": 1.0, "k_vein": 0.0, "base": 0.0, "gamma": 0.0, "length": 1.0,
        "inverse_length": 0.0, "inverse_inertia": 1.0, "friction": 1.0,
    }  # fmt: skip
    p = {name: np.full(slots, value) for name, value in ghost.items()}
    for v, vessel in enumerate(network.vessels):
        n, o = cells[v], first[v]
        here, step = slice(o, o + n), vessel.length / n
        fraction = (np.arange(n) + 0.5) / n
        radius = vessel.radius[0] + (vessel.radius[1] - vessel.radius[0]) * fraction
        area0 = np.pi * radius**2
        law = vessel.wall.coefficients(radius, fraction, density)
        low, high = network.heights.get(vessel.start, 0.0), network.heights.get(vessel.end, 0.0)
        height = low + (high - low) * fraction
        p["inverse_area0"][here] = 1.0 / area0
        p["k_half"][here] = law.k_half
        p["k_vein"][here] = law.k_vein
        p["base"][here] = law.offset + vessel.external_pressure + weight(network, vessel.around, height)
        p["gamma"][here] = law.viscosity / area0**1.5
        p["length"][here] = step
        p["inverse_length"][here] = 1.0 / step
        faces = slice(o, o + n + 1)
        p["inverse_inertia"][faces] = 1.0 / (density * step)
        p["inverse_inertia"][[o, o + n]] = 2.0 / (density * step)  # half a cell from the end to the centre
        p["friction"][faces] = 2.0 * (vessel.profile + 2.0) * np.pi * viscosity / density
    return p


def _link_parameters(links: Sequence[Link]) -> dict[str, Floats]:
    def column(name: str, absent: float) -> Floats:
        return np.array([float(getattr(link, name, absent)) for link in links])

    return {
        "resistance": column("resistance", 0.0),
        "inertance": column("inertance", 0.0),
        "quadratic": column("quadratic", 0.0),
        "opening_rate": column("opening_rate", 0.0),
        "closing_rate": column("closing_rate", 0.0),
        "leak": column("leak", 1.0),
    }


def _starling_parameters(network: Network) -> dict[str, Floats]:
    starlings = [link for link in network.links if isinstance(link, StarlingResistor)]
    return {
        "sharpness": np.array([link.sharpness for link in starlings]),
        "starling_weight": np.array([_starling_weight(network, link) for link in starlings]),
    }


def _starling_weight(network: Network, link: StarlingResistor) -> float:
    """As for a wall at the mean height of both ends; blood that surrounds itself has no weight in itself."""
    if link.around in (link.start, link.end):
        return 0.0
    height = 0.5 * sum(network.heights.get(node, 0.0) for node in (link.start, link.end))
    return float(weight(network, link.around, np.array(height)))


def _regulation_parameters(network: Network) -> dict[str, Floats]:
    links = {link.name: link for link in network.links}
    rules = network.regulations
    return {
        "normal_resistance": np.array([links[rule.link].resistance for rule in rules]),
        "normal_flow": np.array([rule.normal_flow for rule in rules]),
        "gain": np.array([rule.gain for rule in rules]),
        "response_time": np.array([rule.time_constant for rule in rules]),
        "widening": np.array([1.0 - rule.least for rule in rules]),
        "narrowing": np.array([rule.most - 1.0 for rule in rules]),
    }


def _store_parameters(network: Network, stores: Sequence[Store]) -> dict[str, Floats]:
    rows = []
    for store in stores:
        law = store.law
        base = float(weight(network, store.around, np.array(network.heights.get(store.node, 0.0))))
        match law:
            case LinearStore() | CollapsibleStore():
                rows.append((law.elastance, law.unstressed_volume, 1.0, base, _NEVER))
            case VaryingStore():
                rows.append((1.0, law.unstressed_volume, 1.0, base, _NEVER))
            case ExponentialStore():
                base += law.reference_pressure
                straight = 0.0 if law.straight_below else _NEVER
                rows.append((law.scale, law.unstressed_volume, law.volume_scale, base, straight))
            case _:
                raise TypeError(f"store '{store.name}' has an unknown law")
    names = ("elastance", "unstressed", "volume_scale", "store_base", "straight")
    return dict(zip(names, np.array(rows).reshape(-1, len(names)).T.copy(), strict=True))
