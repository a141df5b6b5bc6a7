"""`azygos trial`: studies simulated, what their results can show, and which design would show more."""

import json as jsons
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from azygos.cli.exports import check_exports
from azygos.cli.request import Problems, Seed
from azygos.cli.table import print_table
from azygos.cli.trial_told import command_line, plan_json, show_plan, study_json, tell, write

if TYPE_CHECKING:
    from azygos.report.trial import Conducted
    from azygos.trial.run import Mapper, Progress
    from azygos.trial.study import Effect, Study
    from azygos.trial.verdict import Verdict

__all__ = ["app"]

MOST_REPEATS = 1_000_000
MOST_JUDGED = 20_000  # people of a study that is judged unasked
MOST_LOOKED = 2000  # repeats of a group-sequential design that are looked at on the way

app = App(
    name="trial", help="Simulate studies, published or your own; say what their results can show; plan better ones."
)

Flag = Annotated[bool, Parameter(negative=())]


@app.command(name="list")
def list_studies(*, json: Flag = False) -> int:
    """List the studies that ship, with their designs, sizes and published results.

    Parameters
    ----------
    json
        Print one JSON object and nothing else.
    """
    from azygos.exchange.study import named_study
    from azygos.trial.study import packaged_names

    studies = [named_study(name) for name in packaged_names()]
    if json:
        rows = [
            {"name": s.name, "title": s.design.title, "kind": s.design.kind, "n": s.n, "model": s.model,
             "calibration": s.is_calibration}
            for s in studies
        ]  # fmt: skip
        print(jsons.dumps({"studies": rows}))
        return 0
    shown = [
        (s.name, s.design.kind, str(s.n), _published(s), "calibration" if s.is_calibration else "") for s in studies
    ]
    print_table(("study", "design", "n", "published", ""), shown)
    print("'azygos trial show NAME' says more, 'azygos trial run NAME' simulates one")
    return 0


def _published(study: "Study") -> str:
    from azygos.report.trial import published_rows

    return ": ".join(published_rows(study)[0][:2]) if study.published else ""


@app.command
def show(study: str, /, *, json: Flag = False) -> int:
    """Show a study: its design, who comes, what was published with sources, its bands, the constants it draws.

    Parameters
    ----------
    study
        The name of a study that ships, or a file (azygos-study/1).
    json
        Print one JSON object and nothing else.
    """
    from azygos.exchange.study import find_study
    from azygos.report.trial import prior_rows, published_rows
    from azygos.trial.study import LAYERS

    found = find_study(study)
    design = found.design
    if json:
        print(jsons.dumps(study_json(found), allow_nan=False))
        return 0
    print(f"{design.title}\n")
    print(f"{design.kind}, {found.n} people, model: {found.model}")
    for arm in design.arms:
        print(f"  arm {arm.name} ({arm.role}): {arm.gets}")
    for rule in design.eligibility:
        print(f"  eligible: {rule}")
    if design.answered:
        print(f"  outcomes: {design.answered}")
    if found.is_calibration:
        print("  used to find constants of the model: what the model makes of it is no test of it")
    print_table(("analysis", "result", "checked", "source"), published_rows(found), "Published")
    bands = [(b.analysis, b.arm, b.what, f"{b.low:g} to {b.high:g}", b.written) for b in found.bands]
    if bands:
        print_table(("analysis", "arm", "what", "band", "written"), bands, "Bands, written before the first run")
    layers = [(name, "off" if name in found.off else "on", what) for name, what in LAYERS.items()]
    print_table(("layer", "", "what it adds"), layers, "Layers (--off NAME)")
    headings = ("layer", "constant", "prior", "95 % after calibration", "source")
    print_table(headings, prior_rows(found), "Constants that are not known")
    for source in design.sources:
        print(f"source: {source}")
    return 0


