"""Writing results so that a file is there whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from azygos.errors import InputError, Problem

if TYPE_CHECKING:
    from azygos.engine.solution import Solution

__all__ = ["FORMATS", "check_directory", "check_result", "write_directory", "write_result"]

FORMATS = (".nc", ".zarr")


def check_result(out: Path) -> None:
    """Raises InputError when a result cannot be written to `out`: said before anything is solved."""
    problems = []
    if out.suffix not in FORMATS:
        got = f"'{out.suffix}'" if out.suffix else "no suffix"
        problems.append(Problem(f"{got} names no format of a result", f"--out {out}", "end it in .nc or .zarr"))
    if not out.parent.is_dir():
        problems.append(Problem(f"there is no directory '{out.parent}'", f"--out {out}", "make it first"))
    elif not os.access(out.parent, os.W_OK):
        problems.append(Problem(f"the directory '{out.parent}' cannot be written to", f"--out {out}"))
    if out.suffix == ".nc" and out.is_dir():
        problems.append(Problem("it is a directory", f"--out {out}", "name a file"))
    if out.suffix == ".zarr" and out.exists() and not _is_zarr(out):
        problems.append(Problem("it exists and is not a zarr store", f"--out {out}", "name another, or remove it"))
    if problems:
        raise InputError(problems)


def check_directory(out: Path) -> None:
    """Raises InputError when `out` can be no directory to write to; it and those above it need not exist yet."""
    above = out
    while not above.exists() and above != above.parent:
        above = above.parent
    if not above.is_dir():
        raise InputError(Problem(f"'{above}' is not a directory", f"--out {out}", "name a directory"))
    if not os.access(above, os.W_OK):
        raise InputError(Problem(f"the directory '{above}' cannot be written to", f"--out {out}"))


def write_directory(out: Path, texts: Mapping[str, str]) -> None:
    """Writes each text to its file in the directory `out`, which is made; other files in it stay."""
    out.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        with _whole(out / name) as unfinished:
            unfinished.write_text(text, encoding="utf-8")


def write_result(solution: "Solution", out: Path) -> None:
    """Writes a solution as NetCDF (.nc) or zarr (.zarr), by the suffix of `out`."""
    _WRITERS[out.suffix](solution, out)


def _write_netcdf(solution: "Solution", out: Path) -> None:
    with _whole(out) as unfinished:
        solution.dataset.to_netcdf(unfinished, engine="h5netcdf")


def _write_zarr(solution: "Solution", out: Path) -> None:
    with _whole(out) as unfinished:
        # Format 2: in format 3 neither texts nor consolidated metadata are standard yet.
        solution.dataset.to_zarr(unfinished, mode="w", zarr_format=2, consolidated=True)


_WRITERS: Mapping[str, Callable[["Solution", Path], None]] = {".nc": _write_netcdf, ".zarr": _write_zarr}


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """A path beside `out` to write to; it takes the place of `out` when all went well, else it is removed."""
    room = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    unfinished = room / out.name
    try:
        yield unfinished
        if out.is_dir():  # a directory cannot be renamed onto another: the old one steps aside first
            out.rename(room / "old")
        unfinished.replace(out)
    finally:
        if (room / "old").exists() and not out.exists():
            (room / "old").rename(out)
        shutil.rmtree(room, ignore_errors=True)


def _is_zarr(path: Path) -> bool:
    return any((path / mark).is_file() for mark in (".zgroup", "zarr.json"))
