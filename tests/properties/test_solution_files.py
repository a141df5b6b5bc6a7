"""Any solution comes back from its file with every number to the last bit, whatever its parts are called."""

import csv
import xml.etree.ElementTree as ET
from pathlib import Path

import hypothesis.strategies as some
import numpy as np
import xarray
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays

from azygos.body.network import Network, Vessel
from azygos.body.wall import RigidWall
from azygos.cli.files import write_directory, write_result
from azygos.engine.keep import Keep
from azygos.engine.outcome import Outcome
from azygos.engine.solution import Course, Solution, Solve
from azygos.exchange.fields import as_csv
from azygos.exchange.vtk_series import QUANTITIES, series
from azygos.exchange.vtp import read_vtp

names = some.text(some.characters(exclude_categories=["C"]), min_size=1, max_size=12).filter(lambda name: name.strip())
SOLVE = Solve(
    outcome=next(iter(Outcome)), beats=1, residual=0.0, worst_vessel="", volume_error=0.0, largest_froude=0.0,
    froude_vessel="", repeated_steps=0, wall_s=0.0,
)  # fmt: skip


@some.composite
def solutions(draw) -> Solution:
    called = draw(some.lists(names, min_size=1, max_size=4, unique=True))
    stations = draw(some.sampled_from([(0.0, 1.0), (0.0, 0.5, 1.0), (0.1, 1.0 / 3.0, 0.9)]))
    times = draw(some.integers(1, 5))

    def numbers(*shape: int):
        return draw(arrays(np.float64, shape, elements=some.floats(-1e250, 1e250) | some.just(np.nan)))

    def rows(*kinds: str) -> dict[str, np.ndarray]:
        return {name: numbers(times) for name in draw(some.lists(names, max_size=3, unique=True))}

    ends = [(f"{place}", f"{place + 1}") for place in range(len(called))]
    vessels = tuple(
        Vessel(name=name, start=start, end=end, length=0.1, radius=(5e-3, 5e-3), wall=RigidWall())
        for name, (start, end) in zip(called, ends, strict=True)
    )
    values = {name: numbers(len(called), len(stations), times) for name in QUANTITIES}
    values["area"] = np.abs(values["area"])
    return Solution(
        network=Network(name=draw(names), period=1.0, vessels=vessels),
        solve=SOLVE,
        keep=Keep(stations=stations),
        time=np.cumsum(draw(arrays(np.float64, times, elements=some.floats(1e-6, 1.0)))),
        course=Course(values=values, volumes=rows(), heads=rows(), link_flows=rows()),
    )


def same(one: object, other: object) -> bool:
    return np.array_equal(np.asarray(one, dtype=float), np.asarray(other, dtype=float), equal_nan=True)


@settings(max_examples=25, deadline=None)
@given(solution=solutions(), suffix=some.sampled_from([".nc", ".zarr"]))
def test_labelled_arrays_come_back_whatever_their_names(tmp_path_factory, solution: Solution, suffix: str) -> None:
    path = tmp_path_factory.mktemp("out") / f"one{suffix}"
    write_result(solution, path, "[]")
    engine = "h5netcdf" if suffix == ".nc" else "zarr"
    with xarray.open_dataset(path, engine=engine, decode_times=False) as read:
        xarray.testing.assert_identical(read.load(), solution.dataset.assign_attrs(sources="[]"))


@settings(max_examples=40, deadline=None)
@given(solution=solutions())
def test_a_table_gives_back_every_number_of_every_place(solution: Solution) -> None:
    rows = list(csv.DictReader(as_csv(solution).splitlines(keepends=True)[1:]))
    read: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for row in rows:
        read.setdefault((row["kind"], row["name"], row["station"]), []).append(row)
    headings = {"pressure": "pressure [Pa]", "flow": "flow [m3/s]", "area": "area [m2]", "velocity": "velocity [m/s]"}
    for number, vessel in enumerate(solution.vessels):
        for place, station in enumerate(solution.keep.stations):
            held = read["vessel", vessel, str(station)]
            assert same([row["time [s]"] for row in held], solution.time)
            for name, heading in headings.items():
                assert same([row[heading] for row in held], solution.values[name][number, place])
    lumped = {
        "node": ("total head [Pa]", solution.heads), "link": ("flow [m3/s]", solution.link_flows),
        "store": ("volume [m3]", solution.volumes),
    }  # fmt: skip
    for kind, (heading, held) in lumped.items():
        assert all(same([row[heading] for row in read[kind, name, ""]], held[name]) for name in held)


@settings(max_examples=25, deadline=None)
@given(solution=solutions())
def test_a_series_for_paraview_gives_back_every_number_at_every_time(tmp_path_factory, solution: Solution) -> None:
    folder: Path = tmp_path_factory.mktemp("series")
    nodes = {node: (0.1 * number, 0.2) for number, node in enumerate(solution.network.nodes)}
    write_directory(folder, series(solution, nodes, {}, "beat"))
    sets = ET.parse(folder / "beat.pvd").getroot().findall("Collection/DataSet")
    assert same([item.get("timestep") for item in sets], solution.time)
    for step, item in enumerate(sets):
        read = read_vtp(folder / str(item.get("file")))
        for name, (title, unit) in QUANTITIES.items():
            assert same(read.at_points[title], (solution.values[name][..., step] / unit).ravel())
