"""Sources sorted by the publications that they name, and written as text, BibTeX or CSL-JSON.

A source is text of a table, such as "Gadda 2015 (kj3 = 11 mL/(mmHg s) at 5.85 mmHg)". What is read from it is the
publication as it stands there, an author and a year, a journal with its volume and page, or an identifier. Titles are
those of publications.csv, which says where each was read; of others none is given.
"""

import csv
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

from azygos.report.sources import Use

__all__ = ["Reference", "Sorted", "Told", "as_bibtex", "as_csl", "as_text", "sorted_by_publication", "told"]

Told: TypeAlias = tuple[str, list[str]]  # what, and what is said of it

MOST = 4  # things said of a reference in text; the rest are counted
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
NAME = rf"(?!(?:{MONTHS}) (?:19|20))[A-Z][\w'’-]*"
NAMES = rf"{NAME}(?:,? (?:(?:and|&|of|in|et) )?(?:al\.|{NAME}))*"
YEAR = r"(?:19|20)\d\d"
DOI_ = r"(?:doi:)?10\.\d{4,}/[^\s;,)]+"
PLACE = rf"(?:{DOI_}|\d{{6,7}}|arXiv \d{{4}}\.\d+|[A-Z][A-Za-z ]* \d+:\w+(?:-\w+)?)"
PMID_ = r"(?:PMID|PubMed) \d+"
NUMBERS = rf"(?:, (?:PMC\d+|{PMID_}|{DOI_}))*"
WORKS = "ADAN-86|Trento solver|Blanco and Liang|HRA VCCF|WP217"  # programs and tables without a year
WEB = r"(?:WebMD|[a-z]+\.(?:com|mx))"
# The ways in which tables name a publication; the first that fits at a place is taken.
PUBLICATION = re.compile(
    rf"(?:van )?{NAMES} {YEAR};\d+(?:\([^)]*\))?(?::\w+(?:-\w+)?)?{NUMBERS}"  # authors, journal, volume and page
    rf"|{WEB}\b[^:;()]*?{YEAR}"  # a page of the web, and its day
    rf"|{NAMES},? {YEAR}(?: \({PLACE}\)|,? {PLACE})?{NUMBERS}"  # authors, year, and where it is
    rf"|PMC\d+|{PMID_}|arXiv \d{{4}}\.\d+|{DOI_}|(?:openaire|scilit|bibliomed) \w+|{WORKS}"
)
PRINTED = re.compile(rf"({YEAR})\b.*?(\d+)(?:\([^)]*\))?:(\w+)")  # year, volume and page
FIRST = re.compile(rf"(?:van )?({NAME})(?:[^;:]*?\b)({YEAR})")  # first author, or journal, and year
DOI, PMC, PMID = re.compile(r"10\.\d{4,}/[^\s;,)]+"), re.compile(r"PMC\d+"), re.compile(r"(?:PMID|PubMed) (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A publication as the tables name it, and what of a run rests on it."""

    name: str
    uses: tuple[Use, ...]

    @property
    def identifiers(self) -> dict[str, str]:
        """doi, pmcid and pmid, where the name, the texts that name it alone or publications.csv hold one."""
        alone = " ".join((self.name, *(use.source for use in self.uses if len(publications(use.source)) == 1)))
        alone += f" {_known(self.name).get('doi', '')}"
        found = {"doi": DOI.search(alone), "pmcid": PMC.search(alone), "pmid": PMID.search(alone)}
        return {key: match[match.lastindex or 0] for key, match in found.items() if match}

    @property
    def title(self) -> str:
        """Its title where it is known or a table tells it, as behind the name of a page of the web; else nothing."""
        told = re.compile(rf"(?={WEB}){re.escape(self.name)}, ([A-Z].*?)(?:: [a-z\d].*)?")
        found = (match[1] for use in self.uses if (match := told.fullmatch(use.source)))
        return _known(self.name).get("title") or next(found, "")

    @property
    def year(self) -> str:
        found = re.search(rf"\b{YEAR}\b", self.name)
        return found[0] if found else ""

    @property
    def key(self) -> str:
        """What it is called in a file of references: the same in every run."""
        plain = unicodedata.normalize("NFKD", self.name).encode("ascii", "ignore").decode().lower()
        return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")

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
    """The publications that a source names, as it names them."""
    return tuple(dict.fromkeys(match[0].strip(" ,") for match in PUBLICATION.finditer(source)))


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
    """One publication under one name, the fullest of those that agree in year, volume and page, or in an identifier.

    A name that says no more than an author and a year is that of the one fuller name that begins so.
    """
    groups: dict[str, list[str]] = {}
    fullest = sorted(by_name, key=len, reverse=True)
    for name in filter(_marks, fullest):
        same = (full for full in groups if _marks(full) & _marks(name))
        groups.setdefault(next(same, name), []).append(name)
    for name in (name for name in fullest if not _marks(name)):
        fuller = [full for full in groups if _first(full) == _first(name) is not None]
        groups.setdefault(fuller[0] if len(fuller) == 1 else name, []).append(name)
    return {full: [use for name in names for use in by_name[name]] for full, names in groups.items()}


def _marks(name: str) -> set[str]:
    """What tells a publication from every other: where it was printed, and its identifiers."""
    where = PRINTED.search(name)
    found = {match[0] for pattern in (DOI, PMC) if (match := pattern.search(name))}
    found |= {f"PMID {match[1]}" for match in PMID.finditer(name)}
    return found | ({" ".join(where.groups())} if where else set())


def _known(name: str) -> Mapping[str, str]:
    """The row of publications.csv of the publication that a table names so; nothing where there is none."""
    known = _publications()
    return next((known[mark] for mark in (name, *_marks(name)) if mark in known), {})


@cache
def _publications() -> Mapping[str, Mapping[str, str]]:
    """The rows of publications.csv by the names and the marks of what they tell."""
    text = resources.files("azygos.report").joinpath("publications.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {mark: row for row in rows for mark in (row["name"], *_marks(row["name"]))}


def _first(name: str) -> tuple[str, str] | None:
    found = FIRST.match(name)
    return (found[1], found[2]) if found else None


def told(found: Sorted, in_words: Callable[[str], str] = str) -> tuple[list[Told], list[Told]]:
    """Of each publication what was used of it; and what is assumed, and what has no publication.

    `in_words` says a vessel's name as a reader does.
    """
    publications = []
    for one in found.references:
        remembered = " (from memory)" if any("from memory" in use.source for use in one.uses) else ""
        title = f": {one.title}" if one.title else ""
        publications.append((one.name + title + remembered, [in_words(text) for text in _said(one.used_for)]))
    others = tuple(replace(use, what=f"{use.what} ({use.source})") for use in found.others)
    rest = (("Assumed, wholly or in part", found.assumed), ("Without a publication", others))
    return publications, [(title, [in_words(text) for text in _said(_groups(some))]) for title, some in rest if some]


def as_text(found: Sorted) -> str:
    """A line for each publication, and below it what it was used for; then what is assumed."""
    publications, rest = told(found)
    lines = [line for name, said in publications for line in (name, *(f"    {one}" for one in said))]
    lines += [line for title, said in rest for line in ("", f"{title}:", *(f"    {one}" for one in said))]
    return "\n".join(lines).lstrip("\n")


def _said(used_for: Mapping[str, list[str]]) -> Iterable[str]:
    for group, what in used_for.items():
        more = f" and {len(what) - MOST} more" if len(what) > MOST else ""
        yield f"{group}: {'; '.join(what[:MOST])}{more}"


def as_bibtex(references: Iterable[Reference]) -> str:
    """An entry for each: its title if known, the publication as named, its year, what it was used for as its note."""
    entries = []
    for one in references:
        title = f"{{{_escaped(one.title)}}}" if one.title else ""
        rows = {"title": title, "howpublished": _escaped(one.name), "year": one.year}
        rows |= {"note": _escaped(f"used for {'; '.join(_said(one.used_for))}")}
        rows |= {key: _escaped(value) for key, value in one.identifiers.items()}
        body = ",\n".join(f"  {key} = {{{value}}}" for key, value in rows.items() if value)
        entries.append(f"@misc{{{one.key},\n{body}\n}}\n")
    return "\n".join(entries)


def _escaped(text: str) -> str:
    return re.sub(r"([%&$#_{}])", r"\\\1", text)


def as_csl(references: Iterable[Reference]) -> str:
    """CSL-JSON, as reference managers read it."""
    names = {"doi": "DOI", "pmcid": "PMCID", "pmid": "PMID"}
    items: list[dict[str, Any]] = [
        {"id": one.key, "type": "document", "container-title": one.name,
         "note": f"used for {'; '.join(_said(one.used_for))}"}
        | ({"title": one.title} if one.title else {})
        | ({"issued": {"date-parts": [[int(one.year)]]}} if one.year else {})
        | {names[key]: value for key, value in one.identifiers.items()}
        for one in references
    ]  # fmt: skip
    return json.dumps(items, indent=1, ensure_ascii=False)
