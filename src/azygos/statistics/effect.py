"""An estimated effect: its standard error, its interval and its test against no effect."""

import math
from dataclasses import dataclass

from azygos.statistics.result import Interval, Test

__all__ = ["Effect", "effect", "quantile_of_t", "two_sided_p"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """An estimate with its standard error, in the units of what was estimated."""

    se: float
    interval: Interval
    test: Test  # of the estimate being zero

    @property
    def estimate(self) -> float:
        return self.interval.estimate

    @property
    def p(self) -> float:
        return self.test.p

    @property
    def df(self) -> float | None:
        """Degrees of freedom of Student's distribution; None where the normal distribution was used."""
        return self.test.df

    def __str__(self) -> str:
        return f"{self.interval}, se {self.se:.4g}, p = {self.p:.4g}"


def effect(estimate: float, se: float, *, level: float, method: str, df: float | None = None) -> Effect:
    """Estimate ± quantile x se, and the test of estimate / se; Student's distribution with `df`, else the normal."""
    statistic = estimate / se if se > 0.0 else math.copysign(math.inf, estimate) if estimate else math.nan
    half = quantile_of_t(0.5 + level / 2.0, df) * se
    return Effect(
        se=se,
        interval=Interval(estimate=estimate, lower=estimate - half, upper=estimate + half, level=level, method=method),
        test=Test(statistic=statistic, p=two_sided_p(statistic, df), method=method, df=df),
    )


def quantile_of_t(probability: float, df: float | None) -> float:
    """Quantile of Student's distribution, of the normal one without df."""
    from scipy.special import ndtri, stdtrit

    return float(ndtri(probability) if df is None or math.isinf(df) else stdtrit(df, probability))


def two_sided_p(statistic: float, df: float | None = None) -> float:
    """Probability of |T| at least as large, by Student's distribution, by the normal one without df."""
    from scipy.special import ndtr, stdtr

    tail = -abs(statistic)
    return float(2.0 * (ndtr(tail) if df is None or math.isinf(df) else stdtr(df, tail)))
