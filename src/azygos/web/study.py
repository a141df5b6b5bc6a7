"""A study as a browser shows it: what its file says, and one repeat, person by person."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from azygos.errors import InputError, Problem
from azygos.exchange.dataset_csv import dataset_csv
from azygos.exchange.study import named_study, read_study, study_text
from azygos.report.analysis import as_json as analysis_json
from azygos.report.analysis import harm_rows, pictures
from azygos.report.picture import Picture
from azygos.report.trial import ABOUT
from azygos.study.analysis import Analysed, analyse
from azygos.study.dataset import Dataset, Floats
from azygos.study.design import Analysis, Design
from azygos.study.outcome import outcome, time_to_event
from azygos.trial.conduct import conduct
from azygos.trial.run import asked_of
from azygos.trial.study import Study, effect, size
from azygos.web.study_build import changed
from azygos.web.study_figures import harm_cells, result_cells
from azygos.web.study_files import laid_out
from azygos.web.study_requests import (
    MOST_PEOPLE,
    Changes,
    DesignRequest,
    EnrolRequest,
    File,
    TrialRequest,
)
from azygos.web.study_said import findings_said
from azygos.web.study_told import told

__all__ = [
    "Progress",
    "analysis_told",
    "designed",
    "enrolled",
    "part",
    "primary",
    "simulable",
    "study_file",
    "study_of",
]

Progress = Callable[[str, float], None]


def study_file(request: DesignRequest | EnrolRequest | TrialRequest) -> File:
    """The file of the study that is asked for, changed as asked. Raises InputError."""
    if found := request.problems():
        raise InputError(found)  # before a name of a request is looked for
    if request.file is not None:
        name, text = request.file.name, request.file.text
    else:
        name, text = study_text(request.study)
    if request.changes == Changes():
        return File(name=name, text=text)
    if request.file is not None:
        simulable(request.file)  # so that what is wrong is told with the lines of the user's own file
    stem = name.rpartition(".")[0] or name
    return File(name=f"{stem}-changed.yaml", text=changed(text, name, request.changes))


def study_of(request: DesignRequest | EnrolRequest | TrialRequest) -> tuple[Study, File]:
    file = study_file(request)
    is_as_shipped = request.file is None and request.changes == Changes()
    return (named_study(request.study) if is_as_shipped else simulable(file)), file


def simulable(file: File) -> Study:
    """The study of a file, and whether it can be conducted here. Raises InputError."""
    with laid_out([file], usual=".yaml") as (_, (path,)):
        study = read_study(path)
        problems = []
        if study.changes is not None:
            what = "'changes' names a table beside the file, and a browser reads no files"
            problems.append(Problem(what, file.name, "leave it out: that of the model is taken"))
        if (n := size(study.design)) > MOST_PEOPLE:
            what = f"{n} people, and a browser waits for {MOST_PEOPLE} at most"
            problems.append(Problem(what, file.name, "give it fewer under 'size'"))
        if not asked_of(study):
            what = "it plans no analysis whose result could be simulated"
            remedy = "give the design an analysis of an endpoint, such as {method: proportion, endpoint: ...}"
            problems.append(Problem(what, file.name, remedy))
        if problems:
            raise InputError(problems)
    return study


def designed(request: DesignRequest, progress: Progress) -> dict[str, Any]:
    """What the file says, in words and with sources, and its text."""
    progress("reading the design", 0.2)
    study, file = study_of(request)
    return told(study) | {"file": {"name": file.name, "text": file.text}}


# ---------------------------------------------------------------------------------------------------------------
# one repeat


def enrolled(request: EnrolRequest, progress: Progress) -> dict[str, Any]:
    """One repeat: everybody in the order of enrolment, and the analyst's findings."""
    progress("people arrive", 0.2)
    study, _ = study_of(request)
    dataset = conduct(study, request.seed, 0, effect(request.effect, study.model))
    progress("they are analysed", 0.7)
    analysed = analyse(study.design, dataset)
    return {
        "note": ABOUT,
        "title": study.design.title,
        "arms": [arm.name for arm in study.design.arms],
        **_people(study.design, primary(study), dataset),
        **analysis_told(analysed, f"simulated: the first repeat, seed {request.seed}"),
        "data": dataset_csv(study.design, dataset),
    }


def primary(study: Study) -> Analysis:
    name = asked_of(study)[0][0]
    return next(one for one in study.design.analyses if one.name == name)


def _people(design: Design, plan: Analysis, dataset: Dataset) -> dict[str, Any]:
    """Of everybody the arm's number and how the primary outcome came out, a letter each, and what letters mean."""
    arms = [arm.name for arm in design.arms]
    endpoint = design.endpoint(plan.endpoint)
    is_good = 1.0 if endpoint.is_better_high else -1.0
    values = _outcome(design, plan, dataset)
    missing = np.isnan(values)
    if endpoint.kind in ("binary", "time to event"):
        what = endpoint.variable if endpoint.kind == "time to event" else endpoint.name
        good = is_good * (values - 0.5) > 0.0
        words = (what, f"not {what}") if is_good > 0.0 else (f"no {what}", what)
    elif endpoint.change:
        good, words = is_good * values > 0.0, (f"{endpoint.name} better than before", "the same or worse")
    else:
        middle = float(np.nanmedian(values)) if not missing.all() else 0.0
        gain, unit = is_good * (values - middle), "" if endpoint.unit == "1" else f" {endpoint.unit}"
        good, words = gain > 0.0, ("better than the median", "at the median or worse")
        if not good.any():  # where most have the best there is, such as no new lesion
            good, words = gain >= 0.0, ("as good as the median", "worse than the median")
        words = (f"{endpoint.name}: {words[0]}, {middle:g}{unit}", words[1])
    letters = np.where(missing, ".", np.where(good, "+", "-"))
    return {
        "people": [[arms.index(arm) if arm else -1, letter] for arm, letter in _pairs(dataset, letters)],
        "legend": {"+": words[0], "-": words[1], ".": "no answer"},
        "endpoint": endpoint.name,
    }


def _pairs(dataset: Dataset, letters: "np.ndarray[Any, Any]") -> list[tuple[str, str]]:
    return list(zip(dataset.subjects["arm"].tolist(), letters.tolist(), strict=True))


def _outcome(design: Design, plan: Analysis, dataset: Dataset) -> Floats:
    """The primary outcome of everybody: a number, or 1 where an event was seen and 0 where not."""
    endpoint = design.endpoint(plan.endpoint)
    if endpoint.kind == "time to event":
        return np.asarray(time_to_event(design, endpoint, dataset)[1] == 1, dtype=float)
    return np.asarray(outcome(design, endpoint, dataset, plan.visit))


def analysis_told(found: Analysed, source: str) -> dict[str, Any]:
    """An analysis in words, tables and pictures; `source` says whose data they are."""
    return {
        "source": source,
        "said": findings_said(found, source),
        "results": result_cells(found, source),
        "harms": {"headings": harm_rows(found)[0], "rows": harm_cells(found, source)},
        "bias": [{"domain": one.domain, "level": one.level, "reason": one.reason} for one in found.risk_of_bias],
        "ineligible": [list(one) for one in found.ineligible],
        "randomised": found.design.is_randomised,
        "json": analysis_json(found),
        "parts": [part("analysis", pictures(found))],
    }


def part(name: str, drawn: Sequence[Picture]) -> dict[str, Any]:
    """Pictures that are shown together; a browser fetches each by its number."""
    shown = [{"title": one.title, "caption": one.caption, "drawing": one.drawing} for one in drawn]
    return {"name": name, "pictures": shown}
