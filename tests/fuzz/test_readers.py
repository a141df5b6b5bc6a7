"""Every reader takes every file, however wrong, with nothing but InputError, and soon.

Seeded and short; `benchmarks/fuzz.py` goes on for as long as is asked, guided by coverage.
"""

import random
import time
from pathlib import Path

import pytest

from azygos.errors import InputError
from fuzz.mutations import mutated
from fuzz.targets import TARGETS

TRIALS = 25
LONGEST = 5.0  # [s] for one file


@pytest.mark.parametrize("name", TARGETS)
def test_a_file_made_wrong_is_refused_in_words_or_read(name: str, tmp_path: Path) -> None:
    target, chance = TARGETS[name], random.Random(name)
    for other, content in target.beside:
        (tmp_path / other).write_bytes(content)
    path = tmp_path / f"input{target.suffix}"
    for trial in range(TRIALS):
        path.write_bytes(mutated(target.seeds[trial % len(target.seeds)], chance))
        begun = time.perf_counter()
        try:
            target.read(path)
        except InputError as error:
            assert error.problems, "an InputError that says nothing"
        assert time.perf_counter() - begun < LONGEST


@pytest.mark.parametrize("name", TARGETS)
def test_the_files_fuzzing_starts_from_are_sound(name: str, tmp_path: Path) -> None:
    target = TARGETS[name]
    for other, content in target.beside:
        (tmp_path / other).write_bytes(content)
    for number, seed in enumerate(target.seeds[:3]):
        path = tmp_path / f"input{target.suffix}"
        path.write_bytes(seed)
        try:
            target.read(path)
        except InputError as error:
            pytest.fail(f"seed {number}: {error}")
