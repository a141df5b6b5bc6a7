"""The house has floors: a file imports from its own floor or a lower one only."""

import ast
import sys
from pathlib import Path

import pytest

import azygos

ROOT = Path(azygos.__file__).parent
FLOORS = (
    ("units", "errors", "rng", "shown"),
    ("statistics",),
    ("study", "audit"),
    ("kernel",),
    ("body",),
    ("engine",),
    ("instruments",),
    ("therapy",),
    ("population",),
    ("run",),
    ("trial",),
    ("exchange", "report"),
    ("bench", "validate"),
    ("web",),
    ("cli",),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
FILES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    """Rooms of azygos that a file imports, inside functions too; what only a type checker sees does not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    ignored = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    modules = []
    for node in ast.walk(tree):
        if id(node) in ignored:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            modules.append(node.module)
        elif isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
    return {m.split(".")[1] for m in modules if m.startswith("azygos.")}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_imports_from_its_own_floor_or_below(path):
    floor = FLOOR_OF[room_of(path)]
    above = {room for room in imported_rooms(path) if FLOOR_OF[room] > floor}
    assert not above, f"{path.relative_to(ROOT)} reaches up to {sorted(above)}"


def test_the_library_prints_nothing_and_draws_no_global_random_numbers():
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert "np.random." not in text, path
        if room_of(path) != "cli":
            calls = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call) and ast.unparse(n.func) == "print"]
            assert not calls, path


# What judges recordings must not be able to see what is true: neither it nor anything it imports, however far on.
MAY_SEE = {"azygos.instruments.recording", "azygos.units", "azygos.errors"}
OUTSIDE = {"numpy"}


def imported_modules(path: Path) -> set[str]:
    """All modules that a file imports, inside functions and for the type checker, too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, path  # relative imports would escape the ban
            # `from azygos.instruments import ultrasound` imports a module, `from azygos.units import mm` a name.
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name for name in inner if file_of(name) is not None} or {node.module}
    return found


def file_of(module: str) -> Path | None:
    """The file of a module of azygos; None for anything else."""
    parts = module.split(".")
    if parts[0] != "azygos":
        return None
    path = ROOT.joinpath(*parts[1:])
    return next((f for f in (path.with_suffix(".py"), path / "__init__.py") if f.is_file()), None)


def reached_from(module: str) -> set[str]:
    """All modules of azygos on which one rests, through any number of others; and the packages outside."""
    reached: set[str] = set()
    ahead = {module}
    while ahead:
        name = ahead.pop()
        reached.add(name)
        if (path := file_of(name)) is not None:
            ahead |= imported_modules(path) - reached
    return reached - {module}


def test_findings_rest_on_recordings_alone():
    reached = reached_from("azygos.instruments.findings")
    ours = {name for name in reached if name.startswith("azygos")}
    others = {name.split(".")[0] for name in reached - ours}
    assert "azygos.instruments.recording" in ours
    assert ours <= MAY_SEE
    assert others <= OUTSIDE | set(sys.stdlib_module_names)
    # Nothing imported by its name at run time either, and no package on the way that brings others along.
    text = file_of("azygos.instruments.findings").read_text(encoding="utf-8")
    assert not {"importlib", "__import__", "builtins", "sys"} & {*reached, *text.replace("(", " ").split()}
    assert file_of("azygos.instruments").read_text(encoding="utf-8") == ""


def test_the_ban_on_findings_would_catch_a_detour():
    assert "azygos.body.body" in reached_from(
        "azygos.instruments.ultrasound"
    )  # by way of azygos.instruments.instrument
    assert "azygos.engine.solution" in reached_from("azygos.report.look_ultrasound")
