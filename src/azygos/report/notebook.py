"""The main objects as a notebook shows them: a title, what matters most, a picture where one would rather look.

Each is a piece of HTML that needs nothing beside it and takes its colours from the page, light or dark.
"""

import base64
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import singledispatch
from html import escape

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from azygos.body.body import Body
from azygos.engine.readings import pieces
from azygos.engine.solution import Solution
from azygos.instruments.examination import Examination
from azygos.instruments.recording import Site
from azygos.population.cohort import Cohort
from azygos.population.result import Fit
from azygos.report import figures
from azygos.report.analysis import ABOUT, result_rows
from azygos.report.fit import fit_figure
from azygos.report.forest import forest
from azygos.report.look import drawings, finding_rows
from azygos.report.page import render
from azygos.statistics.result import Interval, Test
from azygos.study.analysis import Analysed
from azygos.therapy.notes import Procedure
from azygos.therapy.procedure import SIMULATED, Treatment
from azygos.therapy.reading import label
from azygos.trial.verdict import Verdict
from azygos.units import minute, mL, mmHg

__all__ = ["view"]

MOST_ROWS = 12
SHARP, COLOURS = 75, 64  # dots an inch of a picture of the whole body, and its colours
LOOKED_AT = ("common_carotid_r", "ijv_r", "ijv_l")  # of a solution, where it has them


@singledispatch
def view(thing: object) -> str:
    """The HTML of an object of azygos; of any other, its printed form."""
    return _page(type(thing).__name__, [repr(thing)], simulated="")


def _page(
    title: str,
    said: Sequence[str] = (),
    *,
    picture: str = "",
    headings: Sequence[str] = (),
    rows: Sequence[Sequence[str]] = (),
    simulated: str = SIMULATED,
) -> str:
    return render(
        "view.html.j2",
        title=title,
        said=said,
        picture=picture,
        headings=headings,
        rows=rows[:MOST_ROWS],
        more=max(len(rows) - MOST_ROWS, 0),
        simulated=simulated,
    )


@view.register
def _body(body: Body) -> str:
    """The map of the circulation, and the lines that its printed form has."""
    title, *lines = repr(body).splitlines()
    said = [line.lstrip(" │├└─") for line in lines]
    return _page(title, ["; ".join(said)], picture=_map(body) if body.places else "")


def _map(body: Body) -> str:
    """The whole body as a small picture: of some hundred vessels a drawing would be larger than a photograph."""
    from PIL import Image

    from azygos.report.map import circulation_map

    drawn, data = io.BytesIO(), io.BytesIO()
    circulation_map(body).savefig(drawn, format="png", dpi=SHARP)
    Image.open(drawn).convert("RGB").quantize(COLOURS).save(data, format="png", optimize=True)
    held = base64.b64encode(data.getvalue()).decode()
    return f'<img alt="{escape(body.name)} from in front" src="data:image/png;base64,{held}">'


@view.register
def _solution(solution: Solution) -> str:
    """How it went, and pressure and flow over its time in a few vessels."""
    looked_at = [some[0].name for name in LOOKED_AT if (some := pieces(solution.network, name))]  # above a lesion
    known = looked_at or list(solution.vessels[: len(LOOKED_AT)])
    rows = [
        (
            label(name),
            f"{solution.mean('pressure', name) / mmHg:.1f}",
            f"{solution.mean('flow', name) * minute / mL:.0f}",
        )
        for name in known
    ]
    solve = solution.solve
    said = [f"{solve.outcome.name}: {solve.sentence}", f"{solve.beats} beats, {solve.wall_s:.2f} s to solve"]
    title = f"Solution of '{solution.network.name}'"
    picture = figures.svg(_courses(solution, known), title)
    headings = ("middle of", "mean pressure [mmHg]", "mean flow [mL/min]")
    return _page(title, said, picture=picture, headings=headings, rows=rows)


def _courses(solution: Solution, vessels: Sequence[str]) -> Figure:
    with matplotlib.rc_context(figures.STYLE):
        figure = figures.by_hand(2.4, left=0.6, bottom=0.45)
        left, right = figure.subplots(1, 2, gridspec_kw={"wspace": 0.28})
        for name in vessels:
            left.plot(solution.time, np.asarray(solution.at("pressure", name)) / mmHg, label=label(name))
            right.plot(solution.time, np.asarray(solution.at("flow", name)) * minute / mL)
        left.set_ylabel("pressure [mmHg]")
        right.set_ylabel("flow [mL/min]")
        for axes in (left, right):
            axes.set_xlabel("time [s]")
        figure.legend(loc="upper center", ncols=3)
    return figure


