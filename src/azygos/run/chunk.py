"""A chunk: eight patients by number, kept in one file.

Which patients make a chunk depends on nothing but their numbers, so that the chunks of a run are the same whatever the
number of workers. The file is Parquet, one row a patient, with the patient's rows of the other tables as lists in it.
"""

import io
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Protocol

from azygos.run.tables import TABLES, Rows, arrow_schema
from azygos.run.waveforms import Waveforms

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it has no types

__all__ = ["PATIENTS", "Chunk", "Work", "chunk_schema", "chunks_of", "computed", "encoded", "patients_of", "versions"]

PATIENTS = 8  # of a chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A chunk as it was computed, ready to be written."""

    number: int
    data: bytes
    outcomes: Mapping[str, int]
    seconds: float
    versions: Mapping[str, str]  # where it was computed

    @property
    def patients(self) -> int:
        return sum(self.outcomes.values())


class Work(Protocol):
    """What a run computes. It is sent to other processes and machines, so it must be possible to pickle."""

    @property
    def n(self) -> int:
        """Patients."""

    @property
    def factors(self) -> tuple[str, ...]:
        """The parameters that vary."""

    @property
    def waveforms(self) -> Waveforms | None: ...

    def rows(self, numbers: Sequence[int]) -> list[Rows]:
        """The rows of these patients, in order."""


@cache
def versions() -> dict[str, str]:
    """Of azygos and of what it computes with: what the same bytes come from."""
    return {name: version(name) for name in ("azygos", "numpy", "scipy", "pyarrow")}


def chunks_of(n: int) -> int:
    """How many chunks hold n patients."""
    return -(-n // PATIENTS)


def patients_of(number: int, n: int) -> range:
    """The patients of a chunk in a run of n."""
    return range(number * PATIENTS, min((number + 1) * PATIENTS, n))


def computed(work: Work, numbers: Sequence[int]) -> list[Chunk]:
    """The chunks of these numbers, computed together. Runs in whatever process there is.

    In one thread, so that sums are added in the same order everywhere.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it has no types

    began = time.perf_counter()
    with threadpool_limits(1):
        rows = work.rows([patient for number in numbers for patient in patients_of(number, work.n)])
    by_chunk: dict[int, list[Rows]] = {number: [] for number in numbers}
    for row in rows:
        by_chunk[row.number // PATIENTS].append(row)
    seconds = (time.perf_counter() - began) / len(numbers)
    return [
        Chunk(
            number=number,
            data=encoded(some, work.factors, work.waveforms),
            outcomes=dict(sorted(Counter(row.outcome for row in some).items())),
            seconds=seconds,
            versions=versions(),
        )
        for number, some in by_chunk.items()
    ]


def chunk_schema(factors: Iterable[str], waveforms: Waveforms | None) -> "pa.Schema":
    """One row a patient: the columns of `patients`, and of every other table a list."""
    import pyarrow as pa

    fields = list(arrow_schema("patients", factors))
    for name in TABLES:
        if name != "patients":
            inner = [field for field in arrow_schema(name, ()) if field.name != "patient"]
            fields.append(pa.field(f"{name}_of", pa.list_(pa.struct(inner))))
    if waveforms is not None:
        fields.append(pa.field("waveforms_of", pa.list_(pa.float32())))
    return pa.schema(fields)


def encoded(rows: Iterable[Rows], factors: Iterable[str], waveforms: Waveforms | None) -> bytes:
    """The bytes of a chunk's file."""
    import pyarrow as pa
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it has no types

    schema = chunk_schema(factors, waveforms)
    table = pa.Table.from_pylist([_plain(row, waveforms) for row in rows], schema=schema)
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", write_page_checksum=True)
    return sink.getvalue()


def _plain(rows: Rows, waveforms: Waveforms | None) -> dict[str, Any]:
    found = rows.patient | {f"{name}_of": some for name, some in rows.of.items()}
    return found if waveforms is None else found | {"waveforms_of": rows.waveforms}
