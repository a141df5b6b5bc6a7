"""What a fit gives: the body, its parameters with their uncertainty, and how far each measurement is from it."""

from dataclasses import dataclass

from azygos.body.body import Body
from azygos.engine.outcome import Outcome
from azygos.population.amount import Amount
from azygos.population.measurement import Measurement
from azygos.shown import html

__all__ = ["UNDETERMINED", "Estimate", "Fit", "Residual"]

UNDETERMINED = 0.9  # of the prior's width: a posterior wider than this is told as not determined


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A parameter as the measurements leave it. Factors are relative to the reference body."""

    name: str
    factor: float
    standard_error: float  # of the factor
    interval: tuple[float, float]  # 95 %, within the range
    prior_spread: float  # standard deviation of the factor's logarithm before ...
    spread: float  # ... and after
    at_limit: bool  # whether it stopped at an end of its range
    amount: Amount | None  # what the factor makes of the quantity

    @property
    def determined(self) -> bool:
        """Whether the measurements say more of it than next to nothing."""
        return self.spread <= UNDETERMINED * self.prior_spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Residual:
    """A measurement beside what the body gives [SI]."""

    measurement: Measurement
    before: float  # of the body as it was
    fitted: float

    @property
    def in_errors(self) -> float:
        """Fitted minus measured, in units of the error."""
        return (self.fitted - self.measurement.value) / self.measurement.error


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Fit:
    """A body fitted to measurements."""

    body: Body
    estimates: tuple[Estimate, ...]
    residuals: tuple[Residual, ...]
    rounds: int
    converged: bool
    outcome: Outcome  # of the solves
    message: str

    _repr_html_ = html  # of a notebook

    @property
    def chi2(self) -> float:
        """Sum of the squared residuals in units of the errors."""
        return sum(residual.in_errors**2 for residual in self.residuals)

    @property
    def factors(self) -> dict[str, float]:
        return {estimate.name: estimate.factor for estimate in self.estimates}

    def __repr__(self) -> str:
        rows = [
            self.message,
            f"chi2 {self.chi2:.3g} of {len(self.residuals)} measurements",
            *(
                f"{e.name}: {e.factor:.3f} +- {e.standard_error:.3f}{'' if e.determined else ', not determined'}"
                for e in self.estimates
            ),
        ]
        branches = ["├── "] * (len(rows) - 1) + ["└── "]
        return "\n".join([f"Fit of '{self.body.name}'", *(b + row for b, row in zip(branches, rows, strict=True))])
