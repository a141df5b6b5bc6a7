"""Test statistics against their p-values, and ratios against their own intervals."""

import math
from collections.abc import Iterator
from itertools import product

from azygos.audit.claims import Claim, Statistic
from azygos.audit.finding import Finding, Verdict
from azygos.audit.stated import Estimate, Stated, fit, shown

__all__ = ["check_ratio", "check_statistic", "p_of_statistic", "p_shown"]

# An exact or profile-likelihood interval of a ratio is a little lopsided on the log scale; one whose estimate is
# further from the middle than this share of its half-width fits no usual method (assumed; the exact conditional
# interval of 5 of 49 against 1 of 55, the most lopsided in the published cases here, is 0.27 off).
LOPSIDED = 0.3
ALPHA = 0.05
NEAR_P = 1.5  # how far p-values of different tests on the same data commonly are apart, as a factor (assumed)


def p_of_statistic(kind: str, value: float, df: tuple[float, ...], sides: int = 2) -> float:
    """The p-value of a test statistic: two-sided for t, z and r, the upper tail for F, chi2 and Q."""
    from scipy import special

    match kind:
        case "t":
            return float(sides * special.stdtr(df[0], -abs(value)))
        case "z":
            return float(sides * special.ndtr(-abs(value)))
        case "r":
            if abs(value) >= 1.0:
                return 0.0
            return p_of_statistic("t", value * math.sqrt(df[0] / (1.0 - value * value)), df, sides)
        case "F":
            return float(special.fdtrc(df[0], df[1], max(value, 0.0)))
        case _:  # chi2 and Q
            return float(special.chdtrc(df[0], max(value, 0.0)))


def check_statistic(claim: Claim) -> Iterator[Finding]:
    """A p-value against its test statistic and degrees of freedom, as statcheck does (Nuijten et al. 2016)."""
    if claim.statistic is None:
        return
    given = claim.statistic
    if claim.p is None:
        yield claim.unchecked(f"p-value of {given.kind}", given.text, "no p-value is stated with it")
        return
    if given.kind == "r" and abs(given.value.value) > 1.0:
        yield claim.line("correlation", given.text, "", Verdict.CONFLICT, "a correlation lies between −1 and 1")
        return
    yield _p_line(claim, claim.p, given)


def _p_line(claim: Claim, p: Stated, given: Statistic) -> Finding:
    size = Stated(text="", value=abs(given.value.value), decimals=given.value.decimals)
    value = p_of_statistic(given.kind, size.value, given.df, claim.sides)
    low = p_of_statistic(given.kind, size.high, given.df, claim.sides)
    high = p_of_statistic(given.kind, max(size.low, 0.0), given.df, claim.sides)
    verdict = fit(p, value, low, high)
    recomputed = p_shown(value, p)
    reason = f"{given.text} has p = {recomputed}"
    if verdict is Verdict.ROUNDING:
        reason += f", and from {p_shown(low, p)} to {p_shown(high, p)} as {given.value} was rounded"
    if verdict is Verdict.CONFLICT:
        reason += _guess(p, value, given, claim.sides) + _other_side(p, value)
    return claim.line("p-value", p, recomputed, verdict, reason, f"{given.kind} distribution")


def _guess(p: Stated, value: float, given: Statistic, sides: int) -> str:
    """What would explain a p-value that does not follow."""
    if sides == 2 and given.kind in "tzr" and fit(p, value / 2.0) is not Verdict.CONFLICT:
        return f"; half of it is {p_shown(value / 2.0, p)}: a one-sided test?"
    if sides == 1 and fit(p, 2.0 * value) is not Verdict.CONFLICT:
        return f"; twice it is {p_shown(2.0 * value, p)}: a two-sided test?"
    return ""


def _other_side(p: Stated, value: float) -> str:
    """Whether the conclusion at 5 per cent changes."""
    claims_small = p.value <= ALPHA if p.relation in ("<", "<=") else p.value < ALPHA and p.relation in ("=", "~")
    if p.relation in (">", ">="):
        claims_small = False
    if claims_small == (value < ALPHA):
        return ""
    return f"; at {ALPHA:g} the conclusion changes"


def p_shown(value: float, p: Stated) -> str:
    """A recomputed p-value with at least three decimals; a smaller one with two digits."""
    decimals = max(p.decimals + 2 * (p.relation != "="), 3)  # more where a limit may be near
    return shown(value, decimals) if value >= 10.0**-decimals or value == 0.0 else f"{value:.1e}"


# ---------------------------------------------------------------------------------------------------------------
# an estimate with its own interval and p-value


def check_ratio(claim: Claim) -> Iterator[Finding]:
    """Whether estimates, intervals and p-values belong together, without the data."""
    ratios = {"odds ratio": claim.odds_ratio, "risk ratio": claim.risk_ratio, "hazard ratio": claim.hazard_ratio}
    for name, estimate in ratios.items():
        if estimate is not None:
            yield from _ratio(claim, name, estimate, is_ratio=True)
    if claim.difference is not None and not claim.groups:
        yield from _ratio(claim, "difference", claim.difference, is_ratio=False)


