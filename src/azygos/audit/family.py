"""What the usual methods give for the same counts, and which of them is what was printed.

A publication often does not name its method. A printed interval or p-value is then held against all usual ones, and
the line says which it is; a named method is held against itself.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from sys import float_info

from azygos.audit.check_tests import p_shown
from azygos.audit.claims import Claim
from azygos.audit.finding import Finding, Verdict
from azygos.audit.stated import Estimate, Stated, fit, worst

__all__ = ["Candidate", "best", "best_p", "called", "listed", "named", "one_sample_family", "proportion_family"]

EPONYMS = frozenset(
    {"agresti", "barnard", "blaker", "boschloo", "caffo", "clopper", "coull", "farrington", "fisher", "gart",
     "jeffreys", "koopman", "manning", "miettinen", "newcombe", "nurminen", "pearson", "wald", "walter", "wilson",
     "woolf"}
)  # fmt: skip


PRECISION_OF_R = float_info.epsilon**0.25  # of uniroot, 1.2e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An estimate and interval by one method, in the unit that is printed."""

    method: str
    estimate: float
    lower: float
    upper: float
    note: str = ""  # how it was formed, if not as stated
    is_rough_in_r: bool = False  # R's fisher.test, which many have used, stops its search at a precision of 1e-4

    def verdicts(self, stated: Estimate) -> tuple[Verdict, ...]:
        """How estimate, lower and upper bound stand to the printed ones; of those that are printed."""
        pairs = ((stated.value, self.estimate), (stated.lower, self.lower), (stated.upper, self.upper))
        return tuple(self._fit(number, value) for number, value in pairs if number is not None)

    def _fit(self, stated: Stated, value: float) -> Verdict:
        found = fit(stated, value)
        if found is Verdict.CONFLICT and self.is_rough_in_r and min(stated.value, value) > 0.0:
            both = sorted((stated.value, value))  # its search is for the ratio up to 1, above for one over it
            apart = both[1] - both[0] if both[1] <= 1.0 else 1.0 / both[0] - 1.0 / both[1]
            return Verdict.ROUNDING if apart <= PRECISION_OF_R else found
        return found

    def apart(self, stated: Estimate) -> float:
        """How far off it is, in units of the last printed digits."""
        pairs = ((stated.value, self.estimate), (stated.lower, self.lower), (stated.upper, self.upper))
        return sum(min(abs(number.value - value) / number.unit, 1e9) for number, value in pairs if number is not None)

    def shown(self, stated: Estimate) -> str:
        """The recomputed numbers with the printed decimals."""
        text = stated.value.shown(self.estimate)
        if stated.lower is None or stated.upper is None:
            return text
        return f"{text} ({stated.lower.shown(self.lower)} to {stated.upper.shown(self.upper)})"


def named(method: str, known: Sequence[str]) -> list[str]:
    """The methods that a name means, such as `Wilson score`: all where nothing is named, none if it is unknown."""
    if not method:
        return list(known)
    words = method.lower().replace("–", "-").replace("’", "'").replace("-", " ")
    exact = [name for name in known if name.replace("-", " ") == words]
    return exact or [name for name in known if name.replace("-", " ") in words]


def best(claim: Claim, what: str, stated: Estimate, candidates: Iterable[Candidate]) -> Finding:
    """The line of a printed estimate with interval: by the first method that gives it, else by the nearest."""
    found: Candidate | None = None
    for candidate in candidates:
        if not math.isfinite(candidate.estimate):
            continue
        if found is None or _order(candidate, stated) < _order(found, stated):
            found = candidate
        if worst(found.verdicts(stated)) is Verdict.CONSISTENT:
            break
    if found is None:
        return claim.unchecked(what, stated, _none(claim.method))
    verdict = worst(found.verdicts(stated))
    reason = f"{found.note}{'; ' if found.note else ''}{_by(found, claim)}"
    if verdict is Verdict.ROUNDING:
        reason += f" gives {found.shown(stated)}: cut off or rounded twice"
        reason += ", or as R's fisher.test has it, which stops short" if found.is_rough_in_r else ""
    if verdict is Verdict.CONFLICT:
        reason += f" is nearest with {found.shown(stated)}; {_misses(found, stated)}"
        if claim.is_adjusted:
            verdict = Verdict.UNCHECKED
            reason += "; an adjusted estimate cannot be reproduced from counts"
        elif claim.groups:
            reason += "; an adjusted estimate would not be reproduced by counts (declare 'adjusted' if it is one)"
    return claim.line(what, stated, found.shown(stated), verdict, reason, called(found.method))


