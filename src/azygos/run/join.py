"""The tables of a run from its chunks, in the order of the patients: the same bytes however the chunks came about."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from azygos.errors import InputError, Problem
from azygos.run.chunk import PATIENTS, Work, chunk_schema, chunks_of, patients_of
from azygos.run.folder import Folder, RunStopped
from azygos.run.tables import TABLES, arrow_schema
from azygos.run.waveforms import VARIABLES, Waveforms

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it has no types

__all__ = ["Damaged", "failures", "joined", "outcomes_in_tables", "reading", "sent"]

FINE = ("ok", "not eligible")  # outcomes
TOGETHER = 128  # chunks in a row group: what is in memory at one time


class Damaged(Exception):
    """A chunk whose inside cannot be read."""

    def __init__(self, number: int, why: str) -> None:
        self.number = number
        super().__init__(f"chunk {number} is damaged: {why}")


def joined(folder: Folder, work: Work, visits: int) -> None:
    """Makes `tables/`, and `waveforms.zarr` where courses were kept. Raises Damaged."""
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it has no types

    room = folder.path / f".tables.{os.getpid()}"
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir()
    try:
        courses = _Courses(folder, work, visits) if work.waveforms else None
        with ExitStack() as open_files:
            writers = {
                name: open_files.enter_context(
                    pq.ParquetWriter(
                        room / f"{name}.parquet",
                        arrow_schema(name, work.factors),
                        compression="zstd",
                        write_page_checksum=True,
                    )
                )
                for name in TABLES
            }
            for chunk in _read(folder, work):
                for name, writer in writers.items():
                    writer.write_table(_table(chunk, name, work))
                if courses:
                    courses.add(chunk)
        _flush(room)
        if courses:
            courses.finish()
        if folder.tables.is_dir():  # damaged ones
            for path in room.iterdir():
                path.replace(folder.tables / path.name)
        else:
            room.rename(folder.tables)
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _flush(room: Path) -> None:
    """To the disk, all files of a folder."""
    for path in room.rglob("*"):
        if path.is_file():
            with path.open("r+b") as file:  # Windows flushes only what may be written
                os.fsync(file.fileno())


def _read(folder: Folder, work: Work) -> "Iterator[pa.Table]":
    """The chunks in order, so many together."""
    import pyarrow as pa

    count = chunks_of(work.n)
    for first in range(0, count, TOGETHER):
        some = [_chunk(folder, work, number) for number in range(first, min(first + TOGETHER, count))]
        yield pa.concat_tables(some).combine_chunks()


def _chunk(folder: Folder, work: Work, number: int) -> "pa.Table":
    """A chunk with its checksums verified, and holding just the patients that it should."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(folder.chunk(number), page_checksum_verification=True) as file:
            found = file.read()
    except (OSError, pa.ArrowException) as error:
        raise Damaged(number, str(error).splitlines()[0]) from error
    wanted = list(patients_of(number, work.n))
    schema = chunk_schema(work.factors, work.waveforms)
    if not found.schema.equals(schema) or found.column("patient").to_pylist() != wanted:
        raise Damaged(number, "it holds other patients or other columns")
    return found.replace_schema_metadata(schema.metadata)


def _table(chunk: "pa.Table", name: str, work: Work) -> "pa.Table":
    """One of the tables, from the lists of each patient."""
    import pyarrow as pa
    import pyarrow.compute as pc  # type: ignore[import-untyped]  # it has no types

    schema = arrow_schema(name, work.factors)
    if name == "patients":
        return chunk.select(schema.names).cast(schema)
    lists = chunk.column(f"{name}_of").combine_chunks()
    rows, parents = pc.list_flatten(lists), pc.list_parent_indices(lists)
    patients = chunk.column("patient").combine_chunks().take(parents)
    columns = [patients, *(pc.struct_field(rows, i) for i in range(rows.type.num_fields))]
    return pa.Table.from_arrays(columns, schema=schema)


