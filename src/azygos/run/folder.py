"""The folder of a run: what was asked for, the chunks done so far, and in the end the tables.

    manifest.json        what is run: cohort, seed, number of patients, versions, sources
    input/               the cohort's file and those that it names
    chunks/0000/         a file for each eight patients, under its name when it is whole
    tables/              patients, findings, ... as Parquet; there when the run is complete
    waveforms.zarr       where courses were asked for
    index.sqlite         how far the run is; made anew from the chunks when it is lost
    lock                 held by the process that runs

Every file is written beside its place, flushed to the disk and then renamed: whatever is killed, and whenever, a file
that is there is whole. The chunks are the truth; all else can be made from them.
"""

import json
import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azygos.errors import InputError, Problem
from azygos.run.chunk import PATIENTS, chunks_of
from azygos.run.tables import TABLES

__all__ = ["FORMAT", "MOST", "Folder", "RunStopped", "durable"]

FORMAT = "azygos-run/1"
MOST = 100_000_000  # patients: the numbers of chunks take a gigabyte then
_SAYS: Mapping[str, type | tuple[type, ...]] = {
    "patients": int, "seed": int, "cohort": str, "title": str, "note": str, "visits": list, "looks": list,
    "sham": bool, "waveforms": (dict, type(None)), "cohort_hash": str, "versions": dict,
}  # fmt: skip
_MAGIC = b"PAR1"  # the last four bytes of a Parquet file
_A_FOLDER_HOLDS = 1000  # chunks
_BEHIND = 2**30  # [bytes] longer than any lock file
_UNFINISHED = re.compile(r"\..+\.\d+")  # what a process of that number was writing
_CHUNK = re.compile(r"\d{8}\.parquet")


