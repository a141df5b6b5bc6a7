"""Centrelines in VTK's files: the same numbers in every form of the file, and the network along them."""

import base64
import struct
import zlib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from azygos.errors import InputError
from azygos.exchange.vtp import read_vtp
from azygos.exchange.vtp_network import RADIUS, centreline_network, missing
from fuzz.targets import TARGETS, vtp

TRUNK = [(0.0, 0.0, float(z)) for z in range(21)]
LEFT = [(-0.6 * s, 0.0, 20 + 0.8 * s) for s in range(1, 21)]
RIGHT = [(0.6 * s, 0.0, 20 + 0.8 * s) for s in range(1, 21)]


def text(
    lines: list[list[tuple[float, ...]]], radii: list[list[float]], cells: dict[str, list[int]] | None = None
) -> str:
    def array(name: str, values: list[float], kind: str = "Float64", components: int = 1) -> str:
        head = f'<DataArray type="{kind}" Name="{name}" NumberOfComponents="{components}" format="ascii">'
        return f"{head}{' '.join(str(value) for value in values)}</DataArray>"

    flat = [x for line in lines for point in line for x in point]
    ends = np.cumsum([len(line) for line in lines]).tolist()
    data = "".join(array(name, values, "Int64") for name, values in (cells or {}).items())
    return (
        '<VTKFile type="PolyData" version="1.0"><PolyData>'
        f'<Piece NumberOfPoints="{ends[-1]}" NumberOfLines="{len(lines)}">'
        f"<PointData>{array(RADIUS, [r for line in radii for r in line])}</PointData><CellData>{data}</CellData>"
        f"<Points>{array('Points', flat, components=3)}</Points><Lines>"
        f"{array('connectivity', list(range(ends[-1])), 'Int64')}{array('offsets', ends, 'Int64')}"
        "</Lines></Piece></PolyData></VTKFile>"
    )


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "lines.vtp"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def said(path: Path, unit: str = "mm") -> str:
    with pytest.raises(InputError) as caught:
        centreline_network(path, unit)
    return str(caught.value)


def test_ascii_base64_and_compressed_raw_data_are_the_same_lines(tmp_path: Path) -> None:
    found = [read_vtp(write(tmp_path, vtp(form))) for form in ("ascii", "binary", "appended")]
    for other in found[1:]:
        assert np.array_equal(other.points, found[0].points)
        assert np.array_equal(other.at_points[RADIUS], found[0].at_points[RADIUS])
        assert all(np.array_equal(a, b) for a, b in zip(other.lines, found[0].lines, strict=True))
    assert [len(line) for line in found[0].lines] == [8, 8]


def test_compressed_base64_has_a_header_of_its_own_and_either_order_of_bytes(tmp_path: Path) -> None:
    values = struct.pack(">11d", *np.linspace(2.0, 1.0, 11))
    blocks = [zlib.compress(values[:64]), zlib.compress(values[64:])]
    header = struct.pack(">5I", 2, 64, 24, *map(len, blocks))
    packed = (base64.b64encode(header) + base64.b64encode(b"".join(blocks))).decode()
    content = vtp("ascii").decode().replace("LittleEndian", "BigEndian").replace("UInt64", "UInt32")
    head = content.index('format="ascii">2.0')
    tail = content.index("</DataArray>", head)
    content = f'{content[:head]}format="binary">{packed}{content[tail:]}'
    content = content.replace("<VTKFile ", '<VTKFile compressor="vtkZLibDataCompressor" ')
    assert read_vtp(write(tmp_path, content)).at_points[RADIUS] == pytest.approx(np.linspace(2.0, 1.0, 11))


def test_lines_that_part_become_vessels_with_their_lengths_and_narrowings(tmp_path: Path) -> None:
    lines = [TRUNK + LEFT, TRUNK + RIGHT]
    narrow = [2.0 - 1.2 * np.exp(-(((s - 10) / 3) ** 2)) for s in range(1, 21)]
    radii = [[4.0 - 0.05 * z for z in range(21)] + [2.0] * 20, [4.0 - 0.05 * z for z in range(21)] + narrow]
    network = centreline_network(write(tmp_path, text(lines, radii)), "mm")
    trunk, left, *right = network.vessels
    assert (trunk.length, trunk.radius) == (pytest.approx(0.020), (pytest.approx(4e-3), pytest.approx(3e-3)))
    assert (left.length, left.radius) == (pytest.approx(0.020), (pytest.approx(2e-3), pytest.approx(2e-3)))
    assert sum(vessel.length for vessel in right) == pytest.approx(0.020)
    assert min(min(vessel.radius) for vessel in right) == pytest.approx(0.8e-3)  # of the narrowing's middle
    assert left.start == right[0].start == trunk.end
    assert [vessel.end for vessel in right[:-1]] == [vessel.start for vessel in right[1:]]


