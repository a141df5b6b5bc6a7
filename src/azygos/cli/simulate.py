"""`azygos simulate`: the reference body, a body or a network file, to its periodic state or for a stated time."""

import json as jsons
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from azygos.cli.conditions import ConditionOptions
from azygos.cli.request import Problems, failure
from azygos.cli.treat import SOLVE_FAILED
from azygos.errors import InputError, Problem

if TYPE_CHECKING:
    from rich.table import Table

    from azygos.body.body import Body
    from azygos.body.network import Network
    from azygos.engine.keep import Keep
    from azygos.engine.solution import Solution
    from azygos.engine.solve import Numerics

__all__ = ["simulate"]

MOST_ROWS = 24  # of the table of vessels
STRAIN_COURSE = 25.0  # [s] a strain is followed when no duration is given
NO_CONDITIONS = ConditionOptions()

# What is said of a body beside its vessels: key in JSON, label, measure, unit.
SIGNS = (
    ("cardiac_output_l_min", "cardiac output", "cardiac_output()", "L/min"),
    ("arterial_systolic_mmhg", "brachial artery, systolic", "max(pressure(brachial_r))", "mmHg"),
    ("arterial_diastolic_mmhg", "brachial artery, diastolic", "min(pressure(brachial_r))", "mmHg"),
    ("right_atrium_mmhg", "right atrium", "pressure(right_atrium)", "mmHg"),
    ("sagittal_sinus_mmhg", "superior sagittal sinus", "pressure(sss_posterior)", "mmHg"),
    ("intracranial_mmhg", "intracranial pressure", "icp()", "mmHg"),
    ("jugular_flow_ml_min", "both internal jugular veins", "flow(ijv_r) + flow(ijv_l)", "mL/min"),
    ("vertebral_flow_ml_min", "both vertebral veins", "flow(vertebral_vein_r) + flow(vertebral_vein_l)", "mL/min"),
)


def simulate(
    file: Path,
    /,
    *,
    out: Path | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
    duration: str | None = None,
    cell_length: str | None = None,
    time_step: str | None = None,
    stations: str | None = None,
    conditions: ConditionOptions = NO_CONDITIONS,
) -> int:
    """Solve a circulation to its periodic state or for a stated time.

    Parameters
    ----------
    file
        A body's file, a network's (azygos' own, openBF's or svZeroDSolver's), or the word reference.
    out
        A file for the result, ending in .nc (NetCDF), .zarr, .csv, or of a body .pvd (a series of VTK files).
    json
        Print one JSON object and nothing else.
    duration
        Solve for this long, such as "2 s", instead of to the periodic state.
    cell_length
        Cells are no longer than this. Default: 20 mm.
    time_step
        Steps are no longer than this. Default: 2 ms.
    stations
        Where along each vessel the result is kept, as fractions of its length. Default: "0, 0.25, 0.5, 0.75, 1".
    """
    subject, numerics, keep, seconds = _asked(file, conditions, out, duration, cell_length, time_step, stations)
    if not json:
        print(f"{subject!r}\n")
    solution = _solved(subject, numerics, keep, seconds)
    usable = solution.outcome.name in ("ok", "choked")
    if out is not None and usable:
        from azygos.cli.exports import said_sources
        from azygos.cli.files import write_result, write_series
        from azygos.exchange.subject import as_body
        from azygos.report.sources import of_body

        if out.suffix == ".pvd":
            write_series(solution, as_body(subject), out)
        else:
            write_result(solution, out, said_sources(of_body(subject)))
    if json:
        print(jsons.dumps(_summary(solution, out if usable else None), allow_nan=False))
    else:
        _show(solution, out if usable else None)
    if solution.outcome.name != "ok":
        print(failure(solution.solve), file=sys.stderr)
        if out is not None and not usable:
            print(f"nothing was written to '{out}'", file=sys.stderr)
        return SOLVE_FAILED
    return 0


def _asked(
    file: Path,
    conditions: ConditionOptions,
    out: Path | None,
    duration: str | None,
    cell_length: str | None,
    time_step: str | None,
    stations: str | None,
) -> tuple["Body | Network", "Numerics", "Keep", float | None]:
    """What to solve and how. Raises InputError with all that is wrong with the command line and the file."""
    from azygos.cli.files import check_result
    from azygos.engine.compile import Mesh
    from azygos.engine.solve import Numerics
    from azygos.exchange.subject import as_body, read_subject

    problems = Problems()
    if out is not None:
        problems.check(lambda: check_result(out))
    seconds = problems.quantity(duration, "time", "--duration")
    cell = problems.quantity(cell_length, "length", "--cell-length") or Mesh().cell_length
    step = problems.quantity(time_step, "time", "--time-step") or Numerics().time_step
    keep = problems.check(lambda: _keep(stations))
    subject = problems.check(lambda: read_subject(file))
    if subject is not None and conditions.given:
        subject = conditions.put(as_body(subject), problems)
    if out is not None and out.suffix == ".pvd" and subject is not None and not as_body(subject).places:
        what = f"it is not known where the nodes of '{subject.name}' lie"
        problems.found.append(Problem(what, f"--out {out}", "write .nc, .zarr or .csv; only a body has places"))
    problems.settle()
    assert subject is not None and keep is not None
    strain = conditions.valsalva or conditions.cough
    if seconds is None and strain:
        seconds = STRAIN_COURSE
    return subject, Numerics(mesh=Mesh(cell_length=cell), time_step=step), keep, seconds


