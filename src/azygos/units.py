"""Units: plain constants for Python (`12 * mmHg`) and a parser for files (`"12 mmHg"`).

Everything inside azygos is SI float64. A clinical unit appears only at the door: in a file,
on the command line, on the label of an output.
"""

import math
import re
from dataclasses import dataclass

__all__ = [
    "DIMENSIONS",
    "UnitProblem",
    "cm",
    "day",
    "degree",
    "hour",
    "kPa",
    "litre",
    "mL",
    "metre",
    "minute",
    "mm",
    "mmHg",
    "month",
    "ms",
    "parse",
    "second",
    "year",
]  # fmt: skip

metre = 1.0
mm = 1e-3
cm = 1e-2
second = 1.0
ms = 1e-3
minute = 60.0
hour = 3600.0
day = 86400.0
year = 365.25 * day
month = year / 12.0  # 30.44 days
mL = 1e-6
litre = 1e-3
kPa = 1e3
mmHg = 133.322387415  # conventional millimetre of mercury [Pa], SI brochure 9th ed., table 8 (older editions)
degree = math.pi / 180.0

# A dimension is (metre, kilogram, second) exponents.
_BASE: dict[str, tuple[float, tuple[int, int, int]]] = {
    "1": (1.0, (0, 0, 0)),
    "%": (0.01, (0, 0, 0)),
    "m": (1.0, (1, 0, 0)), "cm": (1e-2, (1, 0, 0)), "mm": (1e-3, (1, 0, 0)), "um": (1e-6, (1, 0, 0)),
    "s": (1.0, (0, 0, 1)), "ms": (1e-3, (0, 0, 1)), "min": (60.0, (0, 0, 1)), "h": (3600.0, (0, 0, 1)),
    "day": (day, (0, 0, 1)), "days": (day, (0, 0, 1)), "month": (month, (0, 0, 1)), "months": (month, (0, 0, 1)),
    "year": (year, (0, 0, 1)), "years": (year, (0, 0, 1)), "Hz": (1.0, (0, 0, -1)), "bpm": (1 / 60.0, (0, 0, -1)),
    "kg": (1.0, (0, 1, 0)), "g": (1e-3, (0, 1, 0)),
    "L": (1e-3, (3, 0, 0)), "l": (1e-3, (3, 0, 0)), "mL": (1e-6, (3, 0, 0)), "ml": (1e-6, (3, 0, 0)),
    "Pa": (1.0, (-1, 1, -2)), "kPa": (1e3, (-1, 1, -2)), "MPa": (1e6, (-1, 1, -2)),
    "mmHg": (mmHg, (-1, 1, -2)), "cmH2O": (98.0665, (-1, 1, -2)), "atm": (101325.0, (-1, 1, -2)),
    "N": (1.0, (1, 1, -2)), "deg": (degree, (0, 0, 0)), "rad": (1.0, (0, 0, 0)),
    "dyn": (1e-5, (1, 1, -2)), "P": (0.1, (-1, 1, -1)), "cP": (1e-3, (-1, 1, -1)),
}  # fmt: skip

DIMENSIONS: dict[str, tuple[int, int, int]] = {
    "number": (0, 0, 0),
    "length": (1, 0, 0),
    "area": (2, 0, 0),
    "volume": (3, 0, 0),
    "time": (0, 0, 1),
    "rate": (0, 0, -1),
    "speed": (1, 0, -1),
    "flow": (3, 0, -1),
    "acceleration": (1, 0, -2),
    "pressure": (-1, 1, -2),
    "density": (-3, 1, 0),
    "viscosity": (-1, 1, -1),
    "resistance": (-4, 1, -1),  # Pa s / m3
    "compliance": (4, -1, 2),  # m3 / Pa
    "elastance": (-4, 1, -2),  # Pa / m3
    "inertance": (-4, 1, 0),  # Pa s2 / m3
    "quadratic resistance": (-7, 1, 0),  # Pa s2 / m6
    "valve rate": (1, -1, 1),  # 1 / (Pa s)
    "wall viscosity": (0, 1, -1),  # Pa s m, the Gamma of p = Gamma / (A0 sqrt(A)) dA/dt
}

_EXAMPLE = {
    "number": "0.5", "length": "20 mm", "area": "94.5 mm2", "volume": "5 L", "time": "0.8 s", "rate": "75 1/min",
    "speed": "1.2 m/s", "flow": "700 mL/min", "acceleration": "9.81 m/s2", "pressure": "12 mmHg",
    "density": "1060 kg/m3", "viscosity": "4 mPa s", "resistance": "1.2 mmHg s/mL", "compliance": "2 mL/mmHg",
    "elastance": "0.08 mmHg/mL", "inertance": "5e-4 mmHg s2/mL", "quadratic resistance": "1e-5 mmHg s2/mL2",
    "valve rate": "0.1 1/(Pa s)", "wall viscosity": "1 Pa s m",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnitProblem(Exception):
    """What is wrong with a quantity, and an example of a right one."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}; {self.remedy}"


_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*?)\s*$")
_FACTOR = re.compile(r"([A-Za-z%]+|1)(?:\^?([-+]?\d+))?$")


def _unit(text: str) -> tuple[float, tuple[int, int, int]]:
    """The factor to SI and the dimension of a unit text such as `mmHg s/mL` or `1/(Pa s)`."""
    scale, dimension, sign = 1.0, [0, 0, 0], 1
    for index, part in enumerate(text.replace("(", " ").replace(")", " ").split("/")):
        sign = 1 if index == 0 else -1
        for word in part.replace("*", " ").replace("·", " ").split():
            match = _FACTOR.match(word)
            name = match.group(1) if match else word
            if name not in _BASE and name[:1] == "m" and name[1:] in _BASE:  # milli-, as in mPa
                factor, exponents = _BASE[name[1:]]
                factor *= 1e-3
            elif name in _BASE:
                factor, exponents = _BASE[name]
            else:
                raise UnitProblem(f"unknown unit '{word}'", f"known units: {', '.join(_BASE)}")
            power = sign * int((match and match.group(2)) or 1)
            scale *= factor**power
            dimension = [d + power * e for d, e in zip(dimension, exponents, strict=True)]
    return scale, (dimension[0], dimension[1], dimension[2])


def parse(text: object, dimension: str) -> float:
    """The SI value of a quantity with its unit, such as `"12 mmHg"` for a pressure.

    Raises UnitProblem when the number, the unit or the dimension is wrong. A bare number is
    accepted for the dimension `number` only.
    """
    example = f'write it like "{_EXAMPLE[dimension]}"'
    if isinstance(text, bool) or not isinstance(text, (str, int, float)):
        raise UnitProblem(f"expected a {dimension}, got {text!r}", example)
    match = _NUMBER.match(str(text))
    if not match:
        raise UnitProblem(f"expected a {dimension}, got '{text}'", example)
    value = float(match.group(1))
    if not match.group(2) and dimension != "number":
        raise UnitProblem(f"'{text}' has no unit", example)
    scale, found = _unit(match.group(2)) if match.group(2) else (1.0, (0, 0, 0))
    if found != DIMENSIONS[dimension]:
        raise UnitProblem(f"'{text}' is not a {dimension}", example)
    if not math.isfinite(value):
        raise UnitProblem(f"'{text}' is not finite", example)
    return value * scale
