"""Numbers in a sentence, pulled out by named rules.

A rule is a regular expression on the letters of the words (words.py). Rules are tried in the order of RULES; a word
that one has taken is not looked at by those after it, so every number belongs to one rule.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from azygos.audit.words import FRACTIONS, Word, spelling, words

__all__ = ["RULES", "SHARES", "Mention", "Rule", "mentions"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A named pattern: what it takes, and what kind of number that is."""

    name: str
    kind: str
    pattern: re.Pattern[str]


def _rule(name: str, kind: str, pattern: str) -> Rule:
    return Rule(name, kind, re.compile(pattern))


# N number, O a lone "one", P persons, T unit of time, V what happened to persons, o of, t the/these, w any other word;
# the rest in words.CLASSES. Signs stand for themselves.
RULES = (
    _rule("telephone number, code or date in figures", "label", r"L(?:[-/]?[NLY])*|[NY](?:-[NL]){2,}"),
    _rule("test statistic", "statistic", r"(?P<name>S)(?:\((?P<df1>N)(?:,(?:n=)?(?P<df2>N))?\))?=-?(?P<value>N)"),
    _rule("p-value", "p", r"p(?:w|V)?(?P<relation>[=<>])(?P<value>N)"),
    _rule("interval", "interval",
          r"(?:N%?)?C[:,=wo]{0,2}\(?(?P<minus>-)?(?P<lower>N)%?[-j,w](?P<less>-)?(?P<upper>N)%?"),
    _rule("ratio of odds, risks or rates", "ratio", r"(?P<name>E)(?:\(E\))?(?:[,=:ow]|V){0,2}(?P<value>N)"),
    _rule("mean and spread", "mean", r"(?P<value>N)±(?P<spread>N)"),
    _rule("n = ...", "group", r"n=(?P<of>N)"),
    _rule("... of ... (... per cent)", "share",
          r"(?P<count>[NO])(?:(?:P|wP)?u?o[ta]?|/)(?P<of>N)(?:P|wP)?\((?P<percent>N)%(?:\)|(?=[;,]))"),
    _rule("... (... per cent) of ...", "share", r"(?P<count>N)\((?P<percent>N)%\)(?:P?o[ta]?(?P<of>N)(?!%))?"),
    _rule("from ... to ...", "course", r"f(?P<lower>N)%?j(?P<upper>N)(?![TN])%?"),
    _rule("... per cent of ...", "share", r"(?P<percent>[NO])%o[ta]?(?P<of>N)(?!%)"),
    _rule("... of ...", "share", r"(?P<count>[NO])(?:P|wP)?(?:uo|o)[ta]?(?P<of>N)(?![%T])"),
    _rule("... in ...", "share", r"(?P<count>[NO])(?:ui|i)(?:t)?(?P<of>N)(?![%T])"),
    _rule("... / ...", "share", r"(?P<count>N)/(?P<of>N)(?!/)"),
    _rule("points", "change", r"(?P<value>N)%?k"),
    _rule("change in per cent", "change", r"(?P<value>N)%R|(?:(?<=R)[bw]?|b)(?P<other>N)%(?!o)"),
    _rule("... per cent", "share", r"(?P<percent>N)%"),
    _rule("fraction in words", "share",
          r"(?:(?P<times>[NO])(?P<fraction>G|F(?=o))|(?:[aO](?P<part>F)(?![wPNT])|(?P<single>F(?=o)))|a?(?P<half>H)(?!T))"
          r"(?:o?[ta]?(?P<of>N)(?![%T]))?"),
    _rule("money", "money", r"D(?P<value>N)"),
    _rule("date", "date", r"N?M(?:N(?!P))?,?Y?|Y"),
    _rule("age", "age", r"g(?:w)?N(?:[-j]N)?|N(?:[-j]N)?-?(?:TA|A)"),
    _rule("time", "time", r"(?P<value>[NO])(?:[-j]N)?-?T|a(?P<one>T)(?=w)"),
    _rule("times", "change", r"(?P<value>N)-?x"),
    _rule("range", "range", r"(?P<lower>N)[-j](?P<upper>N)"),
    _rule("vague share", "vague", r"(?<!t)(?P<vague>Q)(?=[oPw])(?:ot?)?(?:w?P)?"),
    _rule("nobody", "count", r"(?P<zero>Z)w?P(?!w)"),
    _rule("persons", "persons", r"(?P<count>N)(?:w(?:,?w){0,2})?P|(?P<lone>O)w?P"),
    _rule("how many had it", "count", r"(?P<count>[NO])(?=V)"),
    _rule("things counted", "count", r"(?P<count>N)(?=w)"),
    _rule("bare number", "number", r"(?P<value>N)"),
)  # fmt: skip
SHARES = frozenset({"share", "vague"})
HEDGES: Mapping[str, str] = MappingProxyType(
    {"more than": ">", "over": ">", "above": ">", "at least": ">", "less than": "<", "fewer than": "<", "under": "<",
     "up to": "<", "as many as": "<", "below": "<", "almost": "~", "nearly": "~", "about": "~", "around": "~",
     "approximately": "~", "roughly": "~", "some": "~", "close to": "~", "only": "", "just": "", "exactly": ""}
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A number as a sentence says it. What it does not say is None."""

    rule: str
    kind: str  # share, persons, group, count, vague, p, ratio, ...
    text: str
    start: int  # in the sentence
    end: int
    value: float | None = None
    count: int | None = None
    of: int | None = None
    percent: float | None = None
    decimals: int = 0
    hedge: str = ""  # "more than", ...
    upper: float | None = None  # of an interval or range whose lower end is `value`
    df: tuple[float, ...] = ()
    noun: str = ""  # what is counted, as far as the sentence says it behind the number
    spelled: str = ""  # the letters on which the rule fired

    @property
    def relation(self) -> str:
        """How the hedge bounds the number: >, <, ~ or =."""
        return self.hedge if self.hedge in ("<", ">") else HEDGES.get(self.hedge, "") or "="


def mentions(sentence: str) -> tuple[Mention, ...]:
    """The numbers of a sentence in their order."""
    found = words(sentence)
    letters = spelling(found)
    taken = bytearray(len(letters))
    out: list[tuple[int, Mention]] = []
    for rule in RULES:
        for match in rule.pattern.finditer(letters):
            first, last = match.span()
            if first == last or any(taken[first:last]):
                continue
            mention = _mention(rule, match, found, sentence)
            if mention is not None:
                taken[first:last] = b"\1" * (last - first)
                out.append((first, mention))
    return tuple(mention for _, mention in sorted(out, key=lambda one: one[0]))


def _mention(rule: Rule, match: re.Match[str], found: Sequence[Word], sentence: str) -> Mention | None:
    first, last = match.span()
    given = {name: found[match.start(name)] for name, text in match.groupdict().items() if text}
    if any(word.value is not None and abs(word.value) > 1e12 for word in given.values()):
        return None
    numbers = _numbers(rule, given)
    if rule.kind == "share" and not _is_share(numbers):
        return None
    hedge, start = _hedge(found, first)
    if "relation" in given:
        hedge = "" if given["relation"].letter == "=" else given["relation"].letter
    return Mention(
        rule=rule.name,
        kind=rule.kind,
        text=sentence[start : found[last - 1].end],
        start=start,
        end=found[last - 1].end,
        hedge=hedge,
        noun=_noun(found, last, sentence),
        spelled=match[0],
        count=_whole(numbers.get("count")),
        of=_whole(numbers.get("of")),
        value=numbers.get("value"),
        percent=numbers.get("percent"),
        upper=numbers.get("upper"),
        decimals=max((word.decimals for word in given.values()), default=0),
        df=tuple(numbers[name] for name in ("df1", "df2") if name in numbers and "n=" not in match[0]),
    )


def _numbers(rule: Rule, given: Mapping[str, Word]) -> dict[str, float]:
    """The numbers behind the named parts of a rule."""
    found = {name: word.value for name, word in given.items() if word.value is not None}
    for name, role in (("other", "value"), ("lone", "count"), ("lower", "value")):
        if name in found:
            found[role] = found[name]
    if "minus" in given:
        found["value"] = -found["value"]
    if "less" in given:
        found["upper"] = -found["upper"]
    if "zero" in given:
        found["count"] = 0.0
    if "one" in given:
        found["value"] = 1.0
    if rule.name == "fraction in words":
        word = next(given[name] for name in ("fraction", "part", "single", "half") if name in given)
        size = 0.5 if "half" in given else FRACTIONS[word.lower.removesuffix("s") if word.letter == "G" else word.lower]
        found["percent"] = 100.0 * size * found.get("times", 1.0)
    return found


def _is_share(numbers: Mapping[str, float]) -> bool:
    """Whether numbers can be a part of a whole: 120/80, or 24 of 7, are something else."""
    count, of, percent = numbers.get("count"), numbers.get("of"), numbers.get("percent")
    if percent is not None:
        return all(one is None or one.is_integer() for one in (of, count)) and (of is None or (count or 0) <= of)
    return count is not None and of is not None and count <= of and of > 0 and count.is_integer() and of.is_integer()


def _whole(value: float | None) -> int | None:
    return int(value) if value is not None and value.is_integer() else None


def _hedge(found: Sequence[Word], first: int) -> tuple[str, int]:
    """The hedge before a number, and where it begins."""
    for size in (3, 2, 1):
        if first >= size:
            text = " ".join(word.lower for word in found[first - size : first])
            if text in HEDGES:
                return text, found[first - size].start
    return "", found[first].start


def _noun(found: Sequence[Word], last: int, sentence: str) -> str:
    """What follows a number, up to six words, a sign or a verb: `of the patients with relapsing disease`."""
    end = last
    while end < len(found) and end - last < 6 and found[end].letter.isalpha() and found[end].letter not in "VN":
        end += 1
    return sentence[found[last].start : found[end - 1].end] if end > last else ""
