"""The reference adult: one closed loop of arteries, beds, veins, sinuses, heart, lungs and skull, from the tables.

The tables in `tables/` hold every number with its source, or `assumed`. Left out of this first version: the
coronary arteries (one lumped bed), pleural and abdominal pressure, the pericardium, venous valves, the
autonomic reflexes and autoregulation, and production and absorption of cerebrospinal fluid.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

import numpy as np

from azygos.body.network import (
    Blood,
    Channel,
    ExponentialStore,
    LinearStore,
    Link,
    Network,
    Store,
    Valve,
    VaryingStore,
    Vessel,
)
from azygos.body.posture import tilt
from azygos.body.steady import area_ratio, steady
from azygos.body.wall import ArteryWall, SinusWall, VeinWall
from azygos.body.waveform import DoubleCosine
from azygos.units import cm, kPa, litre, minute, mL, mm, mmHg

__all__ = ["CARDIAC_OUTPUT", "Part", "kinds", "places", "reference_network", "table"]

Row = Mapping[str, str]

PERIOD = 0.8  # [s], 75 beats a minute. assumed
CARDIAC_OUTPUT = 5.5 * litre / minute  # of the first guess only; the heart then decides. assumed

# Reymond's diameters come from imaging of living people and are read here as those at mean pressure. assumed
ARTERIAL_PRESSURE = 93 * mmHg
# The diameters of veins were measured lying down, at about this pressure inside. assumed
VENOUS_PRESSURE = 6.5 * mmHg
INTRACRANIAL_PRESSURE = 10 * mmHg  # supine; 11.6 (7.8-14.3) in healthy elderly, Malm 2011; here an input. assumed

# Friction of veins and sinuses, 2 (gamma + 2) pi nu u / A: the blunter profile of the Trento solver (velProf 4).
VENOUS_PROFILE = 4.0

# Reymond's moduli as stored lie 2.3 times above those of ADAN56 (Boileau 2015); this share of them, between the two,
# gives a young adult's pulse pressure. assumed
ARTERIAL_STIFFNESS = 0.6
WALL_TIME = 0.01  # [s]: viscous over elastic response of a wall, R_v = 0.01 s / C (CellML BG_Modules)

RESISTANCE = mmHg / mL  # [Pa s/m3] per mmHg s/mL
COMPLIANCE = mL / mmHg  # [m3/Pa] per mL/mmHg


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of a body's vessels, links and stores."""

    vessels: tuple[Vessel, ...] = ()
    links: tuple[Link, ...] = ()
    stores: tuple[Store, ...] = ()


@lru_cache
def table(name: str) -> tuple[Row, ...]:
    """The rows of `tables/<name>.csv`, each a mapping from column to text."""
    text = resources.files("azygos.body").joinpath("tables", f"{name}.csv").read_text(encoding="utf-8")
    return tuple(MappingProxyType(row) for row in csv.DictReader(text.splitlines()))


@lru_cache
def places() -> Mapping[str, tuple[float, float]]:
    """Where each node is drawn, seen from in front: x to the patient's left, y up the body from the right atrium [m].

    y is also what gravity knows of a node. The nodes of a bed lie at the end of its artery.
    """
    named = {row["node"]: (float(row["x_cm"]) * cm, float(row["y_cm"]) * cm) for row in table("places")}
    for row in table("terminals"):
        for level in ("arteriole", "capillary", "venule"):
            named[f"{row['bed']}.{level}"] = named[row["from"]]
    return MappingProxyType(named)


@lru_cache
def kinds() -> Mapping[str, str]:
    """Every vessel's kind: artery, vein or sinus."""
    veins = {row["name"]: row["kind"] for row in table("veins")}
    return MappingProxyType({row["name"]: "artery" for row in table("arteries")} | veins)


def _pair(row: Row, start: str, end: str) -> tuple[float, float]:
    return float(row[start]), float(row[end])


def arteries() -> Part:
    """About 100 arteries after Reymond et al. 2009, rho c0^2 = 2/3 E h / R at both ends."""
    return Part(vessels=tuple(_artery(row) for row in table("arteries")))


def _artery(row: Row) -> Vessel:
    young = ARTERIAL_STIFFNESS * float(row["young_kPa"]) * kPa
    diameter = _pair(row, "diameter_start_mm", "diameter_end_mm")
    thickness = _pair(row, "thickness_start_mm", "thickness_end_mm")
    speed = [(2 / 3 * young * h / (d / 2) / Blood().density) ** 0.5 for h, d in zip(thickness, diameter, strict=True)]
    around = row["around"] or None
    return Vessel(
        name=row["name"],
        start=row["from"],
        end=row["to"],
        length=float(row["length_mm"]) * mm,
        radius=(diameter[0] / 2 * mm, diameter[1] / 2 * mm),
        wall=ArteryWall(
            wave_speed=(speed[0], speed[1]),
            viscosity=wall_viscosity((speed[0] + speed[1]) / 2, (diameter[0] + diameter[1]) / 4 * mm),
            reference_pressure=ARTERIAL_PRESSURE - (INTRACRANIAL_PRESSURE if around else 0.0),
        ),
        around=around,
    )


