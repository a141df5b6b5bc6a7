"""Harmonics of a branching network with a loop and windkessels against the exact linearised solution."""

import numpy as np

from azygos.body.waveform import Waveform
from azygos.engine.compile import Mesh, compile_network
from azygos.engine.keep import Keep
from azygos.engine.patient import load
from azygos.engine.solution import Sampler
from networks import windkessel_tree
from oracles import linear_network

HARMONICS = 8
LIMIT = 0.01


class Chord(Waveform):
    """Eight harmonics of equal size and scattered phase without a mean, small enough for the linear theory."""

    phases = np.random.default_rng(1).uniform(0, 2 * np.pi, HARMONICS)

    def sample(self, times, period):
        k = np.arange(1, HARMONICS + 1)[:, None]
        return 1e-9 * np.sum(np.cos(2 * np.pi * k * times / period + self.phases[:, None]), axis=0)


def harmonics(network, cell_length, dt, stations, beats=25):
    compiled = compile_network(network, Mesh(cell_length=cell_length))
    steps = round(network.period / dt)
    patient = load(compiled, network.period / steps)
    for _ in range(beats):
        record = patient.advance(steps, every=1, periodic=True).record
    values = Sampler(compiled, Keep(stations=stations)).course(record).values
    times = np.arange(1, steps + 1) * network.period / steps
    wave = np.exp(-2j * np.pi * np.outer(times, np.arange(1, HARMONICS + 1)) / network.period)
    return {name: values[name] @ wave * 2 / steps for name in ("pressure", "flow")}


def worst_error(network, cell_length, dt, stations=(0.0, 0.5, 1.0)):
    found = harmonics(network, cell_length, dt, stations)
    exact = linear_network.periodic(network, HARMONICS)
    worst = 0.0
    for v, vessel in enumerate(network.vessels):
        for s, station in enumerate(stations):
            for name in ("pressure", "flow"):
                wanted = getattr(exact, name)(vessel.name, station)[1:]
                # a node of a standing wave has no phase of its own: judge against the vessel's largest amplitude
                reference = np.max([np.abs(getattr(exact, name)(vessel.name, x)[1:]) for x in stations], axis=0)
                worst = max(worst, float(np.max(np.abs(found[name][v, s] - wanted) / reference)))
    return worst


def test_eight_harmonics_agree_with_the_exact_linear_solution_within_one_percent(figure):
    error = worst_error(windkessel_tree(Chord()), 0.01, 1e-3)
    figure("amplitude and phase of 8 harmonics, h = 1 cm, dt = 1 ms", error, LIMIT)
    assert error < LIMIT


def test_a_smooth_wave_in_a_network_converges_with_second_order(figure):
    network = windkessel_tree(Chord())
    space = [worst_error(network, h, 1e-4) for h in (0.05, 0.025)]
    time = [worst_error(network, 0.001, dt) for dt in (8e-3, 4e-3)]
    both = [worst_error(network, 0.05 / k, 4e-3 / k) for k in (1, 2, 4)]
    orders = {
        "space": np.log2(space[0] / space[1]),
        "time": np.log2(time[0] / time[1]),
        "both": np.log2(both[1] / both[2]),
    }
    for name, order in orders.items():
        figure(f"order in {name} of a smooth wave in a network", order, 1.8)
    assert min(orders.values()) >= 1.8
