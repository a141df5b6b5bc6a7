"""Jobs that wait for a worker: so many places, shared among clients, who take turns.

No client is known by more than the address that it asks from, so all who come through one proxy are one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from azygos.web.store import Job

__all__ = ["FINAL", "Full", "Live", "Queue"]

FINAL = frozenset({"done", "failed", "cancelled"})


class Full(Exception):
    """There is no place for one job more."""

    def __init__(self, seconds: int, own: int = 0) -> None:
        self.seconds = seconds  # after which there should be one
        self.own = own  # jobs that wait for the same client
        super().__init__(seconds, own)


@dataclass(slots=True, eq=False)
class Live:
    """What is known of a job that waits or runs, or whose end could not be written down."""

    job: Job
    state: str = "queued"
    progress: dict[str, Any] = field(default_factory=lambda: {"what": "waiting", "share": 0.0})
    problems: list[dict[str, str]] = field(default_factory=list)
    askers: dict[str, bool] = field(default_factory=dict)  # each client who asked for it, and whether it still does
    turn: int = 0
    is_cancelled: bool = False
    lost_workers: int = 0  # processes that ended under it

    def is_wanted_by(self, client: str) -> None:
        if client:
            self.askers[client] = True
        self.is_cancelled = False

    def is_left_by(self, client: str) -> bool:
        """Whether nobody wants it now that this client does not."""
        if client in self.askers:
            self.askers[client] = False
        return not any(self.askers.values())

    def told(self, client: str) -> dict[str, Any]:
        """How it is: to a client who cancelled it, cancelled, though others may want it still."""
        state = self.state if self.askers.get(client, True) else "cancelled"
        found = {"id": self.job.id, "kind": self.job.kind, "state": state, "problems": self.problems}
        return found if state in FINAL else found | {"progress": self.progress}


class Queue:
    """Those that wait. Whoever uses it sees to it that only one thread does."""

    def __init__(self, places: int, left: Iterable[Live] = ()) -> None:
        """`left` by an earlier server have a place however many they are."""
        self._places, self._turn = places, 0
        self._waiting: list[Live] = []
        for live in left:
            self.add(live)

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, live: Live) -> bool:
        return live in self._waiting

    def of(self, client: str) -> list[Live]:
        """Those that a client wants."""
        return [live for live in self._waiting if live.askers.get(client)]

    def has_room_for(self, client: str) -> bool:
        """Whether more places are free than this client has.

        So a client alone gets half of them and leaves half to whoever comes; in the long run n clients who ask without
        end get 1 / (n + 1) each (dynamic thresholds: Choudhury and Hahne, IEEE/ACM Trans. Netw. 6(2):130-140, 1998).
        """
        return len(self.of(client)) < self._places - len(self._waiting)

    def add(self, live: Live, client: str = "") -> None:
        """Gives it its turn: one after the last of its client's, and not before those that had theirs."""
        live.turn = 1 + max([self._turn, *(other.turn for other in self._waiting if client in other.askers)])
        live.is_wanted_by(client)
        self._waiting.append(live)

    def take(self) -> Live:
        """Whose turn it is; of the same turn, who came first."""
        live = min(self._waiting, key=lambda live: live.turn)
        self._waiting.remove(live)
        self._turn = max(self._turn, live.turn)
        return live

    def put_back(self, live: Live) -> None:
        """One that was taken, before all others."""
        self._waiting.insert(0, live)

    def drop(self, live: Live) -> None:
        self._waiting.remove(live)
