"""Studies that ship give what was published, within bands that stand in their files since before the first run.

The constants of the model were calibrated on studies listed as calibration only; those have no bands.
"""

import pytest

from azygos.exchange.study import named_study
from azygos.trial.bands import checked
from azygos.trial.calibrate import CALIBRATED
from azygos.trial.prior import calibrated, packaged
from azygos.trial.study import packaged_names

JUDGED = [name for name in packaged_names() if not named_study(name).is_calibration]


@pytest.mark.parametrize("name", JUDGED)
def test_a_published_study_comes_out_inside_its_bands(name):
    found = checked(named_study(name))
    assert found
    assert [str(one) for one in found if not one.is_inside] == []


def test_only_a_study_listed_as_calibration_is_one():
    assert [name for name in packaged_names() if named_study(name).is_calibration] == ["hubbard-2012"]
    assert named_study("hubbard-2012").bands == ()


def test_every_constant_says_where_it_comes_from():
    assert [prior.name for prior in packaged().values() if not prior.source] == []


def test_every_published_result_says_where_it_was_read():
    for name in packaged_names():
        for one in named_study(name).published:
            assert one.source and one.checked in ("read", "derived", "from memory")


def test_calibration_narrows_constants_of_bias_and_never_an_effect():
    assert set(calibrated()) == set(CALIBRATED)
    layers = {packaged()[name].layer for name in CALIBRATED}
    assert layers == {"selection", "expectation", "answering"}
