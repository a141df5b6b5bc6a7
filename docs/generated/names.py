"""The names that a user of Python meets, with their signatures and docstrings, as Markdown."""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import is_dataclass
from importlib import import_module

# Modules whose public names a user of Python meets, or those of them that he meets, by the page's sections.
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
        "azygos.therapy.inflation",
    ),
    "Many patients": (
        "azygos.population.cohort", "azygos.population.sample", "azygos.population.fit",
        "azygos.population.sensitivity", "azygos.run.run",
    ),
    "Studies": (
        "azygos.study.design", "azygos.study.dataset", "azygos.study.analysis", "azygos.trial.study",
        "azygos.trial.run", "azygos.trial.verdict", "azygos.trial.words", "azygos.trial.change",
        "azygos.trial.circulations", "azygos.trial.bands",
    ),
    "Methods of statistics": ("azygos.statistics.result",),
    "Claims in print": ("azygos.audit.claims", "azygos.audit.check", "azygos.audit.article", "azygos.audit.copies"),
    "Files": (  # besides those of the short way
        "azygos.exchange.person fitted_from", "azygos.exchange.protocol",
        "azygos.exchange.cohort read_cohort named_cohort", "azygos.exchange.design read_design",
        "azygos.exchange.study read_study named_study", "azygos.exchange.study_data read_study_data",
        "azygos.exchange.claims", "azygos.exchange.openbf read_openbf write_openbf",
        "azygos.exchange.svzerod read_svzerod write_svzerod", "azygos.exchange.vtp",
        "azygos.exchange.vtk_series series", "azygos.exchange.dicom dicom_files",
    ),
    "Pictures": ("azygos.report.figures",),
    "Units and errors": ("azygos.units", "azygos.errors", "azygos.rng"),
}  # fmt: skip

FIELD = re.compile(r"    (?P<name>[a-z]\w*): (?P<type>[^=#]+?)(?: = [^#]+?)?(?:  # (?P<said>.*))?$")


def python() -> str:
    """Every public name with its signature and docstring, which are Markdown as they stand."""
    seen: set[object] = set()
    parts = []
    for title, modules in PYTHON.items():
        found = [described(*place, seen) for place in places(modules)]
        parts.append(f"## {title}\n\n" + "\n\n".join(filter(None, found)))
    return "\n\n".join(parts)


def places(modules: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(module, name) of every public name of these modules, or of those beside a module."""
    for module, *some in map(str.split, modules):
        yield from ((module, name) for name in some or import_module(module).__all__)


def described(module: str, name: str, seen: set[object]) -> str:
    thing = inspect.unwrap(getattr(import_module(module), name))  # of a function that remembers its answers
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
