"""`azygos cohort`: many patients, generated, looked at, treated and followed, into tables."""

import json as jsons
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from azygos.cli.cohort_request import Count, changed, check_options, check_workers, waveforms_of
from azygos.cli.cohort_show import as_json, person_json, person_row, rows_of, show_table, table
from azygos.cli.request import Problems, Seed

if TYPE_CHECKING:
    from azygos.population.cohort import Cohort
    from azygos.run.folder import Folder

__all__ = ["app"]

INTERRUPTED = 130
STOPPED = 1
NOBODY_SOLVED = 3
USABLE = ("ok", "not eligible", "choked")
REASONS = 5  # shown

app = App(name="cohort", help="Generate, look at, treat and follow many patients: from a recipe to tables.")

Flag = Annotated[bool, Parameter(negative=())]


@app.command(name="list")
def list_cohorts(*, json: Flag = False) -> int:
    """List the cohorts that ship.

    Parameters
    ----------
    json
        Print one JSON object and nothing else.
    """
    from azygos.exchange.cohort import named_cohort, packaged_names

    rows = [(name, named_cohort(name).title) for name in packaged_names()]
    if json:
        print(jsons.dumps({"cohorts": [{"name": name, "title": title} for name, title in rows]}))
    else:
        show_table(table(("cohort", "who they are"), rows))
    return 0


@app.command
def show(cohort: str, /, *, json: Flag = False) -> int:
    """Show what a cohort says, each number with its source.

    Parameters
    ----------
    cohort
        One that ships, such as iih, or a file.
    json
        Print one JSON object and nothing else.
    """
    from azygos.exchange.cohort import find_cohort

    found, _ = find_cohort(cohort)
    if json:
        print(jsons.dumps(as_json(found), ensure_ascii=False))
        return 0
    print(f"{found.name}: {found.title}")
    for source in found.sources:
        print(f"  {source}")
    show_table(table(("what", "share or distribution", "source"), list(rows_of(found))))
    vary = len(found.parameters)
    print(f"{vary} parameters vary; 'azygos body parameters' lists them with their ranges and sources")
    print(f"eligible: {' and '.join(map(str, found.eligible)) or 'everybody'}")
    print(f"looked at by: {', '.join(found.looks)}; visits: {', '.join(map(str, found.visits))}")
    print(f"{'sham of ' if found.sham else ''}protocol: {found.protocol}")
    return 0


@app.command
def sample(
    cohort: str,
    /,
    *,
    n: Count = 8,
    patient: Count | None = None,
    seed: Seed | None = None,
    json: Flag = False,
    out: Path | None = None,
) -> int:
    """Show patients of a cohort as they are generated, without solving anything.

    Parameters
    ----------
    cohort
        One that ships, or a file.
    n
        How many, from the first on.
    patient
        This one alone, by number; the first is 0.
    seed
        Instead of the cohort's own.
    json
        Print one JSON object and nothing else.
    out
        With --patient: a body file to write, for 'azygos look', 'azygos treat' and the others.
    """
    from azygos.errors import Problem
    from azygos.exchange.cohort import find_cohort
    from azygos.population.sample import sample as drawn

    problems = Problems()
    found = problems.check(lambda: changed(find_cohort(cohort)[0], seed, None, None, sham=False))
    if out is not None and patient is None:
        problems.found.append(Problem("a body file holds one patient", "--out", "name him with --patient"))
    if n < 1:
        problems.found.append(Problem(f"{n} patients", "--n", "give 1 or more"))
    if patient is not None and patient < 0:
        problems.found.append(Problem(f"no patient {patient}", "--patient", "the first is 0"))
    problems.settle()
    assert found is not None
    people = [drawn(found, number) for number in ([patient] if patient is not None else range(n))]
    if out is not None:
        from azygos.exchange.person import write_body

        write_body(people[0].body(), out)
    if json:
        print(jsons.dumps({"patients": [person_json(one) for one in people]}))
    else:
        titles = ("patient", "sex", "height [cm]", "age [years]", "variants", "lesions")
        show_table(table(titles, [person_row(one) for one in people]))
    return 0


