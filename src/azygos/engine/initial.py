"""Where a solve starts: the kernel's state at the network's initial heads, with all blood at rest."""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import Channel, Store, Valve
from azygos.engine.parameters import weight
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
    volume = np.array([_volume(layout, head, store) for store in layout.stores])
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
    for vessel, first, cells in zip(layout.network.vessels, layout.first, layout.cells, strict=False):
        here, fraction = slice(first, first + cells), (np.arange(cells) + 0.5) / cells
        low, high = head[layout.node[vessel.start]], head[layout.node[vessel.end]]
        inside[here] = low + (high - low) * fraction
        if vessel.around is not None:
            outside[here] = head[layout.node[vessel.around]]
    return inside, outside


def _volume(layout: Layout, head: Floats, store: Store) -> float:
    network = layout.network
    height = np.array(network.heights.get(store.node, 0.0))
    pressure = head[layout.node[store.node]] - float(weight(network, store.around, height))
    outside = 0.0 if store.around is None else head[layout.node[store.around]]
    return store.law.volume(pressure - outside, network.period)


def _refuse_impossible(layout: Layout, ratio: Floats, pressure: Floats) -> None:
    """An artery's law has a lowest pressure; a start below it is an error of the input, not of the solve."""
    problems = []
    for vessel, first, cells in zip(layout.network.vessels, layout.first, layout.cells, strict=False):
        here = slice(first, first + cells)
        if not np.all(np.isfinite(ratio[here])):
            least = float(np.min(pressure[here])) / mmHg
            what = f"has no area at its initial pressure of {least:.1f} mmHg and what presses on it from outside"
            remedy = "raise the initial heads of its nodes, or lower the outside pressure"
            problems.append(Problem(what, f"vessel '{vessel.name}'", remedy))
    if problems:
        raise InputError(problems)
