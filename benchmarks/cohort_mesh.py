"""How coarse a mesh a cohort may have: readings of 20 random persons with lesions against a fine mesh.

Each person has random height, age, factors and lesions. The truth is cells of 1 cm, steps of 1 ms and a tolerance of
1e-5. The band, written before the run: no reading may differ by more than 1 % of what is usual, which is

    flow       700 mL/min, what the brain takes in, or the vessel's own where that is larger
    pressure   10 mmHg, or the vessel's own where that is larger
    gradient   8 mmHg, over each lesion
    icp        10 mmHg
    area       the vessel's own

Two cells a vessel, whatever its length, with steps of 4 ms, pass here by a hair and did not in a first draw of others
(1.20 %, pressure in sss_anterior); three cells passed in both (0.91 % there) and are what `Numerics.cohort()` takes.

    python benchmarks/cohort_mesh.py       writes results/cohort_mesh.md; some three minutes
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from azygos.body.body import Body
from azygos.body.parameter import parameters
from azygos.engine.compile import Mesh
from azygos.engine.outcome import Outcome
from azygos.engine.solution import Solution
from azygos.engine.solve import Numerics, simulate
from azygos.rng import stream
from azygos.units import minute, mL, mmHg

HERE = Path(__file__).parent
PERSONS = 20
LESIONS = (
    "ijv_r: {:.0f} % area at 0.5, 20 mm",
    "ijv_l: {:.0f} % area at 0.85, 10 mm",
    "azygos: web {:.0f} % area at 0.9, 3 mm",
    "transverse_sinus_r: {:.0f} % area at 0.85, 15 mm",
)
TRUTH = Numerics(mesh=Mesh(cell_length=0.01), time_step=1e-3, tolerance=1e-5, most_beats=200)
LONG = 2.0  # [m], longer than any vessel: all have the least number of cells
TRIED = (
    (0.02, 2, 2.0, 1e-4), (0.04, 2, 4.0, 1e-4), (0.04, 2, 4.0, 1e-3), (0.08, 2, 4.0, 1e-3), (0.08, 1, 4.0, 1e-3),
    (0.04, 2, 8.0, 1e-3), (LONG, 2, 4.0, 1e-3), (LONG, 2, 3.2, 1e-3), (LONG, 3, 4.0, 1e-3), (LONG, 3, 4.0, 2e-3),
    (LONG, 3, 5.0, 1e-3), (LONG, 3, 3.2, 1e-3),
)  # fmt: skip
USUAL = {"flow": 700 * mL / minute, "pressure": 10 * mmHg, "gradient": 8 * mmHg, "icp": 10 * mmHg, "area": 0.0}

Readings = Mapping[tuple[str, str], float]


def person(number: int) -> Body:
    draw = stream(1, "mesh", number)
    factors = {
        name: float(np.clip(np.exp(known.spread * draw.standard_normal()), known.low, known.high))
        for name, known in parameters().items()
        if draw.uniform() < 0.4
    }
    body = Body.reference(
        sex=("male", "female")[number % 2],
        height=float(draw.uniform(1.55, 1.90)),
        age=float(draw.uniform(20, 75)),
        parameters=factors,
    )
    lesions = [text.format(draw.uniform(30, 92)) for text in LESIONS if draw.uniform() < 0.5]
    return body.with_lesion(*lesions) if lesions else body


def readings(body: Body, solution: Solution) -> Readings:
    """Of all veins and sinuses, of the arteries of the neck, over the lesions, and in the skull."""
    found = {}
    for vessel, kind in body.kinds.items():
        if kind != "artery" or vessel.startswith(("common_carotid", "internal_carotid", "vertebral")):
            site = body.site(vessel, 0.5)
            for quantity in ("flow", "pressure", "area"):
                found[quantity, vessel] = solution.mean(quantity, site.vessel, site.fraction)
    for lesion in body.lesions:
        above, below = (solution.mean("pressure", *site) for site in body.ends_of(lesion))
        found["gradient", lesion.vessel] = above - below
    found["icp", "skull"] = float(np.mean(solution.heads["skull"]))
    return found


def errors(seen: Readings, true: Readings) -> dict[str, tuple[float, str]]:
    """The largest error of each kind, relative to what is usual, and its vessel."""
    worst: dict[str, tuple[float, str]] = {}
    for (kind, where), value in true.items():
        scale = USUAL[kind] if kind == "gradient" else max(USUAL[kind], abs(value))
        worst[kind] = max(worst.get(kind, (0.0, "")), (abs(seen[kind, where] - value) / scale, where))
    return worst


def row(bodies: list[Body], truth: list[Readings], length: float, least: int, step: float, tolerance: float) -> str:
    numerics = Numerics(mesh=Mesh(cell_length=length, least_cells=least), time_step=1e-3 * step, tolerance=tolerance)
    beats, worst = [], []
    for body, true in zip(bodies, truth, strict=True):
        solution = simulate(body, numerics=numerics)
        beats.append(solution.solve.beats)
        worst.append(errors(readings(body, solution), true))
    cells = [sum(numerics.mesh.cells_of(body.network)) for body in bodies]
    largest = {kind: max(one[kind] for one in worst if kind in one) for kind in USUAL}
    shown = " | ".join(f"{100 * error:.2f} ({where})" for error, where in largest.values())
    cut = "any" if length == LONG else f"{100 * length:g}"
    passes = "yes" if all(error < 0.01 for error, _ in largest.values()) else "no"
    how = f"{cut} | {least} | {step:g} | {tolerance:g} | {np.mean(cells):.0f} | {np.mean(beats):.1f}"
    return f"| {how} | {shown} | {passes} |"


def main() -> None:
    bodies = [person(number) for number in range(PERSONS)]
    solutions = [simulate(body, numerics=TRUTH) for body in bodies]
    assert all(solution.outcome is Outcome.ok for solution in solutions)
    truth = [readings(body, solution) for body, solution in zip(bodies, solutions, strict=True)]
    rows = [
        "| cell at most [cm] | least cells | step [ms] | tolerance | cells | beats | "
        + " | ".join(f"{kind} [%]" for kind in USUAL)
        + " | < 1 % |",
        "|" + "---|" * (7 + len(USUAL)),
    ]
    for tried in TRIED:
        rows.append(row(bodies, truth, *tried))
        print(rows[-1], flush=True)
    assert __doc__
    text = f"# The mesh of a cohort\n\n{__doc__.strip()}\n\nLargest error of {PERSONS} persons, and its vessel.\n\n"
    (HERE / "results" / "cohort_mesh.md").write_text(text + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