@view.register
def _treatment(treatment: Treatment) -> str:
    """Its table, stage by stage, and the map of what changed."""
    drawn = figures.circulation(treatment)
    rows = [(title if i == 0 else "", *row) for title, some in treatment.table() for i, row in enumerate(_flat(some))]
    picture = figures.svg(drawn, "The circulation") if drawn is not None else ""
    return _page("Treatment", treatment.left_narrow, picture=picture, headings=_stages(treatment), rows=rows)


def _flat(rows: Iterable[tuple[str, Sequence[str]]]) -> Iterator[tuple[str, ...]]:
    yield from ((name, *cells) for name, cells in rows)


def _stages(treatment: Treatment) -> tuple[str, ...]:
    return ("", "", *(stage.name for stage in treatment.stages))


@view.register
def _procedure(procedure: Procedure) -> str:
    """The operator's notes."""
    title = f"{'Sham procedure' if procedure.sham else 'Procedure'}: {procedure.protocol.name}"
    rows = [(entry.step, entry.text) for entry in procedure.notes]
    said = [f"Complications: {'; '.join(procedure.harm)}."]
    return _page(title, said, headings=("step", "seen or done"), rows=rows)


@view.register
def _examination(examination: Examination) -> str:
    """The findings that fired, and what the first instrument showed of the vein of the first of them."""
    fired = [found for found in examination.findings if found.fired]
    rows = [row[1:] for row in finding_rows(fired)]
    names = ", ".join(recording.instrument for recording in examination.recordings)
    counted = f"{len(fired)} of {len(examination.findings)} findings by published rules fired"
    site = next((found.site for found in fired if found.site), None)
    headings = ("site", "rule", "measured", "95 % interval", "chance to fire")
    return _page(
        f"Examination of {examination.body}",
        [f"{names}; {counted}", *examination.doubts],
        picture=_seen(examination, site),
        headings=headings,
        rows=rows,
    )


def _seen(examination: Examination, site: Site | None) -> str:
    """One picture; of the vessel of `site` where there is one."""
    for recording in examination.recordings:
        some = tuple(seen for seen in recording.pictures if site and seen.site.vessel == site.vessel)
        shown = replace(recording, pictures=some or recording.pictures[:1])
        if drawn := drawings(shown)[:1]:
            return drawn[0].drawing
    return ""


@view.register
def _verdict(verdict: Verdict) -> str:
    """What the result can show, and where it lies among what no effect gives."""
    from azygos.report.verdict_figure import null_figure
    from azygos.trial.words import sentences, standing

    word = standing(verdict).word
    title = f"{verdict.study.design.title}: {word}"
    return _page(title, sentences(verdict), picture=null_figure(verdict))


@view.register
def _analysed(analysed: Analysed) -> str:
    """The primary answer in words, every estimate as a forest plot and in a table."""
    said = [result.sentence for result in analysed.primary]
    headings = ("analysis", "measure", "estimate (interval)", "p", "seen")
    plot = forest(analysed.results)
    return _page(
        analysed.design.title, said, picture=plot, headings=headings, rows=result_rows(analysed), simulated=ABOUT
    )


@view.register
def _cohort(cohort: Cohort) -> str:
    """Who is in it, what is done to them, and where its numbers come from."""
    said = [cohort.title, f"Visits: {', '.join(map(str, cohort.visits))}; looks: {', '.join(cohort.looks) or 'none'}"]
    rows = [(what, source) for what, source in cohort.said if what not in cohort.parameters]
    said += [f"{len(cohort.parameters)} parameters that differ between persons"] if cohort.parameters else []
    return _page(f"Cohort '{cohort.name}', seed {cohort.seed}", said, headings=("what", "source"), rows=rows)


@view.register
def _fit(fit: Fit) -> str:
    """The factors, and how far the body was from each measurement before and after."""
    title = f"Fit of '{fit.body.name}'"
    said = [f"{fit.message} chi2 {fit.chi2:.3g} of {len(fit.residuals)} measurements."]
    rows = [
        (one.name, f"{one.factor:.3f} ± {one.standard_error:.3f}", "" if one.determined else "not determined")
        for one in fit.estimates
    ]
    picture = figures.svg(fit_figure(fit), title)
    return _page(title, said, picture=picture, headings=("parameter", "factor", ""), rows=rows)


@view.register
def _interval(interval: Interval) -> str:
    said = [f"{100 * interval.level:g} % interval {interval.lower:.4g} to {interval.upper:.4g} ({interval.method})"]
    return _page(f"{interval.estimate:.4g}", said, simulated="")


@view.register
def _test(test: Test) -> str:
    return _page(f"p = {test.p:.4g}", [str(test)], simulated="")
