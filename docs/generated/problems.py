"""What the program says of a wrong input, as Markdown: the sentences as they stand in its code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from generated.tables import table

SAYERS = {"Problem": 0, "UnitProblem": 0}  # what takes a sentence, and which of its arguments that is
REMEDIES = {"Problem": 2, "UnitProblem": 1}
MARKS = "'… :-"  # do not count where sentences are put in order
NAMES = ("close_matches", "near_matches")

ROOMS = {  # in the order of the page
    "cli": "Commands and options", "units": "Quantities", "body": "Bodies and lesions", "exchange": "Files",
    "engine": "Solving", "instruments": "Instruments", "therapy": "Treatment", "population": "Patients and cohorts",
    "run": "Runs of a cohort", "study": "Designs and data of studies", "trial": "Simulated studies",
    "statistics": "Statistics", "report": "Reports", "web": "Requests of the browser", "rng": "Random numbers",
}  # fmt: skip

Function = ast.FunctionDef | ast.AsyncFunctionDef


def problems() -> str:
    """Every sentence with its remedy and the file that says it, by the rooms of the package."""
    import azygos

    root = Path(azygos.__file__).parent
    rooms: dict[str, dict[tuple[str, str], str]] = {}
    for file in sorted(root.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        room, *_ = inside = file.relative_to(root).parts
        rows = rooms.setdefault(room.removesuffix(".py"), {})
        for what, remedy in said(tree, sayers_of(tree)):
            key = plain(what), f"`{'/'.join(inside)}`"
            rows[key] = rows.get(key) or plain(remedy)
    order = (*ROOMS, *(room for room in rooms if room not in ROOMS))
    return "\n\n".join(f"## {ROOMS.get(room, room)}\n\n{shown(rooms[room])}" for room in order if rooms.get(room))


def shown(rows: dict[tuple[str, str], str]) -> str:
    ordered = sorted(rows.items(), key=lambda row: row[0][0].strip(MARKS).casefold())
    return table(("what is said", "what to do", "by"), [(what, remedy, by) for (what, by), remedy in ordered])


def plain(sentence: str) -> str:
    """As it stands, whatever Markdown would make of it."""
    return re.sub(r"([\\`*_{}\[\]<>#])", r"\\\1", sentence)


def sayers_of(tree: ast.Module) -> dict[str, int]:
    """`Problem`, and the functions of a file that hand a sentence on to it: by name, which argument the sentence is."""
    functions = [node for node in ast.walk(tree) if isinstance(node, Function)]
    found = dict(SAYERS)
    while more := {f.name: at for f in functions if f.name not in found and (at := handed_on(f, found)) is not None}:
        found |= more
    return found


def handed_on(function: Function, sayers: dict[str, int]) -> int | None:
    """Which argument of a function becomes a sentence, without `self`."""
    names = [argument.arg for argument in function.args.args if argument.arg not in ("self", "cls")]
    for call in calls(function, sayers):
        if isinstance(sentence := argument(call, sayers[called(call)]), ast.Name) and sentence.id in names:
            return names.index(sentence.id)
    return None


def said(tree: ast.Module, sayers: dict[str, int]) -> Iterator[tuple[str, str]]:
    """(what, remedy) of every sentence that stands in a call, in a finding, or is given a name before."""
    for scope in (node for node in ast.walk(tree) if isinstance(node, Function)):
        names = named(scope)
        pairs = [(argument(call, sayers[called(call)]), remedy(call)) for call in calls(scope, sayers)]
        findings = (node.elts for node in ast.walk(scope) if isinstance(node, ast.Tuple) and len(node.elts) == 3)
        pairs += [
            (what, then) for place, what, then in findings if isinstance(place, ast.Call) and called(place) == "Place"
        ]
        for what, then in pairs:
            others = names.get(what.id, []) if isinstance(what, ast.Name) else []  # of branches that part
            for sentence in texts(what, names):
                yield sentence, next(texts(then, names), "")
            yield from ((sentence, "") for other in others for sentence in texts(other, {}))


def named(scope: Function) -> dict[str, list[ast.expr]]:
    """What a function gives names to."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return found


def calls(tree: ast.AST, names: dict[str, int]) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and called(node) in names)


def called(call: ast.Call) -> str:
    return getattr(call.func, "attr", "") or getattr(call.func, "id", "")


def argument(call: ast.Call, at: int, name: str = "what") -> ast.expr | None:
    if at < len(call.args):
        return call.args[at]
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def remedy(call: ast.Call) -> ast.expr | None:
    return argument(call, REMEDIES.get(called(call), len(call.args)), "remedy")


def texts(node: ast.expr | None, names: dict[str, list[ast.expr]]) -> Iterator[str]:
    """The sentences that an expression can be, with three dots for what is only known when it is said."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from worded(node.value)
    elif isinstance(node, ast.JoinedStr):
        parts = (str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        yield from worded(re.sub("…+", "…", "".join(parts)))
    elif isinstance(node, ast.IfExp | ast.BoolOp):
        for one in (node.body, node.orelse) if isinstance(node, ast.IfExp) else node.values:
            yield from texts(one, names)
    elif isinstance(node, ast.Name):
        before = [value for value in names.get(node.id, ()) if value.lineno < node.lineno]
        yield from texts(max(before, key=lambda value: value.lineno, default=None), {})
    elif isinstance(node, ast.Call) and called(node) in NAMES:
        yield "did you mean …?"


def worded(text: str) -> Iterator[str]:
    """The sentence without its place, if there are words in it."""
    if re.search(r"[^\W\d]{2}", text := text.removeprefix("…: ")):
        yield text
