"""The engine's invariants, on the whole reference adult."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import azygos
from azygos.body.body import Body
from azygos.body.network import Network, VaryingStore
from azygos.body.waveform import Constant
from azygos.engine.compile import compile_network
from azygos.engine.patient import load
from azygos.units import mmHg

Figure = Callable[[str, float, float], None]

STILL = 1e-10  # m/s after 10 s
KEPT = 1e-12  # of blood and fluid, over 100 beats
MIRRORED = 1e-10  # relative


def _without_a_beat(network: Network) -> Network:
    """The network with the same head everywhere and a heart that rests; high enough for the skull to hold fluid."""
    stores = tuple(
        replace(
            s, law=replace(s.law, elastance=Constant(float(s.law.elastance.sample(np.zeros(1), network.period)[0])))
        )
        if isinstance(s.law, VaryingStore)
        else s
        for s in network.stores
    )
    given = {source.node for source in network.pressure_sources}
    heads = {node: network.initial_head[node] if node in given else 30 * mmHg for node in network.nodes}
    return replace(network, stores=stores, initial_head=heads)


@pytest.mark.parametrize("degrees", [0.0, 20.0, 45.0, 70.0, 90.0])
def test_a_body_whose_heart_stands_still_stays_at_rest(degrees: float, figure: Figure) -> None:
    network = _without_a_beat(Body.reference().with_posture(degrees).network)
    patient = load(compile_network(network), 2e-3)
    advance = patient.advance(5000, every=5000)
    assert advance.fates[0].lost_step is None
    fastest = float(np.max(np.abs(patient.kernel["speed"])))
    figure(f"|u| after 10 s at rest, {degrees:g} degrees", fastest, STILL)
    assert fastest < STILL


@pytest.mark.parametrize("posture", ["supine", "upright"])
def test_no_blood_or_fluid_is_lost_in_a_hundred_beats(posture: str, figure: Figure) -> None:
    body = Body.reference(posture=posture)
    solution = azygos.simulate(body, duration=100 * body.network.period)
    figure(f"change of blood and fluid in 100 beats, {posture}", solution.solve.volume_error, KEPT)
    assert solution.solve.volume_error < KEPT


def test_fluid_is_made_as_fast_as_it_is_absorbed_in_the_periodic_state(figure: Figure) -> None:
    flows = azygos.simulate(Body.reference()).course.link_flows
    made = float(np.mean(flows["csf_formation_r"] + flows["csf_formation_l"]))
    lost = abs(float(np.mean(flows["csf_absorption"])) / made - 1.0)
    figure("fluid absorbed less fluid made, of that made", lost, 1e-3)
    assert lost < 1e-3


def _mirrored(name: str) -> str:
    return re.sub(r"_(r|l)(?=$|\.)", lambda side: "_l" if side[1] == "r" else "_r", name)


def _mirror(network: Network) -> Network:
    """The network with left and right exchanged, its parts in another order."""

    def parts(whole):
        names = ("name", "start", "end", "node", "around", "link")
        return tuple(
            replace(part, **{n: _mirrored(v) for n in names if isinstance(v := getattr(part, n, None), str)})
            for part in reversed(whole)
        )

    return replace(
        network,
        vessels=parts(network.vessels),
        links=parts(network.links),
        stores=parts(network.stores),
        regulations=parts(network.regulations),
        heights={_mirrored(node): height for node, height in network.heights.items()},
        initial_head={_mirrored(node): head for node, head in network.initial_head.items()},
    )


@pytest.mark.parametrize("posture", ["supine", "upright"])
def test_the_mirror_image_of_a_body_has_the_mirrored_course(posture: str, figure: Figure) -> None:
    body = Body.reference(posture=posture)
    one = azygos.simulate(body.network, duration=8.0)
    other = azygos.simulate(_mirror(body.network), duration=8.0)
    worst = 0.0
    for quantity in ("pressure", "flow", "area"):
        for vessel in body.network.vessels:
            here, there = one.at(quantity, vessel.name), other.at(quantity, _mirrored(vessel.name))
            worst = max(worst, float(np.max(np.abs(here - there)) / np.max(np.abs(here))))
    figure(f"difference from the mirror image, {posture}", worst, MIRRORED)
    assert worst < MIRRORED
