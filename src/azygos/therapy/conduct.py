"""Conducting a procedure: step by step, deciding on recordings alone, or the same as a sham.

The patient's body is what the devices act on, and only the instruments look at it. A sham takes every step, every look
and every random number of the procedure and inflates and places nothing.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple

from azygos.body.body import Body
from azygos.body.lesion import Stenosis
from azygos.engine.solution import Solution
from azygos.engine.solve import Beat, Numerics, simulate
from azygos.errors import InputError, Problem
from azygos.instruments.instrument import AbstractInstrument, Patient
from azygos.instruments.recording import Recording, Site
from azygos.instruments.venography import Ivus, Venography
from azygos.rng import stream
from azygos.therapy import response
from azygos.therapy.assess import Narrow, both, narrow_places, pressure_sites
from azygos.therapy.catalogue import BalloonModel, Catalogue, StentModel, atm, stock
from azygos.therapy.complications import Complication, Draws, rates
from azygos.therapy.procedure import USABLE, Stage, Treatment, read_stage, vein_diameter
from azygos.therapy.protocol import Access, Inflate, PlaceStent, Protocol, Step, Venogram, problems_of
from azygos.therapy.subject import as_body
from azygos.units import degree, mm

__all__ = ["Ask", "Entry", "Look", "Procedure", "conduct", "conducting"]

MARGIN = 5 * mm  # by which a device reaches over each end of what looks narrow. assumed


class Ask(NamedTuple):
    """A body that somebody has to solve before things can go on, to its periodic state or for `duration` [s]."""

    name: str  # of the stage
    body: Body
    duration: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the operator's notes: the step, and what was seen or done."""

    step: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the operator saw at one time: the venogram of all vessels, and pressures beside what looked narrow."""

    step: str
    recordings: tuple[Recording, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Procedure:
    """A procedure as it went. `treatment` holds the truth before and after it, `looks` what the operator saw."""

    protocol: Protocol
    seed: int
    sham: bool
    treatment: Treatment
    notes: tuple[Entry, ...]
    looks: tuple[Look, ...]
    complications: tuple[Complication, ...]
    draws: Draws

    @property
    def body(self) -> Body:
        """The patient as the procedure leaves him."""
        return self.treatment.stages[-1].body

    def with_stage(self, stage: Stage) -> "Procedure":
        """With what was found later."""
        return replace(self, treatment=Treatment(stages=(*self.treatment.stages, stage)))

    def as_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`."""
        return {
            "protocol": self.protocol.name,
            "seed": self.seed,
            "sham": self.sham,
            "notes": [{"step": entry.step, "text": entry.text} for entry in self.notes],
            "complications": [{"event": c.event, "grade": c.grade, "where": c.where} for c in self.complications],
        }

    def __repr__(self) -> str:
        head = f"{'Sham procedure' if self.sham else 'Procedure'} '{self.protocol.name}', seed {self.seed}"
        harm = [str(complication) for complication in self.complications] or ["none"]
        steps = [(step, [entry.text for entry in found]) for step, found in groupby(self.notes, lambda e: e.step)]
        lines = [head]
        for step, texts in steps:
            lines += [f"├── {step}", *(f"│   ├── {text}" for text in texts[:-1]), f"│   └── {texts[-1]}"]
        return "\n".join([*lines, f"└── complications: {'; '.join(harm)}"])


