"""Solving the bodies that patients ask for: side by side in the kernel's lanes, or one at a time."""

from collections.abc import Sequence

from azygos.engine.batch import simulate_many
from azygos.engine.solution import Solution
from azygos.engine.solve import Numerics, simulate
from azygos.therapy.conduct import Ask

__all__ = ["solved"]


def solved(asks: Sequence[Ask], numerics: Numerics, *, side_by_side: bool) -> list[Solution | Exception]:
    """For each body its solution, or what was raised instead: one that cannot be solved keeps nobody from the rest."""
    together = [i for i, ask in enumerate(asks) if side_by_side and ask.duration is None]
    found = dict(zip(together, _together([asks[i] for i in together], numerics), strict=True))
    return [found[i] if i in found else _alone(ask, numerics) for i, ask in enumerate(asks)]


def _together(asks: Sequence[Ask], numerics: Numerics) -> list[Solution | Exception]:
    try:
        return list(simulate_many([ask.body for ask in asks], numerics=numerics))
    except Exception:  # of whom it is told by solving them one by one
        return [_alone(ask, numerics) for ask in asks]


def _alone(ask: Ask, numerics: Numerics) -> Solution | Exception:
    try:
        return simulate(ask.body, duration=ask.duration, numerics=numerics)
    except Exception as error:  # handed to the patient who asked
        return error
