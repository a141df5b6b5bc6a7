"""The devices in stock: generic balloons and stents in their sizes, and how they answer to pressure.

`plain_14x40` is a plain balloon of 14 mm that is 40 mm long, `venous_cut_14x60` a cut venous stent. None is a product.
"""

import csv
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from azygos.body.lesion import Stenosis
from azygos.body.lesion import Stent as PlacedStent
from azygos.errors import InputError, Problem, close_matches
from azygos.therapy.device import LESION_STIFFNESS
from azygos.units import kPa, mm

__all__ = ["BalloonModel", "Catalogue", "StentModel", "atm", "stock"]

atm = 101325.0  # [Pa]
PLATEAU = 0.10  # of its diameter, by which a cut nitinol stent is compressed before it yields. assumed
PLATEAU_SLOPE = 0.15  # of its stiffness, beyond. assumed
BRAID_CUBE = 6.0  # so that the braided stent in stock passes the cut one at 75 % of its diameter, as in Hejazi 2021


@dataclass(frozen=True, slots=True, kw_only=True)
class BalloonModel:
    """A balloon whose diameter grows linearly with pressure: D(p) = D [1 + growth (p - nominal)], until it bursts."""

    name: str
    diameter: float  # at the nominal pressure [m]
    length: float  # [m]
    nominal: float  # above the atmosphere [Pa]
    rated: float  # burst pressure [Pa]
    growth: float  # of the diameter, per pressure [1/Pa]
    source: str = "own"

    def __str__(self) -> str:
        return f"{_family(self.name, self.source)} balloon {self.diameter / mm:g} x {self.length / mm:g} mm"

    def inflated(self, pressure: float) -> float:
        """Diameter [m] at a pressure [Pa] above the atmosphere."""
        return self.diameter * (1.0 + self.growth * (pressure - self.nominal))

    def problems(self, where: str) -> list[Problem]:
        rows = ((self.diameter, "diameter"), (self.length, "length"), (self.nominal, "nominal pressure"))
        found = [Problem(f"{name} is not above zero", where) for value, name in rows if not value > 0.0]
        if not self.rated >= self.nominal:
            found.append(Problem("the rated pressure lies below the nominal one", where, "give the burst pressure"))
        if not 0.0 <= self.growth * self.nominal < 1.0:
            found.append(Problem("at no pressure it would have no diameter", where, "give less growth"))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class StentModel:
    """A self-expanding stent.

    It pushes outwards, at the diameter D = (1 - x) Ds, with

        cut        p = k x up to a tenth, then with a slope of 0.15 k: nitinol yields
        braided    p = k (x + 6 x^3): the wires steepen

    and resists being pressed in with its resistive stiffness, as a ring. Held at D it is longer than open:
    L (1 + foreshortening x).
    """

    name: str
    design: str  # cut or braided
    diameter: float  # open [m]
    length: float  # open [m]
    outward: float  # k of the chronic outward force [Pa]
    resistive: float  # stiffness against being pressed in [Pa]
    foreshortening: float
    sites: tuple[str, ...]  # kinds of vessel for which it is made
    source: str = "own"

    def __str__(self) -> str:
        return f"{_family(self.name, self.source)} stent {self.diameter / mm:g} x {self.length / mm:g} mm"

    def push(self, diameter: float) -> float:
        """Pressure [Pa] with which it pushes outwards at a diameter [m]."""
        x = 1.0 - diameter / self.diameter
        if self.design == "braided":
            return self.outward * (x + BRAID_CUBE * x**3)
        return self.outward * (min(x, PLATEAU) + PLATEAU_SLOPE * max(0.0, x - PLATEAU))

    def held(self, diameter: float) -> float:
        """Its length [m] where it is held at a diameter [m]."""
        return self.length * (1.0 + self.foreshortening * (1.0 - diameter / self.diameter))

    def balance(self, narrowed: float, vein: float) -> float:
        """The diameter [m] at which its push and the pull of a lesion meet; bisection of p_stent - kl (D - Dl)/Dv."""
        low, high = min(narrowed, self.diameter), self.diameter
        for _ in range(60):
            middle = 0.5 * (low + high)
            pull = LESION_STIFFNESS * (middle - narrowed) / vein
            low, high = (middle, high) if self.push(middle) > pull else (low, middle)
        return 0.5 * (low + high)

    def placed(self, lesion: Stenosis, vein: float) -> Stenosis:
        """The lesion with this stent in it. An intact membrane is pushed aside, its pull that of a wall."""
        narrowed = vein * (1.0 - lesion.now_diameter)
        diameter = self.balance(narrowed, vein)
        stiffness = LESION_STIFFNESS * narrowed / vein + self.resistive
        residual = max(0.0, 1.0 - (diameter / vein) ** 2) if lesion.narrowing else None
        return lesion.stented(PlacedStent(radius=0.5 * diameter, stiffness=stiffness), residual)

    def problems(self, where: str) -> list[Problem]:
        rows = ((self.diameter, "diameter"), (self.length, "length"), (self.outward, "outward"),
                (self.resistive, "resistive"))  # fmt: skip
        found = [Problem(f"{name} is not above zero", where) for value, name in rows if not value > 0.0]
        if self.design not in ("cut", "braided"):
            found.append(Problem(f"no design '{self.design}'", where, "a stent is cut or braided"))
        if not 0.0 <= self.foreshortening < 1.0:
            found.append(Problem("foreshortening is not between 0 and 1", where))
        for site in self.sites:
            if site not in ("vein", "sinus", "artery"):
                found.append(Problem(f"no kind of vessel '{site}'", where, "it is a vein, a sinus or an artery"))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Devices by name."""

    balloons: Mapping[str, BalloonModel]
    stents: Mapping[str, StentModel]

    def balloon(self, name: str) -> BalloonModel:
        if name not in self.balloons:
            raise InputError(Problem(f"no balloon '{name}'", remedy=close_matches(name, self.balloons)))
        return self.balloons[name]

    def stent(self, name: str) -> StentModel:
        if name not in self.stents:
            raise InputError(Problem(f"no stent '{name}'", remedy=close_matches(name, self.stents)))
        return self.stents[name]

    def with_devices(self, devices: Iterable[BalloonModel | StentModel]) -> "Catalogue":
        devices = tuple(devices)
        balloons = {d.name: d for d in devices if isinstance(d, BalloonModel)}
        stents = {d.name: d for d in devices if isinstance(d, StentModel)}
        return Catalogue(balloons={**self.balloons, **balloons}, stents={**self.stents, **stents})

    def fitting_balloon(self, diameter: float, length: float, pressure: float) -> BalloonModel | None:
        """The smallest balloon that is `diameter` [m] wide at `pressure` [Pa] and `length` [m] long, else the longest.

        One that holds the pressure before one that must be held at its rated pressure, below it.
        """
        wide = [
            balloon
            for balloon in self.balloons.values()
            if balloon.inflated(min(pressure, balloon.rated)) >= diameter * (1.0 - 1e-9)
        ]
        fit = [balloon for balloon in wide if balloon.length >= _within_reach(length, wide)]
        return min(fit, key=lambda b: (b.rated < pressure, b.inflated(pressure), b.length, b.name), default=None)

    def fitting_stent(self, diameter: float, length: float, site: str) -> StentModel | None:
        """The smallest stent that is `diameter` [m] wide and `length` [m] long, else the longest.

        One made first for this kind of vessel before others that may be placed in it.
        """
        wide = [s for s in self.stents.values() if site in s.sites and s.diameter >= diameter * (1.0 - 1e-9)]
        fit = [stent for stent in wide if stent.length >= _within_reach(length, wide)]
        return min(
            fit, key=lambda s: (s.sites[0] != site, s.diameter, s.length, s.design != "cut", s.name), default=None
        )


def _within_reach(length: float, devices: Sequence[BalloonModel | StentModel]) -> float:
    """The length [m] wanted, or that of the longest device where none is as long."""
    return min(length, max((device.length for device in devices), default=0.0)) - 1e-9


def _family(name: str, source: str) -> str:
    """A device in stock is called by its family, one's own by its name."""
    return f"'{name}'" if source == "own" else name.rpartition("_")[0].replace("_", " ")


