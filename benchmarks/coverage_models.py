"""How often intervals of the models cover the truth, and tests reject it, with 20, 89 and 400 patients in two arms.

    nice python benchmarks/coverage_models.py [SHARE OF REPEATS] [SEED]     about forty minutes for 1, on two cores

Band, written before the run: nominal (95 % covered, 5 % rejected) within 3 Monte-Carlo standard errors. KNOWN, written
before the run too, says where the literature has methods outside it and on which side; a method outside the band
without an entry there is a miss. Writes benchmarks/results/coverage_models.md.

Coverage of a linear model's interval does not depend on the effect, so one minus it is the type I error. Times to the
event are exponential, 30 to 40 % censored at random; MMRM loses 20 % of patients over four visits at random. What is
imputed is imputed five times: Rubin's rules have to hold for few tables, too, and 10 000 repeats of more take hours.
"""

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator

from azygos.errors import InputError
from azygos.rng import stream
from azygos.statistics.competing import aalen_johansen, gray_test
from azygos.statistics.hazards import cox
from azygos.statistics.imputation import multiple_imputation, rubin_rules
from azygos.statistics.linear import ancova
from azygos.statistics.mixed import mmrm
from azygos.statistics.ordinal import hodges_lehmann, mann_whitney, proportional_odds, wilcoxon_rank_sum_test
from azygos.statistics.reference_imputation import reference_based_analysis
from azygos.statistics.restricted_mean import rmst_difference
from azygos.statistics.result import Interval
from azygos.statistics.subdistribution import fine_gray
from azygos.statistics.survival import kaplan_meier, logrank_test

SIZES = (20, 89, 400)
REPEATS = 10_000
TABLES = 5  # imputed ones
OUT = Path(__file__).parent / "results" / "coverage_models.md"
CORRELATED = 0.6 * np.ones((4, 4)) + 0.4 * np.eye(4)
LESS, MORE = "too little", "too much"  # covered; of a test, rejected too often and too rarely

