"""`azygos sensitivity`: which parameters the outputs of a body or a cohort depend on, and how much."""

import json as jsons
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from azygos.cli.cohort_request import Count, check_workers
from azygos.cli.request import Problems, Seed

if TYPE_CHECKING:
    from azygos.body.body import Body
    from azygos.engine.measure import Measure
    from azygos.population.cohort import Cohort
    from azygos.population.distribution import Distribution
    from azygos.population.sensitivity import Index

__all__ = ["sensitivity"]

STOPPED = 1
USUAL = {"sobol": 64, "morris": 10, "rank": 200}  # of --n
PICTURES = (".svg", ".png", ".pdf")
ROWS = 12  # of an output, in print
# Of outputs, by their dimension; SI where none stands here.
UNITS = {"flow": "mL/min", "pressure": "mmHg", "area": "mm2", "length": "mm", "volume": "mL", "rate": "1/min"}


def sensitivity(
    subject: str,
    /,
    *,
    outputs: str,
    parameters: str | None = None,
    method: Literal["sobol", "morris", "rank"] = "morris",
    n: Count | None = None,
    seed: Seed = 1,
    workers: Count | None = None,
    picture: Path | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Say which parameters an output depends on, and how much, with 95 % intervals.

    Of a body its parameters vary by the package's table. Of a cohort they vary as the cohort says: sobol and morris
    move them in the reference adult, rank takes the cohort's patients as they are, lesions and all. Everything is
    solved lying at rest, before anything is done.

    Parameters
    ----------
    subject
        The word reference, a body's file, or a cohort.
    outputs
        Measures, such as "flow(ijv_r) + flow(ijv_l); icp()".
    parameters
        Such as "ijv_r.diameter, blood_volume"; by default all that vary.
    method
        morris: which matter at all, from n (k + 1) bodies for k parameters. sobol: shares of the variance, from
        n (k + 2). rank: rank correlations, plain and partial, from n.
    n
        Points, trajectories or patients; 64, 10 and 200 unless given.
    seed
        Of the design and of the intervals; a cohort's patients are drawn with its own.
    workers
        Processes; by default one for each core.
    picture
        A file to draw the indices in: .svg, .png or .pdf.
    json
        Print one JSON object and nothing else.
    """
    from azygos.population.sensitivity import indices
    from azygos.run.folder import RunStopped

    problems = Problems()
    body, cohort = problems.check(partial(_subject, subject)) or (None, None)
    measures = problems.check(partial(_measures, outputs, body)) or ()
    laws = problems.check(partial(_laws, parameters, body, cohort)) or {}
    n = USUAL[method] if n is None else n
    # Patients are told apart by more than their parameters: of a cohort that is what rank is for.
    is_patients = method == "rank" and cohort is not None
    points = problems.check(partial(_points, method, len(laws), n, None if is_patients else seed)) if laws else None
    check_workers(problems, workers)
    if picture is not None:
        _check_picture(picture, problems)
    problems.settle()
    assert body is not None
    try:
        if points is None:
            assert cohort is not None
            points, values = _of_patients(cohort, measures, list(laws), n, workers)
        else:
            values = _of_points(body, measures, points, laws, workers)
    except RunStopped as stop:
        print(f"{stop}; nothing was written", file=sys.stderr)
        return STOPPED
    by_output = {_titled(measure): values[:, i] / _unit(measure) for i, measure in enumerate(measures)}
    found, dropped = indices(method, points, by_output, list(laws), seed=seed)
    if picture is not None:
        _draw(found, method, picture)
    _tell(found, method, dropped, len(values), json=json)
    return 0


def _subject(name: str) -> "tuple[Body, Cohort | None]":
    """The body whose parameters are moved, and the cohort where it is one. Raises InputError."""
    from azygos.body.body import Body
    from azygos.errors import InputError, Problem, close_matches
    from azygos.exchange.cohort import FORMAT, find_cohort, packaged_names
    from azygos.exchange.person import read_body

    if name == "reference":
        return Body.reference(), None
    if name in packaged_names():
        return Body.reference(), find_cohort(name)[0]
    if not Path(name).is_file():
        remedy = f"{close_matches(name, ('reference', *packaged_names()))}; or name a file"
        raise InputError(Problem(f"no body or cohort '{name}'", "", remedy))
    if FORMAT in Path(name).read_text(encoding="utf-8", errors="replace")[:2000]:
        return Body.reference(), find_cohort(name)[0]
    return read_body(name), None


def _measures(text: str, body: "Body | None") -> "tuple[Measure, ...]":
    from azygos.engine.measure import Measure
    from azygos.errors import InputError, Problem

    problems: list[Problem] = []
    found: list[Measure] = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        try:
            found.append(Measure.parse(part))
        except InputError as error:
            problems += error.problems
    if body is not None:
        problems += [problem for measure in found for problem in measure.problems(body.network)]
    if not found and not problems:
        problems.append(Problem("no output is named", "--outputs", "write 'flow(ijv_r); icp()'"))
    if problems:
        raise InputError(problems)
    return tuple(found)


def _titled(measure: "Measure") -> str:
    """The measure with its unit."""
    unit = UNITS.get(measure.dimension, "1" if measure.dimension == "number" else "SI")
    return f"{measure.text} [{unit}]"


def _unit(measure: "Measure") -> float:
    unit = UNITS.get(measure.dimension)
    return 1.0 if unit is None else measure.one(unit)


def _laws(text: str | None, body: "Body | None", cohort: "Cohort | None") -> "Mapping[str, Distribution]":
    """The parameters that move, each with its distribution. Raises InputError."""
    from azygos.errors import InputError, Problem, close_matches
    from azygos.population.cohort import as_tabled

    known = as_tabled() if cohort is None else dict(cohort.parameters)
    if text is None and body is not None and cohort is None:
        return {name: law for name, law in known.items() if _acts(body, name)}
    names = list(known) if text is None else list(dict.fromkeys(text.replace(",", " ").split()))
    wrong = [name for name in names if name not in known]
    problems = [Problem(f"no parameter '{name}'", "--parameters", close_matches(name, known)) for name in wrong]
    if not names:
        problems.append(
            Problem("no parameter varies", "--parameters", "name some; 'azygos body parameters' lists them")
        )
    if problems:
        raise InputError(problems)
    return {name: known[name] for name in names}


def _acts(body: "Body", name: str) -> bool:
    from azygos.body.parameter import DIAMETER

    return not name.endswith(DIAMETER) or name.removesuffix(DIAMETER) in body.lengths


def _points(method: Any, parameters: int, n: int, seed: int | None) -> Any:
    """The points of a design; None of patients, who need no design but must be enough. Raises InputError."""
    from azygos.population.sensitivity import check_count, design

    check_count(method, n, parameters)
    return None if seed is None else design(method, parameters, n, seed)


def _check_picture(picture: Path, problems: Problems) -> None:
    from azygos.cli.files import check_directory
    from azygos.errors import Problem

    if picture.suffix not in PICTURES:
        what = f"'{picture.suffix}' names no kind of picture"
        problems.found.append(Problem(what, f"--picture {picture}", f"end it in {', '.join(PICTURES)}"))
    else:
        problems.check(lambda: check_directory(picture.parent))


def _of_points(
    body: "Body", measures: "Sequence[Measure]", points: Any, laws: "Mapping[str, Distribution]", workers: int | None
) -> Any:
    from azygos.engine.solve import Numerics
    from azygos.population.sensitivity import values_at
    from azygos.run.points import Points, measured

    bodies = Points(of=body, factors=values_at(points, laws))
    texts = [measure.text for measure in measures]
    with _progress() as watch:
        return measured(bodies, len(points), texts, Numerics.cohort(), _crew(workers), watch)


def _of_patients(
    cohort: "Cohort", measures: "Sequence[Measure]", names: Sequence[str], n: int, workers: int | None
) -> tuple[Any, Any]:
    """The factors of the first n patients, 1 on what they lack, and what was measured of them."""
    import numpy as np

    from azygos.population.sample import sample
    from azygos.run.points import Patients, measured

    factors = [sample(cohort, number).recipe.parameters for number in range(n)]
    points = np.array([[one.get(name, 1.0) for name in names] for one in factors])
    with _progress() as watch:
        texts = [measure.text for measure in measures]
        return points, measured(Patients(of=cohort), n, texts, cohort.numerics, _crew(workers), watch)


def _crew(workers: int | None) -> Any:
    from azygos.run.executor import crew_of

    return crew_of(workers)


def _progress() -> Any:
    from contextlib import contextmanager

    @contextmanager
    def drawn() -> Any:
        if not sys.stderr.isatty():
            yield None
            return
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True)) as bars:
            task = bars.add_task("bodies", total=None)
            yield lambda done, of: bars.update(task, completed=done, total=of)

    return drawn()


def _draw(found: "Sequence[Index]", method: Any, picture: Path) -> None:
    from azygos.cli.files import whole
    from azygos.report.sensitivity import drawn

    picture.parent.mkdir(parents=True, exist_ok=True)
    with whole(picture) as unfinished:
        unfinished.write_bytes(drawn(found, method, picture.suffix))


def _tell(found: "Sequence[Index]", method: Any, dropped: int, solved: int, *, json: bool) -> None:
    from azygos.population.sensitivity import INDICES, foremost

    if json:
        rows = [{name: _finite(getattr(index, name)) for name in index.__slots__} for index in found]
        print(jsons.dumps({"method": method, "bodies": solved, "left_out": dropped, "indices": rows}))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    by = {(index.output, index.parameter, index.name): index for index in found}
    for output in dict.fromkeys(index.output for index in found):
        names = foremost(found, method, output)
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=Text(output), title_justify="left")
        for title in ("parameter", *INDICES[method]):
            table.add_column(Text(title))
        for name in names[:ROWS]:
            table.add_row(name, *(_said(by[output, name, kind]) for kind in INDICES[method]))
        console.print(table)
        if len(names) > ROWS:
            print(f"{len(names) - ROWS} more parameters matter less: --json has all")
    print(f"{solved} bodies; {dropped} of the design's blocks left out, in which one could not be solved")
    print("An association in a model of the circulation, not of symptoms.")


def _said(index: "Index") -> str:
    return f"{index.estimate:.3g} ({index.lower:.2g} to {index.upper:.2g})"


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and value - value != 0.0 else value
