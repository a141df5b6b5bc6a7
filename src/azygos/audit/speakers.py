"""Who says it: speech verbs, names beside them, and how a speaker stands to the study."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from types import MappingProxyType

from azygos.audit.sentences import Sentence

__all__ = ["ROLES", "Speaker", "speakers"]

ROLES: Mapping[str, str] = MappingProxyType(
    {"author": "took part in the study", "outsider": "said to have had no part in it",
     "expert": "an expert; whether of the study is not said", "organisation": "speaks for an organisation",
     "patient": "a patient", "unnamed": "nobody named", "unknown": "how this person stands to the study is not said"}
)  # fmt: skip
SAID = (
    "said|says|told|tells|added|adds|warned|warns|cautioned|cautions|explained|explains|noted|notes|wrote|writes|argued|"
    "argues|stressed|commented|comments|agreed|concluded|conclude|acknowledged|admitted|insisted|claimed|claims|announced|"
    "suggested|emphasi[sz]ed|urged|urges|called for|remarked|stated|pointed out|reported"
)
MOST_VERBS = 8  # speech verbs of one sentence that are looked at
MOST_SENTENCES = 20  # about one person that are read for the role, each as far as MOST_LETTERS
MOST_LETTERS = 400
_TITLE = r"(?:(?:Dr|Prof|Professor|Mr|Mrs|Ms|Sir|Dame)\.?\s)"
_PART = r"[A-Z][\w’'-]{0,40}"
_NAME = rf"{_TITLE}?{_PART}(?:\s(?:[A-Z]\.|van|von|de|del|di|la|le|{_PART})){{0,3}}"
_VERB = re.compile(rf"\b(?:{SAID})\b")
_AFTER = re.compile(rf"\s(?P<name>{_NAME})(?P<described>,\s[^;“”\"]{{2,120}})?")
_NAMES = re.compile(_NAME)
_BESIDE = re.compile(r"(?:,\s(?P<described>[^;“”\"]{2,160}),|\s\([^)]{0,80}\))?\s?(?:also|has|had|then)?\s$")
_AT = re.compile(r"\b(?:in|at|of|from|for|with|by|to|on|near|and|the)\s$", re.I)  # before a place or institution
_ACCORDING = re.compile(rf"\b[Aa]ccording to\s(?:the\s)?(?P<name>{_NAME})(?P<described>,\s[^,.;“”\"]{{3,120}})?")
_GROUPS = re.compile(
    r"\b(?P<name>(?:the |study |its |their |some |other |another |an |many |independent |outside )?"
    r"(?:researchers?|authors?|investigators?|team|scientists|critics?|experts?|neurologists?|sceptics|skeptics|doctors|"
    r"patients?|compan(?:y|ies)|manufacturer|society|spokes\w+|regulators?|agency|fda|study|report))\b",
    re.I,
)
_PRONOUN = re.compile(r"\b(?:he|she|they|who)\s(?:also\s)?$", re.I)
_PRONOUN_AFTER = re.compile(r"[”\",]\s*(?:\w+)\s(?:he|she|they)\b")  # with the verb between: ”, said she
_LOWER_PART = re.compile(r"-[a-z]+-")  # Mother-of-two
_GOES_ON = re.compile(r"(?:He|She|His|Her)\b")
_QUOTED = re.compile(r"[“\"]")
COMMON = (
    "the a an in on at but and so this that these those it he she they we i there however of for as if when while "
    "after before since by with from to some many most other others both such according meanwhile yet still no not one "
    "two "
    "patients people researchers doctors critics experts neurologists scientists among overall co-author author lead "
    "study senior neurologist surgeon surgeons studies research evidence nobody everyone someone data results findings "
    "science medicine news now then also even only what why how who where his her their its our my your first second "
    "monday tuesday wednesday thursday friday saturday sunday "
    "january february march april may june july august september october november december"
)
NOT_NAMES = frozenset(COMMON.split())  # words that a capital letter makes no name
_TITLED = re.compile(rf"^{_TITLE}")
_OUTSIDER = re.compile(
    r"(?:\bnot|n[’']t|\bnever|\bno) (?:\w+ ){0,2}"
    r"(?:involved|part|connected|associated|affiliated|take part|participate|work)"
    r"|independent|outside expert|had no (?:part|role)|did not take part",
    re.I,
)
_AUTHOR = re.compile(
    r"\b(?:led|leads|lead|headed|conducted|presented|co-?author\w*|authors?|investigators?|researchers?|"
    r"his (?:team|study)|her (?:team|study)|who (?:led|did|ran|conducted|presented|performed)|"
    r"(?:we|our) (?:found|study|results|patients))\b",
    re.I,
)
_EXPERT = re.compile(
    r"\b(?:neurologist|professor|physician|doctor|radiologist|surgeon|cardiologist|epidemiologist|statistician|director|"
    r"specialist|scientist|chief|head of|chair\w*|M\.?D|Ph\.?D)\b",
    re.I,
)
_SPEAKS_FOR = re.compile(
    r"\b(?:spokes\w+|compan\w+|manufacturer|society|foundation|association|chief executive|CEO|agency)\b", re.I
)
_PATIENT = re.compile(
    r"\b(?:patients?|who (?:has|have|had|underwent) (?:the )?"
    r"(?:disease|multiple sclerosis|MS|operation|procedure|treatment|surgery)|mother|father)\b",
    re.I,
)
_COLLECTIVE = (
    ("author", re.compile(r"research|author|investigat|team|study|report", re.I)),
    ("outsider", re.compile(r"critic|sceptic|skeptic|independent|outside|other", re.I)),
    ("expert", re.compile(r"expert|neurologist|doctor", re.I)),
    ("organisation", re.compile(r"compan|manufact|society|spokes|regulat|agency|fda", re.I)),
    ("patient", re.compile(r"patient", re.I)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who is said to have said a sentence."""

    name: str
    role: str  # a key of ROLES
    how: str  # the rule by which the sentence is his or hers
    described: str = ""  # in the words of the text