# (what, n): side and why. Of all sizes where n is None.
KNOWN = {
    ("MMRM, residual df", None): (LESS, "observations of one patient are counted as independent"),
    ("MMRM, Satterthwaite", 20): (LESS, "the covariance is taken for known (Kenward & Roger 1997)"),
    ("Kaplan-Meier, log", 20): (LESS, "Borgan & Liestoel 1990"),
    ("Kaplan-Meier, plain", 20): (LESS, "Borgan & Liestoel 1990"),
    ("Kaplan-Meier, plain", 89): (LESS, "Borgan & Liestoel 1990"),
    ("Kaplan-Meier, log-log", 20): (LESS, "Borgan & Liestoel 1990: a little"),
    ("Kaplan-Meier, arcsine", 20): (LESS, "Borgan & Liestoel 1990: a little"),
    ("median, log", 20): (LESS, "Brookmeyer & Crowley 1982: the curve's own error at a few steps"),
    ("log-rank test", 20): (LESS, "chi squared for few events (Latta 1981)"),
    ("Cox, Wald", 20): (LESS, "Wald's interval for few events"),
    ("Fine-Gray, Wald", 20): (LESS, "the sandwich is too small for few events"),
    ("Fine-Gray, Wald", 89): (LESS, "the sandwich is too small for few events"),
    ("Gray's test", 20): (LESS, "chi squared for few events"),
    ("Aalen-Johansen, log-log", 20): (LESS, "few events"),
    ("RMST difference", 20): (LESS, "normal interval for few events (Horiguchi & Uno 2020)"),
    ("RMST difference", 89): (LESS, "normal interval for few events (Horiguchi & Uno 2020)"),
    ("proportional odds, Wald", 20): (MORE, "Wald's test has little power far from zero (Hauck & Donner 1977)"),
    ("Wilcoxon test", 20): (MORE, "exact: the distribution has steps"),
    ("Wilcoxon test", 89): (MORE, "exact, or with Yates' correction"),
    ("Wilcoxon test", 400): (MORE, "Yates' correction"),
    ("Hodges-Lehmann", 20): (MORE, "exact: the distribution has steps"),
    ("Hodges-Lehmann", 89): (MORE, "exact: the distribution has steps"),
    ("Mann-Whitney, newcombe", 20): (MORE, "Newcombe 2006: conservative in small groups"),
    ("Mann-Whitney, newcombe", 89): (MORE, "Newcombe 2006: conservative"),
    ("Mann-Whitney, newcombe", 400): (MORE, "Newcombe 2006: the variance is not the data's own"),
    ("Mann-Whitney, brunner-munzel", 20): (LESS, "symmetric about an estimate near its bound"),
    ("imputed, jump-to-reference", None): (MORE, "what was lost stays lost (Cro et al. 2019)"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked of one method: whether it was right in one simulated trial."""

    name: str
    right: Callable[[Generator, int], bool]


def arms(n: int) -> np.ndarray:
    return (np.arange(n) % 2).astype(float)


def covers(interval: Interval, truth: float) -> bool:
    return interval.lower <= truth <= interval.upper


def normal_trial(draw: Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    arm, baseline = arms(n), draw.normal(size=n)
    return arm, baseline, 0.6 * baseline + 0.5 * arm + 0.8 * draw.normal(size=n)


def uneven_trial(draw: Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    arm, baseline = arms(n), draw.normal(size=n)
    return arm, baseline, 0.6 * baseline + 0.5 * arm + (0.8 + 0.8 * arm) * draw.normal(size=n)


def visits(draw: Generator, n: int, leaving: float = 0.055) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    arm, baseline = arms(n), draw.normal(size=n)
    y = 0.5 * baseline[:, None] + draw.normal(size=(n, 4)) @ np.linalg.cholesky(CORRELATED).T
    gone = np.cumsum(draw.random((n, 4)) < leaving, axis=1) > 0
    gone[:4, :] = False  # two of each arm always stay: no visit without both
    return arm, baseline, np.where(gone, np.nan, y)


def times(draw: Generator, n: int, hazard_ratio: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    arm = arms(n)
    event = draw.exponential(size=n) / np.where(arm == 1.0, hazard_ratio, 1.0)
    censored = draw.uniform(0.0, 2.5, n)
    return np.minimum(event, censored), (event <= censored).astype(float), arm


def causes(draw: Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    event, cause, censored = draw.exponential(size=n), draw.choice([1, 2], n, p=[0.6, 0.4]), draw.uniform(0.0, 2.5, n)
    return np.minimum(event, censored), np.where(event <= censored, cause, 0), arms(n)


def scores(draw: Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Five ordered categories of a logistic variable, shifted by a log odds ratio of 0.7."""
    arm = arms(n)
    return np.searchsorted([-1.5, -0.3, 0.6, 1.8], draw.logistic(size=n) + 0.7 * arm).astype(float), arm


def of_mmrm(df: str) -> Callable[[Generator, int], bool]:
    def right(draw: Generator, n: int) -> bool:
        arm, baseline, y = visits(draw, n)
        return covers(mmrm(y, arm, baseline=baseline, df=df).differences[-1].interval, 0.0)

    return right


def of_curve(scale: str) -> Callable[[Generator, int], bool]:
    def right(draw: Generator, n: int) -> bool:
        t, d, _ = times(draw, n)
        return covers(kaplan_meier(t, d, interval=scale).at(0.7), float(np.exp(-0.7)))

    return right


def of_winning(method: str) -> Callable[[Generator, int], bool]:
    def right(draw: Generator, n: int) -> bool:
        arm = arms(n)
        y = draw.normal(size=n) + 0.5 * arm
        truth = 0.6381631950841185  # Phi(0.5 / sqrt 2)
        return covers(mann_whitney(y, arm, method=method).probability, truth)

    return right


def ancova_right(draw: Generator, n: int) -> bool:
    arm, baseline, y = normal_trial(draw, n)
    return covers(ancova(y, arm, baseline=baseline).difference.interval, 0.5)


def ancova_uneven_right(draw: Generator, n: int) -> bool:
    arm, baseline, y = uneven_trial(draw, n)
    return covers(ancova(y, arm, baseline=baseline, variance="hc3").difference.interval, 0.5)


def median_right(draw: Generator, n: int) -> bool:
    t, d, _ = times(draw, n)
    return covers(kaplan_meier(t, d).median, float(np.log(2.0)))


def logrank_right(draw: Generator, n: int) -> bool:
    return logrank_test(*times(draw, n)).p >= 0.05


def cox_right(draw: Generator, n: int) -> bool:
    return covers(cox(*times(draw, n, 0.6)).hazard_ratios[0], 0.6)


def rmst_right(draw: Generator, n: int) -> bool:
    t, d, arm = times(draw, n)
    tau = 1.2
    if min(t[arm == side].max() for side in (0.0, 1.0)) < tau:
        tau = float(min(t[arm == side].max() for side in (0.0, 1.0)))
    return covers(rmst_difference(t, d, arm, tau).difference.interval, 0.0)


def incidence_right(draw: Generator, n: int) -> bool:
    t, cause, _ = causes(draw, n)
    return covers(aalen_johansen(t, cause)[0].at(0.7), float(0.6 * (1.0 - np.exp(-0.7))))


def gray_right(draw: Generator, n: int) -> bool:
    return gray_test(*causes(draw, n)).p >= 0.05


def fine_gray_right(draw: Generator, n: int) -> bool:
    return covers(fine_gray(*causes(draw, n)).log_hazard_ratios[0].interval, 0.0)


def odds_right(draw: Generator, n: int) -> bool:
    return covers(proportional_odds(*scores(draw, n)).log_odds_ratios[0].interval, 0.7)


def wilcoxon_right(draw: Generator, n: int) -> bool:
    return wilcoxon_rank_sum_test(draw.normal(size=n), arms(n)).p >= 0.05


def shift_right(draw: Generator, n: int) -> bool:
    arm = arms(n)
    return covers(hodges_lehmann(draw.normal(size=n) + 0.5 * arm, arm), 0.5)


def imputed_right(draw: Generator, n: int) -> bool:
    arm, baseline, y = visits(draw, n)
    table = np.column_stack([arm, baseline, y])
    tables = multiple_imputation(table, TABLES, method="monotone", seed=int(draw.integers(1 << 40)))
    fits = [ancova(one[:, -1], arm, baseline=baseline).difference for one in tables]
    found = rubin_rules([fit.estimate for fit in fits], [fit.se for fit in fits], complete_df=n - 3)
    return covers(found.effect.interval, 0.0)


def of_reference(strategy: str) -> Callable[[Generator, int], bool]:
    def right(draw: Generator, n: int) -> bool:
        arm, baseline, y = visits(draw, n)
        seed = int(draw.integers(1 << 40))
        found = reference_based_analysis(y, arm, strategy=strategy, baseline=baseline, imputations=TABLES, seed=seed)
        return covers(found.effect.interval, 0.0)

    return right


CASES = (
    Case("ANCOVA", ancova_right),
    Case("ANCOVA, HC3, unequal spread", ancova_uneven_right),
    Case("MMRM, Satterthwaite", of_mmrm("satterthwaite")),
    Case("MMRM, Kenward-Roger", of_mmrm("kenward-roger")),
    Case("MMRM, residual df", of_mmrm("residual")),
    *(Case(f"Kaplan-Meier, {scale}", of_curve(scale)) for scale in ("log", "log-log", "plain", "arcsine")),
    Case("median, log", median_right),
    Case("log-rank test", logrank_right),
    Case("Cox, Wald", cox_right),
    Case("RMST difference", rmst_right),
    Case("Aalen-Johansen, log-log", incidence_right),
    Case("Gray's test", gray_right),
    Case("Fine-Gray, Wald", fine_gray_right),
    Case("proportional odds, Wald", odds_right),
    Case("Wilcoxon test", wilcoxon_right),
    *(Case(f"Mann-Whitney, {m}", of_winning(m)) for m in ("logit", "brunner-munzel", "newcombe")),
    Case("Hodges-Lehmann", shift_right),
    Case("imputed, monotone normal", imputed_right),
    Case("imputed, mar", of_reference("mar")),
    Case("imputed, jump-to-reference", of_reference("jump-to-reference")),
)


def verdict(name: str, n: int, share: float, error: float) -> str:
    off = (share - 0.95) / error
    if abs(off) <= 3.0:
        return "within"
    side = LESS if off < 0.0 else MORE
    expected, why = KNOWN.get((name, n), KNOWN.get((name, None), ("", "")))
    return f"known: {why}" if side == expected else "MISS"


def holds(case: Case, draw: Generator, n: int) -> bool:
    """Whether the method was right; a trial in which there was nothing to compare rejects nothing."""
    try:
        return case.right(draw, n)
    except InputError:
        return True


def measured(number: int, n: int, repeats: int, seed: int) -> str:
    """The row of one case, by its number, at one size."""
    case, begun = CASES[number], time.perf_counter()
    right = [holds(case, stream(seed, case.name, n, i), n) for i in range(repeats)]
    share, error = float(np.mean(right)), float(np.sqrt(0.95 * 0.05 / repeats))
    each = (time.perf_counter() - begun) / repeats
    figures = f"{100 * share:.2f} | ±{300 * error:.2f} | {verdict(case.name, n, share, error)} | {1e3 * each:.2f}"
    return f"| {case.name} | {n} | {repeats} | {figures} |"


def rows(repeats: int, seed: int) -> Iterator[str]:
    asked = [(number, n) for number in range(len(CASES)) for n in SIZES]
    with ProcessPoolExecutor(2) as pool:
        yield from pool.map(measured, *zip(*asked, strict=True), [repeats] * len(asked), [seed] * len(asked))


def main(scale: float = 1.0, seed: int = 2012) -> None:
    head = [
        "| method | n | repeats | right [%] | band [%] | judged | ms each |",
        "|---|---|---|---|---|---|---|",
    ]
    print("\n".join(head))
    found = []
    for row in rows(max(int(REPEATS * scale), 20), seed):
        print(row, flush=True)
        found.append(row)
    text = [
        "# Coverage and type I error of the models",
        "",
        f"`python benchmarks/coverage_models.py {scale:g} {seed}`. Right: the interval covered the truth, or the test",
        "did not reject it at 5 %; nominal 95 %. Judged within 3 Monte-Carlo standard errors; known deviations were",
        "written down before the run (KNOWN in the script).",
        "",
        *head,
        *found,
        "",
    ]
    OUT.write_text("\n".join(text), encoding="utf-8")


if __name__ == "__main__":
    main(*(float(word) if i == 0 else int(word) for i, word in enumerate(sys.argv[1:])))
