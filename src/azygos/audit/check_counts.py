"""Counts and the percentages of them."""

import math
from collections.abc import Iterator, Sequence

from azygos.audit.claims import Claim
from azygos.audit.finding import Finding, Verdict
from azygos.audit.stated import Estimate, Stated, fit, shown

__all__ = ["check_against", "check_percent", "counts_of", "more_or_less", "percent_text", "product", "span"]

MOST = 10_000_000  # persons; above, counts that fit a percentage are not listed
NUMERALS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def more_or_less(number: int, other: int) -> str:
    """`49, one more than 48`."""
    apart = abs(number - other)
    size = NUMERALS[apart] if apart < len(NUMERALS) else str(apart)
    return f"{number}, {size} {'more' if number > other else 'fewer'} than {other}"


def counts_of(percent: Stated, n: int, verdict: Verdict = Verdict.CONSISTENT) -> range:
    """The whole numbers of n that are printed as this percentage, or within `verdict` of it."""
    middle, reach = percent.value * n / 100.0, 1.0 + 1.1 * percent.unit * n / 100.0
    if percent.relation != "=" or n > MOST:
        reach = max(reach, 0.05 * middle + 1.0)
    low, high = max(0, math.floor(middle - reach)), min(n, math.ceil(middle + reach))
    if percent.relation in ("<", "<="):
        low = 0
    if percent.relation in (">", ">="):
        high = n
    if high - low > 100_000:  # percentages this close to one another say nothing
        return range(math.ceil(percent.low * n / 100.0), math.floor(percent.high * n / 100.0) + 1)
    fitting = [c for c in range(low, high + 1) if fit(percent, 100.0 * c / n).gravity <= verdict.gravity]
    return range(fitting[0], fitting[-1] + 1) if fitting else range(0)


def check_percent(claim: Claim) -> Iterator[Finding]:
    """A percentage against its count and denominator, and its interval."""
    if claim.percent is None:
        if claim.count is not None and claim.of is not None and claim.count > claim.of:
            reason = f"{claim.count} of {claim.of} is more than all"
            yield claim.line("count", claim.count, "", Verdict.CONFLICT, reason)
        elif claim.count is not None and not (claim.parts or claim.same_as or claim.against):
            of = "" if claim.of is None else f" of {claim.of}"
            yield claim.unchecked("count", f"{claim.count}{of}", "no percentage is stated with it")
        return
    if claim.of is None:
        yield _without_denominator(claim, claim.percent.value)
    elif claim.of < 1:
        yield claim.unchecked("percentage", claim.percent.value, "there are no persons")
    elif claim.count is None:
        yield _possible(claim, claim.percent.value, claim.of)
    elif claim.count > claim.of:
        reason = f"{claim.count} of {claim.of} is more than all"
        yield claim.line("count", f"{claim.count} of {claim.of}", "", Verdict.CONFLICT, reason)
    else:
        yield _recomputed(claim, claim.percent.value, claim.count, claim.of)
    if claim.percent.lower is not None:
        yield from _interval(claim, claim.percent)


def _without_denominator(claim: Claim, percent: Stated) -> Finding:
    if claim.count is None or percent.value <= 0.0 or percent.relation != "=":
        return claim.unchecked("percentage", percent, "neither its count nor its denominator is stated")
    low, high = 100.0 * claim.count / percent.high, 100.0 * claim.count / max(percent.low, 1e-9)
    first, last = max(math.ceil(low - 1e-9), claim.count), math.floor(high + 1e-9)
    if last < first:
        reason = f"no whole number of persons has {claim.count} as its {percent}"
        return claim.line("percentage", percent, "", Verdict.CONFLICT, reason)
    among = str(first) if first == last else f"{first} to {last}"
    reason = f"the denominator is not stated; it would be {among}"
    return claim.unchecked("percentage", percent, reason)