def test_groups_are_branches_and_a_bifurcations_inside_belongs_to_what_follows(tmp_path: Path) -> None:
    ways = [[TRUNK[:16], TRUNK[15:] + branch[:5], branch[4:]] for branch in (LEFT, RIGHT)]
    cells = {
        "GroupIds": [0, 1, 2, 0, 1, 3],
        "CenterlineIds": [0, 0, 0, 1, 1, 1],
        "TractIds": [0, 1, 2, 0, 1, 2],
        "Blanking": [0, 1, 0, 0, 1, 0],
    }
    lines = [line for way in ways for line in way]
    radii = [
        [3.0 if group == 0 else 5.0 if group == 1 else 2.0] * len(line)
        for group, line in zip(cells["GroupIds"], lines, strict=True)
    ]
    network = centreline_network(write(tmp_path, text(lines, radii, cells)), "mm")
    assert [(vessel.name, vessel.start, vessel.end) for vessel in network.vessels] == [
        ("vessel_0", "inlet_0", "node_0"),
        ("vessel_2", "node_0", "node_2"),
        ("vessel_3", "node_0", "node_3"),
    ]
    assert [vessel.length for vessel in network.vessels] == pytest.approx([0.015, 0.025, 0.025])
    assert [vessel.radius[0] for vessel in network.vessels] == pytest.approx([3e-3, 2e-3, 2e-3])


def test_lines_of_two_points_as_simvascular_writes_them_are_joined_to_branches(tmp_path: Path) -> None:
    whole, cut = [TRUNK + LEFT, TRUNK + RIGHT], []
    for line in (TRUNK, [TRUNK[-1], *LEFT], [TRUNK[-1], *RIGHT]):
        cut += [[here, after] for here, after in pairwise(line)]
    first = centreline_network(write(tmp_path, text(whole, [[2.0] * 41] * 2)), "mm")
    second = centreline_network(write(tmp_path, text(cut, [[2.0] * 2] * len(cut))), "mm")
    assert [(v.name, v.length, v.radius) for v in second.vessels] == [
        (v.name, v.length, v.radius) for v in first.vessels
    ]
    assert {v.start for v in second.vessels[1:]} == {second.vessels[0].end}


def test_thousands_of_such_lines_are_a_tree_and_not_too_many(tmp_path: Path) -> None:
    line = [(0.0, 0.0, float(z)) for z in range(3000)]
    network = centreline_network(write(tmp_path, text([[*pair] for pair in pairwise(line)], [[2.0] * 2] * 2999)), "mm")
    assert [vessel.length for vessel in network.vessels] == [pytest.approx(2.999)]


def test_a_line_that_closes_in_itself_has_no_inlet(tmp_path: Path) -> None:
    ring = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (-1.0, 0.0, 0.0), (1.0, 0.0, 0.0)]
    assert "closes in itself" in said(write(tmp_path, text([TRUNK, ring], [[2.0] * 21, [2.0] * 4])))


def test_what_centrelines_do_not_tell_is_listed(tmp_path: Path) -> None:
    network = centreline_network(write(tmp_path, vtp("ascii")), "cm")
    inflow, beyond, walls, period = missing(network)
    assert "node_0" in inflow and "node_7, node_10" in beyond and str(len(network.vessels)) in walls and "1 s" in period


def test_lines_beside_each_other_in_one_vessel_are_not_counted_twice(tmp_path: Path) -> None:
    other = [TRUNK[0], *[(0.01, 0.0, z) for _, _, z in TRUNK[1:]]]
    path = write(tmp_path, text([TRUNK + LEFT, other + RIGHT], [[2.0] * 41, [2.0] * 41]))
    assert "run side by side" in said(path) and "vmtkbranchextractor" in said(path)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('type="PolyData"', 'type="UnstructuredGrid"', "no PolyData in it, but UnstructuredGrid"),
        (RADIUS, "Radius", f"no array '{RADIUS}'"),
        ('Name="offsets"', 'Name="ofsets"', "Lines have no array 'offsets'; did you mean 'ofsets'"),
        ("8 16", "8 17", "lines of fewer than two points"),
        ("2.0 1.9", "2.0 -1.9", "the radius at point 1 is -1.9"),
        ("0 1 2 3", "0 1 2 99", "names a point that is not one of the 11"),
        ("<VTKFile", "<!DOCTYPE x><VTKFile", "defines entities of its own"),
        ("</VTKFile>", "", "not valid XML"),
        ('version="1.0"', 'compressor="vtkLZ4DataCompressor"', "is compressed by vtkLZ4DataCompressor"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, old: str, new: str, what: str) -> None:
    assert what in said(write(tmp_path, vtp("ascii").decode().replace(old, new, 1)))


def test_a_length_needs_its_unit(tmp_path: Path) -> None:
    path = write(tmp_path, vtp("ascii"))
    assert "does not say its unit of length" in said(path, "")


def test_a_small_file_cannot_claim_to_be_huge(tmp_path: Path) -> None:
    """A compressed block that unpacks to more than it says, and one that says it is a terabyte."""
    zeros = zlib.compress(b"\0" * 50_000_000)
    for size in (88, 1 << 40):
        data = struct.pack("<4Q", 1, size, 0, len(zeros)) + zeros
        content = vtp("appended")
        start = content.index(b"_", content.index(b"<AppendedData")) + 1
        path = write(tmp_path, content[:start] + data + content[start:])
        assert "cannot be read" in said(path)


def test_the_files_of_the_fuzzer_are_networks(tmp_path: Path) -> None:
    assert all(len(centreline_network(write(tmp_path, seed), "mm").vessels) >= 3 for seed in TARGETS["vtp"].seeds)
