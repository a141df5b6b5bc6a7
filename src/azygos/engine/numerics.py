"""How finely and how long to solve, and what is refused because it cannot be solved that way."""

import math
from dataclasses import dataclass, field

import numpy as np

from azygos.body.network import FlowSource, Network, PressureSource
from azygos.body.waveform import Pulse, Sampled, Waveform
from azygos.engine.compile import Mesh
from azygos.engine.keep import Keep
from azygos.errors import Problem, close_matches

__all__ = ["Numerics", "problems_with"]

_LEAST_STEPS = 50  # a beat; fewer do not resolve the heart, and the answer is silently wrong
_SHORTEST, _LONGEST = 1e-3, 600.0  # [s] of a beat; outside it a unit has been mistaken
_ALIKE = 1e-6  # relative difference between two beats of a given quantity that still counts as repeating
_LONGER_THAN_ANY = 2.0  # vessel [m]
_LOSS = 0.01  # share of a given mean flow that may be lost between the time steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Numerics:
    """How finely and how long to solve."""

    mesh: Mesh = field(default_factory=Mesh)
    time_step: float = 2e-3  # at most [s]; a heart beat is a whole number of steps, at least 50
    tolerance: float = 1e-4  # periodic when no vessel's mean pressure or flow changes more in a period
    most_beats: int = 100  # heart beats
    accelerate: bool = True

    @classmethod
    def cohort(cls) -> "Numerics":
        """The coarsest that errs by less than 1 % of what is usual (benchmarks/results/cohort_mesh.md).

        Three cells a vessel, whatever its length: people of any size then lie side by side in the kernel.
        """
        return cls(mesh=Mesh(cell_length=_LONGER_THAN_ANY, least_cells=3), time_step=4e-3, tolerance=1e-3)


def problems_with(network: Network, numerics: Numerics, keep: Keep, duration: float | None) -> list[Problem]:
    """Why this network cannot be solved so; empty when it can."""
    found = [*_of_numbers(network, numerics, duration)]
    names = {vessel.name for vessel in network.vessels}
    found += [
        Problem(f"no vessel '{name}' to keep", "keep", close_matches(name, names))
        for name in keep.vessels or ()
        if name not in names
    ]
    if found:
        return found
    sources: list[tuple[str, Waveform]] = [*map(_named, network.flow_sources), *map(_named, network.pressure_sources)]
    for where, waveform in sources:
        if duration is None and not _repeats(waveform, network.period):
            what = f"does not repeat with the {'period' if network.beats > 1 else 'beat'} of {network.period:g} s"
            found.append(Problem(what, where, "give the network its period, or ask for a stated time (duration)"))
    for source in network.flow_sources:
        found += _lost_between_steps(source, numerics.time_step)
    return found


def _named(source: FlowSource | PressureSource) -> tuple[str, Waveform]:
    kind, waveform = ("inflow", source.flow) if isinstance(source, FlowSource) else ("pressure", source.pressure)
    return f"{kind} at node '{source.node}'", waveform


def _of_numbers(network: Network, numerics: Numerics, duration: float | None) -> list[Problem]:
    found = []
    beat = network.period / network.beats
    most = beat / _LEAST_STEPS
    if not _SHORTEST <= beat <= _LONGEST:
        what = f"a beat of {beat:g} s is out of reach"
        found.append(Problem(what, "period", f"give {_SHORTEST:g} to {_LONGEST:g} s; is its unit right?"))
    elif not 0.0 < numerics.time_step <= most * (1 + 1e-9):
        what = f"a time step of {numerics.time_step:g} s does not resolve a beat of {beat:g} s"
        found.append(Problem(what, "time step", f"give a positive one of at most {most:g} s"))
    if not (math.isfinite(numerics.mesh.cell_length) and numerics.mesh.cell_length > 0.0):
        found.append(Problem(f"a cell length of {numerics.mesh.cell_length:g} m", "mesh", "give a positive one"))
    if numerics.mesh.least_cells < 1 or numerics.most_beats < 1 or not numerics.tolerance > 0.0:
        found.append(Problem("least cells, most beats and tolerance must be positive", "numerics"))
    if duration is not None and not (math.isfinite(duration) and duration > 0.0):
        found.append(Problem(f"a duration of {duration:g} s", "duration", "give a positive one"))
    return found


def _repeats(waveform: Waveform, period: float) -> bool:
    if isinstance(waveform, Pulse):
        return waveform.height == 0.0 and _repeats(waveform.under, period)
    times = period * np.linspace(0.0, 1.0, 400, endpoint=False)
    first = waveform.sample(times, period)
    later = [waveform.sample(times + n * period, period) for n in (1, 2, 3)]
    scale = max(float(np.max(np.abs(first))), 1e-30)
    return all(bool(np.max(np.abs(beat - first)) <= _ALIKE * scale) for beat in later)


def _lost_between_steps(source: FlowSource, time_step: float) -> list[Problem]:
    """A series that changes faster than the steps: its volume would be lost between them."""
    if not isinstance(source.flow, Sampled):
        return []
    end = source.flow.times[-1]
    steps = max(1, math.ceil(end / time_step))
    given = float(np.trapezoid(source.flow.values, source.flow.times)) / end
    size = float(np.trapezoid(np.abs(source.flow.values), source.flow.times)) / end
    met = float(np.mean(source.flow.sample(end / steps * np.arange(1, steps + 1, dtype=np.float64), end)))
    if abs(met - given) <= _LOSS * size:
        return []
    what = f"changes faster than the time step: of its mean {given:.3g} m3/s steps of {time_step:g} s meet {met:.3g}"
    return [Problem(what, f"inflow at node '{source.node}'", "take a shorter time step")]
