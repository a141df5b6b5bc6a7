"""Every reader takes every file, however wrong, with nothing but InputError, and soon.

Seeded and short; `benchmarks/fuzz.py` goes on for as long as is asked, guided by coverage.
"""

import random
import re
import time
from pathlib import Path

import pytest

from azygos.errors import InputError
from fuzz.mutations import mutated
from fuzz.targets import TARGETS

TRIALS = 25
LONGEST = 5.0  # [s] of the processor for one file


@pytest.mark.parametrize("name", TARGETS)
def test_a_file_made_wrong_is_refused_in_words_or_read(name: str, tmp_path: Path) -> None:
    target, chance = TARGETS[name], random.Random(name)
    for other, content in target.beside:
        (tmp_path / other).write_bytes(content)
    path = tmp_path / f"input{target.suffix}"
    for trial in range(TRIALS):
        path.write_bytes(mutated(target.seeds[trial % len(target.seeds)], chance))
        begun = time.process_time()
        try:
            target.read(path)
        except InputError as error:
            assert error.problems, "an InputError that says nothing"
        assert time.process_time() - begun < LONGEST


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


DEEP = b"[" * 100_000 + b"]" * 100_000
ALIASES = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (98 + i, 98 + i, b",".join([b"*%c" % (97 + i)] * 9)) for i in range(12)
)
DIGITS = b"1" * 10_000
BOMBS = {
    "nested": lambda seed: DEEP,
    "aliases of aliases": lambda seed: ALIASES,
    "a number of 10 000 digits": lambda seed: b'{"a": ' + DIGITS + b"}",
    "numbers of 10 000 digits": lambda seed: re.sub(rb"\b\d+\b", DIGITS, seed),
    "numbers too large": lambda seed: re.sub(rb"\b\d+\.?\d*\b", b"1e308", seed),
    "numbers too small": lambda seed: re.sub(rb"\b\d+\.?\d*\b", b"1e-308", seed),
    "no numbers": lambda seed: re.sub(rb"\b\d+\.?\d*\b", b"nan", seed),
    "below zero": lambda seed: re.sub(rb"\b(\d+\.?\d*)\b", rb"-\1", seed),
    "tags left open": lambda seed: b"<a>" * 50_000,
    "one long line": lambda seed: b"a" * 300_000,
    "nothing": lambda seed: b"",
    "nulls": lambda seed: b"\0" * 1000,
    "another encoding": lambda seed: seed.decode("utf-8", "replace").encode("utf-16"),
    "half a letter": lambda seed: seed.replace(b"a", b"\\ud800"),
}


@pytest.mark.parametrize("name", TARGETS)
def test_a_bomb_is_refused_in_words_or_read(name: str, tmp_path: Path) -> None:
    target = TARGETS[name]
    for other, content in target.beside:
        (tmp_path / other).write_bytes(content)
    path = tmp_path / f"input{target.suffix}"
    for bomb, made in BOMBS.items():
        path.write_bytes(made(target.seeds[0]))
        begun = time.process_time()
        try:
            target.read(path)
        except InputError as error:
            assert error.problems, bomb
        assert time.process_time() - begun < LONGEST, bomb
