"""How often intervals of counts cover the truth, and tests reject it, with 20, 89 and 400 patients in a group.

    nice python benchmarks/coverage.py     about ten minutes of one core

Binomial methods are judged by exact enumeration of every outcome, on a grid of proportions: the mean coverage over the
grid, and the least. The others are drawn 10 000 times (the stratified score interval 2 500).

Band, written before the run: the mean is nominal within three Monte-Carlo standard errors of 10 000 repeats, 0.65
points. KNOWN, written before the run too, says where the literature has methods outside it and on which side; ALWAYS
names those that must never fall below. Anything else is a miss. Writes benchmarks/results/coverage.md.

Proportions: 0.01 to 0.99 for one group, 0.05 to 0.95 for each of two. Of a test it is one minus the type I error.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from azygos.rng import stream
from azygos.statistics.blinding import bang_index, james_index
from azygos.statistics.conditional import fisher_table
from azygos.statistics.difference import risk_difference_bounds
from azygos.statistics.exact import barnard_p, binomial, boschloo_p
from azygos.statistics.meta import meta_analysis
from azygos.statistics.proportion import proportion_bounds
from azygos.statistics.ratio import odds_ratio_bounds, risk_ratio_bounds
from azygos.statistics.sequential import group_sequential_bounds
from azygos.statistics.sequential_result import stagewise_p
from azygos.statistics.stratified import mantel_haenszel_interval, stratified_difference_interval

Array = NDArray[np.float64]

SIZES = (20, 89, 400)
REPEATS = 10_000
BAND = 300.0 * float(np.sqrt(0.95 * 0.05 / REPEATS))  # points
OUT = Path(__file__).parent / "results" / "coverage.md"
LESS, MORE = "less", "more"  # covered than nominal
ALWAYS = ("Clopper-Pearson", "Blaker", "OR exact", "Fisher", "Barnard", "Boschloo", "RD exact unconditional")

# (method, n): side and why. Of all sizes where n is None.
KNOWN = {
    ("Clopper-Pearson", None): (MORE, "exact: never less than nominal"),
    ("Blaker", None): (MORE, "exact: never less than nominal"),
    ("mid-p", 20): (MORE, "Newcombe 1998: a little at small numbers"),
    ("Wilson cc", None): (MORE, "corrected towards the exact interval (Newcombe 1998)"),
    ("Agresti-Coull", 20): (MORE, "Brown, Cai & DasGupta 2001"),
    ("Agresti-Coull", 89): (MORE, "Brown, Cai & DasGupta 2001"),
    ("Wald", None): (LESS, "Brown, Cai & DasGupta 2001: erratic, even at large n"),
    ("RD Miettinen-Nurminen", 20): (MORE, "Newcombe 1998"),
    ("RD Newcombe", 20): (MORE, "Newcombe 1998"),
    ("RD Newcombe cc", None): (MORE, "corrected for continuity (Newcombe 1998)"),
    ("RD Agresti-Caffo", 20): (MORE, "Agresti & Caffo 2000"),
    ("RD Wald", 20): (LESS, "Newcombe 1998; Agresti & Caffo 2000"),
    ("RD Wald", 89): (LESS, "Newcombe 1998; Agresti & Caffo 2000"),
    ("RD exact unconditional", None): (MORE, "exact: never less than nominal"),
    ("RR log", 20): (MORE, "open where a count is 0"),
    ("RR Walter", 20): (MORE, "a half added to the counts draws it in"),
    ("OR exact", None): (MORE, "exact given the margins"),
    ("OR mid-p", 20): (MORE, "discrete given the margins"),
    ("OR Woolf", 20): (MORE, "Agresti 1999; open where a cell is 0"),
    ("OR Gart", 20): (MORE, "Agresti 1999"),
    ("Fisher", None): (MORE, "exact given the margins: the distribution has steps"),
    ("Fisher mid-p", 20): (MORE, "discrete given the margins"),
    ("Boschloo", None): (MORE, "exact"),
    ("Barnard", None): (MORE, "exact"),
    ("chi-square", 20): (LESS, "Campbell 2007: needs N - 1"),
    ("chi-square cc", None): (MORE, "Yates's correction imitates Fisher's test"),
    ("meta REML, Wald", 5): (LESS, "tau² is taken for known (IntHout et al. 2014)"),
    ("meta REML, Wald", 20): (LESS, "tau² is taken for known (IntHout et al. 2014)"),
    ("meta DL, Wald", 5): (LESS, "tau² is taken for known (IntHout et al. 2014)"),
    ("meta DL, Wald", 20): (LESS, "tau² is taken for known (IntHout et al. 2014)"),
    ("meta REML, prediction", 5): (LESS, "tau² is taken for known (Partlett & Riley 2017)"),
    ("meta REML, prediction", 20): (LESS, "tau² is taken for known (Partlett & Riley 2017)"),
    ("meta HK, prediction", 5): (LESS, "tau² is taken for known (Partlett & Riley 2017)"),
    ("James's index", 20): (LESS, "a normal interval for few patients"),
    ("Bang's index", 20): (LESS, "a normal interval for few patients"),
}


@dataclass(frozen=True)
class Row:
    method: str
    n: int
    mean: float  # percent
    least: float | None = None  # over the grid; None of what was drawn

    @property
    def verdict(self) -> str:
        if self.method in ALWAYS and (self.least if self.least is not None else self.mean) < 95.0 - 1e-6:
            return "MISS: must never be below 95"
        side, why = KNOWN.get((self.method, self.n)) or KNOWN.get((self.method, None)) or ("", "")
        if abs(self.mean - 95.0) <= BAND:
            return "within" if not side else f"within (known: {side}, {why})"
        if side == (MORE if self.mean > 95.0 else LESS):
            return f"known: {why}"
        return "MISS"


ONE = {
    "Clopper-Pearson": "clopper-pearson", "Blaker": "blaker", "mid-p": "mid-p", "Wilson": "wilson",
    "Wilson cc": "wilson-cc", "Jeffreys": "jeffreys", "Agresti-Coull": "agresti-coull", "Wald": "wald",
}  # fmt: skip
DIFFERENCE = {
    "RD Miettinen-Nurminen": "miettinen-nurminen", "RD Farrington-Manning": "farrington-manning",
    "RD Newcombe": "newcombe", "RD Newcombe cc": "newcombe-cc", "RD Agresti-Caffo": "agresti-caffo",
    "RD Wald": "wald", "RD Wald cc": "wald-cc",
}  # fmt: skip
RISK_RATIO = {
    "RR Miettinen-Nurminen": "miettinen-nurminen",
    "RR Koopman": "koopman",
    "RR log": "log",
    "RR Walter": "walter",
}
ODDS_RATIO = {
    "OR exact": "exact", "OR mid-p": "mid-p", "OR Miettinen-Nurminen": "miettinen-nurminen", "OR score": "score",
    "OR Woolf": "woolf", "OR Gart": "gart",
}  # fmt: skip
SLOW = ("OR exact", "OR mid-p")  # not for 160 801 tables of 400 against 400


def one_group(n: int) -> Iterator[Row]:
    p = np.arange(0.01, 0.995, 0.0025)
    chance = binomial(n, p)
    for name, method in ONE.items():
        lower, upper = proportion_bounds(np.arange(n + 1), n, method=method)
        covered = (chance * ((lower <= p[:, None] + 1e-12) & (p[:, None] <= upper + 1e-12))).sum(axis=1)
        yield Row(name, n, 100.0 * float(covered.mean()), 100.0 * float(covered.min()))


@cache
def grid(n: int) -> tuple[Array, Array]:
    p = np.arange(0.05, 0.9501, 0.05)
    return p, binomial(n, p)


def two_groups(n: int) -> Iterator[Row]:
    """Over every pair of proportions of the grid."""
    p, chance = grid(n)
    a, b = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    families: tuple[tuple[dict[str, str], Callable[..., tuple[Array, Array]], Callable[[float, float], float]], ...] = (
        (DIFFERENCE, risk_difference_bounds, lambda x, y: x - y),
        (RISK_RATIO, risk_ratio_bounds, lambda x, y: x / y),
        (ODDS_RATIO, odds_ratio_bounds, lambda x, y: x * (1 - y) / (y * (1 - x))),
    )
    for methods, bounds, truth in families:
        for name, method in methods.items():
            if name in SLOW and n > 100:
                continue
            lower, upper = bounds(a, n, b, n, method=method)
            covered = [
                first @ ((lower <= truth(x, y) + 1e-9) & (truth(x, y) - 1e-9 <= upper)) @ second
                for x, first in zip(p, chance, strict=True)
                for y, second in zip(p, chance, strict=True)
            ]
            yield Row(name, n, 100.0 * float(np.mean(covered)), 100.0 * float(np.min(covered)))
    if n <= 20:
        yield exact_unconditional(n)


def exact_unconditional(n: int) -> Row:
    p, chance = grid(n)
    a, b = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    lower, upper = risk_difference_bounds(a, n, b, n, method="exact-unconditional")
    covered = [
        first @ ((lower <= x - y + 1e-7) & (x - y - 1e-7 <= upper)) @ second
        for x, first in zip(p, chance, strict=True)
        for y, second in zip(p, chance, strict=True)
    ]
    return Row("RD exact unconditional", n, 100.0 * float(np.mean(covered)), 100.0 * float(np.min(covered)))


def tests_of_two(n: int) -> Iterator[Row]:
    """One minus the type I error, both groups with the same proportion of the grid."""
    a, b = np.meshgrid(np.arange(n + 1.0), np.arange(n + 1.0), indexing="ij")
    m, size = a + b, 2.0 * n
    scale = np.divide(size, n * n * m * (size - m), out=np.zeros_like(m), where=(m > 0) & (m < size))
    off = np.abs(a - b) * n
    p_values = {
        "Fisher": fisher_table(n, n),
        "Fisher mid-p": fisher_mid_p(n),
        "chi-square": chdtrc(1.0, scale * off**2),
        "chi-square cc": chdtrc(1.0, scale * np.maximum(off - 0.5 * size, 0.0) ** 2),
        "chi-square N - 1": chdtrc(1.0, scale * (size - 1.0) / size * off**2),
    }
    if n <= 20:
        p_values["Boschloo"] = np.array(
            [[boschloo_p(i, n, j, n, "two-sided")[1] for j in range(n + 1)] for i in range(n + 1)]
        )
        p_values["Barnard"] = np.array(
            [[barnard_p(i, n, j, n, "two-sided")[1] for j in range(n + 1)] for i in range(n + 1)]
        )
    _, chance = grid(n)
    for name, p in p_values.items():
        kept = [q @ (p > 0.05 + 1e-12) @ q for q in chance]
        yield Row(name, n, 100.0 * float(np.mean(kept)), 100.0 * float(np.min(kept)))


def fisher_mid_p(n: int) -> Array:
    """Twice the smaller tail, with half of the table seen."""
    less, greater = fisher_table(n, n, "less"), fisher_table(n, n, "greater")
    own = less + greater - 1.0
    return np.asarray(np.minimum(2.0 * np.minimum(less - 0.5 * own, greater - 0.5 * own), 1.0))


def blinding(n: int) -> Iterator[Row]:
    """Guesses in shares 0.4, 0.3, 0.3 of both arms, drawn."""
    shares = np.array([0.4, 0.3, 0.3])
    guesses = stream(1, f"guesses {n}").multinomial(n, shares, size=(REPEATS, 2))
    bang = [bang_index(*(int(count) for count in arm)) for arm in guesses[:, 0]]
    yield Row("Bang's index", n, 100.0 * float(np.mean([i.lower <= 0.1 <= i.upper for i in bang])))
    james = [james_index(tuple(map(int, a)), tuple(map(int, c))) for a, c in guesses]
    # By its definition 0.3 + 0.7/2 * 0.7 P_o/P_e; wrong guesses are as frequent as by chance, so P_o = P_e.
    truth = 0.3 + 0.5 * 0.7
    yield Row("James's index", n, 100.0 * float(np.mean([i.lower <= truth <= i.upper for i in james])))


def strata(n: int) -> Iterator[Row]:
    """Three strata with risks of 0.2, 0.4, 0.6, and 0.15 more in the first group; about n/3 of each group in each."""
    sizes = np.array([n // 3, n // 3, n - 2 * (n // 3)])
    draws = stream(1, f"strata {n}")
    base = np.array([0.2, 0.4, 0.6])
    x1 = draws.binomial(sizes, base + 0.15, size=(REPEATS, 3))
    x2 = draws.binomial(sizes, base, size=(REPEATS, 3))
    found = [
        mantel_haenszel_interval(a, sizes, b, sizes, measure="risk-difference") for a, b in zip(x1, x2, strict=True)
    ]
    yield Row("strata RD Mantel-Haenszel", n, 100.0 * float(np.mean([i.lower <= 0.15 <= i.upper for i in found])))
    found = [stratified_difference_interval(a, sizes, b, sizes) for a, b in zip(x1, x2, strict=True)]
    yield Row("strata RD Miettinen-Nurminen", n, 100.0 * float(np.mean([i.lower <= 0.15 <= i.upper for i in found])))
    odds = base / (1 - base) * 2.0  # an odds ratio of 2 in all
    x1 = draws.binomial(sizes, odds / (1 + odds), size=(REPEATS, 3))
    found = [mantel_haenszel_interval(a, sizes, b, sizes) for a, b in zip(x1, x2, strict=True)]
    yield Row("strata OR Mantel-Haenszel", n, 100.0 * float(np.mean([i.lower <= 2.0 <= i.upper for i in found])))


def pooled(k: int) -> Iterator[Row]:
    """k studies with variances 0.02 to 0.2 and tau² 0.05 around an effect of 0.3; a further study's effect."""
    draws = stream(1, f"studies {k}")
    v = np.linspace(0.02, 0.2, k)
    seen = dict.fromkeys(
        (
            "meta REML, Wald",
            "meta REML, Hartung-Knapp",
            "meta DL, Wald",
            "meta REML, prediction",
            "meta HK, prediction",
            "meta tau²",
        ),
        0,
    )
    for _ in range(REPEATS):
        y = 0.3 + draws.normal(size=k) * np.sqrt(v + 0.05)
        ahead = 0.3 + draws.normal() * np.sqrt(0.05)
        reml, adjusted = meta_analysis(y, v), meta_analysis(y, v, interval="hartung-knapp")
        dl = meta_analysis(y, v, method="DL")
        seen["meta REML, Wald"] += reml.lower <= 0.3 <= reml.upper
        seen["meta REML, Hartung-Knapp"] += adjusted.lower <= 0.3 <= adjusted.upper
        seen["meta DL, Wald"] += dl.lower <= 0.3 <= dl.upper
        seen["meta REML, prediction"] += (reml.prediction_lower or 0.0) <= ahead <= (reml.prediction_upper or 0.0)
        seen["meta HK, prediction"] += (adjusted.prediction_lower or 0.0) <= ahead <= (adjusted.prediction_upper or 0.0)
        seen["meta tau²"] += (reml.tau2_lower or 0.0) <= 0.05 <= (reml.tau2_upper or 0.0)
    for name, count in seen.items():
        yield Row(name, k, 100.0 * count / REPEATS)