def _possible(claim: Claim, percent: Stated, n: int) -> Finding:
    """Whether any whole number of n is printed as this percentage."""
    fitting, cut = counts_of(percent, n), counts_of(percent, n, Verdict.ROUNDING)
    if percent.value > 100.0:
        return claim.line("percentage", percent, "", Verdict.CONFLICT, f"more than all {n}")
    for counts, verdict, how in ((fitting, Verdict.CONSISTENT, ""), (cut, Verdict.ROUNDING, " if cut off or rough")):
        if counts:
            among = str(counts[0]) if len(counts) == 1 else f"from {counts[0]} to {counts[-1]}"
            reason = f"{product(percent, n)}: {among} of {n}{how}"
            return claim.line("percentage", percent, _percents(counts, n, percent), verdict, reason, "count/of")
    below = math.floor(percent.value * n / 100.0)
    near = " and ".join(f"{c} ({shown(100.0 * c / n, percent.decimals + 1)} %)" for c in (below, below + 1) if c <= n)
    reason = f"{product(percent, n)}: no whole number of {n} is printed so; {near} are nearest"
    return claim.line("percentage", percent, "", Verdict.CONFLICT, reason, "count/of")


def product(percent: Stated, n: int) -> str:
    """`55 % of 89 is 48.95`."""
    return f"{percent_text(percent)} of {n} is {percent.value * n / 100.0:.{max(percent.decimals, 2)}f}"


def percent_text(percent: Stated) -> str:
    """A percentage as printed, with its sign."""
    text = percent.text.replace("percent", "%").replace("per cent", "%")
    return text if "%" in text else f"{text} %"


def _percents(counts: range, n: int, percent: Stated) -> str:
    ends = dict.fromkeys(percent.shown(100.0 * c / n) for c in (counts[0], counts[-1]))
    return f"{' to '.join(ends)} %"


def _recomputed(claim: Claim, percent: Stated, count: int, n: int) -> Finding:
    value = 100.0 * count / n
    verdict = fit(percent, value)
    recomputed = f"{shown(value, max(percent.decimals, 1))} %"
    reason = f"{count} of {n} is {shown(value, max(percent.decimals + 1, 2))} %"
    if verdict is Verdict.ROUNDING:
        reason += ": cut off, rounded twice or rough"
    if verdict is Verdict.CONFLICT:
        reason += _what_would_fit(percent, count, n)
    return claim.line("percentage", percent_text(percent), recomputed, verdict, reason, "count/of")


def _what_would_fit(percent: Stated, count: int, n: int) -> str:
    """The counts and the denominators that would be printed so."""
    fitting = counts_of(percent, n)
    if fitting:
        nearest = min(fitting, key=lambda c: abs(c - count))
        text = f"; {product(percent, n)}: {more_or_less(nearest, count)}"
    else:
        text = f"; {product(percent, n)}, and no whole number of {n} is printed so"
    near = range(max(count, 1, n - n // 5), n + n // 5 + 1)
    others = [] if n > 100_000 else [m for m in near if fit(percent, 100.0 * count / m) is Verdict.CONSISTENT]
    if others:
        text += f"; {count} would be {percent_text(percent)} of {span(others)}"
    return text


def span(numbers: Sequence[int]) -> str:
    """`87 to 88`, or the only one."""
    return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"


def _interval(claim: Claim, percent: Estimate) -> Iterator[Finding]:
    """The interval of a proportion, by the method named or by any of the usual ones."""
    from azygos.audit.family import best, proportion_family

    what, stated = "interval of the percentage", f"{percent.lower} to {percent.upper}"
    counts = _counts(claim, percent.value)
    if not counts or claim.of is None:
        yield claim.unchecked(
            what, stated, "its count is not stated" if not counts else "its denominator is not stated"
        )
        return
    candidates = [c for count in counts for c in proportion_family(count, claim.of, percent.level, claim.method)]
    yield best(claim, what, Estimate(value=percent.value, lower=percent.lower, upper=percent.upper), candidates)


def _counts(claim: Claim, percent: Stated) -> Sequence[int]:
    if claim.of is None or claim.of < 1:
        return ()
    if claim.count is not None:
        return (claim.count,) if claim.count <= claim.of else ()
    return counts_of(percent, claim.of)[:20]


def check_against(claim: Claim) -> Iterator[Finding]:
    """The p-value of one proportion against a fixed one, by the exact binomial test or the score test."""
    if claim.against is None or claim.p is None:
        return
    if claim.count is None or claim.of is None or not 0 <= claim.count <= claim.of or claim.of < 1:
        yield claim.unchecked("p-value", claim.p, "the count and its denominator are not stated")
        return
    from azygos.audit.family import best_p, one_sample_family

    share = claim.against.value / 100.0
    if not 0.0 < share < 1.0:
        yield claim.unchecked("p-value", claim.p, "a test needs a percentage between 0 and 100")
        return
    yield best_p(claim, claim.p, one_sample_family(claim.count, claim.of, share, claim.sides, claim.test))