@cache
def stock() -> Catalogue:
    """The generic devices of tables/balloons.csv and tables/stents.csv, in every size."""
    balloons, stents = {}, {}
    for row in _rows("balloons"):
        for d, length in itertools.product(row["diameters_mm"].split(), row["lengths_mm"].split()):
            name = f"{row['family']}_{d}x{length}"
            balloons[name] = BalloonModel(
                name=name,
                diameter=float(d) * mm,
                length=float(length) * mm,
                nominal=float(row["nominal_atm"]) * atm,
                rated=float(row["rated_atm"]) * atm,
                growth=float(row["growth_percent_per_atm"]) / 100.0 / atm,
                source=row["source"],
            )
    for row in _rows("stents"):
        for d, length in itertools.product(row["diameters_mm"].split(), row["lengths_mm"].split()):
            name = f"{row['family']}_{d}x{length}"
            stents[name] = StentModel(
                name=name,
                design=row["design"],
                diameter=float(d) * mm,
                length=float(length) * mm,
                outward=float(row["outward_kpa"]) * kPa,
                resistive=float(row["resistive_kpa"]) * kPa,
                foreshortening=float(row["foreshortening_percent"]) / 100.0,
                sites=tuple(row["sites"].split()),
                source=row["source"],
            )
    return Catalogue(balloons=balloons, stents=stents)


def _rows(table: str) -> list[dict[str, str]]:
    text = resources.files("azygos.therapy").joinpath(f"tables/{table}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
