"""An examination, as a browser shows it: pictures, readings, what published rules say; and the truth, apart."""

from collections.abc import Callable, Mapping
from typing import Any

from azygos.body.body import Body
from azygos.engine.outcome import Outcome
from azygos.engine.solution import Solution
from azygos.engine.solve import Beat
from azygos.errors import InputError, Problem
from azygos.instruments.examination import Plan
from azygos.instruments.recording import Recording
from azygos.instruments.registry import instrument
from azygos.report.look import TITLES, drawings, finding_rows, readings_table
from azygos.therapy.procedure import SIMULATED
from azygos.therapy.reading import flows, gradients, label, narrowings, pressures
from azygos.web.requests import LookRequest

__all__ = ["examined"]


def examined(request: LookRequest, progress: Callable[[str, float], None]) -> dict[str, Any]:
    """What the instruments show; `truth` is read off the solution itself and shown only when it is asked for."""
    body = request.body.body()
    chosen = {name: instrument(name, exact=request.exact) for name in dict.fromkeys(request.instruments)}
    plan = Plan(instruments=chosen, seed=request.seed, is_exact=request.exact)
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
    return {
        "note": SIMULATED,
        "exact": examination.is_exact,
        "recordings": [_recording(recording) for recording in examination.recordings],
        "findings": [
            dict(zip(("fired", "site", "rule", "measure", "interval", "chance"), row, strict=True))
            for row in finding_rows(examination.findings)
        ],
        "rules": [
            {"name": rule.name, "says": rule.says, "source": rule.source}
            for rule in dict.fromkeys(found.rule for found in examination.findings)
        ],
        "truth": _truth(body, solutions),
    }


def _recording(recording: Recording) -> dict[str, Any]:
    headings, rows, left_out = readings_table(recording)
    return {
        "instrument": recording.instrument,
        "title": TITLES[recording.instrument],
        "protocol": dict(recording.protocol),
        "remarks": list(recording.remarks),
        "headings": headings,
        "rows": [{"name": name, "cells": cells} for name, cells in rows],
        "left_out": left_out,
        "pictures": [{"title": p.title, "caption": p.caption, "drawing": p.drawing} for p in drawings(recording)],
    }


def _truth(body: Body, solutions: Mapping[str, Solution]) -> dict[str, Any]:
    """The lesions that are there, and the mean flows and pressures of the first solution."""
    solution = next(iter(solutions.values()))
    return {
        "lesions": [str(lesion) for lesion in body.lesions],
        "narrowing": {label(name): round(value, 4) for name, value in narrowings(body).items()},
        "gradient": {label(name): round(value, 3) for name, value in gradients(body, solution).items()},
        "flow": {label(name): round(value, 1) for name, value in flows(body, solution).items()},
        "pressure": {label(name): round(value, 2) for name, value in pressures(body, solution).items()},
    }
