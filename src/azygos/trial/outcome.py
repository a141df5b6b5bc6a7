"""What the planned analyses find in many repeats at once: the same numbers as azygos.study.analysis, array by array.

    proportion        x / n of each arm
    mean              of each arm
    risk difference   x1/n1 - x0/n0, the score test of Miettinen and Nurminen; Fisher's with another interval
    t-test            difference of means, Welch's test
    ancova            least squares on arm, baseline and covariates that are numbers
    mmrm              azygos.statistics.mixed, repeat by repeat

Whatever else a design plans is done by the analyst's own code on the dataset of every repeat: slower, and the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.statistics.linear import SINGULAR
from azygos.study.design import Analysis, Design, Endpoint
from azygos.study.scores import CONSTANT
from azygos.trial.world import SINCE, World

__all__ = ["Estimates", "analysed", "benefit", "fisher", "from_null", "is_quick"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

RATIOS = ("risk ratio", "odds ratio", "rate ratio", "proportional odds", "cox", "fine-gray")
TIMES_WITHOUT = ("rmst",)  # more of it is less of the event
SCORES = ("", "miettinen-nurminen", "farrington-manning")  # intervals with a test of their own
NUMBERS = ("age", "edss", "years")  # covariates that need no indicator


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimates:
    """One analysis in every repeat of a block."""

    estimate: Floats  # [repeat]; not a number where there was nothing to analyse
    p: Floats  # of the side or sides that the analysis tests; not a number where it compares nothing
    n: Floats  # how many were analysed


def benefit(design: Design, analysis: Analysis) -> int:
    """1 where a higher estimate is better, -1 where a lower one is."""
    is_more = design.endpoint(analysis.endpoint).is_better_high
    return 1 if is_more != (analysis.method in TIMES_WITHOUT) else -1


def from_null(analysis: Analysis, estimates: Floats) -> Floats:
    """Estimates as distances from no difference: ratios as logarithms, chances of winning from one half."""
    if analysis.method in RATIOS:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log(estimates)
    return estimates - 0.5 if analysis.method == "wilcoxon" else estimates


def is_quick(design: Design, analysis: Analysis) -> bool:
    """Whether an analysis can be done on arrays."""
    strategies = {s for e in design.estimands if e.name == analysis.estimand for _, s in e.intercurrent}
    return (
        analysis.method in METHODS
        and strategies <= {"treatment policy"}
        and analysis.missing in ("complete cases", "failures")
        and set(analysis.covariates) <= set(NUMBERS)
        and len(design.arms) <= 2
        and (analysis.alternative == "two-sided" or _halves(analysis))
    )


def _halves(analysis: Analysis) -> bool:
    """Whether the one-sided p is half the two-sided one, or the rest: not where the tails are counted apart."""
    return analysis.method != "risk difference" or analysis.interval in SCORES


def analysed(world: World, analysis: Analysis, arm: str = "") -> Estimates:
    """The analysis in every repeat; `arm` where it is of each arm apart."""
    design = world.study.design
    endpoint = design.endpoint(analysis.endpoint)
    found = METHODS[analysis.method](world, analysis, endpoint, arm or design.active.name)
    if analysis.alternative == "two-sided":
        return found
    agrees = (found.estimate > 0.0) == (analysis.alternative == "greater")
    return replace(found, p=np.where(agrees, found.p / 2.0, 1.0 - found.p / 2.0))


def values_at(world: World, analysis: Analysis, endpoint: Endpoint, visit: str) -> Floats:
    """The endpoint of everybody, [repeat, person]; not a number where it is missing."""
    design = world.study.design
    time = 1 + [one.name for one in design.follow_ups].index(visit)
    every = world.values[endpoint.variable]
    found = every[..., time] - (every[..., 0] if endpoint.change else 0.0)
    if endpoint.responder is not None:
        found = _responds(found, endpoint)
    found = np.where(world.answered[..., time], found, np.nan)
    return np.nan_to_num(found, nan=0.0) if analysis.missing == "failures" else found


def _responds(values: Floats, endpoint: Endpoint) -> Floats:
    assert endpoint.responder is not None
    limit = endpoint.responder.limit
    match endpoint.responder.relation:
        case "<=":
            return (values <= limit).astype(float)
        case ">=":
            return (values >= limit).astype(float)
        case "<":
            return (values < limit).astype(float)
    return (values > limit).astype(float)


def visit_of(world: World, analysis: Analysis, endpoint: Endpoint) -> str:
    return analysis.visit or endpoint.visit or world.study.design.follow_ups[-1].name


def _values(world: World, analysis: Analysis, endpoint: Endpoint) -> Floats:
    return values_at(world, analysis, endpoint, visit_of(world, analysis, endpoint))


def _split(world: World, values: Floats) -> tuple[Floats, Floats]:
    """The values of control and active arm, each [repeat, person] with nobody of the other."""
    names = [arm.name for arm in world.study.design.arms]
    control = world.study.design.control
    assert control is not None
    active = world.arm == names.index(world.study.design.active.name)
    return np.where(world.arm == names.index(control.name), values, np.nan), np.where(active, values, np.nan)


def _moments(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Number, mean and variance of those who are there, [repeat]."""
    here = np.isfinite(values)
    n = here.sum(axis=1).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(here, values, 0.0).sum(axis=1) / n
        variance = np.where(here, values - mean[:, None], 0.0).__pow__(2).sum(axis=1) / (n - 1.0)
    return n, mean, variance


