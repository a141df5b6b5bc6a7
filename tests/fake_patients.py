"""Patients that take milliseconds, through the same code as real ones, for tests of what befalls a run.

python tests/fake_patients.py FOLDER WORKERS          goes on with a run of them
"""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from azygos.instruments.recording import Site
from azygos.rng import stream
from azygos.run.execution import executed
from azygos.run.executor import Cluster, Processes, Serial
from azygos.run.folder import FORMAT, Folder
from azygos.run.tables import Rows
from azygos.run.waveforms import Waveforms

SECONDS = 0.002  # a patient


@dataclass(frozen=True)
class FakeWork:
    """Numbers drawn from named streams, a different count of rows for every patient; every hundredth fails."""

    n: int
    seconds: float = SECONDS
    factors: tuple = ("blood_volume",)
    waveforms: Waveforms | None = None

    def rows(self, numbers):
        return [self.patient(number) for number in numbers]

    def patient(self, number):
        time.sleep(self.seconds)
        rng = stream(1, "fake", number)
        rows = Rows(patient={"patient": number, "outcome": "ok", "sentence": "", "factor_blood_volume": rng.random()})
        if number % 100 == 7:
            rows.end("impossible", "it was made so")
            return rows
        for visit in ("before", "after"):
            rows.add("outcomes", {"visit": visit, "flow_ijv_r_ml_min": rng.normal(300.0, 50.0)})
            if self.waveforms:
                rows.waveforms += rng.random(self.waveforms.shape).ravel().tolist()
            for i in range(int(rng.integers(4))):
                rows.add("findings", {"visit": visit, "rule": f"rule {i}", "value_si": rng.random(), "fired": i > 1})
        return rows


def stuck(_):
    time.sleep(60.0)


def made(path, n, waveforms=None):
    manifest = {"format": FORMAT, "cohort": "fake", "title": "", "note": "", "patients": n, "seed": 1}
    manifest |= {"visits": ["before", "after"], "looks": [], "sham": False, "cohort_hash": "", "versions": {}}
    return Folder.made(Path(path), manifest | {"waveforms": waveforms and {"samples": waveforms.samples}}, {})


def go_on(path, *, workers=1, scheduler=None, watch=None, seconds=SECONDS):
    folder = Folder(Path(path))
    crew = Cluster(scheduler) if scheduler else Serial() if workers == 1 else Processes(workers)
    kept = folder.manifest["waveforms"]
    waveforms = Waveforms(sites=(Site(vessel="ijv_r"),), samples=kept["samples"]) if kept else None
    return executed(folder, FakeWork(folder.n, seconds, waveforms=waveforms), crew, visits=2, watch=watch)


def tables_of(path):
    """The bytes of each table, and of each file of the waveforms where there are some."""
    files = [*Path(path).glob("tables/*"), *Path(path).glob("waveforms.zarr/**/*")]
    return {str(file.relative_to(path)): file.read_bytes() for file in sorted(files) if file.is_file()}


if __name__ == "__main__":
    from fake_patients import go_on as go  # as the workers know it

    go(sys.argv[1], workers=int(sys.argv[2]))
