"""The one-dimensional vessels of a person, and the short passages between them, from the tables."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from azygos.body.network import Autoregulation, Blood, Channel, Link, PressureSource, Store, Valve, Vessel
from azygos.body.person import Person
from azygos.body.rows import RESISTANCE, Row, number, pair, table
from azygos.body.steady import area_ratio
from azygos.body.wall import ArteryWall, SinusWall, VeinWall, law_of
from azygos.units import kPa, mm, mmHg

__all__ = ["OUTSIDE", "SKULL", "Part", "arteries", "joined", "lying_pressure", "outside", "passages", "veins"]

SKULL = "skull"

# Mean pressure outside the vessels of each region, lying and at rest; elsewhere that of the air.
OUTSIDE = {
    SKULL: 9.5 * mmHg,  # normal, Gadda 2015; of the first guess and of reference diameters only: it is an output
    "thorax": -4.0 * mmHg,  # pleural, at the end of expiration. assumed
    "abdomen": 1.0 * mmHg,  # assumed
    "pericardium": -4.0 * mmHg,
}

# Reymond's diameters come from imaging of living people and are read here as those at mean pressure. assumed
ARTERIAL_PRESSURE = 93 * mmHg
# The diameters of veins were measured lying down, at about this pressure inside. assumed
VENOUS_PRESSURE = {"": 6.5 * mmHg, "thorax": 5.0 * mmHg, "abdomen": 5.0 * mmHg, SKULL: 13.0 * mmHg}

# Friction of veins and sinuses, 2 (gamma + 2) pi nu u / A: the blunter profile of the Trento solver (velProf 4).
VENOUS_PROFILE = 4.0

# Reymond's moduli as stored lie 2.3 times above those of ADAN56 (Boileau 2015); this share of them, between the two,
# gives a young adult's pulse pressure. assumed
ARTERIAL_STIFFNESS = 0.45
WALL_TIME = 0.01  # [s]: viscous over elastic response of a wall, R_v = 0.01 s / C (CellML BG_Modules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of a body's vessels, links, stores and what acts on them."""

    vessels: tuple[Vessel, ...] = ()
    links: tuple[Link, ...] = ()
    stores: tuple[Store, ...] = ()
    regulations: tuple[Autoregulation, ...] = ()
    pressure_sources: tuple[PressureSource, ...] = ()


def joined(*parts: Part) -> Part:
    return Part(
        vessels=tuple(vessel for part in parts for vessel in part.vessels),
        links=tuple(link for part in parts for link in part.links),
        stores=tuple(store for part in parts for store in part.stores),
        regulations=tuple(regulation for part in parts for regulation in part.regulations),
        pressure_sources=tuple(source for part in parts for source in part.pressure_sources),
    )


def outside(row: Row) -> str | None:
    """The region whose pressure surrounds what a row describes."""
    return row["around"] or None


def arteries(person: Person) -> Part:
    """About 100 arteries after Reymond et al. 2009, rho c0^2 = 2/3 E h / R at both ends."""
    return Part(vessels=tuple(_artery(row, person) for row in table("arteries")))


def _artery(row: Row, person: Person) -> Vessel:
    young = ARTERIAL_STIFFNESS * person.stiffness_ratio * number(row, "young_kPa", kPa)
    diameter = pair(row, "diameter_start_mm", "diameter_end_mm", mm)
    thickness = pair(row, "thickness_start_mm", "thickness_end_mm", mm)
    speed = [(2 / 3 * young * h / (d / 2) / Blood().density) ** 0.5 for h, d in zip(thickness, diameter, strict=True)]
    around = outside(row)
    along, across = _scales(around, person)
    return Vessel(
        name=row["name"],
        start=row["from"],
        end=row["to"],
        length=along * number(row, "length_mm", mm),
        radius=(across * diameter[0] / 2, across * diameter[1] / 2),
        wall=ArteryWall(
            wave_speed=(speed[0], speed[1]),
            viscosity=wall_viscosity((speed[0] + speed[1]) / 2, across * (diameter[0] + diameter[1]) / 4),
            reference_pressure=ARTERIAL_PRESSURE - OUTSIDE.get(around or "", 0.0),
        ),
        around=around,
    )


def _scales(around: str | None, person: Person) -> tuple[float, float]:
    """What a person's vessel is longer and wider by than the table's."""
    return (1.0, 1.0) if around == SKULL else (person.length_ratio, person.flow_ratio**0.5)


def wall_viscosity(wave_speed: float, radius: float) -> float:
    """Gamma [Pa s m] of a wall whose viscous response is WALL_TIME times its elastic one.

        Gamma / (A sqrt(A)) dA/dt = WALL_TIME (dp/dA) dA/dt,  dp/dA = rho c^2 / A

    with the wave speed c [m/s] at the radius [m].
    """
    return WALL_TIME * Blood().density * wave_speed**2 * math.sqrt(math.pi) * radius


