"""Every reader of files, by name, with files that it reads: where fuzzing starts from."""

import base64
import json
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from azygos.exchange.article import read_article_text
from azygos.exchange.case import read_case
from azygos.exchange.claims import read_claims
from azygos.exchange.cohort import read_cohort
from azygos.exchange.design import read_design
from azygos.exchange.dictionary import read_dictionary
from azygos.exchange.measurements import read_measurements
from azygos.exchange.native import read_network
from azygos.exchange.openbf import read_openbf
from azygos.exchange.person import read_body
from azygos.exchange.protocol import read_devices, read_protocol
from azygos.exchange.sheet import read_sheets
from azygos.exchange.study import read_study
from azygos.exchange.study_data import read_study_data
from azygos.exchange.subject import read_subject
from azygos.exchange.svzerod import read_svzerod
from azygos.exchange.vtp_network import centreline_network
from azygos.study.design import Design
from azygos.therapy.catalogue import stock

ROOT = Path(__file__).parents[2]
CASES = ROOT / "cases"
STUDY = CASES / "studies-data" / "sham"
SURVEY = CASES / "studies-data" / "survey"


@dataclass(frozen=True, slots=True)
class Target:
    """A reader, the suffix of its files, files that it reads, and what lies beside them."""

    read: Callable[[Path], object]
    suffix: str
    seeds: Sequence[bytes]
    beside: tuple[tuple[str, bytes], ...] = ()


