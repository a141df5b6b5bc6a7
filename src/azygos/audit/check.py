"""An audit of claims: every check that the printed numbers of a claim allow."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from azygos.audit.check_change import check_change
from azygos.audit.check_counts import check_against, check_percent
from azygos.audit.check_means import check_mean
from azygos.audit.check_parts import check_flow, check_parts, check_subgroups
from azygos.audit.check_same import check_same
from azygos.audit.check_tables import check_tables
from azygos.audit.check_tests import check_ratio, check_statistic
from azygos.audit.check_two_means import check_two_means
from azygos.audit.claims import Claim
from azygos.audit.finding import Finding, Verdict

__all__ = ["check_claim", "check_claims", "tally"]

CHECKS = (
    check_percent, check_against, check_parts, check_subgroups, check_flow, check_mean, check_tables, check_two_means,
    check_ratio, check_statistic, check_change,
)  # fmt: skip


def check_claims(claims: Sequence[Claim]) -> tuple[Finding, ...]:
    """The findings about all claims, in their order."""
    by_name = {claim.name: claim for claim in claims}
    return tuple(finding for claim in claims for finding in check_claim(claim, by_name))


def check_claim(claim: Claim, others: Mapping[str, Claim] | None = None) -> Iterator[Finding]:
    """The findings about one claim; one that says why, when nothing can be checked."""
    found = [finding for check in CHECKS for finding in check(claim)]
    found += check_same(claim, others or {})
    if claim.p is not None and not any("p-value" in finding.what for finding in found):
        found.append(claim.unchecked("p-value", claim.p, "neither the data nor a test statistic are stated with it"))
    # An interval that follows from its counts need not be held against its own estimate as well.
    settled = {f"{f.what} and its interval" for f in found if f.verdict is Verdict.CONSISTENT}
    found = [finding for finding in found if finding.what not in settled]
    yield from found or [claim.unchecked("claim", "", "it states nothing that could be recomputed")]


def tally(findings: Sequence[Finding]) -> dict[str, int]:
    """How many findings there are of each verdict, the gravest first."""
    counted = Counter(finding.verdict for finding in findings)
    order = sorted(Verdict, key=lambda verdict: -verdict.gravity)
    return {verdict.label: counted[verdict] for verdict in order}
