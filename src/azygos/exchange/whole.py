"""Texts written so that their files are there whole or not at all."""

import os
from collections.abc import Mapping
from pathlib import Path

__all__ = ["write_texts"]


def write_texts(files: Mapping[Path, str]) -> None:
    """Writes each text to its file: all, or none where one cannot be written. Raises OSError, naming that one."""
    unfinished = {file: file.with_name(f".{file.name}.{os.getpid()}") for file in files}
    try:
        for file, text in files.items():
            try:
                unfinished[file].write_text(text, encoding="utf-8", newline="\n")
            except OSError as error:
                raise OSError(error.errno, error.strerror, str(file)) from None
        for file in files:
            unfinished[file].replace(file)
    finally:
        for partial in unfinished.values():
            partial.unlink(missing_ok=True)
