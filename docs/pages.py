"""The pages as programs: what they show is run, and the tutorials are notebooks as well.

    python docs/pages.py run PAGE FOLDER    # runs a page's commands and Python in that folder
    python docs/pages.py notebooks          # writes notebooks/*.ipynb from the tutorials that have code
    python docs/pages.py pictures           # runs the tutorials and keeps the pictures that they show

Blocks of `sh` and `python` run, in order; `console` and others do not. A tutorial is one session from top to bottom; on
other pages every block of Python stands alone. A block of `text` after one that runs is what it prints, where `...`
stands for anything.
"""

import contextlib
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TUTORIALS = ROOT / "docs" / "tutorials"
NOTEBOOKS = ROOT / "notebooks"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$\n?", flags=re.DOTALL | re.MULTILINE)
PICTURE = re.compile(r"^!\[[^\]]*\]\((\w+\.png)\)\n?", flags=re.MULTILINE)
ENDLESS = ("azygos bench", "azygos serve", "azygos --install")  # too long for a test, without an end, or to stay


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a page: `language` is empty for the text between the blocks."""

    language: str
    text: str


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def tutorials() -> list[Path]:
    """Those that are notebooks as well; the one in the browser has no code."""
    return [page for page in sorted(TUTORIALS.glob("*.md")) if "```python" in read(page)]


def blocks(text: str) -> Iterator[Block]:
    """The page in order, piece by piece."""
    end = 0
    for found in BLOCK.finditer(text):
        if before := text[end : found.start()].strip():
            yield Block("", before)
        yield Block(found[1], found[2])
        end = found.end()
    if rest := text[end:].strip():
        yield Block("", rest)


def commands(block: Block) -> list[str]:
    """The commands of azygos in a block of `sh`, without comments; a backslash joins lines."""
    lines = (line.partition(" #")[0].strip() for line in block.text.replace("\\\n", " ").splitlines())
    return [line for line in lines if line.startswith("azygos ") and not line.startswith(ENDLESS)]


def commands_of(page: Path) -> set[str]:
    return {command for block in blocks(read(page)) if block.language == "sh" for command in commands(block)}


def run(page: Path, but: frozenset[str] = frozenset()) -> None:
    """Runs a page in the folder where we are; leaves out the commands in `but`."""
    session: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(read(page)):
        if block.language == "sh":
            for command in commands(block):
                if command not in but:
                    command_line(command)
        elif block.language == "python":
            names = session if page.parent == TUTORIALS else {"__name__": "__main__"}
            exec(compile(block.text, str(page), "exec"), names)


def command_line(command: str) -> None:
    """Runs `azygos ...`, with `> file` where it stands. Raises RuntimeError where it does not end with 0."""
    from azygos.cli import main

    line, _, file = command.partition(" > ")
    with contextlib.ExitStack() as stack:
        if file:
            stack.enter_context(contextlib.redirect_stdout(stack.enter_context(Path(file).open("w", encoding="utf-8"))))
        status = main.run(shlex.split(line)[1:])
    if status:
        raise RuntimeError(f"{command}: ended with {status}")


def printed(page: Path) -> list[str | None]:
    """What the page says that each of its blocks that run prints; None where it does not say."""
    found: list[str | None] = []
    for block in blocks(read(page)):
        if block.language in ("sh", "python"):
            found.append(None)
        elif block.language == "text":
            found[-1] = block.text
    return found


def notebook(page: Path) -> str:
    """The text of a tutorial's notebook, without outputs; pictures are left to the code that draws them.

    Commands run by `%%sh` and without colours: with a terminal they would draw their progress into the page.
    """
    from nbformat import v4, writes

    cells = [v4.new_code_cell("%env FORCE_COLOR=")]
    for block in blocks(PICTURE.sub("", read(page))):
        if block.language == "python":
            cells.append(v4.new_code_cell(block.text.strip()))
        elif block.language == "sh":
            cells.append(v4.new_code_cell(f"%%sh\nset -e\n{block.text.strip()}"))
        elif block.language != "text":  # words, or a file
            fence = f"```{block.language}\n{block.text}```"
            cells.append(v4.new_markdown_cell(fence if block.language else linked(block.text)))
    for number, cell in enumerate(cells):
        cell["id"] = f"{page.stem}-{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return str(writes(v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}))) + "\n"


def linked(text: str) -> str:
    """The links of a tutorial as seen from the notebooks' folder."""
    text = re.sub(r"\]\((?=[\w-]+\.md)", "](../docs/tutorials/", text)
    return re.sub(r"\]\(\.\./(?!docs/)", "](../docs/", text)


def keep_pictures() -> None:
    """Runs each tutorial in a folder of its own and takes over the pictures that its page shows."""
    for page in tutorials():
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            run(page)
            for name in PICTURE.findall(read(page)):
                (TUTORIALS / name).write_bytes(Path(name).read_bytes())


def main(task: str = "", *rest: str) -> None:
    if task == "run":
        page = Path(rest[0]).absolute()
        os.chdir(rest[1])
        run(page, frozenset(rest[2:]))
    elif task == "notebooks":
        for page in tutorials():
            (NOTEBOOKS / f"{page.stem}.ipynb").write_text(notebook(page), encoding="utf-8")
    elif task == "pictures":
        keep_pictures()
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
