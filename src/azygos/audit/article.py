"""A page of text read: its sentences, the numbers in them, whose they are, who says them, and what is not told."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from azygos.audit.check import check_claim
from azygos.audit.claims import Claim, Group, Part, Statistic
from azygos.audit.denominators import Denominator, Numbered, denominators
from azygos.audit.finding import Finding
from azygos.audit.mentions import Mention, mentions
from azygos.audit.omissions import Told, cautions, omissions, strong_words
from azygos.audit.sentences import Sentence, sentences
from azygos.audit.speakers import Speaker, speakers
from azygos.audit.stated import Estimate, Stated

__all__ = ["Article", "Number", "Read", "read_article"]

NEAR = 60  # characters between a count and the percentage that belongs to it, at most (assumed)
HAZARD, RISK = re.compile(r"hazard|a?HR", re.I), re.compile(r"relative|risk|rate|a?RR", re.I)
MOST_CHECKS = 500  # of one text


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number in its sentence, with the group it belongs to."""

    mention: Mention
    denominator: Denominator | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A sentence with what was read in it."""

    sentence: Sentence
    speaker: Speaker | None
    numbers: tuple[Number, ...]
    cautions: tuple[str, ...]
    strong: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A text as read."""

    name: str
    sentences: tuple[Read, ...]
    told: tuple[Told, ...]
    checks: tuple[Finding, ...]

    @property
    def not_told(self) -> tuple[str, ...]:
        """The names of what is not told."""
        return tuple(told.item.name for told in self.told if told.is_omitted)


def read_article(text: str, name: str = "") -> Article:
    """A text read by the rules of this room."""
    found = sentences(text)
    who = speakers(found)
    flat = [Numbered(s.number, s.text, mention) for s in found for mention in mentions(s.text)]
    wholes = denominators(flat)
    numbers: dict[int, list[Number]] = {}
    for one, whole in zip(flat, wholes, strict=True):
        numbers.setdefault(one.sentence, []).append(Number(mention=one.mention, denominator=whole))
    read = tuple(
        Read(
            sentence=sentence,
            speaker=speaker,
            numbers=tuple(numbers.get(sentence.number, ())),
            cautions=cautions(sentence.text),
            strong=strong_words(sentence.text),
        )
        for sentence, speaker in zip(found, who, strict=True)
    )
    known = [
        (one.sentence, one.mention, whole is None or whole.how in ("stated", "resolved"))
        for one, whole in zip(flat, wholes, strict=True)
    ]
    heard = [(one.sentence.number, one.speaker.name, one.speaker.role) for one in read if one.speaker is not None]
    checks = tuple(islice(_checks(read), MOST_CHECKS))
    return Article(name=name, sentences=read, told=omissions(found, known, heard), checks=checks)


# ---------------------------------------------------------------------------------------------------------------
# numbers that stand together are held against each other, as a file of claims would


def _checks(read: Sequence[Read]) -> Iterator[Finding]:
    for one in read:
        for claim in _claims(one):
            yield from check_claim(claim)


def _claims(read: Read) -> Iterator[Claim]:
    """The claims of a sentence: counts with their percentages, ratios with their intervals, statistics with their p."""
    taken: set[int] = set()
    for i, (first, second) in enumerate(zip(read.numbers, read.numbers[1:], strict=False)):
        if i in taken or not _belong(read.sentence.text, first.mention, second.mention):
            continue
        claim = _pair(read, first, second, read.numbers[i + 2 : i + 3])
        if claim is not None:
            taken |= {i, i + 1}
            yield claim
    for claim in (_comparison(read), _sexes(read)):
        if claim is not None:
            yield claim
    for i, number in enumerate(read.numbers):
        size = number.denominator.size if number.denominator else None
        mention = number.mention
        if mention.count is not None and mention.percent is not None and size is not None:
            yield replace(_claim(read, mention), count=mention.count, of=size, percent=_percent(mention))
        elif i not in taken and mention.rule in ("... per cent", "... per cent of ...") and size and not mention.hedge:
            yield replace(_claim(read, mention), of=size, percent=_percent(mention))


def _comparison(read: Read) -> Claim | None:
    """Two counts, each of its group, and one p-value: the comparison of the two."""
    shares = [n.mention for n in read.numbers if n.mention.kind == "share" and n.mention.count is not None]
    p = [n.mention for n in read.numbers if n.mention.kind == "p" and n.mention.value is not None]
    if len(shares) != 2 or len(p) != 1 or not 0.0 <= (p[0].value or 0.0) <= 1.0:
        return None
    groups = tuple(Group(name=share.text, count=share.count, of=share.of) for share in shares)
    return replace(_claim(read, p[0]), groups=groups, p=_number(p[0]))


def _sexes(read: Read) -> Claim | None:
    """Men and women, who are all of their group."""
    found = {
        n.mention.text.split()[-1].lower(): (n.mention, n.denominator)
        for n in read.numbers
        if n.mention.kind == "persons" and n.mention.count is not None
    }
    if not {"men", "women"} <= found.keys():
        return None
    begin = min(found[sex][0].start for sex in ("men", "women"))
    if any(n.mention.kind == "share" and n.mention.start < begin for n in read.numbers):
        return None  # half of the 89, 30 men and 18 women: those of the share
    sizes = {whole.size for _, whole in (found["men"], found["women"]) if whole is not None}
    if len(sizes) != 1 or (size := sizes.pop()) is None:
        return None
    parts = tuple(
        Part(name=sex, value=Stated(text=str(found[sex][0].count), value=float(found[sex][0].count or 0), decimals=0))
        for sex in ("men", "women")
    )
    return replace(_claim(read, found["men"][0]), parts=parts, of=size)


