"""Open networks on which schemes break: stiff and soft walls, tight stenoses, squeezed veins, loops.

`hard_patient(seed)` is the same network for the same seed. An arterial tree grows from a root by splitting its
widest tip; each tip ends in a bed (resistance, compliance, resistance) and the venous tree mirrors the arterial one.
Drawn per patient: flow x 0.5 to 2; stiffness K of each vessel x or / 3 (log-uniform); two arterial and two
venous loops; one arterial and one venous stenosis of 80 to 97 % by area, 1 to 2 cm long, each followed by an
expansion; outside pressure of 0 to 50 mmHg on ten veins. All numbers are assumed; none describes a person.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from azygos.body.network import (
    Blood,
    Channel,
    Expansion,
    FlowSource,
    LinearStore,
    Link,
    Network,
    PressureSource,
    Store,
    Vessel,
)
from azygos.body.wall import ArteryWall, VeinWall, Wall
from azygos.body.waveform import Constant, Sampled
from azygos.units import cm, mL, mm, mmHg

__all__ = ["hard_patient"]

PERIOD = 0.8  # [s]
STROKE = 85.0 * mL
RESISTANCE = (
    85.0 * mmHg / (STROKE / PERIOD)
)  # of all beds together, so that the mean arterial pressure is about 90 mmHg
BED_TIME = 1.2  # resistance x compliance of a bed [s]
ARTERIAL, VENOUS, OUTLET = 80.0 * mmHg, 8.0 * mmHg, 5.0 * mmHg
DENSITY = Blood().density


def arterial_speed(radius: float) -> float:
    """Wave speed [m/s]: c^2 = 2/(3 rho) (k1 exp(k2 r) + k3), constants of Olufsen 1999."""
    return float(np.sqrt(2.0 / (3.0 * DENSITY) * (2.0e6 * np.exp(-2253.0 * radius) + 8.65e4)))


def venous_speed(radius: float) -> float:
    """Wave speed [m/s]: 3.5 in the narrowest veins to 1.5 in the widest; assumed."""
    return float(1.5 + 2.0 * np.clip((8.0 * mm - radius) / (7.0 * mm), 0.0, 1.0))


@dataclass(slots=True)
class _Growth:
    rng: np.random.Generator
    vessels: list[Vessel] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)
    heads: dict[str, float] = field(default_factory=dict)
    tips: list[tuple[str, float]] = field(default_factory=list)  # node, radius

    def vessel(self, name: str, start: str, end: str, length: float, radius: float, wall: Wall, head: float) -> None:
        self.vessels.append(Vessel(name=name, start=start, end=end, length=length, radius=(radius, radius), wall=wall))
        self.heads.setdefault(start, head)
        self.heads.setdefault(end, head)

    def stiffened(self, speed: float) -> tuple[float, float]:
        """Wave speed with K multiplied by 1/3 to 3."""
        value = speed * float(3.0 ** (0.5 * self.rng.uniform(-1.0, 1.0)))
        return value, value

    def artery(self, name: str, start: str, end: str, length: float, radius: float) -> None:
        wall = ArteryWall(wave_speed=self.stiffened(arterial_speed(radius)), reference_pressure=ARTERIAL)
        self.vessel(name, start, end, length, radius, wall, ARTERIAL)

    def vein(self, name: str, start: str, end: str, length: float, radius: float) -> None:
        wall = VeinWall(wave_speed=self.stiffened(venous_speed(radius)))
        self.vessel(name, start, end, length, radius, wall, VENOUS)

    def arterial_tree(self, leaves: int) -> None:
        self.artery("a0", "root", "a0_end", 5.0 * cm, 12.0 * mm)
        self.tips = [("a0_end", 12.0 * mm)]
        while len(self.tips) < leaves:
            sizes = [radius * (1.0 + 0.3 * self.rng.random()) for _, radius in self.tips]
            node, radius = self.tips.pop(int(np.argmax(sizes)))
            shares = self.rng.uniform(0.25, 1.0, 2 if self.rng.random() < 0.85 else 3)
            for share in shares / shares.sum():
                name = f"a{len(self.vessels)}"
                child = float(np.clip(radius * share**0.4, 1.0 * mm, 11.0 * mm))
                length = float(np.clip(self.rng.lognormal(np.log(6.0), 0.8), 1.0, 25.0)) * cm
                self.artery(name, node, f"{name}_end", length, child)
                self.tips.append((f"{name}_end", child))

    def venous_tree(self) -> None:
        """The arteries' mirror: wider, soft, flowing back."""
        for artery in list(self.vessels):
            radius = min(1.3 * artery.radius[0] + 0.8 * mm, 12.0 * mm)
            length = float(np.clip(artery.length * self.rng.uniform(0.8, 1.2), 1.0 * cm, 25.0 * cm))
            self.vein(f"v{artery.name[1:]}", f"v_{artery.end}", f"v_{artery.start}", length, radius)

    def beds(self) -> None:
        weights = np.array([radius**3 for _, radius in self.tips])
        for i, ((node, radius), share) in enumerate(zip(self.tips, weights / weights.sum(), strict=True)):
            resistance = RESISTANCE / share
            near = min(DENSITY * arterial_speed(radius) / (np.pi * radius**2), 0.3 * resistance)
            bed = f"bed{i}"
            self.heads[bed] = ARTERIAL
            self.links.append(Channel(name=f"{bed}_in", start=node, end=bed, resistance=near))
            self.links.append(Channel(name=f"{bed}_out", start=bed, end=f"v_{node}", resistance=resistance - near))
            self.stores.append(Store(name=bed, node=bed, law=LinearStore(elastance=resistance / BED_TIME)))

    def loops(self, count: int) -> None:
        """Extra vessels between inner nodes; veins mirror nothing here."""
        inner = [v.end for v in self.vessels if v.name.startswith("a") and v.end not in {n for n, _ in self.tips}]
        for i in range(count):
            for kind, add, radius in (("a", self.artery, 2.0 * mm), ("v", self.vein, 3.0 * mm)):
                one, two = (str(n) for n in self.rng.choice(inner, 2, replace=False))
                prefix = "v_" if kind == "v" else ""
                add(f"{kind}_loop{i}", prefix + one, prefix + two, float(self.rng.uniform(5.0, 15.0)) * cm, radius)

    def stenosis(self, eligible: Callable[[Vessel], bool], name: str) -> None:
        """Splice a narrow vessel and an expansion into one of the eligible vessels."""
        places = [i for i, v in enumerate(self.vessels) if eligible(v)]
        i = places[int(self.rng.integers(len(places)))]
        host = self.vessels[i]
        length, fraction = float(self.rng.uniform(1.0, 2.0)) * cm, float(self.rng.uniform(0.80, 0.97))
        rest = 0.5 * (host.length - length)
        throat, jet, wide = f"{name}_throat", f"{name}_jet", f"{name}_wide"
        radius = host.radius[0] * float(np.sqrt(1.0 - fraction))
        before = replace(host, end=throat, length=rest)
        narrow = replace(host, name=name, start=throat, end=jet, length=length, radius=(radius, radius))
        after = replace(host, name=f"{host.name}_after", start=wide, length=rest)
        self.vessels[i : i + 1] = [before, narrow, after]
        for node in (throat, jet, wide):
            self.heads[node] = self.heads[host.start]
        resistance = 1e-3 * DENSITY * arterial_speed(radius) / (np.pi * radius**2)  # small against the waves' impedance
        self.links.append(
            Expansion(name=f"{name}_loss", start=jet, end=wide, before=name, after=after.name, resistance=resistance)
        )

    def squeeze(self, count: int) -> None:
        veins = [i for i, v in enumerate(self.vessels) if isinstance(v.wall, VeinWall) and v.start != v.end]
        for i in self.rng.choice(veins, count, replace=False):
            pressure = float(self.rng.uniform(0.0, 50.0)) * mmHg
            self.vessels[int(i)] = replace(self.vessels[int(i)], external_pressure=pressure)


