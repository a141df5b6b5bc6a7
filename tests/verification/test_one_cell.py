"""With one cell a vessel the engine is a system of ordinary differential equations, which SciPy solves too."""

import numpy as np
import pytest
from networks import closed_loop
from oracles import lumped

from azygos.engine.compile import compile_network, in_order
from azygos.engine.patient import load

LIMIT = 1e-6


def engine(network, steps, samples):
    compiled = compile_network(network, cells=[1] * len(network.vessels))
    patient = load(compiled, network.period / steps)
    record = patient.advance(steps, every=steps // samples).record
    first = np.array(compiled.first)
    return {
        "area": record.area[:, first, 0].T.copy(),
        "flow_start": record.flow[:, first, 0].T.copy(),
        "flow_end": record.flow[:, first + 1, 0].T.copy(),
        "link_flow": record.link_flow[:, :, 0].T.copy(),
        "store_volume": record.volume[:, :, 0].T.copy(),
    }


def test_a_closed_loop_of_single_cells_equals_the_lumped_system(figure):
    network = closed_loop(skull=False)
    samples = 20
    coarse, fine, finest = (engine(network, n, samples) for n in (20_000, 40_000, 80_000))
    exact = lumped.solve(network, np.arange(1, samples + 1) * network.period / samples, rtol=1e-11)
    names = {
        "area": [v.name for v in network.vessels],
        "flow_start": [v.name for v in network.vessels],
        "flow_end": [v.name for v in network.vessels],
        "link_flow": [link.name for link in network.links],
        "store_volume": [store.name for store in in_order(network.stores)],
    }
    worst, order = 0.0, []
    for variable, rows in names.items():
        wanted = np.array([getattr(exact, variable)[name] for name in rows])
        scale = np.max(np.abs(wanted), axis=1, keepdims=True)
        # BDF2's own error, of second order in the step, is taken out by Richardson's extrapolation.
        limit = (4 * finest[variable] - fine[variable]) / 3
        worst = max(worst, float(np.max(np.abs(limit - wanted) / scale)))
        errors = [np.max(np.abs(run[variable] - wanted) / scale) for run in (coarse, fine)]
        order.append(float(np.log2(errors[0] / errors[1])))
    figure("one cell a vessel, heart and valves included, against SciPy", worst, LIMIT)
    figure("order in time through valve events", min(order), 1.8)
    assert worst < LIMIT
    assert min(order) >= 1.8
