"""What the numbers of the package rest on, as Markdown."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import yaml

from generated.tables import TABLES, is_source, package, read, table

if TYPE_CHECKING:
    from azygos.report.references import Reference
    from azygos.report.sources import Use

FILES = {"trial": "Named studies", "population": "Named cohorts"}  # floors with files whose numbers have sources too
PLACES = {  # where a publication can be read
    "doi": "https://doi.org/", "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/", "pmid": "https://pubmed.ncbi.nlm.nih.gov/",
}  # fmt: skip


def shares() -> str:
    """How many numbers of each table have a publication, and how many are assumed."""
    counted = Counter((use.group, "assumed" in use.source) for use in of_tables())
    titles = (*(title for *_, title in TABLES), *FILES.values())
    rows = [(title, str(counted[title, False]), str(counted[title, True])) for title in titles]
    return table(("table", "cells with a publication", "assumed, wholly or in part"), rows)


def sources() -> str:
    """Every publication that a table, a file, an instrument, a rule or a method names, and what it is given for."""
    from azygos.report.references import sorted_by_publication

    found = sorted_by_publication((*of_tables(), *of_code()))
    rows = [(linked(one), used(one.used_for)) for one in found.references]
    assumed: dict[str, dict[str, list[str]]] = {}
    for use in (*found.assumed, *found.others):
        assumed.setdefault(use.source, {}).setdefault(use.group, []).append(use.what)
    notes = [(said, used(by)) for said, by in assumed.items()]
    return "\n\n".join((
        table(("publication", "given for"), sorted(rows, key=lambda row: row[0].casefold())),
        "## Assumed, and why",
        table(("what is said", "of"), sorted(notes, key=lambda row: row[0].casefold())),
    ))  # fmt: skip


def linked(reference: "Reference") -> str:
    """A publication as the tables name it, where it can be read, and its title where that is known."""
    name = reference.name
    for kind, value in reference.identifiers.items():
        link = f"[{value}]({PLACES[kind]}{value})"
        name = name.replace(value, link) if value in name else f"{name}, {link}"
    return f"{name}: {reference.title}" if reference.title else name


def used(by: dict[str, list[str]]) -> str:
    return "; ".join(f"{group}: {some(names)}" for group, names in by.items())


def some(names: Sequence[str]) -> str:
    kept = list(dict.fromkeys(names))
    return ", ".join(kept[:4]) + (f" and {len(kept) - 4} more" if len(kept) > 4 else "")


def of_tables() -> "Iterator[Use]":
    """What the tables and the named files say of where their numbers come from."""
    from azygos.report.sources import Use

    for floor, name, title in TABLES:
        yield from (Use(group=title, what=what, source=said) for said, what in stated(floor, name))
    for floor, title in FILES.items():
        yield from (Use(group=title, what=what, source=said) for said, what in in_files(floor))


def of_code() -> "Iterator[Use]":
    """The same of what the code holds: errors of instruments, rules of findings, answers to a balloon, statistics."""
    from azygos.instruments import findings
    from azygos.report.sources import INSTRUMENTS, METHODS, RESPONSES, RUPTURE, Use

    for name, errors in INSTRUMENTS.items():
        yield from (Use(group=name, what=what, source=said) for what, said in errors)
    rules = (value for value in vars(findings).values() if isinstance(value, findings.Rule))
    yield from (Use(group="rules of findings", what=rule.name, source=rule.source) for rule in rules)
    for what, said in dict.fromkeys((*(one for answers in RESPONSES.values() for one in answers), RUPTURE)):
        yield Use(group="answer to a balloon", what=what, source=said)
    yield from (Use(group="methods", what=name, source=said) for name, said in METHODS.items())


def stated(floor: str, name: str) -> Iterator[tuple[str, str]]:
    """(source, what it is given for) of every cell of a table's columns of sources that is not empty."""
    for row in read(floor, name):
        for head, said in row.items():
            if is_source(head) and said:
                kind = head.removesuffix("source").replace("_", " ").strip()
                yield said, " ".join(filter(None, (next(iter(row.values())), kind)))


def in_files(floor: str) -> Iterator[tuple[str, str]]:
    """The same of the named studies or cohorts."""
    for file in sorted((package(floor) / "named").glob("*.yaml")):
        for said in sources_in(yaml.safe_load(file.read_text(encoding="utf-8"))):
            yield said, file.stem


def sources_in(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "source" and isinstance(value, str):
                yield value
            elif key == "sources" and isinstance(value, list):
                yield from map(str, value)
            else:
                yield from sources_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from sources_in(value)
