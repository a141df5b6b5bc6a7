"""The periodic state of a circulation and its derivatives along parameters.

With G the map from the state at the start of a period to that at its end, x = G(x, theta) the periodic state, its
derivative D along theta solves the linear equation

    D = G_x D + G_theta

One period of the dual kernel, started from x and a guess D, gives the right side for eight directions at once, and
nothing else is known of G_x. Iterating it would take as long as waiting for the slowest volume: hundreds of periods
for the fluid of the brain. Instead, guesses D_k and what the periods make of them, E_k, are combined: the residual
E - D is linear in D, so that with P the changes of the guesses so far and Q those of their residuals each column takes

    D + P y with the y that makes |r + Q y| least,  then a period's step: next = E + (P + Q) y

which is the generalised minimal residual method in the form of Anderson. G_x is the same for all columns, so that
each of them uses what all have found: eight directions of search a period. The norm is that of pressure, as in
`periodic`. Blood is conserved: the total of a column is given by its first guess, and every combination keeps it.

Walker and Ni 2011, SIAM J. Numer. Anal. 49:1715, doi 10.1137/10078356X.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body.check import problems_of
from azygos.body.network import Network
from azygos.engine.compile import Compiled, compile_network
from azygos.engine.keep import Keep
from azygos.engine.kernel import DUAL, Record
from azygos.engine.monitor import pressure_weights
from azygos.engine.numerics import Numerics, problems_with
from azygos.engine.patient import load_tangents
from azygos.engine.run import Beat, Run
from azygos.engine.solution import Sampler, Solution
from azygos.errors import InputError

__all__ = ["MOVE", "Tangents", "tangents"]

Floats: TypeAlias = NDArray[np.float64]

MOVE = 1e-5  # of a parameter, for the differences by which it enters the kernel's arrays and a measure
MOST_PERIODS = 40
SMALL = 1e-12  # of the largest: a column with less is rounding
NEW = 1e-4  # of a direction of search: with less of it outside the basis it tells little but rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Tangents:
    """A periodic state, and one beside it per direction: moved along its tangent by MOVE.

    A direction's derivative of anything that can be read off a Solution is the difference of two readings, in which
    both the state and what the network itself gives (a radius, a length) move: `derivatives(measure)`.
    """

    value: Solution
    raised: tuple[Solution, ...]  # empty when there are no tangents
    periods: int  # that the tangents took
    error: float  # of the tangents, estimated: how far the next guess would lie, relative to the tangent

    def derivatives(self, measure: Callable[[Solution], float]) -> Floats:
        """The derivative of a measure along each direction."""
        here = measure(self.value)
        return np.array([(measure(near) - here) / MOVE for near in self.raised])


def tangents(
    network_at: Callable[[Floats], Network],
    at: Floats,
    *,
    numerics: Numerics | None = None,
    keep: Keep | None = None,
    tolerance: float = 1e-6,
    progress: Callable[[Beat], None] | None = None,
) -> Tangents:
    """The periodic state of `network_at(at)` and its derivative along every entry of `at`.

    `network_at` must change quantities alone, not vessels, nodes or the period. A state that is not periodic has no
    tangents: then `value.outcome` says what it is, and `raised` is empty. Raises InputError as `simulate` does.
    """
    numerics, keep = numerics or Numerics(), keep or Keep()
    network = network_at(at)
    problems = problems_of(network) or problems_with(network, numerics, keep, None)
    if problems:
        raise InputError(problems)
    run = Run(network, numerics, keep)
    value = run.to_periodic(progress)
    if value.outcome.name not in ("ok", "choked"):
        return Tangents(value=value, raised=(), periods=0, error=float("nan"))
    raised = [compile_network(network_at(at + move), cells=run.case.compiled.cells) for move in MOVE * np.eye(len(at))]
    weights, _ = pressure_weights(run.case.compiled, run.stay.lane)
    search, found = _Search(weights), []
    for first in range(0, len(at), DUAL - 1):
        found.append(_group(run, value, search, raised[first : first + DUAL - 1], tolerance, progress))
    whole = all(group.raised for group in found)  # none of them was lost on the way
    return Tangents(
        value=found[0].value if found else value,
        raised=tuple(moved for group in found for moved in group.raised) if whole else (),
        periods=sum(group.periods for group in found),
        error=max((group.error for group in found), default=0.0),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    value: Solution  # of the period that the tangents were read in
    raised: list[Solution]
    periods: int
    error: float


def _group(
    run: Run,
    value: Solution,
    search: "_Search",
    raised: Sequence[Compiled],
    tolerance: float,
    progress: Callable[[Beat], None] | None,
) -> _Group:
    """The neighbours of a periodic state along up to eight directions."""
    # A difference to one side, half the step: it misses MOVE times the bend, and a body is built once, not twice.
    case, lowered = run.case, [run.case.compiled] * len(raised)
    patient = load_tangents(case.compiled, raised, lowered, [0.5 * MOVE] * len(raised), case.dt)
    patient.fresh = 0
    state = patient.kernel.state.reshape(-1, DUAL)
    search.begin()
    here, guess = run.state, state[:, 1:].copy()
    for period in range(1, MOST_PERIODS + 1):
        state[:, 0], state[:, 1:] = here, guess
        advance = patient.advance(case.steps, every=case.every, periodic=True)
        if advance.fates[0].lost_step is not None:
            return _Group(value=value, raised=[], periods=period, error=float("inf"))
        end = state[:, 1:].copy()
        better = search.next_guess(guess, end)
        error = search.distance(guess, better)
        if progress:
            progress(Beat(period, MOST_PERIODS, error, ""))
        if error <= tolerance:
            break
        guess = better
    record = advance.record.thinned(case.thin)
    return _Group(
        value=_moved(value, record, 0, 0.0, case.compiled),
        raised=[_moved(value, record, i, MOVE, near) for i, near in enumerate(raised)],
        periods=period,
        error=error,
    )


def _moved(value: Solution, record: Record, direction: int, by: float, near: Compiled) -> Solution:
    """The solution `by` further along a direction, where the compiled patient is `near`."""
    there = {
        field.name: getattr(record, field.name)[..., :1] + by * getattr(record, field.name)[..., direction + 1, None]
        for field in fields(Record)
    }
    return replace(value, network=near.network, course=Sampler(near, value.keep).course(Record(**there)))


class _Search:
    """Guesses of the tangents, each column from what all columns have shown of the map, those of groups before too.

    Of the changes of residuals an orthonormal basis is kept; `_steps` holds what the guess and its residual change
    by along each of its vectors.
    """

    def __init__(self, weights: Floats) -> None:
        self._weighed = np.flatnonzero(weights)
        self._weights = weights[self._weighed, None]
        self._last: tuple[Floats, Floats] | None = None  # guess and residual
        self._basis = np.zeros((len(self._weighed), 0))
        self._steps = np.zeros((len(weights), 0))

    def begin(self) -> None:
        """A group of other columns: the map stays, what was known of their residuals does not."""
        self._last = None

    def distance(self, guess: Floats, better: Floats) -> float:
        """Largest distance of a column to another guess, relative to the column.

        A period alone moves a column by little where volume is exchanged slowly, however far it has to go; the next
        guess knows the slow ways.
        """
        change, size = (np.linalg.norm(self._seen(columns), axis=0) for columns in (better - guess, better))
        return float(np.max(change / np.maximum(size, SMALL * np.max(size, initial=1e-300)), initial=0.0))

    def next_guess(self, guess: Floats, end: Floats) -> Floats:
        """What to try after a period that made `end` of `guess`."""
        residual = end - guess
        if self._last is not None:
            self._learn(guess - self._last[0], residual - self._last[1])
        self._last = guess, residual
        best: Floats = end - self._steps @ (self._basis.T @ self._seen(residual))
        return best

    def _learn(self, moves: Floats, answers: Floats) -> None:
        """Add the part of the new directions that is not in the basis yet."""
        size = np.linalg.norm(self._seen(answers), axis=0)
        real = size > SMALL * np.max(size, initial=1e-300)
        seen, steps = self._seen(answers)[:, real] / size[real], (moves + answers)[:, real] / size[real]
        for _ in range(2):  # the second time for rounding
            known = self._basis.T @ seen
            seen, steps = seen - self._basis @ known, steps - self._steps @ known
        left, strength, right = np.linalg.svd(seen, full_matrices=False)
        new = strength > NEW
        self._basis = np.concatenate([self._basis, left[:, new]], axis=1)
        self._steps = np.concatenate([self._steps, steps @ right[new].T / strength[new]], axis=1)

    def _seen(self, columns: Floats) -> Floats:
        part: Floats = columns[self._weighed] * self._weights
        return part