@app.command
def run(
    cohort: str,
    /,
    *,
    n: Count,
    out: Path,
    workers: Count | None = None,
    scheduler: str | None = None,
    visits: str | None = None,
    with_: Annotated[str | None, Parameter(name="--with")] = None,
    seed: Seed | None = None,
    sham: Flag = False,
    waveforms: Annotated[list[str] | None, Parameter(negative=())] = None,
    tables: str | None = None,
    json: Flag = False,
) -> int:
    """Run a cohort: each patient simulated, looked at, treated by protocol and followed, into Parquet tables.

    The same numbers come out whatever the number of workers. A run that is stopped, or killed, goes on with
    'azygos cohort resume DIR'.

    Parameters
    ----------
    cohort
        One that ships, such as iih, or a file.
    n
        Patients.
    out
        A new folder for the run.
    workers
        Processes on this machine; by default one for each of its cores.
    scheduler
        Instead: the address of a Dask scheduler, such as tcp://127.0.0.1:8786.
    visits
        Such as "before,after,180 days"; instead of the cohort's own.
    with_
        Instruments, such as "ultrasound,manometry"; instead of the cohort's own.
    seed
        Instead of the cohort's own.
    sham
        Every step of the procedure is taken and nothing is inflated or placed.
    waveforms
        A place whose pressure, flow and area over a beat are kept of every patient and visit, such as "ijv_r at 0.5".
        May be given several times.
    tables
        An address to which the tables, and waveforms, are copied in the end, such as s3://bucket/run.
    json
        Print one JSON object at the end and nothing else.
    """
    from azygos.exchange.cohort import find_cohort
    from azygos.run.run import begin

    problems = Problems()
    found = problems.check(lambda: find_cohort(cohort))
    recipe = problems.check(lambda: changed(found[0], seed, visits, with_, sham=sham)) if found else None
    kept = problems.check(lambda: waveforms_of(waveforms or []))
    check_options(problems, n, tables)
    check_workers(problems, workers, scheduler)
    problems.settle()
    assert found is not None and recipe is not None
    with _crew_first(workers, scheduler) as crew:
        folder = begin(recipe, n, out, waveforms=kept, inputs=found[1])
        return _run(folder, recipe, crew, tables, json=json)


@app.command
def resume(
    folder: Path,
    /,
    *,
    workers: Count | None = None,
    scheduler: str | None = None,
    tables: str | None = None,
    json: Flag = False,
) -> int:
    """Go on with a run where it was left; the tables are as if it had never been interrupted.

    Parameters
    ----------
    folder
        Of the run.
    workers
        Processes on this machine; by default one for each of its cores.
    scheduler
        Instead: the address of a Dask scheduler.
    tables
        An address to which the tables, and waveforms, are copied in the end.
    json
        Print one JSON object at the end and nothing else.
    """
    from azygos.exchange.cohort import cohort_in
    from azygos.run.folder import Folder

    problems = Problems()
    recipe = problems.check(lambda: cohort_in(Folder(folder)))
    check_options(problems, 1, tables)
    check_workers(problems, workers, scheduler)
    problems.settle()
    assert recipe is not None
    with _crew_first(workers, scheduler) as crew:
        return _run(Folder(folder), recipe, crew, tables, json=json)


