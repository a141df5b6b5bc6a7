"""The tables of a run from its chunks, in the order of the patients: the same bytes however the chunks came about."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from azygos.run.chunk import PATIENTS, Work, chunk_schema, chunks_of, patients_of
from azygos.run.folder import Folder
from azygos.run.tables import TABLES, arrow_schema
from azygos.run.waveforms import VARIABLES, Waveforms

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

__all__ = ["Damaged", "failures", "joined", "sent"]

FINE = ("ok", "not eligible")  # outcomes
TOGETHER = 128  # chunks in a row group: what is in memory at one time


class Damaged(Exception):
    """A chunk whose inside cannot be read."""

    def __init__(self, number: int, why: str) -> None:
        self.number = number
        super().__init__(f"chunk {number} is damaged: {why}")


def joined(folder: Folder, work: Work, visits: int) -> None:
    """Makes `tables/`, and `waveforms.zarr` where courses were kept. Raises Damaged."""
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    room = folder.path / f".tables.{os.getpid()}"
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir()
    try:
        courses = _Courses(folder.path, work, visits) if work.waveforms else None
        with ExitStack() as open_files:
            writers = {
                name: open_files.enter_context(
                    pq.ParquetWriter(room / f"{name}.parquet", arrow_schema(name, work.factors), compression="zstd")
                )
                for name in TABLES
            }
            for chunk in _read(folder, work):
                for name, writer in writers.items():
                    writer.write_table(_table(chunk, name, work))
                if courses:
                    courses.add(chunk)
        for path in room.iterdir():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        if courses:
            courses.finish()
        room.rename(folder.tables)
    finally:
        shutil.rmtree(room, ignore_errors=True)


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
    import pyarrow.compute as pc  # type: ignore[import-untyped]

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

    def __init__(self, path: Path, work: Work, visits: int) -> None:
        import zarr

        assert work.waveforms is not None
        self.waveforms, self.visits, self.begin = work.waveforms, visits, 0
        self.target = path / "waveforms.zarr"
        self.room = path / f".waveforms.{os.getpid()}"
        shutil.rmtree(self.room, ignore_errors=True)
        # Format 2, as the other results are: in format 3 consolidated metadata are not standard yet.
        self.group = zarr.open_group(self.room, mode="w", zarr_format=2)
        self.group.attrs["sites"] = [str(site) for site in work.waveforms.sites]
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
            self.group[name][self.begin : end] = block[:, :, i]  # type: ignore[index]
        self.begin = end

    def finish(self) -> None:
        shutil.rmtree(self.target, ignore_errors=True)
        self.room.rename(self.target)


def failures(folder: Folder) -> list[tuple[str, str, int]]:
    """Outcome, sentence and number of the patients who did not end as a patient should, the most frequent first."""
    import pyarrow.parquet as pq

    columns = ["outcome", "sentence", "patient"]
    table = pq.read_table(folder.tables / "patients.parquet", columns=columns)
    found = table.group_by(columns[:2]).aggregate([("patient", "count")]).to_pylist()
    rows = [(row["outcome"], row["sentence"], row["patient_count"]) for row in found if row["outcome"] not in FINE]
    return sorted(rows, key=lambda row: (-row[2], row))


def sent(folder: Folder, url: str) -> list[str]:
    """Copies the tables to any store that fsspec knows, such as `s3://bucket/run`; the addresses written."""
    import fsspec  # type: ignore[import-untyped]

    written = []
    for path in sorted(folder.tables.iterdir()):
        address = f"{url.rstrip('/')}/{path.name}"
        with path.open("rb") as source, fsspec.open(address, "wb") as target:
            shutil.copyfileobj(source, target)
        written.append(address)
    return written
