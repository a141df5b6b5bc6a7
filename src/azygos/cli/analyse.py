"""`azygos analyse`: a study's data, real or simulated, analysed as its design says."""

import json as jsons
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from azygos.cli.exports import Flag, check_exports, sources_file, with_pdf
from azygos.cli.request import Problems
from azygos.cli.table import console, print_table

if TYPE_CHECKING:
    from azygos.errors import Problem
    from azygos.study.analysis import Analysed
    from azygos.study.dataset import Dataset
    from azygos.study.design import Design

__all__ = ["analyse"]


def analyse(
    data: Path,
    /,
    *,
    design: Path,
    dictionary: Path | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
    out: Path | None = None,
    pdf: Flag = False,
) -> int:
    """Analyse the data of a study, real or simulated, as its design says.

    Data with faults are refused, with every fault listed. docs/analyse.md describes the files.

    Parameters
    ----------
    data
        A CSV file, a Dataset-JSON file, or a folder of them (ADaM tables, or patients, values and events).
    design
        The design's file (azygos-design/1), or a study's (azygos-study/1), of which it takes the design, or the name
        of a study that comes with azygos, such as chicago-2012.
    dictionary
        A file that says what each column is (azygos-dictionary/1); not needed for ADaM, nor where columns are called
        what the design calls them. A folder's own dictionary.yaml is taken where none is named.
    json
        Print one JSON object and nothing else.
    out
        A directory for analysis.html, result.json, the pictures as SVG, and the data as Dataset-JSON with define.xml.
    pdf
        Write the report as PDF, too, beside it.
    """
    plan, dataset = _asked(data, design, dictionary, out, pdf=pdf)
    found = _analysed(plan, dataset)
    written = None if out is None else _write(found, dataset, out, _sources(design, data, dictionary), pdf=pdf)
    _tell(found, json, out, written)
    return 0


def _asked(
    data: Path, design: Path, dictionary: Path | None, out: Path | None, *, pdf: bool
) -> "tuple[Design, Dataset]":
    """The design and its data. Raises InputError with all that is wrong with them."""
    from azygos.cli.files import check_directory
    from azygos.exchange.document import read_text
    from azygos.exchange.study_data import read_study_data

    problems = Problems()
    check_exports(out, problems, pdf=pdf)
    if out is not None:
        problems.check(lambda: check_directory(out))
    plan = problems.check(lambda: _design(design))
    if plan is not None and not plan.analyses:
        problems.found.append(_none_planned(design))
    if plan is None:  # what can be said without it
        for path in (data, dictionary):
            if path is not None and not path.is_dir():
                problems.check(partial(read_text, path))
    dataset = None if plan is None else problems.check(lambda: read_study_data(data, plan, dictionary))
    problems.settle()
    assert plan is not None and dataset is not None
    return plan, dataset


def _is_name(design: Path) -> bool:
    return not design.suffix and design.name == str(design) and not design.exists()


def _design(design: Path) -> "Design":
    from azygos.exchange.design import read_design
    from azygos.exchange.study import find_study

    return find_study(str(design)).design if _is_name(design) else read_design(design)


def _sources(design: Path, data: Path, dictionary: Path | None) -> dict[str, str]:
    """The texts of the files that say how the data were analysed, by name."""
    from azygos.exchange.document import read_text
    from azygos.exchange.study import study_text
    from azygos.exchange.study_data import dictionary_of

    said = dictionary_of(data, dictionary)
    found = dict([study_text(str(design))]) if _is_name(design) else {design.name: read_text(design)}
    return found | ({} if said is None else {said.name: read_text(said)})


def _none_planned(design: Path) -> "Problem":
    from azygos.errors import Problem

    return Problem("it plans no analysis", str(design), "give it 'analyses: {main: {method: ..., endpoint: ...}}'")


def _analysed(design: "Design", dataset: "Dataset") -> "Analysed":
    from azygos.study.analysis import analyse as run

    return run(design, dataset)


def _write(found: "Analysed", dataset: "Dataset", out: Path, sources: dict[str, str], *, pdf: bool) -> list[str]:
    """Writes the page, the numbers, the pictures and the data; answers the names of the data's files."""
    from datetime import UTC, datetime

    from azygos.cli.files import write_directory
    from azygos.exchange.dataset_json import dataset_json
    from azygos.exchange.define_xml import define_xml
    from azygos.report.analysis import as_json, drawings, page
    from azygos.report.sources import of_design

    texts = {
        "analysis.html": page(found, sources),
        "result.json": jsons.dumps(as_json(found), indent=1, allow_nan=False) + "\n",
        **drawings(found),
        **sources_file(of_design(found.design)),
    }
    created = datetime.now(UTC)
    data = dataset_json(found.design, dataset, created)
    data["define.xml"] = define_xml(found.design, dataset, created)
    write_directory(out, with_pdf(texts, pdf=pdf))
    write_directory(out / "data", data)
    return list(data)


def _tell(found: "Analysed", json: bool, out: Path | None, written: list[str] | None) -> None:
    from azygos.report.analysis import as_json

    if json:
        print(jsons.dumps(as_json(found) | {"out": None if out is None else str(out)}, allow_nan=False))
        return
    _show(found)
    if out is not None and written is not None:
        print(f"\nReport: {out / 'analysis.html'}\nData: {out / 'data'} ({', '.join(written)})")


def _show(found: "Analysed") -> None:
    from azygos.report.analysis import ABOUT, harm_rows, result_rows

    print(f"{found.design.title}\n\n{found.flow}\n")
    for result in found.primary:
        console().print(result.sentence, markup=False)
    if found.monitored is not None:
        print(found.monitored)
    if found.ineligible:
        print(
            "Not eligible by the design, and analysed all the same: "
            + ", ".join(f"{n} ({r})" for r, n in found.ineligible)
        )
    print()
    print_table(("analysis", "measure", "estimate (interval)", "p", "seen"), result_rows(found), "Results")
    headings, harms = harm_rows(found)
    if harms:
        print_table(headings, harms, "Harms: subjects with at least one")
    judged = [(one.domain, one.level, one.reason) for one in found.risk_of_bias]
    print_table(("domain", "risk", "because"), judged, "Risk of bias, from the design")
    print(ABOUT)
