"""Solving a circulation: beat by beat to its periodic state, or for a stated time."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from azygos.body.body import Body
from azygos.body.check import problems_of
from azygos.body.condition import Breathing, Strain
from azygos.body.network import Network
from azygos.body.person import not_numbers
from azygos.engine.keep import Keep
from azygos.engine.numerics import Numerics, problems_with
from azygos.engine.outcome import Outcome
from azygos.engine.run import FROUDE_LIMIT, Beat, Run
from azygos.engine.solution import Solution
from azygos.errors import InputError, Problem

__all__ = ["FROUDE_LIMIT", "Beat", "Numerics", "periodic_network", "simulate"]

_STRAINED = Problem(
    "a strain is over in a while and has no periodic state",
    "duration",
    "say for how long to follow it, such as duration=25.0",
)


def simulate(
    body: Network | Body,
    *,
    posture: str | float | None = None,
    heart_rate: float | None = None,
    blood_volume: float | None = None,
    breathing: Breathing | None = None,
    strain: Strain | None = None,
    external_pressure: Mapping[str, float] | None = None,
    duration: float | None = None,
    numerics: Numerics | None = None,
    keep: Keep | None = None,
    progress: Callable[[Beat], None] | None = None,
    resting: Network | Body | None = None,
) -> Solution:
    """The periodic state of a circulation, or its course over `duration` [s].

    posture, heart_rate, blood_volume, breathing, strain and external_pressure put a body through what they say, as
    `Body.under` does. A course begins at the network's initial heads, with still blood; or, with `resting`, in the
    periodic state of that circulation, which has the same parts under other given quantities. A body's strain begins
    in its own resting state.

    A body or network that cannot be solved as it stands raises InputError with all its problems. A
    solve that goes wrong does not raise: see `Solution.outcome`.
    """
    numerics, keep = numerics or Numerics(), keep or Keep()
    settings = (posture, heart_rate, blood_volume, breathing, strain, external_pressure)
    if duration is not None and (wrong := not_numbers({"duration": duration}, "such as 25.0, in seconds")):
        raise InputError(wrong)
    if any(setting is not None for setting in settings):
        body = _person(body).under(
            posture=posture,
            heart_rate=heart_rate,
            blood_volume=blood_volume,
            breathing=breathing,
            strain=strain,
            external_pressure=external_pressure,
        )
    if isinstance(body, Body) and body.conditions.strain is not None and resting is None:
        if duration is None:
            raise InputError(_STRAINED)
        resting = body.resting
    network = _network(body)
    problems = problems_of(network) or problems_with(network, numerics, keep, duration)
    if resting is not None:
        problems += _problems_of_rest(network, _network(resting), numerics, keep, duration)
    if problems:
        raise InputError(problems)
    run = Run(network, numerics, keep)
    if duration is None:
        return run.to_periodic(progress)
    if resting is None:
        return run.for_time(duration, progress)
    return _from_rest(run, _network(resting), duration, progress)


def periodic_network(body: Network | Body, numerics: Numerics, keep: Keep) -> Network:
    """The network whose periodic state is that of a body. Raises InputError where there is none to be looked for."""
    if isinstance(body, Body) and body.conditions.strain is not None:
        raise InputError(_STRAINED)
    network = _network(body)
    if problems := problems_of(network) or problems_with(network, numerics, keep, None):
        raise InputError(problems)
    return network


def _person(body: object) -> Body:
    if isinstance(body, Body):
        return body
    remedy = "make a Body of it; azygos.Body.reference() is one"
    raise InputError(Problem("posture, breathing and the like are of a body, not of a network", remedy=remedy))


def _network(body: object) -> Network:
    network = body.network if isinstance(body, Body) else body
    if not isinstance(network, Network):
        remedy = "read a file with azygos.read_network"
        raise InputError(Problem(f"expected a body or a network, got {type(body).__name__}", remedy=remedy))
    return network


def _problems_of_rest(
    network: Network, resting: Network, numerics: Numerics, keep: Keep, duration: float | None
) -> list[Problem]:
    if duration is None:
        return [Problem("a periodic state begins in no other", "resting", "give a duration, or leave it out")]
    for parts in ("vessels", "links", "stores", "regulations", "nodes"):
        names = [[_named(part) for part in getattr(one, parts)] for one in (network, resting)]
        if names[0] != names[1]:
            return [Problem(f"has not the same {parts}", "resting", "change only given quantities")]
    found = problems_of(resting) or problems_with(resting, numerics, keep, None)
    return [replace(problem, where=f"resting: {problem.where}") for problem in found]


def _named(part: object) -> str:
    return str(getattr(part, "name", getattr(part, "link", part)))


def _from_rest(run: Run, resting: Network, duration: float, progress: Callable[[Beat], None] | None) -> Solution:
    """The course that begins in the periodic state of `resting`; a state that is not one is told in the outcome."""
    rest = Run(resting, run.case.numerics, run.case.sampler.keep)
    here, there = run.case.compiled.topology, rest.case.compiled.topology
    if not all(np.array_equal(here[name], array) for name, array in there.items()):
        raise InputError(Problem("has its parts joined otherwise", "resting", "change only given quantities"))
    before = rest.to_periodic(progress).solve
    if before.outcome is Outcome.lost:
        return run.stay.nothing(f"The state at rest before it: {before.message}")
    run.begin_in(rest)
    solution = run.for_time(duration, progress)
    if before.outcome is Outcome.ok or solution.outcome is Outcome.lost:
        return solution
    message = f"So it was at rest, before the course: {before.message} {solution.solve.message}".strip()
    return replace(solution, solve=replace(solution.solve, outcome=before.outcome, message=message))
