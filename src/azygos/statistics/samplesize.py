"""How many patients a comparison of two groups needs, and the power it has with so many.

`ratio` is the second group's size by the first's. Sizes come exact and rounded up.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil
from typing import Literal

import numpy as np
from scipy.special import nctdtr, ndtr, ndtri, stdtrit

from azygos.errors import Problem
from azygos.statistics.check import above, between, choice, refuse
from azygos.statistics.root import scalar_crossing

__all__ = [
    "Power", "SampleSize", "check_design", "not_zero", "power_ancova", "power_means", "power_survival",
    "sample_size_ancova", "sample_size_means", "sample_size_survival", "sized",
]  # fmt: skip

SurvivalMethod = Literal["schoenfeld", "freedman"]
LARGEST = 1e9  # patients in the first group, up to which the noncentral t is sought


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSize:
    """Patients that give the power."""

    method: str
    n_per_group: float  # of the first group, not rounded
    n1: int
    n2: int
    total: int
    power: float  # asked for
    power_reached: float  # with n1 and n2
    events: float | None = None  # of a comparison of survival, not rounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """The chance that a test finds what it is meant to find."""

    method: str
    power: float


def sample_size_means(
    difference: float,
    *,
    sd: float = 1.0,
    power: float = 0.8,
    alpha: float = 0.05,
    sided: int = 2,
    ratio: float = 1.0,
    strict: bool = True,
) -> SampleSize:
    """Patients for a t-test of two means, exact by the noncentral t (fractions of a patient included).

    `strict` counts rejections on the wrong side, too, as a two-sided test does; R's power.t.test leaves them out unless
    told so, and stops its search at four digits (63.76576, 85.03129 for d = 0.5; exact 63.765610, 85.031284).
    Raises InputError, also where a thousand million patients are too few.
    """
    check_design(alpha, power, sided, ratio, not_zero("difference", difference), above("sd", sd))

    least = max(1.0, 2.0 / (1.0 + ratio)) * (1.0 + 1e-6)  # a degree of freedom

    def reached(n1: float, n2: float) -> float:
        return _power_means(n1, n2, difference / sd, alpha, sided, strict)

    refuse(_too_many(reached(LARGEST, ratio * LARGEST) < power))
    n = scalar_crossing(lambda n: reached(n, ratio * n) < power, least, LARGEST)
    return sized("t-test", n, ratio, power, reached)


def power_means(
    n1: float,
    n2: float,
    difference: float,
    *,
    sd: float = 1.0,
    alpha: float = 0.05,
    sided: int = 2,
    strict: bool = True,
) -> Power:
    """The power of a t-test of two means."""
    check_design(alpha, 0.5, sided, 1.0, above("n1", n1, 1.0), above("n2", n2, 1.0), above("sd", sd))
    return Power(method="t-test", power=_power_means(n1, n2, difference / sd, alpha, sided, strict))


def sample_size_ancova(
    difference: float,
    correlation: float,
    *,
    sd: float = 1.0,
    power: float = 0.8,
    alpha: float = 0.05,
    sided: int = 2,
    ratio: float = 1.0,
) -> SampleSize:
    """Patients for an analysis of covariance: those of the t-test times 1 - correlation² (Borm, Fransen, Lemmens 2007).

    The correlation is that of outcome and baseline within groups, sd the outcome's.
    """
    refuse(between("correlation", correlation, -1.0, 1.0))
    kept = 1.0 - correlation**2
    plain = sample_size_means(difference, sd=sd, power=power, alpha=alpha, sided=sided, ratio=ratio)

    def reached(n1: float, n2: float) -> float:
        return _power_means(n1 / kept, n2 / kept, difference / sd, alpha, sided, True)

    return sized("ancova", plain.n_per_group * kept, ratio, power, reached)


def power_ancova(
    n1: float,
    n2: float,
    difference: float,
    correlation: float,
    *,
    sd: float = 1.0,
    alpha: float = 0.05,
    sided: int = 2,
) -> Power:
    """The power of an analysis of covariance: of a t-test with 1/(1 - correlation²) times the patients."""
    refuse(between("correlation", correlation, -1.0, 1.0))
    more = 1.0 / (1.0 - correlation**2)
    found = power_means(n1 * more, n2 * more, difference, sd=sd, alpha=alpha, sided=sided)
    return Power(method="ancova", power=found.power)


def sample_size_survival(
    hazard_ratio: float,
    *,
    event_probability: float = 1.0,
    method: SurvivalMethod = "schoenfeld",
    power: float = 0.8,
    alpha: float = 0.05,
    sided: int = 2,
    ratio: float = 1.0,
) -> SampleSize:
    """Events and patients for a log-rank test.

    Schoenfeld (1981): events (z_alpha + z_beta)² (1 + r)²/(r ln² HR); Freedman (1982): (z_alpha + z_beta)² (1 + r HR)²/
    (r (1 - HR)²), HR the second group's hazard over the first's. Patients are events by the probability of one, both
    groups together.
    """
    check_design(
        alpha, power, sided, ratio, *_odd_survival(hazard_ratio, method), _share("event_probability", event_probability)
    )
    need = (-ndtri(alpha / sided) + ndtri(power)) ** 2
    events = float(need / _information(hazard_ratio, ratio, method))
    n = events / event_probability / (1.0 + ratio)

    def reached(n1: float, n2: float) -> float:
        return _power_survival((n1 + n2) * event_probability, hazard_ratio, n2 / n1, method, alpha, sided)

    return replace(sized(method, n, ratio, power, reached), events=events)


def power_survival(
    events: float,
    hazard_ratio: float,
    *,
    method: SurvivalMethod = "schoenfeld",
    alpha: float = 0.05,
    sided: int = 2,
    ratio: float = 1.0,
) -> Power:
    """The power of a log-rank test with so many events."""
    check_design(alpha, 0.5, sided, ratio, above("events", events), *_odd_survival(hazard_ratio, method))
    return Power(method=method, power=_power_survival(events, hazard_ratio, ratio, method, alpha, sided))


def check_design(alpha: float, power: float, sided: int, ratio: float, *others: Problem | None) -> None:
    refuse(
        *others,
        between("alpha", alpha, 0.0, 1.0),
        between("power", power, min(alpha, 0.999) if 0 < alpha < 1 else 0.0, 1.0),
        None if sided in (1, 2) else Problem(f"{sided} sides", "sided", "give 1 or 2"),
        above("ratio", ratio),
    )


def _too_many(is_so: bool) -> Problem | None:
    what = f"so small a difference would need more than {LARGEST:,.0f} patients in the first group"
    return Problem(what, "difference", "name the smallest difference that matters, in units of sd") if is_so else None


def not_zero(name: str, value: float) -> Problem | None:
    return Problem("no difference to find", name) if value == 0.0 or not np.isfinite(value) else None


def _share(name: str, value: float) -> Problem | None:
    return None if 0.0 < value <= 1.0 else Problem(f"{value:g} is not above 0 and up to 1", name)


def _odd_survival(hazard_ratio: float, method: str) -> tuple[Problem | None, ...]:
    return (
        above("hazard_ratio", hazard_ratio),
        not_zero("hazard_ratio", hazard_ratio - 1.0),
        choice("method", method, ("schoenfeld", "freedman")),
    )


def sized(method: str, n: float, ratio: float, power: float, reached: Callable[[float, float], float]) -> SampleSize:
    n1 = ceil(n - 1e-9)
    n2 = ceil(ratio * n - 1e-9)
    return SampleSize(
        method=method,
        n_per_group=n,
        n1=n1,
        n2=n2,
        total=n1 + n2,
        power=power,
        power_reached=reached(float(n1), float(n2)),
    )


def _power_means(n1: float, n2: float, effect: float, alpha: float, sided: int, strict: bool) -> float:
    df, shift = n1 + n2 - 2.0, abs(effect) * np.sqrt(n1 * n2 / (n1 + n2))
    t = -float(stdtrit(df, alpha / sided))
    right = 1.0 - float(nctdtr(df, shift, t))
    return right + (float(nctdtr(df, shift, -t)) if sided == 2 and strict else 0.0)


def _information(hazard_ratio: float, ratio: float, method: str) -> float:
    """Of one event."""
    if method == "schoenfeld":
        return float(ratio / (1.0 + ratio) ** 2 * np.log(hazard_ratio) ** 2)
    return ratio * (1.0 - hazard_ratio) ** 2 / (1.0 + ratio * hazard_ratio) ** 2


def _power_survival(events: float, hazard_ratio: float, ratio: float, method: str, alpha: float, sided: int) -> float:
    return float(ndtr(np.sqrt(events * _information(hazard_ratio, ratio, method)) + ndtri(alpha / sided)))
