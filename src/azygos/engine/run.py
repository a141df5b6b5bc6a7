"""One patient alone in the kernel: for a stated time, or until its state repeats."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import Network
from azygos.engine.case import Case
from azygos.engine.keep import Keep
from azygos.engine.kernel import Advance, Lane
from azygos.engine.numerics import Numerics
from azygos.engine.patient import Patients, load
from azygos.engine.search import Search
from azygos.engine.solution import Solution, joined
from azygos.engine.stay import FROUDE_LIMIT, Stay

__all__ = ["FROUDE_LIMIT", "Beat", "Run", "finished"]

Floats: TypeAlias = NDArray[np.float64]

_NEAR = 3e-2  # so little must a beat change before the breath is let in
_LEAD = 3  # beats of a breath before the first whole one, in which waves settle


@dataclass(frozen=True, slots=True)
class Beat:
    """Progress: what a caller is told after each beat, or after each period of some beats."""

    beat: int
    most_beats: int
    residual: float
    worst_vessel: str


def finished(search: Search, patient: Patients, progress: Callable[[Beat], None] | None = None) -> Solution:
    """A search to its end, of one patient alone in a kernel."""
    case = search.stay.case
    while True:
        search.begin()
        advance = patient.advance(case.steps, every=case.every, periodic=True)
        search.judge(advance.fates[0], case.monitor.means(advance.sums)[0])
        if progress:
            progress(Beat(search.beats, case.numerics.most_beats, *search.change))
        if search.over:
            return search.result(advance)


class Run:
    """One patient in a kernel of its own."""

    def __init__(self, network: Network, numerics: Numerics, keep: Keep) -> None:
        self.case = Case(network, numerics, keep)
        self.patient = load(self.case.compiled, self.case.dt)
        self.stay = Stay(self.case, Lane(self.patient.kernel))

    @property
    def state(self) -> Floats:
        return self.patient.kernel.state

    def advance(self, steps: int, *, periodic: bool = False, under: Floats | None = None) -> Advance:
        """Some steps further, under other given quantities where they are said."""
        if under is None:
            return self.patient.advance(steps, every=self.case.every, periodic=periodic)
        return self.patient.advance_under(under, every=self.case.every)

    def begin_in(self, rest: "Run") -> None:
        """Take over the state of another run of the same parts, as the start."""
        self.state[:] = rest.state
        self.patient.fresh = int(self.case.dt != rest.case.dt)  # the past of other steps means nothing
        self.stay.initial_volume = self.stay.volume()

    def for_time(self, duration: float, progress: Callable[[Beat], None] | None) -> Solution:
        """The course over `duration`, a beat's worth of steps at a time."""
        case, monitor = self.case, self.case.monitor
        kept = case.every * case.thin
        whole = max(1, round(duration / (case.dt * kept))) * kept
        most = -(-whole // case.beat_steps)
        pieces, froude, lost = [], (0.0, ""), None
        for beat in range(1, most + 1):
            done = (beat - 1) * case.beat_steps
            steps = min(case.beat_steps, whole - done)
            advance = self.advance(steps)
            fate = advance.fates[0]
            self.stay.repeated += fate.repeated
            record = advance.record.first((steps if fate.lost_step is None else fate.lost_step) // case.every)
            pieces.append(case.sampler.course(record.thinned(case.thin)))
            froude = max(froude, monitor.largest_froude(record))
            if progress:
                progress(Beat(beat, most, float("nan"), ""))
            lost = self.stay.lost(fate, done) or self.stay.emptied(record, done)
            if lost is not None:
                break
        return self.stay.solution(joined(pieces), froude, lost, beats=beat)

    def to_periodic(self, progress: Callable[[Beat], None] | None) -> Solution:
        """The last period of the periodic state, or as near to it as the beats allowed came."""
        in_breath = self.case.network.beats > 1 and self.case.numerics.accelerate
        search = Search(self.stay, beats=self._breathless(progress) if in_breath else 0)
        return finished(search, self.patient, progress)

    def _breathless(self, progress: Callable[[Beat], None] | None) -> int:
        """Come near the periodic state beat by beat, under the mean over a period of what is given in each beat.

        A breath costs as much as its beats, but teaches the search no more than one of them. Returns the beats taken.
        """
        in_period, most_beats = self.case.network.beats, self.case.numerics.most_beats
        given, steps, begun = self.patient.signals(self.case.steps), self.case.beat_steps, self.state.copy()
        mean: Floats = np.ascontiguousarray(
            np.mean([given[k * steps : (k + 1) * steps + 1] for k in range(in_period)], axis=0)
        )
        search, most, lost = Search(self.stay), max(1, most_beats // 2), False
        for beat in range(1, most + 1):
            search.begin()
            advance = self.advance(steps, under=mean)
            fate, means = advance.fates[0], self.case.monitor.means(advance.sums)[0]
            search.turn(fate, means, steps, enough=_NEAR)
            if progress:
                progress(Beat(beat, most_beats, *search.change))
            lost = fate.lost_step is not None and search.lived
            if lost or search.change[0] < _NEAR:
                break
        lead = min(_LEAD, in_period)
        came_in = self.advance(lead * steps, under=np.ascontiguousarray(given[-1 - lead * steps :]))
        if lost or came_in.fates[0].lost_step is not None:  # then let the breath show what becomes of it from the start
            self.state[:], self.patient.fresh = begun, 1
        return beat + lead
