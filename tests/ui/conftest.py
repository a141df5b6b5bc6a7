"""Fixtures of the tests of what users touch."""

import pytest


@pytest.fixture(scope="module")
def page():
    """A browser of a server in this process, with one worker."""
    pytest.importorskip("fastapi")
    from serving import client

    with client() as found:
        yield found
