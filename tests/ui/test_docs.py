"""The documentation as a site: it builds without a warning, its parts are there, and the tutorials are notebooks."""

import re
import shutil
import subprocess
import sys
import tomllib
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs"))
import generated.names  # noqa: E402  (of the folder docs, which is no package)
import generated.tables  # noqa: E402
import pages  # noqa: E402

TUTORIALS = pages.tutorials()
PAGES = sorted((ROOT / "docs").rglob("*.md"))
KEPT = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *PAGES]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `make docs` builds it: every warning, and every link that ends nowhere, is an error."""
    pytest.importorskip("sphinx", reason="the site was left out: pip install '.[docs]'")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-b", "html", "docs", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_site_builds_without_a_warning(site: Path) -> None:
    assert (site / "index.html").is_file()


def test_a_site_that_is_opened_from_a_folder_leads_from_page_to_page(site: Path) -> None:
    """As README says: `out/docs/index.html`. Without a server a link to a folder shows a list of files."""
    found = {file: re.findall(r'href="([^"#?:]+)[^":]*"', pages.read(file)) for file in site.rglob("*.html")}
    assert [
        (file.name, link) for file, links in found.items() for link in links if not (file.parent / link).is_file()
    ] == []


def test_a_command_is_shown_as_it_is_typed(site: Path) -> None:
    shown = re.sub("<[^>]+>", "", pages.read(site / "reference/commands.html"))
    assert "azygos treat [OPTIONS]" in shown and "azygos cohort run --n INT --out PATH [OPTIONS] COHORT" in shown
    assert " -m " not in shown


def test_the_sources_are_publications_with_links_where_they_can_be_read() -> None:
    text = generated.PARTS["sources"]()
    first = text.splitlines()[0]
    assert first == "| publication | given for |"
    assert "[PMC3061048](https://pmc.ncbi.nlm.nih.gov/articles/PMC3061048) | rules of findings: criterion 1" in text


def test_the_reference_of_problems_has_those_that_the_pages_show() -> None:
    """The pages have them as a user reads them, with names and numbers in place of the dots."""
    rows = re.findall(r"^\| (.+?) \| .* \| `.+` \|$", generated.PARTS["problems"](), flags=re.MULTILINE)
    known = [re.escape(re.sub(r"\\(.)", r"\1", row)).replace("…", ".*") for row in rows]
    shown = re.findall(r"^(?:wrong\.yaml:\d+|--[\w-]+|lesion '.*?'): (.*?)(?:; .*)?$",
                       "\n".join(pages.read(page) for page in PAGES), flags=re.MULTILINE)  # fmt: skip
    assert len(shown) >= 6 and len(known) > 400
    assert [said for said in shown if not any(re.search(one, said) for one in known if len(one) > 12)] == []


def test_every_instrument_says_what_its_errors_rest_on() -> None:
    """In reports and `azygos cite`, in the list of sources, and in the browser where a reading is pointed at."""
    from azygos.instruments.registry import INSTRUMENTS
    from azygos.report import look, sources
    from azygos.web import examine

    told = {name for name, _ in examine.ERRORS}
    assert set(INSTRUMENTS) == set(sources.INSTRUMENTS) == set(look.TITLES) == told


def test_a_column_tells_its_unit_as_it_is_written() -> None:
    shown = generated.tables.shown("body", "veins", "Veins")
    assert "| diameter start, end [mm] |" in shown and "| wave speed [m/s] |" in shown


def test_every_command_and_every_public_name_has_its_entry(site: Path) -> None:
    import azygos
    from azygos.cli.main import app

    commands, python = (pages.read(site / "reference" / f"{name}.html") for name in ("commands", "python"))
    assert [name for name in app if not name.startswith("-") and f'id="azygos-{name}"' not in commands] == []
    types = [name for name in azygos.__all__ if not name.startswith("__")]
    assert [name for name in types if f'id="azygos.{name}"' not in python] == []


def test_a_page_asks_nothing_of_another_host(site: Path) -> None:
    """Scripts, styles, fonts and pictures come from the site itself."""
    asked = re.compile(
        r'(?:<script[^>]+src|<link[^>]+rel="(?:stylesheet|preload|icon)"[^>]+href|<img[^>]+src)="(https?:)?//'
    )
    assert [page.name for page in site.rglob("*.html") if asked.search(pages.read(page))] == []


def test_headings_have_levels_and_wide_blocks_are_reached_by_keyboard(site: Path) -> None:
    """What axe found serious before, of every page."""
    found = re.compile(r'role="heading"(?! aria-level)|<pre>')
    assert [page.name for page in site.rglob("*.html") if found.search(pages.read(page))] == []


def test_every_table_of_numbers_is_shown() -> None:
    shown = {(floor, name) for floor, name, _ in generated.tables.TABLES}
    there = {(file.parts[-3], file.stem) for file in (ROOT / "src/azygos").glob("*/tables/*.csv")}
    left = {("body", "names"), ("body", "routes"), ("trial", "calibrated")}  # words, a drawing, draws
    assert there - left == shown


def test_every_result_of_a_benchmark_has_its_page() -> None:
    there = {file.stem for file in (ROOT / "benchmarks/results").glob("*.md")}
    assert there <= {file.stem for file in (ROOT / "docs/measured").glob("*.md")}


def test_every_module_of_the_python_reference_is_there() -> None:
    entries = generated.names.python()
    for module in (said.split()[0] for modules in generated.names.PYTHON.values() for said in modules):
        assert f" {module}." in entries, module


def test_the_python_reference_has_every_name_that_a_page_imports() -> None:
    entries = re.findall(r"\{py:(?:class|function)\} ([\w.]+)", generated.names.python())
    names = {entry.rpartition(".")[2] for entry in entries}
    blocks = (block.text for page in KEPT for block in pages.blocks(pages.read(page)) if block.language == "python")
    imports = [
        found for text in blocks for found in re.findall(r"^from (azygos[\w.]*) import (.+)$", text, re.MULTILINE)
    ]
    used = {name.strip() for module, some in imports if module != "azygos.units" for name in some.split(",")}
    assert len(used) > 20
    assert {name for name in used if not name.isupper()} <= names


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
    """And prints what its page says, and draws every picture that its page shows."""
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    notebook = nbformat.reads(pages.notebook(page), as_version=4)
    nbclient.NotebookClient(notebook, timeout=180, resources={"metadata": {"path": str(tmp_path)}}).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell, said in zip(code[1:], pages.printed(page), strict=True):  # after the one that sets it up
        text = "".join(output.text for output in cell.outputs if output.get("name") == "stdout")
        assert said is None or as_said(said, text), f"{cell.source}\n\nprinted\n{text}\nthe page has\n{said}"
    assert [name for name in pages.PICTURE.findall(pages.read(page)) if not (tmp_path / name).is_file()] == []


def as_said(said: str, printed: str) -> bool:
    """Whether what is printed is what a page says, but for white space and what `...` stands for."""
    return OutputChecker().check_output(said, printed, ELLIPSIS | NORMALIZE_WHITESPACE)


def test_the_citation_names_this_version() -> None:
    import yaml

    citation = yaml.safe_load(pages.read(ROOT / "CITATION.cff"))
    project = tomllib.loads(pages.read(ROOT / "pyproject.toml"))["project"]
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()  # what format 1.2.0 requires
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])


def test_bash_completes_commands_and_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `azygos --install-completion` writes it."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash here")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", bash)
    command = [sys.executable, "-m", "azygos.cli.main", "--install-completion"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    script = f"""
    source {tmp_path}/.local/share/bash-completion/completions/azygos
    function_of=$(complete -p azygos | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
    for line in "azygos tr" "azygos treat --l"; do
        read -ra COMP_WORDS <<< "$line"; COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); $function_of; echo "${{COMPREPLY[*]}}"
    done
    """
    done = subprocess.run([bash, "-c", script], check=True, capture_output=True, text=True, timeout=60)
    assert [set(line.split()) for line in done.stdout.splitlines()] == [{"treat", "trial"}, {"--lesion", "--look"}]
