"""What is wrong with a network, told from the network alone."""

from dataclasses import replace
from typing import Any

import pytest

from azygos.body.check import Place, problems_of
from azygos.body.network import (
    Autoregulation,
    Channel,
    CollapsibleStore,
    Expansion,
    ExponentialStore,
    FlowSource,
    LinearStore,
    Network,
    PressureSource,
    StarlingResistor,
    Store,
    Valve,
    VaryingStore,
    Vessel,
)
from azygos.body.wall import ElasticWall, RigidWall, StentedWall, VeinWall
from azygos.body.waveform import Constant, DoubleCosine, Pulse, Sampled, Swing, Waveform

NAN = float("nan")


def vessel(name: str, start: str, end: str, **changes: Any) -> Vessel:
    made = Vessel(name=name, start=start, end=end, length=0.1, radius=(5e-3, 4e-3), wall=RigidWall())
    return replace(made, **changes)


def channel(name: str, start: str, end: str) -> Channel:
    return Channel(name=name, start=start, end=end, resistance=1e7)


def inflow(node: str, flow: Waveform | None = None) -> FlowSource:
    return FlowSource(node=node, flow=flow or Constant(1e-5))


SOUND = Network(
    name="sound",
    vessels=(vessel("ijv_r", "sinus", "jugular"), vessel("svc", "wide", "atrium")),
    links=(
        Expansion(name="jet", start="jugular", end="wide", before="ijv_r", after="svc", resistance=1e3),
        channel("bed", "atrium", "out"),
    ),
    stores=(Store(name="atrium", node="atrium", law=LinearStore(elastance=1e7), around="thorax"),),
    flow_sources=(inflow("sinus"),),
    pressure_sources=(
        PressureSource(node="out", pressure=Constant(700.0)),
        PressureSource(node="thorax", pressure=Constant(-500.0)),
    ),
    heights={"jugular": 0.2},
    initial_head={"sinus": 1000.0},
)


def said(network: Network) -> list[str]:
    return [str(problem) for problem in problems_of(network)]


def test_a_sound_network_has_no_problems() -> None:
    assert said(SOUND) == []


def test_a_closed_loop_with_a_heart_is_sound_and_so_is_what_its_skull_surrounds() -> None:
    heart = VaryingStore(elastance=DoubleCosine(active=1e8, passive=1e7, onset=0.0, rise=0.3, fall=0.2))
    skull = ExponentialStore(scale=600.0, volume_scale=2e-5)
    loop = Network(
        name="loop",
        vessels=(vessel("artery", "root", "bed"), vessel("vein", "bed", "atrium", around="skull")),
        links=(channel("valve", "ventricle", "root"), channel("mitral", "atrium", "ventricle")),
        stores=(
            Store(name="lv", node="ventricle", law=heart),
            Store(name="csf", node="skull", law=skull, is_blood=False),
        ),
    )
    assert said(loop) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"length": 0.0}, "length is 0 m, but must be more than zero"),
        ({"length": -0.1}, "length is -0.1 m, but must be more than zero"),
        ({"length": NAN}, "length is nan; give a finite number"),
        ({"length": 2e3}, "length is 2000 m, outside 1e-07 m to 1000 m; is its unit right?"),
        ({"length": 1e300}, "length is 1e+300, too large to compute with; is its unit right?"),
        ({"radius": (5e-3, -4e-3)}, "radius is -0.004 m, but must be more than zero"),
        ({"profile": -1.0}, "profile is -1, but must be zero or more"),
        ({"external_pressure": NAN}, "external pressure is nan; give a finite number"),
        ({"wall": VeinWall(wave_speed=(2.0, 0.0))}, "wave speed of the wall is 0 m/s, but must be more than zero"),
        ({"wall": ElasticWall(young=-1.0, thickness=1e-3)}, "young of the wall is -1 Pa, but must be more than zero"),
        (
            {"wall": StentedWall(wall=RigidWall(), stent_radius=-1e-3, stiffness=1e4)},
            "stent radius of the wall is -0.001 m, but must be more than zero",
        ),
        ({"around": "thorx"}, "is surrounded by node 'thorx', where there is no store and no pressure; did you mean"),
    ],
)
def test_a_wrong_vessel_is_named_with_what_is_wrong(changes: dict[str, Any], expected: str) -> None:
    (problem,) = said(replace(SOUND, vessels=(replace(SOUND.vessels[0], **changes), *SOUND.vessels[1:])))
    assert problem.startswith(f"vessel 'ijv_r': {expected}")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"resistance": -1.0}, "link 'bed': resistance is -1 Pa s/m3, but must be zero or more"),
        ({"resistance": 0.0}, "link 'bed': neither resistance nor inertance"),
        ({"inertance": NAN}, "link 'bed': inertance is nan"),
        ({"quadratic": -1.0}, "link 'bed': quadratic is -1 Pa s2/m6, but must be zero or more"),
        ({"end": "atrium"}, "link 'bed': starts and ends at node 'atrium'"),
    ],
)
def test_a_wrong_channel_is_named_with_what_is_wrong(changes: dict[str, Any], expected: str) -> None:
    problems = said(replace(SOUND, links=(SOUND.links[0], replace(channel("bed", "atrium", "out"), **changes))))
    assert any(problem.startswith(expected) for problem in problems), problems


