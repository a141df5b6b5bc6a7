"""What README and the pages in docs show runs as it stands."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENDLESS = ("azygos bench", "azygos serve")  # too long for a test; a server ends when it is told to


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def commands(page: str) -> list[str]:
    lines = [line.partition("#")[0].strip() for block in blocks(page, "sh") for line in block.splitlines()]
    return [line for line in lines if line.startswith("azygos ") and not line.startswith(ENDLESS)]


def python(*arguments: str, cwd: Path) -> str:
    command = [sys.executable, "-W", "error", *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("page", ["README.md", *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md"))])
def test_a_page_runs_as_it_stands(page: str, tmp_path: Path) -> None:
    (tmp_path / "cases").symlink_to(ROOT / "cases")
    for command in commands(page):
        line, _, file = command.partition(" > ")
        printed = python("-m", "azygos.cli.main", *shlex.split(line)[1:], cwd=tmp_path)
        if file:
            (tmp_path / file).write_text(printed, encoding="utf-8")
    for block in blocks(page, "python"):
        assert python("-c", block, cwd=tmp_path)


def test_the_front_page_begins_with_the_two_commands() -> None:
    first = blocks("README.md", "sh")[0].splitlines()
    assert [line.split("  ")[0] for line in first] == ["make demo", "make test"]


def test_the_example_of_the_front_page_is_ten_lines() -> None:
    (block,) = blocks("README.md", "python")
    assert len(block.strip().splitlines()) == 10


def test_what_the_front_page_says_of_the_body_is_so() -> None:
    from azygos import Body

    body = Body.reference()
    beds = sum(store.name.endswith(".arteriole") for store in body.network.stores)
    numbers = f"{len(body.arteries)} arteries, {len(body.veins)} veins, {len(body.sinuses)} dural sinuses, {beds} beds"
    assert numbers in (ROOT / "README.md").read_text(encoding="utf-8").replace("\n", " ")
