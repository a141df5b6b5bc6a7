"""Group-sequential designs: bounds at interim looks that together keep the error."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri

from azygos.errors import Problem
from azygos.statistics.brownian import Path, crossing_probabilities
from azygos.statistics.check import between, choice, refuse
from azygos.statistics.root import Array, scalar_crossing, scalar_root

__all__ = ["GroupSequential", "Spending", "group_sequential_bounds", "spent"]

Spending = Literal[
    "obrien-fleming", "pocock", "wang-tsiatis",
    "lan-demets-obrien-fleming", "lan-demets-pocock", "hwang-shih-decani", "kim-demets",
]  # fmt: skip
Futility = Literal["lan-demets-obrien-fleming", "lan-demets-pocock", "hwang-shih-decani", "kim-demets"]

LARGEST_Z = 40.0  # its tail is 1e-350: a look that may spend less is never significant
LARGEST_DRIFT = 30.0
LEAST_C = 1e-3  # of a classical design; at 0 it always rejects
LOOKS = 3  # where nothing is said
MOST_LOOKS = 200
CLOSE = 1e-3  # of the information, by which looks must differ
GAMMA = {"wang-tsiatis": 0.25, "hwang-shih-decani": -4.0, "kim-demets": 1.0}  # where none is given


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSequential:
    """A design's bounds look by look, and what follows from them.

    With two sides the lower bound of Z is minus the upper one and alpha is that of both; power is of the upper bound
    alone, since the wrong side's is no success. Shares of information are of the largest, the last look's.
    """

    spending: str
    gamma: float | None  # of the family, where it has one
    alpha: float
    sided: int
    information: tuple[float, ...]  # share that is in at each look
    z: tuple[float, ...]  # upper bounds
    nominal_p: tuple[float, ...]  # one-sided, at the bounds
    alpha_spent: tuple[float, ...]  # up to each look, both sides
    crossing_null: tuple[float, ...]  # P(first crossed at each look), no effect, both sides
    expected_information_null: float  # share of the largest
    power: float | None = None
    drift: float | None = None  # mean of Z at full information that gives the power
    inflation: float | None = None  # largest information as a multiple of the fixed design's
    crossing_alternative: tuple[float, ...] | None = None  # of the upper bound, at the drift
    expected_information_alternative: float | None = None
    futility: tuple[float, ...] | None = None  # lower bounds of Z that may be overruled; the last meets the upper one
    futility_alternative: tuple[float, ...] | None = None  # P(stopped for futility at each look), at the drift


def group_sequential_bounds(
    looks: int | Sequence[float] | None = None,
    *,
    information: tuple[float, ...] | None = None,
    alpha: float = 0.025,
    sided: int = 1,
    spending: Spending = "obrien-fleming",
    gamma: float | None = None,
    power: float | None = None,
    futility: Futility | None = None,
    futility_gamma: float | None = None,
) -> GroupSequential:
    """Bounds of a group-sequential design: so many equally spaced looks (3 unless told), or looks at shares of the
    information.


    Classical: z_k = c t_k^(Delta - 1/2), Delta 0 (O'Brien and Fleming 1979), 1/2 (Pocock 1977) or `gamma` (Wang and
    Tsiatis 1987). Spending (Lan and DeMets 1983): `lan-demets-obrien-fleming` 2 - 2 Phi(z_{alpha/2}/sqrt(t)),
    `lan-demets-pocock` alpha ln(1 + (e - 1) t), `hwang-shih-decani` alpha (1 - e^(-gamma t))/(1 - e^(-gamma)) (1990),
    `kim-demets` alpha t^gamma (1987). Two-sided designs give alpha/2 to each side by the same rule. `futility` spends
    1 - power by such a rule on lower bounds that do not bind. Raises InputError with every problem.
    """
    shares_in, count = _looks(looks, information)
    times = tuple((k + 1) / count for k in range(count)) if shares_in is None else tuple(shares_in)
    _check(times, count, alpha, sided, spending, power, futility)
    families = ((spending, gamma, "gamma"), (futility, futility_gamma, "futility_gamma"))
    refuse(*(_odd_gamma(family, value, name) for family, value, name in families))
    gamma, futility_gamma = (GAMMA.get(f or "") if value is None else value for f, value, _ in families)
    z = _upper(times, alpha / sided, sided, spending, gamma)
    lower, drift, largest = None, None, LARGEST_DRIFT / np.sqrt(times[-1])
    if power is not None and futility is not None:
        shares = _shares(futility, times, 1.0 - power, futility_gamma)
        drift = scalar_root(lambda d: _futility(times, z, shares, d)[1] - (1.0 - power), 0.0, largest)
        lower = (*_futility(times, z, shares, drift)[0][:-1], z[-1])
    elif power is not None:
        drift = scalar_root(lambda d: _rejects(times, z, sided, d) - power, 0.0, largest)
    return _design(times, z, lower, alpha, sided, spending, gamma, power, drift)


def _looks(
    looks: int | Sequence[float] | None, information: Sequence[float] | None
) -> tuple[Sequence[float] | None, int]:
    """The shares of the information, where they were given, and how many looks there are."""
    if looks is None:
        return information, LOOKS if information is None else len(information)
    if not isinstance(looks, int | np.integer):
        twice = None if information is None else Problem("given twice", "information", "leave it out")
        refuse(twice)
        return looks, len(looks)
    if information is not None and len(information) != looks:
        what = f"{looks} looks, but {len(information)} shares of the information"
        refuse(Problem(what, "looks", "leave it out: the shares say how many looks there are"))
    return information, int(looks)


def spent(spending: str, time: float, alpha: float, gamma: float | None) -> float:
    """The one-sided alpha that a family has spent when the share `time` of the information is in."""
    return _SPENT[spending](time, alpha, 0.0 if gamma is None else gamma)


def _check(
    times: Sequence[float],
    looks: int,
    alpha: float,
    sided: int,
    spending: str,
    power: float | None,
    futility: str | None,
) -> None:
    rising = bool(times) and all(b > a for a, b in zip((0.0, *times), times, strict=False)) and times[-1] <= 1.0 + 1e-12
    refuse(
        None if 1 <= len(times) <= MOST_LOOKS else Problem(f"{looks} looks", "looks", f"give 1 to {MOST_LOOKS}"),
        _too_close(times) if rising else None,
        None if rising or looks < 1 else Problem(f"{times} do not rise from above 0 to 1", "information"),
        between("alpha", alpha, 0.0, 0.5 * sided),
        None if sided in (1, 2) else Problem(f"{sided} sides", "sided", "give 1 or 2"),
        choice("spending", spending, (*_EXPONENT, *_SPENT)),
        None if power is None else between("power", power, alpha / max(sided, 1), 1.0),
        None if futility is None else choice("futility", futility, _SPENT),
        Problem("needs a power", "futility", "give power, too") if futility and power is None else None,
        Problem("goes with one side", "futility", "give sided 1") if futility and sided == 2 else None,
    )


def _too_close(times: Sequence[float]) -> Problem | None:
    close = next(((a, b) for a, b in pairwise(times) if b - a < CLOSE * b), None)
    return Problem(f"{close[0]:g} and {close[1]:g} are one look", "information", "leave one out") if close else None


def _odd_gamma(family: str | None, gamma: float | None, name: str) -> Problem | None:
    if gamma is None or family is None:
        return None
    if family not in GAMMA:
        return Problem(f"'{family}' has none", name, f"leave it out, or choose {', '.join(GAMMA)}")
    if family == "kim-demets" and not gamma > 0.0:
        return Problem(f"{gamma:g} is not above 0", name)
    return None if abs(gamma) <= 100.0 else Problem(f"{gamma:g} is beyond 100", name)


def _upper(times: Sequence[float], alpha: float, sided: int, spending: str, gamma: float | None) -> tuple[float, ...]:
    """Upper bounds for a one-sided alpha."""
    if spending in _SPENT:
        return _spend(times, _shares(spending, times, alpha, gamma), sided)
    exponent = _EXPONENT[spending]
    form = np.array(times) ** ((gamma or 0.0 if exponent is None else exponent) - 0.5)
    c = scalar_root(lambda c: _rejects(times, list(c * form), sided, 0.0) - alpha, LEAST_C, LARGEST_Z)
    return tuple(float(z) for z in c * form)


def _shares(spending: str, times: Sequence[float], alpha: float, gamma: float | None) -> list[float]:
    totals = [spent(spending, time, alpha, gamma) for time in times]
    return [b - a for a, b in zip((0.0, *totals), totals, strict=False)]


def _spend(times: Sequence[float], shares: Sequence[float], sided: int) -> tuple[float, ...]:
    """Upper bounds that each spend their share."""
    path, z = Path(drift=0.0), list[float]()
    for k, (time, share) in enumerate(zip(times, shares, strict=True)):
        z.append(_exceeded_by(path, time, share))
        if k + 1 < len(times):
            path = path.onward(time, -z[-1] if sided == 2 else -np.inf, z[-1], times[k + 1])
    return tuple(z)


def _exceeded_by(path: Path, time: float, share: float) -> float:
    return scalar_crossing(lambda z: path.above(time, z) > share, -LARGEST_Z, LARGEST_Z)


def _fallen_below_by(path: Path, time: float, share: float, high: float) -> float:
    return scalar_crossing(lambda z: path.below(time, z) < share, -LARGEST_Z, high)


def _futility(
    times: Sequence[float], z: Sequence[float], shares: Sequence[float], drift: float
) -> tuple[list[float], float]:
    """Lower bounds that spend their shares at the drift, and the chance not to succeed under them."""
    path, lower, missed = Path(drift=drift), list[float](), 0.0
    for k, (time, high) in enumerate(zip(times, z, strict=True)):
        if k + 1 == len(times):
            return [*lower, high], missed + path.below(time, high)
        low = _fallen_below_by(path, time, shares[k], high)
        lower.append(low)
        missed += path.below(time, low)
        path = path.onward(time, low, high, times[k + 1])
    raise AssertionError("there is a last look")


def _rejects(times: Sequence[float], z: Sequence[float], sided: int, drift: float) -> float:
    return float(crossing_probabilities(times, _opposite(z, sided), z, drift)[1].sum())


def _opposite(z: Sequence[float], sided: int) -> list[float]:
    return [-float(value) if sided == 2 else -np.inf for value in z]


def _design(
    times: tuple[float, ...],
    z: tuple[float, ...],
    futility: tuple[float, ...] | None,
    alpha: float,
    sided: int,
    spending: str,
    gamma: float | None,
    power: float | None,
    drift: float | None,
) -> GroupSequential:
    null = sided * crossing_probabilities(times, _opposite(z, sided), z, 0.0)[1]
    found = GroupSequential(
        spending=spending,
        gamma=gamma,
        alpha=alpha,
        sided=sided,
        information=times,
        z=z,
        nominal_p=tuple(float(p) for p in ndtr(-np.array(z))),
        alpha_spent=tuple(float(p) for p in np.cumsum(null)),
        crossing_null=tuple(float(p) for p in null),
        expected_information_null=_expected(times, null),
    )
    if power is None or drift is None:
        return found
    lower = _opposite(z, sided) if futility is None else futility
    missed, crossed = crossing_probabilities(times, lower, z, drift)
    return replace(
        found,
        power=float(crossed.sum()),
        drift=drift,
        inflation=float((drift / (ndtri(1.0 - alpha / sided) + ndtri(power))) ** 2),
        crossing_alternative=tuple(float(p) for p in crossed),
        expected_information_alternative=_expected(times, missed + crossed),
        futility=futility,
        futility_alternative=None if futility is None else tuple(float(p) for p in missed),
    )


def _expected(times: Sequence[float], stopped: Array) -> float:
    """The mean share of information at the end; who stops at no look before the last has all of it."""
    early = stopped[:-1]
    return float(np.dot(times[:-1], early) + times[-1] * (1.0 - early.sum()))


_EXPONENT: Mapping[str, float | None] = {"obrien-fleming": 0.0, "pocock": 0.5, "wang-tsiatis": None}
_SPENT: Mapping[str, Callable[[float, float, float], float]] = {
    "lan-demets-obrien-fleming": lambda t, alpha, _: float(2.0 * ndtr(ndtri(0.5 * alpha) / np.sqrt(t))),
    "lan-demets-pocock": lambda t, alpha, _: float(alpha * np.log1p((math.e - 1.0) * t)),
    "hwang-shih-decani": lambda t, alpha, g: float(alpha * (t if g == 0.0 else np.expm1(-g * t) / np.expm1(-g))),
    "kim-demets": lambda t, alpha, g: float(alpha * t**g),
}
