"""Patients a second, all in: generated, solved, looked at, treated by protocol, solved and looked at again, written.

    python benchmarks/cohort_run.py [PATIENTS]       writes results/cohort_run.md; ten minutes for 512

People sent for venography (`ms-ccsvi`), all eligible so that all are treated: by this process, by two processes,
and by two workers of a Dask cluster on the loopback address, in turns, since a machine is not as fast at all times.
Workers have begun before the clock does, one chunk behind them; what that takes is told apart, though it is in their
processor time. A round is long enough that its ends, where a worker waits for the other and the tables are joined by
one process, are under 2 % of it: with 192 patients they were 5 %, as much as the bands leave. Memory is measured with
patients that cost nothing, in the process that runs and in a worker: it must not grow with their number.

The bands, for all rounds together: 8 patients a second by two processes, 90 % of twice one, Dask 90 % of processes,
2 s to start.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from azygos.exchange.cohort import named_cohort
from azygos.population.cohort import AFTER, BEFORE, Cohort
from azygos.run.chunk import PATIENTS, computed
from azygos.run.executor import Cluster, Crew, Processes, Serial
from azygos.run.run import begin, run
from azygos.run.work import CohortWork

HERE = Path(__file__).parent
ROUNDS, WORKERS = 3, 2


@contextmanager
def dask(room: Path, workers: int) -> Iterator[str]:
    """The address of a scheduler with workers."""
    file = room / "scheduler.json"
    base, quiet = [sys.executable, "-m", "dask"], {"stderr": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    options = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    processes = [subprocess.Popen([*base, *options], cwd=room, **quiet)]
    while not file.exists() or not file.read_text().strip():
        time.sleep(0.05)
    address = json.loads(file.read_text())["address"]
    command = [*base, "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    processes += [subprocess.Popen(command, cwd=room, **quiet) for _ in range(workers)]
    time.sleep(5.0)
    try:
        yield address
    finally:
        for process in processes:
            process.kill()
            process.wait()


def cpu() -> float:
    """Processor time of this process and of those it has waited for [s]."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def measured(cohort: Cohort, patients: int, path: Path, crew: Crew) -> tuple[float, float]:
    """Seconds that a run takes once its workers have begun, and processor time [s] of this process and its own."""
    work = CohortWork(cohort=cohort, n=PATIENTS)
    with crew:
        for begun in [crew.submit(computed, work, (0,)) for _ in range(WORKERS)]:
            begun.result()
        began, spent = time.perf_counter(), cpu()
        run(begin(cohort, patients, path), cohort, crew=crew)
        took = time.perf_counter() - began
    return took, cpu() - spent


def start() -> float:
    """From the start of Python to two processes that have begun to compute [s]."""
    code = (
        "from azygos.exchange.cohort import find_cohort\n"
        "from azygos.run.executor import Processes\nfrom azygos.run.work import CohortWork\n"
        "if __name__ == '__main__':\n"
        "    find_cohort('ms-ccsvi')\n"
        "    with Processes(2) as crew:\n"
        "        work = CohortWork(cohort=find_cohort('ms-ccsvi')[0], n=0)\n"
        "        [future.result() for future in [crew.submit(work.rows, []) for _ in range(2)]]\n"
    )
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(code)
        script.flush()
        began = time.perf_counter()
        subprocess.run([sys.executable, script.name], check=True)
        return time.perf_counter() - began


def memory(patients: int) -> int:
    """Largest resident memory [MB] of a process that runs so many patients who cost nothing."""
    code = (
        "import sys\nfrom pathlib import Path\n"
        f"sys.path.insert(0, {str(HERE.parent / 'tests')!r})\n"
        "from fake_patients import made, go_on\n"
        f"made(sys.argv[1], {patients}); go_on(sys.argv[1], seconds=0.0)\n"
        # Not getrusage: what a process had before it became another one counts there.
        "status = Path('/proc/self/status').read_text().split()\n"
        "print(int(status[status.index('VmHWM:') + 1]) // 1000)\n"
    )
    with tempfile.TemporaryDirectory() as room:
        command = [sys.executable, "-c", code, f"{room}/run"]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main(patients: int = 512) -> None:
    cohort = replace(named_cohort("ms-ccsvi"), eligible=(), visits=(BEFORE, AFTER))
    with tempfile.TemporaryDirectory() as name, dask(Path(name), WORKERS) as address:
        crews = {
            "this process": Serial,
            "two processes": lambda: Processes(WORKERS),
            "two Dask workers": lambda: Cluster(address),
        }
        took: dict[str, list[tuple[float, float]]] = {title: [] for title in crews}
        for title in list(crews) * ROUNDS:
            with tempfile.TemporaryDirectory(dir=name) as room:
                took[title].append(measured(cohort, patients, Path(room) / "run", crews[title]()))
    few, many = memory(2_000), memory(20_000)
    whole = ROUNDS * patients
    lines = [f"# {whole} patients, all treated: `python benchmarks/cohort_run.py`\n"]
    lines.append("| who computes | patients a second | in each round | processor time of a patient [ms] |")
    lines.append("|---|---|---|---|")
    rates = []
    for title, rounds in took.items():
        seconds, spent = (sum(figures) for figures in zip(*rounds, strict=True))
        told = "" if "Dask" in title else f"{1e3 * spent / whole:.0f}"  # a cluster's is not ours
        each = ", ".join(f"{patients / one:.2f}" for one, _ in rounds)
        rates.append(whole / seconds)
        lines.append(f"| {title} | {rates[-1]:.2f} | {each} | {told} |")
    one, two, cluster = rates
    lines.append(
        f"\nTwo processes reach {50 * two / one:.0f} % of twice one; Dask {100 * cluster / two:.0f} % of them."
    )
    lines.append(
        f"Start: {start():.2f} s. Load of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores."
    )
    lines.append(f"Memory with patients that cost nothing: {few} MB for 2 000, {many} MB for 20 000.")
    text = "\n".join(lines) + "\n"
    (HERE / "results" / "cohort_run.md").write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
