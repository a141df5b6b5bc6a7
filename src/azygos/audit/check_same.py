"""The same figure in two places: whether two statements of it agree."""

import math
from collections.abc import Iterator, Mapping, Sequence

from azygos.audit.check_counts import counts_of, more_or_less, percent_text, product, span
from azygos.audit.claims import Claim
from azygos.audit.finding import Finding, Verdict
from azygos.audit.stated import worst

__all__ = ["check_same"]


def check_same(claim: Claim, others: Mapping[str, Claim]) -> Iterator[Finding]:
    """Whether two statements of one figure agree."""
    if not claim.same_as or claim.same_as not in others:
        return
    other = others[claim.same_as]
    what = f"same as '{other.name}'"
    mine, theirs = _figure(claim), _figure(other)
    if mine is None or theirs is None:
        yield claim.unchecked(what, "", "one of the two has no count and no percentage")
        return
    stated = f"{mine} against {theirs}"
    n, m = claim.of, other.of
    if n is not None and n == m and n > 0:
        yield _same_counts(claim, other, what, stated, n)
        return
    if claim.count is not None and other.count is not None:
        yield _two_counts(claim, other, what, stated)
        return
    low, high = _range(claim)
    low2, high2 = _range(other)
    if math.isnan(low) or math.isnan(low2):
        yield claim.unchecked(what, stated, "a count without its denominator cannot be compared with a percentage")
        return
    agree = low <= high2 + 1e-9 and low2 <= high + 1e-9
    reason = f"between {low:.2f} and {high:.2f} % here, {low2:.2f} and {high2:.2f} % there"
    yield claim.line(what, stated, "", Verdict.ROUNDING if agree else Verdict.CONFLICT, reason, "ranges")


def _figure(claim: Claim) -> str | None:
    if claim.count is not None:
        return f"{claim.count} of {claim.of}" if claim.of is not None else str(claim.count)
    if claim.percent is not None:
        return percent_text(claim.percent.value) + (f" of {claim.of}" if claim.of is not None else "")
    return None if claim.of is None else str(claim.of)


def _same_counts(claim: Claim, other: Claim, what: str, stated: str, n: int) -> Finding:
    mine, theirs = (_count_range(one, n) for one in (claim, other))
    if not mine or not theirs:
        return claim.unchecked(what, stated, "one of the two is no whole number of persons")
    common = range(max(mine[0], theirs[0]), min(mine[-1], theirs[-1]) + 1)
    if common:
        verdict = Verdict.CONSISTENT if len(mine) == len(theirs) == 1 else Verdict.ROUNDING
        if worst((verdict, Verdict.CONSISTENT)) is Verdict.ROUNDING and (claim.count or other.count) is not None:
            verdict = Verdict.CONSISTENT  # a printed count lies among those that are printed as the percentage
        return claim.line(what, stated, span(common), verdict, f"both are {span(common)} of {n}", "counts")
    near, far = (mine[0], theirs[-1]) if mine[0] > theirs[-1] else (mine[-1], theirs[0])
    reason = f"{_from(claim, n)}{more_or_less(near, far)}{_there(other, n)}"
    return claim.line(what, stated, f"{near} and {far}", Verdict.CONFLICT, reason, "counts")


def _from(claim: Claim, n: int) -> str:
    return "" if claim.count is not None or claim.percent is None else f"{product(claim.percent.value, n)}: "


def _there(other: Claim, n: int) -> str:
    return "" if other.count is not None or other.percent is None else f" ({product(other.percent.value, n)})"


def _two_counts(claim: Claim, other: Claim, what: str, stated: str) -> Finding:
    assert claim.count is not None and other.count is not None
    is_same_whole = claim.of is None or other.of is None
    if claim.count == other.count and is_same_whole:
        return claim.line(what, stated, str(claim.count), Verdict.CONSISTENT, f"both are {claim.count}", "counts")
    reason = more_or_less(claim.count, other.count) if claim.count != other.count else f"both are {claim.count}"
    if not is_same_whole and claim.of is not None and other.of is not None:
        reason += f", of {more_or_less(claim.of, other.of)}"
    return claim.line(what, stated, "", Verdict.CONFLICT, reason, "counts")


def _count_range(claim: Claim, n: int) -> Sequence[int]:
    if claim.count is not None:
        return (claim.count,)
    return counts_of(claim.percent.value, n) if claim.percent is not None else (n,)


def _range(claim: Claim) -> tuple[float, float]:
    """The percentages that a figure may be."""
    if claim.count is not None:
        share = 100.0 * claim.count / claim.of if claim.of else math.nan
        return share, share
    if claim.percent is None:
        return math.nan, math.nan
    number = claim.percent.value
    match number.relation[0]:
        case "<":
            return 0.0, number.value
        case ">":
            return number.value, 100.0
        case "~":
            return 0.95 * number.low, 1.05 * number.high
    return number.low, number.high
