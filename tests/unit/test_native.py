"""azygos' own network files: read, written, and refused with every problem at its line."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azygos.body.network import (
    Autoregulation,
    Blood,
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
from azygos.body.wall import (
    ArteryWall,
    AvolioWall,
    ElasticWall,
    RigidWall,
    SinusWall,
    StentedWall,
    VeinWall,
    Wall,
)
from azygos.body.waveform import Constant, DoubleCosine, Pulse, Sampled, Swing
from azygos.errors import InputError
from azygos.exchange.native import read_network, write_network
from azygos.units import cm, minute, mL, mm, mmHg

FOLDER = Path(__file__).parents[2] / "cases"
CASES = sorted(case for case in FOLDER.glob("*/*.yaml") if "format: azygos-network/" in case.read_text())

TEXT = """\
format: azygos-network/1
name: one vein
period: 0.8 s
vessels:
  ijv_r: {from: sinus, to: jugular, length: 15 cm, radius: [5 mm, 4 mm], wall: {law: vein, wave_speed: 2 m/s}}
links:
  bed: {from: jugular, to: atrium, resistance: 0.1 mmHg s/mL}
inflows:
  sinus: 700 mL/min
pressures:
  atrium: 5 mmHg
"""


def read(folder: Path, text: str) -> Network:
    (folder / "net.yaml").write_text(text)
    return read_network(folder / "net.yaml")


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(folder, text)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def vessel(name: str, start: str, end: str, wall: Wall) -> Vessel:
    return Vessel(name=name, start=start, end=end, length=0.1, radius=(5e-3, 4e-3), wall=wall)


def everything() -> Network:
    """A network with every kind of block that there is."""
    heart = DoubleCosine(active=3e8, passive=1e7, onset=0.1, rise=0.3, fall=0.2, beats=4)
    breath = Swing(rest=-500.0, peak=-900.0, rise=0.35)
    strain = Pulse(under=breath, height=5000.0, begin=2.0, rise=0.5, hold=10.0, fall=0.25)
    vein = VeinWall(wave_speed=(2.0, 2.5), reference_pressure=700.0, viscosity=0.1)
    return Network(
        name="everything: all of it",
        vessels=(
            vessel("artery", "root", "bed", ArteryWall(wave_speed=(5.0, 6.0), reference_pressure=1e4, viscosity=1.0)),
            vessel("elastic", "bed", "head", ElasticWall(young=4e5, thickness=5e-4, reference_pressure=1e4)),
            vessel("avolio", "bed", "head", AvolioWall(young=4e5, viscosity=0.7)),
            replace(vessel("sinus", "head", "jugular", SinusWall(wave_speed=(9.0, 9.0))), around="skull", profile=9.0),
            replace(
                vessel("vein", "jugular", "narrow", StentedWall(wall=vein, stent_radius=4e-3, stiffness=2e4)),
                around="thorax",
                external_pressure=-300.0,
            ),
            replace(vessel("yes", "wide", "atrium", RigidWall()), around="belly"),
        ),
        links=(
            Expansion(name="jet", start="narrow", end="wide", before="vein", after="yes", resistance=1e3),
            Channel(name="lung", start="atrium", end="ventricle", resistance=1e7, inertance=1e4, quadratic=1e9),
            Valve(
                name="aortic",
                start="ventricle",
                end="root",
                resistance=1e5,
                inertance=6e4,
                quadratic=1e8,
                opening_rate=0.3,
                closing_rate=0.2,
                leak=0.05,
            ),
            StarlingResistor(
                name="villi", start="skull", end="jugular", around="jugular", resistance=7e10, sharpness=7.5
            ),
        ),
        stores=(
            Store(
                name="lv", node="ventricle", law=VaryingStore(elastance=heart, unstressed_volume=1e-5), around="thorax"
            ),
            Store(name="la", node="atrium", law=LinearStore(elastance=1.3e7, unstressed_volume=2e-5)),
            Store(name="bag", node="bed", law=CollapsibleStore(elastance=2e7, unstressed_volume=3e-4), around="belly"),
            Store(
                name="csf",
                node="skull",
                law=ExponentialStore(scale=650.0, volume_scale=2e-5, unstressed_volume=1e-4, reference_pressure=900.0),
                is_blood=False,
            ),
            Store(name="series", node="head", law=VaryingStore(elastance=Sampled((0.0, 0.5, 1.0), (1e7, 2e7, 1e7)))),
        ),
        regulations=(Autoregulation(link="lung", normal_flow=9e-5, gain=4.0, time_constant=20.0, least=0.4, most=2.5),),
        flow_sources=(FlowSource(node="skull", flow=Constant(5e-9)), FlowSource(node="head", flow=heart)),
        pressure_sources=(
            PressureSource(node="thorax", pressure=Sampled((0.0, 2.0, 4.0), (-500.0, -900.0, -500.0))),
            PressureSource(node="belly", pressure=strain),
        ),
        blood=Blood(density=1050.0, viscosity=3.5e-3),
        period=4.0,
        beats=4,
        heights={"jugular": 0.2},
        gravity=9.81,
        initial_head={"ventricle": 1000.0},
    )


def test_a_file_written_by_hand_is_what_it_says(tmp_path: Path) -> None:
    wall = VeinWall(wave_speed=(2.0, 2.0))
    vein = Vessel(name="ijv_r", start="sinus", end="jugular", length=15 * cm, radius=(5 * mm, 4 * mm), wall=wall)
    assert read(tmp_path, TEXT) == Network(
        name="one vein",
        vessels=(vein,),
        links=(Channel(name="bed", start="jugular", end="atrium", resistance=0.1 * mmHg / mL),),
        flow_sources=(FlowSource(node="sinus", flow=Constant(700 * mL / minute)),),
        pressure_sources=(PressureSource(node="atrium", pressure=Constant(5 * mmHg)),),
        period=0.8,
    )


def test_every_kind_of_block_comes_back_as_it_was_written(tmp_path: Path) -> None:
    network = everything()
    write_network(network, tmp_path / "all.yaml", "One line\n\nand another.")
    assert (tmp_path / "all.yaml").read_text().startswith("# One line\n#\n# and another.\nformat: azygos-network/1\n")
    assert read_network(tmp_path / "all.yaml") == network
    assert [entry.name for entry in tmp_path.iterdir()] == ["all.yaml"]  # and no temporary file stays


@given(st.floats(1e-6, 9e2), st.floats(1e-20, 1e20), st.floats(-1e6, 1e6))
def test_numbers_come_back_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory, length: float, resistance: float, pressure: float
) -> None:
    network = Network(
        name="n",
        vessels=(Vessel(name="v", start="a", end="b", length=length, radius=(length, length), wall=RigidWall()),),
        links=(Channel(name="c", start="b", end="c", resistance=resistance),),
        stores=(Store(name="s", node="c", law=LinearStore(elastance=resistance)),),
        flow_sources=(FlowSource(node="a", flow=Sampled((0.0, 0.3, 1.0), (pressure, resistance, pressure))),),
        initial_head={"a": pressure},
    )
    path = tmp_path_factory.mktemp("bits") / "net.yaml"
    write_network(network, path)
    assert read_network(path) == network


@pytest.mark.parametrize(
    "name", ["no", "12", "null", "ramo: destro", "à gauche", "#1", "a, b", "'", '"', " ", "-", "1e5"]
)
def test_any_name_comes_back(tmp_path: Path, name: str) -> None:
    network = replace(read(tmp_path, TEXT), name=name)
    network = replace(network, vessels=tuple(replace(v, name=name) for v in network.vessels))
    write_network(network, tmp_path / "named.yaml")
    assert read_network(tmp_path / "named.yaml") == network


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nan has no form in a file"):
        write_network(replace(everything(), period=float("nan")), tmp_path / "net.yaml")
    assert not list(tmp_path.iterdir())


def test_a_waveform_can_be_a_table_or_a_file_with_units_for_its_columns(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("# ms, mL/min\n0, 60\n400, 120\n800, 60\n")
    table = TEXT.replace("sinus: 700 mL/min", "sinus: {units: [ms, mL/min], table: [[0, 60], [400, 120], [800, 60]]}")
    file = TEXT.replace("sinus: 700 mL/min", "sinus: {units: [ms, mL/min], file: in.csv}")
    (source,) = read(tmp_path, table).flow_sources
    assert isinstance(source.flow, Sampled)
    assert source.flow.times == pytest.approx((0.0, 0.4, 0.8), rel=1e-15)
    assert source.flow.values == pytest.approx((1 * mL, 2 * mL, 1 * mL), rel=1e-15)
    assert read(tmp_path, file).flow_sources == (source,)


def test_a_store_is_given_by_its_compliance_or_its_elastance(tmp_path: Path) -> None:
    soft = read(tmp_path, TEXT + "stores: {bed: {at: jugular, compliance: 2e-8 m3/Pa}}\n")
    stiff = read(tmp_path, TEXT + "stores: {bed: {at: jugular, elastance: 5e7 Pa/m3}}\n")
    assert soft.stores == stiff.stores


def test_a_breath_of_several_beats_and_a_strain_are_written_by_hand(tmp_path: Path) -> None:
    text = TEXT.replace("period: 0.8 s", "period: 4 s\nbeats: 5")
    text = text.replace(
        "atrium: 5 mmHg",
        "atrium: {under: {rest: 5 mmHg, peak: 2 mmHg}, height: 40 mmHg, "
        "begin: 8 s, rise: 0.5 s, hold: 15 s, fall: 0.5 s}",
    )
    network = read(tmp_path, text)
    assert (network.period, network.beats) == (4.0, 5)
    under = Swing(rest=5 * mmHg, peak=2 * mmHg)
    strain = Pulse(under=under, height=40 * mmHg, begin=8.0, rise=0.5, hold=15.0, fall=0.5)
    assert network.pressure_sources[0].pressure == strain


def test_parts_alike_can_share_their_text(tmp_path: Path) -> None:
    text = TEXT.replace("wall: {law", "wall: &soft {law").replace(
        "links:", "  ijv_l: {from: sinus, to: jugular, length: 15 cm, radius: 4 mm, wall: *soft}\nlinks:"
    )
    network = read(tmp_path, text)
    assert network.vessel("ijv_l").wall == network.vessel("ijv_r").wall


def test_openbf_files_are_told_apart_by_their_content(tmp_path: Path) -> None:
    (tmp_path / "x_inlet.dat").write_text("0 0\n1 0\n")
    text = """\
