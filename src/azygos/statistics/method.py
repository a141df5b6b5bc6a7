"""A statistical method as the command line offers it: a name, and the function whose signature says the rest."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

__all__ = ["Method"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method by its name.

    Its function's signature is what the command line reads: parameters that may be given by position are arguments in
    that order, all may be given as `--name VALUE`. Annotations may be int, float, str, bool, a Literal of words, a
    tuple of one of those of any length (written "1,2,3"), `table.Table` (written as a CSV file's name), and each of
    these `| None`. It answers a frozen dataclass (or a tuple of them), whose fields are the keys of the JSON object.
    """

    name: str  # as it is typed: "proportion-interval"
    home: str  # "module:function" below azygos.statistics
    help: str  # one line

    @property
    def function(self) -> Any:  # each has a signature of its own
        """The function, imported when it is asked for."""
        module, name = self.home.split(":")
        return getattr(import_module(f"azygos.statistics.{module}"), name)
