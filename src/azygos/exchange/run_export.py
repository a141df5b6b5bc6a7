"""The tables of a run for other programs: CSV, NetCDF, CDISC Dataset-JSON, and the changes that a study draws from.

Tables are read a piece at a time, so that a run of any size can be written.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from azygos.errors import InputError, Problem, close_matches
from azygos.run.folder import Folder
from azygos.run.join import reading
from azygos.run.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it has no types
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it has no types

__all__ = ["FORMATS", "export"]

_KINDS = {"int64": "integer", "double": "double", "string": "string", "bool": "boolean"}  # of Dataset-JSON
AT_A_TIME = 20_000  # rows


def export(folder: Folder, out: Path, form: str) -> list[Path]:
    """Writes the tables of a complete run into the directory `out`; the files. Raises InputError."""
    problems = []
    if form not in FORMATS:
        problems.append(Problem(f"no format '{form}'", "--format", close_matches(form, FORMATS)))
    if not folder.is_complete:
        remedy = f"go on with it by 'azygos cohort resume {folder.path}'"
        problems.append(Problem("the run is not complete, so it has no tables", str(folder.path), remedy))
    if form == "changes" and _after(folder) is None:
        what = "nobody was treated in it: its only visit is 'before'"
        problems.append(Problem(what, str(folder.path), "run it with --visits before,after"))
    if problems:
        raise InputError(problems)
    room = out / f".export.{os.getpid()}"
    room.mkdir(parents=True)
    try:
        written = list(FORMATS[form](folder, room))
        return [path.replace(out / path.name) for path in written]
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(out)) from None
    finally:
        shutil.rmtree(room)


def _after(folder: Folder) -> str | None:
    """The first visit after the procedure."""
    return next((visit for visit in folder.manifest["visits"] if visit != "before"), None)


def _file(folder: Folder, table: str) -> "pq.ParquetFile":
    import pyarrow.parquet as pq

    with reading(folder, table):
        return pq.ParquetFile(folder.tables / f"{table}.parquet", page_checksum_verification=True)


def _pieces(folder: Folder, table: str) -> "Iterator[pa.RecordBatch]":
    with _file(folder, table) as file, reading(folder, table):
        yield from file.iter_batches(AT_A_TIME)


def _all(folder: Folder, table: str, columns: list[str] | None = None) -> "pa.Table":
    with _file(folder, table) as file, reading(folder, table):
        return file.read(columns)


def _csv(folder: Folder, out: Path) -> Iterator[Path]:
    import pyarrow.csv as pc  # type: ignore[import-untyped]  # it has no types

    for name in TABLES:
        with _file(folder, name) as file, pc.CSVWriter(out / f"{name}.csv", file.schema_arrow) as writer:
            for piece in _pieces(folder, name):
                writer.write_batch(piece)
        yield out / f"{name}.csv"


def _netcdf(folder: Folder, out: Path) -> Iterator[Path]:
    """The outcomes with dimensions patient and visit, and of each patient who he is and how it went."""
    visits, outcomes = folder.manifest["visits"], _all(folder, "outcomes")
    data = outcomes.to_pandas().set_index(["patient", "visit"]).to_xarray()
    data = data.reindex(patient=range(folder.n), visit=visits)
    patients = _all(folder, "patients").to_pandas().set_index("patient").to_xarray()
    data = data.merge(patients.drop_vars(["treated", "eligible"]))
    for field in outcomes.schema:
        if field.name in data.data_vars:
            data[field.name].attrs = {"long_name": field.metadata[b"what"].decode()}
    data.attrs = {"title": folder.manifest["title"], "comment": folder.manifest["note"]}
    (out / "cohort.nc").write_bytes(data.to_netcdf(engine="h5netcdf"))  # HDF5 ends the program where the disk is full
    yield out / "cohort.nc"


def _dataset_json(folder: Folder, out: Path) -> Iterator[Path]:
    created = datetime.now(UTC)
    for name in TABLES:
        with _file(folder, name) as file:
            header = _header(folder, name, file.schema_arrow, file.metadata.num_rows, created)
        with (out / f"{name}.json").open("w", encoding="utf-8") as text:
            _write_rows(text, header, (row for piece in _pieces(folder, name) for row in piece.to_pylist()))
        yield out / f"{name}.json"


def _header(folder: Folder, name: str, schema: "pa.Schema", rows: int, created: datetime) -> dict[str, Any]:
    """What stands before the rows, made and checked by odmlib."""
    from odmlib.dataset_json_1_1 import model

    columns = [
        model.Column(
            itemOID=f"IT.{name}.{field.name}",
            name=field.name,
            label=field.metadata[b"what"].decode(),
            dataType=_KINDS[str(field.type)],
        )
        for field in schema
    ]
    found: dict[str, Any] = model.DatasetJSON(  # type: ignore[no-untyped-call]  # odmlib has no types
        datasetJSONCreationDateTime=created.isoformat(timespec="seconds"),
        datasetJSONVersion="1.1.0",
        originator="azygos",
        studyOID=folder.manifest["cohort"],
        itemGroupOID=f"IG.{name}",
        records=rows,
        name=name,
        label=f"{name} of simulated patients",
        columns=columns,
        rows=[],
    ).to_dict()
    return {key: value for key, value in found.items() if key != "rows"}


def _write_rows(text: TextIO, header: Mapping[str, Any], rows: Iterator[Mapping[str, Any]]) -> None:
    """One row a line, so that a person can look through it."""
    text.write(json.dumps(header, ensure_ascii=False, indent=1)[:-2] + ',\n "rows": [')
    for i, row in enumerate(rows):
        text.write(",\n  " if i else "\n  ")
        text.write(json.dumps([_finite(value) for value in row.values()], ensure_ascii=False, allow_nan=False))
    text.write("\n ]\n}\n")


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and value - value != 0.0 else value


def _changes(folder: Folder, out: Path) -> Iterator[Path]:
    """What the first visit after the procedure found of each eligible patient's worst lesion: a study's `changes:`.

    Opened is the part of its narrowing that is gone, 1 - after / before, from 0 to 1. Who was let in by an instrument's
    error and has no lesion has nothing that could be opened, and no gradient.
    """
    after = _after(folder) or ""
    visits = _all(folder, "outcomes", ["patient", "visit"]).to_pylist()
    eligible = {row["patient"] for row in visits if row["visit"] == after}
    lines = ["patient,opened [1],gradient before [mmHg],gradient after [mmHg]"]
    found: dict[int, dict[str, dict[int, tuple[float, float]]]] = {}
    for piece in _pieces(folder, "lesions"):
        for row in piece.to_pylist():
            if row["patient"] in eligible and row["visit"] in ("before", after):
                by_visit = found.setdefault(row["patient"], {})
                by_visit.setdefault(row["visit"], {})[row["lesion"]] = (row["narrowing"], row["gradient_mmhg"])
    for patient in sorted(eligible):
        seen = found.get(patient, {"before": {0: (0.0, 0.0)}, after: {0: (0.0, 0.0)}})
        worst = max(seen["before"], key=lambda lesion: seen["before"][lesion][1])
        (narrow, high), (left, low) = seen["before"][worst], seen[after][worst]
        opened = min(max(1.0 - left / narrow, 0.0), 1.0) if narrow > 0.0 else 0.0
        lines.append(f"{patient},{opened!r},{high!r},{low!r}")
    (out / "changes.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    yield out / "changes.csv"


FORMATS: Mapping[str, Callable[[Folder, Path], Iterator[Path]]] = {
    "csv": _csv,
    "netcdf": _netcdf,
    "dataset-json": _dataset_json,
    "changes": _changes,
}