@pytest.mark.parametrize("leak", [0.0, -0.1, 1.1, NAN])
def test_a_valve_leaks_between_nothing_and_all(leak: float) -> None:
    valve = Valve(
        name="bed",
        start="atrium",
        end="out",
        resistance=1e5,
        inertance=1e4,
        quadratic=0.0,
        opening_rate=0.1,
        closing_rate=0.1,
        leak=leak,
    )
    (problem,) = said(replace(SOUND, links=(SOUND.links[0], valve)))
    assert problem.startswith(f"link 'bed': leak is {leak:g}, but must be in (0, 1]")
    assert said(replace(SOUND, links=(SOUND.links[0], replace(valve, leak=1.0)))) == []


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        (LinearStore(elastance=0.0), "elastance is 0 Pa/m3, but must be more than zero"),
        (LinearStore(elastance=1e7, unstressed_volume=NAN), "unstressed volume is nan"),
        (ExponentialStore(scale=-1.0, volume_scale=1e-5), "scale is -1 Pa, but must be more than zero"),
        (VaryingStore(elastance=Constant(-1.0)), "elastance falls to -1, but must stay above zero"),
        (VaryingStore(elastance=Sampled((0.0, 1.0), (1e7, 0.0))), "elastance falls to 0, but must stay above zero"),
        (
            VaryingStore(elastance=DoubleCosine(active=1e8, passive=1e7, onset=0.0, rise=0.7, fall=0.6)),
            "rise 0.7 and fall 0.6 must be positive and fit in one beat",
        ),
    ],
)
def test_a_wrong_store_is_named_with_what_is_wrong(law: Any, expected: str) -> None:
    (problem,) = said(replace(SOUND, stores=(replace(SOUND.stores[0], law=law),)))
    assert problem.startswith(f"store 'atrium': {expected}")


@pytest.mark.parametrize(
    ("flow", "expected"),
    [
        (Constant(NAN), "flow is nan"),
        (Sampled((0.0, 1.0), (1.0,)), "flow has 2 times and 1 values"),
        (Sampled((0.0, 0.5, 0.5, 1.0), (1.0, 1.0, 1.0, 1.0)), "times of flow must rise from 0"),
        (Sampled((0.0, 1.0), (1.0, NAN)), "flow has numbers that are not finite"),
        (Sampled((0.0, 1.1), (1.0, 1.0)), "repeats every 1.1 s, but the beat is 1 s"),
    ],
)
def test_a_wrong_inflow_is_named_with_what_is_wrong(flow: Waveform, expected: str) -> None:
    (problem,) = said(replace(SOUND, flow_sources=(inflow("sinus", flow),)))
    assert problem.startswith(f"inflow 'sinus': {expected}")


def test_breathing_may_be_slower_than_the_beat_and_half_a_beat_may_repeat() -> None:
    for last in (4.3, 0.5):
        wave = Sampled((0.0, last), (1e-5, 1e-5))
        assert said(replace(SOUND, flow_sources=(inflow("sinus", wave),))) == []


def test_numbers_of_the_whole_are_looked_at_too() -> None:
    problems = said(replace(SOUND, period=0.0, gravity=-1.0, blood=replace(SOUND.blood, density=NAN)))
    assert problems == [
        "network 'sound': period is 0 s, but must be more than zero",
        "network 'sound': density of blood is nan; give a finite number",
        "network 'sound': gravity is -1 m/s2, but must be zero or more",
    ]


def test_names_are_given_once() -> None:
    twice = replace(
        SOUND,
        links=(*SOUND.links, channel("bed", "atrium", "out")),
        stores=SOUND.stores * 2,
        flow_sources=SOUND.flow_sources * 2,
        vessels=(*SOUND.vessels, vessel("svc", "wide", "atrium")),
    )
    assert said(twice) == [
        "vessel 'svc': is given 2 times; rename or remove one",
        "link 'bed': is given 2 times; rename or remove one",
        "store 'atrium': is given 2 times; rename or remove one",
        "inflow 'sinus': is given 2 times; rename or remove one",
    ]


