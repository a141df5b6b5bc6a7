"""What the pages of reference take from the program itself, as Markdown: commands, tables, sources, names of Python."""

import csv
import inspect
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import is_dataclass
from importlib import import_module, resources
from pathlib import Path

import yaml

# The tables of numbers, in the order in which they are shown: (floor, table, title).
TABLES = (
    ("body", "arteries", "Arteries"),
    ("body", "veins", "Veins and dural sinuses"),
    ("body", "chambers", "Chambers of the heart"),
    ("body", "valves", "Valves"),
    ("body", "lungs", "Lungs"),
    ("body", "channels", "Channels without length"),
    ("body", "terminals", "Beds"),
    ("body", "drains", "Where the beds drain to"),
    ("body", "bridging", "Mouths of the bridging veins"),
    ("body", "places", "Places of the nodes"),
    ("body", "parameters", "Factors by which persons differ"),
    ("body", "variants", "Variants of the anatomy"),
    ("therapy", "balloons", "Balloons"),
    ("therapy", "stents", "Stents"),
    ("therapy", "complications", "Complications"),
    ("therapy", "patency", "How long opened vessels stay open"),
    ("trial", "priors", "Constants of studies and their priors"),
    ("trial", "forms", "Forms of multiple sclerosis"),
    ("trial", "deaths", "Deaths after the procedure"),
    ("trial", "sinus_harms", "Harms in the venous sinuses"),
)
BODY = tuple(row for row in TABLES if row[0] == "body" and row[1] not in ("parameters", "variants"))
OTHERS = tuple(row for row in TABLES if row not in BODY)
FILES = ("trial", "population")  # floors with named files, whose numbers have sources too

# Modules whose public names a user of Python meets, by the page's sections.
PYTHON = {
    "The short way": ("azygos",),
    "A body and what is done to it": ("azygos.body.lesion", "azygos.body.condition", "azygos.body.person"),
    "A solution": ("azygos.engine.solution", "azygos.engine.batch"),
    "Instruments and findings": (
        "azygos.instruments.recording", "azygos.instruments.instrument", "azygos.instruments.examination",
        "azygos.instruments.ultrasound", "azygos.instruments.mri", "azygos.instruments.manometry",
        "azygos.instruments.venography", "azygos.instruments.findings", "azygos.instruments.registry",
    ),
    "Treatment": (
        "azygos.therapy.protocol", "azygos.therapy.conduct", "azygos.therapy.catalogue", "azygos.therapy.healing",
    ),
    "Many patients": (
        "azygos.population.cohort", "azygos.population.sample", "azygos.population.fit",
        "azygos.population.sensitivity", "azygos.run.run",
    ),
    "Studies": (
        "azygos.study.design", "azygos.study.dataset", "azygos.study.analysis", "azygos.trial.study",
        "azygos.trial.run", "azygos.trial.verdict", "azygos.trial.words", "azygos.trial.change",
    ),
    "Methods of statistics": ("azygos.statistics.result",),
    "Claims in print": ("azygos.audit.claims", "azygos.audit.check", "azygos.audit.article", "azygos.audit.copies"),
    "Units and errors": ("azygos.units", "azygos.errors", "azygos.rng"),
}  # fmt: skip

FIELD = re.compile(r"    (?P<name>[a-z]\w*): (?P<type>[^=#]+?)(?: = [^#]+?)?(?:  # (?P<said>.*))?$")


def commands() -> str:
    """Every command with its options, as `--help` has them."""
    from azygos.cli.main import app

    text = app.generate_docs(usage_name="azygos")
    text = text[text.index("\n## azygos ") :]  # after the list of contents, which the page's margin has
    return re.sub(r"^\*\*Commands\*\*:\n\n(\*.*\n)+", "", text, flags=re.MULTILINE)


def methods() -> str:
    """Every method that `azygos stats` has."""
    from azygos.statistics.registry import METHODS

    rows = [(f"`{m.name}`", f"`azygos.statistics.{m.home.replace(':', '.')}`", m.help) for m in METHODS.values()]
    return table(("method", "function", "what it is"), rows)


def outcomes() -> str:
    """How a solve can end."""
    from azygos.engine.outcome import Outcome

    return table(("outcome", "what a user reads"), [(f"`{outcome.name}`", outcome.value) for outcome in Outcome])


def body_tables() -> str:
    return "\n\n".join(shown(*row) for row in BODY)


def other_tables() -> str:
    return "\n\n".join(shown(*row) for row in OTHERS)


def shown(floor: str, name: str, title: str) -> str:
    """A table of the package, its columns' units spelt out."""
    rows = read(floor, name)
    heads = [head.replace("_", " ") for head in rows[0]]
    lines = [[f"`{value}`" if head in ("name", "from", "to", "bed", "node") and value else value
              for head, value in row.items()] for row in rows]  # fmt: skip
    return f"## {title}\n\n`azygos/{floor}/tables/{name}.csv`, {len(rows)} rows.\n\n{table(heads, lines)}"


