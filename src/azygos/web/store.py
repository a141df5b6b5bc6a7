"""Jobs and their answers in one SQLite file, so that a page can be loaded again and the server started again."""

import json
import sqlite3
import threading
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Job", "Store"]

_TABLE = """
create table if not exists jobs (
  id text primary key, kind text not null, request text not null, state text not null,
  answer blob, problems text not null default '[]', made real not null, used real not null)
"""
_MOST_KEPT = 400  # answers; the longest unused go first
_MOST_BYTES = 400 * 2**20  # of them all
_CROWDED_OUT = """
delete from jobs where state in ('done', 'failed', 'cancelled') and id in (
  select id from (
    select id, row_number() over newest as place, sum(coalesce(length(answer), 0)) over newest as bytes
    from jobs window newest as (order by used desc, id))
  where place > ? or bytes > ?)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A piece of work by its name. States: queued, running, done, failed, cancelled."""

    id: str
    kind: str
    request: str  # JSON
    state: str
    problems: list[dict[str, str]]


class Store:
    """The file; `:memory:` for none. Every thread may use it."""

    def __init__(self, file: Path | str, *, most_kept: int = _MOST_KEPT, most_bytes: int = _MOST_BYTES) -> None:
        self._most_kept, self._most_bytes = most_kept, most_bytes
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._connection.execute("pragma journal_mode=wal")
        self._connection.execute("pragma synchronous=normal")
        self._connection.execute(_TABLE)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def add(self, job: str, kind: str, request: str) -> None:
        """Queues a job, anew where it failed or was cancelled before."""
        now = time.time()
        sql = (
            "insert into jobs (id, kind, request, state, made, used) values (?, ?, ?, 'queued', ?, ?) "
            "on conflict (id) do update set state = 'queued', answer = null, problems = '[]', used = excluded.used"
        )
        self._do(sql, job, kind, request, now, now)
        self._do(_CROWDED_OUT, self._most_kept, self._most_bytes)

    def job(self, job: str) -> Job | None:
        rows = self._do("select id, kind, request, state, problems from jobs where id = ?", job)
        return _job(rows[0]) if rows else None

    def answer(self, job: str) -> bytes | None:
        """The answer, JSON in the zlib format."""
        rows = self._do("select answer from jobs where id = ? and state = 'done'", job)
        if not rows:
            return None
        self._do("update jobs set used = ? where id = ?", time.time(), job)
        found: bytes = rows[0][0]
        return found

    def running(self, job: str) -> None:
        self._do("update jobs set state = 'running' where id = ?", job)

    def finish(self, job: str, answer: dict[str, Any]) -> None:
        packed = zlib.compress(json.dumps(answer, allow_nan=False, separators=(",", ":")).encode(), 6)
        self._do("update jobs set state = 'done', answer = ?, used = ? where id = ?", packed, time.time(), job)

    def fail(self, job: str, problems: list[dict[str, str]], state: str = "failed") -> None:
        self._do("update jobs set state = ?, problems = ? where id = ?", state, json.dumps(problems), job)

    def unfinished(self) -> list[Job]:
        """What a server that was stopped left undone, the oldest first."""
        sql = "select id, kind, request, state, problems from jobs where state in ('queued', 'running') order by made"
        return [_job(row) for row in self._do(sql)]

    def _do(self, sql: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()


def _job(row: tuple[str, str, str, str, str]) -> Job:
    return Job(id=row[0], kind=row[1], request=row[2], state=row[3], problems=json.loads(row[4]))
