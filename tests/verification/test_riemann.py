"""Riemann problems with exact solutions, for artery and vein, with and without a jump of area and stiffness.

The equations are in terms of A and u, and so are the shocks (see `oracles.riemann`).
"""

import itertools

import numpy as np
import pytest

from azygos.body.network import Blood, Network, Vessel
from azygos.body.wall import ArteryWall, VeinWall
from azygos.engine.compile import compile_network
from azygos.engine.patient import load
from oracles.riemann import State, solve
from oracles.tube_law import tube_at

ARTERY, STIFF_ARTERY = ArteryWall(wave_speed=(5.0, 5.0)), ArteryWall(wave_speed=(8.0, 8.0))
VEIN, STIFF_VEIN = VeinWall(wave_speed=(2.0, 2.0)), VeinWall(wave_speed=(3.0, 3.0))
INVISCID = Blood(viscosity=0.0)
# wall and radius on the left and on the right; A/A0 on the left and on the right; speeds; end time [s]
CASES = {
    "artery": ((ARTERY, 5e-3), (ARTERY, 5e-3), (1.3, 1.0), (0.0, 0.0), 0.05),
    "artery with a jump": ((ARTERY, 5e-3), (STIFF_ARTERY, 4e-3), (1.3, 1.0), (0.0, 0.2), 0.04),
    "vein": ((VEIN, 6e-3), (VEIN, 6e-3), (1.1, 0.9), (0.0, 0.0), 0.08),
    "collapsed vein fills": ((VEIN, 6e-3), (VEIN, 6e-3), (0.9, 0.45), (0.1, 0.0), 0.08),
    "vein with a jump": ((VEIN, 6e-3), (STIFF_VEIN, 5e-3), (1.1, 0.9), (0.0, 0.0), 0.06),
}
LENGTH = 1.0


def mean_error(case: str, cells: int) -> float:
    """L1 error of the area relative to the jump of the data, |x| < 0.4 m."""
    left, right, ratios, speeds, end = CASES[case]
    vessels = [
        Vessel(name=name, start=a, end=b, length=LENGTH, radius=(radius, radius), wall=wall)
        for name, a, b, (wall, radius) in (("left", "a", "m", left), ("right", "m", "b", right))
    ]
    network = Network(name=case, vessels=tuple(vessels), blood=INVISCID)
    compiled = compile_network(network, cells=(cells, cells))
    tubes = [tube_at(v, 0.5, INVISCID) for v in vessels]
    areas = [r * t.reference_area for r, t in zip(ratios, tubes, strict=True)]
    fastest = max(abs(u) + t.speed(a, INVISCID.density) for u, t, a in zip(speeds, tubes, areas, strict=True))
    steps = int(np.ceil(end * fastest * cells / LENGTH / 0.5))
    patient = load(compiled, end / steps)
    kernel = patient.kernel
    for v, (area, speed) in enumerate(zip(areas, speeds, strict=True)):
        first, n = compiled.first[v], cells
        kernel["area"][first : first + n] = kernel["area_old"][first : first + n] = area
        kernel["speed"][first : first + n + 1] = speed
        kernel["flow"][first : first + n + 1] = speed * area
    patient.advance(steps, every=steps)
    exact = solve(*(State(area=a, velocity=u, tube=t) for a, u, t in zip(areas, speeds, tubes, strict=True)))
    step = LENGTH / cells
    centres = np.concatenate([-LENGTH + (np.arange(cells) + 0.5) * step, (np.arange(cells) + 0.5) * step])
    found = np.concatenate([kernel["area"][compiled.slots(v), 0] for v in (0, 1)])
    inside = np.abs(centres) < 0.4
    wanted, _ = exact(centres[inside] / end)
    return float(np.mean(np.abs(found[inside] - wanted)) / np.abs(areas[0] - areas[1]))


@pytest.mark.parametrize("case", CASES)
def test_the_error_of_a_riemann_problem_falls_with_the_cell_length(case, figure):
    errors = [mean_error(case, cells) for cells in (50, 100, 200, 400)]
    order = float(np.log2(errors[0] / errors[-1]) / 3)
    figure(
        f"{case}: L1 error / jump at h = 20, 10, 5, 2.5 mm " + ", ".join(f"{e:.4f}" for e in errors), errors[-1], 0.02
    )
    assert all(b < 0.8 * a for a, b in itertools.pairwise(errors))
    assert order > 0.6  # first order for a contact-free jump is the best a shock allows; ringing costs a part
    assert errors[-1] < 0.02
