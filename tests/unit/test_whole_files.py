"""Files are there whole or not at all, and what the system would not do is said of the file that was asked for."""

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from azygos.cli.files import whole, write_directory, write_result
from azygos.engine.keep import Keep
from azygos.engine.solve import simulate
from azygos.exchange.whole import write_texts
from networks import closed_loop


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk on which the second file no longer fits; as of a real one, the error names no file."""
    written = []

    def holding(write: Callable[..., int]) -> Callable[..., int]:
        def held(path: Path, *args: object, **options: object) -> int:
            written.append(path)
            if len(written) > 1:
                raise OSError(errno.ENOSPC, "No space left on device")
            return write(path, *args, **options)

        return held

    monkeypatch.setattr(Path, "write_text", holding(Path.write_text))
    monkeypatch.setattr(Path, "write_bytes", holding(Path.write_bytes))


@pytest.mark.parametrize("write", [write_texts, lambda files: write_directory(next(iter(files)).parent, {
    file.name: text for file, text in files.items()})])  # fmt: skip
def test_of_two_files_neither_is_written_where_one_does_not_fit(tmp_path: Path, write, full: None) -> None:
    first, second = tmp_path / "tree_inlet.dat", tmp_path / "tree.yaml"
    with pytest.raises(OSError, match="No space left") as refused:
        write({first: "new", second: "new"})
    assert refused.value.filename == str(second)
    assert not list(tmp_path.iterdir())


def test_what_was_there_stays_where_the_new_does_not_fit(tmp_path: Path) -> None:
    (tmp_path / "result.zarr").write_text("old")
    with pytest.raises(OSError, match=r"result\.zarr") as refused, whole(tmp_path / "result.zarr"):
        raise OSError(errno.ENOSPC, "No space left on device", "some temporary name")
    assert refused.value.filename == str(tmp_path / "result.zarr")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("result.zarr", "old")]


def test_a_result_as_netcdf_is_made_in_memory_for_hdf5_dies_on_a_full_disk(tmp_path: Path, monkeypatch) -> None:
    solution = simulate(closed_loop(), duration=0.02, keep=Keep(stations=(0.0, 1.0)))
    opened: list[object] = []
    to_netcdf = type(solution.dataset).to_netcdf
    monkeypatch.setattr(
        type(solution.dataset), "to_netcdf",
        lambda self, path=None, **options: (opened.append(path), to_netcdf(self, path, **options))[1],
    )  # fmt: skip
    write_result(solution, tmp_path / "beat.nc", "[]")
    assert opened == [None] and (tmp_path / "beat.nc").stat().st_size > 1000
