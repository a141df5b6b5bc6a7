"""Single-arm trials of a response in one stage or two (Simon 1989, Controlled Clinical Trials 10:1-10)."""

from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr, gammaln, xlog1py, xlogy

from azygos.errors import InputError, Problem
from azygos.statistics.check import between, refuse
from azygos.statistics.root import Array

__all__ = ["SimonDesigns", "SingleStage", "TwoStage", "simon_two_stage", "single_stage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoStage:
    """Stop after n1 patients with r1 responses or fewer; give the treatment up after n with r or fewer."""

    r1: int
    n1: int
    r: int
    n: int
    expected_n: float  # under p0
    early_stop: float  # probability, under p0
    alpha: float  # reached
    power: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SimonDesigns:
    """The design with the fewest patients on average under p0, and that with the smallest n (then the fewest)."""

    p0: float
    p1: float
    optimal: TwoStage
    minimax: TwoStage


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleStage:
    """Give the treatment up with r responses or fewer in n patients."""

    r: int
    n: int
    alpha: float
    power: float


def simon_two_stage(
    p0: float, p1: float, *, alpha: float = 0.05, beta: float = 0.2, largest_n: int = 150
) -> SimonDesigns:
    """Simon's optimal and minimax designs for a response rate p0 of no interest against p1, by search of all up to n.

    Raises InputError where no design of up to `largest_n` patients keeps alpha and beta.
    """
    _check(p0, p1, alpha, beta, largest_n)
    minimax = optimal = None
    for n in range(2, largest_n + 1):
        if optimal is not None and _least_expected(n, p0, p1, beta) >= optimal.expected_n:
            break
        found = _best_of(n, p0, p1, alpha, beta) if _most_power(n, p0, p1, alpha) >= 1.0 - beta else None
        if found is not None:
            minimax = minimax or found
            optimal = found if optimal is None or found.expected_n < optimal.expected_n - 1e-12 else optimal
    if minimax is None or optimal is None:
        raise InputError(_too_few(largest_n))
    return SimonDesigns(p0=p0, p1=p1, optimal=optimal, minimax=minimax)


def single_stage(p0: float, p1: float, *, alpha: float = 0.05, beta: float = 0.2, largest_n: int = 1000) -> SingleStage:
    """The smallest trial with one stage, by exact binomials (A'Hern 2001)."""
    _check(p0, p1, alpha, beta, largest_n)
    for n in range(1, largest_n + 1):
        r = int(np.argmax(1.0 - bdtr(np.arange(n + 1.0), n, p0) <= alpha))
        power = 1.0 - float(bdtr(r, n, p1))
        if power >= 1.0 - beta:
            return SingleStage(r=r, n=n, alpha=1.0 - float(bdtr(r, n, p0)), power=power)
    raise InputError(_too_few(largest_n))


def _check(p0: float, p1: float, alpha: float, beta: float, largest_n: int) -> None:
    refuse(
        between("p0", p0),
        between("p1", p1),
        Problem(f"{p1:g} is not above p0 = {p0:g}", "p1") if p1 <= p0 else None,
        between("alpha", alpha),
        between("beta", beta),
        None if 2 <= largest_n <= 1000 else Problem(f"{largest_n}", "largest_n", "give 2 to 1000"),
    )


def _too_few(largest_n: int) -> Problem:
    return Problem(f"no design of up to {largest_n} patients keeps alpha and beta", "largest_n", "give more")


def _most_power(n: int, p0: float, p1: float, alpha: float) -> float:
    """No test of n patients has more power: that of the likelihood ratio, randomised to use all of alpha."""
    x = np.arange(n + 1.0)
    r = int(np.argmax(1.0 - bdtr(x, n, p0) <= alpha))
    null, alternative = _binomial(n, p0), _binomial(n, p1)
    share = (alpha - null[r + 1 :].sum()) / null[r]
    return float(alternative[r + 1 :].sum() + share * alternative[r])


def _best_of(n: int, p0: float, p1: float, alpha: float, beta: float) -> TwoStage | None:
    """The design of n patients with the smallest expected number; None where none keeps alpha and beta."""
    best: TwoStage | None = None
    for n1 in range(1, n):
        stop0, reject0 = _chances(n1, n, p0)
        stop1, reject1 = _chances(n1, n, p1)
        r = np.argmax(reject0 <= alpha, axis=1)  # the smallest that keeps alpha has the most power
        rows = np.arange(n1)
        kept = (stop1 <= beta) & (reject1[rows, r] >= 1.0 - beta) & (r > rows)
        expected = np.where(kept, n1 + (1.0 - stop0) * (n - n1), np.inf)
        r1 = int(np.argmin(expected))
        if expected[r1] < (np.inf if best is None else best.expected_n - 1e-12):
            best = TwoStage(
                r1=r1,
                n1=n1,
                r=int(r[r1]),
                n=n,
                expected_n=float(expected[r1]),
                early_stop=float(stop0[r1]),
                alpha=float(reject0[r1, r[r1]]),
                power=float(reject1[r1, r[r1]]),
            )
    return best


def _chances(n1: int, n: int, p: float) -> tuple[Array, Array]:
    """For r1 from 0 to n1 - 1: P(stopped early); and, a column for every r from 0 to n, P(not given up)."""
    first = _binomial(n1, p)
    more = np.arange(n + 1.0) - np.arange(n1 + 1.0)[:, None]  # responses needed beyond those of stage 1: above these
    beyond = np.where(more < 0, 1.0, 1.0 - bdtr(np.clip(more, 0.0, n - n1), n - n1, p))
    success = np.cumsum((first[:, None] * beyond)[::-1], axis=0)[::-1]
    return np.cumsum(first)[:-1], success[1:]


def _least_expected(n: int, p0: float, p1: float, beta: float) -> float:
    """No design of n patients or more has a smaller expected number: each n1 stops as often as beta allows."""
    least = float(n)
    for n1 in range(1, n):
        r1 = int(np.sum(bdtr(np.arange(n1 + 1.0), n1, p1) <= beta)) - 1
        stop = float(bdtr(r1, n1, p0)) if r1 >= 0 else 0.0
        least = min(least, n1 + (1.0 - stop) * (n - n1))
    return least


def _binomial(n: int, p: float) -> Array:
    x = np.arange(n + 1.0)
    logs = gammaln(n + 1.0) - gammaln(x + 1.0) - gammaln(n - x + 1.0)
    return np.asarray(np.exp(logs + xlogy(x, p) + xlog1py(n - x, -p)))
