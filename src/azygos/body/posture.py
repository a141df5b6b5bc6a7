"""Tilting a body: every node's height changes, blood and cerebrospinal fluid find a new level, reflexes answer."""

import math
from collections.abc import Mapping
from dataclasses import replace

from azygos.body.network import Channel, ExponentialStore, LinearStore, Link, Network, Store
from azygos.body.steady import initial_volumes
from azygos.units import cm, degree, mmHg

__all__ = ["tilt"]

# Height along the body, above the right atrium, where the fluid's pressure does not change with posture:
# between C7 and T5. assumed
FLUID_LEVEL = 14 * cm
LOW_PRESSURE = 30 * mmHg  # nodes below this head belong to the low-pressure side, whose level sinks. assumed
ARTERIOLE_DROP = 20 * mmHg  # a link across which more is lost is an arteriole. assumed

# What the reflexes achieve between lying and standing; how they do it is not modelled. All assumed.
VENOUS_FALL = 3.0 * mmHg  # by which the level of the veins sinks
ARTERIOLAR_RISE = 0.25  # by which the arterioles outside the skull narrow, as a fraction of their resistance


def tilt(supine: Network, places: Mapping[str, tuple[float, float]], degrees: float) -> Network:
    """The network with its body tilted head up by `degrees` (0 to 90), holding the same blood.

    `places` gives each node's place along the body, y [m] above the right atrium; height = y sin(degrees).

    The reflexes enter by what they achieve: the veins' level sinks by no more than VENOUS_FALL sin(degrees), for
    which the venous stores outside the skull give up unstressed volume until the blood is that of the supine
    body, and arterioles narrow. First heads: arteries keep theirs; what the skull surrounds follows the skull;
    veins above the level where their pressure falls to that of the air stay at it, collapsed.

    The fluid's column reaches down to the lumbar sac: at the head its pressure falls by rho g (z - level).
    """
    if not 0.0 <= degrees <= 90.0:
        raise ValueError(f"posture must lie between 0 (supine) and 90 degrees (upright), got {degrees:g}")
    rise = math.sin(degrees * degree)
    heights = {node: places[node][1] * rise for node in supine.nodes}
    upright = replace(
        supine,
        heights=heights,
        links=tuple(_narrowed(link, supine, rise) for link in supine.links),
        stores=tuple(_lowered(store, supine, heights, rise) for store in supine.stores),
    )
    upright = replace(upright, initial_head=_sunk(supine, upright, -VENOUS_FALL * rise))
    return _refilled(upright, _blood(supine))


def _narrowed(link: Link, supine: Network, rise: float) -> Link:
    """An arteriole outside the skull with more resistance; any other link as it is."""
    head = supine.initial_head
    drop = head.get(link.start, 0.0) - head.get(link.end, 0.0)
    surrounded = {store.node for store in supine.stores if store.around is not None}
    if not isinstance(link, Channel) or drop < ARTERIOLE_DROP or link.end in surrounded:
        return link
    return replace(link, resistance=link.resistance * (1.0 + ARTERIOLAR_RISE * rise))


def _refilled(network: Network, wanted: float) -> Network:
    """The network holding `wanted` [m3] of blood: its venous stores' unstressed volumes all scaled alike."""

    def is_venous(store: Store) -> bool:
        low = network.initial_head.get(store.node, 0.0) < LOW_PRESSURE
        return isinstance(store.law, LinearStore) and store.around is None and store.is_blood and low

    unstressed = sum(
        store.law.unstressed_volume
        for store in network.stores
        if is_venous(store) and isinstance(store.law, LinearStore)
    )
    scale = 1.0 + (wanted - _blood(network)) / unstressed if unstressed > 0.0 else 1.0
    stores = tuple(_rescaled(store, scale) if is_venous(store) else store for store in network.stores)
    return replace(network, stores=stores)


def _rescaled(store: Store, scale: float) -> Store:
    assert isinstance(store.law, LinearStore)
    return replace(store, law=replace(store.law, unstressed_volume=store.law.unstressed_volume * scale))


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
    before, after = (next(store.law for store in network.stores if store.node == node) for network in (supine, upright))
    assert isinstance(before, ExponentialStore) and isinstance(after, ExponentialStore)
    return after.reference_pressure - before.reference_pressure + weight * upright.heights[node]


def _blood(network: Network) -> float:
    """Volume of blood in the initial state [m3]."""
    volumes = initial_volumes(network)
    return sum(volumes.values()) - sum(volumes[store.name] for store in network.stores if not store.is_blood)
