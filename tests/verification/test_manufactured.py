"""A manufactured solution: a prescribed travelling swell of a tapering vein, made exact by an outside pressure.

    A = A0 [1 + e cos(k x - w t)],   q = q0 + A0 e (w / k) cos(k x - w t),   A0 constant

satisfies dA/dt + dq/dx = 0. The wall's reference area tapers, so the transmural pressure varies along
the vessel. The outside pressure follows from momentum, with P = p_transmural + p_outside,

    dP/dx = - rho (du/dt + u du/dx + F u / A),   F = 2 (gamma + 2) pi nu,

integrated from P(0, t) = 0. The heads P + rho u^2 / 2 are given at both ends. Convection, friction, wall law
and taper all take part.
"""

import numpy as np
from scipy.integrate import cumulative_simpson

from azygos.body.network import Network, PressureSource, Vessel
from azygos.body.wall import VeinWall
from azygos.body.waveform import Waveform
from azygos.engine.compile import compile_network
from azygos.engine.patient import load
from azygos.engine.tube import transmural_pressure

LENGTH, AREA, SWELL, WAVE, SPEED, MEAN_FLOW = 0.3, 8e-5, 0.1, 2 * np.pi / 0.4, 2.5, 1.5e-5
OMEGA = WAVE * SPEED
LIMIT = 1.8


def area(x, t):
    return AREA * (1 + SWELL * np.cos(WAVE * x - OMEGA * t))


def flow(x, t):
    return MEAN_FLOW + AREA * SWELL * SPEED * np.cos(WAVE * x - OMEGA * t)


class EndHead(Waveform):
    """Total head at an end of the vessel."""

    def __init__(self, blood, friction, x):
        self.blood, self.friction, self.x = blood, friction, x

    def sample(self, times, period):
        return np.array([self.at(t) for t in times])

    def at(self, t):
        x = np.linspace(0.0, LENGTH, 2001)
        pressure = pressure_along(x, t, self.blood, self.friction)
        p = pressure[0] if self.x == 0.0 else pressure[-1]
        return p + 0.5 * self.blood.density * (flow(self.x, t) / area(self.x, t)) ** 2


def pressure_along(x, t, blood, friction):
    """P at points x (evenly spaced from 0) [Pa]."""
    phase = WAVE * x - OMEGA * t
    a, q = area(x, t), flow(x, t)
    a_x, a_t = -AREA * SWELL * WAVE * np.sin(phase), AREA * SWELL * OMEGA * np.sin(phase)
    q_x, q_t = -AREA * SWELL * OMEGA * np.sin(phase), AREA * SWELL * SPEED * OMEGA * np.sin(phase)
    u = q / a
    u_x, u_t = (q_x - u * a_x) / a, (q_t - u * a_t) / a
    slope = -blood.density * (u_t + u * u_x + friction * u / a)
    return cumulative_simpson(slope, x=x, initial=0.0)


def error(cells, steps, end=0.1):
    """Root mean square error of area and flow at the end, relative to the swell."""
    vessel = Vessel(
        name="vein", start="a", end="b", length=LENGTH, radius=(5e-3, 4e-3), wall=VeinWall(wave_speed=(2.5, 2.0))
    )
    bare = Network(name="bare", vessels=(vessel,))
    friction = 2 * (vessel.profile + 2) * np.pi * bare.blood.viscosity / bare.blood.density
    sources = tuple(
        PressureSource(node=node, pressure=EndHead(bare.blood, friction, x)) for node, x in (("a", 0.0), ("b", LENGTH))
    )
    compiled = compile_network(Network(name="swell", vessels=(vessel,), pressure_sources=sources), cells=[cells])
    dt = end / steps
    patient = load(compiled, dt)
    kernel, here = patient.kernel, compiled.slots(0)
    faces = slice(here.start, here.stop + 1)
    centres, joints = (np.arange(cells) + 0.5) * LENGTH / cells, np.arange(cells + 1) * LENGTH / cells
    fine = np.linspace(0.0, LENGTH, 2 * cells * max(1, 2000 // (2 * cells)) + 1)
    stride = (len(fine) - 1) // (2 * cells)
    p = compiled.parameters

    def outside(t):
        total = pressure_along(fine, t, bare.blood, friction)[stride :: 2 * stride]
        wall, _ = transmural_pressure(area(centres, t) * p["inverse_area0"][here], p["k_half"][here], p["k_vein"][here])
        return total - wall

    # The past is exact as well, so that the second-order scheme starts as such.
    kernel["area"][here, 0], kernel["area_old"][here, 0] = area(centres, 0.0), area(centres, -dt)
    where = np.clip(joints, 0.25 * LENGTH / cells, LENGTH - 0.25 * LENGTH / cells)  # end faces stand for half a cell
    for name, t in (("speed", 0.0), ("speed_old", -dt)):
        kernel[name][faces, 0] = flow(joints, t) / area(where, t)
    kernel["flow"][faces, 0] = flow(joints, 0.0)
    before = flow(joints, -dt)
    kernel["kinetic_old"][here, 0] = (
        0.5 * bare.blood.density * (0.5 * (before[1:] + before[:-1]) / area(centres, -dt)) ** 2
    )
    patient.fresh = False
    for n in range(1, steps + 1):
        kernel["base"][here, 0] = outside(n * dt)
        assert patient.advance(1).fates[0].repeated == 0
    area_error = np.sqrt(np.mean((kernel["area"][here, 0] - area(centres, end)) ** 2)) / (AREA * SWELL)
    flow_error = np.sqrt(np.mean((kernel["flow"][faces, 0] - flow(joints, end)) ** 2)) / (AREA * SWELL * SPEED)
    return float(max(area_error, flow_error))


def test_a_manufactured_solution_converges_with_second_order(figure):
    space = [error(cells, 800) for cells in (8, 16)]
    time = [error(256, steps) for steps in (50, 100)]
    both = [error(10 * k, 25 * k) for k in (1, 2, 4)]
    for name, errors in (("space", space), ("time", time), ("both", both)):
        order = float(np.log2(errors[-2] / errors[-1]))
        figure(
            f"order in {name} of a manufactured solution (errors {', '.join(f'{e:.1e}' for e in errors)})", order, LIMIT
        )
        assert order >= LIMIT
