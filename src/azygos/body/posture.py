"""Tilting a body: every node's height changes, and blood and cerebrospinal fluid find a new level."""

import math
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from azygos.body.network import ExponentialStore, Network, Store
from azygos.body.steady import initial_volumes
from azygos.units import cm, degree, mmHg

__all__ = ["tilt"]

# Height along the body, above the right atrium, where the fluid's pressure does not change with posture:
# between C7 and T5. assumed
FLUID_LEVEL = 14 * cm
LOW_PRESSURE = 30 * mmHg  # nodes below this head belong to the low-pressure side, whose level moves. assumed


def tilt(supine: Network, places: Mapping[str, tuple[float, float]], degrees: float) -> Network:
    """The network with its body tilted head up by `degrees` (0 to 90), holding the same blood.

    `places` gives each node's place along the body, y [m] above the right atrium; height = y sin(degrees). First
    heads: arteries keep theirs; what the skull surrounds follows the skull; veins above the level where their
    pressure falls to that of the air stay at it, collapsed; all other veins and the right heart sink together,
    until the volume of blood is that of the supine body.

    The fluid's column reaches down to the lumbar sac: at the head its pressure falls by rho g (z - level).
    """
    if not 0.0 <= degrees <= 90.0:
        raise ValueError(f"posture must lie between 0 (supine) and 90 degrees (upright), got {degrees:g}")
    rise = math.sin(degrees * degree)
    heights = {node: places[node][1] * rise for node in supine.nodes}
    upright = replace(
        supine,
        heights=MappingProxyType(heights),
        stores=tuple(_lowered(store, supine, heights, rise) for store in supine.stores),
    )
    wanted = _blood(supine)
    low, high = -60 * mmHg, 30 * mmHg  # bounds of how far the veins' level sinks or rises
    for _ in range(40):
        shift = 0.5 * (low + high)
        trial = replace(upright, initial_head=MappingProxyType(_sunk(supine, upright, shift)))
        low, high = (low, shift) if _blood(trial) > wanted else (shift, high)
    return trial


def _lowered(store: Store, network: Network, heights: Mapping[str, float], rise: float) -> Store:
    """A fluid store whose pressure at its node is lower by the column down to FLUID_LEVEL."""
    if store.is_blood or not isinstance(store.law, ExponentialStore):
        return store
    column = network.blood.density * network.gravity * (heights[store.node] - FLUID_LEVEL * rise)
    return replace(store, law=replace(store.law, reference_pressure=store.law.reference_pressure - column))


def _sunk(supine: Network, upright: Network, shift: float) -> dict[str, float]:
    """Heads of the tilted body when its veins' level moves by `shift` [Pa]."""
    weight = upright.blood.density * upright.gravity
    fluid = {store.node: store for store in upright.stores if not store.is_blood}
    surrounded = {store.node: store.around for store in supine.stores if store.around in fluid}
    heads = {}
    for node, head in supine.initial_head.items():
        floor = weight * upright.heights[node]  # the head of blood at the pressure of the air
        if node in fluid:
            heads[node] = head + _column_change(supine, upright, node)
        elif head > LOW_PRESSURE:
            heads[node] = head
        elif node in surrounded:
            heads[node] = head + _column_change(supine, upright, str(surrounded[node]))
        else:
            heads[node] = max(head + shift, floor) if floor > 0.0 else head + shift
    return heads


def _column_change(supine: Network, upright: Network, node: str) -> float:
    """By how much the head of the fluid at `node` changes with its store's volume kept [Pa]."""
    weight = upright.blood.density * upright.gravity
    before, after = (
        next(store.law for store in network.stores if store.node == node) for network in (supine, upright)
    )
    assert isinstance(before, ExponentialStore) and isinstance(after, ExponentialStore)
    return after.reference_pressure - before.reference_pressure + weight * upright.heights[node]


def _blood(network: Network) -> float:
    """Volume of blood in the initial state [m3]."""
    volumes = initial_volumes(network)
    return sum(volumes.values()) - sum(volumes[store.name] for store in network.stores if not store.is_blood)
