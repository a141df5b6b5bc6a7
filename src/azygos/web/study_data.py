"""The user's own data, read as strictly as files and analysed as a design says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from azygos.errors import InputError, Problem
from azygos.exchange.design import read_design
from azygos.exchange.study import named_study
from azygos.exchange.study_data import read_study_data
from azygos.study.analysis import analyse
from azygos.study.dataset import Dataset
from azygos.study.design import Design
from azygos.web.study import analysis_told
from azygos.web.study_files import laid_out
from azygos.web.study_requests import AnalyseRequest, File

__all__ = ["YOURS", "analysed"]

YOURS = (
    "Your data, analysed on this machine and kept only in its file of answers. For research and teaching, not for care."
)
MOST_SHOWN = 500  # problems; a page holds no more


def analysed(request: AnalyseRequest, progress: Callable[[str, float], None]) -> dict[str, Any]:
    """What `azygos analyse` finds. Raises InputError with every problem of design, dictionary and tables."""
    progress("reading", 0.1)
    design = _design(request.design)
    dataset = _dataset(request, design)
    progress("analysing", 0.5)
    found = analyse(design, dataset)
    return {
        "note": YOURS,
        "title": design.title,
        "files": [table.name for table in request.tables],
        "design": request.design.name if isinstance(request.design, File) else request.design,
        "people": len(dataset),
        **analysis_told(found, f"your data: {', '.join(table.name for table in request.tables)}"),
    }


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
