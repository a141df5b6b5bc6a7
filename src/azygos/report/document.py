"""The report of a treatment: one HTML file that needs nothing beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from azygos.body.body import Body
from azygos.report import figures
from azygos.report.lesion_words import lesion_words
from azygos.report.look import drawings, finding_rows, in_words
from azygos.report.page import render
from azygos.report.picture import Picture
from azygos.report.references import sorted_by_publication, told
from azygos.report.sources import Use
from azygos.report.visit import Visit
from azygos.therapy.conduct import Procedure
from azygos.therapy.procedure import SIMULATED, Treatment
from azygos.therapy.reading import label
from azygos.therapy.response import elastic_share

__all__ = ["Drawn", "draw", "report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The pictures of a treatment: of its stages, and of what the operator saw first and last."""

    stages: tuple[Picture, ...]
    looks: tuple[tuple[str, tuple[Picture, ...]], ...] = ()


def draw(treatment: Treatment, procedure: Procedure | None = None) -> Drawn:
    """All pictures of a treatment, which take most of a report's time."""
    looks = procedure.looks if procedure is not None else ()
    chosen = (*looks[:1], *looks[1:][-1:])  # the first and the last
    drawn = tuple((look.step, tuple(p for r in look.recordings for p in drawings(r))) for look in chosen)
    return Drawn(stages=tuple(_pictures(treatment)), looks=drawn)


def report(
    treatment: Treatment,
    procedure: Procedure | None = None,
    *,
    visits: Sequence[Visit] = (),
    drawn: Drawn | None = None,
    said: Sequence[str] = (),
    uses: Iterable[Use] = (),
) -> str:
    """The HTML of a treatment: the table of its stages and pictures of its vessels, without outside resources.

    With the procedure in which it was done: its steps, what the operator saw and did, and its complications; and with
    looks before and after it. `said` are sentences that stand beside the table, such as of the follow-up; `uses` is
    what the numbers rest on.
    """
    body = treatment.stages[0].body
    drawn = drawn or draw(treatment, procedure)
    return render(
        "treatment.html.j2",
        body=body,
        lesions=[lesion_words(lesion) for lesion in body.lesions],
        treatment=treatment,
        procedure=procedure,
        sections=treatment.table(),
        sentences=[*_sentences(treatment), *said],
        vessels=_vessels(treatment),
        pictures=drawn.stages,
        looks=drawn.looks,
        visits=[(visit, _findings(visit)) for visit in visits],
        simulated=SIMULATED,
        recoil=_recoil(procedure),
        sources=told(sorted_by_publication(uses), in_words),
    )


def _recoil(procedure: Procedure | None) -> str:
    """Of the stenoses that were opened, where it is known."""
    opened = [one for one in procedure.inflations if one.lesion.kind == "stenosis"] if procedure else []
    shares = {elastic_share("stenosis", one.elastic) for one in opened}
    return "".join(f", {100 * share:g} % of the gain in a stenosis," for share in shares)


def _findings(visit: Visit) -> list[tuple[str, ...]]:
    """What fired, and the total of criteria."""
    found = visit.examination.findings if visit.examination else ()
    return [row for row in finding_rows(found) if row[0] == "yes" or row[1] == "whole patient"]


def _vessels(treatment: Treatment) -> str:
    """What was narrowed: veins, arteries or both."""
    body = treatment.stages[0].body
    sides = {body.kinds[lesion.vessel] == "artery" for lesion in body.lesions}
    return {frozenset({True}): "arteries", frozenset({True, False}): "vessels"}.get(frozenset(sides), "veins")


def _sentences(treatment: Treatment) -> list[str]:
    """What changed across each lesion from the first stage to the last."""
    first, last = treatment.stages[0], treatment.stages[-1]
    if first is last:
        return []
    sentences = []
    for lesion, name in ((lesion, first.body.piece_of(lesion)) for lesion in first.body.lesions):
        done = ", then ".join(stage.devices[name] for stage in treatment.stages if name in stage.devices)
        flows = [stage.solution.mean_flow_ml_min(stage.body.site(lesion.vessel, 0.5).vessel) for stage in (first, last)]
        words = ", ".join(filter(None, (label(name), done)))
        when = "by the follow-up " if last.name == "follow-up" else ""
        sentences.append(
            f"{words[:1].upper()}{words[1:]}: {when}narrowing from {100 * first.narrowing[name]:.0f} to "
            f"{100 * last.narrowing[name]:.0f} % of diameter, gradient from {first.gradient_mmhg[name]:.2f} to "
            f"{last.gradient_mmhg[name]:.2f} mmHg, mean flow through it from {flows[0]:.0f} to "
            f"{flows[1]:.0f} mL/min."
        )
    return sentences


def _pictures(treatment: Treatment) -> list[Picture]:
    body = treatment.stages[0].body
    treated = list(dict.fromkeys(lesion.vessel for lesion in body.lesions)) or ["ijv_r"]
    found = []
    if (drawing := figures.circulation(treatment)) is not None:
        caption = (
            "Line width follows a vessel's diameter; rings mark the lesions. Numbers: mean flow [mL/min] at each stage."
        )
        found.append(_picture("The circulation", caption, drawing))
    for vessel in treated:
        words = label(vessel)
        found += [
            _picture(
                f"Pull-back through the {words}",
                f"Mean pressure where a catheter's tip would be, {_drawn_back(body, vessel)}; upright, it holds the "
                "weight of the blood. Lesions are shaded; in them pressure is lower because blood runs faster.",
                figures.pull_back(treatment, vessel),
            ),
            _picture(
                f"Area of the {words}",
                "Cross-section of the lumen, averaged over the beat.",
                figures.areas(treatment, vessel),
            ),
            _picture(
                f"Pressure and flow over a beat: {words}",
                "The last, periodic beat; it begins with the contraction of the ventricles.",
                figures.waveforms(treatment, vessel),
            ),
        ]
    return found


def _drawn_back(body: Body, vessel: str) -> str:
    return "on its way from the heart" if body.kinds[vessel] == "artery" else "drawn back to the right atrium"


def _picture(title: str, caption: str, figure: Figure) -> Picture:
    return Picture(title=title, caption=caption, drawing=figures.svg(figure, title))
