"""Tilting a body: every node's height changes, blood and cerebrospinal fluid find a new level, reflexes answer."""

import math
from collections.abc import Mapping
from dataclasses import replace

from azygos.body.blood import blood_volume, fluid_node, small_veins
from azygos.body.heart import at_rate
from azygos.body.network import Channel, CollapsibleStore, ExponentialStore, LinearStore, Link, Network, Store
from azygos.units import cm, degree, mmHg

__all__ = ["tilt"]

# Height along the body, above the right atrium, where the fluid's pressure does not change with posture:
# at C7 to T1 here. assumed
FLUID_LEVEL = 20 * cm
LOW_PRESSURE = 30 * mmHg  # nodes below this head belong to the low-pressure side, whose level sinks. assumed
ARTERIOLE_DROP = 20 * mmHg  # a link across which more is lost is an arteriole. assumed

# What the reflexes achieve between lying and standing; how they do it is not modelled. All assumed.
VENOUS_FALL = 4.0 * mmHg  # by which the level of the veins sinks
ARTERIOLAR_RISE = 0.4  # by which the arterioles outside the skull narrow, as a fraction of their resistance
HEART_RATE_RISE = 0.2  # by which the heart beats faster, as a fraction


def tilt(supine: Network, places: Mapping[str, tuple[float, float]], degrees: float) -> Network:
    """The network with its body tilted head up by `degrees` (0 to 90), holding the same blood.

    `places` gives each node's place along the body, y [m] above the right atrium; height = y sin(degrees).

    The reflexes enter by what they achieve: the veins' level sinks by no more than VENOUS_FALL sin(degrees), for
    which the venous stores outside the skull give up unstressed volume until the blood is that of the supine
    body, arterioles narrow and the heart beats faster. First heads: arteries keep theirs; what the skull surrounds
    follows the skull; veins above the level where their pressure falls to that of the air stay at it, collapsed.

    The fluid's column reaches down to the lumbar sac: at the head its pressure falls by rho g (z - level).
    """
    if not 0.0 <= degrees <= 90.0:
        raise ValueError(f"posture must lie between 0 (supine) and 90 degrees (upright), got {degrees:g}")
    rise = math.sin(degrees * degree)
    heights = {node: places[node][1] * rise for node in supine.nodes}
    paced = at_rate(supine, supine.beats / supine.period * (1.0 + HEART_RATE_RISE * rise))
    upright = replace(
        paced,
        heights=heights,
        links=_narrowed(supine, rise),
        stores=tuple(_lowered(store, supine, heights, rise) for store in paced.stores),
    )
    upright = replace(upright, initial_head=_sunk(supine, upright, -VENOUS_FALL * rise))
    return _refilled(upright, blood_volume(supine))


def _narrowed(supine: Network, rise: float) -> tuple[Link, ...]:
    """All links, the arterioles outside the skull with more resistance."""
    head, fluid = supine.initial_head, fluid_node(supine)
    inside = {store.node for store in supine.stores if store.around == fluid}

    def narrowed(link: Link) -> Link:
        drop = head.get(link.start, 0.0) - head.get(link.end, 0.0)
        if not isinstance(link, Channel) or drop < ARTERIOLE_DROP or {link.start, link.end} & inside:
            return link
        return replace(link, resistance=link.resistance * (1.0 + ARTERIOLAR_RISE * rise))

    return tuple(narrowed(link) for link in supine.links)


def _refilled(network: Network, wanted: float) -> Network:
    """The network holding `wanted` [m3] of blood: its small veins' unstressed volumes all scaled alike."""
    veins = {store.name for store in small_veins(network)}

    def given_up(share: float) -> Network:
        return replace(
            network,
            stores=tuple(_scaled(store, 1.0 - share) if store.name in veins else store for store in network.stores),
        )

    share = 0.0
    for _ in range(3):  # nearly linear: a collapsible store below its unstressed volume bends it
        rest = blood_volume(given_up(share)) - wanted
        slope = (rest - blood_volume(given_up(share + 0.01)) + wanted) / 0.01
        share += rest / slope if slope else 0.0
    return given_up(share)


def _scaled(store: Store, scale: float) -> Store:
    assert isinstance(store.law, (LinearStore, CollapsibleStore))
    return replace(store, law=replace(store.law, unstressed_volume=store.law.unstressed_volume * scale))


def _lowered(store: Store, network: Network, heights: Mapping[str, float], rise: float) -> Store:
    """A fluid store whose pressure at its node is lower by the column down to FLUID_LEVEL."""
    if store.node != fluid_node(network) or not isinstance(store.law, ExponentialStore):
        return store
    column = network.blood.density * network.gravity * (heights[store.node] - FLUID_LEVEL * rise)
    return replace(store, law=replace(store.law, reference_pressure=store.law.reference_pressure - column))


def _sunk(supine: Network, upright: Network, shift: float) -> dict[str, float]:
    """Heads of the tilted body when its veins' level moves by `shift` [Pa]."""
    weight = upright.blood.density * upright.gravity
    fluid = fluid_node(supine)
    surrounded = {store.node for store in supine.stores if fluid is not None and store.around == fluid}
    given = {source.node for source in supine.pressure_sources} | {s.node for s in supine.stores if not s.is_blood}
    heads = {}
    for node, head in supine.initial_head.items():
        floor = weight * upright.heights[node]  # the head of blood at the pressure of the air
        if node == fluid or node in surrounded:
            heads[node] = head + _column_change(supine, upright, str(fluid))
        elif head > LOW_PRESSURE or node in given:
            heads[node] = head
        else:
            heads[node] = max(head + shift, floor) if floor > 0.0 else head + shift
    return heads


def _column_change(supine: Network, upright: Network, node: str) -> float:
    """By how much the head of the fluid at `node` changes with its store's volume kept [Pa]."""
    weight = upright.blood.density * upright.gravity
    before, after = (next(store.law for store in network.stores if store.node == node) for network in (supine, upright))
    assert isinstance(before, ExponentialStore) and isinstance(after, ExponentialStore)
    return after.reference_pressure - before.reference_pressure + weight * upright.heights[node]
