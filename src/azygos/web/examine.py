"""An examination, as a browser shows it: pictures, readings, what published rules say; and the truth, apart."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from azygos.body.body import Body
from azygos.engine.outcome import Outcome
from azygos.engine.solution import Solution
from azygos.engine.solve import Beat
from azygos.errors import InputError, Problem
from azygos.instruments.examination import Examination, Plan
from azygos.instruments.instrument import AbstractInstrument
from azygos.instruments.recording import Recording
from azygos.instruments.registry import instrument
from azygos.instruments.ultrasound import Ultrasound
from azygos.instruments.venography import Venography
from azygos.report.lesion_words import lesion_words
from azygos.report.look import drawings, finding_rows, in_words, protocol_words, readings_table, title_of
from azygos.therapy.procedure import SIMULATED
from azygos.therapy.reading import flows, gradients, label, narrowings, pressures
from azygos.web.requests import LookRequest

__all__ = ["ERRORS", "examined"]

# What the standard deviation of a reading rests on; the table of docs/instruments.md and the fields of Ultrasound.
ERRORS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("ultrasound", "area"): "20 % of a traced area: assumed",
        ("ultrasound", "speed"): "15 % of a velocity, the angle's mark included: assumed",
        ("ultrasound", "flow"): "of its area and its velocity: assumed",
        ("ultrasound", "time"): "0.1 s: assumed",
        ("mri", "flow"): "8 % in neck and chest (assumed; readers' ICC .97 to .99, PMC3644311), 10.5 % in the skull "
        "(test-retest ICC .711, Front Psychol 2023, 1125038)",
        ("mri", "area"): "15 % of an area, for readers' ICC of .80 to .96 (PMC3644311)",
        ("venography", "length"): "5 % of a diameter and edges of 1.07 mm (Scalise 2013; rest assumed)",
        ("venography", "number"): "10 points of narrowing: assumed",
        ("ivus", "area"): "5 % of an area: assumed",
        ("ivus", "number"): "5 points of narrowing: assumed",
        ("manometry", "pressure"): "zero 1.0 mmHg, shared by all; single reading 0.5 mmHg: assumed",
    }
)


def examined(request: LookRequest, progress: Callable[[str, float], None]) -> dict[str, Any]:
    """What the instruments show; `truth` is read off the solution itself. That about a patient who is examined blind
    does not leave this process before it is asked for."""
    body = request.body.body()
    chosen = {name: instrument(name, exact=request.exact) for name in dict.fromkeys(request.instruments)}
    plan = Plan(instruments=chosen, sites=request.places(), seed=request.seed, is_exact=request.exact)
    needs = list(plan.needs(body))

    def watch(name: str, beat: Beat) -> None:
        share = (needs.index(name) + min(beat.beat / 40.0, 1.0)) / len(needs)
        progress(f"{name}, beat {beat.beat}", 0.7 * share)

    solutions = plan.solved(body, progress=watch)
    for name, solution in solutions.items():
        if solution.outcome is Outcome.lost:
            raise InputError(Problem(f"the circulation cannot be solved: {solution.solve.sentence}", name))
    progress("looking", 0.75)
    examination = plan.examined(body, solutions)
    truth = None
    if request.tells_truth:
        progress("looking without errors", 0.9)
        exact = examination if request.exact else replace(plan, instruments=_exact(chosen)).examined(body, solutions)
        truth = _truth(body, solutions, exact)
    return {
        "note": SIMULATED,
        "exact": examination.is_exact,
        "doubts": _doubts(examination, names_vessel=request.tells_truth),
        "recordings": [_recording(recording) for recording in examination.recordings],
        "findings": [
            dict(zip(("fired", "site", "rule", "measure", "interval", "chance"), row, strict=True))
            for row in finding_rows(examination.findings)
        ],
        "rules": [
            {"name": rule.name, "says": rule.says, "source": rule.source}
            for rule in dict.fromkeys(found.rule for found in examination.findings)
        ],
        "truth": truth,
    }


def _doubts(examination: Examination, *, names_vessel: bool) -> list[str]:
    """A sentence for every solution not to be trusted everywhere; where it is in doubt may be where the lesion is."""
    if names_vessel:
        return [in_words(doubt) for doubt in examination.doubts]
    return [f"{n}: {s.outcome.value}" for n, s in examination.solves.items() if s.outcome is not Outcome.ok]


def _exact(chosen: Mapping[str, AbstractInstrument]) -> dict[str, AbstractInstrument]:
    """The same instruments without errors, and without the pictures, which take time."""
    found = {}
    for name in chosen:
        one = instrument(name, exact=True)
        if isinstance(one, Ultrasound):
            one = replace(one, pictures=False)
        if isinstance(one, Venography):
            one = replace(one, injections=())
        found[name] = one
    return found


def _recording(recording: Recording) -> dict[str, Any]:
    headings, rows, left_out = readings_table(recording)
    columns = dict.fromkeys((reading.quantity, reading.unit) for reading in recording.readings)
    return {
        "instrument": recording.instrument,
        "title": title_of(recording.instrument),
        "protocol": dict(recording.protocol),
        "how": protocol_words(recording),
        "remarks": [in_words(remark) for remark in recording.remarks],
        "headings": headings,
        "errors": [ERRORS.get((recording.instrument, unit), "") for _, unit in columns],
        "rows": [{"name": name, "cells": cells} for name, cells in rows],
        "left_out": left_out,
        "pictures": [{"title": p.title, "caption": p.caption, "drawing": p.drawing} for p in drawings(recording)],
    }


def _truth(body: Body, solutions: Mapping[str, Solution], exact: Examination) -> dict[str, Any]:
    """The lesions that are there; of every recording what the solution says that its instrument looked at first, and
    what it would have read at the same places without errors."""
    return {
        "lesions": [lesion_words(lesion) for lesion in body.lesions],
        "narrowing": {label(name): round(value, 4) for name, value in narrowings(body).items()},
        "solved": [_solved(body, solutions, recording.instrument) for recording in exact.recordings],
        "readings": [dict(readings_table(recording, with_errors=False)[1]) for recording in exact.recordings],
    }


def _solved(body: Body, solutions: Mapping[str, Solution], instrument: str) -> dict[str, Any]:
    """Mean flows and pressures: ultrasound looks at a patient who breathes, the others at one who rests."""
    state, solution = next(
        (name, one) for name, one in solutions.items() if name.endswith("breathing") == (instrument == "ultrasound")
    )
    return {
        "state": state,
        "gradient": {label(name): round(value, 3) for name, value in gradients(body, solution).items()},
        "flow": {label(name): round(value, 1) for name, value in flows(body, solution).items()},
        "pressure": {_place(body, name): round(value, 2) for name, value in pressures(body, solution).items()},
    }


def _place(body: Body, name: str) -> str:
    """Where a pressure is: in a jugular vein above or below its lesions or, where it has none, so far along it."""
    kind, _, rest = name.rpartition("_")
    if kind == "arterial":
        return f"ascending aorta, {rest}"
    if rest in ("above", "below") and len(body.pieces(kind)) == 1:
        site = body.above(kind) if rest == "above" else body.below(kind)
        return f"{label(kind)} at {site.fraction:g}"
    return label(name)
