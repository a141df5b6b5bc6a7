"""Parts of a whole, and the way of persons through a study."""

from collections.abc import Iterator, Sequence

from azygos.audit.check_counts import counts_of, more_or_less, span
from azygos.audit.claims import Claim, Part
from azygos.audit.finding import Finding, Verdict
from azygos.audit.stated import Stated, shown

__all__ = ["check_flow", "check_parts", "check_subgroups"]


def check_parts(claim: Claim) -> Iterator[Finding]:
    """Whether parts add up to their whole: counts to a number, percentages to 100, or both together."""
    if not claim.parts:
        return
    percents = [part for part in claim.parts if part.is_percent]
    if percents and len(percents) == len(claim.parts):
        yield _hundred(claim, percents)
    if claim.of is not None and claim.of >= 0:
        yield _whole(claim, claim.parts, claim.of)
    elif len(percents) < len(claim.parts):
        yield claim.unchecked("sum of the parts", _sum(claim.parts), "the whole is not stated")


def _sum(parts: Sequence[Part]) -> str:
    return " + ".join(f"{part.value}" for part in parts)


def _hundred(claim: Claim, parts: Sequence[Part]) -> Finding:
    total = sum(part.value.value for part in parts)
    leeway = sum(part.value.unit / 2.0 for part in parts)
    decimals = max(part.value.decimals for part in parts)
    printed = shown(total, decimals)
    what, stated = "percentages add up", _sum(parts)
    if abs(total - 100.0) < 1e-9:
        return claim.line(what, stated, "100 %", Verdict.CONSISTENT, "they add up to 100 %", "sum")
    if abs(total - 100.0) <= leeway + 1e-9:
        reason = f"they add up to {printed} %; rounding {len(parts)} numbers can be off by {leeway:g}"
        return claim.line(what, stated, f"{printed} %", Verdict.ROUNDING, reason, "sum")
    reason = f"they add up to {printed} %, and rounding can be off by {leeway:g} only"
    if total > 100.0:
        reason += "; do the parts overlap?"
    return claim.line(what, stated, f"{printed} %", Verdict.CONFLICT, reason, "sum")


def _whole(claim: Claim, parts: Sequence[Part], n: int) -> Finding:
    """Whether whole numbers behind the parts can add up to n."""
    what = "parts add up"
    counts = [_part_counts(part, n, Verdict.CONSISTENT) for part in parts]
    empty = [part for part, some in zip(parts, counts, strict=True) if not some]
    if empty:
        wide = [_part_counts(part, n, Verdict.ROUNDING) for part in parts]
        if all(wide) and sum(c[0] for c in wide) <= n <= sum(c[-1] for c in wide):
            reason = f"{n} only if {empty[0].value} was cut off or rough"
            return claim.line(what, f"{_sum(parts)} of {n}", str(n), Verdict.ROUNDING, reason, "sum")
        reason = f"no whole number of {n} is {empty[0].value} ('{empty[0].name}')"
        return claim.line(what, f"{_sum(parts)} of {n}", "", Verdict.CONFLICT, reason, "sum")
    low, high = sum(c[0] for c in counts), sum(c[-1] for c in counts)
    told = " + ".join(span(some) for some in counts)
    is_exact = all(len(some) == 1 for some in counts)
    recomputed = str(low) if low == high else f"{low} to {high}"
    if low <= n <= high:
        reason = f"{told} = {n}" if is_exact else f"{told} can be {n}"
        return claim.line(what, f"{_sum(parts)} of {n}", recomputed, Verdict.CONSISTENT, reason, "sum")
    near = low if n < low else high
    reason = f"{told} is {more_or_less(near, n)}"
    if near > n:
        reason += "; do the parts overlap?"
    return claim.line(what, f"{_sum(parts)} of {n}", recomputed, Verdict.CONFLICT, reason, "sum")


def _part_counts(part: Part, n: int, verdict: Verdict) -> range:
    if part.is_percent:
        return counts_of(part.value, n, verdict) if n else range(0)
    count = round(part.value.value)
    return range(count, count + 1)


def check_flow(claim: Claim) -> Iterator[Finding]:
    """Whether those who began, less those who went, are those who stayed."""
    if claim.start is None and claim.left is None:
        return
    if claim.start is None or claim.left is None:
        missing = "start" if claim.start is None else "left"
        yield claim.unchecked("flow", claim.start or claim.left, f"'{missing}' is not stated")
        return
    gone = sum(round(part.value.value) for part in claim.less)
    value = claim.start - gone
    told = " − ".join([str(claim.start), *(str(part.value) for part in claim.less)])
    verdict = Verdict.CONSISTENT if value == claim.left else Verdict.CONFLICT
    reason = f"{told} = {value}"
    if verdict is Verdict.CONFLICT:
        reason += f", not {claim.left}: {more_or_less(value, claim.left)}"
    yield claim.line("flow", f"{told} = {claim.left}", str(value), verdict, reason, "sum")


def check_subgroups(claim: Claim) -> Iterator[Finding]:
    """Whether the sizes and counts of subgroups add up to those of all."""
    groups = claim.groups
    if not groups or claim.of is None or any(group.of is None or group.mean is not None for group in groups):
        return
    sizes = [group.of or 0 for group in groups]
    told = f"{' + '.join(map(str, sizes))} of {claim.of}"
    reason = f"{' + '.join(map(str, sizes))} = {sum(sizes)}"
    verdict = Verdict.CONSISTENT if sum(sizes) == claim.of else Verdict.CONFLICT
    if verdict is Verdict.CONFLICT:
        reason += f": {more_or_less(sum(sizes), claim.of)}"
    yield claim.line("sizes of the subgroups", told, str(sum(sizes)), verdict, reason, "sum")
    if claim.count is not None or claim.percent is not None:
        yield _counts_of_all(claim, claim.of)


def _counts_of_all(claim: Claim, n: int) -> Finding:
    """Whether the counts of subgroups, or those behind their percentages, can add up to the count of all."""
    what = "counts of the subgroups"
    ranges = [
        range(group.count, group.count + 1) if group.count is not None else _behind(group.percent, group.of or 0)
        for group in claim.groups
    ]
    printed = claim.percent.value if claim.percent is not None else None
    whole = range(claim.count, claim.count + 1) if claim.count is not None else _behind(printed, n)
    stated = str(claim.count) if claim.count is not None else f"{printed} of {n}"
    if not whole or not all(ranges):
        return claim.unchecked(what, stated, "the count of a subgroup, or of all, is not stated or no whole number")
    low, high = sum(some[0] for some in ranges), sum(some[-1] for some in ranges)
    told = " + ".join(span(some) for some in ranges)
    total = str(low) if low == high else f"{low} to {high}"
    if low <= whole[-1] and whole[0] <= high:
        return claim.line(what, stated, total, Verdict.CONSISTENT, f"{told} is {total}", "sum")
    near = low if whole[-1] < low else high
    apart = more_or_less(near, whole[-1] if whole[-1] < low else whole[0])
    return claim.line(what, stated, total, Verdict.CONFLICT, f"{told} is {apart}", "sum")


def _behind(percent: Stated | None, n: int) -> range:
    return counts_of(percent, n) if percent is not None and n > 0 else range(0)
