"""A patient who is examined and treated blind: what a browser is sent before the truth is asked for."""

import json

import pytest

from azygos.report.lesion_words import lesion_words
from azygos.web.blind import hidden
from azygos.web.work import done

BLIND = {"cohort": "ms-ccsvi", "number": 7}
TREAT = {"kind": "treat", "vessels": ["ijv_r", "ijv_l"]}
LOOK = {"kind": "look", "instruments": ["manometry"], "sites": ["ijv_r at 0.3"]}


@pytest.mark.parametrize("work", [TREAT, LOOK], ids=["treat", "look"])
def test_the_truth_about_a_blind_patient_is_sent_only_when_it_is_asked_for(work):
    blind, told = [
        done(json.dumps(work | {"body": {"blind": BLIND}, "revealed": revealed}), lambda what, share: None)
        for revealed in (False, True)
    ]
    assert blind["truth"] is None
    assert told["truth"]["lesions"] == [lesion_words(lesion) for lesion in hidden(**BLIND).lesions]
    assert {**told, "truth": None} == blind  # and nothing else differs
    assert not any(
        say(lesion) in json.dumps(blind) for lesion in hidden(**BLIND).lesions for say in (str, lesion_words)
    )
    assert not {"stages", "table", "inflations", "follow"} & set(blind)
