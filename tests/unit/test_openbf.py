"""openBF files: what their fields mean, by hand-made examples small enough to compute on paper."""

import logging
from dataclasses import replace
from math import exp, pi
from pathlib import Path

import numpy as np
import pytest

from azygos.body.network import Channel, Expansion, Network
from azygos.body.wall import ArteryWall, AvolioWall, ElasticWall
from azygos.body.waveform import Constant, Sampled
from azygos.errors import InputError
from azygos.exchange.openbf import read_openbf, write_openbf
from networks import closed_loop

HEAD = """\
project_name: tube
blood: {rho: 1050.0, mu: 4.0e-3}
solver: {Ccfl: 0.9, cycles: 10, jump: 100, convergence_tolerance: 1.0}
network:
"""
TUBE = "  - {label: tube, sn: 1, tn: 2, L: 0.1, E: 400.0e3, R0: 5.0e-3, h0: 5.0e-4"
WINDKESSEL = ", R1: 1.0e8, R2: 9.0e8, Cc: 1.0e-9"
INFLOW = "0. 1e-6\n0.25\t5.e-6\n# half way\n0.5, 3e-6\n1.0 1e-6\n"

# 4/3 E h / R, twice rho c^2, and rho c / A at the end of TUBE, by hand
STIFFNESS = 4 / 3 * 400e3 * 5e-4 / 5e-3
AREA = pi * 5e-3**2
IMPEDANCE = 1050.0 * (STIFFNESS / 2 / 1050.0) ** 0.5 / AREA


def read(folder: Path, vessels: str, head: str = HEAD, inflow: str | None = INFLOW, name: str = "tube") -> Network:
    if inflow is not None:
        (folder / f"{name}_inlet.dat").write_text(inflow)
    (folder / "case.yaml").write_text(head + vessels)
    return read_openbf(folder / "case.yaml")


def problems(folder: Path, vessels: str, **keywords: str | None) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(folder, vessels, **keywords)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def link(network: Network, name: str) -> Channel | Expansion:
    found = next(link for link in network.links if link.name == name)
    assert isinstance(found, (Channel, Expansion))
    return found


def test_a_vessel_keeps_its_sizes_and_its_stiffness_is_four_thirds_of_eh_over_r(tmp_path: Path) -> None:
    network = read(tmp_path, TUBE + WINDKESSEL + ", gamma_profile: 9}\n")
    vessel = network.vessel("tube")
    assert (vessel.start, vessel.end, vessel.length, vessel.radius, vessel.profile) == (
        "n1",
        "n2",
        0.1,
        (5e-3, 5e-3),
        9,
    )
    assert vessel.wall == ElasticWall(young=400e3, thickness=5e-4)
    stiffness = vessel.wall.coefficients(np.array([5e-3]), np.ones(1), 1050.0).k_half[0]
    assert stiffness == pytest.approx(STIFFNESS, rel=1e-15)
    assert (network.blood.density, network.blood.viscosity) == (1050.0, 4e-3)


def test_a_radius_runs_from_rp_to_rd_and_the_thickness_follows_it_when_none_is_given(tmp_path: Path) -> None:
    text = "  - {label: cone, sn: 1, tn: 2, L: 0.1, E: 1.0e5, Rp: 0.01, Rd: 0.008, Rt: 0.5, Pext: 1.0e4}\n"
    vessel = read(tmp_path, text).vessel("cone")
    assert vessel.radius == (0.01, 0.008)
    assert vessel.wall == AvolioWall(young=1e5, reference_pressure=1e4)
    stiffness = vessel.wall.coefficients(np.array([0.01]), np.zeros(1), 1050.0).k_half[0]
    by_hand = 4 / 3 * 1e5 * (0.2802 * exp(-5.053) + 0.1324 * exp(-0.1114))  # openBF's coefficients at R = 1 cm
    assert stiffness == pytest.approx(by_hand, rel=1e-12)


