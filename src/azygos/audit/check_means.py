"""Means with their standard deviations, errors and intervals."""

import math
from collections.abc import Iterator
from fractions import Fraction

from azygos.audit.claims import Claim
from azygos.audit.finding import Finding, Verdict
from azygos.audit.grim import Printed, debit, grim, grimmer, is_grim_informative, nearest_means
from azygos.audit.stated import Estimate, Stated, fit, shown, worst

__all__ = ["check_mean"]

OTHER_SIZES = 10  # values more or fewer, among which one is sought for which an impossible mean is possible

Range = tuple[float, float]


def check_mean(claim: Claim) -> Iterator[Finding]:
    """Whether a mean, its standard deviation, standard error and interval are possible together."""
    if claim.mean is None and claim.sd is None and claim.se is None:
        return
    mean, n = claim.mean.value if claim.mean else None, claim.of
    if mean is not None and claim.scale is not None and not claim.scale[0] <= mean.value <= claim.scale[1]:
        low, high = claim.scale
        reason = f"the scale runs from {low:g} to {high:g}"
        yield claim.line("mean", mean, "", Verdict.CONFLICT, reason)
    if n is None:
        yield claim.unchecked("mean", mean or claim.sd or claim.se, "the number of persons is not stated")
        return
    if mean is not None:
        yield _granularity(claim, mean, n)
        if claim.sd is not None:
            yield from _deviation(claim, mean, claim.sd, n)
    if claim.sd is not None and claim.se is not None:
        yield _standard_error(claim, claim.sd, claim.se, n)
    if claim.mean is not None and claim.mean.lower is not None:
        yield _interval(claim, claim.mean, n)


def _printed(number: Stated) -> Printed:
    return Printed(Fraction(f"{number.value:.{number.decimals}f}"), number.decimals)


def _step(claim: Claim) -> Fraction:
    return Fraction(claim.step).limit_denominator(1_000_000)


def _units(claim: Claim) -> str:
    """What the single values are taken to be."""
    whole = "whole numbers" if claim.step == 1.0 else f"multiples of {claim.step:g}"
    return whole if claim.items == 1 else f"means of {claim.items} items answered in {whole}"


def _granularity(claim: Claim, mean: Stated, n: int) -> Finding:
    what = "mean (GRIM)"
    if claim.is_continuous:
        return claim.unchecked(what, mean, "measured values can have any mean")
    if n < 1:
        return claim.unchecked(what, mean, "there are no persons")
    printed, step = _printed(mean), _step(claim)
    if not is_grim_informative(printed, n, claim.items, step):
        return claim.unchecked(what, mean, f"with {n} persons every mean with {mean.decimals} decimals is possible")
    where = f"{n} values that are {_units(claim)}"
    below, above = (shown(float(m), mean.decimals + 1) for m in nearest_means(printed, n, claim.items, step))
    if grim(printed, n, claim.items, step):
        return claim.line(what, mean, str(mean), Verdict.CONSISTENT, f"possible for {where}", "GRIM")
    reason = f"no {where} have this mean; {below} and {above} are the nearest{_other_sizes(mean, claim, n)}"
    return claim.line(what, mean, f"{below} or {above}", Verdict.CONFLICT, reason, "GRIM")


def _other_sizes(mean: Stated, claim: Claim, n: int) -> str:
    """What would make the mean possible. The tests take numbers to be rounded: cut-off digits are said, not assumed."""
    printed, step = _printed(mean), _step(claim)
    cut = " (possible if digits were cut off, not rounded)" if grim(printed, n, claim.items, step, cut=True) else ""
    near = sorted(range(max(n - OTHER_SIZES, 1), n + OTHER_SIZES + 1), key=lambda m: abs(m - n))
    sizes = [m for m in near if grim(printed, m, claim.items, step)][:2]
    return cut + (f"; {' or '.join(map(str, sorted(sizes)))} values could have it" if sizes else "")


def _deviation(claim: Claim, mean: Stated, sd: Stated, n: int) -> Iterator[Finding]:
    if sd.value < 0.0 or n < 2:
        reason = "a standard deviation is not negative" if sd.value < 0.0 else "one person has no standard deviation"
        yield claim.line("sd", sd, "", Verdict.CONFLICT, reason)
        return
    if claim.scale is not None:
        yield from _widest(claim, mean, sd, n, claim.scale)
    if claim.is_binary:
        yield _binary(claim, mean, sd, n)
    elif not claim.is_continuous:
        yield _grimmer(claim, mean, sd, n)


