"""Contrast medium in the blood: where it is after an injection, carried by the mean flows.

Every vessel is a row of cells, every store is stirred, links hold no volume, and at a node all that arrives mixes:

    V_i dc_i/dt = sum q_ji c_j - c_i sum q_ik + source_i,   q >= 0 the mean flow from cell to cell

upwind and implicit (backward Euler), so that no concentration falls below zero and the mass of contrast changes by
what is injected alone, whatever the step. Collaterals fill because, and as far as, blood runs into them. A bolus
spreads by sqrt((u dx + u^2 dt) t), the scheme's own spreading, which stands for that by the velocity profile.

The injection's own volume is not added to the flow and flow within the beat is left out, so that contrast does not
reach upstream of where it is injected, as it does at the bedside when the injection is faster than the vein's flow.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import Network
from azygos.engine.solution import Solution
from azygos.errors import InputError, Problem
from azygos.instruments.lumen import station_means
from azygos.units import mL, mm, second

__all__ = ["Injection", "Passage", "passage"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

CELL = 4.0 * mm  # length
STEP = 0.02 * second
STILL = 1e-12  # flow [m3/s] of less than which, 0.00006 mL/min, nothing is said to flow


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """Contrast medium injected in a vessel of the solved network."""

    vessel: str
    fraction: float
    volume: float = 10.0 * mL  # assumed
    duration: float = 2.0 * second  # assumed
    concentration: float = 300.0  # of iodine [kg/m3], the usual 300 mg/mL. assumed

    @property
    def mass(self) -> float:
        """Of iodine [kg]."""
        return self.volume * self.concentration


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Iodine after an injection, at some times."""

    time: Floats  # [s] from the beginning of the injection
    along: dict[str, Floats]  # vessel -> concentration [kg/m3], (time, cell) from its start to its end
    inside: Floats  # mass in the network [kg]
    left: Floats  # mass that has left it, where it is open [kg]
    injected: Floats  # mass injected so far [kg]


@dataclass(frozen=True, slots=True)
class _Graph:
    """Cells, then nodes, as places that hold a volume and pass on what they get."""

    cells: dict[str, Ints]  # vessel -> its places
    volume: Floats  # [m3]; 0 of a node without a store
    source: Ints  # of each stream
    target: Ints
    flow: Floats  # [m3/s], > 0
    leaving: Floats  # out of the network, at each place [m3/s]


def passage(solution: Solution, injection: Injection, times: Floats) -> Passage:
    """Where the contrast is at `times` [s], rising, after an injection into a solved circulation."""
    from scipy.sparse import coo_array, diags_array
    from scipy.sparse.linalg import splu

    graph = _graph(solution)
    size = len(graph.volume)
    away = np.bincount(graph.source, graph.flow, size) + graph.leaving
    held = graph.volume / STEP + away
    held[held <= 0.0] = 1.0  # a place without volume through which nothing flows
    streams = coo_array((graph.flow, (graph.target, graph.source)), shape=(size, size))
    step = splu((diags_array(held) - streams).tocsc())
    at = _place(graph, injection)
    concentration, left, injected = np.zeros(size), 0.0, 0.0
    shots: list[tuple[Floats, float, float]] = []
    for i in range(round(float(times[-1]) / STEP) + 1):
        while len(shots) < len(times) and i >= round(float(times[len(shots)]) / STEP):
            shots.append((concentration, left, injected))
        dose = max(0.0, min(injection.duration - i * STEP, STEP)) * injection.mass / injection.duration
        known = graph.volume / STEP * concentration
        known[at] += dose / STEP
        concentration = step.solve(known)
        left += STEP * float(graph.leaving @ concentration)
        injected += dose
    shown = np.stack([shot for shot, _, _ in shots])
    return Passage(
        time=np.asarray(times, dtype=float),
        along={name: shown[:, cells] for name, cells in graph.cells.items()},
        inside=shown @ graph.volume,
        left=np.array([left for _, left, _ in shots]),
        injected=np.array([injected for _, _, injected in shots]),
    )


def _place(graph: _Graph, injection: Injection) -> int:
    if injection.vessel not in graph.cells:
        raise InputError(Problem(f"no vessel '{injection.vessel}' to inject into", "injection"))
    cells = graph.cells[injection.vessel]
    return int(cells[min(int(injection.fraction * len(cells)), len(cells) - 1)])


def _graph(solution: Solution) -> _Graph:
    network = solution.network
    if set(solution.vessels) != {vessel.name for vessel in network.vessels}:
        raise InputError(Problem("contrast needs every vessel of the network", "solution", "keep all vessels"))
    cells, lumen = _cells(solution)
    first = len(lumen)
    nodes = {node: first + i for i, node in enumerate(network.nodes)}
    volume = np.concatenate([lumen, np.zeros(len(nodes))])
    for store in network.stores:
        if store.is_blood:
            volume[nodes[store.node]] += float(np.mean(solution.volumes[store.name]))
    source, target, flow = _streams(solution, cells, nodes)
    size = len(volume)
    gain = np.bincount(target, flow, size) - np.bincount(source, flow, size)
    leaving = np.zeros(size)
    for node in _open_nodes(network):
        leaving[nodes[node]] = max(gain[nodes[node]], 0.0)
    return _Graph(cells, volume, source, target, flow, leaving)


def _open_nodes(network: Network) -> set[str]:
    return {source.node for source in network.flow_sources} | {source.node for source in network.pressure_sources}


def _cells(solution: Solution) -> tuple[dict[str, Ints], Floats]:
    """The cells of every vessel, and the blood in each [m3]."""
    areas = station_means(solution, "area")
    cells, volumes, begin = {}, [], 0
    for vessel in solution.network.vessels:
        count = max(1, round(vessel.length / CELL))
        places = (np.arange(count) + 0.5) / count
        volumes.append(np.interp(places, solution.keep.stations, areas[vessel.name]) * vessel.length / count)
        cells[vessel.name] = np.arange(begin, begin + count)
        begin += count
    return cells, np.concatenate(volumes)


def _streams(solution: Solution, cells: dict[str, Ints], nodes: dict[str, int]) -> tuple[Ints, Ints, Floats]:
    """Where blood runs from and to, and how much; nothing passes between blood and the brain's fluid."""
    network = solution.network
    flows = {name: float(np.mean(q)) for name, q in station_means(solution, "flow").items()}  # alike all along a vessel
    ways = [
        (np.concatenate([[nodes[vessel.start]], cells[vessel.name], [nodes[vessel.end]]]), flows[vessel.name])
        for vessel in network.vessels
    ]
    dry = {store.node for store in network.stores if not store.is_blood}
    for link in network.links:
        if link.start not in dry and link.end not in dry:
            mean = float(np.mean(solution.link_flows[link.name]))
            ways.append((np.array([nodes[link.start], nodes[link.end]]), mean))
    ways = [(way, flow) if flow >= 0.0 else (way[::-1], -flow) for way, flow in ways if abs(flow) > STILL]
    running = np.concatenate([np.full(len(way) - 1, flow) for way, flow in ways])
    return np.concatenate([way[:-1] for way, _ in ways]), np.concatenate([way[1:] for way, _ in ways]), running
