"""What else a command writes into the directory of its report: `--pdf`, the pages on paper; `--dicom`, the pictures."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from cyclopts import Parameter

from azygos.cli.request import Problems
from azygos.errors import Problem

if TYPE_CHECKING:
    from azygos.instruments.recording import Recording
    from azygos.report.sources import Use

Flag: TypeAlias = Annotated[bool, Parameter(negative=())]

__all__ = ["SOURCES", "Flag", "as_dicom", "check_exports", "drop_older", "said_sources", "sources_file", "with_pdf"]

SOURCES = "sources.json"  # in the directory of a run: what it used, for 'azygos cite'
FORMAT = "azygos-sources/1"
DICOM = "dicom/**/*.dcm"


def check_exports(out: Path | None, problems: Problems, *, pdf: bool = False, dicom: bool = False) -> None:
    """Notes a directory that is not named, and libraries that are not installed."""
    asked = [name for name, is_asked in (("--pdf", pdf), ("--dicom", dicom)) if is_asked]
    if asked and out is None:
        problems.found.append(Problem("it is written beside the report", ", ".join(asked), "name where: --out DIR"))
    if pdf:
        from azygos.report.pdf import check_library as check_pdf

        problems.check(check_pdf)
    if dicom:
        from azygos.exchange.dicom import check_library as check_dicom

        problems.check(check_dicom)


def with_pdf(texts: Mapping[str, str], *, pdf: bool) -> dict[str, str | bytes]:
    """The files of a report, and with `pdf` each of its HTML pages on paper."""
    files: dict[str, str | bytes] = dict(texts)
    if pdf:
        from azygos.report.pdf import pdf as printed

        pages = {name: text for name, text in texts.items() if name.endswith(".html")}
        files |= {f"{Path(name).stem}.pdf": printed(page) for name, page in pages.items()}
    return files


def drop_older(out: Path, written: Iterable[str], *patterns: str) -> None:
    """Removes of the files of these patterns in `out` those that an earlier run left beside what was written now."""
    kept = {out / name for name in written}
    for old in [path for pattern in (*patterns, DICOM) for path in out.glob(pattern)]:
        if old not in kept:
            old.unlink()


def as_dicom(body: str, visits: "Iterable[tuple[str, Sequence[Recording]]]", *, dicom: bool) -> dict[str, bytes]:
    """With `dicom` the files of what was recorded of a body, in `dicom/` or a folder in it for each named visit."""
    if not dicom:
        return {}
    from azygos.exchange.dicom import dicom_files

    return {
        "/".join(filter(None, ("dicom", re.sub(r"\W+", "-", visit), name))): held
        for visit, recordings in visits
        for name, held in dicom_files(recordings, patient=body, visit=visit).items()
    }


def said_sources(uses: "Iterable[Use]") -> str:
    """What a run used, as JSON."""
    from importlib.metadata import version

    from azygos.report.sources import as_json

    found = {"format": FORMAT, "azygos": version("azygos"), "sources": as_json(dict.fromkeys(uses))}
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def sources_file(*uses: "Iterable[Use]") -> dict[str, str]:
    """The file of what a run used, beside its report."""
    return {SOURCES: said_sources(use for some in uses for use in some)}