def test_a_viscous_wall_has_the_gamma_of_the_benchmark(tmp_path: Path) -> None:
    vessel = read(tmp_path, TUBE + WINDKESSEL + ", visco-elastic: true}\n").vessel("tube")
    assert isinstance(vessel.wall, ElasticWall)
    assert vessel.wall.viscosity == pytest.approx(0.6 + 0.0015 / (2 * 5e-3))  # b0 + b1 / (2 R) [kg/s]


def test_three_elements_become_two_links_a_store_and_a_pressure(tmp_path: Path) -> None:
    network = read(tmp_path, TUBE + WINDKESSEL + ", Pout: 500.0}\n")
    near, far = link(network, "tube_r1"), link(network, "tube_r2")
    assert (near.start, near.end, near.resistance) == ("n2", "tube_wk", 1e8)
    assert (far.start, far.end, far.resistance) == ("tube_wk", "tube_out", 9e8)
    (store,) = network.stores
    assert store.node == "tube_wk"
    assert store.law.volume(2.0, 1.0) == pytest.approx(2e-9)  # C p
    (beyond,) = network.pressure_sources
    assert (beyond.node, beyond.pressure) == ("tube_out", Constant(500.0))


def test_the_first_resistance_acts_on_static_pressure_so_the_kinetic_head_is_lost_in_it(tmp_path: Path) -> None:
    network = read(tmp_path, TUBE + WINDKESSEL + "}\n")
    near = link(network, "tube_r1")
    assert isinstance(near, Expansion)
    assert (near.before, near.after) == ("tube", None)


@pytest.mark.parametrize("outlet", [", R1: 1.0e9, Cc: 1.0e-9", ", outlet: wk2, R1: 1.0e9, Cc: 1.0e-9"])
def test_a_single_resistance_is_the_whole_of_which_the_impedance_is_split_off(tmp_path: Path, outlet: str) -> None:
    network = read(tmp_path, TUBE + outlet + "}\n")
    assert link(network, "tube_r1").resistance == pytest.approx(IMPEDANCE, rel=1e-12)
    assert link(network, "tube_r1").resistance + link(network, "tube_r2").resistance == pytest.approx(1e9, rel=1e-12)


def test_impedance_matching_keeps_the_sum_of_both_resistances(tmp_path: Path) -> None:
    network = read(tmp_path, TUBE + WINDKESSEL + ", inlet_impedance_matching: true}\n")
    assert link(network, "tube_r1").resistance == pytest.approx(IMPEDANCE, rel=1e-12)
    assert link(network, "tube_r1").resistance + link(network, "tube_r2").resistance == pytest.approx(1e9, rel=1e-12)


def test_a_reflection_is_the_resistance_that_reflects_so_much(tmp_path: Path) -> None:
    network = read(tmp_path, TUBE + ", Rt: 0.5, Pext: 1.0e4}\n")
    resistance = link(network, "tube_rt").resistance
    assert (resistance - IMPEDANCE) / (resistance + IMPEDANCE) == pytest.approx(0.5, rel=1e-12)
    assert network.pressure_sources[0].pressure == Constant(1e4)  # at which nothing flows


def test_full_reflection_closes_the_end_and_its_opposite_opens_it(tmp_path: Path) -> None:
    closed = read(tmp_path, TUBE + ", Rt: 1.0}\n")
    assert not closed.links
    assert [(source.node, source.flow) for source in closed.flow_sources][1:] == [("n2", Constant(0.0))]
    opened = read(tmp_path, TUBE + ", Rt: -1.0}\n")
    assert not opened.links
    assert [source.node for source in opened.pressure_sources] == ["n2"]


def test_the_inflow_enters_node_1_from_the_default_file_and_its_last_time_is_the_beat(tmp_path: Path) -> None:
    network = read(tmp_path, TUBE + WINDKESSEL + "}\n")
    (source,) = network.flow_sources
    assert source.node == "n1"
    assert source.flow == Sampled((0.0, 0.25, 0.5, 1.0), (1e-6, 5e-6, 3e-6, 1e-6))
    assert network.period == 1.0


