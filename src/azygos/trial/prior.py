"""What is not known of how studies mislead: every constant of the layers with its distribution and its source.

A study is simulated many times; every repeat draws its own constants, so that an answer spreads over what is not known.
Which constants a calibration has narrowed stands in tables/calibrated.csv, whose rows are drawn whole, because what one
bias explains another need not.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Literal, TypeAlias, cast, get_args

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from azygos.rng import stream
from azygos.trial.draws import Draws

__all__ = ["KINDS", "Constants", "Prior", "calibrated", "drawn", "held", "packaged"]

Floats: TypeAlias = NDArray[np.float64]
Constants: TypeAlias = Mapping[str, Floats]  # name -> [repeat]
Kind: TypeAlias = Literal["fixed", "normal", "lognormal", "beta", "uniform"]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """The distribution of one constant: fixed a; normal mean a, SD b; lognormal median a, log-SD b; beta a, b;
    uniform from a to b. What falls outside low and high is brought to the nearer of them."""

    name: str
    layer: str
    kind: Kind
    a: float
    b: float = 0.0
    low: float = -np.inf
    high: float = np.inf
    unit: str = "1"
    what: str = ""
    source: str = ""
    of: str = ""  # the disease that alone has it

    def draw(self, rng: Generator, size: int) -> Floats:
        match self.kind:
            case "normal":
                found = rng.normal(self.a, self.b, size)
            case "lognormal":
                found = self.a * np.exp(self.b * rng.standard_normal(size))
            case "beta":
                found = rng.beta(self.a, self.b, size)
            case "uniform":
                found = rng.uniform(self.a, self.b, size)
            case _:
                found = np.full(size, self.a)
        return found.clip(self.low, self.high)

    def __str__(self) -> str:
        return {
            "fixed": f"{self.a:g}",
            "normal": f"normal {self.a:g}, SD {self.b:g}",
            "lognormal": f"lognormal, median {self.a:g}, log-SD {self.b:g}",
            "beta": f"beta {self.a:g}, {self.b:g}",
            "uniform": f"{self.a:g} to {self.b:g}",
        }[self.kind]


@cache
def packaged() -> Mapping[str, Prior]:
    """The constants of all layers as they ship, by name."""
    found = {}
    for row in _rows("priors.csv"):
        numbers = {key: float(row[key]) for key in ("a", "b", "low", "high") if row[key]}
        words = {key: row[key] for key in ("name", "layer", "unit", "what", "source", "of")}
        found[row["name"]] = Prior(kind=cast("Kind", row["kind"]), **words, **numbers)  # type: ignore[arg-type]  # texts and numbers by key, as the table has them
    return MappingProxyType(found)


@cache
def calibrated() -> Mapping[str, Floats]:
    """Joint draws [row] of the constants that calibration narrowed; empty before there was one."""
    rows = _rows("calibrated.csv")
    names = list(rows[0]) if rows else []
    return MappingProxyType({name: np.array([float(row[name]) for row in rows]) for name in names})


def _rows(file: str) -> list[dict[str, str]]:
    path = resources.files("azygos.trial").joinpath("tables", file)
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines())) if path.is_file() else []


def drawn(priors: Mapping[str, Prior], draws: Draws, repeats: int, *, use_calibration: bool = True) -> Constants:
    """Constants for every repeat of a block, each from a stream of its own name."""
    found = {name: prior.draw(draws.of("prior", name), repeats) for name, prior in priors.items()}
    return found | _jointly(priors, draws.of("prior", "calibrated"), repeats, use_calibration)


def held(
    priors: Mapping[str, Prior], seed: int, study: str, numbers: NDArray[np.int64], *, use_calibration: bool = True
) -> Constants:
    """The constants of these numbers, the same whoever asks: for many repeats with the same constants."""
    each = {}
    for number in np.unique(numbers):
        rng = stream(seed, "trial", study, "held", int(number))
        one = {name: priors[name].draw(rng, 1) for name in sorted(priors)}
        each[int(number)] = one | _jointly(priors, rng, 1, use_calibration)
    return {name: np.concatenate([each[int(number)][name] for number in numbers]) for name in priors}


def _jointly(priors: Mapping[str, Prior], rng: Generator, repeats: int, use_calibration: bool) -> dict[str, Floats]:
    """Rows of the calibration; a study that gives a constant a prior of its own is left its word."""
    joint = calibrated() if use_calibration else {}
    if not joint:
        return {}
    row = rng.integers(0, len(next(iter(joint.values()))), repeats)
    return {name: values[row] for name, values in joint.items() if priors.get(name) == packaged().get(name)}