class RunStopped(Exception):
    """A run that ended before its end: why, and what to do. What was done stays done."""


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path

    @property
    def manifest(self) -> dict[str, Any]:
        """Raises InputError where there is no run."""
        try:
            found: dict[str, Any] = json.loads((self.path / "manifest.json").read_text(encoding="utf-8"))
            if found["format"] != FORMAT:
                what = f"its format is '{found['format']}'"
            elif wrong := [name for name, kind in _SAYS.items() if not isinstance(found.get(name), kind)]:
                what = f"its manifest.json does not say what it should of {', '.join(wrong)}"
            else:
                return found
        except FileNotFoundError:
            what = "there is no manifest.json in it"
        except NotADirectoryError:
            what = "it is no folder"
        except (ValueError, KeyError, TypeError, RecursionError):
            what = "its manifest.json cannot be read"
        raise InputError(Problem(f"no run: {what}", str(self.path), "begin one with 'azygos cohort run COHORT --out'"))

    @classmethod
    def made(cls, path: Path, manifest: Mapping[str, Any], inputs: Mapping[str, str]) -> "Folder":
        """A new run. Raises InputError where there is one already, or something else."""
        folder = cls(path)
        folder._refuse_run()
        if path.exists() and (not path.is_dir() or any(not _is_ours(entry.name) for entry in path.iterdir())):
            raise InputError(Problem("there is something else in it", str(path), "name a new folder, or an empty one"))
        path.mkdir(parents=True, exist_ok=True)
        with folder.held():
            folder._refuse_run()  # that somebody began just now
            (path / "input").mkdir(exist_ok=True)
            for name, text in inputs.items():
                durable(path / "input" / name, text.encode())
            durable(path / "manifest.json", (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode())
        return folder

    def _refuse_run(self) -> None:
        if (self.path / "manifest.json").exists():
            remedy = f"go on with it by 'azygos cohort resume {self.path}', or name another folder"
            raise InputError(Problem("there is a run in it already", str(self.path), remedy))

    @property
    def n(self) -> int:
        return int(self.manifest["patients"])

    @property
    def tables(self) -> Path:
        return self.path / "tables"

    @property
    def is_complete(self) -> bool:
        """Whether all that was asked for is there, and every table ends as one does."""
        return self.has_courses and all(_is_whole(self.tables / f"{name}.parquet") for name in TABLES)

    @property
    def courses(self) -> Path:
        return self.path / "waveforms.zarr"

    @property
    def has_courses(self) -> bool:
        """Whether the waveforms are there, where they were asked for."""
        return self.manifest.get("waveforms") is None or (self.courses / ".zgroup").is_file()

    def chunk(self, number: int) -> Path:
        return self.path / "chunks" / f"{number // _A_FOLDER_HOLDS:04d}" / f"{number:08d}.parquet"

    def put(self, number: int, data: bytes) -> None:
        """Writes a chunk."""
        path = self.chunk(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        durable(path, data)

    def there(self) -> set[int]:
        """The chunks that are whole by their last bytes; those that are not, and unfinished files, are taken away.

        Only for whom holds the lock. What no run has written is left alone.
        """
        for path in (*self.path.glob(".*"), *self.path.glob("chunks/*/.*")):
            if _UNFINISHED.fullmatch(path.name):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        found = set()
        for path in self.path.glob("chunks/*/*.parquet"):
            if _CHUNK.fullmatch(path.name):
                if _is_whole(path):
                    found.add(int(path.stem))
                else:
                    path.unlink()
        return {number for number in found if number < chunks_of(self.n)}

    def count(self) -> int:
        """How many chunks there are, without looking into them."""
        return sum(1 for _ in self.path.glob("chunks/*/*.parquet"))

    @property
    def done(self) -> int:
        """How many patients there are, by the number of chunks, which nobody needs once the tables are there."""
        return self.n if self.is_complete else min(self.count() * PATIENTS, self.n)

    @property
    def is_held(self) -> bool:
        """Whether somebody runs it at this moment; asks for reading alone, so that whoever may read may ask."""
        try:
            with (self.path / "lock").open(encoding="utf-8") as file:
                return not _locked(file.fileno(), shared=True)
        except FileNotFoundError:
            return False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Holds the run's lock; it is free again when this process has ended, however. Raises InputError."""
        with (self.path / "lock").open("a+", encoding="utf-8") as file:
            if not _locked(file.fileno()):
                file.seek(0)
                what = f"somebody runs it at this moment: {file.read().strip() or 'another process'}"
                raise InputError(Problem(what, str(self.path), "wait for that, or stop it first"))
            file.truncate(0)
            file.write(f"process {os.getpid()} on {platform.node()}\n")
            file.flush()
            yield


def _locked(handle: int, *, shared: bool = False) -> bool:
    """Whether the lock could be had. Somebody who only asks holds it for a moment, so it is tried again."""
    for pause in (0.02, 0.1, 0.3, None):
        try:
            _lock(handle, shared=shared)
            return True
        except (BlockingIOError, PermissionError):
            if pause is not None and not shared:
                time.sleep(pause)
    return False


if sys.platform == "win32":

    def _lock(handle: int, *, shared: bool) -> None:
        """There is no shared lock there. A byte far behind the file's end is locked: what is locked cannot be read."""
        import msvcrt

        os.lseek(handle, _BEHIND, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(handle, 0, os.SEEK_SET)

else:

    def _lock(handle: int, *, shared: bool) -> None:
        import fcntl

        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


def _is_ours(name: str) -> bool:
    """Whether a run that was killed before its manifest was there may have left a file of this name."""
    return name in ("lock", "input") or (name.startswith(".manifest.json.") and bool(_UNFINISHED.fullmatch(name)))


def _is_whole(path: Path) -> bool:
    """Whether a Parquet file is there and ends as one does. What is inside is checked when it is read."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size < 12:
            return False
        file.seek(-8, os.SEEK_END)
        length, magic = int.from_bytes(file.read(4), "little"), file.read(4)
        return magic == _MAGIC and length + 12 <= size


def durable(path: Path, data: bytes) -> None:
    """Writes a file so that it is there whole or not at all, even if the power fails just then."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        _sync_folder(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _sync_folder(path: Path) -> None:
    """A new name lasts when its folder has been flushed, too; Windows opens no folder, and sees to its names itself."""
    if sys.platform == "win32":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
