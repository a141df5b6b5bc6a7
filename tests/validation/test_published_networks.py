"""Six published networks, written in openBF's form and read back: periodic, conserving, at plausible pressures.

The files of openBF's distribution are not held here: a small writer puts our own case files into that form.
"""

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import yaml

from azygos.body.network import Channel, Expansion, LinearStore, Network
from azygos.body.wall import AvolioWall, ElasticWall
from azygos.body.waveform import Sampled
from azygos.engine.compile import Mesh
from azygos.engine.keep import Keep
from azygos.engine.outcome import Outcome
from azygos.engine.solution import Solution
from azygos.engine.solve import Numerics, simulate
from azygos.exchange.native import read_network
from azygos.exchange.openbf import read_openbf

CASES = Path(__file__).parents[2] / "cases"
NETWORKS = (
    "boileau2015/common_carotid", "boileau2015/thoracic_aorta", "boileau2015/iliac_bifurcation", "boileau2015/adan56",
    "matthys2007/in_vitro_tree", "alastruey2007/circle_of_willis",
)  # fmt: skip
CONSERVATION = 1e-4  # |sum of mean outflows / mean inflow - 1|
SAME = 1e-4  # largest difference of pressure between own form and openBF's form, relative to the mean
# Mean pressure at the root above what inflow and terminal resistances alone ask for, relative. The upper end was set
# after the fact (ADAN56 has 4 %): it excludes a doubled or a lost resistance, not a few per cent.
# The lower end was 0 until the loss at an outlet became exact: blood that flows back through it keeps its kinetic head,
# which leaves the thoracic aorta 5e-4 below.
DROP = (-1e-3, 0.06)
NUMERICS = Numerics(mesh=Mesh(cell_length=0.01), time_step=1e-3, tolerance=1e-5)


@cache
def own(case: str) -> Solution:
    return simulate(read_network(CASES / f"{case}.yaml"), numerics=NUMERICS, keep=Keep(samples_per_beat=10_000))


def through_openbf(network: Network, folder: Path, *, taper: bool = True) -> Network:
    """The network as `read_openbf` understands it from a file in openBF's form; without taper, Rp all along."""
    (source,) = network.flow_sources
    assert isinstance(source.flow, Sampled)
    series = zip(source.flow.times, source.flow.values, strict=True)
    (folder / "case_inlet.dat").write_text("".join(f"{t!r} {q!r}\n" for t, q in series))
    number = {source.node: 1}
    for vessel in network.vessels:
        for node in (vessel.start, vessel.end):
            number.setdefault(node, len(number) + 1)
    rows = []
    for vessel in network.vessels:
        row: dict[str, Any] = {"label": vessel.name, "sn": number[vessel.start], "tn": number[vessel.end]}
        row |= {"L": vessel.length, "Rp": vessel.radius[0], "Rd": vessel.radius[1 if taper else 0]}
        assert isinstance(vessel.wall, (ElasticWall, AvolioWall))
        row |= {"E": vessel.wall.young, "Pext": vessel.wall.reference_pressure, "gamma_profile": vessel.profile}
        row |= {"h0": vessel.wall.thickness} if isinstance(vessel.wall, ElasticWall) else {}
        rows.append(row | windkessel(network, vessel.end))
    blood = {"rho": network.blood.density, "mu": network.blood.viscosity}
    text = yaml.safe_dump({"project_name": "case", "blood": blood, "network": rows}, sort_keys=False)
    (folder / "case.yaml").write_text(text)
    return read_openbf(folder / "case.yaml")


def windkessel(network: Network, node: str) -> dict[str, Any]:
    """R1, R2 and Cc at the end of a vessel; nothing where vessels go on."""
    near = [link for link in network.links if link.start == node]
    if not near:
        return {}
    (far,) = (link for link in network.links if link.start == near[0].end)
    (store,) = (store for store in network.stores if store.node == far.start)
    assert isinstance(near[0], (Channel, Expansion)) and isinstance(far, Channel) and isinstance(store.law, LinearStore)
    r1, r2, cc = near[0].resistance, far.resistance, 1.0 / store.law.elastance
    return {"outlet": "wk3", "R1": r1, "R2": r2, "Cc": cc}


def peripheral_resistance(network: Network) -> float:
    """Of all windkessels side by side [Pa s/m3]."""
    held = {source.node for source in network.pressure_sources}
    far = [link for link in network.links if link.end in held]
    near = {link.end: link for link in network.links if link not in far}
    whole = [link.resistance + near[link.start].resistance for link in far if isinstance(link, Channel)]
    return 1.0 / sum(1.0 / resistance for resistance in whole)


