"""Tests of x1 in n1 against x2 in n2."""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from scipy.special import chdtrc, ndtr

from azygos.errors import Problem
from azygos.statistics.check import choice, counts, refuse
from azygos.statistics.conditional import conditional_odds_ratio, fisher_p
from azygos.statistics.constrained import Pair, difference_score
from azygos.statistics.exact import barnard_p, boschloo_p
from azygos.statistics.result import Test

__all__ = [
    "barnard_test", "boschloo_test", "chi_square_test", "fisher_test", "risk_difference_test", "two_proportions_test",
]  # fmt: skip

Alternative = Literal["two-sided", "less", "greater"]
TableMethod = Literal["fisher", "mid-p", "boschloo", "barnard", "chi-square", "chi-square-cc", "chi-square-n-1"]


def two_proportions_test(
    x1: int,
    n1: int,
    x2: int,
    n2: int,
    *,
    method: TableMethod = "fisher",
    alternative: Alternative = "two-sided",
) -> Test:
    """The test of p1 = p2; `greater` means p1 > p2. `method` names one of the tests of this module, with `mid-p` for
    Fisher's where the table seen counts half (two-sided: twice the smaller tail).
    """
    refuse(*_checks(x1, n1, x2, n2, alternative), choice("method", method, _TESTS))
    return _TESTS[method](x1, n1, x2, n2, alternative)


def fisher_test(x1: int, n1: int, x2: int, n2: int, *, alternative: Alternative = "two-sided") -> Test:
    """Fisher's exact test; its statistic is the conditional estimate of the odds ratio.

    Two-sided it sums the tables no likelier than the one seen, as R's fisher.test does.
    """
    refuse(*_checks(x1, n1, x2, n2, alternative))
    return _fisher(x1, n1, x2, n2, alternative)


def boschloo_test(x1: int, n1: int, x2: int, n2: int, *, alternative: Alternative = "two-sided") -> Test:
    """Boschloo's (1970) exact unconditional test, which orders tables by Fisher's p; never weaker than Fisher's."""
    refuse(*_checks(x1, n1, x2, n2, alternative))
    return _boschloo(x1, n1, x2, n2, alternative)


def barnard_test(x1: int, n1: int, x2: int, n2: int, *, alternative: Alternative = "two-sided") -> Test:
    """Barnard's (1945) exact unconditional test, which orders tables by z with a pooled variance."""
    refuse(*_checks(x1, n1, x2, n2, alternative))
    return _barnard(x1, n1, x2, n2, alternative)


def chi_square_test(
    x1: int, n1: int, x2: int, n2: int, *, alternative: Alternative = "two-sided", correction: bool = False
) -> Test:
    """Pearson's chi-square; with `correction` Yates's for continuity. One-sided it is the root with its sign."""
    refuse(*_checks(x1, n1, x2, n2, alternative))
    return _chi_square(x1, n1, x2, n2, alternative, "chi-square-cc" if correction else "chi-square")


def risk_difference_test(
    x1: int,
    n1: int,
    x2: int,
    n2: int,
    *,
    margin: float = 0.0,
    method: Literal["miettinen-nurminen", "farrington-manning"] = "miettinen-nurminen",
    alternative: Alternative = "two-sided",
) -> Test:
    """The score test of p1 - p2 = margin: non-inferiority with `greater` and a negative margin.

    z = (x1/n1 - x2/n2 - margin)/sqrt(V), V at the maximum of the likelihood under the margin; it rejects exactly where
    `risk_difference_interval` of the same name excludes the margin.
    """
    refuse(
        *_checks(x1, n1, x2, n2, alternative),
        choice("method", method, ("miettinen-nurminen", "farrington-manning")),
        None if -1.0 < margin < 1.0 else Problem(f"{margin:g} is not between -1 and 1", "margin"),
    )
    pair = Pair.of(x1, n1, x2, n2)
    squared = float(difference_score(pair, np.asarray(margin, dtype=float), method == "miettinen-nurminen"))
    z = float(np.copysign(np.sqrt(squared), x1 / n1 - x2 / n2 - margin))
    return Test(statistic=z, p=_p_of_z(z, alternative), method=method, alternative=alternative)


def _checks(x1: int, n1: int, x2: int, n2: int, alternative: str) -> tuple[Problem | None, ...]:
    alternatives = choice("alternative", alternative, ("two-sided", "less", "greater"))
    return counts(x1, n1, "x1", "n1"), counts(x2, n2, "x2", "n2"), alternatives


def _p_of_z(z: float, alternative: str) -> float:
    return float({"two-sided": 2.0 * ndtr(-abs(z)), "less": ndtr(z), "greater": ndtr(-z)}[alternative])


def _fisher(x1: int, n1: int, x2: int, n2: int, alternative: str) -> Test:
    p = fisher_p(x1, n1, x2, n2, alternative=alternative)
    return Test(statistic=conditional_odds_ratio(x1, n1, x2, n2), p=p, method="fisher", alternative=alternative)


def _mid_p(x1: int, n1: int, x2: int, n2: int, alternative: str) -> Test:
    p = fisher_p(x1, n1, x2, n2, alternative=alternative, own_share=0.5)
    return Test(statistic=conditional_odds_ratio(x1, n1, x2, n2), p=p, method="mid-p", alternative=alternative)


def _boschloo(x1: int, n1: int, x2: int, n2: int, alternative: str) -> Test:
    statistic, p = boschloo_p(x1, n1, x2, n2, alternative)
    return Test(statistic=statistic, p=p, method="boschloo", alternative=alternative)


def _barnard(x1: int, n1: int, x2: int, n2: int, alternative: str) -> Test:
    statistic, p = barnard_p(x1, n1, x2, n2, alternative)
    return Test(statistic=statistic, p=p, method="barnard", alternative=alternative)


def _chi_square(x1: int, n1: int, x2: int, n2: int, alternative: str, method: str) -> Test:
    """N (|x1 n2 - x2 n1| - correction)²/(n1 n2 m (N - m)), the correction at most the difference itself."""
    n, m = n1 + n2, x1 + x2
    off = float(x1 * n2 - x2 * n1)
    size = max(abs(off) - (0.5 * n if method == "chi-square-cc" else 0.0), 0.0)
    scale = n - 1 if method == "chi-square-n-1" else n
    squared = scale * size**2 / (n1 * n2 * m * (n - m)) if 0 < m < n else 0.0
    p = float(chdtrc(1.0, squared))
    if alternative != "two-sided":
        p = _p_of_z(float(np.copysign(np.sqrt(squared), off)), alternative)
    return Test(statistic=squared, p=p, method=method, alternative=alternative, df=1.0)


def _pearson(x1: int, n1: int, x2: int, n2: int, alternative: str) -> Test:
    return _chi_square(x1, n1, x2, n2, alternative, "chi-square")


def _yates(x1: int, n1: int, x2: int, n2: int, alternative: str) -> Test:
    return _chi_square(x1, n1, x2, n2, alternative, "chi-square-cc")


def _of_campbell(x1: int, n1: int, x2: int, n2: int, alternative: str) -> Test:
    """With N - 1 for N (Campbell 2007, Stat Med 26:3661), the best of the chi-squares at small numbers."""
    return _chi_square(x1, n1, x2, n2, alternative, "chi-square-n-1")


_TESTS: Mapping[str, Callable[[int, int, int, int, str], Test]] = {
    "fisher": _fisher,
    "mid-p": _mid_p,
    "boschloo": _boschloo,
    "barnard": _barnard,
    "chi-square": _pearson,
    "chi-square-cc": _yates,
    "chi-square-n-1": _of_campbell,
}