@app.command
def run(
    study: str,
    /,
    *,
    n: int | None = None,
    effect: str | None = None,
    null: Flag = False,
    seed: Seed = 1,
    repeats: int = 1000,
    off: Annotated[list[str] | None, Parameter(negative=())] = None,
    judge: Literal["published", "simulated"] | None = None,
    json: Flag = False,
    out: Path | None = None,
    pdf: Flag = False,
) -> int:
    """Simulate a study many times, and say what its result can show.

    The result that is judged is the published one where there is one and the size is left as it was; else that of the
    first simulated repeat.

    Parameters
    ----------
    study
        The name of a study that ships, or a file (azygos-study/1).
    n
        How many people, instead of the study's number.
    effect
        What opening a vein does to symptoms: none (the default), small, moderate, large, or such as "0.3 sd".
    null
        No effect: the same as --effect none.
    seed
        The same seed gives the same numbers.
    repeats
        How many times the study is simulated.
    off
        A layer to switch off, or all; may be given several times. 'azygos trial show' lists them.
    judge
        Which result is judged. A study of more than 20 000 people is judged only where this is given.
    json
        Print one JSON object and nothing else.
    out
        A directory for report.html, result.json, the pictures as SVG, and the first dataset as CSV and Dataset-JSON.
    pdf
        Write the report as PDF, too, beside it.
    """
    found, amount = _asked(study, n, effect, null, repeats, off or [], judge, out, pdf=pdf)
    conducted = _conducted(found, amount, seed, repeats, judge, n is not None)
    command = command_line(study, n, str(amount), found, seed, repeats, judge)
    if out is not None:
        write(conducted, command, study, out, pdf=pdf)
    tell(conducted, json, out)
    return 0


@app.command
def plan(
    study: str,
    /,
    *,
    n: int | None = None,
    seed: Seed = 1,
    repeats: int = 500,
    off: Annotated[list[str] | None, Parameter(negative=())] = None,
    json: Flag = False,
) -> int:
    """Say which design would show an effect: power, size, assurance, what looks on the way save.

    Of a study without a control group, the same against a sham is planned.

    Parameters
    ----------
    study
        The name of a study that ships, or a file (azygos-study/1).
    n
        How many people, instead of the study's number.
    seed
        The same seed gives the same numbers.
    repeats
        How many times each design is simulated.
    off
        A layer to switch off; may be given several times.
    json
        Print one JSON object and nothing else.
    """
    from azygos.trial.plan import plan as planned

    found, _ = _asked(study, n, None, False, repeats, off or [], None, None)
    with _progress("planning") as watch:
        made = planned(found, seed, repeats, progress=watch)
    if json:
        print(jsons.dumps(plan_json(made, seed), allow_nan=False))
        return 0
    show_plan(made)
    return 0


# ---------------------------------------------------------------------------------------------------------------
# what is asked for


def _asked(
    name: str,
    n: int | None,
    effect: str | None,
    null: bool,
    repeats: int,
    off: list[str],
    judge: str | None,
    out: Path | None,
    *,
    pdf: bool = False,
) -> "tuple[Study, Effect]":
    """The study and the effect asked for. Raises InputError with all that is wrong."""
    from azygos.cli.files import check_directory
    from azygos.errors import Problem
    from azygos.exchange.study import find_study
    from azygos.trial.study import effect as effect_of
    from azygos.trial.study import size, without
    from azygos.trial.verdict import was_published

    problems = Problems()
    check_exports(out, problems, pdf=pdf)
    if out is not None:
        problems.check(lambda: check_directory(out))
    layers = problems.check(lambda: without(tuple(off))) if off else frozenset[str]()
    if n is not None and not 4 <= n <= 200_000:
        problems.found.append(Problem(f"{n} people", "--n", "give 4 to 200000"))
    if not 1 <= repeats <= MOST_REPEATS:
        problems.found.append(Problem(f"{repeats} repeats", "--repeats", f"give 1 to {MOST_REPEATS}"))
    if null and effect not in (None, "none"):
        problems.found.append(Problem(f"--null with an effect of '{effect}'", "--null", "give one of them"))
    found = problems.check(lambda: find_study(name))
    amount = None
    if found is not None:
        model = found.model
        amount = problems.check(lambda: effect_of("none" if null or effect is None else effect, model))
        found = found.without(*layers or ()) if layers else found
        found = found.with_size(n) if n is not None and 4 <= n <= 200_000 else found
        sized = found
        problems.check(lambda: size(sized.design))
        if judge == "published" and not was_published(found):
            what = "no result of its primary analysis was published with it"
            problems.found.append(Problem(what, "--judge", "judge the simulated result"))
        problems.found += _unanswerable(found)
    problems.settle()
    assert found is not None and amount is not None
    return found, amount


