"""What is seen at a glance never passes a number that the check one by one refuses."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from azygos.body.body import Body
from azygos.body.check import problems_of
from azygos.body.condition import Breathing, valsalva
from azygos.body.glance import sound
from azygos.body.network import Network
from azygos.body.sizes import findings_of_sizes
from azygos.body.wall import AvolioWall, ElasticWall, RigidWall, SinusWall, StentedWall, VeinWall
from networks import closed_loop, closed_loop_with_fluid

BAD = (float("nan"), float("inf"), -float("inf"), 1e31, -1e31, 0.0, -1.0, 1e-31)


@pytest.fixture(scope="module")
def whole() -> Network:
    """A network with every kind of part."""
    network = Body.reference().with_lesion("ijv_r: 80 % area at 0.5, 20 mm").network
    walls = [
        ElasticWall(young=4e5, thickness=1e-3),
        AvolioWall(young=4e5),
        RigidWall(),
        StentedWall(wall=VeinWall(wave_speed=(1.0, 1.0)), stent_radius=5e-3, stiffness=1e4),
        SinusWall(wave_speed=(8.0, 8.0)),
    ]
    vessels = [replace(v, wall=walls[i]) if i < len(walls) else v for i, v in enumerate(network.vessels)]
    return replace(network, vessels=tuple(vessels))


def one_of_each(network: Network) -> Iterator[tuple[str, int, Any]]:
    """Where a part stands, the first of each kind."""
    met: set[tuple[type, ...]] = set()
    for group in ("vessels", "links", "stores", "regulations", "flow_sources", "pressure_sources"):
        for i, part in enumerate(getattr(network, group)):
            kind = (type(part), *(type(getattr(part, f.name)) for f in fields(part)))
            if kind not in met:
                met.add(kind)
                yield group, i, part


def spoilt(part: Any, value: float) -> Iterator[Any]:
    """The part with one number of it, however deep, another."""
    for field in fields(part):
        old = getattr(part, field.name)
        if is_dataclass(old):
            yield from (replace(part, **{field.name: inner}) for inner in spoilt(old, value))
        elif isinstance(old, tuple):
            yield replace(part, **{field.name: (value, *old[1:])})
        elif isinstance(old, float):
            yield replace(part, **{field.name: value})


def test_nothing_passes_at_a_glance_that_is_refused_one_by_one(whole: Network) -> None:
    assert sound(whole) and not list(findings_of_sizes(whole))
    caught = 0
    for group, i, part in one_of_each(whole):
        for value in BAD:
            for other in spoilt(part, value):
                parts = getattr(whole, group)
                network = replace(whole, **{group: (*parts[:i], other, *parts[i + 1 :])})
                wrong = next(findings_of_sizes(network), None)
                caught += wrong is not None
                assert not (sound(network) and wrong), (other, wrong)
    assert caught > 100


@pytest.mark.parametrize("value", BAD)
def test_nor_does_a_number_of_the_whole(whole: Network, value: float) -> None:
    changed = [replace(whole, period=value), replace(whole, gravity=value), replace(whole, beats=int(value == 1e-31))]
    changed += [replace(whole, blood=replace(whole.blood, **{name: value})) for name in ("density", "viscosity")]
    changed += [replace(whole, **{name: {"skull": value}}) for name in ("heights", "initial_head")]
    for network in changed:
        assert not (sound(network) and list(findings_of_sizes(network))), network


@pytest.mark.parametrize(
    "network",
    [
        Body.reference().network,
        Body.reference(sex="female", age=80, posture=60.0).with_lesion("azygos: web 70 % area at 0.9, 2 mm").network,
        Body.reference().under(breathing=Breathing()).network,
        closed_loop(),
        closed_loop_with_fluid(),
    ],
    ids=["reference", "tilted", "breathing", "loop", "fluid"],
)
def test_networks_that_are_right_are_passed_at_a_glance(network: Network) -> None:
    assert sound(network)
    assert problems_of(network) == []


def test_what_is_not_known_at_a_glance_is_checked_one_by_one() -> None:
    strained = Body.reference().under(strain=valsalva()).network
    assert not sound(strained)
    assert problems_of(strained) == []


def test_a_network_joined_wrongly_is_refused_though_another_with_its_numbers_passed() -> None:
    network = closed_loop()
    assert problems_of(network) == []
    loose = replace(network, vessels=(replace(network.vessels[0], end="nowhere"), *network.vessels[1:]))
    assert any("nowhere" in problem.what for problem in problems_of(loose))
    unknown = replace(network, initial_head={**network.initial_head, "elsewhere": 0.0})
    assert any("elsewhere" in problem.what for problem in problems_of(unknown))
