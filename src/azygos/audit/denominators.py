"""Of how many? The group that a share or count in a text belongs to, by stated rules.

A rule either finds one group, or says that several could be meant, or that none is named. It never guesses further.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from azygos.audit.mentions import Mention

__all__ = ["Denominator", "Numbered", "denominators"]

# What makes a number of persons the size of a group rather than a count of those to whom something happened.
_BEFORE = re.compile(
    r"(?:stud(?:y|ies)|trial|survey(?:ed)?|series|sample|group|cohort|data|questionnaires?|records?|review|registry|"
    r"total|treated|enrolled|included|including|recruited|followed|examined|involv\w+|among|asked|interviewed|"
    r"randomi[sz]ed|analy[sz]ed|assigned|assessed|tested|screened|looked at)\b[^.;]{0,25}$"
    r"|\b(?:in|of|from|all|the|these|those|on)\s$",
    re.I,
)
_AFTER = re.compile(
    r"^[^.;]{0,40}?\b(?:were (?:treated|enrolled|surveyed|randomi[sz]ed|included|asked|followed|recruited|studied|"
    r"assigned)|who (?:were|had been|underwent|answered)|took part|participated|answered|responded|returned|underwent|"
    r"received)\b",
    re.I,
)
_PART = re.compile(
    r"^\s*of (?:(?:those|the|all|these|patients|people|women|men|participants)\s+){1,3}?(?:\w+\s+)?"
    r"(?:with|who|whose|having|aged)\b"
    r"|^\s*of (?:the |those )?(?:women|men|children|controls)\b|^\s*(?:women|men|children)\b|^\s*of (?:the )?other\b",
    re.I,
)
_PART_BEFORE = re.compile(
    r"\b(?:of|among|in|for) (?:the )?(?:those|patients|people|women|men|participants|children|controls)"
    r"(?: (?:with|who|whose|having|aged)\b[^;.]{0,70})?,\s*$",
    re.I,
)
_THEM = re.compile(r"^\s*of (?:them|these|those)\b(?! (?:patients|people|women|men|\d))", re.I)
_NAMED_PART = re.compile(r"\b(?:those|patients|people|women|men|participants) (?:with|who|whose|having|aged)\b", re.I)
_SEXES = re.compile(r".*\b(?:wo)?men$", re.I)
_MEN, _WOMEN = re.compile(r"\bmen\b", re.I), re.compile(r"\bwomen\b", re.I)
SMALLEST_GROUP = 2
LARGEST_RATIO = 10  # one in three, nine in ten: a ratio, not a group of three or ten
MOST_SHOWN = 5
MOST_GROUPS = 20  # of different size that are kept in mind


@dataclass(frozen=True, slots=True, kw_only=True)
class Denominator:
    """The group of a number: `sizes` has one where it is resolved, several where it is not clear which."""

    how: str  # stated, resolved, ambiguous or unknown
    why: str
    sizes: tuple[int, ...] = ()

    @property
    def size(self) -> int | None:
        """The size, where there is no doubt by the rules."""
        return self.sizes[0] if self.how in ("stated", "resolved") and len(self.sizes) == 1 else None


@dataclass(frozen=True, slots=True)
class Numbered:
    """A mention and the number and words of its sentence."""

    sentence: int
    words: str
    mention: Mention


def denominators(found: Sequence[Numbered]) -> tuple[Denominator | None, ...]:
    """For each mention its group; None where it needs none."""
    groups: list[int] = []  # the sizes named so far, the latest last
    answers: list[Denominator | None] = []
    later = _everywhere(found)
    here: dict[int, list[int]] = {}
    for one in found:
        if (size := _group(one)) is not None:
            here.setdefault(one.sentence, []).append(size)
    for one in found:
        answers.append(_denominator(one, here.get(one.sentence, []), groups, later))
        size = _group(one)
        if size is not None and size not in groups:
            groups = [*groups[1 - MOST_GROUPS :], size]
    return tuple(answers)


def _everywhere(found: Sequence[Numbered]) -> tuple[int, ...]:
    """The group sizes of a text."""
    sizes = dict.fromkeys(size for one in found if (size := _group(one)) is not None)
    return tuple(sizes)[:MOST_GROUPS]


def _group(one: Numbered) -> int | None:
    """The size of the group that a mention names, if it names one."""
    mention = one.mention
    if mention.kind in ("share", "group") and mention.of is not None:
        return mention.of if mention.of > LARGEST_RATIO or mention.kind == "group" else None
    if mention.kind != "persons" or mention.count is None or mention.count < SMALLEST_GROUP:
        return None
    if _SEXES.match(mention.text) and _MEN.search(one.words) and _WOMEN.search(one.words):
        return None  # 35 men and 59 women: how a group is made up
    before, after = one.words[max(0, mention.start - 60) : mention.start], one.words[mention.end : mention.end + 60]
    return mention.count if _BEFORE.search(before) or _AFTER.match(after) else None


def _denominator(
    one: Numbered, here: Sequence[int], groups: Sequence[int], everywhere: Sequence[int]
) -> Denominator | None:
    mention = one.mention
    if mention.kind not in ("share", "count", "vague", "persons") or mention.rule == "things counted":
        return None
    is_ratio = mention.rule == "... in ..." and mention.of is not None and mention.of <= LARGEST_RATIO
    if mention.of is not None and not is_ratio:
        return Denominator(how="stated", why="said with the number", sizes=(mention.of,))
    if mention.kind == "persons" and _group(one) is not None:
        return None  # a group itself
    before, after = one.words[max(0, mention.start - 120) : mention.start], one.words[mention.end : mention.end + 80]
    is_of_them = _THEM.match(after) and _NAMED_PART.search(before)
    if is_of_them or _PART.match(after) or _PART_BEFORE.search(before):
        return Denominator(how="unknown", why="of a part of the group, whose size is not said with it")
    least = 0 if is_ratio else mention.count or 0
    sizes = list(dict.fromkeys(size for size in here if size >= least))
    if len(sizes) == 1:
        return Denominator(how="resolved", why="the only group in its sentence", sizes=(sizes[0],))
    if len(sizes) > 1:
        return Denominator(how="ambiguous", why="several groups in its sentence", sizes=tuple(sizes))
    return _from_elsewhere([size for size in reversed(groups) if size >= least], everywhere, least)


def _from_elsewhere(earlier: Sequence[int], everywhere: Sequence[int], least: int) -> Denominator:
    """The group from other sentences."""
    if len(earlier) == 1:
        return Denominator(how="resolved", why="the only group named so far", sizes=(earlier[0],))
    if earlier:
        sizes = tuple(earlier[:MOST_SHOWN])
        return Denominator(how="ambiguous", why="several groups named so far, the latest first", sizes=sizes)
    later = tuple(size for size in everywhere if size >= least)
    if len(later) == 1:
        return Denominator(how="resolved", why="the only group in the text, named later", sizes=later)
    if later:
        return Denominator(how="ambiguous", why="groups are named later only", sizes=later[:MOST_SHOWN])
    return Denominator(how="unknown", why="no group is named")
