"""Exact harmonics of the linearised network: every vessel a transmission line, every node a balance of flows.

Linearised about rest, where the head is `mean_head` (one number, or one per node) and the area is the one
that the wall takes under it. With d/dt = i w and a', p', q' the small parts,

    q'_x = -i w a',      (rho/A) i w q' + p'_x = -(2 (gamma + 2) pi mu / A^2) q',
    p' = (dP/dA + i w Gamma / (A0 sqrt(A))) a'

so per length Z = (i w rho + 2 (gamma + 2) pi mu / A) / A and Y = i w / (dP/dA + i w Gamma / (A0 sqrt(A))), and over a
piece of length l with constant properties, k = sqrt(Z Y),

    [p'(0), q'(0)] = [[cosh k l, Z l S], [Y l S, cosh k l]] [p'(l), q'(l)],      S = sinh(k l) / (k l).

A uniform vessel is one piece and exact. A taper, a wall that varies, or a height that varies is cut into
`pieces` pieces with their midpoint properties: an error of second order in their length.

At rest the kinetic head is of second order, so head and pressure have the same small part at fixed height.
Channels give 1 / (R + i w L), expansions 1 / R (their loss is of second order), linear stores i w / E.
Without viscosity a vessel is a short circuit at w = 0: leave that frequency out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import Channel, Expansion, LinearStore, Network, Vessel
from azygos.body.waveform import Waveform
from oracles.tube_law import friction_factor, tube_at

__all__ = ["Harmonics", "harmonics_of", "periodic", "solve", "synthesise"]

Complexes: TypeAlias = NDArray[np.complex128]
Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A vessel as pieces of constant properties; arrays over the pieces."""

    length: Floats  # [m]
    area: Floats  # [m2]
    slope: Floats  # dP/dA [Pa/m2]
    wall_viscosity: Floats  # Gamma / (A0 sqrt(A)) [Pa s/m2]
    density: float
    friction: float  # 2 (gamma + 2) pi mu [Pa s]

    def chain(self, omega: Floats, fraction: float = 1.0) -> Complexes:
        """Matrix (frequency, 2, 2) that takes (p', q') at `fraction` of the vessel to its start."""
        edges = np.concatenate([[0.0], np.cumsum(self.length)])
        covered = np.clip(fraction * edges[-1] - edges[:-1], 0.0, self.length)
        matrix: Complexes = np.broadcast_to(np.eye(2, dtype=complex), (omega.size, 2, 2))
        for i in np.flatnonzero(covered > 0.0):
            matrix = matrix @ self._piece(int(i), float(covered[i]), omega)
        return matrix

    def compliance(self, fraction: float, omega: Floats) -> Complexes:
        """a'/p' [m2/Pa] at `fraction`."""
        edges = np.cumsum(self.length)
        i = min(int(np.searchsorted(edges, fraction * edges[-1])), edges.size - 1)
        return 1.0 / (self.slope[i] + 1j * omega * self.wall_viscosity[i])

    def _piece(self, i: int, length: float, omega: Floats) -> Complexes:
        series = (1j * omega * self.density + self.friction / self.area[i]) / self.area[i]
        shunt = 1j * omega / (self.slope[i] + 1j * omega * self.wall_viscosity[i])
        kl = np.sqrt(series * shunt) * length
        small = np.abs(kl) < 1e-4
        ratio = np.where(small, 1.0 + kl**2 / 6.0, np.sinh(kl) / np.where(small, 1.0, kl))
        matrix = np.empty((omega.size, 2, 2), dtype=complex)
        matrix[:, 0, 0] = matrix[:, 1, 1] = np.cosh(kl)
        matrix[:, 0, 1] = series * length * ratio
        matrix[:, 1, 0] = shunt * length * ratio
        return matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Harmonics:
    """Small parts [complex, over the frequencies] of head, pressure, flow and area."""

    omega: Floats  # angular frequencies [1/s]
    head: Mapping[str, Complexes]  # node -> small part of the head [Pa]
    lines: Mapping[str, Line]
    inlets: Mapping[str, Complexes]  # vessel -> (frequency, 2): p' and q' at its start
    link_flow: Mapping[str, Complexes]  # link -> [m3/s]

    def at(self, vessel: str, fraction: float) -> tuple[Complexes, Complexes]:
        """(p', q') at `fraction` of the vessel."""
        here = np.linalg.solve(self.lines[vessel].chain(self.omega, fraction), self.inlets[vessel][:, :, None])
        return here[:, 0, 0], here[:, 1, 0]

    def pressure(self, vessel: str, fraction: float) -> Complexes:
        return self.at(vessel, fraction)[0]

    def flow(self, vessel: str, fraction: float) -> Complexes:
        return self.at(vessel, fraction)[1]

    def area(self, vessel: str, fraction: float) -> Complexes:
        """a' [m2]."""
        return self.pressure(vessel, fraction) * self.lines[vessel].compliance(fraction, self.omega)

    def input_impedance(self, vessel: str) -> Complexes:
        """p'/q' at the vessel's start [Pa s/m3]."""
        return self.inlets[vessel][:, 0] / self.inlets[vessel][:, 1]


