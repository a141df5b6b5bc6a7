"""A procedure and the months after it, as a browser shows them: stages side by side."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from azygos.body.body import Body
from azygos.engine.compile import Mesh
from azygos.engine.solve import Beat, Numerics, simulate
from azygos.instruments.manometry import Manometry
from azygos.instruments.venography import Ivus, Venography
from azygos.report.look import drawings
from azygos.therapy.catalogue import atm
from azygos.therapy.conduct import Look, Procedure, conduct
from azygos.therapy.healing import MONTH, Course
from azygos.therapy.procedure import SIMULATED, USABLE, Stage, Treatment, read_stage
from azygos.therapy.protocol import Inflate, PlaceStent, Protocol, Step, angioplasty
from azygos.therapy.reading import label
from azygos.units import cm, mm, mmHg
from azygos.web.answer import solved
from azygos.web.atlas import atlas
from azygos.web.requests import TreatRequest

__all__ = ["MONTHS", "operated", "protocol_of"]

MONTHS = (1.0, 3.0, 6.0, 12.0, 24.0, 36.0)
_COARSE = Numerics(mesh=Mesh(cell_length=5 * cm), time_step=4e-3, tolerance=1e-3)
_USUAL_BEATS = 15.0


def protocol_of(request: TreatRequest) -> Protocol:
    """The usual angioplasty with the devices and the pressure asked for."""
    usual = angioplasty()
    steps: list[Step] = []
    for step in usual.steps:
        if isinstance(step, Inflate):
            step = replace(step, balloon=request.balloon, pressure=request.pressure_atm * atm)
        if isinstance(step, PlaceStent):
            if request.stent == "none":
                continue
            step = replace(step, stent=request.stent)
        steps.append(step)
    return replace(usual, steps=tuple(steps))


def operated(request: TreatRequest, progress: Callable[[str, float], None]) -> dict[str, Any]:
    """The stages with their numbers and pictures, the operator's notes, complications, and the follow-up."""
    body = request.body.body()
    solves: list[str] = []

    def watch(stage: str, beat: Beat) -> None:
        if not solves or solves[-1] != stage:
            solves.append(stage)
        share = len(solves) - 1 + min(beat.beat / _USUAL_BEATS, 1.0)
        progress(f"{stage}, beat {beat.beat}", min(0.6, 0.2 * share))

    procedure = conduct(
        body,
        protocol_of(request),
        venography=Venography(exact=request.exact, injections=None),
        manometry=Manometry(exact=request.exact),
        ivus=Ivus(exact=request.exact),
        seed=request.seed,
        sham=request.sham,
        progress=watch,
    )
    treatment = procedure.treatment
    follow = _followed(procedure, request.anticoagulation, progress) if treatment.is_usable else []
    progress("pictures", 0.95)
    return {
        "outcome": treatment.outcome.name,
        "note": SIMULATED,
        "stages": [_stage(stage, body) for stage in treatment.stages],
        "table": _table(treatment),
        "left_narrow": treatment.left_narrow,
        "notes": [{"step": entry.step, "text": entry.text} for entry in procedure.notes],
        "complications": [str(complication) for complication in procedure.complications],
        "looks": [_look(look) for look in (*procedure.looks[:1], *procedure.looks[1:][-1:])],
        "follow": follow,
    }


def _stage(stage: Stage, body: Body) -> dict[str, Any]:
    vessels = dict.fromkeys(lesion.vessel for lesion in body.lesions)
    return {
        "name": stage.name,
        "atlas": atlas(stage.body),
        "solution": solved(stage.body, stage.solution),
        "devices": {label(name): text for name, text in stage.devices.items()},
        "pull_back": {vessel: _pull_back(stage, vessel) for vessel in vessels},
    }


def _pull_back(stage: Stage, vessel: str) -> dict[str, list[float]]:
    """Place [mm from the upstream end], mean pressure [mmHg] and mean area [mm2] along a vessel."""
    place: list[float] = []
    pressure: list[float] = []
    area: list[float] = []
    length, index = stage.body.lengths[vessel], {name: i for i, name in enumerate(stage.solution.vessels)}
    stations = np.array(stage.solution.keep.stations)
    for piece in stage.body.pieces(vessel):
        row = index[piece.name]
        place += list((piece.start + (piece.end - piece.start) * stations) * length / mm)
        pressure += list(np.mean(stage.solution.values["pressure"][row], axis=-1) / mmHg)
        area += list(np.mean(stage.solution.values["area"][row], axis=-1) / mm**2)
    return {"place": _short(place), "pressure": _short(pressure), "area": _short(area)}


def _short(values: list[float]) -> list[float]:
    return [float(f"{value:.5g}") for value in values]


def _table(treatment: Treatment) -> list[dict[str, Any]]:
    return [
        {"title": title, "rows": [{"name": name, "cells": cells} for name, cells in rows]}
        for title, rows in treatment.table()
    ]


def _look(look: Look) -> dict[str, Any]:
    pictures = [picture for recording in look.recordings for picture in drawings(recording)]
    return {
        "step": look.step,
        "pictures": [{"title": p.title, "caption": p.caption, "drawing": p.drawing} for p in pictures],
    }


def _followed(
    procedure: Procedure, anticoagulation: bool, progress: Callable[[str, float], None]
) -> list[dict[str, Any]]:
    """What is found at visits after the procedure, each solved coarsely: month 0 is the day itself."""
    course = Course(start=procedure.body, seed=procedure.seed, anticoagulation=anticoagulation)
    found = []
    for i, month in enumerate((0.0, *MONTHS)):
        progress(f"month {month:g}", 0.6 + 0.35 * i / (len(MONTHS) + 1))
        body = course.body(month * MONTH)
        solution = simulate(body, numerics=_COARSE)
        if solution.outcome not in USABLE:
            break
        stage = read_stage(f"month {month:g}", body, {}, solution)
        found.append(
            {
                "month": month,
                "narrowing": {label(name): round(value, 4) for name, value in stage.narrowing.items()},
                "gradient": {label(name): round(value, 3) for name, value in stage.gradient_mmhg.items()},
                "flow": {label(name): round(value, 1) for name, value in stage.flow_ml_min.items()},
                "pressure": {label(name): round(value, 2) for name, value in stage.pressure_mmhg.items()},
                "events": [str(event) for event in course.events(month * MONTH)],
            }
        )
    return found
