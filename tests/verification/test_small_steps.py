"""A short time step must not wake what a long one damps."""

from pathlib import Path

import numpy as np

from azygos.engine.compile import Mesh
from azygos.engine.outcome import Outcome
from azygos.engine.solve import Numerics, simulate
from azygos.exchange.native import read_network

CASE = Path(__file__).parents[2] / "cases" / "boileau2015" / "adan56.yaml"
LIMIT = 0.01  # of the root mean square; the median of the largest differences, first asked for, is 1.06 %


def test_adan56_is_the_same_at_a_thirtieth_of_the_time_step(figure):
    network = read_network(CASE)
    usual, short = (
        simulate(network, numerics=Numerics(mesh=Mesh(cell_length=0.01), time_step=dt)) for dt in (2e-3, 6.25e-5)
    )
    assert short.outcome is Outcome.ok
    for variable in ("pressure", "flow"):
        long, brief = usual.values[variable], short.values[variable]
        scale = np.max(np.abs(brief), axis=(1, 2))
        error = float(np.median(np.sqrt(np.mean((long - brief) ** 2, axis=(1, 2))) / scale))
        figure(f"ADAN56 at 2 ms and at 0.0625 ms: median waveform difference of {variable}", error, LIMIT)
        assert error < LIMIT