def line_of(network: Network, vessel: Vessel, head: tuple[float, float], pieces: int) -> Line:
    """The vessel at rest under heads `head` at its two ends."""
    blood = network.blood
    z = [network.heights.get(node, 0.0) for node in (vessel.start, vessel.end)]
    uniform = z[0] == z[1] and head[0] == head[1] and tube_at(vessel, 0.0, blood) == tube_at(vessel, 1.0, blood)
    n = 1 if uniform else pieces
    middles = (np.arange(n) + 0.5) / n
    tubes = [tube_at(vessel, float(s), blood) for s in middles]
    weight = blood.density * network.gravity
    pressure = head[0] + (head[1] - head[0]) * middles - weight * (z[0] + (z[1] - z[0]) * middles)
    areas = np.array([tube.area(float(p)) for tube, p in zip(tubes, pressure, strict=True)])
    return Line(
        length=np.full(n, vessel.length / n),
        area=areas,
        slope=np.array([tube.slope(a) for tube, a in zip(tubes, areas, strict=True)]),
        wall_viscosity=np.array([t.viscosity / (t.reference_area * a**0.5) for t, a in zip(tubes, areas, strict=True)]),
        density=blood.density,
        friction=friction_factor(vessel, blood) * blood.density,
    )


def _stamp(matrix: Complexes, i: int, j: int, values: Complexes) -> None:
    """Add the 2-port admittance `values` (frequency, 2, 2) between nodes i and j."""
    for a, row in enumerate((i, j)):
        for b, column in enumerate((i, j)):
            matrix[:, row, column] += values[:, a, b]


def _line_admittance(line: Line, omega: Floats) -> Complexes:
    """Flows into the line at its start and at its end from the two heads; the chain's determinant is 1."""
    chain = line.chain(omega)
    a, b, d = chain[:, 0, 0], chain[:, 0, 1], chain[:, 1, 1]
    return np.stack([np.stack([d / b, -1.0 / b], -1), np.stack([-1.0 / b, a / b], -1)], -2)


def _link_admittance(link: Channel | Expansion, omega: Floats) -> Complexes:
    inertance = link.inertance if isinstance(link, Channel) else 0.0
    return 1.0 / (link.resistance + 1j * omega * inertance)


