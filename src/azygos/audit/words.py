"""The words of a sentence, each with a letter for its class, numbers in words read as numbers.

The rules that pull numbers out of a text are regular expressions on those letters (mentions.py): "48 of the 89
patients" is spelled `NotNP`. So a rule can be read, and none can take long.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

__all__ = ["FRACTIONS", "Word", "spelling", "words"]

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
TENTHS = "twenty thirty forty fifty sixty seventy eighty ninety"
SMALL = {word: i for i, word in enumerate(ONES.split())}
TENS = {word: 10 * i for i, word in enumerate(TENTHS.split(), start=2)}
LARGE = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "dozen": 12}
NUMERALS = frozenset({*SMALL, *TENS, *LARGE})
FRACTIONS: Mapping[str, float] = MappingProxyType(
    {"half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fourth": 1 / 4, "fifth": 1 / 5, "sixth": 1 / 6, "seventh": 1 / 7,
     "eighth": 1 / 8, "ninth": 1 / 9, "tenth": 1 / 10}
)  # fmt: skip
# The letter of a class and its words. Besides: N a number, O a lone "one", Y a year, F third, G thirds, S a test
# statistic, L digits that begin with a nought and count nothing, w any other word; a sign is its own letter.
LETTERS: Mapping[str, str] = MappingProxyType(
    {
        "P": "patient patients people person persons participant participants subject subjects volunteer "
        "volunteers man men woman women adult adults child children respondent respondents individual "
        "individuals sufferer sufferers case cases control controls boy boys girl girls infant infants "
        "recipient recipients survivor survivors veteran veterans user users smokers residents nurses "
        "students pupils workers citizens",
        "V": "died had have has developed experienced suffered reported improved felt said were was needed "
        "required withdrew dropped answered responded returned relapsed recovered got underwent received "
        "showed saw noticed did bled became worsened survived completed failed remained lost stayed "
        "complained",
        "t": "the these those all our its their both his her them us",
        "a": "a an",
        "o": "of",
        "u": "out",
        "i": "in",
        "j": "to",
        "b": "by",
        "f": "from",
        "Z": "no",
        "H": "half halves",
        "T": "day days week weeks month months year years hour hours minute minutes decade decades",
        "Q": "most majority many few several none minority",
        "g": "aged age ages",
        "A": "old year-old years-old month-old",
        "x": "times fold twice thrice double doubled doubles halved tripled",
        "R": "more less lower higher reduction increase decrease drop rise fewer greater reduced increased decreased "
        "rose fell cut raised lowered grew improvement better worse",
        "k": "point points percentage-point percentage-points",
        "h": "than",
        "m": "mean average median",
        "M": "january february march april june july august september october november december",
        "D": "$ £ €",
        "<": "≤",
        ">": "≥",
        "-": "— – −",
        "(": "[",
        ")": "]",
        "%": "percent pct",
        "C": "ci",
    }
)
CLASSES: Mapping[str, str] = MappingProxyType(
    {word: letter for letter, listed in LETTERS.items() for word in listed.split()}
)
PHRASES: Mapping[str, str] = MappingProxyType(
    {"per cent": "%", "percentage points": "k", "confidence interval": "C", "odds ratio": "E", "hazard ratio": "E",
     "risk ratio": "E", "relative risk": "E", "rate ratio": "E"}
)  # fmt: skip
ABBREVIATED: Mapping[str, str] = MappingProxyType(
    {"OR": "E", "HR": "E", "RR": "E", "aOR": "E", "aHR": "E", "N": "n", "n": "n", "p": "p", "P": "p", "SD": "s"}
)
STATISTICS = frozenset({"t", "F", "z", "Z", "r", "χ2", "χ²", "chi2", "X2"})
YEARS = range(1900, 2100)
_TOKEN = re.compile(
    r"(?P<ordinal>\d+(?:st|nd|rd|th)\b)"
    r"|(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?|\.\d+)"
    r"|(?P<word>[^\W\d_]\w*(?:[-'’]\w+)*)"
    r"|(?P<sign>[^\s\w])",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word, number or sign of a sentence."""

    text: str
    start: int
    end: int
    letter: str  # of its class
    value: float | None = None

    @property
    def lower(self) -> str:
        return self.text.lower()

    @property
    def decimals(self) -> int:
        """Printed digits behind the point; none of a number in words."""
        return len(self.text.partition(".")[2]) if self.text[:1].isdigit() or self.text[:1] == "." else 0


def words(text: str) -> tuple[Word, ...]:
    """The words of a sentence, numbers in words and fixed phrases put together."""
    return tuple(_years(_phrases(_numerals(list(_tokens(text)), text), text)))


def spelling(found: Sequence[Word]) -> str:
    """The letters of the words: one each."""
    return "".join(word.letter for word in found)


