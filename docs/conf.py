"""How the documentation is built: `make docs`, or `sphinx-build -W -n -b dirhtml docs out/docs`.

Pages are Markdown (MyST). A page may hold a line `<!-- generated: NAME -->`; in its place comes what `generated.py`
reads from the program itself, so that no list of commands, parameters or sources is kept twice.
"""

import re
import sys
from importlib.metadata import version as installed
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent))

project = "azygos"
author = "the azygos contributors"
copyright = "the azygos contributors, Apache-2.0. Simulated, for research and teaching, not for care."
version = release = installed("azygos")
language = "en-GB"
smartquotes = False  # options begin with two hyphens, lesions stand in plain quotation marks

extensions = ["myst_parser", "sphinx_copybutton"]
nitpicky = True
# Names of the standard library and of numpy, whose own documentation would have to be fetched to link to it.
nitpick_ignore_regex = [("py:.*", r"(?!azygos).*")]

myst_heading_anchors = 3  # links such as look.md#how-often-lesions-are-found, as on any host of Markdown
myst_enable_extensions = ["colon_fence"]
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = False

html_theme = "furo"
html_title = "azygos"
html_static_path = ["_static"]
html_css_files = ["azygos.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"footer_icons": [], "top_of_page_buttons": []}
pygments_style = "tango"
pygments_dark_style = "github-dark"

MEASURED = re.compile(r"\]\(\.\./benchmarks/results/(\w+\.md)")
PLACE = re.compile(r"^<!-- generated: (\w+) -->$", flags=re.MULTILINE)


def fill(app: Sphinx, page: str, source: list[str]) -> None:
    """Puts in what the program says of itself, and lets links to results of benchmarks end at their pages."""
    import generated

    text = MEASURED.sub(r"](measured/\1", source[0])
    source[0] = PLACE.sub(lambda place: generated.PARTS[place[1]](), text)


def setup(app: Sphinx) -> None:
    app.add_lexer("csv", TextLexer)
    app.connect("source-read", fill)