@app.command
def status(folder: Path, /, *, json: Flag = False) -> int:
    """Say how far a run is and how its patients ended.

    Parameters
    ----------
    folder
        Of the run.
    json
        Print one JSON object and nothing else.
    """
    from azygos.run.folder import Folder
    from azygos.run.index import outcomes_of
    from azygos.run.join import outcomes_in_tables

    run = Folder(folder)
    manifest, done = run.manifest, run.done
    outcomes = outcomes_in_tables(run) if run.is_complete else outcomes_of(folder / "index.sqlite")
    state = "complete" if run.is_complete else "running" if run.is_held else "stopped"
    if json:
        print(jsons.dumps(_summary(run, outcomes) | {"state": state, "done": done}))
        return 0
    print(f"{manifest['cohort']}, seed {manifest['seed']}: {done} of {run.n} patients, {state}")
    show_table(table(("outcome", "patients"), [(name, str(count)) for name, count in outcomes.items()]))
    if state == "stopped" and sum(outcomes.values()) != done:
        print("index.sqlite is not whole; it is made anew when the run goes on")
    if state == "stopped":
        print(f"go on with 'azygos cohort resume {folder}'")
    return 0


@app.command
def export(folder: Path, /, *, to: Path, format: Literal["csv", "netcdf", "dataset-json", "changes"] = "csv") -> int:
    """Write the tables of a complete run for other programs.

    Parameters
    ----------
    folder
        Of the run.
    to
        A directory, made where it is not there.
    format
        csv, netcdf, dataset-json, or changes: what a study draws its patients from.
    """
    from azygos.exchange.run_export import export as written
    from azygos.run.folder import Folder

    run = Folder(folder)
    assert run.manifest
    for path in written(run, to, format):
        print(path)
    return 0


# ---------------------------------------------------------------------------------------------------------------
# running


def _crew_first(workers: int | None, scheduler: str | None) -> Any:
    """Those who compute, so that a scheduler that does not answer is said before anything is written."""
    from azygos.run.executor import crew_of

    return crew_of(workers, scheduler)


def _run(folder: "Folder", cohort: "Cohort", crew: Any, tables: str | None, *, json: bool) -> int:
    from azygos.cli.cohort_progress import watching
    from azygos.run.folder import RunStopped
    from azygos.run.join import sent
    from azygos.run.run import run as go

    again = f"{folder.path} --tables {tables}" if tables else str(folder.path)
    try:
        with watching() as watch:
            outcomes = go(folder, cohort, crew=crew, watch=watch)
        addresses = sent(folder, tables) if tables else []
    except KeyboardInterrupt:
        return _stopped(folder, "interrupted", again, INTERRUPTED)
    except RunStopped as stop:
        return _stopped(folder, str(stop), again, STOPPED)
    except OSError as error:
        return _stopped(folder, f"{error.filename or folder.path}: {error.strerror or error}", again, STOPPED)
    status = 0 if any(outcome in USABLE for outcome in outcomes) else NOBODY_SOLVED
    if json:
        print(jsons.dumps(_summary(folder, outcomes) | {"tables": addresses or str(folder.tables)}))
        return status
    show_table(table(("outcome", "patients"), [(name, str(count)) for name, count in outcomes.items()]))
    _say_why(folder)
    print(f"Tables: {tables or folder.tables}")
    print("Simulated, for research and teaching, not for care. Whether a blocked vein causes a symptom is not assumed.")
    return status


def _say_why(folder: "Folder") -> None:
    """What befell most of those whom something befell."""
    from azygos.run.join import failures

    reasons = failures(folder)
    for outcome, sentence, count in reasons[:REASONS]:
        print(f"{count} {outcome}: {sentence}")
    if len(reasons) > REASONS:
        print(f"and {len(reasons) - REASONS} more reasons: column 'sentence' of patients")


def _stopped(folder: "Folder", why: str, again: str, status: int) -> int:
    print(f"{why}; {folder.done} of {folder.n} patients are kept", file=sys.stderr)
    print(f"go on with 'azygos cohort resume {again}'", file=sys.stderr)
    return status


def _summary(folder: "Folder", outcomes: Mapping[str, int]) -> dict[str, Any]:
    manifest = folder.manifest
    return {key: manifest[key] for key in ("cohort", "seed", "patients", "visits")} | {"outcomes": dict(outcomes)}
