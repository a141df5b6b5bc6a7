"""The built pages that the package carries are what their sources build, ask nobody else, and are small."""

import gzip
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import azygos

STATIC = Path(azygos.__file__).parent / "web" / "static"
SOURCES = Path(__file__).parents[2] / "web"
FILES = sorted(path for path in STATIC.rglob("*") if path.is_file())


def test_the_bundle_is_what_its_sources_build(tmp_path):
    if not (SOURCES / "node_modules").is_dir() or shutil.which("npx") is None:
        pytest.skip("to compare the bundle with its sources, install node and run 'npm install --no-save' in web/")
    built = tmp_path / "static"
    subprocess.run(
        ["npx", "vite", "build", "--outDir", str(built), "--emptyOutDir", "--logLevel", "error"],
        cwd=SOURCES, check=True, timeout=300, capture_output=True,
    )  # fmt: skip
    assert sorted(str(p.relative_to(built)) for p in built.rglob("*") if p.is_file()) == [
        str(p.relative_to(STATIC)) for p in FILES
    ]
    for path in FILES:
        assert path.read_bytes() == (built / path.relative_to(STATIC)).read_bytes(), path.name


def test_the_bundle_is_at_most_250_kb_compressed_the_third_dimension_included():
    assert FILES, "run 'npm install --no-save && npm run build' in web/"
    assert sum(len(gzip.compress(path.read_bytes(), 9, mtime=0)) for path in FILES) <= 250_000


def test_the_page_holds_no_script_or_style_and_names_no_other_host():
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    assert "<style" not in page and "style=" not in page
    assert re.findall(r"<script[^>]*>([^<]*)</script>", page) == [""]
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)


def test_the_sources_name_no_registry():
    lock = (SOURCES / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock and "http" not in re.sub(r'"url": "[^"]*"', "", lock)