OPENBF = b"""\
project_name: tube
inlet_file: in.dat
blood: {rho: 1050.0, mu: 4.0e-3}
network:
  - {label: a, sn: 1, tn: 2, L: 0.1, E: 400.0e3, R0: 5.0e-3, h0: 5.0e-4}
  - {label: b, sn: 2, tn: 3, L: 0.1, E: 400.0e3, Rp: 5.0e-3, Rd: 4.0e-3, R1: 1.0e8, R2: 9.0e8, Cc: 1.0e-9, Pout: 500}
  - {label: c, sn: 2, tn: 4, L: 0.1, E: 400.0e3, R0: 5.0e-3, Rt: 0.5, visco-elastic: true, gamma_profile: 9}
"""
SVZEROD = {
    "simulation_parameters": {"number_of_cardiac_cycles": 3, "cardiac_period": 1.0},
    "boundary_conditions": [
        {"bc_name": "IN", "bc_type": "FLOW", "bc_values": {"Q": [2.0, 4.0, 2.0], "t": [0.0, 0.5, 1.0]}},
        {"bc_name": "O1", "bc_type": "RCR", "bc_values": {"Rp": 100.0, "C": 1e-4, "Rd": 1e3, "Pd": 10.0}},
        {"bc_name": "O2", "bc_type": "RESISTANCE", "bc_values": {"R": 300.0, "Pd": 0.0}},
        {
            "bc_name": "O3",
            "bc_type": "CORONARY",
            "bc_values": {"Ra1": 1, "Ra2": 1, "Rv1": 1, "Ca": 1, "Cc": 1, "Pim": [1, 2, 1], "P_v": 0, "t": [0, 0.5, 1]},
        },
    ],
    "vessels": [
        {
            "vessel_id": number,
            "vessel_name": name,
            "zero_d_element_type": "BloodVessel",
            "zero_d_element_values": {"R_poiseuille": 100.0, "C": 1e-4, "L": 1.0, "stenosis_coefficient": 0.1},
            "boundary_conditions": ends,
        }
        for number, (name, ends) in enumerate(
            [("a", {"inlet": "IN"}), ("b", {"outlet": "O1"}), ("c", {"outlet": "O2"}), ("d", {"outlet": "O3"})]
        )
    ],
    "junctions": [
        {"junction_name": "J", "junction_type": "NORMAL_JUNCTION", "inlet_vessels": [0], "outlet_vessels": [1, 2, 3]}
    ],
}
HEART = {
    "simulation_parameters": {"cardiac_period": 0.8},
    "boundary_conditions": [
        {"bc_name": "VEIN", "bc_type": "PRESSURE", "bc_values": {"P": 8.0}},
        {"bc_name": "OUT", "bc_type": "RESISTANCE", "bc_values": {"R": 1.0, "Pd": 0.0}},
    ],
    "vessels": [
        {
            "vessel_id": 0,
            "vessel_name": "aorta",
            "zero_d_element_type": "BloodVesselCRL",
            "zero_d_element_values": {"R_poiseuille": 0.05, "C": 1.5},
            "boundary_conditions": {"outlet": "OUT"},
        }
    ],
    "chambers": [
        {
            "type": "ChamberElastanceInductor",
            "name": "lv",
            "values": {"Emax": 2.5, "Emin": 0.1, "Vrd": 20, "Vrs": 20, "Impedance": 5e-4, "t_active": 0.2,
                       "t_twitch": 0.3},
        }
    ],
    "valves": [
        {"type": "PiecewiseValve", "name": "mitral",
         "params": {"Rmax": 100, "Rmin": 0.01, "upstream_block": "VEIN", "downstream_block": "lv"}},
        {"type": "ValveTanh", "name": "aortic",
         "params": {"Rmax": 100, "Rmin": 0.01, "Steepness": 100, "upstream_block": "lv", "downstream_block": "aorta"}},
    ],
    "initial_condition": {"Vc:lv": 96.0, "pressure:lv:aortic": 80.0},
    "_units": "mmHg-mL",
}  # fmt: skip
BODY = b"""\
format: azygos-body/1
name: Ms Example
sex: female
height: 165 cm
age: 45 years
variants: [left_dominant_sinus]
parameters: {ijv_r.diameter: 0.83, cerebral_flow: 1.1}
posture: 45 deg
heart_rate: 68 1/min
blood_volume: 4.6 L
lesions:
  - "ijv_r: 80 % area at 0.5, 20 mm"
fitted: {measurements: clinic.csv, count: 9, chi2: 7.1, converged: true, standard_errors: {ijv_r.diameter: 0.05},
  not_determined: [csf_outflow_resistance]}
"""
PROTOCOL = b"""\
format: azygos-protocol/1
name: balloon, then stent
vessels: [ijv_r, azygos]
steps:
  - access: right femoral vein
  - venogram: {planes: 2, ivus: yes}
  - inflate: {oversize: 1.1, pressure: 8 atm, time: 60 s, repeats: 2, when: narrowing > 50 % or gradient > 2 mmHg}
  - venogram
  - stent: {oversize: 1.5 mm, when: residual > 50 % or gradient > 2 mmHg}
  - final venogram
"""
DEVICES = b"""\
format: azygos-devices/1
balloons:
  our_14: {diameter: 14 mm, length: 40 mm, nominal: 6 atm, rated: 12 atm, growth: 1.5 %}
stents:
  our_16: {design: cut, diameter: 16 mm, length: 60 mm, outward: 40 kPa, resistive: 40 kPa, foreshortening: 3 %,
    sites: [vein]}
"""
MEASUREMENTS = b"""\
# a comment
measure,value,unit,error,posture
flow(ijv_r),362,mL/min,30,supine
"pressure(radial_r, 1)",92,mmHg,4,45 deg
area(ijv_r),8,mm2,3,upright
"""
DATASET = {
    "datasetJSONVersion": "1.1.0",
    "name": "ADSL",
    "records": 2,
    "columns": [{"name": "USUBJID", "dataType": "string"}, {"name": "AGE", "label": "age", "dataType": "integer"}],
    "rows": [["1", 44], ["2", None]],
}
HILLS = {
    **HEART,
    "chambers": [
        {
            "type": "LinearElastanceChamber",
            "name": "lv",
            "values": {"Emax": 2.5, "Epass": 0.1, "Vrest": 20},
            "activation_function": {
                "type": "two_hill",
                "t_shift": 0.2,
                "tau_1": 0.19,
                "tau_2": 0.31,
                "m1": 1.3,
                "m2": 27.4,
            },
        }
    ],
}


