"""One patient's way through a cohort: drawn, looked at, treated by protocol, followed.

A generator: it yields the bodies that must be solved and is sent their solutions, so that whoever drives it may solve
one patient at a time or the bodies of many side by side. It always ends with rows: whatever goes wrong is caught here,
and here alone, and becomes the patient's outcome and sentence.
"""

import math
import re
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from azygos.body.body import Body
from azygos.engine.outcome import Outcome
from azygos.engine.solution import Solution
from azygos.errors import InputError
from azygos.instruments.examination import Examination, Plan
from azygos.instruments.instrument import AbstractInstrument
from azygos.instruments.manometry import Manometry
from azygos.instruments.registry import instrument
from azygos.instruments.ultrasound import Ultrasound
from azygos.instruments.venography import Ivus, Venography
from azygos.population.cohort import Cohort, Visit
from azygos.population.eligibility import unmet
from azygos.population.sample import Sample, sample
from azygos.rng import stream
from azygos.run.tables import FACTOR, Rows
from azygos.run.waveforms import Waveforms
from azygos.therapy.conduct import Ask, Procedure, conducting
from azygos.therapy.healing import Course
from azygos.therapy.procedure import USABLE, Stage, read_stage
from azygos.units import cm, mmHg

__all__ = ["Passage", "passage"]

Passage: TypeAlias = Generator[Ask, Solution, Rows]
Solving: TypeAlias = Generator[Ask, Solution, Solution]
WORDS = {"not_periodic": "not periodic"}
_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")  # of an object, in a message: another one in every process


def passage(cohort: Cohort, number: int, waveforms: Waveforms | None = None) -> Passage:
    """The rows of patient `number`, who never raises."""
    rows = Rows(patient={"patient": number, "outcome": "ok", "sentence": ""})
    try:
        yield from _Way(cohort, sample(cohort, number), rows, waveforms).gone()
    except InputError as error:
        rows.end("impossible", "; ".join(map(str, error.problems)))
    except Exception as error:  # the one place where it is: no patient stops a run
        rows.end("error", _ADDRESS.sub("0x", f"{type(error).__name__}: {error}"))
    return rows


class _Lost(Exception):
    """A solve ended the way; its outcome is in the rows."""


