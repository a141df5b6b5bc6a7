"""What a wheel must carry besides the code: the licences of what is not ours, and the mark that it has types."""

import json
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src/azygos/web/static"
IN_THE_PAGES = ("three", "svelte", "uplot", "clsx", "esm-env")  # whose code the scripts hold parts of


def test_the_licences_of_the_libraries_in_the_pages_go_with_them_at_their_versions() -> None:
    licences = (STATIC / "licences.txt").read_text(encoding="utf-8")
    locked = json.loads((ROOT / "web/package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name in IN_THE_PAGES:
        assert f"{name} {locked[f'node_modules/{name}']['version']} " in licences, name
    assert "The above copyright notice and this permission notice shall be included" in licences
    assert (ROOT / "web/public/licences.txt").read_text(encoding="utf-8") == licences


def test_every_file_of_a_licence_that_the_wheel_names_is_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert all((ROOT / name).is_file() for name in project["license-files"])
    assert "src/azygos/web/static/licences.txt" in project["license-files"]
    assert (ROOT / "src/azygos/py.typed").is_file()
