"""A study conducted many times for a browser: the verdict in words, numbers and pictures."""

from typing import Any

from azygos.errors import InputError
from azygos.report.trial import Conducted, as_json, looks_in_words, verdict_pictures
from azygos.study.analysis import analyse
from azygos.trial.conduct import conduct
from azygos.trial.interim import can_look, look_by_look
from azygos.trial.outcome import is_quick
from azygos.trial.run import Repeats, asked_of, computable, simulate
from azygos.trial.study import effect
from azygos.trial.verdict import FAST, Verdict, first_of, observed_of, verdict
from azygos.web.study import Progress, part, primary, study_of
from azygos.web.study_figures import effect_cells, repeat_cells
from azygos.web.study_requests import TrialRequest

__all__ = ["judged"]

MOST_FITTED = 100  # repeats that need a fit of their own
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
    is_slow = plan.method not in FAST or not is_quick(study.design, plan)
    many = min(request.repeats, MOST_FITTED) if is_slow else request.repeats
    repeats = simulate(study, request.seed, many, amount, progress=simulating)
    is_published = any(one.analysis == plan.name for one in study.published)
    said, why = None, _unjudged(repeats)
    if not why:
        progress("what would chance and each effect give?", 0.4)
        result = observed_of(study) if is_published else first_of(repeats)
        said = verdict(study, result, request.seed, MOST_FITTED // 2 if is_slow else None, progress=judging)
    first = analyse(study.design, conduct(study, request.seed, 0, amount))
    looks = look_by_look(study, request.seed, min(many, MOST_LOOKED), amount) if can_look(study) else None
    conducted = Conducted(
        repeats=repeats, first=first, verdict=said, judged="published" if is_published else "simulated (repeat 1)",
        looks=looks, unjudged=why,
    )  # fmt: skip
    told = as_json(conducted)
    return {
        **_said(said),
        "looks": "" if looks is None else looks_in_words(study, looks),
        "repeat_rows": repeat_cells(study, told),
        "json": told,
    }


def _said(said: Verdict | None) -> dict[str, Any]:
    if said is None:
        return {"effect_rows": [], "parts": [part("verdict", [])]}
    return {
        "effect_rows": effect_cells(said),
        "parts": [part("verdict", verdict_pictures(said))],
    }


def _unjudged(found: Repeats) -> str:
    """Why there will be no verdict; empty where there will be one."""
    try:
        computable(found, asked_of(found.study)[0])
    except InputError as error:
        return "; ".join(f"{problem.what} ({problem.remedy})" for problem in error.problems) + "."
    return ""
