"""What `azygos --install-completion` makes of a shell: names that ship beside files, files whole, folders gone into."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PLACES = {
    "bash": ".local/share/bash-completion/completions/azygos",
    "fish": ".config/fish/completions/azygos.fish",
    "zsh": ".zsh/completions/_cyclopts_azygos",
}


def installed(home: Path, shell: str) -> Path:
    command = [sys.executable, "-m", "azygos.cli.main", "--install-completion", "--shell", shell]
    subprocess.run(command, check=True, capture_output=True, timeout=60, env=os.environ | {"HOME": str(home)})
    return home / PLACES[shell]


def test_bash_offers_names_that_ship_and_files_with_spaces_whole(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash here")
    script = installed(tmp_path, "bash")
    (tmp_path / "sir und mehr").mkdir()
    asked = f"""
    source {script}
    try() {{ COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _azygos_or_names; printf '%s|' "${{COMPREPLY[@]}}"; echo; }}
    try azygos trial run chi
    try azygos audit sir
    try azygos cohort show ii
    try azygos look ref
    try azygos body show ijv_
    try azygos treat --le
    try azygos cohort export done --format n
    """
    done = subprocess.run([bash, "-c", asked], check=True, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.stdout.splitlines() == [
        "chicago-2012|", "sir-2012|sir und mehr|", "iih|", "reference|", "ijv_r|ijv_l|", "--lesion|", "netcdf|",
    ]  # fmt: skip


@pytest.mark.parametrize("shell", ["fish", "zsh"])
def test_other_shells_are_given_the_names_too(tmp_path: Path, shell: str) -> None:
    script = installed(tmp_path, shell)
    said = script.read_text(encoding="utf-8")
    assert "chicago-2012" in said and "reference" in said
    if (program := shutil.which(shell)) is not None:
        subprocess.run([program, "-n", str(script)], check=True, capture_output=True, timeout=60)
