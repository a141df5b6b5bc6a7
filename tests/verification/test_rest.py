"""Still blood must stay still: every term of the balance cancels exactly in the discrete equations."""

import numpy as np
import pytest

from azygos.body.network import (
    Channel,
    CollapsibleStore,
    ExponentialStore,
    LinearStore,
    Network,
    StarlingResistor,
    Store,
    Vessel,
)
from azygos.body.wall import VeinWall
from azygos.engine.compile import Mesh, compile_network
from azygos.engine.patient import load
from azygos.units import mmHg
from networks import mixed_tree

LIMIT = 1e-10  # m/s after 10 s


def fastest(network, cell_length):
    patient = load(compile_network(network, Mesh(cell_length=cell_length)), 2e-3)
    advance = patient.advance(5000, every=5000)
    assert advance.fates[0].lost_step is None
    return float(np.max(np.abs(patient.kernel["speed"])))


@pytest.mark.parametrize("cell_length", [0.02, 0.002])
@pytest.mark.parametrize("angle", [0, 45, 90])
def test_still_blood_stays_still_with_jumps_lesions_gravity_and_outside_pressure(angle, cell_length, figure):
    along = {"a": 0.0, "b": 0.2, "c": 0.25, "d": 0.3, "e": 0.32, "f": 0.32, "g": 0.42, "h": 0.48}
    heights = {node: float(np.sin(np.radians(angle))) * x for node, x in along.items()}
    speed = fastest(mixed_tree(heights=heights, head=45 * mmHg), cell_length)
    figure(f"|u| after 10 s at rest, {angle} degrees, h = {cell_length} m", speed, LIMIT)
    assert speed < LIMIT


@pytest.mark.parametrize("angle", [0, 90])
def test_still_blood_and_fluid_stay_still_in_a_fluid_that_answers(angle, figure):
    """A fall, a passage one way and a store that collapses, all at one head, at any height."""
    heights = {node: float(np.sin(np.radians(angle))) * x for node, x in {"a": 0.0, "b": 0.2, "c": 0.22}.items()}
    network = Network(
        name="still brain",
        vessels=(
            Vessel(
                name="vein", start="a", end="b", length=0.2, radius=(4e-3, 3e-3), wall=VeinWall(wave_speed=(2.0, 2.0)),
                around="skull",
            ),
        ),
        links=(
            StarlingResistor(name="fall", start="b", end="c", around="skull", resistance=1e7),
            StarlingResistor(name="villi", start="skull", end="c", around="c", resistance=7e10),
            Channel(name="formation", start="a", end="skull", resistance=3e11),
        ),
        stores=(
            Store(name="bag", node="a", law=CollapsibleStore(elastance=1e8, unstressed_volume=3e-5), around="skull"),
            Store(name="sink", node="c", law=LinearStore(elastance=1e8)),
            Store(name="skull", node="skull", law=ExponentialStore(scale=650.0, volume_scale=1e-5), is_blood=False),
        ),
        heights=heights,
        initial_head=dict.fromkeys(("a", "b", "c", "skull"), 10 * mmHg),
    )  # fmt: skip
    speed = fastest(network, 0.02)
    figure(f"|u| after 10 s at rest in a fluid, {angle} degrees", speed, LIMIT)
    assert speed < LIMIT


def test_blood_that_is_not_level_does_move():
    """The check above can fail: a head that differs between the ends drives flow."""
    network = mixed_tree(head=20 * mmHg)
    tilted = {**network.initial_head, "a": 21 * mmHg}
    from dataclasses import replace

    assert fastest(replace(network, initial_head=tilted), 0.02) > 1e-8
