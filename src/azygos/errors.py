"""Problems of an input, collected so that a user sees all of them at once."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["InputError", "Problem", "close_matches", "near_matches"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input: what, where and what to do about it."""

    what: str
    where: str = ""  # "file.yaml:12" or "vessel 'ijv_r'"; empty when there is no better place to name
    remedy: str = ""

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}; {self.remedy}" if self.remedy else head


class InputError(Exception):
    """An input with one problem or several; the command line turns it into exit status 2."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def near_matches(name: str, known: Iterable[str]) -> str:
    """A remedy naming the known names that look like `name`; empty when none does."""
    near = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.5)
    return "did you mean " + " or ".join(f"'{n}'" for n in near) + "?" if near else ""


def close_matches(name: str, known: Iterable[str]) -> str:
    """A remedy naming the known names that look like `name`, or a sample of them when none does."""
    names = sorted(known)
    near = near_matches(name, names)
    if near:
        return near
    sample = ", ".join(names[:8])
    return f"known: {sample}{', ...' if len(names) > 8 else ''}" if names else "there are none"
