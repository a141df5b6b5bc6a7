"""Ordered categories: proportional odds; Wilcoxon, Mann and Whitney; win odds; Hodges and Lehmann."""

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from azygos.statistics.columns import Columns, Floats, Ints
from azygos.statistics.effect import Effect, effect, quantile_of_t
from azygos.statistics.endless import endless_effect, where_endless
from azygos.statistics.hazards import exponential
from azygos.statistics.linear import inverse_of_cross_products, inverse_of_information, own_information
from azygos.statistics.result import Interval, Test, chi2_test
from azygos.statistics.risk_sets import FLAT

__all__ = [
    "ProportionalOdds",
    "Winning",
    "hodges_lehmann",
    "mann_whitney",
    "proportional_odds",
    "wilcoxon_rank_sum_test",
]

METHOD = "proportional odds"
MOST_ITERATIONS = 100
SETTLED = 1e-12  # of the Newton decrement; one step more is still taken
MOST_PAIRS = 50_000_000
EXACT_BELOW = 50  # patients in each group, without ties, as in R

WinningMethod = Literal["logit", "brunner-munzel", "newcombe"]
WINNING_METHODS = ("logit", "brunner-munzel", "newcombe")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProportionalOdds:
    """What the proportional-odds model found: an odds ratio above 1 goes with higher categories."""

    log_odds_ratios: tuple[Effect, ...]
    odds_ratios: tuple[Interval, ...]
    categories: tuple[str, ...]
    thresholds: Floats  # theta_j, one less than categories
    covariance: Floats  # of the thresholds and then the log odds ratios
    log_likelihood: float
    likelihood_ratio: Test  # of all log odds ratios being zero
    converged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Winning:
    """How often a patient of the other arm does better than one of the control; a tie counts a half."""

    arms: tuple[str, str]  # (control, other)
    probability: Interval  # P(other > control) + P(tie) / 2
    odds: Interval  # probability / (1 - probability), the win odds
    test: Test  # of a probability of one half


def proportional_odds(outcome: ArrayLike, covariates: ArrayLike, *, level: float = 0.95) -> ProportionalOdds:
    """Odds ratios of being in a higher category (McCullagh, J R Stat Soc B 1980;42:109), by maximum likelihood.

        logit P(Y <= j) = theta_j - x'b

    One odds ratio holds for every cut of the categories; with two categories this is logistic regression. Intervals
    and tests are Wald's. `converged` is false where covariates separate the categories: such an odds ratio has no
    finite estimate and no interval, and its test is the score's (endless.py). `outcome` are numbers in the categories'
    order. Raises InputError for one category only, missing values or covariates that repeat
    each other.
    """
    columns = Columns()
    y = columns.numbers(outcome, "outcome")
    x = columns.table(covariates, "covariates")
    columns.level(level)
    if not columns.problems and len(np.unique(y)) < 2:
        columns.say("has one category only", "outcome", "there is nothing to compare")
    columns.done()
    inverse_of_cross_products(x - x.mean(axis=0))
    labels, category = np.unique(y, return_inverse=True)
    start = np.concatenate([_thresholds(category), np.zeros(x.shape[1])])
    centre = x.mean(axis=0)
    upper, lower = _cuts(category, x - centre, len(labels))
    place, value, information, settled = _greatest(upper, lower, start, len(labels) - 1)
    covariance = inverse_of_information(information)
    first = len(labels) - 1
    null, _, at_null = _likelihood(upper, lower, start)
    endless = where_endless(own_information(information)[first:], FLAT * own_information(at_null)[first:], settled)
    found = tuple(
        endless_effect(float(place[i]), level=level, method=METHOD, score=_score(upper, lower, start, i, first))
        if endless[i - first]
        else effect(float(place[i]), math.sqrt(covariance[i, i]), level=level, method=METHOD)
        for i in range(first, len(place))
    )
    return ProportionalOdds(
        log_odds_ratios=found,
        odds_ratios=tuple(exponential(one.interval) for one in found),
        categories=tuple(f"{label:g}" for label in labels.tolist()),
        thresholds=place[:first] + centre @ place[first:],
        covariance=_uncentred(covariance, centre, first),
        log_likelihood=value,
        likelihood_ratio=chi2_test(2.0 * (value - null), x.shape[1], "likelihood ratio test"),
        converged=settled,
    )


