"""Commands, methods and outcomes, as the program itself says them."""

import re
import sys
from unittest.mock import patch

from generated.tables import table


def commands() -> str:
    """Every command with its options, as `--help` has them."""
    from cyclopts import App

    from azygos.cli.main import app

    plain = App(name="azygos")  # of an app of a kind of its own, groups of commands go missing
    for name in app:
        if name not in (*app.help_flags, *app.version_flags):
            plain.command(app[name], name=name)
    with patch.object(sys, "argv", ["azygos"]):  # else the usages name the program that builds the site
        text = plain.generate_docs(usage_name="azygos")
    text = text[text.index("\n## azygos ") :]  # after the list of contents, which the page's margin has
    text = re.sub(r"\bdocs/(\w+)\.md", r"[docs/\1.md](../\1.md)", text)
    text = text.replace(" *[default: False]*", "")  # of what is done only when asked for
    return re.sub(r"^\*\*Commands\*\*:\n\n(\*.*\n)+", "", text, flags=re.MULTILINE)


def methods() -> str:
    """Every method that `azygos stats` has."""
    from azygos.statistics.registry import METHODS

    rows = [(f"`{m.name}`", f"`azygos.statistics.{m.home.replace(':', '.')}`", m.help) for m in METHODS.values()]
    return table(("method", "function", "what it is"), rows)


def outcomes() -> str:
    """How a solve can end."""
    from azygos.engine.outcome import Outcome

    return table(("outcome", "what a user reads"), [(f"`{outcome.name}`", outcome.value) for outcome in Outcome])
