"""Blood is neither made nor lost: 100 beats of a closed circulation."""

import numpy as np
import pytest

from azygos.engine.compile import compile_network
from azygos.engine.patient import Patients, load
from azygos.engine.topology import in_order
from networks import closed_loop, closed_loop_with_fluid

LIMIT = 1e-12


def blood_volume(patient: Patients) -> float:
    compiled, kernel = patient.compiled[0], patient.kernel
    is_blood = [store.is_blood for store in in_order(compiled.network.stores)]
    volume = float(np.sum(kernel["volume"][: len(is_blood), 0][is_blood]))
    for v, vessel in enumerate(compiled.network.vessels):
        volume += float(np.sum(kernel["area"][compiled.slots(v), 0])) * vessel.length / compiled.cells[v]
    return volume


@pytest.mark.parametrize("case", ["open veins", "collapsed jugular", "without a skull"])
def test_a_hundred_beats_neither_make_nor_lose_blood(case, figure):
    network = closed_loop(collapse=case == "collapsed jugular", skull=case != "without a skull")
    patient = load(compile_network(network), 2e-3)
    before = blood_volume(patient)
    openings, ratio = [], np.inf
    for _ in range(100):
        advance = patient.advance(400, every=4, periodic=True)
        assert advance.fates[0].lost_step is None
        openings.append(advance.record.opening[:, :2, 0])
        jugular = patient.compiled[0].slots([v.name for v in network.vessels].index("jugular"))
        areas = advance.record.area[:, jugular, 0] * patient.compiled[0].parameters["inverse_area0"][jugular]
        ratio = min(ratio, float(np.min(areas)))
    error = abs(blood_volume(patient) / before - 1.0)
    figure(f"relative change of volume over 100 beats, {case} (least A/A0 {ratio:.2f})", error, LIMIT)
    assert error < LIMIT
    assert np.min(openings) < 0.01 < 0.9 < np.max(openings), "the valves must have worked"
    if case == "collapsed jugular":
        assert ratio < 0.5, "the vein must have collapsed"


@pytest.mark.parametrize("breath", [0, 5])
def test_a_hundred_beats_neither_make_nor_lose_blood_and_fluid_together(breath, figure):
    """Fluid is made of blood and returns to it; what lies in the skull is counted with the skull's own volume."""
    network = closed_loop_with_fluid(breath=breath)
    patient = load(compile_network(network), 2e-3)
    names = [store.name for store in in_order(network.stores)]
    floating = [store.around == "skull" for store in in_order(network.stores)]

    def all_of_it() -> tuple[float, float]:
        compiled, kernel = patient.compiled[0], patient.kernel
        volume = kernel["volume"][: len(names), 0]
        total, inside = float(np.sum(volume)), float(np.sum(volume[floating]))
        for v, vessel in enumerate(network.vessels):
            held = float(np.sum(kernel["area"][compiled.slots(v), 0])) * vessel.length / compiled.cells[v]
            total += held
            inside += held * (vessel.around == "skull")
        return total - inside, float(volume[names.index("skull")]) - inside

    before, fluid = all_of_it()
    for _ in range(100):
        assert patient.advance(400, every=400).fates[0].lost_step is None
    after, fluid_after = all_of_it()
    error = abs(after / before - 1.0)
    figure(f"relative change of blood and fluid over 100 beats, {breath} beats a breath", error, LIMIT)
    assert error < LIMIT
    assert abs(fluid_after - fluid) > 1e-8, "fluid must have been made or absorbed"


def test_what_swells_inside_the_skull_displaces_its_fluid():
    """The volume that vessels and stores inside gain is the volume the skull's own store gains."""
    network = closed_loop()
    patient = load(compile_network(network), 2e-3)
    compiled, kernel = patient.compiled[0], patient.kernel
    names = [store.name for store in in_order(network.stores)]
    bridging = compiled.slots([v.name for v in network.vessels].index("bridging"))

    def inside() -> tuple[float, float]:
        vessel = float(np.sum(kernel["area"][bridging, 0])) * 0.05 / (bridging.stop - bridging.start)
        return vessel + kernel["volume"][names.index("brain"), 0], kernel["volume"][names.index("skull"), 0]

    blood, fluid = inside()
    for _ in range(5):
        patient.advance(400, every=4)
        blood_now, fluid_now = inside()
        assert fluid_now - fluid == pytest.approx(blood_now - blood, abs=1e-14)  # of 1e-6 m3 that moves
