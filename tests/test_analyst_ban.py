"""The analyst must not be able to see patients: neither its files nor anything they import, however far on."""

import ast
import subprocess
import sys

import pytest

from test_architecture import FILES, ROOT, file_of, reached_from, room_of

STUDY = sorted(path for path in FILES if room_of(path) == "study")
OUTSIDE = {"numpy", "scipy"}


def name_of(path):
    return ".".join(("azygos", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")


@pytest.mark.parametrize("path", STUDY, ids=lambda path: path.stem)
def test_an_analyst_rests_on_designs_datasets_and_statistics_alone(path):
    reached = reached_from(name_of(path))
    ours = {name for name in reached if name.startswith("azygos")}
    assert {name.split(".")[1] for name in ours} <= {"study", "statistics", "units", "errors", "rng", "shown"}
    others = {name.split(".")[0] for name in reached - ours}
    assert others <= OUTSIDE | set(sys.stdlib_module_names)


def test_the_ban_covers_every_file_of_the_room_and_would_catch_a_detour():
    assert len(STUDY) > 15
    assert file_of("azygos.study.analysis") in STUDY
    assert "azygos.study.analysis" in reached_from("azygos.report.analysis")
    assert any(name.startswith("azygos.study") for name in reached_from("azygos.cli.analyse"))


@pytest.mark.parametrize("path", STUDY, ids=lambda path: path.stem)
def test_an_analyst_imports_by_name_nowhere_but_below_its_own_room(path):
    """What is imported by a string no reading of imports finds: it must begin with the room's own name, literally."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    words = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not words & {"__import__", "exec", "eval", "compile"}
    named = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {n.module if isinstance(n, ast.ImportFrom) else a.name for n in named for a in n.names}
    imports_by_name = any((module or "").split(".")[0] in ("importlib", "runpy", "pkgutil") for module in modules)
    assert not imports_by_name or path.stem == "method"
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Name) and call.func.id == "import_module":
            begin = call.args[0].values[0] if isinstance(call.args[0], ast.JoinedStr) else call.args[0]
            assert isinstance(begin, ast.Constant)
            assert begin.value.startswith(("azygos.study.", "azygos.statistics."))


def test_after_an_analysis_nothing_that_knows_patients_has_been_imported():
    """Every method that a table names and a whole analysis, in a process that refuses those who know patients."""
    script = """
import sys
from importlib.abc import MetaPathFinder
class Refuses(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.startswith(('azygos.trial', 'azygos.population', 'azygos.body', 'azygos.engine')):
            raise ImportError('the analyst reached for ' + name)
sys.meta_path.insert(0, Refuses())
from azygos.study.method import METHODS
assert all(method.function and method.known_intervals is not None for method in METHODS.values())
from azygos.exchange.design import read_design
from azygos.exchange.study_data import read_study_data
from azygos.study.analysis import analyse
folder = 'cases/studies-data/sham'
design = read_design(folder + '/design.yaml')
assert analyse(design, read_study_data(folder, design, folder + '/dictionary.yaml')).results
assert not [n for n in sys.modules if n.startswith(('azygos.trial', 'azygos.population', 'azygos.body'))]
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-800:]


def test_methods_named_in_tables_are_found_below_the_analyst_too():
    from azygos.study.method import METHODS

    for method in METHODS.values():
        assert method.function.__module__.startswith("azygos.study.")
        assert all(isinstance(word, str) for word in method.known_intervals)
