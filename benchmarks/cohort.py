"""Patients per second: made, brought to the periodic state, and once more with their lesion opened.

People of random size, age and factors, each with one narrowing of the right jugular vein, side by side as `azygos
cohort` solves them, on the mesh and with the tolerance of `Numerics.cohort()`; on one process, then on two at once. The
ledger says where the time of one process goes. Times are of the processor (all threads), so that other work on the
machine slows them only through its caches; wall time is given beside it. Looks and tables are not in it.

    python benchmarks/cohort.py [patients]       prints; half a minute for the default, 96
"""

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from azygos.body.body import Body
from azygos.body.parameter import parameters
from azygos.engine import batch
from azygos.engine.batch import simulate_many
from azygos.engine.case import Case
from azygos.engine.keep import Keep
from azygos.engine.monitor import Monitor
from azygos.engine.search import Search
from azygos.engine.solution import Solution
from azygos.engine.solve import Numerics
from azygos.rng import stream

PATIENTS = 96
TOGETHER = 32  # that wait for each other
KEEP = Keep(samples_per_beat=20)


def person(number: int) -> Body:
    draw = stream(1, "benchmark", number)
    names = list(parameters())
    factors = {
        name: float(np.clip(np.exp(parameters()[name].spread * draw.standard_normal()), 0.9, 1.1))
        for name in draw.choice(names, 20, replace=False).tolist()
    }
    body = Body.reference(
        sex=("male", "female")[number % 2],
        height=float(draw.uniform(1.55, 1.90)),
        age=float(draw.uniform(20, 75)),
        parameters=factors,
    )
    return body.with_lesion(f"ijv_r: {draw.uniform(30, 95):.0f} % area at {draw.uniform(0.3, 0.9):.2f}, 15 mm")


def solved(bodies: list[Body]) -> None:
    found = simulate_many(bodies, numerics=Numerics.cohort(), keep=KEEP)
    assert all(isinstance(one, Solution) for one in found)


def work(numbers: range) -> tuple[float, float]:
    """Processor and wall time [s] of some patients."""
    busy, began = time.process_time(), time.perf_counter()
    for first in range(0, len(numbers), TOGETHER):
        before = [person(number) for number in numbers[first : first + TOGETHER]]
        solved(before)
        solved([body.replacing(body.lesions[0], body.lesions[0].dilated(0.1)) for body in before])
    return time.process_time() - busy, time.perf_counter() - began


LEDGER: tuple[tuple[str, Any, str], ...] = (
    ("the body", sys.modules[__name__], "person"),
    ("checks", batch, "periodic_network"),
    ("arrays, and what watches", Case, "__init__"),
    ("the kernel, eight lanes", batch._Lanes, "advance"),
    ("the last few alone", batch._Ward, "_alone"),
    ("means", Monitor, "means"),
    ("the search", Search, "judge"),
    ("the last beat again, recorded", batch._Lanes, "again"),
    ("reading off the solution", Search, "result"),
)


def watched(numbers: range) -> dict[str, float]:
    """Processor time [s] in each part of the ledger."""
    spent = {what: 0.0 for what, _, _ in LEDGER}

    def timed(what: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def around(*arguments: Any, **named: Any) -> Any:
            began = time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                spent[what] += time.process_time() - began

        return around

    kept = [(owner, name, getattr(owner, name)) for _, owner, name in LEDGER]
    for (what, owner, name), (_, _, function) in zip(LEDGER, kept, strict=True):
        setattr(owner, name, timed(what, function))
    try:
        spent["in all"] = work(numbers)[0]
    finally:
        for owner, name, function in kept:
            setattr(owner, name, function)
    return spent


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else PATIENTS
    work(range(TOGETHER))  # what is found once
    spent = watched(range(n, 2 * n))
    print("| processor time a patient, two solves | ms |\n|---|---|")
    for what, seconds in spent.items():
        print(f"| {what} | {1e3 * seconds / n:.1f} |")
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        list(pool.map(work, [range(TOGETHER)] * 2))
        alone = pool.apply(work, (range(2 * n, 3 * n),))
        both = pool.map(work, [range(3 * n, 4 * n), range(4 * n, 5 * n)], chunksize=1)
    one, two = n / alone[1], 2 * n / max(wall for _, wall in both)
    print(f"\none process: {one:.1f} patients/s of wall time, {n / alone[0]:.1f} of its processor's")
    print(f"two processes: {two:.1f} patients/s, {100 * two / (2 * one):.0f} % of twice one")
    print(f"of their processors' time: {sum(n / busy for busy, _ in both):.1f} patients/s")
    print(f"largest memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
