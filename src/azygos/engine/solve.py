"""Solving a circulation: beat by beat to its periodic state, or for a stated time."""

import time as clock
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from azygos.body.check import problems_of
from azygos.body.network import Network
from azygos.engine.compile import compile_network
from azygos.engine.keep import Keep
from azygos.engine.kernel import Advance, Fate
from azygos.engine.monitor import Monitor, pressure_weights
from azygos.engine.numerics import Numerics, problems_with
from azygos.engine.outcome import Outcome
from azygos.engine.patient import load
from azygos.engine.periodic import Anderson
from azygos.engine.solution import Course, Sampler, Solution, Solve, joined
from azygos.errors import InputError, Problem

if TYPE_CHECKING:
    from azygos.body.body import Body

__all__ = ["Beat", "Numerics", "simulate"]

_WATCHED = 100
FROUDE_LIMIT = 0.8  # above it the vessel is reported as choked


@dataclass(frozen=True, slots=True)
class Beat:
    """Progress: what a caller is told after each beat."""

    beat: int
    most_beats: int
    residual: float
    worst_vessel: str


def simulate(
    body: "Network | Body",
    *,
    duration: float | None = None,
    numerics: Numerics | None = None,
    keep: Keep | None = None,
    progress: Callable[[Beat], None] | None = None,
) -> Solution:
    """The periodic state of a circulation, or its course over `duration` [s].

    A body or network that cannot be solved as it stands raises InputError with all its problems. A
    solve that goes wrong does not raise: see `Solution.outcome`.
    """
    network = getattr(body, "network", body)
    if not isinstance(network, Network):
        remedy = "read a file with azygos.read_network"
        raise InputError(Problem(f"expected a body or a network, got {type(body).__name__}", remedy=remedy))
    numerics, keep = numerics or Numerics(), keep or Keep()
    problems = problems_of(network) or problems_with(network, numerics, keep, duration)
    if problems:
        raise InputError(problems)
    run = _Run(network, numerics, keep)
    return run.to_periodic(progress) if duration is None else run.for_time(duration, progress)


