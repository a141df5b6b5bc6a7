"""Files made wrong: a line, a word or a byte of a good one changed, from a seed."""

import random
import re

NASTY = (
    "", "~", "null", "nan", "-inf", "1e999", "1e-400", "-1", "0", "9" * 400, "1" + "0" * 5000, "0x10", "1_000", "true",
    "{}", "[]", "[[[[]]]]", "&a [*a, *a]", "*a", "!!python/object:os.system", "\x00", "\x85", "é" * 50, "%", "12 mmHg",
    "-5 mm", "1 / 0", "a" * 3000, "- - - -", "? x", "<<: *a", "'", '"',
)  # fmt: skip
WORD = re.compile(rb"[\w.+-]+")


def mutated(seed: bytes, chance: random.Random) -> bytes:
    """`seed` with one to four things changed."""
    data = seed
    for _ in range(chance.randint(1, 4)):
        data = chance.choice((_word, _word, _word, _line, _swap, _byte, _cut))(data, chance)
    return data


def _word(data: bytes, chance: random.Random) -> bytes:
    words = list(WORD.finditer(data))
    if not words:
        return data
    word = chance.choice(words)
    other = chance.choice(words).group() if chance.random() < 0.3 else chance.choice(NASTY).encode()
    return data[: word.start()] + other + data[word.end() :]


def _line(data: bytes, chance: random.Random) -> bytes:
    """A line left out, or given twice."""
    lines = data.splitlines(keepends=True)
    place = chance.randrange(len(lines)) if lines else 0
    return b"".join(lines[:place] + lines[place : place + 1] * chance.choice((0, 2)) + lines[place + 1 :])


def _swap(data: bytes, chance: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    chance.shuffle(lines)
    return b"".join(lines) if chance.random() < 0.2 else data.replace(b": ", b":\n ", 1)


def _byte(data: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(data) + 1)
    return data[:place] + bytes([chance.randrange(256)]) + data[place + chance.randint(0, 1) :]


def _cut(data: bytes, chance: random.Random) -> bytes:
    first, last = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
    return data[:first] if chance.random() < 0.5 else data[:first] + data[last:]
