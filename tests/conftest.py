"""Fixtures for all tests."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # so that tests can import `networks` and `oracles`


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str, float, float], None]:
    """Prints a measured number beside the band it is judged by."""

    def show(what: str, value: float, limit: float) -> None:
        with request.getfixturevalue("capsys").disabled():
            print(f"\n    {what}: {value:.3g} (limit {limit:.3g})", end="")

    return show
