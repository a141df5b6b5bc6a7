"""The tables of a run for other programs: CSV, NetCDF, CDISC Dataset-JSON, and the changes that a study draws from.

Tables are read a piece at a time, so that a run of any size can be written.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from azygos.errors import InputError, Problem, close_matches
from azygos.run.folder import Folder
from azygos.run.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

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
    if problems:
        raise InputError(problems)
    out.mkdir(parents=True, exist_ok=True)
    return list(FORMATS[form](folder, out))


def _pieces(folder: Folder, table: str) -> "Iterator[pa.RecordBatch]":
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    with pq.ParquetFile(folder.tables / f"{table}.parquet") as file:
        yield from file.iter_batches(AT_A_TIME)


def _csv(folder: Folder, out: Path) -> Iterator[Path]:
    import pyarrow.csv as pc  # type: ignore[import-untyped]
    import pyarrow.parquet as pq

    for name in TABLES:
        schema = pq.read_schema(folder.tables / f"{name}.parquet")
        with pc.CSVWriter(out / f"{name}.csv", schema) as writer:
            for piece in _pieces(folder, name):
                writer.write_batch(piece)
        yield out / f"{name}.csv"


def _netcdf(folder: Folder, out: Path) -> Iterator[Path]:
    """The outcomes with dimensions patient and visit, and of each patient who he is and how it went."""
    import pyarrow.parquet as pq

    visits = folder.manifest["visits"]
    schema = pq.read_schema(folder.tables / "outcomes.parquet")
    frame = pq.read_table(folder.tables / "outcomes.parquet").to_pandas()
    data = frame.set_index(["patient", "visit"]).to_xarray()
    data = data.reindex(patient=range(folder.n), visit=visits)
    patients = pq.read_table(folder.tables / "patients.parquet").to_pandas().set_index("patient").to_xarray()
    data = data.merge(patients.drop_vars(["treated", "eligible"]))
    for field in schema:
        if field.name in data.data_vars:
            data[field.name].attrs = {"long_name": field.metadata[b"what"].decode()}
    data.attrs = {"title": folder.manifest["title"], "comment": folder.manifest["note"]}
    data.to_netcdf(out / "cohort.nc", engine="h5netcdf")
    yield out / "cohort.nc"


def _dataset_json(folder: Folder, out: Path) -> Iterator[Path]:
    import pyarrow.parquet as pq

    created = datetime.now(UTC)
    for name in TABLES:
        with pq.ParquetFile(folder.tables / f"{name}.parquet") as file:
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
    found: dict[str, Any] = model.DatasetJSON(  # type: ignore[no-untyped-call]
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
    """What the first visit after the procedure found of each treated patient's worst lesion: a study's `changes:`.

    Opened is the part of its narrowing that is gone, 1 - after / before, from 0 to 1.
    """
    import pyarrow.parquet as pq

    after = next((visit for visit in folder.manifest["visits"] if visit != "before"), "")
    eligible = {
        row["patient"]
        for row in pq.read_table(folder.tables / "patients.parquet", columns=["patient", "eligible"]).to_pylist()
        if row["eligible"]
    }
    lines = ["patient,opened [1],gradient before [mmHg],gradient after [mmHg]"]
    found: dict[int, dict[str, dict[int, tuple[float, float]]]] = {}
    for piece in _pieces(folder, "lesions"):
        for row in piece.to_pylist():
            if row["patient"] in eligible and row["visit"] in ("before", after):
                by_visit = found.setdefault(row["patient"], {})
                by_visit.setdefault(row["visit"], {})[row["lesion"]] = (row["narrowing"], row["gradient_mmhg"])
    for patient, seen in found.items():
        if after in seen:
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