class _Courses:
    """Waveforms as a Zarr store with dimensions (patient, visit, site, sample), written as they come."""

    def __init__(self, folder: Folder, work: Work, visits: int) -> None:
        import zarr

        assert work.waveforms is not None
        self.waveforms, self.visits, self.begin = work.waveforms, visits, 0
        self.target = folder.courses
        self.room = folder.path / f".waveforms.{os.getpid()}"
        shutil.rmtree(self.room, ignore_errors=True)
        # Format 2, as the other results are: in format 3 consolidated metadata are not standard yet.
        self.group = zarr.open_group(self.room, mode="w", zarr_format=2)
        self.group.attrs["sites"] = [str(site) for site in work.waveforms.sites]
        self.group.attrs["visits"] = folder.manifest["visits"]
        sites, samples = len(work.waveforms.sites), work.waveforms.samples
        for name, unit in VARIABLES.items():
            array = self.group.create_array(
                name,
                shape=(work.n, visits, sites, samples),
                chunks=(PATIENTS * TOGETHER, visits, sites, samples),
                dtype="float32",
                fill_value=float("nan"),
            )
            array.attrs.update({"units": unit, "_ARRAY_DIMENSIONS": ["patient", "visit", "site", "sample"]})

    def add(self, chunk: "pa.Table") -> None:
        import numpy as np

        shape = Waveforms(sites=self.waveforms.sites, samples=self.waveforms.samples).shape
        kept = chunk.column("waveforms_of").to_pylist()
        block = np.full((len(kept), self.visits, *shape), np.nan, dtype=np.float32)
        for row, values in enumerate(kept):
            seen = np.array(values, dtype=np.float32).reshape(-1, *shape)
            block[row, : len(seen)] = seen
        end = self.begin + len(kept)
        for i, name in enumerate(VARIABLES):
            self.group[name][self.begin : end] = block[:, :, i]  # type: ignore[index]  # an array, no group
        self.begin = end

    def finish(self) -> None:
        import zarr

        zarr.consolidate_metadata(self.group.store, zarr_format=2)
        _flush(self.room)
        shutil.rmtree(self.target, ignore_errors=True)
        self.room.rename(self.target)


@contextmanager
def reading(folder: Folder, table: str) -> Iterator[None]:
    """Around reading alone, so that what cannot be written is not said of a table. Raises InputError."""
    import pyarrow as pa

    try:
        yield
    except (OSError, pa.ArrowException) as error:
        what = f"the table is damaged: {str(error).splitlines()[0]}"
        remedy = f"take {folder.tables} away; 'azygos cohort resume {folder.path}' makes it anew"
        raise InputError(Problem(what, str(folder.tables / f"{table}.parquet"), remedy)) from error


def outcomes_in_tables(folder: Folder) -> dict[str, int]:
    """Patients by outcome, of a complete run. Raises InputError."""
    import pyarrow.parquet as pq

    with reading(folder, "patients"):
        path = folder.tables / "patients.parquet"
        table = pq.read_table(path, columns=["outcome"], page_checksum_verification=True)
    found = table.group_by("outcome").aggregate([([], "count_all")]).to_pylist()
    return {row["outcome"]: row["count_all"] for row in sorted(found, key=lambda row: -row["count_all"])}


def failures(folder: Folder) -> list[tuple[str, str, int]]:
    """Outcome, sentence and number of the patients who did not end as a patient should, the most frequent first."""
    import pyarrow.parquet as pq

    columns = ["outcome", "sentence", "patient"]
    with reading(folder, "patients"):
        table = pq.read_table(folder.tables / "patients.parquet", columns=columns, page_checksum_verification=True)
    found = table.group_by(columns[:2]).aggregate([("patient", "count")]).to_pylist()
    rows = [(row["outcome"], row["sentence"], row["patient_count"]) for row in found if row["outcome"] not in FINE]
    return sorted(rows, key=lambda row: (-row[2], row))


def sent(folder: Folder, url: str) -> list[str]:
    """Copies tables and waveforms to any store that fsspec knows, such as `s3://bucket/run`; the addresses written.

    Raises RunStopped.
    """
    import fsspec  # type: ignore[import-untyped]  # it has no types

    files = [(path, path.name) for path in sorted(folder.tables.iterdir())]
    if folder.manifest.get("waveforms"):
        courses = sorted(path for path in folder.courses.rglob("*") if path.is_file())
        files += [(path, path.relative_to(folder.path).as_posix()) for path in courses]
    written = []
    for path, name in files:
        address = f"{url.rstrip('/')}/{name}"
        try:
            with path.open("rb") as source, fsspec.open(address, "wb") as target:
                shutil.copyfileobj(source, target)
        except Exception as error:  # every store has exceptions of its own
            raise RunStopped(f"'{name}' could not be copied to {url}: {error}") from error
        written.append(address)
    return written
