"""Texts of a user read by the strict readers of files, which take paths: they lie in a folder of their own meanwhile,
under names that are made here, so that nothing of a request ever is a path."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from azygos.errors import InputError
from azygos.web.study_requests import File

__all__ = ["SUFFIXES", "laid_out", "spoken"]

SUFFIXES = (".csv", ".json", ".yaml", ".txt", ".html")  # by which a reader tells what it is given


@contextmanager
def laid_out(files: Sequence[File], *, usual: str) -> Iterator[tuple[Path, list[Path]]]:
    """The folder and the files in it, in order; `usual` is the suffix of one whose name has none of SUFFIXES.

    Problems that are raised inside are told with the user's names instead of the paths.
    """
    with TemporaryDirectory(prefix="azygos-") as name:
        folder, paths = Path(name).resolve(), list[Path]()
        for number, file in enumerate(files, start=1):
            suffix = next((one for one in SUFFIXES if file.name.lower().endswith(one)), usual)
            path = folder / f"{number}{suffix}"
            path.write_text(file.text, encoding="utf-8", errors="surrogatepass", newline="")
            paths.append(path)
        try:
            yield folder, paths
        except InputError as error:
            names = {str(path): file.name for path, file in zip(paths, files, strict=True)} | {
                str(folder): "the tables"
            }
            raise spoken(error, names) from None


def spoken(error: InputError, names: dict[str, str]) -> InputError:
    """The same problems with other words for some of their parts, the longest first."""

    def told(text: str) -> str:
        for path in sorted(names, key=len, reverse=True):
            text = text.replace(path, names[path])
        return text

    return InputError(
        [replace(one, what=told(one.what), where=told(one.where), remedy=told(one.remedy)) for one in error.problems]
    )
