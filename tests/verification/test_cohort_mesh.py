"""The mesh on which a cohort is solved reads as a fine one does, within the band of benchmarks/cohort_mesh.py."""

import numpy as np
import pytest

from azygos.body.body import Body
from azygos.engine.compile import Mesh
from azygos.engine.solution import Solution
from azygos.engine.solve import Numerics, simulate
from azygos.units import minute, mL, mmHg

BAND = 0.01  # of what is usual
FINE = Numerics(mesh=Mesh(cell_length=0.01), time_step=1e-3, tolerance=1e-5, most_beats=200)
FLOW, PRESSURE, GRADIENT = 700 * mL / minute, 10 * mmHg, 8 * mmHg  # what is usual, or the vessel's own if larger

PERSONS = (
    Body.reference(sex="female", height=1.58, age=67.0).with_lesion("transverse_sinus_r: 80 % area at 0.8, 15 mm"),
    Body.reference(height=1.88, age=24.0).with_lesion(
        "ijv_r: 85 % area at 0.5, 20 mm", "azygos: web 70 % area at 0.9, 3 mm"
    ),
)


def veins_of(body: Body) -> list[str]:
    return [vessel for vessel, kind in body.kinds.items() if kind != "artery"]


def means(body: Body, solution: Solution, quantity: str) -> np.ndarray:
    sites = (body.site(vessel, 0.5) for vessel in veins_of(body))
    return np.array([solution.mean(quantity, site.vessel, site.fraction) for site in sites])


@pytest.mark.parametrize("body", PERSONS, ids=["a small old woman", "a tall young man"])
def test_a_cohort_s_mesh_reads_as_a_fine_one_does(body: Body, figure) -> None:
    coarse, fine = simulate(body, numerics=Numerics.cohort()), simulate(body, numerics=FINE)
    for quantity, usual in (("flow", FLOW), ("pressure", PRESSURE), ("area", 0.0)):
        seen, true = means(body, coarse, quantity), means(body, fine, quantity)
        errors = np.abs(seen - true) / np.maximum(usual, np.abs(true))
        worst = veins_of(body)[int(np.argmax(errors))]
        figure(f"largest error of a mean {quantity} of a vein, in {worst}", float(np.max(errors)), BAND)
        assert np.max(errors) < BAND
    for lesion in body.lesions:
        drops = []
        for solution in (coarse, fine):
            above, below = (solution.mean("pressure", *site) for site in body.ends_of(lesion))
            drops.append(above - below)
        figure(f"error of the gradient over {lesion}", abs(drops[0] - drops[1]) / GRADIENT, BAND)
        assert abs(drops[0] - drops[1]) / GRADIENT < BAND
    fluid = [float(np.mean(solution.heads["skull"])) for solution in (coarse, fine)]
    figure("error of the intracranial pressure", abs(fluid[0] - fluid[1]) / PRESSURE, BAND)
    assert abs(fluid[0] - fluid[1]) / PRESSURE < BAND


def test_people_of_any_size_have_as_many_cells() -> None:
    mesh = Numerics.cohort().mesh
    assert len({mesh.cells_of(body.healthy) for body in PERSONS}) == 1