def wilcoxon_rank_sum_test(outcome: ArrayLike, arm: ArrayLike, *, control: str | None = None) -> Test:
    """The test that neither arm tends to higher values (Wilcoxon 1945; Mann & Whitney 1947), two-sided.

    Exact with fewer than 50 patients in each arm and no ties; else by the normal distribution with the variance
    corrected for ties and Yates' correction, as R's wilcox.test. The statistic is the number of pairs, one from each
    arm, in which the other arm's value is higher, ties as a half.
    """
    from scipy.stats import mannwhitneyu

    columns = Columns()
    y = columns.numbers(outcome, "outcome")
    _, other = columns.arms(arm, control)
    columns.done()
    ours, theirs = y[other == 1.0], y[other == 0.0]
    exact = max(len(ours), len(theirs)) < EXACT_BELOW and len(np.unique(y)) == len(y)
    if len(np.unique(y)) == 1:  # scipy would divide by a standard deviation of zero
        return Test(statistic=len(ours) * len(theirs) / 2.0, p=1.0, method="Wilcoxon rank sum test")
    found = mannwhitneyu(ours, theirs, method="exact" if exact else "asymptotic")
    name = f"Wilcoxon rank sum test, {'exact' if exact else 'normal approximation'}"
    return Test(statistic=float(found.statistic), p=float(found.pvalue), method=name)


def mann_whitney(
    outcome: ArrayLike,
    arm: ArrayLike,
    *,
    method: WinningMethod = "logit",
    level: float = 0.95,
    control: str | None = None,
) -> Winning:
    """The probability theta that a patient of the other arm does better, and the win odds theta / (1 - theta).

    var theta = s_x^2 / m + s_y^2 / n, of the placements of each arm's values among the other's (Brunner & Munzel,
    Biom J 2000;42:17; DeLong 1988). `brunner-munzel` is theta ± t se with their degrees of freedom; `logit`, the
    default, takes the interval on log odds, by the normal distribution, and so stays within 0 and 1; `newcombe` solves
    for theta with the variance of his method 5, which needs no spread in the data (Stat Med 2006;25:559). With all
    pairs won by one arm the first two have no standard error: `newcombe`'s interval and Wilcoxon's test stand in.
    """
    columns = Columns()
    y = columns.numbers(outcome, "outcome")
    arms, other = columns.arms(arm, control)
    columns.choice(method, "method", WINNING_METHODS)
    columns.level(level)
    columns.done()
    theta, se, df = _placements(y[other == 0.0], y[other == 1.0])
    sizes = (int(np.sum(other == 0.0)), int(np.sum(other)))
    used: WinningMethod = method if se > 0.0 else "newcombe"
    lower, upper = _winning_bounds(theta, se, df, used, level, *sizes)
    name = f"Mann-Whitney, {used}"
    odds = [_odds(value) for value in (theta, lower, upper)]
    return Winning(
        arms=arms,
        probability=Interval(estimate=theta, lower=lower, upper=upper, level=level, method=name),
        odds=Interval(estimate=odds[0], lower=odds[1], upper=odds[2], level=level, method=name),
        test=_winning_test(theta, se, df) if se > 0.0 else wilcoxon_rank_sum_test(outcome, arm, control=control),
    )


def hodges_lehmann(outcome: ArrayLike, arm: ArrayLike, *, level: float = 0.95, control: str | None = None) -> Interval:
    """The shift between two arms: the median of all differences, other - control (Hodges & Lehmann 1963).

    Its bounds are the differences of rank C from below and above (infinite where so few patients allow none), C from
    the exact distribution of the rank sum with fewer than 50 patients in each arm and no ties, else C = m n / 2 - z sd,
    sd corrected for ties (Hollander & Wolfe 1999, section 4.3). R's wilcox.test has the exact interval too; its
    approximate one comes from a root search that stops within 1e-4 of a step and may differ by a step.
    """
    columns = Columns()
    y = columns.numbers(outcome, "outcome")
    _, other = columns.arms(arm, control)
    columns.level(level)
    pairs = int(np.sum(other)) * int(np.sum(other == 0.0))
    if pairs > MOST_PAIRS:
        columns.say(f"{pairs} pairs are too many to sort", "outcome", "draw a random sample of the patients")
    columns.done()
    theirs, ours = y[other == 0.0], y[other == 1.0]
    differences = np.sort((ours[:, None] - theirs[None, :]).reshape(-1))
    m, n = len(theirs), len(ours)
    _, repeats = np.unique(y, return_counts=True)
    exact = max(m, n) < EXACT_BELOW and len(repeats) == len(y)
    if exact:
        rank = _rank_below((1.0 - level) / 2.0, m, n)
    else:
        ties = float(np.sum(repeats**3 - repeats)) / ((m + n) * (m + n - 1))
        sd = math.sqrt(m * n / 12.0 * (m + n + 1 - ties))
        rank = round(m * n / 2.0 - quantile_of_t(0.5 + level / 2.0, None) * sd)
    return Interval(
        estimate=float(np.median(differences)),
        lower=float(differences[rank - 1]) if rank > 0 else -math.inf,
        upper=float(differences[m * n - rank]) if rank > 0 else math.inf,
        level=level,
        method=f"Hodges-Lehmann, {'exact' if exact else 'normal approximation'}",
    )


