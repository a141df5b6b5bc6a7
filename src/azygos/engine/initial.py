"""Where a solve starts: the kernel's state at the network's initial heads, with all blood at rest."""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import Channel, Valve
from azygos.engine.parameters import given_surroundings, weight
from azygos.engine.topology import Layout
from azygos.engine.tube import area_ratio_at, transmural_pressure
from azygos.errors import InputError, Problem
from azygos.units import mmHg

__all__ = ["initial_state"]

Floats: TypeAlias = NDArray[np.float64]


def initial_state(layout: Layout, p: Mapping[str, Floats]) -> dict[str, Floats]:
    """All state arrays; `p` are the parameters. Raises InputError where a wall has no area at its pressure."""
    head = _heads(layout)
    inside, outside = _pressures(layout, head)
    ratio = area_ratio_at(inside - outside - p["base"], p["k_half"], p["k_vein"])
    _refuse_impossible(layout, ratio, inside - outside)
    area = ratio / p["inverse_area0"]
    _, slope = transmural_pressure(ratio, p["k_half"], p["k_vein"])
    volume = _volumes(layout, head)
    opening = p["leak"].copy()
    opening[[not isinstance(link, Valve) for link in layout.network.links]] = 1.0
    links, tone = _regulated_flows(layout, head), np.zeros(len(layout.network.regulations))
    still = np.zeros(layout.slots)
    return {
        "pressure": inside, "area": area, "area_old": area, "speed": still, "speed_old": still,
        "flow": still, "kinetic_old": still, "stiffness": ratio * slope,
        "head": head, "head_old": head, "link_flow": links, "link_flow_old": links,
        "opening": opening, "opening_old": opening, "tone": tone, "tone_old": tone,
        "volume": volume, "volume_old": volume,
    }  # fmt: skip


def _regulated_flows(layout: Layout, head: Floats) -> Floats:
    """Flow of every link: 0, but where it sets a tone it must be right from the start, or the tone is first order."""
    ruled = {rule.link for rule in layout.network.regulations}
    return np.array(
        [
            (head[layout.node[link.start]] - head[layout.node[link.end]]) / link.resistance
            if link.name in ruled and isinstance(link, Channel) and not link.inertance and not link.quadratic
            else 0.0
            for link in layout.network.links
        ]
    )


def _heads(layout: Layout) -> Floats:
    network = layout.network
    head = np.array([network.initial_head.get(name, 0.0) for name in layout.node])
    for source in network.pressure_sources:
        head[layout.node[source.node]] = source.pressure.sample(np.zeros(1), network.period)[0]
    return head


def _pressures(layout: Layout, head: Floats) -> tuple[Floats, Floats]:
    """Heads inside the cells, linear along each vessel, and those of what surrounds them."""
    inside, outside = np.zeros(layout.slots), np.zeros(layout.slots)
    vessels, of = layout.network.vessels, layout.vessel
    low, high = (head[layout.nodes([getattr(v, end) for v in vessels])][of] for end in ("start", "end"))
    inside[layout.slot] = low + (high - low) * layout.fraction
    around = np.array([layout.node.get(v.around or "", -1) for v in vessels], dtype=np.intp)
    outside[layout.slot] = np.append(head, 0.0)[around][of]  # the last head is that of the air
    return inside, outside


def _volumes(layout: Layout, head: Floats) -> Floats:
    """Of every store [m3]."""
    network, stores = layout.network, layout.stores
    given = given_surroundings(network)
    pressures = head[layout.nodes([store.node for store in stores])].tolist()
    volumes = []
    for store, pressure in zip(stores, pressures, strict=True):
        outside = 0.0 if store.around is None else float(head[layout.node[store.around]])
        lifted = weight(network, store.around, network.heights.get(store.node, 0.0), given)
        volumes.append(store.law.volume(pressure - lifted - outside, network.period))
    return np.array(volumes)


def _refuse_impossible(layout: Layout, ratio: Floats, pressure: Floats) -> None:
    """An artery's law has a lowest pressure; a start below it is an error of the input, not of the solve."""
    wrong = np.unique(layout.vessel[~np.isfinite(ratio[layout.slot])])
    problems = []
    for v in wrong.tolist():
        least = float(np.min(pressure[layout.first[v] : layout.first[v] + layout.cells[v]])) / mmHg
        what = f"has no area at its initial pressure of {least:.1f} mmHg and what presses on it from outside"
        remedy = "raise the initial heads of its nodes, or lower the outside pressure"
        problems.append(Problem(what, f"vessel '{layout.network.vessels[v].name}'", remedy))
    if problems:
        raise InputError(problems)
