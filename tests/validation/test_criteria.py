"""The five ultrasound criteria: what in the circulation makes each of them fire, and that a sound one meets none.

By an examiner without errors, but with the wall filter, since an unfiltered Doppler hears whatever moves at all.
"""

from dataclasses import replace

import numpy as np
import pytest

from azygos.body.body import Body
from azygos.body.condition import Breathing
from azygos.engine.keep import Keep
from azygos.engine.solve import simulate
from azygos.instruments.findings import CRITERIA, findings
from azygos.instruments.instrument import Patient
from azygos.instruments.ultrasound import SITES, Ultrasound
from azygos.rng import stream
from azygos.units import mmHg

SURE = Ultrasound(pictures=False, area_cv=0.0, velocity_cv=0.0, angle_sd=0.0, reflux_sd=0.0, seen=1.0)
OCCLUDED = "99.9 % area at 0.5"  # the least lumen that a lesion may leave


def examined(*lesions: str, variants: tuple[str, ...] = (), sitting: float | str = "upright") -> Patient:
    body = Body.reference(variants=variants).with_lesion(*lesions)
    looked_at = {site.vessel for site in SITES}
    keep = Keep(vessels=tuple(v.name for v in body.network.vessels if v.name.partition(".")[0] in looked_at))
    keep = replace(keep, vessels=(*keep.vessels, "common_carotid_r", "common_carotid_l"))
    postures = {"supine": "supine", "upright": sitting}
    return Patient(
        body=body,
        solutions={name: simulate(body, posture=p, breathing=Breathing(), keep=keep) for name, p in postures.items()},
    )


def met(patient: Patient) -> dict[str, set[str]]:
    """The criteria that fired, and the vessels in which."""
    found = [f for f in findings([SURE.examine(patient, SITES, stream(1, "u"))]) if f.rule in CRITERIA and f.fired]
    return {f.rule.name: {g.site.vessel for g in found if g.rule is f.rule and g.site} for f in found}


@pytest.fixture(scope="module")
def healthy() -> Patient:
    return examined()


@pytest.fixture(scope="module")
def back_flow() -> Patient:
    """Blood of the left arm that cannot go on and finds no valve goes up the left jugular vein and down the right."""
    lesion = f"brachiocephalic_l: {OCCLUDED}, 8 mm"
    return examined(lesion, variants=("incompetent_jugular_valves",), sitting=15.0)


def test_the_healthy_reference_meets_no_criterion(healthy: Patient) -> None:
    assert met(healthy) == {}


def test_an_occluded_brachiocephalic_vein_makes_a_jugular_vein_without_valve_flow_back(back_flow: Patient) -> None:
    """Criterion 1: lying and half raised, for the whole strip."""
    assert met(back_flow) == {"criterion 1": {"ijv_l"}}


def test_sitting_upright_blood_runs_down_and_the_first_criterion_is_not_met(back_flow: Patient, figure) -> None:
    """Which is why it hardly ever fires: sitting, what cannot pass runs down other ways."""
    seated = simulate(back_flow.body, posture="upright", breathing=Breathing())
    patient = Patient(body=back_flow.body, solutions={**back_flow.solutions, "upright": seated})
    flows = [patient.solutions[posture].mean_flow_ml_min("ijv_l") for posture in ("supine", "upright")]
    figure("jugular flow lying [mL/min], to be below 0", flows[0], 0.0)
    assert flows[0] < 0.0 < flows[1]
    assert "criterion 1" not in met(patient)


@pytest.mark.parametrize("vein", ["straight_sinus", "great_cerebral_vein"])
def test_deep_cerebral_blood_that_cannot_go_on_turns_back_in_the_basal_veins(vein: str) -> None:
    """Criterion 2."""
    fired = met(examined(f"{vein}: {OCCLUDED}, 4 mm"))
    assert fired.keys() == {"criterion 2"}
    assert fired["criterion 2"] <= {"basal_vein_r", "basal_vein_l"}


def test_a_narrowed_jugular_vein_meets_the_third_criterion_alone() -> None:
    assert met(examined("ijv_l: 80 % area at 0.5, 20 mm")) == {"criterion 3": {"ijv_l"}}


def test_no_flow_is_heard_in_an_occluded_jugular_vein() -> None:
    """Criterion 4, beside the third; the vein on the other side takes the flow."""
    fired = met(examined(f"ijv_l: {OCCLUDED}, 20 mm"))
    assert fired.keys() == {"criterion 3", "criterion 4"}
    assert fired["criterion 4"] == {"ijv_l"}


def test_a_vein_that_is_pressed_on_only_lying_is_larger_sitting(healthy: Patient) -> None:
    """Criterion 5: something on the neck presses while the person lies, 20 mmHg on the whole left jugular vein."""
    pressed = simulate(healthy.body.under(external_pressure={"ijv_l": 20 * mmHg}), breathing=Breathing())
    patient = Patient(body=healthy.body, solutions={**healthy.solutions, "supine": pressed})
    assert met(patient)["criterion 5"] == {"ijv_l"}


def test_a_vein_occluded_at_its_lower_end_stands_full_sitting_but_is_no_larger(healthy: Patient, figure) -> None:
    """So that the fifth criterion, on it, is met by the error of the tracing alone."""
    patient = examined("ijv_l: 99.9 % area at 0.9, 20 mm")
    middle = SITES[4]
    lying, sitting = (float(np.mean(patient.at("area", middle, posture))) for posture in ("supine", "upright"))
    figure("section sitting over lying, to be below 1", sitting / lying, 1.0)
    assert 10.0 * np.mean(healthy.at("area", middle, "upright")) < sitting < lying
    assert "criterion 5" not in met(patient)