def vein_wave_speed(radius: float) -> float:
    """Wave speed [m/s] of a vein of reference `radius` [m] at A = A0: 3 m/s in the small, 1 m/s in the great veins.

    c0 = c_max - (c_max - c_min) sqrt((R - r_min) / (r_max - r_min)); Mueller and Toro 2014, as remembered: assumed.
    """
    fraction = (radius - 0.08 * mm) / (8 * mm - 0.08 * mm)
    return 3.0 - 2.0 * math.sqrt(min(max(fraction, 0.0), 1.0))


def veins(person: Person) -> Part:
    """Veins, which collapse, dural sinuses and veins in bone, which do not; flow runs towards the heart."""
    rows = table("veins")
    soft = iter(_veins([row for row in rows if row["wall"] != "sinus"], person))
    return Part(vessels=tuple(_sinus(row, person) if row["wall"] == "sinus" else next(soft) for row in rows))


def lying_pressure(around: str | None) -> float:
    """Transmural pressure [Pa] of the veins of a region in a person who lies: the tables' diameters are those at it."""
    inside = VENOUS_PRESSURE.get(around or "", VENOUS_PRESSURE[""])
    return inside - OUTSIDE.get(around or "", 0.0)


def _sinus(row: Row, person: Person) -> Vessel:
    """A vein held open: a dural sinus, or a vein in bone."""
    speed = number(row, "wave_speed_m_s")
    start, end = pair(row, "diameter_start_mm", "diameter_end_mm", mm)
    along, across = _scales(SKULL if row["kind"] == "sinus" else None, person)
    return Vessel(
        name=row["name"],
        start=row["from"],
        end=row["to"],
        length=along * number(row, "length_mm", mm),
        radius=(across * start / 2, across * end / 2),
        wall=SinusWall(wave_speed=(speed, speed), reference_pressure=VENOUS_PRESSURE[""]),
        profile=float(row["profile"] or VENOUS_PROFILE),
    )


def _veins(rows: Sequence[Row], person: Person) -> list[Vessel]:
    """Veins whose reference radius is such that they have the table's diameters at VENOUS_PRESSURE."""
    scales = [_scales(outside(row), person) for row in rows]
    measured = [
        [across / 2 * d for d in pair(row, "diameter_start_mm", "diameter_end_mm", mm)]
        for row, (_, across) in zip(rows, scales, strict=True)
    ]
    walls = [_soft_wall(row, radii) for row, radii in zip(rows, measured, strict=True)]
    ends, every = np.tile([0.0, 1.0], len(rows)), np.array(measured)
    law = law_of(walls, np.repeat(np.arange(len(rows)), 2), every.ravel(), ends, Blood().density)
    ratio = area_ratio(law, np.repeat([lying_pressure(outside(row)) for row in rows], 2))
    speed = np.sqrt(law.k_vein * (10.0 * ratio**10 + 1.5 * ratio**-1.5) / Blood().density)  # c^2 = A/rho dp/dA
    return [
        Vessel(
            name=row["name"],
            start=row["from"],
            end=row["to"],
            length=along * number(row, "length_mm", mm),
            radius=(start, end),
            wall=replace(wall, viscosity=wall_viscosity(faster, sum(radii) / 2)),
            profile=float(row["profile"] or VENOUS_PROFILE),
            around=outside(row),
        )
        for row, (along, _), wall, radii, (start, end), faster in zip(
            rows, scales, walls, measured, (every / np.sqrt(ratio).reshape(-1, 2)).tolist(),
            speed.reshape(-1, 2).mean(axis=1).tolist(), strict=True,
        )
    ]  # fmt: skip


def _soft_wall(row: Row, radii: Sequence[float]) -> VeinWall:
    """A vein's wall but for its viscosity, from what radii it was measured with."""
    start, end = (float(row["wave_speed_m_s"] or vein_wave_speed(radius)) for radius in radii)
    return VeinWall(wave_speed=(start, end))


def passages(person: Person) -> Part:
    """Short passages without volume: the jugular foramina, liver, intervertebral and lumbar veins."""
    channels = tuple(
        Channel(
            name=row["name"],
            start=row["from"],
            end=row["to"],
            resistance=number(row, "resistance_mmHg_s_mL", RESISTANCE) / person.flow_ratio,
        )
        for row in table("channels")
    )
    return Part(links=channels)


def valve(row: Row) -> Valve:
    return Valve(
        name=row["name"],
        start=row["from"],
        end=row["to"],
        resistance=number(row, "resistance_mmHg_s_mL", RESISTANCE),
        inertance=number(row, "inertance_mmHg_s2_mL", RESISTANCE),
        quadratic=number(row, "quadratic_mmHg_s2_mL2", mmHg / (1e-6) ** 2),
        opening_rate=number(row, "opening_rate_per_Pa_s"),
        closing_rate=number(row, "closing_rate_per_Pa_s"),
        leak=number(row, "leak"),
    )
