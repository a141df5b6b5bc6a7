"""The house has floors: a file imports from its own floor or a lower one only."""

import ast
from pathlib import Path

import pytest

import azygos

ROOT = Path(azygos.__file__).parent
FLOORS = (
    ("units", "errors", "rng"),
    ("kernel",),
    ("body",),
    ("engine",),
    ("instruments",),
    ("therapy",),
    ("population",),
    ("exchange", "report"),
    ("bench", "validate"),
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
