"""How far a run is, in SQLite: chunk by chunk how many patients ended how, and how long they took.

    select outcome, sum(patients) from outcome group by outcome

The index holds nothing that the chunks do not: one that is lost or damaged is made anew from them.
"""

import errno
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from azygos.run.folder import Folder

__all__ = ["Index", "outcomes_of"]

_TABLES = """
create table if not exists chunk (number integer primary key, patients integer, seconds real);
create table if not exists outcome (chunk integer, outcome text, patients integer, primary key (chunk, outcome));
"""


class Index:
    """The index of a run; `rebuilt` says why it was made anew, where it was."""

    def __init__(self, folder: Folder, there: Iterable[int]) -> None:
        self.path, self.rebuilt = folder.path / "index.sqlite", ""
        wanted = set(there)
        known = _known(self.path)
        if known is None:
            self.rebuilt = "the index was damaged and has been made anew from the chunks"
            self._remove()
        with self._open() as database:
            database.executescript(_TABLES)
            for number in (known or set()) - wanted:
                database.execute("delete from chunk where number = ?", (number,))
                database.execute("delete from outcome where chunk = ?", (number,))
            for number in sorted(wanted - (known or set())):
                _insert(database, number, outcomes_in(folder, number), None)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Raises OSError, as for any other file, where the disk is full or may not be written."""
        try:
            with closing(sqlite3.connect(self.path, timeout=30.0)) as database, database:
                # It needs not last: what a power failure takes from it is read from the chunks again.
                database.execute("pragma synchronous = off")
                yield database
        except sqlite3.Error as error:
            raise OSError(errno.EIO, str(error), str(self.path)) from error

    def _remove(self) -> None:
        for path in self.path.parent.glob(f"{self.path.name}*"):
            path.unlink()

    def add(self, number: int, outcomes: Mapping[str, int], seconds: float) -> None:
        with self._open() as database:
            _insert(database, number, outcomes, seconds)

    @property
    def outcomes(self) -> dict[str, int]:
        """Patients by outcome."""
        return outcomes_of(self.path)


def outcomes_of(path: Path) -> dict[str, int]:
    """Patients by outcome, of the index at a path; empty where it cannot be read."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return dict(database.execute("select outcome, sum(patients) from outcome group by outcome order by 2 desc"))
    except sqlite3.DatabaseError:
        return {}


def _known(path: Path) -> set[int] | None:
    """The chunks in the index; None where it is damaged."""
    if not path.exists():
        return set()
    try:
        with closing(sqlite3.connect(path)) as database:
            if database.execute("pragma quick_check").fetchone() != ("ok",):
                return None
            if not database.execute("select 1 from sqlite_master where name = 'chunk'").fetchone():
                return set()
            return {number for (number,) in database.execute("select number from chunk")}
    except sqlite3.DatabaseError:
        return None


def _insert(database: sqlite3.Connection, number: int, outcomes: Mapping[str, int], seconds: float | None) -> None:
    database.execute("insert or replace into chunk values (?, ?, ?)", (number, sum(outcomes.values()), seconds))
    rows = [(number, outcome, patients) for outcome, patients in outcomes.items()]
    database.executemany("insert or replace into outcome values (?, ?, ?)", rows)


def outcomes_in(folder: Folder, number: int) -> dict[str, int]:
    """Patients by outcome in a chunk; empty where its inside is damaged, which is found out when tables are made."""
    from collections import Counter

    import pyarrow as pa  # type: ignore[import-untyped]  # it has no types
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it has no types

    try:
        column = pq.read_table(folder.chunk(number), columns=["outcome"]).column("outcome")
    except (OSError, pa.ArrowException):
        return {}
    return dict(sorted(Counter(column.to_pylist()).items()))