def solve(
    network: Network,
    omega: Floats,
    *,
    inflow: Mapping[str, Complexes] | None = None,
    head: Mapping[str, Complexes] | None = None,
    mean_head: float | Mapping[str, float] = 0.0,
    pieces: int = 400,
) -> Harmonics:
    """The response at angular frequencies `omega` [1/s].

    `inflow` gives the small flow pushed into nodes, `head` the small head held at nodes; a pressure source
    of the network without an entry in `head` is held still. The network's own waveforms are not read here:
    see `periodic`.
    """
    omega = np.atleast_1d(np.asarray(omega, dtype=float))
    inflow, head = dict(inflow or {}), dict(head or {})
    for source in network.pressure_sources:
        head.setdefault(source.node, np.zeros(omega.size, dtype=complex))
    nodes = network.nodes
    index = {node: i for i, node in enumerate(nodes)}
    mean = {node: mean_head if isinstance(mean_head, (int, float)) else mean_head[node] for node in nodes}
    lines = {v.name: line_of(network, v, (mean[v.start], mean[v.end]), pieces) for v in network.vessels}

    matrix = np.zeros((omega.size, len(nodes), len(nodes)), dtype=complex)
    for vessel in network.vessels:
        _stamp(matrix, index[vessel.start], index[vessel.end], _line_admittance(lines[vessel.name], omega))
    for link in network.links:
        if not isinstance(link, (Channel, Expansion)):
            raise NotImplementedError(f"link '{link.name}' is not linear")
        y = _link_admittance(link, omega)
        _stamp(matrix, index[link.start], index[link.end], y[:, None, None] * np.array([[1.0, -1.0], [-1.0, 1.0]]))
    for store in network.stores:
        if not isinstance(store.law, LinearStore) or store.around is not None:
            raise NotImplementedError(f"store '{store.name}' is not a linear store in the open")
        i = index[store.node]
        matrix[:, i, i] += 1j * omega / store.law.elastance

    heads = _nodal(matrix, index, inflow, head)
    named = {node: heads[:, i] for node, i in index.items()}
    inlets = {}
    for vessel in network.vessels:
        ends = np.stack([named[vessel.start], named[vessel.end]], -1)
        flow = np.einsum("fi,fi->f", _line_admittance(lines[vessel.name], omega)[:, 0], ends)
        inlets[vessel.name] = np.stack([ends[:, 0], flow], -1)
    link_flow = {
        link.name: (named[link.start] - named[link.end]) * _link_admittance(link, omega)
        for link in network.links
        if isinstance(link, (Channel, Expansion))
    }
    return Harmonics(omega=omega, head=named, lines=lines, inlets=inlets, link_flow=link_flow)


def _nodal(
    matrix: Complexes, index: Mapping[str, int], inflow: Mapping[str, Complexes], head: Mapping[str, Complexes]
) -> Complexes:
    """Node heads (frequency, node) from the balance of flows and the held heads; rows scaled to order one."""
    system, right = matrix.copy(), np.zeros(matrix.shape[:2], dtype=complex)
    for node, flow in inflow.items():
        right[:, index[node]] += flow
    for node, held in head.items():
        i = index[node]
        system[:, i] = 0.0
        system[:, i, i] = 1.0
        right[:, i] = held
    scale = np.abs(system).max(axis=2)
    return np.linalg.solve(system / scale[:, :, None], (right / scale)[:, :, None])[:, :, 0]


def harmonics_of(waveform: Waveform, period: float, count: int, samples: int = 4096) -> Complexes:
    """The first `count` + 1 complex amplitudes c_k, w(t) = Re sum c_k exp(2 pi i k t / period)."""
    times = np.arange(samples) * period / samples
    amplitudes = np.fft.rfft(waveform.sample(times, period))[: count + 1] / samples
    amplitudes[1:] *= 2.0
    return amplitudes


def periodic(
    network: Network, count: int, *, mean_head: float | Mapping[str, float] = 0.0, pieces: int = 400
) -> Harmonics:
    """The periodic state driven by the network's own sources, to `count` harmonics of its period.

    Harmonic 0 is the steady part; heads of pressure sources count from `mean_head` at their node.
    """
    omega = 2.0 * np.pi * np.arange(count + 1) / network.period
    inflow: dict[str, Complexes] = {}
    for source in network.flow_sources:
        amplitudes = harmonics_of(source.flow, network.period, count)
        inflow[source.node] = inflow.get(source.node, 0.0) + amplitudes
    head = {s.node: harmonics_of(s.pressure, network.period, count) for s in network.pressure_sources}
    for node in head:
        head[node][0] -= mean_head if isinstance(mean_head, (int, float)) else mean_head[node]
    return solve(network, omega, inflow=inflow, head=head, mean_head=mean_head, pieces=pieces)


def synthesise(amplitudes: Complexes, omega: Floats, times: Floats) -> Floats:
    """Re sum c_k exp(i w_k t): the small part in time."""
    return np.real(np.exp(1j * np.outer(times, omega)) @ amplitudes)