def vtp(form: str) -> bytes:
    """Two centrelines that part, in ascii, in base64, or compressed and appended."""
    points = [(0, 0, z) for z in range(5)] + [(z, 0, 4 + z) for z in (1, 2, 3)] + [(-z, 0, 4 + z) for z in (1, 2, 3)]
    arrays: dict[str, tuple[str, list[float]]] = {
        "Points": ("Float64", [x for point in points for x in point]),
        "MaximumInscribedSphereRadius": ("Float64", [2.0, 1.9, 1.8, 1.7, 1.6, 1.2, 1.1, 1.0, 1.0, 0.5, 1.0]),
        "connectivity": ("Int64", [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 8, 9, 10]),
        "offsets": ("Int64", [8, 16]),
    }
    appended, tags = b"", {}
    for name, (kind, values) in arrays.items():
        head = f'<DataArray type="{kind}" Name="{name}" NumberOfComponents="{3 if name == "Points" else 1}" format='
        data = struct.pack(
            f"<{len(values)}{'d' if kind == 'Float64' else 'q'}", *(values if "F" in kind else map(int, values))
        )
        if form == "ascii":
            tags[name] = f'{head}"ascii">{" ".join(map(str, values))}</DataArray>'
        elif form == "binary":
            text = base64.b64encode(struct.pack("<Q", len(data)) + data).decode()
            tags[name] = f'{head}"binary">{text}</DataArray>'
        else:
            packed = zlib.compress(data)
            tags[name] = f'{head}"appended" offset="{len(appended)}"/>'
            appended += struct.pack("<4Q", 1, len(data), 0, len(packed)) + packed
    compressor = ' compressor="vtkZLibDataCompressor"' if form == "appended" else ""
    radius = tags.pop("MaximumInscribedSphereRadius")
    text = (
        f'<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" header_type="UInt64"{compressor}><PolyData>'
        f'<Piece NumberOfPoints="11" NumberOfLines="2"><PointData>{radius}</PointData><Points>{tags["Points"]}</Points>'
        f"<Lines>{tags['connectivity']}{tags['offsets']}</Lines></Piece></PolyData>"
    ).encode()
    if form == "appended":
        text += b'<AppendedData encoding="raw">_' + appended + b"</AppendedData>"
    return text + b"</VTKFile>"


@cache
def design(folder: Path) -> Design:
    return read_design(folder / "design.yaml")


def _files(folder: Path, pattern: str, form: str = "") -> list[bytes]:
    """The shipped files of a format, the shortest first."""
    found = [path.read_bytes() for path in sorted(folder.glob(pattern))]
    return sorted((text for text in found if form.encode() in text), key=len)


SOURCE = ROOT / "src" / "azygos"
NAMED = SOURCE / "population" / "named"
INLET = b"# flow\n0 1e-6\n0.5, 5e-6\n1 1e-6\n"
PAGE = b"<html><head><title>x</title></head><body><p>48 of 89 &amp; 3</p></body>"
TARGETS: dict[str, Target] = {
    "network": Target(read_network, ".yaml", _files(CASES, "*/*.yaml", "azygos-network/1")),
    "openbf": Target(read_openbf, ".yaml", [OPENBF], (("in.dat", INLET),)),
    "inlet": Target(
        lambda path: read_openbf(path.parent / "net.yaml"),
        ".dat",
        [INLET],
        (("net.yaml", OPENBF.replace(b"in.dat", b"input.dat")),),
    ),
    "svzerod": Target(read_svzerod, ".json", [json.dumps(file, indent=1).encode() for file in (SVZEROD, HEART, HILLS)]),
    "vtp": Target(
        partial(centreline_network, unit="mm"), ".vtp", [vtp(form) for form in ("ascii", "binary", "appended")]
    ),
    "subject": Target(read_subject, ".yaml", [BODY, json.dumps(SVZEROD).encode()]),
    "case": Target(read_case, ".yaml", _files(CASES, "*/*.yaml", "azygos-case/1")[:8]),
    "body": Target(read_body, ".yaml", [BODY]),
    "protocol": Target(
        lambda path: read_protocol(path, stock()), ".yaml", [PROTOCOL, *_files(NAMED, "*.protocol.yaml")]
    ),
    "devices": Target(lambda path: read_devices([path], stock()), ".yaml", [DEVICES]),
    "cohort": Target(
        read_cohort,
        ".yaml",
        _files(NAMED, "*.yaml", "azygos-cohort/1"),
        tuple((path.name, path.read_bytes()) for path in sorted(NAMED.glob("*.protocol.yaml"))),
    ),
    "design": Target(read_design, ".yaml", [(STUDY / "design.yaml").read_bytes(), *_files(CASES, "studies/*.yaml")]),
    "study": Target(read_study, ".yaml", _files(SOURCE, "trial/named/*.yaml", "azygos-study/1")),
    "dictionary": Target(
        lambda path: read_dictionary(path, design(STUDY)), ".yaml", [(STUDY / "dictionary.yaml").read_bytes()]
    ),
    "dataset csv": Target(
        lambda path: read_study_data(path, design(SURVEY)), ".csv", [(SURVEY / "answers.csv").read_bytes()]
    ),
    "dataset json": Target(read_sheets, ".json", [json.dumps(DATASET).encode()]),
    "claims": Target(read_claims, ".yaml", _files(CASES, "audit/*.yaml", "azygos-claims/1")),
    "article": Target(read_article_text, ".html", [PAGE]),
    "measurements": Target(read_measurements, ".csv", [MEASUREMENTS]),
}