def _keep(stations: str | None) -> "Keep":
    from azygos.engine.keep import Keep

    if stations is None:
        return Keep()
    try:
        places = tuple(sorted({float(word) for word in stations.replace(",", " ").split()}))
    except ValueError:
        places = ()
    if not places or not all(0.0 <= place <= 1.0 for place in places):
        what = f"'{stations}' are not fractions of a length between 0 and 1"
        raise InputError(Problem(what, "--stations", "write them like '0, 0.5, 1'"))
    return Keep(stations=places)


def _solved(subject: "Body | Network", numerics: "Numerics", keep: "Keep", duration: float | None) -> "Solution":
    from azygos.cli.progress import progress
    from azygos.engine import solve

    with progress(numerics.tolerance) as watch:
        told = (lambda beat: watch("solving", beat)) if watch else None
        return solve.simulate(subject, duration=duration, numerics=numerics, keep=keep, progress=told)


def _means(solution: "Solution") -> dict[str, dict[str, float]]:
    """Each vessel's flow and the mean, least and greatest pressure, in its middle; nothing of a lost solve.

    Of a circulation without vessels, each link's flow and the pressure where it starts.
    """
    import numpy as np

    from azygos.units import minute, mL, mmHg

    if solution.outcome.name == "lost":
        return {}
    rows = [(name, solution.at("flow", name), solution.at("pressure", name)) for name in solution.vessels]
    if not rows:
        links = solution.network.links
        rows = [(link.name, solution.link_flows[link.name], solution.heads[link.start]) for link in links]
    return {
        name: {
            "flow_ml_min": float(np.mean(flow)) * minute / mL,
            "pressure_mmhg": float(np.mean(pressure)) / mmHg,
            "pressure_min_mmhg": float(np.min(pressure)) / mmHg,
            "pressure_max_mmhg": float(np.max(pressure)) / mmHg,
        }
        for name, flow, pressure in rows
    }


def _signs(solution: "Solution") -> dict[str, tuple[str, float, str]]:
    """Label, value and unit of every sign that the circulation has; none of a lost solve."""
    from azygos.engine.measure import Measure

    if solution.outcome.name == "lost":
        return {}
    measures = {key: (label, Measure.parse(text), unit) for key, label, text, unit in SIGNS}
    return {
        key: (label, measure(solution) / measure.one(unit), unit)
        for key, (label, measure, unit) in measures.items()
        if not measure.problems(solution.network)
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _summary(solution: "Solution", out: Path | None) -> dict[str, Any]:
    from azygos.therapy.procedure import SIMULATED

    solve = solution.solve
    vessels = {name: {k: _finite(v) for k, v in row.items()} for name, row in _means(solution).items()}
    return {
        "outcome": solve.outcome.name,
        "note": SIMULATED,
        "network": solution.network.name,
        "solve": {
            "outcome": solve.outcome.name,
            "beats": solve.beats,
            "residual": _finite(solve.residual),
            "worst_vessel": solve.worst_vessel,
            "volume_error": _finite(solve.volume_error),
            "largest_froude": _finite(solve.largest_froude),
            "wall_s": _finite(solve.wall_s),
        },
        "signs": {key: _finite(value) for key, (_, value, _) in _signs(solution).items()},
        "vessels" if solution.vessels else "links": vessels,
        "out": None if out is None else str(out),
    }


def _show(solution: "Solution", out: Path | None) -> None:
    from rich.console import Console

    from azygos.therapy.procedure import SIMULATED

    print(repr(solution))
    Console(highlight=False).print(_table(solution))
    for label, value, unit in _signs(solution).values():
        print(f"{label}: {value:.3g} {unit}")
    if out is not None:
        print(f"Result: {out}")
    print(SIMULATED)


def _table(solution: "Solution") -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    rows = sorted(_means(solution).items(), key=lambda row: -abs(row[1]["flow_ml_min"]))
    left_out = len(rows) - MOST_ROWS
    caption = f"{left_out} with less flow are left out; --json and --out have all" if left_out > 0 else None
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, caption=caption, caption_justify="left")
    table.add_column("in the middle of" if solution.vessels else "at the start of", no_wrap=True)
    for title in ("mean flow [mL/min]", "mean pressure [mmHg]", "least", "greatest"):
        table.add_column(Text(title), justify="right")
    for name, row in rows[:MOST_ROWS]:
        pressures = (row["pressure_mmhg"], row["pressure_min_mmhg"], row["pressure_max_mmhg"])
        table.add_row(Text(name), f"{row['flow_ml_min']:.0f}", *(f"{value:.2f}" for value in pressures))
    return table
