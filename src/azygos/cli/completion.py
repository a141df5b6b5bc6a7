"""Completion in the shell: what cyclopts writes, and the names that ship; folders can be gone on into."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from cyclopts import App

__all__ = ["Completed"]

Shell: TypeAlias = Literal["zsh", "bash", "fish", "powershell"]


class Completed(App):
    """An app whose completion knows names, too, where a command takes a name or a file."""

    def install_completion(
        self, *, shell: Shell | None = None, output: Path | None = None, add_to_startup: bool = True
    ) -> Path:
        """Writes the script of a shell where the shell looks for it; where that is."""
        path = super().install_completion(shell=shell, output=output, add_to_startup=add_to_startup)
        script = path.read_text(encoding="utf-8")
        for told, with_names in (("#compdef", _zsh), ("# Bash", _bash), ("# Fish", _fish)):
            if script.startswith(told):
                path.write_text(with_names(script), encoding="utf-8")
        return path


def _names() -> Mapping[str, str]:
    """Commands, and the names that each takes in the place of a file."""
    from azygos.body.rows import table
    from azygos.exchange.cohort import packaged_names as cohorts
    from azygos.exchange.subject import REFERENCE
    from azygos.trial.study import packaged_names as studies
    from azygos.validate import cases_directory

    claims = sorted(path.stem for path in (cases_directory() / "audit").glob("*.yaml"))
    vessels = [row["name"] for kind in ("arteries", "veins") for row in table(kind)]
    bodies = dict.fromkeys(("look", "simulate", "convert", "cite"), REFERENCE)
    of_cohorts = dict.fromkeys((f"cohort {what}" for what in ("show", "sample", "run")), " ".join(cohorts()))
    of_studies = dict.fromkeys((f"trial {what}" for what in ("show", "run", "plan")), " ".join(studies()))
    return {**bodies, **of_cohorts, **of_studies, "audit": " ".join(claims), "body show": " ".join(vessels)}


def _bash(script: str) -> str:
    """Files with spaces stay whole, and names come before them."""
    cases = "\n".join(f'    "{command}") names="{names}" ;;' for command, names in _names().items())
    return script.replace('COMPREPLY=( $(compgen -f -- "${cur}") )', "_azygos_files").replace(
        "complete -F _azygos azygos",
        f"""
_azygos_files() {{
  mapfile -t COMPREPLY < <(compgen -f -- "${{cur}}")
  compopt -o filenames 2> /dev/null
}}

_azygos_or_names() {{
  _azygos
  local cur="${{COMP_WORDS[COMP_CWORD]}}" names="" more
  [[ $cur == -* ]] && return
  case "${{COMP_WORDS[*]:1:COMP_CWORD-1}}" in
{cases}
  esac
  mapfile -t more < <(compgen -W "$names" -- "$cur")
  COMPREPLY=("${{more[@]}}" "${{COMPREPLY[@]}}")
}}

complete -F _azygos_or_names azygos""",
    )


def _zsh(script: str) -> str:
    cases = "\n".join(f'    ("{command}") compadd -- {names} ;;' for command, names in _names().items())
    return f"""{script.replace("_cyclopts_azygos()", "_azygos_words()")}
_cyclopts_azygos() {{
  case "${{(j: :)words[2,CURRENT-1]}}" in
{cases}
  esac
  _azygos_words "$@"
}}

_cyclopts_azygos "$@"
"""


def _fish(script: str) -> str:
    lines = (
        f"complete -c azygos -n '__fish_azygos_using_command {command}' -a '{names}'"
        for command, names in _names().items()
    )
    return "\n".join((script, "# Names that ship", *lines, ""))
