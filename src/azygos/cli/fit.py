"""`azygos fit`: a body's parameters from what was measured of a person."""

import json as jsons
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from azygos.cli.request import Problems
from azygos.cli.treat import SOLVE_FAILED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.table import Table

    from azygos.body.body import Body
    from azygos.errors import Problem
    from azygos.population.measurement import Measurement
    from azygos.population.result import Estimate, Fit, Residual

__all__ = ["fit"]

SUFFIXES = (".yaml", ".yml")
WIDTH = 160  # of a table where nobody's terminal says how wide it is


def fit(
    body: Path,
    measurements: Path,
    /,
    *,
    parameters: str | None = None,
    out: Path | None = None,
    picture: Path | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Fit named parameters of a body, within their ranges, to a person's flows, areas and pressures.

    Prints the fitted factors with their standard errors, what the measurements could not determine, and how far each
    measurement is from the fitted body.

    Parameters
    ----------
    body
        A body's file, or the word reference.
    measurements
        A CSV file with the columns measure, value, unit, error (one standard deviation), posture.
    parameters
        Which to fit, such as "ijv_r.diameter, cerebral_flow". Default: a dozen that docs/fit.md names.
    out
        A file for the fitted body, ending in .yaml.
    picture
        A file for a picture of the fit, ending in .svg, .png or .pdf.
    json
        Print one JSON object and nothing else.
    """
    subject, measured, names = _asked(body, measurements, parameters, out, picture)
    if not json:
        print(f"{subject!r}\n")
    fitted = _fitted(subject, measured, names)
    written = [path for path in (out, picture) if path is not None]
    if fitted.converged:
        _write(fitted, measurements, out, picture)
    if json:
        print(jsons.dumps(_summary(fitted, out if fitted.converged else None), allow_nan=False))
    else:
        _show(fitted)
        print("".join(f"Written: {path}\n" for path in written if fitted.converged), end="")
    if fitted.converged:
        return 0
    print(fitted.message, file=sys.stderr)
    for path in written:
        print(f"nothing was written to '{path}'", file=sys.stderr)
    return SOLVE_FAILED


def _asked(
    what: Path, file: Path, parameters: str | None, out: Path | None, picture: Path | None
) -> tuple["Body", tuple["Measurement", ...], tuple[str, ...] | None]:
    """What to fit to what. Raises InputError with all that is wrong with the command line and the files."""
    from azygos.body.body import Body
    from azygos.exchange.measurements import read_measurements
    from azygos.population.fit import problems_with

    problems = Problems()
    problems.found += _unwritable("--out", out, SUFFIXES)
    problems.found += _unwritable("--picture", picture, (".svg", ".png", ".pdf"))
    names = None if parameters is None else tuple(parameters.replace(",", " ").split())
    subject = problems.check(lambda: _body(what))
    network = None if subject is None else subject.network
    measured = problems.check(lambda: read_measurements(file, network))
    problems.found += problems_with(subject or Body.reference(), (), names)
    problems.settle()
    assert subject is not None and measured is not None
    return subject, measured, names


def _body(what: Path) -> "Body":
    from azygos.body.body import Body
    from azygos.errors import InputError, Problem
    from azygos.exchange.subject import read_subject

    subject = read_subject(what)
    if not isinstance(subject, Body):
        raise InputError(Problem("a network, not a body", str(what), "give a body's file or the word reference"))
    return subject


def _unwritable(option: str, out: Path | None, suffixes: tuple[str, ...]) -> "list[Problem]":
    from azygos.cli.files import check_directory
    from azygos.errors import InputError, Problem

    if out is None:
        return []
    where, problems = f"{option} {out}", []
    if out.suffix not in suffixes:
        got = f"'{out.suffix}'" if out.suffix else "no suffix"
        problems.append(Problem(f"{got} does not name what can be written", where, f"end it in {', '.join(suffixes)}"))
    if out.is_dir():
        problems.append(Problem("it is a directory", where, "name a file"))
    if not out.parent.is_dir():
        problems.append(Problem(f"there is no directory '{out.parent}'", where, "make it first"))
    else:
        try:
            check_directory(out.parent)
        except InputError as error:
            problems += [Problem(p.what, where, p.remedy) for p in error.problems]
    return problems


def _fitted(body: "Body", measured: "Sequence[Measurement]", names: tuple[str, ...] | None) -> "Fit":
    from azygos.cli.progress import progress
    from azygos.population.fit import NUMERICS, fit

    with progress(NUMERICS.tolerance) as watch:
        return fit(body, measured, names, progress=watch)


def _write(fitted: "Fit", measurements: Path, out: Path | None, picture: Path | None) -> None:
    if out is not None:
        from azygos.exchange.person import fitted_from, write_body

        write_body(fitted.body, out, fitted_from(fitted, measurements.name))
    if picture is not None:
        from azygos.cli.files import whole
        from azygos.report.fit import drawn

        with whole(picture) as unfinished:
            unfinished.write_bytes(drawn(fitted, picture.suffix))


def _summary(fitted: "Fit", out: Path | None) -> dict[str, Any]:
    from azygos.population.result import UNDETERMINED
    from azygos.therapy.procedure import SIMULATED

    rule = f"not determined: the logarithm's standard deviation is more than {UNDETERMINED:g} of that before the fit"
    return {
        "outcome": fitted.outcome.name,
        "converged": fitted.converged,
        "message": fitted.message,
        "note": SIMULATED,
        "body": fitted.body.name,
        "rounds": fitted.rounds,
        "chi2": _finite(fitted.chi2),
        "rule": rule,
        "parameters": [_estimate(estimate) for estimate in fitted.estimates],
        "measurements": [_residual(residual) for residual in fitted.residuals],
        "out": None if out is None else str(out),
    }


def _estimate(estimate: "Estimate") -> dict[str, Any]:
    return {
        "name": estimate.name,
        "factor": estimate.factor,
        "standard_error": estimate.standard_error,
        "interval": list(estimate.interval),
        "prior_spread": estimate.prior_spread,
        "spread": estimate.spread,
        "determined": estimate.determined,
        "at_limit": estimate.at_limit,
        "value": None if estimate.amount is None else estimate.amount.value,
        "unit": None if estimate.amount is None else estimate.amount.unit,
    }


def _residual(residual: "Residual") -> dict[str, Any]:
    m = residual.measurement
    return {
        "measure": str(m.measure),
        "posture_deg": m.posture,
        "unit": m.unit,
        "value": m.value / m.scale,
        "error": m.error / m.scale,
        "before": _finite(residual.before / m.scale),
        "fitted": _finite(residual.fitted / m.scale),
        "residual_in_errors": _finite(residual.in_errors),
        "where": m.where,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _show(fitted: "Fit") -> None:
    from rich.console import Console

    from azygos.therapy.procedure import SIMULATED

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH)
    console.print(_table(("parameter", "factor", "95 %", "that is", ""), map(_parameter_row, fitted.estimates)))
    titles = ("measure", "posture", "measured", "before", "fitted", "off by [errors]")
    console.print(_table(titles, map(_measurement_row, fitted.residuals)))
    said = f"{fitted.message} " if fitted.converged else ""  # else it is said on standard error
    print(f"{said}chi2 {fitted.chi2:.1f} of {len(fitted.residuals)} measurements.")
    open_ones = [estimate.name for estimate in fitted.estimates if not estimate.determined]
    if open_ones:
        print(f"Not determined by the measurements: {', '.join(open_ones)}.")
    print(SIMULATED)


def _parameter_row(estimate: "Estimate") -> tuple[str, ...]:
    low, high = estimate.interval
    remarks = [] if estimate.determined else ["not determined"]
    remarks += ["at its limit"] if estimate.at_limit else []
    return (
        estimate.name,
        f"{estimate.factor:.3f} ± {estimate.standard_error:.3f}",
        f"{low:.2f} to {high:.2f}",
        "" if estimate.amount is None else f"{estimate.amount.value:.3g} {estimate.amount.unit}",
        ", ".join(remarks),
    )


def _measurement_row(residual: "Residual") -> tuple[str, ...]:
    from azygos.body.body import POSTURES

    m = residual.measurement
    posture = next((name for name, angle in POSTURES.items() if angle == m.posture), f"{m.posture:g} deg")
    return (
        str(m.measure),
        posture,
        f"{m.value / m.scale:.4g} ± {m.error / m.scale:.2g} {m.unit}",
        f"{residual.before / m.scale:.4g}",
        f"{residual.fitted / m.scale:.4g}",
        f"{residual.in_errors:+.1f}",
    )


def _table(titles: tuple[str, ...], rows: "Iterable[tuple[str, ...]]") -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for i, title in enumerate(titles):
        table.add_column(Text(title), justify="left" if i == 0 else "right", no_wrap=i > 0)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table
