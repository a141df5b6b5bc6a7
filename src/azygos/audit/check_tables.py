"""Two groups with counts: their ratios, their difference and the p-value of their comparison."""

import math
from collections.abc import Iterator, Sequence
from itertools import islice, product

from azygos.audit.check_counts import check_percent, counts_of
from azygos.audit.claims import Claim, Group
from azygos.audit.family import Candidate, best, best_p, called, named
from azygos.audit.finding import Finding
from azygos.audit.stated import Estimate, Stated

__all__ = ["check_tables"]

MOST_TABLES = 60  # pairs of counts behind two rounded percentages that are tried
LARGEST_UNCONDITIONAL = 20_000  # n1 n2 above which the unconditional tests would take seconds
MOST_EVENTS = 5_000  # above which the exact interval of an odds ratio would, and equals the others anyway
LARGEST_EXACT = 2_000  # n1 n2 above which the exact interval of a difference would

Counts = tuple[int, int, int, int]


def check_tables(claim: Claim) -> Iterator[Finding]:
    """Everything printed about groups with counts."""
    groups = claim.groups
    if not groups or any(group.mean is not None for group in groups):
        return
    for group in groups:
        if group.percent is not None:
            yield from _own_percent(claim, group)
    measures = {"odds ratio": claim.odds_ratio, "risk ratio": claim.risk_ratio, "difference": claim.difference}
    printed = {name: estimate for name, estimate in measures.items() if estimate is not None}
    if any(group.is_events for group in groups):
        yield from _events(claim, printed)
        return
    tables = _tables(groups)
    if not tables:
        reason = "the counts or sizes of the groups are not stated, or are impossible"
        for name, estimate in printed.items():
            yield claim.unchecked(name, estimate, reason)
        if claim.p is not None:
            yield claim.unchecked("p-value", claim.p, reason)
        return
    for name, estimate in printed.items():
        yield _measure(claim, name, estimate, tables)
    if claim.p is not None and claim.statistic is None:
        yield _p(claim, claim.p, tables)


def _own_percent(claim: Claim, group: Group) -> Iterator[Finding]:
    assert group.percent is not None
    part = Claim(
        name=f"{claim.name}, {group.name}", place=claim.place, count=group.count, of=group.of,
        percent=Estimate(value=group.percent),
    )  # fmt: skip
    return check_percent(part)


def _tables(groups: Sequence[Group]) -> list[tuple[tuple[int, int], ...]]:
    """The counts and sizes that the groups may have: several where percentages stand for them."""
    columns = [[(count, group.of or 0) for count in _counts(group)] for group in groups]
    return list(islice(product(*columns), MOST_TABLES))


def _counts(group: Group) -> Sequence[int]:
    if group.of is None or group.of < 1:
        return ()
    if group.count is not None:
        return (group.count,) if 0 <= group.count <= group.of else ()
    return counts_of(group.percent, group.of)[:20] if group.percent is not None else ()


def _measure(claim: Claim, name: str, estimate: Estimate, tables: Sequence[tuple[tuple[int, int], ...]]) -> Finding:
    """A ratio or difference: as the first group against the second, the other way round, or of those without."""
    if len(claim.groups) != 2:
        return claim.unchecked(name, estimate, "a ratio or difference needs two groups")
    candidates = (c for (one, other) in tables for c in _ways(name, (*one, *other), estimate.level, claim))
    return best(claim, name, estimate, candidates)


def _ways(name: str, counts: Counts, level: float, claim: Claim) -> Iterator[Candidate]:
    x1, n1, x2, n2 = counts
    first, second = (group.name for group in claim.groups)
    yield from _family(name, counts, level, claim.method, "")
    yield from _family(name, (x2, n2, x1, n1), level, claim.method, f"{second} against {first}")
    if name == "risk ratio":
        yield from _family(name, (n1 - x1, n1, n2 - x2, n2), level, claim.method, "of those without the event")


def _family(name: str, counts: Counts, level: float, method: str, note: str) -> Iterator[Candidate]:
    match name:
        case "odds ratio":
            return _odds_ratios(counts, level, method, note)
        case "risk ratio":
            return _risk_ratios(counts, level, method, note)
    return _differences(counts, level, method, note)


def _odds_ratios(counts: Counts, level: float, method: str, note: str) -> Iterator[Candidate]:
    from azygos.statistics.ratio import OddsRatioMethod, odds_ratio_interval

    known: tuple[OddsRatioMethod, ...] = ("woolf", "exact", "mid-p", "miettinen-nurminen", "score", "gart")
    wanted = named(_called(method, "woolf"), known)
    for name in (name for name in known if name in wanted):
        if name in ("exact", "mid-p") and counts[0] + counts[2] > MOST_EVENTS:
            continue
        found = odds_ratio_interval(*counts, method=name, level=level)
        yield Candidate(
            method=name, estimate=found.estimate, lower=found.lower, upper=found.upper, note=note,
            is_rough_in_r=name == "exact",
        )  # fmt: skip
        if name == "exact":  # programs that print exact bounds often print the plain odds ratio with them
            x1, n1, x2, n2 = counts
            below = (n1 - x1) * x2
            plain = x1 * (n2 - x2) / below if below else math.inf
            yield Candidate(method=name, estimate=plain, lower=found.lower, upper=found.upper, note=note)


