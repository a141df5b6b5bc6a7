"""The work that a browser asks for, done in a process of its own: from a request to its answer."""

from collections.abc import Callable
from typing import Any

from pydantic import TypeAdapter

from azygos.engine.compile import Mesh
from azygos.engine.keep import Keep
from azygos.engine.outcome import Outcome
from azygos.engine.solution import Solution
from azygos.engine.solve import Beat, Numerics, simulate
from azygos.units import cm
from azygos.web.answer import means, solved
from azygos.web.atlas import atlas
from azygos.web.examine import examined
from azygos.web.operate import operated
from azygos.web.requests import LookRequest, PosturesRequest, SimulateRequest, TreatRequest, WorkRequest

__all__ = ["POSTURES", "PREVIEW", "Progress", "SolveFailed", "done"]

Progress = Callable[[str, float], None]  # what is being done, and the share that is done

POSTURES = (0.0, 5.0, 10.0, 13.0, 15.0, 18.0, 25.0, 35.0, 50.0, 70.0, 90.0)  # denser where the jugular veins collapse
PREVIEW = Numerics(mesh=Mesh(cell_length=5 * cm), time_step=4e-3, tolerance=1e-3)
_REQUEST: TypeAdapter[WorkRequest] = TypeAdapter(WorkRequest)


class SolveFailed(Exception):
    """A solve that gave no numbers, with its sentence."""


def done(request: str, progress: Progress) -> dict[str, Any]:
    """The answer to a request that was found sound, given as JSON. Raises SolveFailed, or InputError."""
    asked = _REQUEST.validate_json(request)
    match asked:
        case SimulateRequest():
            return _simulated(asked, progress)
        case PosturesRequest():
            return _preview(asked, progress)
        case TreatRequest():
            return operated(asked, progress)
        case LookRequest():
            return examined(asked, progress)
        case _:
            from azygos.web.study_work import study_done  # here, as it loads all that studies need

            return study_done(asked, progress)


def _simulated(request: SimulateRequest, progress: Progress) -> dict[str, Any]:
    body = request.body.body()

    def watch(beat: Beat) -> None:
        progress(f"beat {beat.beat}, change {beat.residual:.1e}", min(beat.beat / 20.0, 0.95))

    solution = _usable(simulate(body, progress=watch))
    return {"atlas": atlas(body), "solution": solved(body, solution)}


def _preview(request: PosturesRequest, progress: Progress) -> dict[str, Any]:
    """Means in a row of postures on a coarse mesh; a beat of the posture asked for."""
    body, rows = request.body.body(), []
    for i, degrees in enumerate(POSTURES):
        progress(f"{degrees:g}°", i / len(POSTURES))
        solution = simulate(body.with_posture(degrees), numerics=PREVIEW, keep=Keep(samples_per_beat=60))
        if solution.outcome is not Outcome.lost:
            rows.append({"posture": degrees, "means": means(solution)})
    if not rows:
        raise SolveFailed(solution.solve.sentence)
    return {"vessels": list(solution.vessels), "stations": list(solution.keep.stations), "rows": rows}


def _usable(solution: Solution) -> Solution:
    if solution.outcome is Outcome.lost:
        raise SolveFailed(solution.solve.sentence)
    return solution
