"""What a report of a study should tell, and whether this one does: a list of things with the words that tell them.

The list follows what reviewers of health news look for (Schwitzer 2008, PLoS Med 5:e95: ten criteria) and, for the
design, CONSORT's items on comparison, blinding, losses and harms.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from azygos.audit.mentions import Mention
from azygos.audit.sentences import Sentence

__all__ = ["ITEMS", "Item", "Told", "cautions", "omissions", "strong_words"]


@dataclass(frozen=True, slots=True)
class Item:
    """Something a reader needs to judge a result, the words that tell it, and why it matters."""

    name: str
    why: str
    pattern: re.Pattern[str]


def _item(name: str, why: str, pattern: str) -> Item:
    return Item(name, why, re.compile(rf"\b(?:{pattern})", re.I))


ITEMS = (
    _item("comparison group", "without one, nobody knows how many would have felt better anyway",
          r"control(?:led)? (?:group|arm|trial|stud)|controls?\b(?! (?:group|arm))|"
          r"compar(?:ed|ison) (?:group|with|to)|placebo|sham|untreated|versus|single-arm|uncontrolled|"
          r"wait(?:ing)?[- ]list|usual care"),
    _item("allocation by chance", "otherwise those treated differ from the others",
          r"randomi[sz]\w*|at random|by lot|randomly (?:\w+ )?(?:assign|allocat|divid|split)\w*|"
          r"(?:assigned|allocated|divided|split) randomly"),
    _item("blinding", "those who know that they were treated report more improvement",
          r"blind\w*|mask(?:ed|ing)|open[- ]label|sham|knew (?:which|that|they|who)|"
          r"did not know (?:which|whether|who)"),
    _item("length of follow-up", "early gains may fade",
          r"follow(?:ed)?[- ]?up|(?:after|for|within|over|at|lasted)\s(?:\w+\s){0,2}(?:week|month|year)s?\b|"
          r"(?:week|month|year)s? (?:after|following) (?:the|their|treat\w*|surgery)|\w+-(?:week|month|year)\b"),
    _item("how the outcome was measured", "asking is not measuring",
          r"(?:patients|people|participants|they) (?:\w+ )?(?:said|reported|felt|told)\b|questionnaires?|survey\w*|"
          r"self-?report\w*|scale|score[sd]?|measured (?:by|with|on|using)|MRI|scans?\b|EDSS|MSIS|"
          r"quality[- ]of[- ]life (?:form|scale|score|questionnaire)|interview\w*|test results?"),
    _item("absolute numbers", "a percentage of an unknown number says little", r"(?!)"),
    _item("those who are missing", "those who do not answer often fared otherwise",
          r"lost to follow|dropped out|drop-?outs?|withdrew|did not (?:answer|respond|return|complete)|missing|"
          r"non-?respon\w*|response rate|not available|could not be reached|unaccounted|lost track"),
    _item("harms", "benefit cannot be judged without them",
          r"complications?|side[- ]effects?|adverse|harms?\b|unsafe|risks\b|bleed\w*|bled\b|clots?\b|thrombos\w+|"
          r"deaths?\b|died|injur\w+|serious event|safe(?:ty|ly)?\b"),
    _item("funding and interests", "they colour what is reported",
          r"fund(?:ed|ing)|financ\w+|sponsor\w*|paid (?:by|for|consult)|grants?\b|conflicts? of interest|disclos\w+|"
          r"consultant (?:for|to)|stock|fees? from|ties to|royalt\w+"),
    _item("state of publication", "what is only presented has not been reviewed",
          r"peer[- ]review\w*|published (?:in|online|today|this)|journal|abstract|presented\b|preprint|preliminary|"
          r"conference|(?:annual|scientific) meeting|a meeting of"),
    _item("independent comment", "those who did the study are not its judges", r"(?!)"),
    _item("chance and uncertainty", "a small number can arise by chance",
          r"margin of error|confidence interval|statistically|significan\w+|by chance|p ?[=<] ?0?\.|uncertain\w*|"
          r"too small"),
    _item("who could take part", "a result holds for people like those studied",
          r"eligib\w+|inclusion|exclu\w+|consecutive|selected|referred|recruited|volunteer\w*|average age|aged|"
          r"mean age|years old|men and|women and"),
)  # fmt: skip
TOLD, NONE, WANTED, NOT_TOLD = "told", "told: there was none", "only asked for", "not told"
OF_THE_DESIGN = frozenset({"comparison group", "blinding", "allocation by chance"})
_NOT = re.compile(r"\b(?:no|not|without|lack(?:ed|s|ing)?|nor|neither|nobody|none|never|absence of)\b|n[’']t\b", re.I)
_CLAUSE = re.compile(r"[,;:.“”\"()]|\b(?:and|but)\b")
# "no better than sham" denies the benefit, not the sham.
_OTHERWISE = re.compile(r"\b(?:than|better|benefit|difference|different|effect|more|worse|between|only)\b", re.I)
MOST_BETWEEN = 4  # words between a no and what it denies
_ABSENT_BY_ITSELF = re.compile(r"uncontrolled|open[- ]label|single-arm|unblinded", re.I)
# "The placebo group did not exist": the denial stands behind, with no more than the group's name between.
_DENIED_AFTER = re.compile(
    r"^(?: (?:group|arm|control|procedure|treatment|comparison|trial|study))* (?:(?:did|do|does)(?: not|n[’']t) exist|"
    r"(?:was|were|is)(?: not|n[’']t| never) (?:used|included|planned|made|done|performed|there)|"
    r"(?:was|were|is) (?:lacking|missing|absent))\b",
    re.I,
)
_KNEW = re.compile(r"knew ", re.I)
_NOBODY = re.compile(r"\b(?:neither|nobody|no one|none|not|never|nor)\b|n[’']t\b", re.I)
_WANTED = re.compile(
    r"\b(?:need(?:ed|s)?|call(?:s|ed|ing)? for|future|await\w*|until|should|must|plan(?:s|ned|ning)?|hopes?|larger|"
    r"further|want(?:s|ed)?|required?|would)\b",
    re.I,
)
_DEATH = re.compile(r"\b(?:died|deaths?)\b", re.I)  # when somebody died is not how long all were followed
_CAUTION = re.compile(
    r"\b(?:caution\w*|warn\w*|prov(?:e|es|ed) nothing|"
    r"(?:can|could|do|does|did)(?:not| not|n[o’']t) (?:prove|show|tell|say|mean|rule|know|establish)|"
    r"not (?:prove|show|mean|been (?:peer[- ]reviewed|proven|shown|established|tested))|unproven|"
    r"no (?:evidence|proof|control|comparison)|preliminary|premature|too (?:early|soon|small)|"
    r"(?:more|larger|further|bigger|controlled) (?:stud|trial|research)\w*|placebo effects?|"
    r"(?:just|only|merely|be) (?:a |the )?placebo(?! (?:group|arm|procedure|control|effect))|sceptic\w*|skeptic\w*|"
    r"controvers\w*|limitation\w*|without a control|should not|does not mean|by itself|wait for|"
    r"remains? (?:unclear|unknown|to be seen)|unclear|not (?:\w+ )?clear)",
    re.I,
)
_STRONG = re.compile(
    r"\b(?:cure[sd]?|help(?:s|ed)|breakthrough|miracle|dramatic(?:ally)?|proven|proves|works|effective|eases?|relieves?|"
    r"improves|reverses|thanks to|because of the (?:procedure|treatment)|life-changing|game[- ]changer|restores?|"
    r"heals?|revolution\w*|promising|hope\b|benefits?)\b",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Whether a report tells one item: with its first sentence, or not."""

    item: Item
    state: str  # told, told: there was none, told both ways, told in part, only asked for, not told
    sentence: int | None = None
    words: str = ""

    @property
    def is_omitted(self) -> bool:
        """Whether a reader does not learn it here."""
        return self.state in (NOT_TOLD, WANTED)


