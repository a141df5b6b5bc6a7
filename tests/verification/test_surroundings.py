"""What surrounds a vessel or a store presses on it, whether its pressure is given or answers."""

from dataclasses import replace

import numpy as np
import pytest

from azygos.body.network import ExponentialStore, FlowSource, LinearStore, Network, PressureSource, Store, Vessel
from azygos.body.wall import VeinWall
from azygos.body.waveform import Constant, Sampled
from azygos.engine.compile import compile_network
from azygos.engine.patient import load
from networks import closed_loop

PRESSURE = 900.0


def final_area(network, vessel="vein"):
    patient = load(compile_network(network), 2e-3)
    patient.advance(4000, every=4000)
    v = [v.name for v in network.vessels].index(vessel)
    return patient.kernel["area"][patient.compiled[0].slots(v), 0].copy(), patient


def bag(**changes):
    """A vein with a reservoir at each end."""
    vein = Vessel(
        name="vein", start="a", end="b", length=0.1, radius=(5e-3, 4e-3), wall=VeinWall(wave_speed=(2.0, 2.0))
    )
    return Network(
        name="bag",
        vessels=(replace(vein, **changes),),
        stores=tuple(Store(name=n, node=n, law=LinearStore(elastance=1e9)) for n in "ab"),
        initial_head={"a": 800.0, "b": 800.0},
    )


def test_a_given_pressure_around_a_vein_acts_like_an_outside_force():
    squeezed, _ = final_area(bag(external_pressure=PRESSURE))
    held = replace(bag(around="air"), pressure_sources=(PressureSource(node="air", pressure=Constant(PRESSURE)),))
    surrounded, _ = final_area(held)
    assert surrounded == pytest.approx(squeezed, rel=1e-12)
    assert squeezed[0] < 0.9 * final_area(bag())[0][0]


def test_a_given_pressure_that_rises_drives_blood_out_of_what_it_surrounds():
    class Rise(Constant):
        def sample(self, times, period):
            return np.minimum(times, 1.0) * self.value

    network = replace(bag(around="air"), pressure_sources=(PressureSource(node="air", pressure=Rise(PRESSURE)),))
    _, patient = final_area(network)
    before = patient.compiled[0].state["area"][patient.compiled[0].slots(0)]
    assert np.all(patient.kernel["area"][patient.compiled[0].slots(0), 0] < before)
    assert np.all(patient.kernel["volume"][:2, 0] > patient.compiled[0].state["volume"])


def test_two_vessels_in_one_skull_share_its_pressure():
    """Blood pushed into one vessel inside a closed space leaves the other: the volume inside is kept by the space."""
    tight = ExponentialStore(scale=500.0, volume_scale=1e-8)  # a hundredth of a millilitre fills it
    vein = Vessel(name="x", start="a", end="b", length=0.1, radius=(5e-3, 5e-3), wall=VeinWall(wave_speed=(2.0, 2.0)))
    network = Network(
        name="skull",
        vessels=(
            replace(vein, name="first", start="a", end="b", around="skull"),
            replace(vein, name="second", start="c", end="d", around="skull"),
        ),
        stores=(
            *(Store(name=n, node=n, law=LinearStore(elastance=3e8)) for n in "abcd"),
            Store(name="skull", node="skull", law=tight, is_blood=False),
        ),
        flow_sources=(FlowSource(node="a", flow=Sampled((0.0, 1.0, 2.0, 1000.0), (0.0, 4e-6, 0.0, 0.0))),),
        period=1000.0,
        initial_head=dict.fromkeys("abcd", 1500.0),
    )
    compiled = compile_network(network)
    patient = load(compiled, 1e-3)
    start = [compiled.state["area"][compiled.slots(v)].sum() for v in (0, 1)]
    patient.advance(20_000, every=20_000)
    end = [patient.kernel["area"][compiled.slots(v), 0].sum() for v in (0, 1)]
    gains = [e - s for s, e in zip(start, end, strict=True)]
    assert gains[0] > 0 > gains[1]
    assert abs(gains[0] + gains[1]) < 0.05 * gains[0]


def test_raising_the_skull_s_own_volume_raises_its_pressure_and_narrows_the_bridging_vein():
    wide = closed_loop()
    stores = tuple(
        replace(s, law=replace(s.law, unstressed_volume=-20e-6)) if s.name == "skull" else s for s in wide.stores
    )
    raised = replace(wide, stores=stores, initial_head={**wide.initial_head, "skull": 1500.0})
    areas = [final_area(network, "bridging")[0].mean() for network in (wide, raised)]
    assert areas[1] < areas[0]
