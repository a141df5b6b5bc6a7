"""The six published files themselves, where they are at hand: their folder in AZYGOS_NETWORKS.

They are openBF's and not part of this repository.
"""

import os
from pathlib import Path

import pytest

from azygos.body.network import Network
from azygos.engine.outcome import Outcome
from azygos.engine.solve import simulate
from azygos.exchange.native import read_network
from azygos.exchange.openbf import read_openbf

FOLDER = os.environ.get("AZYGOS_NETWORKS")
CASES = Path(__file__).parents[2] / "cases"
OWN = {
    "adan56/adan56": "boileau2015/adan56",
    "matthys2007/invitro_model": "matthys2007/in_vitro_tree",
    "alastruey2007/circle_of_willis": "alastruey2007/circle_of_willis",
}
FILES = ("cca/cca", "uta/uta", "ibif/ibif", *OWN)

pytestmark = pytest.mark.skipif(FOLDER is None, reason="AZYGOS_NETWORKS does not name the folder of the files")


def published(name: str) -> Network:
    return read_openbf(Path(FOLDER or "") / f"{name}.yaml")


@pytest.mark.parametrize("name", FILES)
def test_a_published_file_runs_to_its_periodic_state(name):
    assert simulate(published(name)).outcome is Outcome.ok


@pytest.mark.parametrize("name", OWN)
def test_an_own_case_is_what_the_published_file_says(name):
    own, theirs = read_network(CASES / f"{OWN[name]}.yaml"), published(name)
    assert own.vessels == theirs.vessels
    assert own.links == theirs.links
    assert own.stores == theirs.stores
    assert own.flow_sources == theirs.flow_sources
