"""Whether the reference adult is as healthy people are: published bands, written down before any run.

The bands are the files in `cases/` (`exchange.case`). Every setting that a target asks for, such as a posture, is
solved once; what lies outside its band is a result like any other.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from azygos.body.body import Body
from azygos.engine.compile import Mesh
from azygos.engine.measure import Measure, keep_for
from azygos.engine.outcome import Outcome
from azygos.engine.solution import Solution
from azygos.engine.solve import Beat, Numerics, simulate
from azygos.errors import InputError, Problem
from azygos.exchange.case import Case, Result, Settings, Target, read_cases
from azygos.units import litre, mmHg

__all__ = ["Result", "cases_directory", "judged", "solved", "validate"]

SAMPLES = 400  # a beat, so that the feet of waves are told apart to a millisecond
ATRIUM = Measure.parse("pressure(right_atrium)")
NEAR_ENOUGH = 0.005 * mmHg  # to the asked right atrial pressure
FIRST_SLOPE = 6 * mmHg / litre  # by which more blood raises it; a first guess
MOST_TRIES = 8

Progress = Callable[[str, Beat], None]


def validate(cases: Sequence[Case] | None = None, mesh: Mesh | None = None) -> tuple[Result, ...]:
    """The reference adult against `cases`, by default all that come with azygos.

    Raises InputError with every measure that the body does not have.
    """
    cases = read_cases(cases_directory()) if cases is None else cases
    return judged(cases, solved(cases, mesh))


def cases_directory() -> Path:
    """Where the cases lie: beside this file where azygos is installed, at the root of its sources else."""
    here = Path(__file__).parent
    installed = here / "cases"
    return installed if installed.is_dir() else here.parents[1] / "cases"


def solved(
    cases: Sequence[Case], mesh: Mesh | None = None, progress: Progress | None = None
) -> dict[Settings, Solution]:
    """The periodic state of the reference adult in every setting that the cases ask for."""
    targets = [target for case in cases for target in case.targets]
    asked = dict.fromkeys(target.settings for target in targets)
    bodies = {settings: Body.reference().with_posture(settings.posture) for settings in asked}
    problems = [
        Problem(problem.what, target.where, problem.remedy)
        for target in targets
        for problem in target.measure.problems(bodies[target.settings].network)
    ]
    if problems:
        raise InputError(problems)
    measures = [ATRIUM, *(target.measure for target in targets)]
    return {settings: _state(body, settings, measures, mesh, progress) for settings, body in bodies.items()}


def _state(
    body: Body, settings: Settings, measures: Sequence[Measure], mesh: Mesh | None, progress: Progress | None
) -> Solution:
    """The periodic state in one setting."""
    numerics = Numerics(mesh=mesh or Mesh())
    keep = replace(keep_for(measures, body.network, samples_per_beat=SAMPLES), vessels=None)
    told = (lambda beat: progress(str(settings), beat)) if progress else None

    def solve(body: Body) -> Solution:
        return simulate(body, numerics=numerics, keep=keep, progress=told)

    solution = solve(body)
    if settings.venous_rise and _has_answer(solution):
        return _with_more_blood(body, solution, settings.venous_rise, solve)
    return solution


def _has_answer(solution: Solution) -> bool:
    return solution.outcome in (Outcome.ok, Outcome.choked)


def _with_more_blood(body: Body, solution: Solution, rise: float, solve: Callable[[Body], Solution]) -> Solution:
    """The body with as much more blood as lifts the mean pressure of its right atrium by `rise` [Pa].

    A secant from `solution`, the body with the blood it has, to the last try.
    """
    start, blood = ATRIUM(solution), body.blood_volume
    more, reached, slope = 0.0, start, FIRST_SLOPE
    for _ in range(MOST_TRIES):
        if abs(start + rise - reached) < NEAR_ENOUGH:
            break
        more += (start + rise - reached) / slope
        solution = solve(body.under(blood_volume=blood + more))
        if not _has_answer(solution):
            break
        reached = ATRIUM(solution)
        slope = max((reached - start) / more, 0.1 * FIRST_SLOPE)
    return solution


def judged(cases: Sequence[Case], solutions: Mapping[Settings, Solution]) -> tuple[Result, ...]:
    """Every target's value, in the order of the cases."""
    return tuple(_result(case, target, solutions[target.settings]) for case in cases for target in case.targets)


def _result(case: Case, target: Target, solution: Solution) -> Result:
    value = target.measure(solution) / target.measure.one(target.unit) if _has_answer(solution) else math.nan
    return Result(case=case, target=target, value=value, outcome=solution.outcome)
