"""A patient's stay in a lane of the kernel: what is kept in mind of it, and what it comes to."""

import time as clock

import numpy as np

from azygos.engine.case import Case
from azygos.engine.kernel import Fate, Lane, Record
from azygos.engine.outcome import Outcome
from azygos.engine.solution import Course, Solution, Solve

__all__ = ["FROUDE_LIMIT", "Stay"]

FROUDE_LIMIT = 0.8  # above it the vessel is reported as choked


class Stay:
    """One patient in one lane."""

    def __init__(self, case: Case, lane: Lane) -> None:
        self.began = clock.perf_counter()
        self.case, self.lane = case, lane
        self.initial_volume = self.volume()
        self.repeated = 0

    def volume(self) -> float:
        """All blood and fluid [m3]."""
        return self.case.monitor.volume(self.lane)

    def lost(self, fate: Fate, done: int) -> str | None:
        """Where and when a patient was lost, after `done` steps before; None while it lives."""
        if fate.lost_step is None:
            return None
        place, compiled = "at a node", self.case.compiled
        if fate.lost_slot is not None:
            place = f"in '{compiled.vessel_of_slot(fate.lost_slot)}'"
        elif fate.lost_store is not None:
            place = f"in store '{compiled.stores[fate.lost_store].name}'"
        return f"Lost {place} at {(fate.lost_step + done) * self.case.dt:.4g} s."

    def emptied(self, record: Record, done: int) -> str | None:
        """The store that held less than nothing, and when; None when there was none."""
        found = self.case.monitor.emptied(record)
        if found is None:
            return None
        time = (done + self.case.every * (found[1] + 1)) * self.case.dt
        return f"Store '{found[0]}' held less than no volume at {time:.4g} s."

    def nothing(self, lost: str) -> Solution:
        """A course that never began."""
        none = self.case.sampler.course(self.lane.kernel.no_record())
        return self.solution(none, (0.0, ""), lost, beats=0)

    def solution(
        self,
        course: Course,
        froude: tuple[float, str],
        lost: str | None,
        *,
        beats: int,
        change: tuple[float, str] | None = None,
    ) -> Solution:
        """What it comes to: lost, or `change` in its last turn of the search for the periodic state."""
        outcome, message = self._outcome(froude, lost, change)
        case, network = self.case, self.case.network
        solve = Solve(
            outcome=outcome,
            beats=beats,
            residual=change[0] if change else float("nan"),
            worst_vessel=change[1] if change else "",
            volume_error=abs(self.volume() / self.initial_volume - 1.0) if network.is_closed else float("nan"),
            largest_froude=froude[0],
            froude_vessel=froude[1],
            repeated_steps=self.repeated,
            wall_s=clock.perf_counter() - self.began,
            message=message,
        )
        time = case.dt * case.every * case.thin * np.arange(1, course.samples + 1, dtype=np.float64)
        return Solution(network=network, solve=solve, keep=case.sampler.keep, time=time, course=course)

    def _outcome(
        self, froude: tuple[float, str], lost: str | None, change: tuple[float, str] | None
    ) -> tuple[Outcome, str]:
        choked = f"Froude number {froude[0]:.2f} in '{froude[1]}'."
        if lost is not None:
            return Outcome.lost, lost
        if change is not None and not change[0] < self.case.numerics.tolerance:
            turn = "beat" if self.case.network.beats == 1 else "period"
            message = f"Largest relative change in the last {turn}: {change[0]:.1e}, in '{change[1]}'."
            if froude[0] > FROUDE_LIMIT:
                message += f" {choked} Choked flow may sway for ever."
            return Outcome.not_periodic, message
        return (Outcome.choked, choked) if froude[0] > FROUDE_LIMIT else (Outcome.ok, "")