def _of_one_arm(world: World, analysis: Analysis, endpoint: Endpoint, arm: str) -> Estimates:
    place = [one.name for one in world.study.design.arms].index(arm)
    values = np.where(world.arm == place, _values(world, analysis, endpoint), np.nan)
    n, mean, _ = _moments(values)
    return Estimates(estimate=mean, p=np.full(len(n), np.nan), n=n)


def _risk_difference(world: World, analysis: Analysis, endpoint: Endpoint, arm: str) -> Estimates:
    control, active = (_moments(v) for v in _split(world, _values(world, analysis, endpoint)))
    x1, n1, x0, n0 = active[1] * active[0], active[0], control[1] * control[0], control[0]
    if analysis.interval in SCORES:
        p = score_test(x1, n1, x0, n0, is_unbiased=analysis.interval != "farrington-manning")
    else:
        counts = np.nan_to_num(np.array([x1, n1, x0, n0])).round().astype(int)
        tables, which = np.unique(counts, axis=1, return_inverse=True)
        p = fisher(*tables)[which.ravel()]
    return Estimates(estimate=active[1] - control[1], p=p, n=n1 + n0)


def score_test(x1: Floats, n1: Floats, x0: Floats, n0: Floats, *, is_unbiased: bool) -> Floats:
    """Two-sided p of the score test of equal proportions; unbiased: with Miettinen and Nurminen's N/(N - 1)."""
    from scipy.special import ndtr

    total = n1 + n0
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = (x1 + x0) / total
        variance = pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n0) * (total / (total - 1.0) if is_unbiased else 1.0)
        z = np.where(variance > 0.0, (x1 / n1 - x0 / n0) / np.sqrt(variance), 0.0)
    return np.asarray(np.where((n1 > 0) & (n0 > 0), 2.0 * ndtr(-np.abs(z)), np.nan))


def fisher(x1: Ints, n1: Ints, x0: Ints, n0: Ints) -> Floats:
    """Fisher's exact two-sided p of many tables: the chance of all counts no likelier than the one seen.

    scipy.stats.fisher_exact takes one table at a time, a fraction of a millisecond each.
    """
    from scipy.special import gammaln

    def log_choose(n: Ints, k: Ints) -> Floats:
        return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0))

    total = (x1 + x0)[:, None]
    k = np.arange(int(n1.max(initial=0)) + 1)[None, :]
    a, b = n1[:, None], n0[:, None]
    can_be = (k <= a) & (k <= total) & (total - k <= b)
    inside = np.where(can_be, k, np.maximum(total - b, 0))
    log_p = log_choose(a, inside) + log_choose(b, total - inside) - log_choose(a + b, total)
    chance = np.where(can_be, np.exp(log_p), 0.0)
    seen = np.take_along_axis(chance, x1[:, None], axis=1)
    # The same allowance for rounding as R and scipy make.
    p = np.where(chance <= seen * (1.0 + 1e-7), chance, 0.0).sum(axis=1).clip(max=1.0)
    return np.where((n1 > 0) & (n0 > 0), p, np.nan)


