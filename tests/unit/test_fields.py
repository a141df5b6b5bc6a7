"""A solution in files: as a table, as labelled arrays, as a series of VTK files; read back it is the same numbers."""

import csv
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import xarray

from azygos.body.body import Body
from azygos.cli.files import write_directory, write_result, write_series
from azygos.engine.keep import Keep
from azygos.engine.solution import Solution
from azygos.engine.solve import simulate
from azygos.errors import InputError
from azygos.exchange.fields import HEADINGS, as_csv
from azygos.exchange.vtk_series import series
from azygos.exchange.vtp import read_vtp
from azygos.units import mmHg
from networks import closed_loop

UNITS = {"pressure": "Pa", "flow": "m3 s-1", "area": "m2", "velocity": "m s-1", "total_head": "Pa",
         "link_flow": "m3 s-1", "store_volume": "m3", "station": "1", "time": "s"}  # fmt: skip


@pytest.fixture(scope="module")
def solution() -> Solution:
    return simulate(closed_loop(), duration=0.3, keep=Keep(stations=(0.0, 0.5, 1.0), samples_per_beat=20))


@pytest.mark.parametrize("suffix", [".nc", ".zarr"])
def test_labelled_arrays_come_back_with_their_units(solution: Solution, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"beat{suffix}"
    write_result(solution, path, "[]")
    read = (
        xarray.open_dataset(path, engine="h5netcdf") if suffix == ".nc" else xarray.open_zarr(path, consolidated=True)
    )
    with read:
        xarray.testing.assert_equal(read.load(), solution.dataset)
        assert {name: read[name].attrs["units"] for name in UNITS} == UNITS
        assert "not for care" in read.attrs["source"]


def test_a_table_has_every_number_to_the_last_bit(solution: Solution) -> None:
    first, *lines = as_csv(solution).splitlines()
    assert first.startswith("# Simulated")
    rows = list(csv.DictReader(lines))
    assert tuple(rows[0]) == HEADINGS
    arm = [float(r["pressure [Pa]"]) for r in rows if (r["kind"], r["name"], r["station"]) == ("vessel", "arm", "0.5")]
    assert np.array_equal(arm, solution.at("pressure", "arm"))
    for kind, heading, values in (
        ("node", "total head [Pa]", solution.heads),
        ("link", "flow [m3/s]", solution.link_flows),
        ("store", "volume [m3]", solution.volumes),
    ):
        for name, expected in values.items():
            read = [float(row[heading]) for row in rows if (row["kind"], row["name"]) == (kind, name)]
            assert np.array_equal(read, expected)


def test_a_series_for_paraview_has_a_file_for_each_time_with_places_and_units(
    solution: Solution, tmp_path: Path
) -> None:
    nodes = {node: (0.01 * number, 0.1) for number, node in enumerate(solution.network.nodes)}
    write_directory(tmp_path, series(solution, nodes, {"arm": "artery"}, "beat"))
    collection = ET.parse(tmp_path / "beat.pvd").getroot()
    sets = collection.findall("Collection/DataSet")
    assert [float(item.get("timestep", "")) for item in sets] == pytest.approx(solution.time, rel=1e-5)
    third = read_vtp(tmp_path / str(sets[3].get("file")))
    assert len(third.lines) == len(solution.vessels)
    assert np.array_equal(third.at_points["pressure [mmHg]"], (solution.values["pressure"][..., 3] / mmHg).ravel())
    assert third.at_points["radius [m]"] == pytest.approx(np.sqrt(solution.values["area"][..., 3].ravel() / np.pi))
    arm = solution.vessels.index("arm")
    start, end = (nodes[getattr(solution.network.vessel("arm"), side)] for side in ("start", "end"))
    assert third.points[third.lines[arm][0]] == pytest.approx([*start, 0.0])
    assert third.points[third.lines[arm][1]] == pytest.approx([*((np.array(start) + end) / 2), 0.0])
    assert third.of_lines["kind"][arm] == 0


def test_a_body_is_drawn_where_it_lies(tmp_path: Path) -> None:
    body = Body.reference().with_lesion("ijv_r: 80 % area at 0.5, 20 mm")
    solution = simulate(body, duration=0.02, keep=Keep(stations=(0.0, 1.0)))
    write_series(solution, body, tmp_path / "body.pvd")
    lines = read_vtp(tmp_path / "body" / "body_0000.vtp")
    lesion = lines.lines[solution.vessels.index("ijv_r.lesion")]
    assert [tuple(lines.points[point][:2]) for point in lesion] == [
        pytest.approx(body.drawing[node]) for node in _ends(body, "ijv_r.lesion")
    ]


def _ends(body: Body, vessel: str) -> tuple[str, str]:
    found = body.network.vessel(vessel)
    return found.start, found.end


def test_a_network_whose_nodes_lie_nowhere_has_no_series(solution: Solution) -> None:
    with pytest.raises(InputError, match="not known where node"):
        series(solution, {}, {}, "beat")
