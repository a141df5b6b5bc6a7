"""A page of text cut into sentences, each with its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["LARGEST", "Sentence", "sentences"]

LARGEST = 1_000_000  # characters of a text
LONGEST = 2_000  # characters of a sentence: a longer one is cut, so that work per sentence is bounded
HEADING = 0.6  # of the longest line: a line that ends earlier was not broken for want of room (assumed)
ABBREVIATIONS = frozenset(
    {"dr", "prof", "mr", "mrs", "ms", "st", "sr", "jr", "vs", "etc", "eg", "e.g", "i.e", "cf", "al", "no", "fig",
     "approx", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "u.s", "u.k",
     "m.d", "ph.d", "inc", "ltd", "co", "dept", "univ", "vol", "ref", "p", "pp", "n", "ca", "v"}
)  # fmt: skip
_END = re.compile(r"[.!?]+[\"”’'»)\]]*(?=\s)")
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_LETTER = re.compile(r"[^\W_]")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence: its number from 1, its line in the text, and its words with single spaces."""

    number: int
    line: int
    text: str
    paragraph: int = 1


def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text, in order. Headlines and list items are sentences of their own."""
    found: list[Sentence] = []
    line, at = 1, 0
    for start, end, paragraph in _spans(text):
        words = _SPACE.sub(" ", text[start:end]).strip()
        if not _LETTER.search(words):
            continue
        begin = start + len(text[start:end]) - len(text[start:end].lstrip())
        line, at = line + text.count("\n", at, begin), begin
        found.append(Sentence(number=len(found) + 1, line=line, text=words, paragraph=paragraph))
    return tuple(found)


def _spans(text: str) -> Iterator[tuple[int, int, int]]:
    """Start, end and paragraph of each sentence."""
    start = 0
    gaps = sorted({*(m.span() for m in _PARAGRAPH.finditer(text)), *_headings(text)})
    for number, gap in enumerate((*gaps, (len(text), len(text))), start=1):
        if gap[0] < start:
            continue
        for first, last in _within(text, start, gap[0]):
            for cut in range(first, last, LONGEST):
                yield cut, min(cut + LONGEST, last), number
        start = gap[1]


def _headings(text: str) -> Iterator[tuple[int, int]]:
    """The line ends behind lines that stop short without a stop: headlines, by-lines and items of lists."""
    lines = text.split("\n")
    short = HEADING * max(map(len, lines))
    at = 0
    for line in lines[:-1]:
        at += len(line) + 1
        words = line.rstrip()
        if words and len(words) < short and words[-1] not in '.!?,;:"”’)':
            yield at - 1, at


def _within(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Sentences of one paragraph."""
    for mark in _END.finditer(text, start, end):
        if mark.start() >= start and _ends_here(text, start, mark):
            yield start, mark.end()
            start = mark.end()
    if start < end:
        yield start, end


def _ends_here(text: str, start: int, mark: re.Match[str]) -> bool:
    """Whether a stop ends a sentence: not after an abbreviation or initial, nor before a small letter."""
    following = text[mark.end() : mark.end() + 40].lstrip()
    if following[:1].islower():
        return False
    if mark[0][0] != ".":
        return True
    before = text[max(start, mark.start() - 20) : mark.start()].split()
    last = before[-1].lower().lstrip("(\"“‘'[") if before else ""
    is_initial = len(last) == 1 and last.isalpha() and last != "i"
    return not (is_initial or last in ABBREVIATIONS)