def test_an_inlet_file_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "other.dat").write_text("0 0\n0.8 0\n")
    assert read(tmp_path, TUBE + WINDKESSEL + "}\n", "inlet_file: other.dat\n" + HEAD, None).period == 0.8


def test_openbf_starts_at_the_reference_area_with_empty_windkessels(tmp_path: Path) -> None:
    joined = TUBE + ", Pext: 1.0e4}\n" + TUBE.replace("sn: 1, tn: 2", "sn: 2, tn: 3").replace("tube", "next")
    network = read(tmp_path, joined + WINDKESSEL + ", Pext: 2.0e4}\n")
    assert network.initial_head == {"n1": 1e4, "n2": 1.5e4, "n3": 2e4}


def test_gamma_profile_with_a_blank_is_ignored_as_openbf_ignores_it_and_the_log_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        network = read(tmp_path, TUBE + WINDKESSEL + ", gamma profile: 9}\n")
    assert network.vessel("tube").profile == 2.0
    assert "case.yaml:5: key 'gamma profile' means nothing to openBF" in caplog.text
    assert "did you mean 'gamma_profile'?" in caplog.text


def test_release_1_lets_vessels_name_their_inlets_and_means_gamma_profile_with_a_blank(tmp_path: Path) -> None:
    (tmp_path / "p.dat").write_text("0 1e4\n1 1e4\n")
    head = HEAD.replace("project_name", "project name")
    inlet = ", gamma profile: 7, inlet: P, inlet number: 1, inlet file: p.dat}\n"
    network = read(tmp_path, TUBE + WINDKESSEL + inlet, head, None)
    assert network.vessel("tube").profile == 7.0
    assert [source.node for source in network.pressure_sources] == ["n1", "tube_out"]
    assert read(tmp_path, TUBE + WINDKESSEL + "}\n", head).vessel("tube").profile == 9.0  # the default of release 1


def test_small_steps_back_of_a_digitised_inflow_are_sorted_and_larger_ones_refused(tmp_path: Path) -> None:
    network = read(tmp_path, TUBE + WINDKESSEL + "}\n", inflow="0 0\n0.5 1e-6\n0.495 2e-6\n1 0\n")
    assert network.flow_sources[0].flow == Sampled((0.0, 0.495, 0.5, 1.0), (0.0, 2e-6, 1e-6, 0.0))
    (problem,) = problems(tmp_path, TUBE + WINDKESSEL + "}\n", inflow="0 0\n0.5 1e-6\n0.4 2e-6\n1 0\n")
    assert problem.startswith("tube_inlet.dat:3: time 0.4 does not rise after 0.5")


@pytest.mark.parametrize(
    ("inflow", "said"),
    [
        (None, "case.yaml:1: there is no file 'tube_inlet.dat'"),
        ("", "case.yaml:1: 'tube_inlet.dat' has no rows"),
        ("0 0\n0.5 high\n1 0\n", "tube_inlet.dat:2: expected two numbers, time and value, got '0.5 high'"),
        ("t q\n0 0\nx\n1 0\n", "tube_inlet.dat:1: expected two numbers, time and value, got 't q'; so are 1 more"),
        ("0 0\n0.5 nan\n1 0\n", "tube_inlet.dat:2: not finite"),
        ("0 0\n0.5 1e999\n1 0\n", "tube_inlet.dat:2: not finite"),
        ("0 0\n0.5 1\n0.5 2\n1 0\n", "tube_inlet.dat:3: time 0.5 does not rise after 0.5"),
        ("0.1 0\n0.5 1\n1 0\n", "tube_inlet.dat:1: the first time is 0.1; start at 0"),
        ("0 0\n", "tube_inlet.dat:1: a series needs at least two times"),
        ("0 0\n0.5 1\n1 0.02\n", "tube_inlet.dat:3: not periodic: it starts at 0 and ends at 0.02, apart by 2.0% of"),
    ],
)
def test_a_bad_inlet_file_is_named_with_its_line(tmp_path: Path, inflow: str | None, said: str) -> None:
    (problem,) = problems(tmp_path, TUBE + WINDKESSEL + "}\n", inflow=inflow)
    assert problem.startswith(said)