def cautions(text: str) -> tuple[str, ...]:
    """The words of a sentence that hold back."""
    return tuple(dict.fromkeys(match[0] for match in _CAUTION.finditer(text)))


def strong_words(text: str) -> tuple[str, ...]:
    """The words of a sentence that promise, unless they are denied."""
    found = (
        match for match in _STRONG.finditer(text) if not _NOBODY.search(text, max(0, match.start() - 30), match.start())
    )
    return tuple(dict.fromkeys(match[0] for match in found))


def omissions(
    found: Sequence[Sentence], numbers: Sequence[tuple[int, Mention, bool]], speakers: Sequence[tuple[int, str, str]]
) -> tuple[Told, ...]:
    """For every item whether it is told.

    `numbers` are sentence, mention and whether its group is known; `speakers` sentence, name
    and role of everybody who speaks.
    """
    return tuple(_told(item, found, numbers, speakers) for item in ITEMS)


def _told(
    item: Item,
    found: Sequence[Sentence],
    numbers: Sequence[tuple[int, Mention, bool]],
    speakers: Sequence[tuple[int, str, str]],
) -> Told:
    if item.name == "absolute numbers":
        return _absolute(item, numbers)
    if item.name == "independent comment":
        return _comment(item, speakers)
    first: dict[str, Told] = {}
    for sentence, match in _matches(item, found):
        state = _state(item, sentence.text, match)
        first.setdefault(state, Told(item=item, state=state, sentence=sentence.number, words=match[0]))
    if item.name in OF_THE_DESIGN and TOLD in first and NONE in first:
        return replace(first[NONE], state="told both ways")
    return next((first[state] for state in (TOLD, NONE, WANTED) if state in first), Told(item=item, state=NOT_TOLD))


