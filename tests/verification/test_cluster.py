"""A run on a Dask cluster: a real scheduler and two workers on the loopback address, killed as they please."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from azygos.errors import InputError
from azygos.exchange.cohort import named_cohort
from azygos.population.cohort import AFTER, BEFORE
from azygos.run.chunk import computed
from azygos.run.executor import Cluster, Processes, Serial
from azygos.run.folder import RunStopped
from azygos.run.run import begin, run
from fake_patients import FakeWork, go_on, made, tables_of

pytest.importorskip("distributed")
TESTS = Path(__file__).parents[1]
KILLS = int(os.environ.get("AZYGOS_KILLS", "1"))  # of workers, and of schedulers; 20 take three minutes
PATIENTS = 400 * KILLS


class Dask:
    """A scheduler and its workers, as somebody starts them on the command line."""

    def __init__(self, room, workers):
        self.room, self.environment = room, os.environ | {"PYTHONPATH": str(TESTS)}
        file = room / "scheduler.json"
        options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
        self.processes = [self.start("scheduler", *options)]
        patience = time.monotonic() + 60.0
        while not file.exists() or not file.read_text().strip():
            assert time.monotonic() < patience, "the scheduler did not start"
            time.sleep(0.05)
        self.address = json.loads(file.read_text())["address"]
        for _ in range(workers):
            self.add_worker()

    def start(self, *arguments):
        command = [sys.executable, "-m", "dask", *arguments]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(command, cwd=self.room, env=self.environment, **quiet)

    def add_worker(self):
        worker = self.start("worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        self.processes.append(worker)

    def kill(self, number):
        """0 is the scheduler."""
        self.processes[number].send_signal(signal.SIGKILL)
        self.processes[number].wait()

    def close(self):
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def dask(tmp_path):
    cluster = Dask(tmp_path, workers=2)
    yield cluster
    cluster.close()


@pytest.fixture(scope="module")
def serial(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "serial"
    made(path, PATIENTS)
    go_on(path, seconds=0.0)
    return tables_of(path)


def test_a_run_whose_dask_workers_and_schedulers_are_killed_at_random_times_ends_with_the_same_bytes(tmp_path, serial):
    chance, path = random.Random(KILLS), tmp_path / "run"
    made(path, PATIENTS)
    for i in range(KILLS):
        room = tmp_path / f"cluster {i}"
        room.mkdir()
        cluster = Dask(room, workers=2)
        waits = chance.uniform(0.0, 1.0), chance.uniform(0.0, 1.0)
        killer = threading.Thread(target=kill_a_worker_and_the_scheduler, args=(cluster, waits))

        def begin_to_kill(progress, killer=killer):
            if progress.rate and killer.ident is None:  # the first patients of this cluster have come
                killer.start()

        try:
            with pytest.raises(RunStopped, match=r"the scheduler at 'tcp://127.0.0.1:\d+' is gone.*resume"):
                go_on(path, scheduler=cluster.address, watch=begin_to_kill, seconds=0.02)
            killer.join()
        finally:
            cluster.close()
    go_on(path, seconds=0.0)  # resumed by this process alone
    assert tables_of(path) == serial


def kill_a_worker_and_the_scheduler(cluster, waits):
    time.sleep(waits[0])
    cluster.kill(1)
    cluster.add_worker()
    time.sleep(waits[1])
    cluster.kill(0)


def test_real_patients_have_the_same_bytes_in_this_process_in_two_and_in_four_and_on_a_cluster(tmp_path, dask):
    cohort = replace(named_cohort("iih"), visits=(BEFORE, AFTER))
    crews = {"serial": Serial(), "two": Processes(2), "four": Processes(4), "cluster": Cluster(dask.address)}
    found = {}
    for name, crew in crews.items():
        run(begin(cohort, 9, tmp_path / name), cohort, crew=crew)
        found[name] = tables_of(tmp_path / name)
    assert len(found["serial"]) == 6
    assert found["serial"] == found["two"] == found["four"] == found["cluster"]


def test_a_run_goes_on_when_workers_come_later(tmp_path, serial):
    cluster, path = Dask(tmp_path, workers=0), tmp_path / "run"
    try:
        made(path, PATIENTS)
        threading.Timer(1.0, cluster.add_worker).start()
        go_on(path, scheduler=cluster.address)
        assert tables_of(path) == serial
    finally:
        cluster.close()


def test_a_scheduler_that_does_not_answer_is_said(monkeypatch):
    monkeypatch.setattr("azygos.run.executor.ANSWER", 0.5)
    with pytest.raises(InputError, match=r"no scheduler answers at 'tcp://127.0.0.1:9'.*dask scheduler"):
        Cluster("tcp://127.0.0.1:9")
    for address in ("127.0.0.1", "here:8786", "foo://127.0.0.1:8786", "tcp://127.0.0.1:port"):
        with pytest.raises(InputError, match=f"'{address}' is no address.*tcp://"):
            Cluster(address)


def test_a_chunk_of_other_versions_is_not_taken():
    (chunk,) = computed(FakeWork(8, 0.0), [0])
    Serial().check(chunk)
    with pytest.raises(RunStopped, match=r"a worker has numpy 1.0.0, this \d.*install the same everywhere"):
        Serial().check(replace(chunk, versions=chunk.versions | {"numpy": "1.0.0"}))
