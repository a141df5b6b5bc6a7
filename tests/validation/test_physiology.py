"""The reference adult against published bands: `cases/<publication>/*.yaml`, each written down before it was run."""

from collections.abc import Callable
from functools import cache

import pytest

from azygos.engine.compile import Mesh
from azygos.exchange.case import Result, Target, read_cases
from azygos.validate import cases_directory, validate

CASES = read_cases(cases_directory())
TARGETS = [target for case in CASES for target in case.targets]
COARSE, FINE = Mesh(), Mesh(cell_length=0.5 * Mesh().cell_length, least_cells=2 * Mesh().least_cells)


@cache
def results(mesh: Mesh) -> dict[str, Result]:
    return {result.target.name: result for result in validate(CASES, mesh)}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_the_reference_adult_lies_in_the_published_band(target: Target) -> None:
    result = results(COARSE)[target.name]
    low, high = target.band
    found = f"{result.value:.4g} {target.unit}, band {low:g} to {high:g} ({target.basis}); {target.where}"
    if target.miss:  # an excuse that is no longer needed must go
        assert not result.in_band, f"{found}: it lies inside its band; take its 'miss' out of the case"
    else:
        assert result.in_band, found


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_twice_as_many_cells_move_no_value_by_more_than_one_per_cent(target: Target) -> None:
    coarse, fine = (results(mesh)[target.name].value for mesh in (COARSE, FINE))
    assert fine == pytest.approx(coarse, rel=0.01)


def test_how_many_targets_are_met(figure: Callable[[str, float, float], None]) -> None:
    found = results(COARSE).values()
    figure("targets outside their bands", sum(not result.in_band for result in found), len(found))
    assert all(result.outcome.name == "ok" for result in found)