def _likelihood(upper: Floats, lower: Floats, place: Floats) -> tuple[float, Floats, Floats]:
    """(log-likelihood, score, information); P = F(u) - F(l) with u, l the cuts above and below each row's category.

    The log-likelihood is -inf where the thresholds are out of order. Cuts at infinity have rows of not-a-number.
    """
    from scipy.special import expit

    ends = np.isnan(upper[:, 0]), np.isnan(lower[:, 0])
    above, below = np.where(ends[0][:, None], 0.0, upper), np.where(ends[1][:, None], 0.0, lower)
    u, low = np.where(ends[0], np.inf, above @ place), np.where(ends[1], -np.inf, below @ place)
    # Of F(u) - F(l) and F(-l) - F(-u), which are equal, the one with the smaller terms keeps its digits.
    flip = u + low > 0.0
    with np.errstate(invalid="ignore"):
        P = np.where(flip, expit(-low) - expit(-u), expit(u) - expit(low))
    if not np.all(P > 0.0):
        return -math.inf, np.zeros_like(place), np.eye(len(place))
    fu, fl = (expit(v) * expit(-v) for v in (u, low))
    gu, gl = fu * (expit(-u) - expit(u)), fl * (expit(-low) - expit(low))
    score = above.T @ (fu / P) - below.T @ (fl / P)
    uu, ll, ul = (fu / P) ** 2 - gu / P, (fl / P) ** 2 + gl / P, -fu * fl / P**2
    cross = (above * ul[:, None]).T @ below
    information = (above * uu[:, None]).T @ above + (below * ll[:, None]).T @ below + cross + cross.T
    return float(np.sum(np.log(P))), np.asarray(score), np.asarray(information)


def _greatest(upper: Floats, lower: Floats, start: Floats, first: int) -> tuple[Floats, float, Floats, bool]:
    """(thresholds and b, log-likelihood, information, whether b is finite) by Newton's method with halved steps."""
    place = start
    value, score, information = _likelihood(upper, lower, place)
    least = FLAT * own_information(information)[first:]
    for _ in range(MOST_ITERATIONS):
        step = np.linalg.lstsq(information, score, rcond=1e-14)[0]
        settled = float(step @ score) < SETTLED
        trial = _likelihood(upper, lower, place + step)
        while not trial[0] >= value - 1e-10 and np.max(np.abs(step)) > 1e-12:
            step = step / 2.0
            trial = _likelihood(upper, lower, place + step)
        place, (value, score, information) = place + step, trial
        if np.any(own_information(information)[first:] < least):
            return place, value, information, False
        if settled:
            return place, value, information, True
    return place, value, information, False


def _score(upper: Floats, lower: Floats, start: Floats, place: int, first: int) -> float:
    """The score of the covariate at this place, behind `first` thresholds, where it is zero, over its error."""
    others = _greatest(np.delete(upper, place, 1), np.delete(lower, place, 1), np.delete(start, place), first)[0]
    here = np.insert(others, place, 0.0)
    score = _likelihood(upper, lower, here)[1]
    return float(score[place] / math.sqrt(own_information(_expected(-upper[:, first:], here, first))[place]))


def _expected(x: Floats, place: Floats, first: int) -> Floats:
    """The information that the model expects, sum over rows and categories of g g' / P, g = dP / d(theta, b).

    The observed one, far from it where categories are separated, would find too much: with it the score test of two
    arms is not Wilcoxon's (McCullagh 1980, section 2.3).
    """
    from scipy.special import expit

    n, none = len(x), np.zeros((len(x), 1))
    F = np.hstack([none, expit(place[:first] - (x @ place[first:])[:, None]), none + 1.0])
    P, f = np.diff(F, axis=1), F * (1.0 - F)
    units = np.vstack([np.zeros(first), np.eye(first), np.zeros(first)])
    cuts = [f[:, [j]] * np.hstack([np.tile(units[j], (n, 1)), -x]) for j in range(first + 2)]
    slopes = [above - below for below, above in pairwise(cuts)]
    return np.asarray(sum(g.T @ (g / P[:, [j]]) for j, g in enumerate(slopes)))


