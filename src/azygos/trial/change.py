"""The one door between circulations and studies: what treatment changed in each patient's veins.

A study asks for a `FlowChange` and does not care where it comes from: drawn from published counts, so that a hundred
thousand patients take seconds, or read from a table of simulated (or measured) circulations, one row for a patient.

    opened     part of the obstruction that is gone, 0 to 1
    before     pressure gradient across it before treatment [Pa]
    after      and after it [Pa]
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.errors import InputError, Problem, close_matches
from azygos.trial.draws import Draws
from azygos.trial.prior import Constants
from azygos.trial.study import Study
from azygos.units import mmHg

__all__ = ["FlowChange", "changes", "read_table"]

Floats: TypeAlias = NDArray[np.float64]
YEAR = 365.25
COLUMNS = {"opened [1]": 1.0, "gradient before [mmHg]": mmHg, "gradient after [mmHg]": mmHg}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FlowChange:
    """What treatment would change in each patient, whether he gets it or not."""

    opened: Floats  # [repeat, person, time]: 0 before treatment, and less when it narrows again
    before: Floats  # [repeat, person]
    after: Floats  # [repeat, person, time]


def changes(study: Study, draws: Draws, constants: Constants, days: Floats) -> FlowChange:
    """The changes of a block of repeats, from the study's table or drawn."""
    found = _drawn(study, draws, constants, days) if study.changes is None else _from_table(study, draws, days)
    if study.has("flow"):
        return found
    treated = np.broadcast_to(days > 0.0, days.shape).astype(float)
    after = found.before[..., None] * (1.0 - treated)
    return FlowChange(opened=treated, before=found.before, after=after)


def _drawn(study: Study, draws: Draws, constants: Constants, days: Floats) -> FlowChange:
    """Open with the chance `success`; narrow again at a constant rate; gradients lognormal about the study's means."""
    shape = days.shape[:2]
    opens = draws.of("flow", "success").random(shape) < constants["success"][:, None]
    yearly = constants[study.disease.narrows]
    rate = -np.log1p(-yearly)[:, None] / YEAR
    lasts = draws.of("flow", "restenosis").exponential(size=shape) / rate
    opened = ((days > 0.0) & opens[..., None] & (days < lasts[..., None])).astype(float)
    mean_before, mean_after = study.patients.gradient or (0.0, 0.0)
    sd = constants["gradient_spread"][:, None]
    spread = [np.exp(sd * draws.of("flow", name).standard_normal(shape) - sd**2 / 2.0) for name in ("before", "after")]
    before = mean_before * spread[0]
    left = np.minimum(mean_after * spread[1], before)[..., None]
    return FlowChange(opened=opened, before=before, after=opened * left + (1.0 - opened) * before[..., None])


def _from_table(study: Study, draws: Draws, days: Floats) -> FlowChange:
    assert study.changes is not None
    table = read_table(study.changes)
    rows = draws.of("flow", "table").integers(0, len(table[0]), days.shape[:2])
    opened, before, after = (column[rows] for column in table)
    treated = (days > 0.0).astype(float)
    gradient = before[..., None] + treated * (after - before)[..., None]
    return FlowChange(opened=treated * opened[..., None], before=before, after=gradient)


def read_table(path: Path) -> tuple[Floats, Floats, Floats]:
    """Opened, gradient before and after [Pa] of every row. Raises InputError with all that is wrong."""
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Problem(f"'{path}' cannot be read", "", getattr(error, "strerror", "") or "")) from error
    names = list(rows[0]) if rows else []
    problems = [
        Problem(f"there is no column '{name}'", f"{path}:1", close_matches(name, names))
        for name in COLUMNS
        if name not in names
    ]
    problems += [] if rows else [Problem("there is no row in it", f"{path}:1", "give one row for each circulation")]
    if problems:
        raise InputError(problems)
    found: dict[str, list[float]] = {name: [] for name in COLUMNS}
    for line, row in enumerate(rows, start=2):
        for name, unit in COLUMNS.items():
            try:
                value = float(row[name])
                if not np.isfinite(value) or (name == "opened [1]" and not 0.0 <= value <= 1.0):
                    raise ValueError
                found[name].append(value * unit)
            except (ValueError, TypeError):
                remedy = "give a number from 0 to 1" if name == "opened [1]" else "give a number"
                problems.append(Problem(f"'{row[name]}' in column '{name}'", f"{path}:{line}", remedy))
    if problems:
        raise InputError(problems)
    opened, before, after = (np.array(found[name]) for name in COLUMNS)
    return opened, before, after