def _unanswerable(study: "Study") -> "list[Any]":
    from azygos.errors import Problem
    from azygos.trial.run import asked_of

    if asked_of(study):
        return []
    remedy = "give the design an analysis of an endpoint, such as {method: proportion, endpoint: ...}"
    return [Problem("it plans no analysis whose result could be simulated", study.name, remedy)]


# ---------------------------------------------------------------------------------------------------------------
# doing it


def _conducted(
    study: "Study", effect: "Effect", seed: int, repeats: int, judge: str | None, is_resized: bool
) -> "Conducted":
    from azygos.report.trial import Conducted
    from azygos.study.analysis import analyse
    from azygos.trial.conduct import conduct
    from azygos.trial.interim import can_look, look_by_look
    from azygos.trial.run import simulate
    from azygos.trial.verdict import was_published

    first = analyse(study.design, conduct(study, seed, 0, effect))
    with _workers(study) as executor:
        with _progress("simulating") as watch:
            found = simulate(study, seed, repeats, effect, progress=watch, executor=executor)
        which = judge or ("published" if was_published(study) and not is_resized else "simulated")
        unjudged = _unjudged(study, found, judge)
        verdict = None if unjudged else _judged(study, found, seed, which, executor)
        looks = look_by_look(study, seed, min(repeats, MOST_LOOKED), effect) if can_look(study) else None
    told = "published" if which == "published" else "simulated (repeat 1)"
    return Conducted(repeats=found, first=first, verdict=verdict, judged=told, looks=looks, unjudged=unjudged)


def _unjudged(study: "Study", found: Any, judge: str | None) -> str:
    """Why there will be no verdict; empty where there will be one. What was simulated is told all the same.

    Raises InputError where the primary analysis found nothing at all.
    """
    from azygos.errors import InputError
    from azygos.trial.run import asked_of, computable

    primary = asked_of(study)[0]
    try:
        computable(found, primary)
    except InputError as error:
        if not any((numbers == numbers).any() for numbers in (found.of[primary].estimate, found.of[primary].p)):
            raise
        return "; ".join(f"{problem.what} ({problem.remedy})" for problem in error.problems) + "."
    if judge is None and study.n > MOST_JUDGED:
        return "that of a study this large takes minutes. --judge simulated does it all the same."
    return ""


def _judged(study: "Study", found: Any, seed: int, which: str, executor: "Mapper | None") -> "Verdict":
    from azygos.trial.verdict import first_of, observed_of, verdict

    result = observed_of(study) if which == "published" else first_of(found)
    with _progress("judging") as watch:
        return verdict(study, result, seed, progress=watch, executor=executor)


@contextmanager
def _workers(study: "Study") -> "Iterator[Mapper | None]":
    """Processes, where every repeat needs a fit of its own; None where one is quick enough."""
    from concurrent.futures.process import BrokenProcessPool

    from azygos.run.executor import Processes, cores
    from azygos.trial.run import asked_of
    from azygos.trial.verdict import needs_fits

    names = {name for name, _ in asked_of(study)}
    plans = [one for one in study.design.analyses if one.name in names]
    if cores() == 1 or not any(needs_fits(study, one) for one in plans):
        yield None
        return
    try:
        with Processes(cores()) as crew:
            yield crew
    except BrokenProcessPool:
        raise ChildProcessError("a process that simulates has ended, perhaps for want of memory") from None


@contextmanager
def _progress(what: str) -> "Iterator[Progress | None]":
    """A bar with rate and remaining time on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(bar_width=24),
        TextColumn("{task.completed:.0f} of {task.total:.0f}, {task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
    )
    began = time.perf_counter()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(what, total=1, rate="")

        def watch(done: int, of: int) -> None:
            rate = done / max(time.perf_counter() - began, 1e-3)
            bars.update(task, completed=done, total=of, rate=f"{rate:.0f}/s" if rate >= 10 else f"{rate:.1f}/s")

        yield watch