def _cuts(category: Ints, x: Floats, many: int) -> tuple[Floats, Floats]:
    """Rows that times (theta, b) give the cuts above and below each row's category."""
    at = np.concatenate([np.full((1, many - 1), np.nan), np.eye(many - 1), np.full((1, many - 1), np.nan)])
    return np.hstack([at[category + 1], -x]), np.hstack([at[category], -x])


def _thresholds(category: Ints) -> Floats:
    """Those that fit the shares of the categories exactly, without covariates."""
    share = np.cumsum(np.bincount(category))[:-1] / len(category)
    return np.asarray(np.log(share / (1.0 - share)))


def _uncentred(covariance: Floats, centre: Floats, first: int) -> Floats:
    """Covariance of the thresholds for covariates as they were given, theta + centre'b."""
    move = np.eye(len(covariance))
    move[:first, first:] = centre
    return np.asarray(move @ covariance @ move.T)


def _placements(theirs: Floats, ours: Floats) -> tuple[float, float, float | None]:
    """(theta, its standard error, Brunner and Munzel's degrees of freedom)."""
    m, n = len(theirs), len(ours)
    low, high = np.sort(theirs), np.sort(ours)
    won = (np.searchsorted(low, ours, "left") + np.searchsorted(low, ours, "right")) / (2.0 * m)
    lost = (np.searchsorted(high, theirs, "left") + np.searchsorted(high, theirs, "right")) / (2.0 * n)
    parts = np.array([lost.var(ddof=1) / m if m > 1 else 0.0, won.var(ddof=1) / n if n > 1 else 0.0])
    total = float(parts.sum())
    degrees = np.array([max(m - 1, 1), max(n - 1, 1)])
    df = total**2 / float(np.sum(parts**2 / degrees)) if total > 0.0 else None
    return float(won.mean()), math.sqrt(total), df


def _winning_test(theta: float, se: float, df: float | None) -> Test:
    return effect(theta - 0.5, se, df=df, level=0.95, method="Brunner-Munzel test").test


def _winning_bounds(
    theta: float, se: float, df: float | None, method: WinningMethod, level: float, m: int, n: int
) -> tuple[float, float]:
    z = quantile_of_t(0.5 + level / 2.0, None)
    if method == "newcombe":
        return _newcombe(theta, z, m, n)
    if method == "brunner-munzel":
        t = quantile_of_t(0.5 + level / 2.0, df)
        return max(theta - t * se, 0.0), min(theta + t * se, 1.0)
    middle, half = math.log(theta / (1.0 - theta)), z * se / (theta * (1.0 - theta))
    return tuple(1.0 / (1.0 + math.exp(-(middle + sign * half))) for sign in (-1.0, 1.0))  # type: ignore[return-value]  # two, as there are two signs


def _newcombe(theta: float, z: float, m: int, n: int) -> tuple[float, float]:
    """Where |theta - t| = z sqrt(t (1 - t) [1 + N ((1 - t) / (2 - t) + t / (1 + t))] / (m n)), N = (m + n) / 2 - 1."""
    from scipy.optimize import brentq

    def excess(t: float) -> float:
        more = ((m + n) / 2.0 - 1.0) * ((1.0 - t) / (2.0 - t) + t / (1.0 + t))
        return (theta - t) ** 2 - z * z * t * (1.0 - t) * (1.0 + more) / (m * n)

    inside = 1e-12  # t = 0 and t = 1 solve it too where theta lies there
    lower = 0.0 if theta <= 0.0 else brentq(excess, 0.0, min(theta, 1.0 - inside), xtol=1e-14)
    upper = 1.0 if theta >= 1.0 else brentq(excess, max(theta, inside), 1.0, xtol=1e-14)
    return float(lower), float(upper)


@lru_cache(maxsize=64)
def _rank_below(p: float, m: int, n: int) -> int:
    """The rank whose difference leaves at most p below it: the p quantile of U, the pairs won when the arms are alike.

    As in R, also where that leaves out exactly p already one rank further; 0 where even rank 1 leaves out more.
    """
    ways = np.zeros((m + 1, m * n + 1))
    ways[0, 0] = 1.0
    for rank in range(
        m + n
    ):  # the patient of this rank is of the first group, having beaten `rank - size` others, or not
        for size in range(min(rank + 1, m), 0, -1):
            beaten = rank + 1 - size
            if beaten <= n:
                ways[size, beaten:] += ways[size - 1, : m * n + 1 - beaten]
    shares = np.cumsum(ways[m]) / ways[m].sum()
    quantile = int(np.searchsorted(shares, p - 1e-12))
    return quantile if quantile > 0 or shares[0] > p + 1e-12 else 1


def _odds(p: float) -> float:
    return p / (1.0 - p) if p < 1.0 else math.inf
