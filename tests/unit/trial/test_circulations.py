"""Simulated circulations enter a study by the same door as drawn changes."""

from dataclasses import replace

import pytest
from made_up_studies import two_arms

from azygos.body.body import Body
from azygos.therapy.procedure import treat
from azygos.trial.change import read_table
from azygos.trial.circulations import change_of, changes_csv
from azygos.trial.world import world
from azygos.units import mmHg


def test_a_treated_circulation_becomes_a_patient_of_a_study(tmp_path):
    treatment = treat(Body.reference().with_lesion("ijv_l: 80 % area at 0.5, 20 mm"))
    opened, before, after = change_of(treatment)
    # A balloon of 1.1 times the vein's size that loses 30 % of its gain opens a stenosis by more than half.
    assert 0.5 < opened <= 1.0 and before > after >= 0.0
    text, left_out = changes_csv([treatment, treatment])
    path = tmp_path / "changes.csv"
    path.write_text(text, encoding="utf-8")
    assert left_out == 0
    assert [column[0] for column in read_table(path)] == pytest.approx([opened, before * mmHg, after * mmHg], rel=1e-4)
    change = world(replace(two_arms(layers=("flow",)), changes=path), 1).change
    assert change.opened[..., 1] == pytest.approx(opened, rel=1e-4)


def test_a_body_without_a_lesion_has_nothing_that_could_change():
    treatment = treat(Body.reference())
    assert change_of(treatment) is None
    assert changes_csv([treatment])[1] == 1
