"""Cost against size: the 77 segments of ADAN56 cut into 500 to 50 000 cells, the same number of steps.

Wall time of `advance` on one core, best of several, for one patient and for eight side by side. The
exponent is the slope of log time over log cells between the ends of the range, and by least squares.

    python benchmarks/scaling.py       writes results/scaling.csv; about a minute
"""

import csv
import time
from pathlib import Path

import numpy as np

import azygos
from azygos.body.network import Network
from azygos.engine.compile import Mesh, compile_network
from azygos.engine.kernel import LANES
from azygos.engine.patient import load, load_batch

HERE = Path(__file__).parent
CASE = HERE.parent / "cases" / "boileau2015" / "adan56.yaml"

SIZES = (500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
STEPS, TIME_STEP = 100, 1e-3
LEAST_WORK = 40_000  # cells advanced per repeat, so that small networks are timed over more steps
REPEATS = 15


def cut(network: Network, cells: int) -> Mesh:
    """The mesh with about so many cells."""
    total = sum(vessel.length for vessel in network.vessels)
    finest, coarsest = 0.1 * total / cells, 10.0 * total / cells
    for _ in range(60):
        length = (finest * coarsest) ** 0.5
        mesh = Mesh(cell_length=length, least_cells=1)
        if sum(mesh.cells(vessel) for vessel in network.vessels) > cells:
            finest = length
        else:
            coarsest = length
    return Mesh(cell_length=coarsest, least_cells=1)


def seconds(network: Network, mesh: Mesh, width: int) -> tuple[int, float]:
    """Cells, and wall time of STEPS steps of a patient."""
    compiled = compile_network(network, mesh)
    patients = load(compiled, TIME_STEP) if width == 1 else load_batch([compiled] * width, [TIME_STEP] * width)
    cells = sum(compiled.cells)
    rounds = max(1, LEAST_WORK // cells)
    walls = []
    for _ in range(2 + REPEATS):
        began = time.perf_counter()
        for _ in range(rounds):
            patients.advance(STEPS, every=STEPS, periodic=True)
        walls.append((time.perf_counter() - began) / rounds / width)
    return cells, min(walls[2:])


def main() -> None:
    network = azygos.read_network(CASE)
    rows = []
    print("| cells | one lane [ns per cell-step] | eight lanes |\n|---|---|---|")
    for size in SIZES:
        mesh = cut(network, size)
        cells, one = seconds(network, mesh, 1)
        _, eight = seconds(network, mesh, LANES)
        rows.append((cells, one, eight))
        scale = 1e9 / STEPS / cells
        print(f"| {cells} | {one * scale:.2f} | {eight * scale:.2f} |", flush=True)
    table = np.log(np.array(rows))
    for column, name in ((1, "one lane"), (2, "eight lanes")):
        ends = (table[-1, column] - table[0, column]) / (table[-1, 0] - table[0, 0])
        fit = np.polyfit(table[:, 0], table[:, column], 1)[0]
        print(f"exponent, {name}: {ends:.3f} between the ends, {fit:.3f} by least squares")
    (HERE / "results").mkdir(exist_ok=True)
    with (HERE / "results" / "scaling.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("cells", "one_lane_s", "eight_lanes_s"))
        writer.writerows((cells, f"{one:.5g}", f"{eight:.5g}") for cells, one, eight in rows)


if __name__ == "__main__":
    main()
