"""`azygos cite`: the publications that a run rests on, or how to cite azygos itself."""

import json as jsons
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from azygos.cli.exports import FORMAT, SOURCES
from azygos.errors import InputError, Problem

if TYPE_CHECKING:
    from azygos.report.references import Sorted
    from azygos.report.sources import Use

__all__ = ["cite"]

BODIES = (".yaml", ".yml")
WITHOUT = (".csv", ".pvd")  # results that hold numbers only
Format: TypeAlias = Literal["text", "bibtex", "csl-json", "json"]


def cite(run: Path | None = None, /, *, format: Format = "text") -> int:
    """Print the publications that a run rests on, each with what it was used for; without a run, azygos itself.

    What is assumed is listed as assumed. A publication is named as the tables of azygos name it, with its title where
    that is known.

    Parameters
    ----------
    run
        A directory that look, treat, trial, analyse or audit wrote, or a cohort's; a result of simulate (.nc, .zarr);
        or the file of a body, or the word reference.
    format
        text, bibtex, csl-json, or json: everything that was used, with the words of its table.
    """
    if run is None:
        print(_software(format))
        return 0
    from azygos.report.references import as_bibtex, as_csl, as_text, sorted_by_publication

    found = sorted_by_publication(_used(run))
    match format:
        case "text":
            print(f"{as_text(found)}\n\nSoftware: {_software('text')}")
        case "bibtex":
            print(f"{_software('bibtex')}\n{as_bibtex(found.references)}")
        case "csl-json":
            print(jsons.dumps([_csl(), *jsons.loads(as_csl(found.references))], indent=1, ensure_ascii=False))
        case "json":
            print(jsons.dumps(_plain(found), ensure_ascii=False))
    return 0


def _plain(found: "Sorted") -> dict[str, Any]:
    """The publications with their uses, what is assumed and what is neither, as plain data."""
    from azygos.report.sources import as_json

    named = [{"reference": one.name} | one.identifiers | {"uses": as_json(one.uses)} for one in found.references]
    others = {"assumed": as_json(found.assumed), "others": as_json(found.others)}
    return {"software": _software("text"), "references": named} | others


def _used(run: Path) -> "list[Use]":
    """What a run says that it used. Raises InputError where it says nothing."""
    from azygos.exchange.subject import REFERENCE, read_subject
    from azygos.report.sources import of_body, of_cohort

    if run.suffix in BODIES or (str(run) == REFERENCE and not run.exists()):
        return list(of_body(read_subject(run)))
    if not run.exists():
        raise InputError(Problem(f"there is nothing called '{run}'", remedy="name what a command wrote with --out"))
    if run.suffix in (".nc", ".zarr"):  # before what lies beside it, which may be of another run
        return _read(_attribute(run), run)
    for said in (run / SOURCES, run.parent / SOURCES):
        if said.is_file():
            return _read(said.read_bytes(), said)
    if (run / "manifest.json").is_file():
        from azygos.run.folder import Folder

        return list(of_cohort(Folder(run).manifest))
    if run.suffix in WITHOUT:
        remedy = "cite what was simulated: its file, or the word reference; or write the result as .nc"
        raise InputError(Problem(f"a result as {run.suffix} has no room for its sources", str(run), remedy))
    raise _silent(run)


def _attribute(run: Path) -> str:
    import xarray

    engine = "h5netcdf" if run.suffix == ".nc" else "zarr"
    try:
        with xarray.open_dataset(run, engine=engine, decode_times=False) as found:
            return str(found.attrs.get("sources", ""))
    except (OSError, ValueError, KeyError):
        raise _silent(run) from None


def _read(text: str | bytes, where: Path) -> "list[Use]":
    from azygos.report.sources import Use

    try:
        found = jsons.loads(text)
        rows = [(one["group"], one["what"], one["source"]) for one in found["sources"]]
        if found["format"] != FORMAT or not all(isinstance(cell, str) for row in rows for cell in row):
            raise _silent(where)
        return [Use(group=group, what=what, source=source) for group, what, source in rows]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _silent(where) from None


def _silent(where: Path) -> InputError:
    return InputError(Problem("it does not say what it used", str(where), "run it again with --out"))


# ---------------------------------------------------------------------------------------------------------------
# azygos itself, as CITATION.cff has it (tests/ui/test_cite.py)

AUTHORS = "The azygos contributors"


def _software(format: Format) -> str:
    match format:
        case "text":
            csl = _csl()
            return f"{AUTHORS}. {csl['title']}. Version {csl['version']}, {csl['license']}."
        case "bibtex":
            rows = {"author": f"{{{AUTHORS}}}", "title": f"{{{_csl()['title']}}}", "version": _csl()["version"]}
            body = ",\n".join(f"  {key} = {{{value}}}" for key, value in rows.items())
            return f"@software{{azygos,\n{body}\n}}\n"
        case "csl-json":
            return jsons.dumps([_csl()], indent=1)
        case "json":
            return jsons.dumps({"software": _software("text"), "references": [], "assumed": [], "others": []})


def _csl() -> dict[str, Any]:
    about = metadata.metadata("azygos")
    summary = about["Summary"]
    return {
        "id": "azygos",
        "type": "software",
        "title": f"azygos: {summary[:1].lower()}{summary[1:]}",
        "author": [{"literal": AUTHORS}],
        "version": about["Version"],
        "license": about["License-Expression"] or about["License"],
    }
