"""Two copies of one report: whether they are, and what one has that the other has not.

Copies share runs of words. The runs of five words of each text (shingles) are compared as sets, by resemblance
|A and B| / |A or B| and containment |A and B| / min(|A|, |B|) (Broder 1997, Compression and Complexity of Sequences).
Then every sentence is laid beside the one most like it.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from azygos.audit.article import Article, Read

__all__ = ["THRESHOLD", "Copies", "Lost", "Pairing", "Piece", "compared"]

RUN = 5  # words of a shingle
THRESHOLD = 0.2  # containment from which two texts are copies; unrelated reports share under 0.02 (assumed)
SIMILAR = 0.5  # words that two sentences must share, of all of both, to be versions of one (assumed)
MOST_PLACES = 20  # a run of words in more sentences than this tells nothing about which
MOST_ALIKE = 20  # sentences that one is compared with word by word
_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*%?", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a sentence: kept, dropped from the first copy or added in the second."""

    state: str  # kept, dropped, added
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """A sentence of the first copy beside the one of the second, or alone."""

    state: str  # kept, changed, dropped, added
    first: int | None = None  # sentence numbers
    second: int | None = None
    pieces: tuple[Piece, ...] = ()
    numbers_dropped: tuple[str, ...] = ()
    numbers_added: tuple[str, ...] = ()
    cautions_dropped: tuple[str, ...] = ()
    hedges_dropped: tuple[str, ...] = ()
    strong_added: tuple[str, ...] = ()
    speaker_dropped: str = ""

    @property
    def matters(self) -> bool:
        """Whether a number, caution, hedge or speaker went or changed, or a strong word came."""
        return bool(
            self.numbers_dropped or self.numbers_added or self.cautions_dropped or self.hedges_dropped
            or self.strong_added or self.speaker_dropped
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """What one copy has that is nowhere in the other."""

    numbers: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    told: tuple[str, ...] = ()  # of what a reader needs

    def __bool__(self) -> bool:
        return bool(self.numbers or self.speakers or self.cautions or self.told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """Two texts compared."""

    first: str  # names
    second: str
    resemblance: float
    containment: float
    pairings: tuple[Pairing, ...] = ()
    dropped: Lost = Lost()  # only in the first
    added: Lost = Lost()  # only in the second

    @property
    def are_copies(self) -> bool:
        return self.containment >= THRESHOLD


def compared(first: Article, second: Article) -> Copies:
    """Whether two texts are copies of one report and, if they are, what differs."""
    words = [[_words(read.sentence.text) for read in article.sentences] for article in (first, second)]
    one, other = (_runs(word for sentence in text for word in sentence) for text in words)
    common = len(one & other)
    smaller, all_of_both = min(len(one), len(other)), len(one | other)
    found = Copies(
        first=first.name,
        second=second.name,
        resemblance=common / all_of_both if all_of_both else 0.0,
        containment=common / smaller if smaller else 0.0,
    )
    if not found.are_copies:
        return found
    pairings = tuple(_pairings(first, second, words[0], words[1]))
    return replace(found, pairings=pairings, dropped=_only_in(first, second), added=_only_in(second, first))


def _only_in(one: Article, other: Article) -> Lost:
    """What the one has that the other has nowhere."""
    both = (one, other)
    numbers = [{key: text for read in a.sentences for key, text in _numbers(read).items()} for a in both]
    named = [dict.fromkeys(name for read in a.sentences if (name := _heard(read))) for a in both]
    held_back = [dict.fromkeys(word.lower() for read in a.sentences for word in read.cautions) for a in both]
    return Lost(
        numbers=tuple(text for key, text in numbers[0].items() if key not in numbers[1]),
        speakers=tuple(name for name in named[0] if name not in named[1]),
        cautions=tuple(word for word in held_back[0] if word not in held_back[1]),
        told=tuple(name for name in other.not_told if name not in one.not_told),
    )


def _heard(read: Read) -> str:
    """Who speaks a sentence by name."""
    return read.speaker.name if read.speaker and not read.speaker.how.startswith("a group") else ""


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text.replace("’", "'"))]


def _runs(words: Iterator[str]) -> set[int]:
    """The runs of RUN words, as hashes; of a shorter text the whole."""
    found: set[int] = set()
    window: list[str] = []
    for word in words:
        window = [*window[1 - RUN :], word]
        if len(window) == RUN:
            found.add(hash(tuple(window)))
    return found or ({hash(tuple(window))} if window else set())


