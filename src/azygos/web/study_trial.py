"""A study conducted many times for a browser: the verdict in words, numbers and pictures."""

from typing import Any

from azygos.errors import InputError
from azygos.report.trial import Conducted, as_json, looks_in_words, verdict_pictures
from azygos.study.analysis import analyse
from azygos.trial.conduct import conduct
from azygos.trial.interim import can_look, look_by_look
from azygos.trial.run import Repeats, asked_of, computable, simulate
from azygos.trial.study import effect
from azygos.trial.verdict import Verdict, first_of, needs_fits, observed_of, verdict, was_published
from azygos.web.study import Progress, part, primary, study_of
from azygos.web.study_figures import effect_cells, published_figure, repeat_cells
from azygos.web.study_requests import TrialRequest
from azygos.web.study_said import looks_said, verdict_said

__all__ = ["MOST_FITTED", "MOST_JUDGED", "judged", "verdict_told"]

MOST_FITTED = 100  # repeats that need a fit of their own,
MOST_JUDGED = 50  # and with each effect that a verdict tries
MOST_LOOKED = 500  # repeats of a group-sequential design that are looked at on the way


def judged(request: TrialRequest, progress: Progress) -> dict[str, Any]:
    """Many repeats, the verdict in words, numbers and pictures."""
    study, _ = study_of(request)
    amount = effect(request.effect, study.model)

    def simulating(done: int, of: int) -> None:
        progress(f"repeat {done} of {of}", 0.4 * done / of)

    def judging(done: int, of: int) -> None:
        progress(f"what would chance and each effect give? {done} of {of}", 0.4 + 0.6 * done / of)

    plan = primary(study)
    is_slow = needs_fits(study, plan)
    many = min(request.repeats, MOST_FITTED) if is_slow else request.repeats
    repeats = simulate(study, request.seed, many, amount, progress=simulating)
    is_published = was_published(study)
    said, why = None, _unjudged(repeats)
    if not why:
        progress("what would chance and each effect give?", 0.4)
        result = observed_of(study) if is_published else first_of(repeats)
        said = verdict(study, result, request.seed, MOST_JUDGED if is_slow else None, progress=judging)
    first = analyse(study.design, conduct(study, request.seed, 0, amount))
    looks = look_by_look(study, request.seed, min(many, MOST_LOOKED), amount) if can_look(study) else None
    conducted = Conducted(
        repeats=repeats, first=first, verdict=said, judged="published" if is_published else "simulated (repeat 1)",
        looks=looks, unjudged=why,
    )  # fmt: skip
    told = as_json(conducted)
    fewer = f"Every repeat of this design needs a fit of its own: {many} were made of the {request.repeats} asked for."
    return {
        **verdict_told(said),
        "parts": [part("verdict", [] if said is None else verdict_pictures(said))],
        "fewer": fewer if many < request.repeats else "",
        "looks": looks_said(looks_in_words(study, looks), looks, many, request.seed),
        "repeat_rows": repeat_cells(repeats, told),
        "json": told,
    }


def verdict_told(found: Verdict | None) -> dict[str, Any]:
    """A verdict in words and in rows, with what is known of each number; None where there is none."""
    if found is None:
        return {"said": None, "effect_rows": []}
    design, result = found.study.design, found.result
    published = [one for one in found.study.published if (one.analysis, one.source) == (result.analysis, result.source)]
    return {
        "said": verdict_said(found, published_figure(design, published[0]) if published else None),
        "effect_rows": effect_cells(found),
    }


def _unjudged(found: Repeats) -> str:
    """Why there will be no verdict; empty where there will be one."""
    try:
        computable(found, asked_of(found.study)[0])
    except InputError as error:
        return "; ".join(f"{problem.what} ({problem.remedy})" for problem in error.problems) + "."
    return ""
