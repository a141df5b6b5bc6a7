"""Two groups with means: their difference, its interval and the p-value of their comparison."""

import math
from collections.abc import Iterator
from itertools import product

from azygos.audit.check_means import check_mean
from azygos.audit.check_tests import p_shown
from azygos.audit.claims import Claim, Group
from azygos.audit.finding import Finding, Verdict
from azygos.audit.stated import Estimate, Stated, fit, worst

__all__ = ["check_two_means"]


def check_two_means(claim: Claim) -> Iterator[Finding]:
    """The difference, its interval and the p-value of two groups with means."""
    if len(claim.groups) != 2 or any(group.mean is None for group in claim.groups):
        return
    first, second = claim.groups
    assert first.mean is not None and second.mean is not None
    for group in claim.groups:
        if group.of is not None:  # each group's own mean and deviation
            part = Claim(
                name=f"{claim.name}, {group.name}", place=claim.place, mean=_alone(group.mean), sd=group.sd,
                of=group.of, items=claim.items, step=claim.step, scale=claim.scale, is_continuous=claim.is_continuous,
            )  # fmt: skip
            yield from check_mean(part)
    if claim.difference is not None:
        value = first.mean.value - second.mean.value
        low, high = first.mean.low - second.mean.high, first.mean.high - second.mean.low
        given = claim.difference.value
        verdict = fit(given, value, low, high)
        reason = f"{first.mean} less {second.mean}"
        if verdict is Verdict.CONFLICT and fit(given, -value, -high, -low) is not Verdict.CONFLICT:
            verdict, reason = fit(given, -value, -high, -low), f"{second.mean} less {first.mean}"
        if claim.is_adjusted and verdict is Verdict.CONFLICT:
            verdict, reason = Verdict.UNCHECKED, f"{reason}; an adjusted difference need not be that"
        yield claim.line("difference", given, given.shown(value), verdict, reason, "difference of means")
    if claim.p is not None or (claim.difference is not None and claim.difference.lower is not None):
        yield from _compared(claim, first, second)


def _alone(mean: Stated | None) -> Estimate | None:
    return None if mean is None else Estimate(value=mean)


def _compared(claim: Claim, first: Group, second: Group) -> Iterator[Finding]:
    missing = [group.name for group in (first, second) if group.sd is None or group.of is None or group.of < 2]
    if missing:
        reason = f"the standard deviation or number of persons is not stated for {' and '.join(missing)}"
        yield claim.unchecked("p-value" if claim.p else "interval", claim.p or claim.difference, reason)
        return
    if claim.p is not None:
        yield _p_of_means(claim, claim.p, first, second)
    if claim.difference is not None and claim.difference.lower is not None:
        yield _interval_of_difference(claim, claim.difference, first, second)


def _corners(group: Group) -> Iterator[tuple[float, float]]:
    """Mean and standard deviation as printed, then at the ends of what rounding leaves open."""
    assert group.mean is not None and group.sd is not None
    yield group.mean.value, group.sd.value
    yield from product((group.mean.low, group.mean.high), (max(group.sd.low, 0.0), group.sd.high))


def _p_of_means(claim: Claim, p: Stated, first: Group, second: Group) -> Finding:
    found = []
    wanted = [name for name in ("Student", "Welch") if not claim.test or name.lower() in claim.test.lower()]
    for name in wanted or ["Student", "Welch"]:
        values = [
            _t_test(a, first.of or 0, b, second.of or 0, name, claim.sides)
            for a, b in product(_corners(first), _corners(second))
        ]
        finite = [value for value in values if math.isfinite(value)]
        if finite:
            found.append((fit(p, values[0], min(finite), max(finite)), values[0], name))
    if not found:
        return claim.unchecked("p-value", p, "the standard deviations are zero")
    verdict, value, name = min(found, key=lambda one: (one[0].gravity, abs(one[1] - p.value)))
    reason = f"{name}'s t-test of the printed means gives {p_shown(value, p)}"
    if verdict is Verdict.CONFLICT:
        reason += "; an adjusted or paired test would need more than these"
    if claim.is_adjusted and verdict is Verdict.CONFLICT:
        verdict = Verdict.UNCHECKED
    return claim.line("p-value", p, p_shown(value, p), verdict, reason, f"{name}'s t-test")


def _spread(a: tuple[float, float], n1: int, b: tuple[float, float], n2: int, name: str) -> tuple[float, float]:
    """Standard error of a difference and its degrees of freedom, Student's or Welch's."""
    v1, v2 = a[1] ** 2 / n1, b[1] ** 2 / n2
    if name == "Student":
        pooled = ((n1 - 1) * a[1] ** 2 + (n2 - 1) * b[1] ** 2) / (n1 + n2 - 2)
        return math.sqrt(pooled * (1.0 / n1 + 1.0 / n2)), n1 + n2 - 2.0
    if v1 + v2 == 0.0:
        return 0.0, 1.0
    return math.sqrt(v1 + v2), (v1 + v2) ** 2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1))


def _t_test(a: tuple[float, float], n1: int, b: tuple[float, float], n2: int, name: str, sides: int) -> float:
    from scipy import special

    error, df = _spread(a, n1, b, n2, name)
    if error == 0.0:
        return math.nan
    return float(sides * special.stdtr(df, -abs(a[0] - b[0]) / error))


def _interval_of_difference(claim: Claim, given: Estimate, first: Group, second: Group) -> Finding:
    from scipy import special

    assert given.lower is not None and given.upper is not None
    found = []
    for name in ("Student", "Welch"):
        bounds = []
        for a, b in product(_corners(first), _corners(second)):
            error, df = _spread(a, first.of or 0, b, second.of or 0, name)
            half = float(special.stdtrit(df, 0.5 + given.level / 2.0)) * error
            bounds.append((a[0] - b[0] - half, a[0] - b[0] + half))
        for sign in (1, -1):
            pairs = bounds if sign == 1 else [(-high, -low) for low, high in bounds]
            lows, highs = zip(*pairs, strict=True)
            verdict = worst(
                (fit(given.lower, lows[0], min(lows), max(lows)), fit(given.upper, highs[0], min(highs), max(highs)))
            )
            found.append((verdict, sign, name, f"{given.lower.shown(lows[0])} to {given.upper.shown(highs[0])}"))
    verdict, _, name, text = min(found, key=lambda one: (one[0].gravity, -one[1]))
    reason = f"from the printed means and deviations by {name}'s t"
    if claim.is_adjusted and verdict is Verdict.CONFLICT:
        verdict, reason = Verdict.UNCHECKED, f"{reason}; an adjusted interval need not be that"
    stated = f"{given.lower} to {given.upper}"
    return claim.line("interval of the difference", stated, text, verdict, reason, f"{name}'s t")
