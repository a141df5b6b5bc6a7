"""Error against cost on ADAN56, the 56 largest arteries (Boileau et al. 2015), 77 segments.

Truth is our own run at h = 1 mm, dt = 0.1 ms; how far it is converged is seen from a run at 2 mm, 0.2 ms.
Every vessel has two cells at least, as by default.

Error of a vessel: rms over the last beat of the difference at its middle, divided by the largest magnitude
of the true waveform there. Error of a run: the median over the vessels, of pressure and of flow apart.
Cost: wall time of one beat of one patient on one core, best of several, 125 samples kept.

    python benchmarks/adan56.py        writes results/adan56.csv and results/adan56.svg; about three minutes
"""

import csv
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import azygos
from azygos.body.network import Network
from azygos.engine.compile import Mesh, compile_network
from azygos.engine.keep import Keep
from azygos.engine.patient import load
from azygos.engine.solve import Numerics

HERE = Path(__file__).parent
CASE = HERE.parent / "cases" / "boileau2015" / "adan56.yaml"

LENGTHS_CM = (5.0, 2.0, 1.0, 0.5, 0.2)
STEPS_MS = (4.0, 2.0, 1.0, 0.5, 0.25)
TRUTH, CHECK = (0.1, 0.1), (0.2, 0.2)  # cm, ms
SAMPLES = 125  # a beat; every time step above divides the 8 ms between them
REPEATS = 9
AIM_MS, AIM_PERCENT = 10.0, 1.0


@dataclass(frozen=True)
class Row:
    cell_cm: float
    step_ms: float
    cells: int
    ms_per_beat: float
    pressure_median_percent: float
    pressure_worst_percent: float
    flow_median_percent: float
    flow_worst_percent: float


def numerics(cell_cm: float, step_ms: float) -> Numerics:
    return Numerics(mesh=Mesh(cell_length=1e-2 * cell_cm), time_step=1e-3 * step_ms, tolerance=1e-6)


def waveforms(network: Network, how: Numerics) -> dict[str, NDArray[np.float64]]:
    """Pressure and flow in the middle of every vessel in the periodic state, (vessel, time)."""
    solution = azygos.simulate(network, numerics=how, keep=Keep(stations=(0.5,), samples_per_beat=SAMPLES))
    if solution.outcome.name != "ok":
        raise RuntimeError(solution.solve.sentence)
    return {name: solution.values[name][:, 0, :] for name in ("pressure", "flow")}


