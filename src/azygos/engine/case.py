"""A circulation made ready to be solved: cut, stepped, and with what will watch it."""

import numpy as np

from azygos.body.network import Network
from azygos.engine.compile import compile_network
from azygos.engine.keep import Keep
from azygos.engine.monitor import Monitor
from azygos.engine.numerics import Numerics
from azygos.engine.slow import Slow
from azygos.engine.solution import Sampler
from azygos.engine.topology import Structure

__all__ = ["Case", "steps_of"]

_WATCHED = 100


class Case:
    """One patient, not yet in the kernel. Nothing here changes."""

    def __init__(self, network: Network, numerics: Numerics, keep: Keep, structure: Structure | None = None) -> None:
        """`structure` is the network's, where it is known."""
        self.network, self.numerics = network, numerics
        self.compiled = compile_network(network, numerics.mesh, structure=structure)
        self.every, self.thin, self.beat_steps = steps_of(network, numerics, keep)
        self.steps = self.beat_steps * network.beats
        self.dt = network.period / self.steps
        self.monitor, self.slow = Monitor(self.compiled), Slow(self.compiled)
        self.sampler = Sampler(self.compiled, keep)


def steps_of(network: Network, numerics: Numerics, keep: Keep) -> tuple[int, int, int]:
    """Steps between samples, samples between those that are kept, and steps per heart beat.

    What is watched (means, Froude numbers) is sampled at least a hundred times a beat whatever is kept.
    """
    steps = int(np.ceil(network.period / network.beats / numerics.time_step - 1e-9))
    every = max(1, steps // max(keep.samples_per_beat, _WATCHED))
    thin = max(1, steps // every // keep.samples_per_beat)
    whole = every * thin
    return every, thin, -(-steps // whole) * whole