def test_an_inflow_may_miss_its_start_by_a_hundredth_of_its_range(tmp_path: Path) -> None:
    read(tmp_path, TUBE + WINDKESSEL + "}\n", inflow="0 0\n0.5 1\n1 0.009\n")


def test_all_problems_come_at_once_each_with_its_line(tmp_path: Path) -> None:
    text = """\
  - {label: a, sn: 1, tn: 2, L: -0.1, E: 4.0e5, R0: 5.0e-3}
  - {label: a2, sn: 2, tn: 3, L: 0.1, E: 4.0e5, R0: 5.0e-3, R1: 1.0e9}
  - {label: b, sn: 2, tn: 4, L: 0.1, e: 4.0e5, Rt: 2.0}
  - {label: c, sn: 2, tn: 5, L: nan, E: 4.0e5, R0: 5.0e-3, Cc: 1.0e-9, R1: 1.0}
  - {label: d, sn: 7, tn: 8, L: 0.1, E: 4.0e5, R0: 5.0e-3, Rt: 0.0}
  - {label: e, sn: 8, tn: 7, L: 0.1, E: 4.0e5, R0: 5.0e-3}
  - {label: f, sn: 2, tn: 9, L: 0.1, E: 4.0e5, R0: 5.0e-3}
"""
    found = problems(tmp_path, text, inflow="0 0\n1 x\n")
    expected = [
        "case.yaml:5: vessel 'a': L should be greater than 0, got '-0.1'",
        "case.yaml:6: vessel 'a2': its windkessel has no 'Cc'; give it",
        "case.yaml:7: vessel 'b': Rt should be less than or equal to 1, got '2.0'",
        "case.yaml:7: vessel 'b': 'E' is missing; add it",
        "case.yaml:7: vessel 'b': no radius; give 'R0', or 'Rp' and 'Rd'",
        "case.yaml:8: vessel 'c': L should be a finite number, got 'nan'",
        "case.yaml:8: vessel 'c': its resistance 1 Pa s/m3 is below the impedance",
        "case.yaml:9: vessel 'd': never meets an inflow, a pressure or the heart, nor do the 2 vessels joined to it",
        "case.yaml:11: vessel 'f': ends at node 9, where no vessel starts, without an outlet",
        "tube_inlet.dat:2: expected two numbers, time and value, got '1 x'",
    ]
    assert [problem[: len(said)] for problem, said in zip(found, expected, strict=True)] == expected


def test_a_label_is_given_once(tmp_path: Path) -> None:
    found = problems(tmp_path, TUBE + "}\n" + TUBE.replace("sn: 1, tn: 2", "sn: 2, tn: 3") + WINDKESSEL + "}\n")
    assert "case.yaml:6: vessel 'tube' is given twice, first at case.yaml:5; rename one" in found


def test_a_windkessel_without_compliance_is_refused(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, TUBE + ", R1: 1.0e9}\n")
    assert problem == "case.yaml:5: vessel 'tube': its windkessel has no 'Cc'; give it"


def test_a_network_without_node_1_has_no_inlet(tmp_path: Path) -> None:
    found = problems(tmp_path, TUBE.replace("sn: 1", "sn: 4") + WINDKESSEL + "}\n")
    assert any("no vessel starts at node 1" in problem for problem in found)


def test_missing_sections_are_named_with_what_was_meant(tmp_path: Path) -> None:
    found = problems(tmp_path, TUBE + WINDKESSEL + "}\n", head=HEAD.replace("blood", "blod"))
    assert found == ["case.yaml:1: 'blood' is missing; did you mean 'blod'?"]


