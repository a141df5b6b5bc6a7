"""A relative change against the numbers it was formed from."""

from collections.abc import Iterator
from itertools import product

from azygos.audit.claims import Claim
from azygos.audit.finding import Finding, Verdict
from azygos.audit.stated import fit, shown

__all__ = ["check_change"]


def check_change(claim: Claim) -> Iterator[Finding]:
    """A relative change in per cent against the numbers it was formed from."""
    if claim.change is None:
        return
    if claim.before is None or claim.after is None:
        yield claim.unchecked("change", claim.change, "the numbers before and after are not both stated")
        return
    before, after = claim.before, claim.after
    if before.value == 0.0:
        yield claim.unchecked("change", claim.change, "a change from zero has no percentage")
        return
    corners = [100.0 * (b / a - 1.0) for a, b in product((before.low, before.high), (after.low, after.high)) if a]
    value = 100.0 * (after.value / before.value - 1.0)
    verdict = fit(claim.change, value, min(corners), max(corners))
    reason = f"from {before} to {after} is {shown(value, max(claim.change.decimals, 1))} %"
    if verdict is Verdict.ROUNDING:
        reach = " to ".join(shown(end, max(claim.change.decimals, 1)) for end in sorted((min(corners), max(corners))))
        reason += f"; before their rounding it could be {reach} %"
    points = after.value - before.value
    if verdict is Verdict.CONFLICT and fit(claim.change, -value, -max(corners), -min(corners)) is not Verdict.CONFLICT:
        verdict, reason = Verdict.CONSISTENT, f"{reason}: a change of this size, printed without its sign"
    elif verdict is Verdict.CONFLICT and fit(claim.change, abs(points)) is Verdict.CONSISTENT:
        reason += "; the stated number is the difference in points, not a percentage of the first"
    yield claim.line("change", claim.change, f"{shown(value, max(claim.change.decimals, 1))} %", verdict, reason)