def test_a_misspelt_node_is_answered_with_the_one_that_was_meant() -> None:
    (problem,) = said(replace(SOUND, vessels=(vessel("ijv_r", "sinus", "jugular"), vessel("svc", "wide", "atrium")),
                              links=(SOUND.links[0], channel("bed", "atrim", "out"))))  # fmt: skip
    assert problem == "link 'bed': starts at node 'atrim', where nothing else is; did you mean 'atrium'?"


def test_sources_and_marks_must_be_at_nodes_that_there_are() -> None:
    wrong = replace(
        SOUND,
        flow_sources=(*SOUND.flow_sources, inflow("jugulr")),
        pressure_sources=(*SOUND.pressure_sources, PressureSource(node="nowhere", pressure=Constant(0.0))),
        heights={"jugulra": 0.2},
        initial_head={"sinis": 1.0},
    )
    problems = said(wrong)
    assert [problem.split(";")[0] for problem in problems] == [
        "inflow 'jugulr': flows into node 'jugulr', which no vessel, link or store names",
        "pressure 'nowhere': holds node 'nowhere', which no vessel, link or store names",
        "height 'jugulra': there is no node 'jugulra'",
        "initial head 'sinis': there is no node 'sinis'",
    ]
    assert "did you mean 'jugular'" in problems[0]


def test_a_vessel_joined_to_nothing_is_found_at_either_end() -> None:
    problems = said(replace(SOUND, vessels=(*SOUND.vessels, vessel("stump", "atrium", "nothing"))))
    assert problems == [
        "vessel 'stump': ends at node 'nothing', where nothing else is; "
        "join it to another node, or give that node a store, an inflow or a pressure"
    ]
    closed = inflow("nothing", Constant(0.0))  # a closed end says so
    capped = replace(SOUND, vessels=(*SOUND.vessels, vessel("stump", "atrium", "nothing")))
    assert said(replace(capped, flow_sources=(*SOUND.flow_sources, closed))) == []


def test_a_loop_that_never_meets_the_heart_is_found() -> None:
    apart = (vessel("one", "a", "b"), vessel("two", "b", "a"))
    (problem,) = said(replace(SOUND, vessels=(*SOUND.vessels, *apart)))
    assert problem.startswith(
        "vessel 'one': never meets an inflow, a pressure or the heart, nor do the 2 vessels joined to it: one, two"
    )


def test_a_surrounding_pressure_does_not_feed_what_it_surrounds() -> None:
    apart = (vessel("one", "a", "b", around="thorax"), vessel("two", "b", "a"))
    (problem,) = said(replace(SOUND, vessels=(*SOUND.vessels, *apart)))
    assert problem.startswith("vessel 'one': never meets")


def test_two_loops_without_any_heart_have_nothing_that_drives_them() -> None:
    loops = Network(
        name="loops",
        vessels=(vessel("a1", "a", "b"), vessel("a2", "b", "a"), vessel("c1", "c", "d"), vessel("c2", "d", "c")),
    )
    (problem,) = said(loops)
    assert problem.startswith("network 'loops': nothing drives the blood")


def test_links_alone_hold_no_pressure() -> None:
    links = (channel("one", "a", "b"), channel("two", "b", "a"))
    problems = said(replace(SOUND, links=(*SOUND.links, *links), flow_sources=(*SOUND.flow_sources, inflow("a"))))
    assert problems == [
        "link 'one': no pressure level: node 'a' meets no vessel, store or pressure; "
        "a part made of links only has no volume to hold a pressure"
    ]


def test_an_expansion_must_lie_between_its_vessels() -> None:
    jet = SOUND.links[0]
    assert isinstance(jet, Expansion)
    wrong = replace(SOUND, links=(replace(jet, before="svc", after="ijv_l"), *SOUND.links[1:]))
    assert said(wrong) == [
        "link 'jet': vessel 'svc' must end at node 'jugular', but ends at 'atrium'",
        "link 'jet': there is no vessel 'ijv_l' after it; did you mean 'ijv_r'?",
    ]


def test_an_empty_network_is_a_problem() -> None:
    assert said(Network(name="empty", vessels=())) == [
        "network 'empty': has neither vessels nor stores; give at least one vessel"
    ]


def test_a_reader_can_say_where_a_problem_stands_in_its_file() -> None:
    wrong = replace(SOUND, vessels=(replace(SOUND.vessels[0], length=0.0), *SOUND.vessels[1:]))
    asked: list[Place] = []

    def locate(place: Place) -> str:
        asked.append(place)
        return "net.yaml:7"

    (problem,) = problems_of(wrong, locate)
    assert str(problem) == "net.yaml:7: vessel 'ijv_r': length is 0 m, but must be more than zero"
    assert asked == [Place("vessel", "ijv_r", "length")]


