"""The functions that docs/models.md names exist where it says."""

import re
from importlib import import_module
from pathlib import Path

import azygos

DOCS = Path(azygos.__file__).parents[2] / "docs" / "models.md"


def test_every_function_in_the_table_of_models_can_be_imported():
    table = DOCS.read_text(encoding="utf-8").split("below `azygos.statistics`")[1].split("## Choices")[0]
    named = re.findall(r"`([a-z_]+)\.([a-z_]+)`", table)
    assert len(named) > 15
    assert not [
        f"{module}.{name}" for module, name in named if name not in dir(import_module(f"azygos.statistics.{module}"))
    ]
