"""A thousand people drawn from the published ranges: every one ends in an outcome that is said, and none is absurd."""

import numpy as np
import pytest

import azygos
from azygos.body.body import Body
from azygos.body.parameter import parameters
from azygos.body.variant import problems_with, variants
from azygos.engine.outcome import Outcome
from azygos.units import cm

PEOPLE, GROUPS = 1000, 10


def _person(number: int) -> Body:
    """Person `number`: the same whoever asks."""
    draw = np.random.default_rng([20261122, number])
    known = parameters()
    factors = {
        name: float(np.clip(np.exp(draw.normal(0.0, known[name].spread)), known[name].low, known[name].high))
        for name in known
    }
    names: list[str] = []
    for name in variants():
        if draw.random() < 0.05 and not problems_with([*names, name]):
            names.append(name)
    # A vessel that a variant takes away has no calibre.
    gone = {part for name in names for change, part, _ in variants()[name].changes if change == "absent"}
    return Body.reference(
        sex=str(draw.choice(["female", "male"])),
        height=float(draw.uniform(150, 200)) * cm,
        age=float(draw.uniform(18, 90)),
        posture=float(draw.choice([0.0, 0.0, 30.0, 60.0, 90.0])),
        variants=names,
        parameters={name: value for name, value in factors.items() if not gone & set(known[name].parts)},
    )


@pytest.mark.parametrize("group", range(GROUPS))
def test_every_body_from_the_published_ranges_ends_in_an_explained_outcome(group: int) -> None:
    for number in range(group, PEOPLE, GROUPS):
        solution = azygos.simulate(_person(number))
        course = solution.course
        finite = all(np.isfinite(values).all() for values in course.values.values())
        assert finite, number
        assert min(float(np.min(volume)) for volume in course.volumes.values()) > 0.0, number
        assert float(np.min(course.values["area"])) > 0.0, number
        assert solution.outcome is Outcome.ok or solution.solve.message, number
        assert solution.outcome is not Outcome.lost, (number, solution.solve.message)
