"""One source, several number types: they must agree with each other and with themselves."""

from dataclasses import replace

import numpy as np
import pytest

from azygos.body.network import Channel, StarlingResistor
from azygos.engine import kernel as kernels
from azygos.engine.compile import compile_network
from azygos.engine.patient import load, load_batch, load_tangents
from networks import closed_loop, closed_loop_with_fluid

STEPS = 800


def variant(i: int, scale: float = 0.05, fluid: bool = False):
    """A patient with another vein, another bed and another blood pressure."""
    network = closed_loop_with_fluid(breath=5) if fluid else closed_loop(collapse=i % 2 == 1)
    vessels = tuple(
        replace(v, radius=(v.radius[0] * (1 + scale * i / 8), v.radius[1] * (1 + scale * i / 8)))
        for v in network.vessels
    )
    links = tuple(
        replace(link, resistance=link.resistance * (1 + 0.1 * i)) if isinstance(link, Channel) else link
        for link in network.links
    )
    return replace(network, vessels=vessels, links=links)


def after(patient):
    advance = patient.advance(STEPS, every=40)
    r = advance.record
    return np.concatenate([r.pressure, r.flow * 1e9, r.area * 1e8], axis=1).copy()


@pytest.mark.parametrize("fluid", [False, True], ids=["blood alone", "with fluid"])
def test_eight_lanes_equal_eight_single_runs(fluid, figure):
    networks = [variant(i, fluid=fluid) for i in range(8)]
    steps = [2e-3 * (1 - 0.01 * i) for i in range(8)]  # each its own heart rate
    compiled = [compile_network(n) for n in networks]
    together = after(load_batch(compiled, steps))
    worst = 0.0
    for i in range(8):
        alone = after(load(compiled[i], steps[i]))[..., 0]
        scale = np.max(np.abs(alone), axis=0) + 1e-30
        real = scale > 1e-12
        worst = max(worst, float(np.max(np.abs(together[..., i] - alone)[:, real] / scale[real])))
    figure(f"largest relative difference of lanes and single runs over two beats{', fluid' * fluid}", worst, 1e-12)
    assert worst < 1e-12


def test_a_repeat_is_bitwise_the_same():
    for load_one in (lambda c: load(c, 2e-3), lambda c: load_batch([c] * 8, [2e-3] * 8)):
        first, second = (after(load_one(compile_network(closed_loop(collapse=True)))) for _ in range(2))
        assert np.array_equal(first, second)


@pytest.mark.parametrize("build", ["x86-64-v2", "x86-64-v3", "x86-64-v4"])
def test_every_build_that_runs_here_gives_the_same_circulation(build, figure):
    best = kernels.build_name()
    reference = after(load(compile_network(closed_loop()), 2e-3))
    if kernels.choose_build(build) is None:
        pytest.skip(f"{build} does not run on this processor")
    try:
        other = after(load(compile_network(closed_loop()), 2e-3))
        lanes = after(load_batch([compile_network(closed_loop())] * 8, [2e-3] * 8))[..., :1]
    finally:
        kernels.choose_build(best)
    scale = np.max(np.abs(reference), axis=0) + 1e-12
    worst = float(max(np.max(np.abs(x - reference) / scale) for x in (other, lanes)))
    figure(f"largest relative difference between {best} and {build}", worst, 1e-10)
    assert worst < 1e-10


def with_parameters(theta):
    """Three parameters of different kinds: a vein's size, a resistance, the squeeze on the jugular."""
    network = closed_loop(collapse=True)
    vessels = tuple(
        replace(
            v,
            radius=(v.radius[0] * theta[0], v.radius[1] * theta[0]) if v.name == "basilic" else v.radius,
            external_pressure=v.external_pressure * theta[2],
        )
        for v in network.vessels
    )
    links = tuple(
        replace(link, resistance=link.resistance * theta[1]) if link.name == "brain arterioles" else link
        for link in network.links
    )
    return compile_network(replace(network, vessels=vessels, links=links))


def with_fluid(theta):
    """The open resistance of a fall, a regulated bed's, and the stiffness of the great veins."""
    network = closed_loop_with_fluid()
    scale = {"bridge": theta[0], "brain arterioles": theta[1]}
    links = tuple(
        replace(link, resistance=link.resistance * scale[link.name]) if link.name in scale else link
        for link in network.links
    )
    stores = tuple(
        replace(s, law=replace(s.law, elastance=s.law.elastance * theta[2])) if s.name == "great veins" else s
        for s in network.stores
    )
    assert sum(isinstance(link, StarlingResistor) for link in links) == 2
    return compile_network(replace(network, links=links, stores=stores))


@pytest.mark.parametrize("with_parameters", [with_parameters, with_fluid])
def test_tangents_equal_central_differences(with_parameters, figure):
    base = np.ones(3)
    # The squeezed vein answers so steeply to the squeeze that its difference needs a smaller step.
    moves = (1e-5, 1e-5, 1e-6)
    up = [with_parameters(base + h * e) for h, e in zip(moves, np.eye(3), strict=True)]
    down = [with_parameters(base - h * e) for h, e in zip(moves, np.eye(3), strict=True)]
    dual = after(load_tangents(with_parameters(base), up, down, moves, 2e-3))
    plain = after(load(with_parameters(base), 2e-3))[..., 0]
    assert np.max(np.abs(dual[..., 0] - plain)) < 1e-11 * np.max(np.abs(plain))
    worst = 0.0
    for i, h in enumerate(moves):
        difference = (after(load(up[i], 2e-3)) - after(load(down[i], 2e-3)))[..., 0] / (2 * h)
        scale = np.max(np.abs(difference))
        assert scale > 0.1
        worst = max(worst, float(np.max(np.abs(dual[..., i + 1] - difference))) / scale)
    figure(f"largest difference of tangents and central differences, {with_parameters.__name__}", worst, 1e-6)
    assert worst < 1e-6
