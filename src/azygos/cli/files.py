"""Writing results so that a file is there whole or not at all."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from azygos.errors import InputError, Problem

if TYPE_CHECKING:
    from azygos.body.body import Body
    from azygos.engine.solution import Solution

__all__ = ["FORMATS", "check_directory", "check_result", "whole", "write_directory", "write_result", "write_series"]

FORMATS = (".nc", ".zarr", ".csv", ".pvd")


def check_result(out: Path) -> None:
    """Raises InputError when a result cannot be written to `out`: said before anything is solved."""
    problems = []
    if out.suffix not in FORMATS:
        got = f"'{out.suffix}'" if out.suffix else "no suffix"
        problems.append(
            Problem(f"{got} names no format of a result", f"--out {out}", f"end it in one of {', '.join(FORMATS)}")
        )
    if not out.parent.is_dir():
        problems.append(Problem(f"there is no directory '{out.parent}'", f"--out {out}", "make it first"))
    else:
        problems += _unwritable(out.parent, f"--out {out}")
    if out.suffix != ".zarr" and out.is_dir():
        problems.append(Problem("it is a directory", f"--out {out}", "name a file"))
    if out.suffix == ".zarr" and out.exists() and not _is_zarr(out):
        problems.append(Problem("it exists and is not a zarr store", f"--out {out}", "name another, or remove it"))
    if problems:
        raise InputError(problems)


def check_directory(out: Path) -> None:
    """Raises InputError when `out` can be no directory to write to; it and those above it need not exist yet."""
    problems = _unwritable(out, f"--out {out}")
    if problems:
        raise InputError(problems)


def _unwritable(directory: Path, where: str) -> list[Problem]:
    """What keeps a file from being written in `directory`. Tried, since permissions do not say; nothing stays."""
    made: list[Path] = []
    try:
        for part in (*reversed(directory.parents), directory):
            if not part.exists():
                part.mkdir()
                made.append(part)
        with tempfile.NamedTemporaryFile(dir=directory):
            return []
    except NotADirectoryError as error:
        return [Problem(f"'{Path(error.filename).parent}' is not a directory", where, "name a directory")]
    except OSError as error:
        what = f"nothing can be written in the directory '{directory}': {error.strerror}"
        return [Problem(what, where, "name another")]
    finally:
        with suppress(OSError):  # somebody else has put something into it
            for part in reversed(made):
                part.rmdir()


def write_directory(out: Path, files: Mapping[str, str | bytes]) -> None:
    """Writes each text or bytes to its file in the directory `out`, made with those in it: all of them, or none.

    Other files stay. Raises OSError, naming the file that cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    with _room(out) as room:
        for name, held in files.items():
            with _named(out / name):
                (room / name).parent.mkdir(parents=True, exist_ok=True)
                (room / name).write_bytes(held.encode() if isinstance(held, str) else held)
        for name in files:
            with _named(out / name):
                (out / name).parent.mkdir(parents=True, exist_ok=True)
                (room / name).replace(out / name)


def write_result(solution: "Solution", out: Path, sources: str) -> None:
    """Writes a solution as NetCDF (.nc), zarr (.zarr) or a table (.csv), by the suffix of `out`.

    What it used is an attribute of the first two.
    """
    if out.suffix == ".csv":
        from azygos.exchange.fields import as_csv

        write_directory(out.parent, {out.name: as_csv(solution)})
        return
    dataset = solution.dataset.assign_attrs(sources=sources)
    if out.suffix == ".zarr":
        with whole(out) as unfinished:
            # Format 2: in format 3 neither texts nor consolidated metadata are standard yet.
            dataset.to_zarr(unfinished, mode="w", zarr_format=2, consolidated=True)
        return
    # Made in memory: HDF5 ends the program where the disk is full.
    write_directory(out.parent, {out.name: bytes(dataset.to_netcdf(engine="h5netcdf"))})


def write_series(solution: "Solution", body: "Body", out: Path) -> None:
    """Writes a body's solution as a series of VTK files, `out` (.pvd) and a folder beside it."""
    from azygos.exchange.vtk_series import series

    write_directory(out.parent, series(solution, body.drawing, body.kinds, out.stem))


@contextmanager
def whole(out: Path) -> Iterator[Path]:
    """A path beside `out` to write to; it takes the place of `out` when all went well, else it is removed."""
    with _named(out), _room(out.parent) as room:
        try:
            yield room / out.name
            if out.is_dir():  # a directory cannot be renamed onto another: the old one steps aside first
                out.rename(room / "old")
            (room / out.name).replace(out)
        finally:
            if (room / "old").exists() and not out.exists():
                (room / "old").rename(out)


@contextmanager
def _room(directory: Path) -> Iterator[Path]:
    """A folder in the directory for what is not finished, gone afterwards."""
    room = Path(tempfile.mkdtemp(prefix=".azygos.", dir=directory))
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """What the system would not do, said of the file that was asked for."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(file)) from None


def _is_zarr(path: Path) -> bool:
    return any((path / mark).is_file() for mark in (".zgroup", "zarr.json"))
