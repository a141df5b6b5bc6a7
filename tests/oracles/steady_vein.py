"""Exact steady flow through a chain of vessels that narrow, widen or collapse.

With u = q/A and no change in time, u_t + (u^2/2 + p/rho + g z)_x = -F u / A, F = 2 (gamma + 2) pi nu, becomes

    dH/dx = -2 (gamma + 2) pi mu q / A^2,      H = p(A, x) + rho q^2 / (2 A^2) + rho g z

The total head H is continuous at joints, so it is the unknown that is integrated; A follows from H as the
root on the subcritical branch, A above the area where rho q^2 / A^3 = dp/dA. Integrating upstream from the
downstream end is the stable direction: a larger head has a larger area, hence less friction.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from azygos.body.network import Blood, Vessel
from oracles.tube_law import RTOL, Tube, friction_factor, tube_at

__all__ = ["ChokedError", "SteadyFlow", "critical_area", "solve", "subcritical_area"]

GRAVITY = 9.80665


class ChokedError(ValueError):
    """The head is too low to carry the flow at subcritical speed."""


def critical_area(tube: Tube, flow: float, density: float) -> float:
    """Area [m2] at which the speed equals the wave speed: A^3 dP/dA = rho q^2, whose left side rises with A."""

    def excess(log_area: float) -> float:
        area = np.exp(log_area)
        return float(np.log(area**3 * tube.slope(area)) - np.log(density * flow**2))

    centre = np.log(tube.reference_area)
    return float(np.exp(brentq(excess, centre - 200.0, centre + 10.0, xtol=1e-15, rtol=RTOL)))


def subcritical_area(tube: Tube, head: float, flow: float, density: float) -> float:
    """The larger root A of P(A) + rho q^2 / (2 A^2) = head (head without gravity)."""
    if flow == 0.0:
        return tube.area(head)
    low = np.log(critical_area(tube, flow, density))

    def excess(log_area: float) -> float:
        area = float(np.exp(log_area))
        return tube.pressure(area) + 0.5 * density * (flow / area) ** 2 - head

    if excess(low) > 0.0:
        raise ChokedError(f"a head of {head:g} Pa cannot carry {flow:g} m3/s: it needs {head + excess(low):g} Pa")
    high = low + 0.5
    while excess(high) < 0.0:
        high += 0.5
    return float(np.exp(brentq(excess, low, high, xtol=1e-15, rtol=RTOL)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyFlow:
    """Along the chain, one array per vessel, each from the vessel's start to its end."""

    fraction: tuple[NDArray[np.float64], ...]
    head: tuple[NDArray[np.float64], ...]  # H [Pa]
    pressure: tuple[NDArray[np.float64], ...]  # static p [Pa]
    area: tuple[NDArray[np.float64], ...]  # [m2]
    froude: float  # largest |u|/c

    @property
    def head_drop(self) -> float:
        """H at the chain's start minus H at its end [Pa]."""
        return float(self.head[0][0] - self.head[-1][-1])

    @property
    def pressure_drop(self) -> float:
        """Static p at the chain's start minus p at its end [Pa]."""
        return float(self.pressure[0][0] - self.pressure[-1][-1])


def _march(
    vessel: Vessel,
    flow: float,
    head: float,
    fractions: NDArray[np.float64],
    z: tuple[float, float],
    blood: Blood,
    gravity: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Head and area at `fractions`, which run from the known end (head `head`) to the other."""
    rho = blood.density
    loss = friction_factor(vessel, blood) * rho * flow * vessel.length

    def area_at(s: float, total: float) -> float:
        tube = tube_at(vessel, s, blood)
        return subcritical_area(tube, total - rho * gravity * (z[0] + (z[1] - z[0]) * s), flow, rho)

    ends = float(fractions[0]), float(fractions[-1])
    march = solve_ivp(
        lambda s, h: [-loss / area_at(s, h[0]) ** 2], ends, [head], method="DOP853", t_eval=fractions, rtol=1e-11,
        atol=1e-9,
    )  # fmt: skip
    if not march.success:
        raise RuntimeError(march.message)
    heads = march.y[0]
    return heads, np.array([area_at(float(s), float(h)) for s, h in zip(fractions, heads, strict=True)])


def solve(
    vessels: Sequence[Vessel],
    flow: float,
    *,
    downstream_pressure: float | None = None,
    upstream_pressure: float | None = None,
    is_head: bool = False,
    heights: Sequence[float] | None = None,
    blood: Blood | None = None,
    gravity: float = GRAVITY,
    stations: int = 41,
) -> SteadyFlow:
    """Steady `flow` [m3/s] from the first vessel's start to the last one's end.

    Exactly one of the two pressures [Pa] is given: static, or a total head where `is_head`. `heights` [m] of the
    joints, one more than vessels, default 0. Raises ChokedError where no subcritical flow exists.
    """
    if (downstream_pressure is None) == (upstream_pressure is None):
        raise ValueError("give the downstream or the upstream pressure")
    blood = blood or Blood()
    z = list(heights) if heights is not None else [0.0] * (len(vessels) + 1)
    backwards = downstream_pressure is not None
    order = range(len(vessels) - 1, -1, -1) if backwards else range(len(vessels))
    known = downstream_pressure if downstream_pressure is not None else upstream_pressure
    assert known is not None
    first = order[0]
    end = 1.0 if backwards else 0.0
    head = known
    if not is_head:
        area = tube_at(vessels[first], end, blood).area(known)
        head = known + 0.5 * blood.density * (flow / area) ** 2 + blood.density * gravity * z[first + int(end)]
    grid = np.linspace(0.0, 1.0, stations)
    direction = -1 if backwards else 1
    heads, areas = {}, {}
    for i in order:
        h, a = _march(vessels[i], flow, head, grid[::direction], (z[i], z[i + 1]), blood, gravity)
        head = float(h[-1])
        heads[i], areas[i] = h[::direction], a[::direction]
    tubes = [[tube_at(v, float(s), blood) for s in grid] for v in vessels]
    places = range(len(vessels))
    speeds = [[t.speed(a, blood.density) for t, a in zip(tubes[i], areas[i], strict=True)] for i in places]
    return SteadyFlow(
        fraction=tuple(grid for _ in vessels),
        head=tuple(heads[i] for i in places),
        pressure=tuple(np.array([t.pressure(a) for t, a in zip(tubes[i], areas[i], strict=True)]) for i in places),
        area=tuple(areas[i] for i in places),
        froude=max(float(np.max(np.abs(flow) / areas[i] / np.array(speeds[i]))) for i in places),
    )
