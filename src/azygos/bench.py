"""How fast the engine is on this machine, against the speed of light of its arithmetic.

The subject is the reference adult, lying, healthy, with heart, valves, beds and skull, cut and stepped
by default. Every figure is the best of many repeats, because what disturbs a measurement only ever
slows it; medians are given too. The repeats of different figures take turns, so that all of them, the
limits as well, have seen the same machine.

- `ns_per_cell_step`: wall time of `advance` over a beat, one sample kept, divided by steps and by cells
  of vessels; with eight lanes, by eight as well. One core. Whatever is not a vessel is paid by the cells.
- `limit_ns_per_cell_step`: the same divisions, square roots, multiplications and additions per cell,
  compiled in the same build, but with everything in the nearest cache and no cell waiting for another
  (`kernel/limit.hpp` counts them). With one lane the compiler fills registers with cells, which the
  serial sweep does not allow: the limit is then as low as that of eight lanes.
- `ms_per_beat`: one patient, one core, with the samples that `azygos.simulate` keeps.
- `beats_per_s`: every core a thread with eight patients, one sample a beat kept.
- `import_s`: `import azygos` in a new interpreter, whose own start is not counted.
- `treat_s`: `azygos treat` as a command, from its start to its end, without a report.
- `patient_s`: the same with ultrasound before and at a follow-up, and the report with all pictures.
- `patients_per_s`: people of different size and age, each with a narrow jugular vein, are made, brought to the periodic
  state and, with the vein opened, once more; side by side as in a cohort and on its mesh. One core.

Ratios say how many times the limit a figure is. The limit of a beat is that of its cell-steps; of
`treat`, that of the beats of its stages, in both figures; of the import, the start of a bare interpreter.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from azygos.body.body import Body
from azygos.engine.batch import simulate_many
from azygos.engine.compile import compile_network
from azygos.engine.keep import Keep
from azygos.engine.kernel import LANES, ONE, build_name, library
from azygos.engine.patient import Patients, load, load_batch
from azygos.engine.solve import Numerics
from azygos.run.executor import cores

__all__ = ["BenchResult", "Figure", "run"]

ROUNDS = 40
COMMAND_ROUNDS = 5
WARM_UP_BEATS = 3
PATIENTS = 24  # made and solved together
LIMIT_PASSES = 20_000
LESION = "ijv_r: 80 % area at 0.5, 20 mm"

Progress = Callable[[str, float], None]
Timed = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure: the best of its repeats, their median, and its limit, in one unit."""

    label: str
    best: float
    median: float
    limit: float | None = None
    more_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times the limit it is; 1 is the speed of light."""
        if self.limit is None:
            return None
        return self.limit / self.best if self.more_is_better else self.best / self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchResult:
    """What `run` measured, and on what."""

    one_lane: Figure
    eight_lanes: Figure
    beat: Figure
    throughput: Figure
    imported: Figure
    treatment: Figure | None  # None: the command failed
    patients: Figure
    patient: Figure | None
    kernel: str
    cores: int
    cells: int
    steps_per_beat: int
    repeated_steps: int  # in the repeats; they cost more and should be none

    @property
    def figures(self) -> dict[str, Figure | None]:
        return {
            "one_lane": self.one_lane,
            "eight_lanes": self.eight_lanes,
            "ms_per_beat": self.beat,
            "beats_per_s": self.throughput,
            "import_s": self.imported,
            "treat_s": self.treatment,
            "patients_per_s": self.patients,
            "patient_s": self.patient,
        }

    def as_dict(self) -> dict[str, Any]:
        """Plain data for `json.dumps`."""
        figures = self.figures
        best = {name: figure and figure.best for name, figure in figures.items()}
        lanes = ("one_lane", "eight_lanes")
        return {
            "ns_per_cell_step": {name: best.pop(name) for name in lanes},
            "limit_ns_per_cell_step": {"one_lane": self.one_lane.limit, "eight_lanes": self.eight_lanes.limit},
            **best,
            "ratio": {name: figure and figure.ratio for name, figure in figures.items()},
            "median": {name: figure and figure.median for name, figure in figures.items()},
            "kernel": self.kernel,
            "cores": self.cores,
            "cells": self.cells,
            "steps_per_beat": self.steps_per_beat,
            "repeated_steps": self.repeated_steps,
        }


def run(progress: Progress | None = None) -> BenchResult:
    """The engine's figures on this machine; about half a minute.

    `progress` hears what is being measured and which share of all is done.
    """
    say = progress or (lambda what, share: None)
    subject = _Subject()
    say("engine", 0.0)
    times = _in_turns(subject.measurements(), ROUNDS, lambda share: say("engine", 0.7 * share))
    say("import", 0.7)
    starts = _in_turns({"bare": _bare_start, "import": _import}, 2 * COMMAND_ROUNDS)
    say("treat", 0.8)
    beat_second = min(times["limit_one"]) * subject.cell_steps * 1e-9
    treatment = _treatment_figure("azygos treat [s]", beat_second)
    with tempfile.TemporaryDirectory() as out:
        words = ("--seed", "1", "--look", "ultrasound", "--follow-up", "365 day", "--out", out)
        patient = _treatment_figure("with looks, follow-up and report [s]", beat_second, *words)
    say("patients", 0.95)
    rates = [_patients_per_s(PATIENTS * i) for i in range(COMMAND_ROUNDS)]
    say("done", 1.0)

    light = {lanes: min(times[f"limit_{lanes}"]) for lanes in ("one", "eight")}
    beat_light = light["one"] * subject.cell_steps * 1e-6
    all_light = subject.cores * 1e9 / (light["eight"] * subject.cell_steps)
    return BenchResult(
        one_lane=_figure("one lane [ns per cell-step]", times["one"], light["one"]),
        eight_lanes=_figure("eight lanes [ns per cell-step and core]", times["eight"], light["eight"]),
        beat=_figure("a beat, one patient, one core [ms]", times["beat"], beat_light),
        throughput=Figure(
            label="all cores, eight lanes [beats per s]",
            best=max(times["throughput"]),
            median=median(times["throughput"]),
            limit=all_light,
            more_is_better=True,
        ),
        imported=_figure("import azygos [s]", starts["import"], min(starts["bare"])),
        treatment=treatment,
        patients=Figure(
            label="patients, before and after, one core [per s]",
            best=max(rates),
            median=median(rates),
            more_is_better=True,
        ),
        patient=patient,
        kernel=os.environ.get("AZYGOS_KERNEL") or build_name(),
        cores=subject.cores,
        cells=subject.cells,
        steps_per_beat=subject.steps,
        repeated_steps=subject.repeated,
    )


def _figure(label: str, times: Sequence[float], limit: float) -> Figure:
    return Figure(label=label, best=min(times), median=median(times), limit=limit)


def _in_turns(
    measurements: Mapping[str, Timed], rounds: int, progress: Callable[[float], None] = lambda share: None
) -> dict[str, list[float]]:
    """What each measurement returned in every round; a round takes each of them once."""
    results: dict[str, list[float]] = {name: [] for name in measurements}
    for i in range(rounds):
        for name, measure in measurements.items():
            results[name].append(measure())
        progress((i + 1) / rounds)
    return results


class _Subject:
    """The reference adult in the kernel: alone, and eight times for every core."""

    def __init__(self) -> None:
        numerics, network = Numerics(), Body.reference().network
        compiled = compile_network(network, numerics.mesh)
        samples = Keep().samples_per_beat
        self.every = max(1, int(network.period / numerics.time_step + 0.5) // samples)
        self.steps = self.every * samples
        self.cells = sum(compiled.cells)
        self.cell_steps = self.cells * self.steps
        self.cores = cores()
        self.repeated = 0
        dt = network.period / self.steps
        self._one = load(compiled, dt)
        self._eights = [load_batch([compiled] * LANES, [dt] * LANES) for _ in range(self.cores)]
        self._pool = ThreadPoolExecutor(self.cores)
        for patients in (self._one, *self._eights):
            for _ in range(WARM_UP_BEATS):
                self._advance(patients)
        self.repeated = 0

    def measurements(self) -> dict[str, Timed]:
        """Each returns one sample of its figure."""
        return {
            "limit_one": partial(_limit, ONE),
            "one": lambda: 1e9 * self._advance(self._one) / self.cell_steps,
            "limit_eight": partial(_limit, LANES),
            "eight": lambda: 1e9 * self._advance(self._eights[0]) / self.cell_steps / LANES,
            "beat": lambda: 1e3 * self._advance(self._one, self.every),
            "throughput": self._throughput,
        }

    def _advance(self, patients: Patients, every: int | None = None) -> float:
        """Wall time [s] of a beat."""
        began = time.perf_counter()
        result = patients.advance(self.steps, every=every or self.steps, periodic=True)
        wall = time.perf_counter() - began
        self.repeated += sum(fate.repeated for fate in result.fates)
        return wall

    def _throughput(self) -> float:
        """Beats per second of all cores together."""
        began = time.perf_counter()
        for _ in self._pool.map(self._advance, self._eights):
            pass
        return LANES * self.cores / (time.perf_counter() - began)


def _patients_per_s(first: int) -> float:
    """Patients numbered from `first` on; nobody comes twice, or a part would be known already."""
    began = time.perf_counter()
    before = [
        Body.reference(sex=("male", "female")[i % 2], height=1.6 + 0.001 * i, age=20.0 + 0.5 * i).with_lesion(LESION)
        for i in range(first, first + PATIENTS)
    ]
    after = [body.replacing(body.lesions[0], body.lesions[0].dilated(0.1)) for body in before]
    for bodies in (before, after):
        simulate_many(bodies, numerics=Numerics.cohort())
    return len(before) / (time.perf_counter() - began)


def _limit(width: int) -> float:
    """Wall time [ns] per cell and step of the arithmetic alone."""
    began = time.perf_counter()
    cells: int = library().azygos_limit(width, LIMIT_PASSES)  # of one pass
    if cells <= 0:
        raise ArithmeticError("the arithmetic of the limit went wrong")
    return 1e9 * (time.perf_counter() - began) / (LIMIT_PASSES * cells * width)


def _python(*arguments: str) -> tuple[float, subprocess.CompletedProcess[str]]:
    """Wall time [s] of a new interpreter with these arguments, and what it left."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    return time.perf_counter() - began, done


def _bare_start() -> float:
    return _python("-c", "pass")[0]


def _import() -> float:
    code = "import time; began = time.perf_counter(); import azygos; print(time.perf_counter() - began)"
    return float(_python("-c", code)[1].stdout)


def _treatment_figure(label: str, beat_light: float, *options: str) -> Figure | None:
    """Time of the whole `azygos treat`; None where it fails."""
    walls, beats = [], 0
    for _ in range(COMMAND_ROUNDS):
        wall, done = _python("-m", "azygos.cli.main", "treat", "--lesion", LESION, "--json", *options)
        if done.returncode != 0:
            return None
        walls.append(wall)
        beats = sum(stage["solve"]["beats"] for stage in json.loads(done.stdout)["stages"])
    return _figure(label, walls, beats * beat_light)