def _risk_ratios(counts: Counts, level: float, method: str, note: str) -> Iterator[Candidate]:
    from azygos.statistics.ratio import RiskRatioMethod, risk_ratio_interval

    known: tuple[RiskRatioMethod, ...] = ("log", "koopman", "miettinen-nurminen", "walter")
    for name in (name for name in known if name in named(_called(method, "log"), known)):
        found = risk_ratio_interval(*counts, method=name, level=level)
        yield Candidate(method=name, estimate=found.estimate, lower=found.lower, upper=found.upper, note=note)


def _differences(counts: Counts, level: float, method: str, note: str) -> Iterator[Candidate]:
    """In percentage points, as they are printed."""
    from azygos.statistics.difference import DifferenceMethod, risk_difference_interval

    known: tuple[DifferenceMethod, ...] = (
        "wald", "newcombe", "miettinen-nurminen", "agresti-caffo", "newcombe-cc", "wald-cc", "farrington-manning",
        "exact-unconditional",
    )  # fmt: skip
    is_small = counts[1] * counts[3] <= LARGEST_EXACT
    for name in (name for name in known if name in named(method, known)):
        if name == "exact-unconditional" and not is_small:
            continue
        found = risk_difference_interval(*counts, method=name, level=level)
        points = [100.0 * value for value in (found.estimate, found.lower, found.upper)]
        yield Candidate(method=name, estimate=points[0], lower=points[1], upper=points[2], note=note)


def _called(method: str, usual: str) -> str:
    """A method by another of its names: logit, log, Wald and Katz are the delta method of a logarithm."""
    words = method.lower()
    if any(word in words for word in ("wald", "logit", "katz", "log", "delta", "asymptotic", "normal")):
        return usual
    return "exact" if "fisher" in words or "conditional" in words else method


def _p(claim: Claim, p: Stated, tables: Sequence[tuple[tuple[int, int], ...]]) -> Finding:
    family = [one for table in tables for one in _p_family(claim, table, is_only=len(tables) == 1)]
    return best_p(claim, p, family)


def _p_family(claim: Claim, table: tuple[tuple[int, int], ...], *, is_only: bool) -> list[tuple[str, float]]:
    if len(table) == 1:
        return []
    if len(table) > 2:
        return [("chi-square", _chi_square(table))]
    from azygos.statistics.tables import Alternative, TableMethod, two_proportions_test

    (x1, n1), (x2, n2) = table
    known: list[TableMethod] = ["fisher", "chi-square", "chi-square-cc", "chi-square-n-1", "mid-p"]
    if is_only and n1 * n2 <= LARGEST_UNCONDITIONAL:
        known += ["boschloo", "barnard"]
    wanted = _tests_called(claim.test, known)
    side: Alternative = "greater" if x1 * n2 >= x2 * n1 else "less"
    alternative: Alternative = "two-sided" if claim.sides == 2 else side
    family = []
    for name in (name for name in known if name in wanted):
        family.append((str(name), two_proportions_test(x1, n1, x2, n2, method=name, alternative=alternative).p))
        if claim.sides == 2 and name in ("fisher", "boschloo", "barnard"):  # as some programs do
            one_sided = two_proportions_test(x1, n1, x2, n2, method=name, alternative=side).p
            family.append((f"{called(name)}, one side doubled", min(1.0, 2.0 * one_sided)))
    return sorted(family, key=lambda one: "doubled" in one[0])


def _tests_called(test: str, known: Sequence[str]) -> Sequence[str]:
    """The tests that a name means. A plain chi-square may have been corrected by the program, so it means both."""
    words = test.lower().replace("χ", "chi").replace("²", "2")
    if "mid" in words:
        return ["mid-p"]
    if "uncorrected" in words or "z-test" in words or "z test" in words:
        return ["chi-square"]
    if "yates" in words or "corrected" in words or "correction" in words:
        return ["chi-square-cc"]
    if "chi" in words or "pearson" in words:
        return [name for name in known if name.startswith("chi")]
    return named(test, known)


def _chi_square(table: tuple[tuple[int, int], ...]) -> float:
    """Pearson's chi-square of several groups."""
    from scipy import special

    total, events = sum(n for _, n in table), sum(x for x, _ in table)
    if events in (0, total):
        return math.nan
    share = events / total
    statistic = sum((x - n * share) ** 2 / (n * share * (1.0 - share)) for x, n in table)
    return float(special.chdtrc(len(table) - 1, statistic))


def _events(claim: Claim, printed: dict[str, Estimate]) -> Iterator[Finding]:
    """Events of which a person may have several: by Poisson rates, which hold if they come independently."""
    for name, estimate in printed.items():
        yield claim.unchecked(name, estimate, "events are stated, not the number of persons who had any")
    if claim.p is None:
        return
    if len(claim.groups) != 2 or any(group.count is None or not group.of for group in claim.groups):
        yield claim.unchecked("p-value", claim.p, "the events or persons of a group are not stated")
        return
    from azygos.statistics.proportion import proportion_test

    first, second = claim.groups
    x1, x2 = first.count or 0, second.count or 0
    if x1 + x2 == 0:
        yield claim.unchecked("p-value", claim.p, "there were no events")
        return
    share = (first.of or 0) / ((first.of or 0) + (second.of or 0))
    found = [("Poisson rates, exact", proportion_test(x1, x1 + x2, share, method="exact").p),
             ("Poisson rates, mid-p", proportion_test(x1, x1 + x2, share, method="mid-p").p)]  # fmt: skip
    line = best_p(claim, claim.p, found, is_decisive=False)
    yield claim.line(
        line.what, line.stated, line.recomputed, line.verdict,
        f"{line.reason}; events cluster in persons, so other tests need each person's count", line.method,
    )  # fmt: skip