def _state(item: Item, text: str, match: re.Match[str]) -> str:
    if _is_absent(text, match):
        return NONE
    return WANTED if item.name in OF_THE_DESIGN and _WANTED.search(text) else TOLD


def _comment(item: Item, speakers: Sequence[tuple[int, str, str]]) -> Told:
    """Told when somebody speaks who had no part; in part when somebody does of whom it is not said."""
    for role, state in (("outsider", TOLD), ("expert", "told in part"), ("organisation", "told in part")):
        for number, name, of in speakers:
            if of == role:
                words = name if state == TOLD else f"{name}: whether independent is not said"
                return Told(item=item, state=state, sentence=number, words=words)
    return Told(item=item, state=NOT_TOLD)


def _matches(item: Item, found: Sequence[Sentence]) -> Iterator[tuple[Sentence, re.Match[str]]]:
    for sentence in found:
        is_of_a_death = item.name == "length of follow-up" and _DEATH.search(sentence.text)
        if not is_of_a_death and (match := item.pattern.search(sentence.text)):
            yield sentence, match


def _is_absent(text: str, match: re.Match[str]) -> bool:
    """Whether the words are denied: a no, not, without or lacked a few words before in the same clause, or behind."""
    before = text[max(0, match.start() - 60) : match.start()]
    if _KNEW.match(match[0]):  # that they knew is what blinding would have kept from them
        return not _NOBODY.search(before)
    if _ABSENT_BY_ITSELF.search(match[0]) or _DENIED_AFTER.match(text[match.end() :]):
        return True
    clause = _CLAUSE.split(before)[-1]
    denials = list(_NOT.finditer(clause))
    if not denials:
        return False
    between = clause[denials[-1].end() :]
    return len(between.split()) <= MOST_BETWEEN and not _OTHERWISE.search(between)


def _absolute(item: Item, numbers: Sequence[tuple[int, Mention, bool]]) -> Told:
    """Told when every share has its group, or counts do where no share is stated; else the first without is named."""
    shares = [(number, mention, known) for number, mention, known in numbers if mention.kind == "share"]
    without = [(number, mention) for number, mention, known in shares if not known]
    if without:
        number, mention = without[0]
        words = f"{len(without)} of {len(shares)} shares without their group, first '{mention.text}'"
        state = "told in part" if len(without) < len(shares) else NOT_TOLD
        return Told(item=item, state=state, sentence=number, words=words)
    counted = shares or [
        one for one in numbers if one[1].kind in ("persons", "count") and one[2] and one[1].rule != "things counted"
    ]
    if not counted:
        return Told(item=item, state=NOT_TOLD, words="no share and no count of persons")
    return Told(item=item, state=TOLD, sentence=counted[0][0], words=counted[0][1].text)
