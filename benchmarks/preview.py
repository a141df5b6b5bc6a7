"""How far the preview of `azygos serve` is from the full solve: `python benchmarks/preview.py`, results/preview.md.

The reference adult at ten postures between those that the preview is solved at; every vessel, in its middle, mean over
the beat. A flow's error is told in per cent of it, and of 1 mL/min where it is less.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import azygos
from azygos.engine.keep import Keep
from azygos.engine.solution import Solution
from azygos.engine.solve import simulate
from azygos.units import minute, mL, mmHg
from azygos.web.work import POSTURES, PREVIEW

BETWEEN = (2.5, 7.5, 11.5, 14.0, 16.5, 21.5, 30.0, 42.0, 60.0, 80.0)
Floats = NDArray[np.float64]


def means(solution: Solution) -> tuple[Floats, Floats]:
    """Pressure [mmHg] and flow [mL/min] in the middle of every vessel."""
    found = (solution.values[name][:, 2].mean(axis=-1) for name in ("pressure", "flow"))
    return tuple(value / unit for value, unit in zip(found, (mmHg, mL / minute), strict=True))


def main() -> None:
    body = azygos.Body.reference()
    kept = Keep(samples_per_beat=60)
    coarse = np.array([means(simulate(body.with_posture(d), numerics=PREVIEW, keep=kept)) for d in POSTURES])
    lines = ["# The preview against the full solve: `python benchmarks/preview.py`\n"]
    lines.append("| posture [degrees] | pressure, 95 % of vessels [mmHg] | most | flow, 90 % of vessels [%] | median |")
    lines.append("|---|---|---|---|---|")
    for degrees in BETWEEN:
        full = means(simulate(body.with_posture(degrees)))
        pressure, flow = (
            [np.interp(degrees, POSTURES, column) for column in coarse[:, i].T] - full[i] for i in range(2)
        )
        share = 100.0 * np.abs(flow) / np.maximum(np.abs(full[1]), 1.0)
        lines.append(
            f"| {degrees:g} | {np.quantile(np.abs(pressure), 0.95):.2f} | {np.abs(pressure).max():.2f} "
            f"| {np.quantile(share, 0.9):.2f} | {np.median(share):.2f} |"
        )
    text = "\n".join(lines) + "\n"
    (Path(__file__).parent / "results" / "preview.md").write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
