"""The numbers of a circulation: the kernel's parameters (`kernel/circuit.hpp` says what each means)."""

from collections.abc import Container, Sequence
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
from azygos.body.wall import law_of
from azygos.engine.topology import Layout

__all__ = ["given_surroundings", "parameters_of", "weight"]

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


def given_surroundings(network: Network) -> set[str | None]:
    """Those whose pressure is given: air, a cuff. The others answer: they are a fluid."""
    return {None, *(source.node for source in network.pressure_sources)}


def weight(network: Network, around: str | None, height: float, given: Container[str | None]) -> float:
    """Hydrostatic pressure rho g z [Pa] that a wall at `height` feels in the surroundings `around`.

    Given surroundings press alike at all heights. Surroundings that answer are a fluid like cerebrospinal fluid,
    whose own weight balances that of the blood inside.
    """
    return network.blood.density * network.gravity * height if around in given else 0.0


def _vessel_parameters(layout: Layout) -> dict[str, Floats]:
    network, vessels = layout.network, layout.network.vessels
    density, viscosity = network.blood.density, network.blood.viscosity
    ghost = {
        "inverse_area0": 1.0, "k_half": 1.0, "k_vein": 0.0, "base": 0.0, "gamma": 0.0, "length": 1.0,
        "inverse_length": 0.0, "inverse_inertia": 1.0, "friction": 1.0,
    }  # fmt: skip
    p = {name: np.full(layout.slots, value) for name, value in ghost.items()}
    here, of, fraction = layout.slot, layout.vessel, layout.fraction
    radius = _along(np.array([vessel.radius for vessel in vessels]).reshape(-1, 2), layout)
    area0 = np.pi * radius**2
    law = law_of([vessel.wall for vessel in vessels], of, radius, fraction, density)
    ends = [(network.heights.get(v.start, 0.0), network.heights.get(v.end, 0.0)) for v in vessels]
    height, given = _along(np.array(ends).reshape(-1, 2), layout), given_surroundings(network)
    pulls = np.array([weight(network, vessel.around, 1.0, given) for vessel in vessels])  # per metre of height
    step = np.array([vessel.length for vessel in vessels]) / np.array(layout.cells)
    pressed = np.array([vessel.external_pressure for vessel in vessels])
    p["inverse_area0"][here] = 1.0 / area0
    p["k_half"][here] = law.k_half
    p["k_vein"][here] = law.k_vein
    p["base"][here] = law.offset + pressed[of] + pulls[of] * height
    p["gamma"][here] = law.viscosity / area0**1.5
    p["length"][here] = step[of]
    p["inverse_length"][here] = 1.0 / step[of]
    first, ghosts = np.array(layout.first[:-1], dtype=np.intp), np.array(layout.first[1:], dtype=np.intp) - 1
    friction = 2.0 * (np.array([vessel.profile for vessel in vessels]) + 2.0) * np.pi * viscosity / density
    p["inverse_inertia"][here] = 1.0 / (density * step[of])
    for outer in (first, ghosts):  # half a cell from the end to the centre
        p["inverse_inertia"][outer] = 2.0 / (density * step)
    p["friction"][here], p["friction"][ghosts] = friction[of], friction
    return p


def _along(ends: Floats, layout: Layout) -> Floats:
    """At the middle of every cell, what varies linearly between the ends (rows) of its vessel."""
    start, end = ends[layout.vessel].T
    return np.asarray(start + (end - start) * layout.fraction)


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
    return weight(network, link.around, height, given_surroundings(network))


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
    given, rows = given_surroundings(network), []
    for store in stores:
        law, base = store.law, weight(network, store.around, network.heights.get(store.node, 0.0), given)
        match law:
            case LinearStore() | CollapsibleStore():
                rows.append((law.elastance, law.unstressed_volume, 1.0, base, _NEVER))
            case VaryingStore():
                rows.append((1.0, law.unstressed_volume, 1.0, base, _NEVER))
            case ExponentialStore():
                straight = 0.0 if law.straight_below else _NEVER
                base += law.reference_pressure
                rows.append((law.scale, law.unstressed_volume, law.volume_scale, base, straight))
            case _:
                raise TypeError(f"store '{store.name}' has an unknown law")
    names = ("elastance", "unstressed", "volume_scale", "store_base", "straight")
    return dict(zip(names, np.array(rows).reshape(-1, len(names)).T.copy(), strict=True))
