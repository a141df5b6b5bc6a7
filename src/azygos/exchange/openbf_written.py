"""A network as an openBF file and its inlet file, so far as openBF can say it; the rest is refused.

openBF has arteries in a tree or with anastomoses, of which at most three meet; one flow in; and at every other end a
reflection or a windkessel. What has no form there (veins, stores and links elsewhere, a heart, heights) is refused,
every piece of it by name. A wall given by its wave speed becomes one of a tenth of its radius in thickness, with the
same law. The initial state is not written: openBF has its own.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from azygos.body.network import Autoregulation, Channel, Expansion, LinearStore, Network, Vessel
from azygos.body.wall import AvolioWall, ElasticWall
from azygos.body.waveform import Constant, Sampled
from azygos.exchange.openbf_form import VOIGT, viscous_share
from azygos.exchange.openbf_outlet import impedance
from azygos.exchange.refused import Refused
from azygos.exchange.whole import write_texts

__all__ = ["write_openbf"]

THICKNESS = 0.1  # of the radius, for a wall that was given by its wave speed
ALIKE = 1e-9  # relative difference of two numbers that were one before they were written
KEPT = "[P, Q, A, u]"  # of the results; openBF removes what is not named
SOLVER = "{Ccfl: 0.9, cycles: 100, convergence_tolerance: 1.0, jump: 100}"  # as in openBF's own examples


def write_openbf(network: Network, path: str | Path) -> None:
    """Writes `network` as openBF's YAML at `path` and its inflow beside it, as `<name>_inlet.dat`.

    Raises InputError with all that openBF has no form for; then nothing is written.
    """
    writer = _Writer(network)
    target = Path(path)
    inlet = target.with_name(f"{target.stem}_inlet.dat")
    texts = {inlet: writer.inflow(), target: writer.text(inlet.name)}
    writer.refused.settle()
    write_texts(texts)


class _Writer:
    """Gathers the lines and everything that openBF cannot say."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.refused = Refused("leave it out of what is written as openBF")
        self.used: set[str] = set()  # links and stores that belong to an outlet
        self.beyond: set[str] = set()  # nodes whose pressure does
        self.flows = {source.node: source.flow for source in network.flow_sources}
        self.held = {source.node: source.pressure for source in network.pressure_sources}
        self.inlet = next((node for node, flow in self.flows.items() if isinstance(flow, Sampled)), "")
        self.numbers = self.numbered()

    def numbered(self) -> Mapping[str, int]:
        """Node -> openBF's number: its own where the names are `n1`, `n2`, ...; the inlet is 1."""
        nodes = list(dict.fromkeys(node for v in self.network.vessels for node in (v.start, v.end)))
        own = {node: int(node[1:]) for node in nodes if re.fullmatch(r"n[1-9]\d{0,8}", node)}
        if len(own) == len(nodes) and own.get(self.inlet) == 1:
            return own
        ordered = sorted(nodes, key=lambda node: node != self.inlet)
        return {node: number for number, node in enumerate(ordered, start=1)}

    def inflow(self) -> str:
        flow = self.flows.get(self.inlet)
        if not isinstance(flow, Sampled) or self.inlet not in {vessel.start for vessel in self.network.vessels}:
            self.refused.add(
                f"network '{self.network.name}'", "no flow over time enters at the start of a vessel", "give it"
            )
            return ""
        return "".join(f"{time!r} {value!r}\n" for time, value in zip(flow.times, flow.values, strict=True))

    def text(self, inlet: str) -> str:
        network = self.network
        rows = [self.vessel(vessel) for vessel in network.vessels]
        self.leftovers()
        self.joints()
        blood = f"{{rho: {network.blood.density!r}, mu: {network.blood.viscosity!r}}}"
        head = f"project_name: {json.dumps(network.name)}\ninlet_file: {json.dumps(inlet)}\nblood: {blood}\n"
        return f"{head}write_results: {KEPT}\nsolver: {SOLVER}\nnetwork:\n" + "".join(
            f"  - {{{', '.join(f'{key}: {_text(value)}' for key, value in row.items())}}}\n" for row in rows
        )

    def vessel(self, vessel: Vessel) -> dict[str, object]:
        where = f"vessel '{vessel.name}'"
        if vessel.around is not None:
            self.refused.add(where, "openBF has no space around a vessel")
        if not float(vessel.profile).is_integer():
            self.refused.add(where, "openBF's exponent of the velocity profile is a whole number", "round it")
        return {
            "label": vessel.name,
            "sn": self.numbers[vessel.start],
            "tn": self.numbers[vessel.end],
            "L": vessel.length,
            **dict(zip(("Rp", "Rd"), vessel.radius, strict=True)),
            **self.wall(vessel, where),
            "gamma_profile": round(vessel.profile),
            **self.outlet(vessel, where),
        }

    def wall(self, vessel: Vessel, where: str) -> dict[str, object]:
        """E, h0 and Pext; phi or `visco-elastic` of a viscous one."""
        wall, (start, end) = vessel.wall, vessel.radius
        if isinstance(wall, ElasticWall | AvolioWall):
            young, thickness = wall.young, wall.thickness if isinstance(wall, ElasticWall) else None
            outside, viscosity = wall.reference_pressure, wall.viscosity
        else:
            law = wall.coefficients(np.array([start, end]), np.array([0.0, 1.0]), self.network.blood.density)
            first, last = law.k_half * np.array([start, end])
            if np.any(law.k_vein) or abs(first - last) > ALIKE * first:
                self.refused.add(
                    where, "openBF has only walls of one Young's modulus and thickness, with the artery's law"
                )
                return {}
            thickness = THICKNESS * start
            young, outside, viscosity = float(0.75 * first / thickness), float(law.offset[0]), float(law.viscosity[0])
        known: dict[str, object] = {"E": young, **({} if thickness is None else {"h0": thickness})}
        if outside + vessel.external_pressure:
            known["Pext"] = outside + vessel.external_pressure
        if not viscosity:
            return known
        voigt = VOIGT[0] + VOIGT[1] / (start + end)
        if abs(viscosity - voigt) <= ALIKE * voigt:
            return {**known, "visco-elastic": True}
        if thickness is None:
            self.refused.add(where, "openBF gives a viscosity of its own only to walls with a thickness")
            return known
        return {**known, "phi": viscosity / viscous_share(thickness)}

    def outlet(self, vessel: Vessel, where: str) -> dict[str, object]:
        """What closes the end of a vessel at which no other starts."""
        end = vessel.end
        if end in {other.start for other in self.network.vessels}:
            return {}
        links = [link for link in self.network.links if end in (link.start, link.end)]
        flow, held = self.flows.get(end), self.held.get(end)
        if not links and flow == Constant(0.0):
            return {"Rt": 1.0}
        outside = vessel.external_pressure + _reference(vessel)
        if not links and held is not None and _constant(held) == outside:
            self.beyond.add(end)
            return {"Rt": -1.0}
        match links:
            case [Channel() as only] if _plain(only) and only.start == end:
                return self.reflection(vessel, only, outside, where)
            case [Expansion() as near] if near.after is None and near.before == vessel.name:
                return self.windkessel(near, where)
        self.refused.add(
            where, f"ends at '{end}' in what is neither a reflection nor a windkessel", "end it in one of them"
        )
        return {}

    def reflection(self, vessel: Vessel, link: Channel, outside: float, where: str) -> dict[str, object]:
        beyond = self.held.get(link.end)
        if beyond is None or _constant(beyond) != outside:
            self.refused.add(where, "a reflection of openBF's is towards the pressure at which the wall is at rest")
        self.used.add(link.name)
        self.beyond.add(link.end)
        matched = impedance(vessel.wall, vessel.radius[1], self.network.blood.density)
        return {"Rt": (link.resistance - matched) / (link.resistance + matched)}

    def windkessel(self, near: Expansion, where: str) -> dict[str, object]:
        """R1 from the vessel, R2 towards a steady pressure, C between."""
        middle = near.end
        onward = [link for link in self.network.links if link.start == middle]
        stores = [store for store in self.network.stores if store.node == middle]
        if len(onward) == len(stores) == 1:
            far, store = onward[0], stores[0]
            pressure = _constant(self.held.get(far.end))
            soft = isinstance(store.law, LinearStore) and not store.law.unstressed_volume and store.around is None
            if isinstance(far, Channel) and _plain(far) and soft and pressure is not None:
                assert isinstance(store.law, LinearStore)
                self.used |= {near.name, far.name, store.name}
                self.beyond.add(far.end)
                known: dict[str, object] = {
                    "R1": near.resistance,
                    "R2": far.resistance,
                    "Cc": 1.0 / store.law.elastance,
                }
                return {**known, **({"Pout": pressure} if pressure else {})}
        self.refused.add(
            where, f"what follows its resistance '{near.name}' is no compliance and resistance to one pressure"
        )
        return {}

    def leftovers(self) -> None:
        """Everything in the network that belongs to no vessel and no outlet."""
        network, ends = self.network, {vessel.end for vessel in self.network.vessels}
        for part in (*network.links, *network.stores, *network.regulations):
            name = part.link if isinstance(part, Autoregulation) else part.name
            if name not in self.used:
                self.refused.add(f"{type(part).__name__.lower()} '{name}'", "openBF has none but in an outlet")
        for node, flow in self.flows.items():
            if node != self.inlet and not (node in ends and flow == Constant(0.0)):
                self.refused.add(f"inflow '{node}'", "openBF lets blood in at one node only")
        for node in sorted(self.held.keys() - self.beyond):
            self.refused.add(f"pressure '{node}'", "openBF holds a pressure only beyond an outlet")
        if any(network.heights.values()) and network.gravity:
            self.refused.add(f"network '{network.name}'", "openBF has no heights and no gravity")
        if network.beats != 1:
            self.refused.add(f"network '{network.name}'", "openBF's period is one beat")

    def joints(self) -> None:
        """openBF joins two or three vessels; a node at which two start must be reached by one, and the other way.

        It knows a vessel by its two nodes, so that of several between the same two it keeps one.
        """
        between: dict[tuple[str, str], list[str]] = {}
        for vessel in self.network.vessels:
            between.setdefault((vessel.start, vessel.end), []).append(f"vessel '{vessel.name}'")
        for names in between.values():
            if len(names) > 1:
                what = "they join the same two nodes; openBF would keep one of them"
                self.refused.add(", ".join(names), what, "put a node into each but one")
        starts = Counter(vessel.start for vessel in self.network.vessels)
        ends = Counter(vessel.end for vessel in self.network.vessels)
        for node in self.numbers:
            into, out = ends[node], starts[node]
            if (into + out > 3 or 0 in (into, out)) and into + out > 1:
                what = f"{into} vessels end and {out} start here; openBF joins two, or three as 1 and 2 or 2 and 1"
                self.refused.add(f"node '{node}'", what, "join them pair by pair through short vessels")


def _text(value: object) -> str:
    return repr(float(value)) if isinstance(value, float) else json.dumps(value)


def _plain(link: Channel) -> bool:
    return not link.inertance and not link.quadratic


def _constant(waveform: object) -> float | None:
    return waveform.value if isinstance(waveform, Constant) else None


def _reference(vessel: Vessel) -> float:
    return float(vessel.wall.coefficients(np.array([vessel.radius[1]]), np.ones(1), 1.0).offset[0])
