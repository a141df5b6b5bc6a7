"""Jobs and their answers in one SQLite file, so that a page can be loaded again and the server started again."""

import json
import os
import sqlite3
import stat
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azygos.errors import InputError, Problem
from azygos.web.problems import problem

__all__ = ["Job", "Store"]

_OURS = 0x617A7967  # the application id of the file: "azyg"
_VERSION = 3  # of the table; a file of an earlier one is begun anew, for it can all be computed again
# `used` counts upwards, so that no clock that is set back makes the newest answer look like the oldest. What may be
# large comes last: to read what lies behind it, SQLite would go through all of it.
_TABLE = """
create table if not exists jobs (
  id text primary key, kind text not null, state text not null, problems text not null default '[]',
  begun integer not null default 0, used integer not null, request text not null, answer blob)
"""
_NEXT = "(select coalesce(max(used), 0) + 1 from jobs)"
_MOST_KEPT = 400  # answers; the longest unused go first
_MOST_BYTES = 400 * 2**20  # of them all, and of the requests
_MOST_PAGES = 150_000  # of the file, of 4 KiB each: a third more than the answers, for those in use
_CROWDED_OUT = """
delete from jobs where state in ('done', 'failed', 'cancelled') and id in (
  select id from (
    select id, row_number() over newest as place,
      sum(length(request) + coalesce(length(answer), 0)) over newest as bytes
    from jobs window newest as (order by used desc, id))
  where place > ? or bytes > ?)
"""
_MOST_BEGUN = 3  # times that a job is begun: one that takes the server with it must not do so at every start
_GIVEN_UP = problem(f"the server ended {_MOST_BEGUN} times while it worked on this", remedy="ask for less at once")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A piece of work by its name. States: queued, running, done, failed, cancelled."""

    id: str
    kind: str
    request: str  # JSON
    state: str
    problems: list[dict[str, str]]


class Store:
    """The file; `:memory:` for none. Every thread may use it, but no second process.

    Raises InputError where the file is not one of its own, or cannot be used. Every method raises sqlite3.Error where
    the disk is full or fails.
    """

    def __init__(
        self,
        file: Path | str,
        *,
        most_kept: int = _MOST_KEPT,
        most_bytes: int = _MOST_BYTES,
        most_pages: int = _MOST_PAGES,
    ) -> None:
        self._most_kept, self._most_bytes = most_kept, most_bytes
        self._lock = threading.Lock()
        if str(file) != ":memory:":
            _claim(Path(file))
        try:
            self._connection = _opened(file, most_pages)
        except sqlite3.Error as error:
            raise InputError(_unusable(str(file), error)) from None

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def add(self, job: str, kind: str, request: str) -> None:
        """Queues a job, anew where it failed or was cancelled before."""
        sql = (
            f"insert into jobs (id, kind, request, state, used) values (?, ?, ?, 'queued', {_NEXT}) on conflict (id) "
            "do update set state = 'queued', answer = null, problems = '[]', begun = 0, used = excluded.used"
        )
        self._do(sql, job, kind, request)
        self._do(_CROWDED_OUT, self._most_kept, self._most_bytes)

    def job(self, job: str) -> Job | None:
        rows = self._do("select id, kind, request, state, problems from jobs where id = ?", job)
        return _job(rows[0]) if rows else None

    def answer(self, job: str) -> bytes | None:
        """The answer, JSON in the zlib format."""
        rows = self._do("select answer from jobs where id = ? and state = 'done'", job)
        if not rows:
            return None
        self.touch(job)
        found: bytes = rows[0][0]
        return found

    def touch(self, job: str) -> None:
        """Marks a job as the last one used, so that others make room before it."""
        with suppress(sqlite3.Error):  # a full disk can be read
            self._do(f"update jobs set used = {_NEXT} where id = ?", job)

    def running(self, job: str) -> None:
        self._do("update jobs set state = 'running', begun = begun + 1 where id = ?", job)

    def put_back(self, job: str) -> None:
        """A job that was begun waits again, as if it never had been."""
        self._do("update jobs set state = 'queued', begun = begun - 1 where id = ?", job)

    def finish(self, job: str, answer: bytes) -> None:
        """Keeps an answer, JSON in the zlib format."""
        self._do(f"update jobs set state = 'done', answer = ?, used = {_NEXT} where id = ?", answer, job)

    def fail(self, job: str, problems: list[dict[str, str]], state: str = "failed") -> None:
        self._do("update jobs set state = ?, problems = ? where id = ?", state, json.dumps(problems), job)

    def unfinished(self) -> list[Job]:
        """What a server that was stopped left undone, the oldest first; what ended it again and again, has failed."""
        left = "state in ('queued', 'running')"
        given_up = f"update jobs set state = 'failed', problems = ? where {left} and begun >= ?"
        with suppress(sqlite3.Error):  # a full disk; it is begun once more
            self._do(given_up, json.dumps([_GIVEN_UP]), _MOST_BEGUN)
        return [
            _job(row)
            for row in self._do(f"select id, kind, request, state, problems from jobs where {left} order by used")
        ]

    def _do(self, sql: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()


def _claim(file: Path) -> None:
    """Makes the file, or takes it over, for its owner's eyes only. Raises InputError for a link or another's file."""
    if sys.platform == "win32":  # where a user's cache is the user's own already
        return
    try:
        opened = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    except OSError as error:
        what = "it is a link" if file.is_symlink() else error.strerror or str(error)
        raise InputError(_unusable(str(file), what)) from None
    try:
        found = os.fstat(opened)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise InputError(_unusable(str(file), "it is not a file of yours"))
        os.fchmod(opened, 0o600)
    finally:
        os.close(opened)


def _opened(file: Path | str, most_pages: int) -> sqlite3.Connection:
    """The connection, alone with its file; the lock ends with the process, however that ends."""
    connection = sqlite3.connect(file, timeout=1.0, check_same_thread=False, isolation_level=None)
    try:
        connection.execute("pragma locking_mode=exclusive")
        connection.execute("begin exclusive")
        _begin_table(connection)
        connection.execute("commit")
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=normal")
        connection.execute(f"pragma journal_size_limit={16 * 2**20}")
        connection.execute(f"pragma max_page_count={most_pages}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _begin_table(connection: sqlite3.Connection) -> None:
    """Raises sqlite3.DatabaseError for a database that something else made."""
    (ours,) = connection.execute("pragma application_id").fetchone()
    (version,) = connection.execute("pragma user_version").fetchone()
    tables = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    if ours != _OURS and not tables <= {"jobs"}:
        raise sqlite3.DatabaseError("it is a database of another program")
    if version != _VERSION:
        connection.execute("drop table if exists jobs")
    connection.execute(_TABLE)
    connection.execute(f"pragma application_id={_OURS}")
    connection.execute(f"pragma user_version={_VERSION}")


def _unusable(file: str, error: sqlite3.Error | str) -> Problem:
    if "locked" in str(error):
        return Problem("another 'azygos serve' works with this file", f"--state {file}", "end it, or give another file")
    remedy = "make room on the disk" if "full" in str(error) else "give another file, or a new name"
    return Problem(f"the file of jobs cannot be used: {error}", f"--state {file}", remedy)


def _job(row: tuple[str, str, str, str, str]) -> Job:
    return Job(id=row[0], kind=row[1], request=row[2], state=row[3], problems=json.loads(row[4]))
