"""Exact solution of the Riemann problem of one-dimensional blood flow in (A, u) form.

    A_t + (A u)_x = 0,      u_t + (u^2/2 + P(A)/rho)_x = 0

Because the second law is written for u (not for A u), a shock of speed s obeys

    s [A] = [A u],   s [u] = [u^2/2 + P/rho]   =>   [u]^2 = [P] [A] / (rho mean(A)),   s = mean(u) + mean(A) [u] / [A].

A rarefaction keeps u + int c/A dA (left-going) or u - int c/A dA (right-going). With the laws of
`tube_law` both families are genuinely nonlinear, as d(c)/dA + c/A > 0 at every area, so each wave is
one shock or one rarefaction. Toro 2016, Wang et al. 2016 solve the (A, A u) form; their shocks differ.

Where the wall jumps at x = 0 a stationary contact carries continuous A u and P + rho u^2/2: these are
exactly the fluxes of the two laws, so both integrals stay conserved across it. Only patterns with
subcritical flow on either side of the contact are solved.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.optimize import brentq, root

from oracles.tube_law import RTOL, Tube

DENSITY = 1060.0


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    area: float  # [m2]
    velocity: float  # [m/s]
    tube: Tube


def invariant(tube: Tube, start: float, end: float, density: float) -> float:
    """int c/A dA [m/s] from area `start` to `end`; 4 [c] for a pure artery."""
    if tube.k_vein == 0.0:
        return 4.0 * (tube.speed(end, density) - tube.speed(start, density))
    value, _ = quad(lambda y: tube.speed(np.exp(y), density), np.log(start), np.log(end), epsabs=1e-13, epsrel=1e-13)
    return float(value)


def wave(area: float, known: State, density: float) -> float:
    """f(A): the speed by which a wave to `area` slows (left wave, u = uL - f) or lifts (right, u = uR + f) the flow."""
    if area <= known.area:
        return invariant(known.tube, known.area, area, density)
    jump = known.tube.pressure(area) - known.tube.pressure(known.area)
    return float(np.sqrt(2.0 * jump * (area - known.area) / (density * (area + known.area))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """One wave between `outer` (undisturbed) and `inner` (star) state; `side` is -1 for left, +1 for right."""

    outer: State
    inner: State
    side: int
    density: float

    @property
    def is_shock(self) -> bool:
        return self.inner.area > self.outer.area

    def characteristic(self, state: State) -> float:
        return state.velocity + self.side * state.tube.speed(state.area, self.density)

    @property
    def speeds(self) -> tuple[float, float]:
        """Left and right edge of the wave [m/s]; equal for a shock."""
        if self.is_shock:
            s = self._shock_speed()
            return s, s
        edges = sorted((self.characteristic(self.outer), self.characteristic(self.inner)))
        return edges[0], edges[1]

    def _shock_speed(self) -> float:
        """mean(u) -+ sqrt(mean(A) [P] / (rho [A])), with dP/dA in place of [P]/[A] where the jump is rounding."""
        a, b = self.outer, self.inner
        mean_area, jump = 0.5 * (a.area + b.area), b.area - a.area
        slope = a.tube.slope(mean_area)
        if jump > 1e-7 * mean_area:
            slope = (a.tube.pressure(b.area) - a.tube.pressure(a.area)) / jump
        return 0.5 * (a.velocity + b.velocity) + self.side * float(np.sqrt(mean_area * slope / self.density))

    def fan(self, xi: float) -> State:
        """The state inside a rarefaction where u -+ c = x/t."""

        def at(area: float) -> State:
            velocity = self.outer.velocity + self.side * invariant(self.outer.tube, self.outer.area, area, self.density)
            return State(area=area, velocity=velocity, tube=self.outer.tube)

        ends = self.inner.area, self.outer.area
        residuals = [self.characteristic(at(a)) - xi for a in ends]
        if residuals[0] * residuals[1] >= 0.0:  # at an edge, to rounding
            return at(ends[int(abs(residuals[1]) < abs(residuals[0]))])
        return at(float(brentq(lambda a: self.characteristic(at(a)) - xi, *ends, xtol=1e-22, rtol=RTOL)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """Callable: (A, u) at the similarity variable x/t."""

    left: Wave
    right: Wave

    @property
    def speeds(self) -> tuple[float, ...]:
        """Where the solution is not smooth in x/t: edges of both waves and the wall's place."""
        return tuple(sorted({*self.left.speeds, 0.0, *self.right.speeds}))

    def state(self, xi: float) -> State:
        if xi < self.left.speeds[0]:
            return self.left.outer
        if xi < self.left.speeds[1]:
            return self.left.fan(xi)
        if xi >= self.right.speeds[1]:
            return self.right.outer
        if xi > self.right.speeds[0]:
            return self.right.fan(xi)
        return self.left.inner if xi < 0.0 else self.right.inner

    def __call__(self, xi: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        states = [self.state(float(value)) for value in np.atleast_1d(xi)]
        return np.array([s.area for s in states]), np.array([s.velocity for s in states])


def solve(left: State, right: State, density: float = DENSITY) -> Solution:
    """The exact solution between `left` (x < 0) and `right` (x > 0).

    ValueError when the tube would open a vacuum, or when walls differ and the flow at the contact
    is not subcritical (there the solution is not unique).
    """
    same = left.tube == right.tube
    areas = _equal_walls(left, right, density) if same else _contact(left, right, density)
    inner_left = State(area=areas[0], velocity=left.velocity - wave(areas[0], left, density), tube=left.tube)
    inner_right = State(area=areas[1], velocity=right.velocity + wave(areas[1], right, density), tube=right.tube)
    solution = Solution(
        left=Wave(outer=left, inner=inner_left, side=-1, density=density),
        right=Wave(outer=right, inner=inner_right, side=1, density=density),
    )
    if not same and not (solution.left.speeds[1] < 0.0 < solution.right.speeds[0]):
        raise ValueError("the flow at the jump of the wall is not subcritical")
    return solution


def _equal_walls(left: State, right: State, density: float) -> tuple[float, float]:
    """A* from f_L(A) + f_R(A) + uR - uL = 0; the left side rises with A, so one root is bracketed."""

    def residual(log_area: float) -> float:
        area = float(np.exp(log_area))
        return wave(area, left, density) + wave(area, right, density) + right.velocity - left.velocity

    low, high = np.log(min(left.area, right.area)), np.log(max(left.area, right.area))
    while residual(high) < 0.0:
        high += 0.1
    while residual(low) > 0.0:
        low -= 0.1
        if low < np.log(left.tube.reference_area) - 40.0:
            raise ValueError("the states pull apart so fast that the tube closes")
    area = float(np.exp(brentq(residual, low, high, xtol=1e-15, rtol=RTOL))) if high > low else left.area
    return area, area


def _contact(left: State, right: State, density: float) -> tuple[float, float]:
    """(A_L*, A_R*) with equal A u and equal P + rho u^2/2 on the two sides of the contact."""
    scale_head = density * left.tube.speed(left.area, density) ** 2
    scale_flow = left.area * left.tube.speed(left.area, density)

    def residual(logs: NDArray[np.float64]) -> list[float]:
        a, b = float(np.exp(logs[0])), float(np.exp(logs[1]))
        u, v = left.velocity - wave(a, left, density), right.velocity + wave(b, right, density)
        heads = left.tube.pressure(a) + 0.5 * density * u**2, right.tube.pressure(b) + 0.5 * density * v**2
        return [(a * u - b * v) / scale_flow, (heads[0] - heads[1]) / scale_head]

    found = root(residual, _acoustic_guess(left, right, density), tol=1e-14)
    if np.max(np.abs(residual(found.x))) > 1e-11:
        raise ValueError(f"no subcritical contact found: {found.message}")
    return float(np.exp(found.x[0])), float(np.exp(found.x[1]))


def _acoustic_guess(left: State, right: State, density: float) -> NDArray[np.float64]:
    """Logarithms of the star areas from the linear (acoustic) problem, kept near the data."""
    z = [density * s.tube.speed(s.area, density) / s.area for s in (left, right)]
    p = [s.tube.pressure(s.area) for s in (left, right)]
    q = [s.area * s.velocity for s in (left, right)]
    star = (p[0] * z[1] + p[1] * z[0] + (q[0] - q[1]) * z[0] * z[1]) / (z[0] + z[1])
    steps = [(star - p[i]) / (s.tube.slope(s.area) * s.area) for i, s in enumerate((left, right))]
    return np.log([left.area, right.area]) + np.clip(steps, -0.5, 0.5)


def conservation_defect(solution: Solution, density: float = DENSITY) -> tuple[float, float]:
    """Relative defects of mass and of int u dx over a box that holds every wave, at time 1.

    int_{-X}^{X} w dx = X (wL + wR) - (F(wR) - F(wL)).
    """
    left, right = solution.left.outer, solution.right.outer
    speeds = solution.speeds
    box = 1.2 * max(abs(s) for s in speeds)
    nodes, weights = np.polynomial.legendre.leggauss(40)
    edges = [-box, *speeds, box]
    totals = np.zeros(2)
    for a, b in pairwise(edges):
        if b > a:
            area, velocity = solution(0.5 * (a + b) + 0.5 * (b - a) * nodes)
            totals += 0.5 * (b - a) * np.array([weights @ area, weights @ velocity])
    states = [np.array([s.area, s.velocity]) for s in (left, right)]
    flux = [
        np.array([s.area * s.velocity, 0.5 * s.velocity**2 + s.tube.pressure(s.area) / density]) for s in (left, right)
    ]
    expected = box * (states[0] + states[1]) - (flux[1] - flux[0])
    speed = left.tube.speed(left.area, density)
    scale = 2.0 * box * np.array([left.area + right.area, speed])
    defect = np.abs(totals - expected) / scale
    return float(defect[0]), float(defect[1])
