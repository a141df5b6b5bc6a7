"""A solution as a table of numbers, CSV: one row for a time and a place, SI with the units in the headings.

A place is a vessel at a station (pressure, flow, area, velocity), a node (total head), a link (flow) or a store
(volume); what a place does not have is empty. NetCDF and zarr hold the same as labelled arrays (`Solution.dataset`).
"""

import csv
import io
from collections.abc import Iterable, Iterator

from azygos.engine.solution import Solution

__all__ = ["HEADINGS", "as_csv"]

VARIABLES = ("pressure", "flow", "area", "velocity")
HEADINGS = (
    "kind", "name", "station", "time [s]", "pressure [Pa]", "flow [m3/s]", "area [m2]", "velocity [m/s]",
    "total head [Pa]", "volume [m3]",
)  # fmt: skip


def as_csv(solution: Solution) -> str:
    """The table, its numbers exact to the last bit."""
    text = io.StringIO()
    text.write("# Simulated by azygos, for research and teaching, not for care.\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADINGS)
    writer.writerows(_rows(solution))
    return text.getvalue()


def _rows(solution: Solution) -> Iterator[tuple[object, ...]]:
    times = solution.time.tolist()
    for number, vessel in enumerate(solution.vessels):
        for place, station in enumerate(solution.keep.stations):
            columns: Iterable[list[float]] = [solution.values[name][number, place].tolist() for name in VARIABLES]
            for time, *values in zip(times, *columns, strict=True):
                yield "vessel", vessel, station, time, *values, "", ""
    for node, heads in solution.heads.items():
        yield from (("node", node, "", t, "", "", "", "", h, "") for t, h in zip(times, heads.tolist(), strict=True))
    for link, flows in solution.link_flows.items():
        yield from (("link", link, "", t, "", q, "", "", "", "") for t, q in zip(times, flows.tolist(), strict=True))
    for store, held in solution.volumes.items():
        yield from (("store", store, "", t, "", "", "", "", "", v) for t, v in zip(times, held.tolist(), strict=True))
