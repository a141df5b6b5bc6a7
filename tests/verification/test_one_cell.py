"""With one cell a vessel the engine is a system of ordinary differential equations, which SciPy solves too."""

import numpy as np
import pytest

from azygos.engine.compile import compile_network
from azygos.engine.patient import load
from azygos.engine.topology import in_order
from networks import closed_loop
from oracles import lumped

LIMIT = 1e-6
SAMPLES = 20


def engine(steps):
    network = closed_loop(skull=False)
    compiled = compile_network(network, cells=[1] * len(network.vessels))
    patient = load(compiled, network.period / steps)
    record = patient.advance(steps, every=steps // SAMPLES).record
    first = np.array(compiled.first)
    return {
        "area": record.area[:, first, 0].T.copy(),
        "flow_start": record.flow[:, first, 0].T.copy(),
        "flow_end": record.flow[:, first + 1, 0].T.copy(),
        "link_flow": record.link_flow[:, :, 0].T.copy(),
        "store_volume": record.volume[:, :, 0].T.copy(),
    }


@pytest.fixture(scope="module")
def exact():
    network = closed_loop(skull=False)
    times = np.arange(1, SAMPLES + 1) * network.period / SAMPLES
    solution = lumped.solve(network, times, rtol=1e-11)
    names = {
        **{key: [v.name for v in network.vessels] for key in ("area", "flow_start", "flow_end")},
        "link_flow": [link.name for link in network.links],
        "store_volume": [store.name for store in in_order(network.stores)],
    }
    return {
        variable: np.array([getattr(solution, variable)[name] for name in rows]) for variable, rows in names.items()
    }


def largest_error(found, wanted):
    scale = {name: np.max(np.abs(values), axis=1, keepdims=True) for name, values in wanted.items()}
    return max(float(np.max(np.abs(found[name] - wanted[name]) / scale[name])) for name in wanted)


def test_a_closed_loop_of_single_cells_equals_the_lumped_system(exact, figure):
    error = largest_error(engine(320_000), exact)
    figure("one cell a vessel, heart and valves included, 320 000 steps a beat, against SciPy", error, LIMIT)
    assert error < LIMIT


def test_valves_that_switch_inside_a_beat_leave_the_order_in_time_near_two(exact, figure):
    steps = (200, 400, 800, 1600)  # 4 ms to 0.5 ms, the steps of practice
    errors = [largest_error(engine(n), exact) for n in steps]
    order = float(np.log2(errors[0] / errors[-1]) / 3)
    figure(f"order in time through valve events (errors {', '.join(f'{e:.1e}' for e in errors)})", order, 1.5)
    assert order > 1.5