def _inflow(factor: float) -> Sampled:
    """Half a sine squared for 0.32 s of each beat; `factor` 1 ejects the stroke volume."""
    times = np.linspace(0.0, PERIOD, 81)
    systole = 0.4 * PERIOD
    shape = np.where(times < systole, np.sin(np.pi * times / systole) ** 2, 0.0)
    return Sampled(tuple(times.tolist()), tuple((factor * STROKE / np.trapezoid(shape, times) * shape).tolist()))


def hard_patient(seed: int) -> Network:
    """The network of this seed: 45 to 95 vessels."""
    rng = np.random.default_rng([20120301, seed])
    growth = _Growth(rng)
    growth.arterial_tree(int(rng.integers(10, 22)))
    growth.venous_tree()
    growth.beds()
    growth.loops(2)
    middle = (2.5 * mm, 8.0 * mm)
    for kind in (ArteryWall, VeinWall):
        name = "artery_stenosis" if kind is ArteryWall else "vein_stenosis"
        growth.stenosis(
            lambda v, kind=kind: (
                isinstance(v.wall, kind) and middle[0] < v.radius[0] < middle[1] and v.length > 3.0 * cm
            ),
            name,
        )
    growth.squeeze(10)
    growth.links.append(Channel(name="outlet", start="v_root", end="right_atrium", resistance=1.5e6))
    growth.heads["right_atrium"] = OUTLET
    return Network(
        name=f"hard patient {seed}",
        vessels=tuple(growth.vessels),
        links=tuple(growth.links),
        stores=tuple(growth.stores),
        flow_sources=(FlowSource(node="root", flow=_inflow(float(2.0 ** rng.uniform(-1.0, 1.0)))),),
        pressure_sources=(PressureSource(node="right_atrium", pressure=Constant(OUTLET)),),
        period=PERIOD,
        initial_head=MappingProxyType(dict(growth.heads)),
    )