class _Run:
    """One patient on the way to a solution."""

    def __init__(self, network: Network, numerics: Numerics, keep: Keep) -> None:
        self.began = clock.perf_counter()
        self.numerics = numerics
        self.compiled = compile_network(network, numerics.mesh)
        self.every, self.thin, self.steps = _sampling(network.period, numerics.time_step, keep.samples_per_beat)
        self.dt = network.period / self.steps
        self.patient = load(self.compiled, self.dt)
        self.monitor = Monitor(self.compiled)
        self.sampler = Sampler(self.compiled, keep)
        self.initial_volume = self.monitor.blood_volume(self.patient)
        self.repeated = 0

    def advance(self, steps: int, *, periodic: bool = False) -> Advance:
        """Some steps further; of a run that is lost only the samples before that are given."""
        advance = self.patient.advance(steps, every=self.every, periodic=periodic)
        fate = advance.fates[0]
        self.repeated += fate.repeated
        lived = steps if fate.lost_step is None else fate.lost_step
        return replace(advance, record=advance.record.first(lived // self.every))

    def for_time(self, duration: float, progress: Callable[[Beat], None] | None) -> Solution:
        """The course over `duration`, a beat's worth of steps at a time."""
        kept = self.every * self.thin
        whole = max(1, round(duration / (self.dt * kept))) * kept
        most = -(-whole // self.steps)
        pieces, froude, lost = [], (0.0, ""), None
        for beat in range(1, most + 1):
            advance = self.advance(min(self.steps, whole - (beat - 1) * self.steps))
            pieces.append(self.sampler.course(advance.record.thinned(self.thin)))
            froude = max(froude, self.monitor.largest_froude(advance.record))
            if progress:
                progress(Beat(beat, most, float("nan"), ""))
            if advance.fates[0].lost_step is not None:
                lost = self._lost_at(advance.fates[0], beat)
                break
        return self._solution(joined(pieces), froude, lost, beats=beat)

    def to_periodic(self, progress: Callable[[Beat], None] | None) -> Solution:
        """The last beat of the periodic state, or as near to it as the beats allowed came."""
        kernel, numerics = self.patient.kernel, self.numerics
        anderson = Anderson(*pressure_weights(self.compiled, kernel)) if numerics.accelerate else None
        means, change, lost = None, (float("inf"), ""), None
        plain, leapt = kernel.state.copy(), False  # where the next beat would start without acceleration
        for beat in range(1, numerics.most_beats + 1):
            start, volume = kernel.state.copy(), self.monitor.blood_volume(self.patient)
            advance = self.advance(self.steps, periodic=True)
            if advance.fates[0].lost_step is not None:
                if not leapt:
                    lost = self._lost_at(advance.fates[0], beat)
                    break
                anderson, means, leapt = None, None, False  # the leap went too far: walk on from where it began
                kernel.state[:] = plain
                continue
            plain = kernel.state.copy()
            now = self.monitor.means(advance.record)
            if means is not None:
                gain = (self.monitor.blood_volume(self.patient) - volume) / self.compiled.network.period
                change = self.monitor.change(means, now, gain)
            means = now
            if progress:
                progress(Beat(beat, numerics.most_beats, *change))
            if change[0] < numerics.tolerance:
                break
            leapt = anderson is not None and self.monitor.drift(kernel, start, now) > 0.5 * numerics.tolerance
            if anderson and leapt:
                kernel.state[:] = anderson.next_start(start, plain)
        froude = self.monitor.largest_froude(advance.record)
        course = self.sampler.course(advance.record.thinned(self.thin))
        return self._solution(course, froude, lost, beats=beat, change=change)

    def _solution(
        self,
        course: Course,
        froude: tuple[float, str],
        lost: str | None,
        *,
        beats: int,
        change: tuple[float, str] | None = None,
    ) -> Solution:
        outcome, message = Outcome.ok, ""
        choked = f"Froude number {froude[0]:.2f} in '{froude[1]}'."
        if lost is not None:
            outcome, message = Outcome.lost, lost
        elif change is not None and not change[0] < self.numerics.tolerance:
            outcome = Outcome.not_periodic
            message = f"Largest relative change in the last beat: {change[0]:.1e}, in '{change[1]}'."
            if froude[0] > FROUDE_LIMIT:
                message += f" {choked} Choked flow may sway for ever."
        elif froude[0] > FROUDE_LIMIT:
            outcome, message = Outcome.choked, choked
        volume = self.monitor.blood_volume(self.patient)
        solve = Solve(
            outcome=outcome,
            beats=beats,
            residual=change[0] if change else float("nan"),
            worst_vessel=change[1] if change else "",
            volume_error=abs(volume / self.initial_volume - 1.0) if self.compiled.network.is_closed else float("nan"),
            largest_froude=froude[0],
            froude_vessel=froude[1],
            repeated_steps=self.repeated,
            wall_s=clock.perf_counter() - self.began,
            message=message,
        )
        time = self.dt * self.every * self.thin * np.arange(1, course.samples + 1, dtype=np.float64)
        return Solution(network=self.compiled.network, solve=solve, keep=self.sampler.keep, time=time, course=course)

    def _lost_at(self, fate: Fate, beat: int) -> str:
        step = (fate.lost_step or 0) + (beat - 1) * self.steps
        place = f"in '{self.compiled.vessel_of_slot(fate.lost_slot)}'" if fate.lost_slot is not None else "at a node"
        return f"Lost {place} at {step * self.dt:.4g} s."


def _sampling(period: float, time_step: float, samples: int) -> tuple[int, int, int]:
    """Steps between samples, samples between those that are kept, and steps per beat.

    What is watched (means, Froude numbers) is sampled at least a hundred times a beat whatever is kept.
    """
    steps = int(np.ceil(period / time_step - 1e-9))
    every = max(1, steps // max(samples, _WATCHED))
    thin = max(1, steps // every // samples)
    whole = every * thin
    return every, thin, -(-steps // whole) * whole