def conduct(
    body: Body,
    protocol: Protocol,
    *,
    venography: AbstractInstrument,
    manometry: AbstractInstrument,
    ivus: AbstractInstrument | None = None,
    seed: int = 0,
    sham: bool = False,
    catalogue: Catalogue | None = None,
    elastic: float | None = None,
    numerics: Numerics | None = None,
    progress: Callable[[str, Beat], None] | None = None,
) -> Procedure:
    """The procedure done to a body lying down; with `sham` only its steps and looks.

    The stages are those of the body in its own posture. `elastic` is the elastic share of a thickened wall, else
    `response.ELASTIC`. The same seed gives the same procedure.
    Raises InputError with everything wrong with the protocol or the body;
    a solve that goes wrong ends the procedure with its outcome.
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
    seed: int = 0,
    sham: bool = False,
    catalogue: Catalogue | None = None,
    elastic: float | None = None,
) -> Generator[Ask, Solution, Procedure]:
    """`conduct` for whoever solves the bodies himself, such as those of many patients side by side.

    Yields each body to be solved and is sent its solution; the first is the body as it came.
    """
    catalogue = catalogue or stock()
    subject = as_body(body)
    problems = problems_of(protocol, catalogue) + _unfit(subject, protocol, catalogue)
    if problems:
        raise InputError(problems)
    vessels = protocol.vessels or tuple(dict.fromkeys(lesion.vessel for lesion in subject.lesions))
    theatre = _Theatre(
        body=subject,
        vessels=vessels,
        catalogue=catalogue,
        venography=venography,
        manometry=manometry,
        ivus=ivus or Ivus(),
        seed=seed,
        sham=sham,
        elastic=elastic,
        draws=Draws.of(seed, vessels),
    )
    if (yield from theatre.solve("before")):
        for step in protocol.steps:
            if not (yield from theatre.take(step)):
                break
    done = {"access"} | theatre.done
    return Procedure(
        protocol=protocol,
        seed=seed,
        sham=sham,
        treatment=Treatment(stages=tuple(theatre.stages)),
        notes=tuple(theatre.notes),
        looks=tuple(theatre.seen),
        complications=(*theatre.complications, *theatre.draws.happened(done)),
        draws=theatre.draws,
    )


def _unfit(body: Body, protocol: Protocol, catalogue: Catalogue) -> list[Problem]:
    """What of the protocol does not fit this body, as far as the patient was sent with it."""
    found = []
    for vessel in protocol.vessels:
        if vessel not in body.lengths:
            found.append(Problem(f"no vessel '{vessel}' to look at", "vessels", "see 'azygos body list'"))
    for step in protocol.steps:
        if isinstance(step, PlaceStent) and step.stent is not None and step.stent in catalogue.stents:
            stent, where = catalogue.stents[step.stent], str(step)
            for lesion in body.lesions:
                found += _misfits(stent, lesion, body.kinds[lesion.vessel], where)
    return found


def _misfits(stent: StentModel, lesion: Stenosis, kind: str, where: str) -> list[Problem]:
    found = []
    if kind not in stent.sites:
        what = f"'{stent.name}' is made for a {' or '.join(stent.sites)}, and {lesion.vessel} is of kind {kind}"
        found.append(Problem(what, where, "name another (rule: a stent for its kind of vessel)"))
    if lesion.kind != "hypoplasia" and stent.length < lesion.length:
        what = f"'{stent.name}' is shorter than the lesion '{lesion}'"
        found.append(Problem(what, where, "name a longer one (rule: a stent covers its lesion)"))
    return found


@dataclass(slots=True, kw_only=True)
class _Theatre:
    """Where a procedure goes on; it changes from step to step and does not outlive it."""

    body: Body
    vessels: tuple[str, ...]
    catalogue: Catalogue
    venography: AbstractInstrument
    manometry: AbstractInstrument
    ivus: AbstractInstrument
    seed: int
    sham: bool
    elastic: float | None
    draws: Draws
    solution: Solution | None = None  # lying, as the operator sees the patient
    places: tuple[Narrow, ...] = ()
    dilated: set[str] = field(default_factory=set)  # vessels
    done: set[str] = field(default_factory=set)
    devices: dict[str, str] = field(default_factory=dict)  # of the stage that is not solved yet
    stage: str = ""
    stages: list[Stage] = field(default_factory=list)
    notes: list[Entry] = field(default_factory=list)
    seen: list[Look] = field(default_factory=list)
    complications: list[Complication] = field(default_factory=list)

    def take(self, step: Step) -> Generator[Ask, Solution, bool]:
        """Takes a step; False when the patient cannot be solved any more."""
        match step:
            case Access():
                self.note(step, "in place")
            case Venogram():
                return (yield from self.look(step))
            case Inflate():
                wanted = [place for place in self.places if step.wanted(place.narrowing, place.gradient or 0.0)]
                for place in wanted:
                    self.inflate(step, place)
                if not wanted:
                    self.note(step, "not needed")
            case PlaceStent():
                for place in self.places:
                    if place.site.vessel in self.dilated:
                        self.stent(step, place)
        return True

    def note(self, step: Step, text: str) -> None:
        self.notes.append(Entry(step=str(step), text=text))

    def solve(self, name: str) -> Generator[Ask, Solution, bool]:
        shown = yield Ask(name, self.body)
        lying = self.body if not self.body.posture_degrees else self.body.with_posture("supine")
        self.solution = shown if lying is self.body else (yield Ask(name, lying))
        stage = read_stage(name, self.body, dict(self.devices), shown)
        self.stages = [*(s for s in self.stages if s.name != name), stage]
        self.devices = {}
        return {shown.outcome, self.solution.outcome} <= set(USABLE)

    def look(self, step: Venogram) -> Generator[Ask, Solution, bool]:
        """A venogram of all vessels, then pressures beside what looks narrow."""
        if self.stage and not (yield from self.solve(self.stage)):
            return False
        self.stage = ""
        assert self.solution is not None
        patient = Patient(body=self.body.with_posture("supine"), solutions={"supine": self.solution})
        look = len(self.seen) + 1
        sites = tuple(Site(vessel=vessel) for vessel in self.vessels)
        lengths = self.body.lengths
        if not sites:
            self.note(step, "no vessel to look at")
            return True
        venogram = self._venography(step).examine(patient, sites, stream(self.seed, "venogram", look))
        places, seen = narrow_places(venogram, lengths), [venogram]
        if step.ivus:
            seen.append(self.ivus.examine(patient, sites, stream(self.seed, "ivus", look)))
            places = both(places, narrow_places(seen[-1], lengths))
        taken = tuple(pressure_sites(places, lengths))
        pull_back = self.manometry.examine(
            patient, tuple(s for _, *both in taken for s in both), stream(self.seed, "manometry", look)
        )
        read = {reading.site: reading.value for reading in pull_back.find("pressure")}
        self.places = tuple(replace(place, gradient=read[above] - read[below]) for place, above, below in taken)
        self.seen.append(Look(step=str(step), recordings=(*seen, pull_back)))
        for place in self.places:
            self.note(step, str(place))
        return True

    def _venography(self, step: Venogram) -> AbstractInstrument:
        if step.planes > 1 and isinstance(self.venography, Venography):
            return replace(self.venography, planes=(0.0, 90 * degree))
        return self.venography

    def inflate(self, step: Inflate, place: Narrow) -> None:
        balloon = self._balloon(step, place)
        vessel = place.site.vessel
        if balloon is None:
            size = step.oversize * place.neighbour / mm
            what = f"{vessel}: no balloon in stock is {size:.0f} mm wide; not done"
            self.note(step, what)
            return
        self.dilated.add(vessel)
        pressure = min(step.pressure, balloon.rated)
        inflated = balloon.inflated(pressure)
        held = f"{balloon.name} to {inflated / mm:.1f} mm in {vessel} at {place.site.fraction:.2f}"
        if pressure < step.pressure:
            held += f", at its rated {pressure / atm:g} atm"
        if self.sham:
            self.note(step, f"sham: {held}, not inflated")
            return
        self.note(step, held)
        self.done.add("inflation")
        self.stage = "balloon"
        reached = self._reached(place, balloon.length)
        self._strain(place, inflated, reached)
        for lesion in reached:
            vein = vein_diameter(self.body, lesion)
            self.devices[self.body.piece_of(lesion)] = f"balloon {inflated / mm:.0f} mm"
            after = response.dilated(lesion, vein, inflated, elastic=self.elastic, seconds=step.seconds * step.repeats)
            self.body = self.body.replacing(lesion, after)

    def _strain(self, place: Narrow, inflated: float, reached: list[Stenosis]) -> None:
        """Tears the vein if the balloon stretches its sound wall too far, whether there is a lesion or none."""
        vessel = place.site.vessel
        none = Stenosis(vessel=vessel, narrowing=0.0, at=place.site.fraction, length=place.length)
        sound = [response.sound_diameter(lesion, vein_diameter(self.body, lesion)) for lesion in reached or [none]]
        if response.tears(inflated, min(sound), self.draws.breaking[vessel]):
            self.complicate("rupture", vessel)

    def stent(self, step: PlaceStent, place: Narrow) -> None:
        if not step.wanted(place.narrowing, place.gradient or 0.0):
            self.note(step, f"not needed: {place}")
            return
        stent, refusal = self._stent(step, place)
        if stent is None:
            self.note(step, refusal)
            return
        if self.sham:
            self.note(step, f"sham: {stent.name} for {place}, not placed")
            return
        self.note(step, f"{stent.name} for {place}")
        self.done.add("stent")
        self.stage = "stent"
        for lesion in self._reached(place, stent.length):
            self._place(step, stent, lesion)

    def _place(self, step: PlaceStent, stent: StentModel, lesion: Stenosis) -> None:
        vein = vein_diameter(self.body, lesion)
        name = self.body.piece_of(lesion)
        if response.migrates(stent.diameter, vein, self.draws.distension[lesion.vessel]):
            self.complicate("stent migration", lesion.vessel)
            self.devices[name] = f"stent {stent.diameter / mm:.0f} mm, lost"
            return
        placed = stent.placed(lesion, vein)
        assert placed.stent is not None
        held = stent.held(2.0 * placed.stent.radius)
        if held < lesion.length and lesion.kind != "hypoplasia":
            self.note(step, f"open, it covers {held / mm:.0f} mm, which is not all that is narrow: it does not hold")
            return
        self.devices[name] = f"stent {stent.diameter / mm:.0f} mm"
        self.body = self.body.replacing(lesion, placed)

    def complicate(self, event: str, vessel: str) -> None:
        complication = Complication(event=event, grade=rates()[event].grade, where=vessel)
        if complication not in self.complications:  # a vein tears once
            self.complications.append(complication)

    def _balloon(self, step: Inflate, place: Narrow) -> BalloonModel | None:
        if step.balloon is not None:
            return self.catalogue.balloon(step.balloon)
        longest = max(balloon.length for balloon in self.catalogue.balloons.values())
        length = min(place.length + 2.0 * MARGIN, longest)
        return self.catalogue.fitting_balloon(step.oversize * place.neighbour, length, step.pressure)

    def _stent(self, step: PlaceStent, place: Narrow) -> tuple[StentModel | None, str]:
        """The stent to be placed, or None and why."""
        kind = self.body.kinds[place.site.vessel]
        if step.stent is not None:
            stent = self.catalogue.stent(step.stent)
            if kind not in stent.sites:
                return None, f"not placed: {stent.name} is not made for a vessel of kind {kind}"
            return stent, ""
        size, longest = place.neighbour + step.oversize, max(s.length for s in self.catalogue.stents.values())
        length = min(place.length + 2.0 * MARGIN, longest)
        found = self.catalogue.fitting_stent(size, length, kind)
        return found, f"not placed: no stent in stock for a {kind} of {place.neighbour / mm:.0f} mm"

    def _reached(self, place: Narrow, length: float) -> list[Stenosis]:
        """The lesions in which the middle of a device of this length lies, or most of which it covers."""
        whole = self.body.lengths[place.site.vessel]
        start, end = place.site.fraction * whole - 0.5 * length, place.site.fraction * whole + 0.5 * length
        found = []
        for lesion in self.body.lesions:
            first, last = lesion.at * whole - 0.5 * lesion.length, lesion.at * whole + 0.5 * lesion.length
            covered = min(end, last) - max(start, first)
            if lesion.vessel == place.site.vessel and (lesion.kind == "hypoplasia" or covered > 0.5 * lesion.length):
                found.append(lesion)
        return found
