"""One patient on the way to a solution: for a stated time, or until the state repeats."""

import time as clock
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import Network
from azygos.engine.compile import compile_network
from azygos.engine.keep import Keep
from azygos.engine.kernel import Advance, Fate, Record
from azygos.engine.monitor import Monitor, pressure_weights
from azygos.engine.numerics import Numerics
from azygos.engine.outcome import Outcome
from azygos.engine.patient import load
from azygos.engine.periodic import Anderson
from azygos.engine.slow import Slow
from azygos.engine.solution import Course, Sampler, Solution, Solve, joined
from azygos.engine.topology import in_order

__all__ = ["FROUDE_LIMIT", "Beat", "Run"]

Floats: TypeAlias = NDArray[np.float64]

_WATCHED = 100
_NEAR = 3e-2  # so little must a beat change before the breath is let in
# Of the distance of slow parts from rest, which is known outright, to the change in a turn that it is compared with:
# a vessel that settles in ten beats is as far from rest as ten times its change.
_AS_SOON = 0.1
_LEAD = 3  # beats of a breath before the first whole one, in which waves settle
FROUDE_LIMIT = 0.8  # above it the vessel is reported as choked


@dataclass(frozen=True, slots=True)
class Beat:
    """Progress: what a caller is told after each beat, or after each period of some beats."""

    beat: int
    most_beats: int
    residual: float
    worst_vessel: str


@dataclass(slots=True)
class _Search:
    """Where the search for the periodic state stands."""

    anderson: Anderson | None
    plain: Floats  # where the next turn would start without acceleration
    leapt: bool = False  # the present turn started elsewhere
    means: Floats | None = None
    change: tuple[float, str] = (float("inf"), "")