def _ratio(claim: Claim, name: str, estimate: Estimate, *, is_ratio: bool) -> Iterator[Finding]:
    numbers = [n for n in (estimate.value, estimate.lower, estimate.upper) if n is not None]
    if is_ratio and any(n.value < 0.0 for n in numbers):
        yield claim.line(name, estimate, "", Verdict.CONFLICT, "a ratio is not negative")
        return
    if estimate.lower is None or estimate.upper is None:
        if not claim.groups:
            yield claim.unchecked(name, estimate, "neither its interval nor the counts behind it are stated")
        return
    yield _inside(claim, name, estimate, estimate.lower, estimate.upper, is_ratio=is_ratio)
    is_positive = not is_ratio or min(n.value for n in numbers) > 0.0
    if claim.p is not None and not claim.groups and is_positive:
        yield _p_of_interval(claim, claim.p, estimate, estimate.lower, estimate.upper, is_ratio=is_ratio)


def _scaled(value: float, is_ratio: bool) -> float:
    return math.log(max(value, 1e-12)) if is_ratio else value


def _inside(claim: Claim, name: str, estimate: Estimate, low: Stated, high: Stated, *, is_ratio: bool) -> Finding:
    """Whether an estimate lies in its interval, and in the middle of it: on the log scale, for a ratio."""
    what, value = f"{name} and its interval", estimate.value
    if value.high < low.low or value.low > high.high:
        side = "below" if value.value < low.value else "above"
        reason = f"{value} lies {side} its own interval, {low} to {high}"
        return claim.line(what, estimate, f"{low} to {high}", Verdict.CONFLICT, reason)
    scale = "log" if is_ratio else "linear"
    if is_ratio and low.value <= 0.0:
        return claim.unchecked(what, estimate, "a bound of zero has no logarithm")
    ends = [(a + b) / 2.0 for a, b in zip(_ends(low, is_ratio), _ends(high, is_ratio), strict=True)]
    middle = (_scaled(low.value, is_ratio) + _scaled(high.value, is_ratio)) / 2.0
    centre = math.exp(middle) if is_ratio else middle
    text = shown(centre, value.decimals)
    back = [math.exp(end) if is_ratio else end for end in ends]
    verdict = fit(value, centre, min(back), max(back))
    reason = f"the middle of {low} to {high} is {text} on the {scale} scale"
    if verdict is Verdict.CONFLICT:
        half = (_scaled(high.value, is_ratio) - _scaled(low.value, is_ratio)) / 2.0
        off = abs(_scaled(value.value, is_ratio) - middle) / half if half > 0.0 else math.inf
        if off <= LOPSIDED:
            verdict, reason = Verdict.UNCHECKED, f"{reason}; an exact or likelihood interval need not be centred"
    return claim.line(what, estimate, text, verdict, reason, f"{scale} symmetry")


def _ends(number: Stated, is_ratio: bool) -> tuple[float, float]:
    return _scaled(number.low, is_ratio), _scaled(number.high, is_ratio)


def _p_of_interval(
    claim: Claim, p: Stated, estimate: Estimate, low: Stated, high: Stated, *, is_ratio: bool
) -> Finding:
    """The p-value that an interval implies, z = estimate / standard error (Altman & Bland 2011, BMJ 343:d2304)."""
    from scipy import special

    quantile = 2.0 * float(special.ndtri(0.5 + estimate.level / 2.0))

    def p_at(value: float, lower: float, upper: float) -> float:
        error = (_scaled(upper, is_ratio) - _scaled(lower, is_ratio)) / quantile
        return p_of_statistic("z", _scaled(value, is_ratio) / error, (), claim.sides) if error > 0.0 else math.nan

    ends = [(number.low, number.high) for number in (estimate.value, low, high)]
    corners = [one for one in (p_at(*corner) for corner in product(*ends)) if math.isfinite(one)]
    centre = p_at(estimate.value.value, low.value, high.value)
    reachable = [*corners, centre]
    if estimate.value.low <= (1.0 if is_ratio else 0.0) <= estimate.value.high:
        reachable.append(1.0)  # a printed 1.0 may be exactly one
    verdict = fit(p, centre, min(reachable), max(reachable))
    recomputed = p_shown(centre, p)
    reason = f"{estimate} implies p = {recomputed} by the normal distribution"
    if verdict is Verdict.CONFLICT:
        changes = _other_side(p, centre)
        is_near = p.relation == "=" and centre / NEAR_P < p.value < centre * NEAR_P
        if is_near and not changes:
            verdict, changes = Verdict.UNCHECKED, "; another test than that of the interval may differ by so much"
        reason += changes
    return claim.line("p-value and interval", p, recomputed, verdict, reason, "Altman & Bland 2011")