def _belong(text: str, first: Mention, second: Mention) -> bool:
    between = text[first.end : second.start]
    is_apart = first.kind not in ("ratio", "statistic") and re.search(r"[;.]|\band\b|\bbut\b|\bwhile\b", between)
    return len(between) <= NEAR and not is_apart


def _claim(read: Read, mention: Mention) -> Claim:
    text = read.sentence.text
    name = f"sentence {read.sentence.number}: {text[mention.start : mention.end]}"
    return Claim(name=name, says=text, place=f"line {read.sentence.line}")


def _pair(read: Read, first: Number, second: Number, third: Sequence[Number]) -> Claim | None:
    one, other = first.mention, second.mention
    if one.kind == "ratio" and other.kind == "interval":
        p = third[0].mention if third and third[0].mention.kind == "p" else None
        return _ratio(read, one, other, p)
    if one.kind == "statistic" and other.kind == "p":
        return replace(_claim(read, one), statistic=_statistic(one), p=_number(other))
    if {one.kind, other.kind} == {"course", "change"} and "change in per cent" in (one.rule, other.rule):
        return _change(read, one, other) if one.kind == "course" else _change(read, other, one)
    if one.of is not None and one.percent is not None and one.count is None and _is_apposed(read, one, other):
        return replace(_claim(read, one), count=other.count, of=one.of, percent=_percent(one))
    if _is_percent(one) and other.kind == "share" and other.count is not None:
        first, second, one, other = second, first, other, one
    if (
        one.count is None
        or one.percent is not None
        or not _is_percent(other)
        or other.of is not None
        or one.kind not in ("share", "persons", "count")
    ):
        return None
    whole = first.denominator or second.denominator
    size = one.of or (whole.size if whole else None)
    is_whole = one.of is None and first.denominator is None and one.count == size  # of 89 patients, 55 % improved
    if size is None or one.count > size or is_whole:
        return None
    return replace(_claim(read, one), count=one.count, of=size, percent=_percent(other))


def _is_apposed(read: Read, share: Mention, count: Mention) -> bool:
    """Whether persons say a share again: `half of the 89 patients, 48 people, ...`."""
    text = read.sentence.text
    between, after = text[share.end : count.start], text[count.end :]
    return (
        count.kind == "persons"
        and count.count is not None
        and re.fullmatch(r"(?: \w+)?\s*[,(:—–]\s*(?:or|that is,?|namely)?\s*", between) is not None
        and re.match(r"\s*(?:[,;:).—–]|$)", after) is not None
    )


def _is_percent(mention: Mention) -> bool:
    return mention.rule == "... per cent"


def _percent(mention: Mention) -> Estimate:
    assert mention.percent is not None
    stated = _stated(mention, mention.percent, f"{mention.percent:.{mention.decimals}f} %")
    is_rough = mention.rule == "fraction in words" and mention.relation == "="  # half of 89 are no persons
    return Estimate(value=replace(stated, text=f"about {stated}", relation="~") if is_rough else stated)


def _number(mention: Mention) -> Stated:
    assert mention.value is not None
    return _stated(mention, mention.value, mention.text)


def _stated(mention: Mention, value: float, text: str) -> Stated:
    return Stated(text=text, value=value, decimals=mention.decimals, relation=mention.relation)


def _statistic(mention: Mention) -> Statistic | None:
    kind = {"t": "t", "F": "F", "z": "z", "Z": "z", "r": "r"}.get(
        mention.text.partition("(")[0].split("=")[0].strip(), "chi2"
    )
    if len(mention.df) != {"t": 1, "F": 2, "chi2": 1, "z": 0, "r": 1}[kind] or any(df <= 0 for df in mention.df):
        return None
    return Statistic(kind=kind, value=_number(mention), df=mention.df, text=mention.text)


def _ratio(read: Read, ratio: Mention, bounds: Mention, p: Mention | None) -> Claim | None:
    if ratio.value is None or bounds.value is None or bounds.upper is None or bounds.value > bounds.upper:
        return None
    lower, upper = (
        Stated(text=f"{value:.{bounds.decimals}f}", value=value, decimals=bounds.decimals)
        for value in (bounds.value, bounds.upper)
    )
    value = Stated(text=f"{ratio.value:.{ratio.decimals}f}", value=ratio.value, decimals=ratio.decimals)
    estimate = Estimate(value=value, lower=lower, upper=upper)
    claim = replace(_claim(read, ratio), p=_number(p) if p else None)
    if HAZARD.match(ratio.text):
        return replace(claim, hazard_ratio=estimate)
    return replace(claim, risk_ratio=estimate) if RISK.match(ratio.text) else replace(claim, odds_ratio=estimate)


def _change(read: Read, course: Mention, change: Mention) -> Claim | None:
    """A change in per cent against the numbers from which and to which."""
    if course.value is None or course.upper is None or change.value is None:
        return None
    before, after = (_stated(course, value, f"{value:.{course.decimals}f}") for value in (course.value, course.upper))
    size = change.value if course.upper > course.value else -change.value
    printed = _stated(change, size, f"{size:.{change.decimals}f} %")
    return replace(_claim(read, change), before=before, after=after, change=printed)