def speakers(found: Sequence[Sentence]) -> tuple[Speaker | None, ...]:
    """For each sentence its speaker; None where the text itself speaks."""
    named: list[tuple[str, str, str] | None] = []
    known: dict[str, str] = {}  # surname to full name
    described: dict[str, str] = {}
    last: str | None = None
    is_open, paragraph = False, 0
    opened: list[bool] = []  # whether a quotation is open behind each sentence
    for sentence in [replace(one, text=_double(one.text)) for one in found] if _is_single(found) else found:
        is_open = is_open and sentence.paragraph == paragraph
        one = _speaker(sentence.text, known, last)
        if one is None and last is not None and named and named[-1] is not None and sentence.paragraph == paragraph:
            if is_open:
                one = (last, "", "a quotation that goes on")
            elif sentence.text[:1] in '“"':
                one = (last, "", "a quotation beside another by the same")
        if one is not None and not one[2].startswith("a group"):
            surname = _surname(one[0])
            known[surname] = max(known.get(surname, ""), one[0], key=len)
            last = known[surname]
            one = (last, one[1], one[2])
            described[last] = described.get(last) or one[1]
        named.append(one)
        is_open = _is_open(sentence.text, is_open)
        opened.append(is_open)
        paragraph = sentence.paragraph
    _look_ahead(found, named, opened)
    about = _about(found, known)
    roles = {name: _role(name, described.get(name, ""), texts) for name, texts in about.items()}
    return tuple(_made(one and _fully(one, known), described, roles) for one in named)


def _fully(one: tuple[str, str, str], known: Mapping[str, str]) -> tuple[str, str, str]:
    """The same with the full name, which a text may give later only."""
    return one if one[2].startswith("a group") else (known.get(_surname(one[0]), one[0]), one[1], one[2])


def _is_single(found: Sequence[Sentence]) -> bool:
    """Whether a text quotes in single marks."""
    return any("‘" in one.text for one in found) and not any("“" in one.text or '"' in one.text for one in found)


def _double(text: str) -> str:
    """A sentence with ‘single’ quotation marks doubled; an apostrophe between letters stays."""
    return re.sub(r"’(?!\w)", "”", text.replace("‘", "“"))


def _look_ahead(found: Sequence[Sentence], named: list[tuple[str, str, str] | None], opened: Sequence[bool]) -> None:
    """A quotation that begins without a name belongs to whoever is named where it ends."""
    for i in range(len(found) - 2, -1, -1):
        after = named[i + 1]
        is_same = opened[i] and found[i].paragraph == found[i + 1].paragraph
        if named[i] is None and is_same and after is not None and not after[2].startswith("a group"):
            named[i] = (after[0], "", "a quotation whose speaker is named at its end")


def _is_open(text: str, was_open: bool) -> bool:
    """Whether a quotation is still open behind a sentence."""
    if "“" in text or "”" in text:
        return text.rfind("“") > text.rfind("”")
    return bool(len(_QUOTED.findall(text)) % 2) ^ was_open


def _surname(name: str) -> str:
    return name.split()[-1].removesuffix("’s").removesuffix("'s") if name.split() else ""


