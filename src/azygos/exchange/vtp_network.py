"""Centrelines with radii, as VMTK writes them, as a network that still lacks what they do not tell.

VMTK's centrelines (Antiga et al. 2008) run from an inlet to each outlet. Split into branches by `vmtkbranchextractor`
they bear GroupIds, CenterlineIds, TractIds and Blanking: cells of one group are one branch, taken once; a blanked group
is the inside of a bifurcation, whose length along each way is given to the branch that follows. Without groups, lines
that share points are one until they part, and lines in a row are one: SimVascular writes a line for every two points.
The radius is MaximumInscribedSphereRadius; it narrows linearly along a vessel here, so a branch is cut into as many
vessels in a row as keep within `FIT` of it.

What a centreline does not tell is stood in for by a rigid wall and left open at the ends: `missing` says which.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from azygos.body.network import Network, Vessel
from azygos.body.wall import RigidWall
from azygos.errors import InputError, Problem, close_matches
from azygos.exchange.vtp import Lines, read_vtp

__all__ = ["LENGTH_UNITS", "RADIUS", "centreline_network", "missing"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Kind = TypeVar("Kind")

RADIUS = "MaximumInscribedSphereRadius"
SPLIT = ("GroupIds", "CenterlineIds", "TractIds", "Blanking")
LENGTH_UNITS = {"m": 1.0, "cm": 1e-2, "mm": 1e-3}
FIT = 0.1  # of the radius, by which a straight narrowing may miss it. assumed
SAME = 1e-6  # of the whole extent, within which two points are one
MOST_BRANCHES = 2000
MOST_PIECES = 20  # of one branch


@dataclass(frozen=True, slots=True)
class _Branch:
    """One way from node to node."""

    name: str
    start: int
    end: int
    along: Floats  # distance from the start [m]
    radius: Floats  # [m]


def centreline_network(path: str | Path, unit: str) -> Network:
    """The network along the centrelines of a `.vtp` file whose lengths are in `unit`: mm, cm or m.

    Raises InputError with all that is wrong with the file.
    """
    if unit not in LENGTH_UNITS:
        what = f"'{unit}' is no unit of length here" if unit else f"'{path}' does not say its unit of length"
        raise InputError(Problem(what, "--unit", "write --unit mm, or cm, or m"))
    lines, where = read_vtp(path), str(path)
    radius = lines.at_points.get(RADIUS)
    if radius is None:
        remedy = close_matches(RADIUS, lines.at_points) if lines.at_points else "make it with vmtkcenterlines"
        raise InputError(Problem(f"its points have no array '{RADIUS}'", where, remedy))
    bad = np.flatnonzero(~(np.isfinite(radius) & (radius > 0.0)))
    if bad.size:
        raise InputError(Problem(f"the radius at point {bad[0]} is {radius[bad[0]]:g}", where, "each must be above 0"))
    scale = LENGTH_UNITS[unit]
    if all(name in lines.of_lines for name in SPLIT):
        branches = _split(lines, radius, scale, where)
    else:
        branches = _shared(lines, radius, scale, where)
    vessels = tuple(vessel for branch in branches for vessel in _vessels(branch))
    return Network(name=Path(path).stem, vessels=vessels)


def missing(network: Network) -> list[str]:
    """What a network made of centrelines needs before it can be solved, a sentence each."""
    starts = Counter(vessel.start for vessel in network.vessels)
    ends = Counter(vessel.end for vessel in network.vessels)
    inlets = [node for node in starts if not ends[node]]
    outlets = [node for node in ends if not starts[node]]
    rigid = sum(isinstance(vessel.wall, RigidWall) for vessel in network.vessels)
    said = [
        f"inflows or pressures at {', '.join(inlets)}, where blood comes in",
        f"what lies beyond {', '.join(outlets)}: links and stores, or pressures",
        f"walls of {rigid} vessels, which are rigid until then",
        f"a period, which is {network.period:g} s until then",
    ]
    return [sentence for sentence, needed in zip(said, (inlets, outlets, rigid, True), strict=True) if needed]


# From lines to branches


def _nodes(points: Floats) -> Ints:
    """The number of the place at which each point lies: points within SAME of the extent are one."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    extent = float(np.ptp(points, axis=0).max())
    pairs = cKDTree(points).query_pairs(SAME * extent, output_type="ndarray") if extent else np.empty((0, 2), int)
    joined = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(points), len(points)))
    return np.asarray(connected_components(joined, directed=False)[1], dtype=np.int64)


def _measured(points: Floats, scale: float) -> Floats:
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)]) * scale


def _shared(lines: Lines, radius: Floats, scale: float, where: str) -> list[_Branch]:
    """Branches between the places at which the way begins, ends, meets or parts."""
    place = _nodes(lines.points)
    first = {int(number): index for index, number in reversed(list(enumerate(place)))}
    ways = [np.array([first[node] for node in way]) for way in _ways(lines, place, first, where)]
    _side_by_side(lines, ways, radius, where)
    parting = Counter(int(way[0]) for way in ways)
    branches: list[_Branch] = []
    for number, way in enumerate(ways, start=1):
        own = radius[way] * scale
        if parting[int(way[0])] > 1 and len(own) > 2:  # the sphere where lines part is that of the vessel before
            own[0] = own[1]
        start, end = int(place[way[0]]), int(place[way[-1]])
        branches.append(_Branch(f"vessel_{number}", start, end, _measured(lines.points[way], scale), own))
    return branches


