"""Layer 1, the course of multiple sclerosis, whoever treats it: EDSS, relapses, drift of the scores, new lesions.

    EDSS(t) = EDSS(0) + slope t,     slope of a person ~ exponential about the mean of the form
    relapses: Poisson, rate = rate of the form x frailty ~ gamma x ratio under a background drug
    a relapse on day s raises the physical score by  h exp(-(t - s)/T),  t > s

The rates at which relapses and new lesions are counted under an effect of e SD are multiplied by exp(-e): assumed, so
that trials which count them have an effect to be tried; by default e is 0. The scores keep the bumps of the untreated,
so that an effect on them is as large as it was set.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.trial.draws import Draws
from azygos.trial.layers.person import RATER_SD, People, observed_edss
from azygos.trial.prior import Constants
from azygos.trial.study import Study

__all__ = ["Course", "counted_lesions", "edss", "followed"]

Floats: TypeAlias = NDArray[np.float64]

YEAR = 365.25
MOST_RELAPSES = 6  # of one person in a study: more are left out
MOST_LESIONS = 40


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """What the disease does, [repeat, person] or [repeat, person, time]."""

    relapse_days: Floats  # [repeat, person, relapse], infinite where there is none
    worsening: Floats  # of the physical score, by relapses and drift [points]
    edss: Floats  # latent

    def relapses(self, days: Floats) -> Floats:
        """How many there were up to each of the days."""
        return counted(self.relapse_days, days)


def followed(study: Study, draws: Draws, constants: Constants, people: People, days: Floats, benefit: Floats) -> Course:
    """The course of everybody at `days`, [repeat, person, time]; `benefit` [repeat, person] in SD, 0 by default."""
    repeats, n = people["form"].shape
    none = np.full((repeats, n, 1), np.inf)
    if not study.has("course"):
        zero = np.zeros(days.shape)
        return Course(relapse_days=none, worsening=zero, edss=zero + people["edss_latent"][..., None])
    relapses = _relapse_days(draws, constants, people)
    bump = _bump(relapses, days, constants["relapse_recovery"][:, None, None])
    progressive = people["is_progressive"] > 0
    drift = np.where(progressive, constants["drift_progressive"][:, None], constants["drift_relapsing"][:, None])
    mean = np.where(progressive, constants["slope_progressive"][:, None], constants["slope_relapsing"][:, None])
    own = mean * draws.of("course", "slope").exponential(size=(repeats, n))
    years = days / YEAR
    worse = constants["relapse_points"][:, None, None] * bump + drift[..., None] * years
    latent = (people["edss_latent"][..., None] + own[..., None] * years).clip(0.0, 9.5)
    return Course(relapse_days=relapses * np.exp(benefit)[..., None], worsening=worse, edss=latent)


def _bump(relapses: Floats, days: Floats, recovery: Floats) -> Floats:
    """What of all relapses before each day is still felt, in relapses."""
    found = np.zeros(days.shape)
    times = np.broadcast_to(recovery, days.shape)
    for number in range(relapses.shape[2]):
        here = relapses[..., number] < days[..., -1]  # most people have few, so most of this is nothing
        if not here.any():
            break  # they are in order of time
        since = days[here] - relapses[here, number, None]
        found[here] += np.where(since > 0.0, np.exp(-np.maximum(since, 0.0) / times[here]), 0.0)
    return found


def _relapse_days(draws: Draws, constants: Constants, people: People) -> Floats:
    repeats, n = people["form"].shape
    form = people.form
    share = np.where(form == "RRMS", 1.0, np.where(form == "SPMS", constants["relapse_rate_spms"][:, None], 0.0))
    shape = constants["relapse_frailty"][:, None]
    frailty = draws.of("course", "frailty").gamma(shape, 1.0 / shape, (repeats, n))
    has_drug = draws.of("course", "drug").random((repeats, n)) < constants["drug_share"][:, None]
    drug = np.where(has_drug, constants["drug_ratio"][:, None], 1.0)
    rate = constants["relapse_rate"][:, None] * share * frailty * drug / YEAR
    waits = draws.of("course", "relapses").exponential(size=(repeats, n, MOST_RELAPSES))
    with np.errstate(divide="ignore"):
        return np.asarray(np.cumsum(waits, axis=2) / rate[..., None])


def edss(study: Study, draws: Draws, course: Course) -> Floats:
    """The EDSS that raters give at each time."""
    error = RATER_SD * draws.of("noise", "edss").standard_normal(course.edss.shape) * study.has("noise")
    return observed_edss(course.edss, error) if study.has("scale") else course.edss + error


def counted_lesions(draws: Draws, constants: Constants, days: Floats, benefit: Floats) -> Floats:
    """New lesions of a person up to each time: negative binomial, as a Poisson process of gamma-distributed rate."""
    repeats, n, _ = days.shape
    k = constants["lesion_dispersion"][:, None]
    frailty = draws.of("course", "lesion frailty").gamma(k, 1.0 / k, (repeats, n))
    rate = constants["lesion_rate"][:, None] * frailty * np.exp(-benefit) / YEAR
    waits = draws.of("course", "lesions").exponential(size=(repeats, n, MOST_LESIONS))
    with np.errstate(divide="ignore"):
        when = np.cumsum(waits, axis=2) / rate[..., None]
    return counted(when, days)


def counted(when: Floats, days: Floats) -> Floats:
    """How many of the times [repeat, person, event] were over on each day [repeat, person, time]."""
    # A day at a time: all at once would take an array of four dimensions.
    return np.stack([(when <= days[..., time, None]).sum(axis=2) for time in range(days.shape[2])], axis=2).astype(
        float
    )
