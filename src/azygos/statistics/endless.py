"""Coefficients without a finite estimate: the likelihood rises for ever towards plus or minus infinity.

So it is where a group has no event, or covariates separate the categories. At the point where the search gives up the
curvature is that of a plain without end: a standard error from it, and Wald's test and interval with it, mean nothing
(Hauck & Donner, JASA 1977;72:851). The score test looks at the slope where the coefficient is zero and needs no
estimate; with few events it also errs least: three events, all in one of two like arms (a chance of 1/4), have p = .083
by it and .041 by the likelihood ratio.
"""

import math

import numpy as np
from numpy.typing import NDArray

from azygos.statistics.columns import Floats
from azygos.statistics.effect import Effect, two_sided_p
from azygos.statistics.result import Interval, Test

__all__ = ["endless_effect", "where_endless"]


def where_endless(own: Floats, least: Floats, settled: bool) -> NDArray[np.bool_]:
    """The coefficients that ran away: of which less is known than `least`; all where the search ended without an end.

    `own` is each coefficient's information at the point where the search stopped.
    """
    flat = own < least
    return np.asarray(np.zeros_like(flat) if settled else flat if flat.any() else ~flat)


def endless_effect(estimate: float, *, level: float, method: str, score: float = math.nan) -> Effect:
    """An infinite estimate with the sign of the one reached, no standard error, no interval.

    `score` is the slope of the log-likelihood at zero over its standard deviation, normal with no effect: a statistic
    with a sign, so that the test has its two sides. Without it there is no test.
    """
    return Effect(
        se=math.nan,
        interval=Interval(
            estimate=math.copysign(math.inf, estimate), lower=math.nan, upper=math.nan, level=level, method=method
        ),
        test=Test(statistic=score, p=two_sided_p(score), method=f"{method}, score test"),
    )
