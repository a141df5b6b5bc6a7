"""How the documentation is built: `make docs`, or `sphinx-build -W -n docs out/docs`.

Pages are Markdown (MyST). A page may hold a line `<!-- generated: NAME -->`; in its place comes what `generated`
reads from the program itself, so that no list of commands, parameters or sources is kept twice.
"""

import re
import sys
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from docutils.nodes import SkipNode, math, math_block
from latex2mathml.converter import convert
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.writers.html5 import HTML5Translator

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
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_dmath_allow_digits = False  # `$12` is no formula
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = False

html_math_renderer = "mathml"  # browsers draw it themselves: no script, no picture, no other host
html_theme = "furo"
html_title = "azygos"
html_static_path = ["_static"]
html_css_files = ["azygos.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"footer_icons": [], "top_of_page_buttons": []}
pygments_style = "a11y-light"  # of furo's requirements; with others comments and texts are too pale to be read by all
pygments_dark_style = "a11y-dark"

MEASURED = re.compile(r"\]\(\.\./benchmarks/results/(\w+\.md)")
PLACE = re.compile(r"^<!-- generated: (\w+) -->$", flags=re.MULTILINE)


def fill(app: Sphinx, page: str, source: list[str]) -> None:
    """Puts in what the program says of itself, and lets links to results of benchmarks end at their pages."""
    import generated

    text = MEASURED.sub(r"](measured/\1", source[0])
    source[0] = PLACE.sub(lambda place: generated.PARTS[place[1]](), text)


def filled(app: Sphinx, env: BuildEnvironment, *_: object) -> list[str]:
    """The pages that are read anew at every build, since what fills them may have changed."""
    return [page for page in env.found_docs if PLACE.search(Path(env.doc2path(page)).read_text(encoding="utf-8"))]


def inline(page: HTML5Translator, node: math) -> None:
    page.body.append(convert(node.astext()))
    raise SkipNode


def block(page: HTML5Translator, node: math_block) -> None:
    page.body.append(f'<div class="formula">{convert(node.astext(), display="block")}</div>\n')
    raise SkipNode


def reachable(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: object) -> None:
    """Captions of the margin have a level for screen readers, and blocks wider than the page move by keyboard."""
    for part in ("furo_navigation_tree", "body"):
        text = context.get(part, "").replace('role="heading"', 'role="heading" aria-level="2"')
        context[part] = text.replace("<pre>", '<pre tabindex="0">')


def setup(app: Sphinx) -> None:
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    app.add_lexer("csv", TextLexer)
    app.connect("source-read", fill)
    app.connect("env-get-outdated", filled)
    app.connect("html-page-context", reachable, priority=900)  # after the theme has made the margin
