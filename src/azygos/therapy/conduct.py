"""Conducting a procedure: step by step, deciding on recordings alone, or the same as a sham.

The patient's body is what the devices act on, and only the instruments look at it. A sham takes every step, every look
and every random number of the procedure and inflates and places nothing.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from azygos.body.body import Body
from azygos.body.lesion import Stenosis
from azygos.engine.solution import Solution
from azygos.engine.solve import Beat, Numerics, simulate
from azygos.errors import InputError, Problem, close_matches
from azygos.instruments.instrument import AbstractInstrument, Patient
from azygos.instruments.recording import Site
from azygos.instruments.venography import Ivus, Venography
from azygos.rng import stream
from azygos.therapy.assess import Narrow, both, narrow_places, pressure_sites
from azygos.therapy.catalogue import Catalogue, StentModel, stock
from azygos.therapy.chart import Chart
from azygos.therapy.complications import Draws, clots
from azygos.therapy.notes import Entry, Look, Procedure
from azygos.therapy.operation import Operation
from azygos.therapy.procedure import USABLE, Stage, Treatment, pressed, read_stage
from azygos.therapy.protocol import (
    USUAL_ACCESS,
    Access,
    Inflate,
    PlaceStent,
    Protocol,
    Step,
    Venogram,
    out_of_reach,
    problems_of,
)
from azygos.therapy.subject import as_body
from azygos.units import degree

__all__ = ["Ask", "Entry", "Look", "Procedure", "conduct", "conducting", "unfit"]


class Ask(NamedTuple):
    """A body that somebody has to solve before things can go on, to its periodic state or for `duration` [s]."""

    name: str  # of the stage
    body: Body
    duration: float | None = None


def conduct(
    body: Body,
    protocol: Protocol,
    *,
    venography: AbstractInstrument,
    manometry: AbstractInstrument,
    ivus: AbstractInstrument | None = None,
    seed: int | None = 0,
    sham: bool = False,
    catalogue: Catalogue | None = None,
    elastic: float | None = None,
    numerics: Numerics | None = None,
    progress: Callable[[str, Beat], None] | None = None,
) -> Procedure:
    """The procedure done to a body lying down; with `sham` only its steps and looks.

    The stages are those of the body in its own posture. `elastic` is the elastic share of a thickened wall, else
    `response.ELASTIC`. The same seed gives the same procedure; with the seed None nothing happens by chance, and the
    streams of the instruments are those of seed 0. Raises InputError with everything wrong with the protocol or the
    body; a solve that goes wrong ends the procedure with its outcome.
    """
    steps = conducting(
        body,
        protocol,
        venography=venography,
        manometry=manometry,
        ivus=ivus,
        seed=seed,
        sham=sham,
        catalogue=catalogue,
        elastic=elastic,
    )
    try:
        ask = next(steps)
        while True:
            watch = partial(progress, ask.name) if progress else None
            ask = steps.send(simulate(ask.body, numerics=numerics, progress=watch))
    except StopIteration as end:
        procedure: Procedure = end.value
        return procedure


def conducting(
    body: Body,
    protocol: Protocol,
    *,
    venography: AbstractInstrument,
    manometry: AbstractInstrument,
    ivus: AbstractInstrument | None = None,
    seed: int | None = 0,
    sham: bool = False,
    catalogue: Catalogue | None = None,
    elastic: float | None = None,
) -> Generator[Ask, Solution, Procedure]:
    """`conduct` for whoever solves the bodies himself, such as those of many patients side by side.

    Yields each body to be solved and is sent its solution; the first is the body as it came.
    """
    catalogue = catalogue or stock()
    subject = as_body(body)
    problems = [*_no_seed(seed), *problems_of(protocol, catalogue), *unfit(subject, protocol, catalogue)]
    if problems:
        raise InputError(problems)
    vessels = protocol.vessels or tuple(dict.fromkeys(lesion.vessel for lesion in subject.lesions))
    draws = Draws.of(seed, vessels)
    theatre = _Theatre(
        operation=Operation(body=subject, catalogue=catalogue, sham=sham, elastic=elastic, draws=draws),
        chart=Chart.of(subject),
        vessels=vessels,
        venography=venography,
        manometry=manometry,
        ivus=ivus or Ivus(),
        seed=seed or 0,
    )
    if (yield from theatre.solve("before")):
        for step in protocol.steps:
            if not (yield from theatre.take(step)):
                break
    operation = theatre.operation
    harm = (*operation.complications, *draws.happened(operation.done), *clots(seed, operation.body))
    return Procedure(
        protocol=protocol,
        seed=seed,
        sham=sham,
        treatment=Treatment(stages=tuple(theatre.stages)),
        notes=tuple(operation.notes),
        looks=tuple(theatre.seen),
        complications=harm,
        draws=draws,
        inflations=tuple(operation.inflations),
    )


def _no_seed(seed: object) -> list[Problem]:
    if seed is None or (isinstance(seed, int) and not isinstance(seed, bool) and seed >= 0):
        return []
    return [Problem(f"{seed!r} is no seed", "seed", "give a whole number from 0 on")]


def unfit(body: Body, protocol: Protocol, catalogue: Catalogue) -> list[Problem]:
    """What of the protocol does not fit this body, as far as the patient was sent with it."""
    found = []
    for vessel in protocol.vessels:
        if vessel not in body.lengths:
            found.append(Problem(f"no vessel '{vessel}' to look at", "vessels", close_matches(vessel, body.lengths)))
    looked_at = protocol.vessels or [lesion.vessel for lesion in body.lesions]
    sides = {kind == "artery": vessel for vessel in looked_at if (kind := body.kinds.get(vessel))}
    found += out_of_reach(protocol, sides)
    for step in protocol.steps:
        if isinstance(step, PlaceStent) and step.stent is not None and step.stent in catalogue.stents:
            stent, where = catalogue.stents[step.stent], str(step)
            for lesion in body.lesions:
                found += _misfits(stent, lesion, body.kinds[lesion.vessel], where)
    return found


def _misfits(stent: StentModel, lesion: Stenosis, kind: str, where: str) -> list[Problem]:
    found = []
    if kind not in stent.sites:
        what = f"'{stent.name}' is made for {' or '.join(stent.sites)}, and {lesion.vessel} is of kind {kind}"
        found.append(Problem(what, where, "name another (rule: a stent for its kind of vessel)"))
    if lesion.kind != "hypoplasia" and stent.length < lesion.length:
        what = f"'{stent.name}' is shorter than the lesion '{lesion}'"
        found.append(Problem(what, where, "name a longer one (rule: a stent covers its lesion)"))
    return found


@dataclass(slots=True, kw_only=True)
class _Theatre:
    """Where a procedure goes on: the patient on the table, the instruments, and what was seen and solved so far."""

    operation: Operation
    chart: Chart
    vessels: tuple[str, ...]
    venography: AbstractInstrument
    manometry: AbstractInstrument
    ivus: AbstractInstrument
    seed: int
    solution: Solution | None = None  # lying, as the operator sees the patient
    places: tuple[Narrow, ...] = ()
    stages: list[Stage] = field(default_factory=list)
    seen: list[Look] = field(default_factory=list)

    def take(self, step: Step) -> Generator[Ask, Solution, bool]:
        """Takes a step; False when the patient cannot be solved any more."""
        match step:
            case Access() if not self.vessels:
                self.operation.note(step, "not done: no vessel to look at")
            case Access():
                self.operation.done.add("access")
                self.operation.note(step, f"{self._sheath(step)} in place")
            case Venogram():
                return (yield from self.look(step))
            case Inflate():
                self.operation.inflate(step, self.places)
            case PlaceStent():
                self.operation.stent(step, self.places)
        return True

    def _sheath(self, step: Access) -> str:
        """Where it is, by what is looked at where the protocol does not say."""
        kinds = self.operation.body.kinds
        sides = sorted({kinds[vessel] == "artery" for vessel in self.vessels}) or [False]
        return step.site or " and ".join(USUAL_ACCESS[is_artery] for is_artery in sides)

    def solve(self, name: str) -> Generator[Ask, Solution, bool]:
        body = self.operation.body
        shown = yield Ask(name, body)
        lying = body if not body.posture_degrees else body.with_posture("supine")
        self.solution = shown if lying is body else (yield Ask(name, lying))
        stage = read_stage(name, body, dict(self.operation.devices), shown)
        self.stages = [*(s for s in self.stages if s.name != name), stage]
        self.operation.devices = {}
        if not {shown.outcome, self.solution.outcome} <= set(USABLE):
            return False
        self.operation.pressed = pressed(body, self.solution)
        return True

    def look(self, step: Venogram) -> Generator[Ask, Solution, bool]:
        """A venogram of all vessels, then pressures beside what looks narrow and where a balloon was."""
        operation = self.operation
        if operation.changed and not (yield from self.solve(operation.changed)):
            return False
        operation.changed = ""
        assert self.solution is not None
        patient = Patient(body=operation.body.with_posture("supine"), solutions={"supine": self.solution})
        look = len(self.seen) + 1
        sites = tuple(Site(vessel=vessel) for vessel in self.vessels)
        if not sites:
            operation.note(step, "no vessel to look at")
            return True
        treated = tuple(operation.ballooned)
        venogram = self._venography(step).examine(patient, sites, stream(self.seed, "venogram", look))
        places, seen = narrow_places(venogram, self.chart, treated), [venogram]
        if step.ivus:
            seen.append(self.ivus.examine(patient, sites, stream(self.seed, "ivus", look)))
            places = both(places, narrow_places(seen[-1], self.chart, treated))
        taken = tuple(pressure_sites(places, self.chart))
        pull_back = self.manometry.examine(
            patient, tuple(s for _, *both in taken for s in both), stream(self.seed, "manometry", look)
        )
        read = {reading.site: reading.value for reading in pull_back.find("pressure")}
        self.places = tuple(replace(place, gradient=read[above] - read[below]) for place, above, below in taken)
        self.seen.append(Look(step=str(step), recordings=(*seen, pull_back)))
        for place in self.places:
            operation.note(step, str(place))
        return True

    def _venography(self, step: Venogram) -> AbstractInstrument:
        if step.planes > 1 and isinstance(self.venography, Venography):
            return replace(self.venography, planes=(0.0, 90 * degree))
        return self.venography
