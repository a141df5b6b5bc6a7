"""What a statistical method answers: an interval, or a test."""

from dataclasses import dataclass

from azygos.shown import html

__all__ = ["Interval", "Test", "chi2_test"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate and the interval around it, in the units of what was estimated."""

    estimate: float
    lower: float
    upper: float
    level: float  # 0.95 for 95 %
    method: str

    _repr_html_ = html  # of a notebook

    def __str__(self) -> str:
        bounds = f"{100 * self.level:g} % interval {self.lower:.4g} to {self.upper:.4g}"
        return f"{self.estimate:.4g} ({bounds}, {self.method})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """A test's statistic and its p-value."""

    __test__ = False  # not one of pytest's

    statistic: float
    p: float
    method: str
    alternative: str = "two-sided"  # or "less", "greater"
    df: float | None = None  # degrees of freedom, where the reference distribution has them

    _repr_html_ = html  # of a notebook

    def __str__(self) -> str:
        of = "" if self.df is None else f", {self.df:.4g} degrees of freedom"
        return f"{self.method}: {self.statistic:.4g}{of}, p = {self.p:.4g} ({self.alternative})"


def chi2_test(statistic: float, df: int, method: str) -> Test:
    """A statistic held against chi-squared; rounding may have put it below zero."""
    from scipy.special import chdtrc

    return Test(statistic=statistic, p=float(chdtrc(df, max(statistic, 0.0))), method=method, df=df)
