"""A balloon in a lesion, as a browser shows it: diameters as it fills and is held, and what each number rests on."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from azygos.report.lesion_words import lesion_words
from azygos.therapy.catalogue import atm
from azygos.therapy.device import LESION_STIFFNESS
from azygos.therapy.inflation import MODULUS, Inflation
from azygos.therapy.response import CLOT_BROKEN, CREEP, LEAFLET_BREAK, elastic_share
from azygos.units import kPa, mm

__all__ = ["inflated"]

FILLING, RISING, HOLDING = 24, 24, 24  # steps in which an inflation is told
_TORN = f"leaflets tear at {100 * LEAFLET_BREAK:g} % strain (PMC6418800)"


def inflated(inflation: Inflation) -> dict[str, Any]:
    """The balloon and its waist as the pressure rises, and what the place keeps the longer it is held; mm, atm, s."""
    last, closing = inflation.pressure, inflation.closing
    first = closing if closing < last else 0.5 * last
    pressures = [*np.linspace(0.0, first, FILLING), *np.linspace(first, last, RISING + 1)[1:]]
    seconds = np.linspace(0.0, inflation.seconds, HOLDING)
    lesion, balloon = inflation.lesion, inflation.balloon
    return {
        "vessel": lesion.vessel,
        "kind": lesion.kind,
        "balloon": str(balloon),
        "length": balloon.length / mm,
        "lesion_length": lesion.length / mm,
        "share": round(inflation.share, 5),
        "vein": _round(inflation.vein / mm),
        "before": _round(inflation.before / mm),
        "pressure": [_round(p / atm) for p in pressures],
        "shoulders": [_round(inflation.shoulders(p) / mm) for p in pressures],
        "waist": [_round(inflation.waist(p) / mm) for p in pressures],
        "seconds": [_round(s) for s in seconds],
        "held": [_round(inflation.held(s) / mm) for s in seconds],
        "left": [_round(inflation.left(s) / mm) for s in seconds],
        "facts": [
            dict(zip(("what", "value", "unit", "error", "source"), fact, strict=True))
            for fact in _facts(inflation, closing)
        ],
    }


def _facts(inflation: Inflation, closing: float) -> Iterator[tuple[str, str, str, str, str]]:
    """What, how much, unit, how well it is known and what it rests on."""
    lying, put = "diameter that the vein has lying at 6.5 mmHg", lesion_words(inflation.lesion)
    known = ("none: it was put in", f"{put}; of the {lying}")
    if inflation.pressed is not None:
        known = ("of mesh and time step not measured", f"{put}; what it leaves open in the solution before")
    yield "lumen before", _mm(inflation.before), "mm", *known
    yield "vein beside it", _mm(inflation.vein), "mm", "none: the body's own", f"the {lying}, as devices are sized"
    yield "waist gone above", _atm(closing), "atm", _spread(inflation), _tough(inflation)
    full = inflation.shoulders(inflation.pressure)
    yield "balloon at its pressure", _mm(full), "mm", "not stated", inflation.balloon.source
    yield "stays open", _mm(inflation.left(inflation.seconds)), "mm", *_kept(inflation)


def _spread(inflation: Inflation) -> str:
    between = inflation.closing_between
    if between is None:
        return "not known"
    low, high = (_atm(pressure) for pressure in between)
    return f"{low} to {high} atm in 95 % of such stenoses; at less it may give way while the balloon is held"


def _tough(inflation: Inflation) -> str:
    """What holds the waist."""
    match inflation.lesion.kind:
        case "stenosis":
            fistulas = "the stenoses of dialysis fistulas (Turmel-Rodrigues & Renaud 2013; Wu 2008)"
            return f"a wall as tough as {fistulas}: assumed for other veins"
        case "web" | "valve" as kind:
            modulus = f"{MODULUS[kind] / kPa / 1e3:g} MPa (13 to 15: PMC6418800)"
            return f"leaflets of {modulus}, as thick as the lesion is long: assumed; {_TORN}"
        case "compression":
            return "the pressure from outside; a sound vein holds nothing below its own size"
        case _:
            return f"a sound wall, which pulls with {LESION_STIFFNESS / kPa:g} kPa per diameter of the vein: assumed"


def _kept(inflation: Inflation) -> tuple[str, str]:
    """How well it is known what stays open, and what it rests on."""
    kind, creep = inflation.lesion.kind, f"it creeps with a time constant of {CREEP:g} s: assumed"
    match kind:
        case "stenosis":
            recoil = f"{100 * elastic_share(kind, inflation.elastic):g} %"
            return (
                f"a vein recoils by 20 to 50 %, here by {recoil}: assumed",
                f"what it was stretched to, less the elastic recoil; {creep}",
            )
        case "hypoplasia":
            recoil = f"{100 * elastic_share(kind, inflation.elastic):g} %"
            return "not known", f"a sound wall recoils by {recoil}: assumed; {creep}"
        case "thrombus":
            return "not known", f"it breaks up {100 * CLOT_BROKEN:g} % of the clot that it reaches: assumed"
        case "compression":
            return "not known", "nothing is stretched that could stay so: it is pressed together again"
        case _:
            return "not known", f"{_TORN}; what is torn stays as wide as the balloon or the vein: assumed"


def _mm(size: float) -> str:
    return f"{_round(size / mm):.1f}"  # of the same digits as the curves


def _atm(pressure: float) -> str:
    return f"{pressure / atm:.2f}" if pressure < atm else f"{pressure / atm:.1f}"


def _round(value: float) -> float:
    return float(f"{value:.5g}")