def wall_viscosity(wave_speed: float, radius: float) -> float:
    """Gamma [Pa s m] of a wall whose viscous response is WALL_TIME times its elastic one.

        Gamma / (A sqrt(A)) dA/dt = WALL_TIME (dp/dA) dA/dt,  dp/dA = rho c^2 / A

    with the wave speed c [m/s] at the radius [m].
    """
    return float(WALL_TIME * Blood().density * wave_speed**2 * np.sqrt(np.pi) * radius)


def vein_wave_speed(radius: float) -> float:
    """Wave speed [m/s] of a vein of reference `radius` [m] at A = A0: 3 m/s in the small, 1 m/s in the great veins.

    c0 = c_max - (c_max - c_min) sqrt((R - r_min) / (r_max - r_min)); Mueller and Toro 2014, as remembered: assumed.
    """
    fraction = (radius - 0.08 * mm) / (8 * mm - 0.08 * mm)
    return float(3.0 - 2.0 * np.sqrt(np.clip(fraction, 0.0, 1.0)))


def veins() -> Part:
    """Veins, which collapse, dural sinuses and veins in bone, which do not; flow runs towards the heart."""
    return Part(vessels=tuple(_sinus(row) if row["wall"] == "sinus" else _vein(row) for row in table("veins")))


def _sinus(row: Row) -> Vessel:
    """A vein held open: a dural sinus, or a vein in bone."""
    speed = float(row["wave_speed_m_s"])
    start, end = _pair(row, "diameter_start_mm", "diameter_end_mm")
    return Vessel(
        name=row["name"],
        start=row["from"],
        end=row["to"],
        length=float(row["length_mm"]) * mm,
        radius=(start / 2 * mm, end / 2 * mm),
        wall=SinusWall(wave_speed=(speed, speed), reference_pressure=VENOUS_PRESSURE),
        profile=VENOUS_PROFILE,
    )


def _vein(row: Row) -> Vessel:
    """A vein whose reference radius is such that it has the table's diameter at VENOUS_PRESSURE."""
    start, end = _pair(row, "diameter_start_mm", "diameter_end_mm")
    measured = np.array([start / 2 * mm, end / 2 * mm])
    given = [float(row["wave_speed_m_s"] or vein_wave_speed(radius)) for radius in measured]
    wall = VeinWall(wave_speed=(given[0], given[1]))
    law = wall.coefficients(measured, np.array([0.0, 1.0]), Blood().density)
    ratio = area_ratio(law, np.full(2, VENOUS_PRESSURE))
    speed = np.sqrt(law.k_vein * (10.0 * ratio**10 + 1.5 * ratio**-1.5) / Blood().density)  # c^2 = A/rho dp/dA
    wall = replace(wall, viscosity=wall_viscosity(float(np.mean(speed)), float(np.mean(measured))))
    radius = measured / np.sqrt(ratio)
    return Vessel(
        name=row["name"],
        start=row["from"],
        end=row["to"],
        length=float(row["length_mm"]) * mm,
        radius=(float(radius[0]), float(radius[1])),
        wall=wall,
        profile=VENOUS_PROFILE,
    )


def passages() -> Part:
    """Short passages without volume: the jugular foramina and outlets, liver, intervertebral and lumbar veins."""
    return Part(
        links=tuple(
            Channel(
                name=row["name"],
                start=row["from"],
                end=row["to"],
                resistance=float(row["resistance_mmHg_s_mL"]) * RESISTANCE,
            )
            for row in table("channels")
        )
    )


def beds() -> Part:
    """Every terminal bed: artery, arteriole, capillary, venule, vein, after Reymond 2009 and Liang 2009."""
    parts = [_bed(row) for row in table("terminals")]
    return Part(
        links=tuple(link for part in parts for link in part.links),
        stores=tuple(store for part in parts for store in part.stores),
    )


def _bed(row: Row) -> Part:
    """One bed, of three stores; the capillary's resistance lies half before and half behind its store.

        artery --r0-- (arteriole) --r1 + r2/2-- (capillary) --r2/2 + r3-- (venule) --r4/share-- each draining vein

    `factor` multiplies r0 to r3. A bed inside the skull has the skull's pressure around its stores.
    """
    bed, factor = row["bed"], float(row["factor"]) * RESISTANCE
    r0, r1, r2, r3 = (factor * float(row[f"r_{x}_mmHg_s_mL"]) for x in ("artery", "arteriole", "capillary", "venule"))
    r4 = float(row["r_vein_mmHg_s_mL"]) * RESISTANCE
    arteriole, capillary, venule = f"{bed}.arteriole", f"{bed}.capillary", f"{bed}.venule"
    inside = (
        Channel(name=f"{bed}.r_artery", start=row["from"], end=arteriole, resistance=r0),
        Channel(name=f"{bed}.r_arteriole", start=arteriole, end=capillary, resistance=r1 + r2 / 2),
        Channel(name=f"{bed}.r_venule", start=capillary, end=venule, resistance=r2 / 2 + r3),
    )
    drains = tuple(
        Channel(name=f"{bed}.to.{way['to']}", start=venule, end=way["to"], resistance=r4 / float(way["share"]))
        for way in table("drains")
        if way["bed"] == bed
    )
    around = row["around"] or None
    stores = (
        _linear(arteriole, float(row["c_arteriole_mL_mmHg"]), float(row["unstressed_arteriole_mL"]), around),
        _linear(capillary, float(row["c_capillary_mL_mmHg"]), float(row["unstressed_capillary_mL"]), around),
        _linear(venule, float(row["c_vein_mL_mmHg"]), float(row["unstressed_vein_mL"]), around),
    )
    return Part(links=inside + drains, stores=stores)