def _none(name: str) -> str:
    """Why nothing was recomputed."""
    if name:
        return f"'{name}' is not among what can be recomputed from these numbers, or gives none"
    return "nothing gives a number for these counts"


def _order(candidate: Candidate, stated: Estimate) -> tuple[int, bool, float]:
    """The better first: by verdict, then as stated before the other way round, then by distance."""
    return worst(candidate.verdicts(stated)).gravity, bool(candidate.note), candidate.apart(stated)


def _by(found: Candidate, claim: Claim) -> str:
    return called(found.method) if claim.method else f"{called(found.method)} (no method is named)"


def called(method: str) -> str:
    """A method as one writes it: `Clopper-Pearson`, `mid-p`, `Fisher`."""
    head = method.partition(" ")[0]
    if not set(head.split("-")) & EPONYMS:
        return method
    return "-".join(part.capitalize() if part in EPONYMS else part for part in method.split("-"))


def _misses(found: Candidate, stated: Estimate) -> str:
    names = [name for name, n in (("estimate", stated.value), ("lower", stated.lower), ("upper", stated.upper)) if n]
    wrong = [
        name for name, one in zip(names, found.verdicts(stated), strict=True) if one is Verdict.CONFLICT
    ]  # the bounds are called by their side
    told = [f"{name} bound" if name != "estimate" else "estimate" for name in wrong]
    return f"{listed(told)} {'does' if len(told) == 1 else 'do'} not follow"


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join((*([", ".join(words[:-1])] if len(words) > 1 else []), *words[-1:]))


def best_p(claim: Claim, p: Stated, family: Sequence[tuple[str, float]], *, is_decisive: bool = True) -> Finding:
    """The line of a printed p-value: by the test that comes nearest; never a conflict where it `is_decisive` not."""
    usable = [(name, value) for name, value in family if math.isfinite(value)]
    if not usable:
        return claim.unchecked("p-value", p, _none(claim.test))

    def order(one: tuple[str, float]) -> tuple[int, float]:
        gravity = fit(p, one[1]).gravity
        return gravity, abs(one[1] - p.value) if gravity else 0.0

    name, value = min(usable, key=order)
    verdict = fit(p, value)
    reason = f"{called(name)} gives {p_shown(value, p)}" + ("" if claim.test else " (no test is named)")
    if verdict is Verdict.ROUNDING:
        reason += ": cut off, rounded twice or rough"
    if verdict is Verdict.CONFLICT:
        others = dict.fromkeys(f"{called(other)} {p_shown(v, p)}" for other, v in usable if other != name)
        reason = f"the nearest, {reason}" + (f"; {', '.join(list(others)[:4])}" if others else "")
        reason += "; that of an adjusted estimate would differ" if claim.groups and is_decisive else ""
        if claim.is_adjusted or not is_decisive:
            verdict = Verdict.UNCHECKED
    return claim.line("p-value", p, p_shown(value, p), verdict, reason, called(name))


def proportion_family(count: int, n: int, level: float, method: str) -> Iterator[Candidate]:
    """Intervals of a percentage."""
    from azygos.statistics.proportion import IntervalMethod, proportion_interval

    known: tuple[IntervalMethod, ...] = (
        "clopper-pearson", "wilson", "wald", "jeffreys", "agresti-coull", "wilson-cc", "mid-p", "blaker",
    )  # fmt: skip
    words = method.lower().replace("exact", "clopper-pearson").replace("normal", "wald").replace("asymptotic", "wald")
    wanted = named("wilson" if words in ("score", "wilson score") else words, known)
    for name in known:
        if name in wanted and (name != "blaker" or n <= 2000):
            found = proportion_interval(count, n, method=name, level=level)
            scale = 100.0
            yield Candidate(
                method=name, estimate=scale * found.estimate, lower=scale * found.lower, upper=scale * found.upper
            )


def one_sample_family(count: int, n: int, share: float, sides: int, test: str) -> list[tuple[str, float]]:
    """p-values of one proportion against a fixed one."""
    from azygos.statistics.proportion import Alternative, proportion_test

    side: Alternative = "greater" if count / n >= share else "less"
    alternative: Alternative = "two-sided" if sides == 2 else side
    found = {
        "exact binomial": proportion_test(count, n, share, method="exact", alternative=alternative).p,
        "mid-p binomial": proportion_test(count, n, share, method="mid-p", alternative=alternative).p,
        "score": proportion_test(count, n, share, method="score", alternative=alternative).p,
        "score-cc": proportion_test(count, n, share, method="score-cc", alternative=alternative).p,
    }
    words = test.lower()
    meant = "exact binomial" if "exact" in words or words == "binomial" else test
    return [(name, found[name]) for name in named(meant, list(found))]