class _Way:
    def __init__(self, cohort: Cohort, person: Sample, rows: Rows, waveforms: Waveforms | None) -> None:
        self.cohort, self.person, self.rows, self.waveforms = cohort, person, rows, waveforms
        self.seed = int(stream(cohort.seed, "patient", person.number, "seed").integers(2**62))
        self._describe()

    def _describe(self) -> None:
        recipe, lesions = self.person.recipe, self.person.lesions
        self.rows.patient |= {
            "sex": recipe.person.sex,
            "height_cm": recipe.person.height / cm,
            "age_years": recipe.person.age,
            "variants": ", ".join(recipe.variants),
            "lesions": "; ".join(map(str, lesions)),
            "lesion_count": len(lesions),
            "treated": False,
        }
        self.rows.patient |= {FACTOR + name: factor for name, factor in recipe.parameters.items()}

    def gone(self) -> Generator[Ask, Solution, None]:
        try:
            yield from self._visits()
        except _Lost:
            return

    def _visits(self) -> Generator[Ask, Solution, None]:
        body, first = self.person.body(), self.cohort.visits[0]
        baseline = yield from self._solved(first.name, body)
        seen = yield from self._look(first, body, baseline)
        self._visit(first, read_stage(first.name, body, {}, baseline), seen)
        rule = unmet(self.cohort.eligible, self.person.recipe.person, seen)
        self.rows.patient["eligible"] = not rule
        if rule:
            self.rows.end("not eligible", f"not met: {rule}")
        elif self.cohort.is_treated:
            yield from self._treated(body, baseline)

    def _treated(self, body: Body, baseline: Solution) -> Generator[Ask, Solution, None]:
        procedure = yield from self._procedure(body, baseline)
        self._note(procedure)
        last = procedure.treatment.stages[-1]
        if last.solution.outcome not in USABLE:
            raise _Lost
        course = procedure.course(anticoagulation=self.cohort.anticoagulation)
        for visit in self.cohort.visits[1:]:
            if (visit.days or 0.0) > procedure.death:
                break
            stage = yield from self._stage(visit, course, last)
            seen = yield from self._look(visit, stage.body, stage.solution)
            self._visit(visit, stage, seen, course)

    def _stage(self, visit: Visit, course: Course, last: Stage) -> Generator[Ask, Solution, Stage]:
        """The patient on the day of a visit; solved anew only where something has changed."""
        body = course.body(visit.days or 0.0) if visit.days else course.start
        if body.lesions == last.body.lesions:
            return last
        return read_stage(visit.name, body, {}, (yield from self._solved(visit.name, body)))

    def _procedure(self, body: Body, baseline: Solution) -> Generator[Ask, Solution, Procedure]:
        """The procedure; the body as it came has been solved already.

        Where the protocol names no vessels all those are looked at in which patients of the cohort may have a lesion,
        not those alone in which this one has: the operator does not know.
        """
        protocol = self.cohort.protocol
        looked_at = protocol.vessels or tuple(dict.fromkeys(one.site.vessel for one in self.cohort.lesions))
        steps = conducting(
            body,
            replace(protocol, vessels=tuple(vessel for vessel in looked_at if vessel in body.lengths)),
            venography=Venography(injections=()),
            manometry=Manometry(),
            ivus=Ivus(),
            seed=self.seed,
            sham=self.cohort.sham,
            catalogue=self.cohort.catalogue,
        )
        try:
            ask = next(steps)
            while True:
                known = ask.body is body
                ask = steps.send(baseline if known else (yield from self._answer(ask)))
        except StopIteration as end:
            procedure: Procedure = end.value
            return procedure

    def _answer(self, ask: Ask) -> Solving:
        solution = yield ask
        self._record(ask.name, solution)
        return solution

    def _solved(self, name: str, body: Body, duration: float | None = None) -> Solving:
        """A solution that can be read; raises _Lost where it is none."""
        solution = yield from self._answer(Ask(name=name, body=body, duration=duration))
        if solution.outcome not in USABLE:
            raise _Lost
        return solution

    def _look(self, visit: Visit, body: Body, calm: Solution) -> Generator[Ask, Solution, Examination]:
        """What the instruments show; they are sent the solutions that they need beside the calm one."""
        plan = Plan(instruments=dict(_instruments(self.cohort.looks)), seed=self.seed, visit=visit.name)
        solutions = {}
        for name, (one, duration) in plan.needs(body).items():
            is_calm = name == "supine"
            solutions[name] = calm if is_calm else (yield from self._solved(f"{visit.name}, {name}", one, duration))
        return plan.examined(body, solutions)

    # -----------------------------------------------------------------------------------------------------------
    # rows

    def _record(self, name: str, solution: Solution) -> None:
        solve = solution.solve
        outcome = WORDS.get(solve.outcome.name, solve.outcome.name)
        self.rows.add("solves", {
            "solve": name,
            "outcome": outcome,
            "sentence": solve.sentence,
            "beats": solve.beats,
            "residual": solve.residual,
            "worst_vessel": solve.worst_vessel,
            "volume_error": solve.volume_error,
            "largest_froude": solve.largest_froude,
            "froude_vessel": solve.froude_vessel,
            "repeated_steps": solve.repeated_steps,
        })  # fmt: skip
        if solve.outcome is not Outcome.ok:
            self.rows.end(outcome, f"{name}: {solve.sentence}")

    def _visit(self, visit: Visit, stage: Stage, seen: Examination, course: Course | None = None) -> None:
        readings = {f"flow_{name}_ml_min": value for name, value in stage.flow_ml_min.items()}
        readings |= {
            f"pressure_{name}_mmhg": value
            for name, value in stage.pressure_mmhg.items()
            if name not in ("arterial_systolic", "arterial_diastolic")
        }
        self.rows.add("outcomes", {
            "visit": visit.name,
            "day": visit.days,
            **readings,
            "icp_mmhg": float(np.mean(stage.solution.heads["skull"])) / mmHg,
            "worst_gradient_mmhg": max(stage.gradient_mmhg.values(), default=None),
            "worst_narrowing": max(stage.narrowing.values(), default=None),
        })  # fmt: skip
        self._lesions(visit, stage, course)
        self._findings(visit, seen)
        if self.waveforms is not None:
            self.rows.waveforms += self.waveforms.read(stage.body, stage.solution)

    def _lesions(self, visit: Visit, stage: Stage, course: Course | None) -> None:
        events = course.events(visit.days or 0.0) if course else ()
        for i, lesion in enumerate(stage.body.lesions):
            piece = stage.body.piece_of(lesion)
            happened = [str(event) for event in events if event.lesion == i]
            self.rows.add("lesions", {
                "visit": visit.name,
                "lesion": i,
                "vessel": lesion.vessel,
                "fraction": lesion.at,
                "kind": lesion.kind,
                "narrowing": stage.narrowing[piece],
                "gradient_mmhg": stage.gradient_mmhg[piece],
                "stented": lesion.stent is not None,
                "event": "; ".join(happened),
            })  # fmt: skip

    def _findings(self, visit: Visit, seen: Examination) -> None:
        for found in seen.findings:
            self.rows.add("findings", {
                "visit": visit.name,
                "instrument": found.instrument,
                "rule": found.rule.name,
                "vessel": found.site.vessel if found.site else "",
                "fraction": found.site.fraction if found.site else None,
                "measure": found.measure,
                "value_si": found.value,
                "lower_si": found.interval[0],
                "upper_si": found.interval[1],
                "fired": found.fired,
                "certainty": found.certainty,
            })  # fmt: skip

    def _note(self, procedure: Procedure) -> None:
        for i, entry in enumerate(procedure.notes):
            note = {"kind": "note", "step": entry.step, "text": entry.text, "vessel": "", "grade": "", "day": 0.0}
            self.rows.add("procedures", {"line": i} | note)
        for i, harm in enumerate(procedure.complications, len(procedure.notes)):
            line = {"kind": "complication", "step": "", "text": harm.event, "vessel": harm.where, "grade": harm.grade}
            self.rows.add("procedures", {"line": i, "day": harm.day} | line)
        devices = [lesion for lesion in procedure.body.lesions if lesion.stent or lesion.residual is not None]
        self.rows.patient |= {"treated": bool(devices), "died_on_day": _day(procedure.death)}


def _day(day: float) -> float | None:
    return day if math.isfinite(day) else None


def _instruments(names: tuple[str, ...]) -> Iterator[tuple[str, AbstractInstrument]]:
    """Those of these names, without the pictures that nobody will see."""
    for name in names:
        match name:
            case "venography":
                yield name, Venography(injections=())
            case "ultrasound":
                yield name, Ultrasound(pictures=False)
            case _:
                yield name, instrument(name)
