"""Sources sorted by the publications that they name, and written as text, BibTeX or CSL-JSON.

A source is text of a table, such as "Gadda 2015 (kj3 = 11 mL/(mmHg s) at 5.85 mmHg)". What is read from it is the
publication as it stands there, an author and a year, a journal with its volume and page, or an identifier; nothing is
looked up and nothing is added.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from azygos.report.sources import Use

__all__ = ["Reference", "Sorted", "as_bibtex", "as_csl", "as_text", "sorted_by_publication"]

NAME_WORDS = 4  # of what may be a name rather than a sentence
MOST = 4  # things said of a reference in text; the rest are counted
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
NAME = rf"(?!(?:{MONTHS}) (?:19|20))[A-Z][\w'’-]*"
NAMES = rf"{NAME}(?:,? (?:(?:and|&|of|in|et) )?(?:al\.|{NAME}))*"
YEAR = r"(?:19|20)\d\d"
DOI_ = r"(?:doi:)?10\.\d{4,}/[^\s;,)]+"
PLACE = rf"(?:{DOI_}|\d{{6,7}}|arXiv \d{{4}}\.\d+|[A-Z][A-Za-z ]* \d+:\w+(?:-\w+)?)"
# The ways in which tables name a publication; the first that fits at a place is taken.
PUBLICATION = re.compile(
    rf"(?:van )?{NAMES} {YEAR};\d+(?:\([^)]*\))?(?::\w+)?"  # authors, journal, year, volume and page
    rf"|{NAMES},? {YEAR}(?: \({PLACE}\)|,? {PLACE})?(?:, PMC\d+)?"  # authors, year, and where it is
    rf"|PMC\d+|PMID \d+|arXiv \d{{4}}\.\d+|{DOI_}"
)
HEAD = re.compile(rf"{NAMES},? {YEAR}")
DOI, PMC, PMID = re.compile(r"10\.\d{4,}/[^\s;,)]+"), re.compile(r"PMC\d+"), re.compile(r"PMID (\d+)")
NO_SOURCE = ("own", "anatomy", "origin", "the file itself")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A publication as the tables name it, and what of a run rests on it."""

    name: str
    uses: tuple[Use, ...]

    @property
    def identifiers(self) -> dict[str, str]:
        """doi, pmcid and pmid, where the name or the texts that name it alone hold one."""
        alone = " ".join({self.name, *(use.source for use in self.uses if len(publications(use.source)) == 1)})
        found = {"doi": DOI.search(alone), "pmcid": PMC.search(alone), "pmid": PMID.search(alone)}
        return {key: match[match.lastindex or 0] for key, match in found.items() if match}

    @property
    def used_for(self) -> dict[str, list[str]]:
        """What rests on it, by groups."""
        return _groups(self.uses)


def _groups(uses: Iterable[Use]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for use in uses:
        groups.setdefault(use.group, []).append(use.what)
    return {group: list(dict.fromkeys(what)) for group, what in groups.items()}


def publications(source: str) -> tuple[str, ...]:
    """The publications that a source names, as it names them; what no pattern knows is one by its beginning."""
    found = tuple(dict.fromkeys(match[0].strip(" ,") for match in PUBLICATION.finditer(source)))
    if found or source in NO_SOURCE or source.startswith("as "):
        return found
    known = "; ".join(part for part in source.split("; ") if not is_assumed(part))
    if known and known[0].isupper():
        head = re.split(r" \(|[;:] ", known, maxsplit=1)[0]
        is_name = len(head.split()) <= NAME_WORDS and (re.search(YEAR, head) or not known.startswith(f"{head}:"))
        return (head if is_name else known,)
    return (known,) if known and known == source else ()


def is_assumed(source: str) -> bool:
    """Whether a source says of a number, or of a part of it, that it is assumed."""
    return "assumed" in source


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """The publications, those with most uses first; what was assumed, wholly or in part; what is neither."""

    references: tuple[Reference, ...]
    assumed: tuple[Use, ...]
    others: tuple[Use, ...]  # such as the numbers of one's own file


def sorted_by_publication(uses: Iterable[Use]) -> Sorted:
    """Uses by what their sources say."""
    by_name: dict[str, list[Use]] = {}
    known = tuple(dict.fromkeys(uses))
    for use in known:
        for name in publications(use.source):
            by_name.setdefault(name, []).append(use)
    found = [Reference(name=name, uses=tuple(some)) for name, some in _joined(by_name).items()]
    return Sorted(
        references=tuple(sorted(found, key=lambda one: (-len(one.uses), one.name))),
        assumed=tuple(use for use in known if is_assumed(use.source)),
        others=tuple(use for use in known if not is_assumed(use.source) and not publications(use.source)),
    )


def _joined(by_name: Mapping[str, list[Use]]) -> dict[str, list[Use]]:
    """One publication under one name: the fullest of those that begin alike, such as "Tartiere 2009"."""
    fullest: dict[str, str] = {}
    for name in sorted(by_name, key=len):
        head = HEAD.match(name)
        fullest[head[0] if head and "et al" not in name else name] = name
    found: dict[str, list[Use]] = {}
    for name, uses in by_name.items():
        head = HEAD.match(name)
        found.setdefault(fullest.get(head[0] if head else name, name), []).extend(uses)
    return found


def as_text(found: Sorted) -> str:
    """A line for each publication, and below it what it was used for; then what is assumed."""
    lines = []
    for one in found.references:
        remembered = " (from memory)" if any("from memory" in use.source for use in one.uses) else ""
        lines += [one.name.removesuffix(", from memory") + remembered, *(f"    {line}" for line in _said(one.used_for))]
    for title, some in (("Assumed, wholly or in part:", found.assumed), ("Without a publication:", found.others)):
        groups = _groups(some)
        lines += ["", title, *(f"    {line}" for line in _said(groups))] if groups else []
    return "\n".join(lines).lstrip("\n")


def _said(used_for: Mapping[str, list[str]]) -> Iterable[str]:
    for group, what in used_for.items():
        more = f" and {len(what) - MOST} more" if len(what) > MOST else ""
        yield f"{group}: {'; '.join(what[:MOST])}{more}"


def as_bibtex(references: Iterable[Reference]) -> str:
    """An entry for each: the publication as named is its title, what it was used for its note."""
    fields = {"doi": "doi", "pmcid": "pmcid", "pmid": "pmid"}
    entries = []
    for number, one in enumerate(references, start=1):
        rows = {"title": f"{{{one.name}}}", "note": f"used for {'; '.join(_said(one.used_for))}"}
        rows |= {fields[key]: value for key, value in one.identifiers.items()}
        body = ",\n".join(f"  {key} = {{{_escaped(value)}}}" for key, value in rows.items())
        entries.append(f"@misc{{azygos{number:03d},\n{body}\n}}\n")
    return "\n".join(entries)


def _escaped(text: str) -> str:
    return re.sub(r"([%&$#_])", r"\\\1", text)


def as_csl(references: Iterable[Reference]) -> str:
    """CSL-JSON, as reference managers read it."""
    names = {"doi": "DOI", "pmcid": "PMCID", "pmid": "PMID"}
    items: list[dict[str, Any]] = [
        {"id": f"azygos{number:03d}", "type": "document", "title": one.name,
         "note": f"used for {'; '.join(_said(one.used_for))}"}
        | {names[key]: value for key, value in one.identifiers.items()}
        for number, one in enumerate(references, start=1)
    ]  # fmt: skip
    return json.dumps(items, indent=1, ensure_ascii=False)
