"""The lock of a run, also as Windows has it: tried here with a stand-in for its `msvcrt`, which no other system has."""

import errno
import os
import platform
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from azygos.errors import InputError
from azygos.run import folder


class Locks:
    """`msvcrt.locking`: a byte at the place where a file stands is one holder's, until that closes the file."""

    LK_NBLCK = 2

    def __init__(self):
        self.held = {}  # (file, byte) -> handle

    def locking(self, handle, mode, bytes_):
        assert (mode, bytes_) == (self.LK_NBLCK, 1)
        place = os.fstat(handle).st_ino, os.lseek(handle, 0, os.SEEK_CUR)
        assert place[1] > 1000  # what is locked cannot be read there
        if place in self.held:
            raise PermissionError(errno.EACCES, "locked")
        self.held[place] = handle


@pytest.fixture
def windows(monkeypatch):
    """The module as it is there: a copy, so that nobody else is given it."""
    monkeypatch.setitem(sys.modules, "msvcrt", Locks())
    spec = spec_from_file_location("folder_of_windows", folder.__file__)
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    with monkeypatch.context() as there:
        there.setattr(sys, "platform", "win32")
        spec.loader.exec_module(module)
        yield module


def test_a_lock_of_windows_is_one_holders_says_whose_and_can_be_asked_for(windows, tmp_path):
    run = windows.Folder(tmp_path)
    with run.held():
        assert run.is_held
        with pytest.raises(InputError, match=f"process {os.getpid()} on {platform.node()}"), run.held():
            pass
    sys.modules["msvcrt"].held.clear()  # as the system does when a file is closed
    assert not run.is_held
    sys.modules["msvcrt"].held.clear()
    with run.held():
        assert (tmp_path / "lock").read_text() == f"process {os.getpid()} on {platform.node()}\n"


def test_a_file_that_windows_must_keep_is_written_without_opening_its_folder(windows, tmp_path, monkeypatch):
    opened = os.open

    def only_files(path, *rest, **named):
        assert not Path(path).is_dir()
        return opened(path, *rest, **named)

    monkeypatch.setattr(os, "open", only_files)
    windows.durable(tmp_path / "kept", b"whole")
    assert (tmp_path / "kept").read_bytes() == b"whole"
