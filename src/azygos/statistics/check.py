"""What methods ask of their arguments. Each check answers a problem or None, so that all are said at once."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from azygos.errors import InputError, Problem, close_matches

__all__ = ["above", "between", "choice", "counts", "refuse", "same_length"]


def refuse(*found: Problem | None) -> None:
    """Raises InputError with the problems among `found`, if there are any."""
    problems = [problem for problem in found if problem is not None]
    if problems:
        raise InputError(problems)


def counts(x: ArrayLike, n: ArrayLike, x_name: str = "x", n_name: str = "n") -> Problem | None:
    """A problem unless every x is a whole number from 0 to its n, and every n one from 1 on."""
    part, whole = np.asarray(x, dtype=float), np.asarray(n, dtype=float)
    if not (np.all(np.isfinite(whole)) and np.all(whole >= 1) and np.all(whole == np.floor(whole))):
        return Problem(f"{_shown(whole)} is no size of a group", n_name, "give a whole number from 1 on")
    if not (np.all(np.isfinite(part)) and np.all(part == np.floor(part))):
        return Problem(f"{_shown(part)} is no count", x_name, "give a whole number")
    part, whole = np.broadcast_arrays(part, whole)
    if np.any(part < 0) or np.any(part > whole):
        bad = np.argmax((part < 0) | (part > whole))
        return Problem(f"{part.flat[bad]:g} of {whole.flat[bad]:g}", x_name, f"give a count from 0 to {n_name}")
    return None


def between(name: str, value: ArrayLike, lower: float = 0.0, upper: float = 1.0) -> Problem | None:
    """A problem unless every value lies strictly between the two."""
    values = np.asarray(value, dtype=float)
    if np.all((values > lower) & (values < upper)):
        return None
    return Problem(f"{_shown(values)} is not between {lower:g} and {upper:g}", name)


def above(name: str, value: ArrayLike, lower: float = 0.0) -> Problem | None:
    """A problem unless every value is finite and above `lower`."""
    values = np.asarray(value, dtype=float)
    if np.all(np.isfinite(values) & (values > lower)):
        return None
    return Problem(f"{_shown(values)} is not a number above {lower:g}", name)


def choice(name: str, value: str, known: Iterable[str]) -> Problem | None:
    """A problem unless the value is one of the known words."""
    words = tuple(known)
    if value in words:
        return None
    near = close_matches(value, words)
    return Problem(f"there is no '{value}'", name, near if "mean" in near else f"known: {', '.join(words)}")


def same_length(**sequences: ArrayLike) -> Problem | None:
    """A problem unless all are equally long."""
    lengths = {name: np.size(np.asarray(values)) for name, values in sequences.items()}
    if len(set(lengths.values())) <= 1:
        return None
    told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
    return Problem(f"different lengths: {told}", next(iter(lengths)), "give one of each for every row")


def _shown(values: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> str:
    return f"{values:g}" if values.ndim == 0 else f"[{', '.join(f'{value:g}' for value in values.flat[:6])}]"