def shares() -> str:
    """How many numbers of each table have a publication, and how many are assumed."""
    rows = []
    for floor, name, title in TABLES:
        found = Counter("assumed" if "assumed" in said else "published" for said, _ in stated(floor, name))
        rows.append((title, str(found["published"]), str(found["assumed"])))
    for floor in FILES:
        found = Counter("assumed" if "assumed" in said else "published" for said, _ in in_files(floor))
        title = {"trial": "Named studies", "population": "Named cohorts"}[floor]
        rows.append((title, str(found["published"]), str(found["assumed"])))
    return table(("table", "cells with a publication", "assumed, wholly or in part"), rows)


def sources() -> str:
    """Every source that stands in a table or a named file, and what it is given for."""
    uses: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for floor, name, title in TABLES:
        for said, what in stated(floor, name):
            uses[said][title].append(what)
    for floor in FILES:
        for said, what in in_files(floor):
            uses[said]["named files"].append(what)
    rows = [(said, "; ".join(f"{title}: {some(names)}" for title, names in by.items())) for said, by in uses.items()]
    return table(("source", "given for"), sorted(rows, key=lambda row: row[0].casefold()))


def some(names: Sequence[str]) -> str:
    kept = list(dict.fromkeys(names))
    return ", ".join(kept[:4]) + (f" and {len(kept) - 4} more" if len(kept) > 4 else "")


def stated(floor: str, name: str) -> Iterator[tuple[str, str]]:
    """(source, what it is given for) of every cell of a table's columns of sources that is not empty."""
    for row in read(floor, name):
        for head, said in row.items():
            if (head == "source" or head.endswith("_source")) and said:
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


def python() -> str:
    """Every public name with its signature and docstring, which are Markdown as they stand."""
    seen: set[object] = set()
    parts = []
    for title, modules in PYTHON.items():
        found = [described(module, name, seen) for module in modules for name in import_module(module).__all__]
        parts.append(f"## {title}\n\n" + "\n\n".join(filter(None, found)))
    return "\n\n".join(parts)


def described(module: str, name: str, seen: set[object]) -> str:
    thing = getattr(import_module(module), name)
    if not (inspect.isclass(thing) or inspect.isfunction(thing)) or thing in seen:
        return ""
    seen.add(thing)
    if inspect.isfunction(thing):
        return directive("function", f"{module}.{name}", signature(thing), inspect.getdoc(thing))
    members = [fields(thing), *(member(thing, n) for n in vars(thing) if not n.startswith("_"))]
    return directive("class", f"{module}.{name}", signature(thing), inspect.getdoc(thing), filter(None, members))


def fields(owner: type) -> str:
    """The fields of a dataclass with their types and what is said beside them."""
    if not is_dataclass(owner):
        return ""
    lines = [found for line in inspect.getsource(owner).splitlines() if (found := FIELD.match(line))]
    return "\n".join(f"- `{line['name']}: {line['type'].strip()}`{said(line['said'])}" for line in lines)


def said(comment: str | None) -> str:
    return f": {comment.strip()}" if comment else ""


def member(owner: type, name: str) -> str:
    thing = inspect.getattr_static(owner, name)
    if isinstance(thing, property):
        return directive("property", name, "", inspect.getdoc(thing))
    if isinstance(thing, staticmethod | classmethod):
        return directive("method", name, signature(getattr(owner, name)), inspect.getdoc(thing.__func__))
    if inspect.isfunction(thing):
        return directive("method", name, signature(thing).replace("(self, ", "(").replace("(self)", "()"),
                         inspect.getdoc(thing))  # fmt: skip
    return ""


def signature(thing: Callable[..., object]) -> str:
    try:
        found = inspect.signature(thing)
    except ValueError:  # of some enumerations and builtins
        return ""
    bare = [p.replace(annotation=inspect.Parameter.empty, default=short(p.default)) for p in found.parameters.values()]
    return str(found.replace(parameters=bare, return_annotation=inspect.Signature.empty))


class Word:
    """A default that prints as it is meant."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def short(default: object) -> object:
    """The default, or three dots for one that would not fit a line."""
    if default is inspect.Parameter.empty or (len(repr(default)) <= 24 and "<" not in repr(default)):
        return default
    return Word("...")


def directive(kind: str, name: str, arguments: str, text: str | None, inner: Iterable[str] = ()) -> str:
    inside = "\n\n".join((text or "", *inner)).strip()
    fence = "`" * (5 if kind in ("class", "function") else 4)
    return f"{fence}{{py:{kind}}} {name}{arguments}\n\n{inside}\n{fence}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    cells = ((cell.replace("|", "\\|").replace("\n", " ") for cell in line) for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def read(floor: str, name: str) -> list[dict[str, str]]:
    with (package(floor) / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def package(floor: str) -> Path:
    return Path(str(resources.files(f"azygos.{floor}")))


PARTS: dict[str, Callable[[], str]] = {
    part.__name__: part for part in (commands, methods, outcomes, body_tables, other_tables, shares, sources, python)
}
