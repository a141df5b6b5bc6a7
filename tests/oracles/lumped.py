"""The 0D limit: the equations that a staggered mesh becomes with one cell per vessel, left continuous in time.

A vessel is one cell of area A with a face at each end where the velocities u0 (start) and u1 (end) live,

    L dA/dt = q0 - q1,      q0 = A u0,   q1 = A u1
    h  = P(A) + Gamma / (A0 sqrt(A)) dA/dt + rho/2 ((q0 + q1) / (2 A))^2 + rho g z      (z: mid-height)
    rho (L/2) du0/dt = H_start - h - (L/2) 2 (gamma + 2) pi mu u0 / A
    rho (L/2) du1/dt = h - H_end   - (L/2) 2 (gamma + 2) pi mu u1 / A

with the wall's coefficients and A0 at mid-length. A link with inertance carries a flow of its own. A node with a
store has H = p_store + rho g z; a node with a pressure source has H given. All other nodes have no volume; their heads
follow from the balance of flows:

* links without inertance connect such nodes to clusters. In a cluster that reaches a node of known head through
  such a link, the balance of flows at each node is a set of equations for the heads (index 1 as it stands);
* otherwise the sum of the balances holds no head. It is differentiated once: sum d(A u)/dt + dQ/dt = 0, where
  A du/dt = +- 2 A (H - h) / (rho L) - 2 (gamma + 2) pi nu u brings the head in, and takes the place of one balance.

At the first instant velocities and inertial flows may not meet the balance (a source that is already flowing). An
impulse of head, the limit of one implicit step, then brings them there: u jumps by 2 (impulse) / (rho L).
Sampled sources bend at their samples; the integration restarts there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from azygos.body.network import (
    Channel,
    Expansion,
    ExponentialStore,
    LinearStore,
    Link,
    Network,
    StoreLaw,
    Valve,
    VaryingStore,
)  # fmt: skip
from azygos.body.waveform import Sampled, Waveform
from oracles.tube_law import friction_factor, tube_at

__all__ = ["LumpedSolution", "solve"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LumpedSolution:
    """Series over `time` [s] (one value per time)."""

    time: Floats
    area: Mapping[str, Floats]  # vessel -> [m2]
    pressure: Mapping[str, Floats]  # vessel -> transmural plus outside pressure of the cell [Pa], viscous part included
    flow_start: Mapping[str, Floats]  # vessel -> A u0 [m3/s]
    flow_end: Mapping[str, Floats]  # vessel -> A u1 [m3/s]
    link_flow: Mapping[str, Floats]  # [m3/s]
    opening: Mapping[str, Floats]  # valve -> z
    store_volume: Mapping[str, Floats]  # [m3]
    head: Mapping[str, Floats]  # node -> H [Pa]
    imbalance: float  # largest |sum of flows| at a node without volume [m3/s]


def store_pressure(law: StoreLaw, volume: float, time: float, period: float) -> float:
    """Pressure [Pa] of a store, from the equations in the docstrings of the laws."""
    match law:
        case LinearStore():
            return law.elastance * (volume - law.unstressed_volume)
        case VaryingStore():
            return float(law.elastance.sample(np.array([time]), period)[0]) * (volume - law.unstressed_volume)
        case ExponentialStore():
            return law.scale * float(np.expm1((volume - law.unstressed_volume) / law.volume_scale)) + (
                law.reference_pressure
            )
    raise NotImplementedError(type(law).__name__)


def _resistive_flow(drop: float, linear: float, quadratic: float) -> tuple[float, float]:
    """q and dq/d(drop) from drop = linear q + quadratic |q| q."""
    if quadratic == 0.0:
        return drop / linear, 1.0 / linear
    magnitude = 2.0 * abs(drop) / (linear + np.sqrt(linear**2 + 4.0 * quadratic * abs(drop)))
    return float(np.copysign(magnitude, drop)), 1.0 / (linear + 2.0 * quadratic * magnitude)


@dataclass(slots=True)
class _Rates:
    """Everything at one instant: flows into nodes, known parts of their derivatives, cells."""

    known: Floats  # flow into each node from vessels, inertial links and sources [m3/s]
    bias: Floats  # its time derivative without the part that heads drive [m3/s2]
    drive: Floats  # matrix: derivative of the flow into node i per head of node j [m3/(s2 Pa)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cells:
    """The vessels, one cell each; arrays over the vessels."""

    reference_area: Floats
    k_half: Floats
    k_vein: Floats
    offset: Floats
    viscosity: Floats  # Gamma
    length: Floats
    friction: Floats  # 2 (gamma + 2) pi nu
    height: Floats  # of the middle
    start: NDArray[np.intp]  # node
    end: NDArray[np.intp]  # node

    @staticmethod
    def of(network: Network, index: Mapping[str, int]) -> "_Cells":
        vessels, blood = network.vessels, network.blood
        tubes = [tube_at(v, 0.5, blood) for v in vessels]
        z = [0.5 * (network.heights.get(v.start, 0.0) + network.heights.get(v.end, 0.0)) for v in vessels]
        return _Cells(
            reference_area=np.array([t.reference_area for t in tubes]),
            k_half=np.array([t.k_half for t in tubes]),
            k_vein=np.array([t.k_vein for t in tubes]),
            offset=np.array([t.offset for t in tubes]),
            viscosity=np.array([t.viscosity for t in tubes]),
            length=np.array([v.length for v in vessels]),
            friction=np.array([friction_factor(v, blood) for v in vessels]),
            height=np.array(z),
            start=np.array([index[v.start] for v in vessels], dtype=np.intp),
            end=np.array([index[v.end] for v in vessels], dtype=np.intp),
        )

    def pressure(self, area: Floats, growth: Floats) -> Floats:
        """Pressure of each cell [Pa]; `growth` is dA/dt."""
        x = area / self.reference_area
        elastic = self.k_half * (x**0.5 - 1.0) + self.k_vein * (x**10 - x**-1.5) + self.offset
        return elastic + self.viscosity / (self.reference_area * np.sqrt(area)) * growth


@dataclass(slots=True)
class _System:
    network: Network
    start: float
    stop: float
    index: dict[str, int] = field(init=False)
    cells: _Cells = field(init=False)
    inertial: list[Link] = field(init=False)
    resistive: list[Link] = field(init=False)
    valves: list[Valve] = field(init=False)
    held: dict[int, Waveform] = field(init=False)
    stored: dict[int, int] = field(init=False)
    clusters: list[tuple[list[int], bool]] = field(init=False)
    guess: Floats = field(init=False)  # heads from which Newton starts
    vessel_index: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        net = self.network
        if any(s.around is not None for s in net.stores):
            raise NotImplementedError("a store around which another node lies")
        self.index = {node: i for i, node in enumerate(net.nodes)}
        self.vessel_index = {v.name: i for i, v in enumerate(net.vessels)}
        self.cells = _Cells.of(net, self.index)
        self.inertial = [x for x in net.links if not isinstance(x, Expansion) and x.inertance > 0.0]
        self.resistive = [x for x in net.links if isinstance(x, Expansion) or x.inertance == 0.0]
        self.valves = [x for x in net.links if isinstance(x, Valve)]
        if any(isinstance(x, Valve) for x in self.resistive):
            raise NotImplementedError("a valve without inertance")
        self.held = {self.index[s.node]: s.pressure for s in net.pressure_sources}
        self.stored = {self.index[s.node]: i for i, s in enumerate(net.stores)}
        if len(self.stored) < len(net.stores):
            raise NotImplementedError("two stores at one node")
        self.clusters = self._clusters()
        self.guess = np.array([net.initial_head.get(n, 0.0) for n in net.nodes])

    def _clusters(self) -> list[tuple[list[int], bool]]:
        """Nodes without volume joined by resistive links, and whether such a link leads to a known head."""
        fixed = set(self.held) | set(self.stored)
        pairs = [(self.index[x.start], self.index[x.end]) for x in self.resistive]
        left, clusters = [i for i in range(len(self.index)) if i not in fixed], []
        while left:
            members, queue, grounded = [], [left[0]], False
            while queue:
                node = queue.pop()
                if node in members:
                    continue
                members.append(node)
                left.remove(node)
                others = [b if a == node else a for a, b in pairs if node in (a, b)]
                grounded |= any(o in fixed for o in others)
                queue += [o for o in others if o not in fixed and o not in members]
            clusters.append((members, grounded))
        return clusters

    # state: A, u0, u1 of vessels; flow of inertial links; openings of valves; volumes of stores
    def split(self, y: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
        nv, ni, nz = self.cells.length.size, len(self.inertial), len(self.valves)
        cuts = np.cumsum([nv, nv, nv, ni, nz])
        a, u0, u1, q, z, volume = np.split(y, cuts)
        return a, u0, u1, q, z, volume

    def scale(self, y: Floats) -> Floats:
        """Sizes of the unknowns: velocities of 0.1 m/s, flows of 10 mL/s, volumes of at least 10 mL."""
        a, _, _, q, z, volume = self.split(y)
        volumes = np.maximum(np.abs(volume), 1e-5)
        return np.concatenate([a, np.full(2 * a.size, 0.1), np.full(q.size, 1e-5), np.ones(z.size), volumes])

    def initial(self) -> Floats:
        net, rho = self.network, self.network.blood.density
        head = [net.initial_head.get(n, 0.0) for n in self.index]
        z = [net.heights.get(n, 0.0) for n in self.index]
        areas = []
        for vessel, i, j in zip(net.vessels, self.cells.start, self.cells.end, strict=True):
            tube = tube_at(vessel, 0.5, net.blood)
            areas.append(tube.area(0.5 * (head[i] + head[j]) - rho * net.gravity * 0.5 * (z[i] + z[j])))
        volumes = []
        for s in net.stores:
            i = self.index[s.node]
            volumes.append(s.law.volume(head[i] - rho * net.gravity * z[i], net.period))
        still = np.zeros(2 * len(areas) + len(self.inertial))
        openings = [x.leak for x in self.valves]
        return np.concatenate([areas, still, openings, volumes])

    def known_heads(self, t: float, volume: Floats) -> dict[int, float]:
        net = self.network
        heads = {i: float(w.sample(np.array([t]), net.period)[0]) for i, w in self.held.items()}
        names = list(self.index)
        for i, s in self.stored.items():
            if i not in heads:
                z = net.heights.get(names[i], 0.0)
                pressure = store_pressure(net.stores[s].law, float(volume[s]), t, net.period)
                heads[i] = pressure + net.blood.density * net.gravity * z
        return heads

    def source_flow(self, t: float) -> tuple[Floats, Floats]:
        """Flow pushed into each node and its slope, a difference that stays inside the running segment."""
        flow, slope = np.zeros(len(self.index)), np.zeros(len(self.index))
        step = min(1e-5 * self.network.period, 0.25 * (self.stop - self.start))
        centre = min(max(t, self.start + step), self.stop - step)
        for source in self.network.flow_sources:
            i = self.index[source.node]
            around = np.array([centre - step, centre, centre + step])
            before, now, after = source.flow.sample(around, self.network.period)
            slope[i] += (after - before) / (2.0 * step)
            flow[i] += now + (after - before) / (2.0 * step) * (t - centre)
        return flow, slope

    def cell_heads(self, a: Floats, u0: Floats, u1: Floats) -> tuple[Floats, Floats]:
        """Pressure and head of each cell [Pa]."""
        rho, cells = self.network.blood.density, self.cells
        pressure = cells.pressure(a, a * (u0 - u1) / cells.length)
        return pressure, pressure + 0.5 * rho * (0.5 * (u0 + u1)) ** 2 + rho * self.network.gravity * cells.height

    def rates(self, t: float, y: Floats) -> _Rates:
        rho, cells, n = self.network.blood.density, self.cells, len(self.index)
        a, u0, u1, q, z, _ = self.split(y)
        known, bias = self.source_flow(t)
        _, h = self.cell_heads(a, u0, u1)
        growth = a * (u0 - u1) / cells.length
        push = 2.0 * a / (rho * cells.length)
        np.add.at(known, cells.start, -a * u0)
        np.add.at(known, cells.end, a * u1)
        np.add.at(bias, cells.start, push * h + cells.friction * u0 - u0 * growth)
        np.add.at(bias, cells.end, push * h - cells.friction * u1 + u1 * growth)
        drive = np.diag(-np.bincount(cells.start, push, n) - np.bincount(cells.end, push, n))
        for i, link in enumerate(self.inertial):
            s, e = self.index[link.start], self.index[link.end]
            known[s] -= q[i]
            known[e] += q[i]
            loss = self.loss(link, q[i], z) / link.inertance
            bias[s] += loss
            bias[e] -= loss
            for row, sign in ((s, -1.0), (e, 1.0)):
                drive[row, s] += sign / link.inertance
                drive[row, e] -= sign / link.inertance
        return _Rates(known=known, bias=bias, drive=drive)

    def loss(self, link: Link, q: float, z: Floats) -> float:
        assert not isinstance(link, Expansion)
        opening = float(z[self.valves.index(link)]) if isinstance(link, Valve) else 1.0
        return (link.resistance * q + link.quadratic * abs(q) * q) / opening**2

    def resistive_flows(self, head: Floats, a: Floats) -> list[tuple[int, int, float, float]]:
        """(start, end, q, dq/d(drop)) of every link without inertance."""
        flows = []
        for link in self.resistive:
            s, e = self.index[link.start], self.index[link.end]
            drop = head[s] - head[e]
            if isinstance(link, Expansion):
                narrow = a[self.vessel_index[link.before]]
                wide = np.inf if link.after is None else a[self.vessel_index[link.after]]
                widening = drop * (wide - narrow) > 0.0
                quadratic = 0.5 * self.network.blood.density * (1.0 / narrow - 1.0 / wide) ** 2 if widening else 0.0
            else:
                assert isinstance(link, Channel)
                quadratic = link.quadratic
            flows.append((s, e, *_resistive_flow(drop, link.resistance, quadratic)))
        return flows

    def heads(self, t: float, y: Floats, rates: _Rates) -> Floats:
        """All node heads, by Newton on the balances (one step where every link is linear)."""
        a, *_, volume = self.split(y)
        head = self.guess.copy()
        for i, value in self.known_heads(t, volume).items():
            head[i] = value
        free = [i for members, _ in self.clusters for i in members]
        if not free:
            return head
        linear = all(isinstance(x, Channel) and x.quadratic == 0.0 for x in self.resistive)
        for _ in range(60):
            residual, jacobian = self._balances(head, a, rates)
            matrix, right = jacobian[np.ix_(free, free)], residual[free]
            size = np.abs(matrix).max(axis=1)
            step = np.linalg.solve(matrix / size[:, None], -right / size)
            head[free] += step
            if not np.isfinite(step).all():
                return head  # a trial step outside the physics; the integrator shortens it
            if linear or np.max(np.abs(step)) < 1e-9 + 1e-12 * np.max(np.abs(head)):
                self.guess = head
                return head
        raise RuntimeError(f"node heads do not settle at t = {t:g} s")

    def _balances(self, head: Floats, a: Floats, rates: _Rates) -> tuple[Floats, Floats]:
        n = len(head)
        residual, jacobian = rates.known.copy(), np.zeros((n, n))
        for s, e, q, dq in self.resistive_flows(head, a):
            residual[s] -= q
            residual[e] += q
            jacobian[s, s] -= dq
            jacobian[s, e] += dq
            jacobian[e, s] += dq
            jacobian[e, e] -= dq
        derivative = rates.bias + rates.drive @ head
        for members, grounded in self.clusters:
            if not grounded:
                chosen = members[0]
                residual[chosen] = derivative[members].sum()
                jacobian[chosen] = rates.drive[members].sum(axis=0)
        return residual, jacobian

    def settle(self, t: float, y: Floats) -> Floats:
        """The state after the impulse of head that makes the flows of every closed cluster balance."""
        rates = self.rates(t, y)
        free = [i for i, (_, grounded) in enumerate(self.clusters) if not grounded]
        groups = [self.clusters[i][0] for i in free]
        excess = np.array([rates.known[m].sum() for m in groups])
        if excess.size == 0:
            return y
        matrix = np.array([[rates.drive[np.ix_(m, k)].sum() for k in groups] for m in groups])
        impulse = np.zeros(len(self.index))
        for m, value in zip(groups, np.linalg.solve(matrix, -excess), strict=True):
            impulse[m] = value
        a, u0, u1, q, z, volume = (part.copy() for part in self.split(y))
        per = 2.0 / (self.network.blood.density * self.cells.length)
        u0 += per * impulse[self.cells.start]
        u1 -= per * impulse[self.cells.end]
        for i, link in enumerate(self.inertial):
            q[i] += (impulse[self.index[link.start]] - impulse[self.index[link.end]]) / link.inertance
        return np.concatenate([a, u0, u1, q, z, volume])

    def derivative(self, t: float, y: Floats) -> tuple[Floats, Floats]:
        """dy/dt and the node heads."""
        net, rho = self.network, self.network.blood.density
        a, u0, u1, q, z, _ = self.split(y)
        rates = self.rates(t, y)
        head = self.heads(t, y, rates)
        _, h = self.cell_heads(a, u0, u1)
        cells = self.cells
        d_area = a * (u0 - u1) / cells.length
        d_u0 = 2.0 * (head[cells.start] - h) / (rho * cells.length) - cells.friction * u0 / a
        d_u1 = 2.0 * (h - head[cells.end]) / (rho * cells.length) - cells.friction * u1 / a
        d_q, d_z = np.empty(q.size), np.empty(z.size)
        for i, link in enumerate(self.inertial):
            drop = head[self.index[link.start]] - head[self.index[link.end]]
            d_q[i] = (drop - self.loss(link, float(q[i]), z)) / link.inertance
        for i, valve in enumerate(self.valves):
            drop = head[self.index[valve.start]] - head[self.index[valve.end]]
            opening, closing = (1.0 - z[i]) * valve.opening_rate, (z[i] - valve.leak) * valve.closing_rate
            d_z[i] = drop * (opening if drop > 0.0 else closing)
        into = rates.known.copy()
        for i, j, flow, _ in self.resistive_flows(head, a):
            into[i] -= flow
            into[j] += flow
        d_volume = np.array([into[self.index[st.node]] for st in net.stores])
        return np.concatenate([d_area, d_u0, d_u1, d_q, d_z, d_volume]), head

    def imbalance(self, t: float, y: Floats, head: Floats) -> float:
        into = self.rates(t, y).known
        for i, j, flow, _ in self.resistive_flows(head, self.split(y)[0]):
            into[i] -= flow
            into[j] += flow
        return max((abs(into[i]) for members, _ in self.clusters for i in members), default=0.0)


def _segments(network: Network, end: float) -> list[float]:
    """Times between which no sampled waveform bends."""
    waves: list[Waveform] = [s.flow for s in network.flow_sources] + [s.pressure for s in network.pressure_sources]
    waves += [s.law.elastance for s in network.stores if isinstance(s.law, VaryingStore)]
    cuts = {0.0, end}
    for wave in waves:
        if isinstance(wave, Sampled):
            for turn in range(int(np.ceil(end / wave.times[-1])) + 1):
                cuts |= {turn * wave.times[-1] + t for t in wave.times}
    times = sorted(t for t in cuts if 0.0 <= t <= end)
    merged = [0.0]
    for t in times[1:]:
        if t - merged[-1] > 1e-9:
            merged.append(t)
    merged[-1] = end
    return merged


def solve(network: Network, times: Floats, *, rtol: float = 1e-9, method: str = "Radau") -> LumpedSolution:
    """The one-cell network from its initial heads, at rest at time 0, sampled at `times` [s] (rising)."""
    cuts = _segments(network, float(times[-1]))
    system = _System(network, cuts[0], cuts[1])
    y = system.settle(0.0, system.initial())
    states, heads = np.empty((times.size, y.size)), np.empty((times.size, len(system.index)))
    imbalance = 0.0
    for a, b in pairwise(cuts):
        system.start, system.stop = a, b
        inside = np.flatnonzero((times >= a) & ((times < b) | (b == cuts[-1])))
        scale = system.scale(y)
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            run = solve_ivp(
                lambda t, s, c=scale: system.derivative(t, s * c)[0] / c, (a, b), y / scale, method=method,
                rtol=rtol, atol=rtol, dense_output=True,
            )  # fmt: skip
        if not run.success:
            raise RuntimeError(run.message)
        for k in inside:
            states[k] = run.sol(times[k]) * scale
            _, heads[k] = system.derivative(float(times[k]), states[k])
            imbalance = max(imbalance, system.imbalance(float(times[k]), states[k], heads[k]))
        y = run.y[:, -1] * scale
    return _collect(system, times, states, heads, imbalance)


def _collect(system: _System, times: Floats, states: Floats, heads: Floats, imbalance: float) -> LumpedSolution:
    net = system.network
    rows = [system.split(y) for y in states]
    a, u0, u1, q, z, volume = (np.array([row[i] for row in rows]) for i in range(6))
    pressure = np.array([system.cell_heads(*row[:3])[0] for row in rows])
    link_flow = {link.name: q[:, i] for i, link in enumerate(system.inertial)}
    resistive = [[f[2] for f in system.resistive_flows(h, row[0])] for h, row in zip(heads, rows, strict=True)]
    link_flow |= {link.name: np.array([r[i] for r in resistive]) for i, link in enumerate(system.resistive)}
    names = [v.name for v in net.vessels]
    return LumpedSolution(
        time=times,
        area={n: a[:, i] for i, n in enumerate(names)},
        pressure={n: pressure[:, i] for i, n in enumerate(names)},
        flow_start={n: (a * u0)[:, i] for i, n in enumerate(names)},
        flow_end={n: (a * u1)[:, i] for i, n in enumerate(names)},
        link_flow=link_flow,
        opening={x.name: z[:, i] for i, x in enumerate(system.valves)},
        store_volume={s.name: volume[:, i] for i, s in enumerate(net.stores)},
        head={n: heads[:, i] for n, i in system.index.items()},
        imbalance=imbalance,
    )