def errors(found: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Relative error of every vessel [%]."""
    rms = np.sqrt(np.mean((found - truth) ** 2, axis=1))
    return np.asarray(100.0 * rms / np.max(np.abs(truth), axis=1))


def cost(network: Network, how: Numerics) -> tuple[float, int]:
    """Milliseconds of a beat, and the number of cells."""
    compiled = compile_network(network, how.mesh)
    steps = round(network.period / how.time_step)
    patient = load(compiled, network.period / steps)
    walls = []
    for _ in range(2 + REPEATS):
        began = time.perf_counter()
        patient.advance(steps, every=steps // SAMPLES, periodic=True)
        walls.append(time.perf_counter() - began)
    return 1e3 * min(walls[2:]), sum(compiled.cells)


def measured(network: Network, truth: dict[str, NDArray[np.float64]], cell_cm: float, step_ms: float) -> Row:
    how = numerics(cell_cm, step_ms)
    found = waveforms(network, how)
    pressure, flow = (errors(found[name], truth[name]) for name in ("pressure", "flow"))
    ms, cells = cost(network, how)
    return Row(
        cell_cm=cell_cm,
        step_ms=step_ms,
        cells=cells,
        ms_per_beat=round(ms, 3),
        pressure_median_percent=round(float(np.median(pressure)), 5),
        pressure_worst_percent=round(float(np.max(pressure)), 4),
        flow_median_percent=round(float(np.median(flow)), 5),
        flow_worst_percent=round(float(np.max(flow)), 4),
    )


def show(row: Row) -> None:
    print(
        f"| {row.cell_cm:g} | {row.step_ms:g} | {row.cells} | {row.ms_per_beat:.2f} "
        f"| {row.pressure_median_percent:.3f} / {row.pressure_worst_percent:.2f} "
        f"| {row.flow_median_percent:.3f} / {row.flow_worst_percent:.2f} |",
        flush=True,
    )


def draw(rows: Sequence[Row], file: Path) -> None:
    """Error against cost, a line per mesh, from long time steps to short ones."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.lines import Line2D

    plt.rcParams.update({"svg.hashsalt": "azygos", "font.size": 9, "svg.fonttype": "none"})  # text stays text
    figure, axes = plt.subplots(1, 2, figsize=(9.0, 3.9), sharex=True, sharey=True, layout="constrained")
    colours = plt.get_cmap("viridis")(np.linspace(0.0, 0.85, len(LENGTHS_CM)))
    marks = dict(zip(STEPS_MS, "osD^v", strict=True))
    for axis, name in zip(axes, ("pressure", "flow"), strict=True):
        axis.fill_between([0.5, AIM_MS], 0.01, AIM_PERCENT, color="#e6f0e6", zorder=0, linewidth=0)
        axis.text(0.6, 0.012, "aim: 10 ms, 1 %", va="bottom", color="#3a6b3a")
        for colour, length in zip(colours, LENGTHS_CM, strict=True):
            line = [row for row in rows if row.cell_cm == length]
            x = [row.ms_per_beat for row in line]
            y = [getattr(row, f"{name}_median_percent") for row in line]
            axis.plot(x, y, color=colour, linewidth=1.2, label=f"{10 * length:g} mm")
            for row, a, b in zip(line, x, y, strict=True):
                axis.plot(a, b, marks[row.step_ms], color=colour, markersize=5)
        axis.set(xscale="log", yscale="log", xlabel="cost of a beat, one core [ms]", title=name)
        axis.grid(True, which="major", color="#dddddd", linewidth=0.6)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("error, median of 77 vessels [%]")
    axes[0].set(xlim=(0.5, 1e3), ylim=(0.01, 10.0))
    meshes = axes[0].legend(title="cells of", fontsize=8, loc="upper right")
    axes[0].add_artist(meshes)
    handles = [Line2D([], [], color="#555555", marker=marks[dt], linestyle="none", markersize=5) for dt in STEPS_MS]
    axes[1].legend(handles, [f"{dt:g} ms" for dt in STEPS_MS], title="steps of", fontsize=8, loc="upper right")
    figure.suptitle("ADAN56 against h = 1 mm, dt = 0.1 ms")
    figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None, dpi=150)


def main() -> None:
    network = azygos.read_network(CASE)
    began = time.perf_counter()
    truth = waveforms(network, numerics(*TRUTH))
    print(f"truth: {time.perf_counter() - began:.0f} s\n")
    print("| h [cm] | dt [ms] | cells | ms per beat | pressure, median / worst [%] | flow, median / worst [%] |")
    print("|---|---|---|---|---|---|")
    rows = [measured(network, truth, length, step) for length in LENGTHS_CM for step in STEPS_MS]
    for row in rows:
        show(row)
    print("\nHow far the truth is converged (2 mm, 0.2 ms against it):\n")
    check = measured(network, truth, *CHECK)
    show(check)
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    with (results / "adan56.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(asdict(check)), lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in (*rows, check))
    draw(rows, results / "adan56.svg")
    best = min((row for row in rows if row.ms_per_beat <= AIM_MS), key=lambda row: row.flow_median_percent)
    print(f"\nWithin {AIM_MS:g} ms a beat: {best.cell_cm:g} cm, {best.step_ms:g} ms:\n")
    show(best)


if __name__ == "__main__":
    main()
