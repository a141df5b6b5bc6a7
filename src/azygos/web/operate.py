"""A procedure and the months after it, as a browser shows them: stages side by side."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from azygos.body.body import Body
from azygos.engine.compile import Mesh
from azygos.engine.solve import Beat, Numerics, simulate
from azygos.instruments.manometry import Manometry
from azygos.instruments.venography import Ivus, Venography
from azygos.report.lesion_words import lesion_words
from azygos.report.look import drawings, title_of
from azygos.therapy.catalogue import atm
from azygos.therapy.complications import device_of
from azygos.therapy.conduct import Look, conduct
from azygos.therapy.healing import MONTH, Course, curves, published, site_of
from azygos.therapy.notes import Procedure
from azygos.therapy.procedure import SIMULATED, USABLE, Stage, Treatment, read_stage
from azygos.therapy.protocol import Inflate, PlaceStent, Protocol, Step, Venogram, angioplasty
from azygos.therapy.reading import label
from azygos.units import cm, mm, mmHg
from azygos.web.answer import solved
from azygos.web.atlas import atlas
from azygos.web.examine import ERRORS
from azygos.web.inflated import inflated
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
        if isinstance(step, Venogram) and request.ivus:
            step = replace(step, planes=2, ivus=True)
        if isinstance(step, Inflate):
            step = replace(step, balloon=request.balloon, pressure=request.pressure_atm * atm)
        if isinstance(step, PlaceStent):
            if request.stent == "none":
                continue
            step = replace(step, stent=request.stent)
        steps.append(step)
    return replace(usual, steps=tuple(steps), vessels=request.vessels)


def operated(request: TreatRequest, progress: Callable[[str, float], None]) -> dict[str, Any]:
    """What the operator saw, noted and met with; and as the truth the stages with their numbers, and the follow-up.

    The truth about a patient who is treated blind does not leave this process before it is asked for.
    """
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
    truth = _truth(procedure, body, request, progress) if request.tells_truth else None
    progress("pictures", 0.95)
    return {
        "outcome": procedure.treatment.outcome.name,
        "note": SIMULATED,
        "notes": [{"step": entry.step, "text": entry.text} for entry in procedure.notes],
        "errors": "instruments without error" if request.exact else _errors(request),
        "complications": [str(complication) for complication in procedure.complications],
        "looks": [_look(look) for look in (*procedure.looks[:1], *procedure.looks[1:][-1:])],
        "truth": truth,
    }


def _errors(request: TreatRequest) -> str:
    """What the operator's readings rest on."""
    read = {"venography": ("length", "number"), "manometry": ("pressure",)}
    read |= {"ivus": ("area", "number")} if request.ivus else {}
    said = {name: ", ".join(ERRORS[name, unit] for unit in units) for name, units in read.items()}
    return "; ".join(f"{title_of(name)}: {errors}" for name, errors in said.items())


def _truth(
    procedure: Procedure, body: Body, request: TreatRequest, progress: Callable[[str, float], None]
) -> dict[str, Any]:
    treatment = procedure.treatment
    course = procedure.course(anticoagulation=request.anticoagulation)
    follow = _followed(course, progress) if treatment.is_usable else []
    return {
        "lesions": [lesion_words(lesion) for lesion in body.lesions],
        "stages": [_stage(stage, body) for stage in treatment.stages],
        "table": _table(treatment),
        "left_narrow": treatment.left_narrow,
        "inflations": [inflated(one) for one in procedure.inflations],
        "follow": follow,
        "course": {
            "events": [{"month": event.day / MONTH, "what": str(event)} for event in course.events(MONTHS[-1] * MONTH)],
            "death": None if course.death == math.inf else course.death / MONTH,
            "remarks": [
                f"{one[:1].upper()}{one[1:]}." for one in (*course.remarks, *course.beyond(MONTHS[-1] * MONTH))
            ],
            "sources": _patency_sources(course),
        },
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
    return [_round(value) for value in values]


def _round(value: float) -> float:
    return float(f"{value:.5g}")


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


def _patency_sources(course: Course) -> dict[str, str]:
    """The publications on whose patency the months of each opened vein rest."""
    found = {}
    for lesion in course.start.lesions:
        key = (site_of(lesion.vessel, course.start.kinds[lesion.vessel]), device_of(lesion))
        if key in curves():
            sources = dict.fromkeys(point.source for point in published() if (point.site, point.device) == key)
            found[label(lesion.vessel)] = "; ".join(sources)
    return found


def _followed(course: Course, progress: Callable[[str, float], None]) -> list[dict[str, Any]]:
    """What is found at visits after the procedure, each solved coarsely: month 0 is the day itself. Nobody is seen
    after his death."""
    found = []
    for i, month in enumerate((0.0, *MONTHS)):
        if month * MONTH > course.death:
            break
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
            }
        )
    return found
