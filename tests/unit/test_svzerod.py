"""svZeroDSolver files: what becomes of each block, and what is refused; the numbers stand in tests/verification."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from azygos.body.network import Channel, LinearStore, Network, Valve, VaryingStore
from azygos.body.waveform import Constant, DoubleCosine, Sampled
from azygos.errors import InputError
from azygos.exchange.native import read_network
from azygos.exchange.svzerod import read_svzerod, write_svzerod
from fuzz.targets import HEART, SVZEROD
from networks import closed_loop

CGS = 1e5  # Pa s/m3 in a dyn s/cm5


def read(folder: Path, data: dict[str, Any], units: str | None = None) -> Network:
    (folder / "model.json").write_text(json.dumps(data, indent=1))
    return read_svzerod(folder / "model.json", units)


def problems(folder: Path, data: dict[str, Any]) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(folder, data)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def changed(**sections: Any) -> dict[str, Any]:
    return json.loads(json.dumps(SVZEROD)) | sections


def test_a_vessel_is_a_resistance_a_compliance_and_an_inertance_in_a_row(tmp_path: Path) -> None:
    network = read(tmp_path, SVZEROD)
    links = {link.name: link for link in network.links}
    assert links["a"] == Channel(
        name="a", start="IN", end="a.c", resistance=pytest.approx(100 * CGS), quadratic=pytest.approx(0.1 * 1e11)
    )
    assert links["a.L"] == Channel(name="a.L", start="a.c", end="J", resistance=0.0, inertance=pytest.approx(CGS))
    (store,) = (store for store in network.stores if store.name == "a.c")
    assert store.node == "a.c" and isinstance(store.law, LinearStore)
    assert store.law.elastance == pytest.approx(1 / (1e-4 * 1e-5))  # 1 cm5/dyn is 1e-5 m3/Pa


def test_outlets_are_links_stores_and_pressures(tmp_path: Path) -> None:
    network = read(tmp_path, SVZEROD)
    held = {source.node: source.pressure for source in network.pressure_sources}
    assert held["O1.out"] == Constant(pytest.approx(1.0)) and held["O2.out"] == Constant(0.0)
    assert held["O3.Pim"] == Sampled((0.0, 0.5, 1.0), (pytest.approx(0.1), pytest.approx(0.2), pytest.approx(0.1)))
    ends = {link.name: (link.start, link.end) for link in network.links}
    assert (ends["O1.Rp"], ends["O1.Rd"]) == (("O1", "O1.c"), ("O1.c", "O1.out"))
    assert (ends["O3.Ra1"], ends["O3.Ra2"], ends["O3.Rv1"]) == (("O3", "O3.a"), ("O3.a", "O3.m"), ("O3.m", "O3.out"))
    assert next(store for store in network.stores if store.name == "O3.Cc").around == "O3.Pim"


def test_a_flow_at_an_outlet_leaves(tmp_path: Path) -> None:
    data = changed()
    data["boundary_conditions"][2] = {"bc_name": "O2", "bc_type": "FLOW", "bc_values": {"Q": 3.0}}
    flows = {source.node: source.flow for source in read(tmp_path, data).flow_sources}
    assert flows["O2"] == Constant(pytest.approx(-3e-6))
    assert flows["IN"] == Sampled((0.0, 0.5, 1.0), (pytest.approx(2e-6), pytest.approx(4e-6), pytest.approx(2e-6)))


def test_a_heart_beats_behind_valves(tmp_path: Path) -> None:
    network = read(tmp_path, HEART)
    (chamber,) = (store for store in network.stores if isinstance(store.law, VaryingStore))
    assert chamber.node == "lv" and isinstance(chamber.law, VaryingStore)
    wave = chamber.law.elastance
    assert isinstance(wave, DoubleCosine)
    assert (wave.onset, wave.rise, wave.fall) == (pytest.approx(0.25), pytest.approx(0.1875), pytest.approx(0.1875))
    assert chamber.law.unstressed_volume == pytest.approx(20e-6)
    mitral, aortic = (link for link in network.links if isinstance(link, Valve))
    assert (mitral.start, mitral.end, aortic.start) == ("VEIN", "lv", "lv.out")
    assert mitral.leak**2 == pytest.approx(0.01 / 100)  # so that the closed valve has the greatest resistance
    assert network.initial_head["lv"] == pytest.approx(0.1 * (96 - 20) * 133.322387415)  # E (V - V0) at time 0


def test_units_are_the_files_or_those_asked_for(tmp_path: Path) -> None:
    plain = read(tmp_path, SVZEROD).links[0]
    asked = read(tmp_path, SVZEROD, "si").links[0]
    assert isinstance(plain, Channel) and isinstance(asked, Channel)
    assert (plain.resistance, asked.resistance) == (pytest.approx(1e7), pytest.approx(100.0))
    assert any("units 'furlongs' are not known" in what for what in problems(tmp_path, changed(_units="furlongs")))


def test_everything_that_has_no_like_here_is_said_at_once_with_its_line(tmp_path: Path) -> None:
    data = changed(closed_loop_blocks=[{"closed_loop_type": "ClosedLoopHeartAndPulmonary"}])
    data["vessels"][1]["zero_d_element_type"] = "BloodVesselRC"
    data["vessels"][2]["zero_d_element_values"]["Radius"] = 1
    data["boundary_conditions"][3]["bc_type"] = "ClosedLoopRCR"
    data["junctions"][0]["outlet_vessels"] = [1, 2, 7]
    said = problems(tmp_path, data)
    for what in (
        "'ClosedLoopRCR' has no like here; known here: FLOW, PRESSURE, RESISTANCE, RCR, CORONARY",
        "vessel 'b': 'BloodVesselRC' has no like here; known here: BloodVessel, BloodVesselCRL",
        "vessel 'c': unknown key 'Radius'",
        "there is no vessel of id 7",
        "'closed_loop_blocks' has no like here; cut the circulation open there",
    ):
        assert any(what in line for line in said), what
    assert all(line.startswith("model.json:") for line in said)


@pytest.mark.parametrize(
    ("section", "row", "key", "value", "what"),
    [
        (
            "vessels",
            0,
            "boundary_conditions",
            {"inlet": "INN"},
            "there is no boundary condition 'INN'; did you mean 'IN'",
        ),
        ("vessels", 1, "vessel_name", "a", "block 'a' is given twice"),
        ("vessels", 1, "vessel_id", 0, "id 0 is given twice"),
        ("boundary_conditions", 0, "bc_values", {"Q": [1, 2], "t": [0]}, "2 values at 1 times"),
        ("boundary_conditions", 0, "bc_values", {"Q": [1, 2], "t": [0, 1]}, "not periodic"),
        ("boundary_conditions", 1, "bc_values", {"Rp": 1, "C": 1}, "'Rd' is missing"),
        ("boundary_conditions", 1, "bc_values", {"Rp": -1, "C": 1, "Rd": 1, "Pd": 0}, "resistance is -1"),
        ("junctions", 0, "junction_type", "junctoin", "'junctoin' has no like here"),
    ],
)
def test_what_is_wrong_with_a_block_is_said(
    tmp_path: Path, section: str, row: int, key: str, value: object, what: str
) -> None:
    data = changed()
    data[section][row][key] = value
    assert any(what in line for line in problems(tmp_path, data))


def test_a_file_indented_with_tabs_is_read(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text(json.dumps(SVZEROD, indent="\t"))
    assert len(read_network(tmp_path / "model.json").links) == 14


def test_what_svzerod_cannot_say_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write_svzerod(closed_loop(), tmp_path / "out.json")
    said = str(caught.value)
    assert "a vein's wall has no constant compliance" in said and "svZeroD has no space around" in said
    assert not list(tmp_path.iterdir())


def test_a_vessel_of_one_dimension_is_lumped_at_its_reference_area(tmp_path: Path) -> None:
    network = read_network(Path(__file__).parents[2] / "cases" / "matthys2007" / "in_vitro_tree.yaml")
    write_svzerod(network, tmp_path / "tree.json", "si")
    lumped = read_svzerod(tmp_path / "tree.json")
    vessel = network.vessels[0]
    links = {link.name: link for link in lumped.links}
    thick, thin = vessel.radius
    # int dx / r^4 and int dx / r^2 over a cone; the in-vitro tree has a Poiseuille profile
    resistance = 8 * network.blood.viscosity * vessel.length / 3.14159265 * (thick**2 + thick * thin + thin**2)
    resistance /= 3 * (thick * thin) ** 3
    inertance = network.blood.density * vessel.length / (3.14159265 * thick * thin)
    first, last = links[vessel.name], links[f"{vessel.name}.L"]
    assert isinstance(first, Channel) and isinstance(last, Channel)
    assert first.resistance == pytest.approx(resistance * (vessel.profile + 2) / 4, rel=1e-3)
    assert last.inertance == pytest.approx(inertance, rel=1e-3)


def test_two_hill_functions_are_a_series_whose_largest_value_is_one(tmp_path: Path) -> None:
    """The program's own formula (src/model/ActivationFunction.cpp): g1 / (1 + g1) / (1 + g2) over its maximum."""
    data = json.loads(json.dumps(HEART))
    hills = {"t_shift": 0.2, "tau_1": 0.19, "tau_2": 0.31, "m1": 1.32, "m2": 27.4}
    kept = {key: data["chambers"][0]["values"][key] for key in ("Emax", "Emin", "Vrd", "Vrs", "Impedance")}
    data["chambers"][0] |= {"values": kept, "activation_function": {"type": "two_hill", **hills}}
    network = read(tmp_path, data)
    period = network.period
    store = next(store for store in network.stores if isinstance(store.law, VaryingStore))
    times = np.linspace(0.0, period, 5000, endpoint=False)
    s = np.mod(times - 0.2, period)
    hill = (s / 0.19) ** 1.32 / (1 + (s / 0.19) ** 1.32) / (1 + (s / 0.31) ** 27.4)
    found = store.law.elastance.sample(times, period)
    shape = (found - found.min()) / np.ptp(found)
    assert shape == pytest.approx(hill / hill.max(), abs=5e-3)
    with pytest.raises(InputError, match="its elastance has no form in the file"):
        write_svzerod(network, tmp_path / "again.json")
