"""The search for a patient's periodic state, turn by turn; whoever advances the kernel calls it before and after."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.engine.kernel import Advance, Fate
from azygos.engine.monitor import Means, pressure_weights
from azygos.engine.periodic import Anderson
from azygos.engine.solution import Solution
from azygos.engine.stay import Stay

__all__ = ["Search"]

Floats: TypeAlias = NDArray[np.float64]

# Of the distance of slow parts from rest, which is known outright, to the change in a turn that it is compared with:
# a vessel that settles in ten beats is as far from rest as ten times its change.
_AS_SOON = 0.1


class Search:
    """Where one patient's search stands.

    A turn is a beat, or a period of some beats, of one lane: `begin`, then the kernel goes on, then `judge`, until
    `over`. `beats` were taken before the first turn.
    """

    def __init__(self, stay: Stay, *, beats: int = 0) -> None:
        self.stay, self.beats = stay, beats
        self.over = False
        self.change: tuple[float, str] = (float("inf"), "")
        numerics, lane = stay.case.numerics, stay.lane
        self._anderson = Anderson(*pressure_weights(stay.case.compiled, lane)) if numerics.accelerate else None
        self.start = self._plain = lane.state.copy()  # of the turn; and where the next would start without acceleration
        self._leapt = False  # the present turn started elsewhere
        self._means: Means | None = None
        self._volume = 0.0
        self.lived = False  # there was a last turn, and no leap that went too far
        self._lost: str | None = None

    def begin(self) -> None:
        """What a turn is compared with."""
        self.start, self._volume = self.stay.lane.state.copy(), self.stay.volume()

    def judge(self, fate: Fate, means: Means) -> None:
        """What a turn has shown; and a leap where the search goes on."""
        case = self.stay.case
        self.beats += case.network.beats
        self.turn(fate, means, case.steps, enough=case.numerics.tolerance)
        if self.lived:
            self._lost = self.stay.lost(fate, self.beats * case.beat_steps - case.steps)
            self.over = self._lost is not None or self.change[0] < case.numerics.tolerance
        self.over |= self.beats + case.network.beats > case.numerics.most_beats

    def turn(self, fate: Fate, means: Means, steps: int, *, enough: float) -> None:
        """Judge a turn of the map whose fixed point is sought, and leap unless a change below `enough` ends the search.

        When a leap went too far, the next turn walks on from where it began.
        """
        self.stay.repeated += fate.repeated
        self.lived = fate.lost_step is None or not self._leapt
        if fate.lost_step is None:
            self._weigh(means, steps * self.stay.case.dt, enough)
        elif self._leapt:
            self._anderson, self._means, self._leapt = None, None, False
            self.stay.lane.state[:] = self._plain

    def _weigh(self, means: Means, period: float, enough: float) -> None:
        """How far the turn's end is from its start, and where to start the next."""
        lane, start, case = self.stay.lane, self.start, self.stay.case
        self._plain = lane.state.copy()
        lag, drift = case.slow.lag(lane, start, means, period), case.monitor.drift(lane, start, means)
        gain = (self.stay.volume() - self._volume) / period
        first = drift if drift[1] else (float("inf"), "")  # without vessels nothing drifts that is watched
        change = min(drift, case.monitor.change(self._means, means)) if self._means is not None else first
        lagging = _AS_SOON * lag.distance
        self.change = max(change, (case.monitor.filling(gain, means), change[1]), (lagging, lag.where))
        self._means = means
        far = max(drift[0], lagging) > 0.5 * case.numerics.tolerance
        self._leapt = self._anderson is not None and self.change[0] >= enough and far
        if self._anderson and self._leapt:
            lane.state[:] = self._anderson.next_start(start, case.slow.settled(lane, self._plain, lag))

    def result(self, advance: Advance) -> Solution:
        """The last period, which `advance` recorded: the periodic state, or as near to it as the beats allowed came."""
        stay, fate = self.stay, advance.fates[0]
        if not self.lived:
            return stay.nothing("An accelerated beat went too far, and no beats are left to walk on without.")
        case = stay.case
        record = advance.record if fate.lost_step is None else advance.record.first(fate.lost_step // case.every)
        course = case.sampler.course(record.thinned(case.thin))
        lost = self._lost or stay.emptied(record, 0)
        return stay.solution(course, case.monitor.largest_froude(record), lost, beats=self.beats, change=self.change)
