"""From simulated circulations to a study: what each treatment changed in the veins, as a table for `changes:`.

    opened            1 - narrowing after / narrowing before, of the diameter, the mean over the lesions, from 0 to 1
    gradient before   the largest across any lesion
    gradient after    the largest across any lesion, at the last stage

A treatment whose solve failed is no patient of a study: it is left out, and counted.
"""

from collections.abc import Iterable

import numpy as np

from azygos.therapy.procedure import Treatment
from azygos.trial.change import COLUMNS

__all__ = ["change_of", "changes_csv"]


def change_of(treatment: Treatment) -> tuple[float, float, float] | None:
    """Opened [1] and the gradients before and after [mmHg]; None where there was no lesion, or a solve failed."""
    first, last = treatment.stages[0], treatment.stages[-1]
    if not treatment.is_usable or not first.narrowing:
        return None
    opened = [1.0 - last.narrowing[name] / before for name, before in first.narrowing.items() if before > 0.0]
    if not opened:
        return None
    gradients = [max(stage.gradient_mmhg.values(), default=0.0) for stage in (first, last)]
    return float(np.clip(np.mean(opened), 0.0, 1.0)), gradients[0], gradients[1]


def changes_csv(treatments: Iterable[Treatment]) -> tuple[str, int]:
    """The table's text, and how many treatments were left out."""
    found = [change_of(treatment) for treatment in treatments]
    rows = [",".join(f"{value:.6g}" for value in row) for row in found if row is not None]
    return "\n".join([",".join(COLUMNS), *rows]) + "\n", len(found) - len(rows)
