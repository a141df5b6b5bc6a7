"""`azygos body`: the vessels of the reference adult, a drawing of a circulation, and the problems of a file."""

import json as jsons
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from cyclopts import App, Parameter

from azygos.cli.table import print_table

if TYPE_CHECKING:
    from azygos.body.body import Body
    from azygos.body.catalogue import Entry, Fact
    from azygos.body.network import Network
    from azygos.report.map import Format

__all__ = ["app"]

BAD_FILE = 2
TITLES = ("name", "kind", "English", "Terminologia Anatomica", "from", "to")  # of the list of vessels

app = App(name="body", help="List the reference adult's vessels, show one, draw a circulation, check a file.")

Flag = Annotated[bool, Parameter(negative=())]


@app.command(name="list")
def list_vessels(
    *, kind: Literal["artery", "vein", "sinus"] | None = None, json: Flag = False, markdown: Flag = False
) -> int:
    """List the reference adult's vessels with their English and Latin names and the nodes they join.

    Parameters
    ----------
    kind
        Only the vessels of this kind.
    json
        Print one JSON object and nothing else.
    markdown
        Print a table in Markdown and nothing else, as docs/vessels.md has it.
    """
    from azygos.body.catalogue import vessels

    entries = vessels(kind)
    if json:
        print(jsons.dumps({"vessels": [_entry(entry) for entry in entries]}, ensure_ascii=False))
        return 0
    rows = [(e.name, e.kind, e.english, e.latin, e.start, e.end) for e in entries]
    if markdown:
        notes = [entry.note for entry in entries]
        print("\n".join(_markdown((*TITLES, "note"), [(*row, note) for row, note in zip(rows, notes, strict=True)])))
        return 0
    print_table(TITLES, rows)
    print(f"{len(entries)} vessels; 'azygos body show NAME' says all that is known of one")
    return 0


@app.command
def show(name: str, /, *, json: Flag = False) -> int:
    """Show one vessel of the reference adult: its names, its numbers with units and sources, what it joins.

    Parameters
    ----------
    name
        The vessel, such as ijv_l.
    json
        Print one JSON object and nothing else.
    """
    from azygos.body.catalogue import entry, facts

    known, found = entry(name), facts(name)
    if json:
        print(jsons.dumps(_entry(known) | {"facts": [_fact(fact) for fact in found]}, ensure_ascii=False))
        return 0
    print(f"{known.name}: {known.english} ({known.latin}), {_with_article(known.kind)}")
    if known.note:
        print(f"In this model: {known.note}.")
    print_table(("", "value", "unit", "source"), [(f.quantity, _value(f), f.unit, f.source) for f in found])
    return 0


@app.command
def variants(*, json: Flag = False) -> int:
    """List the variants of the anatomy, each with its source: 'azygos simulate reference --variant NAME'.

    Parameters
    ----------
    json
        Print one JSON object and nothing else.
    """
    from azygos.body.variant import variants as known

    rows = [(variant.name, variant.what, variant.source) for variant in known().values()]
    if json:
        print(jsons.dumps({"variants": [dict(zip(("name", "what", "source"), row, strict=True)) for row in rows]}))
    else:
        print_table(("variant", "what", "source"), rows)
    return 0


@app.command
def parameters(*, json: Flag = False) -> int:
    """List the named factors on the reference body, each with its range and source: a body file's `parameters`.

    Parameters
    ----------
    json
        Print one JSON object and nothing else.
    """
    from azygos.body.parameter import parameters as known

    names = ("name", "low", "high", "what", "source")
    rows = [(p.name, p.low, p.high, p.what, p.source) for p in known().values()]
    if json:
        print(jsons.dumps({"parameters": [dict(zip(names, row, strict=True)) for row in rows]}))
    else:
        print_table(names, [(name, f"{low:g}", f"{high:g}", *rest) for name, low, high, *rest in rows])
    return 0


@app.command
def draw(file: Path | None = None, /, *, out: Path = Path("body.svg")) -> int:
    """Draw a circulation seen from in front: the reference adult's, or that of a file.

    Parameters
    ----------
    file
        A body, or a network whose nodes bear the names of the reference adult's; left out, the reference adult.
    out
        The picture's file, ending in .svg, .png or .pdf.
    """
    from azygos.cli.files import whole
    from azygos.report.map import circulation_map, rendered

    subject, form = _asked(file, out)
    picture = rendered(circulation_map(subject), form)
    with whole(out) as unfinished:
        unfinished.write_bytes(picture)
    print(f"Drawing: {out}")
    return 0


@app.command
def check(file: Path, /, *, json: Flag = False) -> int:
    """Check a file: print its problems, every one on a line of its own, or that nothing is wrong.

    The exit status is 2 where there are problems.

    Parameters
    ----------
    file
        A body's or a network's file, azygos' own or openBF's.
    json
        Print one JSON object and nothing else.
    """
    from azygos.errors import InputError
    from azygos.exchange.subject import read_subject

    try:
        subject, problems = read_subject(file), []
    except InputError as error:
        subject, problems = None, [str(problem) for problem in error.problems]
    if json:
        print(jsons.dumps({"file": str(file), "problems": problems}, ensure_ascii=False))
    elif problems:
        print("\n".join(problems))
    else:
        print(f"{subject!r}\n\nnothing wrong")
    return BAD_FILE if problems else 0


def _asked(file: Path | None, out: Path) -> tuple["Body | Network", "Format"]:
    """What to draw and as what. Raises InputError with all that is wrong with the command line and the file."""
    from azygos.cli.request import Problems
    from azygos.exchange.subject import REFERENCE, read_subject

    problems = Problems()
    problems.check(lambda: _check_picture(out))
    subject = problems.check(lambda: read_subject(REFERENCE if file is None else file))
    problems.settle()
    assert subject is not None
    return subject, cast("Format", out.suffix.removeprefix("."))


def _check_picture(out: Path) -> None:
    """Raises InputError when no picture can be written to `out`: said before anything is drawn."""
    from azygos.errors import InputError, Problem
    from azygos.report.map import FORMATS

    problems = []
    if out.suffix.removeprefix(".") not in FORMATS:
        got = f"'{out.suffix}'" if out.suffix else "no suffix"
        remedy = f"end it in .{', .'.join(FORMATS[:-1])} or .{FORMATS[-1]}"
        problems.append(Problem(f"{got} names no format of a picture", f"--out {out}", remedy))
    if out.is_dir():
        problems.append(Problem("it is a directory", f"--out {out}", "name a file"))
    if not out.parent.is_dir():
        problems.append(Problem(f"there is no directory '{out.parent}'", f"--out {out}", "make it first"))
    if problems:
        raise InputError(problems)


def _entry(entry: "Entry") -> dict[str, Any]:
    return {
        "name": entry.name,
        "kind": entry.kind,
        "english": entry.english,
        "latin": entry.latin,
        "note": entry.note,
        "from": entry.start,
        "to": entry.end,
    }


def _fact(fact: "Fact") -> dict[str, Any]:
    return {"quantity": fact.quantity, "value": fact.value, "unit": fact.unit, "source": fact.source}


def _value(fact: "Fact") -> str:
    return fact.value if isinstance(fact.value, str) else f"{fact.value:g}"


def _with_article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _markdown(titles: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """The lines of a table; names of vessels and nodes, which have no spaces, as code."""
    lines = [f"| {' | '.join(titles)} |", "|" + " --- |" * len(titles)]
    for name, kind, english, latin, start, end, note in rows:
        lines.append(f"| `{name}` | {kind} | {english} | {latin} | `{start}` | `{end}` | {note} |")
    return lines
