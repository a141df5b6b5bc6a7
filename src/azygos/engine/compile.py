"""A network turned into the flat arrays of the kernel (`kernel/circuit.hpp` says what each means)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import Network, Store, VaryingStore, Vessel
from azygos.body.waveform import Waveform
from azygos.engine.initial import initial_state
from azygos.engine.parameters import parameters_of
from azygos.engine.topology import Layout, Structure, frame_of

__all__ = ["Compiled", "Mesh", "compile_network"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesh:
    """How vessels are cut into cells."""

    cell_length: float = 0.02  # at most, [m]
    least_cells: int = 2  # a vessel has at least so many

    def cells(self, vessel: Vessel) -> int:
        return max(self.least_cells, math.ceil(vessel.length / self.cell_length - 1e-9))

    def cells_of(self, network: Network) -> tuple[int, ...]:
        return tuple(self.cells(vessel) for vessel in network.vessels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """One patient as arrays; the arrays of `parameters` and `state` are one-dimensional."""

    network: Network
    structure: Structure
    node_index: dict[str, int]
    stores: tuple[Store, ...]  # in the kernel's order
    cells: tuple[int, ...]  # per vessel
    first: tuple[int, ...]  # first slot per vessel
    topology: dict[str, Ints]
    extents: dict[str, int]
    parameters: dict[str, Floats]
    state: dict[str, Floats]
    waveforms: tuple[Waveform, ...]

    def signals(self, start: float, steps: int, dt: float) -> Floats:
        """Given quantities from `start` [s] on, shape (steps + 1, signals)."""
        times: Floats = start + dt * np.arange(steps + 1, dtype=np.float64)
        columns = [waveform.sample(times, self.network.period) for waveform in self.waveforms]
        return np.stack(columns, axis=1) if columns else np.zeros((steps + 1, 0))

    def slots(self, vessel: int) -> slice:
        return slice(self.first[vessel], self.first[vessel] + self.cells[vessel])

    def vessel_of_slot(self, slot: int) -> str:
        return self.network.vessels[int(np.searchsorted(self.first, slot, side="right")) - 1].name


def compile_network(
    network: Network,
    mesh: Mesh | None = None,
    *,
    cells: Sequence[int] | None = None,
    structure: Structure | None = None,
) -> Compiled:
    """Arrays for `network`, cut by `mesh`, or into given `cells` per vessel, or as its `structure` says, if known."""
    counts = structure.cells if structure else tuple(cells) if cells else (mesh or Mesh()).cells_of(network)
    structure = structure or Structure.of(network, counts)
    frame = frame_of(structure, network)
    layout = frame.laid(network)
    parameters, waveforms = parameters_of(layout), _waveforms(layout)
    return Compiled(
        network=network,
        structure=structure,
        node_index=layout.node,
        stores=layout.stores,
        cells=counts,
        first=layout.first[:-1],
        topology=frame.topology,
        extents=_extents(layout, frame.topology, frame.edges, len(waveforms)),
        parameters=parameters,
        state=initial_state(layout, parameters),
        waveforms=waveforms,
    )


def _waveforms(layout: Layout) -> tuple[Waveform, ...]:
    return (
        *(source.flow for source in layout.network.flow_sources),
        *(source.pressure for source in layout.network.pressure_sources),
        *(store.law.elastance for store in layout.stores if isinstance(store.law, VaryingStore)),
    )


def _extents(layout: Layout, topology: dict[str, Ints], edges: int, signals: int) -> dict[str, int]:
    network = layout.network
    return {
        "slots": layout.slots,
        "vessels": len(network.vessels),
        "nodes": len(layout.node),
        "links": len(network.links),
        "stores": len(layout.stores),
        "inflows": len(network.flow_sources),
        "helds": len(network.pressure_sources),
        "edges": edges,
        "signals": signals,
        "valves": len(topology["valve_link"]),
        "expansions": len(topology["expansion_link"]),
        "starlings": len(topology["starling_link"]),
        "regulations": len(topology["regulated_link"]),
        "varyings": len(topology["varying_store"]),
        "exponentials": len(topology["exponential_store"]),
        "collapsibles": len(topology["collapsible_store"]),
        "tiles": len(topology["tile"]) - 1,
        "free_nodes": len(topology["order"]),
        "nears": len(topology["near_node"]),
        "pairs": len(topology["pair_edge"]),
    }