def test_parts_can_be_checked_without_how_they_join() -> None:
    part = replace(SOUND, vessels=(replace(SOUND.vessels[0], length=0.0, end="elsewhere"),), links=())
    assert [str(problem) for problem in problems_of(part, whole=False)] == [
        "vessel 'ijv_r': length is 0 m, but must be more than zero"
    ]


# Falls, regulated beds, stores that collapse, breaths


def fall(**changes: Any) -> StarlingResistor:
    made = StarlingResistor(name="fall", start="jugular", end="atrium", around="thorax", resistance=1e8)
    return replace(made, **changes)


def rule(**changes: Any) -> Autoregulation:
    made = Autoregulation(link="bed", normal_flow=1e-5, gain=5.0, time_constant=20.0, least=0.5, most=2.0)
    return replace(made, **changes)


def with_fall(**changes: Any) -> Network:
    return replace(SOUND, links=(*SOUND.links, fall(**changes)))


def with_rules(*rules: Autoregulation) -> Network:
    return replace(SOUND, regulations=rules)


def breathing(waveform: Waveform) -> Network:
    return replace(
        SOUND, pressure_sources=(SOUND.pressure_sources[0], PressureSource(node="thorax", pressure=waveform))
    )


def beating(beats: int) -> Network:
    law = VaryingStore(elastance=DoubleCosine(active=1e8, passive=1e7, onset=0.0, rise=0.3, fall=0.2, beats=beats))
    return replace(SOUND, stores=(replace(SOUND.stores[0], law=law),), period=4.0, beats=5)


def collapsing(**changes: Any) -> Network:
    law = replace(CollapsibleStore(elastance=1e7, unstressed_volume=1e-4), **changes)
    return replace(SOUND, stores=(replace(SOUND.stores[0], law=law),))


STRAIN = Pulse(under=Swing(rest=-400.0, peak=-800.0), height=5e3, begin=2.0, rise=0.5, hold=10.0, fall=0.5)


@pytest.mark.parametrize(
    "network",
    [with_fall(), with_fall(around="atrium"), with_rules(rule()), beating(5), collapsing(), breathing(STRAIN)],
    ids=["fall", "one way", "regulation", "breath", "collapse", "strain"],
)
def test_new_parts_that_are_sound_have_no_problems(network: Network) -> None:
    assert said(network) == []


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (with_fall(resistance=0.0), "link 'fall': resistance is 0 Pa s/m3, but must be more than zero"),
        (with_fall(sharpness=0.0), "link 'fall': sharpness is 0 Pa, but must be more than zero"),
        (with_fall(around="torax"), "did you mean 'thorax'?"),
        (with_rules(rule(link="bde")), "regulation 'bde': there is no link 'bde'; did you mean 'bed'?"),
        (with_rules(rule(link="jet")), "regulation 'jet': link 'jet' is no channel"),
        (with_rules(rule(), rule()), "regulation 'bed': is given 2 times"),
        (with_rules(rule(normal_flow=0.0)), "normal flow is 0 m3/s, but must be more than zero"),
        (with_rules(rule(time_constant=-1.0)), "time constant is -1 s, but must be more than zero"),
        (with_rules(rule(gain=NAN)), "gain is nan"),
        (with_rules(rule(least=1.2)), "least resistance is 1.2 times the normal one; they must satisfy 0 < least < 1"),
        (with_rules(rule(most=1.0)), "most resistance is 1 times the normal one"),
        (collapsing(unstressed_volume=0.0), "store 'atrium': unstressed volume is 0, but must be more than zero"),
        (collapsing(elastance=-1.0), "store 'atrium': elastance is -1 Pa/m3"),
        (beating(1), "store 'atrium': beats 1 times in a period that holds 5 beats"),
        (beating(0), "store 'atrium': 0 beats in a period"),
        (replace(SOUND, beats=0), "network 'sound': 0 beats in a period"),
        (breathing(Swing(rest=0.0, peak=NAN)), "peak of pressure is nan"),
        (breathing(Swing(rest=0.0, peak=-1.0, rise=1.0)), "rise of pressure is 1, but must be in (0, 1)"),
        (breathing(replace(STRAIN, rise=-0.5)), "rise of the pulse of pressure is -0.5 s, but must be zero or more"),
        (breathing(replace(STRAIN, under=Swing(rest=NAN, peak=0.0))), "rest of pressure is nan"),
    ],
)
def test_new_parts_that_cannot_be_are_said(network: Network, words: str) -> None:
    problems = said(network)
    assert any(words in problem for problem in problems), problems