project_name: x
blood: {rho: 1060, mu: 0.004}
network: [{label: tube, sn: 1, tn: 2, L: 0.1, E: 400e3, R0: 0.01, Rt: 0.0}]
"""
    assert read(tmp_path, text).vessel("tube").start == "n1"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_published_cases_are_read(case: Path) -> None:
    assert len(read_network(case).vessels) >= 1


def test_the_cases_of_the_benchmark_keep_their_published_numbers() -> None:
    """Boileau et al. 2015, doi 10.1002/cnm.2732."""
    folder = FOLDER / "boileau2015"
    carotid, aorta = read_network(folder / "common_carotid.yaml"), read_network(folder / "thoracic_aorta.yaml")
    assert (carotid.vessels[0].length, carotid.period) == (0.126, 1.1)
    assert (aorta.vessels[0].length, aorta.period) == (0.24137, 0.955)
    assert len(read_network(folder / "adan56.yaml").vessels) == 77


# What is refused


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("15 cm", "15", "net.yaml:5: vessel 'ijv_r': length: '15' has no unit; write it like \"20 mm\""),
        ("15 cm", "15 mmHg", "net.yaml:5: vessel 'ijv_r': length: '15 mmHg' is not a length"),
        ("15 cm", "15 furlong", "net.yaml:5: vessel 'ijv_r': length: unknown unit 'furlong'"),
        ("15 cm", "-15 cm", "net.yaml:5: vessel 'ijv_r': length is -0.15 m, but must be more than zero"),
        ("15 cm", "0 cm", "net.yaml:5: vessel 'ijv_r': length is 0 m, but must be more than zero"),
        ("15 cm", "15e9 cm", "net.yaml:5: vessel 'ijv_r': length is 1.5e+08 m, outside 1e-07 m to 1000 m"),
        ("15 cm", "1e999 cm", "net.yaml:5: vessel 'ijv_r': length: '1e999 cm' is not finite"),
        ("15 cm", "1 kPa99999999", "net.yaml:5: vessel 'ijv_r': length: '1 kPa99999999' is too large for a number"),
        ("15 cm", "nan cm", "net.yaml:5: vessel 'ijv_r': length: expected a length, got 'nan cm'"),
        ("15 cm", "[15 cm]", "net.yaml:5: vessel 'ijv_r': length: expected a length, got a list"),
        ("15 cm", "", "net.yaml:5: vessel 'ijv_r': length: expected a length, got nothing"),
        ("4 mm]", "4 mm, 3 mm]", "net.yaml:5: vessel 'ijv_r': radius: a list of 3; give one for the whole vessel"),
        ("length", "lenght", "net.yaml:5: vessel 'ijv_r': unknown key 'lenght'; did you mean 'length'?"),
        ("length: 15 cm, ", "", "net.yaml:5: vessel 'ijv_r': 'length' is missing; add it"),
        ("law: vein", "law: vien", "net.yaml:5: vessel 'ijv_r': wall: unknown law 'vien'; did you mean 'vein'?"),
        ("law: vein, ", "", "net.yaml:5: vessel 'ijv_r': wall: 'law' is missing"),
        ("2 m/s", "2 m", "net.yaml:5: vessel 'ijv_r': wall: wave_speed: '2 m' is not a speed"),
        ("{law: vein, wave_speed: 2 m/s}", "vein", "net.yaml:5: vessel 'ijv_r': wall should be a mapping, got 'vein'"),
        ("to: jugular", "to: jugulra", "net.yaml:5: vessel 'ijv_r': ends at node 'jugulra', where nothing else is"),
        ("atrium: 5 mmHg", "atrum: 5 mmHg", "net.yaml:11: pressure 'atrum': holds node 'atrum', which no vessel"),
        ("sinus: 700", "sinsu: 700", "net.yaml:9: inflow 'sinsu': flows into node 'sinsu', which no vessel"),
        ("0.8 s", "0.8", "net.yaml:3: file: period: '0.8' has no unit"),
        ("0.8 s", "-1 s", "net.yaml:3: network 'one vein': period is -1 s, but must be more than zero"),
        ("inflows", "inflow", "net.yaml:8: file: unknown key 'inflow'; did you mean 'inflows'"),
        (
            "azygos-network/1",
            "azygos-network/9",
            "net.yaml:1: file: format should be 'azygos-network/1', got 'azygos-n",
        ),
        (
            "inflows:",
            "regulations: {bde: {normal_flow: 12 mL/s, gain: 5, time_constant: 20 s, least: 0.5, most: 2}}\ninflows:",
            "net.yaml:8: regulation 'bde': there is no link 'bde'; did you mean 'bed'?",
        ),
        ("0.8 s", "0.8 s\nbeats: 1.5", "net.yaml:4: file: beats: '1.5' is not a whole number"),
        ("5 mmHg", "{rest: 5 mmHg, peak: 2}", "net.yaml:11: pressure 'atrium': peak: '2' has no unit"),
        ("0.1 mmHg s/mL", "0 mmHg s/mL", "net.yaml:7: link 'bed': neither resistance nor inertance"),
        ("{from: jugular, to", "{kind: vlave, from: jugular, to", "net.yaml:7: link 'bed': unknown kind 'vlave'; did"),
        ("700 mL/min", "{units: [s, mL/min], file: in.csv}", "net.yaml:9: there is no file 'in.csv'"),
        (
            "700 mL/min",
            "{units: [s, kPa], table: [[0, 1], [0.8, 1]]}",
            "net.yaml:9: inflow 'sinus': 'kPa' is not",
        ),
        ("700 mL/min", "{units: [s, mL/s], table: [[0, 1], [0.8, x]]}", "net.yaml:9: inflow 'sinus': expected two num"),
        (
            "700 mL/min",
            "{units: [s, mL/s], table: [[0, 1], [0.8]]}",
            "net.yaml:9: inflow 'sinus': expected two numbers",
        ),
        ("700 mL/min", "{units: [s, mL/s], table: [[0, nan], [0.8, 1]]}", "net.yaml:9: inflow 'sinus': not finite"),
        ("700 mL/min", "{units: [s, mL/s], table: [[0, 1], [0.8, 2]]}", "net.yaml:9: inflow 'sinus': not periodic"),
        (
            "700 mL/min",
            "{units: [s, mL/s], table: [[0, 1], [0.7, 1]]}",
            "net.yaml:9: inflow 'sinus': repeats every",
        ),
        ("700 mL/min", "{units: [s, mL/s], table: []}", "net.yaml:9: inflow 'sinus': its table is empty"),
        ("700 mL/min", "{units: [s, mL/s]}", "net.yaml:9: inflow 'sinus': a series needs either 'table' or 'file'"),
    ],
)
def test_a_slip_is_answered_with_its_line_and_a_way_out(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in TEXT
    found = problems(tmp_path, TEXT.replace(old, new))
    assert found[0].startswith(said) or any(problem.startswith(said) for problem in found[:3]), found


def test_all_problems_of_a_file_come_at_once_in_its_order(tmp_path: Path) -> None:
    text = """\
