"""The world of a study: layer upon layer, from who comes to what everybody says.

A block of repeats is made at once, with all that is true of them; what of it an analyst gets is for
azygos.trial.conduct to write down. Time 0 is enrolment, whether the design has a visit then or not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.errors import InputError, Problem, close_matches
from azygos.trial.allocation import allocated
from azygos.trial.change import FlowChange, changes
from azygos.trial.disease import SCLEROSIS
from azygos.trial.draws import Draws, block_size
from azygos.trial.layers.answering import answers
from azygos.trial.layers.course import counted_lesions, edss, followed
from azygos.trial.layers.expectation import belief, guess, shift
from azygos.trial.layers.harm import DEATH, Harm, event_names, harms
from azygos.trial.layers.person import SCORES, People, recruit
from azygos.trial.layers.sinus import sinus_outcomes
from azygos.trial.layers.symptom import Feelings, felt, observed, perceived_change, response_shift
from azygos.trial.prior import Constants, drawn, held
from azygos.trial.study import Effect, Study

__all__ = ["RELAPSE", "SINCE", "World", "asks_for", "problems_of_variables", "repeats_of", "world"]

Floats: TypeAlias = NDArray[np.float64]

SINCE = ("relapses", "lesions", "recent_lesions", "clearly_better", "perceived")  # not known at enrolment
FUNCTION_SD = 10.0
RELAPSE = "relapse"  # as an event


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """Some repeats of a study with all that is true of them, [repeat, person] or [repeat, person, time]."""

    study: Study
    effect: Effect
    first: int  # number of the first repeat
    constants: Constants
    people: People
    arm: NDArray[np.int64]
    days: Floats
    values: Mapping[str, Floats]  # as written down by those who answer
    answered: NDArray[np.bool_]
    harms: tuple[Harm, ...]
    guess: NDArray[np.int64]
    change: FlowChange
    relapse_days: Floats  # [repeat, person, relapse], infinite where there is none; nobody has any with other diseases

    def with_first(self, n: int) -> "World":
        """The same with the first n people only: what was there when they had been followed."""
        people = People(
            traits={name: values[:, :n] for name, values in self.people.traits.items()}, screened=self.people.screened
        )
        change = FlowChange(
            opened=self.change.opened[:, :n], before=self.change.before[:, :n], after=self.change.after[:, :n]
        )
        return replace(
            self,
            people=people,
            arm=self.arm[:, :n],
            days=self.days[:, :n],
            values={name: values[:, :n] for name, values in self.values.items()},
            answered=self.answered[:, :n],
            harms=tuple(replace(harm, day=harm.day[:, :n]) for harm in self.harms),
            guess=self.guess[:, :n],
            relapse_days=self.relapse_days[:, :n],
            change=change,
        )


def asks_for(study: Study, event: str) -> bool:
    return any(event in (e.variable, *e.competing) for e in study.design.endpoints if e.kind == "time to event")


def repeats_of(study: Study) -> int:
    """How many repeats are drawn together."""
    return block_size(study.n * len(study.design.follow_ups))


def problems_of_variables(study: Study) -> list[Problem]:
    """The endpoints for which simulated patients have nothing."""
    known = study.disease.variables
    asked = [e for e in study.design.endpoints if e.kind != "time to event" and e.variable not in known]
    timed = [e for e in study.design.endpoints if e.kind == "time to event"]
    events = {"died", "lost to follow-up", *event_names(study.disease), *study.disease.events} - {DEATH}
    return [
        Problem(f"endpoint '{e.name}': simulated patients have no '{name}'", study.name, close_matches(name, events))
        for e in timed
        for name in (e.variable, *e.competing)
        if name not in events
    ] + [
        Problem(
            f"endpoint '{e.name}': simulated patients have no '{e.variable}'",
            study.name,
            close_matches(e.variable, known),
        )
        for e in asked
    ]


def world(
    study: Study,
    seed: int,
    block: int = 0,
    effect: Effect | None = None,
    *,
    arm: int | None = None,
    share_constants: int = 1,
    with_harms: bool = True,
) -> World:
    """A block of repeats; of them, so many in a row share their constants.

    With `arm`, everybody is in that one: the same people, and the same chance, in another world. Without harms only
    deaths are drawn, since they end what is known of somebody.
    """
    if problems := problems_of_variables(study):
        raise InputError(problems)
    effect = effect or Effect()
    draws = Draws(seed=seed, study=study.name, block=block)
    repeats = repeats_of(study)
    constants = _constants(study, draws, repeats, share_constants)
    people = recruit(study, draws, constants, repeats)
    arms = allocated(study.design, draws, people)
    arms = arms if arm is None else np.full_like(arms, arm)
    days = _days(study, draws, repeats)
    change = changes(study, draws, constants, days)
    sure = belief(study, constants, arms)
    is_treated = np.array([not one.is_control for one in study.design.arms])[arms]
    values: Mapping[str, Floats]
    if study.disease is SCLEROSIS:
        benefit = effect.amount * change.opened * is_treated[..., None]
        values, improvement, relapses = _sclerosis(study, draws, constants, people, days, benefit, sure)
    else:
        relapses = np.full((*arms.shape, 1), np.inf)
        values = sinus_outcomes(study, draws, constants, change, is_treated, sure, days, effect.amount)
        improvement = 10.0 * np.sum([v for name, v in values.items() if name != "gradient"], axis=0)
    happened = harms(study, draws, arms, only=None if with_harms else DEATH)
    return World(
        study=study,
        effect=effect,
        first=block * repeats,
        constants=constants,
        people=people,
        arm=arms,
        days=days,
        values=values,
        answered=_answered(study, draws, constants, improvement, days, is_treated, happened),
        harms=happened,
        guess=guess(study, draws, sure),
        change=change,
        relapse_days=relapses,
    )


def _answered(
    study: Study,
    draws: Draws,
    constants: Constants,
    improvement: Floats,
    days: Floats,
    is_treated: NDArray[np.bool_],
    happened: tuple[Harm, ...],
) -> NDArray[np.bool_]:
    """Who is alive and answers, [repeat, person, time]; at time 0 everybody."""
    knows_untreated = ~is_treated & (not study.design.blinding.participants)
    found = np.ones(days.shape, dtype=bool)
    found[..., 1:] = answers(study, draws, constants, improvement[..., 1:], knows_untreated)
    for harm in happened:
        if harm.event == DEATH:
            found &= days <= harm.day[..., None]
    return found


def _constants(study: Study, draws: Draws, repeats: int, share: int) -> Constants:
    if share == 1:
        return drawn(study.priors, draws, repeats, use_calibration=study.use_calibration)
    numbers = (draws.block * repeats + np.arange(repeats)) // share
    return held(study.priors, draws.seed, study.name, numbers, use_calibration=study.use_calibration)


def _days(study: Study, draws: Draws, repeats: int) -> Floats:
    """When everybody is seen, [repeat, person, time]: at enrolment, then at each visit within its window."""
    visits = study.design.follow_ups
    found = np.zeros((repeats, study.n, 1 + len(visits)))
    if study.patients.asked is not None:
        earliest, latest = study.patients.asked
        uniform = draws.of("asked").random((repeats, study.n))
        found[..., 1:] = (earliest + (latest - earliest) * uniform)[..., None]
        return found
    windows = np.array([visit.window for visit in visits])
    found[..., 1:] = np.array([visit.day for visit in visits])
    if windows.any():
        found[..., 1:] += windows * draws.of("visits").uniform(-1.0, 1.0, (repeats, study.n, len(visits)))
    return found


def _sclerosis(
    study: Study, draws: Draws, constants: Constants, people: People, days: Floats, benefit: Floats, sure: Floats
) -> tuple[dict[str, Floats], Floats, Floats]:
    """What is written down of everybody with multiple sclerosis, how much better he feels, and when he relapsed."""
    asked = {endpoint.variable for endpoint in study.design.endpoints}
    mean_benefit = benefit[..., 1:].mean(axis=2)
    course = followed(study, draws, constants, people, days, mean_benefit)
    felt_scores = felt(study, draws, constants, people, days, course.worsening, benefit)
    milder = response_shift(study, constants, people, days)
    reported = {
        score: felt_scores[score]
        - shift(study, draws, constants, sure, days, score)
        - (milder if score == "physical" else 0.0)
        for score in SCORES
    }
    feelings = Feelings(felt=felt_scores, reported=reported)
    found: dict[str, Floats] = {}
    for score in SCORES:
        if asked & {score, f"qol_{score}"}:
            found[score] = observed(study, draws, constants, people, score, reported[score])
            found[f"qol_{score}"] = 100.0 - found[score]
    if asked & {"clearly_better", "perceived"}:
        found["perceived"] = perceived_change(study, draws, constants, feelings)
        found["clearly_better"] = (found["perceived"] >= constants["clearly"][:, None, None]).astype(float)
    if "edss" in asked:
        found["edss"] = edss(study, draws, course)
        found["edss"][..., 0] = people["edss"]
    if "relapses" in asked:
        found["relapses"] = course.relapses(days)
    if asked & {"lesions", "recent_lesions"}:
        found["lesions"] = counted_lesions(draws, constants, days, mean_benefit)
        found["recent_lesions"] = np.diff(found["lesions"], axis=2, prepend=0.0)
    if "function" in asked:
        found["function"] = _function(study, draws, constants, felt_scores["physical"], sure, days)
    improvement = felt_scores["physical"][..., :1] - reported["physical"]
    return found, improvement, course.relapse_days


def _function(
    study: Study, draws: Draws, constants: Constants, felt_physical: Floats, sure: Floats, days: Floats
) -> Floats:
    """Measured function: follows the physical level, with an error of its own; expectation reaches it less."""
    total = constants["score_sd"][:, None, None]
    helped = shift(study, draws, constants, sure, days, "function")
    level = 50.0 - FUNCTION_SD * (felt_physical - helped - constants["physical_level"][:, None, None]) / total
    z = draws.of("noise", "function").standard_normal(days.shape) * study.has("noise")
    return np.asarray(level + FUNCTION_SD * np.sqrt(1.0 - constants["reliability_function"])[:, None, None] * z)