@pytest.mark.parametrize("case", NETWORKS)
def test_a_published_network_runs_from_its_openbf_form(case: str, tmp_path: Path, figure) -> None:
    network = through_openbf(read_network(CASES / f"{case}.yaml"), tmp_path)
    solution = simulate(network, numerics=NUMERICS, keep=Keep(samples_per_beat=10_000))
    assert solution.outcome is Outcome.ok, solution.solve.sentence
    figure(f"{case}: largest change of a mean in the last beat", solution.solve.residual, NUMERICS.tolerance)

    root = network.vessels[0].name
    inflow = solution.mean("flow", root, 0.0)
    held = {source.node for source in network.pressure_sources}
    outflow = sum(float(np.mean(solution.link_flows[link.name])) for link in network.links if link.end in held)
    figure(f"{case}: mean outflow against mean inflow", abs(outflow / inflow - 1.0), CONSERVATION)
    assert abs(outflow / inflow - 1.0) < CONSERVATION

    drop = solution.mean("pressure", root, 0.0) / (inflow * peripheral_resistance(network)) - 1.0
    figure(f"{case}: mean pressure above inflow times resistance", drop, DROP[1])
    assert DROP[0] < drop < DROP[1]

    worst = 0.0
    for vessel in network.vessels:
        wanted = own(case).at("pressure", vessel.name)
        worst = max(worst, float(np.max(np.abs(solution.at("pressure", vessel.name) - wanted)) / np.mean(wanted)))
    figure(f"{case}: own form against openBF's", worst, SAME)
    assert worst < SAME


class FirstBeat(NamedTuple):
    vessel: str
    pressure: str  # [kPa] half way, at INSTANTS
    flow: str  # [mL/s]


# openBF 2, first beat of ADAN56 from rest at 10 kPa with empty windkessels, 1 mm mesh:
# INSIGNEO/openBF 493ab87, test/adan/ref/*.last, third of the five columns (cell M/2).
# That release's radius hardly leaves Rp (`radius_slope * (i - 1) * dx` with a slope per cell, src/vessel.jl),
# so the network is compared without taper; with its taper it differs from these by 2 to 3 % in pressure.
INSTANTS = (0.111163, 0.222295, 0.333404, 0.444526, 0.555658, 0.666772, 0.777866, 0.888985)  # [s]
OPENBF = (
    FirstBeat("aortic_arch_I", "11.775 13.334 13.958 12.632 12.617 12.325 11.618 10.732",
              "495.09 363.70 159.64 7.27 -10.13 11.86 12.19 17.55"),
    FirstBeat("common_carotid_R", "12.424 13.339 14.058 12.049 12.805 12.368 11.607 10.759",
              "23.747 13.344 9.032 -8.149 9.964 5.464 4.015 2.788"),
    FirstBeat("radial_R", "6.883 11.321 13.170 13.029 11.089 11.082 10.869 10.156",
              "1.874 4.247 2.882 1.966 1.140 1.910 1.645 1.317"),
    FirstBeat("abdominal_aorta_V", "8.412 14.431 13.830 14.661 12.418 11.855 11.309 10.695",
              "30.99 146.37 107.18 14.61 -50.83 -12.07 27.95 36.16"),
    FirstBeat("common_iliac_R", "8.255 14.537 13.886 15.170 12.487 11.631 11.129 10.714",
              "11.30 71.04 54.76 8.63 -22.39 -6.43 15.23 18.78"),
)  # fmt: skip
# Set after a first look at the differences (worst: 0.9 % in pressure, 5.8 % in flow), so a guard against change, not a
# claim of accuracy. Part of them is that openBF equates static pressures where three vessels meet.
FIRST_BEAT_BANDS = {"pressure": 0.012, "flow": 0.06}


def test_the_first_beat_of_adan56_without_taper_is_that_of_openbf_2(tmp_path: Path, figure) -> None:
    network = through_openbf(read_network(CASES / "boileau2015/adan56.yaml"), tmp_path, taper=False)
    numerics = Numerics(mesh=Mesh(cell_length=0.004), time_step=5e-4)
    keep = Keep(samples_per_beat=10_000, vessels=tuple(row.vessel for row in OPENBF))
    solution = simulate(network, duration=network.period, numerics=numerics, keep=keep)
    for row in OPENBF:
        for name, text, unit in (("pressure", row.pressure, 1e3), ("flow", row.flow, 1e-6)):
            wanted = np.array(text.split(), float) * unit
            scale = np.mean(wanted) if name == "pressure" else np.max(np.abs(wanted))
            difference = np.interp(INSTANTS, solution.time, solution.at(name, row.vessel)) - wanted
            error = float(np.sqrt(np.mean(difference**2)) / scale)
            figure(f"{name} of {row.vessel} in the first beat: rms against openBF 2", error, FIRST_BEAT_BANDS[name])
            assert error < FIRST_BEAT_BANDS[name]