def _speaker(text: str, known: Mapping[str, str], last: str | None) -> tuple[str, str, str] | None:
    """Name, description and rule of who speaks in a sentence."""
    for match in _ACCORDING.finditer(text):
        if _is_name(match["name"], known):
            return match["name"], match["described"] or "", "according to ..."
    for verb in islice(_VERB.finditer(text), MOST_VERBS):
        after = _AFTER.match(text, verb.end())
        if (
            after
            and _is_name(_stripped(after["name"]), known)
            and text[verb.start() : verb.end()] not in ("told", "tells")
        ):
            return _stripped(after["name"]), after["described"] or "", "speech verb before a name"
        if before := _left_of(text, verb.start(), known):
            return (*before, "speech verb after a name")
        if _PRONOUN.search(text, max(0, verb.start() - 30), verb.start()) or _PRONOUN_AFTER.match(
            text, max(0, verb.start() - 2)
        ):
            return (
                (last, "", "he, she or they: the last who spoke")
                if last
                else ("he, she or they", "", "a group: pronoun")
            )
        near = text[max(0, verb.start() - 60) : verb.start()] + "|" + text[verb.end() : verb.end() + 30]
        if group := _GROUPS.search(near):
            return group["name"].strip(), "", "a group with a speech verb"
    if group := re.search(rf"\b[Aa]ccording to\s{_GROUPS.pattern}", text):
        return group["name"].strip(), "", "a group, according to ..."
    return None


def _left_of(text: str, verb: int, known: Mapping[str, str]) -> tuple[str, str] | None:
    """Name and description that end before a speech verb: `Ann Field, MD, a surgeon at Lakeside, said`."""
    begin = max(0, verb - 260)
    for name in _NAMES.finditer(text, begin, verb):
        beside = _BESIDE.match(text, name.end(), verb)
        called = _stripped(name[0])
        is_first = not text[begin : name.start()].strip(" \"“‘'(")
        if (
            beside
            and _is_name(called, known, is_first)
            and not _AT.search(text, max(0, name.start() - 8), name.start())
        ):
            return called, beside["described"] or ""
    return None


def _stripped(name: str) -> str:
    """A name without what stands before it: `Co-author Tim Dale`."""
    parts = name.split()
    while len(parts) > 1 and (parts[0].lower() in NOT_NAMES or _LOWER_PART.search(parts[0])):
        parts = parts[1:]
    return " ".join(parts)


def _is_name(name: str, known: Mapping[str, str], is_first: bool = True) -> bool:
    """Two capitalised words, a title, or a surname heard before; the first word of a sentence only if no plural."""
    parts = name.split()
    if parts[0].lower() in NOT_NAMES:
        return False
    if _TITLED.match(name) or len(parts) > 1 or _surname(name) in known:
        return True
    return not is_first or not name.endswith("s")


def _about(found: Sequence[Sentence], known: Mapping[str, str]) -> dict[str, list[str]]:
    """What stands beside each person's surname, and the sentences that go on with he or she."""
    about: dict[str, list[str]] = {name: [] for name in known.values()}
    last = ""
    for sentence in found:
        text = sentence.text[:MOST_LETTERS]
        names = [known[w] for word in text.split() if (w := word.strip(".,;:“”\"()’'").removesuffix("'s")) in known]
        if not names and last and _GOES_ON.match(text):
            about[last] += [text] if len(about[last]) < MOST_SENTENCES else []
            continue
        for name in dict.fromkeys(names):
            if len(about[name]) < MOST_SENTENCES:
                about[name] += _beside(text, _surname(name))
        last = names[-1] if names else last if _GOES_ON.match(text) else ""
    return about


def _made(one: tuple[str, str, str] | None, words: Mapping[str, str], roles: Mapping[str, str]) -> Speaker | None:
    if one is None:
        return None
    name, described, how = one
    if how.startswith("a group"):
        role = next((role for role, pattern in _COLLECTIVE if pattern.search(name)), "unnamed")
        return Speaker(name=name, role=role, how=how)
    described = (words.get(name) or described).strip(" ,")
    return Speaker(name=name, role=roles.get(name, "unknown"), how=how, described=described)


def _role(name: str, described: str, about: Sequence[str]) -> str:
    """By the words beside the name first, then by those of the sentences around it."""
    for role, pattern in (("outsider", _OUTSIDER), ("author", _AUTHOR), ("organisation", _SPEAKS_FOR)):
        if any(pattern.search(text) for text in (described, *about)):
            return role
    if _TITLED.match(name) or any(_EXPERT.search(text) for text in (described, *about)):
        return "expert"
    return "patient" if _PATIENT.search(described) else "unknown"


def _beside(text: str, surname: str) -> Iterator[str]:
    """The words just behind a surname and those just before it in its clause, where a text says who someone is."""
    at = text.find(surname)
    if at < 0:
        return
    yield re.split(r"[“”\"]", text[at + len(surname) : at + len(surname) + 110])[0]
    yield re.split(r"[“”\";:.]", text[max(0, at - 60) : at].removesuffix("Dr. "))[-1]