format: azygos-network/1
name: bad
period: 0.8
blood: {viscosty: 4 mPa s}
vessels:
  ijv_r:
    from: sinus
    to: jugular
    lenght: 15 cm
    radius: 5
    wall: {law: vien}
  ijv_l: {from: sinus, to: jugulra, length: -3 cm, radius: 5 mm, wall: {law: vein, wave_speed: nan m/s}}
  ijv_l: {from: sinus, to: jugular}
  loop1: {from: a, to: b, length: 1 cm, radius: 1 mm, wall: {law: rigid}}
  loop2: {from: b, to: a, length: 1 cm, radius: 1 mm, wall: {law: rigid}}
links:
  bed: {from: jugular, to: veins, resistance: -1 mmHg s/mL}
stores:
  both: {at: jugular, compliance: 2 mL/mmHg, elastance: 1 mmHg/mL}
inflows:
  sinus: {units: [s, mL/min], file: none.csv}
pressures:
  veins: 5
"""
    expected = [
        "net.yaml:3: file: period: '0.8' has no unit",
        "net.yaml:4: blood: unknown key 'viscosty'; did you mean 'viscosity'?",
        "net.yaml:9: vessel 'ijv_r': unknown key 'lenght'; did you mean 'length'?",
        "net.yaml:10: vessel 'ijv_r': radius: '5' has no unit",
        "net.yaml:11: vessel 'ijv_r': wall: unknown law 'vien'; did you mean 'vein'?",
        "net.yaml:12: vessel 'ijv_l': wall: wave_speed: expected a speed, got 'nan m/s'",
        "net.yaml:12: vessel 'ijv_l': length is -0.03 m, but must be more than zero",
        "net.yaml:12: vessel 'ijv_l': ends at node 'jugulra', where nothing else is; did you mean 'jugular'?",
        "net.yaml:13: 'ijv_l' is given twice, first on line 12; remove one",
        "net.yaml:14: vessel 'loop1': never meets an inflow, a pressure or the heart",
        "net.yaml:17: link 'bed': resistance is -1.33322e+08 Pa s/m3, but must be zero or more",
        "net.yaml:19: store 'both': it needs either 'compliance' or 'elastance'",
        "net.yaml:21: there is no file 'none.csv'",
        "net.yaml:23: pressure 'veins': '5' has no unit",
    ]
    found = problems(tmp_path, text)
    assert [problem[: len(said)] for problem, said in zip(found, expected, strict=True)] == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "net.yaml:1: the file is empty"),
        ("hello", "net.yaml:1: no network of azygos', openBF's or svZeroDSolver's"),
        (TEXT[:100], "net.yaml:5: not valid YAML"),
        (TEXT[:54], "net.yaml:1: file: 'vessels' is missing"),
        ("a: [1, 2", "net.yaml:1: not valid YAML"),
        ("a: 1\n---\nb: 2", "net.yaml:2: not valid YAML"),
        ("vessels:\n\ta: 1", "net.yaml:2: not valid YAML"),
        ("a: *nowhere", "net.yaml:1: not valid YAML"),
        ("\na: \x07", "net.yaml:2: not valid YAML"),
        ("[" * 100_000, "net.yaml:1: nested deeper than 20 levels"),
        ("vessels: &v {a: *v}", "net.yaml:1: nested deeper than 20 levels"),
        ("vessels: {[1, 2]: 3}", "net.yaml:1: a key must be a text"),
    ],
)
def test_what_is_no_network_at_all_is_said_in_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    assert problems(tmp_path, text)[0].startswith(said)


def test_what_is_no_text_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_bytes(b"format: x\n\xff\xfe\x00")
    with pytest.raises(InputError, match=r"net.yaml:2: not a text file"):
        read_network(tmp_path / "net.yaml")


def test_a_file_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    read(tmp_path, TEXT)
    with pytest.raises(InputError, match=r"there is no file '.*nett.yaml'; did you mean 'net.yaml'\?"):
        read_network(tmp_path / "nett.yaml")
    with pytest.raises(InputError, match="is a directory"):
        read_network(tmp_path)