def _widest(claim: Claim, mean: Stated, sd: Stated, n: int, scale: Range) -> Iterator[Finding]:
    """The standard deviation is largest when all values lie at the ends of the scale."""
    low, high = scale
    inside = min(max(mean.value, low), high)
    largest = math.sqrt(max((high - inside) * (inside - low), 0.0) * n / (n - 1))
    if sd.low > largest * (1.0 + 1e-9):
        reason = f"on a scale from {low:g} to {high:g} with this mean it is {shown(largest, sd.decimals)} at most"
        yield claim.line("sd (range)", sd, shown(largest, sd.decimals), Verdict.CONFLICT, reason)


def _binary(claim: Claim, mean: Stated, sd: Stated, n: int) -> Finding:
    share = min(max(mean.value, 0.0), 1.0)
    value = math.sqrt(share * (1.0 - share) * n / (n - 1))
    recomputed, what = sd.shown(value), "sd (DEBIT)"
    about = f"{n} answers of 0 or 1 with this mean have {recomputed}"
    if not 0.0 <= mean.value <= 1.0:
        return claim.line(what, sd, "", Verdict.CONFLICT, "the mean of answers of 0 or 1 lies between them", "DEBIT")
    if debit(_printed(mean), _printed(sd), n):
        return claim.line(what, sd, recomputed, Verdict.CONSISTENT, about, "DEBIT")
    return claim.line(what, sd, recomputed, Verdict.CONFLICT, about, "DEBIT")


def _grimmer(claim: Claim, mean: Stated, sd: Stated, n: int) -> Finding:
    what, (m, s), step = "sd (GRIMMER)", (_printed(mean), _printed(sd)), _step(claim)
    if not grim(m, n, claim.items, step):
        return claim.unchecked(what, sd, "its mean is impossible already")
    where = f"{n} values that are {_units(claim)} and have this mean"
    if grimmer(m, s, n, claim.items, step):
        return claim.line(what, sd, str(sd), Verdict.CONSISTENT, f"possible for {where}", "GRIMMER")
    reason = f"no {where} have this standard deviation"
    if grimmer(m, s, n, claim.items, step, divisor=n):
        reason += "; it would be possible if divided by n instead of n − 1"
    elif grim(m, n, claim.items, step, cut=True) and grimmer(m, s, n, claim.items, step, cut=True):
        reason += " (possible if digits were cut off, not rounded)"
    return claim.line(what, sd, "", Verdict.CONFLICT, reason, "GRIMMER")


def _standard_error(claim: Claim, sd: Stated, se: Stated, n: int) -> Finding:
    root = math.sqrt(n)
    verdict = fit(se, sd.value / root, sd.low / root, sd.high / root)
    recomputed = se.shown(sd.value / root)
    reason = f"{sd} divided by the root of {n} is {recomputed}"
    if verdict is Verdict.CONFLICT and fit(sd, se.value) is Verdict.CONSISTENT:
        reason += "; the same number stands for both"
    return claim.line("standard error", se, recomputed, verdict, reason, "sd/√n")


def _interval(claim: Claim, mean: Estimate, n: int) -> Finding:
    """The interval of a mean, by Student's t or by the normal distribution."""
    what = "interval of the mean"
    spread = claim.se or claim.sd
    if spread is None or n < 2:
        return claim.unchecked(what, mean, "neither standard deviation nor standard error is stated")
    from scipy import special

    by = 1.0 if claim.se else math.sqrt(n)
    tail = 0.5 + mean.level / 2.0
    widths = {"t": float(special.stdtrit(n - 1, tail)), "normal": float(special.ndtri(tail))}
    found = [
        _bounds(mean, name, (mean.value.low, mean.value.high), tuple(width * s / by for s in (spread.low, spread.high)))
        for name, width in widths.items()
    ]
    verdict, recomputed, name = min(found, key=lambda one: one[0].gravity)
    return claim.line(what, mean, recomputed, verdict, f"from the spread and {n} persons", name)


def _bounds(mean: Estimate, name: str, centre: Range, half: tuple[float, ...]) -> tuple[Verdict, str, str]:
    assert mean.lower is not None and mean.upper is not None
    middle, width = mean.value.value, sum(half) / 2.0
    low = fit(mean.lower, middle - width, centre[0] - half[1], centre[1] - half[0])
    high = fit(mean.upper, middle + width, centre[0] + half[0], centre[1] + half[1])
    text = f"{mean.lower.shown(middle - width)} to {mean.upper.shown(middle + width)}"
    return worst((low, high)), text, name