class Run:
    """One patient in the kernel, with what watches it."""

    def __init__(self, network: Network, numerics: Numerics, keep: Keep) -> None:
        self.began = clock.perf_counter()
        self.numerics = numerics
        self.compiled = compile_network(network, numerics.mesh)
        beat = network.period / network.beats
        self.every, self.thin, self.beat_steps = _sampling(beat, numerics.time_step, keep.samples_per_beat)
        self.steps = self.beat_steps * network.beats
        self.dt = network.period / self.steps
        self.patient = load(self.compiled, self.dt)
        self.monitor, self.slow = Monitor(self.compiled), Slow(self.compiled)
        self.sampler = Sampler(self.compiled, keep)
        self.initial_volume = self.monitor.volume(self.patient)
        self.repeated = 0

    def advance(self, steps: int, *, periodic: bool = False, under: Floats | None = None) -> Advance:
        """Some steps further; of a run that is lost only the samples before that are given."""
        if under is None:
            advance = self.patient.advance(steps, every=self.every, periodic=periodic)
        else:
            advance = self.patient.advance_under(under, every=self.every)
        fate = advance.fates[0]
        self.repeated += fate.repeated
        lived = steps if fate.lost_step is None else fate.lost_step
        return replace(advance, record=advance.record.first(lived // self.every))

    def begin_in(self, rest: "Run") -> None:
        """Take over the state of another run of the same parts, as the start."""
        self.patient.kernel.state[:] = rest.patient.kernel.state
        self.patient.fresh = self.dt != rest.dt  # the past of other steps means nothing
        self.initial_volume = self.monitor.volume(self.patient)

    def for_time(self, duration: float, progress: Callable[[Beat], None] | None) -> Solution:
        """The course over `duration`, a beat's worth of steps at a time."""
        kept = self.every * self.thin
        whole = max(1, round(duration / (self.dt * kept))) * kept
        most = -(-whole // self.beat_steps)
        pieces, froude, lost = [], (0.0, ""), None
        for beat in range(1, most + 1):
            done = (beat - 1) * self.beat_steps
            advance = self.advance(min(self.beat_steps, whole - done))
            pieces.append(self.sampler.course(advance.record.thinned(self.thin)))
            froude = max(froude, self.monitor.largest_froude(advance.record))
            if progress:
                progress(Beat(beat, most, float("nan"), ""))
            lost = self._lost(advance.fates[0], done) or self._emptied(advance.record, done)
            if lost is not None:
                break
        return self.solution(joined(pieces), froude, lost, beats=beat)

    def to_periodic(self, progress: Callable[[Beat], None] | None) -> Solution:
        """The last period of the periodic state, or as near to it as the beats allowed came."""
        most, in_period = self.numerics.most_beats, self.compiled.network.beats
        beats = self._breathless(progress) if in_period > 1 and self.numerics.accelerate else 0
        search, lost = self._search(), None
        while True:
            advance = self._turn(search, self.steps, enough=self.numerics.tolerance)
            beats += in_period
            if progress:
                progress(Beat(beats, most, *search.change))
            if advance is not None:
                lost = self._lost(advance.fates[0], (beats - in_period) * self.beat_steps)
                if lost or search.change[0] < self.numerics.tolerance:
                    break
            if beats + in_period > most:
                break
        if advance is None:
            return self.nothing("An accelerated beat went too far, and no beats are left to walk on without.")
        froude = self.monitor.largest_froude(advance.record)
        course = self.sampler.course(advance.record.thinned(self.thin))
        lost = lost or self._emptied(advance.record, 0)
        return self.solution(course, froude, lost, beats=beats, change=search.change)

    def nothing(self, lost: str) -> Solution:
        """A course that never began."""
        return self.solution(self.sampler.course(self.patient.kernel.no_record()), (0.0, ""), lost, beats=0)

    def _breathless(self, progress: Callable[[Beat], None] | None) -> int:
        """Come near the periodic state beat by beat, under the mean over a period of what is given in each beat.

        A breath costs as much as its beats, but teaches the search no more than one of them. Returns the beats taken.
        """
        in_period, begun = self.compiled.network.beats, self.patient.kernel.state.copy()
        given, steps = self.patient.signals(self.steps), self.beat_steps
        mean: Floats = np.ascontiguousarray(
            np.mean([given[k * steps : (k + 1) * steps + 1] for k in range(in_period)], axis=0)
        )
        search, most = self._search(), max(1, self.numerics.most_beats // 2)
        for beat in range(1, most + 1):
            advance = self._turn(search, steps, enough=_NEAR, under=mean)
            if progress:
                progress(Beat(beat, self.numerics.most_beats, *search.change))
            lost = advance is not None and advance.fates[0].lost_step is not None
            if lost or search.change[0] < _NEAR:
                break
        lead = min(_LEAD, in_period)
        came_in = self.patient.advance_under(np.ascontiguousarray(given[-1 - lead * steps :]), every=self.every)
        if lost or came_in.fates[0].lost_step is not None:  # then let the breath show what becomes of it from the start
            self.patient.kernel.state[:], self.patient.fresh = begun, True
        return beat + lead

    def _search(self) -> _Search:
        kernel = self.patient.kernel
        anderson = Anderson(*pressure_weights(self.compiled, kernel)) if self.numerics.accelerate else None
        return _Search(anderson, kernel.state.copy())

    def _turn(self, search: _Search, steps: int, *, enough: float = 0.0, under: Floats | None = None) -> Advance | None:
        """One turn of the map whose fixed point is sought, and a leap unless a change below `enough` ends the search.

        None when a leap went too far: then the next turn walks on from where it began.
        """
        kernel, period = self.patient.kernel, steps * self.dt
        start, volume = kernel.state.copy(), self.monitor.volume(self.patient)
        advance = self.advance(steps, periodic=True, under=under)
        if advance.fates[0].lost_step is not None:
            if not search.leapt:
                return advance
            search.anderson, search.means, search.leapt = None, None, False
            kernel.state[:] = search.plain
            return None
        search.plain = kernel.state.copy()
        now, lag = self.monitor.means(advance.record), self.slow.lag(kernel, start, advance.record, period)
        drift = self.monitor.drift(kernel, start, now)
        gain = (self.monitor.volume(self.patient) - volume) / period
        first = drift if drift[1] else (float("inf"), "")  # without vessels nothing drifts that is watched
        change = min(drift, self.monitor.change(search.means, now)) if search.means is not None else first
        lagging = _AS_SOON * lag.distance
        search.change = max(change, (self.monitor.filling(gain, now), change[1]), (lagging, lag.where))
        search.means = now
        far = max(drift[0], lagging) > 0.5 * self.numerics.tolerance
        search.leapt = search.anderson is not None and search.change[0] >= enough and far
        if search.anderson and search.leapt:
            kernel.state[:] = search.anderson.next_start(start, self.slow.settled(kernel, search.plain, lag))
        return advance

    def solution(
        self,
        course: Course,
        froude: tuple[float, str],
        lost: str | None,
        *,
        beats: int,
        change: tuple[float, str] | None = None,
    ) -> Solution:
        outcome, message = self._outcome(froude, lost, change)
        volume = self.monitor.volume(self.patient)
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

    def _outcome(
        self, froude: tuple[float, str], lost: str | None, change: tuple[float, str] | None
    ) -> tuple[Outcome, str]:
        choked = f"Froude number {froude[0]:.2f} in '{froude[1]}'."
        if lost is not None:
            return Outcome.lost, lost
        if change is not None and not change[0] < self.numerics.tolerance:
            message = f"Largest relative change in the last {self._turn_name}: {change[0]:.1e}, in '{change[1]}'."
            if froude[0] > FROUDE_LIMIT:
                message += f" {choked} Choked flow may sway for ever."
            return Outcome.not_periodic, message
        return (Outcome.choked, choked) if froude[0] > FROUDE_LIMIT else (Outcome.ok, "")

    @property
    def _turn_name(self) -> str:
        return "beat" if self.compiled.network.beats == 1 else "period"

    def _lost(self, fate: Fate, done: int) -> str | None:
        """Where and when a patient was lost, after `done` steps before; None while it lives."""
        if fate.lost_step is None:
            return None
        place = "at a node"
        if fate.lost_slot is not None:
            place = f"in '{self.compiled.vessel_of_slot(fate.lost_slot)}'"
        elif fate.lost_store is not None:
            place = f"in store '{in_order(self.compiled.network.stores)[fate.lost_store].name}'"
        return f"Lost {place} at {(fate.lost_step + done) * self.dt:.4g} s."

    def _emptied(self, record: Record, done: int) -> str | None:
        """The store that held less than nothing, and when; None when there was none."""
        found = self.monitor.emptied(record)
        if found is None:
            return None
        time = (done + self.every * (found[1] + 1)) * self.dt
        return f"Store '{found[0]}' held less than no volume at {time:.4g} s."


def _sampling(beat: float, time_step: float, samples: int) -> tuple[int, int, int]:
    """Steps between samples, samples between those that are kept, and steps per heart beat.

    What is watched (means, Froude numbers) is sampled at least a hundred times a beat whatever is kept.
    """
    steps = int(np.ceil(beat / time_step - 1e-9))
    every = max(1, steps // max(samples, _WATCHED))
    thin = max(1, steps // every // samples)
    whole = every * thin
    return every, thin, -(-steps // whole) * whole
