"""Many patients to their periodic states, eight side by side.

Each lane of the kernel holds one patient with a search of its own. When a search is over, its solution is read off that
beat and the next patient takes the lane; a patient who needs steps repeated in pieces, which all lanes would wait for,
goes on alone, as do the last few when no more are waiting. One lane and eight give the same bits, so that none of this
shows: a patient's numbers are those of `simulate`, whoever else is solved, in whatever order.

Patients share a kernel when their vessels, links and stores are joined alike and cut into as many cells, and when their
beats have as many steps; `Numerics.cohort` sees to that for people of different size.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.body import Body
from azygos.body.network import Network
from azygos.engine.case import Case, steps_of
from azygos.engine.keep import Keep
from azygos.engine.kernel import LANES, ONE, Advance, Kernel, Lane, aligned
from azygos.engine.numerics import Numerics
from azygos.engine.patient import Patients, load, put
from azygos.engine.run import finished
from azygos.engine.search import Search
from azygos.engine.solution import Solution
from azygos.engine.solve import periodic_network, simulate
from azygos.engine.stay import Stay
from azygos.engine.topology import Structure
from azygos.errors import InputError

__all__ = ["simulate_many"]

Floats: TypeAlias = NDArray[np.float64]
Group: TypeAlias = tuple[Structure, int, int]

_FEW = 3  # patients take as long one by one as eight lanes do
_TROUBLE = 8  # steps of a beat done again in pieces: the patient goes on alone


def simulate_many(
    bodies: Sequence[Network | Body], *, numerics: Numerics | None = None, keep: Keep | None = None
) -> list[Solution | InputError]:
    """The periodic state of every body, or what `simulate` would raise in its place."""
    numerics, keep = numerics or Numerics(), keep or Keep()
    found: dict[int, Solution | InputError] = {}
    groups: dict[Group, list[tuple[int, Network]]] = {}
    for i, body in enumerate(bodies):
        try:
            network = periodic_network(body, numerics, keep)
            if network.beats > 1:  # a breath is approached under its mean first: alone
                found[i] = simulate(network, numerics=numerics, keep=keep)
                continue
        except InputError as error:
            found[i] = error
            continue
        every, _, steps = steps_of(network, numerics, keep)
        group = Structure.of(network, numerics.mesh.cells_of(network)), every, steps
        groups.setdefault(group, []).append((i, network))
    for (structure, *_), waiting in groups.items():
        found |= _Ward(waiting, numerics, keep, structure).solved()
    return [found[i] for i in range(len(bodies))]


class _Lanes:
    """Eight lanes of one kernel, each with the given quantities of its own patient's beat."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.kernel = Kernel(case.compiled.topology, case.compiled.extents, LANES)
        self.signals = aligned((case.steps + 1, case.compiled.extents["signals"], LANES))
        self.fresh = self._were_fresh = 0
        self._one: Kernel | None = None
        for i in range(LANES):
            self.put(i, case)

    def put(self, i: int, case: Case) -> Lane:
        """A patient at the start, in a lane."""
        lane = Lane(self.kernel, i)
        put(lane, case.compiled, case.dt)
        self.signals[:, :, i] = case.compiled.signals(0.0, case.steps, case.dt)
        self.fresh |= 1 << i
        return lane

    def advance(self) -> Advance:
        """All lanes by a beat; nothing is recorded."""
        advance = self.kernel.advance(self.signals, every=self.case.every, fresh=self.fresh, recorded=False)
        self._were_fresh, self.fresh = self.fresh, 0
        return advance

    def own(self, search: Search) -> Patients:
        """A kernel for one patient, who goes on there as if nothing had happened."""
        case, lane = search.stay.case, search.stay.lane
        patients = load(case.compiled, case.dt)
        patients.kernel.state[:] = lane.state
        patients.fresh = (self.fresh >> lane.index) & 1
        search.stay.lane = Lane(patients.kernel)
        return patients

    def again(self, search: Search) -> Advance:
        """The last beat of one patient once more, alone and recorded: cheaper than to record all beats of all."""
        case, lane = search.stay.case, search.stay.lane
        self._one = self._one or Kernel(case.compiled.topology, case.compiled.extents, ONE)
        put(Lane(self._one), case.compiled, case.dt)
        self._one.state[:] = search.start
        fresh = (self._were_fresh >> lane.index) & 1
        given = np.ascontiguousarray(self.signals[:, :, lane.index : lane.index + 1])
        return self._one.advance(given, every=case.every, fresh=fresh)


class _Ward:
    """Patients of one group: those who wait, and those in the lanes."""

    def __init__(
        self, waiting: Iterable[tuple[int, Network]], numerics: Numerics, keep: Keep, structure: Structure
    ) -> None:
        self._waiting, self._numerics, self._keep, self._structure = deque(waiting), numerics, keep, structure
        self._found: dict[int, Solution | InputError] = {}

    def solved(self) -> dict[int, Solution | InputError]:
        """What became of everyone, by number."""
        if len(self._waiting) > _FEW:
            self._side_by_side()
        while (admitted := self._next()) is not None:
            number, case = admitted
            patients = load(case.compiled, case.dt)
            self._alone(number, Search(Stay(case, Lane(patients.kernel))), patients)
        return self._found

    def _next(self) -> tuple[int, Case] | None:
        """The next who can be solved at all."""
        while self._waiting:
            number, network = self._waiting.popleft()
            try:
                return number, Case(network, self._numerics, self._keep, self._structure)
            except InputError as error:
                self._found[number] = error
        return None

    def _side_by_side(self) -> None:
        lanes: _Lanes | None = None
        seats: dict[int, tuple[int, Search]] = {}
        while True:
            for i in sorted(set(range(LANES)) - set(seats)):
                if (admitted := self._next()) is not None:
                    lanes = lanes or _Lanes(admitted[1])
                    seats[i] = admitted[0], Search(Stay(admitted[1], lanes.put(i, admitted[1])))
            if lanes is None:
                return
            if len(seats) <= _FEW:
                break
            for i in self._turn(lanes, {i: search for i, (_, search) in seats.items()}):
                self._leave(lanes, *seats.pop(i))
                if seats and not self._waiting:  # what is left in the lane must not trouble the others
                    lanes.put(i, next(iter(seats.values()))[1].stay.case)
        for number, search in seats.values():
            self._alone(number, search, lanes.own(search))

    def _turn(self, lanes: _Lanes, searches: dict[int, Search]) -> list[int]:
        """A beat of all; the lanes that are to be left."""
        for search in searches.values():
            search.begin()
        advance = lanes.advance()
        means = lanes.case.monitor.means(advance.sums)
        for i, search in searches.items():
            search.judge(advance.fates[i], means[i])
        return [i for i, search in searches.items() if search.over or advance.fates[i].repeated >= _TROUBLE]

    def _leave(self, lanes: _Lanes, number: int, search: Search) -> None:
        if search.over:
            self._found[number] = search.result(lanes.again(search))
        else:
            self._alone(number, search, lanes.own(search))

    def _alone(self, number: int, search: Search, patients: Patients) -> None:
        self._found[number] = finished(search, patients)
