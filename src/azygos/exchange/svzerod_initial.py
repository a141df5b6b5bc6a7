"""The first pressures of a lumped circulation from svZeroDSolver's `initial_condition`."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from azygos.body.network import Network, VaryingStore
from azygos.exchange.svzerod_form import Scale

__all__ = ["begun"]


def begun(network: Network, given: Mapping[str, float], scale: Scale, node_after: Callable[[str], str]) -> Network:
    """`network` from the pressures, and the volumes of chambers, that are given.

    `node_after(block)` is the node at which a block ends; empty where there is none. The pressure inside a vessel is
    that at its start less what its resistance takes of the flow there: `pressure:a:v`, `flow:a:v`.
    """
    everywhere = given.get("pressure_all", 0.0) * scale.pressure
    heads = dict.fromkeys(network.nodes, everywhere) if everywhere else {}
    links = {link.name: link for link in network.links}
    for key, value in given.items():
        kind, _, places = key.partition(":")
        before, _, after = places.partition(":")
        if kind == "pressure" and (node := node_after(before)):
            heads[node] = value * scale.pressure
            inside = f"{after}.c"
            if after in links and links[after].end == inside:
                flow = given.get(f"flow:{places}", 0.0) * scale.volume
                heads[inside] = value * scale.pressure - links[after].resistance * flow
    for store in network.stores:
        volume = given.get(f"Vc:{store.name}")
        if volume is not None and isinstance(store.law, VaryingStore):
            elastance = float(store.law.elastance.sample(np.zeros(1), network.period)[0])
            heads[store.node] = elastance * (volume * scale.volume - store.law.unstressed_volume)
    held = {source.node for source in network.pressure_sources}
    return replace(network, initial_head={node: head for node, head in heads.items() if head and node not in held})
