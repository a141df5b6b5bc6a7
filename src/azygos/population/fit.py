"""Fitting a body's parameters to what was measured of a person.

Gauss and Newton's method on the logarithms of the factors (see `plane`). The derivatives come from the tangents of the
periodic states; they are taken where the fit begins and where it ends, and between these the plane is tilted by what
each round finds. The fit ends where the most probable factors on a fresh plane are no further away than a fraction of
their own uncertainty.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.body import parameter
from azygos.body.body import Body
from azygos.body.network import Network
from azygos.engine.keep import Keep
from azygos.engine.measure import keep_for
from azygos.engine.numerics import Numerics
from azygos.engine.outcome import Outcome
from azygos.engine.run import Beat
from azygos.engine.solution import Solution
from azygos.engine.solve import simulate
from azygos.engine.tangent import MOVE, Tangents, tangents
from azygos.errors import InputError, Problem, close_matches
from azygos.population.amount import amount
from azygos.population.measurement import Measurement, problems_of
from azygos.population.plane import Plane, Question
from azygos.population.result import Estimate, Fit, Residual

__all__ = ["DEFAULT", "NUMERICS", "Watch", "fit", "problems_with"]

Floats: TypeAlias = NDArray[np.float64]
Watch: TypeAlias = Callable[[str, Beat], None]

# What differs between persons and shows in what is commonly measured of head, neck and heart.
DEFAULT = (
    "ijv_r.diameter",
    "ijv_l.diameter",
    "transverse_sinus_r.diameter",
    "transverse_sinus_l.diameter",
    "collateral_conductance",
    "cerebral_flow",
    "csf_outflow_resistance",
    "arterial_resistance",
    "arterial_stiffness",
    "contractility",
    "venous_compliance",
    "blood_volume",
)
FITTED = ", fitted"  # ends the name of a fitted body
USABLE = (Outcome.ok, Outcome.choked)
SETTLED = 0.1  # posterior standard deviations: nearer to the most probable than this the fit ends
ROUGH = 0.5  # ... and nearer than this where no step lowers F: valves and collapsing veins make it rough
STALLED = 1e-3  # a fall of F that is not worth another round
MOST_ROUNDS = 40
MOST_DAMPING = 1e4
NUMERICS = Numerics(tolerance=1e-5, most_beats=200)  # ten times as near to the periodic state as a single solve
TANGENT_TOLERANCE = 1e-5
TANGENT_ERROR = 1e-2  # with more left after all its periods a tangent is tried for once more, finely
# Slopes need not be as exact as values: a few per cent of error move the end by that much of its uncertainty.
TANGENT_STEP = 4e-3  # [s]
TANGENT_CELL = 0.04  # [m]


def fit(
    body: Body,
    measurements: Sequence[Measurement],
    parameters: Sequence[str] | None = None,
    *,
    numerics: Numerics = NUMERICS,
    progress: Watch | None = None,
) -> Fit:
    """The body with `parameters` (DEFAULT, as far as the body has them) fitted to the measurements.

    Raises InputError with everything that keeps it from beginning; a fit that does not come to an end says so in
    `converged` and `message`.
    """
    problems = problems_with(body, measurements, parameters)
    problems += [] if measurements else [Problem("there is nothing measured", "measurements", "give one at least")]
    if problems:
        raise InputError(problems)
    names = _present(body) if parameters is None else tuple(parameters)
    return _Task(body, measurements, names, numerics, progress).solved()


def problems_with(
    body: Body, measurements: Sequence[Measurement], parameters: Sequence[str] | None = None
) -> list[Problem]:
    """Why the body cannot be fitted to the measurements by these parameters; empty when it can."""
    known, names = parameter.parameters(), parameters if parameters is not None else _present(body)
    found = [Problem(f"no parameter '{n}'", "parameters", close_matches(n, known)) for n in names if n not in known]
    doubles = [name for i, name in enumerate(names) if name in names[:i]]
    found += [Problem(f"parameter '{n}' is named twice", "parameters", "name it once") for n in doubles]
    found += [problem for name in names if name in known for problem in _lacking(body, name)]
    if not names:
        found.append(Problem("there is no parameter to fit", "parameters", f"name one, such as {DEFAULT[0]}"))
    return found + [problem for m in measurements for problem in problems_of(m, body.network)]


def _present(body: Body) -> tuple[str, ...]:
    """Those of DEFAULT that act on something in the body."""
    return tuple(name for name in DEFAULT if not _lacking(body, name))


def _lacking(body: Body, name: str) -> tuple[Problem, ...]:
    try:
        parameter.apply(body.healthy, {name: 1.0})
    except InputError as error:
        return error.problems
    return ()


class _Task:
    """A fit on its way."""

    def __init__(
        self,
        body: Body,
        measurements: Sequence[Measurement],
        names: Sequence[str],
        numerics: Numerics,
        progress: Watch | None,
    ) -> None:
        known = [parameter.parameters()[name] for name in names]
        self.body, self.names, self.numerics, self.progress = body, tuple(names), numerics, progress
        self.measurements = tuple(measurements)
        self.postures = tuple(dict.fromkeys(m.posture for m in measurements))
        self.question = Question(
            measured=np.array([m.value for m in measurements]),
            errors=np.array([m.error for m in measurements]),
            spreads=np.array([p.spread for p in known]),
            # A hair inside the range, so that there is room on both sides for differences.
            low=np.array([math.log(p.low) + 2.0 * MOVE for p in known]),
            high=np.array([math.log(p.high) - 2.0 * MOVE for p in known]),
        )
        self.round = 0
        self.failed: Solution | None = None  # the last solve that went wrong

    def solved(self) -> Fit:
        """From the body as it is to where a step no longer matters."""
        given = {} if self.body.recipe is None else self.body.recipe.parameters
        begin = np.clip(np.log([given.get(name, 1.0) for name in self.names]), self.question.low, self.question.high)
        values = self.values(begin)
        slopes = self.slopes(begin) if values is not None else None
        if values is None or slopes is None:
            return self.not_begun(begin)
        plane, fresh, damping = Plane(question=self.question, at=begin, values=values, slopes=slopes), True, 0.0
        for self.round in range(1, MOST_ROUNDS + 1):
            if plane.distance <= SETTLED:
                if fresh:
                    break
                plane, fresh = self.refreshed(plane), True
                continue
            tried = self.tried(plane, plane.at + plane.step(damping))
            fall = plane.cost - tried.cost if tried else -math.inf
            if tried and fall > 0.0:
                plane, damping = tried, 0.1 * damping if damping > 1.0 else 0.0
            if fall > STALLED:
                fresh = False
            elif not fresh:
                plane, fresh, damping = self.refreshed(plane), True, 0.0
            elif fall > 0.0 or damping >= MOST_DAMPING:
                break
            else:
                damping = max(10.0 * damping, 1.0)
        return self.told(plane, values)

    def tried(self, plane: Plane, at: Floats) -> Plane | None:
        """The plane after a look at other factors; None where there is nothing to see."""
        values = self.values(at)
        return None if values is None else plane.moved(at, values)

    def refreshed(self, plane: Plane) -> Plane:
        """The plane with its slopes taken anew; as it is where there are none."""
        slopes = self.slopes(plane.at)
        return plane if slopes is None else replace(plane, slopes=slopes)

    def values(self, at: Floats) -> Floats | None:
        """What is measured of the body at the factors' logarithms `at`; None when a solve goes wrong."""
        found = np.full(len(self.measurements), np.nan)
        for posture in self.postures:
            network, keep = self.network(posture, at), self.keep(posture)
            seen = simulate(network, numerics=self.numerics, keep=keep, progress=self.watch("fit", posture))
            if seen.outcome not in USABLE:
                self.failed = seen
                return None
            for i in self.taken_at(posture):
                found[i] = self.measurements[i].measure(seen)
        return found

    def slopes(self, at: Floats) -> Floats | None:
        """Derivatives of the measures, (measures, parameters); None when a solve goes wrong."""
        found = np.full((len(self.measurements), len(self.names)), np.nan)
        for posture in self.postures:
            seen = self.tangents(posture, at)
            if not seen.raised:
                self.failed = seen.value
                return None
            for i in self.taken_at(posture):
                found[i] = seen.derivatives(self.measurements[i].measure)
        return found

    def tangents(self, posture: float, at: Floats) -> Tangents:
        """Taken coarsely; with the steps and cells of the fit itself where that goes wrong."""
        mesh = replace(self.numerics.mesh, cell_length=max(self.numerics.mesh.cell_length, TANGENT_CELL))
        coarse = replace(self.numerics, mesh=mesh, time_step=max(self.numerics.time_step, TANGENT_STEP))
        keep, progress = self.keep(posture), self.watch("slopes", posture)
        for numerics in (coarse, self.numerics):
            seen = tangents(
                partial(self.network, posture),
                at,
                numerics=numerics,
                keep=keep,
                tolerance=TANGENT_TOLERANCE,
                progress=progress,
            )
            if seen.raised and seen.error <= TANGENT_ERROR:
                break
        return seen

    def taken_at(self, posture: float) -> list[int]:
        return [i for i, m in enumerate(self.measurements) if m.posture == posture]

    def keep(self, posture: float) -> Keep:
        measures = [m.measure for m in self.measurements if m.posture == posture]
        return keep_for(measures, self.body.with_posture(posture).network)

    def watch(self, what: str, posture: float) -> Callable[[Beat], None] | None:
        told, name = self.progress, f"{what} {self.round}, {posture:g}°"
        return None if told is None else (lambda beat: told(name, beat))

    def network(self, posture: float, at: Floats) -> Network:
        return self.bodied(at).with_posture(posture).network

    def bodied(self, at: Floats) -> Body:
        if self.body.recipe is not None:
            return self.body.with_parameters(self.factors(at))
        return replace(self.body, healthy=parameter.apply(self.body.healthy, self.factors(at)))

    def factors(self, at: Floats) -> dict[str, float]:
        return dict(zip(self.names, np.exp(at).tolist(), strict=True))

    def told(self, plane: Plane, before: Floats) -> Fit:
        name = f"{self.body.name.removesuffix(FITTED)}{FITTED}"
        fitted, away = replace(self.bodied(plane.at), name=name), plane.distance
        rows = zip(self.measurements, before.tolist(), plane.values.tolist(), strict=True)
        deviations = plane.deviations.tolist()
        return Fit(
            body=fitted,
            estimates=tuple(self.estimate(i, plane.at, d, fitted) for i, d in enumerate(deviations)),
            residuals=tuple(Residual(measurement=m, before=b, fitted=f) for m, b, f in rows),
            rounds=self.round,
            converged=away <= ROUGH,
            outcome=Outcome.ok,
            message=self.message(away),
        )

    def message(self, away: float) -> str:
        if away > ROUGH:
            return (
                f"No end was found in {self.round} rounds: the factors given are the best that were met, "
                f"by the look of it {away:.2g} standard deviations from the most probable."
            )
        rough = f" {away:.2g} standard deviations short of it the answer turns rough." if away > SETTLED else ""
        rounds = "1 round" if self.round == 1 else f"{self.round} rounds"
        return f"The most probable factors were found in {rounds}.{rough}"

    def not_begun(self, at: Floats) -> Fit:
        assert self.failed is not None
        nothing = [math.nan] * len(self.measurements)
        return Fit(
            body=self.body,
            estimates=tuple(self.estimate(i, at, s, self.body) for i, s in enumerate(self.question.spreads)),
            residuals=tuple(
                Residual(measurement=m, before=b, fitted=b) for m, b in zip(self.measurements, nothing, strict=True)
            ),
            rounds=0,
            converged=False,
            outcome=self.failed.outcome,
            message=f"The body as it was could not be solved{self._why()}",
        )

    def _why(self) -> str:
        if self.failed is None or self.failed.outcome in USABLE:
            return " along its parameters: its derivatives were lost."
        return f": {self.failed.solve.sentence}"

    def estimate(self, i: int, at: Floats, deviation: float, fitted: Body) -> Estimate:
        known, reach = parameter.parameters()[self.names[i]], math.exp(1.96 * deviation)
        factor = self.factors(at)[known.name]
        return Estimate(
            name=known.name,
            factor=factor,
            standard_error=factor * deviation,
            interval=(max(known.low, factor / reach), min(known.high, factor * reach)),
            prior_spread=known.spread,
            spread=float(deviation),
            at_limit=bool(min(at[i] - self.question.low[i], self.question.high[i] - at[i]) < MOVE),
            amount=amount(fitted.healthy, known.name),
        )
