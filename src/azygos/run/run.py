"""A run from its beginning or from where it was left: the manifest, and the door for Python.

folder = begin(named_cohort("iih"), 1000, "runs/iih")
run(folder, named_cohort("iih"), workers=2)
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from azygos.errors import InputError, Problem
from azygos.population.cohort import Cohort
from azygos.run.chunk import versions
from azygos.run.execution import Watch, executed
from azygos.run.executor import Crew, crew_of
from azygos.run.folder import FORMAT, MOST, Folder
from azygos.run.waveforms import Waveforms
from azygos.run.work import CohortWork

__all__ = ["begin", "run"]


def begin(
    cohort: Cohort,
    patients: int,
    path: str | Path,
    *,
    waveforms: Waveforms | None = None,
    inputs: Mapping[str, str] | None = None,
) -> Folder:
    """A new folder for the first `patients` of a cohort; nothing is computed yet. Raises InputError."""
    if not 1 <= patients <= MOST:
        raise InputError(Problem(f"{patients} patients", "--n", f"give 1 to {MOST}"))
    return Folder.made(Path(path), _manifest(cohort, patients, waveforms), inputs or {})


def run(
    folder: Folder, cohort: Cohort, *, workers: int = 1, crew: Crew | None = None, watch: Watch | None = None
) -> Mapping[str, int]:
    """Goes on with a run until it is complete, by processes of this machine or by a crew; the patients by outcome.

    Raises InputError where the folder was begun with another cohort or another version, RunStopped and OSError as
    `azygos.run.execution.executed`.
    """
    manifest = folder.manifest
    kept = manifest["waveforms"]
    waveforms = None if kept is None else _waveforms(kept)
    now = _manifest(cohort, folder.n, waveforms)
    problems = [
        Problem(f"it was begun with {what}", str(folder.path), remedy)
        for key, what, remedy in (
            ("cohort_hash", "another cohort", "give it the one it had, in its input/ too, or begin another run"),
            (
                "versions",
                "another version of azygos, or of what it computes with",
                f"install {_said(manifest['versions'])}",
            ),
        )
        if manifest[key] != now[key]
    ]
    if problems:
        raise InputError(problems)
    work = CohortWork(cohort=cohort, n=folder.n, waveforms=waveforms)
    return executed(folder, work, crew or crew_of(workers), visits=len(cohort.visits), watch=watch)


def _manifest(cohort: Cohort, patients: int, waveforms: Waveforms | None) -> dict[str, Any]:
    """Without a date: the same run has the same manifest."""
    return {
        "format": FORMAT,
        "note": "Simulated, for research and teaching, not for care.",
        "cohort": cohort.name,
        "title": cohort.title,
        "patients": patients,
        "seed": cohort.seed,
        "visits": [visit.name for visit in cohort.visits],
        "looks": list(cohort.looks),
        "sham": cohort.sham,
        "waveforms": None
        if waveforms is None
        else {"sites": [[site.vessel, site.fraction] for site in waveforms.sites], "samples": waveforms.samples},
        "cohort_hash": _hash(cohort),
        "versions": versions(),
        "sources": dict(cohort.said),
    }


def _hash(cohort: Cohort) -> str:
    """Of everything that a cohort says: its printed form names every field."""
    return hashlib.sha256(repr(cohort).encode()).hexdigest()


def _waveforms(kept: Mapping[str, Any]) -> Waveforms:
    from azygos.instruments.recording import Site

    sites = tuple(Site(vessel=vessel, fraction=fraction) for vessel, fraction in kept["sites"])
    return Waveforms(sites=sites, samples=kept["samples"])


def _said(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in versions.items())