def _ways(lines: Lines, place: Ints, first: Mapping[int, int], where: str) -> list[list[int]]:
    """The places along each branch, in the order of the file's points."""
    onward: dict[int, dict[int, None]] = {}
    for line in lines.lines:
        for here, after in pairwise(place[line].tolist()):
            if here != after:
                onward.setdefault(here, {})[after] = None
    before = Counter(after for some in onward.values() for after in some)
    corners = {node for node in (*onward, *before) if len(onward.get(node, ())) != 1 or before[node] != 1}
    ways: list[list[int]] = []
    for corner in sorted(corners, key=first.__getitem__):
        for after in onward.get(corner, ()):
            way = [corner, after]
            while way[-1] not in corners:
                way.append(next(iter(onward[way[-1]])))
            ways.append(way)
    if sum(len(way) - 1 for way in ways) < sum(map(len, onward.values())):
        raise InputError(Problem("a line closes in itself", where, "let each run from an inlet to an outlet"))
    return _few(ways, where)


def _few(branches: list[Kind], where: str) -> list[Kind]:
    if len(branches) > MOST_BRANCHES:
        raise InputError(
            Problem(f"{len(branches)} branches in it", where, "are its lines centrelines, from inlets to outlets?")
        )
    return branches


def _side_by_side(lines: Lines, ways: Sequence[Ints], radius: Floats, where: str) -> None:
    """Raises InputError where lines run on beside each other after they have parted: one vessel would be two."""
    by_start: dict[int, list[Ints]] = {}
    for way in ways:
        by_start.setdefault(int(way[0]), []).append(way)
    for start, some in by_start.items():
        for one, other in permutations(some, 2):
            far = _measured(lines.points[one], 1.0)
            beyond = one[int(np.searchsorted(far, 3.0 * radius[start])) :][:1]
            near = np.linalg.norm(lines.points[other] - lines.points[beyond], axis=1) if beyond.size else np.empty(0)
            if near.size and near.min() < 0.2 * radius[beyond[0]]:
                what = "lines run side by side in one vessel, so that it would be counted twice"
                raise InputError(Problem(what, where, "split them first: vmtkbranchextractor"))


def _split(lines: Lines, radius: Floats, scale: float, where: str) -> list[_Branch]:
    """Branches of lines that are split into groups, each with the way through the bifurcation before it."""
    group, centreline, tract, blank = (lines.of_lines[name].astype(np.int64) for name in SPLIT)
    ways: dict[int, list[int]] = {}
    for cell in np.lexsort((tract, centreline)).tolist():
        ways.setdefault(int(centreline[cell]), []).append(cell)
    branches: dict[int, _Branch] = {}
    parents: dict[int, int] = {}  # group -> the group before it; below 0 at an inlet
    for cells in ways.values():
        last, between = -1, np.empty(0, dtype=np.int64)
        for cell in cells:
            if blank[cell]:
                between = np.concatenate([between, lines.lines[cell]])
                continue
            number = int(group[cell])
            index = np.concatenate([between, lines.lines[cell]])
            if number not in branches:
                along = _measured(lines.points[index], scale)
                own = radius[index] * scale
                own[: len(between)] = own[min(len(between), len(own) - 1)]  # the sphere in a bifurcation is no vessel's
                before = parents.setdefault(number, last if last >= 0 else -1 - number)
                branches[number] = _Branch(f"vessel_{number}", before, number, along, own)
            elif last >= 0 and parents[number] != last:
                what = f"group {number} follows both group {parents[number]} and group {last}"
                raise InputError(Problem(what, where, "split the centrelines anew: vmtkbranchextractor"))
            last, between = number, np.empty(0, dtype=np.int64)
    if not branches:
        raise InputError(Problem("every line is blanked", where, "split the centrelines anew: vmtkbranchextractor"))
    return _few(list(branches.values()), where)


# From a branch to vessels


def _vessels(branch: _Branch) -> list[Vessel]:
    """A branch as vessels in a row, each with one narrowing."""
    cuts = _cuts(branch.along, branch.radius)
    found: list[Vessel] = []
    for number, (first, last) in enumerate(pairwise(cuts), start=1):
        own = f"{branch.name}_{number}"
        found.append(
            Vessel(
                name=own if len(cuts) > 2 else branch.name,
                start=_node(branch.start) if first == 0 else f"{branch.name}_at_{number - 1}",
                end=_node(branch.end) if last == cuts[-1] else f"{branch.name}_at_{number}",
                length=_rounded(branch.along[last] - branch.along[first]),
                radius=(_rounded(branch.radius[first]), _rounded(branch.radius[last])),
                wall=RigidWall(),
            )
        )
    return found


def _node(number: int) -> str:
    return f"node_{number}" if number >= 0 else f"inlet_{-1 - number}"


def _rounded(value: float) -> float:
    """To a tenth of a micrometre: no picture of a vessel tells more."""
    return round(float(value), 7)


def _cuts(along: Floats, radius: Floats) -> list[int]:
    """Where to cut so that straight lines between keep within FIT: always at the point farthest from its line."""
    cuts = [0, len(along) - 1]
    while len(cuts) <= MOST_PIECES:
        miss = np.abs(np.interp(along, along[cuts], radius[cuts]) - radius) / radius
        worst = int(np.argmax(miss))
        if miss[worst] <= FIT or worst in cuts:
            break
        cuts = sorted({*cuts, worst})
    return cuts