def _pairings(
    first: Article, second: Article, one: Sequence[list[str]], other: Sequence[list[str]]
) -> Iterator[Pairing]:
    """All sentences of the first in their order, then those that only the second has, at their places."""
    partner = _partners(one, other)
    taken = set(partner.values())
    at = 0
    for i, read in enumerate(first.sentences):
        j = partner.get(i)
        while j is not None and at < j:  # what was added before this sentence
            if at not in taken:
                yield _added(second.sentences[at])
            at += 1
        if j is None:
            yield _dropped(read)
        else:
            at = max(at, j + 1)
            yield _both(read, second.sentences[j])
    for j in range(at, len(second.sentences)):
        if j not in taken:
            yield _added(second.sentences[j])


def _partners(one: Sequence[list[str]], other: Sequence[list[str]]) -> dict[int, int]:
    """For sentences of the first their version in the second: pairs by likeness, the most alike first."""
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for j, words in enumerate(other):
        for run in _short_runs(words):
            places[run].append(j)
    scored: list[tuple[float, int, int]] = []
    for i, words in enumerate(one):
        votes: dict[int, int] = defaultdict(int)
        for run in _short_runs(words):
            if len(places.get(run, ())) <= MOST_PLACES:
                for j in places.get(run, ()):
                    votes[j] += 1
        for j in sorted(votes, key=lambda j: (-votes[j], abs(i - j)))[:MOST_ALIKE]:
            likeness = _likeness(words, other[j])
            if likeness >= SIMILAR:
                scored.append((likeness, i, j))
    partner: dict[int, int] = {}
    used: set[int] = set()
    for _, i, j in sorted(scored, key=lambda one: (-one[0], abs(one[1] - one[2]))):
        if i not in partner and j not in used:
            partner[i] = j
            used.add(j)
    return partner


def _short_runs(words: list[str]) -> set[tuple[str, ...]]:
    """Runs of two words; a sentence of one word is its own."""
    return {tuple(words[k : k + 2]) for k in range(max(len(words) - 1, 1))} if words else set()


def _likeness(one: list[str], other: list[str]) -> float:
    """Shared words of all words of both, or nine tenths of the share of the shorter that the longer holds."""
    if not one or not other:
        return 0.0
    a, b = set(one), set(other)
    common = len(a & b)
    shorter = min(len(a), len(b))
    inside = 0.9 * common / shorter if shorter >= 6 else 0.0
    return max(2.0 * common / (len(a) + len(b)), inside)


# ---------------------------------------------------------------------------------------------------------------
# one pair


def _numbers(read: Read) -> dict[str, str]:
    """The numbers of a sentence by what they say: `~60 %` is not `60 %`."""
    found = (number.mention for number in read.numbers)
    return {
        f"{m.relation}{m.count}/{m.of}/{m.percent}/{m.value}/{m.upper}": m.text
        for m in found
        if m.kind not in ("vague", "date")
    }


def _both(first: Read, second: Read) -> Pairing:
    one, other = _numbers(first), _numbers(second)
    is_same = _words(first.sentence.text) == _words(second.sentence.text)
    hedges = {n.mention.hedge for n in first.numbers} - {n.mention.hedge for n in second.numbers} - {""}
    return Pairing(
        state="kept" if is_same else "changed",
        first=first.sentence.number,
        second=second.sentence.number,
        pieces=() if is_same else tuple(_pieces(first.sentence.text, second.sentence.text)),
        numbers_dropped=tuple(text for key, text in one.items() if key not in other),
        numbers_added=tuple(text for key, text in other.items() if key not in one),
        cautions_dropped=tuple(word for word in first.cautions if word not in second.cautions),
        hedges_dropped=tuple(sorted(hedges)),
        strong_added=tuple(word for word in second.strong if word not in first.strong),
        speaker_dropped=first.speaker.name if first.speaker and not second.speaker else "",
    )


def _pieces(first: str, second: str) -> Iterator[Piece]:
    """The words of both in one line."""
    a, b = first.split(), second.split()
    for tag, i1, i2, j1, j2 in SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("kept", " ".join(a[i1:i2]))
        else:
            if i2 > i1:
                yield Piece("dropped", " ".join(a[i1:i2]))
            if j2 > j1:
                yield Piece("added", " ".join(b[j1:j2]))


def _dropped(read: Read) -> Pairing:
    return Pairing(
        state="dropped",
        first=read.sentence.number,
        numbers_dropped=tuple(_numbers(read).values()),
        cautions_dropped=read.cautions,
        speaker_dropped=read.speaker.name if read.speaker else "",
    )


def _added(read: Read) -> Pairing:
    return Pairing(
        state="added",
        second=read.sentence.number,
        numbers_added=tuple(_numbers(read).values()),
        strong_added=read.strong,
    )