def _linear(node: str, compliance: float, unstressed: float, around: str | None = None) -> Store:
    """A store named like its node, from its compliance [mL/mmHg] and unstressed volume [mL]."""
    law = LinearStore(elastance=1.0 / (compliance * COMPLIANCE), unstressed_volume=unstressed * mL)
    return Store(name=node, node=node, law=law, around=around)


def heart() -> Part:
    """Four chambers of varying elastance and four valves."""
    return Part(
        links=tuple(_valve(row) for row in table("valves")),
        stores=tuple(_chamber(row) for row in table("chambers")),
    )


def _chamber(row: Row) -> Store:
    elastance = DoubleCosine(
        active=float(row["active_mmHg_mL"]) * RESISTANCE,
        passive=float(row["passive_mmHg_mL"]) * RESISTANCE,
        onset=float(row["onset"]),
        rise=float(row["rise"]),
        fall=float(row["fall"]),
    )
    law = VaryingStore(elastance=elastance, unstressed_volume=float(row["unstressed_mL"]) * mL)
    return Store(name=row["name"], node=row["name"], law=law)


def _valve(row: Row) -> Valve:
    return Valve(
        name=row["name"],
        start=row["from"],
        end=row["to"],
        resistance=float(row["resistance_mmHg_s_mL"]) * RESISTANCE,
        inertance=float(row["inertance_mmHg_s2_mL"]) * RESISTANCE,
        quadratic=float(row["quadratic_mmHg_s2_mL2"]) * mmHg / mL**2,
        opening_rate=float(row["opening_rate_per_Pa_s"]),
        closing_rate=float(row["closing_rate_per_Pa_s"]),
    )


def lungs() -> Part:
    """The pulmonary circulation as a chain of stores from the pulmonary valve to the left atrium."""
    rows = table("lungs")
    return Part(
        links=tuple(
            Channel(
                name=f"{row['node']}.out",
                start=row["node"],
                end=row["to"],
                resistance=float(row["resistance_mmHg_s_mL"]) * RESISTANCE,
                inertance=float(row["inertance_mmHg_s2_mL"]) * RESISTANCE,
            )
            for row in rows
        ),
        stores=tuple(
            _linear(row["node"], float(row["compliance_mL_mmHg"]), float(row["unstressed_mL"])) for row in rows
        ),
    )


def skull() -> Part:
    """The closed space around brain, fluid and blood: what swells inside raises its pressure.

        p = 10 mmHg exp(k_E dV), compliance 0.91 mL/mmHg at 10 mmHg

    k_E = 0.11 / mL: Ursino and Lodi 1997; 0.4 to 1.2 mL/mmHg are reported (Front Bioeng 2022, 1040517). With no
    production or absorption of fluid, the pressure answers as in the first minute after a change.
    """
    law = ExponentialStore(
        scale=INTRACRANIAL_PRESSURE,
        volume_scale=mL / 0.11,
        unstressed_volume=150 * mL,  # of cerebrospinal fluid; does not act on anything. assumed
        reference_pressure=INTRACRANIAL_PRESSURE,
    )
    return Part(stores=(Store(name="cerebrospinal_fluid", node="skull", law=law, is_blood=False),))


def reference_network(posture_degrees: float = 0.0) -> Network:
    """The reference adult's circulation, lying (0) to standing (90 degrees), near its resting state."""
    supine = _supine()
    return tilt(supine, places(), posture_degrees) if posture_degrees else supine


@lru_cache
def _supine() -> Network:
    parts = (arteries(), veins(), passages(), beds(), heart(), lungs(), skull())
    empty = Network(
        name="reference adult",
        vessels=tuple(vessel for part in parts for vessel in part.vessels),
        links=tuple(link for part in parts for link in part.links),
        stores=tuple(store for part in parts for store in part.stores),
        period=PERIOD,
    )
    return replace(empty, initial_head=_first_heads(empty))


def _first_heads(network: Network) -> dict[str, float]:
    """Heads at the end of diastole, near those of the periodic state: mean flow through the resistances."""
    held = {row["name"]: float(row["initial_mmHg"]) * mmHg for row in table("chambers")}
    held |= {"skull": INTRACRANIAL_PRESSURE}
    guess = {node: ARTERIAL_PRESSURE for v in arteries().vessels for node in (v.start, v.end)}
    inflow = {"aortic_root": CARDIAC_OUTPUT, "pulmonary_root": CARDIAC_OUTPUT}
    return dict(steady(replace(network, initial_head=guess), inflow=inflow, held=held).head)