def _tokens(text: str) -> Iterator[Word]:
    for match in _TOKEN.finditer(text):
        start, kind = match.start(), match.lastgroup
        if kind == "number" and re.fullmatch(r"0\d+", match[0]):  # 0800, 007
            yield Word(text=match[0], start=start, end=match.end(), letter="L")
        elif kind == "number":
            value = float(match[0].replace(",", "")[:300])
            yield Word(text=match[0], start=start, end=match.end(), letter="N", value=value)
        elif kind == "word" and "-" in match[0] and match[0].partition("-")[0].lower() in NUMERALS:
            yield from _hyphened(match[0], start)  # forty-eight, two-thirds, six-month
        else:
            yield Word(text=match[0], start=start, end=match.end(), letter=_letter(match[0], kind))


def _hyphened(text: str, start: int) -> Iterator[Word]:
    """Leading numerals as words of their own, then all the rest as one."""
    parts = text.split("-")
    for i, part in enumerate(parts[:-1]):
        if part.lower() not in NUMERALS:
            rest = "-".join(parts[i:])
            yield Word(text=rest, start=start, end=start + len(rest), letter=_letter(rest, "word"))
            return
        yield Word(text=part, start=start, end=start + len(part), letter="w")
        start += len(part) + 1
    yield Word(text=parts[-1], start=start, end=start + len(parts[-1]), letter=_letter(parts[-1], "word"))


def _letter(text: str, kind: str | None) -> str:
    if kind == "sign":
        return CLASSES.get(text, text)
    if kind == "ordinal":
        return "w"
    if text in ABBREVIATED:
        return ABBREVIATED[text]
    if text in STATISTICS:
        return "S"
    lower = text.lower()
    if lower in FRACTIONS and lower != "half":
        return "F"
    if lower.endswith("s") and lower[:-1] in FRACTIONS and lower != "halfs":
        return "G"
    return CLASSES.get(lower, "w")


def _numerals(found: list[Word], sentence: str) -> Iterator[Word]:
    """The same with `forty eight` and `1.2 million` as one number each; a lone `one` gets a letter of its own."""
    at = 0
    while at < len(found):
        count, value = _numeral(found, at)
        if not count:
            yield found[at]
            at += 1
            continue
        group = found[at : at + count]
        letter = "O" if count == 1 and group[0].lower == "one" else "N"
        start, end = group[0].start, group[-1].end
        yield Word(text=sentence[start:end], start=start, end=end, letter=letter, value=value)
        at += count


def _numeral(found: list[Word], at: int) -> tuple[int, float]:
    """How many words from here are one number, and its value; 0 words when there is none."""
    total, current, used, i = 0.0, 0.0, 0, at
    if found[i].value is not None:
        factor = LARGE.get(found[i + 1].lower, 0) if i + 1 < len(found) else 0
        return (2, (found[i].value or 0.0) * factor) if factor else (0, 0.0)
    if found[i].lower == "a" and i + 1 < len(found) and found[i + 1].lower in LARGE:
        current, i = 1.0, i + 1
    while i < len(found):
        word = found[i].lower
        if word in SMALL and (current % 100 == 0 or (current % 10 == 0 and SMALL[word] < 10 and current % 100 >= 20)):
            current += SMALL[word]
        elif word in TENS and current % 100 == 0:
            current += TENS[word]
        elif word in ("hundred", "dozen") and current < 100:
            current = max(current, 1.0) * LARGE[word]
        elif word in LARGE and LARGE[word] >= 1000 and current:
            total, current = total + current * LARGE[word], 0.0
        elif word == "and" and used and current >= 100 and i + 1 < len(found) and found[i + 1].lower in {*SMALL, *TENS}:
            i += 1
            continue
        else:
            break
        i += 1
        used = i - at
    return used, total + current


def _phrases(found: Iterator[Word], text: str) -> Iterator[Word]:
    """The same with `odds ratio`, `per cent` and the like as one word each."""
    held: Word | None = None
    for word in found:
        if held is not None:
            both = f"{held.lower} {word.lower}"
            if both in PHRASES:
                held = Word(text=text[held.start : word.end], start=held.start, end=word.end, letter=PHRASES[both])
                continue
            yield held
        held = word
    if held is not None:
        yield held


def _years(found: Iterator[Word]) -> Iterator[Word]:
    """The same with 1900 to 2099 as years, unless persons or per cent follow."""
    before: Word | None = None
    for word in found:
        if before is not None:
            is_year = before.letter == "N" and before.text.isdecimal() and int(before.text[:9]) in YEARS
            yield replace(before, letter="Y") if is_year and word.letter not in "PT%" else before
        before = word
    if before is not None:
        is_year = before.letter == "N" and before.text.isdecimal() and int(before.text[:9]) in YEARS
        yield replace(before, letter="Y") if is_year else before
