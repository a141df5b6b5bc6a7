"""The command line: `azygos COMMAND`, and with what it ends.

Exit status: 0 done; 2 bad input, every problem on a line of its own and nothing written; 3 a solve that failed;
1 what the machine would not do, such as writing a file; 130 interrupted.
"""

import _thread
import os
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cyclopts import CycloptsError

from azygos.cli.analyse import analyse
from azygos.cli.audit import audit
from azygos.cli.bench import bench
from azygos.cli.body import app as body
from azygos.cli.cite import cite
from azygos.cli.cohort import app as cohort
from azygos.cli.completion import Completed
from azygos.cli.convert import convert
from azygos.cli.fit import fit
from azygos.cli.look import look
from azygos.cli.sensitivity import sensitivity
from azygos.cli.serve import serve
from azygos.cli.simulate import simulate
from azygos.cli.stats import app as stats
from azygos.cli.treat import treat
from azygos.cli.trial import app as trial
from azygos.cli.validate import validate
from azygos.errors import InputError

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

__all__ = ["main"]

BAD_INPUT = 2
SOON = 0.01  # [s]


def _version() -> str:
    from importlib.metadata import version

    return version("azygos")


app = Completed(
    name="azygos",
    help="An in-silico laboratory for opening blocked veins. Simulated, for research and teaching, not for care.",
    version=_version,
)
app.command(treat)
app.command(look)
app.command(simulate)
app.command(validate)
app.command(fit)
app.command(body)
app.command(bench)
app.command(cohort)
app.command(sensitivity)
app.command(audit)
app.command(analyse)
app.command(stats)
app.command(trial)
app.command(serve)
app.register_install_completion_command(help="Install completion for this shell, and say where.")
app.command(convert)
app.command(cite)


def main(tokens: Sequence[str] | None = None) -> None:
    """Runs the command line and exits with its status."""
    arguments = list(sys.argv[1:] if tokens is None else tokens)
    told, sys.unraisablehook = sys.unraisablehook, _interrupt_again
    try:
        status = run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        # Python remembers an interrupt inside `exec` of a string, as of a dataclass being made, though it was caught
        # here, and would end by the signal instead of the status; the next `exec` makes it forget.
        exec("")
        _say("interrupted; nothing was written")
        status = 130
    except BrokenPipeError:  # whoever read our output, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    finally:
        sys.unraisablehook = told
    sys.exit(status)


def _interrupt_again(lost: "UnraisableHookArgs") -> None:
    """An interrupt that met the end of an object, where Python only prints what is raised, comes once more."""
    if lost.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(lost)
        return
    once_more = threading.Timer(SOON, _thread.interrupt_main)
    once_more.daemon = True
    once_more.start()


def run(arguments: list[str]) -> int:
    """The exit status of a command line, after what it asks for was done or its problems were said."""
    try:
        command, bound, _ = app.parse_args(arguments, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        _say(str(error).strip())
        _say(f"see '{' '.join(('azygos', *(error.command_chain or ())))} --help'")
        return BAD_INPUT
    try:
        return int(command(*bound.args, **bound.kwargs) or 0)
    except InputError as error:
        for problem in error.problems:
            _say(str(problem))
        return BAD_INPUT
    except BrokenPipeError:
        raise
    except OSError as error:
        _say(f"{error.filename or 'azygos'}: {error.strerror or error}; nothing was written")
        return 1


def _say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
