"""A visit for an examination, beside a treatment: what was found, and pictures of the vessels that matter."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from azygos.body.body import Body
from azygos.engine.outcome import Outcome
from azygos.engine.solution import Solve
from azygos.instruments.examination import Examination, Plan
from azygos.instruments.recording import Recording
from azygos.report.look import drawings
from azygos.report.picture import Picture

__all__ = ["Visit", "drawn", "pictured", "visited"]

OF_ONE_VESSEL = ("b_mode", "spectrum", "flow_curve")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An examination, its pictures, and the solves that went wrong. Without an examination where one was lost."""

    name: str  # before, after
    examination: Examination | None
    failures: tuple[tuple[str, Solve], ...]
    pictures: tuple[Picture, ...] = ()


def visited(name: str, plan: Plan, body: Body) -> Visit:
    """The body solved and examined by a plan, without pictures yet.

    A function of what it is given, and all of that can be pickled: another process may do it.
    """
    plan = replace(plan, visit=name)
    solutions = plan.solved(body)
    failures = tuple((which, s.solve) for which, s in solutions.items() if s.outcome is not Outcome.ok)
    if any(solution.outcome is Outcome.lost for solution in solutions.values()):
        return Visit(name=name, examination=None, failures=failures)
    return Visit(name=name, examination=plan.examined(body, solutions), failures=failures)


def pictured(visit: Visit, vessels: tuple[str, ...]) -> Visit:
    """With pictures of some of its vessels; of no vessel, none."""
    if visit.examination is None or not vessels:
        return visit
    return replace(visit, pictures=tuple(drawn(visit.examination.recordings, vessels)))


def drawn(recordings: Iterable[Recording], vessels: tuple[str, ...]) -> Iterable[Picture]:
    """The pictures of some vessels, and all those that show many at once."""
    for recording in recordings:
        some = tuple(p for p in recording.pictures if p.kind not in OF_ONE_VESSEL or p.site.vessel in vessels)
        yield from drawings(replace(recording, pictures=some))