def sequential(looks: int) -> Row:
    """A drift of 2.5 under O'Brien and Fleming's bounds: the adjusted interval holds it where p does not reject it."""
    design = group_sequential_bounds(looks=looks)
    steps = np.diff(np.array(design.information), prepend=0.0)
    walk = np.cumsum(stream(1, f"score {looks}").normal(size=(REPEATS, looks)) * np.sqrt(steps) + 2.5 * steps, axis=1)
    z = walk / np.sqrt(np.array(design.information))
    crossed = z >= np.array(design.z)
    look = np.where(crossed.any(axis=1), np.argmax(crossed, axis=1), looks - 1)
    p = np.array([stagewise_p(design, float(z[i, at]), int(at) + 1, 2.5) for i, at in enumerate(look)])
    return Row("sequential, adjusted", looks, 100.0 * float(np.mean((p > 0.025) & (p < 0.975))))


def rows() -> Iterator[Row]:
    for n in SIZES:
        yield from one_group(n)
        yield from two_groups(n)
        yield from tests_of_two(n)
        yield from blinding(n)
        yield from strata(n)
    for k in (5, 20, 89):
        yield from pooled(k)
    for looks in (2, 5):
        yield sequential(looks)


def told(found: Sequence[Row]) -> str:
    """A line for every method, its mean coverage at each size with the least in brackets; an asterisk is a miss."""
    lines = ["| method | covered [%] (least over the grid) | known, written before |", "|---|---|---|"]
    for method in dict.fromkeys(row.method for row in found):
        cells = [
            f"{row.n}: {row.mean:.2f}{'*' if row.verdict.startswith('MISS') else ''}"
            + ("" if row.least is None else f" ({row.least:.1f})")
            for row in found
            if row.method == method
        ]
        reasons = dict.fromkeys(f"{side}: {why}" for (name, _), (side, why) in KNOWN.items() if name == method)
        lines.append(f"| {method} | {'; '.join(cells)} | {'; '.join(reasons)} |")
    return "\n".join(lines)


def main() -> None:
    found = []
    for row in rows():
        print(
            f"{row.method}, {row.n}: {row.mean:.2f} {'' if row.least is None else f'({row.least:.2f})'} {row.verdict}",
            flush=True,
        )
        found.append(row)
    misses = sum(row.verdict.startswith("MISS") for row in found)
    head = f"Band 95 ± {BAND:.2f}; patients a group, studies, or looks. {len(found)} figures, {misses} misses (*)."
    OUT.write_text(f"# Coverage of intervals and tests of counts\n\n{head}\n\n{told(found)}\n", encoding="utf-8")
    print(head)


if __name__ == "__main__":
    main()
