"""Looks at a patient beside a treatment, in a process of their own so that both cores have work."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from azygos.cli.request import Problems

if TYPE_CHECKING:
    from concurrent.futures import Future

    from azygos.body.body import Body
    from azygos.instruments.examination import Plan
    from azygos.instruments.instrument import AbstractInstrument
    from azygos.report.visit import Visit
    from azygos.run.executor import Crew

__all__ = ["Visits", "looks_json", "planned", "show_looks", "visiting"]


class Visits:
    """The visits asked for and not yet done; of a treatment without looks there are none."""

    def __init__(self, crew: "Crew | None", plan: "Plan | None", vessels: tuple[str, ...]) -> None:
        self._crew, self._plan, self._vessels = crew, plan, vessels
        self._asked: list[Future[Visit]] = []

    def ask(self, name: str, body: "Body") -> None:
        """Sends the patient for an examination lying and sitting, whatever the posture of the stage is."""
        if self._crew is None or self._plan is None:
            return
        from azygos.report.visit import visited

        lying = body.with_posture("supine") if body.posture_degrees else body
        self._asked.append(self._crew.submit(visited, name, self._plan, lying))

    def done(self) -> "tuple[Visit, ...]":
        """All of them, in order, waited for; one is drawn here while the next is still examined there."""
        if not self._asked:
            return ()
        from azygos.report.visit import pictured

        return tuple(pictured(future.result(), self._vessels) for future in self._asked)


def planned(look: str | None, seed: int, exact: bool, problems: Problems) -> "Plan | None":
    """The plan of the instruments that `look` names; what is wrong with it is noted."""
    if look is None:
        return None
    from azygos.errors import Problem
    from azygos.instruments.examination import Plan
    from azygos.instruments.registry import INSTRUMENTS, instrument

    names = list(dict.fromkeys(look.replace(",", " ").split()))
    if not names:
        remedy = f"name some of {', '.join(INSTRUMENTS)}"
        problems.found.append(Problem("no instrument is named", "--look", remedy))
    made = {name: problems.check(partial(instrument, name, exact=exact)) for name in names}
    kept = {name: one for name, one in made.items() if one is not None}
    return Plan(instruments=kept, seed=seed, is_exact=exact)


def _quick(instrument: "AbstractInstrument", vessels: tuple[str, ...]) -> "AbstractInstrument":
    """Making those pictures alone that somebody will see."""
    from dataclasses import replace

    from azygos.instruments.ultrasound import Ultrasound
    from azygos.instruments.venography import Venography

    match instrument:
        case Ultrasound():
            return replace(instrument, pictured=vessels)
        case Venography() if not vessels:
            return replace(instrument, injections=())
        case _:
            return instrument


@contextmanager
def visiting(plan: "Plan | None", body: "Body", *, has_pictures: bool) -> Iterator[Visits]:
    """Where visits are asked for, with pictures of the vessels to be treated; the other process ends with it."""
    if plan is None:
        yield Visits(None, None, ())
        return
    vessels = tuple(dict.fromkeys(lesion.vessel for lesion in body.lesions)) if has_pictures else ()
    quick = {name: _quick(one, vessels) for name, one in plan.instruments.items()}
    from concurrent.futures.process import BrokenProcessPool
    from dataclasses import replace

    from azygos.run.executor import Processes

    with Processes(1) as crew:
        try:
            yield Visits(crew, replace(plan, instruments=quick), vessels)
        except BrokenProcessPool:
            what = "the process that looks at the patient has ended, perhaps for want of memory"
            raise ChildProcessError(what) from None


def looks_json(seen: "tuple[Visit, ...]") -> dict[str, Any]:
    """`looks` as plain data; nothing when there were none."""
    if not seen:
        return {}
    from azygos.report.look import as_json, outcomes

    lost = {v.name: {"when": v.name, "outcomes": outcomes(dict(v.failures))} for v in seen}
    return {"looks": [lost[v.name] | (as_json(v.examination) if v.examination else {}) for v in seen]}


def show_looks(seen: "tuple[Visit, ...]") -> None:
    """What fired at each visit."""
    from azygos.report.look import finding_rows

    for visit in seen:
        findings = visit.examination.findings if visit.examination else ()
        fired = [row for row in finding_rows(findings) if row[0] == "yes"]
        print(f"\nlook, {visit.name}: {len(fired)} of {len(findings)} findings by published rules")
        for _, site, rule, measure, interval, _ in fired:
            print(f"  {site}: {rule}, {measure} ({interval})")
