"""What README and the pages in docs show runs as it stands. The tutorials run as notebooks, in test_docs.py."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs"))
import pages  # noqa: E402  (of the folder docs, which is no package)

README = ROOT / "README.md"
OTHERS = sorted(page for page in (ROOT / "docs").rglob("*.md") if page.parent != pages.TUTORIALS)
TO_RUN = [page for page in OTHERS if pages.commands_of(page) or "```python" in pages.read(page)]

FILES = [block.text for page in OTHERS for block in pages.blocks(pages.read(page)) if block.language == "yaml"]


def ran(page: Path, folder: Path, *but: str) -> None:
    """Runs in a process of its own, in which a warning is an error."""
    (folder / "cases").symlink_to(ROOT / "cases")
    command = [sys.executable, "-W", "error", str(ROOT / "docs/pages.py"), "run", str(page), str(folder), *but]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", TO_RUN, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_runs_as_it_stands(page: Path, tmp_path: Path) -> None:
    ran(page, tmp_path)


def test_the_front_page_runs_as_it_stands(tmp_path: Path) -> None:
    """But for the commands that stand on a page of docs as well, and run there."""
    ran(README, tmp_path, *set().union(*map(pages.commands_of, OTHERS)))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.split()[1])
def test_a_file_that_a_page_shows_can_be_read(file: str, tmp_path: Path) -> None:
    from azygos.exchange import claims, cohort, design, dictionary, person, protocol, study
    from azygos.therapy.catalogue import stock

    planned = ROOT / "cases/studies-data/sham/design.yaml"
    readers = {
        "azygos-body/1": person.read_body,
        "azygos-claims/1": claims.read_claims,
        "azygos-cohort/1": cohort.read_cohort,
        "azygos-devices/1": lambda path: protocol.read_devices([path], stock()),
        "azygos-dictionary/1": lambda path: dictionary.read_dictionary(path, design.read_design(planned)),
        "azygos-protocol/1": lambda path: protocol.read_protocol(path, stock()),
        "azygos-study/1": study.read_study,
    }
    path = tmp_path / "shown.yaml"
    path.write_text(file, encoding="utf-8")
    assert readers[file.split()[1]](path)


def test_the_front_page_begins_with_the_two_commands() -> None:
    first = next(block for block in pages.blocks(pages.read(README)) if block.language == "sh").text.splitlines()
    assert [line.split("  ")[0] for line in first] == ["make demo", "make test"]


def test_the_example_of_the_front_page_is_ten_lines() -> None:
    (block,) = (block for block in pages.blocks(pages.read(README)) if block.language == "python")
    assert len(block.text.strip().splitlines()) == 10


def test_what_the_front_page_says_of_the_body_is_so() -> None:
    from azygos import Body

    body = Body.reference()
    beds = sum(store.name.endswith(".arteriole") for store in body.network.stores)
    numbers = f"{len(body.arteries)} arteries, {len(body.veins)} veins, {len(body.sinuses)} dural sinuses, {beds} beds"
    assert numbers in pages.read(README).replace("\n", " ")