WRITTEN = (
    TUBE
    + ", Pext: 1.0e4, visco-elastic: true}\n"
    + TUBE.replace("tube", "next").replace("sn: 1, tn: 2", "sn: 2, tn: 3")
)


def test_a_network_is_written_as_the_file_it_was_read_from_said_it(tmp_path: Path) -> None:
    network = read(tmp_path, WRITTEN + WINDKESSEL + ", Pout: 500.0}\n")
    write_openbf(network, tmp_path / "again.yaml")
    text = (tmp_path / "again.yaml").read_text()
    assert '{label: "tube", sn: 1, tn: 2, L: 0.1, Rp: 0.005, Rd: 0.005, E: 400000.0, h0: 0.0005, Pext: 10000.0' in text
    assert "visco-elastic: true" in text and "R1: 100000000.0, R2: 900000000.0" in text and "Pout: 500.0" in text
    assert read_openbf(tmp_path / "again.yaml") == network


def test_a_wall_of_a_wave_speed_is_written_as_one_of_the_same_law(tmp_path: Path) -> None:
    network = read(tmp_path, TUBE + WINDKESSEL + "}\n")
    wall = ArteryWall(wave_speed=(6.0, 6.0), reference_pressure=1e4, viscosity=0.3)
    write_openbf(replace(network, vessels=(replace(network.vessels[0], wall=wall),)), tmp_path / "again.yaml")
    again = read_openbf(tmp_path / "again.yaml").vessels[0].wall
    assert isinstance(again, ElasticWall)
    ours, theirs = (one.coefficients(np.array([5e-3]), np.ones(1), 1050.0) for one in (wall, again))
    assert theirs.k_half == pytest.approx(ours.k_half, rel=1e-12)
    assert (theirs.offset, theirs.viscosity) == (pytest.approx(1e4), pytest.approx(0.3))


def test_what_openbf_cannot_say_is_refused_part_by_part_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write_openbf(closed_loop(), tmp_path / "out.yaml")
    said = [str(problem) for problem in caught.value.problems]
    for what in (
        "vessel 'bridging': openBF has no space around a vessel; leave it out of what is written as openBF",
        "openBF has only walls of one Young's modulus and thickness, with the artery's law",
        "no flow over time enters at the start of a vessel; give it",
        "openBF has none but in an outlet",
    ):
        assert any(what in line for line in said), what
    assert not list(tmp_path.iterdir())


def test_more_vessels_than_openbf_joins_are_refused(tmp_path: Path) -> None:
    network = read(tmp_path, TUBE + WINDKESSEL + "}\n")
    tube = network.vessels[0]
    branches = tuple(replace(tube, name=name, start="n2", end=f"n{i}") for i, name in enumerate("abc", start=3))
    with pytest.raises(InputError, match="1 vessels end and 3 start here"):
        write_openbf(replace(network, vessels=(tube, *branches)), tmp_path / "out.yaml")


def test_results_are_kept_since_openbf_removes_what_its_file_does_not_name(tmp_path: Path) -> None:
    write_openbf(read(tmp_path, TUBE + WINDKESSEL + "}\n"), tmp_path / "out.yaml")
    assert "\nwrite_results: [P, Q, A, u]\n" in (tmp_path / "out.yaml").read_text()


def test_two_vessels_between_the_same_nodes_and_a_broken_profile_have_no_form_there(tmp_path: Path) -> None:
    network = read(tmp_path, TUBE + WINDKESSEL + "}\n")
    tube = network.vessels[0]
    rows = (replace(tube, end="fork"), replace(tube, name="a", start="fork"), replace(tube, name="b", start="fork"))
    with pytest.raises(InputError) as caught:
        write_openbf(replace(network, vessels=(replace(rows[0], profile=2.5), *rows[1:])), tmp_path / "out.yaml")
    said = " ".join(str(problem) for problem in caught.value.problems)
    assert "vessel 'a', vessel 'b': they join the same two nodes; openBF would keep one of them" in said
    assert "vessel 'tube': openBF's exponent of the velocity profile is a whole number; round it" in said
