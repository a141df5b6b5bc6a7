"""The user's own data, read as strictly as files and analysed as a design says."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from azygos.errors import InputError, Problem
from azygos.exchange.design import STUDY_FORMAT, read_design
from azygos.exchange.study import named_study
from azygos.exchange.study_data import read_study_data
from azygos.report.trial import verdict_json, verdict_pictures
from azygos.study.analysis import Analysed, analyse
from azygos.study.dataset import Dataset
from azygos.study.design import Design
from azygos.trial.study import Study
from azygos.trial.verdict import Verdict, needs_fits, result_in, verdict
from azygos.web.study import analysis_told, part, primary, simulable
from azygos.web.study_files import laid_out
from azygos.web.study_requests import MOST_PEOPLE, AnalyseRequest, File
from azygos.web.study_trial import MOST_JUDGED, verdict_told

__all__ = ["YOURS", "analysed"]

YOURS = (
    "Your data, analysed on this machine and kept only in its file of answers. For research and teaching, not for care."
)
ALONE = (
    "a design does not say who comes and how their outcomes arise. Take the file of a study (azygos-study/1) or the "
    "design of one that ships, and what its design would show with no effect at all is told too."
)
LIKE = "Judged as if those of the data were such people as the file of the study describes, simulated."
MOST_SHOWN = 500  # problems; a page holds no more


def analysed(request: AnalyseRequest, progress: Callable[[str, float], None]) -> dict[str, Any]:
    """What `azygos analyse` finds. Raises InputError with every problem of design, dictionary and tables."""
    progress("reading", 0.1)
    design = _design(request.design)
    dataset = _dataset(request, design)
    progress("analysing", 0.4)
    found = analyse(design, dataset)
    source = f"your data: {', '.join(table.name for table in request.tables)}"
    said, why = _judged(request.design, found, len(dataset), source, progress)
    told = analysis_told(found, source)
    return {
        "note": YOURS,
        "title": design.title,
        "files": [table.name for table in request.tables],
        "design": request.design.name if isinstance(request.design, File) else request.design,
        "people": len(dataset),
        **told,
        "parts": [*told["parts"], part("verdict", [] if said is None else verdict_pictures(said))],
        "verdict": {
            **verdict_told(said),
            "json": {
                "judged": said and "yours",
                "not_judged_because": why or None,
                "verdict": said and verdict_json(said),
                "about": LIKE,
            },
        },
    }


def _judged(
    asked: File | str, found: Analysed, people: int, source: str, progress: Callable[[str, float], None]
) -> tuple[Verdict | None, str]:
    """What the result can show under the study that was asked for; or why that is not known."""

    def judging(done: int, of: int) -> None:
        progress(f"what would chance and each effect give? {done} of {of}", 0.5 + 0.5 * done / of)

    try:
        study = named_study(asked) if isinstance(asked, str) else _study(asked)
        if study is None:
            return None, ALONE
        study = study.with_size(people)
        if people > MOST_PEOPLE:
            return None, f"{people} people, and a browser waits for {MOST_PEOPLE} at most"
        result = result_in(found, study, source)
        repeats = MOST_JUDGED if needs_fits(study, primary(study)) else None
        return verdict(study, result, repeats=repeats, progress=judging), ""
    except InputError as error:  # the data are analysed all the same
        return None, "; ".join(f"{problem.what} ({problem.remedy})" for problem in error.problems) + "."


def _study(file: File) -> Study | None:
    """The study of a file; None where it is a design and no more. Raises InputError."""
    is_study = re.search(rf"(?m)^format:\s*['\"]?{re.escape(STUDY_FORMAT)}", file.text) is not None
    return simulable(file) if is_study else None


def _design(asked: File | str) -> Design:
    if isinstance(asked, str):
        return named_study(asked).design
    with laid_out([asked], usual=".yaml") as (_, (path,)):
        design = read_design(path)
        if not design.analyses:
            remedy = "give it 'analyses: {main: {method: ..., endpoint: ...}}'"
            raise InputError(Problem("it plans no analysis", str(path), remedy))
    return design


def _dataset(request: AnalyseRequest, design: Design) -> Dataset:
    said = [] if request.dictionary is None else [request.dictionary]
    with laid_out(said, usual=".yaml") as (_, dictionary), laid_out(request.tables, usual=".csv") as (folder, paths):
        path: Path = paths[0] if len(paths) == 1 else folder
        try:
            return read_study_data(path, design, dictionary[0] if dictionary else None)
        except InputError as error:
            rest = len(error.problems) - MOST_SHOWN
            more = [Problem(f"and {rest} problems more", "", "mend these first")] if rest > 0 else []
            raise InputError([*error.problems[:MOST_SHOWN], *more]) from None
