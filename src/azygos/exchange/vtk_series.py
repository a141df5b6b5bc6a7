"""A solution as a series of VTK files, one for each time, for ParaView and its like: `.pvd` and a folder of `.vtp`.

Every vessel is a line through the stations kept of it, drawn where `Body.drawing` has its nodes (x to the patient's
left, y up, in metres, seen from in front). At its points stand pressure, flow, velocity, area and radius, each with
its unit in its name; of its line its name and its kind. In ParaView: open the .pvd, add a Tube filter with
"radius [m]" as its scalars by absolute value, and colour it.
"""

import base64
from collections.abc import Mapping
from math import pi
from typing import TypeAlias
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray

from azygos.engine.solution import Solution
from azygos.errors import InputError, Problem
from azygos.units import cm, minute, mL, mm, mmHg

__all__ = ["KINDS", "series"]

Array: TypeAlias = NDArray[np.float64] | NDArray[np.int64]

KINDS = {"artery": 0, "vein": 1, "sinus": 2}  # any other is -1
QUANTITIES = {  # in the units in which they are read
    "pressure": ("pressure [mmHg]", mmHg),
    "flow": ("flow [mL/min]", mL / minute),
    "velocity": ("velocity [cm/s]", cm),
    "area": ("area [mm2]", mm**2),
}
SIMULATED = "azygos; simulated, for research and teaching, not for care"


def series(
    solution: Solution, drawing: Mapping[str, tuple[float, float]], kinds: Mapping[str, str], name: str
) -> dict[str, bytes]:
    """The files of a solution: `<name>.pvd` and, named by it, `<name>/<name>_0000.vtp` and so on.

    `drawing` says where nodes lie [m]; `kinds` which vessels are an artery, a vein or a sinus. Raises InputError
    where it is not known where a node lies, or where fewer than two stations were kept.
    """
    vessels = [solution.network.vessel(vessel) for vessel in solution.vessels]
    unknown = [node for vessel in vessels for node in (vessel.start, vessel.end) if node not in drawing]
    if unknown:
        what = f"it is not known where node '{unknown[0]}' lies"
        raise InputError(Problem(what, f"network '{solution.network.name}'", "only a body has places for its nodes"))
    stations = np.array(solution.keep.stations)
    if len(stations) < 2:
        raise InputError(Problem("one station makes no line", "stations", "keep two or more"))
    ends = np.array([(*drawing[vessel.start], *drawing[vessel.end]) for vessel in vessels]).reshape(-1, 2, 1, 2)
    flat = ends[:, 0] + (ends[:, 1] - ends[:, 0]) * stations[:, None]
    points = np.concatenate([flat, np.zeros((*flat.shape[:2], 1))], axis=-1)
    lines = _lines([vessel.name for vessel in vessels], kinds, len(stations))
    names = [f"{name}/{name}_{step:04d}.vtp" for step in range(len(solution.time))]
    files = {file: _file(points, _values(solution, step), lines) for step, file in enumerate(names)}
    rows = "\n".join(
        f'    <DataSet timestep="{float(time)!r}" group="" part="0" file={quoteattr(file)}/>'
        for time, file in zip(solution.time, names, strict=True)
    )
    head = f'<?xml version="1.0"?>\n<!-- {SIMULATED}; times in seconds -->\n'
    body = f'<VTKFile type="Collection" version="1.0">\n  <Collection>\n{rows}\n  </Collection>\n</VTKFile>\n'
    return {**files, f"{name}.pvd": (head + body).encode()}


def _values(solution: Solution, step: int) -> dict[str, NDArray[np.float64]]:
    """Name with unit -> a number at every point, at one time."""
    found = {title: solution.values[key][..., step] / unit for key, (title, unit) in QUANTITIES.items()}
    return {**found, "radius [m]": np.sqrt(solution.values["area"][..., step] / pi)}


def _lines(names: list[str], kinds: Mapping[str, str], stations: int) -> str:
    """The lines and what is said of each: the same at all times."""
    kind = np.array([KINDS.get(kinds.get(name.partition(".")[0], ""), -1) for name in names])
    letters = " ".join(" ".join(str(byte) for byte in (*name.encode(), 0)) for name in names)
    offsets = np.arange(1, len(names) + 1) * stations
    return (
        "      <CellData>\n"
        f"{_array('kind', kind)}"
        f'        <DataArray type="String" Name="vessel" NumberOfTuples="{len(names)}" format="ascii">{letters}'
        "</DataArray>\n      </CellData>\n"
        "      <Lines>\n"
        f"{_array('connectivity', np.arange(len(names) * stations))}{_array('offsets', offsets)}"
        "      </Lines>\n"
    )


def _file(points: NDArray[np.float64], values: Mapping[str, NDArray[np.float64]], lines: str) -> bytes:
    arrays = "".join(_array(name, value) for name, value in values.items())
    return (
        f'<?xml version="1.0"?>\n<!-- {SIMULATED} -->\n'
        '<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" header_type="UInt64">\n  <PolyData>\n'
        f'    <Piece NumberOfPoints="{points.size // 3}" NumberOfVerts="0" NumberOfLines="{len(points)}" '
        'NumberOfStrips="0" NumberOfPolys="0">\n'
        f'      <PointData Scalars="pressure [mmHg]">\n{arrays}      </PointData>\n{lines}'
        f"      <Points>\n{_array('Points', points, components=3)}      </Points>\n"
        "    </Piece>\n  </PolyData>\n</VTKFile>\n"
    ).encode()


def _array(name: str, values: Array, components: int = 1) -> str:
    """One array in base64, after the number of its bytes."""
    whole = np.issubdtype(values.dtype, np.integer)
    data = values.astype("<i8" if whole else "<f8").tobytes()
    text = base64.b64encode(np.array([len(data)], dtype="<u8").tobytes() + data).decode()
    kind = "Int64" if whole else "Float64"
    parts = f' NumberOfComponents="{components}"' if components > 1 else ""
    return f'        <DataArray type="{kind}" Name="{name}"{parts} format="binary">{text}</DataArray>\n'
