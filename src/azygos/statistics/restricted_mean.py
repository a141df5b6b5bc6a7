"""Restricted mean survival time: the mean time free of the event, out of the first tau."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from azygos.errors import InputError, Problem
from azygos.statistics.columns import Columns, Floats
from azygos.statistics.effect import Effect, effect
from azygos.statistics.hazards import exponential
from azygos.statistics.result import Interval
from azygos.statistics.survival import counts_at

__all__ = ["RmstComparison", "rmst", "rmst_difference"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RmstComparison:
    """The restricted mean survival times of two arms."""

    arms: tuple[str, str]  # (control, other)
    tau: float
    means: tuple[Effect, Effect]
    difference: Effect  # other - control
    ratio: Interval  # other / control


def rmst(time: ArrayLike, event: ArrayLike, tau: float | None = None, *, level: float = 0.95) -> Effect:
    """The area under Kaplan and Meier's curve up to tau, in the unit of time.

        mu = integral of S from 0 to tau,    var = sum over events before tau of A_u^2 d_u / (n_u (n_u - d_u))

    with A_u the area from u to tau (Irwin 1949; Meier 1975; as in R's survRM2 and survfit). `tau` is the last time seen
    unless given. Raises InputError for a tau beyond that while somebody is still free of the event.
    """
    columns = Columns()
    times, events = columns.numbers(time, "time", positive=True), columns.events(event)
    columns.level(level)
    columns.done()
    until = float(times.max()) if tau is None else tau
    _reachable((times,), (events,), until)
    mean, se = _area(times, events, until)
    return effect(mean, se, level=level, method=f"restricted mean to {until:g}")


def rmst_difference(
    time: ArrayLike,
    event: ArrayLike,
    arm: ArrayLike,
    tau: float | None = None,
    *,
    level: float = 0.95,
    control: str | None = None,
) -> RmstComparison:
    """The difference and the ratio of two arms' restricted means (Uno et al., J Clin Oncol 2014;32:2380).

    `tau` is the smaller of the arms' last times unless given; the ratio's interval is taken on the logarithm. Unlike a
    hazard ratio neither rests on proportional hazards.
    """
    columns = Columns()
    times, events = columns.numbers(time, "time", positive=True), columns.events(event)
    arms, other = columns.arms(arm, control)
    columns.level(level)
    columns.done()
    sides = [other == side for side in (0.0, 1.0)]
    until = min(float(times[rows].max()) for rows in sides) if tau is None else tau
    _reachable([times[rows] for rows in sides], [events[rows] for rows in sides], until)
    (m0, s0), (m1, s1) = (_area(times[rows], events[rows], until) for rows in sides)
    method = f"restricted mean to {until:g}"
    log_ratio = effect(math.log(m1 / m0), math.hypot(s0 / m0, s1 / m1), level=level, method=method)
    return RmstComparison(
        arms=arms,
        tau=until,
        means=(effect(m0, s0, level=level, method=method), effect(m1, s1, level=level, method=method)),
        difference=effect(m1 - m0, math.hypot(s0, s1), level=level, method=method),
        ratio=exponential(log_ratio.interval),
    )


def _area(times: Floats, events: Floats, tau: float) -> tuple[float, float]:
    """(mean, standard error)."""
    at, n, d = counts_at(times, events)
    kept = (at <= tau) & (d > 0)
    at, n, d = at[kept], n[kept], d[kept]
    survival = np.concatenate([[1.0], np.cumprod(1.0 - d / n)])
    areas = survival * np.diff(np.concatenate([[0.0], at, [tau]]))
    after = np.cumsum(areas[::-1])[::-1][1:]
    # The last patient's event leaves no area after it: 0 / 0 stands for none.
    parts = np.where(n > d, after**2 * d / np.maximum(n * (n - d), 1.0), 0.0)
    return float(areas.sum()), math.sqrt(float(parts.sum()))


def _reachable(times: Sequence[Floats], events: Sequence[Floats], tau: float) -> None:
    if not tau > 0.0:
        raise InputError(Problem(f"{tau:g} is no time to restrict to", "tau", "give one above zero"))
    for t, e in zip(times, events, strict=True):
        last = float(t.max())
        if last <= 0.0:
            raise InputError(Problem("nobody was observed for any time", "time"))
        if tau > last and not np.all(e[t == last]):
            raise InputError(
                Problem(f"{tau:g} is after the last time seen, {last:g}", "tau", f"give one up to {last:g}")
            )