def _t_test(world: World, analysis: Analysis, endpoint: Endpoint, arm: str) -> Estimates:
    from scipy.special import stdtr

    control, active = (_moments(v) for v in _split(world, _values(world, analysis, endpoint)))
    difference = active[1] - control[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = [variance / n for n, _, variance in (control, active)]
        total = parts[0] + parts[1]
        df = total**2 / (parts[0] ** 2 / (control[0] - 1.0) + parts[1] ** 2 / (active[0] - 1.0))
        p = 2.0 * stdtr(df, -np.abs(difference) / np.sqrt(total))
        # Without any spread, as where nobody relapsed, there is nothing to hold a difference against.
        varies = np.sqrt(total) > CONSTANT * np.maximum(np.abs(control[1]), np.abs(active[1]))
    return Estimates(estimate=difference, p=np.where(varies, p, np.nan), n=control[0] + active[0])


def _columns(world: World, analysis: Analysis, endpoint: Endpoint) -> list[Floats]:
    """The endpoint's variable at enrolment, where it is a score measured then, and the covariates."""
    found = []
    if world.study.design.baseline is not None and endpoint.kind == "continuous" and endpoint.variable not in SINCE:
        found.append(world.values[endpoint.variable][..., 0])
    return found + [_covariate(world, name) for name in analysis.covariates]


def _covariate(world: World, name: str) -> Floats:
    """As it is written down."""
    values = world.people[name]
    return np.floor(values) if name == "age" else np.round(values, 1) if name == "years" else values


def _ancova(world: World, analysis: Analysis, endpoint: Endpoint, arm: str) -> Estimates:
    from scipy.special import stdtr

    y = _values(world, analysis, endpoint)
    here = np.isfinite(y)
    treated = (world.arm == [a.name for a in world.study.design.arms].index(world.study.design.active.name)).astype(
        float
    )
    others = _columns(world, analysis, endpoint)
    # Centred, so that the normal equations stay well conditioned.
    X = np.stack(
        [np.ones_like(y), treated, *(column - column.mean(axis=1, keepdims=True) for column in others)], axis=2
    )
    Xw = X * here[..., None]
    cross = np.swapaxes(Xw, 1, 2) @ X
    with np.errstate(invalid="ignore"):
        right = (Xw * np.nan_to_num(y)[..., None]).sum(axis=1)
    inverse = np.linalg.pinv(cross, hermitian=True)
    b = (inverse @ right[..., None])[..., 0]
    residuals = np.where(here, np.nan_to_num(y) - (X @ b[..., None])[..., 0], 0.0)
    df = here.sum(axis=1) - X.shape[2]
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = (residuals**2).sum(axis=1) / df
        varies = variance > SINGULAR**2 * np.nanmean(y**2, axis=1)
        p = 2.0 * stdtr(df, -np.abs(b[:, 1]) / np.sqrt(variance * inverse[:, 1, 1]))
    return Estimates(estimate=b[:, 1], p=np.where(varies, p, np.nan), n=here.sum(axis=1).astype(float))


def _mmrm(world: World, analysis: Analysis, endpoint: Endpoint, arm: str) -> Estimates:
    from azygos.errors import InputError
    from azygos.statistics.mixed import mmrm

    design = world.study.design
    last = design.visit(visit_of(world, analysis, endpoint))
    visits = [visit.name for visit in design.follow_ups if visit.day <= last.day]
    grid = np.stack([values_at(world, analysis, endpoint, visit) for visit in visits], axis=2)
    treated = (world.arm == [a.name for a in design.arms].index(design.active.name)).astype(int)
    columns = _columns(world, analysis, endpoint)
    has_baseline = len(columns) > len(analysis.covariates)
    found = np.full((3, len(grid)), np.nan)
    for row in range(len(grid)):
        others = [column[row] for column in columns[has_baseline:]]
        try:
            fit = mmrm(
                grid[row],
                treated[row],
                baseline=columns[0][row] if has_baseline else None,
                covariates=np.column_stack(others) if others else None,
                level=analysis.level,
            ).differences[-1]
        except InputError:  # too few to fit: an outcome of the repeat, not an end of the run
            continue
        found[:, row] = fit.estimate, fit.p, np.isfinite(grid[row][:, -1]).sum()
    return Estimates(estimate=found[0], p=found[1], n=found[2])


METHODS: Mapping[str, Callable[[World, Analysis, Endpoint, str], Estimates]] = MappingProxyType(
    {
        "proportion": _of_one_arm,
        "mean": _of_one_arm,
        "risk difference": _risk_difference,
        "t-test": _t_test,
        "ancova": _ancova,
        "mmrm": _mmrm,
    }
)
