"""The documentation as a site: it builds without a warning, its parts are there, and the tutorials are notebooks."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs"))
import generated  # noqa: E402  (of the folder docs, which is no package)
import pages  # noqa: E402

TUTORIALS = sorted(pages.TUTORIALS.glob("*.md"))
PAGES = sorted((ROOT / "docs").rglob("*.md"))
KEPT = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *PAGES]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `make docs` builds it: every warning, and every link that ends nowhere, is an error."""
    pytest.importorskip("sphinx", reason="the site was left out: pip install '.[docs]'")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-b", "dirhtml", "docs", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_site_builds_without_a_warning(site: Path) -> None:
    assert (site / "index.html").is_file()
    assert not (site / "genindex").exists() or "azygos.simulate" in pages.read(site / "genindex/index.html")


def test_every_command_and_every_public_name_has_its_entry(site: Path) -> None:
    import azygos
    from azygos.cli.main import app

    commands, python = (pages.read(site / "reference" / name / "index.html") for name in ("commands", "python"))
    assert [name for name in app if not name.startswith("-") and f'id="azygos-{name}"' not in commands] == []
    types = [name for name in azygos.__all__ if not name.startswith("__")]
    assert [name for name in types if f'id="azygos.{name}"' not in python] == []


def test_a_page_asks_nothing_of_another_host(site: Path) -> None:
    """Scripts, styles, fonts and pictures come from the site itself."""
    asked = re.compile(
        r'(?:<script[^>]+src|<link[^>]+rel="(?:stylesheet|preload|icon)"[^>]+href|<img[^>]+src)="(https?:)?//'
    )
    assert [page.name for page in site.rglob("*.html") if asked.search(pages.read(page))] == []


def test_every_table_of_numbers_is_shown() -> None:
    shown = {(floor, name) for floor, name, _ in generated.TABLES}
    there = {(file.parts[-3], file.stem) for file in (ROOT / "src/azygos").glob("*/tables/*.csv")}
    left = {("body", "names"), ("body", "routes"), ("trial", "calibrated")}  # words, a drawing, draws
    assert there - left == shown


def test_every_result_of_a_benchmark_has_its_page() -> None:
    there = {file.stem for file in (ROOT / "benchmarks/results").glob("*.md")}
    assert there <= {file.stem for file in (ROOT / "docs/measured").glob("*.md")}


def test_every_module_of_the_python_reference_is_there() -> None:
    entries = generated.python()
    for module in (name for modules in generated.PYTHON.values() for name in modules):
        assert f" {module}." in entries, module


@pytest.mark.parametrize("page", KEPT, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_to_a_file_ends_at_a_file(page: Path) -> None:
    """As on a host that shows Markdown without building it."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", pages.read(page), flags=re.DOTALL)
    links = (link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link)
    assert [link for link in links if link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_a_notebook_is_what_its_tutorial_says(page: Path) -> None:
    """After a change of a tutorial: `python docs/pages.py notebooks`."""
    nbformat = pytest.importorskip("nbformat")
    kept = pages.read(pages.NOTEBOOKS / f"{page.stem}.ipynb")
    assert kept == pages.notebook(page)
    nbformat.validate(nbformat.reads(kept, as_version=4))


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_a_tutorial_runs_as_a_notebook(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And its commands end with 0, and it draws every picture that its page shows."""
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    notebook = nbformat.reads(pages.notebook(page), as_version=4)
    check = nbformat.v4.new_code_cell("assert _exit_code == 0")
    cells = [(cell, check) if cell.source.startswith("!") else (cell,) for cell in notebook.cells]
    notebook.cells = [nbformat.from_dict(dict(cell)) for pair in cells for cell in pair]
    nbclient.NotebookClient(notebook, timeout=180, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert [name for name in pages.PICTURE.findall(pages.read(page)) if not (tmp_path / name).is_file()] == []


def test_the_citation_names_this_version() -> None:
    import yaml

    citation = yaml.safe_load(pages.read(ROOT / "CITATION.cff"))
    project = tomllib.loads(pages.read(ROOT / "pyproject.toml"))["project"]
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()  # what format 1.2.0 requires
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])
